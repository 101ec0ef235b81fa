"""One client per service and Region for all accounts, with root-session credentials per call.

WHY: making a botocore client takes 5 ms or more and holds its own connection pool; one per account
would cost minutes and gigabytes for a large organization. Clients are safe to share between
threads, so only the signature has to differ. botocore signs with the `request_credentials` of a
request's signing context when there are any (it does so itself for S3 Express), and the
`before-call` event hands out that context, in the calling thread, after the endpoint is resolved
and before the request is signed. A context variable carries the session from our call to the
event. The clients have no credentials of their own: a call without a session is never sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from rootsteward.domain.root_session import RootSession

_SESSION: ContextVar[RootSession | None] = ContextVar("_SESSION", default=None)


@contextmanager
def signing_as(session: RootSession | None) -> Iterator[None]:
    """Calls made in this thread, within the block, are signed with the session's credentials."""
    token = _SESSION.set(session)
    try:
        yield
    finally:
        _SESSION.reset(token)


# WHY Any: botocore's clients and event arguments have no static types.
def sign_per_call(client: Any) -> None:  # noqa: ANN401 (clients are made at run time)
    """Make a credential-less client sign each call with the session of `signing_as`."""
    events = client.meta.events
    service = client.meta.service_model.service_id.hyphenize()
    events.register(f"before-call.{service}", _bring_credentials)
    if service == "s3":
        events.register("before-call.s3.HeadBucket", _answer_head_bucket)


def _bring_credentials(context: dict[str, Any], **_: object) -> None:
    session = _SESSION.get()
    if session is None:
        return
    context.setdefault("signing", {})["request_credentials"] = Credentials(
        session.access_key_id,
        session.secret_access_key.reveal(),
        session.session_token.reveal(),
    )


def _answer_head_bucket(params: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]]:
    """Answer botocore's own HeadBucket here, as the service would.

    WHY: when a redirect names no Region botocore asks HeadBucket, which a root session may not
    call (rule card S3-40); the attempt would only leave a denied event in the account's trail.
    """
    parsed = {
        "Error": {"Code": "403", "Message": "Forbidden"},
        "ResponseMetadata": {"HTTPStatusCode": 403, "HTTPHeaders": {}, "RetryAttempts": 0},
    }
    return AWSResponse(params["url"], 403, HTTPHeaders(), None), parsed
