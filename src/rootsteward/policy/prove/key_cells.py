"""The cells of a condition key: *absent*, and values such that every value behaves as one."""

import ipaddress
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from itertools import pairwise

from rootsteward.domain.authorization import AccessRequest, ContextValue
from rootsteward.policy.conditions.addresses import read_range
from rootsteward.policy.conditions.dates import read_date
from rootsteward.policy.conditions.numeric import read_number
from rootsteward.policy.context import context_of
from rootsteward.policy.document import Quantifier
from rootsteward.policy.prove.budget import Budget, remembered
from rootsteward.policy.prove.glob_cells import Group, TextVariable, text_cells
from rootsteward.policy.prove.key_shapes import (
    ALWAYS_PRESENT,
    BOOLEAN_KEYS,
    MULTIVALUED_KEYS,
    holds_any_text,
    is_single_valued,
    shape_of,
)
from rootsteward.policy.prove.key_tests import MOST_DIGITS, KeyTest
from rootsteward.policy.prove.readable import KEY_VALUES, PLAIN_VALUES

_V4_BITS = 32
_MAPPED = (0xFFFF << 32, 0x10000 << 32)
"""The IPv4-mapped range of IPv6, whose addresses are read as IPv4: where it starts and ends."""
_SECOND_MS = 1000
_PARTS_OF_THE_CALLER = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username"}
)
"""Keys that are cut out of the caller's ARN, which is split as a text."""
_ADDRESSES = ("203.0.113.10", "198.51.100.10", "192.0.2.10", "10.0.0.10", "2001:db8::10")


def is_multivalued(key: str, tests: Sequence[KeyTest]) -> bool:
    """Whether a key holds a set: AWS says so, or says nothing and a set operator is used on it."""
    if is_single_valued(key):
        return False
    return key in MULTIVALUED_KEYS or any(t.quantifier is not Quantifier.NONE for t in tests)


def readable_tests(key: str, tests: Sequence[KeyTest]) -> list[KeyTest]:
    """The tests whose cells can be worked out together; the others must stay opaque.

    Numbers, dates and addresses are split into intervals and texts by automata; where a key is
    tested in two of these ways, the texts are.
    """
    clear = [t for t in tests if not t.opaque]
    if key in BOOLEAN_KEYS:
        return clear
    families = {t.family for t in clear} - {"Null"}
    if len(families) <= 1 and key not in _PARTS_OF_THE_CALLER:
        return clear
    return [t for t in clear if t.family in {"text", "Null"}]


@remembered
def key_values(
    budget: Budget, key: str, tests: tuple[KeyTest, ...]
) -> tuple[ContextValue | None, ...]:
    """Values of a key, None for absent, such that each request behaves as with one of them.

    Args:
        budget: of the question.
        key: the condition key, in lower case.
        tests: the tests on it, all of them `readable_tests`.

    Raises:
        OutOfBudgetError: when there are too many combinations.
    """
    single = tuple(dict.fromkeys(_single_values(key, tests, budget)))
    found: tuple[ContextValue, ...] = single
    if is_multivalued(key, tests):
        found = tuple(_sets(key, single, tests, budget))
    return found if key in ALWAYS_PRESENT else (None, *found)


def _single_values(key: str, tests: Sequence[KeyTest], budget: Budget) -> Iterable[str]:
    if key in BOOLEAN_KEYS:
        return ("false", "true")
    # WHY: only where any text is legal can a value be no number, date or address.
    others = ["example"] if holds_any_text(key) else []
    values = [value for t in tests if t.family != "Null" for value in t.values]
    match _family(tests):
        case "Numeric":
            return _numbers(values) + others
        case "Date":
            return _dates(values) + others
        case "Ip":
            return _addresses(values) + others
        case _:
            return _texts(key, tests, budget)


def _family(tests: Sequence[KeyTest]) -> str:
    """How the values of a key are read: readable tests do it all in one way."""
    families = {t.family for t in tests} - {"Null"}
    return families.pop() if families else "text"


def _texts(
    key: str, tests: Sequence[KeyTest], budget: Budget, apart: Sequence[str] = ()
) -> tuple[str, ...]:
    """One text for every cell; each text in `apart` is made a cell of its own."""
    shaped = shape_of(key)
    groups = [Group.of(group) for t in tests if t.family != "Null" for group in t.groups()]
    groups += [Group(literals=(text,)) for text in apart]
    variable = TextVariable(
        f"the partition of `{key}`",
        shapes=shaped.shapes,
        legal=shaped.legal,
        readable=tuple(_readable(key, tests)),
    )
    return text_cells(variable, groups, budget)


def _readable(key: str, tests: Sequence[KeyTest]) -> Iterator[str]:
    yield from KEY_VALUES.get(key, ())
    if any(t.operator == "Bool" for t in tests):
        yield from ("false", "true")
    for test in tests:
        for value in test.values if test.family != "Null" else ():
            if "?" not in value:
                yield value.replace("*", "")
                yield value.replace("*", "example")
    yield from PLAIN_VALUES


def _numbers(values: Sequence[str]) -> list[str]:
    """Every bound, and a number between, below and above the bounds."""
    bounds = sorted({n for v in values if (n := read_number(v)) is not None})
    if not bounds:
        return ["1"]
    # WHY: rounded to the usual 28 digits, a number beside a long bound would be the bound itself.
    with localcontext(prec=max(map(len, values)) + 2 * MOST_DIGITS):
        inner = [_between(low, high) for low, high in pairwise(bounds)]
        all_of_them = [bounds[0] - 1, *bounds, *inner, bounds[-1] + 1]
        return [f"{number:f}" for number in all_of_them]


