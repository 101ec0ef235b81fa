"""Room left."""

from collections.abc import Callable

from rootsteward.policy.document import Document
from rootsteward.policy.lint.finding import Severity
from rootsteward.policy.lint.size_near_limit import check

ReadScp = Callable[..., Document]


def test_a_document_over_the_limit_is_an_error_with_a_safe_fix(scp: ReadScp) -> None:
    (finding,) = check(scp({"Action": [f"iam:Action{i}" for i in range(400)]}, indent=8))
    assert finding.severity is Severity.ERROR
    assert finding.fix is not None
    assert len(finding.fix.text) < 10_240


def test_a_document_near_the_limit_is_a_note(scp: ReadScp) -> None:
    (finding,) = check(scp({"Action": ["iam:" + "x" * 9_800]}))
    assert finding.severity is Severity.NOTE


def test_a_small_document_is_fine(scp: ReadScp) -> None:
    assert not list(check(scp({"Action": "*"})))
