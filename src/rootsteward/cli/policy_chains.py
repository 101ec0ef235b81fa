"""In which chains a policy file is judged, so that an answer holds wherever it is attached."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rootsteward.cli.policy_sources import Levels, OnePolicy, Source
from rootsteward.domain.authorization import Level, NamedDocument, PolicyType
from rootsteward.domain.errors import InputError
from rootsteward.policy.document import Effect
from rootsteward.policy.parse import parse_document
from rootsteward.policy.prove.api import (
    prove_all,
    prove_closes_nothing,
    prove_opens_nothing_else,
)
from rootsteward.policy.prove.budget import DEFAULT_STEPS
from rootsteward.policy.prove.chain import FULL_ACCESS, Chain
from rootsteward.policy.prove.proof import Proof
from rootsteward.policy.prove.request_set import RequestSet

ONE_LEVEL = "the level"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two chains to compare."""

    before: Chain
    after: Chain


def _effects(document: NamedDocument) -> set[Effect | None]:
    """The effects of an SCP's statements; None for one that cannot be read."""
    parsed = parse_document(document.text, name=document.name, policy_type=PolicyType.SCP)
    return {statement.effect for statement in parsed.statements}


def level_of(document: NamedDocument) -> Level:
    """One SCP where it is attached: alone, or beside FullAWSAccess when it allows nothing."""
    alone = Effect.ALLOW in _effects(document)
    return Level(ONE_LEVEL, (document,) if alone else (FULL_ACCESS, document))


def chain_of(source: Source) -> Chain:
    """The chain that a single question is asked about."""
    match source:
        case Levels(levels, rcp_levels, partition, account):
            return Chain.read(levels, partition, rcp_levels, account)
        case OnePolicy(document, PolicyType.RCP, partition):
            return _rcp_chain(document, partition)
        case OnePolicy(document, _, partition):
            return Chain.read((level_of(document),), partition)


def pairs_of(old: Source, new: Source) -> tuple[Pair, ...]:
    """The chains in which a change is judged.

    Of an SCP, what it opens is opened by a Deny that no longer applies or by an Allow that now
    does: the first shows beside FullAWSAccess, the second where nothing else allows. An RCP only
    denies.

    Raises:
        InputError: when the two are not of one kind.
    """
    match old, new:
        case Levels(), Levels():
            return (Pair(chain_of(old), chain_of(new)),)
        case OnePolicy(), OnePolicy():
            if old.policy_type is not new.policy_type:
                raise InputError(
                    "an SCP and an RCP cannot be compared", help="name two of one kind"
                )
            if old.policy_type is PolicyType.RCP:
                return (Pair(chain_of(old), chain_of(new)),)
            return _scp_pairs(old, new)
        case _:
            raise InputError(
                "a chain and a policy cannot be compared",
                help="name two policies, or two chain files",
            )


def _scp_pairs(old: OnePolicy, new: OnePolicy) -> tuple[Pair, ...]:
    def chains(*beside: NamedDocument) -> Pair:
        return Pair(
            *(
                Chain.read((Level(ONE_LEVEL, (*beside, one.document)),), one.partition)
                for one in (old, new)
            )
        )

    if not {Effect.DENY} >= _effects(old.document) | _effects(new.document):
        return chains(FULL_ACCESS), chains()
    return (chains(FULL_ACCESS),)


def _rcp_chain(document: NamedDocument, partition: str) -> Chain:
    return Chain.read(None, partition, (Level(ONE_LEVEL, (document,)),))


def prove_opens_nothing(pair: Pair, *, steps: int = DEFAULT_STEPS) -> Proof:
    """Does NEW allow nothing that OLD does not?"""
    nothing = RequestSet.of_actions(())
    return prove_opens_nothing_else(pair.before, pair.after, nothing, steps=steps)


def prove_same(pair: Pair, *, steps: int = DEFAULT_STEPS) -> Proof:
    """Do both allow the same requests? A witness says which of the two it is about."""
    checks = (
        lambda: prove_closes_nothing(pair.before, pair.after, steps=steps),
        lambda: prove_opens_nothing(pair, steps=steps),
    )
    return prove_all("both allow the same requests", checks)


def prove_in_all(pairs: tuple[Pair, ...], prove: Callable[[Pair], Proof]) -> Proof:
    """The same question in every pair: the first that is not proved is the answer."""
    checks = [partial(prove, pair) for pair in pairs]
    return prove_all(None, checks)
