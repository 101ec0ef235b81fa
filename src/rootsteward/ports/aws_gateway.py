"""What the tool needs of AWS, one small Protocol per subject, and `AwsGateway` for all of them.

Every method returns our own frozen types and raises only `rootsteward.domain.errors`:
`AccessDeniedError`, `ThrottledError`, `SessionExpiredError`, `NotFoundError`,
`FeatureDisabledError` or another `AwsRefusedError` when AWS said no; `EndpointUnreachableError`
when nothing was sent; `OutcomeUnknownError` when a request was sent and no answer came back.
Reads are retried inside; a destructive call is never resent by the gateway. A call that changes
something returns a `Receipt` with AWS's request id.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.findings import Finding, TrailEvent
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Organization, OrgRoot
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_credentials import (
    AccessKey,
    MfaDevice,
    Password,
    RootCredentials,
    SigningCertificate,
)
from rootsteward.domain.root_session import CallerIdentity, RootSession
from rootsteward.domain.task_policy import RootFeature, TaskPolicy


class CallerReader(Protocol):
    """Who we are and where."""

    @property
    def region(self) -> str:
        """The Region that regional calls go to."""

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""

    def caller(self) -> CallerIdentity:
        """`sts:GetCallerIdentity`."""


class MembershipReader(Protocol):
    """Which organization we belong to."""

    def organization_id(self) -> str:
        """`organizations:DescribeOrganization`, its id only."""


class OrganizationReader(Protocol):
    """The tree and its control policies."""

    def organization(self) -> Organization:
        """The whole tree, without tags."""

    def control_policies(self, policy_type: str, org_root: OrgRoot) -> ControlPolicies:
        """Every policy of a type (`SERVICE_CONTROL_POLICY`, …) with content and attachments.

        `org_root`, as read with the organization, says whether the type is enabled; when it is
        not, nothing is in force and nothing is read.
        """

    def control_policy(self, policy_id: str) -> ControlPolicy:
        """One policy as it is now."""


class TagReader(Protocol):
    """Tags of accounts, one call each."""

    def account_tags(self, account: AccountId) -> Mapping[str, str]:
        """`organizations:ListTagsForResource`."""


class ControlPolicyWriter(Protocol):
    """Changes to control policies."""

    def update_policy_content(self, policy_id: str, content: str) -> Receipt:
        """`organizations:UpdatePolicy`, content only."""


class RootAccessSwitches(Protocol):
    """Trusted access, the two features, delegated administrators."""

    def trusted_access_enabled(self) -> bool:
        """Whether `iam.amazonaws.com` has trusted access in the organization."""

    def enable_trusted_access(self) -> Receipt:
        """`organizations:EnableAWSServiceAccess` for `iam.amazonaws.com`."""

    def disable_trusted_access(self) -> Receipt:
        """`organizations:DisableAWSServiceAccess` for `iam.amazonaws.com`."""

    def root_features(self) -> frozenset[RootFeature]:
        """The features that are on; `FeatureDisabledError` when trusted access is off."""

    def enable_root_feature(self, feature: RootFeature) -> Receipt:
        """Switch a feature on. Idempotent."""

    def disable_root_feature(self, feature: RootFeature) -> Receipt:
        """Switch a feature off. Idempotent."""

    def delegated_administrators(self) -> tuple[AccountId, ...]:
        """Accounts registered for `iam.amazonaws.com`."""

    def register_delegated_administrator(self, account: AccountId) -> Receipt:
        """Register an account for `iam.amazonaws.com`."""

    def deregister_delegated_administrator(self, account: AccountId) -> Receipt:
        """Deregister an account for `iam.amazonaws.com`."""


class RootSessions(Protocol):
    """`sts:AssumeRoot`."""

    def open_root_session(
        self, account: AccountId, task: TaskPolicy, *, duration_seconds: int = 900
    ) -> RootSession:
        """A new session. That one is issued says nothing about what it may do."""


class RootCredentialReader(Protocol):
    """Looks at root credentials through an audit or delete session."""

    def credential_summary(self, session: RootSession) -> RootCredentials:
        """The four bits of `iam:GetAccountSummary` (audit sessions only); basis `summary`."""

    def password(self, session: RootSession) -> Password | None:
        """The root login profile, or None when there is none."""

    def password_last_used(self, session: RootSession, password: Password) -> Password:
        """The password with its `last_used_at` filled in, by `iam:GetUser`."""

    def access_keys(self, session: RootSession) -> tuple[AccessKey, ...]:
        """Root access keys, without last use."""

    def access_key_last_used(self, session: RootSession, key: AccessKey) -> AccessKey:
        """The key with its `last_used_*` filled in."""

    def signing_certificates(self, session: RootSession) -> tuple[SigningCertificate, ...]:
        """Root signing certificates."""

    def mfa_devices(self, session: RootSession) -> tuple[MfaDevice, ...]:
        """Root MFA devices."""


class RootCredentialWriter(Protocol):
    """Deletes root credentials (delete session) or allows recovery (create session)."""

    def delete_password(self, session: RootSession) -> Receipt:
        """`iam:DeleteLoginProfile`."""

    def delete_access_key(self, session: RootSession, key_id: str) -> Receipt:
        """`iam:DeleteAccessKey`."""

    def delete_signing_certificate(self, session: RootSession, certificate_id: str) -> Receipt:
        """`iam:DeleteSigningCertificate`."""

    def deactivate_mfa_device(self, session: RootSession, serial: str) -> Receipt:
        """`iam:DeactivateMFADevice`."""

    def create_password(self, session: RootSession) -> Receipt:
        """`iam:CreateLoginProfile` without name and password: allows recovery, sends no mail."""


class BucketGateway(Protocol):
    """Bucket policies, through an unlock-bucket session."""

    def buckets(self, session: RootSession) -> tuple[tuple[str, str], ...]:
        """Pairs of bucket name and Region."""

    def bucket_policy(self, session: RootSession, bucket: str) -> str | None:
        """The policy's text, or None when the bucket has none."""

    def put_bucket_policy(self, session: RootSession, bucket: str, policy: str) -> Receipt:
        """`s3:PutBucketPolicy`."""

    def delete_bucket_policy(self, session: RootSession, bucket: str) -> Receipt:
        """`s3:DeleteBucketPolicy`."""


