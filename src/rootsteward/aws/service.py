"""What every service file starts from."""

from collections.abc import Mapping
from typing import Any

from rootsteward.aws.door import Door
from rootsteward.domain.receipt import Receipt


class Service:
    """Holds the door; `BotoGateway` is all service files around one door."""

    def __init__(self, door: Door) -> None:
        self._door = door


# WHY Any: every operation's answer has a type of its own, and all of them carry the same metadata.
def receipt_of(answer: Mapping[str, Any]) -> Receipt:
    """The receipt in botocore's answer."""
    return Receipt(request_id_of(answer))


def request_id_of(answer: Mapping[str, Any]) -> str:
    """AWS's request id; empty when the answer names none."""
    return str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
