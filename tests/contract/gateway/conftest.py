import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.gateway.scripted_service import ScriptedService
from rootsteward.aws.gateway import BotoGateway, open_gateway
from rootsteward.aws.pace import AdaptivePace
from rootsteward.aws.settings import AwsSettings
from rootsteward.ports.aws_gateway import AwsGateway
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import write_credentials_file
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve

STAGE = Path(__file__).with_name("stage.yaml")


@pytest.fixture(autouse=True)
def _no_aws_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own AWS settings and credentials take no part in these tests."""
    for name in tuple(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


class PatientClock:
    """Waits in no time."""

    def __init__(self) -> None:
        self._now = datetime(2026, 10, 5, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(seconds, 0))


OpenGateway = Callable[..., BotoGateway]


@pytest.fixture
def open_at() -> Iterator[OpenGateway]:
    """Opens gateways, and closes them when the test ends."""
    opened: list[BotoGateway] = []

    def at(endpoint_url: str | None, **settings: Any) -> BotoGateway:  # noqa: ANN401 (any setting)
        clock = PatientClock()
        chosen = {"region": "eu-west-1", **settings}
        gateway = open_gateway(
            AwsSettings(endpoint_url=endpoint_url, **chosen),
            clock=clock,
            pace=AdaptivePace(clock),
            jitter=lambda: 0.5,
        )
        opened.append(gateway)
        return gateway

    yield at
    for gateway in opened:
        gateway.close()


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with ScriptedService() as running:
        yield running


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch) -> str:
    """Credentials of the operator in the environment; returns their access key id."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOPERATOR")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "operators-secret-access-key")
    return "AKIAOPERATOR"


@pytest.fixture
def scripted_gateway(service: ScriptedService, open_at: OpenGateway, operator: str) -> BotoGateway:
    assert operator
    return open_at(service.url)


def _sandbox_gateway(
    open_at: OpenGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[AwsGateway]:
    world = load_scenario(STAGE, now=lambda: datetime.now(UTC))
    with serve(Sandbox(world).handle) as url:
        credentials = tmp_path / "credentials"
        write_credentials_file(world, credentials, region="eu-west-1", endpoint_url=url)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
        # The profile itself names the endpoint, as it does for anybody who uses the sandbox.
        yield open_at(None, region=None, profile="management")


IMPLEMENTATIONS = {"sandbox": _sandbox_gateway}


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def gateway(
    request: pytest.FixtureRequest,
    open_at: OpenGateway,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[AwsGateway]:
    """Each implementation of the port, on the organization of `stage.yaml`."""
    yield from IMPLEMENTATIONS[request.param](open_at, monkeypatch, tmp_path)
