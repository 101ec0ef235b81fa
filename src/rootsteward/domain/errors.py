"""The errors of the product, in three families: by whose move it is.

`OperatorError`: you can fix the input. `AwsRefusedError`: AWS said no. `BugError`: ours.
Every error has a one-line message in lower case and a help line that says what to do next.
"""

from dataclasses import dataclass


class RootstewardError(Exception):
    """Base of every error this project raises on purpose.

    Attributes:
        message: what happened and where; one line, lower case, user text in backticks.
        help: what to do next; one sentence, or empty when nothing can be done.
    """

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 (the field's name)
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return self.message


class OperatorError(RootstewardError):
    """Something the operator can put right: input, configuration, credentials, network."""


class InputError(OperatorError):
    """A value the operator gave is wrong: an id, a file, an option. Nothing was begun."""


class BugError(RootstewardError):
    """A promise of our own was broken; never the operator's fault."""


class EndpointUnreachableError(OperatorError):
    """No connection was made, so nothing was sent and nothing was done."""


class OutcomeUnknownError(OperatorError):
    """The request was sent and no answer came back: it may or may not have been carried out.

    INVARIANT: never resend a destructive call on this error; look at the account first.
    """


@dataclass(frozen=True, slots=True)
class Refusal:
    """What AWS answered when it said no, word for word.

    `account` is the member account the call was about, where one was; `http_status` is 0 when
    the client library refused before sending.
    """

    code: str
    message: str
    operation: str
    request_id: str = ""
    http_status: int = 0
    account: str = ""


class AwsRefusedError(RootstewardError):
    """AWS said no. `refusal` keeps its code, message and request id unchanged."""

    def __init__(self, refusal: Refusal, *, help: str = "") -> None:  # noqa: A002 (as above)
        where = f" in account {refusal.account}" if refusal.account else ""
        super().__init__(
            f"aws refused {refusal.operation}{where}: {refusal.code}: {refusal.message}", help=help
        )
        self.refusal = refusal


class AccessDeniedError(AwsRefusedError):
    """A policy said no (any of the services' spellings of access denied)."""


class ThrottledError(AwsRefusedError):
    """Too many calls; the call was not carried out and may be repeated later."""


class SessionExpiredError(AwsRefusedError):
    """The credentials are no longer valid; a new session is needed."""


class NotFoundError(AwsRefusedError):
    """The thing asked about does not exist (`NoSuchEntity`, `NoSuchBucketPolicy`, …)."""


class FeatureDisabledError(AwsRefusedError):
    """Centralized root access, or the part the call needs, is switched off."""
