"""IAM users, roles and temporary sessions of every account."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.call import Caller
from rootsteward.sandbox.world.credentials import AccessKeyRecord, Holdings

ADMINISTRATOR_ACCESS = NamedDocument(
    "arn:aws:iam::aws:policy/AdministratorAccess",
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
)
# WHY an hour: a client that still holds an expired session must hear that it has expired.
_KEEP_EXPIRED = timedelta(hours=1)
_SWEEP_EVERY = 1000
_ARN_COLONS = 5


@dataclass(slots=True)
class IamUser:
    """An IAM user. `inline` and `managed` are its policies by name and by ARN."""

    account: AccountId
    name: str
    unique_id: str
    created_at: datetime
    path: str = "/"
    inline: dict[str, NamedDocument] = field(default_factory=dict)
    managed: dict[str, NamedDocument] = field(default_factory=dict)
    boundary: NamedDocument | None = None
    tags: dict[str, str] = field(default_factory=dict)
    holdings: Holdings = field(default_factory=Holdings)

    @property
    def arn(self) -> str:
        """The user's ARN, path included."""
        return f"arn:aws:iam::{self.account}:user{self.path}{self.name}"

    def policies(self) -> tuple[NamedDocument, ...]:
        """Every identity policy."""
        return (*self.inline.values(), *self.managed.values())


@dataclass(slots=True)
class Role:
    """A role. `trust` says who may assume it; `max_session_seconds` for how long."""

    account: AccountId
    name: str
    unique_id: str
    trust: NamedDocument
    created_at: datetime
    path: str = "/"
    inline: dict[str, NamedDocument] = field(default_factory=dict)
    managed: dict[str, NamedDocument] = field(default_factory=dict)
    boundary: NamedDocument | None = None
    tags: dict[str, str] = field(default_factory=dict)
    max_session_seconds: int = 3600
    description: str = ""

    @property
    def arn(self) -> str:
        """The role's ARN, path included."""
        return f"arn:aws:iam::{self.account}:role{self.path}{self.name}"

    @property
    def service_linked(self) -> bool:
        """Whether neither SCPs nor RCPs restrict it."""
        return self.path.startswith("/aws-service-role/")

    def session_arn(self, session_name: str) -> str:
        """The ARN of a session of this role; it has no path."""
        return f"arn:aws:sts::{self.account}:assumed-role/{self.name}/{session_name}"

    def policies(self) -> tuple[NamedDocument, ...]:
        """Every identity policy."""
        return (*self.inline.values(), *self.managed.values())


@dataclass(frozen=True, slots=True)
class Session:
    """Temporary credentials, with the policies that were given to them when they were issued.

    `task_document` marks a root session (rule card ROOT-07); `session_policies` are those passed
    to `AssumeRole`, None when none were. Managed ones among them may have changed since.
    """

    caller: Caller
    secret: Secret
    token: Secret
    expires_at: datetime
    task_document: NamedDocument | None = None
    session_policies: tuple[NamedDocument, ...] | None = None


@dataclass(slots=True)
class Identities:
    """Users and roles by account and name; sessions by access key id.

    INVARIANT: a name is unique in its account without regard to case; an access key id is unique.
    """

    _users: dict[AccountId, dict[str, IamUser]] = field(default_factory=dict)
    _roles: dict[AccountId, dict[str, Role]] = field(default_factory=dict)
    _user_of_key: dict[str, IamUser] = field(default_factory=dict)
    _sessions: dict[str, Session] = field(default_factory=dict)

    # --- users

    def add_user(self, user: IamUser) -> None:
        """Add a user; keys it already holds can sign from now on.

        Raises:
            OperatorError: when the name is taken.
        """
        users = self._users.setdefault(user.account, {})
        if user.name.casefold() in users:
            raise OperatorError(f"account `{user.account}` has a user `{user.name}` already")
        users[user.name.casefold()] = user
        for key in user.holdings.keys():  # noqa: SIM118 (records, not the ids of a dict)
            self._user_of_key[key.id] = user

    def user(self, account: AccountId, name: str) -> IamUser | None:
        """A user by name."""
        return self._users.get(account, {}).get(name.casefold())

    def users_in(self, account: AccountId) -> Iterator[IamUser]:
        """The users of an account."""
        return iter(self._users.get(account, {}).values())

    def remove_user(self, user: IamUser) -> None:
        """Delete a user with everything it holds."""
        del self._users[user.account][user.name.casefold()]
        for key_id in user.holdings.access_keys:
            del self._user_of_key[key_id]

    def add_key(self, user: IamUser, key: AccessKeyRecord) -> None:
        """Give a user an access key.

        Raises:
            OperatorError: when the id is taken.
        """
        if key.id in self._user_of_key:
            raise OperatorError(f"access key `{key.id}` exists already")
        user.holdings.access_keys[key.id] = key
        self._user_of_key[key.id] = user

    def remove_key(self, user: IamUser, key_id: str) -> None:
        """Delete a user's access key."""
        del user.holdings.access_keys[key_id]
        del self._user_of_key[key_id]

    def find_key(self, key_id: str) -> tuple[IamUser, AccessKeyRecord] | None:
        """The user and record of a long-term key."""
        user = self._user_of_key.get(key_id)
        return None if user is None else (user, user.holdings.access_keys[key_id])

    # --- roles

    def add_role(self, role: Role) -> None:
        """Add a role.

        Raises:
            OperatorError: when the name is taken.
        """
        roles = self._roles.setdefault(role.account, {})
        if role.name.casefold() in roles:
            raise OperatorError(f"account `{role.account}` has a role `{role.name}` already")
        roles[role.name.casefold()] = role

    def remove_role(self, role: Role) -> None:
        """Delete a role; its sessions lose what it could do."""
        del self._roles[role.account][role.name.casefold()]

    def role(self, account: AccountId, name: str) -> Role | None:
        """A role by name, without its path."""
        return self._roles.get(account, {}).get(name.casefold())

    def roles_in(self, account: AccountId) -> Iterator[Role]:
        """The roles of an account."""
        return iter(self._roles.get(account, {}).values())

    def role_by_arn(self, arn: str) -> Role | None:
        """A role by its exact ARN."""
        account = arn.split(":")[4] if arn.count(":") >= _ARN_COLONS else ""
        roles = self._roles.get(cast("AccountId", account), {}).values()
        return next((role for role in roles if role.arn == arn), None)

    def holders_in(self, account: AccountId) -> Iterator[IamUser | Role]:
        """The users and roles of an account."""
        yield from self.users_in(account)
        yield from self.roles_in(account)

    # --- sessions

    def issue(self, session: Session, now: datetime) -> None:
        """Hold a session until well after it expires."""
        self._sessions[session.caller.access_key_id] = session
        if len(self._sessions) % _SWEEP_EVERY == 0:
            self._sweep(now)

    def session(self, key_id: str) -> Session | None:
        """The session of an access key id, expired or not."""
        return self._sessions.get(key_id)

    def _sweep(self, now: datetime) -> None:
        dead = [k for k, s in self._sessions.items() if s.expires_at + _KEEP_EXPIRED < now]
        for key_id in dead:
            del self._sessions[key_id]
