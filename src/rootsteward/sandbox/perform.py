"""Judging a call and running it: in the world as it is, or as it seems to be.

With nothing switched on, that is two lines. Stale reads answer from a copy of the world of some
seconds ago, realism from views of it; both are judged by the same judge.
"""

from dataclasses import replace
from datetime import timedelta

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.faults import NO_STRIKE, Faults, Strike
from rootsteward.sandbox.judge import authorize
from rootsteward.sandbox.pages import emptied, follows_empty_page, paging_of, without_mark
from rootsteward.sandbox.propagation import Propagation
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.world.copying import frozen_copy
from rootsteward.sandbox.world.history import History
from rootsteward.sandbox.world.trail import is_read_only
from rootsteward.sandbox.world.world import World


class Performer:
    """Carries out calls on one world. Not safe for threads."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._past: History[World] = History()
        self._propagation: Propagation | None = None
        self._empties_pages = False
        self.behave(faults)

    def behave(self, faults: Faults) -> None:
        """Follow the world's behaviour, which may have changed, and the rules in force."""
        self._keep_seconds = faults.keep_seconds
        # WHY it stays: a client may still hold the token of an empty page.
        self._empties_pages |= any(r.kind == "empty_pages" for r in faults.rules.rules)
        if not self._keep_seconds:
            self._past = History()
        if not self._world.behaviour.realistic:
            self._propagation = None
        elif self._propagation is None:
            self._propagation = Propagation()

    def perform(self, operation: Operation, call: Call, strike: Strike = NO_STRIKE) -> Output:
        """Authorize a call and run it.

        Raises:
            ServiceError: it is refused.
        """
        if self._empties_pages:
            return self._paged(operation, call, strike)
        return self._judged(operation, call, strike)

    def _paged(self, operation: Operation, call: Call, strike: Strike) -> Output:
        """Run a call whose page may be emptied, or that follows such a page."""
        paging = paging_of(call.service, call.operation)
        if paging is None:
            return self._judged(operation, call, strike)
        if follows_empty_page(call.params, paging):
            # WHY never empty again: a rule without end would make a list without end.
            whole = replace(call, params=without_mark(call.params, paging))
            return self._judged(operation, whole, strike)
        output = self._judged(operation, call, strike)
        return emptied(output, call.params, paging) if strike.empties_page else output

    def _judged(self, operation: Operation, call: Call, strike: Strike) -> Output:
        world, propagation = self._world, self._propagation
        judged_in = propagation.judged_in(world, call) if propagation else world
        stale = self._stale(call, strike)
        authorize(judged_in, call, operation.needs(stale or judged_in, call))
        if stale is not None:
            return operation.handle(stale, call)
        if propagation is None and not self._keep_seconds:
            return operation.handle(world, call)
        return self._remembered(operation, call)

    def _stale(self, call: Call, strike: Strike) -> World | None:
        """The world of some seconds ago, when the call is to be answered from it."""
        if not strike.stale_seconds:
            return None
        return self._past.as_of(call.at - timedelta(seconds=strike.stale_seconds))

    def _remembered(self, operation: Operation, call: Call) -> Output:
        """Run a call, and keep what it replaced."""
        world, propagation = self._world, self._propagation
        keeps = self._keep_seconds and not is_read_only(call.operation)
        was = frozen_copy(world) if keeps else None
        before = propagation.before(world, call) if propagation else None
        view = propagation.answered_in(world, call) if propagation else world
        output = operation.handle(view, call)
        if was is not None:
            self._past.note(call.at, was, self._keep_seconds)
        if propagation is not None and before is not None:
            propagation.after(before, call.at)
        return output
