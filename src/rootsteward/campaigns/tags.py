"""Reads the tags of accounts, many at once; what cannot be read is a value."""

from collections.abc import Mapping, Sequence

from rootsteward.campaigns.run import run
from rootsteward.campaigns.select import SeenTags
from rootsteward.domain.errors import InputError, RootstewardError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account
from rootsteward.domain.root_credentials import (
    Basis,
    NotSeen,
    NotSeenReason,
    Observation,
    Seen,
)
from rootsteward.operations.observe import not_seen
from rootsteward.ports.aws_gateway import TagReader
from rootsteward.ports.notifier import Notifier

_Row = tuple[AccountId, Observation[Mapping[str, str]]]


def read_tags(reader: TagReader, accounts: Sequence[Account], notifier: Notifier) -> SeenTags:
    """The tags of each account: one call, or why they are not seen.

    Organizations answers ten of these calls a second (rule card ORG-40), so a thousand accounts
    take a minute and forty seconds however many are in flight.

    Raises:
        InputError: the reader can answer for no tags at all, as a snapshot without them.
        KeyboardInterrupt: it was stopped on the way. WHY: half of the tags select half of what
            was asked for.
    """
    if not accounts:
        return {}

    def look(account: Account) -> _Row:
        try:
            return account.id, Seen(reader.account_tags(account.id), Basis.LISTED)
        except InputError:
            raise
        except RootstewardError as error:
            return account.id, not_seen(error)

    # WHY the first one alone: here an error that is no account's fault gets out.
    first = look(accounts[0])
    report = run(accounts[1:], look, _lost, notifier, title="reading tags")
    if report.interrupted:
        raise KeyboardInterrupt
    return dict((first, *report.rows))


def _lost(account: Account, error: Exception) -> _Row:
    return account.id, NotSeen(NotSeenReason.UNKNOWN, str(error) or type(error).__name__)
