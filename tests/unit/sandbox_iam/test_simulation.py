"""The policy simulator, beyond what the recordings show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.sandbox.services.iam.statement_places import condition_keys, statement_places
from rootsteward.sandbox.world.control_policies import SCP
from sandbox_bench import MANAGEMENT, MEMBER, OUTSIDER, boto_client
from sandbox_replay import call

if TYPE_CHECKING:
    from sandbox_bench import Bench

READ = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::open/*"}
DENY = {
    "Effect": "Deny",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:X": "true"}},
}


def document(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=1)


def test_every_action_and_resource_is_answered(iam: Any) -> None:  # noqa: ANN401
    results = iam.simulate_custom_policy(
        PolicyInputList=[document(READ, DENY)],
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::open/a", "arn:aws:s3:::shut/a"],
    )["EvaluationResults"]
    assert [(r["EvalActionName"], r["EvalDecision"]) for r in results] == [
        ("s3:GetObject", "implicitDeny"),
        ("s3:PutObject", "implicitDeny"),
    ]
    first, second = results[0]["ResourceSpecificResults"]
    assert [first["EvalResourceDecision"], second["EvalResourceDecision"]] == [
        "allowed",
        "implicitDeny",
    ]
    (matched,) = first["MatchedStatements"]
    assert matched["SourcePolicyId"] == "PolicyInputList.1"
    assert (matched["StartPosition"]["Line"], matched["EndPosition"]["Line"]) == (3, 8)
    assert "MissingContextValues" not in first
    assert "MatchedStatements" not in second
    assert second["MissingContextValues"] == ["aws:X"]
    assert results[0]["MatchedStatements"] == [matched]
    assert results[0]["MissingContextValues"] == ["aws:X"]
    assert results[0]["EvalDecisionDetails"] == {}


def test_without_resources_there_are_no_results_for_each(iam: Any) -> None:  # noqa: ANN401
    ask = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    conditional = {**ask, "Condition": {"StringEquals": {"aws:X": "y"}}}
    (allowed,) = iam.simulate_custom_policy(
        PolicyInputList=[json.dumps({"Version": "2012-10-17", "Statement": [ask]}, indent=None)],
        ActionNames=["s3:GetObject"],
    )["EvaluationResults"]
    assert allowed.keys() == {
        "EvalActionName", "EvalResourceName", "EvalDecision", "MatchedStatements",
        "MissingContextValues",
    }  # fmt: skip
    (both,) = iam.simulate_custom_policy(
        PolicyInputList=[document(ask), document(conditional)], ActionNames=["s3:GetObject"]
    )["EvaluationResults"]
    assert (both["EvalDecision"], both["MissingContextValues"]) == ("allowed", [])


def test_a_resource_asked_for_twice_is_answered_twice(iam: Any) -> None:  # noqa: ANN401
    (result,) = iam.simulate_custom_policy(
        PolicyInputList=[document(READ)],
        ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::open/a"] * 2,
    )["EvaluationResults"]
    assert len(result["ResourceSpecificResults"]) == 2
    assert len(result["MatchedStatements"]) == 1


def test_a_context_entry_needs_a_name(iam: Any) -> None:  # noqa: ANN401
    request = {
        "PolicyInputList": [document(READ)],
        "ActionNames": ["s3:GetObject"],
        "ContextEntries": [{"ContextKeyType": "string", "ContextKeyValues": ["x"]}],
    }
    assert call(iam, "SimulateCustomPolicy", request)[0] == "InvalidInput"


def test_context_entries_take_part(iam: Any) -> None:  # noqa: ANN401
    given = {"ContextKeyName": "aws:x", "ContextKeyType": "boolean", "ContextKeyValues": ["true"]}
    (result,) = iam.simulate_custom_policy(
        PolicyInputList=[document(READ, DENY)],
        ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::open/a"],
        ContextEntries=[given],
    )["EvaluationResults"]
    assert result["EvalDecision"] == "explicitDeny"
    assert result["MissingContextValues"] == []


def test_boundaries_and_organizations_are_told_apart(iam: Any) -> None:  # noqa: ANN401
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    request = {"PolicyInputList": [everything], "ActionNames": ["s3:GetObject"]}
    (bounded,) = iam.simulate_custom_policy(
        **request, PermissionsBoundaryPolicyInputList=[document(DENY)]
    )["EvaluationResults"]
    assert bounded["EvalDecision"] == "implicitDeny"
    assert bounded["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    levels = [{"ServiceControlPolicyInputList": [everything]}]
    (allowed,) = iam.simulate_custom_policy(**request, OrderedOrganizationPolicyInputList=levels)[
        "EvaluationResults"
    ]
    assert allowed["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}


def test_a_boundary_is_asked_alone(iam: Any) -> None:  # noqa: ANN401
    reads, nothing = document(READ), document({**READ, "Action": "s3:PutObject"})
    deny = document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
    request = {"ActionNames": ["s3:GetObject"], "ResourceArns": ["arn:aws:s3:::open/a"]}

    def result(identity: str, boundary: str) -> dict[str, Any]:
        bounds = {"PolicyInputList": [identity], "PermissionsBoundaryPolicyInputList": [boundary]}
        (found,) = iam.simulate_custom_policy(**request, **bounds)["EvaluationResults"]
        details = "PermissionsBoundaryDecisionDetail"
        assert found["ResourceSpecificResults"][0][details] == found[details]
        return {**found, "bounded": found[details]["AllowedByPermissionsBoundary"]}

    assert (result(nothing, reads)["bounded"], result(nothing, nothing)["bounded"]) == (True, False)
    (seen,) = result(reads, reads)["MatchedStatements"]
    assert (seen["SourcePolicyId"], seen["SourcePolicyType"]) == ("PolicyInputList.1", "IAM Policy")
    (seen,) = result(reads, deny)["MatchedStatements"]
    assert (seen["SourcePolicyId"], seen["SourcePolicyType"]) == (
        "PermissionsBoundaryPolicyInputList.1",
        "Permissions Boundary Policy",
    )


def test_a_principal_is_simulated_with_all_it_is_under(bench: Bench) -> None:
    iam = boto_client(bench.sandbox, "iam", bench.callers["member"].access_key_id)
    source = f"arn:aws:iam::{MEMBER}:user/member"
    request = {"PolicySourceArn": source, "ActionNames": ["s3:GetObject"]}
    (free,) = iam.simulate_principal_policy(**request)["EvaluationResults"]
    assert (free["EvalDecision"], free["EvalResourceName"]) == ("allowed", "*")
    assert free["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    policies = bench.world.organization.policies
    text = document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
    policies.put(ControlPolicy("p-deny", "deny", "arn", "", SCP, aws_managed=False, content=text))
    policies.attach("p-deny", MEMBER)
    (held,) = iam.simulate_principal_policy(**request)["EvaluationResults"]
    assert held["EvalDecision"] == "explicitDeny"
    assert held["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    user = bench.world.identities.user(MEMBER, "member")
    assert user is not None
    simulate = {"Effect": "Allow", "Action": "iam:Simulate*", "Resource": "*"}
    user.boundary = NamedDocument("boundary", document(simulate))
    policies.detach("p-deny", MEMBER)
    (bounded,) = iam.simulate_principal_policy(**request)["EvaluationResults"]
    assert bounded["EvalDecision"] == "implicitDeny"
    absent = {**request, "PolicySourceArn": f"{source}s"}
    assert call(iam, "SimulatePrincipalPolicy", absent)[:2] == (
        "NoSuchEntity",
        "Unable to retrieve specified IAM entity.",
    )


def test_policies_are_called_after_whoever_has_them(bench: Bench) -> None:
    own = f"arn:aws:iam::{MEMBER}:user/team/ada"
    only_its_own = {"Effect": "Allow", "Action": "iam:Simulate*", "Resource": own}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    caller = bench.add_user(MEMBER, "ada", document(only_its_own, READ), path="/team/")
    user = bench.world.identities.user(MEMBER, "ada")
    assert user is not None
    user.managed["arn:aws:iam::aws:policy/x/P"] = NamedDocument("arn:/x/P", document(everything))
    iam = boto_client(bench.sandbox, "iam", caller.access_key_id)
    for path in ("team/", "", "elsewhere/"):
        (result,) = iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{MEMBER}:user/{path}ada",
            ActionNames=["s3:GetObject"],
            ResourceArns=["arn:aws:s3:::open/a"],
        )["EvaluationResults"]
        seen = [matched["SourcePolicyId"] for matched in result["MatchedStatements"]]
        assert seen == ["user_ada_inline-0", "P"]
        assert "OrganizationsDecisionDetail" in result
        assert "OrganizationsDecisionDetail" not in result["ResourceSpecificResults"][0]


def test_policies_of_the_source_can_be_left_out(bench: Bench) -> None:
    caller = bench.add_user(MEMBER, "ada", document({**READ, "Action": ["s3:Get*", "iam:*"]}))
    user = bench.world.identities.user(MEMBER, "ada")
    assert user is not None
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    own, of_aws = f"arn:aws:iam::{MEMBER}:policy/x/Own", "arn:aws:iam::aws:policy/y/Aws"
    user.boundary = NamedDocument("boundary", everything)
    user.managed |= {arn: NamedDocument(arn, everything) for arn in (own, of_aws)}
    iam = boto_client(bench.sandbox, "iam", caller.access_key_id)

    def seen(**left_out: str) -> tuple[set[str], list[str]]:
        (result,) = iam.simulate_principal_policy(
            PolicySourceArn=user.arn,
            ActionNames=["s3:GetObject"],
            ResourceArns=["arn:aws:s3:::open/a"],
            PolicyExclusionList=[left_out] if left_out else [],
        )["EvaluationResults"]
        details = [name for name in result if name.endswith("DecisionDetail")]
        return {each["SourcePolicyId"] for each in result["MatchedStatements"]}, sorted(details)

    inline, every = "user_ada_inline-0", {"user_ada_inline-0", "Own", "Aws"}
    by_others = ["OrganizationsDecisionDetail", "PermissionsBoundaryDecisionDetail"]
    assert seen() == seen(PolicyType="rcp") == (every, by_others)
    assert seen(PolicyType="inline")[0] == every - {inline}
    assert seen(PolicyType="user-managed") == (every - {"Own"}, by_others)
    assert seen(PolicyType="aws-managed")[0] == every - {"Aws"}
    assert seen(PolicyType="permission-boundary") == (every, by_others[:1])
    assert seen(PolicyType="scp") == (every, by_others[1:])
    for arn in (own, own.replace("/x/", "/")):
        assert seen(PolicyArn=arn)[0] == every - {"Own"}
    assert seen(PolicyArn=own.replace("/x/", "/z/"))[0] == every


NO_ACCESS = (
    f"Invalid Policy Source Arn: caller's account {MANAGEMENT} does not have access to policies "
    f"in account {OUTSIDER}."
)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (f"arn:aws:iam::{OUTSIDER}:user/outsider", NO_ACCESS),
        *(
            (arn, f"Invalid ARN provided in the request: {arn}")
            for arn in (
                f"arn:aws:iam::{MANAGEMENT}:root",
                f"arn:aws:sts::{MANAGEMENT}:assumed-role/r/s",
                "no-arn-but-as-long-as-one",
            )
        ),
    ],
)
def test_some_sources_cannot_be_simulated(iam: Any, source: str, message: str) -> None:  # noqa: ANN401
    request = {"PolicySourceArn": source, "ActionNames": ["s3:GetObject"]}
    assert call(iam, "SimulatePrincipalPolicy", request)[:2] == ("InvalidInput", message)


def entry(kind: str, *values: str, name: str = "my:key") -> dict[str, object]:
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}


RESOURCE_POLICY = document({**READ, "Principal": "*"})
ABOUT = {"ResourcePolicy": RESOURCE_POLICY, "ResourceArns": ["arn:aws:s3:::open/a"]}
ADA = f"arn:aws:iam::{MANAGEMENT}:user/ada"
NO_PRINCIPAL = "Invalid caller - Caller must be an IAM user, role or group in this context."
NO_ENTITY = "Invalid Entity Arn: * does not clearly define entity type and name."
WRONG_VALUE = "Invalid context value for key my:key: expected"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"PolicyInputList": ["{"]}, "Policy input list item 1 has invalid content"),
        ({"ActionNames": ["GetObject"]}, "The action is invalid since it is missing names"),
        (
            {"ResourceArns": ["arn:aws:s3"]},
            "ResourceNames are not in a valid ARN format: arn:aws:s3.",
        ),
        (
            {"PermissionsBoundaryPolicyInputList": [document(READ)] * 2},
            "The list of Permissions Boundary policies cannot exceed 1 items.",
        ),
        (
            {"OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": []}]},
            "Organization policy at index 1 must contain at least one service control policy",
        ),
        ({"Marker": "elsewhere"}, "Invalid marker for pagination."),
        ({"ResourceOwner": "no-arn"}, "'no-arn' is not a valid as a Resource Owner."),
        (ABOUT, "Invalid caller - Caller cannot be null or empty."),
        ({**ABOUT, "CallerArn": f"arn:aws:iam::{MANAGEMENT}:root"}, NO_PRINCIPAL),
        ({**ABOUT, "CallerArn": f"arn:aws:sts::{MANAGEMENT}:assumed-role/r/s"}, NO_PRINCIPAL),
        ({"ResourcePolicy": RESOURCE_POLICY, "CallerArn": ADA}, NO_ENTITY),
        (
            {"ContextEntries": [entry("string", "a", "b")]},
            "Context key string expected a single value, but received 2.",
        ),
        (
            {"ContextEntries": [entry("string", "a"), entry("string", "b", name="MY:KEY")]},
            "Duplicate context key: MY:KEY.",
        ),
        ({"ContextEntries": [entry("numeric", "NaN")]}, f"{WRONG_VALUE} numeric format."),
        ({"ContextEntries": [entry("date", "tomorrow")]}, f"{WRONG_VALUE} DateTime format."),
        ({"ContextEntries": [entry("ip", "999.0.0.1")]}, f"{WRONG_VALUE} IP address."),
        (
            {"ContextEntries": [entry("binary", "!base64")]},
            f"{WRONG_VALUE} base-64 encoded binary format.",
        ),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    iam: Any,  # noqa: ANN401
    request_: dict[str, object],
    message: str,
) -> None:
    usual = {"PolicyInputList": [document(READ)], "ActionNames": ["s3:GetObject"]}
    answer = call(iam, "SimulateCustomPolicy", {**usual, **request_})
    assert answer[:2] == ("InvalidInput", message)


@pytest.mark.parametrize(
    "more",
    [
        {"PolicyInputList": []},
        {"ActionNames": ["s3:", "madeup:Action", "s3:Get Object"]},
        {"ContextEntries": [entry("boolean", "yes")]},
        {**ABOUT, "CallerArn": ADA, "ResourceOwner": ADA},
    ],
)
def test_odd_input_is_simulated(iam: Any, more: dict[str, object]) -> None:  # noqa: ANN401
    usual = {"PolicyInputList": [document(READ)], "ActionNames": ["s3:GetObject"]}
    assert call(iam, "SimulateCustomPolicy", {**usual, **more})[0] == "Success"


def test_results_come_in_pages(iam: Any) -> None:  # noqa: ANN401
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[document(READ)],
        ActionNames=["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
        PaginationConfig={"PageSize": 2},
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 1]


def test_statements_are_found_wherever_they_stand() -> None:
    one = '{"Version":"2012-10-17","Statement":{"Effect":"Allow"}}'
    ((start, end),) = statement_places(one)
    assert (start.line, start.column, end.column) == (1, 38, 55)
    two = '{"Statement": [ {"Effect":"Allow"},\n {"Effect":"Deny"}\n]}'
    (first, between), (after, last) = statement_places(two)
    assert (first.line, first.column, between.line, between.column) == (1, 16, 1, 35)
    assert (after, last.line, last.column) == (between, 2, 19)
    assert len(statement_places(document(READ, DENY))) == 2
    assert statement_places("{}") == []
    text = '{"Statement":[{"Resource":"${aws:username}","Condition":{"Bool":{"aws:A":"true"}}}]}'
    assert list(condition_keys(text)) == ["aws:A", "aws:username"]
