"""A reason for each no, in the shape of the policies."""

import json

import pytest

from rootsteward.domain.authorization import (
    AccessRequest,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.policy.document import Effect
from rootsteward.policy.explain import Matched, StatementNode, explain

ROOT_USER = "arn:aws:iam::111122223333:root"
STATEMENTS = [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Sid": "OtherAction", "Effect": "Deny", "Action": "ec2:*", "Resource": "*"},
    {"Sid": "OtherResource", "Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::x"},
    {
        "Sid": "OtherPrincipal",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/*"]}},
    },
    {
        "Sid": "Absent",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    },
    {
        "Sid": "Unknown",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    },
    {"Sid": "Excepted", "Effect": "Deny", "NotAction": "iam:*", "Resource": "*"},
    {"Sid": "Broken", "Effect": "Allow", "Action": "*"},
]


def _statements() -> dict[str, StatementNode]:
    text = json.dumps({"Version": "2012-10-17", "Statement": STATEMENTS})
    policies = PolicySet((Level("l0", (NamedDocument("p0", text),)),))
    request = AccessRequest(
        ROOT_USER, "iam:GetUser", ROOT_USER, unknown_keys=frozenset({"aws:SourceIp"})
    )
    explanation = explain(request, policies)
    (section,) = explanation.sections
    assert explanation.answer.decision is Decision.DEPENDS
    assert section.policy_type is PolicyType.SCP
    return {node.by.sid: node for node in section.documents[0].statements}


def test_each_no_has_its_reason() -> None:
    nodes = _statements()

    assert {sid: (node.matched.value, node.reason) for sid, node in nodes.items()} == {
        "": ("yes", ""),
        "OtherAction": ("no", "`iam:getuser` is not listed"),
        "OtherResource": ("no", f"`{ROOT_USER}` is not listed"),
        "OtherPrincipal": (
            "no",
            f"aws:PrincipalArn is `{ROOT_USER}`, the policy says `arn:aws:iam::*:role/*`",
        ),
        "Absent": ("no", "aws:RequestedRegion is absent"),
        "Unknown": ("unknown", "the value of aws:sourceip is not known"),
        "Excepted": ("no", "`iam:getuser` is one of the excepted actions"),
        "Broken": ("unknown", "the statement has neither `Resource` nor `NotResource`"),
    }


def test_all_denies_are_found_and_not_only_the_first() -> None:
    deny = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
    text = json.dumps(
        {"Version": "2012-10-17", "Statement": [{**deny, "Sid": "A"}, {**deny, "Sid": "B"}]}
    )
    policies = PolicySet((Level("l0", (NamedDocument("p0", text), NamedDocument("p1", text))),))

    explanation = explain(AccessRequest(ROOT_USER, "iam:GetUser", "*"), policies)

    denying = [(n.by.policy, n.by.sid) for n in explanation.matching(Effect.DENY)]
    assert denying == [("p0", "A"), ("p0", "B"), ("p1", "A"), ("p1", "B")]
    assert len(explanation.answer.by) == 1


def test_a_document_that_cannot_be_read_says_why() -> None:
    policies = PolicySet((Level("l0", (NamedDocument("p0", "{"),)),))

    (section,) = explain(AccessRequest(ROOT_USER, "iam:GetUser", "*"), policies).sections

    assert section.documents[0].statements == ()
    assert section.documents[0].error.startswith("policy `p0`, line 1, column 2: expected")


def test_a_statement_matches_when_all_its_parts_do() -> None:
    for node in _statements().values():
        parts = {part.matched for part in node.parts}
        assert (node.matched is Matched.YES) == (parts == {Matched.YES})


@pytest.mark.parametrize(
    ("principal", "action", "section", "exempt"),
    [
        (
            "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
            "s3:GetObject",
            PolicyType.SCP,
            "does not bind service-linked roles",
        ),
        (
            "cloudtrail.amazonaws.com",
            "s3:GetObject",
            PolicyType.SCP,
            "does not bind callers without an account",
        ),
        (
            ROOT_USER,
            "s3:DeleteBucketPolicy",
            PolicyType.RESOURCE,
            "cannot deny this to the root user of the account that owns the resource",
        ),
    ],
)
def test_a_policy_that_does_not_bind_the_caller_says_why(
    principal: str, action: str, section: PolicyType, exempt: str
) -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    anyone = [{**deny, "Principal": "*"}, {**allow, "Principal": "*"}]
    is_scp = section is PolicyType.SCP
    policies = PolicySet(
        scp_levels=(Level("l0", (_named(deny if is_scp else allow),)),),
        identity_policies=(_named(allow),),
        resource_policy=_named(*anyone[is_scp:]),
    )

    found = explain(AccessRequest(principal, action, "arn:aws:s3:::bucket"), policies)

    assert found.answer.decision is Decision.ALLOWED
    assert {s.policy_type: s.exempt for s in found.sections if s.exempt} == {section: exempt}
    assert found.matching(Effect.DENY) == ()
    assert found.matching(Effect.ALLOW) != ()


def _named(*statements: dict[str, str]) -> NamedDocument:
    return NamedDocument("p", json.dumps({"Version": "2012-10-17", "Statement": statements}))
