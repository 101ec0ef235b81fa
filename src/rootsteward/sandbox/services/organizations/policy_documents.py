"""What Organizations accepts as a policy (rule cards ORG-07, ORG-12, SCP-09 and SCP-10)."""

import json

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.services.organizations.refusals import constraint, malformed_document
from rootsteward.sandbox.services.organizations.settings_documents import check_settings_document
from rootsteward.sandbox.world.control_policies import OPT_OUT_POLICY, RCP, SCP
from rootsteward.spec import Document, read_document

# SOURCE: Organizations quotas, in characters as sent (rule card ORG-02).
_MOST_CHARACTERS = {SCP: 10_240, RCP: 5_120, OPT_OUT_POLICY: 2_500}
_MOST_CHARACTERS_OF_OTHERS = 10_000
_VOICE_TYPE = {SCP: PolicyType.SCP, RCP: PolicyType.RCP}

# SOURCE: the services page of resource control policies and the service authorization reference:
# prefixes that an action in an RCP may have.
_RCP_PREFIXES = frozenset({
    "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets",
    "clouddirectory", "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild",
    "codecommit", "codepipeline", "cognito-identity", "cognito-idp", "comprehend",
    "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql", "dynamodb",
    "ecr", "ecr-public", "es", "events", "firehose", "fis", "fms", "gamelift", "health",
    "inspector-scan", "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor",
    "notifications", "opensearch", "pca-connector-ad", "personalize", "polly", "pricing",
    "resource-groups", "rolesanywhere", "s3", "secretsmanager", "servicediscovery", "signin",
    "sqs", "sts", "support", "swf", "textract", "timestream-influxdb", "transcribe", "transfer",
    "translate", "wafv2", "workspaces", "xray",
})  # fmt: skip


def accepted_content(policy_type: str, content: str) -> str:
    """The text to store for a content that Organizations accepts.

    Raises:
        ServiceError: `MalformedPolicyDocumentException`, or `ConstraintViolationException` when
            it is too long.
    """
    if len(content) > _MOST_CHARACTERS.get(policy_type, _MOST_CHARACTERS_OF_OTHERS):
        raise constraint(
            "POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size."
        )
    if policy_type not in _VOICE_TYPE:
        check_settings_document(policy_type, content)
        return content
    try:
        read_json(content)
        document = read_document(content, _VOICE_TYPE[policy_type])
    except (ValueError, OperatorError):
        raise malformed_document() from None
    _check_elements(document)
    if policy_type == SCP:
        return content
    _check_prefixes(document)
    return _in_stored_form(content)


def _check_elements(document: Document) -> None:
    """What is asked of every policy of AWS: statements, each with actions and resources.

    An action is a service's or `*`, a resource is an ARN, and no two statements have one `Sid`.
    """
    sids = [statement.sid for statement in document.statements if statement.sid]
    if not document.statements or len(set(sids)) < len(sids):
        raise malformed_document()
    for statement in document.statements:
        actions, resources = statement.actions.patterns, statement.resources.patterns
        if not actions or not all(action == "*" or ":" in action for action in actions):
            raise malformed_document()
        if not resources or not all(r.startswith(("arn:", "*")) for r in resources):
            raise malformed_document()


def _check_prefixes(document: Document) -> None:
    for statement in document.statements:
        for pattern in statement.actions.patterns:
            if pattern.partition(":")[0].lower() not in _RCP_PREFIXES:
                raise malformed_document()


def _in_stored_form(content: str) -> str:
    """An RCP comes back with its version and its statements in a list (recorded)."""
    raw = json.loads(content)
    if "Version" in raw and isinstance(raw["Statement"], list):
        return content
    statements = raw["Statement"] if isinstance(raw["Statement"], list) else [raw["Statement"]]
    stored = {"Version": "2008-10-17", **raw, "Statement": statements}
    return json.dumps(stored, separators=(",", ":"), ensure_ascii=False)
