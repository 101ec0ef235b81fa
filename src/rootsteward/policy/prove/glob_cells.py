"""The cells of a text variable: one readable, legal text for every combination of matches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rootsteward.policy.prove.budget import Budget
from rootsteward.policy.prove.glob_product import GlobProduct
from rootsteward.policy.prove.glob_tokens import GlobTokens, literal_text, plain_glob

_WILD = frozenset("*?")


@dataclass(frozen=True, slots=True)
class Group:
    """Patterns of which one is enough: literal texts, and patterns with wildcards."""

    literals: tuple[str, ...] = ()
    wild: tuple[GlobTokens, ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[GlobTokens]) -> "Group":
        """Sort patterns into the two kinds."""
        texts = [(p, p.literal) for p in patterns]
        literals = tuple(text for _, text in texts if text is not None)
        return cls(literals, tuple(p for p, text in texts if text is None))

    @classmethod
    def globs(cls, patterns: Iterable[str]) -> "Group":
        """The same for patterns in which only `*` and `?` are special."""
        listed = list(patterns)
        literals = tuple(p for p in listed if _WILD.isdisjoint(p))
        return cls(literals, tuple(plain_glob(p) for p in listed if not _WILD.isdisjoint(p)))

    @property
    def is_empty(self) -> bool:
        """Whether nothing can match."""
        return not self.literals and not self.wild


@dataclass(frozen=True, slots=True)
class TextVariable:
    """What legal texts of a variable look like.

    A text fits one of `shapes`, starts with `prefix` and has only characters in `legal` (None:
    any). `readable` are texts to prefer where they fit. `part` names the variable in messages.
    """

    part: str
    shapes: tuple[GlobTokens, ...]
    legal: str | None = None
    prefix: str = ""
    readable: tuple[str, ...] = ()


def text_cells(variable: TextVariable, groups: Iterable[Group], budget: Budget) -> tuple[str, ...]:
    """One legal text for every combination of groups that some legal text matches.

    Two texts may have the same combination; every combination that exists is there.

    Raises:
        OutOfBudgetError: when the product of the patterns has too many states.
    """
    distinct = tuple(dict.fromkeys(group for group in groups if not group.is_empty))
    literals = _literals(distinct, variable.prefix)
    quick = _quick(variable, distinct, literals)
    if quick is None and not any(group.wild for group in distinct):
        quick = _only_literals(variable, literals)
    if quick is not None:
        return quick
    # WHY: literal texts are cells of their own and are kept out of the automaton, which they would
    # swell; only where a combination's shortest text is one of them must the automaton know it,
    # so as to find another.
    pinned: tuple[str, ...] = ()
    while True:
        product, chosen = _walk(variable, distinct, pinned, budget)
        taken = [t for t in chosen.values() if t in literals and t not in pinned]
        if not taken:
            break
        pinned = (*pinned, *taken)
    legal_bit = 1 << (len(distinct) + len(pinned))
    _prefer(variable, product, chosen, literals, legal_bit)
    exact: dict[tuple[int, int], str] = {}
    for text, members in literals.items():
        accepted = product.accepts(product.run(text))
        if accepted & legal_bit:
            exact.setdefault((members, accepted & ((1 << len(distinct)) - 1)), text)
    return tuple(dict.fromkeys((*chosen.values(), *exact.values())))


def _literals(groups: Sequence[Group], prefix: str) -> Mapping[str, int]:
    """The literal texts, and which groups each of them is in, one bit for a group."""
    found: dict[str, int] = {}
    for number, group in enumerate(groups):
        for text in group.literals:
            if text.startswith(prefix):
                found[text] = found.get(text, 0) | 1 << number
    return found


def _quick(
    variable: TextVariable, groups: Sequence[Group], literals: Mapping[str, int]
) -> tuple[str, ...] | None:
    """An answer without a walk: when there is no group, or one and texts of both kinds at hand."""
    if len(groups) > 1:
        return None
    wild = groups[0].wild if groups else ()
    product = GlobProduct([wild, variable.shapes], variable.legal)
    found: dict[bool, str] = {}
    for text in (*variable.readable, *literals):
        accepted = product.accepts(product.run(text)) if text.startswith(variable.prefix) else 0
        if accepted & 2:
            found.setdefault(text in literals or bool(accepted & 1), text)
            if len(found) > len(groups):
                return tuple(found.values())
    return None


def _only_literals(variable: TextVariable, literals: Mapping[str, int]) -> tuple[str, ...] | None:
    """An answer without a walk when no pattern has a wildcard and a readable text fits no group."""
    product = GlobProduct([variable.shapes], variable.legal)
    other = next(
        (
            text
            for text in variable.readable
            if text not in literals
            and text.startswith(variable.prefix)
            and product.accepts(product.run(text))
        ),
        None,
    )
    if other is None:
        return None
    found: dict[int, str] = {}
    for text, members in literals.items():
        if members not in found and product.accepts(product.run(text)):
            found[members] = text
    return (other, *found.values())


def _walk(
    variable: TextVariable, groups: Sequence[Group], pinned: Sequence[str], budget: Budget
) -> tuple[GlobProduct, dict[int, str]]:
    parts = [group.wild for group in groups]
    exact = [(literal_text(text),) for text in pinned]
    product = GlobProduct([*parts, *exact, variable.shapes], variable.legal)
    legal_bit = 1 << (len(parts) + len(exact))
    walk = product.walk(budget, variable.part, variable.prefix)
    return product, {accepted: text for accepted, text in walk if accepted & legal_bit}


def _prefer(
    variable: TextVariable,
    product: GlobProduct,
    chosen: dict[int, str],
    literals: Mapping[str, int],
    legal_bit: int,
) -> None:
    """Replace machine-made texts by readable ones of the same cell; the first that fits wins."""
    done: set[int] = set()
    for text in variable.readable:
        if text in literals or not text.startswith(variable.prefix):
            continue
        accepted = product.accepts(product.run(text))
        if accepted & legal_bit and accepted not in done:
            done.add(accepted)
            chosen[accepted] = text
