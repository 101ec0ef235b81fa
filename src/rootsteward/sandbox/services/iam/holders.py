"""What users and roles have in common when they are made and deleted.

Rule card IAM-10.
"""

from typing import Any

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.world.identities import IamUser, Role


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


def shown_boundary(holder: IamUser | Role) -> dict[str, Any]:
    """The member for a holder's permissions boundary; nothing when it has none."""
    if holder.boundary is None:
        return {}
    boundary = {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": holder.boundary.name,
    }
    return {"PermissionsBoundary": boundary}
