"""A snapshot's twin is the organization again: nothing read from it differs."""

from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from rootsteward.cli.audit_file import read_audit
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.identifiers import AccountId
from rootsteward.operations.snapshot import Snapshot
from rootsteward.sandbox.scenarios.identities import identities
from rootsteward.sandbox.scenarios.twin import Furnishing, delegate_profile
from rootsteward.sandbox.served import served_sandbox
from rootsteward.twin import served_twin
from sandbox.twin.conftest import Tool

STAGE = Path(__file__).parents[1] / "snapshot" / "stage.yaml"
_SCENARIOS = ["allow-list", "article", "control-tower", "landing-zone", "network-perimeter", STAGE]


def _without_taking(snapshot: Snapshot, of: Snapshot) -> Snapshot:
    """A snapshot as if it had been taken when and by whom another one was."""
    return replace(snapshot, taken_at=of.taken_at, taken_by=of.taken_by, standing=of.standing)


@pytest.mark.parametrize("scenario", _SCENARIOS, ids=lambda s: Path(s).stem)
def test_a_snapshot_of_the_twin_is_the_snapshot_it_was_made_from(
    tool: Tool, scenario: str | Path
) -> None:
    with served_sandbox(scenario) as original:
        taken = tool.snapshot(original)
    with served_twin(taken) as twin:
        assert _without_taking(tool.snapshot(twin), taken) == taken


@pytest.mark.parametrize("scenario", _SCENARIOS, ids=lambda s: Path(s).stem)
def test_preflight_says_the_same_of_the_twin_as_of_the_snapshot(
    tool: Tool, scenario: str | Path
) -> None:
    with served_sandbox(scenario) as original:
        taken = tool.snapshot(original)
    of_snapshot = tool.json(None, "preflight", "--snapshot", str(tool.folder / "0.json"))
    assert of_snapshot
    with served_twin(taken) as twin:
        assert tool.json(twin, "preflight") == of_snapshot


def test_what_the_snapshot_says_is_denied_is_denied_in_the_twin(tool: Tool) -> None:
    with served_sandbox("control-tower") as original:
        taken = tool.snapshot(original)
    with served_twin(taken) as twin:
        tool.run(twin, "audit", "--format", "json")
        assert "GRRESTRICTROOTUSER" in tool.out


def test_a_delegate_has_a_profile_of_its_own_in_the_twin(tool: Tool) -> None:
    with served_sandbox("control-tower") as original:
        taken = tool.snapshot(original)
        (delegate,) = original.world.organization.services.delegates_of("iam.amazonaws.com")
    with served_twin(taken) as twin:
        profiles = [identity.profile for identity in identities(twin.world)]
        assert profiles == ["management", delegate_profile(delegate)]
        sts = twin.session(delegate_profile(delegate)).client("sts")
        assert sts.get_caller_identity()["Account"] == delegate
        member = AccountId(taken.organization.accounts[-1].id)
        issued = sts.assume_root(
            TargetPrincipal=member,
            TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"},
        )
        assert issued["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_a_reset_goes_back_to_the_organization_that_was_looked_at(tool: Tool) -> None:
    with served_sandbox("article") as original:
        taken = tool.snapshot(original)
    with served_twin(taken, Furnishing(seed=7)) as twin:
        profiles = identities(twin.world)
        iam = twin.session().client("iam")
        twin.session().client("organizations").enable_aws_service_access(
            ServicePrincipal="iam.amazonaws.com"
        )
        assert iam.list_organizations_features()["EnabledFeatures"] == []
        twin.reset()
        with pytest.raises(ClientError) as refused:
            iam.list_organizations_features()
        assert refused.value.response["Error"]["Code"] == "ServiceAccessNotEnabledException"
        # The same seed makes the same keys, so that clients go on after a reset.
        assert identities(twin.world) == profiles


def test_the_audit_of_a_twin_is_the_audit_it_was_furnished_with(tool: Tool) -> None:
    with served_sandbox("article") as original:
        for command in (["enable", "--format", "json"], ["scp", "repair", "--apply", "--yes"]):
            assert tool.run(original, *command) is ExitCode.DONE
        taken = tool.snapshot(original)
        rows = tool.json(original, "audit", "--deep")
        audit = tool.folder / "audit.txt"
        tool.run(original, "audit", "--deep", "--format", "json")
        audit.write_text(tool.out)

    with served_twin(taken, Furnishing(root_credentials=read_audit(audit))) as twin:
        again = tool.json(twin, "audit", "--deep")
    kinds = ("account", "password", "access_keys", "certificates", "mfa")
    assert [[row[kind] for kind in kinds] for row in again] == [
        [row[kind] for kind in kinds] for row in rows
    ]
