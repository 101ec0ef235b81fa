"""What the verbs that work on one account at a time have in common."""

from collections.abc import Callable
from typing import TypeVar

from rootsteward.campaigns.planned import ItemResult, PlannedItem, of_account
from rootsteward.campaigns.verbs.verb import Tools, Verb, Work
from rootsteward.domain.outcome import AccountResult
from rootsteward.domain.task_policy import TaskPolicy

P = TypeVar("P")


def account_verb(
    slug: str,
    title: str,
    act: str,
    task: TaskPolicy,
    read: Callable[[PlannedItem], P],
    step: Callable[[Tools, Work, P], AccountResult],
    rehearse: Callable[[P], AccountResult],
) -> Verb:
    """A verb from an operation on accounts; `read` makes its account plan of an item."""

    def carry_out(tools: Tools, work: Work) -> ItemResult:
        return of_account(step(tools, work, read(work.item)))

    def rest(item: PlannedItem) -> ItemResult:
        return of_account(rehearse(read(item)))

    return Verb(slug, title, ("account", "accounts"), act, carry_out, rest, task)
