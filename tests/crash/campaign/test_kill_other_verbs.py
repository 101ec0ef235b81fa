"""Kill -9 at every write of campaigns that do something else than delete: the same final world.

`make crash` tries every write of every verb. Otherwise a few, spread evenly.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crash.campaign.kit import MANAGEMENT, Kit, crash_kit, moments
from rootsteward.aws.clock import SystemClock
from rootsteward.campaigns.store import CampaignStore
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.ledger.ledger import Ledger
from rootsteward.sandbox.world.world import World
from rootsteward.storage.database import open_database

FEW = 3
BARE, OPEN, OWNER, BLOCKED = "222222222222", "333333333333", "444444444444", "555555555555"
_SHUT = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
_BUCKET = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Reads",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{BARE}:root"},
            "Action": "s3:GetBucketPolicy",
            "Resource": "arn:aws:s3:::shut-bucket",
        },
        {**_SHUT, "Sid": "Shut", "Action": "s3:*", "Resource": "arn:aws:s3:::shut-bucket"},
    ],
}
_QUEUE = {"Version": "2012-10-17", "Statement": [{**_SHUT, "Sid": "Shut", "Action": "sqs:*"}]}
_NO_ROOT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "NoRoot",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
        }
    ],
}


def scenario(*, switched_on: bool) -> str:
    """One account for every verb to do something in."""
    plain = [
        {"id": BARE, "name": "bare", "email": "bare@example.com"},
        {
            "id": OPEN,
            "name": "open",
            "email": "open@example.com",
            "root_user": {"password": {"created_days_ago": 3}},
        },
        {
            "id": OWNER,
            "name": "owner",
            "email": "owner@example.com",
            "buckets": [{"name": "shut-bucket", "policy": json.dumps(_BUCKET)}],
            "queues": [{"name": "shut-queue", "policy": json.dumps(_QUEUE)}],
        },
        {"id": BLOCKED, "name": "blocked", "email": "blocked@example.com", "unit": "Blocked"},
    ]
    return json.dumps(
        {
            "seed": 5,
            "regions": ["us-east-1"],
            "organization": {
                "management": MANAGEMENT,
                "units": [{"name": "Blocked"}],
                "trusted_services": ["iam.amazonaws.com"] if switched_on else [],
                "root_features": ["RootCredentialsManagement", "RootSessions"]
                if switched_on
                else [],
                "policies": [
                    {"name": "NoRoot", "attach": ["Blocked"], "content": json.dumps(_NO_ROOT)}
                ],
            },
            "accounts": plain,
        }
    )


VERBS = {
    "enable": "enable",
    "allow-recovery": f"allow-recovery --account {BARE} --account {OPEN} --reason test",
    "close-recovery": f"close-recovery --account {BARE} --account {OPEN}",
    "scp-repair": "scp repair --task audit",
    "unlock-bucket": f"unlock bucket shut-bucket --account {OWNER}",
    "unlock-queue": f"unlock queue shut-queue --account {OWNER}",
}


@pytest.fixture(params=VERBS)
def kit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kit]:
    text = scenario(switched_on=request.param != "enable")
    with crash_kit(tmp_path, text, *VERBS[request.param].split()) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(3 * 3600)
def test_whatever_a_campaign_does_it_ends_in_the_same_world(kit: Kit) -> None:
    before = picture(kit.sandbox.world)
    calm = kit.new_trial("calm")
    ended = kit.apply(calm)
    assert ended.code == ExitCode.DONE, kit.said(calm)
    truth = picture(kit.sandbox.world)
    assert truth != before
    assert troubles(kit, calm) == []
    outcomes = kit.outcomes(calm)

    most = int(os.environ.get("CRASH_WRITES", FEW))
    killed = 0
    for number, when in moments(ended.writes, most):
        folder = kit.new_trial(f"{number}-{when}")
        killed += kit.apply(folder, at=number, when=when).killed
        again = kit.apply(folder)
        about = (number, when, kit.said(folder))
        assert again.code == ExitCode.DONE, about
        assert picture(kit.sandbox.world) == truth, about
        assert troubles(kit, folder) == [], about
        assert kit.outcomes(folder) == outcomes, about
    assert killed >= min(most, 2 * ended.writes) / 2
    print(f"{killed} kills at {ended.writes} writes")  # noqa: T201 (the figure of `make crash`)


def picture(world: World) -> dict[str, Any]:
    """Everything that the verbs can change, told from the world itself."""
    organization = world.organization
    accounts = list(organization.accounts)
    return {
        "trusted": sorted(organization.services.trusted_since),
        "features": organization.root_features.listed(),
        "policies": {p.name: p.content for p in organization.policies.policies.values()},
        "passwords": [a for a in accounts if world.root_users.of(a).holdings.password],
        "buckets": {bucket.name: bucket.policy for bucket in world.buckets},
        "queues": {queue.name: queue.policy for queue in world.queues},
    }


def troubles(kit: Kit, folder: Path) -> list[str]:
    """What is not as it must be: acts that are not announced or done twice; best empty."""
    assert kit.plan is not None
    with open_database(folder / "rootsteward.db") as database:
        ledger = Ledger(database, SystemClock())
        announced = Counter(
            str(entry.value["act"]) for entry in ledger.entries() if entry.kind.endswith(".intent")
        )
        found = [] if ledger.verify().ok else ["the ledger does not verify"]
        state = CampaignStore(database, SystemClock()).campaign(kit.plan.id).state
    if state.value != "finished":
        found.append(f"the campaign is {state.value}")
    done = acts_in(kit.sandbox.world)
    found += [f"{act} was done {n} times" for (act, _, _), n in done.items() if n > 1]
    sent = Counter(act for act, _, _ in done.elements())
    return [*found, *(f"{act} was not announced" for act in sent if sent[act] > announced[act])]


def acts_in(world: World) -> Counter[tuple[str, str, str]]:
    """What changed something, by call, account and parameters; the world's own trail tells."""
    return Counter(
        (f"{event.call.service}:{event.call.operation}", account, json.dumps(event.call.params))
        for (account, _), events in world.trail._events.items()
        for event in events
        if not event.read_only and not event.error_code and event.call.operation != "AssumeRoot"
    )
