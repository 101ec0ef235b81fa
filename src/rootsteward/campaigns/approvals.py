"""The second pair of eyes: a plan approved by somebody who did not make it.

An approval is an entry of the ledger, not a mark in the plan file, which anybody could write.

LIMIT: AWS tells identities apart, not people: whoever may assume a role under two session names
can be both. Give approvers a role of their own.
"""

from rootsteward.campaigns.plan import Plan
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.ledger.ledger import Ledger

APPROVED = "plan.approved"


def approve(ledger: Ledger, plan: Plan, caller: CallerIdentity) -> int:
    """Write down that a caller approves a plan; returns the entry's number.

    Raises:
        OperatorError: the caller made the plan.
    """
    if _same(caller.arn, plan.made_by.arn):
        raise OperatorError(
            f"plan {plan.id} was made by {plan.made_by.arn}, who cannot approve it too",
            help="another AWS identity must approve it",
        )
    body = {
        "by": caller.arn,
        "user_id": caller.user_id,
        "organization": plan.organization_id,
        "operation": plan.slug,
        "plan": plan.id,
    }
    return ledger.record(APPROVED, plan.id, {**body})


def approvers(ledger: Ledger, plan: Plan) -> tuple[str, ...]:
    """The ARNs that approved a plan, its maker's never among them."""
    arns = (
        str(entry.value.get("by", "")) for entry in ledger.about(plan.id) if entry.kind == APPROVED
    )
    return tuple(dict.fromkeys(arn for arn in arns if arn and not _same(arn, plan.made_by.arn)))


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
