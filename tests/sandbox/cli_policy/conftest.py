"""Policy files in a folder of their own, the commands in-process, and a served organization."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import run
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import write_credentials_file
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve

DENY_ROOT = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DenyRootUser",
      "Effect": "Deny",
      "Action": "*",
      "Resource": "*",
      "Condition": {
        "StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}
      }
    }
  ]
}
"""
OFFICE = """{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "OnlyFromTheOffice",
    "Effect": "Deny",
    "Action": "iam:*",
    "Resource": "*",
    "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
  }
}
"""
ALLOW_LIST = """{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": ["s3:*", "iam:Get*"], "Resource": "*"}
}
"""


@dataclass(frozen=True)
class Ended:
    code: ExitCode
    out: str
    err: str

    # WHY Any: the shape of the JSON is what the tests check.
    def json(self) -> Any:  # noqa: ANN401 (as above)
        return json.loads(self.out)


Rootsteward = Callable[..., Ended]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "ROOTSTEWARD_CONFIG", "ROOTSTEWARD_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    carved = DENY_ROOT.replace(
        '    "StringLike"', '    "Null": {"aws:AssumedRoot": "true"},\n        "StringLike"'
    )
    for name, text in {
        "deny-root.json": DENY_ROOT,
        "carved.json": carved,
        "office.json": OFFICE,
        "allow-list.json": ALLOW_LIST,
        "broken.json": '{\n  "Version": "2012-10-17",\n  "Statement": [}\n',
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def rootsteward(capsys: pytest.CaptureFixture[str]) -> Rootsteward:
    def run_it(*arguments: str) -> Ended:
        code = run(arguments)
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run_it


@pytest.fixture(scope="session")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The article's organization, served; the environment that leads to it."""
    world = load_scenario("article", now=lambda: datetime.now(UTC))
    place = tmp_path_factory.mktemp("sandbox")
    with serve(Sandbox(world).handle) as url:
        write_credentials_file(
            world, place / "credentials", region="ap-northeast-1", endpoint_url=url
        )
        yield {
            "AWS_SHARED_CREDENTIALS_FILE": str(place / "credentials"),
            "AWS_CONFIG_FILE": str(place / "none"),
            "AWS_PROFILE": "management",
        }


@pytest.fixture
def live(
    organization: dict[str, str], rootsteward: Rootsteward, monkeypatch: pytest.MonkeyPatch
) -> Rootsteward:
    """The commands, pointed at the served organization."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in organization.items():
        monkeypatch.setenv(name, value)
    return rootsteward
