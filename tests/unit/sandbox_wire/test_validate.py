"""The model's constraints, in AWS's words."""

from typing import Any

import pytest

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.models import SERVICES, load
from rootsteward.sandbox.wire.validate import _pattern, validate, validate_call

TASK = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}


def refusal(service: str, operation: str, params: dict[str, Any]) -> ServiceError:
    loaded = load(service)
    with pytest.raises(ServiceError) as caught:
        validate_call(loaded, loaded.operations[operation], params)
    assert caught.value.http_status == 400
    return caught.value


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"TargetPrincipal": "1" * 12, "TaskPolicyArn": TASK, "DurationSeconds": 901},
            (
                "1 validation error detected: Value '901' at 'durationSeconds' failed to satisfy "
                "constraint: Member must have value less than or equal to 900"
            ),
        ),
        (
            {"TargetPrincipal": "1" * 12},
            (
                "1 validation error detected: Value null at 'taskPolicyArn' failed to satisfy "
                "constraint: Member must not be null"
            ),
        ),
        (
            {"TargetPrincipal": "1", "TaskPolicyArn": TASK, "DurationSeconds": -1},
            (
                "2 validation errors detected: Value '1' at 'targetPrincipal' failed to satisfy "
                "constraint: Member must have length greater than or equal to 12; Value '-1' at "
                "'durationSeconds' failed to satisfy constraint: Member must have value greater "
                "than or equal to 0"
            ),
        ),
    ],
)
def test_assume_root_is_refused_in_the_recorded_words(params: dict[str, Any], message: str) -> None:
    error = refusal("sts", "AssumeRoot", params)
    assert (error.code, error.message) == ("ValidationError", message)


def test_zero_seconds_pass_validation() -> None:
    service = load("sts")
    params = {"TargetPrincipal": "1" * 12, "TaskPolicyArn": TASK, "DurationSeconds": 0}
    validate_call(service, service.operations["AssumeRoot"], params)


def test_lists_patterns_and_enumerations_are_named_by_their_place() -> None:
    error = refusal(
        "iam", "TagUser", {"UserName": "a b", "Tags": [{"Key": "k" * 129, "Value": ""}]}
    )
    assert "Value at 'userName' failed to satisfy constraint: Member must satisfy regular " in (
        error.message
    )
    assert "at 'tags.1.member.key' failed" in error.message
    error = refusal("iam", "UpdateAccessKey", {"AccessKeyId": "A" * 16, "Status": "On"})
    assert error.message.endswith(
        "Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: "
        "[Active, Inactive, Expired]"
    )


def test_iam_tells_neither_values_nor_places_in_lists() -> None:
    error = refusal("iam", "ListUsers", {"MaxItems": 1001})
    assert error.message == (
        "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member "
        "must have value less than or equal to 1000"
    )
    for keys in ([None, "k"], ["", None, "k"]):
        error = refusal("iam", "UntagUser", {"UserName": "u", "TagKeys": keys})
        assert error.message.startswith(
            "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member "
            "must satisfy constraint: [Member must have length less than or equal to 128, Member "
            "must have length greater than or equal to 1, Member must satisfy regular expression "
        )
    error = refusal("iam", "TagUser", {"UserName": "u", "Tags": [None]})
    assert error.message == (
        "1 validation error detected: Value at 'tags.1.member' failed to satisfy constraint: "
        "Member must not be null"
    )


@pytest.mark.parametrize("name", ["ada\n", "ad\u00e9"])
def test_names_have_ascii_letters_only(name: str) -> None:
    assert refusal("iam", "CreateUser", {"UserName": name}).code == "ValidationError"


@pytest.mark.parametrize(
    "path", ["/team", "team/", "/ space/", "/del\x7f/", "/\u00e9/", "//", "/team/\n", "/line\n/"]
)
def test_a_path_is_between_slashes(path: str) -> None:
    assert refusal("iam", "CreateUser", {"UserName": "u", "Path": path}).code == "ValidationError"
    service = load("iam")
    for fits in ("/", "/team/", "/a//b/"):
        validate_call(service, service.operations["CreateUser"], {"UserName": "u", "Path": fits})


@pytest.mark.parametrize("serial", ["GAHT1234", "1" * 257, "GAHT 12345"])
def test_a_serial_number_has_nine_to_256_characters_of_some_kinds(serial: str) -> None:
    error = refusal("iam", "DeactivateMFADevice", {"SerialNumber": serial})
    assert "Value at 'serialNumber' failed" in error.message
    service = load("iam")
    for fits in ("GAHT12345", "1" * 256, "arn:aws:iam::333333333333:u2f/root/key-AB12"):
        validate_call(service, service.operations["DeactivateMFADevice"], {"SerialNumber": fits})


def test_a_sensitive_value_is_not_echoed() -> None:
    error = refusal("iam", "CreateLoginProfile", {"UserName": "u", "Password": ""})
    assert "Value at 'password' failed" in error.message


