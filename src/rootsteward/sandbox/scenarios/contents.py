"""What a scenario puts into accounts: root credentials, users, roles, buckets, queues."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import md5
from random import Random
from typing import assert_never

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.scenarios.managed_policies import MANAGED_POLICIES
from rootsteward.sandbox.scenarios.schema import (
    AccessKeySpec,
    BucketSpec,
    ManagementSpec,
    MfaSpec,
    PasswordSpec,
    QueueSpec,
    RoleSpec,
    RootUserSpec,
    UserSpec,
    document_text,
)
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.buckets import Bucket, StoredObject
from rootsteward.sandbox.world.credentials import (
    AccessKeyRecord,
    CertificateRecord,
    LoginProfile,
    MfaRecord,
    certificate_body,
    passkey_serial,
    virtual_mfa_serial,
)
from rootsteward.sandbox.world.identities import IamUser, Role
from rootsteward.sandbox.world.queues import Message, Queue
from rootsteward.sandbox.world.world import World

_BUCKETS_MADE_DAYS_AGO = 400


@dataclass
class Furnisher:
    """Fills accounts. `world` is set once there is one."""

    random: Random
    started_at: datetime
    world: World = field(init=False)

    def before(self, days: float) -> datetime:
        """A time that many days before the scenario starts."""
        return self.started_at - timedelta(days=days)

    def furnish(self, spec: ManagementSpec) -> None:
        """Everything but roles, which name accounts and profiles that must exist first."""
        account = AccountId(spec.id)
        self.add_root_credentials(account, spec.root_user)
        for user in spec.users:
            self._add_user(account, user)
        for bucket in spec.buckets:
            self._add_bucket(account, bucket)
        for queue in spec.queues:
            self._add_queue(account, queue)

    # --- the root user

    def add_root_credentials(self, account: AccountId, spec: RootUserSpec) -> None:
        """Give an account's root user what the scenario says."""
        root_users = self.world.root_users
        if spec.password is not None:
            root_users.of(account).holdings.password = self._login_profile(spec.password)
        for key_spec in spec.access_keys:
            root_users.add_access_key(account, self._key(key_spec))
        for certificate in spec.certificates:
            certificate_id = ids.certificate_id(self.random)
            record = CertificateRecord(
                id=certificate_id,
                body=certificate_body(certificate_id),
                uploaded_at=self.before(certificate.uploaded_days_ago),
                active=certificate.active,
            )
            root_users.add_certificate(account, record)
        for device in spec.mfa:
            serial = self._mfa_serial(account, device)
            enabled_at = self.before(device.enabled_days_ago)
            root_users.add_mfa_device(account, MfaRecord(serial, enabled_at))

    def _login_profile(self, spec: PasswordSpec) -> LoginProfile:
        used = spec.last_used_days_ago
        return LoginProfile(
            created_at=self.before(spec.created_days_ago),
            last_used_at=None if used is None else self.before(used),
        )

    def _key(self, spec: AccessKeySpec) -> AccessKeyRecord:
        key = AccessKeyRecord(
            id=ids.long_term_key_id(self.random),
            secret=Secret(ids.secret_access_key(self.random)),
            created_at=self.before(spec.created_days_ago),
            active=spec.active,
        )
        if spec.last_used_days_ago is not None:
            service = spec.last_used_service or "s3"
            region = spec.last_used_region or self.world.regions[0]
            key.used(self.before(spec.last_used_days_ago), service, region)
        if spec.profile is not None:
            self.world.profiles[key.id] = spec.profile
        return key

    def _mfa_serial(self, account: AccountId, spec: MfaSpec) -> str:
        match spec.kind:
            case "virtual":
                return virtual_mfa_serial(account, spec.name or "root-account-mfa-device")
            case "passkey":
                suffix = ids.certificate_id(self.random)[:26]
                return passkey_serial(account, f"{spec.name or 'passkey'}-{suffix}")
            case "hardware":
                return spec.name or f"GAHT{self.random.randrange(10**8):08d}"
            case _:
                assert_never(spec.kind)

    # --- users and roles

    def _add_user(self, account: AccountId, spec: UserSpec) -> None:
        user = IamUser(
            account=account,
            name=spec.name,
            unique_id=ids.user_unique_id(self.random),
            created_at=self.before(_BUCKETS_MADE_DAYS_AGO),
            path=spec.path,
            inline=_inline(spec),
            managed=_managed(spec),
        )
        for key_spec in spec.access_keys:
            key = self._key(key_spec)
            user.holdings.access_keys[key.id] = key
        self.world.identities.add_user(user)

    def add_to_members(self, spec: RoleSpec, targets: Mapping[str, str]) -> None:
        """Add a role to every member account."""
        organization = self.world.organization
        for account in organization.accounts:
            if account != organization.management_account_id:
                self._add_role(account, spec, targets)

    def add_roles(self, accounts: Iterable[ManagementSpec], targets: Mapping[str, str]) -> None:
        """Add the roles of single accounts; one of a member role's name is that role."""
        for account in accounts:
            for spec in account.roles:
                self._add_role(AccountId(account.id), spec, targets)

    def _add_role(self, account: AccountId, spec: RoleSpec, targets: Mapping[str, str]) -> None:
        role = Role(
            account=account,
            name=spec.name,
            unique_id=ids.role_unique_id(self.random),
            trust=_trust(spec, targets),
            created_at=self.before(_BUCKETS_MADE_DAYS_AGO),
            path=spec.path,
            inline=_inline(spec),
            managed=_managed(spec),
        )
        self.world.identities.add_role(role)
        if spec.profile is not None and spec.source_profile is not None:
            self.world.profiles[role.arn] = spec.profile
            self.world.source_profiles[role.arn] = spec.source_profile

    # --- buckets and queues

    def _add_bucket(self, account: AccountId, spec: BucketSpec) -> None:
        bucket = Bucket(
            name=spec.name,
            owner=account,
            region=spec.region or self.world.regions[0],
            created_at=self.before(_BUCKETS_MADE_DAYS_AGO),
            policy=None if spec.policy is None else document_text(spec.policy),
        )
        for key, text in spec.objects.items():
            body = text.encode()
            etag = md5(body, usedforsecurity=False).hexdigest()
            bucket.objects[key] = StoredObject(body, f'"{etag}"', "text/plain", bucket.created_at)
        self.world.buckets.add(bucket)

    def _add_queue(self, account: AccountId, spec: QueueSpec) -> None:
        made_at = self.before(_BUCKETS_MADE_DAYS_AGO)
        queue = Queue(
            name=spec.name,
            owner=account,
            region=spec.region or self.world.regions[0],
            created_at=made_at,
            modified_at=made_at,
            policy=None if spec.policy is None else document_text(spec.policy),
        )
        for text in spec.messages:
            message_id = ids.request_id(self.random)
            queue.messages.append(
                Message(message_id, text, account, self.started_at, self.started_at)
            )
        self.world.queues.add(queue)


def _inline(spec: UserSpec | RoleSpec) -> dict[str, NamedDocument]:
    return {
        name: NamedDocument(name, document_text(document))
        for name, document in spec.inline_policies.items()
    }


def _managed(spec: UserSpec | RoleSpec) -> dict[str, NamedDocument]:
    policies = (MANAGED_POLICIES[name] for name in spec.managed_policies)
    return {policy.name: policy for policy in policies}


def _trust(spec: RoleSpec, targets: Mapping[str, str]) -> NamedDocument:
    if spec.trust is not None:
        return NamedDocument("trust policy", document_text(spec.trust))
    principals = [root_user_arn(AccountId(targets[name])) for name in spec.trusts]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principals},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return NamedDocument("trust policy", json.dumps(document))
