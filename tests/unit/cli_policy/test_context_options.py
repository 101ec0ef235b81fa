"""`--context` and the names of sets."""

import pytest

from rootsteward.cli.commands.policy_prove import read_set
from rootsteward.cli.policy_request import read_context
from rootsteward.domain.errors import InputError
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.prove.request_set import RequestSet


def test_a_key_that_comes_again_in_any_case_has_several_values() -> None:
    given = ["aws:TagKeys=a", "AWS:tagkeys=b", "aws:SourceIp=203.0.113.7"]
    assert read_context(given) == {"aws:TagKeys": ("a", "b"), "aws:SourceIp": "203.0.113.7"}


def test_a_value_may_hold_an_equals_sign_or_nothing() -> None:
    assert read_context(["k=a=b", "e="]) == {"k": "a=b", "e": ""}


@pytest.mark.parametrize("option", ["", "key", "=value"])
def test_anything_else_is_refused(option: str) -> None:
    with pytest.raises(InputError, match="is not KEY=VALUE"):
        read_context([option])


def test_a_set_may_be_one_task() -> None:
    assert read_set("audit") == RequestSet.tasks([TaskPolicy.AUDIT])
    assert read_set("tasks") == RequestSet.tasks(TaskPolicy)
