"""The three answers of the prover."""

from dataclasses import dataclass
from typing import Literal

from rootsteward.domain.authorization import AccessRequest, Answer


@dataclass(frozen=True, slots=True)
class Proved:
    """True for all requests.

    `certificate` holds one representative request for every region that was looked at; every
    request behaves as one of them. `assumptions` are the facts about AWS that the answer needs
    beside the policies, in English.
    """

    question: str
    certificate: tuple[AccessRequest, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["proved"]:
        """The answer in one word."""
        return "proved"


@dataclass(frozen=True, slots=True)
class Refuted:
    """False, and here is a legal request that shows it, replayed through the engine.

    `before` and `after` are the engine's answers to the witness; where only one chain was asked
    about, both are that chain's.
    """

    question: str
    witness: AccessRequest
    before: Answer
    after: Answer
    assumptions: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["refuted"]:
        """The answer in one word."""
        return "refuted"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither, because of `reason`. Never to be read as a yes."""

    question: str
    reason: str
    assumptions: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["unknown"]:
        """The answer in one word."""
        return "unknown"


Proof = Proved | Refuted | Unknown
