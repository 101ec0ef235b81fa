"""How late changes take effect, as they were recorded: the sandbox with `realistic` on.

A call is judged and answered in a *view* of the world, in which some part is still as it was.
Views share everything else with the world, so what a call changes is changed in the world.
The table of delays is `DELAYS`; the recorded flapping of `AssumeRoot` after a delegate was
deregistered is `DEREGISTERED_MAY_CALL` (rule card ROOT-80).
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from rootsteward.domain.authorization import Level
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, CallerKind, ServiceError
from rootsteward.sandbox.services.sqs.requests import queue_of
from rootsteward.sandbox.world.control_policies import PolicyStore
from rootsteward.sandbox.world.copying import copied
from rootsteward.sandbox.world.credentials import Holdings
from rootsteward.sandbox.world.history import History
from rootsteward.sandbox.world.queues import Queue, Queues
from rootsteward.sandbox.world.root_access import ServiceAccess
from rootsteward.sandbox.world.root_users import RootUser, RootUsers
from rootsteward.sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds until a change takes effect, each with its rule card."""

    # ROOT-80: still allowed 61 s after, refused 181 s after.
    trust_off_seconds: float = 175.0
    # ROOT-81: seen in the summary between one and two seconds after.
    password_seconds: float = 1.0
    # ORG-81: assumed.
    control_policy_seconds: float = 5.0
    # ORG-82: recorded; a change that comes meanwhile starts the wait anew.
    attachment_published_seconds: float = 2.3
    content_published_seconds: float = 3.18
    # SQS-80: documented as up to 60 s; how long within that is assumed.
    queue_attributes_seconds: float = 15.0


DELAYS: Final = Delays()

# Rule card ROOT-80: seconds since the account was deregistered, and whether `AssumeRoot` still
# takes it for a delegate from then on.
DEREGISTERED_MAY_CALL: Final = ((0.0, True), (1.0, False), (10.0, True), (40.0, False))

_POLICY_CHANGES = frozenset(
    {
        "AttachPolicy",
        "DetachPolicy",
        "UpdatePolicy",
        "EnablePolicyType",
        "DisablePolicyType",
    }
)
_ATTACHMENT_CHANGES = frozenset({"AttachPolicy", "DetachPolicy"})
_PASSWORD_CHANGES = frozenset({"CreateLoginProfile", "DeleteLoginProfile"})
_ROOT_CALLERS = frozenset({CallerKind.ROOT_USER, CallerKind.ROOT_SESSION})
_QueuePlace = tuple[str, AccountId, str]


@dataclass(slots=True)
class _LaggingPolicies(PolicyStore):
    """Policies as they were attached a while ago.

    WHY `present`: an account or unit that is younger than that has only what it has now.
    """

    present: PolicyStore = field(default_factory=PolicyStore)

    def chain(self, policy_type: str, path: Sequence[str]) -> tuple[Level, ...] | None:
        was_there = all(self.attached_to(target_id, policy_type) for target_id in path)
        if policy_type in self.enabled_types and not was_there:
            return self.present.chain(policy_type, path)
        return PolicyStore.chain(self, policy_type, path)


@dataclass(slots=True)
class Before:
    """What a call is about to replace."""

    policies: PolicyStore | None = None
    policies_changed_by: str = ""
    holdings: tuple[AccountId, Holdings] | None = None
    queue: tuple[_QueuePlace, Queue] | None = None
    trusted_since: tuple[str, datetime] | None = None
    delegate: tuple[AccountId, str, datetime] | None = None


