from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError, create_parser
from botocore.session import get_session

from rootsteward.aws.calls import ApiCall, in_session
from rootsteward.aws.errors import FAMILIES, SETUP, translate
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
    SessionExpiredError,
    ThrottledError,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import TaskPolicy

SESSION = RootSession(
    account=AccountId("222222222222"),
    task=TaskPolicy.DELETE_CREDENTIALS,
    access_key_id="ASIAEXAMPLE",
    secret_access_key=Secret("secret"),
    session_token=Secret("token"),
    expires_at=datetime(2026, 10, 5, tzinfo=UTC),
)
CALL = in_session(SESSION, "iam", "DeleteAccessKey", changes=True)
ASSUME_ROOT = ApiCall("sts", "AssumeRoot", "eu-west-1", "222222222222")


def refused(
    code: str, message: str, status: int = 400, operation: str = "DeleteAccessKey"
) -> sdk.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"RequestId": "request-1", "HTTPStatusCode": status},
    }
    return sdk.ClientError(response, operation)


def test_a_refusal_keeps_every_word_of_aws() -> None:
    message = (
        "User: arn:aws:iam::222222222222:root is not authorized to perform: iam:DeleteAccessKey "
        "with an explicit deny in a service control policy: arn:aws:organizations::1:policy/p-1"
    )
    error = translate(refused("AccessDenied", message, 403), CALL)
    assert isinstance(error, AccessDeniedError)
    assert error.refusal == Refusal(
        code="AccessDenied",
        message=message,
        operation="iam:DeleteAccessKey",
        request_id="request-1",
        http_status=403,
        account="222222222222",
    )
    assert str(error) == (
        f"aws refused iam:DeleteAccessKey in account 222222222222: AccessDenied: {message}"
    )
    assert error.help == "`rootsteward preflight` shows which policy stands in the way"


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("AccessDenied", AccessDeniedError),
        ("AccessDeniedException", AccessDeniedError),
        ("UnauthorizedOperation", AccessDeniedError),
        ("Throttling", ThrottledError),
        ("ThrottlingException", ThrottledError),
        ("TooManyRequestsException", ThrottledError),
        ("RequestThrottled", ThrottledError),
        ("RequestLimitExceeded", ThrottledError),
        ("SlowDown", ThrottledError),
        ("ExpiredToken", SessionExpiredError),
        ("ExpiredTokenException", SessionExpiredError),
        ("NoSuchEntity", NotFoundError),
        ("NoSuchBucket", NotFoundError),
        ("NoSuchBucketPolicy", NotFoundError),
        ("AWS.SimpleQueueService.NonExistentQueue", NotFoundError),
        ("PolicyNotFoundException", NotFoundError),
        ("ServiceAccessNotEnabledException", FeatureDisabledError),
        ("EntityTemporarilyUnmodifiable", AwsRefusedError),
        ("LimitExceeded", AwsRefusedError),
        ("", AwsRefusedError),
    ],
)
def test_each_code_has_its_family(code: str, family: type[AwsRefusedError]) -> None:
    assert type(translate(refused(code, "…"), CALL)) is family


def test_every_row_of_the_table_of_codes_is_obeyed() -> None:
    for code, family in FAMILIES.items():
        assert type(translate(refused(code, "…"), CALL)) is family


def test_too_many_requests_by_status_alone_is_throttling() -> None:
    assert type(translate(refused("Odd", "…", 429), CALL)) is ThrottledError


@pytest.mark.parametrize(
    "message",
    [
        "Service not enabled for AWS Organizations.",
        "Root credentials management feature is not enabled for your AWS Organization.",
        "Root sessions feature is not enabled for your AWS Organization.",
    ],
)
def test_a_switch_that_is_off_is_told_from_a_denial_by_its_message(message: str) -> None:
    error = translate(refused("AccessDenied", message, 403, "AssumeRoot"), ASSUME_ROOT)
    assert type(error) is FeatureDisabledError
    assert error.help == "run `rootsteward enable` with credentials of the management account"
    assert str(error) == (
        f"aws refused sts:AssumeRoot in account 222222222222: AccessDenied: {message}"
    )


