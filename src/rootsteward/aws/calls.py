"""One call to AWS, as a value: what is called, for whom, and whether it changes anything."""

from dataclasses import dataclass

from rootsteward.domain.root_session import RootSession


@dataclass(frozen=True, slots=True)
class ApiCall:
    """What the error translator, the pace and the retries need to know about a call.

    `account` is the member account the call is about, empty when it is about our own.
    `changes` marks a call that is sent once and never again by the gateway.
    """

    service: str
    operation: str
    region: str = ""
    account: str = ""
    changes: bool = False
    root_session: RootSession | None = None

    @property
    def name(self) -> str:
        """As people and `Refusal.operation` name it, such as `iam:DeleteAccessKey`."""
        return f"{self.service}:{self.operation}"

    @property
    def pace_key(self) -> str:
        """Whose patience the call uses up.

        Calls inside a root session count against the member account, all IAM calls of one account
        together; every other call has its own allowance (rule card IAM-40).
        """
        return f"{self.service}@{self.account}" if self.root_session else self.name


def in_session(
    session: RootSession, service: str, operation: str, *, region: str = "", changes: bool = False
) -> ApiCall:
    """A call made with a root session's credentials, in its account."""
    return ApiCall(service, operation, region, session.account, changes, session)
