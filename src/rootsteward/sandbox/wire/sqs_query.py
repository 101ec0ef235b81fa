"""SQS's older query dialect, derived from its JSON model.

SQS speaks AWS JSON 1.0; older clients still post query forms with `Version=2012-11-05`. The
model no longer carries the names of that dialect, but its shape names do: a list is named after
its shape without `List`, a map after a short table, and everything is flattened (rule card
SQS-61).

SOURCE: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ (query examples).
"""

import copy
from collections.abc import Mapping
from typing import Any

NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/"

_LIST_NAMES = {"StringList": "StringListValue", "BinaryList": "BinaryListValue"}
_MAP_NAMES = {
    "QueueAttributeMap": "Attribute",
    "MessageSystemAttributeMap": "Attribute",
    "MessageBodyAttributeMap": "MessageAttribute",
    "MessageBodySystemAttributeMap": "MessageSystemAttribute",
    "TagMap": "Tag",
}
_TAG_MAP = "TagMap"

# Codes of the query dialect, which JSON answers repeat in `x-amzn-query-error`, by shape name.
_PREFIX = "AWS.SimpleQueueService."
QUERY_CODES: Mapping[str, str] = {
    "QueueDoesNotExist": _PREFIX + "NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "QueueDeletedRecently": _PREFIX + "QueueDeletedRecently",
    "BatchEntryIdsNotDistinct": _PREFIX + "BatchEntryIdsNotDistinct",
    "BatchRequestTooLong": _PREFIX + "BatchRequestTooLong",
    "EmptyBatchRequest": _PREFIX + "EmptyBatchRequest",
    "InvalidBatchEntryId": _PREFIX + "InvalidBatchEntryId",
    "TooManyEntriesInBatchRequest": _PREFIX + "TooManyEntriesInBatchRequest",
    "MessageNotInflight": _PREFIX + "MessageNotInflight",
    "PurgeQueueInProgress": _PREFIX + "PurgeQueueInProgress",
    "UnsupportedOperation": _PREFIX + "UnsupportedOperation",
}


def query_model(json_model: Mapping[str, Any]) -> dict[str, Any]:
    """The service model of the query dialect, in the same form as botocore's own models."""
    model: dict[str, Any] = copy.deepcopy(dict(json_model))
    metadata = model["metadata"]
    metadata |= {"protocol": "query", "protocols": ["query"], "xmlNamespace": NAMESPACE}
    metadata.pop("awsQueryCompatible", None)
    for operation in model["operations"].values():
        if "output" in operation:
            operation["output"]["resultWrapper"] = operation["name"] + "Result"
    for shape in model["shapes"].values():
        for member in shape.get("members", {}).values():
            _name_member(model["shapes"], member)
    for name, shape in model["shapes"].items():
        _name_entries(name, shape)
    return model


def _name_member(shapes: Mapping[str, Any], member: dict[str, Any]) -> None:
    target = member["shape"]
    if shapes[target]["type"] == "list":
        member["locationName"] = _list_name(target)
    elif shapes[target]["type"] == "map":
        member["locationName"] = _MAP_NAMES[target]


def _name_entries(name: str, shape: dict[str, Any]) -> None:
    if shape["type"] == "list":
        shape["flattened"] = True
        shape["member"]["locationName"] = _list_name(name)
    elif shape["type"] == "map":
        shape["flattened"] = True
        shape["key"]["locationName"] = "Key" if name == _TAG_MAP else "Name"
        shape["value"]["locationName"] = "Value"


def _list_name(shape_name: str) -> str:
    return _LIST_NAMES.get(shape_name, shape_name.removesuffix("List"))
