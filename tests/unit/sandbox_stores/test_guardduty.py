"""GuardDuty: which calls raise what, where, who sees it, and how it is asked for."""

from typing import Any

import pytest

from guardduty_bench import (
    DISCOVERY,
    IMPACT,
    PERSISTENCE,
    REGIONS,
    ROOT_SESSION,
    ROOT_USER,
    ask,
    detector,
    findings,
    sweep,
    types,
)
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.call import ServiceError
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, START, Bench

# --- what raises what


def test_a_root_session_raises_its_own_type_in_every_region_for_a_global_service(
    watched: Bench,
) -> None:
    sweep(watched)
    for region in REGIONS:
        assert types(watched, "member", region) == [DISCOVERY, ROOT_SESSION]


def test_a_regional_service_raises_findings_in_its_region_only(watched: Bench) -> None:
    url = watched.call("sqs", "CreateQueue", "member", "eu-west-1", QueueName="q")["QueueUrl"]
    session = watched.assume_root(TaskPolicy.UNLOCK_QUEUE)
    changed: dict[str, Any] = {"QueueUrl": url, "Attributes": {"Policy": ""}}
    watched.call("sqs", "SetQueueAttributes", session, "eu-west-1", **changed)
    assert types(watched, "member", "us-east-1") == []
    assert types(watched, "member", "eu-west-1") == [IMPACT, ROOT_SESSION]


def test_what_sqs_only_reads_raises_nothing(watched: Bench) -> None:
    watched.call("sqs", "ListQueues", watched.assume_root(TaskPolicy.UNLOCK_QUEUE))
    assert types(watched, "member") == []


def test_a_root_users_own_key_raises_the_other_type(watched: Bench) -> None:
    watched.call("iam", "GetAccountSummary", watched.root_key(MEMBER))
    assert types(watched, "member") == [DISCOVERY, ROOT_USER]


def test_nobody_else_raises_anything(watched: Bench) -> None:
    watched.call("iam", "GetAccountSummary", "member")
    watched.assume_root(TaskPolicy.AUDIT)
    assert types(watched) == []


@pytest.mark.parametrize(
    ("task", "service", "operation", "expected", "severity"),
    [
        (TaskPolicy.AUDIT, "iam", "ListAccessKeys", DISCOVERY, 2.0),
        (TaskPolicy.DELETE_CREDENTIALS, "iam", "DeleteLoginProfile", IMPACT, 8.0),
        (TaskPolicy.CREATE_PASSWORD, "iam", "CreateLoginProfile", PERSISTENCE, 5.0),
    ],
)
def test_the_first_use_of_an_api_is_anomalous(
    watched: Bench, task: TaskPolicy, service: str, operation: str, expected: str, severity: float
) -> None:
    if operation == "DeleteLoginProfile":
        watched.world.root_users.open_recovery(MEMBER, START)
    for _ in range(2):
        session = watched.assume_root(task)
        try:
            watched.call(service, operation, session)
        except ServiceError as error:  # the second delete or create finds its work done
            assert error.http_status in {404, 409}  # noqa: PT017 (either way the call was made)
    anomalous = findings(watched, type={"Equals": [expected]})
    assert [(f["Severity"], f["Service"]["Count"]) for f in anomalous] == [(severity, 1)]
    tactic = expected.partition(":")[0]
    assert f"APIs commonly used in {tactic} tactics" in anomalous[0]["Title"]


def test_a_refused_call_raises_its_finding_with_the_error(watched: Bench) -> None:
    session = watched.assume_root(TaskPolicy.AUDIT)
    watched.refusal("iam", "DeleteLoginProfile", session)
    (finding,) = findings(watched, type={"Equals": [ROOT_SESSION]})
    assert finding["Service"]["Action"]["AwsApiCallAction"]["ErrorCode"] == "AccessDenied"


def test_calls_about_the_inside_of_a_bucket_raise_nothing(watched: Bench) -> None:
    root_key = watched.root_key(MEMBER)
    watched.call("s3", "CreateBucket", "member", Bucket="the-bucket")
    watched.call("s3", "PutObject", root_key, Bucket="the-bucket", Key="k", Body=b"")
    assert types(watched) == []


