"""In which chains a policy file is judged, so that an answer holds wherever it is attached."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rootsteward.domain.authorization import AccessRequest, Level, NamedDocument, PolicyType
from rootsteward.domain.errors import InputError
from rootsteward.policy.document import Effect
from rootsteward.policy.parse import parse_document
from rootsteward.policy.prove.api import prove_closes_nothing, prove_opens_nothing_else
from rootsteward.policy.prove.chain import FULL_ACCESS, Chain
from rootsteward.policy.prove.proof import Proof, Proved
from rootsteward.policy.prove.request_set import RequestSet

Source = tuple[Level, ...] | NamedDocument
"""A whole chain, or one policy."""

ONE_LEVEL = "the level"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two chains to compare."""

    before: Chain
    after: Chain


def allows_something(document: NamedDocument) -> bool:
    """Whether any statement is not a Deny."""
    parsed = parse_document(document.text, name=document.name, policy_type=PolicyType.SCP)
    return any(statement.effect is not Effect.DENY for statement in parsed.statements)


def level_of(document: NamedDocument) -> Level:
    """One policy where it is attached: alone, or beside FullAWSAccess when it allows nothing."""
    alone = allows_something(document)
    return Level(ONE_LEVEL, (document,) if alone else (FULL_ACCESS, document))


def chain_of(source: Source) -> Chain:
    """The chain that a single question is asked about."""
    return Chain.read((level_of(source),) if isinstance(source, NamedDocument) else source)


def pairs_of(old: Source, new: Source) -> tuple[Pair, ...]:
    """The chains in which a change is judged.

    Of a policy, what it opens is opened by a Deny that no longer applies or by an Allow that now
    does: the first shows beside FullAWSAccess, the second where nothing else allows.

    Raises:
        InputError: when one is a chain and the other a policy.
    """
    if not isinstance(old, NamedDocument) and not isinstance(new, NamedDocument):
        return (Pair(Chain.read(old), Chain.read(new)),)
    if not isinstance(old, NamedDocument) or not isinstance(new, NamedDocument):
        raise InputError(
            "a chain and a policy cannot be compared",
            help="name two policies, or two chain files",
        )
    pairs = [Pair(*(Chain.read((Level(ONE_LEVEL, (FULL_ACCESS, d)),)) for d in (old, new)))]
    if allows_something(old) or allows_something(new):
        pairs.append(Pair(*(Chain.read((Level(ONE_LEVEL, (d,)),)) for d in (old, new))))
    return tuple(pairs)


def prove_opens_nothing(pair: Pair) -> Proof:
    """Does NEW allow nothing that OLD does not?"""
    proof = prove_opens_nothing_else(pair.before, pair.after, RequestSet.of_actions(()))
    return replace(proof, question="nothing is opened")


def prove_same(pair: Pair) -> Proof:
    """Do both allow the same requests? A witness says which of the two it is about."""
    certificate: list[AccessRequest] = []
    for proof in (prove_closes_nothing(pair.before, pair.after), prove_opens_nothing(pair)):
        if not isinstance(proof, Proved):
            return proof
        certificate += proof.certificate
    return Proved("both allow the same requests", tuple(certificate))


def prove_in_all(pairs: tuple[Pair, ...], prove: Callable[[Pair], Proof]) -> Proof:
    """The same question in every pair: the first that is not proved is the answer."""
    certificate: list[AccessRequest] = []
    for pair in pairs:
        proof = prove(pair)
        if not isinstance(proof, Proved):
            return proof
        certificate += proof.certificate
    return Proved(proof.question, tuple(certificate), proof.assumptions)
