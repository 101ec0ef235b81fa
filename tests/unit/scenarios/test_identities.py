"""The credentials file: standard, complete, private, and written at once or not at all."""

import configparser
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.scenarios.identities import (
    KeyIdentity,
    identities,
    listing,
    write_credentials_file,
)
from rootsteward.sandbox.world.world import World

ENDPOINT = "http://127.0.0.1:4566"


def written(world: World, path: Path) -> configparser.ConfigParser:
    write_credentials_file(world, path, region="ap-northeast-1", endpoint_url=ENDPOINT)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    return parser


def test_every_identity_has_a_profile(article: World, tmp_path: Path) -> None:
    parser = written(article, tmp_path / "credentials")
    assert parser.sections() == [
        "management",
        "operator",
        "security",
        "legacy-billing-root",
        "root-steward",
        "payments-admin",
    ]
    for section in parser.sections():
        assert parser[section]["region"] == "ap-northeast-1"
        assert parser[section]["endpoint_url"] == ENDPOINT


def test_a_key_profile_holds_a_key_that_signs(article: World, tmp_path: Path) -> None:
    section = written(article, tmp_path / "credentials")["management"]
    credential = article.credential(section["aws_access_key_id"])
    assert credential is not None
    assert credential.secret.reveal() == section["aws_secret_access_key"]
    assert credential.caller.arn == "arn:aws:iam::111111111111:user/administrator"


def test_a_role_profile_is_assumed_from_another(article: World, tmp_path: Path) -> None:
    section = written(article, tmp_path / "credentials")["payments-admin"]
    assert section["role_arn"] == "arn:aws:iam::666666666666:role/PaymentsAdmin"
    assert section["source_profile"] == "management"
    assert section["role_session_name"] == f"sandbox-{int(article.now().timestamp())}"
    assert "aws_secret_access_key" not in section


def test_the_file_is_its_owners_alone_and_replaces_the_old_one(
    article: World, tmp_path: Path
) -> None:
    path = tmp_path / "credentials"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    written(article, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert "old" not in path.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_a_clear_error(article: World, tmp_path: Path) -> None:
    path = tmp_path / "no-such-folder" / "credentials"
    with pytest.raises(OperatorError) as caught:
        write_credentials_file(article, path, region="us-east-1", endpoint_url=ENDPOINT)
    assert caught.value.message == (
        f"credentials file `{path}` cannot be written: no such file or directory"
    )


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    article: World, tmp_path: Path
) -> None:
    path = tmp_path / "credentials"
    path.mkdir()
    with pytest.raises(OperatorError):
        write_credentials_file(article, path, region="us-east-1", endpoint_url=ENDPOINT)
    assert list(tmp_path.iterdir()) == [path]


def test_the_listing_is_json(article: World) -> None:
    listed = json.loads(json.dumps(listing(article)))
    assert [entry["profile"] for entry in listed] == [i.profile for i in identities(article)]
    assert listed[0]["account_name"] == "hinode-management"
    assert listed[-1]["source_profile"] == "management"


def test_secrets_are_not_in_the_repr(article: World) -> None:
    for identity in identities(article):
        if isinstance(identity, KeyIdentity):
            assert identity.secret.reveal() not in repr(identity)


def test_a_key_that_is_gone_is_left_out(article: World) -> None:
    billing = next(i for i in identities(article) if i.profile == "legacy-billing-root")
    assert isinstance(billing, KeyIdentity)
    article.root_users.remove_access_key(billing.account, billing.access_key_id)
    assert billing.profile not in [i.profile for i in identities(article)]


def test_the_management_profile_is_always_an_administrator(
    load: Callable[..., World],
) -> None:
    for name in ("article", "generated"):
        world = load(name)
        first = identities(world)[0]
        assert first.profile == "management"
        assert first.account == world.organization.management_account_id
