"""A pytest plugin: the fixture `aws_organization`, an AWS organization to test against.

It is there as soon as rootsteward is installed. `docs/sandbox.md` shows how to use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootsteward.sandbox.served import ServedSandbox

# WHY no import of the sandbox up here: every run of pytest in an environment that has rootsteward
# imports this module, most of them without using it.

_SCOPES = ("function", "class", "module", "package", "session")
_Scope = Literal["function", "class", "module", "package", "session"]
_SCENARIO = "aws_organization_scenario"
_SCOPE = "aws_organization_scope"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the two settings of the ini file."""
    parser.addini(_SCENARIO, "scenario of the fixture aws_organization", default="article")
    parser.addini(
        _SCOPE, f"scope of the fixture aws_organization: {', '.join(_SCOPES)}", default="function"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a scope that is none.

    WHY here: pytest reports whatever `_scope` raises as a failure of its own.

    Raises:
        UsageError: names the setting and the scopes there are.
    """
    scope = config.getini(_SCOPE)
    if scope not in _SCOPES:
        raise pytest.UsageError(f"{_SCOPE} is `{scope}`, not one of {', '.join(_SCOPES)}")


def _scope(fixture_name: str, config: pytest.Config) -> _Scope:  # noqa: ARG001 (pytest passes both by name)
    return cast("_Scope", config.getini(_SCOPE))


@pytest.fixture(scope=_scope)
def aws_organization_scenario(pytestconfig: pytest.Config) -> str:
    """The scenario of `aws_organization`; override this fixture to choose per module or test."""
    return str(pytestconfig.getini(_SCENARIO))


@pytest.fixture(scope=_scope)
def aws_organization(aws_organization_scenario: str) -> Iterator[ServedSandbox]:
    """An AWS organization on this machine, in the state in which its scenario begins."""
    from rootsteward.sandbox.served import served_sandbox  # noqa: PLC0415 (see above)

    with served_sandbox(aws_organization_scenario) as served:
        yield served
