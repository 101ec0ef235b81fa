"""The options of `policy evaluate` and `policy explain`, and the question they make."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Self

import typer

from rootsteward.cli.options import Session, tasks_from
from rootsteward.cli.organization_source import SnapshotOption, control_reader
from rootsteward.cli.policy_sources import read_chain_file, read_levels, read_policy
from rootsteward.cli.policy_view import Names
from rootsteward.domain.authorization import (
    AccessRequest,
    ContextValue,
    Level,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId, Arn, root_user_arn
from rootsteward.domain.task_documents import task_document
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import controls as control_facts
from rootsteward.operations.controls import UNKNOWN_KEYS, Controls
from rootsteward.policy.repair.requests import required_sets

# What the organization would tell and files do not (rule card TASK-03).
_ORGANIZATION_KEYS = frozenset(
    {"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths"}
)
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9_.-]+\Z")
_POLICIES_PANEL = "Policies"
_REQUEST_PANEL = "Request"


def _text(flag: str, help_text: str, panel: str) -> tuple[object, object]:
    return Annotated[str | None, typer.Option(flag, help=help_text, rich_help_panel=panel)], None


def _texts(flag: str, help_text: str, panel: str) -> tuple[object, object]:
    option = typer.Option(flag, help=help_text, rich_help_panel=panel)
    return Annotated[list[str] | None, option], None


@dataclass(frozen=True, slots=True)
class Asked:
    """The request as the options give it. An `OptionGroup`."""

    OPTIONS: ClassVar[Mapping[str, tuple[object, object]]] = {
        "principal": _text(
            "--principal", "ARN of the caller. Default with --account: its root user.", "Request"
        ),
        "action": _text("--action", "The action, such as iam:GetUser.", _REQUEST_PANEL),
        "resource": _text(
            "--resource", "ARN of the resource. Default: the task's, else *.", _REQUEST_PANEL
        ),
        "task": _text(
            "--task",
            "A root session for this task: " + ", ".join(task.slug for task in TaskPolicy) + ".",
            _REQUEST_PANEL,
        ),
        "context": _texts(
            "--context", "KEY=VALUE; repeat a key for several values.", _REQUEST_PANEL
        ),
        "unknown_key": _texts(
            "--unknown-key", "A context key whose value nobody knows.", _REQUEST_PANEL
        ),
    }

    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    task: TaskPolicy | None = None
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    unknown_keys: frozenset[str] = frozenset()

    @classmethod
    def from_options(
        cls,
        *,
        principal: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        task: str | None = None,
        context: list[str] | None = None,
        unknown_key: list[str] | None = None,
    ) -> Self:
        """Read the options.

        Raises:
            InputError: on an unknown task, or a context that is no KEY=VALUE.
        """
        known = read_context(context or [])
        unknown = frozenset(unknown_key or ())
        both = {key.lower() for key in known} & {key.lower() for key in unknown}
        if both:
            raise InputError(
                f"key `{min(both)}` has a value and is said to be unknown",
                help="give it with --context or with --unknown-key, not with both",
            )
        tasks = tasks_from([task]) if task else (None,)
        return cls(principal, action, resource, tasks[0], known, unknown)

    @property
    def given(self) -> bool:
        """Whether any option was given."""
        return self != type(self)()


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the policies are. An `OptionGroup`."""

    OPTIONS: ClassVar[Mapping[str, tuple[object, object]]] = {
        "level": _texts(
            "--level",
            "SCP files of one level, divided by commas; repeat from the organization root down to "
            "the account. FullAWSAccess is AWS's policy.",
            _POLICIES_PANEL,
        ),
        "rcp_level": _texts("--rcp-level", "The same for RCPs.", _POLICIES_PANEL),
        "chain": _text("--chain", "A chain file (YAML) instead of levels.", _POLICIES_PANEL),
        "account": _text(
            "--account", "The SCPs and RCPs of this account, from AWS.", _POLICIES_PANEL
        ),
        "snapshot": (SnapshotOption, None),
        "identity_policy": _texts(
            "--identity-policy", "A policy of the caller; may be repeated.", _POLICIES_PANEL
        ),
        "session_policy": _texts(
            "--session-policy", "A policy of the session; may be repeated.", _POLICIES_PANEL
        ),
        "boundary": _text("--boundary", "The caller's permissions boundary.", _POLICIES_PANEL),
        "resource_policy": _text(
            "--resource-policy", "The policy of the resource.", _POLICIES_PANEL
        ),
    }

    level: tuple[str, ...] = ()
    rcp_level: tuple[str, ...] = ()
    chain: str | None = None
    account: str | None = None
    snapshot: Path | None = None
    identity_policy: tuple[str, ...] = ()
    session_policy: tuple[str, ...] = ()
    boundary: str | None = None
    resource_policy: str | None = None

    @classmethod
    def from_options(cls, **values: object) -> Self:
        """Collect the options; lists become tuples.

        Raises:
            InputError: when the levels are named in more than one way.
        """
        lists = {"level", "rcp_level", "identity_policy", "session_policy"}
        made = cls(**{n: tuple(v or ()) if n in lists else v for n, v in values.items()})  # type: ignore[arg-type] # Typer has checked them
        ways = (bool(made.level or made.rcp_level), bool(made.chain), bool(made.account))
        if sum(ways) > 1:
            raise InputError(
                "the levels are named in more than one way",
                help="give --level and --rcp-level, or --chain, or --account",
            )
        if made.snapshot and not made.account:
            raise InputError(
                "--snapshot without --account", help="say whose policies of the snapshot to use"
            )
        return made

    @property
    def given(self) -> bool:
        """Whether any option was given."""
        return self != type(self)()


