from dataclasses import replace
from datetime import timedelta

from fake_gateway import DEV, MANAGEMENT, NOW, PROD, Fails, FakeGateway
from rootsteward.domain.findings import Finding, TrailEvent
from rootsteward.domain.outcome import Verdict
from rootsteward.guardduty import findings_list
from rootsteward.guardduty.expect import (
    DISCOVERY,
    IMPACT,
    PERSISTENCE,
    SHORT_TERM_ROOT,
    Likelihood,
    PlannedCall,
    expect,
)
from rootsteward.guardduty.findings_list import FindingsList, Origin

OURS = Finding(
    id="f1",
    arn="arn:f1",
    type=SHORT_TERM_ROOT,
    account=DEV,
    region="eu-west-1",
    severity=2.0,
    title="The API ListAccessKeys was invoked using root credentials.",
    api="ListAccessKeys",
    service_name="iam.amazonaws.com",
    access_key_id="ASIAOURS",
    user_type="Root",
    count=1,
    first_seen_at=NOW,
    last_seen_at=NOW,
    archived=False,
)
ASSUMED = TrailEvent(
    id="e1",
    at=NOW - timedelta(minutes=5),
    name="AssumeRoot",
    source="sts.amazonaws.com",
    region="eu-west-1",
    account=MANAGEMENT,
    principal_arn=f"arn:aws:iam::{MANAGEMENT}:role/Ops",
    access_key_id="ASIACALLER",
    issued_access_key_id="ASIAOURS",
    target_account=DEV,
)
SINCE = NOW - timedelta(hours=1)


def listed(gateway: FakeGateway, *regions: str) -> FindingsList:
    return findings_list.plan(findings_list.gather(gateway, regions or ("eu-west-1",), SINCE))


def world(*findings: Finding) -> FakeGateway:
    gateway = FakeGateway()
    gateway.finding_list, gateway.event_list = findings, (ASSUMED,)
    return gateway


def test_a_finding_is_tied_to_the_assume_root_that_issued_its_key() -> None:
    found = listed(world(OURS))
    assert [(f.origin, f.cause) for f in found.findings] == [(Origin.ROOT_SESSION, ASSUMED)]
    assert found.verdict is Verdict.DONE


def test_a_finding_of_another_key_is_not_ours_and_comes_first() -> None:
    stranger = replace(OURS, id="f2", access_key_id="AKIASTRANGER", last_seen_at=SINCE)
    found = listed(world(OURS, stranger))
    assert [f.finding.id for f in found.findings] == ["f2", "f1"]
    assert [f.finding.id for f in found.not_ours] == ["f2"]
    assert found.verdict is Verdict.FINDINGS


def test_our_key_in_another_account_is_not_ours() -> None:
    found = listed(world(replace(OURS, account=PROD)))
    assert [f.origin for f in found.findings] == [Origin.NOT_OURS]


def test_an_empty_key_ties_to_nothing() -> None:
    gateway = world(replace(OURS, access_key_id=""))
    gateway.event_list = (replace(ASSUMED, issued_access_key_id="", error_code="AccessDenied"),)
    assert [f.origin for f in listed(gateway).findings] == [Origin.NOT_OURS]


def test_findings_about_others_than_root_are_left_to_others() -> None:
    user = replace(OURS, type=DISCOVERY, user_type="IAMUser")
    old = replace(OURS, last_seen_at=SINCE - timedelta(seconds=1))
    assert listed(world(user, old)).findings == ()


def test_an_anomaly_of_a_root_session_is_listed_too() -> None:
    assert len(listed(world(replace(OURS, type=IMPACT))).findings) == 1


def test_a_history_that_is_shut_rules_nothing_out() -> None:
    gateway = world(replace(OURS, access_key_id="AKIASTRANGER"))
    gateway.fail("cloudtrail:LookupEvents", Fails.DENIED)
    found = listed(gateway)
    assert [f.origin for f in found.findings] == [Origin.UNKNOWN]
    assert [(u.what, u.region) for u in found.unseen] == [("AssumeRoot events", "eu-west-1")]
    assert found.verdict is Verdict.UNSEEN


def test_a_region_that_is_shut_hides_no_other_region() -> None:
    gateway = world(OURS)
    gateway.fail("guardduty:ListFindings", Fails.DENIED, account="us-east-1")
    found = listed(gateway, "us-east-1", "eu-west-1")
    assert len(found.findings) == 1
    assert "is not authorized" in found.unseen[0].reason.detail


def test_an_iam_call_is_seen_in_every_region() -> None:
    found = expect([PlannedCall(DEV, "iam:ListAccessKeys")], ["eu-west-1", "us-east-1"])
    certain = [f for f in found if f.likelihood is Likelihood.CERTAIN]
    assert [(f.type, f.region, f.api) for f in certain] == [
        (SHORT_TERM_ROOT, "eu-west-1", "ListAccessKeys"),
        (SHORT_TERM_ROOT, "us-east-1", "ListAccessKeys"),
    ]
    assert {f.type for f in found if f.likelihood is Likelihood.POSSIBLE} == {DISCOVERY}


def test_a_bucket_call_is_seen_where_the_bucket_is() -> None:
    found = expect([PlannedCall(DEV, "s3:DeleteBucketPolicy", "eu-west-1")], ["eu-west-1", "x"])
    assert [(f.type, f.region) for f in found] == [
        (SHORT_TERM_ROOT, "eu-west-1"),
        (IMPACT, "eu-west-1"),
    ]


def test_creating_a_password_may_look_like_persistence() -> None:
    found = expect([PlannedCall(DEV, "iam:CreateLoginProfile")], ["eu-west-1"])
    assert found[1].type == PERSISTENCE


def test_where_guardduty_is_off_nothing_is_expected() -> None:
    assert expect([PlannedCall(DEV, "iam:GetUser")], []) == ()
    assert expect([PlannedCall(DEV, "sqs:SetQueueAttributes", "eu-west-1")], ["x"]) == ()


def test_what_sqs_only_reads_raises_nothing() -> None:
    calls = [
        PlannedCall(DEV, "sqs:GetQueueAttributes", "eu-west-1"),
        PlannedCall(DEV, "sqs:SetQueueAttributes", "eu-west-1"),
    ]
    apis = {finding.api for finding in expect(calls, ["eu-west-1"])}
    assert apis == {"SetQueueAttributes"}
