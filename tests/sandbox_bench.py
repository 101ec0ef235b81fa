"""A small organization, a clock that only moves when told to, and a way to make calls."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState, OrganizationalUnit
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import RootFeature, TaskPolicy
from rootsteward.sandbox.call import Call, Caller, Output, ServiceError
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.wire.http import Headers, HttpRequest
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.control_policies import SCP
from rootsteward.sandbox.world.credentials import AccessKeyRecord
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, IamUser
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World

MANAGEMENT = AccountId("111111111111")
DELEGATE = AccountId("222222222222")
MEMBER = AccountId("333333333333")
OUTSIDER = AccountId("999999999999")
START = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
UNIT = "ou-root-aaaaaaaa"


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Bench:
    """A sandbox and its callers. `call` gives the output, `refusal` the error."""

    sandbox: Sandbox
    clock: Clock = field(default_factory=Clock)
    callers: dict[str, Caller] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.sandbox.world

    def call(
        self,
        service: str,
        operation: str,
        by: str | Caller = "management",
        region: str = "us-east-1",
        host: str = "127.0.0.1:4566",
        **params: object,
    ) -> Output:
        caller = self.callers[by] if isinstance(by, str) else by
        return self.sandbox.carry_out(
            Call(
                service=service,
                operation=operation,
                params=params,
                region=region,
                caller=caller,
                request_id=ids.request_id(self.world.random),
                at=self.clock(),
                host=host,
            )
        )

    def refusal(
        self,
        service: str,
        operation: str,
        by: str | Caller = "management",
        region: str = "us-east-1",
        host: str = "127.0.0.1:4566",
        **params: object,
    ) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            self.call(service, operation, by, region, host, **params)
        return caught.value

    def add_user(self, account: AccountId, name: str, *documents: str, path: str = "/") -> Caller:
        """A user with inline policies (an administrator without any)."""
        user = IamUser(account, name, ids.user_unique_id(self.world.random), self.clock(), path)
        for number, text in enumerate(documents):
            user.inline[f"inline-{number}"] = NamedDocument(f"inline-{number}", text)
        if not documents:
            user.managed[ADMINISTRATOR_ACCESS.name] = ADMINISTRATOR_ACCESS
        self.world.identities.add_user(user)
        key = AccessKeyRecord(
            ids.long_term_key_id(self.world.random),
            Secret(ids.secret_access_key(self.world.random)),
            self.clock(),
        )
        self.world.identities.add_key(user, key)
        self.callers[name] = self.caller_of(key.id)
        return self.callers[name]

    def root_key(self, account: AccountId) -> Caller:
        """The account's root user with a new long-term key."""
        key = AccessKeyRecord(
            ids.long_term_key_id(self.world.random),
            Secret(ids.secret_access_key(self.world.random)),
            self.clock(),
        )
        self.world.root_users.add_access_key(account, key)
        return self.caller_of(key.id)

    def switch_on(self) -> None:
        """Trusted access and both features."""
        organization = self.world.organization
        organization.services.trust(IAM_SERVICE, self.clock())
        for feature in RootFeature:
            organization.root_features.enable(feature)

    def assume_root(
        self, task: TaskPolicy, target: str = MEMBER, by: str | Caller = "management"
    ) -> Caller:
        """A new root session's caller."""
        output = self.call("sts", "AssumeRoot", by, **root_request(task, target))
        return self.session(output)

    def session(self, output: Mapping[str, Any]) -> Caller:
        return self.caller_of(output["Credentials"]["AccessKeyId"])

    def caller_of(self, access_key_id: str) -> Caller:
        credential = self.world.credential(access_key_id)
        assert credential is not None
        return credential.caller


def root_request(task: TaskPolicy, target: str = MEMBER, **more: object) -> dict[str, Any]:
    return {"TargetPrincipal": target, "TaskPolicyArn": {"arn": task.arn()}, **more}


def account(account_id: AccountId, name: str, parent_id: str) -> Account:
    return Account(
        id=account_id,
        name=name,
        email=f"{name}@example.com",
        state=AccountState.ACTIVE,
        parent_id=parent_id,
        joined_at=START - timedelta(days=400),
    )


def small_organization() -> Bench:
    """A management account, a delegate-to-be, a member in a unit; SCPs on; an outsider."""
    random, clock = Random(7), Clock()  # noqa: S311 (the same identifiers every time)
    state = OrganizationState.found(random, account(MANAGEMENT, "management", ""))
    state.add_unit(OrganizationalUnit(UNIT, "Workloads", state.org_root_id))
    state.add_account(account(DELEGATE, "delegate", state.org_root_id))
    state.add_account(account(MEMBER, "member", UNIT))
    state.policies.enable(SCP, state.targets())
    world = World(clock, random, ("us-east-1", "eu-west-1"), state)
    bench = Bench(Sandbox(world), clock)
    bench.add_user(MANAGEMENT, "management")
    bench.add_user(DELEGATE, "delegate")
    bench.add_user(MEMBER, "member")
    bench.add_user(OUTSIDER, "outsider")
    return bench


# WHY one: loading the service models is what takes time.
_SESSION = boto3.session.Session()
_ONE_TRY = Config(retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class _Raw:
    """The part of a urllib3 response that botocore reads."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


def boto_client(
    sandbox: Sandbox,
    service: str,
    access_key_id: str,
    region: str = "us-east-1",
    endpoint_url: str | None = None,
    *,
    retries: bool = True,
    check: bool = True,
) -> Any:  # noqa: ANN401 (boto3 makes its clients from data)
    """An unmodified boto3 client whose requests go to the sandbox without a socket.

    botocore signs with the machine's clock, so the sandbox's must be near it. Without `check` it
    sends parameters that its own models forbid.
    """
    config = Config(parameter_validation=check)
    credential = sandbox.world.credential(access_key_id)
    assert credential is not None
    client = _SESSION.client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=credential.secret.reveal(),
        aws_session_token=credential.token.reveal() if credential.token else None,
        config=config if retries else config.merge(_ONE_TRY),
    )

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        response = sandbox.handle(_as_http(request))
        headers = HTTPHeaders()
        for name, value in response.headers:
            headers[name] = value
        return AWSResponse(request.url, response.status, headers, _Raw(response.body))

    client.meta.events.register_first(f"before-send.{service}", send)
    return client


def _as_http(request: AWSPreparedRequest) -> HttpRequest:
    url = urlsplit(request.url)
    pairs = [(name, _text(value)) for name, value in request.headers.items()]
    return HttpRequest(
        method=request.method,
        raw_path=url.path or "/",
        query_string=url.query,
        headers=Headers([*pairs, ("host", url.netloc)]),
        body=_bytes(request.body),
        host=url.netloc,
    )


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    return b"" if body is None else cast("BinaryIO", body).read()


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
