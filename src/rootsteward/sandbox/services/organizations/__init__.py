"""Organizations: the tree, its accounts, policies, trusted access and delegated administrators."""

from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations.account_closing import CLOSING_OPERATIONS
from rootsteward.sandbox.services.organizations.account_creation import CREATION_OPERATIONS
from rootsteward.sandbox.services.organizations.accounts import ACCOUNT_OPERATIONS
from rootsteward.sandbox.services.organizations.attachments import ATTACHMENT_OPERATIONS
from rootsteward.sandbox.services.organizations.delegation import DELEGATION_OPERATIONS
from rootsteward.sandbox.services.organizations.departures import DEPARTURE_OPERATIONS
from rootsteward.sandbox.services.organizations.effective_policies import (
    EFFECTIVE_POLICY_OPERATIONS,
)
from rootsteward.sandbox.services.organizations.policies import POLICY_OPERATIONS
from rootsteward.sandbox.services.organizations.policy_types import POLICY_TYPE_OPERATIONS
from rootsteward.sandbox.services.organizations.resource_policy import (
    RESOURCE_POLICY_OPERATIONS,
)
from rootsteward.sandbox.services.organizations.tags import TAG_OPERATIONS
from rootsteward.sandbox.services.organizations.tree import TREE_OPERATIONS
from rootsteward.sandbox.services.organizations.units import UNIT_OPERATIONS

OPERATIONS: Operations = {
    **ACCOUNT_OPERATIONS,
    **ATTACHMENT_OPERATIONS,
    **CLOSING_OPERATIONS,
    **CREATION_OPERATIONS,
    **DELEGATION_OPERATIONS,
    **DEPARTURE_OPERATIONS,
    **EFFECTIVE_POLICY_OPERATIONS,
    **POLICY_OPERATIONS,
    **POLICY_TYPE_OPERATIONS,
    **RESOURCE_POLICY_OPERATIONS,
    **TAG_OPERATIONS,
    **TREE_OPERATIONS,
    **UNIT_OPERATIONS,
}
