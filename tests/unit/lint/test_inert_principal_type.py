"""`aws:PrincipalType` "Root"."""

from collections.abc import Callable

from rootsteward.policy.document import Document
from rootsteward.policy.lint.inert_principal_type import check
from rootsteward.policy.repair.repair import Safety

ReadScp = Callable[..., Document]


def test_the_value_root_is_reported_where_it_stands(scp: ReadScp) -> None:
    document = scp({"Action": "*", "Condition": {"StringEquals": {"aws:PrincipalType": "Root"}}})
    (finding,) = check(document)
    assert document.source[finding.position.offset :].startswith('"Root"')
    assert finding.fix is not None
    assert finding.fix.safety is Safety.UNSAFE
    assert '"aws:PrincipalType": "Account"' in finding.fix.text


def test_the_value_account_is_fine(scp: ReadScp) -> None:
    condition = {"StringEquals": {"aws:PrincipalType": "Account"}}
    assert not list(check(scp({"Action": "*", "Condition": condition})))