def test_trusted_access_that_is_off_names_the_command_that_switches_it_on() -> None:
    text = "Trusted Access for IAM not enabled by organization of input account 111111111111."
    error = translate(
        refused("ServiceAccessNotEnabledException", text, 400, "ListOrganizationsFeatures"),
        ApiCall("iam", "ListOrganizationsFeatures"),
    )
    assert isinstance(error, FeatureDisabledError)
    assert error.help == "run `rootsteward enable` with credentials of the management account"
    assert str(error) == (
        f"aws refused iam:ListOrganizationsFeatures: ServiceAccessNotEnabledException: {text}"
    )


def test_an_unknown_operation_on_assume_root_explains_the_global_endpoint() -> None:
    error = translate(refused("InvalidAction", "Unknown Operation", 400, "AssumeRoot"), ASSUME_ROOT)
    assert type(error) is OperatorError
    assert str(error) == (
        "the STS endpoint does not know AssumeRoot (InvalidAction: Unknown Operation)"
    )
    assert error.help == (
        "only Regional STS endpoints do, the global sts.amazonaws.com does not: set --region, "
        "and take the global address out of --endpoint-url and AWS_ENDPOINT_URL_STS"
    )


def test_an_unknown_operation_elsewhere_is_a_plain_refusal() -> None:
    assert type(translate(refused("InvalidAction", "Unknown Operation"), CALL)) is AwsRefusedError


def test_a_region_that_is_off_is_named_in_the_help() -> None:
    text = "STS is not activated in this region for account:222222222222."
    error = translate(refused("RegionDisabledException", text, 403, "AssumeRoot"), ASSUME_ROOT)
    assert type(error) is AwsRefusedError
    assert error.refusal.code == "RegionDisabledException"
    assert error.help == (
        "the Region `eu-west-1` is switched off for the account; switch it on there, or choose "
        "another with --region"
    )


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (
            "ExpiredToken",
            "a root session lasts 15 minutes at most; repeat the command for a new one",
        ),
        ("Throttling", "wait a little and repeat the command"),
        (
            "InvalidClientTokenId",
            (
                "AWS does not know these credentials: check --profile, and that the Region is "
                "switched on for the account"
            ),
        ),
        (
            "SignatureDoesNotMatch",
            "check the secret access key of the profile, and this machine's clock",
        ),
        (
            "RequestExpired",
            "set this machine's clock: AWS accepts signatures of the last few minutes only",
        ),
        (
            "AWSOrganizationsNotInUseException",
            "the account is in no organization; use credentials of the management account",
        ),
        ("CallerIsNotManagementAccountException", "use credentials of the management account"),
        (
            "AccountNotManagementOrDelegatedAdministratorException",
            (
                "use credentials of the management account, or of a delegated administrator for "
                "iam.amazonaws.com"
            ),
        ),
        (
            "OrganizationNotInAllFeaturesModeException",
            "centralized root access needs an organization with all features enabled",
        ),
        ("ValidationError", ""),
    ],
)
def test_the_help_says_what_to_do(code: str, advice: str) -> None:
    assert translate(refused(code, "…"), CALL).help == advice


