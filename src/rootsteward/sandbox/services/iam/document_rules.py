"""What IAM checks before it stores a document, and how it says what is wrong (rule card IAM-14).

The judge reads documents by its own grammar; here is only what IAM refuses earlier, in the words
that clients have long reported. LIMIT: that vendors, actions and principals exist is not checked.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.spec import read_document

_SYNTAX = "Syntax errors in policy."
_VERSIONS = frozenset({"2012-10-17", "2008-10-17"})
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:.+", re.DOTALL)


def readable(text: str, policy_type: PolicyType) -> str:
    """A document that IAM would store.

    Raises:
        ServiceError: `MalformedPolicyDocument`.
    """
    document = _parsed(text)
    for statement in _statements(document):
        _check_statement(statement, policy_type)
    _check_sids(document)
    try:
        read_document(text, policy_type)
    except OperatorError:
        raise malformed(_SYNTAX) from None
    return text


def malformed(message: str) -> ServiceError:
    """The document cannot be stored."""
    return ServiceError("MalformedPolicyDocument", message)


# WHY Any: what json gives is checked piece by piece here.
def _parsed(text: str) -> Mapping[str, Any]:
    try:
        document = read_json(text)
    except ValueError:
        raise malformed(_SYNTAX) from None
    if not isinstance(document, Mapping) or not document.get("Statement"):
        raise malformed(_SYNTAX)
    if document.get("Version", "2008-10-17") not in _VERSIONS:
        raise malformed("Policy document must be version 2012-10-17 or greater.")
    return document


def _statements(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for statement in _listed(document["Statement"]):
        if not isinstance(statement, Mapping):
            raise malformed(_SYNTAX)
        yield statement


def _check_statement(statement: Mapping[str, Any], policy_type: PolicyType) -> None:
    names = statement.keys()
    if not names & {"Action", "NotAction"}:
        raise malformed("Policy statement must contain actions.")
    if policy_type is PolicyType.RESOURCE:
        if names & {"Resource", "NotResource"}:
            raise malformed("Has prohibited field Resource")
        if "Principal" not in names and "NotPrincipal" not in names:
            raise malformed("Missing required field Principal")
    else:
        if names & {"Principal", "NotPrincipal"}:
            raise malformed("Policy document should not specify a principal.")
        if not names & {"Resource", "NotResource"}:
            raise malformed("Policy statement must contain resources.")
        _check_resources(statement)
    _check_actions(statement)


def _check_actions(statement: Mapping[str, Any]) -> None:
    for action in _listed(statement.get("Action", statement.get("NotAction"))):
        if not isinstance(action, str):
            raise malformed(_SYNTAX)
        if not _ACTION.fullmatch(action):
            raise malformed(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            )


def _check_resources(statement: Mapping[str, Any]) -> None:
    for resource in _listed(statement.get("Resource", statement.get("NotResource"))):
        if not isinstance(resource, str):
            raise malformed(_SYNTAX)
        if not resource.startswith(("arn:", "*", "${")):
            raise malformed(f'Resource {resource} must be in ARN format or "*".')


def _check_sids(document: Mapping[str, Any]) -> None:
    sids = [s["Sid"] for s in _listed(document["Statement"]) if s.get("Sid")]
    if len(set(map(str, sids))) != len(sids):
        raise malformed("Statement IDs (SID) in a single policy must be unique.")


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
