"""What S3 checks before it keeps a bucket policy (rule card S3-05).

LIMIT: S3 also refuses principals that do not exist; that is not checked here.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.services.s3.refusals import malformed_policy
from rootsteward.sandbox.world.buckets import Bucket

# SOURCE: S3 user guide, bucket policies are limited to 20 KB.
MAX_POLICY_BYTES = 20_480
_VERSIONS = frozenset({"2012-10-17", "2008-10-17"})
_AWS_PRINCIPAL = re.compile(
    r"\*|[0-9]{12}|A[A-Z0-9]{15,}|arn:aws[a-z-]*:(iam|sts)::([0-9]{12}|cloudfront):.+"
)
# SOURCE: service authorization reference of S3, the actions that name one resource type only.
_OBJECT_ACTION = re.compile(
    r"(?i)s3:((get|put|delete|restore)object(acl|tagging|version|versionacl|versiontagging|retention"
    r"|legalhold|attributes)?|abortmultipartupload|listmultipartuploadparts)"
)
_BUCKET_ACTION = re.compile(
    r"(?i)s3:(listbucket(versions|multipartuploads)?|(get|put|delete)bucket[a-z]*|deletebucket"
    r"|(get|put)(lifecycle|encryption|replication)configuration)"
)


def check_bucket_policy(text: str, bucket: Bucket) -> None:
    """Check a policy for a bucket.

    Raises:
        ServiceError: `MalformedPolicy`, in S3's words.
    """
    if len(text.encode()) > MAX_POLICY_BYTES:
        raise malformed_policy("Policy exceeds the maximum allowed document size.")
    document = _parsed(text)
    if document.get("Version", "2008-10-17") not in _VERSIONS:
        raise malformed_policy("The policy must contain a valid version string")
    if "Statement" not in document:
        raise malformed_policy("Missing required field Statement")
    if document["Statement"] == []:
        raise malformed_policy("Could not parse the policy: Statement is empty!")
    for statement in _listed(document["Statement"]):
        _check_statement(statement, bucket)


def _parsed(text: str) -> Mapping[str, Any]:
    if not text.lstrip().startswith("{"):
        raise malformed_policy("Policies must be valid JSON and the first byte must be '{'")
    try:
        document: Mapping[str, Any] = read_json(text)
    except ValueError:
        raise malformed_policy("This policy contains invalid Json") from None
    return document


def _check_statement(statement: object, bucket: Bucket) -> None:
    if not isinstance(statement, Mapping):
        raise malformed_policy("Invalid policy syntax.")
    if "Effect" not in statement:
        raise malformed_policy("Missing required field Effect")
    if statement["Effect"] not in {"Allow", "Deny"}:
        raise malformed_policy(f"Invalid effect: {statement['Effect']}")
    for names in (
        ("Principal", "NotPrincipal"),
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
    ):
        _check_one_of(statement, names)
    _check_principal(statement.get("Principal", statement.get("NotPrincipal")))
    _check_actions(statement.get("Action", statement.get("NotAction")))
    _check_resources(statement.get("Resource", statement.get("NotResource")), bucket)
    if "Action" in statement and "Resource" in statement:
        _check_fit(_listed(statement["Action"]), _listed(statement["Resource"]), bucket)


def _check_one_of(statement: Mapping[str, Any], names: tuple[str, str]) -> None:
    given = [name for name in names if name in statement]
    if not given:
        raise malformed_policy(f"Missing required field {names[0]}")
    if len(given) == len(names):
        raise malformed_policy("Invalid policy syntax.")


def _check_principal(principal: object) -> None:
    if principal == "*":
        return
    if not isinstance(principal, Mapping) or not principal:
        raise malformed_policy("Invalid policy syntax.")
    for value in _listed(principal.get("AWS", [])):
        if not isinstance(value, str) or not _AWS_PRINCIPAL.fullmatch(value):
            raise malformed_policy("Invalid principal in policy")


def _check_actions(actions: object) -> None:
    for action in _listed(actions):
        if not isinstance(action, str) or not (action == "*" or action.lower().startswith("s3:")):
            raise malformed_policy("Policy has invalid action")


def _check_resources(resources: object, bucket: Bucket) -> None:
    for resource in _listed(resources):
        if resource != bucket.arn and not str(resource).startswith(f"{bucket.arn}/"):
            raise malformed_policy("Policy has invalid resource")


def _check_fit(actions: Sequence[object], resources: Sequence[object], bucket: Bucket) -> None:
    """Every action without a wildcard needs a resource of its kind: the bucket, or objects."""
    has_bucket = bucket.arn in resources
    has_objects = any(resource != bucket.arn for resource in resources)
    for action in actions:
        is_object = bool(_OBJECT_ACTION.fullmatch(str(action)))
        is_bucket = bool(_BUCKET_ACTION.fullmatch(str(action)))
        if (is_object and not has_objects) or (is_bucket and not has_bucket):
            raise malformed_policy("Action does not apply to any resource(s) in statement")


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]
