"""Repairs for a chain or a whole organization: every policy is edited once.

1. For every distinct chain: which statements can block a task, and which levels lack an Allow.
2. For every policy that is to blame: advice when it may not be edited, else the narrowest change
   that is proved (module `change`).
3. All changes are put into every chain, and each chain is proved again and replayed through the
   engine: closes nothing, opens nothing but what was stated, and lets the tasks through.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rootsteward.domain.authorization import Level, NamedDocument
from rootsteward.domain.control_policies import ControlPolicies
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Organization
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import Document, Effect
from rootsteward.policy.prove.chain import ChainLevel
from rootsteward.policy.repair.blocking import level_blocks, statement_blocks
from rootsteward.policy.repair.change import (
    Blame,
    Change,
    NoChange,
    Wish,
    change_policy,
    read_rcp,
    read_scp,
)
from rootsteward.policy.repair.outcome import chain_outcome
from rootsteward.policy.repair.protection import advice_instead_of_edit
from rootsteward.policy.repair.repair import (
    SIZE_LIMIT_CHARACTERS,
    NoRepair,
    Repair,
    RepairPlan,
    Style,
)
from rootsteward.policy.repair.requests import Facts
from rootsteward.policy.syntax_error import PolicySyntaxError

Levels = tuple[Level, ...]
FULL_ACCESS_ID = "p-FullAWSAccess"
ALL_TASKS = tuple(TaskPolicy)


def plan_organization_repairs(
    organization: Organization,
    scps: ControlPolicies,
    rcps: ControlPolicies | None = None,
    *,
    accounts: Iterable[AccountId] | None = None,
    tasks: Iterable[TaskPolicy] = ALL_TASKS,
    style: Style | None = None,
    size_limit: int = SIZE_LIMIT_CHARACTERS,
) -> RepairPlan:
    """Plan repairs so that root sessions can carry out tasks in member accounts.

    Args:
        organization: the tree.
        scps: the service control policies and where they are attached.
        rcps: the resource control policies; they are never edited, but one that blocks is named.
        accounts: only the chains of these; all members when None. Policies are shared, so a
            repair changes other accounts too; `Repair.entities` says where it is attached.
        tasks: the tasks to let through.
        style: how; the narrowest that is proved when None.
        size_limit: characters a policy may have.

    Returns:
        Repairs, what cannot be repaired and why, and what all of it does to every chain.
    """
    wanted = None if accounts is None else set(accounts)
    chains: dict[object, _Chain] = {}
    for account in organization.members():
        if wanted is None or account.id in wanted:
            levels = scps.levels(organization, account.id)
            over_it = None if rcps is None else rcps.levels(organization, account.id)
            if levels is not None or over_it is not None:
                key = tuple(level.documents for one in (levels, over_it) for level in one or ())
                chain = _Chain(levels or (), over_it)
                chains.setdefault(key, chain).add(levels or (), account.id)
    named = {p.id: _Policy(p.name, advice_instead_of_edit(p)) for p in scps.policies.values()}
    named |= {p.id: _Policy(p.name) for p in (rcps.policies.values() if rcps else ())}
    context = (("aws:PrincipalOrgID", organization.id), ("aws:ResourceOrgID", organization.id))
    attached: dict[str, list[str]] = defaultdict(list)
    for policies in (scps, rcps):
        for entity, policy_ids in (policies.attached if policies else {}).items():
            for policy_id in policy_ids:
                attached[policy_id].append(entity)
    wish = Wish(tuple(tasks), style, size_limit, Facts(_partition(scps), context))
    return _Planner(wish, named, attached).plan(tuple(chains.values()))


def plan_repairs(
    levels: Levels,
    *,
    tasks: Iterable[TaskPolicy] = ALL_TASKS,
    style: Style | None = None,
    size_limit: int = SIZE_LIMIT_CHARACTERS,
    protected: Mapping[str, str] | None = None,
    partition: str = "aws",
    rcp_levels: Levels | None = None,
) -> RepairPlan:
    """Plan repairs of one chain; policies are known by their documents' names.

    `rcp_levels` are the RCPs over the same account: never edited, but named where one blocks.
    `protected` maps the names of policies that may not be edited to what to do instead;
    `p-FullAWSAccess` is always among them.
    """
    attached: dict[str, list[str]] = defaultdict(list)
    named: dict[str, _Policy] = {}
    for level in (*levels, *(rcp_levels or ())):
        for document in level.documents:
            attached[document.name].append(level.entity)
            advice = (protected or {}).get(document.name, "")
            named[document.name] = _Policy(document.name, advice)
    wish = Wish(tuple(tasks), style, size_limit, Facts(partition))
    return _Planner(wish, named, attached).plan((_Chain(levels, rcp_levels),))


def _partition(scps: ControlPolicies) -> str:
    """The organization's partition, by the ARN of any policy of its own."""
    arns = (p.arn for p in scps.policies.values() if p.arn.startswith("arn:"))
    return next((arn.split(":")[1] for arn in arns), "aws")


