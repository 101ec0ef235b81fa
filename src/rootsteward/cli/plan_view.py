"""A plan on the screen: what would be done where, on which evidence, with what in its wake."""

from collections import Counter

from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import PlannedItem
from rootsteward.campaigns.preflighted import ALLOWED
from rootsteward.campaigns.verbs import delete_credentials
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.cli.blame import without_account
from rootsteward.cli.render import Column, Footnotes, Row, Screen
from rootsteward.cli.words import counted

# Longer texts stand below the table; the evidence for each credential stays in it.
_LONG = 100


def show_plan(screen: Screen, plan: Plan) -> None:
    """The plan's items, and what carrying it out costs."""
    notes = Footnotes()
    verb = verb_of(plan.slug)
    subject = verb.subject[0]
    columns = (
        Column(subject, subject, fold=False),
        Column("name", "name"),
        Column("intention", "intention"),
        Column("details", "details"),
    )
    rows = [noted(_row(item, subject), subject, "details", _LONG, notes) for item in plan.items]
    screen.rows(f"Plan {plan.id}: {verb.title}", columns, rows, empty=f"no {verb.subject[1]}")
    notes.show(screen)
    for item in plan.items:
        if item.diff:
            screen.heading(item.name)
            screen.diff(item.diff)
    if plan.acting:
        screen.say(cost_line(plan))


def cost_line(plan: Plan) -> str:
    """Expected API calls and findings, in one line."""
    findings = Counter(finding.type for finding in plan.findings(("each Region",)))
    calls = counted(sum(plan.calls.values()), "API call")
    text = f"expected: {calls} for {counted(len(plan.acting), *verb_of(plan.slug).subject)}"
    if not findings:
        return text
    alarms = ", ".join(f"{number} {kind}" for kind, number in sorted(findings.items()))
    return f"{text}; in each Region with GuardDuty up to these findings: {alarms}"


def confirmation(plan: Plan) -> str:
    """What the operator must type."""
    verb = verb_of(plan.slug)
    things = counted(len(plan.acting), *verb.subject)
    if plan.slug != delete_credentials.VERB.slug:
        return f"{verb.act} {things}"
    # WHY the number of credentials: it says best how much would be gone.
    calls = (call for item in plan.acting for call in item.calls)
    deletes = sum(call.startswith(("iam:Delete", "iam:Deactivate")) for call in calls)
    return f"delete {counted(deletes, 'credential')} in {things}"


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
        "details": [*item.details, *_warnings(item)],
    }


def _warnings(item: PlannedItem) -> list[str]:
    """What the control policies would block, where they would."""
    return [f"preflight: {line}" for line in item.preflight if line != ALLOWED]
