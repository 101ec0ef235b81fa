"""What all repairs together do to one chain."""

from collections.abc import Collection, Mapping, Sequence

from rootsteward.domain.authorization import AccessRequest, Level, NamedDocument
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.prove.api import (
    Assumptions,
    prove_always_allowed,
    prove_closes_nothing,
    prove_opens_nothing_else,
)
from rootsteward.policy.prove.chain import Chain
from rootsteward.policy.prove.proof import Proof, Proved, Unknown
from rootsteward.policy.prove.request_set import RequestSet, Who
from rootsteward.policy.repair.change import Change, Wish
from rootsteward.policy.repair.repair import ChainOutcome
from rootsteward.policy.repair.requests import all_required
from rootsteward.policy.syntax_error import PolicySyntaxError

_WIDEST_LAST = (Who.ROOT_SESSION, Who.ROOT_USER, Who.ANYONE)


def chain_outcome(
    levels: tuple[Level, ...],
    rcp_levels: tuple[Level, ...] | None,
    accounts: tuple[AccountId, ...],
    changes: Mapping[str, Change],
    blocked: Collection[TaskPolicy],
    wish: Wish,
) -> ChainOutcome:
    """Put the changes into a chain and judge the whole of it again."""
    after = tuple(_changed(level, changes) for level in levels)
    inside = [changes[d.name] for level in levels for d in level.documents if d.name in changes]
    try:
        partition = wish.facts.partition
        before = Chain.read(levels, partition, rcp_levels)
        proof, still = _judge(before, Chain.read(after, partition, rcp_levels), inside, wish)
    except PolicySyntaxError as error:
        proof, still = Unknown("the chain's answers", error.message), wish.tasks
    in_order = tuple(task for task in wish.tasks if task in blocked)
    return ChainOutcome(accounts, levels, after, in_order, still, proof)


def _changed(level: Level, changes: Mapping[str, Change]) -> Level:
    documents = tuple(
        NamedDocument(d.name, changes[d.name].new) if d.name in changes else d
        for d in level.documents
    )
    return Level(level.entity, documents)


def _judge(
    old: Chain, new: Chain, changes: Sequence[Change], wish: Wish
) -> tuple[Proof, tuple[TaskPolicy, ...]]:
    certificate: list[AccessRequest] = []
    still: list[TaskPolicy] = []
    for task in wish.tasks:
        proofs = [prove_always_allowed(new, s) for s in all_required((task,), wish.facts)]
        if all(isinstance(p, Proved) for p in proofs):
            certificate += [r for p in proofs if isinstance(p, Proved) for r in p.certificate]
        else:
            still.append(task)
    stated = _union(changes)
    texts: tuple[str, ...] = ()
    if changes:
        assumptions = Assumptions(any(c.assumptions.sessions_keep_to_tasks for c in changes))
        texts = assumptions.texts()
        for proof in (
            prove_closes_nothing(old, new),
            prove_opens_nothing_else(old, new, stated, assumptions=assumptions),
        ):
            if not isinstance(proof, Proved):
                return proof, tuple(still)
            certificate += proof.certificate
    claim = f"the repairs close nothing and open nothing but {stated.describe()}"
    return Proved(claim, tuple(certificate), texts), tuple(still)


def _union(changes: Sequence[Change]) -> RequestSet:
    """The smallest set of our kind that holds what every change states."""
    whos = {c.stated.who for c in changes}
    who = next((w for w in reversed(_WIDEST_LAST) if w in whos), Who.ROOT_SESSION)
    if any(c.stated.actions is None for c in changes):
        return RequestSet(who)
    actions = dict.fromkeys(a for c in changes for a in c.stated.actions or ())
    return RequestSet(who, tuple(actions))
