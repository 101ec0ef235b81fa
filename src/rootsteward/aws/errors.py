"""Translates what botocore raises into our own errors, keeping AWS's words.

Every table row is tested word by word. Order matters: first what the client library says about
itself (nothing was sent), then the transport, then AWS's own answers.
"""

import re
from collections.abc import Mapping
from typing import Any

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from rootsteward.aws.calls import ApiCall
from rootsteward.domain.errors import (
    AccessDeniedError,
    AwsRefusedError,
    EndpointUnreachableError,
    FeatureDisabledError,
    InputError,
    NotFoundError,
    OperatorError,
    OutcomeUnknownError,
    Refusal,
    RootstewardError,
    SessionExpiredError,
    ThrottledError,
)

FAMILIES: Mapping[str, type[AwsRefusedError]] = {
    **dict.fromkeys(
        (
            "AccessDenied",
            "AccessDeniedException",
            "AccessDeniedForDependencyException",
            "AuthorizationError",
            "NotAuthorized",
            "UnauthorizedOperation",
        ),
        AccessDeniedError,
    ),
    **dict.fromkeys(
        (
            "BandwidthLimitExceeded",
            "PriorRequestNotComplete",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ),
        ThrottledError,
    ),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"),
        SessionExpiredError,
    ),
    **dict.fromkeys(
        (
            "AWS.SimpleQueueService.NonExistentQueue",
            "AccountNotFoundException",
            "NoSuchBucket",
            "NoSuchBucketPolicy",
            "NoSuchEntity",
            "NoSuchEntityException",
            "OrganizationalUnitNotFoundException",
            "ParentNotFoundException",
            "PolicyNotFoundException",
            "QueueDoesNotExist",
            "ResourceNotFoundException",
            "RootNotFoundException",
            "TargetNotFoundException",
        ),
        NotFoundError,
    ),
    "ServiceAccessNotEnabledException": FeatureDisabledError,
}

# Rule card STS-41: these three come as a plain AccessDenied; only the message tells them apart.
_SWITCHED_OFF = (
    "Service not enabled for AWS Organizations",
    "Root credentials management feature is not enabled",
    "Root sessions feature is not enabled",
)

# WHY: a refused signature is answered with all that was to be signed, a session's token included.
_SIGNED_TOKEN = re.compile(r"(x-amz-security-token:\s*)\S+", re.IGNORECASE)

_ENABLE = "run `rootsteward enable` with credentials of the management account"
_WHOSE = "use credentials of the management account"
_MAY_ASSUME_ROOT = (
    "the caller needs the permission sts:AssumeRoot in the management account or in IAM's "
    "delegated administrator, and the target must be another account of the organization"
)
_SESSION_OVER = "a root session lasts 15 minutes at most; repeat the command for a new one"
_WRONG_KEYS = (
    "AWS does not know these credentials: check --profile, and that the Region is switched on "
    "for the account"
)
_CLOCK = "set this machine's clock: AWS accepts signatures of the last few minutes only"

_HELP: Mapping[str, str] = {
    "AWSOrganizationsNotInUseException": f"the account is in no organization; {_WHOSE}",
    "AccountNotManagementOrDelegatedAdministratorException": (
        f"{_WHOSE}, or of a delegated administrator for iam.amazonaws.com"
    ),
    "AuthFailure": _WRONG_KEYS,
    "CallerIsNotManagementAccountException": _WHOSE,
    "InvalidAccessKeyId": _WRONG_KEYS,
    "InvalidClientTokenId": _WRONG_KEYS,
    "OrganizationNotInAllFeaturesModeException": (
        "centralized root access needs an organization with all features enabled"
    ),
    "RequestExpired": _CLOCK,
    "RequestTimeTooSkewed": _CLOCK,
    "SignatureDoesNotMatch": (
        "check the secret access key of the profile, and this machine's clock"
    ),
    "UnrecognizedClientException": _WRONG_KEYS,
}

_FAMILY_HELP: Mapping[type[AwsRefusedError], str] = {
    FeatureDisabledError: _ENABLE,
    ThrottledError: "wait a little and repeat the command",
}

