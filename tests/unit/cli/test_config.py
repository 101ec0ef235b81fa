from pathlib import Path

import pytest

from rootsteward.cli.config import Config, load_config
from rootsteward.domain.errors import InputError


def test_without_a_file_everything_has_its_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config(None) == Config()


def test_the_file_in_the_folder_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rootsteward.toml").write_text('[protected]\naccounts = ["000000000001"]\n')
    assert load_config(None).protected.accounts == ["000000000001"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("datbase = 'x'", "unknown field `datbase`"),
        ("[aws]\nprofil = 'x'", "unknown field `aws.profil`"),
        ("database = true", "field `database` is `True`, expected text in quotes"),
        ("[protected]\naccounts = ['1']", "`protected.accounts.0` is `1`, expected twelve digits"),
        ("[protected]\nunits = ['ou-1']", "`protected.units.0` is `ou-1`, expected the id of"),
        ("[protected]\nresources = ['logs']", "`protected.resources.0` is `logs`, expected a glob"),
        ("[[protected]]", "expected a table"),
        ("a = \nb = 1", "line 1"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(content)
    with pytest.raises(InputError) as caught:
        load_config(file)
    assert str(file) in caught.value.message
    assert said in caught.value.message
    assert caught.value.help


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        load_config(file)


def test_a_file_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("a = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(InputError, match="nested too deeply"):
        load_config(file)


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_config(tmp_path / "missing.toml")
