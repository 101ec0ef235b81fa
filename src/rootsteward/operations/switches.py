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
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations.record import answer_as_json, digest
from rootsteward.ports.aws_gateway import RootAccessSwitches
from rootsteward.ports.journal import Journal, JsonValue

# What lets the next step go ahead.
GOOD = frozenset({Outcome.DONE, Outcome.CLEAN})


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
    before or after. `part_of` is the id of the plan that this is a part of, when there is one.
    """

    slug: str
    steps: tuple[SwitchStep, ...]
    obstacles: tuple[Obstacle, ...] = ()
    already: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    part_of: str = ""

    @property
    def id(self) -> str:
        """Follows from the contents, unless it is a part of a plan: the same steps, the same id."""
        return self.part_of or digest(
            {"operation": self.slug, "steps": [[step.api, step.target] for step in self.steps]}
        )


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
        if results and results[-1].outcome not in GOOD:
            results.append(SwitchResult(step, Outcome.SKIPPED, "a step before it did not succeed"))
        else:
            results.append(_step(gateway, journal, plan, step))
    return tuple(results)


def _step(
    gateway: RootAccessSwitches, journal: Journal, plan: SwitchPlan, step: SwitchStep
) -> SwitchResult:
    """Look, act, look again, write down."""
    before = _in_place(gateway, step)
    if before is True:
        return SwitchResult(step, Outcome.CLEAN, "it is so already; nothing was sent")
    answer = _act(gateway, journal, plan, step, before)
    after = _in_place(gateway, step)
    result = _judged(step, answer, after)
    seen: dict[str, JsonValue] = {"before": _as_json(before), "after": _as_json(after)}
    ended: dict[str, JsonValue] = {"outcome": result.outcome.value, "detail": result.detail}
    _record(journal, "result", plan, step, {"act": "look", "of": step.api, **ended, **seen})
    return result


def _act(
    gateway: RootAccessSwitches,
    journal: Journal,
    plan: SwitchPlan,
    step: SwitchStep,
    before: "_InPlace",
) -> Receipt | RootstewardError:
    """INVARIANT: the intent is on record before the call is made."""
    _record(journal, "intent", plan, step, {"act": step.api, "before": _as_json(before)})
    answer: Receipt | RootstewardError
    try:
        answer = _call(gateway, step)()
    except RootstewardError as error:
        answer = error
    _record(journal, "result", plan, step, {"act": step.api, **answer_as_json(answer)})
    return answer


def _judged(
    step: SwitchStep, answer: Receipt | RootstewardError, after: "_InPlace"
) -> SwitchResult:
    """A lost answer is looked up, never resent."""
    if isinstance(answer, AwsRefusedError):
        return SwitchResult(
            step, Outcome.DENIED, f"{answer.refusal.code}: {answer.refusal.message}"
        )
    if after is True:
        return SwitchResult(step, Outcome.DONE)
    if isinstance(answer, RootstewardError):
        return SwitchResult(step, Outcome.UNKNOWN, answer.message)
    if isinstance(after, RootstewardError):
        return SwitchResult(step, Outcome.UNKNOWN, f"done, but not seen: {after.message}")
    return SwitchResult(
        step, Outcome.UNKNOWN, "aws accepted it and does not show it yet; look again in a minute"
    )


# Whether what a step wants is in place, or why that could not be seen.
_InPlace = bool | RootstewardError


def _in_place(gateway: RootAccessSwitches, step: SwitchStep) -> _InPlace:
    try:
        return _reached(gateway, step)
    except RootstewardError as error:
        return error


def _as_json(seen: _InPlace) -> JsonValue:
    return {"in_place": seen} if isinstance(seen, bool) else {"not_seen": seen.message}


def _record(
    journal: Journal, phase: str, plan: SwitchPlan, step: SwitchStep, body: dict[str, JsonValue]
) -> None:
    journal.record(f"{plan.slug}.{phase}", step.target, {"plan": plan.id, **body})


def _call(gateway: RootAccessSwitches, step: SwitchStep) -> Callable[[], Receipt]:
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
