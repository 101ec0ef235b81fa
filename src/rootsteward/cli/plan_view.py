"""A plan on the screen: what would be done where, on which evidence, with what in its wake."""

from collections import Counter
from collections.abc import Iterable

from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import PlannedItem
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.cli.blame import without_account
from rootsteward.cli.render import Column, Footnotes, Row, Screen
from rootsteward.cli.words import counted

# Longer texts stand below the table; the evidence for each credential stays in it.
_LONG = 100


def show_plan(screen: Screen, plan: Plan) -> None:
    """The plan's items, and what carrying it out costs."""
    notes = Footnotes()
    subject = subject_of(item.key for item in plan.items)
    columns = (
        Column(subject, subject, fold=False),
        Column("name", "name"),
        Column("intention", "intention"),
        Column("details", "details"),
    )
    rows = [noted(_row(item, subject), subject, "details", _LONG, notes) for item in plan.items]
    screen.rows(f"Plan {plan.id}: {verb_of(plan.slug).title}", columns, rows, empty="no accounts")
    notes.show(screen)
    if plan.acting:
        screen.say(cost_line(plan))


def cost_line(plan: Plan) -> str:
    """Expected API calls and findings, in one line."""
    findings = Counter(finding.type for finding in plan.findings(("each Region",)))
    calls = sum(plan.calls.values())
    subject = subject_of(item.key for item in plan.acting)
    text = f"expected: {counted(calls, 'API call')} for {counted(len(plan.acting), subject)}"
    if not findings:
        return text
    alarms = ", ".join(f"{number} {kind}" for kind, number in sorted(findings.items()))
    return f"{text}; in each Region with GuardDuty up to these findings: {alarms}"


def confirmation(plan: Plan) -> str:
    """What the operator must type."""
    deletes = sum(call.startswith(("iam:Delete", "iam:Deactivate")) for call in _all_calls(plan))
    things = counted(len(plan.acting), subject_of(item.key for item in plan.acting))
    if plan.slug == "delete-credentials":
        return f"delete {counted(deletes, 'credential')} in {things}"
    return f"{_PHRASES.get(plan.slug, plan.slug)} {things}"


_PHRASES = {
    "allow-recovery": "allow recovery in",
    "close-recovery": "close recovery in",
    "scp-repair": "update",
    "enable": "switch on",
}


def subject_of(keys: Iterable[str]) -> str:
    """What the items of a plan are: `account`, or `item` for policies and resources."""
    return "account" if all(key.isdigit() for key in keys) else "item"


def noted(row: Row, subject: str, key: str, long: int, notes: Footnotes) -> Row:
    """The row with its long texts below the table, each text once for all accounts."""
    texts = row[key]
    if not isinstance(texts, list):
        return row
    account = str(row[subject])
    short = [text for text in map(str, texts) if len(text) <= long]
    longer = [without_account(text, account) for text in map(str, texts) if len(text) > long]
    return {**row, key: [*short, notes.mark("", longer).strip()] if longer else short}


def _row(item: PlannedItem, subject: str) -> Row:
    return {
        subject: item.key,
        "name": item.name,
        "intention": item.intention,
        "details": [*item.details],
    }


def _all_calls(plan: Plan) -> list[str]:
    return [call for item in plan.acting for call in item.calls]
