"""Threads that write at the same time share one transaction, and so one wait for the disk."""

from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

from rootsteward.domain.errors import OperatorError

T = TypeVar("T")
R = TypeVar("R")


class GroupCommit(Generic[T, R]):
    """Writes items in groups. Nobody waits for company: an item that comes alone goes alone.

    While one group is written the items that come gather in the next; the thread that came first
    writes it as soon as it is its turn. There is no thread of its own, and nothing is held back.

    INVARIANT: `write` returns to a caller only when the transaction with its item has ended.

    Args:
        write_all: writes items in one transaction and returns one answer for each, in order.
    """

    def __init__(self, write_all: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self._write_all = write_all
        self._gathering: _Group[T, R] = _Group()
        self._gather = Lock()
        self._turn = Lock()

    def write(self, item: T) -> R:
        """Write an item and return its answer.

        Raises:
            OperatorError: what `write_all` raised for the group, to each of its callers; then
                nothing of the group is written.
        """
        with self._gather:
            group, place = self._gathering, len(self._gathering.items)
            group.items.append(item)
        if place == 0:
            self._write(group)
        else:
            group.ended.wait()
        return group.answer(place)

    def _write(self, group: "_Group[T, R]") -> None:
        """Close the group and write it. However that ends, nobody is left waiting."""
        try:
            with self._turn:
                self._close(group)
                group.answers = self._write_all(group.items)
        except OperatorError as error:
            group.error = error
        finally:
            self._close(group)
            group.ended.set()

    def _close(self, group: "_Group[T, R]") -> None:
        with self._gather:
            # WHY: from here on its items stay as they are; who comes later joins the next group.
            if self._gathering is group:
                self._gathering = _Group()


class _Group(Generic[T, R]):
    """Items of one transaction and how it ended."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self.ended = Event()
        self.answers: Sequence[R] = ()
        self.error: OperatorError | None = None

    def answer(self, place: int) -> R:
        if self.error is not None:
            # WHY a new one: an exception that several threads raise would collect all their traces.
            raise OperatorError(self.error.message, help=self.error.help) from self.error
        if not self.answers:
            raise OperatorError(
                "the writing of a group of entries broke off",
                help="repeat the command; it looks before it acts",
            )
        return self.answers[place]
