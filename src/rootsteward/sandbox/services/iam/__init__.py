"""IAM: the features of centralized root access, root and IAM users, roles and their policies."""

from rootsteward.sandbox.services.iam.access_keys import ACCESS_KEY_OPERATIONS
from rootsteward.sandbox.services.iam.account import ACCOUNT_OPERATIONS
from rootsteward.sandbox.services.iam.boundaries import BOUNDARY_OPERATIONS
from rootsteward.sandbox.services.iam.certificates import CERTIFICATE_OPERATIONS
from rootsteward.sandbox.services.iam.features import FEATURE_OPERATIONS
from rootsteward.sandbox.services.iam.identity_policies import IDENTITY_POLICY_OPERATIONS
from rootsteward.sandbox.services.iam.login_profiles import LOGIN_PROFILE_OPERATIONS
from rootsteward.sandbox.services.iam.managed_policies import MANAGED_POLICY_OPERATIONS
from rootsteward.sandbox.services.iam.mfa_devices import MFA_OPERATIONS
from rootsteward.sandbox.services.iam.roles import ROLE_OPERATIONS
from rootsteward.sandbox.services.iam.simulation import SIMULATION_OPERATIONS
from rootsteward.sandbox.services.iam.tagging import TAG_OPERATIONS
from rootsteward.sandbox.services.iam.users import USER_OPERATIONS
from rootsteward.sandbox.services.iam.virtual_devices import VIRTUAL_DEVICE_OPERATIONS
from rootsteward.sandbox.services.operation import Operations

OPERATIONS: Operations = {
    **ACCESS_KEY_OPERATIONS,
    **ACCOUNT_OPERATIONS,
    **BOUNDARY_OPERATIONS,
    **CERTIFICATE_OPERATIONS,
    **FEATURE_OPERATIONS,
    **IDENTITY_POLICY_OPERATIONS,
    **LOGIN_PROFILE_OPERATIONS,
    **MANAGED_POLICY_OPERATIONS,
    **MFA_OPERATIONS,
    **ROLE_OPERATIONS,
    **SIMULATION_OPERATIONS,
    **TAG_OPERATIONS,
    **USER_OPERATIONS,
    **VIRTUAL_DEVICE_OPERATIONS,
}
