"""`allow-recovery` as items of a campaign."""

from rootsteward.campaigns.planned import PlannedItem
from rootsteward.campaigns.verbs.account_verb import account_verb
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import allow_recovery as operation
from rootsteward.operations.allow_recovery import AccountPlan, Intention
from rootsteward.operations.json_fields import Fields, text
from rootsteward.operations.record import (
    account_as_json,
    account_from_json,
    credentials_as_json,
    credentials_from_json,
)

# Look, create and look in one session; then an audit, which lists the password it finds.
_CALLS = (
    "sts:AssumeRoot",
    "iam:GetLoginProfile",
    operation.API,
    "iam:GetLoginProfile",
    "sts:AssumeRoot",
    "iam:GetAccountSummary",
    "iam:GetLoginProfile",
    "iam:GetUser",
)


def item(planned: AccountPlan) -> PlannedItem:
    """One account of a recovery plan."""
    acts = planned.intention is Intention.ALLOW
    return PlannedItem(
        key=planned.account.id,
        name=planned.account.name,
        acts=acts,
        intention=planned.intention.value,
        details=(planned.reason,) if planned.reason else (),
        calls=_CALLS if acts else (),
        body={
            "account": account_as_json(planned.account),
            "seen": credentials_as_json(planned.seen),
            "reason": planned.reason,
        },
    )


def _planned(item: PlannedItem) -> AccountPlan:
    fields = Fields(item.body)
    return AccountPlan(
        account=fields.read("account", account_from_json),
        intention=Intention(item.intention),
        seen=fields.read("seen", credentials_from_json),
        reason=fields.read("reason", text),
    )


VERB = account_verb(
    operation.SLUG,
    "allow root password recovery",
    "allow recovery in",
    TaskPolicy.CREATE_PASSWORD,
    _planned,
    operation.step,
    bool,
    operation.rehearse,
)
