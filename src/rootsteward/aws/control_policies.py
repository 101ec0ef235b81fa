"""Organizations: control policies, read whole, and their content changed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.organizations import OrganizationsService
from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.organization import OrgRoot
from rootsteward.domain.receipt import Receipt

if TYPE_CHECKING:
    from mypy_boto3_organizations.client import OrganizationsClient

# WHY not listed: it cannot be detached, and its targets fill a page for every twenty accounts.
_EVERYWHERE = frozenset({"p-RCPFullAWSAccess"})


class ControlPolicyService(OrganizationsService):
    """`OrganizationReader.control_policies` and `ControlPolicyWriter`."""

    def control_policies(self, policy_type: str, org_root: OrgRoot) -> ControlPolicies:
        """Every policy of a type with content and attachments; none when it is not enabled.

        One list, then two calls per policy; never a call per account (rule card ORG-43). Where
        RCPFullAWSAccess is attached is not asked at all (rule card RCP-01).
        """
        if policy_type not in org_root.enabled_policy_types:
            return ControlPolicies(policy_type, enabled=False, policies={}, attached={})
        ids = [
            policy["Id"]
            for page in self._pages("ListPolicies", Filter=policy_type)
            for policy in page["Policies"]
        ]
        policies: dict[str, ControlPolicy] = {}
        attached: dict[str, tuple[str, ...]] = {}
        # WHY one policy after the other: the two APIs have a pace each, and neither waits idly.
        for policy_id in ids:
            policies[policy_id] = self.control_policy(policy_id)
            for target_id in () if policy_id in _EVERYWHERE else self._targets(policy_id):
                attached[target_id] = (*attached.get(target_id, ()), policy_id)
        return ControlPolicies(
            type=policy_type,
            enabled=True,
            policies=policies,
            attached=attached,
            attached_everywhere=tuple(i for i in ids if i in _EVERYWHERE),
        )

    def update_policy_content(self, policy_id: str, content: str) -> Receipt:
        """`organizations:UpdatePolicy`, content only."""
        return self._change("UpdatePolicy", PolicyId=policy_id, Content=content)

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

    def _targets(self, policy_id: str) -> Iterator[str]:
        for page in self._pages("ListTargetsForPolicy", PolicyId=policy_id):
            for target in page["Targets"]:
                yield target["TargetId"]
