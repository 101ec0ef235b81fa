"""Canary and waves: how many accounts go first. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from rootsteward.domain.errors import InputError

T = TypeVar("T")

# Items in a slice: so few that processes share a wave evenly, so many that queueing is cheap.
_FEWEST, _MOST = 8, 64
_SLICES_OF_A_WAVE = 32
_HELP = "for example --wave 1,10,100%: one account, then ten more, then all the rest"


def parse_waves(text: str) -> tuple[str, ...]:
    """The steps of `1,10,100%`: counts and percentages of all.

    Raises:
        InputError: naming the step that is wrong.
    """
    steps = tuple(step.strip() for step in text.split(","))
    for step in steps:
        number = step.removesuffix("%")
        if not (number.isascii() and number.isdigit()) or int(number) == 0:
            raise InputError(f"`{step}` is no wave: a number or a percentage", help=_HELP)
        if step.endswith("%") and int(number) > 100:  # noqa: PLR2004 (per cent)
            raise InputError(f"`{step}` is more than all there is", help=_HELP)
    return steps


def wave_sizes(steps: Sequence[str], total: int) -> tuple[int, ...]:
    """How many items each wave has; together they are `total`.

    A count is so many items more; a percentage is so much of the total, rounded up, with all
    waves before it counted in. What the steps leave over is one last wave. Empty waves are none.
    """
    return tuple(size for size in _sizes(steps, total) if size)


def split(items: Iterable[T], sizes: Iterable[int]) -> tuple[tuple[T, ...], ...]:
    """The items of each wave, in order."""
    left = iter(items)
    return tuple(tuple(islice(left, size)) for size in sizes)


def slice_size(waves: Sequence[int], in_flight: int) -> int:
    """How many items one process takes at once in a campaign with waves of these sizes."""
    of_a_wave = max(waves, default=0) // _SLICES_OF_A_WAVE
    return max(_FEWEST, min(of_a_wave, in_flight, _MOST))


def _sizes(steps: Sequence[str], total: int) -> Iterator[int]:
    done = 0
    for step in steps:
        number = int(step.removesuffix("%"))
        upto = -(-total * number // 100) if step.endswith("%") else done + number
        size = max(0, min(upto, total) - done)
        done += size
        yield size
    yield total - done
