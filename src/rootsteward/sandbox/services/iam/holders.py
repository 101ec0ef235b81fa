"""What users and roles have in common: refusals, and documents that IAM must be able to read.

Rule card IAM-10.
"""

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.call import Params, ServiceError
from rootsteward.sandbox.world.identities import IamUser, Role
from rootsteward.spec import read_document


def exists_already(message: str) -> ServiceError:
    """The name is taken."""
    return ServiceError("EntityAlreadyExists", message, 409)


def delete_conflict(message: str) -> ServiceError:
    """Something has to go first."""
    return ServiceError("DeleteConflict", message, 409)


def check_deletable(holder: IamUser | Role) -> None:
    """Refuse to delete a user or role that has policies.

    Raises:
        ServiceError: `DeleteConflict`.
    """
    if holder.inline:
        raise delete_conflict("Cannot delete entity, must delete policies first.")
    if holder.managed:
        raise delete_conflict("Cannot delete entity, must detach all policies first.")


def refuse_boundary(params: Params) -> None:
    """The sandbox has boundaries in its worlds and no call that sets one.

    Raises:
        ServiceError: `NotImplemented`.
    """
    if "PermissionsBoundary" in params:
        raise ServiceError("NotImplemented", "the sandbox does not implement PermissionsBoundary")


def readable(text: str, policy_type: PolicyType) -> str:
    """A document that IAM would store.

    Raises:
        ServiceError: `MalformedPolicyDocument`.
    """
    try:
        read_document(text, policy_type)
    except OperatorError:
        raise ServiceError("MalformedPolicyDocument", "Syntax errors in policy.", 400) from None
    return text