SETUP_ERRORS: list[tuple[Exception, str, str]] = [
    (
        sdk.NoCredentialsError(),
        "no AWS credentials were found",
        (
            "name a profile with --profile, sign in with `aws sso login`, or set AWS_ACCESS_KEY_ID "
            "and AWS_SECRET_ACCESS_KEY"
        ),
    ),
    (
        sdk.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        "the AWS credentials are incomplete: env lacks AWS_SECRET_ACCESS_KEY",
        "give both halves of the access key, or neither",
    ),
    (
        sdk.ProfileNotFound(profile="typo"),
        "there is no AWS profile `typo`",
        "`aws configure list-profiles` shows the profiles there are",
    ),
    (
        sdk.UnauthorizedSSOTokenError(),
        "the SSO session has expired or is not valid",
        "sign in again with `aws sso login` (add --profile when you use one)",
    ),
    (
        sdk.SSOTokenLoadError(error_msg="Token for ops does not exist"),
        "there is no SSO session yet: Token for ops does not exist",
        "sign in again with `aws sso login` (add --profile when you use one)",
    ),
    (
        sdk.TokenRetrievalError(provider="sso", error_msg="Token has expired"),
        "the SSO token could not be had from sso: Token has expired",
        "sign in again with `aws sso login` (add --profile when you use one)",
    ),
    (
        sdk.NoRegionError(),
        "no AWS Region is set",
        "name one with --region or AWS_REGION, such as --region us-east-1",
    ),
    (
        sdk.InvalidRegionError(region_name="eu west"),
        "`eu west` is not an AWS Region",
        "name one with --region or AWS_REGION, such as --region us-east-1",
    ),
    (
        sdk.UnknownRegionError(region_name="mars-1", error_msg="no such partition"),
        "`mars-1` is not an AWS Region",
        "name one with --region or AWS_REGION, such as --region us-east-1",
    ),
    (
        sdk.CredentialRetrievalError(provider="custom-process", error_msg="exit 1"),
        (
            "the AWS credentials could not be had: Error when retrieving credentials from "
            "custom-process: exit 1"
        ),
        "check the profile's credential source, or name another with --profile",
    ),
    (
        sdk.ConfigParseError(path="/home/ops/config"),
        "the AWS configuration files cannot be used: Unable to parse config file: /home/ops/config",
        "correct the file; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE choose others",
    ),
    (
        sdk.ParamValidationError(report='Invalid bucket name "A B"'),
        (
            "the request was refused before it was sent: Parameter validation failed: Invalid "
            'bucket name "A B"'
        ),
        "correct the name or value; nothing was sent",
    ),
    (
        sdk.LoginRefreshRequired(),
        (
            "signing in failed: Your session has expired or credentials have changed. Please "
            "reauthenticate using 'aws login'."
        ),
        "sign in again with `aws sso login` (add --profile when you use one)",
    ),
]


@pytest.mark.parametrize(("error", "message", "advice"), SETUP_ERRORS)
def test_what_is_wrong_on_our_side_is_said_with_what_to_do(
    error: Exception, message: str, advice: str
) -> None:
    ours = translate(error, CALL)
    assert isinstance(ours, OperatorError)
    assert (str(ours), ours.help) == (message, advice)


def test_a_wrong_value_is_told_from_a_wrong_state() -> None:
    wrong = {
        type(error).__name__
        for error, _, _ in SETUP_ERRORS
        if isinstance(translate(error, CALL), InputError)
    }
    assert wrong == {
        "InvalidRegionError",
        "ParamValidationError",
        "ProfileNotFound",
        "UnknownRegionError",
    }


def test_every_row_of_the_setup_table_has_a_word_by_word_test() -> None:
    tested = [error for error, _, _ in SETUP_ERRORS]
    for kinds, _, _ in SETUP:
        assert any(isinstance(error, kinds) for error in tested), kinds


ENDPOINT = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "error",
    [
        sdk.EndpointConnectionError(endpoint_url=ENDPOINT, error="refused"),
        sdk.ConnectTimeoutError(endpoint_url=ENDPOINT),
    ],
)
def test_a_connection_that_never_was_means_that_nothing_was_sent(error: Exception) -> None:
    ours = translate(error, CALL)
    assert type(ours) is EndpointUnreachableError
    assert str(ours) == f"no connection to {ENDPOINT} for iam:DeleteAccessKey; nothing was sent"
    assert ours.help == "check the network, the Region's name and --endpoint-url"


