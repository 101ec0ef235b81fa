"""An audit's JSON, read back."""

import json
from pathlib import Path
from typing import Any

import pytest

from rootsteward.cli.audit_file import read_audit
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import NotSeen, NotSeenReason, Seen

ROW = {
    "account": "222222222222",
    "password": "recovery open",
    "access_keys": "none",
    "certificates": "denied",
    "mfa": "unknown",
    "details": [],
}


# WHY Any: a test puts wrong values into the JSON.
def written(folder: Path, rows: Any) -> Path:  # noqa: ANN401 (see above)
    path = folder / "audit.json"
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows))
    return path


def test_each_kind_is_there_not_there_or_not_seen(tmp_path: Path) -> None:
    (account, seen), *more = read_audit(written(tmp_path, [ROW])).items()
    assert not more
    assert account == AccountId("222222222222")
    assert isinstance(seen.password, Seen)
    assert seen.password.value.present
    assert isinstance(seen.access_keys, Seen)
    assert not seen.access_keys.value.present
    assert isinstance(seen.certificates, NotSeen)
    assert seen.certificates.reason is NotSeenReason.DENIED
    assert isinstance(seen.mfa, NotSeen)
    assert seen.mfa.reason is NotSeenReason.UNKNOWN


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("no JSON", "is not JSON"),
        ({}, "is an object, expected a list"),
        ([{**ROW, "account": "2"}], r"`\[0\].account`"),
        ([ROW, {**ROW, "mfa": "maybe"}], r"`\[1\].mfa`"),
        ([{"account": "222222222222"}], r"`\[0\].password` is missing"),
    ],
)
# WHY Any: see above.
def test_what_is_no_audit_is_named(tmp_path: Path, rows: Any, says: str) -> None:  # noqa: ANN401 (see above)
    with pytest.raises(InputError, match=says):
        read_audit(written(tmp_path, rows))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"audit `.*nowhere` cannot be read: no such file"):
        read_audit(tmp_path / "nowhere")
