"""What each operator says about present, absent, odd and several values."""

import itertools
import json
from typing import Any

import pytest

from rootsteward.domain.authorization import AccessRequest, PolicyType
from rootsteward.policy.conditions.addresses import read_address, read_range
from rootsteward.policy.conditions.compile import compile_test
from rootsteward.policy.conditions.dates import read_date
from rootsteward.policy.conditions.numeric import read_number
from rootsteward.policy.conditions.strings import fold
from rootsteward.policy.context import context_of
from rootsteward.policy.document import Effect
from rootsteward.policy.parse import parse_document
from rootsteward.policy.truth import Truth, Unsure

USER = "arn:aws:iam::111122223333:user/team/alice"
ABSENT: dict[str, str | tuple[str, ...]] = {}


def _ask(
    operator: str,
    values: Any,  # noqa: ANN401 (any JSON)
    context: dict[str, str | tuple[str, ...]],
    *,
    effect: Effect = Effect.DENY,
    version: str = "2012-10-17",
    unknown: frozenset[str] = frozenset(),
) -> Truth:
    statement = {
        "Effect": effect.value,
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {"aws:K": values}},
    }
    text = json.dumps({"Version": version, "Statement": statement})
    document = parse_document(text, policy_type=PolicyType.IDENTITY)
    (test,) = document.statements[0].conditions
    request = AccessRequest(USER, "a:b", "*", context, unknown)
    run = compile_test(test, effect=effect, variables=document.variables_on)
    return run(context_of(request, root_session=False))


POSITIVE = (
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "NumericEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateLessThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "ArnEquals",
    "ArnLike",
)
NEGATED = (
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
    "NumericNotEquals",
    "DateNotEquals",
    "NotIpAddress",
    "ArnNotEquals",
    "ArnNotLike",
)


@pytest.mark.parametrize("operator", [*POSITIVE, *NEGATED])
def test_an_absent_key_fails_an_operator_and_passes_its_negation(operator: str) -> None:
    assert _ask(operator, "1234", ABSENT) is (operator in NEGATED)
    assert _ask(f"{operator}IfExists", "1234", ABSENT) is True
    assert _ask(f"ForAllValues:{operator}", "1234", ABSENT) is True
    assert _ask(f"ForAnyValue:{operator}", "1234", ABSENT) is False


@pytest.mark.parametrize("operator", [*POSITIVE, *NEGATED])
def test_several_values_fail_an_operator_and_pass_its_negation(operator: str) -> None:
    assert _ask(operator, "1234", {"aws:K": ("1234", "1234")}) is (operator in NEGATED)


@pytest.mark.parametrize("operator", [*POSITIVE, *NEGATED])
def test_an_empty_list_in_the_policy_matches_nothing(operator: str) -> None:
    value = {"IpAddress": "192.0.2.1", "NotIpAddress": "192.0.2.1"}.get(operator, "1")
    value = "arn:aws:iam::1:root" if operator.startswith("Arn") else value
    assert _ask(operator, [], {"aws:K": value}) is (operator in NEGATED)


@pytest.mark.parametrize(
    ("values", "context", "holds"),
    [
        ("true", ABSENT, True),
        ("false", ABSENT, False),
        (True, ABSENT, True),
        ([], ABSENT, False),
        (["true", "false"], ABSENT, True),
        ("true", {"aws:K": ""}, False),
        ("False", {"aws:K": ""}, True),
        ("aws:kms", {"aws:K": "x"}, True),
        ("true", {"aws:K": ()}, True),
        ("false", {"aws:K": ("a", "b")}, True),
    ],
)
def test_null_asks_for_presence(
    values: object,
    context: dict[str, str | tuple[str, ...]],
    holds: bool,  # noqa: FBT001 (table)
) -> None:
    assert _ask("Null", values, context) is holds


