"""Buckets, queues, findings and event history through an unmodified boto3, over HTTP."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import pytest
from botocore.exceptions import ClientError

from rootsteward.domain.task_policy import RootFeature, TaskPolicy
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import write_credentials_file
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World

HOME = "ap-northeast-1"
PAYMENTS = "666666666666"
BUCKET = "hinode-payments-exports"


@pytest.fixture
def world() -> World:
    """The article's organization with centralized root access on and nothing in its way."""
    made = load_scenario("article", now=lambda: datetime.now(UTC))
    made.organization.services.trust(IAM_SERVICE, made.now())
    for feature in RootFeature:
        made.organization.root_features.enable(feature)
    policies = made.organization.policies
    guilty = policies.named("SERVICE_CONTROL_POLICY", "DenyRootUser")
    assert guilty is not None
    for target in list(policies.targets_of(guilty)):
        policies.detach(guilty, target)
    return made


@pytest.fixture
def endpoint(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The sandbox, served; profiles are all that a client is given."""
    credentials = tmp_path / "credentials"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with serve(Sandbox(world).handle) as url:
        write_credentials_file(world, credentials, region=HOME, endpoint_url=url)
        yield url


# WHY one loader: reading botocore's models again for every client takes most of the time.
_MODELS = botocore.loaders.create_loader()


# WHY Any: the clients are made at run time from botocore's models.
def client(service: str, profile: str = "management", region: str | None = None) -> Any:  # noqa: ANN401
    return _session(profile).client(service, region_name=region)


def _session(profile: str | None = None, **settings: str) -> Any:  # noqa: ANN401
    core: Any = botocore.session.Session(profile=profile)
    core.register_component("data_loader", _MODELS)
    return boto3.Session(botocore_session=core, **settings)


def root_client(service: str, task: TaskPolicy, url: str, region: str = HOME) -> Any:  # noqa: ANN401
    credentials = client("sts").assume_root(
        TargetPrincipal=PAYMENTS, TaskPolicyArn={"arn": task.arn()}
    )["Credentials"]
    session = _session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=region,
    )
    return session.client(service, endpoint_url=url)


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.usefixtures("endpoint")
def test_a_profile_is_all_a_client_needs() -> None:
    assert client("sts").get_caller_identity()["Arn"].endswith(":user/administrator")
    assert client("sts", "payments-admin").get_caller_identity()["Account"] == PAYMENTS


def test_a_bucket_locked_against_everyone_is_unlocked_by_a_root_session(endpoint: str) -> None:
    admin = client("s3", "payments-admin")
    admin.put_object(Bucket=BUCKET, Key="a/b c+ü.txt", Body=b"kept", ContentType="text/plain")
    lock = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
            }
        ],
    }
    admin.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(lock))
    for call in (admin.get_bucket_policy, admin.delete_bucket_policy, admin.list_objects_v2):
        with pytest.raises(ClientError) as caught:
            call(Bucket=BUCKET)
        assert refused(caught) == ("AccessDenied", 403)
    rescue = root_client("s3", TaskPolicy.UNLOCK_BUCKET, endpoint)
    listed = {b["Name"]: b["BucketRegion"] for b in rescue.list_buckets(MaxBuckets=10)["Buckets"]}
    assert listed[BUCKET] == HOME
    assert json.loads(rescue.get_bucket_policy(Bucket=BUCKET)["Policy"]) == lock
    deleted = rescue.delete_bucket_policy(Bucket=BUCKET)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    got = admin.get_object(Bucket=BUCKET, Key="a/b c+ü.txt")
    assert (got["Body"].read(), got["ContentType"]) == (b"kept", "text/plain")
    with pytest.raises(ClientError) as caught:
        rescue.get_bucket_policy(Bucket=BUCKET)
    assert refused(caught) == ("NoSuchBucketPolicy", 404)


def test_the_scenarios_own_locks_hold_and_open(endpoint: str) -> None:
    name = "hinode-payments-receipts"
    with pytest.raises(ClientError) as caught:
        client("s3", "payments-admin").delete_bucket_policy(Bucket=name)
    assert refused(caught) == ("AccessDenied", 403)
    root_client("s3", TaskPolicy.UNLOCK_BUCKET, endpoint).delete_bucket_policy(Bucket=name)
    found = client("s3", "payments-admin").list_objects_v2(Bucket=name)
    assert [entry["Key"] for entry in found["Contents"]] == ["2026/10/receipt-0001.txt"]


@pytest.mark.usefixtures("endpoint")
def test_boto3_follows_the_redirect_to_a_bucket_in_another_region() -> None:
    admin = client("s3", "payments-admin", "us-east-1")
    statuses = []
    admin.meta.events.register(
        "response-received.s3.HeadBucket",
        lambda response_dict, **_: statuses.append(response_dict["status_code"]),
    )
    assert admin.head_bucket(Bucket=BUCKET)["BucketRegion"] == HOME
    assert statuses == [301, 200]


@pytest.mark.usefixtures("endpoint")
def test_a_bucket_lives_and_dies() -> None:
    s3 = client("s3")
    s3.create_bucket(
        Bucket="practice-bucket", CreateBucketConfiguration={"LocationConstraint": HOME}
    )
    assert s3.get_bucket_location(Bucket="practice-bucket")["LocationConstraint"] == HOME
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == ["practice-bucket"]
    s3.delete_bucket(Bucket="practice-bucket")
    with pytest.raises(ClientError) as caught:
        s3.head_bucket(Bucket="practice-bucket")
    assert refused(caught)[1] == 404


def test_a_queue_locked_against_everyone_is_unlocked_by_a_root_session(endpoint: str) -> None:
    admin = client("sqs", "payments-admin")
    url = f"{endpoint}/{PAYMENTS}/payments-orders"
    with pytest.raises(ClientError) as caught:
        admin.receive_message(QueueUrl=url)
    assert refused(caught) == ("AccessDenied", 403)
    rescue = root_client("sqs", TaskPolicy.UNLOCK_QUEUE, endpoint)
    assert rescue.get_queue_url(QueueName="payments-orders")["QueueUrl"] == url
    policy = rescue.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    assert "DenyEverybody" in policy["Policy"]
    rescue.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Attributes" not in admin.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    bodies = [
        message["Body"]
        for message in admin.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    ]
    assert bodies == ["order 4711", "order 4712"]


@pytest.mark.usefixtures("endpoint")
def test_a_missing_queue_has_the_code_clients_look_for() -> None:
    sqs = client("sqs", "payments-admin")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as caught:
        sqs.get_queue_url(QueueName="nobodys")
    assert caught.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_findings_and_events_tell_which_session_did_it(endpoint: str) -> None:
    started_at = datetime.now(UTC) - timedelta(seconds=1)
    rescue = root_client("iam", TaskPolicy.AUDIT, endpoint)
    rescue.get_account_summary()
    cloudtrail = client("cloudtrail")
    asked = [{"AttributeKey": "EventName", "AttributeValue": "AssumeRoot"}]
    (event,) = cloudtrail.lookup_events(LookupAttributes=asked, StartTime=started_at)["Events"]
    record = json.loads(event["CloudTrailEvent"])
    issued = record["responseElements"]["credentials"]["accessKeyId"]
    assert record["requestParameters"]["targetPrincipal"] == PAYMENTS
    for region in (HOME, "us-east-1"):
        guardduty = client("guardduty", region=region)
        (detector_id,) = guardduty.list_detectors()["DetectorIds"]
        criteria = {"Criterion": {"resource.accessKeyDetails.accessKeyId": {"Equals": [issued]}}}
        listed = guardduty.list_findings(DetectorId=detector_id, FindingCriteria=criteria)
        found = guardduty.get_findings(DetectorId=detector_id, FindingIds=listed["FindingIds"])
        assert {finding["Type"]: finding["Severity"] for finding in found["Findings"]} == {
            "Policy:IAMUser/ShortTermRootCredentialUsage": 2.0,
            "Discovery:IAMUser/AnomalousBehavior": 2.0,
        }
        assert {finding["AccountId"] for finding in found["Findings"]} == {PAYMENTS}


@pytest.mark.usefixtures("endpoint")
def test_guardduty_paginates_and_suppresses_through_its_client() -> None:
    guardduty = client("guardduty")
    (detector_id,) = guardduty.list_detectors()["DetectorIds"]
    guardduty.create_filter(
        DetectorId=detector_id,
        Name="our-own-sweeps",
        Action="ARCHIVE",
        Rank=1,
        FindingCriteria={"Criterion": {"severity": {"GreaterThanOrEqual": 1}}},
    )
    assert guardduty.get_filter(DetectorId=detector_id, FilterName="our-own-sweeps")["Rank"] == 1
    members = guardduty.get_paginator("list_members").paginate(
        DetectorId=detector_id, PaginationConfig={"PageSize": 5}
    )
    assert len([member for page in members for member in page["Members"]]) == 12
    with pytest.raises(ClientError) as caught:
        guardduty.list_findings(DetectorId="0" * 32)
    assert refused(caught) == ("BadRequestException", 400)
