"""Repairs of chains and of whole organizations."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from rootsteward.domain.authorization import (
    AccessRequest,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import (
    Account,
    AccountState,
    Organization,
    OrganizationalUnit,
    OrgRoot,
)
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.evaluate import evaluate
from rootsteward.policy.prove.chain import FULL_ACCESS
from rootsteward.policy.prove.proof import Proved, Refuted
from rootsteward.policy.repair.plan import plan_organization_repairs, plan_repairs
from rootsteward.policy.repair.repair import NoRepair, Repair, RepairPlan, Safety, Style
from rootsteward.policy.repair.requests import required_sets

MANAGEMENT, ONE, TWO = (AccountId(d * 12) for d in "123")
ROOT_USER = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
DENY_ROOT = {"Sid": "DenyRoot", "Action": "*", "Condition": ROOT_USER}
NO_PASSWORDS = {"Action": "iam:CreateLoginProfile"}
REGION_LOCK = {
    "NotAction": ["iam:*", "sts:*"],
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
}
PERIMETER = {"Action": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
NO_MFA = {"Action": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}


def scp(*statements: Mapping[str, Any]) -> str:
    full = [{"Effect": "Deny", "Resource": "*", **s} for s in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": full})


def plan_of(
    *texts: str,
    tasks: Sequence[TaskPolicy] = tuple(TaskPolicy),
    style: Style | None = None,
    size_limit: int = 10_240,
) -> RepairPlan:
    named = tuple(NamedDocument(f"p-{i}", text) for i, text in enumerate(texts))
    levels = (Level("r-1", (FULL_ACCESS, *named)), Level("111122223333", (FULL_ACCESS,)))
    return plan_repairs(levels, tasks=tasks, style=style, size_limit=size_limit)


def only_repair(plan: RepairPlan) -> Repair:
    (outcome,) = plan.outcomes
    assert isinstance(outcome, Repair), outcome
    return outcome


def only_refusal(plan: RepairPlan) -> NoRepair:
    (outcome,) = plan.outcomes
    assert isinstance(outcome, NoRepair), outcome
    return outcome


def decisions(levels: tuple[Level, ...], *, session: bool = True) -> set[Decision]:
    context = {"aws:AssumedRoot": "true"} if session else {}
    return {
        evaluate(
            AccessRequest("arn:aws:iam::111122223333:root", action, resource, context),
            PolicySet(scp_levels=levels),
        ).decision
        for task in TaskPolicy
        for requests in required_sets(task)
        for action in requests.actions or ()
        for resource in requests.resources or ()
    }


def test_the_articles_root_deny_is_repaired_narrowly_and_proved() -> None:
    plan = plan_of(scp(DENY_ROOT))
    repair = only_repair(plan)
    assert repair.style is Style.SESSION_AND_TASK
    assert repair.safety is Safety.SAFE
    assert isinstance(repair.proof, Proved)
    assert repair.proof.assumptions == ()
    assert repair.beyond is None
    (chain,) = plan.chains
    assert chain.blocked_before == tuple(TaskPolicy)
    assert chain.blocked_after == ()
    assert decisions(chain.levels_before) == {Decision.EXPLICIT_DENY}
    assert decisions(chain.levels_after) == {Decision.ALLOWED}
    assert decisions(chain.levels_after, session=False) == {Decision.EXPLICIT_DENY}


def test_the_articles_deny_for_everyone_lets_sessions_set_a_password() -> None:
    plan = plan_of(scp(NO_PASSWORDS))
    repair = only_repair(plan)
    assert repair.tasks == (TaskPolicy.CREATE_PASSWORD,)
    assert "iam:CreateLoginProfile" in repair.opens
    assert json.loads(repair.new)["Statement"][0]["Condition"] == {
        "Null": {"aws:AssumedRoot": "true"}
    }
    assert decisions(plan.chains[0].levels_after) == {Decision.ALLOWED}


@pytest.mark.parametrize("statement", [DENY_ROOT, NO_PASSWORDS, REGION_LOCK, PERIMETER, NO_MFA])
def test_every_kind_of_guard_is_repaired_and_then_nothing_is_left_to_do(
    statement: Mapping[str, Any],
) -> None:
    plan = plan_of(scp(statement))
    repair = only_repair(plan)
    assert isinstance(repair.proof, Proved)
    assert isinstance(plan.chains[0].proof, Proved)
    assert plan_of(repair.new).outcomes == ()


def test_a_repaired_policy_grows_its_list_when_another_task_is_wanted() -> None:
    first = only_repair(plan_of(scp(DENY_ROOT), tasks=[TaskPolicy.AUDIT]))
    second = only_repair(plan_of(first.new))
    assert second.style is Style.NOT_ACTION
    assert second.safety is Safety.SAFE
    assert isinstance(second.proof, Proved)
    before, after = (json.loads(text)["Statement"] for text in (second.old, second.new))
    assert len(after) == len(before)
    assert set(after[1]["NotAction"]) > set(before[1]["NotAction"])


def test_a_list_that_also_holds_back_long_term_credentials_is_not_just_extended() -> None:
    deny = {**DENY_ROOT, "NotAction": ["iam:GetUser"]}
    del deny["Action"]
    repair = only_repair(plan_of(scp(deny)))
    assert repair.style is Style.SESSION_AND_TASK
    assert repair.safety is Safety.SAFE


def test_all_guilty_policies_of_a_chain_are_repaired_at_once() -> None:
    plan = plan_of(scp(DENY_ROOT), scp(REGION_LOCK), scp(PERIMETER, NO_PASSWORDS))
    assert [r.policy_id for r in plan.repairs] == ["p-0", "p-1", "p-2"]
    assert plan.repairs[2].statements == (0, 1)
    assert plan.chains[0].blocked_after == ()
    assert decisions(plan.chains[0].levels_after) == {Decision.ALLOWED}


def test_not_action_is_unsafe_because_long_term_credentials_gain_too() -> None:
    repair = only_repair(plan_of(scp(DENY_ROOT), style=Style.NOT_ACTION))
    assert repair.safety is Safety.UNSAFE
    assert "long-term root credentials included" in repair.opens
    assert isinstance(repair.beyond, Refuted)
    assert repair.beyond.witness.principal.endswith(":root")
    assert "aws:AssumedRoot" not in repair.beyond.witness.context


def test_session_only_rests_on_what_sessions_can_do() -> None:
    repair = only_repair(plan_of(scp(DENY_ROOT), style=Style.SESSION_ONLY))
    assert repair.safety is Safety.SAFE
    assert isinstance(repair.proof, Proved)
    assert "five task policies" in repair.proof.assumptions[0]


def test_except_root_exempts_the_root_user_from_a_deny_for_everyone() -> None:
    repair = only_repair(plan_of(scp(NO_PASSWORDS), style=Style.EXCEPT_ROOT))
    assert repair.safety is Safety.UNSAFE
    assert "ArnNotLike" in repair.new


def test_except_root_has_nothing_to_say_about_a_deny_for_root_alone() -> None:
    refusal = only_refusal(plan_of(scp(DENY_ROOT), style=Style.EXCEPT_ROOT))
    assert "about the root user alone" in refusal.reason


def test_a_wide_pattern_falls_back_to_the_session_style() -> None:
    repair = only_repair(plan_of(scp({"Action": "iam:*Profile"})))
    assert repair.style is Style.SESSION_ONLY


def test_an_allow_list_gets_a_narrow_allow() -> None:
    allow = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    }
    plan = plan_repairs((Level("r-1", (NamedDocument("allow", json.dumps(allow)),)),))
    repair = only_repair(plan)
    added = json.loads(repair.new)["Statement"][1]
    assert added["Effect"] == "Allow"
    assert added["Condition"] == {"Null": {"aws:AssumedRoot": "false"}}
    assert "s3:GetBucketPolicy" not in added["Action"]
    assert isinstance(plan.chains[0].proof, Proved)
    assert decisions(plan.chains[0].levels_after) == {Decision.ALLOWED}
    assert plan_repairs(plan.chains[0].levels_after).outcomes == ()


def test_a_level_with_nothing_to_edit_is_named() -> None:
    plan = plan_repairs((Level("r-1", (FULL_ACCESS,)), Level("ou-1", ())))
    refusal = only_refusal(plan)
    assert refusal.entities == ("ou-1",)
    assert "attach an SCP to `ou-1`" in refusal.advice
    assert plan.chains[0].blocked_after == tuple(TaskPolicy)


def test_a_deny_that_is_meant_for_sessions_is_left_to_its_author() -> None:
    meant = {"Action": "*", "Condition": {"Null": {"aws:AssumedRoot": "false"}}}
    assert "for its author to say" in only_refusal(plan_of(scp(meant))).reason


def test_a_statement_nobody_can_read_is_not_repaired() -> None:
    refusal = only_refusal(plan_of(scp({**DENY_ROOT, "Comment": "x"})))
    assert "line 1" in refusal.reason
    assert "`Comment`" in refusal.reason


def test_a_deny_with_a_condition_nobody_can_read_is_not_repaired() -> None:
    strange = {"Action": "*", "Condition": {"StringIsh": {"aws:PrincipalArn": "x"}}}
    assert "nobody can say what it does" in only_refusal(plan_of(scp(strange))).reason


def test_a_malformed_policy_is_reported_with_its_place() -> None:
    plan = plan_of('{"Statement": [}')
    assert "line 1, column 16" in only_refusal(plan).reason
    assert plan.chains[0].proof.verdict == "unknown"


def test_a_bucket_that_is_guarded_by_name_is_not_a_blocked_task() -> None:
    guard = {"Action": "s3:*BucketPolicy", "Resource": "arn:aws:s3:::the-log-bucket"}
    assert plan_of(scp(guard)).outcomes == ()


def test_the_size_limit_is_respected_by_minifying_and_says_so() -> None:
    text = json.dumps(json.loads(scp(DENY_ROOT)), indent=8)
    small = plan_of(text, style=Style.SESSION_ONLY, size_limit=260)
    repair = only_repair(small)
    assert repair.minified
    assert repair.size_after <= 260
    refusal = only_refusal(plan_of(text, style=Style.SESSION_ONLY, size_limit=150))
    assert "the limit is 150" in refusal.reason


def test_the_diff_turns_old_into_new() -> None:
    repair = only_repair(plan_of(json.dumps(json.loads(scp(DENY_ROOT)), indent=2)))
    lines = repair.diff.splitlines()
    assert lines[0] == "--- a/p-0"
    added = [line[1:] for line in lines[2:] if line.startswith("+")]
    removed = [line[1:] for line in lines[2:] if line.startswith("-")]
    assert set(added) <= set(repair.new.splitlines())
    assert set(removed) <= set(repair.old.splitlines())
    assert len(repair.new.splitlines()) - len(repair.old.splitlines()) == len(added) - len(removed)


def test_an_effect_nobody_can_read_is_no_harmless_statement() -> None:
    text = scp({"Effect": "deny", "Action": "*"})
    refusal = only_refusal(plan_of(text))
    assert "AWS does not store this document" in refusal.reason
    assert "correct that place" in refusal.advice


RCP_FOR_ROOT = {
    "Sid": "NoRoot", "Principal": "*", "Action": "s3:*", "Condition": ROOT_USER,
}  # fmt: skip


def rcp_level(*statements: Mapping[str, object]) -> tuple[Level, ...]:
    return (Level("r-1", (NamedDocument("p-rcp", scp(*statements)),)),)


def test_an_rcp_that_blocks_is_named_and_never_edited() -> None:
    full = (Level("r-1", (FULL_ACCESS,)),)
    plan = plan_repairs(full, rcp_levels=rcp_level(RCP_FOR_ROOT))
    refusal = only_refusal(plan)
    assert refusal.policy_id == "p-rcp"
    assert refusal.tasks == (TaskPolicy.UNLOCK_BUCKET,)
    assert refusal.statements == (0,)
    assert "statement 0 (NoRoot)" in refusal.reason
    assert "resource control policy" in refusal.reason
    (chain,) = plan.chains
    assert chain.blocked_before == chain.blocked_after == (TaskPolicy.UNLOCK_BUCKET,)


def test_an_rcp_keeps_a_task_blocked_that_the_scps_let_through() -> None:
    levels = (Level("r-1", (FULL_ACCESS, NamedDocument("p-root", scp(DENY_ROOT)))),)
    plan = plan_repairs(levels, rcp_levels=rcp_level(RCP_FOR_ROOT))
    assert [repair.policy_id for repair in plan.repairs] == ["p-root"]
    (chain,) = plan.chains
    assert isinstance(chain.proof, Proved)
    assert chain.blocked_after == (TaskPolicy.UNLOCK_BUCKET,)


@pytest.mark.parametrize(
    "statement",
    [
        {**RCP_FOR_ROOT, "Condition": {**ROOT_USER, "Null": {"aws:AssumedRoot": "true"}}},
        {"Principal": "*", "Action": "s3:ListAllMyBuckets"},
        {"Principal": "*", "Action": "kms:*"},
        {"Effect": "Allow", "Principal": "*", "Action": "*"},
    ],
)
def test_an_rcp_that_cannot_stop_a_task_is_no_obstacle(statement: Mapping[str, object]) -> None:
    full = (Level("r-1", (FULL_ACCESS,)),)
    assert plan_repairs(full, rcp_levels=rcp_level(statement)).outcomes == ()


def test_a_perimeter_of_the_own_organization_is_known_not_to_block() -> None:
    ours = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"}}
    theirs = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-other"}}
    for condition, blocks in ((ours, False), (theirs, True)):
        text = scp({"Principal": "*", "Action": ["s3:*", "sqs:*"], "Condition": condition})
        rcps = replace(
            policies(policy("p-perimeter", text), attached={"r-1": ("p-perimeter",)}),
            type="RESOURCE_CONTROL_POLICY",
        )
        plan = plan_organization_repairs(organization(), policies(attached={}), rcps)
        assert bool(plan.outcomes) is blocks
        assert all(chain.accounts == (ONE, TWO) for chain in plan.chains)


def policy(
    policy_id: str, text: str, *, name: str = "", description: str = "", aws_managed: bool = False
) -> ControlPolicy:
    arn = f"arn:aws:organizations::{MANAGEMENT}:policy/{policy_id}"
    kind = "SERVICE_CONTROL_POLICY"
    return ControlPolicy(policy_id, name or policy_id, arn, description, kind, aws_managed, text)


def organization() -> Organization:
    def account(account_id: AccountId, parent_id: str) -> Account:
        return Account(
            account_id, f"a{account_id}", "x@example.com", AccountState.ACTIVE, parent_id
        )

    return Organization(
        "o-exampleorg1",
        MANAGEMENT,
        OrgRoot("r-1", frozenset({"SERVICE_CONTROL_POLICY"})),
        (OrganizationalUnit("ou-1", "Workloads", "r-1"),),
        (account(MANAGEMENT, "r-1"), account(ONE, "ou-1"), account(TWO, "ou-1")),
    )


def policies(*extra: ControlPolicy, attached: Mapping[str, tuple[str, ...]]) -> ControlPolicies:
    full = policy("p-FullAWSAccess", FULL_ACCESS.text, aws_managed=True)
    everywhere = {e: ("p-FullAWSAccess", *attached.get(e, ())) for e in ("r-1", "ou-1", ONE, TWO)}
    return ControlPolicies(
        type="SERVICE_CONTROL_POLICY",
        enabled=True,
        policies={p.id: p for p in (full, *extra)},
        attached=everywhere,
    )


def test_a_policy_attached_twice_is_edited_once() -> None:
    scps = policies(
        policy("p-root", scp(DENY_ROOT)),
        policy("p-pass", scp(NO_PASSWORDS)),
        attached={"r-1": ("p-root",), ONE: ("p-root", "p-pass")},
    )
    plan = plan_organization_repairs(organization(), scps)
    assert [r.policy_id for r in plan.repairs] == ["p-pass", "p-root"]
    assert plan.repairs[1].entities == ("r-1", ONE)
    assert {chain.accounts for chain in plan.chains} == {(ONE,), (TWO,)}
    assert all(isinstance(chain.proof, Proved) and not chain.blocked_after for chain in plan.chains)


def test_accounts_with_the_same_policies_are_one_chain() -> None:
    scps = policies(policy("p-root", scp(DENY_ROOT)), attached={"ou-1": ("p-root",)})
    (chain,) = plan_organization_repairs(organization(), scps).chains
    assert chain.accounts == (ONE, TWO)


def test_only_the_chains_of_the_accounts_asked_for_are_looked_at() -> None:
    scps = policies(policy("p-root", scp(DENY_ROOT)), attached={ONE: ("p-root",)})
    assert plan_organization_repairs(organization(), scps, accounts=[TWO]).outcomes == ()


def test_the_organizations_own_id_is_known_of_its_root_sessions() -> None:
    perimeter = {
        "Action": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}},
    }
    scps = policies(policy("p-org", scp(perimeter)), attached={"r-1": ("p-org",)})
    assert plan_organization_repairs(organization(), scps).outcomes == ()


def test_policies_of_aws_are_never_edited() -> None:
    owned = policy("p-aws", scp(DENY_ROOT), aws_managed=True)
    scps = policies(owned, attached={"r-1": ("p-aws",)})
    refusal = only_refusal(plan_organization_repairs(organization(), scps))
    assert "AWS owns this policy" in refusal.advice


@pytest.mark.parametrize(
    ("name", "description"),
    [("aws-guardrails-AbCdEf", ""), ("theirs", "AWS-GR_RESTRICT_ROOT_USER")],
)
def test_policies_of_control_tower_are_never_edited(name: str, description: str) -> None:
    owned = policy("p-ct", scp(DENY_ROOT), name=name, description=description)
    scps = policies(owned, attached={"r-1": ("p-ct",)})
    refusal = only_refusal(plan_organization_repairs(organization(), scps))
    assert "ExemptAssumeRoot" in refusal.advice


def test_a_control_towers_sid_gives_it_away() -> None:
    text = scp({**DENY_ROOT, "Sid": "GRRESTRICTROOTUSER"})
    scps = policies(policy("p-ct", text), attached={"r-1": ("p-ct",)})
    assert (
        "ExemptAssumeRoot" in only_refusal(plan_organization_repairs(organization(), scps)).advice
    )


@pytest.mark.parametrize("name", ["GreenfieldRootDeny", "group-restrictions", "GRANTS_AND_LIMITS"])
def test_a_name_of_ones_own_is_not_taken_for_control_towers(name: str) -> None:
    scps = policies(policy("p-own", scp(DENY_ROOT), name=name), attached={"r-1": ("p-own",)})
    assert len(plan_organization_repairs(organization(), scps).repairs) == 1


def test_policies_that_are_not_in_force_need_no_repair() -> None:
    scps = policies(policy("p-root", scp(DENY_ROOT)), attached={"r-1": ("p-root",)})
    off = replace(scps, enabled=False)
    assert plan_organization_repairs(organization(), off).outcomes == ()


def test_the_same_facts_give_the_same_plan() -> None:
    assert plan_of(scp(DENY_ROOT, REGION_LOCK)) == plan_of(scp(DENY_ROOT, REGION_LOCK))
