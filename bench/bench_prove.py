"""How long proofs take: the article's repairs, and every published SCP with a one-pattern edit.

`python bench/bench_prove.py`. Everything remembered is dropped before each proof, parsing counts.
Times are processor time, so that other work on the machine does not blur them. Reads
../shared/data/scps in place and prints figures only.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.json_reader import JsonArray
from rootsteward.policy.prove.api import Assumptions, prove_opens_exactly
from rootsteward.policy.prove.budget import forget
from rootsteward.policy.prove.chain import Chain
from rootsteward.policy.prove.proof import Proof
from rootsteward.policy.prove.request_set import RequestSet, actions_of
from rootsteward.policy.repair.change import read_scp
from rootsteward.policy.repair.edit import Editor
from rootsteward.policy.syntax_error import PolicySyntaxError

SCPS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "scps"
ROOT_USER = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}


def document(*statements: Mapping[str, object]) -> str:
    whole = [{"Effect": "Deny", "Resource": "*", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


def timed(question: Callable[[], Proof]) -> tuple[float, Proof]:
    forget()
    started = time.process_time()
    proof = question()
    return (time.process_time() - started) * 1000, proof


def article() -> Iterator[tuple[str, str, str, RequestSet, Assumptions]]:
    tasks = list(actions_of(TaskPolicy))
    session = {"Null": {"aws:AssumedRoot": "true"}}
    deny_root = document({"Action": "*", "Condition": ROOT_USER})
    stated = RequestSet.tasks(TaskPolicy)
    none, keep = Assumptions(), Assumptions(sessions_keep_to_tasks=True)
    yield (
        "not-action", deny_root, document({"NotAction": tasks, "Condition": ROOT_USER}),
        stated, none,
    )  # fmt: skip
    exempt = {"Action": "*", "Condition": {**ROOT_USER, **session}}
    yield "session-only", deny_root, document(exempt), stated, keep
    second: dict[str, object] = {"NotAction": tasks, "Condition": ROOT_USER}
    yield "session-and-task", deny_root, document(exempt, second), stated, none
    login = "iam:CreateLoginProfile"
    yield (
        "CreateLoginProfile, session-only", document({"Action": login}),
        document({"Action": login, "Condition": session}),
        RequestSet.tasks([TaskPolicy.CREATE_PASSWORD]), keep,
    )  # fmt: skip


def edited(text: str) -> tuple[str, str] | None:
    """The document with a one-pattern edit, and the pattern that gives up something.

    The first pattern of the longest action list is left out; a pattern that stands alone is made
    narrower.
    """
    try:
        parsed = read_scp(NamedDocument("policy", text))
    except PolicySyntaxError:
        return None
    lists = [
        (len(s.actions.patterns), -s.index, s) for s in parsed.statements if s.actions is not None
    ]
    if not any(length for length, _, _ in lists):
        return None
    _, _, statement = max(lists)
    member = statement.node.member("Action") or statement.node.member("NotAction")
    assert member is not None
    assert statement.actions is not None
    pattern = statement.actions.patterns[0]
    value = member.value
    if isinstance(value, JsonArray) and len(value.items) > 1:
        editor = Editor(parsed)
        editor.keep_items(value, range(1, len(value.items)))
        return editor.result(), pattern
    spelled = value.items[0] if isinstance(value, JsonArray) else value
    return f"{text[: spelled.start]}{json.dumps(pattern + 'x')}{text[spelled.end :]}", pattern


def corpus() -> Iterator[tuple[str, str, str]]:
    for path in sorted(SCPS.glob("scp-*.json")):
        text = path.read_text(encoding="utf-8")
        found = edited(text)
        if found is not None:
            yield text, *found


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def prove(old: str, new: str, stated: RequestSet, given: Assumptions) -> tuple[float, Proof]:
    return timed(
        lambda: prove_opens_exactly(Chain.of(old), Chain.of(new), stated, assumptions=given)
    )


def main() -> None:
    print("the article's repairs: equal to the old plus exactly the stated set?")
    for name, old, new, stated, given in article():
        runs = [prove(old, new, stated, given) for _ in range(5)]
        spent = [milliseconds for milliseconds, _ in runs]
        verdict = runs[0][1].verdict
        print(f"  {name:34} {verdict:8} {min(spent):6.1f} ms (slowest of 5: {max(spent):.1f})")
    if not SCPS.is_dir():
        print("no ../shared/data/scps here: the corpus is skipped")
        return
    times: list[float] = []
    verdicts: Counter[str] = Counter()
    for old, new, pattern in corpus():
        milliseconds, proof = prove(old, new, RequestSet.of_actions((pattern,)), Assumptions())
        times.append(milliseconds)
        verdicts[proof.verdict] += 1
    print(f"published SCPs, each with a one-pattern edit: {len(times)}, {dict(verdicts)}")
    print(
        f"  median {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.0f} ms, "
        f"most {max(times):.0f} ms"
    )


if __name__ == "__main__":
    main()
