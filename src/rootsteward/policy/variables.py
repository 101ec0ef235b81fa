"""Policy variables: `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}`.

SOURCE: the IAM user guide, "IAM policy elements: Variables and tags", and the recordings: a
variable that names a multivalued key has no value, not even its default (rule card COND-11). What
a variable stands for is literal text (rule card COND-12).
"""

import re
from dataclasses import dataclass

from rootsteward.policy.context import PRESENT, RequestContext
from rootsteward.policy.pattern import Token, Wildcard, glob_tokens
from rootsteward.policy.truth import Unsure

_VARIABLE = re.compile(r"\$\{(?:([*?$])|([^{}',]*)(?:,\s*'([^'}]*)'\s*)?)\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A reference to a context key; `key` is in lower case; `default` None when there is none."""

    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A value of a policy, taken apart. Without variables, `tokens` is the whole of it.

    Whether a wildcard counts is for the operator to say; substituted values are always literal.
    """

    parts: tuple[Token | Variable, ...]

    @property
    def tokens(self) -> tuple[Token, ...] | None:
        """The tokens when nothing depends on the request; None otherwise."""
        if any(isinstance(p, Variable) for p in self.parts):
            return None
        return tuple(p for p in self.parts if not isinstance(p, Variable))

    def resolve(self, context: RequestContext) -> tuple[Token, ...] | Unsure | None:
        """The tokens for this request; None when a variable has no value, so nothing matches."""
        tokens: list[Token] = []
        unsure: Unsure | None = None
        for part in self.parts:
            piece = _value(part, context) if isinstance(part, Variable) else part
            if piece is None:
                return None
            if isinstance(piece, Unsure):
                unsure = piece if unsure is None else unsure | piece
            else:
                tokens.append(piece)
        return tuple(tokens) if unsure is None else unsure


def _value(variable: Variable, context: RequestContext) -> str | Unsure | None:
    value = context.values.get(variable.key)
    if isinstance(value, str):
        return value
    if value is PRESENT or (value is None and variable.key in context.unknown):
        return Unsure(keys=(variable.key,))
    return variable.default if value is None else None


def read_template(text: str, *, wildcards: bool, variables: bool) -> Template:
    """Take a value apart. `wildcards` off: `*` and `?` stand for themselves."""
    parts: list[Token | Variable] = []
    at = 0
    for match in _VARIABLE.finditer(text) if variables else ():
        parts.extend(_plain(text[at : match.start()], wildcards=wildcards))
        escape, key, default = match.groups()
        parts.append(escape or Variable(key.strip().lower(), default))
        at = match.end()
    parts.extend(_plain(text[at:], wildcards=wildcards))
    return Template(tuple(parts))


def variable_keys(values: tuple[str, ...]) -> tuple[str, ...]:
    """The keys, in lower case, that the variables in some values refer to, each once."""
    templates = (read_template(v, wildcards=False, variables=True) for v in values)
    return tuple(
        dict.fromkeys(p.key for t in templates for p in t.parts if isinstance(p, Variable))
    )


def _plain(text: str, *, wildcards: bool) -> tuple[Token, ...]:
    if wildcards:
        return glob_tokens(text)
    return (text,) if text else ()


def literal(tokens: tuple[Token, ...]) -> str:
    """The text of tokens in which wildcards stand for themselves."""
    return "".join(t.value if isinstance(t, Wildcard) else t for t in tokens)