@pytest.mark.parametrize(
    ("operator", "values", "value", "holds"),
    [
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", ["x", "a"], "a", True),
        ("StringEquals", "A", "a", False),
        ("StringLike", "${*}", "*", True),
        ("StringLike", "${*}", "a", False),
        ("StringLike", "${?}${$}", "?$", True),
        ("StringLike", "${aws:username}", "alice", True),
        ("StringLike", "${AWS:USERNAME}", "alice", True),
        ("StringLike", "*:${aws:PrincipalAccount}", "x:111122223333", True),
        ("StringEquals", "${aws:Nothing, 'some one'}", "some one", True),
        ("StringEquals", "${aws:Nothing}", "${aws:Nothing}", False),
        ("StringNotEquals", "${aws:Nothing}", "x", True),
        ("NumericEquals", 5, "5.0", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "ten", False),
        ("NumericEquals", "1e2", "100", True),
        ("NumericEquals", "1_0", "10", False),
        ("Bool", True, "TRUE", True),
        ("BinaryEquals", "YQ==", "YQ==", True),
        ("ArnLike", "arn:aws:iam::*:root", "arn:aws:iam::1:root", True),
        ("ArnLike", "arn:aws:*::1:root", "arn:aws:iam:x::1:root", False),
        ("ArnLike", "arn:*:iam::*:role/*", "arn:aws:iam::1:role/a:b", True),
        ("StringLike", "arn:aws:iam:*:root", "arn:aws:iam::1:root", True),
        ("ArnEquals", "arn:aws:iam::1:r*", "arn:aws:iam::1:root", True),
    ],
)
def test_values_are_compared_as_the_operator_says(
    operator: str,
    values: object,
    value: str,
    holds: bool,  # noqa: FBT001 (table)
) -> None:
    assert _ask(operator, values, {"aws:K": value}) is holds


def test_what_a_variable_stands_for_is_literal() -> None:
    context: dict[str, str | tuple[str, ...]] = {"aws:K": "abc", "aws:P": "a*"}

    assert _ask("StringLike", "${aws:P}", context) is False
    assert _ask("StringLike", "${aws:P}", {**context, "aws:K": "a*"}) is True


def test_variables_are_plain_text_in_the_2008_version() -> None:
    old = "2008-10-17"

    assert _ask("StringEquals", "${aws:username}", {"aws:K": "alice"}, version=old) is False
    assert _ask("StringLike", "${*}", {"aws:K": "${anything}"}, version=old) is True


def test_an_arn_pattern_that_is_none_lets_a_deny_take_effect_and_an_allow_not() -> None:
    context: dict[str, str | tuple[str, ...]] = {"aws:K": "arn:aws:iam::1:root"}

    for operator in ("ArnLike", "ArnNotLike"):
        assert _ask(operator, "root", context, effect=Effect.DENY) is True
        assert _ask(operator, "root", context, effect=Effect.ALLOW) is False
        assert _ask(operator, "root", {"aws:K": "root"}) is False


def test_sets_quantify_over_the_values_of_the_request() -> None:
    both: dict[str, str | tuple[str, ...]] = {"aws:K": ("a", "b")}

    assert _ask("ForAllValues:StringEquals", ["a", "b", "c"], both) is True
    assert _ask("ForAllValues:StringEquals", "a", both) is False
    assert _ask("ForAnyValue:StringEquals", "b", both) is True
    assert _ask("ForAnyValue:StringNotEquals", "b", both) is True
    assert _ask("ForAllValues:StringNotEquals", "c", both) is True
    assert _ask("ForAnyValue:StringEqualsIfExists", "b", ABSENT) is False
    assert _ask("ForAllValues:StringEqualsIfExists", "b", ABSENT) is True


def test_null_under_a_set_qualifier_asks_for_members_first() -> None:
    for flag in ("true", "false"):
        assert _ask("ForAnyValue:Null", flag, ABSENT) is False
        assert _ask("ForAllValues:Null", flag, ABSENT) is True
        assert _ask("ForAnyValue:Null", flag, {"aws:K": ("a",)}) is (flag == "false")
        assert _ask("ForAllValues:Null", flag, {"aws:K": ("a",)}) is (flag == "false")


def test_an_unknown_key_leaves_the_test_open_and_names_the_key() -> None:
    unknown = frozenset({"AWS:k"})

    for operator in (*POSITIVE, *NEGATED, "Null", "ForAllValues:StringLike"):
        assert _ask(operator, "true", ABSENT, unknown=unknown) == Unsure(keys=("aws:k",))
    assert _ask("StringEquals", "${aws:u}", {"aws:K": "x"}, unknown=frozenset({"aws:U"})) == (
        Unsure(keys=("aws:u",))
    )


