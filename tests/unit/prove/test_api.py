"""Questions and answers, on the policies of the article and on traps."""

import json
from collections.abc import Mapping

import pytest

from rootsteward.domain.authorization import Decision, Level, NamedDocument
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.prove.api import (
    Assumptions,
    prove_always_allowed,
    prove_closes_nothing,
    prove_equivalent,
    prove_never_allowed,
    prove_opens_exactly,
    prove_opens_nothing_else,
)
from rootsteward.policy.prove.chain import FULL_ACCESS, Chain
from rootsteward.policy.prove.proof import Proved, Refuted, Unknown
from rootsteward.policy.prove.request_set import RequestSet, Who, actions_of
from rootsteward.policy.prove.witness import replay

TASKS = RequestSet.tasks(TaskPolicy)
ROOT_USER: dict[str, object] = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
NOT_SESSION: dict[str, object] = {"Null": {"aws:AssumedRoot": "true"}}
KEEP = Assumptions(sessions_keep_to_tasks=True)


def scp(*statements: Mapping[str, object]) -> str:
    full = [{"Effect": "Deny", "Resource": "*", **s} for s in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": full})


def chain(*statements: Mapping[str, object]) -> Chain:
    return Chain.of(scp(*statements))


DENY_ROOT = chain({"Action": "*", "Condition": ROOT_USER})
NOT_ACTION = chain({"NotAction": list(actions_of(TaskPolicy)), "Condition": ROOT_USER})
SESSION_ONLY = chain({"Action": "*", "Condition": {**ROOT_USER, **NOT_SESSION}})
SESSION_AND_TASK = chain(
    {"Action": "*", "Condition": {**ROOT_USER, **NOT_SESSION}},
    {"NotAction": list(actions_of(TaskPolicy)), "Condition": ROOT_USER},
)


def test_the_not_action_edit_also_opens_to_long_term_root_credentials() -> None:
    proof = prove_opens_exactly(DENY_ROOT, NOT_ACTION, TASKS)
    assert isinstance(proof, Refuted)
    assert proof.witness.principal == "arn:aws:iam::111122223333:root"
    assert "aws:AssumedRoot" not in proof.witness.context
    assert proof.witness.action in actions_of(TaskPolicy)
    assert (proof.before.decision, proof.after.decision) == (
        Decision.EXPLICIT_DENY,
        Decision.ALLOWED,
    )


def test_the_not_action_edit_opens_exactly_the_tasks_to_the_root_user() -> None:
    stated = RequestSet.tasks(TaskPolicy, Who.ROOT_USER)
    assert isinstance(prove_opens_exactly(DENY_ROOT, NOT_ACTION, stated), Proved)


def test_the_session_edit_alone_opens_more_than_the_tasks() -> None:
    proof = prove_opens_exactly(DENY_ROOT, SESSION_ONLY, TASKS)
    assert isinstance(proof, Refuted)
    assert proof.witness.context["aws:AssumedRoot"] == "true"
    assert proof.witness.action not in actions_of(TaskPolicy)


def test_the_session_edit_opens_exactly_the_tasks_if_sessions_keep_to_them() -> None:
    proof = prove_opens_exactly(DENY_ROOT, SESSION_ONLY, TASKS, assumptions=KEEP)
    assert isinstance(proof, Proved)
    assert len(proof.assumptions) == 1


def test_the_second_statement_makes_the_assumption_unnecessary() -> None:
    proof = prove_opens_exactly(DENY_ROOT, SESSION_AND_TASK, TASKS)
    assert isinstance(proof, Proved)
    assert proof.assumptions == ()
    assert proof.certificate


def test_a_certificate_holds_the_long_term_root_user_and_a_session() -> None:
    proof = prove_opens_exactly(DENY_ROOT, SESSION_AND_TASK, TASKS)
    assert isinstance(proof, Proved)
    flags = {"aws:AssumedRoot" in request.context for request in proof.certificate}
    assert flags == {True, False}


def test_an_edit_that_closes_something_is_found_out() -> None:
    proof = prove_closes_nothing(SESSION_AND_TASK, DENY_ROOT)
    assert isinstance(proof, Refuted)
    assert proof.after.decision is Decision.EXPLICIT_DENY


def test_a_chain_is_equivalent_to_itself_in_another_spelling() -> None:
    one = chain({"Action": ["iam:GetUser", "iam:Get*"]}, {"Action": "s3:*"})
    other = chain({"Action": ["S3:*", "IAM:GET*"]})
    assert isinstance(prove_equivalent(one, other), Proved)


def test_a_different_chain_is_not_equivalent() -> None:
    proof = prove_equivalent(chain({"Action": "iam:Get*"}), chain({"Action": "iam:GetUser"}))
    assert isinstance(proof, Refuted)
    assert proof.witness.action.startswith("iam:Get")


def test_never_allowed_is_proved_under_a_deny() -> None:
    assert isinstance(prove_never_allowed(DENY_ROOT, RequestSet.root_user()), Proved)


def test_never_allowed_is_refuted_by_somebody_who_may() -> None:
    proof = prove_never_allowed(DENY_ROOT, RequestSet.of_actions(("iam:CreateUser",)))
    assert isinstance(proof, Refuted)
    assert not proof.witness.principal.endswith(":root")
    assert replay(proof.witness, DENY_ROOT).decision is Decision.ALLOWED


def test_a_level_without_an_allow_lets_nothing_through() -> None:
    closed = Chain.read((Level("r-1", (FULL_ACCESS,)), Level("ou-1", ())))
    assert isinstance(prove_never_allowed(closed, RequestSet.everything()), Proved)


def test_untouched_statements_cannot_make_a_proof_wrong() -> None:
    guard: dict[str, object] = {"Action": "iam:*", "Condition": NOT_SESSION}
    old = chain(guard, {"Action": "iam:GetUser"})
    new = chain(guard)
    proof = prove_opens_nothing_else(old, new, RequestSet.root_sessions())
    assert isinstance(proof, Proved), "the guard still denies iam:GetUser to everybody else"


def test_a_policy_variable_makes_an_answer_unknown_and_not_wrong() -> None:
    own: dict[str, object] = {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
    guarded = chain({"Action": "s3:*", "Condition": own})
    proof = prove_never_allowed(guarded, RequestSet(actions=("s3:GetObject",)))
    assert not isinstance(proof, Proved)


def test_a_policy_variable_in_both_chains_does_not_hinder_a_proof() -> None:
    own: dict[str, object] = {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
    old = chain({"Action": "s3:*", "Condition": own}, {"Action": "iam:GetUser"})
    new = chain({"Action": "s3:*", "Condition": own})
    stated = RequestSet.of_actions(("iam:GetUser",))
    assert isinstance(prove_opens_nothing_else(old, new, stated), Proved)
    assert isinstance(prove_closes_nothing(old, new), Proved)


def test_an_unreadable_statement_never_helps_a_proof() -> None:
    unreadable = chain({"Action": "*", "Extra": 1})
    assert isinstance(prove_never_allowed(unreadable, RequestSet.everything()), Unknown)


def test_what_makes_a_document_unreadable_is_a_difference() -> None:
    text = scp({"Action": "iam:GetUser"})
    noted = text.replace("{", '{"Comment": "x", ', 1)
    proof = prove_equivalent(Chain.of(text), Chain.of(noted))
    assert not isinstance(proof, Proved)


def test_an_effect_nobody_can_read_never_helps_a_proof() -> None:
    odd = chain({"Effect": "Perhaps", "Action": "*"})
    assert not isinstance(prove_always_allowed(odd, RequestSet.everything()), Proved)
    assert not isinstance(prove_never_allowed(odd, RequestSet.everything()), Proved)


def test_past_its_budget_the_answer_is_unknown() -> None:
    many = chain({"Action": [f"iam:*{a}{b}*" for a in "abcdefgh" for b in "ijklmnop"]})
    fewer = chain({"Action": [f"iam:*{a}{b}*" for a in "abcdefgh" for b in "ijklmno"]})
    proof = prove_equivalent(many, fewer, steps=500)
    assert isinstance(proof, Unknown)
    assert "steps" in proof.reason


def test_the_same_question_gets_the_same_answer_twice() -> None:
    first = prove_opens_exactly(DENY_ROOT, SESSION_AND_TASK, TASKS, steps=300)
    assert first == prove_opens_exactly(DENY_ROOT, SESSION_AND_TASK, TASKS, steps=300)


@pytest.mark.parametrize(
    ("condition", "region"),
    [
        ({"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}, "us-east-1"),
        ({"StringNotLike": {"aws:RequestedRegion": ["eu-*", "us-*"]}}, "ap-southeast-2"),
    ],
)
def test_a_witness_names_a_real_region(condition: dict[str, object], region: str) -> None:
    proof = prove_always_allowed(
        chain({"Action": "ec2:*", "Condition": condition}),
        RequestSet.of_actions(("ec2:RunInstances",)),
    )
    assert isinstance(proof, Refuted)
    assert proof.witness.context["aws:RequestedRegion"] == region


def test_nobody_but_a_root_session_has_the_assumed_root_key() -> None:
    only_sessions = chain({"Action": "*", "Condition": NOT_SESSION})
    others = RequestSet(Who.LONG_TERM_ROOT_USER)
    assert isinstance(prove_never_allowed(only_sessions, others), Proved)
    assert isinstance(prove_always_allowed(only_sessions, RequestSet.root_sessions()), Proved)


def test_service_linked_roles_are_not_part_of_the_question() -> None:
    pattern = "arn:aws:iam::*:role/aws-service-role/*"
    linked = chain({"Action": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": pattern}}})
    everything = RequestSet.everything()
    assert isinstance(prove_always_allowed(linked, everything), Proved)


def test_the_principal_type_of_the_root_user_is_account() -> None:
    inert = chain({"Action": "*", "Condition": {"StringEquals": {"aws:PrincipalType": "Root"}}})
    assert isinstance(prove_always_allowed(inert, RequestSet.root_user()), Proved)


def test_a_malformed_policy_is_not_a_chain() -> None:
    with pytest.raises(Exception, match="expected"):
        Chain.read((Level("r-1", (NamedDocument("x", "{"),)),))


UNREADABLE = """{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*",
 "Resource": "*", "Condition": {"StringIsh": {"aws:PrincipalTag/x": "y"}}}]}"""


def test_what_an_unreadable_deny_does_with_a_request_refutes_nothing() -> None:
    assert isinstance(
        prove_opens_nothing_else(Chain.of(UNREADABLE), Chain.of(), RequestSet.of_actions(())),
        Unknown,
    )
    assert isinstance(prove_closes_nothing(Chain.of(), Chain.of(UNREADABLE)), Unknown)


def test_what_a_chain_opens_is_shown_the_right_way_round() -> None:
    proof = prove_equivalent(chain({"Action": "s3:*"}), Chain.of())
    assert isinstance(proof, Refuted)
    assert proof.before.decision is Decision.EXPLICIT_DENY
    assert proof.after.decision is Decision.ALLOWED


def test_a_large_chain_is_answered_and_no_stack_overflows() -> None:
    def level(number: int, wanted: str) -> Level:
        tag = f"aws:PrincipalTag/k{number}"
        texts = [
            scp(
                *(
                    {"Action": wanted, "Condition": {"StringNotEquals": {f"{tag}-{i}-{j}": "v"}}}
                    for j in range(12)
                )
            )
            for i in range(9)
        ]
        named = tuple(NamedDocument(f"p{i}", text) for i, text in enumerate(texts))
        return Level(f"l{number}", (FULL_ACCESS, *named))

    before = [level(number, "ec2:RunInstances") for number in range(6)]
    after = [*before[:5], level(5, "ec2:StartInstances")]
    same = prove_equivalent(Chain.read(before), Chain.read(before[::-1]))
    assert isinstance(same, Proved)
    closed = prove_closes_nothing(Chain.read(before), Chain.read(after))
    assert isinstance(closed, Refuted)
    assert closed.witness.action.lower() == "ec2:startinstances"


def test_sets_of_many_members_are_split_by_what_their_operators_ask() -> None:
    tests = [
        {"Action": "*", "Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": f"*{word}*"}}}
        for word in ("User", "Role", "Group", "Policy", "Login", "Access", "Key", "Device")
    ]
    both: dict[str, object] = {
        "ForAnyValue:StringEquals": {"aws:TagKeys": "a"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]},
    }
    chained = chain(*tests, {"Action": "*", "Condition": both})
    proof = prove_never_allowed(chained, RequestSet.everything())
    assert isinstance(proof, Refuted)
    only_a = prove_equivalent(
        chain({"Action": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}}),
        chain(
            {
                "Action": "*",
                "Condition": {
                    "ForAllValues:StringLike": {"aws:TagKeys": "a*"},
                    "ForAllValues:StringEquals": {"aws:TagKeys": ["a"]},
                },
            }
        ),
    )
    assert isinstance(only_a, Proved)


def test_a_budget_ends_every_question() -> None:
    words = ["User", "Role", "Group", "Policy", "Login", "Access", "Key", "Device", "Tag", "Cert"]
    condition = [{"StringLike": {"aws:PrincipalArn": f"*{word}*"}} for word in words]
    many = chain(*({"Action": "*", "Condition": one} for one in condition))
    proof = prove_never_allowed(many, RequestSet.everything(), steps=20_000)
    assert isinstance(proof, Unknown)
    assert proof.reason == "the partition of principals needs more than 20,000 steps"


def test_a_refutation_is_found_behind_a_check_that_is_unknown() -> None:
    opaque = {"Action": "sqs:*", "Condition": {"StringEquals": {"aws:username": "${aws:userid}x"}}}
    proof = prove_equivalent(chain({"Action": "s3:*"}), chain(opaque))
    assert isinstance(proof, Refuted)


def excepting(operator: str, *arns: str, effect: str = "Deny") -> Chain:
    condition = {operator: {"aws:PrincipalArn": list(arns)}}
    return chain({"Effect": effect, "Action": "iam:*", "Condition": condition})


TAGGED = "arn:aws:iam::*:role/${aws:PrincipalTag/team}"
ADMIN, ROOT = "arn:aws:iam::*:role/Admin", "arn:aws:iam::*:root"


@pytest.mark.parametrize("operator", ["ArnNotLike", "StringNotLike"])
def test_an_exception_beside_a_policy_variable_is_proved_to_open_to_the_root_user(
    operator: str,
) -> None:
    before, after = excepting(operator, TAGGED, ADMIN), excepting(operator, TAGGED, ADMIN, ROOT)
    assert isinstance(prove_closes_nothing(before, after), Proved)
    opened = prove_opens_nothing_else(before, after, RequestSet.root_user())
    assert isinstance(opened, Proved)
    assert isinstance(prove_equivalent(before, excepting(operator, ADMIN, TAGGED)), Proved)


@pytest.mark.parametrize("operator", ["ArnLike", "StringLike"])
def test_a_target_beside_a_policy_variable_only_closes(operator: str) -> None:
    before, after = excepting(operator, TAGGED), excepting(operator, TAGGED, ADMIN)
    assert isinstance(prove_opens_nothing_else(before, after, RequestSet.of_actions(())), Proved)
    assert isinstance(prove_closes_nothing(before, after), Refuted)


def test_a_variable_that_may_be_no_arn_spoils_its_whole_test() -> None:
    odd = "${aws:PrincipalTag/arn}"
    before = excepting("ArnNotLike", ADMIN)
    proof = prove_closes_nothing(before, excepting("ArnNotLike", ADMIN, odd))
    assert not isinstance(proof, Proved)


def test_names_and_paths_are_those_that_iam_takes() -> None:
    def never(pattern: str) -> bool:
        denied = chain(
            {"Action": "iam:*", "Condition": {"StringLike": {"aws:PrincipalArn": pattern}}}
        )
        return isinstance(prove_closes_nothing(Chain.of(), denied), Proved)

    assert never("arn:aws:iam::*:role/a:b")
    assert never("arn:aws:iam::*:role/path/")
    assert not never("arn:aws:iam::*:role/_hidden")
    assert not never("arn:aws:iam::*:role/odd:path/b")
    assert not never("arn:aws:iam::*:user/division!/ann")


def test_a_chain_of_a_known_account_is_about_its_principals() -> None:
    only_other = {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/*"}}
    text = scp({"Action": "iam:CreateUser", "Condition": only_other})
    levels = (Level("r-1", (FULL_ACCESS, NamedDocument("p", text))),)
    never = RequestSet.of_actions(["iam:CreateUser"])
    assert isinstance(prove_never_allowed(Chain.read(levels), never), Refuted)
    assert isinstance(
        prove_never_allowed(Chain.read(levels, account="222222222222"), never), Proved
    )
    own = prove_never_allowed(Chain.read(levels, account="444455556666"), never)
    assert isinstance(own, Refuted)
    assert own.witness.principal.startswith("arn:aws:iam::444455556666:role/")
    assert own.witness.resource == "arn:aws:iam::444455556666:root"


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ForAnyValue:StringEquals"])
def test_a_user_may_have_any_name(operator: str) -> None:
    named = chain({"Action": "*", "Condition": {"StringNotEquals": {"aws:username": "ann"}}})
    unnamed = chain(
        {"Action": "*", "Condition": {"StringNotEquals": {"aws:username": "ann"}}},
        {"Action": "*", "Condition": {operator: {"aws:username": "ann"}}},
    )
    proof = prove_closes_nothing(named, unnamed)
    assert isinstance(proof, Refuted)
    assert proof.witness.principal == "arn:aws:iam::111122223333:user/ann"
    assert "aws:username" not in proof.witness.context


def test_a_users_name_is_the_last_part_of_its_arn() -> None:
    by_name = chain({"Action": "*", "Condition": {"StringLike": {"aws:username": "a?n*"}}})
    by_arn = chain(
        {"Action": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}},
    )
    assert isinstance(prove_closes_nothing(by_arn, by_name), Proved)
    proof = prove_closes_nothing(by_name, by_arn)
    assert isinstance(proof, Refuted)
    assert ":user/" in proof.witness.principal


def test_several_tag_keys_pass_no_plain_operator() -> None:
    only_team = {"ForAllValues:StringLike": {"aws:TagKeys": "team*"}}
    plain = {"StringLike": {"aws:TagKeys": "team*"}, "Null": {"aws:TagKeys": "false"}}
    present = {**only_team, "Null": {"aws:TagKeys": "false"}}
    by_set, by_one = (
        chain({"Action": "*", "Condition": present}),
        chain({"Action": "*", "Condition": plain}),
    )
    assert isinstance(prove_closes_nothing(by_set, by_one), Proved)
    proof = prove_equivalent(by_set, by_one)
    assert isinstance(proof, Refuted)
    keys = proof.witness.context["aws:TagKeys"]
    assert len(set(keys)) == len(keys) == 2
