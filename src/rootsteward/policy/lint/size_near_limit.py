"""A policy with little room left."""

from collections.abc import Iterator

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document
from rootsteward.policy.lint.finding import Finding, Fix, Severity, start_of
from rootsteward.policy.repair.json_style import minify
from rootsteward.policy.repair.repair import SIZE_LIMIT_CHARACTERS, Safety

SLUG = "size-near-limit"
ROOM_CHARACTERS = 400
"""What the largest repair of one statement adds, near enough."""


def check(document: Document) -> Iterator[Finding]:
    """Find documents that a repair might push over the limit, white space counted as stored."""
    size = len(document.source)
    limit = _LIMITS.get(document.policy_type, SIZE_LIMIT_CHARACTERS)
    if size <= limit - ROOM_CHARACTERS:
        return
    short = minify(document.source)
    message = f"{size:,} of {limit:,} characters, {len(short):,} without white space"
    fix = Fix(Safety.SAFE, "take the white space out", short) if len(short) < size else None
    severity = Severity.ERROR if size > limit else Severity.NOTE
    yield Finding(SLUG, severity, message, start_of(document), fix=fix)


_LIMITS = {PolicyType.RCP: 5_120}
"""Where it is not that of an SCP (rule card ORG-02)."""
