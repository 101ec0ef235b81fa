"""The errors of Organizations, in its words where they are known (rule card ORG-06)."""

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.denials import NO_PERMISSIONS

NAME_AND_TYPE_EXIST = "A policy with the specified name and type already exists."


def refusal(code: str, message: str, reason: str | None = None) -> ServiceError:
    """An error; Organizations answers every one of them with status 400."""
    return ServiceError(code, message, members={"Reason": reason} if reason else None)


def constraint(reason: str, message: str) -> ServiceError:
    """A limit or a rule stands in the way."""
    return refusal("ConstraintViolationException", message, reason)


def invalid_input(reason: str, message: str) -> ServiceError:
    """A parameter makes no sense."""
    return refusal("InvalidInputException", message, reason)


def access_denied() -> ServiceError:
    """The account may not make this call, whatever its policies say (rule card ORG-03)."""
    return refusal("AccessDeniedException", NO_PERMISSIONS)


def not_in_use() -> ServiceError:
    """The caller's account belongs to no organization."""
    return refusal(
        "AWSOrganizationsNotInUseException", "Your account is not a member of an organization."
    )


def account_not_found() -> ServiceError:
    """No such account."""
    return refusal("AccountNotFoundException", "You specified an account that doesn't exist.")


def parent_not_found(which: str = "Parent") -> ServiceError:
    """No such parent; `which` may be `SourceParent` or `DestinationParent`."""
    return refusal(f"{which}NotFoundException", "You specified parent that doesn't exist.")


def invalid_policy_type() -> ServiceError:
    """The policy type is not one that the operation is about (recorded)."""
    return invalid_input("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type.")


def target_not_supported() -> ServiceError:
    """The operation is not about targets of this kind (recorded)."""
    return invalid_input(
        "TARGET_NOT_SUPPORTED", "You specified a target that is not currently supported."
    )


def child_not_found() -> ServiceError:
    """No such unit or account."""
    return refusal("ChildNotFoundException", "You specified a child that doesn't exist.")


def unit_not_found() -> ServiceError:
    """No such organizational unit."""
    return refusal(
        "OrganizationalUnitNotFoundException",
        "You specified an organizational unit that doesn't exist.",
    )


def org_root_not_found() -> ServiceError:
    """No such organization root."""
    return refusal("RootNotFoundException", "You specified a root that doesn't exist.")


def target_not_found() -> ServiceError:
    """No such policy target."""
    return refusal("TargetNotFoundException", "You specified a target that doesn't exist.")


def policy_not_found() -> ServiceError:
    """No such policy."""
    return refusal("PolicyNotFoundException", "You specified a policy that doesn't exist.")


def malformed_document() -> ServiceError:
    """The document breaks the rules of its policy type; AWS does not say where."""
    return refusal(
        "MalformedPolicyDocumentException",
        "The provided policy document does not meet the requirements of the specified policy type.",
    )


def concurrent_modification() -> ServiceError:
    """Another request works on the same thing."""
    return refusal(
        "ConcurrentModificationException",
        "AWS Organizations can't complete your request because it conflicts with another attempt "
        "to modify the same entity. Try again later.",
    )
