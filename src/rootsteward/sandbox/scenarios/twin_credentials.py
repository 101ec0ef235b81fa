"""What the root users of a twin hold: what was seen of the original's, and what is made up.

Ids, serials and dates that were seen are kept, so that a plan made for the original fits its
twin. Secrets never were seen; the twin's are its own.
"""

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import TypeVar

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import (
    AccessKey,
    Holding,
    MfaDevice,
    NotSeen,
    NotSeenReason,
    Observation,
    Password,
    RootCredentials,
    SigningCertificate,
)
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.scenarios.inventions import ACTIVE_SHARE, draw_holdings
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.credentials import (
    AccessKeyRecord,
    CertificateRecord,
    LoginProfile,
    MfaRecord,
    certificate_body,
    virtual_mfa_serial,
)
from rootsteward.sandbox.world.world import World

_NOBODY_LOOKED = NotSeen(NotSeenReason.UNKNOWN, "nobody looked")
_NOTHING_SEEN = RootCredentials(
    password=_NOBODY_LOOKED,
    access_keys=_NOBODY_LOOKED,
    certificates=_NOBODY_LOOKED,
    mfa=_NOBODY_LOOKED,
)

T = TypeVar("T", Password, AccessKey, SigningCertificate, MfaDevice)


def give_root_credentials(
    world: World,
    seen: Mapping[AccountId, RootCredentials],
    *,
    seed: int,
    invents: bool,
) -> None:
    """Fill every account's root user.

    Accounts of which nothing is in `seen`, and kinds that are `NotSeen` there, hold what the seed
    says (the same whatever is known of other accounts), or nothing without `invents`.
    """
    for account in world.organization.accounts.values():
        random = Random(f"{seed}:{account.id}")  # noqa: S311 (a made-up world)
        made_at = account.joined_at or world.now()
        invented = draw_holdings(random) if invents else ()
        _Giver(world, random, account.id, made_at).give(
            seen.get(account.id, _NOTHING_SEEN), invented
        )


class _Giver:
    """Gives one account's root user what it holds."""

    def __init__(self, world: World, random: Random, account: AccountId, at: datetime) -> None:
        self._world = world
        self._random = random
        self._account = account
        self._at = at

    def give(self, seen: RootCredentials, invented: tuple[str, ...]) -> None:
        """What was seen, kind by kind, and what was made up of the kinds that were not."""
        for password in _items(seen.password, Password(), "password" in invented):
            self._password(password)
        for key in _items(seen.access_keys, AccessKey(""), "key" in invented):
            self._key(key)
        for certificate in _items(seen.certificates, SigningCertificate(""), 0):
            self._certificate(certificate)
        for device in _items(seen.mfa, MfaDevice(""), "mfa" in invented):
            self._mfa(device)

    def _password(self, seen: Password) -> None:
        self._world.root_users.of(self._account).holdings.password = LoginProfile(
            created_at=seen.created_at or self._at, last_used_at=seen.last_used_at
        )

    def _key(self, seen: AccessKey) -> None:
        active = self._random.random() < ACTIVE_SHARE if seen.active is None else seen.active
        self._world.root_users.add_access_key(
            self._account,
            AccessKeyRecord(
                id=seen.id or ids.long_term_key_id(self._random),
                secret=Secret(ids.secret_access_key(self._random)),
                created_at=seen.created_at or self._at,
                active=active,
                last_used_at=seen.last_used_at,
                last_used_service=seen.last_used_service,
                last_used_region=seen.last_used_region,
            ),
        )

    def _certificate(self, seen: SigningCertificate) -> None:
        certificate_id = seen.id or ids.certificate_id(self._random)
        self._world.root_users.add_certificate(
            self._account,
            CertificateRecord(
                id=certificate_id,
                body=certificate_body(certificate_id),
                uploaded_at=seen.uploaded_at or self._at,
                active=seen.active is not False,
            ),
        )

    def _mfa(self, seen: MfaDevice) -> None:
        serial = seen.serial or virtual_mfa_serial(self._account)
        record = MfaRecord(serial, seen.enabled_at or self._at)
        self._world.root_users.add_mfa_device(self._account, record)


def _items(seen: Observation[Holding[T]], blank: T, invented: int) -> list[T]:
    """The items of a kind; blank ones where only their number is known."""
    if isinstance(seen, NotSeen):
        return [blank] * invented
    holding = seen.value
    return list(holding.items) or [blank] * holding.count