@dataclass(frozen=True, slots=True)
class Question:
    """One request, everything that can speak about it, and what things are called."""

    request: AccessRequest
    policies: PolicySet
    names: Names


def read_context(options: Sequence[str]) -> dict[str, ContextValue]:
    """`KEY=VALUE` options; a key that comes again, in any case, has several values.

    Raises:
        InputError: when one is not KEY=VALUE.
    """
    values: dict[str, list[str]] = {}
    spelled: dict[str, str] = {}
    for option in options:
        key, equals, value = option.partition("=")
        if not key or not equals:
            raise InputError(
                f"context `{option}` is not KEY=VALUE",
                help="for example --context aws:SourceIp=203.0.113.7",
            )
        values.setdefault(spelled.setdefault(key.lower(), key), []).append(value)
    return {key: found[0] if len(found) == 1 else tuple(found) for key, found in values.items()}


def question_of(session: Session, asked: Asked, sources: Sources) -> Question:
    """Put the request together and read the policies.

    Raises:
        InputError: when something is missing, or a file is wrong.
    """
    if asked.action is None or not _ACTION.match(asked.action):
        given = "no action" if asked.action is None else f"`{asked.action}` is not an action"
        raise InputError(given, help="a request has one action, for example --action iam:GetUser")
    controls = None
    if sources.account is not None:
        reader = control_reader(session, sources.snapshot)
        controls = control_facts.gather(reader, reader.organization())
        controls.organization.account(AccountId(sources.account))
    principal = _principal(asked, sources, controls)
    request = _request(asked, asked.action, principal, controls)
    scps, rcps = _levels(asked.action, sources, controls)
    partition = controls.partition if controls else "aws"
    policies = PolicySet(
        scp_levels=scps,
        rcp_levels=rcps,
        task_policy=task_document(asked.task, partition) if asked.task else None,
        session_policies=_documents(sources.session_policy, PolicyType.SESSION) or None,
        identity_policies=_documents(sources.identity_policy, PolicyType.IDENTITY),
        permissions_boundary=_document(sources.boundary, PolicyType.BOUNDARY),
        resource_policy=_document(sources.resource_policy, PolicyType.RESOURCE),
    )
    return Question(request, policies, Names(controls))


