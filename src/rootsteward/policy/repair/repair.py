"""What a repair is, and what it is when there is none."""

import difflib
from dataclasses import dataclass, field
from enum import StrEnum

from rootsteward.domain.authorization import Level
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.prove.proof import Proof, Refuted

SIZE_LIMIT_CHARACTERS = 10_240
"""The largest SCP that Organizations stores (rule card ORG-02)."""


class Style(StrEnum):
    """The ways to let a root task through, from the narrowest to the widest."""

    SESSION_AND_TASK = "session-and-task"
    SESSION_ONLY = "session-only"
    NOT_ACTION = "not-action"
    EXCEPT_ROOT = "except-root"


class Safety(StrEnum):
    """Safe: opens nothing but root tasks to root sessions. Unsafe: read what it opens first."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Repair:
    """One policy, changed.

    `entities` are the ids it is attached to, `statements` the indexes (from 0, in the old text) of
    the statements that blocked `tasks`. `opens` is one sentence. `proof` holds wherever the policy
    is attached. `beyond` is the witness that more than root sessions gain, where they do.
    `minified` says that white space was taken out because of the size limit.
    """

    policy_id: str
    policy_name: str
    entities: tuple[str, ...]
    tasks: tuple[TaskPolicy, ...]
    statements: tuple[int, ...]
    style: Style
    safety: Safety
    old: str
    new: str
    opens: str
    proof: Proof
    size_limit: int = SIZE_LIMIT_CHARACTERS
    minified: bool = False
    beyond: Refuted | None = None

    @property
    def diff(self) -> str:
        """A unified diff of the two texts."""
        return unified_diff(self.old, self.new, self.policy_name)

    @property
    def size_before(self) -> int:
        """Characters, as Organizations counts them."""
        return len(self.old)

    @property
    def size_after(self) -> int:
        """Characters, as Organizations counts them."""
        return len(self.new)


@dataclass(frozen=True, slots=True)
class NoRepair:
    """A policy, or a level without an Allow, that blocks tasks and is left as it is.

    `policy_id` is empty for a level. `advice` says what the reader can do, and may be empty.
    """

    policy_id: str
    policy_name: str
    entities: tuple[str, ...]
    tasks: tuple[TaskPolicy, ...]
    statements: tuple[int, ...]
    reason: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ChainOutcome:
    """One distinct chain before and after all repairs.

    `proof`: the repaired chain closes nothing, opens nothing but what the repairs state, and
    allows every task that is not in `blocked_after`.
    """

    accounts: tuple[AccountId, ...]
    levels_before: tuple[Level, ...]
    levels_after: tuple[Level, ...]
    blocked_before: tuple[TaskPolicy, ...]
    blocked_after: tuple[TaskPolicy, ...]
    proof: Proof


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """Everything to change, everything that cannot be changed, and what that does to each chain."""

    outcomes: tuple[Repair | NoRepair, ...] = ()
    chains: tuple[ChainOutcome, ...] = field(default=())

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """The policies to change."""
        return tuple(o for o in self.outcomes if isinstance(o, Repair))

    @property
    def unrepaired(self) -> tuple[NoRepair, ...]:
        """What blocks and stays."""
        return tuple(o for o in self.outcomes if isinstance(o, NoRepair))


def unified_diff(old: str, new: str, name: str) -> str:
    """A unified diff that `patch` understands, three lines of context."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    ended = "\n\\ No newline at end of file\n"
    return "".join(line if line.endswith("\n") else line + ended for line in lines)
