"""Bool, and the values of Null.

SOURCE: the recordings: `true` in any case is true; every other text, `1` and `yes` included, is
false, on both sides (rule card COND-07).
"""

from rootsteward.policy.conditions.verdict import ValueTest


def read_flag(text: str) -> bool:
    """Whether a text means true."""
    return text.lower() == "true"


def bool_test(values: tuple[str, ...]) -> ValueTest:
    """The operator Bool."""
    flags = frozenset(read_flag(v) for v in values)
    return lambda value, _: read_flag(value) in flags
