"""Repair every published SCP that blocks a root task, prove it, and replay the tasks.

Prints figures, never documents: `python bench/report_repairs.py [--write docs/figures/repairs.md]`.
Reads ../shared/data/scps in place.
"""

import argparse
import csv
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rootsteward.domain.authorization import (
    AccessRequest,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.evaluate import compile_policies
from rootsteward.policy.prove.chain import FULL_ACCESS
from rootsteward.policy.prove.proof import Proved
from rootsteward.policy.repair.plan import plan_repairs
from rootsteward.policy.repair.repair import NoRepair, Repair, RepairPlan, Style
from rootsteward.policy.repair.requests import required_sets

REPOSITORY = Path(__file__).resolve().parent.parent
SCPS = REPOSITORY.parent / "shared" / "data" / "scps"


@dataclass
class Tally:
    documents: int = 0
    harmless: int = 0
    about_root: int = 0
    about_root_repaired: int = 0
    repaired: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    chains_proved: int = 0
    passing: int = 0
    minified: int = 0
    seconds: list[float] = field(default_factory=list)
    by_style: dict[Style, Counter[str]] = field(
        default_factory=lambda: {style: Counter() for style in Style}
    )


def chain_with(text: str) -> tuple[Level, ...]:
    """The document beside FullAWSAccess; a template is read as it stands."""
    return (Level("r-root", (FULL_ACCESS, NamedDocument("policy", text))),)


def tasks_pass(plan: RepairPlan) -> bool:
    """Whether the engine says yes to every action of every task after the repair."""
    (outcome,) = plan.chains
    engine = compile_policies(PolicySet(scp_levels=outcome.levels_after))
    context = {"aws:AssumedRoot": "true", "aws:RequestedRegion": "us-east-1"}
    account = "111122223333"
    return all(
        engine.decide(
            AccessRequest(f"arn:aws:iam::{account}:root", action, resource, context)
        ).decision
        is Decision.ALLOWED
        for task in TaskPolicy
        for requests in required_sets(task)
        for action in requests.actions or ()
        for resource in requests.resources or ()
    )


def look(tally: Tally, text: str, *, about_root: bool) -> None:
    started = time.process_time()
    plan = plan_repairs(chain_with(text))
    tally.seconds.append(time.process_time() - started)
    tally.documents += 1
    if not plan.outcomes:
        tally.harmless += 1
        return
    (outcome,) = plan.outcomes
    if isinstance(outcome, NoRepair) and outcome.reason.startswith(NOT_STORED):
        tally.rejected[outcome.reason.split(": ", 2)[-1]] += 1
        return
    tally.about_root += about_root
    match outcome:
        case Repair():
            tally.repaired[outcome.style.value] += 1
            tally.about_root_repaired += about_root
            tally.minified += outcome.minified
            tally.chains_proved += isinstance(plan.chains[0].proof, Proved)
            tally.passing += tasks_pass(plan)
        case NoRepair(reason=reason):
            tally.left[reason[:100]] += 1
    for style, counted in tally.by_style.items():
        counted[kind_of(plan_repairs(chain_with(text), style=style))] += 1


def kind_of(plan: RepairPlan) -> str:
    """How one style went: its safety when it is proved and the tasks pass, else why not."""
    (outcome,) = plan.outcomes
    if isinstance(outcome, Repair):
        return outcome.safety.value if tasks_pass(plan) else "BUG: a task does not pass"
    reason = outcome.reason.partition(": ")[2]
    return next((kind for words, kind in KINDS.items() if words in reason), reason)


NOT_STORED = "AWS does not store this document"
KINDS = {
    "covers more than the tasks": "no: a wildcard covers more than the tasks",
    "would have to go altogether": "no: nothing but task actions is denied",
    "about the root user alone": "no: nothing would be left of a deny for the root user",
}


def measure() -> Tally:
    tally = Tally()
    with (SCPS / "manifest.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["kind"] == "scp"]
    for row in rows:
        text = (SCPS / row["file"]).read_text(encoding="utf-8")
        look(tally, text, about_root=row["root_principal_condition"] == "yes")
    return tally


def report(tally: Tally) -> str:
    seconds = sorted(tally.seconds)
    median, high = seconds[len(seconds) // 2] * 1000, seconds[int(len(seconds) * 0.99)] * 1000
    repaired = sum(tally.repaired.values())
    lines = [
        "# Repairs of published SCPs",
        "",
        "Made by `python bench/report_repairs.py --write docs/figures/repairs.md`: every published",
        "SCP of the corpus beside FullAWSAccess, all five tasks, the narrowest style proved.",
        "",
        "| what | documents |",
        "|---|---|",
        f"| read | {tally.documents} |",
        f"| block no root task | {tally.harmless} |",
        f"| rejected with a reason: AWS would not store them | {sum(tally.rejected.values())} |",
        f"| block one or more root tasks | {repaired + sum(tally.left.values())} |",
        f"| … of these, with a condition on the root user | {tally.about_root} |",
        f"| repaired and proved | {repaired} |",
        f"| … of these, with a condition on the root user | {tally.about_root_repaired} |",
        f"| … and the whole chain proved again with the repair in it | {tally.chains_proved} |",
        f"| … after which the engine allows every action of every task | {tally.passing} |",
        f"| … minified to fit the size limit | {tally.minified} |",
        *(f"| … in style `{style}` | {count} |" for style, count in sorted(tally.repaired.items())),
        f"| left alone, with a reason | {sum(tally.left.values())} |",
        *(f"| … {reason} | {count} |" for reason, count in tally.left.most_common()),
        "",
        "Rejected, and why:",
        "",
        *(f"- {count}: {reason}" for reason, count in tally.rejected.most_common()),
        "",
        "Each style by itself, over the documents that block a task (proved, and every task passes",
        "afterwards, or why the style has no form for it):",
        "",
        "| style | outcome | documents |",
        "|---|---|---|",
        *(
            f"| `{style.value}` | {kind} | {count} |"
            for style, counted in tally.by_style.items()
            for kind, count in counted.most_common()
        ),
        "",
        f"CPU time for a document, plan and proofs together: median {median:.1f} ms, 99th",
        f"percentile {high:.0f} ms, most {seconds[-1] * 1000:.0f} ms.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    text = report(measure())
    print(text)
    if chosen.write:
        chosen.write.parent.mkdir(parents=True, exist_ok=True)
        chosen.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
