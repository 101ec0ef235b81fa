"""Questions about chains of SCPs and RCPs, answered for all requests.

Every function answers *proved*, *refuted* with a witness that the engine and the specification have
confirmed, or *unknown because …*. What counts as a request is written down in `docs/proof.md`:
callers are the principals of a member account that SCPs bind, and outsiders where RCPs are in
force; a root session has `aws:AssumedRoot` "true" and nobody else has the key; keys hold values of
their kind. Nothing here reads a clock: a budget is a number of steps.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from rootsteward.domain.authorization import AccessRequest, Decision
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.prove.budget import DEFAULT_STEPS, Budget
from rootsteward.policy.prove.chain import Chain
from rootsteward.policy.prove.model import Keep, Model
from rootsteward.policy.prove.proof import Proof, Proved, Refuted, Unknown
from rootsteward.policy.prove.question import Confirm, Formula, NoAnswer, Nowhere, Question
from rootsteward.policy.prove.request_set import RequestSet, Who, actions_of
from rootsteward.policy.prove.witness import decision_of_both, replay

SESSIONS_KEEP_TO_TASKS = (
    "a root session can carry out nothing but the actions of the five task policies (TASK-01)"
)
"""The one assumption a question may make beside the policies; off unless asked for."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What may be taken for granted about requests, beside what AWS documents of their context."""

    sessions_keep_to_tasks: bool = False

    def texts(self) -> tuple[str, ...]:
        """In English."""
        return (SESSIONS_KEEP_TO_TASKS,) if self.sessions_keep_to_tasks else ()

    def formula(self, model: Model) -> int:
        """The requests that the assumptions leave possible."""
        circuit = model.circuit
        if not self.sessions_keep_to_tasks:
            return circuit.conjunction(())
        beyond = circuit.negation(model.member(RequestSet.of_actions(actions_of(TaskPolicy))))
        session = model.member(RequestSet.root_sessions())
        return circuit.negation(circuit.conjunction([session, beyond]))


NO_ASSUMPTIONS = Assumptions()


def prove_opens_nothing_else(
    before: Chain,
    after: Chain,
    stated: RequestSet,
    *,
    assumptions: Assumptions = NO_ASSUMPTIONS,
    steps: int = DEFAULT_STEPS,
) -> Proof:
    """Is every request that only `after` allows in the stated set?"""

    def formula(model: Model, keep: Keep | None) -> int:
        circuit = model.circuit
        return circuit.conjunction(
            [
                model.allowed(after, keep),
                circuit.negation(model.allowed(before, keep)),
                circuit.negation(model.member(stated)),
                assumptions.formula(model),
            ]
        )

    but = "" if stated.actions == () else f" but {stated.describe()}"
    question = _Asked(f"nothing is opened{but}", before, after, RequestSet.everything())
    return question.answer(formula, _opened(before, after), assumptions, steps)


def prove_closes_nothing(
    before: Chain,
    after: Chain,
    *,
    assumptions: Assumptions = NO_ASSUMPTIONS,
    steps: int = DEFAULT_STEPS,
) -> Proof:
    """Is every request that `before` allows still allowed?"""

    def formula(model: Model, keep: Keep | None) -> int:
        circuit = model.circuit
        return circuit.conjunction(
            [
                model.allowed(before, keep),
                circuit.negation(model.allowed(after, keep)),
                assumptions.formula(model),
            ]
        )

    question = _Asked("nothing is closed", before, after, RequestSet.everything())
    return question.answer(formula, _opened(after, before), assumptions, steps)


def prove_always_allowed(
    chain: Chain, requests: RequestSet, *, steps: int = DEFAULT_STEPS
) -> Proof:
    """Is every request of the set allowed, whatever its context is?"""

    def formula(model: Model, keep: Keep | None) -> int:
        return model.circuit.negation(model.allowed(chain, keep))

    question = _Asked(f"{requests.describe()} is always allowed", chain, chain, requests)
    return question.answer(formula, lambda r: _denies(r, chain), NO_ASSUMPTIONS, steps)


