"""`enable`: switch centralized root access on.

Order: trusted access, then the features, because no feature can be switched on, or even read,
without trusted access (rule card ROOT-22). The facts are those of `status.gather`, the acting is
`switches.apply`, the dry run `switches.rehearse`.
"""

from rootsteward.domain.root_credentials import NotSeen, Observation, Seen
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations.status import Standing, Status
from rootsteward.operations.switches import Obstacle, SwitchAct, SwitchPlan, SwitchStep

SLUG = "enable"
SERVICE_PRINCIPAL = "iam.amazonaws.com"

_WHAT_FEATURES_DO = {
    RootFeature.CREDENTIALS_MANAGEMENT: "lets root credentials be audited, deleted and recovered",
    RootFeature.SESSIONS: "lets buckets and queues be unlocked",
}
_REMARKS = (
    "switching these on touches no credential; accounts created from now on have none",
    "changes may take some minutes to reach sts, and may flap on the way",
    "service control policies can still deny every task: see `rootsteward preflight`",
)


def plan(status: Status, features: frozenset[RootFeature] = frozenset(RootFeature)) -> SwitchPlan:
    """The missing steps, in the order that works; nothing is done."""
    steps: list[SwitchStep] = []
    already: list[str] = []
    _plan_trusted_access(status, steps, already)
    on = status.features.value if isinstance(status.features, Seen) else frozenset()
    for feature in RootFeature:
        if feature not in features:
            continue
        if feature in on:
            already.append(f"{feature.value} is on")
        else:
            step = SwitchStep(SwitchAct.ENABLE_FEATURE, feature.value, _WHAT_FEATURES_DO[feature])
            steps.append(step)
    obstacles = _obstacles(status) if steps else ()
    return SwitchPlan(SLUG, tuple(steps), obstacles, tuple(already), _REMARKS if steps else ())


def _plan_trusted_access(status: Status, steps: list[SwitchStep], already: list[str]) -> None:
    if isinstance(status.trusted_access, Seen) and status.trusted_access.value:
        already.append("trusted access for iam.amazonaws.com is on")
        return
    steps.append(
        SwitchStep(
            SwitchAct.ENABLE_TRUSTED_ACCESS,
            SERVICE_PRINCIPAL,
            "lets iam work across the organization; the features need it",
        )
    )


def _obstacles(status: Status) -> tuple[Obstacle, ...]:
    found: list[Obstacle] = []
    if status.standing is not Standing.MANAGEMENT:
        found.append(_not_management(status))
    found.extend(_unreadable(status))
    return tuple(found)


def _not_management(status: Status) -> Obstacle:
    """Only the management account may switch things on (rule card ROOT-23)."""
    organization = status.organization
    where = (
        f"the management account {organization.value.management_account_id}"
        if isinstance(organization, Seen)
        else "the management account"
    )
    return Obstacle(
        f"these credentials belong to account {status.caller.account}, not to {where}",
        f"sts:GetCallerIdentity answered {status.caller.arn}; standing: {status.standing.value}",
        f"use a role or user of {where}, for example with --profile",
    )


def _unreadable(status: Status) -> list[Obstacle]:
    """What must be known before switching and is not."""
    facts: tuple[tuple[str, str, Observation[object]], ...] = (
        ("the organization", "organizations:DescribeOrganization", status.organization),
        (
            "trusted access",
            "organizations:ListAWSServiceAccessForOrganization",
            status.trusted_access,
        ),
        ("the features", "iam:ListOrganizationsFeatures", status.features),
    )
    return [
        Obstacle(
            f"{what} cannot be read",
            seen.detail,
            f"allow {action}; the organization must have all features enabled",
        )
        for what, action, seen in facts
        if isinstance(seen, NotSeen)
    ]
