"""IAM: the features of centralized root access, and credentials of root and IAM users."""

from rootsteward.sandbox.services.iam.access_keys import ACCESS_KEY_OPERATIONS
from rootsteward.sandbox.services.iam.account import ACCOUNT_OPERATIONS
from rootsteward.sandbox.services.iam.certificates import CERTIFICATE_OPERATIONS
from rootsteward.sandbox.services.iam.features import FEATURE_OPERATIONS
from rootsteward.sandbox.services.iam.login_profiles import LOGIN_PROFILE_OPERATIONS
from rootsteward.sandbox.services.iam.managed_policies import MANAGED_POLICY_OPERATIONS
from rootsteward.sandbox.services.iam.mfa_devices import MFA_OPERATIONS
from rootsteward.sandbox.services.iam.users import USER_OPERATIONS
from rootsteward.sandbox.services.operation import Operations

OPERATIONS: Operations = {
    **ACCESS_KEY_OPERATIONS,
    **ACCOUNT_OPERATIONS,
    **CERTIFICATE_OPERATIONS,
    **FEATURE_OPERATIONS,
    **LOGIN_PROFILE_OPERATIONS,
    **MANAGED_POLICY_OPERATIONS,
    **MFA_OPERATIONS,
    **USER_OPERATIONS,
}