def test_where_guardduty_is_off_nothing_is_raised(bench: Bench) -> None:
    sweep(bench)
    assert bench.call("guardduty", "ListDetectors", "member") == {"DetectorIds": []}
    bench.world.findings.switch_on(MEMBER, "us-east-1", START)
    assert types(bench, "member") == []


# --- the shape


def test_a_finding_has_the_shape_of_the_real_one(watched: Bench) -> None:
    session = sweep(watched)
    (finding,) = findings(watched, "member", type={"Equals": [ROOT_SESSION]})
    detector_id = detector(watched, "member")
    assert len(finding["Id"]) == len(detector_id) == 32
    assert finding == {
        "SchemaVersion": "2.0",
        "AccountId": MEMBER,
        "Region": "us-east-1",
        "Partition": "aws",
        "Id": finding["Id"],
        "Arn": f"arn:aws:guardduty:us-east-1:{MEMBER}:detector/{detector_id}"
        f"/finding/{finding['Id']}",
        "Type": ROOT_SESSION,
        "Severity": 2.0,
        "Title": "The API GetAccountSummary was invoked using root credentials.",
        "Description": "The API GetAccountSummary was invoked using root credentials from IP "
        "address 127.0.0.1.",
        "CreatedAt": "2026-10-05T08:00:00.000Z",
        "UpdatedAt": "2026-10-05T08:00:00.000Z",
        "Resource": {
            "ResourceType": "AccessKey",
            "AccessKeyDetails": {
                "AccessKeyId": session.access_key_id,
                "PrincipalId": MEMBER,
                "UserName": "Root",
                "UserType": "Root",
            },
        },
        "Service": {
            "ServiceName": "guardduty",
            "DetectorId": detector_id,
            "ResourceRole": "TARGET",
            "Archived": False,
            "Count": 1,
            "EventFirstSeen": "2026-10-05T08:00:00.000Z",
            "EventLastSeen": "2026-10-05T08:00:00.000Z",
            "AdditionalInfo": {"Value": "{}", "Type": "default"},
            "FeatureName": "CloudTrailManagementEvent",
            "Action": {
                "ActionType": "AWS_API_CALL",
                "AwsApiCallAction": {
                    "Api": "GetAccountSummary",
                    "ServiceName": "iam.amazonaws.com",
                    "CallerType": "Remote IP",
                    "UserAgent": "",
                    "RemoteIpDetails": {
                        "IpAddressV4": "127.0.0.1",
                        "Organization": {"Asn": "", "AsnOrg": "", "Isp": "", "Org": ""},
                        "Country": {"CountryName": ""},
                        "City": {"CityName": ""},
                        "GeoLocation": {"Lat": 0.0, "Lon": 0.0},
                    },
                    "AffectedResources": {},
                },
            },
        },
    }


def test_the_same_call_of_the_same_session_is_counted_and_another_session_is_not(
    watched: Bench,
) -> None:
    session = sweep(watched)
    watched.clock.forward(minutes=1)
    watched.call("iam", "GetAccountSummary", session)
    sweep(watched)
    found = findings(watched, type={"Equals": [ROOT_SESSION]})
    assert [finding["Service"]["Count"] for finding in found] == [2, 1]
    assert found[0]["Service"]["EventFirstSeen"] == "2026-10-05T08:00:00.000Z"
    assert found[0]["Service"]["EventLastSeen"] == "2026-10-05T08:01:00.000Z"


def test_a_finding_shows_only_after_the_delay(watched: Bench) -> None:
    watched.world.findings.delay_seconds = 360
    sweep(watched)
    watched.clock.forward(seconds=359)
    assert types(watched) == []
    watched.clock.forward(seconds=1)
    assert types(watched) == [DISCOVERY, ROOT_SESSION]
    (finding,) = findings(watched, type={"Equals": [ROOT_SESSION]})
    assert finding["Service"]["EventFirstSeen"] == "2026-10-05T08:00:00.000Z"
    assert finding["CreatedAt"] == "2026-10-05T08:06:00.000Z"


