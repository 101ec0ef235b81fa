"""`disable`: switch centralized root access off.

Order: the features, then trusted access. A delegated administrator must be removed before that
(rule card ROOT-24), by `delegate remove`, and is never removed as a side effect.
The facts are those of `status.gather`, the acting is `switches.apply`.
"""

from rootsteward.domain.root_credentials import NotSeen, Seen
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations.enable import SERVICE_PRINCIPAL
from rootsteward.operations.status import Standing, Status
from rootsteward.operations.switches import Obstacle, SwitchAct, SwitchPlan, SwitchStep

SLUG = "disable"

_REMARKS = (
    "root sessions that were already issued work until they expire, at most 15 minutes",
    "switching off gives no account its root credentials back",
    "changes may take some minutes to reach sts",
)


def plan(
    status: Status,
    features: frozenset[RootFeature] = frozenset(RootFeature),
    *,
    keep_trusted_access: bool = False,
) -> SwitchPlan:
    """The steps that are needed, in the order that works; nothing is done."""
    on = status.features.value if isinstance(status.features, Seen) else frozenset()
    steps = [
        SwitchStep(SwitchAct.DISABLE_FEATURE, feature.value, "new sessions for it are refused")
        for feature in RootFeature
        if feature in features and feature in on
    ]
    # WHY the question: features that could not be read are not called off.
    seen = isinstance(status.features, Seen)
    already = [f"{f.value} is off" for f in RootFeature if seen and f in features and f not in on]
    trusted = not (isinstance(status.trusted_access, Seen) and not status.trusted_access.value)
    if not trusted:
        already.append("trusted access for iam.amazonaws.com is off")
    elif not keep_trusted_access and features == frozenset(RootFeature):
        why = "iam no longer works across the organization"
        steps.append(SwitchStep(SwitchAct.DISABLE_TRUSTED_ACCESS, SERVICE_PRINCIPAL, why))
    obstacles = _obstacles(status, steps)
    return SwitchPlan(SLUG, tuple(steps), obstacles, tuple(already), _REMARKS if steps else ())


def _obstacles(status: Status, steps: list[SwitchStep]) -> tuple[Obstacle, ...]:
    if not steps and isinstance(status.features, Seen):
        return ()
    found = [
        Obstacle(f"{what} cannot be read", seen.detail, f"allow {action}")
        for what, action, seen in (
            ("the features", "iam:ListOrganizationsFeatures", status.features),
            (
                "trusted access",
                "organizations:ListAWSServiceAccessForOrganization",
                status.trusted_access,
            ),
        )
        if isinstance(seen, NotSeen)
    ]
    if any(step.act is SwitchAct.DISABLE_TRUSTED_ACCESS for step in steps):
        found.extend(_trusted_access_obstacles(status))
    return tuple(found)


def _trusted_access_obstacles(status: Status) -> list[Obstacle]:
    found: list[Obstacle] = []
    if status.standing is not Standing.MANAGEMENT:
        found.append(
            Obstacle(
                "only the management account may switch trusted access off",
                f"caller {status.caller.arn}; standing: {status.standing.value}",
                "use credentials of the management account, or keep trusted access",
            )
        )
    if isinstance(status.delegates, NotSeen):
        found.append(
            Obstacle(
                "delegated administrators cannot be read",
                status.delegates.detail,
                "allow organizations:ListDelegatedAdministrators",
            )
        )
    elif status.delegates.value:
        ids = ", ".join(status.delegates.value)
        found.append(
            Obstacle(
                f"delegated administrator {ids} is still registered",
                f"organizations:ListDelegatedAdministrators for {SERVICE_PRINCIPAL}: {ids}",
                f"run `rootsteward delegate remove {status.delegates.value[0]}` first",
            )
        )
    return found
