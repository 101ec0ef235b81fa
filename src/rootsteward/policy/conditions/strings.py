"""StringEquals, StringEqualsIgnoreCase, StringLike and their negations."""

from collections.abc import Callable
from functools import lru_cache

from rootsteward.policy.conditions.verdict import ValueTest
from rootsteward.policy.context import RequestContext
from rootsteward.policy.pattern import Matcher, Token, compile_tokens
from rootsteward.policy.truth import Truth, Unsure, any_of, negate
from rootsteward.policy.variables import Template, literal, read_template

_LAST_BASIC = "\uffff"


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case as the service compares it (rule card COND-04).

    SOURCE: the recordings. Full lower-casing, final sigma by its context included, except that
    characters beyond the basic plane stay as they are, though they count as context.
    """
    if text.isascii():
        return text.lower()
    lowered = text.lower()
    folded: list[str] = []
    at = 0
    for character in text:
        width = len(character.lower())
        folded.append(lowered[at : at + width] if character <= _LAST_BASIC else character)
        at += width
    return "".join(folded)


def _equal(tokens: tuple[Token, ...]) -> Matcher:
    return literal(tokens).__eq__


def _equal_ignoring_case(tokens: tuple[Token, ...]) -> Matcher:
    folded = fold(literal(tokens))
    return lambda value: fold(value) == folded


def _like(tokens: tuple[Token, ...]) -> Matcher:
    return compile_tokens(tokens)


_COMPARISONS: dict[str, Callable[[tuple[Token, ...]], Matcher]] = {
    "Equals": _equal,
    "EqualsIgnoreCase": _equal_ignoring_case,
    "Like": _like,
}


def string_test(
    values: tuple[str, ...], *, comparison: str, negated: bool, variables: bool
) -> ValueTest:
    """One of the string operators; `comparison` is `Equals`, `EqualsIgnoreCase` or `Like`."""
    make = _COMPARISONS[comparison]
    templates = tuple(
        read_template(v, wildcards=comparison == "Like", variables=variables) for v in values
    )
    fixed = [t.tokens for t in templates]
    if None not in fixed:
        return _fixed_test(tuple(make(tokens) for tokens in fixed if tokens is not None), negated)
    return _variable_test(templates, make, negated)


def _fixed_test(matchers: tuple[Matcher, ...], negated: bool) -> ValueTest:  # noqa: FBT001 (private)
    if len(matchers) == 1:
        (matcher,) = matchers
        return lambda value, _: matcher(value) is not negated
    return lambda value, _: any(m(value) for m in matchers) is not negated


def _variable_test(
    templates: tuple[Template, ...],
    make: Callable[[tuple[Token, ...]], Matcher],
    negated: bool,  # noqa: FBT001 (private)
) -> ValueTest:
    def one(template: Template, value: str, context: RequestContext) -> Truth:
        tokens = template.resolve(context)
        if tokens is None or isinstance(tokens, Unsure):
            return False if tokens is None else tokens
        return make(tokens)(value)

    def test(value: str, context: RequestContext) -> Truth:
        matched = any_of(one(t, value, context) for t in templates)
        return negate(matched) if negated else matched

    return test
