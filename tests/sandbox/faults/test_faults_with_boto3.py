"""Faults on demand, as an unmodified boto3 meets them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootsteward.sandbox.served import ServedSandbox

    Client = Callable[..., Any]

CALLS: dict[str, Callable[[Any], Any]] = {
    "sts": lambda c: c.get_caller_identity(),
    "iam": lambda c: c.get_account_summary(),
    "organizations": lambda c: c.list_roots(),
    "s3": lambda c: c.list_buckets(),
    "sqs": lambda c: c.list_queues(),
    "guardduty": lambda c: c.list_detectors(),
    "cloudtrail": lambda c: c.lookup_events(),
}
THROTTLED = {
    "sts": ("Throttling", 400),
    "iam": ("Throttling", 400),
    "organizations": ("TooManyRequestsException", 400),
    "s3": ("SlowDown", 503),
    "sqs": ("RequestThrottled", 400),
    "guardduty": ("ThrottlingException", 400),
    "cloudtrail": ("ThrottlingException", 400),
}
BROKEN = {
    "sts": "InternalFailure",
    "iam": "ServiceFailure",
    "organizations": "ServiceException",
    "s3": "InternalError",
    "sqs": "InternalFailure",
    "guardduty": "InternalServerErrorException",
    "cloudtrail": "InternalFailure",
}


def refused(call: Callable[[], Any]) -> tuple[str, int]:
    """Code and status of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def unit_names(organizations: Any) -> set[str]:  # noqa: ANN401 (boto3's own)
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root_id)
    return {unit["Name"] for unit in units["OrganizationalUnits"]}


def add_unit(organizations: Any, name: str = "New") -> None:  # noqa: ANN401 (boto3's own)
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    organizations.create_organizational_unit(ParentId=root_id, Name=name)


@pytest.mark.parametrize("service", CALLS)
def test_a_throttled_service_says_so_in_its_own_words(
    organization: ServedSandbox, client: Client, service: str
) -> None:
    organization.set_faults({"kind": "throttle", "service": service})
    assert refused(lambda: CALLS[service](client(service))) == THROTTLED[service]
    other = "iam" if service == "sts" else "sts"
    CALLS[other](client(other))


@pytest.mark.parametrize("service", CALLS)
def test_a_broken_service_says_so_in_its_own_words(
    organization: ServedSandbox, client: Client, service: str
) -> None:
    organization.set_faults(
        {"kind": "server_error", "service": service, "times": 1},
        {"kind": "server_error", "service": service, "status": 503},
    )
    # Both rules strike the first call, and the first rule's answer is given.
    assert refused(lambda: CALLS[service](client(service))) == (BROKEN[service], 500)
    assert refused(lambda: CALLS[service](client(service))) == ("ServiceUnavailable", 503)


def test_boto3_gets_through_a_passing_throttle_by_itself(
    organization: ServedSandbox, client: Client
) -> None:
    organization.set_faults({"kind": "throttle", "times": 1})
    patient = client("sts", config=Config(retries={"mode": "standard", "total_max_attempts": 4}))
    assert patient.get_caller_identity()["Account"] == "111111111111"
    assert organization.stage.sandbox.faults.counts() == [{"struck": 1, "left": 0}]


def test_a_server_error_after_the_work_hides_that_it_was_done(
    organization: ServedSandbox, client: Client
) -> None:
    organizations = client("organizations")
    rule = {"kind": "server_error", "operation": "CreateOrganizationalUnit"}
    organization.set_faults(rule)
    assert refused(lambda: add_unit(organizations)) == ("ServiceException", 500)
    assert "New" not in unit_names(organizations)
    organization.set_faults({**rule, "work_done": True})
    assert refused(lambda: add_unit(organizations)) == ("ServiceException", 500)
    assert "New" in unit_names(organizations)


@pytest.mark.parametrize("work_done", [False, True])
def test_a_cut_connection_says_nothing_about_the_work(
    organization: ServedSandbox,
    client: Client,
    work_done: bool,  # noqa: FBT001 (a test's parameter)
) -> None:
    organizations = client("organizations")
    organization.set_faults(
        {"kind": "reset", "operation": "CreateOrganizationalUnit", "work_done": work_done}
    )
    with pytest.raises(ConnectionClosedError):
        add_unit(organizations)
    assert ("New" in unit_names(organizations)) is work_done


