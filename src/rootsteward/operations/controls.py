"""The control policies of an organization, and what they say about a root session's call.

Facts and questions only: it reads policies, it changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    ContextValue,
    DecidedBy,
    Decision,
    PolicySet,
)
from rootsteward.domain.control_policies import ControlPolicies
from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.domain.organization import Organization
from rootsteward.domain.task_documents import task_document
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import Blame, BlameFor
from rootsteward.policy.evaluate import CompiledPolicies, compile_policies
from rootsteward.ports.aws_gateway import CallerReader, OrganizationReader

SCP_TYPE = "SERVICE_CONTROL_POLICY"
RCP_TYPE = "RESOURCE_CONTROL_POLICY"

# Actions without a resource type are authorized on `*` (rule card IAM-20) and no RCP speaks about
# them; nor about IAM at all (rule card RCP-20).
_ON_ANYTHING = frozenset({"iam:GetAccountSummary", "s3:ListAllMyBuckets", "sqs:ListQueues"})
_RCP_SERVICES = frozenset({"s3", "sqs"})
# IAM's one endpoint has a Region of its own (rule card IAM-21).
_IAM_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
# A name for questions that are asked before a bucket or queue is chosen.
PLACEHOLDER_RESOURCE = "any-bucket-or-queue"

# Keys whose value depends on where, when and through what the call is made: nobody knows them
# beforehand, so a verdict that hangs on one of them is `depends`, never a guess.
# LIMIT: resource tags of buckets and queues are taken as absent.
UNKNOWN_KEYS = frozenset(
    {
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:SourceIdentity",
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:SourceVpcArn",
        "aws:SourceVpce",
        "aws:UserAgent",
        "aws:VpcSourceIp",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "aws:VpceOrgPaths",
    }
)


class ControlReader(CallerReader, OrganizationReader, Protocol):
    """What is read to know who may deny what."""


@dataclass(frozen=True, slots=True)
class Controls:
    """The tree and everything in it that may deny."""

    organization: Organization
    scps: ControlPolicies
    rcps: ControlPolicies
    partition: str = "aws"


def gather(gateway: ControlReader, organization: Organization) -> Controls:
    """Read both kinds of control policies.

    Raises:
        RootstewardError: when they cannot be read; nothing can be foretold without them.
    """
    return Controls(
        organization,
        gateway.control_policies(SCP_TYPE, organization.org_root),
        gateway.control_policies(RCP_TYPE, organization.org_root),
        gateway.partition,
    )


def ask(controls: Controls, account: AccountId, task: TaskPolicy, action: str) -> Answer:
    """Whether a root session under a task policy could carry out an action in an account."""
    return asker(controls, account, task)(action)


def asker(controls: Controls, account: AccountId, task: TaskPolicy) -> Callable[[str], Answer]:
    """The same for many actions: what can speak about them is compiled once."""
    compiled: dict[bool, CompiledPolicies] = {}

    def answer(action: str) -> Answer:
        rcps_apply = _rcps_apply(action)
        if rcps_apply not in compiled:
            compiled[rcps_apply] = compile_policies(policies_for(controls, account, task, action))
        return compiled[rcps_apply].decide(session_request(controls, account, action))

    return answer


def policies_for(
    controls: Controls, account: AccountId, task: TaskPolicy, action: str
) -> PolicySet:
    """Everything that can speak about one call of a root session."""
    rcps = controls.rcps.levels(controls.organization, account) if _rcps_apply(action) else None
    return PolicySet(
        scp_levels=controls.scps.levels(controls.organization, account),
        rcp_levels=rcps,
        task_policy=task_document(task, controls.partition),
    )


def _rcps_apply(action: str) -> bool:
    return action.partition(":")[0] in _RCP_SERVICES and action not in _ON_ANYTHING


def session_request(controls: Controls, account: AccountId, action: str) -> AccessRequest:
    """The request as AWS would authorize it, as far as it can be known beforehand.

    A bucket or queue is a placeholder; the Region of one is an unknown key.
    """
    context = _context(controls, account)
    unknown = UNKNOWN_KEYS
    if action.startswith("iam:"):
        context["aws:RequestedRegion"] = _IAM_REGION.get(controls.partition, "us-east-1")
    else:
        unknown = unknown | {"aws:RequestedRegion"}
    return AccessRequest(
        principal=root_user_arn(account, controls.partition),
        action=action,
        resource=_resource(account, action, controls.partition),
        context=context,
        unknown_keys=unknown,
    )


def blame_for(controls: Controls) -> BlameFor:
    """A search for the statements responsible for a denial that AWS has already spoken.

    A statement whose condition hangs on an unknown key is held responsible too when nothing else
    denies: AWS did deny. Empty when the engine finds nothing.
    """

    def in_account(account: AccountId, task: TaskPolicy) -> Blame:
        def blamed(action: str) -> tuple[DecidedBy, ...]:
            answer = ask(controls, account, task, action)
            return () if answer.decision is Decision.ALLOWED else answer.by

        return blamed

    return in_account


def _context(controls: Controls, account: AccountId) -> dict[str, ContextValue]:
    """The keys of a root session that are the same for every call (rule card TASK-03)."""
    organization = controls.organization
    path = "/".join((organization.id, *organization.path_to(account)[:-1])) + "/"
    return {
        "aws:AssumedRoot": "true",
        "aws:MultiFactorAuthPresent": "false",
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalOrgID": organization.id,
        "aws:PrincipalOrgPaths": (path,),
        "aws:ResourceAccount": account,
        "aws:ResourceOrgID": organization.id,
        "aws:ResourceOrgPaths": (path,),
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
    }


def _resource(account: AccountId, action: str, partition: str) -> str:
    if action in _ON_ANYTHING:
        return "*"
    service = action.partition(":")[0]
    if service == "s3":
        return f"arn:{partition}:s3:::{PLACEHOLDER_RESOURCE}"
    if service == "sqs":
        return f"arn:{partition}:sqs:{_IAM_REGION[partition]}:{account}:{PLACEHOLDER_RESOURCE}"
    return root_user_arn(account, partition)