def test_a_shorter_delay_does_not_wait_for_what_is_under_way(watched: Bench) -> None:
    watched.world.findings.delay_seconds = 360
    sweep(watched)
    watched.world.findings.delay_seconds = 0
    sweep(watched, "ListAccessKeys")
    assert types(watched) == [DISCOVERY, ROOT_SESSION]
    watched.clock.forward(seconds=360)
    assert types(watched) == [DISCOVERY, DISCOVERY, ROOT_SESSION, ROOT_SESSION]


# --- who sees it


def test_the_administrator_sees_all_members_in_its_region_only(watched: Bench) -> None:
    sweep(watched)
    assert [f["AccountId"] for f in findings(watched)] == [MEMBER, MEMBER]
    assert types(watched, "management", "eu-west-1") == []
    assert types(watched, "delegate") == []
    members = ask(watched, "ListMembers")["Members"]
    assert [member["AccountId"] for member in members] == [DELEGATE, MEMBER]
    assert ask(watched, "ListMembers", "member")["Members"] == []


def test_an_id_shows_nobody_what_is_not_theirs_to_see(watched: Bench) -> None:
    sweep(watched)
    ids = ask(watched, "ListFindings")["FindingIds"]
    assert len(ask(watched, "GetFindings", "member", FindingIds=ids)["Findings"]) == 2
    assert ask(watched, "GetFindings", "delegate", FindingIds=ids)["Findings"] == []
    assert ask(watched, "GetFindings", region="eu-west-1", FindingIds=ids)["Findings"] == []


def test_one_administrator_a_region(watched: Bench) -> None:
    listed = watched.call("guardduty", "ListOrganizationAdminAccounts")["AdminAccounts"]
    assert listed == [{"AdminAccountId": MANAGEMENT, "AdminStatus": "ENABLED"}]
    error = watched.refusal("guardduty", "EnableOrganizationAdminAccount", AdminAccountId=DELEGATE)
    assert error.code == "BadRequestException"
    watched.call("guardduty", "DisableOrganizationAdminAccount", AdminAccountId=MANAGEMENT)
    watched.call("guardduty", "EnableOrganizationAdminAccount", AdminAccountId=DELEGATE)
    sweep(watched)
    # Its members do not come with the office.
    assert types(watched, "delegate") == []
    ask(watched, "UpdateOrganizationConfiguration", "delegate", AutoEnableOrganizationMembers="ALL")
    assert types(watched, "delegate") == [DISCOVERY, ROOT_SESSION]


def test_a_detector_of_somebody_else_is_refused(watched: Bench) -> None:
    others = detector(watched, "member")
    error = watched.refusal("guardduty", "ListFindings", DetectorId=others)
    assert (error.code, error.http_status) == ("BadRequestException", 400)
    assert error.message == (
        "The request is rejected because the input detectorId is not owned by the current account."
    )


# --- criteria, order, pages


@pytest.mark.parametrize(
    ("criterion", "apis"),
    [
        ({}, ["GetAccountSummary", "GetUser"]),
        ({"type": {"Eq": [ROOT_SESSION]}}, ["GetAccountSummary", "GetUser"]),
        ({"type": {"Neq": [ROOT_SESSION]}}, []),
        ({"type": {"NotEquals": [ROOT_USER]}}, ["GetAccountSummary", "GetUser"]),
        ({"severity": {"Gte": 2}}, ["GetAccountSummary", "GetUser"]),
        ({"severity": {"Equals": ["1", "2", "3"]}}, ["GetAccountSummary", "GetUser"]),
        ({"severity": {"GreaterThan": 2}}, []),
        ({"resource.instanceDetails.instanceId": {"Equals": ["i-1"]}}, []),
        (
            {
                "resource.accessKeyDetails.userIdentity.sessionContext.sourceIdentity": {
                    "NotEquals": ["ops"]
                }
            },
            ["GetAccountSummary", "GetUser"],
        ),
        (
            {"severity": {"LessThanOrEqual": 2, "GreaterThanOrEqual": 2}},
            ["GetAccountSummary", "GetUser"],
        ),
        ({"accountId": {"Equals": [DELEGATE]}}, []),
        ({"service.archived": {"Equals": ["true"]}}, []),
        ({"service.archived": {"Eq": ["false"]}}, ["GetAccountSummary", "GetUser"]),
        ({"service.action.awsApiCallAction.api": {"Equals": ["GetUser", "x"]}}, ["GetUser"]),
        ({"updatedAt": {"Gt": 1_791_187_200_000}}, ["GetUser"]),
        ({"updatedAt": {"Lt": 1_791_187_200_001}}, ["GetAccountSummary"]),
        (
            {"resource.accessKeyDetails.userType": {"Equals": ["Root"]}},
            ["GetAccountSummary", "GetUser"],
        ),
    ],
)
def test_criteria_select(watched: Bench, criterion: dict[str, Any], apis: list[str]) -> None:
    session = sweep(watched)
    watched.clock.forward(seconds=60)
    watched.call("iam", "GetUser", session)
    found = findings(watched, **{"type": {"Equals": [ROOT_SESSION]}, **criterion})
    wanted = [f for f in found if f["Type"] == ROOT_SESSION]
    assert [f["Service"]["Action"]["AwsApiCallAction"]["Api"] for f in wanted] == apis