def prove_never_allowed(chain: Chain, requests: RequestSet, *, steps: int = DEFAULT_STEPS) -> Proof:
    """Can no request of the set ever be allowed? *Refuted* has one that is."""

    def formula(model: Model, keep: Keep | None) -> int:
        return model.allowed(chain, keep)

    question = _Asked(f"{requests.describe()} is never allowed", chain, chain, requests)
    return question.answer(formula, lambda r: _allows(r, chain), NO_ASSUMPTIONS, steps)


def prove_opens_exactly(
    before: Chain,
    after: Chain,
    stated: RequestSet,
    *,
    allowed: tuple[RequestSet, ...] | None = None,
    assumptions: Assumptions = NO_ASSUMPTIONS,
    steps: int = DEFAULT_STEPS,
) -> Proof:
    """Is *after* equal to *before* plus exactly the stated set?

    Three checks: nothing outside the set is opened, nothing is closed, and the set is allowed
    afterwards. `allowed` narrows the last one, for sets that other policies keep partly shut.
    """
    inside = (stated,) if allowed is None else allowed
    checks: list[Callable[[], Proof]] = [
        lambda: prove_closes_nothing(before, after, assumptions=assumptions, steps=steps),
        lambda: prove_opens_nothing_else(
            before, after, stated, assumptions=assumptions, steps=steps
        ),
        *(partial(prove_always_allowed, after, one, steps=steps) for one in inside),
    ]
    return prove_all(f"exactly {stated.describe()} is opened", checks)


def prove_equivalent(one: Chain, other: Chain, *, steps: int = DEFAULT_STEPS) -> Proof:
    """Do two chains allow the same requests?"""
    checks = (
        lambda: prove_closes_nothing(one, other, steps=steps),
        lambda: prove_opens_nothing_else(one, other, RequestSet.of_actions(()), steps=steps),
    )
    return prove_all("the two chains allow the same requests", checks)


def prove_all(question: str | None, checks: Iterable[Callable[[], Proof]]) -> Proof:
    """Several checks as one: the first that is refuted is the answer, else one that is unknown.

    `question` is what all of them prove together; that of the last one when None.
    """
    certificate: list[AccessRequest] = []
    assumptions: dict[str, None] = {}
    unknown: Unknown | None = None
    claim = ""
    for check in checks:
        match check():
            case Refuted() as refuted:
                return refuted
            case Unknown() as proof:
                unknown = unknown or proof
            case Proved(claim, requests, texts):
                certificate += requests
                assumptions |= dict.fromkeys(texts)
    return unknown or Proved(question or claim, tuple(certificate), tuple(assumptions))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A claim about two chains, which is false as soon as one request breaks it."""

    claim: str
    before: Chain
    after: Chain
    within: RequestSet

    def answer(
        self, formula: Formula, confirm: Confirm, assumptions: Assumptions, steps: int
    ) -> Proof:
        question = Question(self.before, self.after, self.within, Budget(steps))
        match question.ask(formula, confirm):
            case Nowhere(regions):
                return Proved(self.claim, regions, assumptions.texts())
            case NoAnswer(reason):
                return Unknown(self.claim, reason, assumptions.texts())
            case found:
                return Refuted(
                    self.claim,
                    found.witness,
                    replay(found.witness, self.before),
                    replay(found.witness, self.after),
                    assumptions.texts(),
                )


def _allows(request: AccessRequest, chain: Chain) -> bool:
    return decision_of_both(request, chain) is Decision.ALLOWED


def _denies(request: AccessRequest, chain: Chain) -> bool:
    """Whether the chain denies for certain.

    WHY not "does not allow": what an unreadable policy does with a request refutes nothing.
    """
    return decision_of_both(request, chain) in {Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY}


def _opened(before: Chain, after: Chain) -> Confirm:
    def confirm(request: AccessRequest) -> bool:
        return _allows(request, after) and _denies(request, before)

    return confirm


__all__ = [
    "NO_ASSUMPTIONS",
    "SESSIONS_KEEP_TO_TASKS",
    "Assumptions",
    "Who",
    "prove_all",
    "prove_always_allowed",
    "prove_closes_nothing",
    "prove_equivalent",
    "prove_never_allowed",
    "prove_opens_exactly",
    "prove_opens_nothing_else",
]
