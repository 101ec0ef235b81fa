"""Tags of accounts, units, policies and the org root."""

from collections.abc import Iterable, Mapping, Sequence

from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.refusals import (
    constraint,
    invalid_input,
    target_not_found,
)
from rootsteward.sandbox.world.world import World

# SOURCE: Organizations quotas.
_MOST_TAGS = 50
_RESERVED_PREFIX = "aws:"


def read_tags(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a request.

    Raises:
        ServiceError: `InvalidInputException` when a key is given twice or is AWS's own,
            `ConstraintViolationException` when there are too many.
    """
    pairs = [(tag["Key"], tag["Value"]) for tag in given]
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise invalid_input("DUPLICATE_TAG_KEY", "Your request includes duplicate tag keys.")
    if any(key.lower().startswith(_RESERVED_PREFIX) for key in tags):
        raise invalid_input(
            "INVALID_SYSTEM_TAGS_PARAMETER",
            "You specified a tag key that is a system tag; you can't add, edit, or delete those.",
        )
    if len(tags) > _MOST_TAGS:
        raise _too_many()
    return tags


def _the_resource(world: World, call: Call) -> Sequence[str]:
    return (arns.entity_arn(world.organization, call.params["ResourceId"]),)


def _tag(world: World, call: Call) -> Output:
    resource_id = _resource(world, call)
    tags = read_tags(call.params["Tags"])
    if len({*world.organization.tags_of(resource_id), *tags}) > _MOST_TAGS:
        raise _too_many()
    world.organization.tag(resource_id, tags)
    return {}


def _too_many() -> ServiceError:
    return constraint(
        "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags of a resource."
    )


def _untag(world: World, call: Call) -> Output:
    world.organization.untag(_resource(world, call), call.params["TagKeys"])
    return {}


def _list(world: World, call: Call) -> Output:
    tags = world.organization.tags_of(_resource(world, call))
    return page("Tags", tags.items(), call, lambda pair: {"Key": pair[0], "Value": pair[1]})


def _resource(world: World, call: Call) -> str:
    organization = world.organization
    resource_id: str = call.params["ResourceId"]
    policy = organization.resource_policy
    if not (
        organization.has_target(resource_id)
        or resource_id in organization.policies.policies
        or (policy is not None and resource_id == policy.id)
    ):
        raise target_not_found()
    return resource_id


TAG_OPERATIONS: Operations = {
    "TagResource": operation("TagResource", _tag, resources=_the_resource),
    "UntagResource": operation("UntagResource", _untag, resources=_the_resource),
    "ListTagsForResource": operation(
        "ListTagsForResource", _list, resources=_the_resource, audience=Audience.READERS
    ),
}
