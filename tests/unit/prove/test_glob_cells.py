"""The partition of texts: complete, legal, readable."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootsteward.policy.pattern import compile_glob
from rootsteward.policy.prove.action_cells import action_cells, action_list
from rootsteward.policy.prove.budget import Budget, OutOfBudgetError
from rootsteward.policy.prove.glob_cells import Group, TextVariable, text_cells
from rootsteward.policy.prove.glob_product import GlobProduct
from rootsteward.policy.prove.glob_tokens import Wild, any_case_text, arn_glob, plain_glob, shape

ANYTHING = (shape(Wild.ANY),)
PATTERNS = st.text(alphabet="ab*?", max_size=6)
TEXTS = ["".join(t) for n in range(6) for t in itertools.product("abc", repeat=n)]


def cells(*lists: list[str]) -> tuple[str, ...]:
    variable = TextVariable("the test", ANYTHING)
    return text_cells(variable, [Group.globs(patterns) for patterns in lists], Budget())


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(PATTERNS, max_size=3), min_size=1, max_size=3))
def test_every_text_behaves_as_one_of_the_cells(lists: list[list[str]]) -> None:
    matchers = [[compile_glob(p) for p in patterns] for patterns in lists]

    def vector(text: str) -> tuple[bool, ...]:
        return tuple(any(match(text) for match in group) for group in matchers)

    assert {vector(text) for text in TEXTS} <= {vector(text) for text in cells(*lists)}


@settings(deadline=None, max_examples=60)
@given(PATTERNS, st.text(alphabet="abc", max_size=6))
def test_the_automaton_and_the_engine_match_alike(pattern: str, text: str) -> None:
    product = GlobProduct([[plain_glob(pattern)]])
    assert bool(product.accepts(product.run(text))) is compile_glob(pattern)(text)


def test_a_cell_that_holds_nothing_but_literals_still_finds_another_text() -> None:
    found = cells(["x"], ["x*"])
    assert "x" in found
    assert any(text.startswith("x") and text != "x" for text in found)
    assert any(not text.startswith("x") for text in found)


def test_texts_have_the_shape_asked_for() -> None:
    variable = TextVariable("accounts", (shape((Wild.DIGIT, 12)),), legal="0123456789")
    found = text_cells(variable, [Group.globs(["1*", "*9"]), Group.globs(["12*"])], Budget())
    assert all(re.fullmatch("[0-9]{12}", text) for text in found)
    assert len(found) >= 3


def test_readable_texts_are_preferred() -> None:
    variable = TextVariable("the test", ANYTHING, readable=("pear", "apple"))
    assert text_cells(variable, [Group.globs(["a*"])], Budget()) == ("pear", "apple")


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("arn:aws:iam::111122223333:root", True),
        ("arn:aws:iam::a:b:root", False),
        ("arn:aws:iam::1:role/root", False),
    ],
)
def test_a_star_in_an_arn_stays_within_its_component(text: str, *, matches: bool) -> None:
    product = GlobProduct([[arn_glob("arn:aws:iam::*:root")]])
    assert bool(product.accepts(product.run(text))) is matches


def test_the_last_component_of_an_arn_takes_colons() -> None:
    product = GlobProduct([[arn_glob("arn:aws:logs:*:*:log-group:*")]])
    assert product.accepts(product.run("arn:aws:logs:eu-west-1:1:log-group:a:b:c"))


def test_case_is_ignored_where_the_operator_ignores_it() -> None:
    product = GlobProduct([[any_case_text("Key")]])
    assert product.accepts(product.run("kEY"))
    assert product.accepts(product.run("\u212aey"))
    assert not product.accepts(product.run("kayak"))


def test_a_partition_that_is_too_large_is_given_up_in_bounded_steps() -> None:
    lists = [[f"*{a}{b}*"] for a in "abcd" for b in "abcd"]
    variable = TextVariable("the partition of tests", ANYTHING)
    with pytest.raises(OutOfBudgetError, match="the partition of tests"):
        text_cells(variable, [Group.globs(p) for p in lists], Budget(2_000))


def test_an_action_cell_names_a_service_that_no_pattern_names() -> None:
    found = action_cells(Budget(), (("iam:*", "s3:Get*"),), None)
    services = {action.partition(":")[0] for action in found}
    assert {"iam", "s3"} < services


def test_a_pattern_without_a_colon_reaches_every_service_it_fits() -> None:
    entry = action_list(("s*",))
    assert entry.matches("s3:getobject")
    assert entry.matches("sqs:listqueues")
    assert not entry.matches("iam:getuser")
    found = action_cells(Budget(), (("s*",), ("iam:*",)), None)
    vectors = {(entry.matches(a), a.startswith("iam:")) for a in found}
    assert vectors == {(True, False), (False, True), (False, False)}


ACTION_PATTERNS = st.sampled_from(
    ["iam:*", "iam:Get*", "iam:*User*", "iam:GetUser", "s3:*", "s*", "*:Get*", "i?m:List*", "*"]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(ACTION_PATTERNS, max_size=3), min_size=1, max_size=3))
def test_every_action_behaves_as_one_of_the_cells(lists: list[list[str]]) -> None:
    names = ("getuser", "listusers", "get", "xuser", "putobject", "list")
    actions = [f"{s}:{n}" for s in ("iam", "s3", "sqs", "ec2", "iqm") for n in names]
    entries = [action_list(tuple(patterns)) for patterns in lists]
    found = action_cells(Budget(), tuple(tuple(patterns) for patterns in lists), None)

    def vector(action: str) -> tuple[bool, ...]:
        return tuple(entry.matches(action) for entry in entries)

    assert {vector(a) for a in actions} <= {vector(a) for a in found}
