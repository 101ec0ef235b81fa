"""A served stage whose world is new for every run, and operators with exactly the policy given."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import run
from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World
from sandbox.cli.served import Served, clean_environment, served
from sandbox.permissions.verbs import Exercise

STAGE = Path(__file__).with_name("stage.yaml")
MANAGEMENT, DELEGATE = AccountId("111111111111"), AccountId("222222222222")
_ACCOUNT_OF = {"operator": MANAGEMENT, "delegate": DELEGATE}


@dataclass(frozen=True)
class Ended:
    """How the last command line of an exercise ended."""

    code: ExitCode
    out: str
    err: str


@dataclass(frozen=True)
class Stage:
    """Runs exercises as an operator who has one identity policy and nothing else."""

    sandbox: Served
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def perform(
        self, exercise: Exercise, document: Mapping[str, object], operator: str = "operator"
    ) -> Ended:
        """Run the exercise in a new world; what prepares it is done by an administrator."""
        world = load_scenario(STAGE, now=lambda: datetime.now(UTC))
        world.organization.services.delegate(DELEGATE, IAM_SERVICE, world.now())
        self.sandbox.world = world
        for name in ("rootsteward.db", "out.json"):
            (self.folder / name).unlink(missing_ok=True)
        exercise.arrange(world)
        for line in exercise.before:
            self._run(line, "management")
        _allow(world, _ACCOUNT_OF[operator], operator, document)
        ended = [self._run(line, operator) for line in exercise.lines]
        return next((each for each in ended if each.code is not exercise.code), ended[-1])

    def _run(self, line: str, profile: str) -> Ended:
        self.monkeypatch.setenv("AWS_PROFILE", profile)
        self.capsys.readouterr()
        code = run([*line.split(), "--format", "json"])
        captured = self.capsys.readouterr()
        return Ended(code, captured.out, captured.err)


def _allow(world: World, account: AccountId, name: str, document: Mapping[str, object]) -> None:
    user = world.identities.user(account, name)
    assert user is not None
    user.inline["exactly-this"] = NamedDocument("exactly-this", json.dumps(document))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server. The seed makes every world's keys the same."""
    with served(STAGE, tmp_path_factory.mktemp("permissions")) as running:
        yield running


@pytest.fixture
def stage(
    sandbox: Served,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Stage:
    for name, value in (
        clean_environment(tmp_path) | {"AWS_SHARED_CREDENTIALS_FILE": str(sandbox.credentials)}
    ).items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "ROOTSTEWARD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Stage(sandbox, capsys, monkeypatch, tmp_path)