def test_order_and_pages(watched: Bench) -> None:
    session = watched.assume_root(TaskPolicy.AUDIT)
    for operation in ("GetAccountSummary", "GetUser", "ListAccessKeys"):
        watched.call("iam", operation, session)
        watched.clock.forward(seconds=1)
    by_time: dict[str, Any] = {
        "SortCriteria": {"AttributeName": "updatedAt", "OrderBy": "DESC"},
        "MaxResults": 4,
    }
    first = ask(watched, "ListFindings", **by_time)
    rest = ask(watched, "ListFindings", NextToken=first["NextToken"], **by_time)
    ids = [*first["FindingIds"], *rest["FindingIds"]]
    assert len(set(ids)) == 6
    assert rest["NextToken"] == ""
    updated = [f["UpdatedAt"] for f in ask(watched, "GetFindings", FindingIds=ids)["Findings"]]
    assert updated == sorted(updated, reverse=True)
    ascending = {"AttributeName": "updatedAt", "OrderBy": "ASC"}
    found = ask(watched, "GetFindings", FindingIds=ids, SortCriteria=ascending)["Findings"]
    assert [finding["UpdatedAt"] for finding in found] == sorted(updated)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("ListFindings", {"MaxResults": 51}),
        ("ListFindings", {"NextToken": "%"}),
        ("ListFindings", {"FindingCriteria": {"Criterion": {"colour": {"Equals": ["red"]}}}}),
        ("ListFindings", {"FindingCriteria": {"Criterion": {"type": {"Matches": ["*"]}}}}),
        ("ListFindings", {"FindingCriteria": {"Criterion": {"type": {"Equals": ["x"] * 51}}}}),
        ("ListFindings", {"SortCriteria": {"AttributeName": "colour"}}),
        ("GetFindings", {"FindingIds": ["x"] * 51}),
        ("GetFindings", {"FindingIds": [], "SortCriteria": {"AttributeName": "colour"}}),
        ("ArchiveFindings", {"FindingIds": ["x"]}),
        ("GetFilter", {"FilterName": "none"}),
        ("CreateFilter", {"Name": "ab", "FindingCriteria": {}}),
        ("CreateFilter", {"Name": "abc", "Rank": 101, "FindingCriteria": {}}),
    ],
)
def test_a_question_that_guardduty_does_not_take_is_refused(
    watched: Bench, operation: str, params: dict[str, Any]
) -> None:
    error = watched.refusal("guardduty", operation, DetectorId=detector(watched), **params)
    assert (error.code, error.http_status) == ("BadRequestException", 400)


def test_unknown_ids_are_passed_over(watched: Bench) -> None:
    assert ask(watched, "GetFindings", FindingIds=["x" * 32])["Findings"] == []


# --- archive and suppression


def test_the_administrator_archives_for_everybody_and_members_may_not(watched: Bench) -> None:
    sweep(watched)
    ids = [finding["Id"] for finding in findings(watched)]
    error = watched.refusal(
        "guardduty",
        "ArchiveFindings",
        "member",
        DetectorId=detector(watched, "member"),
        FindingIds=ids,
    )
    assert error.code == "BadRequestException"
    ask(watched, "ArchiveFindings", FindingIds=ids[:1])
    archived = [finding["Service"]["Archived"] for finding in findings(watched, "member")]
    assert archived == [True, False]
    ask(watched, "UnarchiveFindings", FindingIds=ids)
    assert not any(f["Service"]["Archived"] for f in findings(watched, "member"))


