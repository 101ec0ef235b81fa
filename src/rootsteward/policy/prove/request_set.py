"""Sets of requests that questions are asked about."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.task_policy import TaskPolicy


class Who(StrEnum):
    """Whose requests: the values read as English."""

    ANYONE = "anyone"
    ROOT_USER = "the root user"
    ROOT_SESSION = "root sessions from sts:AssumeRoot"
    LONG_TERM_ROOT_USER = "the root user with long-term credentials"
    OUTSIDER = "AWS services and anonymous callers"


@dataclass(frozen=True, slots=True)
class RequestSet:
    """The requests of some principals, for some actions on some resources.

    `actions` and `resources` are patterns as in a policy; None means all of them. `context` are
    keys that hold a certain value in every request of the set; any other may hold anything.
    """

    who: Who = Who.ANYONE
    actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    context: tuple[tuple[str, str], ...] = ()

    @classmethod
    def everything(cls) -> "RequestSet":
        """All requests."""
        return cls()

    @classmethod
    def root_sessions(cls) -> "RequestSet":
        """All requests of root sessions."""
        return cls(Who.ROOT_SESSION)

    @classmethod
    def root_user(cls) -> "RequestSet":
        """All requests of the root user, root sessions included."""
        return cls(Who.ROOT_USER)

    @classmethod
    def tasks(cls, tasks: Iterable[TaskPolicy], who: Who = Who.ROOT_SESSION) -> "RequestSet":
        """The actions of some root tasks on any resource, by root sessions unless said else."""
        return cls(who, actions_of(tasks))

    @classmethod
    def of_actions(cls, actions: Iterable[str]) -> "RequestSet":
        """Some actions by anyone, on anything."""
        return cls(actions=tuple(actions))

    def describe(self) -> str:
        """An English phrase for the set."""
        what = "every action" if self.actions is None else _list(self.actions)
        on = "" if self.resources is None else f" on {_list(self.resources)}"
        where = "".join(f" with {key} `{value}`" for key, value in self.context)
        return f"{what}{on} by {self.who}{where}"


def actions_of(tasks: Iterable[TaskPolicy]) -> tuple[str, ...]:
    """The actions of some tasks, each once, in the order AWS lists them."""
    return tuple(dict.fromkeys(action for task in tasks for action in task.actions))


def services_of(requests: RequestSet) -> frozenset[str] | None:
    """The services that the actions of a set belong to; None when any may be among them."""
    if requests.actions is None:
        return None
    found = {action.lower().partition(":") for action in requests.actions}
    if any(not colon or set(service) & set("*?") for service, colon, _ in found):
        return None
    return frozenset(service for service, _, _ in found)


def known_actions(requests: RequestSet) -> tuple[str, ...] | None:
    """The actions of a set in lower case when they are few and known; None otherwise."""
    actions = requests.actions
    if actions is None or any(set(action) & set("*?") for action in actions):
        return None
    return tuple(action.lower() for action in actions)


_SHOWN = 6


def _list(items: tuple[str, ...]) -> str:
    if len(items) <= _SHOWN:
        return ", ".join(items) or "nothing"
    return f"{', '.join(items[:_SHOWN])} and {len(items) - _SHOWN} more"
