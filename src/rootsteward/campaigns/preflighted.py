"""What the control policies would block of a plan, put into the plan itself. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rootsteward.campaigns.planned import PlannedItem
from rootsteward.domain.authorization import Answer
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import preflight
from rootsteward.operations.controls import Controls
from rootsteward.operations.preflight import AccountForecast
from rootsteward.operations.statement_names import statement_names

ALLOWED = "allowed"


def with_preflight(
    items: Iterable[PlannedItem], controls: Controls, task: TaskPolicy
) -> tuple[PlannedItem, ...]:
    """The items, each that acts with the verdict on its task in its account.

    Raises:
        OperatorError: an item is no account of the organization.
    """
    listed = tuple(items)
    accounts = [AccountId(item.key) for item in listed if item.acts]
    forecasts = preflight.plan(controls, accounts, (task,)).accounts
    verdicts = {forecast.account: _verdict(forecast, controls) for forecast in forecasts}
    return tuple(
        replace(item, preflight=verdicts.get(AccountId(item.key), ()) if item.acts else ())
        for item in listed
    )


def _verdict(forecast: AccountForecast, controls: Controls) -> tuple[str, ...]:
    """One line for each different reason; `allowed` when every action is."""
    blocked = [answered for task in forecast.tasks for answered in task.blocked]
    return tuple(_lines(blocked, controls)) or (ALLOWED,)


def _lines(blocked: Sequence[tuple[str, Answer]], controls: Controls) -> Iterator[str]:
    actions: dict[str, list[str]] = {}
    for action, answer in blocked:
        actions.setdefault(_reason(answer, controls), []).append(action)
    for reason, named in actions.items():
        more = f" and {len(named) - 1} more" if len(named) > 1 else ""
        yield f"{named[0]}{more}: {reason}"


def _reason(answer: Answer, controls: Controls) -> str:
    names = ", ".join(statement_names(answer.by, controls)) or answer.why
    keys = f" on {', '.join(answer.depends_on)}" if answer.depends_on else ""
    return f"{answer.decision.value.replace('_', ' ')}{keys}: {names}"