def test_a_suppression_rule_archives_what_comes_after_it_and_not_what_was_there(
    watched: Bench,
) -> None:
    sweep(watched)
    made = ask(
        watched,
        "CreateFilter",
        Name="root-sessions",
        Action="ARCHIVE",
        Rank=1,
        Description="Our own sweeps",
        FindingCriteria={"Criterion": {"type": {"Matches": ["Policy:IAMUser/ShortTerm*"]}}},
    )
    assert made == {"Name": "root-sessions"}
    sweep(watched)
    shown = findings(watched, "member", type={"Equals": [ROOT_SESSION]})
    assert [finding["Service"]["Archived"] for finding in shown] == [False, True]


def test_a_rule_archives_whatever_filters_of_lower_rank_say(watched: Bench) -> None:
    everything = {"Criterion": {"severity": {"GreaterThan": 0}}}
    ask(watched, "CreateFilter", Name="first", Rank=1, FindingCriteria=everything)
    ask(watched, "CreateFilter", Name="last", Rank=9, Action="ARCHIVE", FindingCriteria=everything)
    sweep(watched)
    assert [finding["Service"]["Archived"] for finding in findings(watched)] == [True, True]


def test_a_request_whose_answer_was_lost_is_sent_again_and_done_once(
    watched: Bench, bench: Bench
) -> None:
    rule: dict[str, Any] = {
        "Name": "once",
        "ClientToken": "token-1",
        "FindingCriteria": {"Criterion": {"severity": {"LessThan": 4}}},
    }
    assert ask(watched, "CreateFilter", **rule) == ask(watched, "CreateFilter", **rule)
    other = rule | {"ClientToken": "token-2"}
    error = watched.refusal("guardduty", "CreateFilter", DetectorId=detector(watched), **other)
    assert "already exists" in error.message
    wanted: dict[str, Any] = {"Enable": True, "ClientToken": "token-1"}
    made = bench.call("guardduty", "CreateDetector", "management", "ap-south-1", **wanted)
    again = bench.call("guardduty", "CreateDetector", "management", "ap-south-1", **wanted)
    assert made == again


def test_filters_are_kept_changed_listed_and_deleted(watched: Bench) -> None:
    criteria = {"Criterion": {"severity": {"Gte": 4}, "type": {"Equals": [ROOT_SESSION]}}}
    ask(watched, "CreateFilter", Name="loud", FindingCriteria=criteria)
    assert ask(watched, "ListFilters")["FilterNames"] == ["loud"]
    assert ask(watched, "GetFilter", FilterName="loud")["Description"] is None
    ask(watched, "UpdateFilter", FilterName="loud", Action="ARCHIVE", Description="")
    kept = ask(watched, "GetFilter", FilterName="loud")
    assert (kept["Action"], kept["Description"], kept["Version"]) == ("ARCHIVE", "", 2)
    assert kept["FindingCriteria"]["Criterion"] == {
        "severity": {"Gte": 4, "GreaterThanOrEqual": 4},
        "type": {"Eq": [ROOT_SESSION], "Equals": [ROOT_SESSION]},
    }
    ask(watched, "DeleteFilter", FilterName="loud")
    assert ask(watched, "ListFilters")["FilterNames"] == []


def test_ranks_are_places_in_one_order(watched: Bench) -> None:
    def ranks() -> list[tuple[str, int]]:
        names = ask(watched, "ListFilters")["FilterNames"]
        return [(name, ask(watched, "GetFilter", FilterName=name)["Rank"]) for name in names]

    criteria = {"Criterion": {"severity": {"Gte": 4}}}
    placed: dict[str, dict[str, Any]] = {"one": {}, "two": {}, "six": {"Rank": 6}}
    for name, more in placed.items():
        ask(watched, "CreateFilter", Name=name, FindingCriteria=criteria, **more)
    assert ranks() == [("two", 1), ("one", 2), ("six", 3)]
    ask(watched, "UpdateFilter", FilterName="six", Rank=1)
    assert ranks() == [("six", 1), ("two", 2), ("one", 3)]
    assert ask(watched, "GetFilter", FilterName="two")["Version"] == 1
    ask(watched, "DeleteFilter", FilterName="two")
    assert ranks() == [("six", 1), ("one", 2)]


