"""Switching organization-wide things on and off: the plan as data, and the one place that acts."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from rootsteward.domain.errors import (
    AwsRefusedError,
    OperatorError,
    RootstewardError,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.task_policy import RootFeature
from rootsteward.ports.aws_gateway import RootAccessSwitches
from rootsteward.ports.journal import Journal


class SwitchAct(StrEnum):
    """The six things that can be switched, spelled as the API calls that do it."""

    ENABLE_TRUSTED_ACCESS = "organizations:EnableAWSServiceAccess"
    DISABLE_TRUSTED_ACCESS = "organizations:DisableAWSServiceAccess"
    ENABLE_FEATURE = "iam:EnableOrganizations"
    DISABLE_FEATURE = "iam:DisableOrganizations"
    REGISTER_DELEGATE = "organizations:RegisterDelegatedAdministrator"
    DEREGISTER_DELEGATE = "organizations:DeregisterDelegatedAdministrator"


@dataclass(frozen=True, slots=True)
class SwitchStep:
    """One call. `target` is a feature, an account id, or the service principal."""

    act: SwitchAct
    target: str
    why: str

    @property
    def api(self) -> str:
        """The API call, as policies name it."""
        if self.act in {SwitchAct.ENABLE_FEATURE, SwitchAct.DISABLE_FEATURE}:
            return self.act.value + self.target
        return self.act.value


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that must be put right first, and how it was seen."""

    what: str
    evidence: str
    help: str


@dataclass(frozen=True, slots=True)
class SwitchPlan:
    """What `apply` would do, in order. With obstacles it does nothing at all.

    `slug` is the operation's name; `already` says what needs no step; `remarks` what to know
    before or after.
    """

    slug: str
    steps: tuple[SwitchStep, ...]
    obstacles: tuple[Obstacle, ...] = ()
    already: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SwitchResult:
    """How one step ended."""

    step: SwitchStep
    outcome: Outcome
    detail: str = ""


def rehearse(plan: SwitchPlan) -> tuple[SwitchResult, ...]:
    """The dry runner: the same rows, nothing done, no gateway in reach."""
    return tuple(SwitchResult(step, Outcome.PLANNED, step.why) for step in plan.steps)


def apply(
    gateway: RootAccessSwitches, journal: Journal, plan: SwitchPlan
) -> tuple[SwitchResult, ...]:
    """Carry out the steps in order, each looked at afterwards; stop at the first that fails.

    Steps behind a failed one are reported as skipped.

    Raises:
        OperatorError: when the plan has obstacles; then nothing was done.
    """
    if plan.obstacles:
        first = plan.obstacles[0]
        raise OperatorError(f"{plan.slug} cannot start: {first.what}", help=first.help)
    results: list[SwitchResult] = []
    for step in plan.steps:
        if results and results[-1].outcome is not Outcome.DONE:
            results.append(SwitchResult(step, Outcome.SKIPPED, "a step before it did not succeed"))
        else:
            results.append(_step(gateway, journal, plan.slug, step))
    return tuple(results)


def _step(
    gateway: RootAccessSwitches, journal: Journal, slug: str, step: SwitchStep
) -> SwitchResult:
    journal.record(f"{slug}.intent", step.target, {"act": step.api})
    result = _act_and_look(gateway, step)
    journal.record(
        f"{slug}.result",
        step.target,
        {"act": step.api, "outcome": result.outcome.value, "detail": result.detail},
    )
    return result


def _act_and_look(gateway: RootAccessSwitches, step: SwitchStep) -> SwitchResult:
    try:
        _call(gateway, step)()
    except AwsRefusedError as error:
        detail = f"{error.refusal.code}: {error.refusal.message}"
        return SwitchResult(step, Outcome.DENIED, detail)
    except RootstewardError as error:
        return _after_lost_answer(gateway, step, error)
    return _look(gateway, step)


def _after_lost_answer(
    gateway: RootAccessSwitches, step: SwitchStep, error: RootstewardError
) -> SwitchResult:
    """A lost answer is looked up, never resent."""
    looked = _look(gateway, step)
    if looked.outcome is Outcome.DONE:
        return looked
    return SwitchResult(step, Outcome.UNKNOWN, error.message)


def _look(gateway: RootAccessSwitches, step: SwitchStep) -> SwitchResult:
    try:
        reached = _reached(gateway, step)
    except RootstewardError as error:
        return SwitchResult(step, Outcome.UNKNOWN, f"done, but not seen: {error.message}")
    if reached:
        return SwitchResult(step, Outcome.DONE)
    return SwitchResult(
        step, Outcome.UNKNOWN, "aws accepted it and does not show it yet; look again in a minute"
    )


def _call(gateway: RootAccessSwitches, step: SwitchStep) -> Callable[[], object]:
    match step.act:
        case SwitchAct.ENABLE_TRUSTED_ACCESS:
            return gateway.enable_trusted_access
        case SwitchAct.DISABLE_TRUSTED_ACCESS:
            return gateway.disable_trusted_access
        case SwitchAct.ENABLE_FEATURE:
            return lambda: gateway.enable_root_feature(RootFeature(step.target))
        case SwitchAct.DISABLE_FEATURE:
            return lambda: gateway.disable_root_feature(RootFeature(step.target))
        case SwitchAct.REGISTER_DELEGATE:
            return lambda: gateway.register_delegated_administrator(AccountId(step.target))
        case SwitchAct.DEREGISTER_DELEGATE:
            return lambda: gateway.deregister_delegated_administrator(AccountId(step.target))
        case _:
            assert_never(step.act)


def _reached(gateway: RootAccessSwitches, step: SwitchStep) -> bool:
    match step.act:
        case SwitchAct.ENABLE_TRUSTED_ACCESS:
            return gateway.trusted_access_enabled()
        case SwitchAct.DISABLE_TRUSTED_ACCESS:
            return not gateway.trusted_access_enabled()
        case SwitchAct.ENABLE_FEATURE:
            return RootFeature(step.target) in gateway.root_features()
        case SwitchAct.DISABLE_FEATURE:
            return RootFeature(step.target) not in gateway.root_features()
        case SwitchAct.REGISTER_DELEGATE:
            return step.target in gateway.delegated_administrators()
        case SwitchAct.DEREGISTER_DELEGATE:
            return step.target not in gateway.delegated_administrators()
        case _:
            assert_never(step.act)
