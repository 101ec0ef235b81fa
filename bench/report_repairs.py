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
from rootsteward.policy.repair.plan import plan_repairs
from rootsteward.policy.repair.repair import NoRepair, Repair, RepairPlan
from rootsteward.policy.repair.requests import required_sets

REPOSITORY = Path(__file__).resolve().parent.parent
SCPS = REPOSITORY.parent / "shared" / "data" / "scps"


@dataclass
class Tally:
    documents: int = 0
    malformed: int = 0
    harmless: int = 0
    root_denying: int = 0
    repaired: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    root_repaired: int = 0
    passing: int = 0
    minified: int = 0
    seconds: list[float] = field(default_factory=list)


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


def look(tally: Tally, text: str, *, mentions_root: bool) -> None:
    started = time.process_time()
    plan = plan_repairs(chain_with(text))
    tally.seconds.append(time.process_time() - started)
    tally.documents += 1
    if not plan.outcomes:
        tally.harmless += 1
        return
    tally.root_denying += mentions_root
    (outcome,) = plan.outcomes
    match outcome:
        case Repair():
            tally.repaired[outcome.style.value] += 1
            tally.root_repaired += mentions_root
            tally.minified += outcome.minified
            tally.passing += tasks_pass(plan)
        case NoRepair(reason=reason) if "cannot be read" in reason and not outcome.statements:
            tally.malformed += 1
        case NoRepair(reason=reason):
            tally.refused[reason.split(": ", 2)[-1][:100]] += 1


def measure() -> Tally:
    tally = Tally()
    with (SCPS / "manifest.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["kind"] == "scp"]
    for row in rows:
        text = (SCPS / row["file"]).read_text(encoding="utf-8")
        look(tally, text, mentions_root=row["root_principal_condition"] == "yes")
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
        f"| malformed as published | {tally.malformed} |",
        f"| block no root task | {tally.harmless} |",
        f"| block one or more root tasks | {repaired + sum(tally.refused.values())} |",
        f"| … of these, with a condition on the root user | {tally.root_denying} |",
        f"| repaired and proved | {repaired} |",
        f"| … of these, with a condition on the root user | {tally.root_repaired} |",
        f"| … after which the engine allows every action of every task | {tally.passing} |",
        f"| … minified to fit the size limit | {tally.minified} |",
        *(f"| … in style `{style}` | {count} |" for style, count in sorted(tally.repaired.items())),
        f"| left alone, with a reason | {sum(tally.refused.values())} |",
        "",
        "Reasons:",
        "",
        *(f"- {count}: {reason}" for reason, count in tally.refused.most_common()),
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
