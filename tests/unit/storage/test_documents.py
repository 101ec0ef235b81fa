from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rootsteward.domain.errors import OperatorError
from rootsteward.storage.database import open_database
from rootsteward.storage.documents import DocumentStore, StoredDocument

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DocumentStore]:
    with open_database(tmp_path / "store.db") as database:
        yield DocumentStore(database)


def test_a_text_comes_back_to_the_letter(store: DocumentStore) -> None:
    body = '{ "Version" :\t"2012-10-17",\r\n "Sid": "Überall" }\n'
    saved = store.save("control-policy", "p-1", body, at=NOON)
    assert store.get(saved) == StoredDocument(saved, "control-policy", "p-1", NOON, body)


def test_the_latest_is_the_one_saved_last_even_in_the_same_moment(store: DocumentStore) -> None:
    store.save("control-policy", "p-1", "first", at=NOON)
    store.save("control-policy", "p-1", "second", at=NOON)
    store.save("control-policy", "p-2", "of another policy", at=NOON + timedelta(hours=1))
    latest = store.latest("control-policy", "p-1")
    assert latest is not None
    assert latest.body == "second"


def test_saving_again_keeps_what_was_there(store: DocumentStore) -> None:
    first = store.save("bucket-policy", "b", "old", at=NOON)
    second = store.save("bucket-policy", "b", "new", at=NOON)
    assert [document.id for document in store.list("bucket-policy", "b")] == [second, first]
    assert store.get(first).body == "old"


def test_a_kind_lists_all_its_keys_and_no_other_kind(store: DocumentStore) -> None:
    store.save("bucket-policy", "a", "1", at=NOON)
    store.save("queue-policy", "a", "2", at=NOON)
    store.save("bucket-policy", "b", "3", at=NOON)
    assert [document.body for document in store.list("bucket-policy")] == ["3", "1"]


def test_a_key_without_a_version_has_no_latest(store: DocumentStore) -> None:
    assert store.latest("control-policy", "p-none") is None
    assert store.list("control-policy") == ()


def test_an_unknown_id_is_named(store: DocumentStore) -> None:
    with pytest.raises(OperatorError, match="there is no stored document `7`"):
        store.get(7)
