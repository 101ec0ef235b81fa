"""`close-recovery` as items of a campaign."""

from rootsteward.campaigns.planned import PlannedItem
from rootsteward.campaigns.verbs.account_verb import account_verb
from rootsteward.domain.root_credentials import CredentialKind
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import close_recovery as operation
from rootsteward.operations.close_recovery import AccountPlan, Intention
from rootsteward.operations.json_fields import Fields, optional, text
from rootsteward.operations.record import (
    account_as_json,
    account_from_json,
    credentials_as_json,
    credentials_from_json,
)
from rootsteward.operations.removal import LOOKS, Target, targets_tried


def item(planned: AccountPlan) -> PlannedItem:
    """One account of a closing plan."""
    password = planned.password if planned.intention is Intention.CLOSE else None
    return PlannedItem(
        key=planned.account.id,
        name=planned.account.name,
        acts=password is not None,
        intention=planned.intention.value,
        details=(planned.reason,) if planned.reason else (),
        calls=() if password is None else ("sts:AssumeRoot", *LOOKS, password.api, *LOOKS),
        body={
            "account": account_as_json(planned.account),
            "password": None if password is None else password.identifier,
            "seen": credentials_as_json(planned.seen),
            "reason": planned.reason,
        },
    )


def _planned(item: PlannedItem) -> AccountPlan:
    fields = Fields(item.body)
    password = fields.read("password", optional(text))
    return AccountPlan(
        account=fields.read("account", account_from_json),
        intention=Intention(item.intention),
        password=None if password is None else Target(CredentialKind.PASSWORD, password),
        seen=fields.read("seen", credentials_from_json),
        reason=fields.read("reason", text),
    )


VERB = account_verb(
    operation.SLUG,
    "close root password recovery",
    "close recovery in",
    TaskPolicy.DELETE_CREDENTIALS,
    _planned,
    operation.step,
    targets_tried,
    operation.rehearse,
)
