"""What a verb gives to the campaign that carries it out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import BlameFor
from rootsteward.ports.aws_gateway import AwsGateway
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.clock import Clock
from rootsteward.ports.journal import Journal, JsonValue

# Names statements in the words of the organization.
NameStatements = Callable[[Sequence[DecidedBy]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Tools:
    """What steps act with."""

    gateway: AwsGateway
    journal: Journal
    backups: BackupStore
    clock: Clock
    blame_for: BlameFor
    names: NameStatements


@dataclass(frozen=True, slots=True)
class Work:
    """One item to carry out. `tried` are the intents of earlier attempts, as the journal has them.

    An attempt that was killed left them there; what became of each only a look can tell.
    """

    plan_id: str
    item: PlannedItem
    tried: tuple[Mapping[str, JsonValue], ...] = ()


def _key(item: PlannedItem) -> tuple[str, ...]:
    return (item.key,)


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Attributes:
        slug: its name, the same everywhere.
        title: what it does, for people; begins with a verb.
        subject: what an item is, one and many.
        act: what is done to so many of them, as the operator confirms it: `update` 2 policies.
        step: carries an item out; never raises for what AWS answered.
        rest: the result of an item that does not act, or, as a rehearsal, of one that would.
        task: what the root sessions of its steps are scoped to, for verbs about accounts.
        subjects: what the journal's entries about an item are about; its key by default.
    """

    slug: str
    title: str
    subject: tuple[str, str]
    act: str
    step: Callable[[Tools, Work], ItemResult]
    rest: Callable[[PlannedItem], ItemResult]
    task: TaskPolicy | None = None
    subjects: Callable[[PlannedItem], tuple[str, ...]] = _key
