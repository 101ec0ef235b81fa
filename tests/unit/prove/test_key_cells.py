"""The partition of condition keys."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootsteward.domain.authorization import AccessRequest, ContextValue
from rootsteward.policy.context import context_of
from rootsteward.policy.document import Quantifier
from rootsteward.policy.prove.budget import Budget
from rootsteward.policy.prove.key_cells import key_values, readable_tests
from rootsteward.policy.prove.key_tests import KeyTest


def key_test(
    operator: str,
    *values: str,
    key: str = "example:Key",
    quantifier: Quantifier = Quantifier.NONE,
    if_exists: bool = False,
    deny: bool = True,
    variables: bool = False,
) -> KeyTest:
    return KeyTest(key.lower(), operator, quantifier, if_exists, values, deny, variables)


def truths(tests: tuple[KeyTest, ...], value: ContextValue | None) -> tuple[bool, ...]:
    key = tests[0].key
    given_context = {} if value is None else {key: value}
    context = context_of(AccessRequest("", "", "", given_context), root_session=False)
    return tuple(test.compiled()(context) is True for test in tests)


def vectors(*tests: KeyTest) -> set[tuple[bool, ...]]:
    return {truths(tests, value) for value in key_values(Budget(), tests[0].key, tests)}


WORDS = ("a", "b", "ab", "A", "aB", "*", "arn:aws:iam::1:root", "arn:a:b:c:d:e", "x", "true")
TEXT_OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike",
                  "StringEqualsIgnoreCase", "ArnLike", "ArnNotLike", "Bool")  # fmt: skip
TESTS = st.builds(
    lambda operator, values, if_exists, deny: key_test(
        operator, *values, if_exists=if_exists, deny=deny
    ),
    st.sampled_from(TEXT_OPERATORS),
    st.lists(st.sampled_from((*WORDS, "a*", "?", "arn:aws:*:*:*:root")), max_size=3),
    st.booleans(),
    st.booleans(),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(TESTS, min_size=1, max_size=3), st.one_of(st.none(), st.sampled_from(WORDS)))
def test_every_text_behaves_as_one_of_the_cells(tests: list[KeyTest], value: str | None) -> None:
    assert truths(tuple(tests), value) in vectors(*tests)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["1", "5", "5.5", "7", "nonsense"]), min_size=1, max_size=3),
    st.sampled_from(["NumericLessThan", "NumericEquals", "NumericGreaterThanEquals"]),
    st.sampled_from(["0", "1", "3", "5", "5.2", "5.5", "6", "7", "8"]),
)
def test_every_number_behaves_as_one_of_the_cells(
    bounds: list[str], operator: str, value: str
) -> None:
    tests = tuple(key_test(operator, bound) for bound in bounds)
    assert truths(tests, value) in vectors(*tests)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.0/24", "2001:db8::/32", "0.0.0.0/0"]
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["10.0.0.1", "10.1.2.3", "203.0.113.10", "8.8.8.8", "2001:db8::1", "::1"]),
)
def test_every_address_behaves_as_one_of_the_cells(ranges: list[str], address: str) -> None:
    tests = tuple(key_test("NotIpAddress", part) for part in ranges)
    assert truths(tests, address) in vectors(*tests)


def test_a_date_has_cells_on_both_sides_of_a_bound() -> None:
    test = key_test("DateLessThan", "2026-01-01T00:00:00Z", key="aws:TokenIssueTime")
    assert vectors(test) == {(True,), (False,)}


def test_absent_is_a_cell_of_its_own() -> None:
    assert key_values(Budget(), "example:key", (key_test("StringEquals", "a"),))[0] is None


def test_a_key_that_is_always_there_has_no_absent_cell() -> None:
    test = key_test("StringEquals", "eu-west-1", key="aws:RequestedRegion")
    assert None not in key_values(Budget(), "aws:requestedregion", (test,))


SETS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True)


@settings(deadline=None, max_examples=60)
@given(SETS, SETS, SETS)
def test_every_set_behaves_as_one_of_the_cells(
    wanted: list[str], other: list[str], value: list[str]
) -> None:
    tests = (
        key_test("StringEquals", *wanted, quantifier=Quantifier.FOR_ANY_VALUE),
        key_test("StringNotEquals", *other, quantifier=Quantifier.FOR_ALL_VALUES),
        key_test("StringLike", "a*", quantifier=Quantifier.FOR_ALL_VALUES),
    )
    assert truths(tests, tuple(value)) in vectors(*tests)


@settings(deadline=None, max_examples=60)
@given(SETS, st.lists(st.sampled_from(["a", "ab", "b", "ac"]), min_size=1, unique=True))
def test_a_plain_operator_beside_set_operators_tells_one_value_from_several(
    wanted: list[str], value: list[str]
) -> None:
    tests = (
        key_test("Null", "false"),
        key_test("StringLike", "a*"),
        key_test("StringNotEquals", *wanted),
        key_test("StringLike", "a*", quantifier=Quantifier.FOR_ALL_VALUES),
        key_test("StringEquals", "b", quantifier=Quantifier.FOR_ANY_VALUE),
    )
    assert truths(tests, tuple(value)) in vectors(*tests)


def test_a_set_has_no_member_twice() -> None:
    tests = (
        key_test("StringEquals", "a"),
        key_test("StringEquals", "a", quantifier=Quantifier.FOR_ALL_VALUES),
    )
    sets = [v for v in key_values(Budget(), "example:key", tests) if isinstance(v, tuple)]
    assert all(len(set(one)) == len(one) for one in sets)
    assert (False, True) not in {truths(tests, one) for one in sets}


def test_a_key_of_one_value_has_no_cell_of_several() -> None:
    wanted = Quantifier.FOR_ANY_VALUE
    tests = (
        key_test("StringEquals", "eu-west-1", key="aws:RequestedRegion", quantifier=wanted),
        key_test("StringNotEquals", "eu-west-1", key="aws:RequestedRegion"),
    )
    assert all(isinstance(v, str) for v in key_values(Budget(), "aws:requestedregion", tests))
    assert vectors(*tests) == {(True, False), (False, True)}


@pytest.mark.parametrize("bound", [str(10**35), f"-{10**35}", "0." + "1" * 60])
def test_a_long_number_has_cells_on_both_sides(bound: str) -> None:
    below, above = key_test("NumericLessThan", bound), key_test("NumericGreaterThan", bound)
    assert vectors(below, above) >= {(True, False), (False, True)}


@pytest.mark.parametrize(
    ("operator", "negation", "bound"),
    [
        ("NumericLessThan", "NumericGreaterThanEquals", "5"),
        ("DateLessThan", "DateGreaterThanEquals", "2026-01-01"),
        ("IpAddress", "NotIpAddress", "10.0.0.0/8"),
    ],
)
def test_a_tag_may_hold_what_no_comparison_takes(operator: str, negation: str, bound: str) -> None:
    tag = "aws:RequestTag/limit"
    present = key_test("Null", "false", key=tag)
    compared = (key_test(name, bound, key=tag) for name in (operator, negation))
    assert (True, False, False) in vectors(present, *compared)


def test_a_year_before_1000_is_still_a_date() -> None:
    test = key_test("DateEquals", "0999-01-01T00:00:00Z", key="aws:TokenIssueTime")
    assert vectors(test) == {(True,), (False,)}


def test_an_address_beside_the_mapped_range_is_not_taken_for_a_mapped_one() -> None:
    single, mapped = key_test("IpAddress", "::1:0:0:1"), key_test("IpAddress", "::ffff:0:0/97")
    rest = key_test("IpAddress", "8000::/1", "4000::/2", "2000::/3", "1000::/4", "800::/5")
    wide = key_test("IpAddress", "::1:0:0:0/95")
    assert (False, False, False, True) in vectors(single, mapped, rest, wide)


def test_a_policy_variable_is_not_split_into_cells() -> None:
    test = key_test("StringEquals", "${aws:username}", variables=True)
    assert readable_tests("example:key", [test]) == []


def test_a_key_tested_as_text_and_as_number_is_split_as_text() -> None:
    text, number = key_test("StringLike", "1*"), key_test("NumericLessThan", "5")
    assert readable_tests("example:key", [text, number]) == [text]


def test_a_huge_exponent_does_not_become_a_huge_number() -> None:
    assert readable_tests("example:key", [key_test("NumericLessThan", "1e999999")]) == []
