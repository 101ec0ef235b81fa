"""Identifiers in the shapes AWS gives them, drawn from the world's own random source."""

import string
from random import Random

from rootsteward.domain.identifiers import AccountId

_LOWER = string.ascii_lowercase + string.digits
# SOURCE: access key ids and unique ids are base 32 as in RFC 4648.
_BASE32 = string.ascii_uppercase + "234567"
_BASE64 = string.ascii_letters + string.digits + "+/"
_OPAQUE_START = "FwoGZXIvYXdzE"
_TOKEN_BYTES = 216


def _draw(random: Random, alphabet: str, length: int) -> str:
    return "".join(random.choices(alphabet, k=length))


def account_id(random: Random) -> AccountId:
    """Twelve digits, the first of them not zero."""
    return AccountId(str(random.randint(10**11, 10**12 - 1)))


def organization_id(random: Random) -> str:
    """`o-` and ten characters."""
    return "o-" + _draw(random, _LOWER, 10)


def org_root_id(random: Random) -> str:
    """`r-` and four characters."""
    return "r-" + _draw(random, _LOWER, 4)


def unit_id(random: Random, org_root: str) -> str:
    """`ou-`, the characters of the org root's id, and eight of its own."""
    return f"ou-{org_root.removeprefix('r-')}-{_draw(random, _LOWER, 8)}"


def policy_id(random: Random) -> str:
    """`p-` and eight characters."""
    return "p-" + _draw(random, _LOWER, 8)


def resource_policy_id(random: Random) -> str:
    """`rp-` and eight characters."""
    return "rp-" + _draw(random, _LOWER, 8)


def create_account_request_id(random: Random) -> str:
    """`car-` and 32 hexadecimal characters."""
    return "car-" + _draw(random, "0123456789abcdef", 32)


def long_term_key_id(random: Random) -> str:
    """An access key id of an IAM user or a root user."""
    return "AKIA" + _draw(random, _BASE32, 16)


def session_key_id(random: Random) -> str:
    """An access key id of temporary credentials."""
    return "ASIA" + _draw(random, _BASE32, 16)


def secret_access_key(random: Random) -> str:
    """Forty characters."""
    return _draw(random, _BASE64, 40)


def session_token(random: Random, least_bytes: int = 0) -> str:
    """A token: opaque to clients, so any text of a plausible length will do."""
    size = max(_TOKEN_BYTES, least_bytes)
    return _OPAQUE_START + _draw(random, _BASE64, size - len(_OPAQUE_START))


def user_unique_id(random: Random) -> str:
    """The unique id of an IAM user."""
    return "AIDA" + _draw(random, _BASE32, 17)


def role_unique_id(random: Random) -> str:
    """The unique id of a role."""
    return "AROA" + _draw(random, _BASE32, 17)


def policy_unique_id(random: Random) -> str:
    """The unique id of a managed policy."""
    return "ANPA" + _draw(random, _BASE32, 17)


def mfa_seed(random: Random) -> str:
    """The seed of a virtual MFA device: 64 characters of base 32."""
    return _draw(random, _BASE32, 64)


def certificate_id(random: Random) -> str:
    """The id of an X.509 signing certificate."""
    return _draw(random, _BASE32, 32)


def request_id(random: Random) -> str:
    """A request id in the form of a UUID."""
    text = f"{random.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def authorization_id(random: Random) -> str:
    """The id of a denial's details: 25 characters, as recorded (rule card IAM-16)."""
    return _draw(random, _LOWER, 25)
