"""`scp-repair` as items of a campaign: one policy each."""

from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.campaigns.verbs.verb import Tools, Verb, Work
from rootsteward.domain.outcome import Outcome
from rootsteward.operations import scp_repair as operation
from rootsteward.operations.json_fields import Fields, text
from rootsteward.operations.scp_change import PolicyChange, change
from rootsteward.policy.repair.repair import Repair

_LOOK = "organizations:DescribePolicy"


def item(repair: Repair) -> PlannedItem:
    """One policy of a repair plan; its diff is in the plan for whoever reviews it."""
    return PlannedItem(
        key=repair.policy_id,
        name=repair.policy_name,
        acts=True,
        intention=f"repair ({repair.style.value}, {repair.safety.value})",
        details=(repair.opens,),
        diff=repair.diff,
        calls=(_LOOK, "organizations:UpdatePolicy", _LOOK),
        body={"old": repair.old, "new": repair.new},
    )


def _step(tools: Tools, work: Work) -> ItemResult:
    fields = Fields(work.item.body)
    old, new = fields.read("old", text), fields.read("new", text)
    wanted = PolicyChange(operation.SLUG, work.item.key, old, new, work.plan_id)
    ended = change(tools.gateway, tools.journal, tools.backups, wanted)
    if ended.outcome is Outcome.CLEAN and work.tried:
        detail = "an earlier attempt of this plan made the change"
        return ItemResult(Outcome.DONE, detail)
    return ItemResult(ended.outcome, ended.detail, backup=ended.backup_id)


def _rest(item: PlannedItem) -> ItemResult:
    return ItemResult(Outcome.PLANNED, f"would update {item.name}")


VERB = Verb(
    slug=operation.SLUG,
    title="repair service control policies",
    subject=("policy", "policies"),
    act="update",
    step=_step,
    rest=_rest,
)
