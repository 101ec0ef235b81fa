"""What legal values of condition keys look like, as far as a proof relies on it.

A key that is not listed may hold any non-empty text, and a tag any text at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rootsteward.policy.prove.glob_tokens import GlobTokens, Wild, shape

DIGITS = "0123456789"
LOWER = "abcdefghijklmnopqrstuvwxyz"

BOOLEAN_KEYS = frozenset(
    {
        "aws:assumedroot",
        "aws:multifactorauthpresent",
        "aws:principalisawsservice",
        "aws:securetransport",
        "aws:viaawsservice",
    }
)
"""Keys that hold `true` or `false`."""

ALWAYS_PRESENT = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:userid",
        "aws:viaawsservice",
    }
)
"""SOURCE: the IAM user guide, availability of the global condition keys (rule card COND-30)."""

MULTIVALUED_KEYS = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
    }
)
"""Keys that hold a set of values. SOURCE: the same table (rule card COND-31)."""

_SINGLE_VALUED_KEYS = frozenset(
    f"aws:{name}"
    for name in (
        "assumedroot", "calledviafirst", "calledvialast", "currenttime", "epochtime",
        "federatedprovider", "multifactorauthage", "multifactorauthpresent", "principalaccount",
        "principalarn", "principalisawsservice", "principalorgid", "principalservicename",
        "principaltype", "referer", "requestedregion", "resourceaccount", "resourceorgid",
        "securetransport", "sourceaccount", "sourcearn", "sourceidentity", "sourceip",
        "sourceorgid", "sourcevpc", "sourcevpce", "tokenissuetime", "useragent", "userid",
        "username", "viaawsservice", "vpcsourceip",
    )
)  # fmt: skip
_SINGLE_VALUED_TAGS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")


def is_single_valued(key: str) -> bool:
    """Whether AWS says that a key, in lower case, holds one value. SOURCE: the same table."""
    return key in _SINGLE_VALUED_KEYS or key.startswith(_SINGLE_VALUED_TAGS)


@dataclass(frozen=True, slots=True)
class KeyShape:
    """The shapes a key's values may have and the characters in them (None: any)."""

    shapes: tuple[GlobTokens, ...]
    legal: str | None = None


_TEXT = KeyShape((shape((Wild.ANY, 1), Wild.ANY),))
_ANY_TEXT = KeyShape((shape(Wild.ANY),))
_ACCOUNT = KeyShape((shape((Wild.DIGIT, 12)),), DIGITS)
_SERVICE = KeyShape(
    tuple(shape((Wild.NAME, 1), Wild.NAME, f".amazonaws.com{end}") for end in ("", ".cn"))
)
_REGION = KeyShape((shape((Wild.ANY, 1), Wild.ANY),), LOWER + DIGITS + "-")

_SHAPES: Mapping[str, KeyShape] = {
    "aws:principalaccount": _ACCOUNT,
    "aws:principalservicename": _SERVICE,
    "aws:resourceaccount": _ACCOUNT,
    "aws:sourceaccount": _ACCOUNT,
    "aws:requestedregion": _REGION,
}


def shape_of(key: str) -> KeyShape:
    """The shape of a key's values; `key` in lower case."""
    if key in _SHAPES:
        return _SHAPES[key]
    return _ANY_TEXT if holds_any_text(key) else _TEXT


def holds_any_text(key: str) -> bool:
    """Whether a key, in lower case, holds whatever the caller writes: a tag, for one."""
    return "/" in key or key.startswith("kms:encryptioncontext:")
