"""Organizational units: list, describe, create, rename, delete."""

from collections.abc import Sequence

from rootsteward.domain.organization import OrganizationalUnit
from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.refusals import (
    constraint,
    parent_not_found,
    refusal,
    unit_not_found,
)
from rootsteward.sandbox.services.organizations.tags import read_tags
from rootsteward.sandbox.services.organizations.tree import the_parent
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.organization import MAX_UNIT_DEPTH
from rootsteward.sandbox.world.world import World

# SOURCE: Organizations quotas.
_MOST_UNITS = 2000


def _the_unit(world: World, call: Call) -> Sequence[str]:
    return (arns.unit_arn(world.organization, call.params["OrganizationalUnitId"]),)


def _list_for_parent(world: World, call: Call) -> Output:
    organization, parent_id = world.organization, call.params["ParentId"]
    if not organization.has_parent(parent_id):
        raise parent_not_found()
    return page(
        "OrganizationalUnits",
        organization.units_in(parent_id),
        call,
        lambda shown: shapes.unit(organization, shown),
    )


def _describe(world: World, call: Call) -> Output:
    return {"OrganizationalUnit": shapes.unit(world.organization, _unit(world, call))}


def _create(world: World, call: Call) -> Output:
    organization, parent_id = world.organization, call.params["ParentId"]
    name = call.params["Name"]
    if not organization.has_parent(parent_id):
        raise parent_not_found()
    if organization.unit_named(parent_id, name):
        raise _duplicate()
    if len(organization.path_to(parent_id)) > MAX_UNIT_DEPTH:
        raise constraint(
            "OU_DEPTH_LIMIT_EXCEEDED",
            "You have exceeded the maximum depth of organizational units.",
        )
    if len(organization.units) >= _MOST_UNITS:
        raise constraint(
            "OU_NUMBER_LIMIT_EXCEEDED",
            "You have exceeded the number of organizational units in an organization.",
        )
    tags = read_tags(call.params.get("Tags", ()))
    unit = OrganizationalUnit(ids.unit_id(world.random, organization.org_root_id), name, parent_id)
    organization.add_unit(unit)
    organization.tag(unit.id, tags)
    return {"OrganizationalUnit": shapes.unit(organization, unit)}


def _update(world: World, call: Call) -> Output:
    organization, unit = world.organization, _unit(world, call)
    name = call.params.get("Name", "")
    if not name.strip():
        # WHY no refusal: a name of white space changes nothing (ORG-16).
        name = unit.name
    namesake = organization.unit_named(unit.parent_id, name)
    if namesake is not None and namesake.id != unit.id:
        raise _duplicate()
    renamed = organization.rename_unit(unit.id, name)
    return {"OrganizationalUnit": shapes.unit(organization, renamed)}


def _delete(world: World, call: Call) -> Output:
    organization, unit = world.organization, _unit(world, call)
    if organization.units_in(unit.id) or organization.accounts_in(unit.id):
        raise refusal(
            "OrganizationalUnitNotEmptyException",
            "The specified organizational unit is not empty.",
        )
    organization.remove_unit(unit.id)
    return {}


def _a_new_unit(world: World, _call: Call) -> Sequence[str]:
    return (arns.unit_arn(world.organization, "*"),)


def _unit(world: World, call: Call) -> OrganizationalUnit:
    unit = world.organization.units.get(call.params["OrganizationalUnitId"])
    if unit is None:
        raise unit_not_found()
    return unit


def _duplicate() -> ServiceError:
    return refusal(
        "DuplicateOrganizationalUnitException",
        "An organizational unit with the same name already exists.",
    )


UNIT_OPERATIONS: Operations = {
    "ListOrganizationalUnitsForParent": operation(
        "ListOrganizationalUnitsForParent",
        _list_for_parent,
        resources=the_parent,
        audience=Audience.READERS,
    ),
    "DescribeOrganizationalUnit": operation(
        "DescribeOrganizationalUnit", _describe, resources=_the_unit, audience=Audience.READERS
    ),
    "CreateOrganizationalUnit": operation(
        "CreateOrganizationalUnit", _create, resources=the_parent, tagged=_a_new_unit
    ),
    "UpdateOrganizationalUnit": operation("UpdateOrganizationalUnit", _update, resources=_the_unit),
    "DeleteOrganizationalUnit": operation("DeleteOrganizationalUnit", _delete, resources=_the_unit),
}
