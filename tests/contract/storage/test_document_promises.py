"""What the document store promises, on SQLite and on a real PostgreSQL server alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from rootsteward.domain.errors import OperatorError
from rootsteward.storage.database import Database
from rootsteward.storage.documents import DocumentStore, StoredDocument

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def store(database: Database) -> DocumentStore:
    return DocumentStore(database)


def test_a_text_comes_back_to_the_letter(store: DocumentStore) -> None:
    body = '{ "Version" :\t"2012-10-17",\r\n "Sid": "Überall %s :x \\u0000" }\n'
    saved = store.save("control-policy", "p-1", body, at=NOON)
    assert store.get(saved) == StoredDocument(saved, "control-policy", "p-1", NOON, body)


def test_every_version_is_kept_newest_first(store: DocumentStore) -> None:
    ids = [store.save("bucket-policy", "b", text, at=NOON) for text in ("1", "2", "3")]
    store.save("queue-policy", "b", "other", at=NOON)
    assert [document.id for document in store.list("bucket-policy", "b")] == ids[::-1]
    latest = store.latest("bucket-policy", "b")
    assert latest is not None
    assert latest.body == "3"


def test_the_latest_is_the_one_saved_last_even_in_the_same_moment(store: DocumentStore) -> None:
    store.save("control-policy", "p-1", "first", at=NOON)
    store.save("control-policy", "p-1", "second", at=NOON)
    store.save("control-policy", "p-2", "of another policy", at=NOON + timedelta(hours=1))
    latest = store.latest("control-policy", "p-1")
    assert latest is not None
    assert latest.body == "second"


def test_a_kind_lists_all_its_keys_and_no_other_kind(store: DocumentStore) -> None:
    store.save("bucket-policy", "a", "1", at=NOON)
    store.save("queue-policy", "a", "2", at=NOON)
    store.save("bucket-policy", "b", "3", at=NOON)
    assert [document.body for document in store.list("bucket-policy")] == ["3", "1"]


def test_a_key_without_a_version_has_no_latest(store: DocumentStore) -> None:
    assert store.latest("control-policy", "p-none") is None
    assert store.list("control-policy") == ()


def test_threads_save_without_meeting(store: DocumentStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda n: store.save("k", "key", str(n), at=NOON), range(40)))
    assert sorted(ids) == list(range(1, 41))
    assert [store.get(document_id).body for document_id in ids] == [str(n) for n in range(40)]


def test_an_unknown_id_is_named(store: DocumentStore) -> None:
    with pytest.raises(OperatorError, match="there is no stored document `7`"):
        store.get(7)