class QueueGateway(Protocol):
    """Queue policies, through an unlock-queue session."""

    def queue_regions(self) -> tuple[str, ...]:
        """Every Region of our partition that has queues, enabled or not; asks nobody."""

    def queues(self, session: RootSession, region: str) -> tuple[str, ...]:
        """Queue URLs in a Region."""

    def queue_url(self, session: RootSession, region: str, name: str) -> str:
        """A queue's URL by name."""

    def queue_policy(self, session: RootSession, region: str, url: str) -> str | None:
        """The policy's text, or None when the queue has none."""

    def set_queue_policy(self, session: RootSession, region: str, url: str, policy: str) -> Receipt:
        """`sqs:SetQueueAttributes` with `Policy` only; an empty text removes the policy."""


class FindingReader(Protocol):
    """GuardDuty findings visible to the caller."""

    def findings(self, region: str, *, types: Sequence[str] = ()) -> Iterator[Finding]:
        """Findings of the caller's detector in a Region, newest first, archived ones included.

        Yields nothing when the Region has no detector.
        """


class TrailReader(Protocol):
    """CloudTrail event history of the caller's account."""

    def assume_root_events(self, region: str, since: datetime) -> Iterator[TrailEvent]:
        """`AssumeRoot` events recorded in a Region, newest first."""


class AwsGateway(
    CallerReader,
    MembershipReader,
    OrganizationReader,
    TagReader,
    ControlPolicyWriter,
    RootAccessSwitches,
    RootSessions,
    RootCredentialReader,
    RootCredentialWriter,
    BucketGateway,
    QueueGateway,
    FindingReader,
    TrailReader,
    Protocol,
):
    """All of it: what `wiring` builds once per run."""
