"""STS: who am I, `AssumeRole`, `AssumeRoot`."""

from collections.abc import Sequence

from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.services.sts.assume_role import ASSUME_ROLE
from rootsteward.sandbox.services.sts.assume_root import ASSUME_ROOT
from rootsteward.sandbox.world.world import World


def _no_needs(_world: World, _call: Call) -> Sequence[Need]:
    """No permission is needed and no deny stops it (rule card STS-04)."""
    return ()


def _caller_identity(_world: World, call: Call) -> Output:
    caller = call.caller
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


OPERATIONS: Operations = {
    "AssumeRole": ASSUME_ROLE,
    "AssumeRoot": ASSUME_ROOT,
    "GetCallerIdentity": Operation(_no_needs, _caller_identity),
}