@dataclass(frozen=True, slots=True)
class _Policy:
    name: str
    advice: str = ""


@dataclass(slots=True)
class _Chain:
    """Accounts that have the same policies level by level; `levels` are those of the first."""

    levels: Levels
    rcp_levels: Levels | None = None
    accounts: list[AccountId] = field(default_factory=list)
    others: list[Levels] = field(default_factory=list)
    blocked: set[TaskPolicy] = field(default_factory=set)

    def add(self, levels: Levels, account: AccountId) -> None:
        self.accounts.append(account)
        self.others.append(levels)

    def entities(self, place: int) -> tuple[str, ...]:
        """The entities that stand at one level of the chain."""
        every = (self.levels, *self.others)
        return tuple(dict.fromkeys(levels[place].entity for levels in every))


@dataclass(slots=True)
class _Blames:
    """What was found against one policy, over all chains."""

    statements: dict[int, tuple[TaskPolicy, ...]] = field(default_factory=dict)
    missing: dict[TaskPolicy, None] = field(default_factory=dict)

    def blame(self) -> Blame:
        return Blame(dict(sorted(self.statements.items())), tuple(self.missing))


@dataclass(slots=True)
class _Planner:
    wish: Wish
    named: Mapping[str, _Policy]
    attached: Mapping[str, Sequence[str]]
    blames: dict[str, _Blames] = field(default_factory=lambda: defaultdict(_Blames))
    documents: dict[str, Document] = field(default_factory=dict)
    gaps: dict[tuple[str, ...], NoRepair] = field(default_factory=dict)
    malformed: dict[str, NoRepair] = field(default_factory=dict)
    rcps: dict[str, NoRepair] = field(default_factory=dict)
    _known: dict[NamedDocument, Mapping[int, tuple[TaskPolicy, ...]]] = field(default_factory=dict)
    _levels: dict[Level, tuple[TaskPolicy, ...]] = field(default_factory=dict)

    def plan(self, chains: Sequence[_Chain]) -> RepairPlan:
        for chain in chains:
            self._accuse(chain)
        changes: dict[str, Change] = {}
        outcomes: list[Repair | NoRepair] = [*self.malformed.values()]
        for policy_id in sorted(self.blames):
            outcome, change = self._change(policy_id)
            outcomes.append(outcome)
            if change is not None:
                changes[policy_id] = change
        outcomes += [*self.gaps.values(), *self.rcps.values()]
        results = tuple(
            chain_outcome(
                chain.levels,
                chain.rcp_levels,
                tuple(chain.accounts),
                changes,
                chain.blocked,
                self.wish,
            )
            for chain in chains
        )
        return RepairPlan(tuple(outcomes), results)

    def _accuse(self, chain: _Chain) -> None:
        levels = chain.levels
        for place, level in enumerate(levels):
            for named in level.documents:
                found = self._statements(named)
                if found:
                    self.blames[named.name].statements.update(found)
                    chain.blocked.update(t for tasks in found.values() for t in tasks)
            missing = self._missing(level)
            if missing:
                chain.blocked.update(missing)
                self._accuse_level(level, missing, chain.entities(place))
        for level in chain.rcp_levels or ():
            for named in level.documents:
                found = self._statements(named, read_rcp)
                if found:
                    tasks = {task for blocked in found.values() for task in blocked}
                    chain.blocked.update(tasks)
                    self.rcps[named.name] = self._blocking_rcp(named, found)

    def _blocking_rcp(
        self, named: NamedDocument, found: Mapping[int, tuple[TaskPolicy, ...]]
    ) -> NoRepair:
        blame = Blame(found)
        statement = self.documents[named.name].statements[min(found)]
        which = f"statement {statement.index}" + (f" ({statement.sid})" if statement.sid else "")
        return NoRepair(
            named.name,
            self._policy(named.name).name,
            tuple(self.attached.get(named.name, ())),
            blame.tasks,
            tuple(found),
            f"{which} of this resource control policy denies them; only SCPs are repaired",
            _RCP_ADVICE,
        )

    def _statements(
        self, named: NamedDocument, read: Callable[[NamedDocument], Document] = read_scp
    ) -> Mapping[int, tuple[TaskPolicy, ...]]:
        known = self._known.get(named)
        if known is None:
            document = self._read(named, read)
            known = self._known[named] = (
                {}
                if document is None
                else {
                    statement.index: tasks
                    for statement in document.statements
                    if (
                        tasks := statement_blocks(
                            document, statement, self.wish.tasks, self.wish.facts
                        )
                    )
                }
            )
        return known

    def _read(
        self, named: NamedDocument, read: Callable[[NamedDocument], Document] = read_scp
    ) -> Document | None:
        if named.name not in self.documents and named.name not in self.malformed:
            try:
                self.documents[named.name] = read(named)
            except PolicySyntaxError as error:
                self.malformed[named.name] = NoRepair(
                    named.name,
                    self._policy(named.name).name,
                    tuple(self.attached.get(named.name, ())),
                    self.wish.tasks,
                    (),
                    f"it cannot be read: {error.message}",
                    error.help,
                )
        return self.documents.get(named.name)

    def _missing(self, level: Level) -> tuple[TaskPolicy, ...]:
        if level not in self._levels:
            documents = [self._read(named) for named in level.documents]
            parsed = ChainLevel(level.entity, tuple(d for d in documents if d is not None))
            self._levels[level] = level_blocks(parsed, self.wish.tasks, self.wish.facts)
        return self._levels[level]

    def _accuse_level(
        self, level: Level, missing: Sequence[TaskPolicy], entities: tuple[str, ...]
    ) -> None:
        """Blame the first policy of the level that allows anything and may be edited."""
        for named in level.documents:
            document = self.documents.get(named.name)
            if document is None or self._policy(named.name).advice:
                continue
            if any(s.effect is Effect.ALLOW for s in document.statements):
                self.blames[named.name].missing.update(dict.fromkeys(missing))
                return
        self.gaps[entities] = NoRepair(
            "",
            "",
            entities,
            tuple(missing),
            (),
            "no SCP at this level allows the actions of these tasks, and none there may be edited",
            f"attach an SCP to `{entities[0]}` that allows them, for instance FullAWSAccess",
        )

    def _policy(self, policy_id: str) -> _Policy:
        known = self.named.get(policy_id, _Policy(policy_id))
        if policy_id == FULL_ACCESS_ID and not known.advice:
            return _Policy(known.name, "AWS owns this policy")
        return known

    def _change(self, policy_id: str) -> tuple[Repair | NoRepair, Change | None]:
        blame = self.blames[policy_id].blame()
        document = self.documents[policy_id]
        policy = self._policy(policy_id)
        entities = tuple(self.attached.get(policy_id, ()))
        indexes = tuple(blame.statements)
        if policy.advice:
            reason = "it is not yours to edit"
            return NoRepair(
                policy_id, policy.name, entities, blame.tasks, indexes, reason, policy.advice
            ), None
        change = change_policy(document, blame, self.wish)
        if isinstance(change, NoChange):
            return NoRepair(
                policy_id,
                policy.name,
                entities,
                blame.tasks,
                indexes,
                change.reason,
                change.advice,
            ), None
        repair = Repair(
            policy_id=policy_id,
            policy_name=policy.name,
            entities=entities,
            tasks=blame.tasks,
            statements=indexes,
            style=change.style,
            safety=change.safety,
            old=document.source,
            new=change.new,
            opens=change.opens,
            proof=change.proof,
            size_limit=self.wish.size_limit,
            minified=change.minified,
            beyond=change.beyond,
        )
        return repair, change


_RCP_ADVICE = (
    'where it means long-term credentials, add `Null aws:AssumedRoot` "true" to its condition by '
    "hand, and prove the change with `rootsteward policy prove --rcp`"
)