def _between(low: Decimal, high: Decimal) -> Decimal:
    whole = Decimal(int(low) + 1)
    return whole if low < whole < high else (low + high) / 2


def _dates(values: Sequence[str]) -> list[str]:
    bounds = sorted({ms for v in values if (ms := read_date(v)) is not None})
    if not bounds:
        return ["2026-01-01T00:00:00Z"]
    inner = [(low + high) // 2 for low, high in pairwise(bounds)]
    moments = {bounds[0] - _SECOND_MS, *bounds, *inner, bounds[-1] + _SECOND_MS}
    return [_iso(moment) for moment in sorted(moments)]


def _iso(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, _SECOND_MS)
    try:
        moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return str(seconds)
    # WHY not strftime: it writes the years before 1000 with fewer than four digits.
    day = moment.isoformat(timespec="seconds")
    return f"{day}.{rest:03}Z" if rest else f"{day}Z"


def _addresses(values: Sequence[str]) -> list[str]:
    """One address for every run of addresses between two ends of ranges, per family."""
    ranges = [r for v in values if (r := read_range(v)) is not None]
    found: list[str] = []
    for bits in (_V4_BITS, 128):
        cuts = {0} if bits == _V4_BITS else {0, *_MAPPED}
        for part in ranges:
            if part.bits == bits:
                last = part.base | ~part.mask & (2**bits - 1)
                cuts |= {part.base, last + 1}
        ordered = [*sorted(cut for cut in cuts if cut < 2**bits), 2**bits]
        found += [_address(low, high, bits) for low, high in pairwise(ordered)]
    return found


def _address(low: int, high: int, bits: int) -> str:
    """The most readable address from `low` to before `high`."""
    for text in _ADDRESSES:
        example = ipaddress.ip_address(text)
        if example.max_prefixlen == bits and low <= int(example) < high:
            return text
    number = low + 10 if low + 10 < high else low
    if bits == _V4_BITS:
        return str(ipaddress.IPv4Address(number))
    return str(ipaddress.IPv6Address(number))


def _sets(
    key: str, values: Sequence[str], tests: Sequence[KeyTest], budget: Budget
) -> Iterable[tuple[str, ...]]:
    """Sets such that every set passes the same tests as one of them.

    `ForAnyValue` only asks whether some member passes, `ForAllValues` whether some member fails;
    so a set is as good as the union of these marks over its members. A plain operator asks of one
    value whether it passes, and of several only that they are several (rule card COND-02).
    """
    if not any(t.quantifier is Quantifier.NONE and t.family != "Null" for t in tests):
        return _unions(_marks(key, values, tests), key, budget).values()
    alone = ((value,) for value in _marks(key, values, tests).values())
    return [*alone, *_several(key, values, tests, budget)]


def _several(
    key: str, values: Sequence[str], tests: Sequence[KeyTest], budget: Budget
) -> Iterator[tuple[str, ...]]:
    """Sets of two or more members, for all that set operators ask of them."""
    asking = [t for t in tests if t.quantifier is not Quantifier.NONE]
    seconds = values
    if _family(tests) == "text" and key not in BOOLEAN_KEYS:
        # WHY: two members may lie in one cell, where there are two.
        seconds = _texts(key, tests, budget, apart=values)
    marked = [(next(iter(_marks(key, (v,), asking))), v) for v in seconds]
    for mark, members in _unions(_marks(key, seconds, asking), key, budget).items():
        if len(members) > 1:
            yield members
            continue
        fellow = next((v for m, v in marked if v != members[0] and m & ~mark == 0), None)
        # LIMIT: of numbers, dates and addresses the same value stands in for a second one.
        if fellow is not None or _family(tests) != "text":
            yield (members[0], fellow or members[0])


def _unions(marks: Mapping[int, str], key: str, budget: Budget) -> Mapping[int, tuple[str, ...]]:
    """Every union of marks, each with as few members as lead to it."""
    seen: dict[int, tuple[str, ...]] = {}
    frontier: deque[tuple[int, tuple[str, ...]]] = deque([(0, ())])
    generators = _irreducible(marks, key, budget)
    while frontier:
        mark, members = frontier.popleft()
        for one, value in generators:
            budget.spend(f"the partition of `{key}`")
            if mark | one not in seen:
                seen[mark | one] = (*members, value)
                frontier.append((mark | one, seen[mark | one]))
    return seen


def _marks(key: str, values: Sequence[str], tests: Sequence[KeyTest]) -> dict[int, str]:
    """The marks that single values have, each with the first value that has it.

    One bit for every test says that a value passes, and one that it fails, as far as it matters.
    """
    runs = [t.unquantified() for t in tests]
    full = len(runs)
    passes = sum(1 << i for i, t in enumerate(tests) if t.quantifier is not _ALL)
    fails = sum(1 << i for i, t in enumerate(tests) if t.quantifier is not _ANY)
    found: dict[int, str] = {}
    for value in values:
        context = context_of(AccessRequest("", "", "", {key: value}), root_session=False)
        passed = sum(1 << i for i, run in enumerate(runs) if run(context) is True)
        found.setdefault(passed & passes | (fails & ~passed) << full, value)
    return found


_ALL, _ANY = Quantifier.FOR_ALL_VALUES, Quantifier.FOR_ANY_VALUE


def _irreducible(marks: Mapping[int, str], key: str, budget: Budget) -> list[tuple[int, str]]:
    """The marks that are no union of smaller ones; all others are unions of these."""
    found: list[tuple[int, str]] = []
    for mark in sorted(marks, key=int.bit_count):
        union = 0
        for smaller, _ in found:
            budget.spend(f"the partition of `{key}`")
            union |= smaller if smaller & ~mark == 0 else 0
        if union != mark or not mark:
            found.append((mark, marks[mark]))
    return found
