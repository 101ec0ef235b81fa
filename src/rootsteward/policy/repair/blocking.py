"""Which statements and levels can stand in the way of a root task, for any context."""

from collections.abc import Sequence

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import Document, Effect, Statement
from rootsteward.policy.prove.budget import Budget, OutOfBudgetError
from rootsteward.policy.prove.cells import variables
from rootsteward.policy.prove.chain import ChainLevel
from rootsteward.policy.prove.circuit import FALSE
from rootsteward.policy.prove.model import Model
from rootsteward.policy.prove.request_set import RequestSet
from rootsteward.policy.prove.search import Search
from rootsteward.policy.repair.requests import Facts, rcp_sets, required_sets


def statement_blocks(
    document: Document, statement: Statement, tasks: Sequence[TaskPolicy], facts: Facts
) -> tuple[TaskPolicy, ...]:
    """The tasks of which a Deny, or what might be one, can hit a request, in some context.

    A statement that cannot be worked out is taken to hit. Of a task, RCPs are asked only about what
    they speak about.
    """
    if statement.effect is Effect.ALLOW:
        return ()
    sets = rcp_sets if document.policy_type is PolicyType.RCP else _scp_sets
    return tuple(
        task
        for task in tasks
        if any(can_apply(document, statement, s, facts.partition) for s in sets(task, facts))
    )


def _scp_sets(task: TaskPolicy, facts: Facts) -> tuple[RequestSet, ...]:
    return required_sets(task, facts=facts)


def level_blocks(
    level: ChainLevel, tasks: Sequence[TaskPolicy], facts: Facts
) -> tuple[TaskPolicy, ...]:
    """The tasks of which no Allow of the level covers every request (rule card SCP-03)."""
    return tuple(
        task
        for task in tasks
        if any(_can_lack_allow(level, s, facts.partition) for s in required_sets(task, facts=facts))
    )


def can_apply(
    document: Document, statement: Statement, requests: RequestSet, partition: str
) -> bool:
    """Whether a statement can apply to a request of the set; in doubt, it can."""
    model = Model(requests)
    node = model.applies(document, statement)
    return _possible(model, node, requests, partition)


def _can_lack_allow(level: ChainLevel, requests: RequestSet, partition: str) -> bool:
    model = Model(requests)
    allows = [
        model.applies(document, statement)
        for document in level.documents
        for statement in document.statements
        if statement.effect is Effect.ALLOW
    ]
    node = model.circuit.negation(model.circuit.disjunction(allows))
    return _possible(model, node, requests, partition)


def _possible(model: Model, node: int, requests: RequestSet, partition: str) -> bool:
    if node == FALSE:
        return False
    inside = model.member(requests)
    budget = Budget()
    try:
        parts = variables(model.atoms, requests, partition, budget)
        both = model.circuit.conjunction([inside, node])
        return Search(model.circuit, parts, budget).find(both) is not None
    except OutOfBudgetError:
        return True
