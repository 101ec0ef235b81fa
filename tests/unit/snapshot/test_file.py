"""The file: its owner's alone, whole or not at all."""

import stat
from pathlib import Path

import pytest

from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.snapshot_file import read_snapshot, write_snapshot
from rootsteward.operations.whole_file import check_target


def test_a_file_is_its_owners_alone_and_reads_back(tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "org.json"
    path.write_text("something older")
    path.chmod(0o644)
    write_snapshot(path, snapshot)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_snapshot(path) == snapshot
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "org.json"
    path.mkdir()
    with pytest.raises(OperatorError, match="cannot be written"):
        write_snapshot(path, snapshot)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OperatorError, match="cannot be written: No such file"):
        write_snapshot(tmp_path / "no" / "org.json", snapshot)


def test_a_target_is_looked_at_first(tmp_path: Path) -> None:
    there = tmp_path / "org.json"
    check_target(there)
    there.touch()
    with pytest.raises(InputError, match="is there already"):
        check_target(there)
    check_target(there, overwrite=True)
    with pytest.raises(InputError, match="is a folder"):
        check_target(tmp_path, overwrite=True)


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_snapshot(tmp_path)
