"""Worlds in files, and `sandbox serve` that writes and reads them."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.saved_worlds import load_world, save_world, saved
from rootsteward.sandbox.served import served_sandbox
from rootsteward.sandbox.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = str(Path(sys.executable).with_name("rootsteward"))


def test_a_file_is_for_its_owner_only_and_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    path.write_text("old")
    path.chmod(0o644)
    stage = Stage.of_scenario("article")
    stage.clock.freeze()
    save_world(stage.world, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["world.json"]
    clock = SandboxClock()
    assert load_world(path, clock).organization == stage.world.organization
    assert clock() == stage.clock()


def test_a_file_that_cannot_be_written_or_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "world.json"
    with pytest.raises(OperatorError, match=re.escape(str(missing))):
        save_world(Stage.of_scenario("article").world, missing)
    with pytest.raises(OperatorError, match=re.escape(str(missing))):
        Stage.of_saved_world(missing)


def test_a_stage_from_a_file_resets_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    with served_sandbox("article") as served:
        organizations = served.session().client("organizations")
        organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
        served.set_faults({"kind": "throttle", "service": "s3"})
        save_world(served.world, path)
        organizations.close()
    stage = Stage.of_saved_world(path)
    assert stage.world.organization.services.is_trusted("iam.amazonaws.com")
    assert stage.sandbox.faults.active
    stage.world.organization.services.distrust("iam.amazonaws.com")
    stage.reset()
    assert stage.world.organization.services.is_trusted("iam.amazonaws.com")


@contextmanager
def command(*arguments: str) -> Iterator[tuple[str, list[str], subprocess.Popen[str]]]:
    """`rootsteward sandbox serve` until the block ends: its address, what it said, itself."""
    program = [PROGRAM, "sandbox", "serve", "--port", "0"]
    environment = {**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C stops it" in line:
                break
        url = re.search(r"on (http://\S+)", "".join(said))
        assert url is not None, "".join(said)
        yield url.group(1), said, process
    finally:
        process.send_signal(signal.SIGINT)
        said.append(process.communicate(timeout=30)[0])


def test_serve_saves_when_it_stops_and_goes_on_where_it_was(tmp_path: Path) -> None:
    world, credentials = tmp_path / "world.json", tmp_path / "credentials"
    keep = ("--save-on-exit", str(world), "--credentials-file", str(credentials))
    with command(*keep, "--scenario", "article") as (url, said, process):
        assert f"{url}/_rootsteward/" in "".join(said)
        keys = re.findall(
            r"aws_(?:access_key_id|secret_access_key) = (\S+)", credentials.read_text()
        )
        organizations = client(url, keys)
        organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
        organizations.close()
    assert process.returncode == 0, "".join(said)
    assert stat.S_IMODE(world.stat().st_mode) == 0o600
    with command("--load", str(world), "--realistic", "--throttle") as (url, said, process):
        organizations = client(url, keys)
        trusted = organizations.list_aws_service_access_for_organization()
        organizations.close()
        assert "iam.amazonaws.com" in {
            each["ServicePrincipal"] for each in trusted["EnabledServicePrincipals"]
        }
        assert "warning" not in "".join(said)
    assert process.returncode == 0


def client(url: str, keys: list[str]):  # type: ignore[no-untyped-def]  # noqa: ANN201 (boto3's own)
    return boto3.session.Session().client(
        "organizations",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
    )


def test_serving_other_machines_comes_with_a_warning() -> None:
    with command("--host", "0.0.0.0") as (_, said, process):  # noqa: S104 (what is tested)
        text = "".join(said)
        assert "warning: other machines can reach 0.0.0.0" in text
        assert "the admin API is not" in text
    assert process.returncode == 0


def test_a_saved_world_has_its_seed(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    path.write_text(saved(Stage.of_scenario("article").world))
    program = [PROGRAM, "sandbox", "serve"]
    ended = subprocess.run(
        [*program, "--load", str(path), "--seed", "3"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "--load and --seed do not go together" in ended.stderr