def test_an_unknown_operator_is_neither_yes_nor_no() -> None:
    problem = "`StringResembles` is not a condition operator"

    assert _ask("StringResembles", "x", {"aws:K": "x"}) == Unsure(problems=(problem,))


def test_a_binary_value_that_is_not_base64_is_neither_yes_nor_no() -> None:
    problem = "a value of `aws:K` is not base64: `no-binary`"

    assert _ask("BinaryEquals", "no-binary", {"aws:K": "YQ=="}) == Unsure(problems=(problem,))
    assert _ask("BinaryEquals", "YQ==", {"aws:K": "no-binary"}) is False


def test_a_broken_pattern_is_judged_at_each_value_of_a_set() -> None:
    context: dict[str, str | tuple[str, ...]] = {"aws:K": ("none", "arn:aws:iam::1:root")}
    patterns = ["arn:aws:s3:::x", "broken"]

    assert _ask("ForAnyValue:ArnLike", patterns, context) is True
    assert _ask("ForAnyValue:ArnLike", patterns, context, effect=Effect.ALLOW) is False
    assert _ask("ForAllValues:ArnNotLike", patterns, context) is False  # for the value `none`


def test_patterns_are_tried_in_order_until_one_is_broken() -> None:
    context: dict[str, str | tuple[str, ...]] = {
        "aws:K": "arn:aws:iam::1:root",
        "aws:P": "broken",
        "aws:M": "arn:aws:iam::1:root",
    }
    broken, matching = ("broken", "${aws:P}"), ("arn:aws:iam::*:root", "${aws:M}")

    for bad, good in itertools.product(broken, matching):
        assert _ask("ArnLike", [good, bad], context, effect=Effect.ALLOW) is True
        assert _ask("ArnLike", [bad, good], context, effect=Effect.ALLOW) is False
        assert _ask("ArnNotLike", [good, bad], context) is False
        assert _ask("ArnNotLike", [bad, good], context) is True


def test_a_pattern_nobody_knows_leaves_open_what_comes_after_it() -> None:
    context: dict[str, str | tuple[str, ...]] = {"aws:K": "arn:aws:iam::1:root"}
    unknown = frozenset({"aws:P", "aws:Q"})

    for later in ("arn:aws:iam::*:root", "broken", "${aws:Q}"):
        found = _ask("ArnLike", ["${aws:P}", later], context, unknown=unknown)
        keys = ("aws:p", "aws:q") if later == "${aws:Q}" else ("aws:p",)
        assert found == Unsure(keys=keys)
    settled = _ask("ArnLike", ["arn:aws:iam::*:root", "${aws:P}"], context, unknown=unknown)
    assert settled is True


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-02", 86_400_000),
        ("1970-01-01T01:00+01:00", 0),
        ("1970-01-01T00:00:00.9999Z", 999),
        ("-1", -1000),
        ("1970-13-01", None),
        ("1970-01-01T24:00:00Z", None),
        ("1970-02-30", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_to_the_millisecond(text: str, milliseconds: int | None) -> None:
    assert read_date(text) == milliseconds


@pytest.mark.parametrize("text", ["", " 1", "1 ", "0x1", "Infinity", "NaN", "1e", "1e99999999999"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2.3",
        "1.2.3.256",
        "1.2.3.4.5",
        "::1::2",
        "1:2:3:4:5:6:7",
        "g::",
        "2001:db8::1.2.3.4",
        ":",
    ],
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_address(text) is None


def test_an_ipv4_address_in_ipv6_clothes_is_an_ipv4_address() -> None:
    assert read_address("::ffff:192.0.2.1") == read_address("192.0.2.1")
    assert read_address("0:0:0:0:0:FFFF:c000:201") == read_address("192.0.2.1")


def test_an_ipv6_range_with_host_bits_holds_nothing() -> None:
    found = read_range("2001:db8::5/64")
    address = read_address("2001:db8::5")

    assert found is not None
    assert address is not None
    assert not found.holds(address)


def test_folding_keeps_letters_beyond_the_basic_plane() -> None:
    assert fold("A\U00010400") == "a\U00010400"
    assert fold("\u039f\u03a3") == "\u03bf\u03c2"
    assert fold("\u039f\u03a3\u0391") == "\u03bf\u03c3\u03b1"
    assert fold("\u0130x") == "i\u0307x"
