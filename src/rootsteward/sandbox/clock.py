"""The sandbox's clock: real time, moved forward or stopped when a test says so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rootsteward.domain.errors import InputError

# SOURCE: chosen so that no date leaves the range that AWS's formats can hold.
MAX_ADVANCE_SECONDS = 10 * 365 * 86_400.0


def machine_time() -> datetime:
    """The machine's own time, aware and in UTC."""
    return datetime.now(UTC)


class SandboxClock:
    """Gives the time of a world when it is called. Never runs backwards by its own methods.

    Only what happens in the world follows it: expiry, delays, dates, throttle buckets. Signatures
    are checked against `real`, because clients sign with their own machine's clock.
    """

    def __init__(self, real: Callable[[], datetime] = machine_time) -> None:
        self._real = real
        self._offset = timedelta()
        self._frozen_at: datetime | None = None

    def __call__(self) -> datetime:
        """The world's time, aware and in UTC."""
        return self._frozen_at or self._real() + self._offset

    def real(self) -> datetime:
        """The time that clients sign with."""
        return self._real()

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None

    @property
    def ahead_seconds(self) -> float:
        """How far the world's time is before real time; negative when it is behind."""
        if self._frozen_at is None:
            return self._offset.total_seconds()
        return (self._frozen_at - self._real()).total_seconds()

    def advance(self, seconds: float) -> None:
        """Let time pass at once, frozen or not.

        Raises:
            InputError: `seconds` is negative or more than ten years.
        """
        if not 0 <= seconds <= MAX_ADVANCE_SECONDS:
            raise InputError(
                f"cannot advance the clock by `{seconds}` seconds",
                help=f"a number from 0 to {MAX_ADVANCE_SECONDS:.0f}; time does not run backwards",
            )
        span = timedelta(seconds=seconds)
        if self._frozen_at is not None:
            self._frozen_at += span
        else:
            self._offset += span

    def freeze(self) -> None:
        """Stop time where it is; only `advance` moves it from now on."""
        self._frozen_at = self()

    def resume(self) -> None:
        """Let time run on from where it stands."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._real()
            self._frozen_at = None

    def reset(self) -> None:
        """Go back to real time, running."""
        self._offset = timedelta()
        self._frozen_at = None

    def set_state(self, *, ahead_seconds: float, frozen_at: datetime | None) -> None:
        """Stand as another clock stood: that far before real time, or frozen."""
        self._offset = timedelta(seconds=ahead_seconds)
        self._frozen_at = frozen_at

    @property
    def frozen_at(self) -> datetime | None:
        """Where time stands still, or None while it runs."""
        return self._frozen_at