def test_a_late_answer_keeps_nobody_else_waiting(
    organization: ServedSandbox, client: Client
) -> None:
    organization.set_faults({"kind": "latency", "operation": "ListRoots", "seconds": 1.5})
    slow = threading.Thread(target=client("organizations").list_roots)
    quick = client("sts")
    calls = organization.stage.sandbox.recent_calls
    slow.start()
    while not any(call.operation == "ListRoots" for call in calls):
        quick.get_caller_identity()
    quick.get_caller_identity()
    # The slow call's work is done, others were answered since, and it still waits.
    assert slow.is_alive()
    slow.join()


@pytest.mark.parametrize(
    ("profile", "service", "operation", "key"),
    [
        ("management", "organizations", "list_accounts", "Accounts"),
        ("payments-admin", "s3", "list_buckets", "Buckets"),
        ("payments-admin", "sqs", "list_queues", "QueueUrls"),
        ("management", "iam", "list_access_keys", "AccessKeyMetadata"),
    ],
)
def test_an_empty_page_hides_nothing_from_who_follows_its_token(
    organization: ServedSandbox,
    client: Client,
    profile: str,
    service: str,
    operation: str,
    key: str,
) -> None:
    made = client(service, profile)
    complete = made.get_paginator(operation).paginate().build_full_result()[key]
    organization.set_faults({"kind": "empty_pages"})
    assert getattr(made, operation)()[key] == []
    pages = list(made.get_paginator(operation).paginate())
    assert pages[0][key] == []
    assert [item for page in pages for item in page[key]] == complete
    assert complete


def test_an_empty_page_can_be_followed_after_the_fault_is_gone(
    organization: ServedSandbox, client: Client
) -> None:
    organizations = client("organizations")
    organization.set_faults({"kind": "empty_pages", "times": 1})
    token = organizations.list_accounts()["NextToken"]
    organization.set_faults()
    following = organizations.list_accounts(NextToken=token)["Accounts"]
    assert following == organizations.list_accounts()["Accounts"]


def test_pages_in_the_middle_of_a_list_can_be_empty_too(
    organization: ServedSandbox, client: Client
) -> None:
    paginator = client("organizations").get_paginator("list_accounts")
    complete = paginator.paginate().build_full_result()["Accounts"]
    organization.set_faults({"kind": "empty_pages"})
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 3}))
    sizes = [len(page["Accounts"]) for page in pages]
    assert sizes[:4] == [0, 3, 0, 3]
    assert [a for page in pages for a in page["Accounts"]] == complete


def test_an_expired_session_is_refused_and_a_long_term_key_is_not(
    organization: ServedSandbox, client: Client
) -> None:
    credentials = organization.session("root-steward").get_credentials()
    assert credentials is not None
    assert credentials.token, "the profile `root-steward` assumes a role"
    organization.set_faults({"kind": "expired_session"})
    assert refused(client("sts", "root-steward").get_caller_identity) == ("ExpiredToken", 403)
    assert client("sts").get_caller_identity()["Account"] == "111111111111"


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("sts", "SignatureDoesNotMatch"),
        ("organizations", "InvalidSignatureException"),
        ("s3", "RequestTimeTooSkewed"),
    ],
)
def test_a_service_whose_clock_is_off_does_not_believe_a_signature(
    organization: ServedSandbox, client: Client, service: str, code: str
) -> None:
    organization.set_faults({"kind": "clock_skew", "seconds": -1200})
    assert refused(lambda: CALLS[service](client(service)))[0] == code


def test_a_stale_read_shows_what_was_some_seconds_ago(
    organization: ServedSandbox, client: Client
) -> None:
    organization.clock.freeze()
    organizations = client("organizations")
    organization.set_faults({"kind": "stale_reads", "seconds": 30, "operation": "List*ForParent"})
    add_unit(organizations, "First")
    assert "First" not in unit_names(organizations)
    organization.clock.advance(20)
    add_unit(organizations, "Second")
    organization.clock.advance(10)
    assert {"First", "Second"} & unit_names(organizations) == {"First"}
    organization.clock.advance(20)
    assert {"First", "Second"} <= unit_names(organizations)


