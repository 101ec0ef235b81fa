"""What is wrong with a scenario, where, and what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass

from rootsteward.domain.errors import OperatorError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `line` counts from 1; `expected` continues the sentence `expected …`."""

    line: int
    field: str
    what: str
    expected: str


class ScenarioError(OperatorError):
    """A scenario cannot be used. `problems` holds every mistake found, the first one in `message`.

    A scenario is checked in three passes (YAML, shape, meaning), and a later pass runs only when
    the earlier ones found nothing.
    """

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        first = problems[0]
        more = len(problems) - 1
        counted = f" (and {more} more)" if more else ""
        where = f"`{first.field}` " if first.field else ""
        super().__init__(
            f"`{source}` line {first.line}: {where}{first.what}{counted}",
            help=f"expected {first.expected}",
        )
        self.problems = tuple(problems)


def spelled(path: Path) -> str:
    """A path as people write it: `accounts[2].root_user.mfa`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
