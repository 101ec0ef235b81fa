"""`iam-policy` prints enough for each command, and no more than enough."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import run
from rootsteward.operations.permissions import VERBS
from sandbox.cli.command_tree import COMMANDS
from sandbox.permissions.conftest import Stage
from sandbox.permissions.verbs import CLEAN, EXERCISES, ONE_KEY, Exercise

# Commands that call AWS for nobody: they work on files and on the ledger.
LOCAL = {
    "demo",
    "iam-policy",
    "ledger",
    "policy",
    "rules",
    "sandbox",
    "scp backups",
    "unlock backups",
}
# Commands that carry out what another command planned, with that command's permissions.
THROUGH_A_PLAN = {"apply", "campaign", "plan", "recovery", "worker"}
IN_DELEGATE = [slug for slug, exercise in EXERCISES.items() if exercise.in_delegate]
Document = dict[str, Any]


def printed(capsys: pytest.CaptureFixture[str], *options: str) -> Document:
    capsys.readouterr()
    assert run(["iam-policy", *options]) is ExitCode.DONE
    document: Document = json.loads(capsys.readouterr().out)
    return document


def policy_of(capsys: pytest.CaptureFixture[str], slug: str) -> Document:
    return printed(capsys, "--for", ",".join((slug, *EXERCISES[slug].needs)))


def without_one(slug: str, document: Document) -> Iterator[tuple[str, Document]]:
    """The policy less one of the verb's own grants, each in turn."""
    for action in VERBS[slug].actions:
        yield action, _without(document, "Action", action)
    for task in VERBS[slug].tasks:
        yield f"the task {task.slug}", _without(document, "sts:TaskPolicyArn", task.arn())


def _without(document: Document, where: str, what: str) -> Document:
    """Less one action or task; a statement that has none left goes too."""
    less = copy.deepcopy(document)
    for statement in less["Statement"]:
        values = (
            statement
            if where == "Action"
            else statement.get("Condition", {}).get("StringEquals", {})
        )
        if isinstance(values.get(where), list) and what in values[where]:
            values[where].remove(what)
            if not values[where]:
                less["Statement"].remove(statement)
            return less
    raise AssertionError(f"the policy does not grant {what}")


def test_every_command_that_calls_aws_is_in_the_table_and_is_exercised() -> None:
    slugs = set()
    for command in COMMANDS:
        words = command.split()
        if words[0] in LOCAL | THROUGH_A_PLAN or command in LOCAL:
            continue
        slug = "-".join(words)
        slugs.add(slug if slug in VERBS else words[0])
    assert slugs | {"tags"} == set(VERBS) == set(EXERCISES)


@pytest.mark.parametrize("slug", EXERCISES)
def test_the_policy_is_enough(stage: Stage, capsys: pytest.CaptureFixture[str], slug: str) -> None:
    ended = stage.perform(EXERCISES[slug], policy_of(capsys, slug))
    assert ended.code is EXERCISES[slug].code, ended


@pytest.mark.parametrize("slug", IN_DELEGATE)
def test_the_policy_is_enough_for_a_delegated_administrator(
    stage: Stage, capsys: pytest.CaptureFixture[str], slug: str
) -> None:
    ended = stage.perform(EXERCISES[slug], policy_of(capsys, slug), operator="delegate")
    assert ended.code is EXERCISES[slug].code, ended


@pytest.mark.parametrize("slug", ["delete-credentials", "allow-recovery"])
def test_a_plan_is_applied_with_the_permissions_of_the_command_that_made_it(
    stage: Stage, capsys: pytest.CaptureFixture[str], slug: str
) -> None:
    (line,) = EXERCISES[slug].lines
    planning = line.removesuffix(" --yes")
    exercise = Exercise((f"{planning} --plan plan.json", "apply plan.json --yes"))
    ended = stage.perform(exercise, policy_of(capsys, slug))
    assert ended.code is ExitCode.DONE, ended


@pytest.mark.parametrize("slug", EXERCISES)
def test_nothing_in_the_policy_can_be_spared(
    stage: Stage, capsys: pytest.CaptureFixture[str], slug: str
) -> None:
    exercise = EXERCISES[slug]
    spared = [
        what
        for what, less in without_one(slug, policy_of(capsys, slug))
        if stage.perform(exercise, less).code is exercise.code
    ]
    assert spared == []


def test_a_policy_for_one_account_opens_no_session_in_another(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    document = printed(capsys, "--for", "audit", "--account", ONE_KEY)
    here = stage.perform(EXERCISES["audit"], document)
    assert [row["outcome"] for row in json.loads(here.out)] == ["present"]
    there = stage.perform(Exercise((f"audit --account {CLEAN}",)), document)
    assert there.code is ExitCode.UNSEEN
    assert [row["outcome"] for row in json.loads(there.out)] == ["denied"]


def test_a_policy_for_looking_deletes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    document = policy_of(capsys, "audit")
    ended = stage.perform(EXERCISES["delete-credentials"], document)
    assert ended.code is ExitCode.REFUSED
    assert stage.sandbox.world.root_users.of(ONE_KEY).holdings.access_keys


@pytest.mark.parametrize("slug", ["enable", "delegate", "scp-repair"])
def test_a_changing_permission_holds_for_its_service_or_policy_type_only(
    stage: Stage, capsys: pytest.CaptureFixture[str], slug: str
) -> None:
    text = json.dumps(policy_of(capsys, slug))
    for ours, other in (
        ('"iam.amazonaws.com"', '"sso.amazonaws.com"'),
        ('"SERVICE_CONTROL_POLICY"', '"TAG_POLICY"'),
    ):
        text = text.replace(ours, other)
    assert stage.perform(EXERCISES[slug], json.loads(text)).code is not EXERCISES[slug].code


def test_everything_together_is_enough_for_everything(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    document = printed(capsys)
    for slug in ("status", "delete-credentials", "scp-repair", "unlock-queue", "findings-list"):
        assert stage.perform(EXERCISES[slug], document).code is EXERCISES[slug].code


def test_a_rehearsal_needs_what_a_snapshot_needs_besides(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = EXERCISES["delete-credentials"].lines
    rehearsal = Exercise((line.replace("--yes", "--rehearse"),))
    refused = stage.perform(rehearsal, printed(capsys, "--for", "delete-credentials"))
    assert refused.code is ExitCode.BAD_USAGE
    assert "nobody saw its trusted access" in refused.err
    enough = printed(capsys, "--for", "delete-credentials,snapshot")
    assert stage.perform(rehearsal, enough).code is ExitCode.DONE
