"""What Organizations accepts as the content of a tag, backup or other management policy (ORG-12).

LIMIT: that the names of settings exist, and that their values make sense, is checked for tag
policies only.
"""

from collections.abc import Mapping

from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.services.organizations.refusals import malformed_document
from rootsteward.sandbox.world.control_policies import TAG_POLICY
from rootsteward.sandbox.world.effective_policies import (
    APPEND,
    CHILD_OPERATORS,
    OPERATORS,
    REMOVE,
    Json,
    in_lower_case,
)

# SOURCE: Organizations user guide, the syntax pages of the policy types: what stands at the top.
# Of the types that are not here the top may be anything.
_TOP = {
    TAG_POLICY: frozenset({"tags"}),
    "BACKUP_POLICY": frozenset({"plans"}),
    "AISERVICES_OPT_OUT_POLICY": frozenset({"services"}),
    "CHATBOT_POLICY": frozenset({"chatbots"}),
    "DECLARATIVE_POLICY_EC2": frozenset({"ec2_attributes"}),
    "SECURITYHUB_POLICY": frozenset({"securityhub"}),
    "INSPECTOR_POLICY": frozenset({"inspector"}),
    "UPGRADE_ROLLOUT_POLICY": frozenset({"upgrade_rollout"}),
    "BEDROCK_POLICY": frozenset({"bedrock"}),
    "S3_POLICY": frozenset({"s3_attributes"}),
}
_OF_A_TAG = frozenset({"tag_key", "tag_value", "enforced_for", "report_required_tag_for"})
_KEY, _VALUES = "tag_key", "tag_value"
_CHILD_OPERATORS = OPERATORS | {"@@all", "@@none"}
_LISTS_ONLY = frozenset({APPEND, REMOVE})


def check_settings_document(policy_type: str, content: str) -> None:
    """Refuse a document that is no tree of settings with operators.

    Raises:
        ServiceError: `MalformedPolicyDocumentException`.
    """
    try:
        document = read_json(content, unique_names=True)
    except ValueError:
        raise malformed_document() from None
    if not isinstance(document, Mapping):
        raise malformed_document()
    if policy_type == TAG_POLICY:
        document = in_lower_case(document)
    top = _TOP.get(policy_type)
    if top is not None and _names(document) - top:
        raise malformed_document()
    _check(document, is_top=True)
    if policy_type == TAG_POLICY:
        _check_tags(document)


def _names(settings: Mapping[str, Json]) -> set[str]:
    return {name for name in settings if not name.startswith("@@")}


def _check(settings: Mapping[str, Json], *, is_top: bool = False) -> None:
    """Every value stands behind an operator, and everything else is settings.

    At the top any value may stand behind any operator (recorded).
    """
    for name, item in settings.items():
        if name == CHILD_OPERATORS:
            _check_child_operators(item)
        elif name in OPERATORS:
            only_lists = name in _LISTS_ONLY and not is_top
            if isinstance(item, Mapping) or (only_lists and not isinstance(item, list)):
                raise malformed_document()
        elif name.startswith("@@") or not isinstance(item, Mapping):
            raise malformed_document()
        else:
            _check(item)


def _check_child_operators(names: Json) -> None:
    if not isinstance(names, list) or not names or len(set(map(str, names))) < len(names):
        raise malformed_document()
    operators = {str(name).lower() for name in names}
    if operators - _CHILD_OPERATORS or ("@@none" in operators and len(operators) > 1):
        raise malformed_document()


def _check_tags(document: Mapping[str, Json]) -> None:
    tags = document.get("tags")
    if tags is None or OPERATORS & tags.keys():
        raise malformed_document()
    keys = _names(tags)
    if "" in keys or len({key.lower() for key in keys}) < len(keys):
        raise malformed_document()
    for key in keys:
        if _names(tags[key]) - _OF_A_TAG:
            raise malformed_document()
        for name in _names(tags[key]):
            for operator in OPERATORS & tags[key][name].keys():
                if not _is_value(key, name, tags[key][name][operator]):
                    raise malformed_document()


def _is_value(key: str, name: str, value: Json) -> bool:
    if name == _KEY:
        return isinstance(value, str) and value.lower() == key.lower()
    if not isinstance(value, list):
        return False
    if name == _VALUES:
        return not any(isinstance(item, dict | list) or str(item).count("*") > 1 for item in value)
    return all(isinstance(item, str) for item in value)
