"""ArnEquals, ArnLike and their negations; the service treats Equals and Like alike.

SOURCE: the recordings (rule cards COND-09, COND-10). A value that is no ARN fails ArnLike and
ArnNotLike both. Patterns are tried in their order: one that is no ARN spoils the test, unless one
before it matched: a Deny takes effect, an Allow does not.
"""

import re
from functools import lru_cache, reduce
from itertools import takewhile
from operator import or_

from rootsteward.policy.conditions.verdict import Fault, ValueTest, Verdict
from rootsteward.policy.context import RequestContext
from rootsteward.policy.pattern import Token, Wildcard, expression, glob_tokens, utf16_units
from rootsteward.policy.truth import Unsure
from rootsteward.policy.variables import Template, read_template

_PARTS = 6
_COLONS = _PARTS - 1
_START = "arn:"


def is_arn(text: str) -> bool:
    """Whether a text has the six parts of an ARN."""
    return text.startswith(_START) and text.count(":") >= _COLONS


def is_arn_pattern(text: str) -> bool:
    """Whether a policy's value, without variables, has the six parts of an ARN (COND-10)."""
    return _arn_expression(glob_tokens(text)) is not None


@lru_cache(maxsize=8192)
def _arn_expression(tokens: tuple[Token, ...]) -> str | None:
    """A pattern as a regular expression, part by part; None when it is no ARN."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if isinstance(token, Wildcard):
            parts[-1].append(token)
            continue
        first, *others = token.split(":", _PARTS - len(parts))
        parts[-1].append(first)
        parts.extend([piece] for piece in others)
    if len(parts) != _PARTS or "".join(map(str, parts[0])) != "arn":
        return None
    *heads, last = (tuple(part) for part in parts)
    inner = [expression(part, any_character="[^:]") for part in heads]
    return ":".join([*inner, expression(last)])


@lru_cache(maxsize=8192)
def _compiled(alternatives: str) -> re.Pattern[str]:
    return re.compile(alternatives, re.DOTALL)


def arn_test(values: tuple[str, ...], *, negated: bool, variables: bool) -> ValueTest:
    """One of the ARN operators. `*` and `?` do not cross the first five colons."""
    templates = tuple(read_template(v, wildcards=True, variables=variables) for v in values)
    fixed = [t.tokens for t in templates]
    if None not in fixed:
        expressions = [_arn_expression(tokens) for tokens in fixed if tokens is not None]
        return _fixed_test(expressions, negated=negated)

    def test(value: str, context: RequestContext) -> Verdict:
        if not is_arn(value):
            return False
        verdicts = [_match_one(template, value, context) for template in templates]
        first = next((verdict for verdict in verdicts if verdict is not False), False)
        if isinstance(first, Unsure):
            # WHY: whatever comes later matters only if this one does not match.
            return reduce(or_, [v for v in verdicts if isinstance(v, Unsure)])
        return first if isinstance(first, Fault) else first is not negated

    return test


def _fixed_test(expressions: list[str | None], *, negated: bool) -> ValueTest:
    readable = [f"(?:{e})" for e in takewhile(lambda e: e is not None, expressions)]
    broken = len(readable) < len(expressions)
    otherwise = Fault.UNREADABLE_PATTERN if broken else negated
    match = _compiled("|".join(readable)).fullmatch if readable else None

    def test(value: str, _: RequestContext) -> Verdict:
        if match is not None and match(utf16_units(value)) is not None:
            return not negated
        return otherwise if is_arn(value) else False

    return test


def _match_one(template: Template, value: str, context: RequestContext) -> Verdict:
    resolved = template.resolve(context)
    if resolved is None:
        return False
    if isinstance(resolved, Unsure):
        return resolved
    found = _arn_expression(resolved)
    if found is None:
        return Fault.UNREADABLE_PATTERN
    return _compiled(found).fullmatch(utf16_units(value)) is not None
