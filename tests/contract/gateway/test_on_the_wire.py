"""What really leaves the door, seen by a service that only listens and answers."""

import json
import logging
import re
import socket
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contract.gateway.scripted_service import Answer, ScriptedService
from rootsteward.aws.root_session_clients import signing_as
from rootsteward.domain.errors import (
    AwsRefusedError,
    EndpointUnreachableError,
    NotFoundError,
    OperatorError,
    OutcomeUnknownError,
    RootstewardError,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import AccountState, OrgRoot
from rootsteward.domain.root_credentials import AccessKey, Password
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import TaskPolicy

if TYPE_CHECKING:
    from contract.gateway.conftest import OpenGateway
    from rootsteward.aws.gateway import BotoGateway

ACCOUNT = AccountId("222222222222")
IAM = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
SECRETS = ("sessions-secret-access-key", "sessions-token", "operators-secret-access-key")

ISSUED = """<AssumeRootResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRootResult><Credentials><AccessKeyId>ASIASESSION</AccessKeyId>
<SecretAccessKey>sessions-secret-access-key</SecretAccessKey>
<SessionToken>sessions-token</SessionToken><Expiration>2026-10-05T12:15:00Z</Expiration>
</Credentials></AssumeRootResult>
<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></AssumeRootResponse>"""

NO_KEYS = f"""<ListAccessKeysResponse {IAM}><ListAccessKeysResult><AccessKeyMetadata/>
<IsTruncated>false</IsTruncated></ListAccessKeysResult></ListAccessKeysResponse>"""


def a_session(number: int = 0, account: str = ACCOUNT) -> RootSession:
    return RootSession(
        account=AccountId(account),
        task=TaskPolicy.DELETE_CREDENTIALS,
        access_key_id=f"ASIASESSION{number}",
        secret_access_key=Secret("sessions-secret-access-key"),
        session_token=Secret(f"sessions-token-{number}"),
        expires_at=datetime(2026, 10, 5, 12, 15, tzinfo=UTC),
    )


def query_error(code: str, message: str, status: int) -> Answer:
    return Answer(
        status,
        f"<ErrorResponse {IAM}><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{message}</Message></Error><RequestId>r-9</RequestId></ErrorResponse>",
    )


# Root sessions


def test_assume_root_is_asked_as_the_operator_and_answers_with_a_session(
    service: ScriptedService, scripted_gateway: "BotoGateway", operator: str
) -> None:
    service.on("AssumeRoot", ISSUED)
    session = scripted_gateway.open_root_session(ACCOUNT, TaskPolicy.AUDIT, duration_seconds=300)
    assert session == RootSession(
        account=ACCOUNT,
        task=TaskPolicy.AUDIT,
        access_key_id="ASIASESSION",
        secret_access_key=Secret("sessions-secret-access-key"),
        session_token=Secret("sessions-token"),
        expires_at=datetime(2026, 10, 5, 12, 15, tzinfo=UTC),
        request_id="r-1",
    )
    (asked,) = service.asked
    assert asked.form == {
        "Action": "AssumeRoot",
        "Version": "2011-06-15",
        "TargetPrincipal": ACCOUNT,
        "TaskPolicyArn.arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
        "DurationSeconds": "300",
    }
    assert (asked.access_key_id, asked.signed_region) == (operator, "eu-west-1")


def test_many_sessions_share_a_client_and_each_call_is_signed_with_its_own(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("DeleteAccessKey", f"<DeleteAccessKeyResponse {IAM}/>")

    def delete(number: int) -> None:
        scripted_gateway.delete_access_key(a_session(number), f"AKIA{number:016}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(delete, range(64)))
    signed = {
        asked.form["AccessKeyId"]: (asked.access_key_id, asked.headers["x-amz-security-token"])
        for asked in service.asked
    }
    assert signed == {
        f"AKIA{number:016}": (f"ASIASESSION{number}", f"sessions-token-{number}")
        for number in range(64)
    }


def test_a_root_call_that_lost_its_session_is_never_sent(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("ListAccessKeys", NO_KEYS)
    door = scripted_gateway._door
    client = door.clients.for_root_sessions("iam")
    with pytest.raises(Exception, match="Unable to locate credentials"), signing_as(None):
        client.list_access_keys()
    assert service.asked == []


def test_a_session_is_forgotten_after_its_call_even_when_the_call_failed(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("DeleteLoginProfile", query_error("AccessDenied", "no", 403))
    with pytest.raises(AwsRefusedError):
        scripted_gateway.delete_password(a_session())
    with pytest.raises(Exception, match="Unable to locate credentials"):
        scripted_gateway._door.clients.for_root_sessions("iam").delete_login_profile()


# What may be sent twice


@pytest.mark.parametrize(
    "failure",
    [
        Answer(hang_up=True),
        query_error("ServiceFailure", "try later", 500),
        query_error("ServiceUnavailable", "try later", 503),
        Answer(502, "<html>bad gateway</html>"),
        Answer(200, "this is no XML"),
    ],
)
def test_a_deletion_without_a_clear_answer_is_sent_once_and_its_outcome_is_unknown(
    service: ScriptedService, scripted_gateway: "BotoGateway", failure: Answer
) -> None:
    service.on("DeleteAccessKey", failure)
    with pytest.raises(OutcomeUnknownError) as caught:
        scripted_gateway.delete_access_key(a_session(), "AKIAEXAMPLE000000000")
    assert service.operations() == ["DeleteAccessKey"]
    assert "iam:DeleteAccessKey" in str(caught.value)
    assert "222222222222" in str(caught.value)


def test_a_read_without_a_clear_answer_is_repeated(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on(
        "ListAccessKeys",
        Answer(hang_up=True),
        query_error("Throttling", "Rate exceeded", 400),
        query_error("ServiceFailure", "try later", 500),
        NO_KEYS,
    )
    assert scripted_gateway.access_keys(a_session()) == ()
    assert service.operations() == ["ListAccessKeys"] * 4


# Reading IAM


def test_key_lists_are_read_to_their_last_page_and_optional_members_may_be_missing(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on(
        "ListAccessKeys",
        f"""<ListAccessKeysResponse {IAM}><ListAccessKeysResult><AccessKeyMetadata><member>
        <AccessKeyId>AKIAONE</AccessKeyId><Status>Inactive</Status>
        <CreateDate>2019-05-01T00:00:00Z</CreateDate></member></AccessKeyMetadata>
        <IsTruncated>true</IsTruncated><Marker>more</Marker></ListAccessKeysResult>
        </ListAccessKeysResponse>""",
        f"""<ListAccessKeysResponse {IAM}><ListAccessKeysResult><AccessKeyMetadata><member>
        <AccessKeyId>AKIATWO</AccessKeyId></member></AccessKeyMetadata>
        <IsTruncated>false</IsTruncated></ListAccessKeysResult></ListAccessKeysResponse>""",
    )
    assert scripted_gateway.access_keys(a_session()) == (
        AccessKey("AKIAONE", active=False, created_at=datetime(2019, 5, 1, tzinfo=UTC)),
        AccessKey("AKIATWO"),
    )
    assert [asked.form.get("Marker") for asked in service.asked] == [None, "more"]
    assert "UserName" not in service.asked[0].form


def test_a_key_that_was_never_used_has_no_last_use(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on(
        "GetAccessKeyLastUsed",
        f"""<GetAccessKeyLastUsedResponse {IAM}><GetAccessKeyLastUsedResult><AccessKeyLastUsed>
        <ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>
        </GetAccessKeyLastUsedResult></GetAccessKeyLastUsedResponse>""",
    )
    key = AccessKey("AKIAEXAMPLE000000001", active=True)
    assert scripted_gateway.access_key_last_used(a_session(), key) == key


def test_a_missing_login_profile_is_no_password_and_a_profile_without_a_name_is_one(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on(
        "GetLoginProfile",
        query_error("NoSuchEntity", "Login Profile for User null cannot be found.", 404),
        f"""<GetLoginProfileResponse {IAM}><GetLoginProfileResult><LoginProfile>
        <CreateDate>2026-10-05T11:00:00Z</CreateDate></LoginProfile></GetLoginProfileResult>
        </GetLoginProfileResponse>""",
    )
    assert scripted_gateway.password(a_session()) is None
    assert scripted_gateway.password(a_session()) == Password(datetime(2026, 10, 5, 11, tzinfo=UTC))


# S3


def s3_error(code: str, status: int, *, region: str | None = None) -> Answer:
    headers = {} if region is None else {"x-amz-bucket-region": region}
    return Answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>", headers)


def test_a_bucket_elsewhere_is_followed_by_the_redirects_header(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on(
        "PUT /locked.bucket", s3_error("PermanentRedirect", 301, region="ap-south-1"), Answer(204)
    )
    scripted_gateway.put_bucket_policy(a_session(), "locked.bucket", "{}")
    assert [asked.signed_region for asked in service.asked] == ["eu-west-1", "ap-south-1"]
    assert {asked.access_key_id for asked in service.asked} == {"ASIASESSION0"}
    assert {asked.path for asked in service.asked} == {"/locked.bucket?policy"}


def test_a_redirect_that_names_no_region_leads_to_the_list_and_never_to_head_bucket(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("DELETE /locked", s3_error("PermanentRedirect", 301), Answer(204))
    service.on(
        "GET /",
        "<ListAllMyBucketsResult><Buckets>"
        "<Bucket><Name>locked</Name><BucketRegion>ap-south-1</BucketRegion></Bucket>"
        "</Buckets></ListAllMyBucketsResult>",
    )
    scripted_gateway.delete_bucket_policy(a_session(), "locked")
    assert service.operations() == ["DELETE /locked", "GET /", "DELETE /locked"]
    assert service.asked[2].signed_region == "ap-south-1"
    assert "prefix=locked" in service.asked[1].path


def test_buckets_are_asked_for_with_a_parameter_so_that_regions_come_along(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on(
        "GET /",
        "<ListAllMyBucketsResult><Buckets>"
        "<Bucket><Name>a</Name><BucketRegion>us-west-2</BucketRegion></Bucket></Buckets>"
        "<ContinuationToken>more</ContinuationToken></ListAllMyBucketsResult>",
        "<ListAllMyBucketsResult><Buckets>"
        "<Bucket><Name>b</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets>"
        "</ListAllMyBucketsResult>",
    )
    service.on("GET /a", "{}")
    assert scripted_gateway.buckets(a_session()) == (("a", "us-west-2"), ("b", "eu-west-1"))
    assert all("max-buckets=" in asked.path for asked in service.asked)
    scripted_gateway.bucket_policy(a_session(), "a")
    assert service.asked[-1].signed_region == "us-west-2"


def test_a_bucket_without_a_policy_is_told_from_a_bucket_that_is_not_there(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("GET /b", s3_error("NoSuchBucketPolicy", 404), s3_error("NoSuchBucket", 404))
    assert scripted_gateway.bucket_policy(a_session(), "b") is None
    with pytest.raises(NotFoundError):
        scripted_gateway.bucket_policy(a_session(), "b")


def test_a_name_that_no_bucket_can_have_is_refused_before_anything_is_sent(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    with pytest.raises(OperatorError, match="refused before it was sent"):
        scripted_gateway.bucket_policy(a_session(), "no such/bucket")
    assert service.asked == []


# SQS


def test_a_queue_call_goes_to_our_endpoint_signed_for_the_queues_region(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("GetQueueAttributes", json.dumps({"Attributes": {"Policy": "{}"}}))
    service.on("SetQueueAttributes", "{}")
    far = "https://sqs.ap-south-1.amazonaws.com/222222222222/q"
    assert scripted_gateway.queue_policy(a_session(), "eu-west-1", far) == "{}"
    scripted_gateway.set_queue_policy(a_session(), "eu-west-1", f"{service.url}/2/q", "")
    assert [asked.signed_region for asked in service.asked] == ["ap-south-1", "eu-west-1"]
    assert json.loads(service.asked[1].body)["Attributes"] == {"Policy": ""}


def test_a_queue_without_a_policy_has_none(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("GetQueueAttributes", "{}", json.dumps({"Attributes": {"Policy": ""}}))
    url = f"{service.url}/222222222222/q"
    assert scripted_gateway.queue_policy(a_session(), "eu-west-1", url) is None
    assert scripted_gateway.queue_policy(a_session(), "eu-west-1", url) is None


# Organizations

ORG_ROOT, UNIT, INNER = "r-abcd", "ou-abcd-11111111", "ou-abcd-22222222"


def an_account(number: int, *path: str, state: str = "ACTIVE") -> dict[str, object]:
    account_id = str(number) * 12
    account: dict[str, object] = {"Id": account_id, "Name": f"n{number}", "Email": f"{number}@x"}
    account |= {"State": state, "Status": "ACTIVE", "JoinedTimestamp": 1700000000}
    if path:
        account["Paths"] = ["/".join(["o-aaaaaaaaaa", *path, account_id]) + "/"]
    return account


@pytest.fixture
def tree(service: ScriptedService) -> ScriptedService:
    service.on(
        "DescribeOrganization",
        json.dumps({"Organization": {"Id": "o-aaaaaaaaaa", "MasterAccountId": "111111111111"}}),
    )
    types = [
        {"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"},
        {"Type": "TAG_POLICY", "Status": "PENDING_ENABLE"},
    ]
    service.on("ListRoots", json.dumps({"Roots": [{"Id": ORG_ROOT, "PolicyTypes": types}]}))
    service.on(
        "ListOrganizationalUnitsForParent",
        json.dumps({"OrganizationalUnits": [], "NextToken": "empty pages happen"}),
        json.dumps({"OrganizationalUnits": [{"Id": UNIT, "Name": "Workloads"}]}),
        json.dumps({"OrganizationalUnits": [{"Id": INNER, "Name": "Prod"}]}),
        json.dumps({"OrganizationalUnits": []}),
    )
    return service


def test_paths_place_every_account_with_one_paged_list(
    tree: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    tree.on(
        "ListAccounts",
        json.dumps({"Accounts": [an_account(1, ORG_ROOT)], "NextToken": "a"}),
        json.dumps({"Accounts": [], "NextToken": "b"}),
        json.dumps({"Accounts": [an_account(2, ORG_ROOT, UNIT, INNER, state="CLOSED")]}),
    )
    organization = scripted_gateway.organization()
    assert organization.management_account_id == "111111111111"
    assert organization.org_root.enabled_policy_types == {"SERVICE_CONTROL_POLICY"}
    assert [(unit.name, unit.parent_id) for unit in organization.units] == [
        ("Workloads", ORG_ROOT),
        ("Prod", UNIT),
    ]
    assert organization.path_to(ACCOUNT) == (ORG_ROOT, UNIT, INNER, ACCOUNT)
    assert organization.account(ACCOUNT).state is AccountState.CLOSED
    assert "ListAccountsForParent" not in tree.operations()
    assert {asked.signed_region for asked in tree.asked} == {"us-east-1"}


def test_without_paths_each_parent_is_asked_for_its_accounts(
    tree: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    listed = [an_account(1), an_account(3), an_account(2)]
    tree.on("ListAccounts", json.dumps({"Accounts": listed}))
    tree.on(
        "ListAccountsForParent",
        json.dumps({"Accounts": [listed[0]]}),
        json.dumps({"Accounts": []}),
        json.dumps({"Accounts": [listed[2], listed[1]]}),
    )
    organization = scripted_gateway.organization()
    assert [(account.id, account.parent_id) for account in organization.accounts] == [
        ("111111111111", ORG_ROOT),
        ("333333333333", INNER),
        ("222222222222", INNER),
    ]
    assert tree.operations().count("ListAccountsForParent") == 3


def test_control_policies_come_whole_with_two_calls_each(
    tree: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    summaries = [{"Id": "p-1", "Name": "one"}, {"Id": "p-2", "Name": "two"}]
    tree.on("ListPolicies", json.dumps({"Policies": summaries}))
    content = '{ "Version": "2012-10-17" }'
    tree.on(
        "DescribePolicy",
        *(
            json.dumps(
                {
                    "Policy": {
                        "PolicySummary": {
                            **summary,
                            "Arn": f"arn:{summary['Id']}",
                            "Type": "SERVICE_CONTROL_POLICY",
                            "AwsManaged": False,
                        },
                        "Content": content,
                    }
                }
            )
            for summary in summaries
        ),
    )
    tree.on(
        "ListTargetsForPolicy",
        json.dumps({"Targets": [{"TargetId": ORG_ROOT}], "NextToken": "more"}),
        json.dumps({"Targets": [{"TargetId": ACCOUNT}]}),
        json.dumps({"Targets": [{"TargetId": ACCOUNT}]}),
    )
    org_root = OrgRoot(ORG_ROOT, frozenset({"SERVICE_CONTROL_POLICY"}))
    policies = scripted_gateway.control_policies("SERVICE_CONTROL_POLICY", org_root)
    assert policies.enabled
    assert policies.attached == {ORG_ROOT: ("p-1",), ACCOUNT: ("p-1", "p-2")}
    assert policies.policies["p-2"].content == content
    assert policies.policies["p-2"].description == ""
    assert not scripted_gateway.control_policies("TAG_POLICY", org_root).enabled


# GuardDuty and CloudTrail


def test_findings_keep_the_order_of_the_list_and_survive_missing_members(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    bare = {
        "accountId": ACCOUNT,
        "region": "eu-west-1",
        "type": "Policy:IAMUser/ShortTermRootCredentialUsage",
        "severity": 2,
        "createdAt": "2026-10-05T12:00:00.000Z",
        "updatedAt": "2026-10-05T12:06:00.000Z",
    }
    full = {
        **bare,
        "id": "new",
        "arn": "arn:new",
        "title": "The API GetUser was invoked using root credentials.",
        "resource": {"accessKeyDetails": {"accessKeyId": "ASIAROOT", "userType": "Root"}},
        "service": {
            "archived": True,
            "count": 3,
            "eventFirstSeen": "2026-10-05T11:59:00Z",
            "eventLastSeen": "2026-10-05T12:05:00Z",
            "action": {
                "awsApiCallAction": {
                    "api": "GetUser",
                    "serviceName": "iam.amazonaws.com",
                    "remoteIpDetails": {"ipAddressV4": "192.0.2.1"},
                }
            },
        },
    }
    service.on("GET /detector", json.dumps({"detectorIds": ["d1"]}))
    service.on("POST /detector/d1/findings", json.dumps({"findingIds": ["new", "old"]}))
    service.on(
        "POST /detector/d1/findings/get",
        json.dumps({"findings": [{**bare, "id": "old", "arn": "arn:old"}, full]}),
    )
    new, old = scripted_gateway.findings("eu-west-1", types=["T"])
    assert (new.id, new.api, new.access_key_id, new.count, new.archived, new.source_ip) == (
        "new",
        "GetUser",
        "ASIAROOT",
        3,
        True,
        "192.0.2.1",
    )
    assert new.first_seen_at == datetime(2026, 10, 5, 11, 59, tzinfo=UTC)
    assert (old.id, old.api, old.first_seen_at) == (
        "old",
        "",
        datetime(2026, 10, 5, 12, 0, tzinfo=UTC),
    )
    asked = json.loads(service.asked[1].body)
    assert asked["findingCriteria"] == {"criterion": {"type": {"equals": ["T"]}}}


def test_a_region_without_a_detector_has_no_findings(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("GET /detector", json.dumps({"detectorIds": []}))
    assert list(scripted_gateway.findings("eu-west-1")) == []


def test_assume_root_events_are_looked_up_by_name_and_time(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    record = {
        "eventID": "e-1",
        "eventTime": "2026-10-05T08:01:00Z",
        "eventName": "AssumeRoot",
        "eventSource": "sts.amazonaws.com",
        "awsRegion": "eu-west-1",
    }
    service.on(
        "LookupEvents",
        json.dumps({"Events": [], "NextToken": "more"}),
        json.dumps({"Events": [{"CloudTrailEvent": json.dumps(record)}]}),
    )
    since = datetime(2026, 10, 1, tzinfo=UTC)
    (event,) = scripted_gateway.assume_root_events("eu-west-1", since)
    assert event.id == "e-1"
    asked = json.loads(service.asked[0].body)
    assert asked["LookupAttributes"] == [
        {"AttributeKey": "EventName", "AttributeValue": "AssumeRoot"}
    ]
    assert asked["StartTime"] == since.timestamp()


# Trouble on the way


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.usefixtures("operator")
def test_an_endpoint_that_is_down_is_named(open_at: "OpenGateway") -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(EndpointUnreachableError) as caught:
        open_at(url).caller()
    assert str(caught.value) == (
        f"no connection to {url}/ for sts:GetCallerIdentity; nothing was sent"
    )


def test_no_credentials_anywhere_is_said_before_anything_is_sent(
    service: ScriptedService, open_at: "OpenGateway"
) -> None:
    with pytest.raises(OperatorError) as caught:
        open_at(service.url).caller()
    assert str(caught.value) == "no AWS credentials were found"
    assert service.asked == []


def test_half_an_access_key_is_said_to_be_incomplete(
    service: ScriptedService, open_at: "OpenGateway", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHALF")
    with pytest.raises(OperatorError) as caught:
        open_at(service.url).caller()
    assert str(caught.value) == (
        "the AWS credentials are incomplete: env lacks AWS_SECRET_ACCESS_KEY"
    )


def test_the_global_sts_endpoint_is_explained(
    service: ScriptedService, scripted_gateway: "BotoGateway"
) -> None:
    service.on("AssumeRoot", query_error("InvalidAction", "Unknown Operation", 400))
    with pytest.raises(OperatorError, match="the STS endpoint does not know AssumeRoot") as caught:
        scripted_gateway.open_root_session(ACCOUNT, TaskPolicy.AUDIT)
    assert "Regional" in caught.value.help


# Secrets


def test_no_secret_reaches_a_log_an_error_or_a_repr(
    service: ScriptedService,
    scripted_gateway: "BotoGateway",
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    service.on("AssumeRoot", ISSUED)
    service.on("ListAccessKeys", NO_KEYS)
    service.on("DeleteAccessKey", query_error("AccessDenied", "no", 403))
    session = scripted_gateway.open_root_session(ACCOUNT, TaskPolicy.DELETE_CREDENTIALS)
    scripted_gateway.access_keys(session)
    with pytest.raises(RootstewardError) as caught:
        scripted_gateway.delete_access_key(session, "AKIAEXAMPLE000000000")
    shown = "\n".join(
        [
            *(f"{record.getMessage()} {record.args!r}" for record in caplog.records),
            repr(session),
            str(session),
            repr(caught.value),
            repr(caught.value.__cause__),
            "".join(traceback.format_exception(caught.value)),
        ]
    )
    assert service.operations() == ["AssumeRoot", "ListAccessKeys", "DeleteAccessKey"]
    assert [secret for secret in SECRETS if secret in shown] == []
    # The signature is a proof made with the secret; nobody needs it in a log either.
    assert re.findall("Signature=", shown) == []


def test_what_botocore_logs_without_us_does_hold_the_secrets(
    service: ScriptedService, scripted_gateway: "BotoGateway", caplog: pytest.LogCaptureFixture
) -> None:
    # Shows that the test above looks at the right place, and that others keep their debug log.
    caplog.set_level(logging.DEBUG)
    service.on("ListAccessKeys", NO_KEYS)
    client = scripted_gateway._door.clients.for_root_sessions("iam")
    with signing_as(a_session()):
        client.list_access_keys()
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "sessions-token-0" in logged


def test_session_times_are_aware(service: ScriptedService, scripted_gateway: "BotoGateway") -> None:
    service.on("AssumeRoot", ISSUED)
    session = scripted_gateway.open_root_session(ACCOUNT, TaskPolicy.AUDIT)
    assert session.expires_at.utcoffset() == timedelta(0)
