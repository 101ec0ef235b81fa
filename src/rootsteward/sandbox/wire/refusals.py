"""How each protocol says that a request is not authentic.

Every function gives the `ServiceError` for one reason, in the words of the service the request
was meant for (rule cards IAM-60 and IAM-61). No secret key, token or expected signature is ever
part of one.

SOURCE: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from datetime import datetime, timedelta
from enum import StrEnum

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.models import Protocol, Service

STAMP = "%Y%m%dT%H%M%SZ"
_FORBIDDEN = 403
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)


class Dialect(StrEnum):
    """The four ways in which services name these errors."""

    QUERY = "query"
    JSON = "json"
    REST_JSON = "rest-json"
    S3 = "s3"


def dialect_of(service: Service | None) -> Dialect:
    """How `service` names these errors; without one, as JSON services do.

    WHY: SQS's JSON answers carry the query names too, so its errors are made with those.
    """
    if service is None:
        return Dialect.JSON
    match service.protocol:
        case Protocol.QUERY:
            return Dialect.QUERY
        case Protocol.JSON:
            return Dialect.QUERY if service.query_compatible else Dialect.JSON
        case Protocol.REST_JSON:
            return Dialect.REST_JSON
        case Protocol.REST_XML:
            return Dialect.S3


_JSON_CODES = {
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "ExpiredToken": "ExpiredTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "IncompleteSignature": "IncompleteSignatureException",
}


def _error(dialect: Dialect, query_code: str, message: str) -> ServiceError:
    if dialect is Dialect.QUERY:
        status = 400 if query_code == "IncompleteSignature" else _FORBIDDEN
        return ServiceError(query_code, message, status)
    status = _FORBIDDEN if dialect is Dialect.REST_JSON else 400
    return ServiceError(_JSON_CODES[query_code], message, status)


def _s3(code: str, message: str, status: int = _FORBIDDEN, **members: str) -> ServiceError:
    return ServiceError(code, message, status, members=members)


def missing(dialect: Dialect) -> ServiceError:
    """Nothing in the request says who sent it."""
    if dialect is Dialect.S3:
        return _s3("AccessDenied", "Access Denied")
    message = (
        "Request is missing Authentication Token"
        if dialect is Dialect.QUERY
        else "Missing Authentication Token"
    )
    return _error(dialect, "MissingAuthenticationToken", message)


def malformed(dialect: Dialect, reason: str, *, presigned: bool = False) -> ServiceError:
    """The authorization is there and cannot be read."""
    if dialect is not Dialect.S3:
        return _error(dialect, "IncompleteSignature", reason)
    if presigned:
        return _s3("AuthorizationQueryParametersError", reason, 400)
    return _s3(
        "AuthorizationHeaderMalformed", f"The authorization header is malformed; {reason}", 400
    )


def unsupported(dialect: Dialect) -> ServiceError:
    """Another signature than version 4 with HMAC."""
    message = (
        "The authorization mechanism you have provided is not supported. "
        "Please use AWS4-HMAC-SHA256."
    )
    if dialect is Dialect.S3:
        return _s3("InvalidRequest", message, 400)
    return _error(dialect, "IncompleteSignature", message)


def unknown_key(dialect: Dialect, access_key_id: str) -> ServiceError:
    """No such access key (or it is inactive)."""
    if dialect is Dialect.S3:
        message = "The AWS Access Key Id you provided does not exist in our records."
        return _s3("InvalidAccessKeyId", message, AWSAccessKeyId=access_key_id)
    return wrong_token(dialect)


def wrong_token(dialect: Dialect) -> ServiceError:
    """The session token is not the one that belongs to the key, or there should be none."""
    if dialect is Dialect.S3:
        return _s3("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
    message = "The security token included in the request is invalid."
    return _error(dialect, "InvalidClientTokenId", message)


def expired_token(dialect: Dialect) -> ServiceError:
    """The session is over; `AssumeRoot` says so like every call (rule card STS-62)."""
    if dialect is Dialect.S3:
        return _s3("ExpiredToken", "The provided token has expired.", 400)
    message = "The security token included in the request is expired"
    return _error(dialect, "ExpiredToken", message)


def mismatch(dialect: Dialect, *, access_key_id: str, string_to_sign: str) -> ServiceError:
    """The signature is not the one that the key makes of this request."""
    if dialect is not Dialect.S3:
        return _error(dialect, "SignatureDoesNotMatch", _MISMATCH)
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method."
    )
    return _s3(
        "SignatureDoesNotMatch",
        message,
        AWSAccessKeyId=access_key_id,
        StringToSign=string_to_sign,
    )


def wrong_scope(dialect: Dialect, reason: str) -> ServiceError:
    """The credential scope contradicts the rest of the request."""
    if dialect is Dialect.S3:
        return malformed(dialect, reason)
    return _error(dialect, "SignatureDoesNotMatch", reason)


def skewed(
    dialect: Dialect, *, signed_at: datetime, now: datetime, allowed: timedelta
) -> ServiceError:
    """The request was signed too long ago, or in the future."""
    if dialect is Dialect.S3:
        return _s3(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            RequestTime=f"{signed_at:{STAMP}}",
            ServerTime=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            MaxAllowedSkewMilliseconds=str(int(allowed.total_seconds() * 1000)),
        )
    minutes = int(allowed.total_seconds() // 60)
    stamp, server = f"{signed_at:{STAMP}}", f"{now:{STAMP}}"
    if signed_at < now:
        limit = f"{now - allowed:{STAMP}}"
        reason = f"expired: {stamp} is now earlier than {limit} ({server} - {minutes} min.)"
    else:
        limit = f"{now + allowed:{STAMP}}"
        reason = f"not yet current: {stamp} is still later than {limit} ({server} + {minutes} min.)"
    return _error(dialect, "SignatureDoesNotMatch", f"Signature {reason}")


def link_expired(
    dialect: Dialect, *, expires_at: datetime, now: datetime, lifetime_seconds: int
) -> ServiceError:
    """A presigned address that is used too late."""
    if dialect is Dialect.S3:
        return ServiceError(
            "AccessDenied",
            "Request has expired",
            _FORBIDDEN,
            members={
                "X-Amz-Expires": str(lifetime_seconds),
                "Expires": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
                "ServerTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            },
        )
    reason = f"Signature expired: {expires_at:{STAMP}} is now earlier than {now:{STAMP}}"
    return _error(dialect, "SignatureDoesNotMatch", reason)


def link_not_yet_valid(dialect: Dialect, *, signed_at: datetime, now: datetime) -> ServiceError:
    """A presigned address from the future."""
    if dialect is Dialect.S3:
        return _s3("AccessDenied", "Request is not valid yet")
    reason = f"Signature not yet current: {signed_at:{STAMP}} is still later than {now:{STAMP}}"
    return _error(dialect, "SignatureDoesNotMatch", reason)


def headers_not_signed(names: str) -> ServiceError:
    """S3 wants every `x-amz-` header under the signature."""
    return _s3(
        "AccessDenied",
        "There were headers present in the request which were not signed",
        HeadersNotSigned=names,
    )


def payload_mismatch(sent: str, calculated: str) -> ServiceError:
    """S3 compares the hash that the client announced with the body."""
    return _s3(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        400,
        ClientComputedContentSHA256=sent,
        S3ComputedContentSHA256=calculated,
    )


def payload_hash_missing() -> ServiceError:
    """S3 insists on `x-amz-content-sha256` in every request with a signed header."""
    return _s3(
        "InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400
    )
