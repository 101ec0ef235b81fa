"""IAM's switches for centralized root access in the organization."""

from typing import TYPE_CHECKING

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.service import Service, receipt_of
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.task_policy import RootFeature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_iam.client import IAMClient


class RootFeatureService(Service):
    """The feature half of `RootAccessSwitches`."""

    def root_features(self) -> frozenset[RootFeature]:
        """`iam:ListOrganizationsFeatures`."""
        call = ApiCall("iam", "ListOrganizationsFeatures")
        client: IAMClient = self._door.client(call)
        answer = self._door.send(call, client.list_organizations_features)
        return _features(answer["EnabledFeatures"])

    def enable_root_feature(self, feature: RootFeature) -> Receipt:
        """Switch a feature on. Idempotent."""
        return self._switch("Enable", feature)

    def disable_root_feature(self, feature: RootFeature) -> Receipt:
        """Switch a feature off. Idempotent."""
        return self._switch("Disable", feature)

    def _switch(self, verb: str, feature: RootFeature) -> Receipt:
        call = ApiCall("iam", f"{verb}Organizations{feature.value}", changes=True)
        client: IAMClient = self._door.client(call)
        request = {
            "EnableOrganizationsRootCredentialsManagement": (
                client.enable_organizations_root_credentials_management
            ),
            "EnableOrganizationsRootSessions": client.enable_organizations_root_sessions,
            "DisableOrganizationsRootCredentialsManagement": (
                client.disable_organizations_root_credentials_management
            ),
            "DisableOrganizationsRootSessions": client.disable_organizations_root_sessions,
        }[call.operation]
        return receipt_of(self._door.send(call, request))


def _features(names: "Sequence[str]") -> frozenset[RootFeature]:
    # WHY: a feature that AWS adds later is none of ours, and no reason to fail.
    known = {feature.value: feature for feature in RootFeature}
    return frozenset(known[name] for name in names if name in known)
