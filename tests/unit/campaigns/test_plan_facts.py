from dataclasses import replace

from fake_gateway import (
    CLOSED,
    DEV,
    NO_RCPS,
    PROD,
    a_policy,
    an_organization,
    control_policies,
)
from rootsteward.campaigns.facts import changes, facts_about
from rootsteward.domain.organization import AccountState
from rootsteward.operations.controls import Controls

DENY = a_policy("p-deny", '{"Version":"2012-10-17","Statement":[]}')
WORKLOADS = "ou-ab12-work0000"


def controls() -> Controls:
    return Controls(an_organization(), control_policies(), NO_RCPS)


def with_account(state: AccountState | None = None, parent: str | None = None) -> Controls:
    organization = an_organization()
    accounts = [
        replace(a, state=state or a.state, parent_id=parent or a.parent_id) if a.id == DEV else a
        for a in organization.accounts
    ]
    return Controls(replace(organization, accounts=tuple(accounts)), control_policies(), NO_RCPS)


def test_the_same_organization_has_the_same_facts() -> None:
    assert facts_about(controls(), [DEV, PROD]) == facts_about(controls(), [PROD, DEV])
    assert changes(facts_about(controls(), [DEV]), facts_about(controls(), [DEV])) == ()


def test_a_move_a_closing_and_a_departure_are_named() -> None:
    then = facts_about(controls(), [DEV])
    moved = changes(then, facts_about(with_account(parent="r-ab12"), [DEV]))
    assert f"account {DEV}: was ACTIVE in r-ab12/{WORKLOADS}, is ACTIVE in r-ab12" in moved
    closed = changes(then, facts_about(with_account(AccountState.SUSPENDED), [DEV]))
    assert closed == (
        f"account {DEV}: was ACTIVE in r-ab12/{WORKLOADS}, is SUSPENDED in r-ab12/{WORKLOADS}",
    )
    organization = an_organization()
    rest = tuple(a for a in organization.accounts if a.id != DEV)
    left = Controls(replace(organization, accounts=rest), control_policies(), NO_RCPS)
    assert f"account {DEV}: is gone; was ACTIVE in r-ab12/{WORKLOADS}" in changes(
        then, facts_about(left, [DEV])
    )


def test_a_policy_that_is_attached_above_or_changed_is_named_and_one_elsewhere_is_not() -> None:
    then = facts_about(controls(), [DEV])
    above = Controls(an_organization(), control_policies({WORKLOADS: [DENY]}), NO_RCPS)
    found = changes(then, facts_about(above, [DEV]))
    assert f"SCPs at {WORKLOADS}: was p-FullAWSAccess, is p-FullAWSAccess, p-deny" in found
    assert any(one.startswith("text of SCP p-deny: is new") for one in found)
    other = a_policy("p-deny", DENY.content.replace("[]", "[{}]"))
    edited = Controls(an_organization(), control_policies({WORKLOADS: [other]}), NO_RCPS)
    assert changes(facts_about(above, [DEV]), facts_about(edited, [DEV])) == (
        "text of SCP p-deny: has changed",
    )
    elsewhere = Controls(an_organization(), control_policies({CLOSED: [DENY]}), NO_RCPS)
    assert changes(then, facts_about(elsewhere, [DEV])) == ()


def test_control_policies_that_are_switched_off_are_a_fact() -> None:
    off = Controls(an_organization(), replace(control_policies(), enabled=False), NO_RCPS)
    found = changes(facts_about(controls(), [DEV]), facts_about(off, [DEV]))
    assert "SCPs: was in force, is not in force" in found
