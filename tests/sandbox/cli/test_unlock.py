"""Buckets and queues that lock everybody out: found, edited, put back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.identifiers import AccountId
from sandbox.cli.conftest import Ended, Tool
from sandbox.cli.served import Served, served

SHOP = AccountId("222222222222")
PARTNER = AccountId("333333333333")
RECEIPTS = "shop-receipts"
EXEMPT = '"aws:PrincipalAccount": "222222222222"'


@pytest.fixture
def shop(tool: Tool) -> Iterator[Served]:
    with served(Path(__file__).with_name("unlock_stage.yaml"), tool.folder) as running:
        tool.at(running)
        yield running


def administrator(sandbox: Served, service: str) -> Any:  # noqa: ANN401 (boto3's clients are made at run time)
    """A client of the shop's administrator, in the Region of what is locked."""
    session = boto3.Session(profile_name="shop-admin")
    return session.client(service, region_name="us-east-1", endpoint_url=sandbox.url)


def bucket_policy(sandbox: Served, name: str = RECEIPTS) -> str | None:
    bucket = sandbox.world.buckets.find(name)
    assert bucket is not None
    return bucket.policy


def queue_policy(sandbox: Served) -> str | None:
    queue = sandbox.world.queues.find("us-east-1", SHOP, "orders")
    assert queue is not None
    return queue.policy


def unlock_receipts(tool: Tool, *more: str) -> Ended:
    return tool.run("unlock", "bucket", RECEIPTS, "--account", SHOP, *more)


def test_find_says_for_each_whether_and_by_what_it_is_locked(tool: Tool, shop: Served) -> None:
    ended = tool.run("unlock", "find", "--account", SHOP, "--format", "json")
    assert ended.code is ExitCode.FINDINGS
    rows = {row["resource"]: row for row in ended.json()}
    assert {name: (row["region"], row["standing"]) for name, row in rows.items()} == {
        "shop-receipts": ("us-east-1", "locked"),
        "shop-audit": ("eu-west-1", "locked"),
        "shop-site": ("eu-west-1", "not locked"),
        "shop-plain": ("eu-west-1", "not locked"),
        "orders": ("us-east-1", "locked"),
        "refunds": ("eu-west-1", "not locked"),
    }
    (guilty,) = rows["shop-receipts"]["statements"]
    assert (guilty["statement"], guilty["sid"], guilty["line"]) == (2, "Shut", 11)
    assert guilty["whom"] == "everybody"
    (harmless,) = rows["shop-site"]["statements"]
    assert harmless["force"] == "conditional"
    assert harmless["why"] == "only where Bool aws:SecureTransport holds"
    assert "Regions not enabled for the account" in ended.err
    assert shop.writes() == []


def test_find_can_be_narrowed(tool: Tool, shop: Served) -> None:
    del shop
    command = ("unlock", "find", "--account", SHOP, "--format", "json")
    found = tool.run(*command, "--queues", "--in-region", "eu-west-1")
    assert found.code is ExitCode.DONE
    assert [row["resource"] for row in found.json()] == ["refunds"]
    found = tool.run(*command, "--buckets", "--in-region", "us-east-1")
    assert [row["resource"] for row in found.json()] == [RECEIPTS]


def test_a_region_that_refuses_is_not_called_clean(tool: Tool, shop: Served) -> None:
    del shop
    command = ("unlock", "find", "--account", PARTNER, "--format", "json", "--queues")
    ended = tool.run(*command, "--in-region", "eu-west-1", "--in-region", "us-east-1")
    assert ended.code is ExitCode.UNSEEN
    queue, region = ended.json()
    assert (queue["resource"], queue["standing"]) == ("deliveries", "not locked")
    assert (region["region"], region["standing"]) == ("us-east-1", "could not look")
    assert any("HomeOnly" in text for text in region["detail"])
    unknown = tool.run(*command, "--in-region", "sa-east-1")
    assert unknown.code is ExitCode.UNSEEN


