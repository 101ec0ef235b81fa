"""The world: everything the sandbox knows, in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from rootsteward.sandbox.world.buckets import Buckets
from rootsteward.sandbox.world.findings import Findings
from rootsteward.sandbox.world.identities import Identities
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.queues import Queues
from rootsteward.sandbox.world.root_users import RootUsers
from rootsteward.sandbox.world.trail import Trail


@dataclass
class World:
    """All state of one sandbox. Not safe for threads: one call at a time.

    `now` is the sandbox's clock (aware, UTC); `random` makes every identifier, so that a world is
    the same for the same seed. `regions` are those that are switched on.
    """

    now: Callable[[], datetime]
    random: Random
    regions: tuple[str, ...]
    organization: OrganizationState
    identities: Identities = field(default_factory=Identities)
    root_users: RootUsers = field(default_factory=RootUsers)
    buckets: Buckets = field(default_factory=Buckets)
    queues: Queues = field(default_factory=Queues)
    trail: Trail = field(default_factory=Trail)
    findings: Findings = field(default_factory=Findings)
