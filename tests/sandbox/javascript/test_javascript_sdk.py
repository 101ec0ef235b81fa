"""The unmodified AWS SDK for JavaScript v3, over HTTP. Its packages come from the npm registry.

They are kept in the user's cache folder, and installed there by the first run.
"""

import functools
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import write_credentials_file
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve
from rootsteward.sandbox.wire.http import HttpRequest, HttpResponse
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World

HERE = Path(__file__).parent
HOME = "ap-northeast-1"
OLDEST_NODE = 20
# WHY: the first run downloads the packages.
pytestmark = pytest.mark.timeout(300)

Steps = Mapping[str, dict[str, Any]]


@functools.cache
def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs `{name}`, which is not installed")
    return found


def check_node() -> None:
    asked = subprocess.run(
        [program("node"), "--version"], capture_output=True, text=True, check=True
    )
    version = asked.stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"needs node {OLDEST_NODE} or newer, and this is {version}")


@pytest.fixture(scope="module")
def packages() -> Path:
    """A folder with the pinned packages, its name made of the pins."""
    check_node()
    pins = (HERE / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "rootsteward-tests" / f"javascript-{hashlib.sha256(pins).hexdigest()[:16]}"
    if not (folder / "installed").exists():
        install(folder, pins)
    shutil.copy(HERE / "calls.mjs", folder / "calls.mjs")
    return folder


def install(folder: Path, pins: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_bytes(pins)
    options = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    options += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    command = [program("npm"), "install", *options]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=240, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("needs the npm registry, which did not answer in time")
    if done.returncode != 0:
        why = next((line for line in done.stderr.splitlines() if "error" in line), "npm failed")
        pytest.skip(f"needs the packages of {HERE / 'package.json'} from the npm registry: {why}")
    (folder / "installed").touch()


def open_world() -> World:
    """The article's organization with centralized root access on and nothing in its way."""
    world = load_scenario("article", now=lambda: datetime.now(UTC))
    world.organization.services.trust(IAM_SERVICE, world.now())
    for feature in RootFeature:
        world.organization.root_features.enable(feature)
    policies = world.organization.policies
    for name in ("DenyRootUser", "DenyLongTermCredentials"):
        policy_id = policies.named("SERVICE_CONTROL_POLICY", name)
        assert policy_id is not None
        for target in list(policies.targets_of(policy_id)):
            policies.detach(policy_id, target)
    return world


@pytest.fixture(scope="module")
def uploads() -> list[HttpRequest]:
    """The requests by which objects were put."""
    return []


@pytest.fixture(scope="module")
def steps(
    packages: Path, uploads: list[HttpRequest], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Steps]:
    """What came back from every step of `calls.mjs`."""
    folder = tmp_path_factory.mktemp("javascript")
    world = open_world()
    sandbox = Sandbox(world)

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method == "PUT" and not request.query_string.startswith("policy"):
            uploads.append(request)
        return sandbox.handle(request)

    with serve(handle) as url:
        write_credentials_file(world, folder / "credentials", region=HOME, endpoint_url=url)
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "NODE_"))}
        environment = {
            **kept,
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
            "AWS_CONFIG_FILE": str(folder / "none"),
            "AWS_REGION": HOME,
            # WHY: this SDK reads `endpoint_url` from the config file and from here, but not from
            # the credentials file.
            "AWS_ENDPOINT_URL": url,
        }
        command = [program("node"), "calls.mjs"]
        done = subprocess.run(
            command, cwd=packages, env=environment, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout)


def output(steps: Steps, name: str) -> Any:  # noqa: ANN401 (any JSON value)
    assert "code" not in steps[name], steps[name]
    return steps[name].get("output")


def refusal(steps: Steps, name: str) -> tuple[str, int]:
    return steps[name]["code"], steps[name]["status"]


def test_a_profile_is_all_a_client_needs(steps: Steps) -> None:
    assert output(steps, "identity") == "arn:aws:iam::111111111111:user/administrator"


def test_a_wrong_key_is_named_as_aws_does(steps: Steps) -> None:
    assert refusal(steps, "wrongKey") == ("InvalidClientTokenId", 403)


def test_requests_for_root_sessions_are_checked(steps: Steps) -> None:
    assert refusal(steps, "notATask") == ("ValidationError", 400)
    assert steps["notATask"]["message"] == "Request must contain valid AWS managed task policy ARN"
    assert refusal(steps, "managementAsTarget") == ("AccessDenied", 403)


def test_a_root_session_audits(steps: Steps) -> None:
    assert output(steps, "audit") == {"password": 1, "mfa": 2}


def test_a_root_session_stays_within_its_task(steps: Steps) -> None:
    assert refusal(steps, "outsideTheTask") == ("AccessDenied", 403)
    assert refusal(steps, "noLoginProfile") == ("NoSuchEntityException", 404)


def test_recovery_is_opened(steps: Steps) -> None:
    made = output(steps, "recovery")
    assert made["reset"] is False
    assert datetime.fromisoformat(made["date"]).tzinfo is not None


def test_what_the_sandbox_does_not_have_it_says(steps: Steps) -> None:
    assert refusal(steps, "unimplemented") == ("InvalidAction", 400)
    assert "ListGroups" in steps["unimplemented"]["message"]


def test_lists_are_paged(steps: Steps) -> None:
    found = output(steps, "accounts")
    assert (len(found["names"]), found["pages"]) == (14, 3)
    assert refusal(steps, "unknownAccount") == ("AccountNotFoundException", 400)


def test_a_stream_is_put_in_chunks_with_its_checksum_behind(
    steps: Steps, uploads: list[HttpRequest]
) -> None:
    assert output(steps, "put") == "one two"
    (upload,) = uploads
    assert upload.headers.get("x-amz-content-sha256") == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    assert upload.headers.get("x-amz-trailer") == "x-amz-checksum-crc32"
    assert upload.headers.get("content-encoding") == "aws-chunked"


def test_a_bucket_is_locked_and_unlocked(steps: Steps) -> None:
    output(steps, "lock")
    assert refusal(steps, "locked") == ("AccessDenied", 403)
    assert output(steps, "unlock") == {"region": HOME, "keys": ["a b/ü.txt", "readme.txt"]}
    assert refusal(steps, "noPolicy") == ("NoSuchBucketPolicy", 404)


def test_a_queue_is_unlocked(steps: Steps) -> None:
    assert refusal(steps, "queueLocked") == ("AccessDenied", 403)
    assert output(steps, "queue") == {"locked": True, "bodies": ["order 4711", "order 4712"]}
    assert refusal(steps, "noQueue")[0] == "QueueDoesNotExist"


def test_findings_and_events_are_there(steps: Steps) -> None:
    assert "Policy:IAMUser/ShortTermRootCredentialUsage" in output(steps, "findings")
    targets = output(steps, "events")
    assert {"666666666666", "444444444444"} <= set(targets)