def _principal(asked: Asked, sources: Sources, controls: Controls | None) -> str:
    principal = asked.principal
    if principal is None:
        if controls is None or sources.account is None:
            raise InputError(
                "no principal", help="for example --principal arn:aws:iam::111122223333:root"
            )
        return root_user_arn(AccountId(sources.account), controls.partition)
    if principal.startswith("arn:"):
        # WHY: of a mistyped caller the engine says, in good faith, that nothing allows it anything.
        AccountId(Arn.parse(principal).account)
    if asked.task and Arn.parse(principal).resource != "root":
        raise InputError(
            f"`{principal}` is no root user, and --task is about a root session",
            help="give --principal arn:aws:iam::ACCOUNT:root, or leave --task out",
        )
    if sources.account is not None and Arn.parse(principal).account != sources.account:
        raise InputError(
            f"`{principal}` is not in account `{sources.account}`",
            help="SCPs are those of the caller's own account",
        )
    return principal


def _request(asked: Asked, action: str, principal: str, controls: Controls | None) -> AccessRequest:
    """What was given wins over what is known of a root session, and that over nothing."""
    known: Mapping[str, ContextValue] = {}
    unknown: frozenset[str] = frozenset()
    resource = asked.resource
    if asked.task is not None:
        base = _session_request(
            asked.task, AccountId(Arn.parse(principal).account), action, controls
        )
        known, unknown = base.context, base.unknown_keys
        resource = resource or base.resource
    elif controls is not None:
        account = AccountId(Arn.parse(principal).account)
        live = control_facts.session_request(controls, account, action).context
        known = {k: v for k, v in live.items() if k.startswith("aws:PrincipalOrg")}
    said = {key.lower() for key in (*asked.context, *asked.unknown_keys)}
    context = {k: v for k, v in known.items() if k.lower() not in said}
    return AccessRequest(
        principal=principal,
        action=action,
        resource=resource or "*",
        context={**context, **asked.context},
        unknown_keys=asked.unknown_keys | {k for k in unknown if k.lower() not in said},
    )


def _session_request(
    task: TaskPolicy, account: AccountId, action: str, controls: Controls | None
) -> AccessRequest:
    """The request of a root session, as far as it can be known beforehand."""
    if controls is not None:
        return control_facts.session_request(controls, account, action)
    known: dict[str, ContextValue] = {
        "aws:ResourceAccount": account,
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
    }
    unknown = UNKNOWN_KEYS | _ORGANIZATION_KEYS
    if action.lower().startswith("iam:"):
        known["aws:RequestedRegion"] = "us-east-1"  # rule card IAM-21
    else:
        unknown = unknown | {"aws:RequestedRegion"}
    resources = (
        resource
        for one in required_sets(task, account)
        if action.lower() in {a.lower() for a in one.actions or ()}
        for resource in one.resources or ()
    )
    return AccessRequest(root_user_arn(account), action, next(resources, "*"), known, unknown)


def _levels(
    action: str, sources: Sources, controls: Controls | None
) -> tuple[tuple[Level, ...] | None, tuple[Level, ...] | None]:
    """SCP and RCP levels; None where the type is not in force."""
    if sources.chain is not None:
        chain = read_chain_file(Path(sources.chain))
        return chain.levels, chain.rcp_levels
    if controls is None or sources.account is None:
        return (
            read_levels(sources.level) or None,
            read_levels(sources.rcp_level, PolicyType.RCP) or None,
        )
    # Which actions RCPs speak about does not depend on the task (rule card RCP-20).
    live = control_facts.policies_for(
        controls, AccountId(sources.account), TaskPolicy.AUDIT, action
    )
    return live.scp_levels, live.rcp_levels


def _document(reference: str | None, policy_type: PolicyType) -> NamedDocument | None:
    return None if reference is None else read_policy(reference, policy_type)


def _documents(references: Sequence[str], policy_type: PolicyType) -> tuple[NamedDocument, ...]:
    return tuple(read_policy(reference, policy_type) for reference in references)
