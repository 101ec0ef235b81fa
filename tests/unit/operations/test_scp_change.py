import pytest

from fake_gateway import (
    Fails,
    FakeGateway,
    MemoryBackups,
    MemoryJournal,
    a_policy,
    control_policies,
)
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.outcome import Outcome
from rootsteward.operations import scp_restore
from rootsteward.operations.scp_change import ChangeResult, PolicyChange, change

OLD, NEW = '{"Statement": []}', '{"Statement": [ ]}'
WANTED = PolicyChange("scp-repair", "p-one", OLD, NEW)
UPDATE = "organizations:UpdatePolicy"


@pytest.fixture
def gateway() -> FakeGateway:
    gateway = FakeGateway()
    gateway.scps = control_policies({gateway.tree.org_root.id: [a_policy("p-one", OLD)]})
    return gateway


def changed(gateway: FakeGateway, journal: MemoryJournal, backups: MemoryBackups) -> ChangeResult:
    return change(gateway, journal, backups, WANTED)


def test_the_old_text_is_kept_and_the_intent_written_before_anything_is_sent(
    gateway: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    result = changed(gateway, journal, backups)
    assert result == ChangeResult(Outcome.DONE, "", "backup-1", NEW)
    assert backups.kept == {"backup-1": ("control-policy", "p-one", OLD)}
    assert gateway.control_policy("p-one").content == NEW
    assert gateway.log[:-1] == [
        "call organizations:DescribePolicy",
        "backup control-policy",
        "intent organizations:UpdatePolicy",
        "call organizations:UpdatePolicy",
        "result organizations:UpdatePolicy",
        "call organizations:DescribePolicy",
        "result look",
    ]
    sent, looked = journal.entries[1][2], journal.entries[2][2]
    assert (sent["answer"], sent["request_id"]) == ("done", "req-2")
    assert (looked["before"], looked["after"]) == (OLD, NEW)
    assert {body["plan"] for _, _, body in journal.entries} == {WANTED.plan_id}


def test_a_policy_that_changed_meanwhile_is_left_alone(
    gateway: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    gateway.update_policy_content("p-one", "{}")
    gateway.mutations.clear()
    assert changed(gateway, journal, backups).outcome is Outcome.CHANGED_MEANWHILE
    assert gateway.mutations == []
    assert journal.entries == []


def test_doing_it_again_does_nothing(
    gateway: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    changed(gateway, journal, backups)
    gateway.mutations.clear()
    assert changed(gateway, journal, backups).outcome is Outcome.CLEAN
    assert gateway.mutations == []


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        (Fails.LOST_AFTER_IT_WAS_DONE, Outcome.DONE),
        (Fails.LOST_BEFORE_IT_WAS_DONE, Outcome.UNKNOWN),
        (Fails.DENIED, Outcome.DENIED),
    ],
)
def test_an_answer_that_was_lost_is_looked_up_and_never_sent_again(
    gateway: FakeGateway,
    journal: MemoryJournal,
    backups: MemoryBackups,
    how: Fails,
    outcome: Outcome,
) -> None:
    gateway.fail(UPDATE, how)
    assert changed(gateway, journal, backups).outcome is outcome
    assert gateway.apis().count(UPDATE) == 1
    assert journal.entries[-1][2]["outcome"] == outcome.value


def test_without_a_backup_nothing_is_changed(gateway: FakeGateway, journal: MemoryJournal) -> None:
    with pytest.raises(OperatorError, match="backup cannot be written"):
        changed(gateway, journal, MemoryBackups(broken=True))
    assert gateway.mutations == []


def test_without_a_journal_nothing_is_changed(gateway: FakeGateway, backups: MemoryBackups) -> None:
    with pytest.raises(OperatorError, match="ledger cannot be written"):
        changed(gateway, MemoryJournal(full_after=0), backups)
    assert gateway.mutations == []


def test_a_restored_policy_reads_as_it_did(
    gateway: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    changed(gateway, journal, backups)
    plan = scp_restore.plan(gateway.control_policy("p-one"), OLD)
    assert plan.needed
    assert "-" + NEW in plan.diff
    assert scp_restore.step(gateway, journal, backups, plan).outcome is Outcome.DONE
    assert gateway.control_policy("p-one").content == OLD
    assert not scp_restore.plan(gateway.control_policy("p-one"), OLD).needed
