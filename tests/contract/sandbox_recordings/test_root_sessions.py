"""The recording root_sessions: features, delegation, sessions and revocation, in order.

Between the recorded calls others were made that the recording leaves out: `UNRECORDED` has them.
The recording shows changes taking effect late (deregistering a delegate, switching trusted access
off). The sandbox answers at once unless it is told to be realistic, so for the cases in `DELAYED`
the refusal that came later is what must come now.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, Role
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, Bench, account, boto_client
from sandbox_replay import call, differences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Recording = Callable[[str], list[dict[str, Any]]]
    Step = tuple[str, str, dict[str, Any]]

TRUST: Step = ("organizations", "EnableAWSServiceAccess", {"ServicePrincipal": "iam.amazonaws.com"})
DISTRUST: Step = (
    "organizations",
    "DisableAWSServiceAccess",
    {"ServicePrincipal": "iam.amazonaws.com"},
)
DELEGATION = {"AccountId": DELEGATE, "ServicePrincipal": "iam.amazonaws.com"}
REGISTER: Step = ("organizations", "RegisterDelegatedAdministrator", DELEGATION)
DEREGISTER: Step = ("organizations", "DeregisterDelegatedAdministrator", DELEGATION)
CREDENTIALS_ON: Step = ("iam", "EnableOrganizationsRootCredentialsManagement", {})
CREDENTIALS_OFF: Step = ("iam", "DisableOrganizationsRootCredentialsManagement", {})
SESSIONS_OFF: Step = ("iam", "DisableOrganizationsRootSessions", {})


def opened(task: TaskPolicy) -> Step:
    target = {"TargetPrincipal": MEMBER, "TaskPolicyArn": {"arn": task.arn()}}
    return ("sts", "AssumeRoot", target)


UNRECORDED: Mapping[str, list[Step]] = {
    "initial_features": [TRUST],
    "delegate_features": [REGISTER],
    "followup_initial_features": [CREDENTIALS_OFF, SESSIONS_OFF],
    "delegate_after_deregister": [DEREGISTER],
    "features_without_trust": [DISTRUST],
    "features_after_trust_restore": [TRUST],
    "propagation_delegate_baseline": [REGISTER],
    "delegate_features_after_0s": [DEREGISTER],
    "untrusted_features_after_0s": [DISTRUST],
    "propagation_features_restored": [TRUST, SESSIONS_OFF],
    "propagation_new_session_features_disabled": [CREDENTIALS_OFF],
    "recovery_only_features": [CREDENTIALS_ON],
    "recovery_only_before": [
        opened(TaskPolicy.AUDIT),
        opened(TaskPolicy.CREATE_PASSWORD),
        opened(TaskPolicy.DELETE_CREDENTIALS),
    ],
}

NOT_TRUSTED = "Service not enabled for AWS Organizations."
NOT_DELEGATE = (
    "User: arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/"
    "stackd-root-propagation is not authorized to perform: sts:AssumeRoot on resource: "
    "arn:aws:iam::333333333333:root"
)
# Recorded as `Success` because the change before had not reached STS yet.
DELAYED: Mapping[str, str] = {
    "delegate_after_deregister": NOT_DELEGATE,
    "new_session_without_trust": NOT_TRUSTED,
    "delegate_session_after_15s": NOT_DELEGATE,
    "untrusted_session_after_0s": NOT_TRUSTED,
    "untrusted_session_after_15s": NOT_TRUSTED,
    "untrusted_session_after_60s": NOT_TRUSTED,
}

# What else was in the recorded account; the sandbox's has none of it.
OTHER_CONTENTS = {"Providers", "PolicyVersionsInUse", "Roles"}

IN_SESSION = {
    "CreateLoginProfile": TaskPolicy.CREATE_PASSWORD,
    "DeleteLoginProfile": TaskPolicy.DELETE_CREDENTIALS,
}


@dataclass
class Replay:
    """A sandbox in the middle of the recording."""

    bench: Bench
    delegate_key: str = ""
    sessions: dict[TaskPolicy, str] = field(default_factory=dict)

    def step(self, step: Step, access_key_id: str) -> tuple[str, str, Any]:
        service, operation, params = step
        client = boto_client(self.bench.sandbox, service, access_key_id)
        code, message, output = call(client, operation, params)
        if operation == "AssumeRoot" and code == "Success":
            task = TaskPolicy.from_arn(params["TaskPolicyArn"]["arn"])
            self.sessions[task] = output["Credentials"]["AccessKeyId"]
        return code, message, output

    def key_for(self, case: Mapping[str, Any]) -> str:
        caller = case.get("caller", "management")
        if caller.startswith("root-session"):
            return self.sessions[IN_SESSION.get(case["operation"], TaskPolicy.AUDIT)]
        if "222222222222" in caller:
            return self.delegate_key
        if "CredentialReport" in case["operation"]:
            return self.bench.callers["reporter"].access_key_id
        return self.bench.callers["management"].access_key_id

    def case(self, case: Mapping[str, Any]) -> list[str]:
        for step in UNRECORDED.get(case["case"], []):
            code, message, _ = self.step(step, self.bench.callers["management"].access_key_id)
            assert code == "Success", f"before {case['case']}: {message}"
        key = self.key_for(case)
        answer = self.step((case["service"], case["operation"], case["input"]), key)
        return [f"{case['case']}: {trouble}" for trouble in troubles(case, *answer)]


def troubles(case: Mapping[str, Any], code: str, message: str, output: Any) -> list[str]:  # noqa: ANN401 (botocore's answers are data)
    name = case["case"]
    if name in DELAYED:
        right = (code, message) == ("AccessDenied", DELAYED[name])
        return [] if right else [f"{code} {message!r}"]
    if code != case["code"]:
        return [f"{code} {message!r} instead of {case['code']}"]
    if code != "Success":
        # The recorder appends the members of an error to its message.
        expected, _, reason = case["message"].partition("\n\nAdditional error details:\nReason: ")
        found = [] if message == expected else [f"{message!r} instead of {expected!r}"]
        right = not reason or output.get("Reason") == reason
        return found if right else [*found, f"reason {output.get('Reason')}"]
    return differences(comparable(case["output"]), comparable(output))


def comparable(output: Mapping[str, Any]) -> dict[str, Any]:
    """An output without what differs for reasons of the account, its report as the root row."""
    shown = {name: value for name, value in output.items() if name != "ResponseMetadata"}
    if "SummaryMap" in shown:
        shown["SummaryMap"] = {
            name: value for name, value in shown["SummaryMap"].items() if name not in OTHER_CONTENTS
        }
    content = shown.pop("Content", None)
    if content is not None:
        shown["RootRow"] = next(csv.DictReader(io.StringIO(content.decode())))
    if "RootRow" in shown:
        shown["RootRow"] = {
            name: "a time" if value[:3] == "202" else value
            for name, value in shown["RootRow"].items()
        }
    return shown


def role(bench: Bench, in_account: str) -> Role:
    """The role that the management account uses in a member account."""
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"},
            "Action": "sts:AssumeRole",
        },
    }
    return Role(
        account=next(a for a in (DELEGATE, MEMBER) if a == in_account),
        name="OrganizationAccountAccessRole",
        unique_id="AROAEXAMPLE",
        trust=NamedDocument("trust", json.dumps(trust)),
        created_at=bench.world.now(),
        managed={ADMINISTRATOR_ACCESS.name: ADMINISTRATOR_ACCESS},
    )


def start() -> Replay:
    now = datetime.now(UTC)
    random = Random(1)  # noqa: S311 (the same identifiers every time)
    state = OrganizationState.found(random, account(MANAGEMENT, "management", ""))
    state.id = "o-aaaaaaaaaa"
    for member in (DELEGATE, MEMBER):
        state.add_account(replace(account(member, member, state.org_root_id)))
    bench = Bench(Sandbox(World(lambda: now, random, ("us-east-1",), state)))
    bench.add_user(MANAGEMENT, "management")
    replay = Replay(bench)
    replay.delegate_key = assume(replay, DELEGATE, "stackd-root-propagation")
    bench.callers["reporter"] = bench.caller_of(assume(replay, MEMBER, "reporter"))
    return replay


def assume(replay: Replay, in_account: str, session_name: str) -> str:
    member_role = role(replay.bench, in_account)
    replay.bench.world.identities.add_role(member_role)
    client = boto_client(
        replay.bench.sandbox, "sts", replay.bench.callers["management"].access_key_id
    )
    answer = client.assume_role(RoleArn=member_role.arn, RoleSessionName=session_name)
    key: str = answer["Credentials"]["AccessKeyId"]
    return key


def test_the_recording_is_answered_alike(recording: Recording) -> None:
    cases = [case for case in recording("root_sessions") if "operation" in case]
    replay = start()
    found = [trouble for case in cases for trouble in replay.case(case)]
    assert found == []


def test_only_answers_recorded_as_successes_count_as_delayed(recording: Recording) -> None:
    cases = {case["case"]: case for case in recording("root_sessions")}
    assert {cases[name]["code"] for name in DELAYED} == {"Success"}
    assert UNRECORDED.keys() <= cases.keys()
