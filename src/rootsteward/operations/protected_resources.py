"""Buckets and queues that the configuration keeps out of every act, by globs on their ARNs."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from rootsteward.domain.errors import InputError


def protecting_pattern(arn: str, patterns: Iterable[str]) -> str | None:
    """The first pattern that protects a resource, or None. `*` and `?`, compared with case."""
    return next((p for p in patterns if fnmatchcase(arn, p.replace("[", "[[]"))), None)


def refuse_protected(arn: str, patterns: Iterable[str]) -> None:
    """Refuse to plan or do anything to a protected resource.

    Raises:
        InputError: naming the pattern.
    """
    pattern = protecting_pattern(arn, patterns)
    if pattern is not None:
        raise InputError(
            f"`{arn}` is protected by the pattern `{pattern}`",
            help="change `resources` under [protected] in the configuration to reach it",
        )
