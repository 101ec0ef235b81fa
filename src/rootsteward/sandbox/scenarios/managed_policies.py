"""The AWS managed identity policies a scenario can name."""

from collections.abc import Mapping

from rootsteward.domain.authorization import NamedDocument
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS

MANAGED_POLICIES: Mapping[str, NamedDocument] = {"AdministratorAccess": ADMINISTRATOR_ACCESS}
