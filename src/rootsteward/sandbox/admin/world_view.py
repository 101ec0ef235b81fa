"""A world as people look at it: accounts, credentials, calls, findings. No secret is in it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account
from rootsteward.sandbox.admin.account_search import Search, holds, unit_path
from rootsteward.sandbox.call import CallerKind
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.recent_calls import RecentCall
from rootsteward.sandbox.world.finding_record import FindingRecord
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World

# WHY Any: these are JSON documents.
View = dict[str, Any]
NEWEST_FINDINGS = 50


def world_view(
    sandbox: Sandbox, *, offset: int, limit: int, calls: int, search: Search | None = None
) -> View:
    """The whole of it: `limit` accounts from number `offset` on, the newest `calls` calls.

    With `search` only the accounts it finds count; `matching` says how many these are.
    """
    world = sandbox.world
    found = (search or Search()).found_in(world)
    return {
        "at": time_text(world.now()),
        "organization": organization_view(world.organization),
        "regions": list(world.regions),
        "behaviour": {
            "throttle": world.behaviour.throttle,
            "realistic": world.behaviour.realistic,
            "fault_rules": len(world.behaviour.faults.rules),
        },
        "accounts": {
            "total": len(world.organization.accounts),
            "matching": len(found),
            "holding": sum(1 for a in world.organization.accounts.values() if holds(world, a)),
            "offset": offset,
            "shown": [account_view(world, account) for account in found[offset : offset + limit]],
        },
        "recent_calls": [call_view(call) for call in islice(sandbox.recent_calls, calls)],
        "findings": findings_view(world),
    }


def time_text(at: datetime | None) -> str | None:
    """A time in seconds, UTC."""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def organization_view(organization: OrganizationState) -> View:
    """The switches of the organization."""
    services = organization.services
    return {
        "id": organization.id,
        "management_account": organization.management_account_id,
        "policy_types": sorted(organization.policies.enabled_types),
        "trusted_services": sorted(services.trusted_since),
        "delegated_administrators": {
            service: sorted(services.delegates_of(service))
            for service in sorted(services.trusted_since)
            if services.delegates_of(service)
        },
        "root_features": list(organization.root_features.listed()),
    }


def account_view(world: World, account: Account) -> View:
    """One account, with what its root user holds."""
    return {
        "id": account.id,
        "name": account.name,
        "email": account.email,
        "state": account.state.value,
        "unit": unit_path(world, account),
        "root_user": _root_user(world, account),
    }


def _root_user(world: World, account: Account) -> View:
    held = world.root_users.held_by(account.id)
    keys = list(held.keys()) if held else []
    certificates = held.certificates.values() if held else ()
    return {
        "password": held is not None and held.password is not None,
        "active_access_keys": sum(1 for key in keys if key.active),
        "inactive_access_keys": sum(1 for key in keys if not key.active),
        "signing_certificates": len(certificates),
        "mfa_devices": len(held.mfa_devices) if held else 0,
    }


def call_view(call: RecentCall) -> View:
    """One call. `by` is the caller's ARN; a root session also names its task."""
    caller = call.caller
    task = caller.task.value if caller and caller.task else None
    return {
        "at": time_text(call.at),
        "request_id": call.request_id,
        "service": call.service,
        "operation": call.operation,
        "region": call.region,
        "account": caller.account if caller else None,
        "by": caller.arn if caller else None,
        "root_session_task": task if caller and caller.kind is CallerKind.ROOT_SESSION else None,
        "outcome": call.outcome,
        "http_status": call.http_status or None,
        "message": call.message,
        "faults": list(call.faults),
    }


def findings_view(world: World) -> View:
    """How many findings there are, by severity, and the newest of them."""
    findings = list(world.findings.everything(world.now()))
    severities = Counter(f.kind.severity.name.lower() for f in findings if not f.archived)
    newest = sorted(findings, key=lambda f: f.updated_at, reverse=True)[:NEWEST_FINDINGS]
    names = world.organization.accounts
    return {
        "total": len(findings),
        "archived": sum(1 for finding in findings if finding.archived),
        "open_by_severity": dict(sorted(severities.items())),
        "newest": [_finding(finding, names) for finding in newest],
    }


def _finding(finding: FindingRecord, accounts: Mapping[AccountId, Account]) -> View:
    account = accounts.get(finding.account)
    return {
        "id": finding.id,
        "type": finding.kind.value,
        "severity": finding.kind.severity.name.lower(),
        "account": finding.account,
        "account_name": account.name if account else "",
        "region": finding.region,
        "api": finding.api,
        "count": finding.count,
        "archived": finding.archived,
        "last_seen_at": time_text(finding.last_seen_at),
    }