class Propagation:
    """The changes of one sandbox that have not reached everybody. Not safe for threads."""

    def __init__(self, delays: Delays = DELAYS) -> None:
        self._delays = delays
        self._policies: History[PolicyStore] = History()
        self._published: tuple[datetime, PolicyStore] | None = None
        self._holdings: dict[AccountId, History[Holdings]] = {}
        self._queues: dict[_QueuePlace, History[Queue]] = {}
        self._distrusted: dict[str, tuple[datetime, datetime]] = {}
        self._deregistered: dict[tuple[AccountId, str], tuple[datetime, datetime]] = {}

    # --- views

    def judged_in(self, world: World, call: Call) -> World:
        """The world in which a call is authorized."""
        policies = self._policies.as_of(_ago(call, self._delays.control_policy_seconds))
        view = self.answered_in(world, call)
        if policies is not None:
            organization = copy(view.organization)
            organization.policies = policies
            view = replace(view, organization=organization)
        if call.service == "sqs" and self._queues:
            view = replace(view, queues=self._older_queues(world, call))
        return view

    def answered_in(self, world: World, call: Call) -> World:
        """The world in which a call is carried out."""
        match call.service, call.operation:
            case "sts", "AssumeRoot":
                return self._with_former_services(world, call)
            case "organizations", "DescribeEffectivePolicy" if self._published:
                return self._as_published(world, call, *self._published)
            case "iam", "GetAccountSummary" if self._holdings:
                return self._with_former_password(world, call)
            case "sqs", "GetQueueAttributes" if self._queues:
                return replace(world, queues=self._older_queues(world, call))
            case _:
                return world

    def _with_former_services(self, world: World, call: Call) -> World:
        """Trusted access and delegates as `AssumeRoot` sees them."""
        if not (self._distrusted or self._deregistered):
            return world
        services = copied(world.organization.services)
        self._trust_again(services, call.at)
        for (account, service), (since, ended_at) in self._deregistered.items():
            registered_again = services.is_delegate(account, service)
            if not registered_again and _still_delegate(ended_at, call.at):
                services.trust(service, since)
                services.delegate(account, service, since)
        organization = copy(world.organization)
        organization.services = services
        return replace(world, organization=organization)

    def _trust_again(self, services: ServiceAccess, at: datetime) -> None:
        for service, (since, ended_at) in self._distrusted.items():
            if at < ended_at + timedelta(seconds=self._delays.trust_off_seconds):
                services.trust(service, since)

    def _as_published(
        self, world: World, call: Call, until: datetime, policies: PolicyStore
    ) -> World:
        """The policies that effective policies are still made of; types switch at once."""
        if call.at >= until:
            return world
        policies = copy(policies)
        policies.enabled_types = world.organization.policies.enabled_types
        organization = copy(world.organization)
        organization.policies = policies
        return replace(world, organization=organization)

    def _with_former_password(self, world: World, call: Call) -> World:
        account = call.caller.account
        history = self._holdings.get(account)
        was = history.as_of(_ago(call, self._delays.password_seconds)) if history else None
        if was is None:
            return world
        holdings = replace(world.root_users.of(account).holdings, password=was.password)
        return replace(world, root_users=RootUsers({account: RootUser(account, holdings)}))

    def _older_queues(self, world: World, call: Call) -> Queues:
        """The queues, those that changed lately with the policy and attributes from before."""
        moment = _ago(call, self._delays.queue_attributes_seconds)
        older = Queues()
        for queue in world.queues:
            history = self._queues.get(_place(queue))
            was = history.as_of(moment) if history else None
            older.add(queue if was is None else _dressed_as(queue, was))
        return older

    # --- changes

    def before(self, world: World, call: Call) -> Before | None:
        """Look at what a call may change; to be given to `after` when it succeeded."""
        organization, operation = world.organization, call.operation
        if call.service == "organizations":
            service = call.params.get("ServicePrincipal", "")
            if operation in _POLICY_CHANGES:
                return Before(
                    policies=_lagging(organization.policies),
                    policies_changed_by=operation,
                )
            if operation == "DisableAWSServiceAccess":
                since = organization.services.trusted_since.get(service)
                return Before(trusted_since=(service, since)) if since else None
            if operation == "DeregisterDelegatedAdministrator":
                return _delegate_before(world, call, service)
        if call.service == "iam" and operation in _PASSWORD_CHANGES:
            return _password_before(world, call)
        if (call.service, operation) == ("sqs", "SetQueueAttributes"):
            return _queue_before(world, call)
        return None

    def after(self, before: Before, at: datetime) -> None:
        """Note that a call replaced what `before` holds."""
        delays = self._delays
        if before.policies is not None:
            self._policies.note(at, before.policies, delays.control_policy_seconds)
            self._publish_later(before.policies, before.policies_changed_by, at)
        if before.holdings is not None:
            account, holdings = before.holdings
            history = self._holdings.setdefault(account, History())
            history.note(at, holdings, delays.password_seconds)
        if before.queue is not None:
            place, queue = before.queue
            self._queues.setdefault(place, History()).note(
                at, queue, delays.queue_attributes_seconds
            )
        if before.trusted_since is not None:
            service, since = before.trusted_since
            self._distrusted[service] = (since, at)
        if before.delegate is not None:
            account, service, since = before.delegate
            self._deregistered[account, service] = (since, at)

    def _publish_later(self, was: PolicyStore, operation: str, at: datetime) -> None:
        """What is published stays so until some time after the last change."""
        delays = self._delays
        if operation == "EnablePolicyType":
            return
        seconds = (
            delays.attachment_published_seconds
            if operation in _ATTACHMENT_CHANGES
            else delays.content_published_seconds
        )
        if self._published is not None and at < self._published[0]:
            was = self._published[1]
        self._published = (at + timedelta(seconds=seconds), was)


def _ago(call: Call, seconds: float) -> datetime:
    return call.at - timedelta(seconds=seconds)


def _still_delegate(ended_at: datetime, at: datetime) -> bool:
    seconds = (at - ended_at).total_seconds()
    return [may for since, may in DEREGISTERED_MAY_CALL if seconds >= since][-1]


def _lagging(present: PolicyStore) -> PolicyStore:
    """The policies as they are now, to be kept while `present` changes."""
    was = copied(present)
    return _LaggingPolicies(
        policies=was.policies,
        enabled_types=was.enabled_types,
        _attached=was._attached,  # noqa: SLF001 (a copy of the same kind)
        present=present,
    )


def _place(queue: Queue) -> _QueuePlace:
    return (queue.region, queue.owner, queue.name)


def _dressed_as(queue: Queue, was: Queue) -> Queue:
    """A queue with former policy and attributes; its messages are the queue's own."""
    return replace(queue, policy=was.policy, attributes=was.attributes, modified_at=was.modified_at)


def _delegate_before(world: World, call: Call, service: str) -> Before | None:
    delegates = world.organization.services.delegates_of(service)
    account = call.params["AccountId"]
    if account not in delegates:
        return None
    return Before(delegate=(AccountId(account), service, delegates[account]))


def _password_before(world: World, call: Call) -> Before | None:
    if call.caller.kind not in _ROOT_CALLERS or "UserName" in call.params:
        return None
    account = call.caller.account
    return Before(holdings=(account, replace(world.root_users.of(account).holdings)))


def _queue_before(world: World, call: Call) -> Before | None:
    try:
        queue = queue_of(world, call)
    except ServiceError:
        return None
    kept = replace(queue, attributes=dict(queue.attributes), messages=[])
    return Before(queue=(_place(queue), kept))
