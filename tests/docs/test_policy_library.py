"""Every example in docs/policy-library.md gives what the page says, and every function is there."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy-library.md"
FUNCTION = re.compile(r"^\| `([a-z_.]+)\.([a-z_]+)` \|", re.MULTILINE)


def test_the_examples_give_what_the_page_says() -> None:
    text = PAGE.read_text().replace("```python", "").replace("```", "")
    example = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF).run(example)

    assert result.attempted > 20
    assert result.failed == 0


@pytest.mark.parametrize(("module", "name"), FUNCTION.findall(PAGE.read_text()))
def test_every_function_of_the_table_exists_and_says_what_it_does(module: str, name: str) -> None:
    assert getattr(importlib.import_module(module), name).__doc__


def test_the_other_page_leads_here() -> None:
    assert f"]({PAGE.name})" in (PAGE.parent / "policy.md").read_text()
