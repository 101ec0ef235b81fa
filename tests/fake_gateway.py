"""A small honest world behind the gateway's port: it counts calls, keeps state, fails on demand.

Its judgement is simple and its own: a session may do what its task policy names, unless a fault
says otherwise. Faults are given by API and account, and are used up unless they are for ever.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from threading import RLock
from typing import TypeVar

from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.errors import (
    AccessDeniedError,
    AwsRefusedError,
    EndpointUnreachableError,
    FeatureDisabledError,
    NotFoundError,
    OperatorError,
    OutcomeUnknownError,
    Refusal,
    SessionExpiredError,
    ThrottledError,
)
from rootsteward.domain.findings import Finding, TrailEvent
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import (
    Account,
    AccountState,
    Organization,
    OrganizationalUnit,
    OrgRoot,
)
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_credentials import (
    AccessKey,
    Basis,
    Holding,
    MfaDevice,
    Password,
    RootCredentials,
    Seen,
    SigningCertificate,
)
from rootsteward.domain.root_session import CallerIdentity, RootSession
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import RootFeature, TaskPolicy
from rootsteward.ports.journal import JsonValue

T = TypeVar("T")

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MANAGEMENT = AccountId("100000000000")
DEV = AccountId("111111111111")
PROD = AccountId("222222222222")
SHOP = AccountId("333333333333")
CLOSED = AccountId("444444444444")
FULL_ACCESS = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
)


class Fails(Enum):
    """How a call goes wrong."""

    DENIED = "denied"
    THROTTLED = "throttled"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    LOST_BEFORE_IT_WAS_DONE = "lost before"
    LOST_AFTER_IT_WAS_DONE = "lost after"
    SHOWS_THE_PAST = "stale"


@dataclass
class Fault:
    """One arranged failure; `times` None is for ever."""

    api: str
    how: Fails
    account: str | None = None
    times: int | None = 1
    code: str = "ServiceFailure"
    after: int = 0


@dataclass
class FakeAccount:
    """What one member account holds."""

    password: Password | None = None
    keys: tuple[AccessKey, ...] = ()
    certificates: tuple[SigningCertificate, ...] = ()
    mfa: tuple[MfaDevice, ...] = ()
    buckets: dict[str, str | None] = field(default_factory=dict)
    queues: dict[str, str | None] = field(default_factory=dict)

    @property
    def holds_credentials(self) -> bool:
        return bool(self.password or self.keys or self.certificates or self.mfa)


def an_account(
    account: AccountId, name: str, parent: str, state: AccountState = AccountState.ACTIVE
) -> Account:
    return Account(account, name, f"{name}@example.com", state, parent)


def an_organization() -> Organization:
    """Root > Workloads > (Prod, Dev); management beside them; one closed account."""
    return Organization(
        id="o-abcdefghij",
        management_account_id=MANAGEMENT,
        org_root=OrgRoot("r-ab12", frozenset({"SERVICE_CONTROL_POLICY"})),
        units=(
            OrganizationalUnit("ou-ab12-work0000", "Workloads", "r-ab12"),
            OrganizationalUnit("ou-ab12-prod0000", "Prod", "ou-ab12-work0000"),
        ),
        accounts=(
            an_account(MANAGEMENT, "management", "r-ab12"),
            an_account(DEV, "dev", "ou-ab12-work0000"),
            an_account(PROD, "prod", "ou-ab12-prod0000"),
            an_account(SHOP, "shop", "ou-ab12-prod0000"),
            an_account(CLOSED, "closed", "ou-ab12-work0000", AccountState.SUSPENDED),
        ),
    )


def a_policy(policy_id: str, content: str) -> ControlPolicy:
    return ControlPolicy(
        id=policy_id,
        name=policy_id,
        arn=f"arn:aws:organizations::{MANAGEMENT}:policy/o-abcdefghij/{policy_id}",
        description="",
        type="SERVICE_CONTROL_POLICY",
        aws_managed=False,
        content=content,
    )


def control_policies(
    attached: Mapping[str, Sequence[ControlPolicy]] | None = None,
    organization: Organization | None = None,
) -> ControlPolicies:
    """SCPs in force: full access everywhere, and what is given."""
    organization = organization or an_organization()
    full = a_policy("p-FullAWSAccess", FULL_ACCESS)
    entities = [
        organization.org_root.id,
        *(unit.id for unit in organization.units),
        *(account.id for account in organization.accounts),
    ]
    given = attached or {}
    return ControlPolicies(
        type="SERVICE_CONTROL_POLICY",
        enabled=True,
        policies={full.id: full} | {p.id: p for ps in given.values() for p in ps},
        attached={e: (full.id, *(p.id for p in given.get(e, ()))) for e in entities},
    )


NO_RCPS = ControlPolicies("RESOURCE_CONTROL_POLICY", enabled=False, policies={}, attached={})


class MemoryJournal:
    """Keeps entries; can be made to refuse from the n-th on. Writes the shared log."""

    def __init__(self, log: list[str] | None = None, *, full_after: int | None = None) -> None:
        self.entries: list[tuple[str, str, Mapping[str, JsonValue]]] = []
        self._log = log if log is not None else []
        self._full_after = full_after
        self._lock = RLock()

    def record(self, kind: str, subject: str, body: Mapping[str, JsonValue]) -> int:
        with self._lock:
            if self._full_after is not None and len(self.entries) >= self._full_after:
                raise OperatorError("the ledger cannot be written", help="make room on the disk")
            self.entries.append((kind, subject, body))
            self._log.append(f"{kind.partition('.')[2]} {body.get('act')}")
            return len(self.entries)


class MemoryBackups:
    """Keeps texts in memory."""

    def __init__(self, log: list[str] | None = None, *, broken: bool = False) -> None:
        self.kept: dict[str, tuple[str, str, str]] = {}
        self._log = log if log is not None else []
        self._broken = broken

    def save(self, kind: str, key: str, body: str) -> str:
        if self._broken:
            raise OperatorError("the backup cannot be written", help="make room on the disk")
        backup_id = f"backup-{len(self.kept) + 1}"
        self.kept[backup_id] = (kind, key, body)
        self._log.append(f"backup {kind}")
        return backup_id


class FakeClock:
    """Never waits; remembers how long it was asked to."""

    def __init__(self) -> None:
        self.slept_seconds: list[float] = []

    def now(self) -> datetime:
        return NOW + timedelta(seconds=sum(self.slept_seconds))

    def sleep(self, seconds: float) -> None:
        self.slept_seconds.append(seconds)


class FakeGateway:
    """The whole gateway over a handful of accounts in memory."""

    def __init__(self, accounts: dict[AccountId, FakeAccount] | None = None) -> None:
        self.accounts = accounts or {}
        self.tree = an_organization()
        self.scps = control_policies()
        self.trusted_access = True
        self.features: frozenset[RootFeature] = frozenset(RootFeature)
        self.delegates: tuple[AccountId, ...] = ()
        self.identity = CallerIdentity(MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:role/Ops", "AROA")
        self.finding_list: tuple[Finding, ...] = ()
        self.event_list: tuple[TrailEvent, ...] = ()
        self.faults: list[Fault] = []
        self.log: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.mutations: list[tuple[str, str]] = []
        self._past: dict[AccountId, FakeAccount] = {}
        self._expired: set[str] = set()
        self._sessions = 0
        self._lock = RLock()

    def fail(
        self,
        api: str,
        how: Fails,
        *,
        account: str | None = None,
        times: int | None = 1,
        code: str = "ServiceFailure",
        after: int = 0,
    ) -> None:
        """Arrange a failure; `after` lets that many calls through first."""
        self.faults.append(Fault(api, how, account, times, code, after))

    def apis(self) -> list[str]:
        return [api for api, _ in self.calls]

    # --- who and where

    @property
    def region(self) -> str:
        return "eu-west-1"

    @property
    def partition(self) -> str:
        return "aws"

    def caller(self) -> CallerIdentity:
        return self._call("sts:GetCallerIdentity", "", lambda: self.identity)

    def organization_id(self) -> str:
        return self._call("organizations:DescribeOrganization", "", lambda: self.tree.id)

    def organization(self) -> Organization:
        return self._call("organizations:DescribeOrganization", "", lambda: self.tree)

    def account_tags(self, account: AccountId) -> Mapping[str, str]:
        api = "organizations:ListTagsForResource"
        return self._call(api, account, lambda: self.tree.account(account).tags)

    def control_policies(self, policy_type: str, org_root: OrgRoot) -> ControlPolicies:
        assert org_root == self.tree.org_root
        scp = policy_type == "SERVICE_CONTROL_POLICY"
        return self._call("organizations:ListPolicies", "", lambda: self.scps if scp else NO_RCPS)

    def control_policy(self, policy_id: str) -> ControlPolicy:
        def effect() -> ControlPolicy:
            if policy_id not in self.scps.policies:
                raise _not_found("DescribePolicy", "")
            return self.scps.policies[policy_id]

        return self._call("organizations:DescribePolicy", "", effect)

    def update_policy_content(self, policy_id: str, content: str) -> Receipt:
        def effect() -> None:
            changed = replace(self.scps.policies[policy_id], content=content)
            self.scps = replace(self.scps, policies={**self.scps.policies, policy_id: changed})

        return self._change("organizations:UpdatePolicy", "", effect)

    # --- switches

    def trusted_access_enabled(self) -> bool:
        api = "organizations:ListAWSServiceAccessForOrganization"
        return self._call(api, "", lambda: self.trusted_access)

    def enable_trusted_access(self) -> Receipt:
        return self._change(
            "organizations:EnableAWSServiceAccess", "", lambda: self._trust(on=True)
        )

    def disable_trusted_access(self) -> Receipt:
        def effect() -> None:
            if self.delegates:
                raise AwsRefusedError(
                    Refusal(
                        "ConstraintViolationException",
                        "You have delegated administrator/s for this service.",
                        "DisableAWSServiceAccess",
                    )
                )
            self._trust(on=False)

        return self._change("organizations:DisableAWSServiceAccess", "", effect)

    def _trust(self, *, on: bool) -> None:
        self.trusted_access = on

    def root_features(self) -> frozenset[RootFeature]:
        return self._call("iam:ListOrganizationsFeatures", "", self._read_features)

    def _read_features(self) -> frozenset[RootFeature]:
        if not self.trusted_access:
            raise FeatureDisabledError(
                Refusal(
                    "ServiceAccessNotEnabledException",
                    "Trusted Access for IAM not enabled by organization of input account "
                    f"{MANAGEMENT}.",
                    "ListOrganizationsFeatures",
                )
            )
        return self.features

    def enable_root_feature(self, feature: RootFeature) -> Receipt:
        return self._set_features(f"iam:EnableOrganizations{feature.value}", {feature}, set())

    def disable_root_feature(self, feature: RootFeature) -> Receipt:
        return self._set_features(f"iam:DisableOrganizations{feature.value}", set(), {feature})

    def _set_features(self, api: str, on: set[RootFeature], off: set[RootFeature]) -> Receipt:
        def effect() -> None:
            self.features = frozenset((self._read_features() | on) - off)

        return self._change(api, "", effect)

    def delegated_administrators(self) -> tuple[AccountId, ...]:
        return self._call("organizations:ListDelegatedAdministrators", "", lambda: self.delegates)

    def register_delegated_administrator(self, account: AccountId) -> Receipt:
        def effect() -> None:
            self.delegates = (*self.delegates, account)

        return self._change("organizations:RegisterDelegatedAdministrator", account, effect)

    def deregister_delegated_administrator(self, account: AccountId) -> Receipt:
        def effect() -> None:
            self.delegates = tuple(d for d in self.delegates if d != account)

        return self._change("organizations:DeregisterDelegatedAdministrator", account, effect)

    # --- sessions

    def open_root_session(
        self, account: AccountId, task: TaskPolicy, *, duration_seconds: int = 900
    ) -> RootSession:
        def effect() -> RootSession:
            self._gate(account, task)
            self._sessions += 1
            return RootSession(
                account,
                task,
                f"ASIASESSION{self._sessions:05}",
                Secret(f"very-secret-{self._sessions}"),
                Secret(f"very-secret-token-{self._sessions}"),
                NOW + timedelta(seconds=duration_seconds),
                f"req-{len(self.calls)}",
            )

        return self._call("sts:AssumeRoot", account, effect)

    def _gate(self, account: AccountId, task: TaskPolicy) -> None:
        if account not in self.accounts:
            raise _denied("sts:AssumeRoot", account)
        off = "" if self.trusted_access else "Service not enabled for AWS Organizations."
        if task.feature not in self.features:
            off = off or "The feature is not enabled for your AWS Organization."
        if off:
            raise FeatureDisabledError(Refusal("AccessDenied", off, "AssumeRoot", account=account))

    # --- looking at credentials

    def credential_summary(self, session: RootSession) -> RootCredentials:
        def read(held: FakeAccount) -> RootCredentials:
            return RootCredentials(
                Seen(Holding(int(held.password is not None)), Basis.SUMMARY),
                Seen(Holding(min(1, len(held.keys))), Basis.SUMMARY),
                Seen(Holding(min(1, len(held.certificates))), Basis.SUMMARY),
                Seen(Holding(min(1, len(held.mfa))), Basis.SUMMARY),
            )

        return self._in_session("iam:GetAccountSummary", session, read)

    def password(self, session: RootSession) -> Password | None:
        def read(held: FakeAccount) -> Password | None:
            return None if held.password is None else Password(held.password.created_at)

        return self._in_session("iam:GetLoginProfile", session, read)

    def password_last_used(self, session: RootSession, password: Password) -> Password:
        def read(held: FakeAccount) -> Password:
            used_at = held.password.last_used_at if held.password is not None else None
            return Password(password.created_at, used_at)

        return self._in_session("iam:GetUser", session, read)

    def access_keys(self, session: RootSession) -> tuple[AccessKey, ...]:
        def read(held: FakeAccount) -> tuple[AccessKey, ...]:
            return tuple(AccessKey(k.id, k.active, k.created_at) for k in held.keys)

        return self._in_session("iam:ListAccessKeys", session, read)

    def access_key_last_used(self, session: RootSession, key: AccessKey) -> AccessKey:
        def read(held: FakeAccount) -> AccessKey:
            found = next((k for k in held.keys if k.id == key.id), None)
            if found is None:
                raise _not_found("GetAccessKeyLastUsed", session.account)
            return found

        return self._in_session("iam:GetAccessKeyLastUsed", session, read)

    def signing_certificates(self, session: RootSession) -> tuple[SigningCertificate, ...]:
        return self._in_session(
            "iam:ListSigningCertificates", session, lambda held: held.certificates
        )

    def mfa_devices(self, session: RootSession) -> tuple[MfaDevice, ...]:
        return self._in_session("iam:ListMFADevices", session, lambda held: held.mfa)

    # --- changing credentials

    def delete_password(self, session: RootSession) -> Receipt:
        def effect(held: FakeAccount) -> None:
            if held.password is None:
                raise _not_found("DeleteLoginProfile", session.account)
            held.password = None

        return self._change_in("iam:DeleteLoginProfile", session, effect)

    def delete_access_key(self, session: RootSession, key_id: str) -> Receipt:
        def effect(held: FakeAccount) -> None:
            left = tuple(k for k in held.keys if k.id != key_id)
            if left == held.keys:
                raise _not_found("DeleteAccessKey", session.account)
            held.keys = left

        return self._change_in("iam:DeleteAccessKey", session, effect)

    def delete_signing_certificate(self, session: RootSession, certificate_id: str) -> Receipt:
        def effect(held: FakeAccount) -> None:
            left = tuple(c for c in held.certificates if c.id != certificate_id)
            if left == held.certificates:
                raise _not_found("DeleteSigningCertificate", session.account)
            held.certificates = left

        return self._change_in("iam:DeleteSigningCertificate", session, effect)

    def deactivate_mfa_device(self, session: RootSession, serial: str) -> Receipt:
        def effect(held: FakeAccount) -> None:
            left = tuple(m for m in held.mfa if m.serial != serial)
            if left == held.mfa:
                raise _not_found("DeactivateMFADevice", session.account)
            held.mfa = left

        return self._change_in("iam:DeactivateMFADevice", session, effect)

    def create_password(self, session: RootSession) -> Receipt:
        def effect(held: FakeAccount) -> None:
            if held.password is not None:
                raise AwsRefusedError(
                    Refusal(
                        "EntityAlreadyExists",
                        f"Login Profile for account {session.account} already exists.",
                        "CreateLoginProfile",
                        account=session.account,
                    )
                )
            held.password = Password(NOW)

        return self._change_in("iam:CreateLoginProfile", session, effect)

    # --- buckets and queues

    def buckets(self, session: RootSession) -> tuple[tuple[str, str], ...]:
        return self._in_session(
            "s3:ListAllMyBuckets",
            session,
            lambda held: tuple((name, "eu-west-1") for name in held.buckets),
        )

    def bucket_policy(self, session: RootSession, bucket: str) -> str | None:
        return self._in_session(
            "s3:GetBucketPolicy", session, lambda held: _existing(held.buckets, bucket)
        )

    def put_bucket_policy(self, session: RootSession, bucket: str, policy: str) -> Receipt:
        def effect(held: FakeAccount) -> None:
            held.buckets[bucket] = policy

        return self._change_in("s3:PutBucketPolicy", session, effect)

    def delete_bucket_policy(self, session: RootSession, bucket: str) -> Receipt:
        def effect(held: FakeAccount) -> None:
            held.buckets[bucket] = None

        return self._change_in("s3:DeleteBucketPolicy", session, effect)

    def queue_regions(self) -> tuple[str, ...]:
        return ("eu-west-1", "us-east-1")

    def queues(self, session: RootSession, region: str) -> tuple[str, ...]:
        return self._in_session(
            "sqs:ListQueues",
            session,
            lambda held: tuple(
                _url(session.account, region, name) for name in held.queues if region == self.region
            ),
        )

    def queue_url(self, session: RootSession, region: str, name: str) -> str:
        def read(held: FakeAccount) -> str:
            _existing(held.queues, name)
            return _url(session.account, region, name)

        return self._in_session("sqs:GetQueueUrl", session, read)

    def queue_policy(self, session: RootSession, region: str, url: str) -> str | None:
        def read(held: FakeAccount) -> str | None:
            name = url.rpartition("/")[2]
            assert url == _url(session.account, region, name)
            return _existing(held.queues, name)

        return self._in_session("sqs:GetQueueAttributes", session, read)

    def set_queue_policy(self, session: RootSession, region: str, url: str, policy: str) -> Receipt:
        def effect(held: FakeAccount) -> None:
            name = url.rpartition("/")[2]
            assert url == _url(session.account, region, name)
            held.queues[name] = policy or None

        return self._change_in("sqs:SetQueueAttributes", session, effect)

    # --- findings and trail

    def findings(self, region: str, *, types: Sequence[str] = ()) -> Iterator[Finding]:
        found = self._call("guardduty:ListFindings", region, lambda: self.finding_list)
        yield from (f for f in found if f.region == region and (not types or f.type in types))

    def assume_root_events(self, region: str, since: datetime) -> Iterator[TrailEvent]:
        found = self._call("cloudtrail:LookupEvents", region, lambda: self.event_list)
        yield from (e for e in found if e.region == region and e.at >= since)

    # --- how a call goes

    def _change(self, api: str, account: str, effect: Callable[[], None]) -> Receipt:
        def done() -> Receipt:
            effect()
            return Receipt(f"req-{len(self.calls)}")

        return self._call(api, account, done, mutates=True)

    def _change_in(
        self, api: str, session: RootSession, effect: Callable[[FakeAccount], None]
    ) -> Receipt:
        def done(held: FakeAccount) -> Receipt:
            effect(held)
            return Receipt(f"req-{len(self.calls)}")

        return self._in_session(api, session, done, mutates=True)

    def _in_session(
        self,
        api: str,
        session: RootSession,
        effect: Callable[[FakeAccount], T],
        *,
        mutates: bool = False,
    ) -> T:
        return self._call(
            api,
            session.account,
            lambda: effect(self.accounts[session.account]),
            mutates=mutates,
            session=session,
            past=lambda: effect(self._past.get(session.account, self.accounts[session.account])),
        )

    def _call(
        self,
        api: str,
        account: str,
        effect: Callable[[], T],
        *,
        mutates: bool = False,
        session: RootSession | None = None,
        past: Callable[[], T] | None = None,
    ) -> T:
        with self._lock:
            self.calls.append((api, account))
            self.log.append(f"call {api}")
            if session is not None:
                self._check_session(api, session)
            fault = self._take_fault(api, account)
            if fault is not None:
                self._fail_before(fault, api, account, session)
                if fault.how is Fails.SHOWS_THE_PAST and past is not None:
                    return past()
            before = deepcopy(self.accounts[session.account]) if session is not None else None
            result = effect()
            if mutates and session is not None and before is not None:
                self._past[session.account] = before
            if mutates:
                self.mutations.append((api, account))
            if fault is not None and fault.how is Fails.LOST_AFTER_IT_WAS_DONE:
                raise OutcomeUnknownError(f"no answer to {api} came back")
            return result

    def _check_session(self, api: str, session: RootSession) -> None:
        if session.access_key_id in self._expired:
            raise SessionExpiredError(_refusal("ExpiredToken", api, session.account))
        if api not in session.task.actions:
            raise _denied(api, session.account)

    def _take_fault(self, api: str, account: str) -> Fault | None:
        for fault in self.faults:
            if fault.api != api or fault.account not in {None, account} or fault.times == 0:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None

    def _fail_before(
        self, fault: Fault, api: str, account: str, session: RootSession | None
    ) -> None:
        match fault.how:
            case Fails.DENIED:
                raise _denied(api, account)
            case Fails.THROTTLED:
                raise ThrottledError(_refusal("Throttling", api, account))
            case Fails.EXPIRED:
                if session is not None:
                    self._expired.add(session.access_key_id)
                raise SessionExpiredError(_refusal("ExpiredToken", api, account))
            case Fails.UNREACHABLE:
                raise EndpointUnreachableError(f"no connection for {api}", help="look at the net")
            case Fails.REFUSED:
                raise AwsRefusedError(_refusal(fault.code, api, account))
            case Fails.LOST_BEFORE_IT_WAS_DONE:
                raise OutcomeUnknownError(f"no answer to {api} came back")
            case Fails.LOST_AFTER_IT_WAS_DONE | Fails.SHOWS_THE_PAST:
                return


def _refusal(code: str, api: str, account: str) -> Refusal:
    operation = api.partition(":")[2]
    return Refusal(code, f"{code} it is", operation, "req-1", 400, account)


def _denied(api: str, account: str) -> AccessDeniedError:
    operation = api.partition(":")[2]
    message = f"User: arn:aws:iam::{account}:root is not authorized to perform: {api}"
    return AccessDeniedError(Refusal("AccessDenied", message, operation, "req-1", 403, account))


def _not_found(operation: str, account: str) -> NotFoundError:
    return NotFoundError(
        Refusal("NoSuchEntity", "cannot be found", operation, "req-1", 404, account)
    )


def _existing(policies: dict[str, str | None], name: str) -> str | None:
    if name not in policies:
        raise _not_found("GetPolicy", "")
    return policies[name]


def _url(account: str, region: str, name: str) -> str:
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"
