"""Nothing to compare with."""

from collections.abc import Callable

from rootsteward.policy.document import Document
from rootsteward.policy.lint.empty_value_list import check

ReadScp = Callable[..., Document]


def test_an_empty_list_of_values_is_reported(scp: ReadScp) -> None:
    (finding,) = check(scp({"Action": "*", "Condition": {"Null": {"aws:AssumedRoot": []}}}))
    assert "never passes" in finding.message


def test_a_negated_operator_with_an_empty_list_passes(scp: ReadScp) -> None:
    condition: dict[str, object] = {"StringNotEquals": {"aws:RequestedRegion": []}}
    (finding,) = check(scp({"Action": "*", "Condition": condition}))
    assert "always passes" in finding.message


def test_an_empty_list_of_actions_is_reported(scp: ReadScp) -> None:
    (finding,) = check(scp({"Action": []}))
    assert "matches nothing" in finding.message


def test_full_lists_are_fine(scp: ReadScp) -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
    assert not list(check(scp({"Action": "*", "Condition": condition})))
