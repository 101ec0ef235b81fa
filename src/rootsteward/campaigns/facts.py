"""What a plan rests on, so that `apply` can tell whether it still holds. Pure.

Facts are words about the organization: where each account is, its state, and which control
policies with which text are in force above it. Credentials are not among them: the step in each
account begins with a look at those, and changes nothing where they are not the planned ones.
"""

import hashlib
from collections.abc import Iterable, Mapping

from rootsteward.domain.control_policies import ControlPolicies
from rootsteward.domain.identifiers import AccountId
from rootsteward.operations.controls import Controls

Facts = Mapping[str, str]

_SHORT_TYPE = {"SERVICE_CONTROL_POLICY": "SCP", "RESOURCE_CONTROL_POLICY": "RCP"}


def facts_about(controls: Controls, accounts: Iterable[AccountId]) -> Facts:
    """The facts that a plan for these accounts rests on; same organization, same facts.

    An account that is no longer in the organization has none, and so differs from what it was.
    """
    organization = controls.organization
    facts: dict[str, str] = {}
    for account_id in accounts:
        account = organization.account_by_id.get(account_id)
        if account is None:
            continue
        path = organization.path_to(account_id)
        facts[f"account {account_id}"] = f"{account.state.value} in {'/'.join(path[:-1])}"
        for policies in (controls.scps, controls.rcps):
            facts.update(_policy_facts(policies, path))
    return dict(sorted(facts.items()))


def changes(then: Facts, now: Facts) -> tuple[str, ...]:
    """What is no longer as it was, one sentence each, in the order of the facts."""
    return tuple(
        _change(name, then.get(name), now.get(name))
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    )


def _policy_facts(policies: ControlPolicies, path: Iterable[str]) -> Mapping[str, str]:
    short = _SHORT_TYPE.get(policies.type, policies.type)
    facts = {f"{short}s": "in force" if policies.enabled else "not in force"}
    if not policies.enabled:
        return facts
    for entity in path:
        attached = (*policies.attached_everywhere, *policies.attached.get(entity, ()))
        facts[f"{short}s at {entity}"] = ", ".join(sorted(attached)) or "none"
        for policy_id in attached:
            text = policies.policies[policy_id].content
            facts[f"text of {short} {policy_id}"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return facts


def _change(name: str, then: str | None, now: str | None) -> str:
    if then is None:
        return f"{name}: is new: {now}"
    if now is None:
        return f"{name}: is gone; was {then}"
    if name.startswith("text of "):
        return f"{name}: has changed"
    return f"{name}: was {then}, is {now}"