_CHAIN = (
    "name a profile with --profile, sign in with `aws sso login`, or set AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY"
)
_SIGN_IN = "sign in again with `aws sso login` (add --profile when you use one)"
_NAME_REGION = "name one with --region or AWS_REGION, such as --region us-east-1"

_SetupRow = tuple[type[Exception] | tuple[type[Exception], ...], str, str]

# What the client library says before anything is sent: exception, message, help.
SETUP: tuple[_SetupRow, ...] = (
    (sdk.NoCredentialsError, "no AWS credentials were found", _CHAIN),
    (
        sdk.PartialCredentialsError,
        "the AWS credentials are incomplete: {provider} lacks {cred_var}",
        "give both halves of the access key, or neither",
    ),
    (
        sdk.ProfileNotFound,
        "there is no AWS profile `{profile}`",
        "`aws configure list-profiles` shows the profiles there are",
    ),
    (sdk.UnauthorizedSSOTokenError, "the SSO session has expired or is not valid", _SIGN_IN),
    (sdk.SSOTokenLoadError, "there is no SSO session yet: {error_msg}", _SIGN_IN),
    (
        sdk.TokenRetrievalError,
        "the SSO token could not be had from {provider}: {error_msg}",
        _SIGN_IN,
    ),
    ((sdk.SSOError, sdk.LoginError), "signing in failed: {text}", _SIGN_IN),
    (sdk.NoRegionError, "no AWS Region is set", _NAME_REGION),
    (sdk.InvalidRegionError, "`{region_name}` is not an AWS Region", _NAME_REGION),
    (sdk.UnknownRegionError, "`{region_name}` is not an AWS Region", _NAME_REGION),
    (
        (sdk.CredentialRetrievalError, sdk.MetadataRetrievalError),
        "the AWS credentials could not be had: {text}",
        "check the profile's credential source, or name another with --profile",
    ),
    (
        (
            sdk.ConfigParseError,
            sdk.ConfigNotFound,
            sdk.InvalidConfigError,
            sdk.InvalidEndpointConfigurationError,
        ),
        "the AWS configuration files cannot be used: {text}",
        "correct the file; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE choose others",
    ),
    (
        sdk.ParamValidationError,
        "the request was refused before it was sent: {text}",
        "correct the name or value; nothing was sent",
    ),
)

# Those of them where a value that the operator gave is wrong.
_WRONG_INPUT = (
    sdk.InvalidRegionError,
    sdk.ParamValidationError,
    sdk.ProfileNotFound,
    sdk.UnknownRegionError,
)

_NOT_SENT = (
    sdk.EndpointConnectionError,
    sdk.ConnectTimeoutError,
    sdk.SSLError,
    sdk.ProxyConnectionError,
    sdk.ConnectionError,
)


def translate(error: Exception, call: ApiCall) -> RootstewardError:
    """Our error for one of botocore's. Never raises; the caller chains it with `from`.

    Anything that is neither AWS's answer nor known to have failed before the request left is an
    `OutcomeUnknownError`: an unknown failure must not be taken for "nothing was done".
    """
    if isinstance(error, sdk.ClientError):
        return _refusal(error, call)
    known = setup_error(error)
    if known is not None:
        return known
    if isinstance(error, _NOT_SENT):
        return _unreachable(error, call)
    return OutcomeUnknownError(
        f"no usable answer to {call.name}{_in_account(call)} from {_endpoint(error)}: "
        f"{_one_line(error)}",
        help="the request was sent and may have been carried out; look before doing it again",
    )


def setup_error(error: Exception) -> OperatorError | None:
    """Our error for what is wrong with credentials, profile, Region or configuration."""
    for kinds, message, advice in SETUP:
        if isinstance(error, kinds):
            # WHY format_map: each exception carries its own details, and `text` is all of them.
            details = {**getattr(error, "kwargs", {}), "text": _one_line(error)}
            family = InputError if isinstance(error, _WRONG_INPUT) else OperatorError
            return family(message.format_map(details), help=advice)
    return None


