"""How a sandbox misbehaves on demand, as data: fault rules and two switches.

The same models read scenario files, the bodies of the admin API and saved worlds. Every field's
description is also the text of its error message.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

FaultKind = Literal[
    "throttle",
    "server_error",
    "latency",
    "reset",
    "slow_pages",
    "empty_pages",
    "expired_session",
    "clock_skew",
    "stale_reads",
]
NEEDS_SECONDS = frozenset({"latency", "slow_pages", "clock_skew", "stale_reads"})
_MAY_JITTER = frozenset({"latency", "slow_pages"})
_AFTER_WORK = frozenset({"reset", "server_error"})
_WAITING = frozenset({"latency", "slow_pages", "stale_reads"})
MAX_WAIT_SECONDS = 3_600

Glob = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="text in which `*` stands for any characters and `?` for one",
    ),
]


class _Model(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class FaultRule(_Model):
    """One fault and the calls that it strikes.

    All six globs must match, without regard to case. `account` is the caller's, `target` the one
    that `AssumeRoot` or `AssumeRole` opens a session in. A call whose operation, account or target
    cannot be told matches only `*` there. `times` counts the calls that were struck; without it the
    rule never ends.
    """

    kind: FaultKind = Field(
        description="`throttle`, `server_error`, `latency`, `reset`, `slow_pages`, "
        "`empty_pages`, `expired_session`, `clock_skew` or `stale_reads`"
    )
    service: Glob = "*"
    operation: Glob = "*"
    account: Glob = "*"
    access_key: Glob = "*"
    region: Glob = "*"
    target: Glob = "*"
    times: int | None = Field(default=None, ge=1, description="a whole number, 1 or more")
    probability: Annotated[float, Field(gt=0, le=1)] = Field(
        default=1.0, description="a number above 0, at most 1"
    )
    seconds: float | None = Field(
        default=None,
        validate_default=True,
        description="seconds, which `latency`, `slow_pages`, `stale_reads` (0 to 3600) and "
        "`clock_skew` (-86400 to 86400) need and no other kind has",
    )
    jitter_seconds: float = Field(
        default=0.0,
        ge=0,
        le=MAX_WAIT_SECONDS,
        description="seconds from 0 to 3600, for `latency` and `slow_pages`: up to this much more",
    )
    status: Literal[500, 503] | None = Field(
        default=None, description="500 or 503, for `server_error`"
    )
    work_done: bool = Field(
        default=False,
        description="true or false, for `reset` and `server_error`: the call was carried out "
        "before the answer was lost",
    )

    @field_validator("seconds")
    @classmethod
    def _seconds_fit_the_kind(cls, seconds: float | None, info: ValidationInfo) -> float | None:
        kind = info.data.get("kind")
        if kind is None:
            return seconds
        if (seconds is not None) != (kind in NEEDS_SECONDS):
            raise ValueError("seconds and kind do not go together")
        if seconds is not None:
            least, most = (0, MAX_WAIT_SECONDS) if kind in _WAITING else (-86_400, 86_400)
            if not least <= seconds <= most:
                raise ValueError("out of range")
        return seconds

    @field_validator("jitter_seconds")
    @classmethod
    def _only_waits_jitter(cls, jitter_seconds: float, info: ValidationInfo) -> float:
        if jitter_seconds and info.data.get("kind") not in _MAY_JITTER:
            raise ValueError("this kind does not wait")
        return jitter_seconds

    @field_validator("status")
    @classmethod
    def _only_server_errors_have_one(
        cls, status: Literal[500, 503] | None, info: ValidationInfo
    ) -> Literal[500, 503] | None:
        if status is not None and info.data.get("kind") != "server_error":
            raise ValueError("this kind has no status")
        return status

    @field_validator("work_done")
    @classmethod
    def _only_lost_answers_follow_work(cls, work_done: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 (pydantic passes the field's value)
        if work_done and info.data.get("kind") not in _AFTER_WORK:
            raise ValueError("this kind answers")
        return work_done


class FaultRules(_Model):
    """Fault rules in order. The same seed strikes the same calls."""

    seed: int = Field(default=1, ge=0, description="a whole number, 0 or more")
    rules: list[FaultRule] = Field(
        default=[], max_length=100, description="a list of rules, 100 at most"
    )


class Behaviour(_Model):
    """What a sandbox does besides answering. Off, all of it, unless somebody says so.

    `throttle` keeps AWS's documented rates; `realistic` lets changes take effect as late as they
    were recorded to.
    """

    faults: FaultRules = FaultRules()
    throttle: bool = Field(default=False, description="true or false")
    realistic: bool = Field(default=False, description="true or false")

    def but(
        self,
        *,
        faults: FaultRules | None = None,
        throttle: bool | None = None,
        realistic: bool | None = None,
    ) -> Self:
        """The same, with what is given changed."""
        changes = {"faults": faults, "throttle": throttle, "realistic": realistic}
        return self.model_copy(update={k: v for k, v in changes.items() if v is not None})
