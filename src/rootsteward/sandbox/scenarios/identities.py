"""The identities of a world that clients can use, and the credentials file that names them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId, Arn
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.private_file import write_private_file
from rootsteward.sandbox.world.world import World

MANAGEMENT_PROFILE = "management"


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """An identity with a long-term access key."""

    profile: str
    account: AccountId
    arn: str
    access_key_id: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class RoleIdentity:
    """A role that another profile assumes."""

    profile: str
    account: AccountId
    arn: str
    source_profile: str


Identity = KeyIdentity | RoleIdentity


def identities(world: World) -> list[Identity]:
    """Every identity that has a profile, in the order of the scenario.

    A key that was deleted or switched off meanwhile, or a role that is gone, is left out.
    """
    return list(_identities(world))


def _identities(world: World) -> Iterator[Identity]:
    for holder, profile in world.profiles.items():
        if not holder.startswith("arn:"):
            credential = world.credential(holder)
            if credential is not None:
                caller = credential.caller
                yield KeyIdentity(profile, caller.account, caller.arn, holder, credential.secret)
        elif world.identities.role_by_arn(holder) is not None:
            account = AccountId(Arn.parse(holder).account)
            yield RoleIdentity(profile, account, holder, world.source_profiles[holder])


def listing(world: World) -> list[dict[str, Any]]:
    """The identities for a JSON document, secrets included: they are the sandbox's own."""
    return [_listed(world, identity) for identity in identities(world)]


def _listed(world: World, identity: Identity) -> dict[str, Any]:
    account = world.organization.accounts[identity.account]
    listed = {
        "profile": identity.profile,
        "account": identity.account,
        "account_name": account.name,
        "arn": identity.arn,
    }
    if isinstance(identity, RoleIdentity):
        return listed | {"source_profile": identity.source_profile}
    return listed | {
        "access_key_id": identity.access_key_id,
        "secret_access_key": identity.secret.reveal(),
    }


def credentials_text(world: World, *, region: str, endpoint_url: str) -> str:
    """A credentials file for AWS clients, one profile per identity.

    Region and endpoint are in each profile, so that nothing else has to be configured.
    """
    place = {"region": region, "endpoint_url": endpoint_url}
    session_name = f"sandbox-{int(world.now().timestamp())}"
    sections = []
    for identity in identities(world):
        settings = _settings(identity, session_name) | place
        lines = [f"[{identity.profile}]", *(f"{key} = {settings[key]}" for key in settings)]
        sections.append("\n".join(lines) + "\n")
    return "\n".join(sections)


def _settings(identity: Identity, session_name: str) -> dict[str, str]:
    if isinstance(identity, RoleIdentity):
        return {
            "role_arn": identity.arn,
            "source_profile": identity.source_profile,
            # WHY: the AWS CLI keeps sessions in files, by role and session name; a name of its
            # own keeps it from using the session of a sandbox that is gone.
            "role_session_name": session_name,
        }
    return {
        "aws_access_key_id": identity.access_key_id,
        "aws_secret_access_key": identity.secret.reveal(),
    }


def write_credentials_file(
    world: World, path: Path, *, region: str, endpoint_url: str
) -> list[Identity]:
    """Write the credentials file at once or not at all, readable by its owner only.

    An existing file is replaced. Returns the identities written.

    Raises:
        OperatorError: when the file cannot be written.
    """
    text = credentials_text(world, region=region, endpoint_url=endpoint_url)
    try:
        write_private_file(path, text)
    except OSError as error:
        reason = (error.strerror or "input and output error").lower()
        raise OperatorError(
            f"credentials file `{path}` cannot be written: {reason}",
            help="name a file in a folder that exists and that you may write to",
        ) from None
    return identities(world)
