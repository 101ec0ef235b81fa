"""How long the documents of IAM may be (rule card IAM-13). White space does not count."""

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.world.identities import IamUser, Role

# SOURCE: the quotas that a recorded account summary shows; those of inline policies are sums.
MOST_MANAGED_CHARACTERS = 6_144
MOST_TRUST_CHARACTERS = 2_048
_MOST_INLINE_CHARACTERS = {"user": 2_048, "role": 10_240}
_WHITE_SPACE = str.maketrans("", "", " \t\r\n")


def counted(text: str) -> int:
    """The characters of a document that count."""
    return len(text.translate(_WHITE_SPACE))


def check_managed_size(text: str) -> None:
    """Refuse a managed policy that is too long.

    Raises:
        ServiceError: `LimitExceeded`.
    """
    if counted(text) > MOST_MANAGED_CHARACTERS:
        raise _exceeded(f"Cannot exceed quota for PolicySize: {MOST_MANAGED_CHARACTERS}")


def check_trust_size(text: str) -> None:
    """Refuse a trust policy that is too long.

    Raises:
        ServiceError: `LimitExceeded`.
    """
    if counted(text) > MOST_TRUST_CHARACTERS:
        raise _exceeded(f"Cannot exceed quota for ACLSizePerRole: {MOST_TRUST_CHARACTERS}")


def check_inline_size(holder: IamUser | Role, name: str, text: str) -> None:
    """Refuse an inline policy with which a user's or role's are too long together.

    Raises:
        ServiceError: `LimitExceeded`.
    """
    kind = "user" if isinstance(holder, IamUser) else "role"
    most = _MOST_INLINE_CHARACTERS[kind]
    others = sum(counted(p.text) for p in holder.inline.values() if p.name != name)
    if others + counted(text) > most:
        raise _exceeded(f"Maximum policy size of {most} bytes exceeded for {kind} {holder.name}")


def _exceeded(message: str) -> ServiceError:
    return ServiceError("LimitExceeded", message, 409)
