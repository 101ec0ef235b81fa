"""The question and the answer of policy evaluation, shared by both voices.

Only shapes live here. How a question is answered is written twice, apart, in `policy` and `spec`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ContextValue = str | tuple[str, ...]


class PolicyType(StrEnum):
    """The kinds of policies that take part in a decision."""

    SCP = "service_control_policy"
    RCP = "resource_control_policy"
    TASK = "task_policy"
    SESSION = "session_policy"
    IDENTITY = "identity_policy"
    BOUNDARY = "permissions_boundary"
    RESOURCE = "resource_policy"


class Decision(StrEnum):
    """The answer. `DEPENDS`: on context nobody knows; `UNDETERMINED`: a policy is unreadable."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    DEPENDS = "depends"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A policy document as stored: `name` is its id or the name people know; `text` is JSON."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Level:
    """One entity of the chain and the policies attached to it (not those it inherits).

    `entity` is an id (`r-…`, `ou-…`, twelve digits) or a name, for the reader only.
    """

    entity: str
    documents: tuple[NamedDocument, ...]


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Everything that can speak about one request.

    `scp_levels` and `rcp_levels` run from the org root down to the account; `None` means that the
    policy type is not in force (management account, type disabled); an empty level is in force
    and allows nothing. `task_policy` marks a root session.
    """

    scp_levels: tuple[Level, ...] | None = None
    rcp_levels: tuple[Level, ...] | None = None
    task_policy: NamedDocument | None = None
    session_policies: tuple[NamedDocument, ...] | None = None
    identity_policies: tuple[NamedDocument, ...] = ()
    permissions_boundary: NamedDocument | None = None
    resource_policy: NamedDocument | None = None


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One request as the service would authorize it.

    `context` maps condition keys to a string, or to a tuple for a multivalued key; key names are
    compared without case. A key that is neither in `context` nor in `unknown_keys`, and that does
    not follow from the principal, is absent. `unknown_keys` are keys whose presence and value
    nobody knows; `spec` takes none.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    unknown_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """The statement that decided, or the level that lacks an Allow (`statement_index` None).

    `statement_index` counts from 0; `line` and `column` from 1, in the document's own text.
    """

    policy_type: PolicyType
    level: str = ""
    policy: str = ""
    statement_index: int | None = None
    sid: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision, the statements behind it, and one line of English that says why.

    `depends_on` names the context keys whose values would decide, in order of first use.
    """

    decision: Decision
    by: tuple[DecidedBy, ...] = ()
    depends_on: tuple[str, ...] = ()
    why: str = ""
