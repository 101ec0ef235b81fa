import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import pytest

from rootsteward.domain.task_policy import RootFeature, TaskPolicy
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from sandbox.cli.served import Served, clean_environment, program, served

PAYMENTS = "666666666666"
HOME = "ap-northeast-1"
# WHY one loader: reading botocore's models again for every client takes most of the time.
_MODELS = botocore.loaders.create_loader()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The article's organization, its features on; both of its policies still stand."""
    with served("article", tmp_path_factory.mktemp("clients")) as running:
        organization = running.world.organization
        organization.services.trust(IAM_SERVICE, running.world.now())
        for feature in RootFeature:
            organization.root_features.enable(feature)
        yield running


@pytest.fixture
def unfenced(sandbox: Served) -> Iterator[Served]:
    """The same with `DenyRootUser` taken off Workloads for the time of a test."""
    policies = sandbox.world.organization.policies
    guilty = policies.named("SERVICE_CONTROL_POLICY", "DenyRootUser")
    assert guilty is not None
    units = sandbox.world.organization.units.values()
    workloads = next(unit.id for unit in units if unit.name == "Workloads")
    policies.detach(guilty, workloads)
    yield sandbox
    policies.attach(guilty, workloads)


@dataclass(frozen=True)
class Aws:
    """The AWS CLI as a process, given an environment and nothing else."""

    environment: dict[str, str]
    folder: Path

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [program("aws"), *arguments, "--output", "json"],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    # WHY Any: each command answers with a document of its own.
    def json(self, *arguments: str) -> Any:  # noqa: ANN401 (see above)
        ended = self.run(*arguments)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.strip() else None


@pytest.fixture
def profiles(sandbox: Served, tmp_path: Path) -> Aws:
    """Given only the credentials file."""
    return Aws(sandbox.environment(tmp_path), tmp_path)


@pytest.fixture
def keys(sandbox: Served, tmp_path: Path) -> Aws:
    """Given only an endpoint, keys and a Region."""
    return Aws(clean_environment(tmp_path) | keys_of(sandbox), tmp_path)


def keys_of(sandbox: Served) -> dict[str, str]:
    """The administrator's keys and the sandbox's address as environment variables."""
    key_id = next(k for k, p in sandbox.world.profiles.items() if p == "management")
    credential = sandbox.world.credential(key_id)
    assert credential is not None
    return {
        "AWS_ACCESS_KEY_ID": key_id,
        "AWS_SECRET_ACCESS_KEY": credential.secret.reveal(),
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_DEFAULT_REGION": HOME,
    }


@dataclass(frozen=True)
class Boto3:
    """Unmodified boto3 against the sandbox."""

    sandbox: Served

    # WHY Any: the clients are made at run time from botocore's models.
    def profile(self, name: str, service: str) -> Any:  # noqa: ANN401 (see above)
        """A client that is given a profile and nothing else."""
        return _session(profile=name).client(service)

    def root(self, service: str, task: TaskPolicy, account: str = PAYMENTS) -> Any:  # noqa: ANN401 (see above)
        """A client in a root session."""
        answer = self.profile("management", "sts").assume_root(
            TargetPrincipal=account, TaskPolicyArn={"arn": task.arn()}
        )
        issued = answer["Credentials"]
        session = _session(
            aws_access_key_id=issued["AccessKeyId"],
            aws_secret_access_key=issued["SecretAccessKey"],
            aws_session_token=issued["SessionToken"],
            region_name=HOME,
        )
        return session.client(service, endpoint_url=self.sandbox.url)


def _session(profile: str | None = None, **settings: str) -> boto3.Session:
    core = botocore.session.Session(profile=profile)
    core.register_component("data_loader", _MODELS)
    return boto3.Session(botocore_session=core, **settings)


@pytest.fixture
def sdk(sandbox: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Boto3:
    """boto3 in an environment that holds the sandbox's profiles only."""
    for name in tuple(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(sandbox.credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Boto3(sandbox)
