"""The errors of STS, in its words."""

from rootsteward.sandbox.call import Call, ServiceError
from rootsteward.sandbox.world.world import World

_GLOBAL_HOST = "sts.amazonaws.com"
_GLOBAL_REGION = "aws-global"


def invalid(message: str) -> ServiceError:
    """The request makes no sense, whoever sends it."""
    return ServiceError("ValidationError", message)


def access_denied(message: str) -> ServiceError:
    """The request is refused."""
    return ServiceError("AccessDenied", message, 403)


def not_authorized(call: Call, action: str, resource: str) -> ServiceError:
    """STS gives no reason in its denials (rule card STS-07)."""
    return access_denied(
        f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {resource}"
    )


def check_region(world: World, call: Call) -> None:
    """Refuse a call to a Region that is off (rule card STS-02)."""
    if is_global(call) or call.region in world.regions:
        return
    raise ServiceError(
        "RegionDisabledException",
        f"STS is not activated in this region for account:{call.caller.account}. Your account "
        "administrator can activate STS in this region using the IAM Console.",
        403,
    )


def is_global(call: Call) -> bool:
    """Whether the call came to the global endpoint, by its host name or its signing Region."""
    return call.host.partition(":")[0] == _GLOBAL_HOST or call.region == _GLOBAL_REGION
