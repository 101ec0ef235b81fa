"""Tags of accounts, units, policies and the org root."""

from collections.abc import Iterable, Mapping, Sequence

from rootsteward.sandbox.call import Call, Output
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


def read_tags(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a request.

    Raises:
        ServiceError: `InvalidInputException` when a key is given twice.
    """
    pairs = [(tag["Key"], tag["Value"]) for tag in given]
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise invalid_input("DUPLICATE_TAG_KEY", "You specified a tag key more than once.")
    return tags


def _the_resource(world: World, call: Call) -> Sequence[str]:
    return (arns.entity_arn(world.organization, call.params["ResourceId"]),)


def _tag(world: World, call: Call) -> Output:
    resource_id = _resource(world, call)
    tags = read_tags(call.params["Tags"])
    if len({*world.organization.tags_of(resource_id), *tags}) > _MOST_TAGS:
        raise constraint(
            "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags of a resource."
        )
    world.organization.tag(resource_id, tags)
    return {}


def _untag(world: World, call: Call) -> Output:
    world.organization.untag(_resource(world, call), call.params["TagKeys"])
    return {}


def _list(world: World, call: Call) -> Output:
    tags = world.organization.tags_of(_resource(world, call))
    return page("Tags", tags.items(), call, lambda pair: {"Key": pair[0], "Value": pair[1]})


def _resource(world: World, call: Call) -> str:
    organization = world.organization
    resource_id: str = call.params["ResourceId"]
    if not (organization.has_target(resource_id) or resource_id in organization.policies.policies):
        raise target_not_found()
    return resource_id


TAG_OPERATIONS: Operations = {
    "TagResource": operation("TagResource", _tag, resources=_the_resource),
    "UntagResource": operation("UntagResource", _untag, resources=_the_resource),
    "ListTagsForResource": operation(
        "ListTagsForResource", _list, resources=_the_resource, audience=Audience.READERS
    ),
}
