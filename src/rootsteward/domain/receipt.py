"""What AWS answers to a call that changed something."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """AWS said done. `request_id` finds the call in CloudTrail; empty when AWS gave none."""

    request_id: str = ""