def _unreachable(error: Exception, call: ApiCall) -> EndpointUnreachableError:
    if isinstance(error, sdk.SSLError):
        return EndpointUnreachableError(
            f"no secure connection to {_endpoint(error)} for {call.name}: {_one_line(error)}",
            help="check the certificate authority (AWS_CA_BUNDLE) or the proxy in between",
        )
    return EndpointUnreachableError(
        f"no connection to {_endpoint(error)} for {call.name}; nothing was sent",
        help="check the network, the Region's name and --endpoint-url",
    )


def _refusal(error: sdk.ClientError, call: ApiCall) -> RootstewardError:
    # WHY Any: an error answer has members that the service did or did not send.
    answer: Mapping[str, Any] = error.response
    details = answer.get("Error", {})
    metadata = answer.get("ResponseMetadata", {})
    # WHY: the standard chain may itself call AWS, such as AssumeRole for a profile's role, in the
    # middle of our call; its refusal must not pass for one of ours.
    ours = error.operation_name == call.operation
    refusal = Refusal(
        code=str(details.get("Code", "")),
        message=_SIGNED_TOKEN.sub(r"\1***", str(details.get("Message", ""))),
        operation=call.name if ours else error.operation_name,
        request_id=str(metadata.get("RequestId", "")),
        http_status=int(metadata.get("HTTPStatusCode", 0)),
        account=call.account if ours else "",
    )
    if refusal.code == "InvalidAction" and call.operation == "AssumeRoot":
        return _no_assume_root(refusal)
    family = _family(refusal)
    return family(refusal, help=_help(refusal, family, call))


def _family(refusal: Refusal) -> type[AwsRefusedError]:
    if refusal.code == "AccessDenied" and refusal.message.startswith(_SWITCHED_OFF):
        return FeatureDisabledError
    if refusal.http_status == 429:  # noqa: PLR2004 (HTTP's own number for too many requests)
        return ThrottledError
    return FAMILIES.get(refusal.code, AwsRefusedError)


def _help(refusal: Refusal, family: type[AwsRefusedError], call: ApiCall) -> str:
    if refusal.code == "RegionDisabledException":
        return (
            f"the Region `{call.region}` is switched off for the account; switch it on there, or "
            "choose another with --region"
        )
    if refusal.operation != call.name:
        return "AWS was asked for the profile's credentials; check its role and source profile"
    if family is AccessDeniedError:
        return _help_when_denied(call)
    if family is SessionExpiredError:
        return _SESSION_OVER if call.root_session else "sign in again and repeat the command"
    return _HELP.get(refusal.code) or _FAMILY_HELP.get(family, "")


def _help_when_denied(call: ApiCall) -> str:
    if call.root_session is not None:
        return "`rootsteward preflight` shows which policy stands in the way"
    if call.operation == "AssumeRoot":
        return _MAY_ASSUME_ROOT
    return f"these credentials need the permission {call.name}; {_WHOSE}"


def _no_assume_root(refusal: Refusal) -> OperatorError:
    """Rule card STS-01: the global STS endpoint does not know `AssumeRoot`."""
    return OperatorError(
        f"the STS endpoint does not know AssumeRoot ({refusal.code}: {refusal.message})",
        help=(
            "only Regional STS endpoints do, the global sts.amazonaws.com does not: set --region, "
            "and take the global address out of --endpoint-url and AWS_ENDPOINT_URL_STS"
        ),
    )


def _in_account(call: ApiCall) -> str:
    return f" in account {call.account}" if call.account else ""


def _endpoint(error: Exception) -> str:
    named = getattr(error, "kwargs", {})
    return str(named.get("endpoint_url") or named.get("proxy_url") or "the endpoint")


def _one_line(error: Exception) -> str:
    text = str(error)
    if isinstance(error, ResponseParserError):
        # WHY: what follows is the whole body, and that of AssumeRoot holds credentials.
        text = text.partition("\n")[0].rstrip(":")
    return " ".join(text.split())
