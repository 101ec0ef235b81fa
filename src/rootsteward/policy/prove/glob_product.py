"""All globs of one variable at once: which combinations of matches does some text have?

The places of every pattern are bits of one integer, so the product automaton is walked with a few
integer operations a step. A walk visits each reachable state once, shortest texts first.

INVARIANT: complete. Every text over any alphabet behaves as some text over the characters that
occur in the patterns plus one fresh character of each kind that a wildcard tells apart.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rootsteward.policy.prove.budget import Budget
from rootsteward.policy.prove.glob_tokens import GlobTokens, Wild

_FRESH = "xyqjkzwvubcdfghlmnprstaeiXYQZ79345680_-/.~!"
"""Where a fresh letter, digit or sign is picked from, the most readable first."""


_MOVES_A_STEP = 24
"""A step of the budget is worth so many moves between states of one machine word."""

_BITS = {wild: 1 << place for place, wild in enumerate(Wild)}


@lru_cache(maxsize=4096)
def _takers(char: str) -> int:
    """The wildcards that may stand for a character, one bit each."""
    return sum(bit for wild, bit in _BITS.items() if wild.takes(char))


class GlobProduct:
    """The product of groups of patterns; a group accepts when one of its patterns does.

    `legal` limits the characters that texts may have. The last group are the shapes of legal
    texts: a walk turns back where none of them can match any more.
    """

    def __init__(self, groups: Sequence[Sequence[GlobTokens]], legal: str | None = None) -> None:
        self._loops: dict[Wild, int] = {}
        self._literals: dict[str, int] = {}
        self._wild_steps: dict[Wild, int] = {}
        self.start = 0
        self._finals: dict[int, int] = {}
        self._absorbing: list[tuple[int, int]] = []
        place = self._shaped = 0
        for number, group in enumerate(groups):
            first = place
            place = self._add_group(number, group, place)
            self._shaped = (1 << place) - (1 << first)
        self._final_mask = sum(self._finals)
        self._rows: dict[str, tuple[int, int]] = {}
        wilds = {**self._loops, **self._wild_steps}
        self._used = sum(_BITS[wild] for wild in wilds)
        self._by_bit = [
            (_BITS[wild], self._loops.get(wild, 0), self._wild_steps.get(wild, 0)) for wild in wilds
        ]
        self._kinds = self._kinds_of(self._alphabet(legal))

    def _add_group(self, number: int, group: Sequence[GlobTokens], place: int) -> int:
        first = place
        absorbing = 0
        for pattern in group:
            self.start |= 1 << place
            place = self._add(pattern, place)
            final = 1 << (place - 1)
            self._finals[final] = 1 << number
            if pattern.absorbing:
                absorbing |= final
        if absorbing:
            # Once such a pattern has matched, the rest of its group cannot change anything.
            self._absorbing.append((absorbing, (1 << place) - (1 << first)))
        return place

    def _settle(self, state: int) -> int:
        for absorbing, places in self._absorbing:
            hit = state & absorbing
            if hit:
                state = state & ~places | hit & -hit
        return state

    def _add(self, pattern: GlobTokens, place: int) -> int:
        for offset, loop in enumerate(pattern.loops):
            if loop is not None:
                self._loops[loop] = self._loops.get(loop, 0) | 1 << (place + offset)
        for offset, step in enumerate(pattern.steps):
            bit = 1 << (place + offset)
            if isinstance(step, Wild):
                self._wild_steps[step] = self._wild_steps.get(step, 0) | bit
            else:
                for char in step:
                    self._literals[char] = self._literals.get(char, 0) | bit
        return place + len(pattern.loops)

    def _alphabet(self, legal: str | None) -> tuple[str, ...]:
        used = [char for char in self._literals if legal is None or char in legal]
        pool = _FRESH if legal is None else [c for c in _FRESH if c in legal] + list(legal)
        fresh: dict[int, str] = {}
        for char in dict.fromkeys(pool):
            if char not in self._literals:
                fresh.setdefault(self._kind(char), char)
        return (*fresh.values(), *sorted(used))

    def _kind(self, char: str) -> int:
        """What the wildcards in use can tell about a character."""
        return _takers(char) & self._used

    def _kinds_of(self, characters: tuple[str, ...]) -> tuple[tuple[str, int, int, int], ...]:
        """Per character: itself, its kind's number, the places that stay, those that move on."""
        numbers: dict[int, int] = {}
        return tuple(
            (char, numbers.setdefault(self._kind(char), len(numbers)), *self._row(char))
            for char in characters
        )

    def _row(self, char: str) -> tuple[int, int]:
        """The places that a character lets stay, and those that it moves on."""
        known = self._rows.get(char)
        if known is None:
            stay, move = 0, self._literals.get(char, 0)
            takers = _takers(char)
            for bit, loops, steps in self._by_bit:
                if takers & bit:
                    stay |= loops
                    move |= steps
            known = self._rows[char] = (stay, move)
        return known

    def run(self, text: str) -> int:
        """The state behind a text."""
        now = self._settle(self.start)
        for char in text:
            stay, move = self._row(char)
            now = self._settle(now & stay | (now & move) << 1)
        return now

    def accepts(self, state: int) -> int:
        """The groups that match in a state, one bit each."""
        rest = state & self._final_mask
        found = 0
        while rest:
            low = rest & -rest
            found |= self._finals[low]
            rest ^= low
        return found

    def _moves(self, state: int) -> Iterator[tuple[str, int]]:
        """The next states, each once: characters that no active place names behave alike."""
        seen_kinds = 0
        literals = self._literals
        for char, kind, stay, move in self._kinds:
            if char in literals and state & literals[char]:
                yield char, self._settle(state & stay | (state & move) << 1)
            elif not seen_kinds >> kind & 1:
                seen_kinds |= 1 << kind
                yield char, self._settle(state & stay | (state & move) << 1)

    def walk(self, budget: Budget, part: str, prefix: str = "") -> Iterator[tuple[int, str]]:
        """Every reachable combination of matches with a shortest text that has it.

        The texts all begin with `prefix` and have a legal shape, or could still get one.

        Raises:
            OutOfBudgetError: when there are too many states; `part` names the variable.
        """
        cost = 1 + len(self._kinds) * (self.start.bit_length() // 64 + 1) // _MOVES_A_STEP
        first = self.run(prefix)
        queue = deque([(first, prefix)])
        seen = {first}
        told: set[int] = set()
        while queue:
            state, text = queue.popleft()
            budget.spend(part, cost)
            accepted = self.accepts(state)
            if accepted not in told:
                told.add(accepted)
                yield accepted, text
            for char, following in self._moves(state):
                if following & self._shaped and following not in seen:
                    seen.add(following)
                    queue.append((following, text + char))
