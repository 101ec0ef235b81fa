from pathlib import Path

import pytest

from rootsteward.aws.clients import Clients
from rootsteward.aws.sessions import operator_session, region_of
from rootsteward.aws.settings import AwsSettings
from rootsteward.domain.errors import OperatorError

CONFIG = """
[default]
region = eu-north-1
[profile ops]
region = eu-west-3
sts_regional_endpoints = legacy
[profile nowhere]
output = json
"""


@pytest.fixture
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config"
    path.write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))


def test_without_a_region_anywhere_the_help_says_how_to_name_one() -> None:
    with pytest.raises(OperatorError) as caught:
        operator_session(AwsSettings())
    assert str(caught.value) == "no AWS Region is set"
    assert caught.value.help == ("name one with --region or AWS_REGION, such as --region us-east-1")


@pytest.mark.parametrize("region", ["aws-global", "aws-cn-global", "aws-us-gov-global"])
def test_a_pseudo_region_is_refused_because_it_means_the_global_endpoint(region: str) -> None:
    with pytest.raises(OperatorError) as caught:
        operator_session(AwsSettings(region=region))
    assert str(caught.value) == f"`{region}` is not a Region that AssumeRoot can be called in"
    assert caught.value.help == (
        "AssumeRoot needs a Regional endpoint: name a Region, such as --region us-east-1"
    )


def test_a_pseudo_region_from_the_environment_is_refused_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "aws-global")
    with pytest.raises(OperatorError, match="`aws-global` is not a Region"):
        operator_session(AwsSettings())


def test_a_region_of_no_partition_is_refused() -> None:
    with pytest.raises(OperatorError, match="`mars` is not an AWS Region"):
        operator_session(AwsSettings(region="mars"))


@pytest.mark.usefixtures("_config")
def test_a_profile_that_does_not_exist_is_named() -> None:
    with pytest.raises(OperatorError) as caught:
        operator_session(AwsSettings(profile="typo", region="eu-west-1"))
    assert str(caught.value) == "there is no AWS profile `typo`"
    assert caught.value.help == "`aws configure list-profiles` shows the profiles there are"


@pytest.mark.usefixtures("_config")
def test_a_profile_from_the_environment_that_does_not_exist_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "typo")
    with pytest.raises(OperatorError, match="there is no AWS profile `typo`"):
        operator_session(AwsSettings())


def test_a_configuration_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config"
    path.write_text("this is no configuration")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    with pytest.raises(OperatorError) as caught:
        operator_session(AwsSettings(profile="ops"))
    assert str(caught.value) == (
        f"the AWS configuration files cannot be used: Unable to parse config file: {path}"
    )


@pytest.mark.usefixtures("_config")
def test_the_region_comes_from_the_option_the_environment_and_the_profile_in_this_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert region_of(operator_session(AwsSettings())) == "eu-north-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert region_of(operator_session(AwsSettings())) == "us-west-2"
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    assert region_of(operator_session(AwsSettings())) == "us-east-2"
    assert region_of(operator_session(AwsSettings(region="sa-east-1"))) == "sa-east-1"


@pytest.mark.usefixtures("_config")
def test_a_profile_named_on_the_command_line_keeps_its_own_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    assert region_of(operator_session(AwsSettings(profile="ops"))) == "eu-west-3"


@pytest.mark.usefixtures("_config")
def test_sts_is_regional_even_where_the_configuration_asks_for_the_old_way() -> None:
    settings = AwsSettings(profile="ops", region="us-east-1")
    clients = Clients(operator_session(settings), settings)
    assert clients.own("sts").meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("region", "service", "signed_for"),
    [
        ("eu-west-1", "iam", "us-east-1"),
        ("eu-west-1", "organizations", "us-east-1"),
        ("cn-north-1", "organizations", "cn-northwest-1"),
        ("us-gov-east-1", "iam", "us-gov-west-1"),
        ("eu-west-1", "sqs", "eu-west-1"),
    ],
)
@pytest.mark.parametrize("endpoint_url", [None, "http://127.0.0.1:4566"])
def test_a_service_without_regions_is_signed_for_its_partitions_home(
    monkeypatch: pytest.MonkeyPatch,
    endpoint_url: str | None,
    region: str,
    service: str,
    signed_for: str,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    settings = AwsSettings(region=region, endpoint_url=endpoint_url)
    client = Clients(operator_session(settings), settings).own(service)
    method = {"iam": "get_user", "organizations": "list_roots", "sqs": "list_queues"}[service]
    assert f"%2F{signed_for}%2F{service}%2F" in client.generate_presigned_url(method)


@pytest.mark.parametrize("address", ["localhost:8080", "ftp://host", "http://", "", "sts"])
def test_an_endpoint_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(OperatorError) as caught:
        AwsSettings(endpoint_url=address)
    assert str(caught.value) == f"`{address}` is not an endpoint address"


def test_a_client_is_made_once_for_all_accounts() -> None:
    settings = AwsSettings(region="eu-west-1")
    clients = Clients(operator_session(settings), settings)
    assert clients.for_root_sessions("iam") is clients.for_root_sessions("iam", "eu-west-2")
    assert clients.for_root_sessions("sqs") is clients.for_root_sessions("sqs", "eu-west-1")
    assert clients.for_root_sessions("sqs") is not clients.for_root_sessions("sqs", "eu-west-2")
    assert clients.for_root_sessions("iam") is not clients.own("iam")