def test_a_write_is_judged_by_the_present_while_reads_are_stale(
    organization: ServedSandbox, client: Client
) -> None:
    organizations = client("organizations")
    organization.set_faults({"kind": "stale_reads", "seconds": 600})
    add_unit(organizations)
    assert "New" not in unit_names(organizations)
    assert refused(lambda: add_unit(organizations))[0] == "DuplicateOrganizationalUnitException"


def test_sessions_begun_while_reads_are_stale_are_real(
    organization: ServedSandbox, client: Client
) -> None:
    organization.set_faults({"kind": "stale_reads", "seconds": 600})
    add_unit(client("organizations"))
    identity = client("sts", "root-steward").get_caller_identity()
    assert ":assumed-role/" in identity["Arn"]


def test_rules_can_name_account_key_and_region(organization: ServedSandbox, client: Client) -> None:
    key = organization.session().get_credentials()
    assert key is not None
    calls: Any = client("sts").get_caller_identity
    for rule, strikes in (
        ({"account": "111111111111"}, True),
        ({"account": "222222222222"}, False),
        ({"access_key": key.access_key}, True),
        ({"region": organization.region}, True),
        ({"region": "eu-*"}, False),
    ):
        organization.set_faults({"kind": "throttle", **rule})
        if strikes:
            assert refused(calls)[0] == "Throttling"
        else:
            calls()


def test_a_rule_can_name_the_account_that_a_session_is_asked_for(
    organization: ServedSandbox, client: Client
) -> None:
    sts = client("sts")
    session = {"RoleSessionName": "me"}
    roles = [
        f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        for account in ("777777777777", "888888888888")
    ]
    organization.set_faults({"kind": "throttle", "operation": "AssumeRo*", "target": "7777*"})
    assert refused(lambda: sts.assume_role(RoleArn=roles[0], **session)) == THROTTLED["sts"]
    task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    with pytest.raises(ClientError, match="Throttling"):
        sts.assume_root(TargetPrincipal="777777777777", TaskPolicyArn=task)
    with pytest.raises(ClientError, match="Throttling"):
        sts.assume_root(TargetPrincipal="arn:aws:iam::777777777777:root", TaskPolicyArn=task)
    assert sts.assume_role(RoleArn=roles[1], **session)["Credentials"]
    assert sts.get_caller_identity()["Account"] == "111111111111"


def test_the_same_seed_gives_the_same_faults_from_the_start(
    organization: ServedSandbox, client: Client
) -> None:
    sts = client("sts")

    def outcomes(seed: int) -> list[str]:
        organization.reset()
        organization.set_faults({"kind": "throttle", "probability": 0.5}, seed=seed)
        found = []
        for _ in range(12):
            try:
                sts.get_caller_identity()
                found.append("Success")
            except ClientError as error:
                found.append(error.response["Error"]["Code"])
        return found

    assert outcomes(4) == outcomes(4)
    assert {"Success", "Throttling"} == set(outcomes(4))
    assert outcomes(4) != outcomes(5)


def test_a_struck_call_leaves_no_event_and_changes_nothing(
    organization: ServedSandbox, client: Client
) -> None:
    trail = client("cloudtrail", region_name="us-east-1")
    organization.set_faults({"kind": "throttle", "service": "iam"})
    assert refused(client("iam").get_account_summary)[0] == "Throttling"
    events = trail.lookup_events()["Events"]
    assert "GetAccountSummary" not in {event["EventName"] for event in events}
    seen = [(call.operation, call.faults) for call in organization.stage.sandbox.recent_calls]
    assert ("GetAccountSummary", ("throttle",)) in seen


def test_the_faults_of_a_world_are_its_own_and_others_run_beside_it(
    organization: ServedSandbox, client: Client
) -> None:
    from rootsteward.sandbox.served import served_sandbox  # noqa: PLC0415 (a second sandbox, here only)

    organization.set_faults({"kind": "throttle"})
    with served_sandbox("article") as other:
        sts = other.session().client("sts")
        assert sts.get_caller_identity()["Account"] == "111111111111"
        sts.close()
    assert refused(client("sts").get_caller_identity)[0] == "Throttling"
