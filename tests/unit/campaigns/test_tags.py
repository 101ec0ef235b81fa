from collections.abc import Mapping

import pytest

from fake_gateway import DEV, PROD, SHOP, an_organization
from rootsteward.campaigns.tags import read_tags
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import Basis, NotSeen, NotSeenReason, Seen
from rootsteward.ports.notifier import Notifier


class Silent:
    """A notifier that tells nobody."""

    def started(self, what: str, total: int | None) -> None: ...

    def advanced(self, steps: int = 1) -> None: ...

    def finished(self) -> None: ...


QUIET: Notifier = Silent()
ACCOUNTS = [an_organization().account(account) for account in (DEV, PROD, SHOP)]


class Tags:
    """Answers for some accounts; others fail as they were told to."""

    def __init__(self, **failing: Exception) -> None:
        self._failing = failing
        self.asked: list[AccountId] = []

    def account_tags(self, account: AccountId) -> Mapping[str, str]:
        self.asked.append(account)
        name = an_organization().account(account).name
        if name in self._failing:
            raise self._failing[name]
        return {"name": name}


def test_each_account_is_asked_once() -> None:
    reader = Tags()
    seen = read_tags(reader, ACCOUNTS, QUIET)
    assert sorted(reader.asked) == [DEV, PROD, SHOP]
    assert seen[SHOP] == Seen({"name": "shop"}, Basis.LISTED)
    assert read_tags(reader, [], QUIET) == {}


def test_one_that_cannot_be_read_is_a_value_and_hides_no_other() -> None:
    reader = Tags(dev=OperatorError("refused", help=""), prod=RuntimeError("broken"))
    seen = read_tags(reader, ACCOUNTS, QUIET)
    assert seen[DEV] == NotSeen(NotSeenReason.UNKNOWN, "refused")
    assert seen[PROD] == NotSeen(NotSeenReason.UNKNOWN, "broken")
    assert isinstance(seen[SHOP], Seen)


def test_a_reader_without_any_tags_says_so_at_once() -> None:
    reader = Tags(dev=InputError("there are none", help=""))
    with pytest.raises(InputError, match="there are none"):
        read_tags(reader, ACCOUNTS, QUIET)
    assert reader.asked == [DEV]
