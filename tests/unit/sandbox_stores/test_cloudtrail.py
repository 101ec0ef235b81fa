"""CloudTrail: what is recorded where, the shapes of records, and `LookupEvents`."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.call import Call, Caller, CallerKind, Output
from rootsteward.sandbox.services.cloudtrail.events import expiration_time
from rootsteward.sandbox.world.trail import MAX_EVENTS_PER_PLACE
from sandbox_bench import MANAGEMENT, MEMBER, START, Bench, root_request


def lookup(
    bench: Bench,
    by: str | Caller = "management",
    region: str = "us-east-1",
    **params: Any,  # noqa: ANN401 (members of any model)
) -> Output:
    return bench.call("cloudtrail", "LookupEvents", by, region, **params)


def where(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def only(output: Output) -> Mapping[str, Any]:
    (event,) = output["Events"]
    record: Mapping[str, Any] = json.loads(event["CloudTrailEvent"])
    return record


# --- records


def test_assume_root_is_recorded_in_the_callers_account_with_the_key_it_issued(
    bench: Bench,
) -> None:
    request = root_request(TaskPolicy.UNLOCK_BUCKET, DurationSeconds=60)
    output = bench.call("sts", "AssumeRoot", "management", "eu-west-1", **request)
    record = only(lookup(bench, region="eu-west-1", **where("EventName", "AssumeRoot")))
    caller = bench.callers["management"]
    assert record["userIdentity"] == {
        "type": "IAMUser",
        "principalId": caller.user_id,
        "arn": f"arn:aws:iam::{MANAGEMENT}:user/management",
        "accountId": MANAGEMENT,
        "accessKeyId": caller.access_key_id,
        "userName": "management",
    }
    assert record["eventSource"] == "sts.amazonaws.com"
    assert record["awsRegion"] == "eu-west-1"
    assert record["recipientAccountId"] == MANAGEMENT
    assert record["eventTime"] == "2026-10-05T08:00:00Z"
    assert record["requestParameters"] == {
        "targetPrincipal": MEMBER,
        "taskPolicyArn": {"arn": TaskPolicy.UNLOCK_BUCKET.arn()},
        "durationSeconds": 60,
    }
    assert record["responseElements"] == {
        "credentials": {
            "accessKeyId": output["Credentials"]["AccessKeyId"],
            "sessionToken": output["Credentials"]["SessionToken"],
            "expiration": "Oct 5, 2026, 8:01:00 AM",
        }
    }
    assert record["resources"] == [{"accountId": MEMBER, "ARN": f"arn:aws:iam::{MEMBER}:root"}]


def test_no_secret_key_is_recorded(bench: Bench) -> None:
    output = bench.call("sts", "AssumeRoot", "management", **root_request(TaskPolicy.AUDIT))
    events = lookup(bench)["Events"]
    assert output["Credentials"]["SecretAccessKey"] not in json.dumps(events, default=str)


def test_the_seed_of_a_virtual_device_is_not_recorded(bench: Bench) -> None:
    made = bench.call("iam", "CreateVirtualMFADevice", "management", VirtualMFADeviceName="d")
    serial = made["VirtualMFADevice"]["SerialNumber"]
    record = only(lookup(bench))
    assert record["responseElements"] == {"virtualMFADevice": {"serialNumber": serial}}


@pytest.mark.parametrize("role", ["no-arn-at-all-but-long-enough", "arn:aws:iam", "a:b:c:d::f"])
def test_a_refused_request_may_have_named_anything(bench: Bench, role: str) -> None:
    asked = {"RoleArn": role, "RoleSessionName": "me"}
    assert bench.refusal("sts", "AssumeRole", "management", **asked).code == "AccessDenied"
    record = only(lookup(bench))
    assert record["requestParameters"] == {"roleArn": role, "roleSessionName": "me"}
    assert "resources" not in record


def test_an_in_session_action_is_recorded_in_the_members_account(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket="the-bucket")
    session = bench.assume_root(TaskPolicy.UNLOCK_BUCKET)
    bench.call("s3", "DeleteBucketPolicy", session, Bucket="the-bucket")
    record = only(lookup(bench, "member", **where("EventName", "DeleteBucketPolicy")))
    assert record["userIdentity"] == {
        "type": "Root",
        "principalId": MEMBER,
        "arn": f"arn:aws:iam::{MEMBER}:root",
        "accountId": MEMBER,
        "accessKeyId": session.access_key_id,
        "sessionContext": {
            "attributes": {"creationDate": "2026-10-05T08:00:00Z", "mfaAuthenticated": "false"},
            "assumedRoot": "true",
        },
    }
    assert record["requestParameters"] == {
        "bucketName": "the-bucket",
        "Host": "127.0.0.1:4566",
        "policy": "",
    }
    assert record["responseElements"] is None
    assert record["readOnly"] is False
    assert record["resources"] == [
        {"accountId": MEMBER, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::the-bucket"}
    ]
    assert record["eventType"] == "AwsApiCall"
    assert record["managementEvent"] is True
    assert record["eventCategory"] == "Management"
    assert record["recipientAccountId"] == MEMBER
    assert lookup(bench, **where("EventName", "DeleteBucketPolicy"))["Events"] == []


def test_iam_is_recorded_in_us_east_1_whatever_the_session_was_signed_for(bench: Bench) -> None:
    session = bench.assume_root(TaskPolicy.AUDIT)
    bench.call("iam", "GetAccountSummary", session, "us-east-1")
    bench.call("iam", "GetUser", session, "eu-west-1")
    names = [event["EventName"] for event in lookup(bench, "member")["Events"]]
    assert names == ["GetUser", "GetAccountSummary"]
    assert lookup(bench, "member", "eu-west-1")["Events"] == []


def test_organizations_is_recorded_in_us_east_1_too(bench: Bench) -> None:
    bench.call("organizations", "ListRoots", "management", "eu-west-1")
    assert only(lookup(bench, **where("EventName", "ListRoots")))["awsRegion"] == "us-east-1"
    assert lookup(bench, region="eu-west-1", **where("EventName", "ListRoots"))["Events"] == []


def test_a_refusal_is_recorded_with_its_code_and_message(bench: Bench) -> None:
    session = bench.assume_root(TaskPolicy.AUDIT)
    error = bench.refusal("iam", "DeleteLoginProfile", session)
    record = only(lookup(bench, "member", **where("EventName", "DeleteLoginProfile")))
    assert (record["errorCode"], record["errorMessage"]) == ("AccessDenied", error.message)
    assert record["responseElements"] is None
    assert record["requestParameters"] is None


def test_iams_codes_are_recorded_as_exceptions(bench: Bench) -> None:
    session = bench.assume_root(TaskPolicy.AUDIT)
    assert bench.refusal("iam", "GetLoginProfile", session).code == "NoSuchEntity"
    record = only(lookup(bench, "member", **where("EventName", "GetLoginProfile")))
    assert record["errorCode"] == "NoSuchEntityException"


def test_a_root_users_own_key_has_no_session_in_its_record(bench: Bench) -> None:
    root_key = bench.root_key(MEMBER)
    bench.call("sts", "GetCallerIdentity", root_key)
    identity = only(lookup(bench, "member", **where("AccessKeyId", root_key.access_key_id)))[
        "userIdentity"
    ]
    assert identity["type"] == "Root"
    assert "sessionContext" not in identity


def test_a_role_session_names_its_issuer_and_assume_root_marks_it(bench: Bench) -> None:
    role = Caller(
        kind=CallerKind.ASSUMED_ROLE,
        account=MANAGEMENT,
        arn=f"arn:aws:sts::{MANAGEMENT}:assumed-role/Ops/alice",
        principal_arn=f"arn:aws:iam::{MANAGEMENT}:role/Ops",
        user_id="AROAEXAMPLE:alice",
        access_key_id="ASIACALLER",
        source_identity="Alice",
        session_issued_at=START - timedelta(minutes=1),
        session_name="alice",
    )
    bench.refusal("sts", "AssumeRoot", role, **root_request(TaskPolicy.AUDIT))
    found = lookup(bench, **where("Username", "alice"))
    assert only(found)["userIdentity"]["sessionContext"] == {
        "sessionIssuer": {
            "type": "Role",
            "principalId": "AROAEXAMPLE",
            "arn": f"arn:aws:iam::{MANAGEMENT}:role/Ops",
            "accountId": MANAGEMENT,
            "userName": "Ops",
        },
        "webIdFederationData": {},
        "attributes": {"creationDate": "2026-10-05T07:59:00Z", "mfaAuthenticated": "false"},
        "sourceIdentity": "Alice",
        "assumedRoot": "true",
    }


def test_what_is_inside_buckets_and_queues_is_no_management_event(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket="the-bucket")
    bench.call("s3", "PutObject", "member", Bucket="the-bucket", Key="k", Body=b"x")
    url = bench.call("sqs", "CreateQueue", "member", QueueName="q")["QueueUrl"]
    bench.call("sqs", "SendMessage", "member", QueueUrl=url, MessageBody="x")
    for operation in ("GetQueueAttributes", "ListQueueTags"):
        bench.call("sqs", operation, "member", QueueUrl=url)
    bench.call("sqs", "GetQueueUrl", "member", QueueName="q")
    bench.call("sqs", "ListQueues", "member")
    names = [event["EventName"] for event in lookup(bench, "member")["Events"]]
    assert names == ["CreateQueue", "CreateBucket"]


def test_a_bucket_policy_is_recorded_as_json_and_an_attribute_as_it_is(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket="the-bucket")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    document = {"Statement": [{**statement, "Resource": "arn:aws:s3:::the-bucket/*"}]}
    bench.call("s3", "PutBucketPolicy", "member", Bucket="the-bucket", Policy=json.dumps(document))
    url = bench.call("sqs", "CreateQueue", "member", QueueName="q")["QueueUrl"]
    bench.call("sqs", "SetQueueAttributes", "member", QueueUrl=url, Attributes={"Policy": ""})
    put = only(lookup(bench, "member", **where("EventName", "PutBucketPolicy")))
    assert put["requestParameters"]["bucketPolicy"] == document
    changed = only(lookup(bench, "member", **where("EventName", "SetQueueAttributes")))
    assert changed["requestParameters"] == {"queueUrl": url, "attributes": {"Policy": ""}}


def test_a_record_is_of_the_version_of_today_or_of_the_documented_one(bench: Bench) -> None:
    bench.call("sts", "GetCallerIdentity")
    bench.call("iam", "ListUsers")
    bench.assume_root(TaskPolicy.AUDIT)
    versions = {
        event["EventName"]: json.loads(event["CloudTrailEvent"])["eventVersion"]
        for event in lookup(bench)["Events"]
    }
    assert versions == {"GetCallerIdentity": "1.11", "ListUsers": "1.11", "AssumeRoot": "1.08"}


@pytest.mark.parametrize(
    ("hour", "spelled"),
    [
        (0, "Oct 5, 2026, 12:30:09 AM"),
        (8, "Oct 5, 2026, 8:30:09 AM"),
        (12, "Oct 5, 2026, 12:30:09 PM"),
        (23, "Oct 5, 2026, 11:30:09 PM"),
    ],
)
def test_the_end_of_a_root_session_is_spelled_for_people(hour: int, spelled: str) -> None:
    assert expiration_time(START.replace(hour=hour, minute=30, second=9)) == spelled


def test_s3_puts_the_user_agent_in_brackets(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", Bucket="the-bucket")
    bench.call("sqs", "CreateQueue", QueueName="q")
    agents = [json.loads(e["CloudTrailEvent"])["userAgent"] for e in lookup(bench)["Events"]]
    assert agents == ["", "[]"]


def test_times_in_responses_are_those_of_records(bench: Bench) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    bench.call("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=trust)
    role = only(lookup(bench))["responseElements"]["role"]
    assert role["createDate"] == "2026-10-05T08:00:00Z"
    assert role["assumeRolePolicyDocument"].startswith("%7B%22Version%22%3A")


# --- LookupEvents


@pytest.mark.parametrize(
    ("key", "value", "names"),
    [
        ("EventName", "AssumeRoot", ["AssumeRoot"]),
        ("EventSource", "organizations.amazonaws.com", ["ListRoots"]),
        ("ReadOnly", "false", ["AssumeRoot", "CreateQueue"]),
        ("Username", "management", ["AssumeRoot", "CreateQueue", "ListRoots"]),
        ("Username", "nobody", []),
        ("ResourceType", "AWS::IAM::AccessKey", ["AssumeRoot"]),
    ],
)
def test_events_are_found_by_one_attribute(
    bench: Bench, key: str, value: str, names: list[str]
) -> None:
    bench.call("organizations", "ListRoots")
    bench.call("sqs", "CreateQueue", QueueName="q")
    bench.call("sts", "AssumeRoot", **root_request(TaskPolicy.AUDIT))
    assert [event["EventName"] for event in lookup(bench, **where(key, value))["Events"]] == names


def test_an_event_is_found_by_its_id_its_key_and_the_key_it_issued(bench: Bench) -> None:
    session = bench.assume_root(TaskPolicy.AUDIT)
    (event,) = lookup(bench, **where("EventName", "AssumeRoot"))["Events"]
    key = bench.callers["management"].access_key_id
    for attribute, value in (
        ("EventId", event["EventId"]),
        ("ResourceName", session.access_key_id),
    ):
        assert lookup(bench, **where(attribute, value))["Events"] == [event]
    assert event in lookup(bench, **where("AccessKeyId", key))["Events"]
    assert event["Username"] == "management"
    assert event["ReadOnly"] == "false"


def test_a_root_sessions_events_are_those_of_root(bench: Bench) -> None:
    session = bench.assume_root(TaskPolicy.AUDIT)
    bench.call("iam", "GetAccountSummary", session)
    (event,) = lookup(bench, "member", **where("Username", "root"))["Events"]
    assert (event["EventName"], event["AccessKeyId"]) == (
        "GetAccountSummary",
        session.access_key_id,
    )


def test_events_are_newest_first_within_the_times_asked_for(bench: Bench) -> None:
    for name in ("one", "two", "six"):
        bench.call("sqs", "CreateQueue", QueueName=name)
        bench.clock.forward(minutes=10)
    window: dict[str, Any] = {
        "StartTime": START + timedelta(minutes=10),
        "EndTime": START + timedelta(minutes=20),
    }
    times = [event["EventTime"] for event in lookup(bench, **window)["Events"]]
    assert times == [START + timedelta(minutes=20), START + timedelta(minutes=10)]


def test_nothing_older_than_ninety_days_is_found(bench: Bench) -> None:
    bench.call("sqs", "CreateQueue", QueueName="q")
    bench.clock.forward(days=90)
    assert len(lookup(bench, **where("EventName", "CreateQueue"))["Events"]) == 1
    bench.clock.forward(seconds=1)
    assert lookup(bench, **where("EventName", "CreateQueue"))["Events"] == []


def test_pages_neither_lose_nor_repeat_events_while_new_ones_arrive(bench: Bench) -> None:
    for number in range(5):
        bench.call("sqs", "CreateQueue", QueueName=f"q{number}")
    asked = where("EventName", "CreateQueue")
    page = lookup(bench, MaxResults=2, **asked)
    seen = [event["EventId"] for event in page["Events"]]
    while "NextToken" in page:
        bench.call("sqs", "CreateQueue", QueueName=f"new-{len(seen)}")
        page = lookup(bench, MaxResults=2, NextToken=page["NextToken"], **asked)
        seen += [event["EventId"] for event in page["Events"]]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"MaxResults": 0}, "InvalidMaxResultsException"),
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"NextToken": "zzz"}, "InvalidNextTokenException"),
        (where("Colour", "red"), "InvalidLookupAttributesException"),
        (where("ReadOnly", "True"), "InvalidLookupAttributesException"),
        (where("ReadOnly", "other"), "InvalidLookupAttributesException"),
        ({"StartTime": START + timedelta(1)}, "InvalidTimeRangeException"),
        (
            {"LookupAttributes": [*where("EventName", "x")["LookupAttributes"]] * 2},
            "InvalidLookupAttributesException",
        ),
        (
            {"StartTime": START, "EndTime": START - timedelta(1)},
            "InvalidTimeRangeException",
        ),
        ({"EventCategory": "insight"}, "UnsupportedOperationException"),
    ],
)
def test_a_question_that_cloudtrail_does_not_take_is_refused(
    bench: Bench, params: dict[str, Any], code: str
) -> None:
    error = bench.refusal("cloudtrail", "LookupEvents", **params)
    assert error.code == code


def test_a_token_is_good_for_its_own_question_only(bench: Bench) -> None:
    for number in range(3):
        bench.call("sqs", "CreateQueue", QueueName=f"q{number}")
    token = lookup(bench, MaxResults=1, **where("EventName", "CreateQueue"))["NextToken"]
    error = bench.refusal(
        "cloudtrail", "LookupEvents", NextToken=token, **where("EventName", "ListRoots")
    )
    assert error.code == "InvalidNextTokenException"


def test_history_is_bounded(bench: Bench) -> None:
    trail, caller = bench.world.trail, bench.callers["management"]
    call = Call("sts", "GetCallerIdentity", {}, "us-east-1", caller, "id", START)
    for _ in range(MAX_EVENTS_PER_PLACE + 5):
        trail.record(call, output={})
    kept = [recorded.sequence for recorded in trail.newest_first(MANAGEMENT, "us-east-1")]
    assert len(kept) == MAX_EVENTS_PER_PLACE
    assert kept[-1] == kept[0] - MAX_EVENTS_PER_PLACE + 1


# --- calls that two accounts see


def a_role(bench: Bench, trusts: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{trusts}:root"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    created = bench.call(
        "iam", "CreateRole", "member", RoleName="Ops", AssumeRolePolicyDocument=trust
    )
    return str(created["Role"]["Arn"])


def test_a_role_that_another_account_assumes_is_recorded_in_both(bench: Bench) -> None:
    arn = a_role(bench, MANAGEMENT)
    bench.call("sts", "AssumeRole", RoleArn=arn, RoleSessionName="me")
    wanted = where("EventName", "AssumeRole")
    own, (copy,) = only(lookup(bench, **wanted)), lookup(bench, "member", **wanted)["Events"]
    record = json.loads(copy["CloudTrailEvent"])
    assert record["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": bench.callers["management"].user_id,
        "accountId": MANAGEMENT,
    }
    assert (own["recipientAccountId"], record["recipientAccountId"]) == (MANAGEMENT, MEMBER)
    assert own["sharedEventID"] == record["sharedEventID"]
    assert own["eventID"] != record["eventID"]
    assert record["resources"] == [{"accountId": MEMBER, "type": "AWS::IAM::Role", "ARN": arn}]
    assert {"ResourceType": "AWS::IAM::Role", "ResourceName": arn} in copy["Resources"]
    assert "Username" not in copy
    assert "AccessKeyId" not in copy
    assert lookup(bench, "member", **where("Username", "management"))["Events"] == []


def test_a_refused_role_is_recorded_with_its_caller_only(bench: Bench) -> None:
    arn = a_role(bench, MEMBER)
    bench.refusal("sts", "AssumeRole", RoleArn=arn, RoleSessionName="me")
    record = only(lookup(bench, **where("EventName", "AssumeRole")))
    assert record["errorCode"] == "AccessDenied"
    assert "sharedEventID" not in record
    assert lookup(bench, "member", **where("EventName", "AssumeRole"))["Events"] == []


def test_iam_calls_list_the_user_and_the_key_they_were_about(bench: Bench) -> None:
    user = bench.call("iam", "CreateUser", UserName="bob")["User"]
    key = bench.call("iam", "CreateAccessKey", UserName="bob")["AccessKey"]["AccessKeyId"]
    bench.call("iam", "ListAccessKeys", UserName="bob")
    bench.refusal("iam", "GetUser", UserName="nobody")
    bench.call("iam", "DeleteAccessKey", UserName="bob", AccessKeyId=key)
    listed = {
        event["EventName"]: [
            (resource["ResourceType"], resource["ResourceName"]) for resource in event["Resources"]
        ]
        for event in lookup(bench)["Events"]
    }
    about = [("AWS::IAM::AccessKey", key), ("AWS::IAM::User", "bob")]
    assert listed == {
        "CreateUser": [
            ("AWS::IAM::User", name) for name in (user["UserName"], user["UserId"], user["Arn"])
        ],
        "CreateAccessKey": about,
        "ListAccessKeys": [],
        "GetUser": [],
        "DeleteAccessKey": about,
    }
    assert len(lookup(bench, **where("ResourceName", key))["Events"]) == 2


def test_a_queue_is_listed_by_its_address_when_it_is_made_too(bench: Bench) -> None:
    url = bench.call("sqs", "CreateQueue", QueueName="q")["QueueUrl"]
    bench.call("sqs", "DeleteQueue", QueueUrl=url)
    events = lookup(bench, **where("ResourceName", url))["Events"]
    assert [event["EventName"] for event in events] == ["DeleteQueue", "CreateQueue"]
    for event in events:
        (resource,) = json.loads(event["CloudTrailEvent"])["resources"]
        assert resource["ARN"] == f"arn:aws:sqs:us-east-1:{MANAGEMENT}:q"


def test_a_role_session_is_listed_by_name_id_and_arn(bench: Bench) -> None:
    arn = a_role(bench, MANAGEMENT)
    user = bench.call("sts", "AssumeRole", RoleArn=arn, RoleSessionName="me")["AssumedRoleUser"]
    (event,) = lookup(bench, **where("EventName", "AssumeRole"))["Events"]
    assert [(r["ResourceType"], r["ResourceName"]) for r in event["Resources"][1:]] == [
        ("AWS::STS::AssumedRole", "me"),
        ("AWS::STS::AssumedRole", user["AssumedRoleId"]),
        ("AWS::STS::AssumedRole", user["Arn"]),
        ("AWS::IAM::Role", arn),
    ]


def test_an_inline_policy_is_listed_before_its_role(bench: Bench) -> None:
    a_role(bench, MANAGEMENT)
    document = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    named = {"RoleName": "Ops", "PolicyName": "inline"}
    bench.call("iam", "PutRolePolicy", "member", PolicyDocument=document, **named)
    (event,) = lookup(bench, "member", **where("EventName", "PutRolePolicy"))["Events"]
    kinds = [resource["ResourceType"] for resource in event["Resources"]]
    assert kinds == ["AWS::IAM::Policy", "AWS::IAM::Role"]


def test_a_bucket_of_another_account_is_recorded_as_its_owners(bench: Bench) -> None:
    bench.call("s3", "CreateBucket", "member", Bucket="the-bucket")
    bench.refusal("s3", "GetBucketPolicy", Bucket="the-bucket")
    record = only(lookup(bench, **where("EventName", "GetBucketPolicy")))
    assert record["recipientAccountId"] == MANAGEMENT
    assert [resource["accountId"] for resource in record["resources"]] == [MEMBER]
