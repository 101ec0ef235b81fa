"""`delete-credentials` as items of a campaign."""

from rootsteward.campaigns.planned import PlannedItem
from rootsteward.campaigns.verbs.account_verb import account_verb
from rootsteward.domain.root_credentials import CredentialKind
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import delete_credentials as operation
from rootsteward.operations.delete_credentials import AccountPlan, Intention, PlannedCredential
from rootsteward.operations.json_fields import Fields, list_of, one_of, text
from rootsteward.operations.record import (
    account_as_json,
    account_from_json,
    credentials_as_json,
    credentials_from_json,
)
from rootsteward.operations.removal import Target, targets_tried

_NAMES = {
    CredentialKind.PASSWORD: "password",
    CredentialKind.ACCESS_KEYS: "key",
    CredentialKind.CERTIFICATES: "certificate",
    CredentialKind.MFA: "MFA",
}


def item(planned: AccountPlan) -> PlannedItem:
    """One account of a deletion plan."""
    evidence = tuple(f"{_named(c.target)}: {c.evidence}" for c in planned.credentials)
    return PlannedItem(
        key=planned.account.id,
        name=planned.account.name,
        acts=planned.intention is Intention.DELETE,
        intention=planned.intention.value,
        details=(*evidence, planned.reason) if planned.reason else evidence,
        calls=planned.calls,
        body={
            "account": account_as_json(planned.account),
            "credentials": [
                {
                    "kind": credential.target.kind.value,
                    "identifier": credential.target.identifier,
                    "evidence": credential.evidence,
                }
                for credential in planned.credentials
            ],
            "seen": credentials_as_json(planned.seen),
            "reason": planned.reason,
        },
    )


def _planned(item: PlannedItem) -> AccountPlan:
    fields = Fields(item.body)
    return AccountPlan(
        account=fields.read("account", account_from_json),
        intention=Intention(item.intention),
        credentials=fields.read("credentials", list_of(_credential)),
        seen=fields.read("seen", credentials_from_json),
        reason=fields.read("reason", text),
    )


def _credential(value: object) -> PlannedCredential:
    fields = Fields(value)
    target = Target(fields.read("kind", one_of(CredentialKind)), fields.read("identifier", text))
    return PlannedCredential(target, fields.read("evidence", text))


def _named(target: Target) -> str:
    """A password has no name; its moment of creation is in the evidence."""
    name = _NAMES[target.kind]
    return name if target.kind is CredentialKind.PASSWORD else f"{name} {target.identifier}"


VERB = account_verb(
    operation.SLUG,
    "delete root credentials",
    "delete the root credentials of",
    TaskPolicy.DELETE_CREDENTIALS,
    _planned,
    operation.step,
    targets_tried,
    operation.rehearse,
)
