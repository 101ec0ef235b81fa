"""Account ids and ARNs."""

import re
from dataclasses import dataclass
from typing import Self

from rootsteward.domain.errors import InputError

_ACCOUNT_ID = re.compile(r"[0-9]{12}\Z")
_ARN_PARTS = 6
_SHOWN_LENGTH = 60


class AccountId(str):
    """Twelve digits. A `str`, so that it prints, sorts and serializes as itself.

    Raises:
        InputError: when the text is not twelve ASCII digits.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the shape of an account id."""
        if not _ACCOUNT_ID.match(text):
            raise InputError(
                f"`{text:.{_SHOWN_LENGTH}}` is not an account id",
                help="an AWS account id is twelve digits, leading zeros included",
            )
        return super().__new__(cls, text)


@dataclass(frozen=True, slots=True)
class Arn:
    """An Amazon Resource Name: six parts, the last of which may itself hold colons."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> "Arn":
        """Split an ARN.

        Raises:
            InputError: when the text does not have six parts or does not start with `arn`.
        """
        parts = text.split(":", _ARN_PARTS - 1)
        if len(parts) != _ARN_PARTS or parts[0] != "arn":
            raise InputError(
                f"`{text}` is not an ARN",
                help="an ARN reads arn:partition:service:region:account:resource",
            )
        return cls(*parts[1:])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def root_user_arn(account: AccountId, partition: str = "aws") -> str:
    """The ARN of an account's root user, which is also that of its root sessions."""
    return f"arn:{partition}:iam::{account}:root"
