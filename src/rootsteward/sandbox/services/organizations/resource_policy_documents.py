"""What is accepted as the organization's resource policy, and how it is stored (ORG-14)."""

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.services.organizations.operation import DELEGABLE
from rootsteward.sandbox.services.organizations.refusals import invalid_input
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.spec import read_document

# WHY Any: what json gives; `read_document` has checked its form before anything here walks it.
_Json = Any
_OLD_VERSION = "2008-10-17"
_NOT_SUPPORTED = frozenset({"NotAction", "NotPrincipal", "NotResource"})
_SERVICE = "organizations"
_EVERY_ACTION = "*"
_DELEGABLE = frozenset(name.lower() for name in DELEGABLE)
# What names an account as a principal: its number, or the ARN of its root user.
_ACCOUNT = re.compile(r"(?:arn:aws:iam::)?([0-9]{12})(?::root)?")


def accepted_resource_policy(organization: OrganizationState, content: str) -> str:
    """The text to store for a content that Organizations accepts.

    Raises:
        ServiceError: `InvalidInputException`.
    """
    try:
        read_document(content, PolicyType.RESOURCE)
        raw = read_json(content)
    except (ValueError, OperatorError):
        raise _invalid() from None
    statements = _as_list(raw["Statement"])
    stored = [_stored_statement(organization, statement) for statement in statements]
    for statement in statements:
        _check_actions(statement)
    # WHY this order: it is how a version that was not sent comes back.
    document = {"Version": _OLD_VERSION, **raw, "Statement": stored}
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _stored_statement(
    organization: OrganizationState, statement: Mapping[str, _Json]
) -> Mapping[str, _Json]:
    if _NOT_SUPPORTED & statement.keys() or "Principal" not in statement:
        raise _invalid()
    principal = statement["Principal"]
    if not isinstance(principal, dict) or "AWS" not in principal:
        return statement
    named = principal["AWS"]
    if isinstance(named, list):
        accounts: _Json = [_stored_principal(organization, name) for name in named]
    else:
        accounts = _stored_principal(organization, named)
    return {**statement, "Principal": {**principal, "AWS": accounts}}


def _stored_principal(organization: OrganizationState, name: str) -> str:
    """An account of the organization as its root user's ARN; nobody else can be named."""
    if name == "*":
        return name
    account = _ACCOUNT.fullmatch(name)
    if account is None or AccountId(account[1]) not in organization.accounts:
        raise _invalid()
    return root_user_arn(AccountId(account[1]))


def _check_actions(statement: Mapping[str, _Json]) -> None:
    for action in _as_list(statement["Action"]):
        if not _is_delegable(action):
            raise invalid_input(
                "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
                f"{action} is not a supported action for this resource-based policy.",
            )


def _is_delegable(action: str) -> bool:
    service, _, pattern = action.lower().partition(":")
    if service != _SERVICE or pattern == _EVERY_ACTION:
        return False
    # WHY: only `*` and `?` are wild in a policy.
    wild = pattern.replace("[", "[[]")
    return any(fnmatchcase(name, wild) for name in _DELEGABLE)


def _as_list(items: _Json) -> list[_Json]:
    return items if isinstance(items, list) else [items]


def _invalid() -> ServiceError:
    """AWS says the same of whatever it does not take, and not where it is."""
    return invalid_input(
        "INVALID_RESOURCE_POLICY_JSON", "This resource-based policy contains invalid JSON."
    )
