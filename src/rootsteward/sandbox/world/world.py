"""The world: everything the sandbox knows, in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.behaviour import Behaviour
from rootsteward.sandbox.call import Caller
from rootsteward.sandbox.world.buckets import Buckets
from rootsteward.sandbox.world.callers import iam_user_caller, root_user_caller
from rootsteward.sandbox.world.credentials import AccessKeyRecord
from rootsteward.sandbox.world.findings import Findings
from rootsteward.sandbox.world.identities import Identities
from rootsteward.sandbox.world.managed_policies import ManagedPolicies
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.queues import Queues
from rootsteward.sandbox.world.root_users import RootUsers
from rootsteward.sandbox.world.trail import Trail
from rootsteward.sandbox.world.virtual_devices import VirtualDevices


@dataclass(frozen=True, slots=True)
class Credential:
    """What is known of an access key: how to check a signature, and who signs with it.

    `token` and `expires_at` are None for long-term keys. An inactive key is not a credential.
    """

    secret: Secret
    caller: Caller
    token: Secret | None = None
    expires_at: datetime | None = None


@dataclass
class World:
    """All state of one sandbox. Not safe for threads: one call at a time.

    `now` is the sandbox's clock (aware, UTC); `random` makes every identifier, so that a world is
    the same for the same seed. `regions` are those that are switched on. `credential_reports` are
    IAM's, with the time they were made.
    """

    now: Callable[[], datetime]
    random: Random
    regions: tuple[str, ...]
    organization: OrganizationState
    identities: Identities = field(default_factory=Identities)
    managed_policies: ManagedPolicies = field(default_factory=ManagedPolicies)
    root_users: RootUsers = field(default_factory=RootUsers)
    virtual_devices: VirtualDevices = field(default_factory=VirtualDevices)
    buckets: Buckets = field(default_factory=Buckets)
    queues: Queues = field(default_factory=Queues)
    trail: Trail = field(default_factory=Trail)
    findings: Findings = field(default_factory=Findings)
    credential_reports: dict[AccountId, tuple[datetime, str]] = field(default_factory=dict)
    # Names for a credentials file, by long-term key id or role ARN; for roles also the profile
    # that assumes them.
    profiles: dict[str, str] = field(default_factory=dict)
    source_profiles: dict[str, str] = field(default_factory=dict)
    behaviour: Behaviour = field(default_factory=Behaviour)

    def credential(self, access_key_id: str) -> Credential | None:
        """Find a credential by its access key id; expired sessions are found, too.

        Those of an account that is closed or suspended are not (rule card ORG-11).
        """
        found = self._credential(access_key_id)
        if found is None or not self.organization.may_sign(found.caller.account):
            return None
        return found

    def _credential(self, access_key_id: str) -> Credential | None:
        session = self.identities.session(access_key_id)
        if session is not None:
            return Credential(session.secret, session.caller, session.token, session.expires_at)
        owned = self.root_users.find_key(access_key_id)
        if owned is not None:
            account, key = owned
            return _long_term(key, root_user_caller(account, key.id))
        found = self.identities.find_key(access_key_id)
        if found is not None:
            user, key = found
            return _long_term(key, iam_user_caller(user, key.id))
        return None

    def note_key_use(self, call_key: str, service: str, region: str) -> None:
        """Set the last-used fields of a long-term key."""
        found = self.root_users.find_key(call_key) or self.identities.find_key(call_key)
        if found is not None:
            found[1].used(self.now(), service, region)


def _long_term(key: AccessKeyRecord, caller: Caller) -> Credential | None:
    return Credential(key.secret, caller) if key.active else None
