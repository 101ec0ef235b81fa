"""What a condition operator answers about one value."""

from collections.abc import Callable
from enum import Enum

from rootsteward.policy.context import RequestContext
from rootsteward.policy.truth import Truth


class Fault(Enum):
    """A policy value that the service cannot read although it stored it.

    The service then lets a Deny take effect and an Allow not (rule card COND-10).
    """

    UNREADABLE_PATTERN = "unreadable pattern"


Verdict = Truth | Fault
ValueTest = Callable[[str, RequestContext], Verdict]
"""Whether one value of the request passes the operator."""
