"""Walking the tree: roots, parents, children."""

from collections.abc import Sequence

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.refusals import child_not_found, parent_not_found
from rootsteward.sandbox.world.world import World


def _list_roots(world: World, call: Call) -> Output:
    return page("Roots", (world.organization,), call, shapes.org_root)


def _list_parents(world: World, call: Call) -> Output:
    organization, child_id = world.organization, call.params["ChildId"]
    if not organization.has_target(child_id) or child_id == organization.org_root_id:
        raise child_not_found()
    parent_id = organization.parent_of(child_id)
    kind = "ROOT" if parent_id == organization.org_root_id else "ORGANIZATIONAL_UNIT"
    return page("Parents", (parent_id,), call, lambda shown: {"Id": shown, "Type": kind})


def _list_children(world: World, call: Call) -> Output:
    organization, parent_id = world.organization, call.params["ParentId"]
    if not organization.has_parent(parent_id):
        raise parent_not_found()
    kind = call.params["ChildType"]
    children: Sequence[str] = (
        [account.id for account in organization.accounts_in(parent_id)]
        if kind == "ACCOUNT"
        else [unit.id for unit in organization.units_in(parent_id)]
    )
    return page("Children", children, call, lambda shown: {"Id": shown, "Type": kind})


def _the_child(world: World, call: Call) -> Sequence[str]:
    return (arns.entity_arn(world.organization, call.params["ChildId"]),)


def the_parent(world: World, call: Call) -> Sequence[str]:
    """The resource of the operations that name a parent."""
    return (arns.entity_arn(world.organization, call.params["ParentId"]),)


TREE_OPERATIONS: Operations = {
    "ListRoots": operation("ListRoots", _list_roots, audience=Audience.READERS),
    "ListParents": operation(
        "ListParents", _list_parents, resources=_the_child, audience=Audience.READERS
    ),
    "ListChildren": operation(
        "ListChildren", _list_children, resources=the_parent, audience=Audience.READERS
    ),
}
