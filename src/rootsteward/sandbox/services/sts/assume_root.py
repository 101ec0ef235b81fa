"""`AssumeRoot`: a short session as the root user of a member account, within one task.

The checks run in the order that the recordings imply (rule card ROOT-03): the request itself, the
caller and target, then trusted access, then the feature of the task.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_documents import task_document
from rootsteward.domain.task_policy import RootFeature, TaskPolicy
from rootsteward.sandbox.call import Call, CallerKind, Need, Output, Params, ServiceError
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.services.sts.refusals import (
    access_denied,
    check_region,
    invalid,
    is_global,
    not_authorized,
)
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.callers import root_session_caller
from rootsteward.sandbox.world.identities import Session
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World

_ACTION = "sts:AssumeRoot"
# WHY `aws` alone: the organization is in the commercial partition, and so are its members.
_TARGET = re.compile(r"(?:arn:aws:iam::)?([0-9]{12})(?::root)?\Z")
DEFAULT_SECONDS = 900


def _needs(world: World, call: Call) -> Sequence[Need]:
    if is_global(call):
        # Rule card STS-01: only the Regional endpoints know the operation.
        raise ServiceError("InvalidAction", "Unknown Operation")
    check_region(world, call)
    task = _task(call.params)
    target = _target(call.params)
    resource = root_user_arn(target)
    if not (_may_call(world, call) and _may_be_target(world, target)):
        raise not_authorized(call, _ACTION, resource)
    return (Need(_ACTION, resource, target, context={"sts:TaskPolicyArn": task.arn()}),)


def _task(params: Params) -> TaskPolicy:
    """The task policy, which must be one of the five."""
    arn = params.get("TaskPolicyArn", {}).get("arn")
    if arn is None:
        raise invalid(
            "1 validation error detected: Value null at 'taskPolicyArn' failed to satisfy "
            "constraint: Member must not be null"
        )
    try:
        task = TaskPolicy.from_arn(arn)
    except OperatorError:
        task = None
    if task is None or task.arn() != arn:
        raise invalid("Request must contain valid AWS managed task policy ARN")
    return task


def _target(params: Params) -> AccountId:
    """The account of a target: twelve digits, or the ARN of its root user."""
    text = params["TargetPrincipal"]
    match = _TARGET.match(text)
    if match is None or text.startswith("arn:") != text.endswith(":root"):
        raise invalid("Request must contain a valid target principal")
    return AccountId(match.group(1))


def _may_call(world: World, call: Call) -> bool:
    """Users and roles of the management account or of a delegate for IAM (rule card ROOT-01)."""
    caller = call.caller
    if caller.kind is CallerKind.ROOT_USER or caller.kind is CallerKind.ROOT_SESSION:
        return False
    organization = world.organization
    return caller.account == organization.management_account_id or (
        organization.services.is_delegate(caller.account, IAM_SERVICE)
    )


def _may_be_target(world: World, target: AccountId) -> bool:
    """Active members only: not the management account, nobody outside (rule card ROOT-12)."""
    organization = world.organization
    return target != organization.management_account_id and organization.is_active(target)


def _handle(world: World, call: Call) -> Output:
    task = _task(call.params)
    _check_switches(world, task)
    issued_at = world.now()
    # Rule card STS-03: a duration of zero is accepted and means the default.
    seconds = call.params.get("DurationSeconds") or DEFAULT_SECONDS
    caller = root_session_caller(
        _target(call.params),
        task,
        ids.session_key_id(world.random),
        issued_at,
        call.caller.source_identity,
    )
    session = Session(
        caller=caller,
        secret=Secret(ids.secret_access_key(world.random)),
        token=new_token(world, call),
        expires_at=issued_at + timedelta(seconds=seconds),
        task_document=task_document(task),
    )
    world.identities.issue(session, issued_at)
    return credentials_output(session)


def _check_switches(world: World, task: TaskPolicy) -> None:
    organization = world.organization
    if not organization.services.is_trusted(IAM_SERVICE):
        raise access_denied("Service not enabled for AWS Organizations.")
    if not organization.root_features.is_on(task.feature):
        raise access_denied(
            f"{_feature_words(task.feature)} feature is not enabled for your AWS Organization."
        )


def _feature_words(feature: RootFeature) -> str:
    match feature:
        case RootFeature.CREDENTIALS_MANAGEMENT:
            return "Root credentials management"
        case RootFeature.SESSIONS:
            return "Root sessions"
        case _:
            assert_never(feature)


def new_token(world: World, call: Call) -> Secret:
    """A session token, as long as it was asked to be (rule card STS-61)."""
    return Secret(ids.session_token(world.random, call.params.get("MinimumSessionTokenSize", 0)))


def credentials_output(session: Session) -> dict[str, object]:
    """The members every STS answer with a session has."""
    output: dict[str, object] = {
        "Credentials": {
            "AccessKeyId": session.caller.access_key_id,
            "SecretAccessKey": session.secret.reveal(),
            "SessionToken": session.token.reveal(),
            "Expiration": session.expires_at,
        }
    }
    if session.caller.source_identity is not None:
        output["SourceIdentity"] = session.caller.source_identity
    return output


ASSUME_ROOT = Operation(_needs, _handle)
