"""All checks together, and their pages."""

from collections.abc import Callable
from pathlib import Path

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document
from rootsteward.policy.lint.run import CHECKS, lint_document
from rootsteward.policy.parse import parse_document
from rootsteward.policy.syntax_error import PolicySyntaxError

ReadScp = Callable[..., Document]


def test_every_check_has_a_page_and_every_page_a_check(repository: Path) -> None:
    pages = {path.stem for path in (repository / "docs" / "lint").glob("*.md")}
    assert pages - {"index", "README"} == set(CHECKS)


def test_every_check_has_a_file_and_a_test_of_its_name(repository: Path) -> None:
    for slug in CHECKS:
        name = slug.replace("-", "_")
        assert (repository / "src/rootsteward/policy/lint" / f"{name}.py").is_file()
        assert (repository / "tests/unit/lint" / f"test_{name}.py").is_file()


def test_findings_stand_in_the_order_of_the_text(scp: ReadScp) -> None:
    found = lint_document(
        scp(
            {"Action": "*", "Condition": {"Null": {"aws:AssumedRoot": []}}},
            {"Action": "*", "Condition": {"StringEquals": {"aws:PrincipalType": "Root"}}},
        )
    )
    assert [f.slug for f in found] == ["empty-value-list", "inert-principal-type"]
    assert found[0].page == "docs/lint/empty-value-list.md"


def test_a_clean_document_has_no_findings(scp: ReadScp) -> None:
    assert lint_document(scp({"Action": "organizations:LeaveOrganization"})) == ()


def test_published_scps_are_linted_without_a_fall(shared_data: Path) -> None:
    slugs: set[str] = set()
    for path in sorted((shared_data / "scps").glob("scp-*.json"))[::4]:
        text = path.read_text(encoding="utf-8")
        try:
            document = parse_document(text, policy_type=PolicyType.SCP)
        except PolicySyntaxError:
            continue
        slugs |= {finding.slug for finding in lint_document(document)}
    assert "root-deny-without-carve-out" in slugs
