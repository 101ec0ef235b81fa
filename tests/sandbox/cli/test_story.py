"""The whole story, as `rootsteward demo` tells it, against a served sandbox."""

import json
import shlex
from collections import Counter

import pytest

from rootsteward.cli.story import SCENES
from rootsteward.domain.identifiers import AccountId
from sandbox.cli.conftest import Ended, Tool
from sandbox.cli.served import Served, served

PAYMENTS = AccountId("666666666666")


def holdings(sandbox: Served) -> list[str]:
    """What the root users of the active member accounts hold."""
    accounts = sandbox.world.organization.accounts
    return [
        f"{user.account}: {user.holdings}"
        for user in sandbox.world.root_users
        if user.account not in {AccountId("111111111111"), AccountId("161616161616")}
        and user.account in accounts
        and any((user.holdings.password, *user.holdings.access_keys, *user.holdings.mfa_devices))
    ]


@pytest.mark.slow
def test_the_whole_story_end_to_end(tool: Tool) -> None:
    with served("article", tool.folder) as sandbox:
        tool.at(sandbox)
        told: dict[str, Ended] = {}
        for scene in SCENES:
            ended = tool.run(*shlex.split(scene.command))
            told[scene.title] = ended
            assert ended.code is scene.ends_with, (scene.command, ended.out, ended.err)
            if scene.title == "Delete, and look again":
                (spared,) = holdings(sandbox)
                assert spared.startswith("999999999999")

        assert told["The first look fails"].out.count("denied [") == 12 * 4
        assert "statement DenyRootUser at OU Workloads" in told["The first look fails"].out
        assert '+          "aws:AssumedRoot": "true"' in told["Repair the policy, with proof"].out
        assert "12 accounts: 12 clean" in told["Nothing is left"].out
        assert "1 denied" in told["Recovery is denied"].out
        assert "DenyLongTermCredentials" in told["Recovery is denied"].out
        assert "what happens next in payments-prod" in told["Recovery is open"].out
        assert "1 account: 1 recovery open" in told["Only the password is present"].out
        assert " 0 of them not ours" in told["What GuardDuty saw"].out

        assert "payments-orders" in told["Who is locked out of what?"].out

        assert not holdings(sandbox)
        bucket = sandbox.world.buckets.find("hinode-payments-receipts")
        queue = sandbox.world.queues.find("ap-northeast-1", PAYMENTS, "payments-orders")
        assert bucket is not None
        assert bucket.policy is not None
        assert "AnalyticsReads" in bucket.policy
        assert f'"aws:PrincipalAccount": "{PAYMENTS}"' in bucket.policy
        assert queue is not None
        assert queue.policy is None

        check_the_ledger(tool)
        check_the_export_against_cloudtrail(tool, sandbox)
        check_that_no_secret_left_the_process(tool, sandbox, list(told.values()))


def check_the_ledger(tool: Tool) -> None:
    entries = tool.run("ledger", "show", "--format", "json").json()
    kinds = Counter(entry["kind"] for entry in entries)
    assert kinds["enable.intent"] == 3
    last_looks = Counter(entry["kind"] for entry in entries if entry["body"].get("act") == "look")
    assert last_looks["delete-credentials.result"] == 8
    assert last_looks["enable.result"] == 3
    # An AssumeRoot and the act itself each.
    for verb in ("close-recovery", "unlock-bucket", "unlock-queue"):
        assert last_looks[f"{verb}.result"] == 1, verb
        assert kinds[f"{verb}.intent"] == 2, verb
    assert kinds["allow-recovery.intent"] == 4
    billing = [e for e in entries if e["subject"] == "999999999999"]
    deleted = [e["body"]["act"] for e in billing if e["kind"] == "delete-credentials.intent"]
    assert deleted == [
        "sts:AssumeRoot",
        "iam:DeleteLoginProfile",
        "iam:DeleteAccessKey",
        "iam:DeleteAccessKey",
        "iam:DeactivateMFADevice",
    ]


def check_the_export_against_cloudtrail(tool: Tool, sandbox: Served) -> None:
    """From an export alone: who did each act, under which plan, in which session."""
    lines = tool.run("ledger", "export").out.splitlines()
    entries = [json.loads(line) for line in lines[:-1]]
    recorded = {
        event.call.request_id: event
        for events in sandbox.world.trail._events.values()
        for event in events
    }
    sessions: dict[str, tuple[str, str]] = {}
    written: set[str] = set()
    for position, entry in enumerate(entries):
        body = entry["body"]
        assert body["asked_by"].startswith("arn:aws:iam::111111111111:")
        assert body["organization"] == sandbox.world.organization.id
        assert len(body["plan"]) == 16
        if entry["kind"].startswith("campaign."):
            assert entry["subject"] == body["plan"]
            continue
        if entry["kind"].endswith(".intent"):
            # Accounts are worked on side by side; what is done in one has an order.
            rest = entries[position + 1 :]
            after = next(later for later in rest if later["subject"] == entry["subject"])
            assert after["kind"] == entry["kind"].replace(".intent", ".result")
            assert after["body"]["act"] == body["act"]
            assert body["act"] == "sts:AssumeRoot" or body["before"] is not None
        elif body["act"] == "look":
            assert body["before"] is not None
            assert "after" in body
        else:
            event = recorded[body["request_id"]]
            assert body["act"] == f"{event.call.service}:{event.call.operation}"
            assert (body["answer"] == "done") == (event.error_code == "")
            written.add(body["request_id"])
            if body["act"] == "sts:AssumeRoot":
                sessions[body["session"]] = (entry["subject"], body["plan"])
            elif "session" in body:
                assert sessions[body["session"]] == (entry["subject"], body["plan"])
                assert event.call.caller.access_key_id == body["session"]
    changes = {request_id for request_id, event in recorded.items() if not event.read_only}
    assert changes <= written


def check_that_no_secret_left_the_process(tool: Tool, sandbox: Served, told: list[Ended]) -> None:
    assert len(sandbox.issued_keys) > 50
    assert len(sandbox.issued_secrets) == 2 * len(sandbox.issued_keys)
    long_term = [
        line.partition(" = ")[2]
        for line in sandbox.credentials.read_text().splitlines()
        if line.startswith("aws_secret_access_key")
    ]
    kept = b"".join(path.read_bytes() for path in tool.folder.glob("rootsteward.db*"))
    shown = "".join(ended.out + ended.err for ended in told)
    shown += tool.run("ledger", "export").out
    assert json.loads(shown.splitlines()[-1])
    for secret in (*sandbox.issued_secrets, *long_term):
        assert secret.encode() not in kept
        assert secret not in shown
