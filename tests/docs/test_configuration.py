"""docs/configuration.md: the example is valid, and every field and variable works."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from rootsteward.cli.config import Config, load_config
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import run
from rootsteward.wiring import default_database
from sandbox.cli.command_tree import COMMANDS
from sandbox.cli.served import Served, clean_environment

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "configuration.md").read_text()
FIELD_ROW = re.compile(r"^\| `([a-z_.]+)` \|", re.MULTILINE)
VARIABLE_ROW = re.compile(r"^\| `([A-Z_]+)` \| `(--[a-z-]+)` \|$", re.MULTILINE)


def fields(model: type[BaseModel], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= fields(kind, f"{prefix}{name}.")
        else:
            found.add(prefix + name)
    return found


@pytest.fixture
def example(tmp_path: Path) -> Path:
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "example.toml"
    file.write_text(text)
    return file


def test_the_example_is_valid_and_shows_every_field(example: Path) -> None:
    shown = load_config(example).model_dump(exclude_defaults=True)
    named = {
        f"{name}.{inner}" if isinstance(value, dict) else name
        for name, value in shown.items()
        for inner in (value if isinstance(value, dict) else [""])
    }
    assert named == fields(Config)


def test_the_table_has_every_field() -> None:
    assert set(FIELD_ROW.findall(PAGE)) == fields(Config)


def test_the_default_database_is_where_the_page_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert default_database() == str(tmp_path / ".local/state/rootsteward/rootsteward.db")
    assert "`~/.local/state/rootsteward/rootsteward.db`" in PAGE


def test_the_table_has_every_environment_variable() -> None:
    real = {
        (parameter.envvar, parameter.opts[0])
        for command in COMMANDS.values()
        for parameter in command.params
        if parameter.envvar
    }
    assert set(VARIABLE_ROW.findall(PAGE)) == real


@pytest.fixture
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stage: Served) -> None:
    for name, value in clean_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "ROOTSTEWARD_CONFIG", "ROOTSTEWARD_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(stage.credentials))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_environment")
def test_every_field_of_the_file_is_used_and_an_option_wins(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, stage: Served
) -> None:
    (tmp_path / "rootsteward.toml").write_text(
        f'database = "{tmp_path}/chosen.db"\n'
        '[aws]\nprofile = "operator"\nregion = "us-east-1"\n'
        f'endpoint_url = "{stage.url}"\n'
    )
    assert run(["status", "--format", "json"]) is ExitCode.DONE
    row = json.loads(capsys.readouterr().out)
    assert (row["caller"].rpartition("/")[2], row["region"]) == ("operator", "us-east-1")
    assert run(["ledger", "verify"]) is ExitCode.DONE
    assert (tmp_path / "chosen.db").exists()
    capsys.readouterr()
    run(["status", "--format", "json", "--profile", "management", "--region", "eu-west-1"])
    row = json.loads(capsys.readouterr().out)
    assert (row["caller"].rpartition("/")[2], row["region"]) == ("administrator", "eu-west-1")


@pytest.mark.usefixtures("_environment")
def test_an_environment_variable_wins_over_the_file_and_loses_to_the_option(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    stage: Served,
) -> None:
    file = tmp_path / "elsewhere.toml"
    file.write_text(
        '[aws]\nprofile = "management"\nendpoint_url = "http://127.0.0.1:1"\n'
        '[protected]\naccounts = ["777777777777"]\n'
    )
    monkeypatch.setenv("ROOTSTEWARD_CONFIG", str(file))
    assert run(["status"]) is ExitCode.COULD_NOT_FINISH
    assert "127.0.0.1:1" in capsys.readouterr().err
    monkeypatch.setenv("AWS_ENDPOINT_URL", stage.url)
    assert run(["status"]) is ExitCode.DONE
    assert run(["status", "--endpoint-url", "http://127.0.0.1:1"]) is ExitCode.COULD_NOT_FINISH
    refused = run(["delete-credentials", "--account", "777777777777", "--yes"])
    assert refused is ExitCode.BAD_USAGE
    assert "protected by the configuration" in capsys.readouterr().err

    monkeypatch.setenv("ROOTSTEWARD_DATABASE", str(tmp_path / "variable.db"))
    assert run(["ledger", "verify"]) is ExitCode.DONE
    assert run(["ledger", "verify", "--database", str(tmp_path / "option.db")]) is ExitCode.DONE
    assert {path.name for path in tmp_path.glob("*.db")} == {"variable.db", "option.db"}
