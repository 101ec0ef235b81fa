"""`AssumeRole`: a session of a role, when its trust policy and the caller's policies agree."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

from rootsteward.domain.authorization import ContextValue, NamedDocument, PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.call import Call, CallerKind, Need, Output, ServiceError
from rootsteward.sandbox.services.iam.managed_policies import managed_document
from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.services.sts.assume_root import credentials_output, new_token
from rootsteward.sandbox.services.sts.refusals import (
    access_denied,
    check_region,
    invalid,
    not_authorized,
)
from rootsteward.sandbox.services.sts.session_tags import (
    check_session_tags,
    needs_tag_session,
    session_tags,
    tags_context,
    transitive_tags,
)
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.callers import role_session_caller
from rootsteward.sandbox.world.identities import Role, Session
from rootsteward.sandbox.world.world import World
from rootsteward.spec import read_document

_ACTION = "sts:AssumeRole"
_SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"
_DEFAULT_SECONDS = 3600
_CHAINED_SECONDS = 3600
_TAG_SESSION = "sts:TagSession"
_UNSUPPORTED = ("SerialNumber", "ProvidedContexts")
# SOURCE: API reference: the packed form of policies and tags has a size in percent of a limit.
_PACKED_CHARACTERS = 2_048
_MOST_POLICY_ARNS = 10


def _needs(world: World, call: Call) -> Sequence[Need]:
    check_region(world, call)
    for member in _UNSUPPORTED:
        if call.params.get(member):
            _not_implemented(member)
    if call.caller.kind in {CallerKind.ROOT_USER, CallerKind.ROOT_SESSION}:
        raise access_denied("Roles may not be assumed by root accounts.")
    check_session_tags(call)
    _check_policy_sizes(call)
    arn = call.params["RoleArn"]
    role = world.identities.role_by_arn(arn)
    if role is None or not world.organization.may_sign(role.account):
        raise not_authorized(call, _ACTION, arn)
    actions = [_ACTION]
    if _source_identity(call) is not None:
        _check_source_identity(call)
        actions.append(_SET_SOURCE_IDENTITY)
    if needs_tag_session(call):
        actions.append(_TAG_SESSION)
    context = _context(call)
    # Rule card STS-05: the trust policy takes part as the role's resource policy.
    return tuple(
        Need(
            action,
            arn,
            role.account,
            role.trust,
            context,
            resource_policy_must_allow=True,
        )
        for action in actions
    )


def _context(call: Call) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {"sts:RoleSessionName": call.params["RoleSessionName"]}
    if "ExternalId" in call.params:
        context["sts:ExternalId"] = call.params["ExternalId"]
    source_identity = _source_identity(call)
    if source_identity is not None:
        context["sts:SourceIdentity"] = source_identity
    return {**context, **tags_context(call)}


def _check_source_identity(call: Call) -> None:
    """A session that has a source identity keeps it through every role (rule card STS-10)."""
    held = call.caller.source_identity
    if held is not None and call.params.get("SourceIdentity", held) != held:
        raise not_authorized(call, _SET_SOURCE_IDENTITY, call.params["RoleArn"])


def _source_identity(call: Call) -> str | None:
    """The identity to set, or the one that a chained session carries on."""
    return call.params.get("SourceIdentity") or call.caller.source_identity


def _handle(world: World, call: Call) -> Output:
    role = world.identities.role_by_arn(call.params["RoleArn"])
    if role is None:
        raise not_authorized(call, _ACTION, call.params["RoleArn"])
    now = world.now()
    caller = role_session_caller(
        role,
        call.params["RoleSessionName"],
        ids.session_key_id(world.random),
        now,
        _source_identity(call),
    )
    caller = replace(
        caller,
        attributes={f"aws:PrincipalTag/{k}": v for k, v in session_tags(call).items()},
        transitive_tags=transitive_tags(call),
    )
    session = Session(
        caller=caller,
        secret=Secret(ids.secret_access_key(world.random)),
        token=new_token(world, call),
        expires_at=now + timedelta(seconds=_seconds(call, role)),
        session_policies=_session_policies(world, call),
    )
    world.identities.issue(session, now)
    return {
        **credentials_output(session),
        "AssumedRoleUser": {"AssumedRoleId": caller.user_id, "Arn": caller.arn},
        **_packed_size(call),
    }


def _packed_size(call: Call) -> dict[str, int]:
    """How full the session is, where anything was passed to it.

    LIMIT: AWS does not say how it packs; here every character counts once.
    """
    given = [*_policy_texts(call), *(text for pair in session_tags(call).items() for text in pair)]
    characters = sum(map(len, given))
    return {"PackedPolicySize": _percent(characters)} if characters else {}


def _check_policy_sizes(call: Call) -> None:
    """Ten ARNs at most, and so many characters of ARNs and inline policy (rule card STS-09)."""
    if len(call.params.get("PolicyArns", ())) > _MOST_POLICY_ARNS:
        raise invalid(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MOST_POLICY_ARNS}"
        )
    characters = sum(map(len, _policy_texts(call)))
    if characters > _PACKED_CHARACTERS:
        raise ServiceError(
            "PackedPolicyTooLarge",
            f"Packed size of session policies consumes {_percent(characters)}% of allotted space.",
        )


def _policy_texts(call: Call) -> list[str]:
    arns = [policy["arn"] for policy in call.params.get("PolicyArns", ()) if "arn" in policy]
    return [call.params.get("Policy", ""), *arns]


def _percent(characters: int) -> int:
    return -(-characters * 100 // _PACKED_CHARACTERS)


def _seconds(call: Call, role: Role) -> int:
    """How long the session lasts (rule card STS-06)."""
    seconds: int = call.params.get("DurationSeconds", _DEFAULT_SECONDS)
    if call.caller.kind is CallerKind.ASSUMED_ROLE and seconds > _CHAINED_SECONDS:
        raise invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
    if seconds > role.max_session_seconds:
        raise invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return seconds


def _session_policies(world: World, call: Call) -> tuple[NamedDocument, ...] | None:
    """The policies that narrow the session, or None when none are given (rule card STS-09)."""
    managed = tuple(
        managed_document(world, call, policy["arn"])
        for policy in call.params.get("PolicyArns", ())
        if "arn" in policy
    )
    text = call.params.get("Policy")
    inline = () if text is None else (NamedDocument("session policy", _readable(text)),)
    return (*inline, *managed) or None


def _readable(text: str) -> str:
    try:
        read_json(text)
        read_document(text, PolicyType.SESSION)
    except (ValueError, OperatorError):
        raise ServiceError("MalformedPolicyDocument", "This policy contains invalid Json") from None
    return text


def _not_implemented(member: str) -> NoReturn:
    raise ServiceError(
        "NotImplemented", f"the sandbox does not implement `{member}` of AssumeRole", 400
    )


ASSUME_ROLE = Operation(_needs, _handle)
