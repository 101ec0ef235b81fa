"""Organizations: control policies, read whole, and their content changed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.organizations import OrganizationsService
from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.organization import OrgRoot

if TYPE_CHECKING:
    from mypy_boto3_organizations.client import OrganizationsClient


class ControlPolicyService(OrganizationsService):
    """`OrganizationReader.control_policies` and `ControlPolicyWriter`."""

    def control_policies(self, policy_type: str, org_root: OrgRoot) -> ControlPolicies:
        """Every policy of a type with content and attachments; none when it is not enabled.

        One list, then two calls per policy; never a call per account (rule card ORG-43).
        """
        if policy_type not in org_root.enabled_policy_types:
            return ControlPolicies(policy_type, enabled=False, policies={}, attached={})
        ids = [
            policy["Id"]
            for page in self._pages("ListPolicies", Filter=policy_type)
            for policy in page["Policies"]
        ]
        return ControlPolicies(
            type=policy_type,
            enabled=True,
            policies={policy_id: self.control_policy(policy_id) for policy_id in ids},
            attached=self._attachments(ids),
        )

    def update_policy_content(self, policy_id: str, content: str) -> None:
        """`organizations:UpdatePolicy`, content only."""
        self._change("UpdatePolicy", PolicyId=policy_id, Content=content)

    def control_policy(self, policy_id: str) -> ControlPolicy:
        """`organizations:DescribePolicy`: one policy as it is now."""
        call = ApiCall("organizations", "DescribePolicy")
        client: OrganizationsClient = self._door.client(call)
        answer = self._door.send(call, lambda: client.describe_policy(PolicyId=policy_id))
        summary = answer["Policy"]["PolicySummary"]
        return ControlPolicy(
            id=summary["Id"],
            name=summary["Name"],
            arn=summary["Arn"],
            description=summary.get("Description", ""),
            type=summary["Type"],
            aws_managed=summary["AwsManaged"],
            content=answer["Policy"]["Content"],
        )

    def _attachments(self, policy_ids: list[str]) -> Mapping[str, tuple[str, ...]]:
        attached: dict[str, tuple[str, ...]] = {}
        for policy_id in policy_ids:
            for page in self._pages("ListTargetsForPolicy", PolicyId=policy_id):
                for target in page["Targets"]:
                    target_id = target["TargetId"]
                    attached[target_id] = (*attached.get(target_id, ()), policy_id)
        return attached
