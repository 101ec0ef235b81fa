"""What the verbs that work on one account at a time have in common."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from rootsteward.campaigns.planned import ItemResult, PlannedItem, of_account
from rootsteward.campaigns.verbs.verb import Tools, Verb, Work
from rootsteward.domain.outcome import AccountResult
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import BlameFor
from rootsteward.ports.aws_gateway import AwsGateway
from rootsteward.ports.journal import Journal, JsonValue

P = TypeVar("P")
T = TypeVar("T")
P_contra = TypeVar("P_contra", contravariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


class AccountStep(Protocol[P_contra, T_contra]):
    """Carries out one account's plan. `tried` is what earlier attempts set out to do."""

    def __call__(
        self,
        gateway: AwsGateway,
        journal: Journal,
        plan_id: str,
        planned: P_contra,
        *,
        blame_for: BlameFor,
        tried: T_contra,
    ) -> AccountResult:
        """See the operation."""


def account_verb(
    slug: str,
    title: str,
    act: str,
    task: TaskPolicy,
    read: Callable[[PlannedItem], P],
    step: AccountStep[P, T],
    tried: Callable[[tuple[Mapping[str, JsonValue], ...]], T],
    rehearse: Callable[[P], AccountResult],
) -> Verb:
    """A verb from an operation on accounts.

    `read` makes the operation's account plan of an item, and `tried` makes of earlier intents what
    its step wants to know of them.
    """

    def carry_out(tools: Tools, work: Work) -> ItemResult:
        ended = step(
            tools.gateway,
            tools.journal,
            work.plan_id,
            read(work.item),
            blame_for=tools.blame_for,
            tried=tried(work.tried),
        )
        return of_account(ended)

    def rest(item: PlannedItem) -> ItemResult:
        return of_account(rehearse(read(item)))

    return Verb(slug, title, ("account", "accounts"), act, carry_out, rest, task)
