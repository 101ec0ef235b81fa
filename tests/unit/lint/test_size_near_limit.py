"""Room left."""

from collections.abc import Callable

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document
from rootsteward.policy.lint.finding import Severity
from rootsteward.policy.lint.size_near_limit import check
from rootsteward.policy.parse import parse_document

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


def test_an_rcp_has_half_the_room() -> None:
    text = '{"Version": "2012-10-17", "Statement": []}' + " " * 5_100
    (finding,) = check(parse_document(text, policy_type=PolicyType.RCP))
    assert "of 5,120 characters" in finding.message
    assert not list(check(parse_document(text, policy_type=PolicyType.SCP)))
