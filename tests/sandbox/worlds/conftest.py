"""A shipped scenario, served over HTTP, and unmodified boto3 clients for its identities."""

import contextlib
import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.loaders
import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import KeyIdentity, RoleIdentity, identities
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve
from rootsteward.sandbox.world.world import World

# WHY one loader: reading botocore's models again for every client takes most of the time.
_MODELS = botocore.loaders.create_loader()
_HOME = "127.0.0.2"


@dataclass
class Served:
    """A world and its address. WHY Any: boto3 makes its clients from data."""

    world: World
    url: str
    _sts: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str, profile: str = "management", region: str | None = None) -> Any:  # noqa: ANN401
        identity = next(i for i in identities(self.world) if i.profile == profile)
        if isinstance(identity, RoleIdentity):
            source = self.client("sts", identity.source_profile)
            given = source.assume_role(RoleArn=identity.arn, RoleSessionName="test")
            return self._session(service, given["Credentials"], region)
        assert isinstance(identity, KeyIdentity)
        key = {
            "AccessKeyId": identity.access_key_id,
            "SecretAccessKey": identity.secret.reveal(),
            "SessionToken": None,
        }
        return self._session(service, key, region)

    def root_client(
        self,
        service: str,
        account: str,
        task: TaskPolicy,
        profile: str = "management",
        region: str | None = None,
    ) -> Any:  # noqa: ANN401
        if profile not in self._sts:
            self._sts[profile] = self.client("sts", profile)
        opened = self._sts[profile].assume_root(
            TargetPrincipal=self.account(account), TaskPolicyArn={"arn": task.arn()}
        )
        return self._session(service, opened["Credentials"], region)

    def _session(self, service: str, key: dict[str, Any], region: str | None) -> Any:  # noqa: ANN401
        core: Any = botocore.session.Session()
        core.register_component("data_loader", _MODELS)
        session = boto3.Session(
            botocore_session=core,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key["SessionToken"],
            region_name=region or self.world.regions[0],
        )
        return session.client(service, endpoint_url=self.url)

    def account(self, name: str) -> str:
        accounts = self.world.organization.accounts.values()
        return next(account.id for account in accounts if account.name == name)

    def policy_arn(self, name: str) -> str:
        policies = self.world.organization.policies.policies.values()
        return next(policy.arn for policy in policies if policy.name == name)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Served]]:
    """Serves scenarios by name until the test ends."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with contextlib.ExitStack() as servers:

        def start(name: str) -> Served:
            world = load_scenario(name, now=lambda: datetime.now(UTC))
            return Served(world, servers.enter_context(serve(Sandbox(world).handle)))

        yield start


@pytest.fixture
def refusal() -> Callable[..., tuple[str, str]]:
    """The code and message of a call that must fail."""

    def refused(call: Callable[..., object], **params: object) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            call(**params)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    return refused


@pytest.fixture
def from_home() -> Callable[[Any], Any]:
    """Makes a client connect from another address of this machine, by botocore's own event."""

    def rebound(client: Any) -> Any:  # noqa: ANN401
        service = client.meta.service_model.service_name
        client.meta.events.register_first(f"before-send.{service}", _send_from_home)
        return client

    return rebound


def _send_from_home(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    address = urlsplit(request.url)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(
        address.hostname, address.port, source_address=(_HOME, 0), timeout=10
    )
    headers = {name: _text(value) for name, value in request.headers.items()}
    body = request.body
    assert body is None or isinstance(body, str | bytes)
    with contextlib.closing(connection):
        path = address.path + (f"?{address.query}" if address.query else "")
        connection.request(request.method, path or "/", body, headers)
        answer = connection.getresponse()
        content = answer.read()
    sent = HTTPHeaders()
    for name, value in answer.getheaders():
        sent[name] = value
    return AWSResponse(request.url, answer.status, sent, _Raw(content))


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class _Raw:
    """A body that has been read, as botocore takes it from urllib3."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body
