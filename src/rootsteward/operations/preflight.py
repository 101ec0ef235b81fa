"""`preflight`: what the control policies would block, before anything is tried.

Asks the policy engine, not AWS; acts on nothing. A verdict that hangs on something nobody knows
beforehand, such as the source address, is `depends`; a policy that cannot be read makes it
`undetermined`, naming the place.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rootsteward.domain.authorization import Answer, Decision, Level
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import Verdict
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.account_blind import is_account_blind
from rootsteward.operations.controls import Controls, asker, gather

__all__ = ["SLUG", "AccountForecast", "Preflight", "TaskForecast", "gather", "plan"]

SLUG = "preflight"

_WORST_FIRST = (
    Decision.EXPLICIT_DENY,
    Decision.IMPLICIT_DENY,
    Decision.UNDETERMINED,
    Decision.DEPENDS,
    Decision.ALLOWED,
)


@dataclass(frozen=True, slots=True)
class TaskForecast:
    """One task in one account: an answer per action, in the order AWS lists the actions."""

    task: TaskPolicy
    answers: tuple[tuple[str, Answer], ...]

    @property
    def decision(self) -> Decision:
        """The worst of the answers: a denial before an unknown before an allow."""
        decisions = {answer.decision for _, answer in self.answers}
        return next(d for d in _WORST_FIRST if d in decisions)

    @property
    def blocked(self) -> tuple[tuple[str, Answer], ...]:
        """The actions that are not plainly allowed."""
        return tuple((a, answer) for a, answer in self.answers if answer.decision != "allowed")


@dataclass(frozen=True, slots=True)
class AccountForecast:
    """All asked tasks in one account."""

    account: AccountId
    tasks: tuple[TaskForecast, ...]

    @property
    def decision(self) -> Decision:
        """The worst of the tasks."""
        decisions = {task.decision for task in self.tasks}
        return next(d for d in _WORST_FIRST if d in decisions)


@dataclass(frozen=True, slots=True)
class Preflight:
    """The forecasts, and how many different places had to be worked out for them."""

    accounts: tuple[AccountForecast, ...]
    evaluated_places: int

    @property
    def verdict(self) -> Verdict:
        """Findings when anything is blocked; unseen when something could not be told."""
        decisions = {account.decision for account in self.accounts}
        if decisions & {Decision.UNDETERMINED, Decision.DEPENDS}:
            return Verdict.UNSEEN
        if decisions & {Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY}:
            return Verdict.FINDINGS
        return Verdict.DONE


def plan(
    controls: Controls,
    accounts: Iterable[AccountId],
    tasks: Sequence[TaskPolicy] = tuple(TaskPolicy),
) -> Preflight:
    """The forecast for accounts, in the order given. Pure.

    Accounts in the same place, whose policies cannot tell them apart, are worked out once.

    Raises:
        OperatorError: when the organization has no such account.
    """
    worked_out: dict[object, AccountForecast] = {}
    forecasts: list[AccountForecast] = []
    for account in accounts:
        place = _place(controls, account)
        if place not in worked_out:
            worked_out[place] = AccountForecast(account, tuple(_tasks(controls, account, tasks)))
        forecasts.append(_moved(worked_out[place], account))
    return Preflight(tuple(forecasts), len(worked_out))


def _tasks(
    controls: Controls, account: AccountId, tasks: Sequence[TaskPolicy]
) -> Iterator[TaskForecast]:
    for task in tasks:
        ask = asker(controls, account, task)
        answers = tuple((action, ask(action)) for action in task.actions)
        yield TaskForecast(task, answers)


def _place(controls: Controls, account: AccountId) -> object:
    """A key that two accounts share only when every answer about them is the same."""
    scps = controls.scps.levels(controls.organization, account)
    rcps = controls.rcps.levels(controls.organization, account)
    documents = [d for level in (*(scps or ()), *(rcps or ())) for d in level.documents]
    if not all(is_account_blind(document.text) for document in documents):
        return account
    return (
        controls.organization.path_to(account)[:-1],
        _own_documents(scps),
        _own_documents(rcps),
    )


def _own_documents(levels: tuple[Level, ...] | None) -> tuple[str, ...] | None:
    return None if levels is None else tuple(document.name for document in levels[-1].documents)


def _moved(forecast: AccountForecast, account: AccountId) -> AccountForecast:
    """The same forecast for a neighbour: only the account's own level has another name."""
    if forecast.account == account:
        return forecast
    tasks = tuple(
        replace(
            task,
            answers=tuple(
                (action, _renamed(answer, forecast.account, account))
                for action, answer in task.answers
            ),
        )
        for task in forecast.tasks
    )
    return AccountForecast(account, tasks)


def _renamed(answer: Answer, old: AccountId, new: AccountId) -> Answer:
    if old not in answer.why and all(by.level != old for by in answer.by):
        return answer
    by = tuple(replace(b, level=new) if b.level == old else b for b in answer.by)
    return replace(answer, by=by, why=answer.why.replace(old, new))