def test_organizations_gives_a_reason() -> None:
    error = refusal("organizations", "ListPolicies", {"Filter": "WRONG"})
    assert error.code == "InvalidInputException"
    assert error.members == {"Reason": "INVALID_ENUM_POLICY_TYPE"}
    error = refusal("organizations", "ListChildren", {"ParentId": "r-abcd", "ChildType": "WRONG"})
    assert error.members == {"Reason": "INVALID_ENUM:CHILD_TYPE"}
    error = refusal("organizations", "ListTagsForResource", {"ResourceId": "arn:aws:x"})
    assert error.message == "You provided a value that does not match the required pattern."
    assert error.members == {"Reason": "INVALID_PATTERN:RESOURCE_ID"}
    error = refusal(
        "organizations", "EnablePolicyType", {"RootId": "r-abcd", "PolicyType": "WRONG"}
    )
    assert error.message == "You specified an invalid policy type."
    assert error.members == {"Reason": "INVALID_ENUM_POLICY_TYPE"}
    unit = {"OrganizationalUnitId": "ou-abcd-12345678", "Name": "n" * 129}
    error = refusal("organizations", "UpdateOrganizationalUnit", unit)
    assert error.message == "You provided a string that exceeds that maximum length."
    error = refusal("organizations", "EnablePolicyType", {"RootId": "r-abcd"})
    assert error.message == "You must provide a value for the parameter."
    assert error.members == {"Reason": "INPUT_REQUIRED:POLICY_TYPE"}


@pytest.mark.parametrize(
    ("operation", "params", "reason"),
    [
        (
            "TagResource",
            {"ResourceId": "r-abcd", "Tags": [{"Key": "k"}]},
            "INPUT_REQUIRED:TAGS_1_MEMBER_VALUE",
        ),
        (
            "TagResource",
            {
                "ResourceId": "r-abcd",
                "Tags": [{"Key": "k", "Value": ""}, {"Key": "k" * 129, "Value": ""}],
            },
            "MAX_LENGTH_EXCEEDED:TAGS_2_MEMBER_KEY",
        ),
        (
            "UpdateOrganizationalUnit",
            {"OrganizationalUnitId": "ou-abcd-12345678", "Name": "\u00e9" * 129},
            "MAX_LENGTH_EXCEEDED:NAME",
        ),
        (
            "ListOrganizationalUnitsForParent",
            {"ParentId": "r-abcd", "MaxResults": 21},
            "MAX_VALUE_EXCEEDED:MAX_RESULTS",
        ),
        (
            "DescribeEffectivePolicy",
            {"PolicyType": "RESOURCE_CONTROL_POLICY"},
            "INVALID_ENUM:POLICY_TYPE",
        ),
        (
            "DescribeEffectivePolicy",
            {"PolicyType": "SERVICE_CONTROL_POLICY"},
            "INVALID_ENUM_POLICY_TYPE",
        ),
    ],
)
def test_organizations_reasons_name_the_place(
    operation: str, params: dict[str, Any], reason: str
) -> None:
    assert refusal("organizations", operation, params).members == {"Reason": reason}


def test_organizations_counts_characters() -> None:
    service = load("organizations")
    params = {"OrganizationalUnitId": "ou-abcd-12345678", "Name": "\u00e9" * 128}
    validate_call(service, service.operations["UpdateOrganizationalUnit"], params)


@pytest.mark.parametrize(
    ("operation", "params", "reason"),
    [
        ("ListDetectors", {"MaxResults": 0}, "the parameter maxResults is out-of-bounds"),
        ("UpdateFilter", {"Rank": 101}, "the one or more input parameters have invalid values"),
        ("UpdateFilter", {"Action": "INVALID"}, "the JSON could not be processed"),
    ],
)
def test_guardduty_is_refused_in_the_recorded_words(
    operation: str, params: dict[str, Any], reason: str
) -> None:
    known = {"DetectorId": "0" * 32, "FilterName": "name"} if operation == "UpdateFilter" else {}
    error = refusal("guardduty", operation, known | params)
    assert error.message == f"The request is rejected because {reason}."
    assert error.members == {"Type": "InvalidInputException"}


@pytest.mark.parametrize(
    ("service", "operation", "params", "code"),
    [
        ("sqs", "SetQueueAttributes", {"QueueUrl": "u"}, "MissingParameter"),
        ("guardduty", "ListFindings", {"DetectorId": ""}, "BadRequestException"),
        ("cloudtrail", "LookupEvents", {"MaxResults": 51}, "InvalidMaxResultsException"),
        ("cloudtrail", "LookupEvents", {"EventCategory": "x"}, "InvalidEventCategoryException"),
        ("s3", "PutBucketPolicy", {"Bucket": "b"}, "MissingRequestBodyError"),
        ("s3", "PutBucketTagging", {"Bucket": "b", "Tagging": {}}, "MalformedXML"),
    ],
)
def test_each_service_has_its_own_code(
    service: str, operation: str, params: dict[str, Any], code: str
) -> None:
    assert refusal(service, operation, params).code == code


def test_sqs_and_s3_check_values_themselves() -> None:
    service = load("sqs")
    params = {"QueueUrl": "u", "Attributes": {"Nope": "1"}}
    validate_call(service, service.operations["SetQueueAttributes"], params)


def test_the_code_can_be_chosen() -> None:
    shape = load("sts").operations["AssumeRoot"].input_shape
    with pytest.raises(ServiceError, match="Custom"):
        validate({}, shape, "Custom")
    validate({}, None)


def test_the_patterns_that_cannot_be_checked_are_known() -> None:
    unread = {
        (name, shape_name)
        for name in SERVICES
        for shape_name in load(name).model.shape_names
        for source in [load(name).model.shape_for(shape_name).metadata.get("pattern")]
        if source and _pattern(source) is None
    }
    assert unread == {
        ("cloudtrail", "PartitionKeyName"),
        ("cloudtrail", "PartitionKeyType"),
    }