def test_an_untrusted_certificate_names_the_endpoint() -> None:
    ours = translate(sdk.SSLError(endpoint_url=ENDPOINT, error=ValueError("self-signed")), CALL)
    assert type(ours) is EndpointUnreachableError
    assert str(ours) == (
        f"no secure connection to {ENDPOINT} for iam:DeleteAccessKey: SSL validation failed for "
        f"{ENDPOINT} self-signed"
    )


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (
            sdk.ReadTimeoutError(endpoint_url=ENDPOINT),
            f'Read timeout on endpoint URL: "{ENDPOINT}"',
        ),
        (
            sdk.ConnectionClosedError(endpoint_url=ENDPOINT),
            (
                "Connection was closed before we received a valid response from endpoint URL: "
                f'"{ENDPOINT}".'
            ),
        ),
    ],
)
def test_an_answer_that_never_came_leaves_the_outcome_unknown(
    error: Exception, detail: str
) -> None:
    ours = translate(error, CALL)
    assert type(ours) is OutcomeUnknownError
    assert str(ours) == (
        f"no usable answer to iam:DeleteAccessKey in account 222222222222 from {ENDPOINT}: {detail}"
    )
    assert ours.help == (
        "the request was sent and may have been carried out; look before doing it again"
    )


def test_a_failure_nobody_foresaw_is_never_taken_for_nothing_was_done() -> None:
    assert type(translate(sdk.BotoCoreError(), CALL)) is OutcomeUnknownError
    assert type(translate(sdk.HTTPClientError(error="odd"), CALL)) is OutcomeUnknownError


def test_messages_are_one_line() -> None:
    error = sdk.ParamValidationError(report="first\nsecond\n  third")
    assert "\n" not in str(translate(error, CALL))


def test_a_denied_assume_root_says_who_may_and_on_whom() -> None:
    error = translate(refused("AccessDenied", "no", 403, "AssumeRoot"), ASSUME_ROOT)
    assert error.help == (
        "the caller needs the permission sts:AssumeRoot in the management account or in IAM's "
        "delegated administrator, and the target must be another account of the organization"
    )


def test_a_denial_of_our_own_identity_names_the_permission() -> None:
    call = ApiCall("organizations", "ListRoots")
    error = translate(refused("AccessDeniedException", "no", 400, "ListRoots"), call)
    assert error.help == (
        "these credentials need the permission organizations:ListRoots; use credentials of the "
        "management account"
    )


def test_expired_credentials_of_our_own_are_renewed_by_signing_in() -> None:
    error = translate(refused("ExpiredToken", "no", 403, "AssumeRoot"), ASSUME_ROOT)
    assert type(error) is SessionExpiredError
    assert error.help == "sign in again and repeat the command"


def test_a_refusal_of_the_profiles_own_role_does_not_pass_for_one_of_the_call() -> None:
    error = translate(refused("AccessDenied", "not authorized", 403, "AssumeRole"), ASSUME_ROOT)
    assert isinstance(error, AccessDeniedError)
    assert str(error) == "aws refused AssumeRole: AccessDenied: not authorized"
    assert error.help == (
        "AWS was asked for the profile's credentials; check its role and source profile"
    )


def test_a_torn_answer_of_assume_root_is_not_repeated_in_the_message() -> None:
    body = b"<AssumeRootResponse><Credentials><SecretAccessKey>hunter2</SecretAccessKey><Ses"
    shape = get_session().get_service_model("sts").operation_model("AssumeRoot").output_shape
    assert shape is not None
    with pytest.raises(ResponseParserError) as torn:
        create_parser("query").parse({"body": body, "headers": {}, "status_code": 200}, shape)
    assert "hunter2" in str(torn.value)
    error = translate(torn.value, ASSUME_ROOT)
    assert isinstance(error, OutcomeUnknownError)
    assert "hunter2" not in error.message
    assert "invalid XML received" in error.message


def test_the_token_that_a_refused_signature_repeats_is_not_kept() -> None:
    said = (
        "The request signature we calculated does not match the signature you provided.\n\n"
        "The Canonical String for this request should have been\n'POST\n/\n\n"
        "host:iam.amazonaws.com\nx-amz-date:20261005T120000Z\n"
        "x-amz-security-token:hunter2/token==\n\nhost;x-amz-date;x-amz-security-token\nabc'"
    )
    error = translate(refused("SignatureDoesNotMatch", said, 403), CALL)
    assert isinstance(error, AwsRefusedError)
    assert "hunter2" not in error.message + error.refusal.message
    assert "x-amz-security-token:***\n" in error.refusal.message
