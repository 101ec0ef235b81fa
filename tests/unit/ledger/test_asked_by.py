from rootsteward.ledger.asked_by import AskedJournal, Asker
from rootsteward.ledger.ledger import Ledger

ASKER = Asker("arn:aws:sts::100000000000:assumed-role/Ops/kim", "o-abcdefghij")


def test_every_entry_says_who_asked_and_for_which_organization(ledger: Ledger) -> None:
    journal = AskedJournal(ledger, ASKER)
    assert journal.record("enable.intent", "iam.amazonaws.com", {"act": "x"}) == 1
    (entry,) = ledger.entries()
    assert entry.value == {"act": "x", "asked_by": ASKER.arn, "organization": "o-abcdefghij"}


def test_no_body_can_say_that_somebody_else_asked(ledger: Ledger) -> None:
    AskedJournal(ledger, ASKER).record("act", "s", {"asked_by": "somebody else"})
    (entry,) = ledger.entries()
    assert entry.value["asked_by"] == ASKER.arn
