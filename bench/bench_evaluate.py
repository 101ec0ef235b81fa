"""Decisions a second on a warm chain of 4 levels x 3 SCPs, the deciding statement included.

The same requests go to the npm package `@cloud-copilot/iam-simulate` when `node` finds it.
"""

import json
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.policy.evaluate import CompiledPolicies, compile_policies

ROOT_USER = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:sts::111122223333:assumed-role/deploy/session"
COUNT = 100_000
PEER_COUNT = 5_000

FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY_ROOT = {
    "Sid": "DenyRoot",
    "Effect": "Deny",
    "NotAction": ["iam:GetAccountSummary", "iam:ListAccessKeys", "iam:GetLoginProfile"],
    "Resource": "*",
    "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
}
REGION_LOCK = {
    "Sid": "RegionLock",
    "Effect": "Deny",
    "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*", "cloudfront:*", "route53:*"],
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]},
        "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Platform*"]},
    },
}
GUARD_TRAIL = {
    "Sid": "GuardTrail",
    "Effect": "Deny",
    "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "config:Delete*"],
    "Resource": "*",
}
GUARD_BUCKET = {
    "Sid": "GuardBucket",
    "Effect": "Deny",
    "Action": ["s3:DeleteBucket*", "s3:PutBucketPolicy"],
    "Resource": "arn:aws:s3:::log-archive-*",
    "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/LogAdmin"}},
}
NEEDS_TLS = {
    "Sid": "NeedsTls",
    "Effect": "Deny",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}},
}
NO_IAM_USERS = {
    "Sid": "NoIamUsers",
    "Effect": "Deny",
    "Action": ["iam:CreateUser", "iam:CreateAccessKey"],
    "Resource": ["*"],
}
CHAIN = (
    (FULL, GUARD_TRAIL, NEEDS_TLS),
    (FULL, REGION_LOCK, NO_IAM_USERS),
    (FULL, GUARD_BUCKET, GUARD_TRAIL),
    (FULL, DENY_ROOT, NO_IAM_USERS),
)
ACTIONS = (
    "iam:GetAccountSummary",
    "iam:ListAccessKeys",
    "iam:DeleteLoginProfile",
    "s3:DeleteBucketPolicy",
    "s3:GetObject",
    "sqs:SetQueueAttributes",
    "ec2:RunInstances",
    "cloudtrail:StopLogging",
    "iam:CreateUser",
    "kms:Decrypt",
)


def document(statement: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy_set() -> PolicySet:
    levels = tuple(
        Level(
            f"level-{i}",
            tuple(
                NamedDocument(f"p-{i}-{j}", json.dumps(document(s))) for j, s in enumerate(level)
            ),
        )
        for i, level in enumerate(CHAIN)
    )
    identity = (NamedDocument("admin", json.dumps(document(FULL))),)
    return PolicySet(scp_levels=levels, identity_policies=identity)


def requests(count: int) -> list[AccessRequest]:
    draw = random.Random(1)  # noqa: S311 (the same questions each time)
    regions = ("eu-west-1", "us-east-1", "eu-central-1")
    return [
        AccessRequest(
            principal=draw.choice((ROOT_USER, ROLE)),
            action=draw.choice(ACTIONS),
            resource=f"arn:aws:s3:::log-archive-{draw.randrange(1000)}",
            context={
                "aws:RequestedRegion": draw.choice(regions),
                "aws:SecureTransport": draw.choice(("true", "false")),
                "aws:SourceIp": f"192.0.2.{draw.randrange(256)}",
            },
        )
        for _ in range(count)
    ]


def decide_all(compiled: CompiledPolicies, asked: list[AccessRequest]) -> list[Answer]:
    return [compiled.decide(request) for request in asked]


PEER_SCRIPT = """
const { runSimulation } = require('@cloud-copilot/iam-simulate');
const { simulations } = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
(async () => {
  let best = 0;
  for (const s of simulations.slice(0, 500)) await runSimulation(s, {});
  for (let round = 0; round < 3; round++) {
    const started = process.cpuUsage();
    for (const s of simulations) await runSimulation(s, {});
    const { user, system } = process.cpuUsage(started);
    best = Math.max(best, simulations.length / ((user + system) / 1e6));
  }
  console.log(best);
})();
"""


def peer_simulation(request: AccessRequest) -> dict[str, object]:
    """The request as the peer wants it."""
    scps = [
        {
            "orgIdentifier": f"level-{i}",
            "policies": [
                {"name": f"p-{i}-{j}", "policy": document(s)} for j, s in enumerate(level)
            ],
        }
        for i, level in enumerate(CHAIN)
    ]
    return {
        "request": {
            "principal": request.principal,
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": "111122223333"},
            "contextVariables": dict(request.context),
        },
        "identityPolicies": [{"name": "admin", "policy": document(FULL)}],
        "serviceControlPolicies": scps,
        "resourceControlPolicies": [],
    }


def peer_rate(asked: list[AccessRequest]) -> float | None:
    """Decisions a second of processor time, best of three as ours; None when it is not here."""
    node = shutil.which("node")
    if node is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "peer.cjs")
        script.write_text(PEER_SCRIPT, encoding="utf-8")
        data = Path(folder, "simulations.json")
        simulations = [peer_simulation(r) for r in asked[:PEER_COUNT]]
        data.write_text(json.dumps({"simulations": simulations}), encoding="utf-8")
        ran = subprocess.run([node, script, data], capture_output=True, text=True, check=False)
    return float(ran.stdout) if ran.returncode == 0 and ran.stdout.strip() else None


def main() -> None:
    asked = requests(COUNT)
    compiled = compile_policies(policy_set())
    decide_all(compiled, asked[:2000])
    best = 0.0
    for _ in range(3):
        started = time.process_time()
        answers = decide_all(compiled, asked)
        best = max(best, len(asked) / (time.process_time() - started))
    denied = sum(a.decision is not Decision.ALLOWED for a in answers)
    named = sum(bool(a.by) for a in answers if a.decision is Decision.EXPLICIT_DENY)
    print(
        f"4 levels x 3 SCPs, {len(asked):,} requests, {denied:,} denied, {named:,} statements named"
    )
    print(f"rootsteward.policy: {best:,.0f} decisions a second")
    peer = peer_rate(asked)
    if peer is None:
        print("@cloud-copilot/iam-simulate: not installed here")
    else:
        print(f"@cloud-copilot/iam-simulate: {peer:,.0f} decisions a second ({best / peer:.0f} x)")


if __name__ == "__main__":
    main()