def test_what_is_found_fits_a_terminal_and_says_what_to_do_next(
    tool: Tool, shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    del shop
    monkeypatch.setenv("COLUMNS", "80")
    ended = tool.run("unlock", "find", "--account", SHOP)
    lines = ended.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "3 locked, 3 not locked" in lines
    assert lines[-1] == f"rootsteward unlock bucket shop-audit --account {SHOP}"


def test_an_edit_gives_the_account_its_bucket_back_and_nobody_else(
    tool: Tool, shop: Served
) -> None:
    before = bucket_policy(shop)
    client = administrator(shop, "s3")
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_bucket_policy(Bucket=RECEIPTS)
    rehearsed = unlock_receipts(tool, "--dry-run")
    assert "would narrow statement 2 `Shut`" in rehearsed.out
    assert '+          "aws:PrincipalAccount": "222222222222"' in rehearsed.out
    assert bucket_policy(shop) == before
    first = unlock_receipts(tool, "--yes", "--format", "json")
    assert first.code is ExitCode.DONE
    row = first.json()
    assert (row["outcome"], row["safety"]) == ("unlocked", "safe")
    assert row["backup"]
    assert len(row["proof"]) == 2
    after = json.loads(client.get_bucket_policy(Bucket=RECEIPTS)["Policy"])
    assert [statement["Sid"] for statement in after["Statement"]] == ["PartnerReads", "Shut"]
    assert after["Statement"][0] == json.loads(before or "")["Statement"][0]
    writes = len(shop.writes())
    again = unlock_receipts(tool, "--yes", "--format", "json")
    assert again.code is ExitCode.DONE
    assert (again.json()["outcome"], again.json()["intention"]) == ("skipped", "not locked")
    assert len(shop.writes()) == writes


def test_an_unsafe_removal_says_who_gains(tool: Tool, shop: Served) -> None:
    row = unlock_receipts(tool, "--method", "remove", "--dry-run", "--format", "json").json()
    assert row["safety"] == "unsafe"
    assert any("arn:aws:iam::333333333333:root" in line for line in row["opens"])
    assert unlock_receipts(tool, "--method", "remove", "--yes").code is ExitCode.DONE
    policy = json.loads(bucket_policy(shop) or "")
    assert [statement["Sid"] for statement in policy["Statement"]] == ["PartnerReads"]


def test_a_queue_loses_its_lock_and_nothing_else(tool: Tool, shop: Served) -> None:
    command = ("unlock", "queue", "orders", "--account", SHOP, "--in-region", "us-east-1")
    attributes = {"VisibilityTimeout": "77"}
    queue = shop.world.queues.find("us-east-1", SHOP, "orders")
    assert queue is not None
    queue.attributes.update(attributes)
    row = tool.run(*command, "--yes", "--format", "json").json()
    assert row["outcome"] == "unlocked"
    assert row["changes"] == ["remove statement 2 `Shut`"]
    assert [s["Sid"] for s in json.loads(queue_policy(shop) or "")["Statement"]] == ["Owner"]
    assert queue.attributes == attributes
    client = administrator(shop, "sqs")
    url = client.get_queue_url(QueueName="orders")["QueueUrl"]
    assert client.send_message(QueueUrl=url, MessageBody="at last")["MessageId"]


def test_a_policy_can_be_replaced_or_deleted_and_put_back(tool: Tool, shop: Served) -> None:
    before = bucket_policy(shop)
    assert unlock_receipts(tool, "--delete", "--yes").code is ExitCode.DONE
    assert bucket_policy(shop) is None
    (kept,) = tool.run("unlock", "backups", "--format", "json").json()
    assert kept["policy"] == f"{SHOP}/{RECEIPTS}"
    restored = tool.run("unlock", "restore", str(kept["backup"]), "--yes", "--format", "json")
    assert restored.code is ExitCode.DONE
    assert restored.json()["outcome"] == "done"
    assert restored.json()["reason"] == "it locks the owner's account out again"
    assert bucket_policy(shop) == before
    file = tool.folder / "new.json"
    file.write_text(
        (before or "").replace('"Principal": "*"', '"Principal": {"AWS": "333333333333"}')
    )
    replaced = unlock_receipts(tool, "--replace-with", str(file), "--yes")
    assert replaced.code is ExitCode.DONE
    assert bucket_policy(shop) == file.read_text()
    backups = tool.run("unlock", "backups", "--format", "json").json()
    tool.run("unlock", "restore", str(backups[0]["backup"]), "--yes")
    assert bucket_policy(shop) == before
    entries = tool.run("ledger", "show", "--format", "json").json()
    puts = [e["body"]["act"] for e in entries if e["kind"] == "unlock-restore.intent"]
    assert puts == ["sts:AssumeRoot", "s3:PutBucketPolicy"] * 2
    assert tool.run("ledger", "verify").code is ExitCode.DONE


def test_a_backup_that_is_there_already_is_not_put_again(tool: Tool, shop: Served) -> None:
    unlock_receipts(tool, "--delete", "--yes")
    tool.run("unlock", "restore", "1", "--yes")
    writes = len(shop.writes())
    again = tool.run("unlock", "restore", "1", "--yes", "--format", "json")
    assert again.json()["outcome"] == "clean"
    assert len(shop.writes()) == writes


def test_a_plan_is_written_reviewed_and_applied(tool: Tool, shop: Served) -> None:
    before = bucket_policy(shop)
    written = unlock_receipts(tool, "--plan", "plan.json")
    assert written.code is ExitCode.DONE
    assert "rootsteward apply plan.json" in written.out
    assert bucket_policy(shop) == before
    shown = tool.run("plan", "show", "plan.json").out
    assert "narrow statement 2 `Shut`" in shown
    assert "proved: closes nothing" in shown
    assert '"aws:PrincipalAccount": "222222222222"' in shown
    rehearsed = tool.run("apply", "plan.json", "--dry-run")
    assert rehearsed.code is ExitCode.DONE
    assert bucket_policy(shop) == before
    applied = tool.run("apply", "plan.json", "--yes", "--format", "json")
    assert applied.code is ExitCode.DONE
    assert '"unlocked"' in applied.out
    assert EXEMPT in (bucket_policy(shop) or "")
    writes = len(shop.writes())
    tool.run("apply", "plan.json", "--yes")
    assert len(shop.writes()) == writes
    restore = tool.run("unlock", "restore", "1", "--plan", "back.json")
    assert restore.code is ExitCode.DONE
    assert tool.run("apply", "back.json", "--yes").code is ExitCode.DONE
    assert bucket_policy(shop) == before


def test_a_plan_for_another_policy_is_not_applied(tool: Tool, shop: Served) -> None:
    unlock_receipts(tool, "--plan", "plan.json")
    bucket = shop.world.buckets.find(RECEIPTS)
    assert bucket is not None
    bucket.policy = changed = (bucket.policy or "").replace("PartnerReads", "Partner")
    ended = tool.run("apply", "plan.json", "--yes")
    assert ended.code is ExitCode.REFUSED
    assert "changed meanwhile" in ended.out
    assert bucket.policy == changed


def test_a_plan_is_refused_when_its_resource_is_protected_by_now(tool: Tool, shop: Served) -> None:
    before = bucket_policy(shop)
    unlock_receipts(tool, "--plan", "plan.json")
    for protected in ('resources = ["arn:aws:s3:::shop-*"]', f'accounts = ["{SHOP}"]'):
        (tool.folder / "rootsteward.toml").write_text(f"[protected]\n{protected}\n")
        refused = tool.run("apply", "plan.json", "--yes")
        assert refused.code in {ExitCode.BAD_USAGE, ExitCode.COULD_NOT_FINISH}
        assert "protect" in refused.err
    assert bucket_policy(shop) == before


def test_protected_resources_are_refused_before_anything_is_asked(tool: Tool, shop: Served) -> None:
    (tool.folder / "rootsteward.toml").write_text(
        '[protected]\nresources = ["arn:aws:s3:::shop-audit", "arn:aws:sqs:*:orders"]\n'
    )
    for command in (
        ("unlock", "bucket", "shop-audit", "--account", SHOP, "--yes"),
        ("unlock", "bucket", "shop-audit", "--account", SHOP, "--dry-run"),
        ("unlock", "queue", "orders", "--account", SHOP, "--in-region", "us-east-1", "--yes"),
    ):
        ended = tool.run(*command)
        assert ended.code is ExitCode.BAD_USAGE
        assert "is protected by the pattern `arn:aws:s" in ended.err
        assert "[protected]" in ended.err
    assert "AssumeRoot" not in shop.actions
    rows = tool.run("unlock", "find", "--account", SHOP, "--format", "json").json()
    assert {row["resource"] for row in rows if row["protected_by"]} == {"shop-audit", "orders"}


def test_a_protected_resource_is_not_restored_either(tool: Tool, shop: Served) -> None:
    unlock_receipts(tool, "--delete", "--yes")
    (tool.folder / "rootsteward.toml").write_text(
        '[protected]\nresources = ["arn:aws:s3:::shop-*"]\n'
    )
    ended = tool.run("unlock", "restore", "1", "--yes")
    assert ended.code is ExitCode.BAD_USAGE
    assert bucket_policy(shop) is None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--delete", "--method", "narrow"), "`delete` and `narrow` cannot both be done"),
        (("--method", "replace"), "nothing was given to replace the policy with"),
        (("--delete", "--statement", "2"), "`--statement` means nothing to the method `delete`"),
        (("--statement", "Gone"), "the policy has no statement `Gone`"),
        (("--replace-with", "locks.json"), "locks everybody out again"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    tool: Tool, shop: Served, options: tuple[str, ...], problem: str
) -> None:
    (tool.folder / "locks.json").write_text(bucket_policy(shop) or "")
    ended = unlock_receipts(tool, *options, "--yes")
    assert ended.code is ExitCode.BAD_USAGE
    assert problem in ended.err
    assert shop.writes() == []


def test_where_no_edit_is_certain_the_resource_stays_as_it_is(tool: Tool, shop: Served) -> None:
    bucket = shop.world.buckets.find(RECEIPTS)
    assert bucket is not None
    bucket.policy = "no policy"
    ended = unlock_receipts(tool, "--yes", "--format", "json")
    assert ended.code is ExitCode.REFUSED
    assert ended.json()["outcome"] == "present"
    assert "replace or delete the policy" in ended.json()["detail"]
    assert bucket.policy == "no policy"
