"""The organization as a snapshot has it, behind the ports that the live one is read through."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Organization, OrgRoot
from rootsteward.domain.root_credentials import Basis, NotSeen, Seen
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.operations.controls import RCP_TYPE, SCP_TYPE
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.status import Status

if TYPE_CHECKING:
    from rootsteward.operations.controls import ControlReader
    from rootsteward.ports.aws_gateway import TagReader

_NAMES = {SCP_TYPE: "service control policies", RCP_TYPE: "resource control policies"}


class SnapshotReader:
    """Implements `operations.controls.ControlReader` from a snapshot. Calls nothing."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def region(self) -> str:
        """The Region in which the snapshot was taken."""
        return self._snapshot.region

    @property
    def partition(self) -> str:
        """The partition in which the snapshot was taken."""
        return self._snapshot.partition

    def caller(self) -> CallerIdentity:
        """Who took the snapshot."""
        return self._snapshot.taken_by

    def organization(self) -> Organization:
        """The whole tree, with tags where they were read."""
        return self._snapshot.organization

    def control_policies(self, policy_type: str, org_root: OrgRoot) -> ControlPolicies:
        """Every policy of a type.

        Raises:
            OperatorError: when they could not be read when the snapshot was taken.
        """
        if policy_type not in org_root.enabled_policy_types:
            return ControlPolicies(policy_type, enabled=False, policies={}, attached={})
        snapshot = self._snapshot
        seen = {SCP_TYPE: snapshot.scps, RCP_TYPE: snapshot.rcps}[policy_type]
        if isinstance(seen, NotSeen):
            raise OperatorError(
                f"the snapshot has no {_NAMES[policy_type]}: {seen.detail}",
                help="take it again as somebody who may read them",
            )
        return seen.value

    def control_policy(self, policy_id: str) -> ControlPolicy:
        """One policy as it was.

        Raises:
            InputError: when the snapshot has no such policy.
        """
        for seen in (self._snapshot.scps, self._snapshot.rcps):
            if isinstance(seen, Seen) and policy_id in seen.value.policies:
                return seen.value.policies[policy_id]
        raise InputError(
            f"policy `{policy_id}` is not in the snapshot", help="look for its id in the file"
        )

    def account_tags(self, account: AccountId) -> Mapping[str, str]:
        """The tags of one account as they were.

        Raises:
            InputError: when nobody asked for tags when the snapshot was taken.
            OperatorError: when they could not be read then.
        """
        seen = self._snapshot.tags
        if seen is None:
            raise InputError("the snapshot has no tags", help="take it again with --tags")
        if isinstance(seen, NotSeen):
            raise OperatorError(
                f"the snapshot has no tags: {seen.detail}",
                help="take it again as somebody who may read them",
            )
        return self._snapshot.organization.account(account).tags


def status_of(snapshot: Snapshot) -> Status:
    """What `status` would have said when the snapshot was taken."""
    return Status(
        caller=snapshot.taken_by,
        region=snapshot.region,
        standing=snapshot.standing,
        organization=Seen(snapshot.organization, Basis.LISTED),
        trusted_access=snapshot.trusted_access,
        features=snapshot.features,
        delegates=snapshot.delegates,
    )


if TYPE_CHECKING:

    def _is_a_reader(reader: SnapshotReader) -> ControlReader:
        return reader

    def _has_tags(reader: SnapshotReader) -> TagReader:
        return reader