_NAMED: dict[str, Any] = {"Name": "new", "FindingCriteria": {"Criterion": {"severity": {"Gte": 4}}}}
_BECAUSE = "The request is rejected because "


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        ("UpdateFilter", {"FilterName": "old", "Rank": 2}, "the parameter rank is out-of-bounds."),
        (
            "CreateFilter",
            _NAMED | {"Rank": 101},
            "the one or more input parameters have invalid values.",
        ),
        ("CreateFilter", _NAMED | {"Name": "a name"}, "the given filter name is invalid."),
        ("UpdateFilter", {"FilterName": "none"}, "the given filter name is invalid."),
        ("DeleteFilter", {"FilterName": "none"}, "the given filter name is invalid."),
        (
            "UpdateFilter",
            {"FilterName": "old", "FindingCriteria": {"Criterion": {}}},
            "one or more arguments are invalid.",
        ),
        ("ListFilters", {"NextToken": "invalid"}, "an invalid next token is specified"),
        ("ListFilters", {"MaxResults": 51}, "the parameter maxResults is out-of-bounds."),
        (
            "ArchiveFindings",
            {"FindingIds": ["0" * 32]},
            "an invalid finding identifiers is specified.",
        ),
    ],
)
def test_refusals_have_guarddutys_words(
    watched: Bench, operation: str, params: dict[str, Any], message: str
) -> None:
    ask(watched, "CreateFilter", **_NAMED | {"Name": "old"})
    error = watched.refusal("guardduty", operation, DetectorId=detector(watched), **params)
    assert error.message == _BECAUSE + message


def test_two_refusals_begin_otherwise(watched: Bench) -> None:
    known: dict[str, Any] = {"DetectorId": detector(watched)}
    error = watched.refusal("guardduty", "GetFilter", FilterName="none", **known)
    assert error.message == "The request is rejected since no such resource found."
    strange = _NAMED | {"FindingCriteria": {"Criterion": {"colour": {"Equals": ["red"]}}}}
    error = watched.refusal("guardduty", "CreateFilter", **strange, **known)
    assert error.message == (
        "The request was rejected because the parameter findingCriteria has an invalid value."
    )


def test_a_filter_keeps_its_tags(watched: Bench) -> None:
    criteria = {"Criterion": {"type": {"Equals": [ROOT_SESSION]}}}
    ask(watched, "CreateFilter", Name="tagged", FindingCriteria=criteria, Tags={"team": "ops"})
    assert ask(watched, "GetFilter", FilterName="tagged")["Tags"] == {"team": "ops"}


def test_members_have_no_filters_of_their_own(watched: Bench) -> None:
    error = watched.refusal(
        "guardduty",
        "CreateFilter",
        "member",
        DetectorId=detector(watched, "member"),
        Name="mine",
        FindingCriteria={},
    )
    assert error.code == "BadRequestException"


def test_a_detector_is_made_described_and_deleted(bench: Bench) -> None:
    made = bench.call("guardduty", "CreateDetector", "member", Enable=True)
    described = ask(bench, "GetDetector", "member")
    assert described["Status"] == "ENABLED"
    features = {feature["Name"]: feature["Status"] for feature in described["Features"]}
    always = {"CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"}
    assert {name for name, status in features.items() if status == "ENABLED"} == always
    assert len(features) == 12
    listed = bench.call("guardduty", "ListDetectors", "member", NextToken="invalid")
    assert listed == {"DetectorIds": [made["DetectorId"]]}
    again = bench.refusal("guardduty", "CreateDetector", "member", Enable=True)
    assert again.message == (
        "The request is rejected because a detector already exists for the current account."
    )
    sweep(bench)
    bench.call("guardduty", "DeleteDetector", "member", DetectorId=made["DetectorId"])
    assert bench.call("guardduty", "ListDetectors", "member") == {"DetectorIds": []}
