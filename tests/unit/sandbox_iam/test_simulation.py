"""The policy simulator, beyond what the recordings show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.sandbox.services.iam.statement_places import condition_keys, statement_places
from rootsteward.sandbox.world.control_policies import SCP
from sandbox_bench import MEMBER, boto_client
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
    assert (matched["StartPosition"]["Line"], matched["EndPosition"]["Line"]) == (4, 8)
    assert second["MatchedStatements"] == []
    assert results[0]["MissingContextValues"] == ["aws:X"]


def test_a_context_entry_needs_a_name(iam: Any) -> None:  # noqa: ANN401
    request = {
        "PolicyInputList": [document(READ)],
        "ActionNames": ["s3:GetObject"],
        "ContextEntries": [{"ContextKeyType": "string", "ContextKeyValues": ["x"]}],
    }
    assert call(iam, "SimulateCustomPolicy", request)[0] == "InvalidInput"


def test_context_entries_take_part(iam: Any) -> None:  # noqa: ANN401
    entry = {"ContextKeyName": "aws:x", "ContextKeyType": "boolean", "ContextKeyValues": ["true"]}
    (result,) = iam.simulate_custom_policy(
        PolicyInputList=[document(READ, DENY)],
        ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::open/a"],
        ContextEntries=[entry],
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
        "The user with name members cannot be found.",
    )


def test_malformed_input_is_refused(iam: Any) -> None:  # noqa: ANN401
    request = {"PolicyInputList": ["{"], "ActionNames": ["s3:GetObject"]}
    assert call(iam, "SimulateCustomPolicy", request)[0] == "MalformedPolicyDocument"


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
    assert (start.line, start.column, end.column) == (1, 37, 55)
    assert len(statement_places(document(READ, DENY))) == 2
    assert statement_places("{}") == []
    text = '{"Statement":[{"Resource":"${aws:username}","Condition":{"Bool":{"aws:A":"true"}}}]}'
    assert list(condition_keys(text)) == ["aws:A", "aws:username"]
