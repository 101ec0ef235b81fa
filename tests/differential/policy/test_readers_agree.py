"""Both voices read single values alike: numbers, dates, addresses, ARNs, base64, letters' case.

Whole questions rarely meet an odd value on both sides; here values that nearly mean something are
bent by a few characters and read twice.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from rootsteward.domain.authorization import AccessRequest
from rootsteward.policy.conditions import addresses, arns, binary, dates, numeric, strings
from rootsteward.policy.conditions.verdict import Fault
from rootsteward.policy.context import context_of
from rootsteward.spec import conditions as spec_conditions
from rootsteward.spec import values as spec_values
from rootsteward.spec.pattern import plain_tokens

PAIRS = 12_000
NO_CONTEXT = context_of(AccessRequest("", "", "", {}), root_session=False)

NUMBERS = (
    *("1", "01", "+1", "-1", "1.0", "1e0", "1E+5", ".5", "5.", "-0", "0x1", "1_0", "Infinity"),
    *("NaN", " 1", "1\n", "\uff11", "\u0661", "1e99999999999", "9" * 40, "1,5", "+-1", "e1", ""),
)
DATES = (
    *("2030-01-01T00:00:00Z", "2030-01-01", "2030-01", "2030", "2030T01", "1893456000", "+1"),
    *("2030-01-01T00:00:00.1231Z", "2030-01-01T00:00:00,5+01:00", "2030-01-01T00+0100", "-1"),
    *("2030-01-01T24:00:00Z", "2030-02-30", "2030-01-01t00:00z", "2030-01-01 00:00:00", "2030-001"),
    *("20300101T000000Z", "2030-W01-1", "9999-12-31T23:59:59-23:59", "0000-01-01", "2030-01-01T"),
    *("2030-01-01T00:00:60Z", "2030-01-01T00:00:00+99:99", "1.5e9", "not-a-date", ""),
)
ADDRESSES = (
    *("192.0.2.0/24", "192.000.002.1", "192.0.2.0/+24", "192.0.2.0/024", "192.0.2.0/00000000024"),
    *("192.0.2.0/-0", "192.0.2.0/-1", "192.0.2.0/", "192.0.2.0/24/1", "192.0.2.0/" + "0" * 5000),
    *("::ffff:192.0.2.1", "::ffff:c000:201", "0:0:0:0:0:ffff:192.0.2.1", "::192.0.2.1", "::/0"),
    *(
        "2001:db8::1",
        "2001:db8::192.0.2.1",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
    ),
    *("1::2:3:4:5:6:7:8", "fe80::1%eth0", "2001:db8::::1", ":1", "1:", "12345::1", "0192.0.2.1"),
    *("+192.0.2.1", "192.0.2", "1.2.3.4.5", "256.0.0.1", " 192.0.2.1", "2001:DB8::/064", "::1:"),
)
ARNS = (
    *("arn:aws:iam::1:user/x", "arn:aws:iam::1:", "arn:::::", "arn:aws:iam::1", "ARN:aws:iam::1:u"),
    *("arn:aws:s3:::b/a:b:c", "*", "arn:*:*:*:*:*", "arn:*", "a*n:aws:iam::1:x", "*:*:*:*:*:*", ""),
    *("arn:aws:iam::*:user/?", "arn:aws:i?m::1:user/\U00010400"),
)
BYTES = (
    "YQ==",
    "YQ",
    "YQ=",
    "YR==",
    "YW Jj",
    "",
    "no-binary",
    "YWJj\n",
    "====",
    "YQ==YQ==",
    "\u00e9",
)
LETTERS = (
    *("\u03a3", "\u039f\u03a3", "\u03bf\u03c2", "\u0130", "i\u0307", "\u1e9e", "\u212a", "\u017f"),
    *(
        "\U00010400",
        "A\u03a3\U00010400",
        "\u03a3.",
        "A\u03a3.B",
        "A\u03a3 B",
        "\u01c5",
        "\u0345\u03a3",
    ),
)


def _bent(choices: tuple[str, ...], draw: random.Random) -> str:
    """One of the values, with up to three characters of its kind put in, left out or changed."""
    text = draw.choice(choices)
    letters = "".join(choices)
    for _ in range(draw.choice((0, 1, 1, 2, 3))):
        at = draw.randrange(len(text) + 1)
        text = text[:at] + draw.choice((draw.choice(letters), "")) + text[at + draw.randrange(2) :]
    return text


def _pairs(choices: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    draw = random.Random(20_261_125)  # noqa: S311 (values, not secrets)
    for _ in range(PAIRS):
        yield _bent(choices, draw), _bent(choices, draw)


def _spec_in_range(value: str, cidr: str) -> object:
    address = spec_values.read_address(value)
    if address is None:
        return None
    return int(address), address.max_prefixlen, spec_values.in_range(address, cidr)


def _engine_in_range(value: str, cidr: str) -> object:
    address = addresses.read_address(value)
    if address is None:
        return None
    found = addresses.read_range(cidr)
    return address.number, address.bits, found is not None and found.holds(address)


def _spec_arn(value: str, pattern: str) -> object:
    operator = spec_conditions.OPERATORS["arnlike"]
    if not operator.readable(value):
        return False
    try:
        return operator.test(value, plain_tokens(pattern))
    except spec_conditions.BrokenPatternError:
        return Fault.UNREADABLE_PATTERN


def _engine_arn(value: str, pattern: str) -> object:
    return arns.arn_test((pattern,), negated=False, variables=False)(value, NO_CONTEXT)


Reader = Callable[..., object]
KINDS: dict[str, tuple[tuple[str, ...], Reader, Reader]] = {
    "numbers": (NUMBERS, spec_values.read_number, numeric.read_number),
    "dates": (DATES, spec_values.read_date_ms, dates.read_date),
    "bytes": (BYTES, spec_values.read_binary, binary.read_binary),
    "case": (LETTERS, spec_values.fold_case, strings.fold),
    "addresses": (ADDRESSES, _spec_in_range, _engine_in_range),
    "ARNs": (ARNS, _spec_arn, _engine_arn),
}
"""Per kind: values, and how each voice reads one, or one beside another in the policy."""
PAIRED = {"addresses", "ARNs"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_voices_read_a_bent_value_alike(kind: str) -> None:
    choices, spec, engine = KINDS[kind]
    bent = (pair if kind in PAIRED else pair[:1] for pair in _pairs(choices))
    answers = [(values, spec(*values), engine(*values)) for values in bent]

    assert [answer for answer in answers if answer[1] != answer[2]] == []
    # Values that all mean nothing would show nothing.
    assert len({str(answer) for _, answer, _ in answers}) > (1 if kind == "ARNs" else 5)
