"""Tagging and untagging users and roles (rule card IAM-11)."""

from collections.abc import Callable

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.iam.roles import role_operation
from rootsteward.sandbox.services.iam.subjects import Subject, named_user, user_operation
from rootsteward.sandbox.services.iam.tag_rules import (
    list_tags,
    request_tags_context,
    tag,
    untag,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.world import World

_Tags = dict[str, str]
_Handle = Callable[[Call, _Tags], Output]


def _of_a_user(name: str, handle: _Handle) -> Operation:
    def run(_world: World, call: Call, subject: Subject) -> Output:
        return handle(call, named_user(subject).tags)

    return user_operation(name, run, context=lambda call: request_tags_context(call.params))


def _of_a_role(name: str, handle: _Handle) -> Operation:
    return role_operation(
        name,
        lambda _world, call, role: handle(call, role.tags),
        context=lambda call: request_tags_context(call.params),
    )


TAG_OPERATIONS: Operations = {
    "TagUser": _of_a_user("TagUser", tag),
    "UntagUser": _of_a_user("UntagUser", untag),
    "ListUserTags": _of_a_user("ListUserTags", list_tags),
    "TagRole": _of_a_role("TagRole", tag),
    "UntagRole": _of_a_role("UntagRole", untag),
    "ListRoleTags": _of_a_role("ListRoleTags", list_tags),
}
