"""Preflight's shape: 10,000 accounts in 200 distinct chains x 20 task actions, after loading."""

import json
import resource
import time

from rootsteward.domain.authorization import (
    AccessRequest,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.evaluate import compile_policies

ACCOUNTS = 10_000
CHAINS = 200
UNKNOWN = frozenset({"aws:SourceIp", "aws:RequestedRegion", "aws:SecureTransport"})
TASK_ACTIONS = tuple(dict.fromkeys(action for task in TaskPolicy for action in task.actions))
DENY_ONLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "NotAction": ["iam:*", "s3:*", "sqs:*"], "Resource": "*"},
    }
)


Json = dict[str, object]

FULL: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}
GUARD_TRAIL: Json = {"Effect": "Deny", "Action": ["cloudtrail:StopLogging"], "Resource": "*"}
NEEDS_TLS: Json = {
    "Effect": "Deny",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}},
}
REGION_LOCK: Json = {
    "Effect": "Deny",
    "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*"],
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]},
        "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Platform*"]},
    },
}
DENY_ROOT: Json = {
    "Effect": "Deny",
    "NotAction": ["iam:GetAccountSummary", "iam:ListAccessKeys"],
    "Resource": "*",
    "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
}
SHARED_LEVELS = (
    (FULL, GUARD_TRAIL, NEEDS_TLS),
    (FULL, REGION_LOCK, GUARD_TRAIL),
    (FULL, NEEDS_TLS, GUARD_TRAIL),
)
OWN_LEVEL = (FULL, DENY_ROOT, GUARD_TRAIL)


def level(name: str, statements: tuple[Json, ...], mark: str) -> Level:
    documents = []
    for number, statement in enumerate(statements):
        body = {"Version": "2012-10-17", "Statement": {"Sid": f"{mark}x{number}", **statement}}
        documents.append(NamedDocument(f"{name}-{number}", json.dumps(body)))
    return Level(name, tuple(documents))


def chain(number: int) -> PolicySet:
    """A chain that shares its upper levels with the others and has three SCPs of its own."""
    levels = [level(f"level-{i}", shared, "Shared") for i, shared in enumerate(SHARED_LEVELS)]
    levels.append(level(f"unit-{number}", OWN_LEVEL, f"Own{number}"))
    return PolicySet(scp_levels=tuple(levels), task_policy=NamedDocument("task", DENY_ONLY))


def task_requests(account: str) -> list[AccessRequest]:
    """Every action of every task on the account's own root user."""
    root_user = f"arn:aws:iam::{account}:root"
    return [AccessRequest(root_user, action, root_user, {}, UNKNOWN) for action in TASK_ACTIONS]


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    started = time.process_time()
    begun = time.perf_counter()
    compiled = [compile_policies(chain(number)) for number in range(CHAINS)]
    loaded = time.process_time()
    blocked = 0
    decisions = 0
    for index in range(ACCOUNTS):
        policies = compiled[index % CHAINS]
        answers = [policies.decide(r) for r in task_requests(f"{index:012d}")]
        decisions += len(answers)
        blocked += any(a.decision is not Decision.ALLOWED for a in answers)
    seconds = time.process_time() - loaded
    wall_seconds = time.perf_counter() - begun
    print(f"{ACCOUNTS:,} accounts, {CHAINS} chains, {decisions:,} decisions")
    print(f"compiled in {loaded - started:.2f} s; decided in {seconds:.2f} s of processor time")
    print(f"{wall_seconds:.2f} s on the clock in all; {blocked:,} accounts blocked or open")
    print(f"peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
