"""The service-linked role that every account of an organization has (rule card IAM-17)."""

import json
from base64 import b32encode
from hashlib import sha256

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.services.iam.aws_policies import AWS_POLICIES
from rootsteward.sandbox.world.identities import Role
from rootsteward.sandbox.world.world import World

_NAME = "AWSServiceRoleForOrganizations"
_SERVICE = "organizations.amazonaws.com"
_POLICY = "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": _SERVICE}, "Action": "sts:AssumeRole"}
    ],
}
_DESCRIPTION = (
    "Service-linked role used by AWS Organizations to enable integration of other AWS services "
    "with Organizations."
)
_UNIQUE_CHARACTERS = 17


def ensure_service_role(world: World, account: AccountId) -> None:
    """Make the role on first sight, as root users are.

    WHY not with the account: fifty thousand accounts would hold a role that nobody looks at.
    """
    member = world.organization.accounts.get(account)
    if member is None or world.identities.role(account, _NAME) is not None:
        return
    # WHY of the account: a draw from the world's random source would change what comes after it.
    unique = b32encode(sha256(account.encode()).digest()).decode()[:_UNIQUE_CHARACTERS]
    role = Role(
        account=account,
        name=_NAME,
        unique_id=f"AROA{unique}",
        trust=NamedDocument("trust policy", json.dumps(_TRUST)),
        created_at=member.joined_at or world.now(),
        path=f"/aws-service-role/{_SERVICE}/",
        managed={_POLICY: AWS_POLICIES[_POLICY].document},
        description=_DESCRIPTION,
    )
    world.identities.add_role(role)


def check_modifiable(role: Role) -> None:
    """Refuse changes to a service-linked role.

    Raises:
        ServiceError: `UnmodifiableEntity`.
    """
    if role.service_linked:
        raise ServiceError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{role.name}' - this role is "
            "only modifiable by AWS",
        )
