"""A least-privilege operator role, made and tried through boto3, is really enforced."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.world.control_policies import SCP
from sandbox_bench import (
    DELEGATE,
    MANAGEMENT,
    MEMBER,
    UNIT,
    Bench,
    boto_client,
    root_request,
    small_organization,
)

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}
# Two tasks, in one account only.
OPERATOR = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoot",
            "Resource": f"arn:aws:iam::{MEMBER}:root",
            "Condition": {
                "StringEquals": {
                    "sts:TaskPolicyArn": [
                        TaskPolicy.AUDIT.arn(),
                        TaskPolicy.DELETE_CREDENTIALS.arn(),
                    ]
                }
            },
        }
    ],
}


@pytest.fixture
def bench() -> Bench:
    made = small_organization()
    made.clock.at = datetime.now(UTC)
    made.switch_on()
    return made


def client(bench: Bench, service: str, who: str = "management") -> Any:  # noqa: ANN401
    return boto_client(bench.sandbox, service, bench.callers[who].access_key_id)


def client_of(bench: Bench, service: str, given: Mapping[str, Any]) -> Any:  # noqa: ANN401
    return boto_client(bench.sandbox, service, given["Credentials"]["AccessKeyId"])


def refused(call: Any, **params: object) -> tuple[str, str]:  # noqa: ANN401
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def operator_role(bench: Bench) -> str:
    iam = client(bench, "iam")
    made = iam.create_role(RoleName="RootOperator", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(
        RoleName="RootOperator", PolicyName="tasks", PolicyDocument=json.dumps(OPERATOR)
    )
    return str(made["Role"]["Arn"])


def test_the_role_opens_its_tasks_in_its_account_and_nothing_else(bench: Bench) -> None:
    role = operator_role(bench)
    given = client(bench, "sts").assume_role(RoleArn=role, RoleSessionName="op")
    sts = client_of(bench, "sts", given)
    opened = sts.assume_root(**root_request(TaskPolicy.AUDIT))
    assert client_of(bench, "iam", opened).get_account_summary()
    for request in (
        root_request(TaskPolicy.UNLOCK_BUCKET),
        root_request(TaskPolicy.AUDIT, DELEGATE),
    ):
        code, message = refused(sts.assume_root, **request)
        assert code == "AccessDenied"
        assert message.startswith(f"User: {given['AssumedRoleUser']['Arn']} is not authorized")
    assert refused(client_of(bench, "organizations", given).list_accounts)[0] == (
        "AccessDeniedException"
    )


def test_a_policy_that_is_taken_away_counts_at_once(bench: Bench) -> None:
    role = operator_role(bench)
    given = client(bench, "sts").assume_role(RoleArn=role, RoleSessionName="op")
    client(bench, "iam").delete_role_policy(RoleName="RootOperator", PolicyName="tasks")
    sts = client_of(bench, "sts", given)
    assert refused(sts.assume_root, **root_request(TaskPolicy.AUDIT))[0] == "AccessDenied"


def test_a_session_policy_narrows_and_never_widens(bench: Bench) -> None:
    role = operator_role(bench)
    audit_only = json.dumps(OPERATOR).replace(TaskPolicy.DELETE_CREDENTIALS.arn(), "none")
    sts = client(bench, "sts")
    narrow = sts.assume_role(RoleArn=role, RoleSessionName="op", Policy=audit_only)
    narrowed = client_of(bench, "sts", narrow)
    assert narrowed.assume_root(**root_request(TaskPolicy.AUDIT))
    delete = root_request(TaskPolicy.DELETE_CREDENTIALS)
    assert refused(narrowed.assume_root, **delete)[0] == "AccessDenied"
    arns = [{"arn": ADMINISTRATOR}]
    wide = sts.assume_role(RoleArn=role, RoleSessionName="op", PolicyArns=arns)
    unlock = root_request(TaskPolicy.UNLOCK_QUEUE)
    widened = client_of(bench, "sts", wide)
    assert widened.assume_root(**delete)
    assert refused(widened.assume_root, **unlock)[0] == "AccessDenied"
    unknown = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    code, _ = refused(sts.assume_role, RoleArn=role, RoleSessionName="op", PolicyArns=unknown)
    assert code == "NotImplemented"


def test_only_the_right_accounts_may_hold_an_operator(bench: Bench) -> None:
    bench.add_user(DELEGATE, "auditor", json.dumps(OPERATOR))
    auditor = client(bench, "sts", "auditor")
    assert refused(auditor.assume_root, **root_request(TaskPolicy.AUDIT))[0] == "AccessDenied"
    client(bench, "organizations").register_delegated_administrator(
        AccountId=DELEGATE, ServicePrincipal="iam.amazonaws.com"
    )
    assert auditor.assume_root(**root_request(TaskPolicy.AUDIT))


def test_an_scp_on_the_delegates_account_holds_its_operator(bench: Bench) -> None:
    bench.add_user(DELEGATE, "auditor", json.dumps(OPERATOR))
    organizations = client(bench, "organizations")
    organizations.register_delegated_administrator(
        AccountId=DELEGATE, ServicePrincipal="iam.amazonaws.com"
    )
    attach(bench, DELEGATE, {"Effect": "Deny", "Action": "sts:AssumeRoot", "Resource": "*"})
    auditor = client(bench, "sts", "auditor")
    assert refused(auditor.assume_root, **root_request(TaskPolicy.AUDIT))[0] == "AccessDenied"
    assert client(bench, "sts").assume_root(**root_request(TaskPolicy.AUDIT))


def attach(bench: Bench, target: str, statement: Mapping[str, object]) -> ControlPolicy:
    document = {"Version": "2012-10-17", "Statement": [statement]}
    organizations = client(bench, "organizations")
    made = organizations.create_policy(
        Name=f"for-{target}", Description="", Type=SCP, Content=json.dumps(document)
    )
    policy_id = made["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy_id, TargetId=target)
    return bench.world.organization.policies.policies[policy_id]


def test_a_root_key_and_a_root_session_differ_under_a_carve_out(bench: Bench) -> None:
    key = bench.root_key(MEMBER)
    session = bench.assume_root(TaskPolicy.AUDIT)
    policy = attach(
        bench,
        UNIT,
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"},
                "Null": {"aws:AssumedRoot": "true"},
            },
        },
    )
    assert boto_client(bench.sandbox, "iam", session.access_key_id).get_account_summary()
    by_key = boto_client(bench.sandbox, "iam", key.access_key_id)
    code, message = refused(by_key.get_account_summary)
    assert (code, message.endswith(policy.arn)) == ("AccessDenied", True)


def test_a_root_key_can_do_what_no_task_allows(bench: Bench) -> None:
    key = bench.root_key(MEMBER)
    session = bench.assume_root(TaskPolicy.AUDIT)
    assert boto_client(bench.sandbox, "iam", key.access_key_id).list_users()["Users"]
    by_session = boto_client(bench.sandbox, "iam", session.access_key_id)
    assert refused(by_session.list_roles)[0] == "AccessDenied"
