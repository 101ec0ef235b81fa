"""One exercise for each verb of the permission table, which needs all that the verb may need."""

from collections.abc import Callable
from dataclasses import dataclass

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World

CLEAN, FENCED, ONE_KEY = (AccountId(12 * "3"), AccountId(12 * "4"), AccountId(12 * "7"))
DELEGATE = AccountId(12 * "2")


def as_it_is(_world: World) -> None:
    """Nothing to arrange."""


def all_off(world: World) -> None:
    """Centralized root access was never switched on."""
    no_delegate(world)
    for feature in RootFeature:
        world.organization.root_features.disable(feature)
    world.organization.services.distrust(IAM_SERVICE)


def no_delegate(world: World) -> None:
    """A delegated administrator would keep trusted access from being switched off."""
    world.organization.services.undelegate(DELEGATE, IAM_SERVICE)


def recovery_open(world: World) -> None:
    """Somebody allowed recovery and has not used it."""
    world.root_users.open_recovery(CLEAN, world.now())


@dataclass(frozen=True)
class Exercise:
    """Command lines that end in `code` when everything is allowed, and what comes before them."""

    lines: tuple[str, ...]
    code: ExitCode = ExitCode.DONE
    before: tuple[str, ...] = ()
    arrange: Callable[[World], None] = as_it_is
    needs: tuple[str, ...] = ()
    in_delegate: bool = True


_UNLOCK_BUCKET = f"unlock bucket example-locked-bucket --account {CLEAN} --yes"
_UNLOCK_QUEUE = f"unlock queue locked-queue --account {CLEAN} --yes"
_REPAIR = f"scp repair --account {FENCED} --apply --yes"

EXERCISES = {
    "status": Exercise(("status",)),
    "enable": Exercise(("enable",), arrange=all_off, in_delegate=False),
    "disable": Exercise(("disable",), arrange=no_delegate, in_delegate=False),
    "delegate": Exercise(
        (f"delegate add {CLEAN}", f"delegate remove {CLEAN}", "delegate list"), in_delegate=False
    ),
    "audit": Exercise((f"audit --account {ONE_KEY}",), ExitCode.FINDINGS),
    "snapshot": Exercise(("snapshot out.json",)),
    "preflight": Exercise((f"preflight --account {FENCED}",), ExitCode.FINDINGS),
    "scp-repair": Exercise((_REPAIR,), in_delegate=False),
    "scp-restore": Exercise(("scp restore 1 --yes",), before=(_REPAIR,), in_delegate=False),
    "delete-credentials": Exercise((f"delete-credentials --account {ONE_KEY} --yes",)),
    "allow-recovery": Exercise((f"allow-recovery --account {CLEAN} --yes",)),
    "close-recovery": Exercise((f"close-recovery --account {CLEAN} --yes",), arrange=recovery_open),
    "unlock-find": Exercise((f"unlock find --account {CLEAN}",), ExitCode.FINDINGS),
    "unlock-bucket": Exercise((_UNLOCK_BUCKET,)),
    "unlock-queue": Exercise((_UNLOCK_QUEUE,)),
    "unlock-restore": Exercise(
        ("unlock restore 1 --yes", "unlock restore 2 --yes"),
        before=(_UNLOCK_BUCKET, _UNLOCK_QUEUE),
    ),
    "findings-list": Exercise(
        ("findings list",), before=(f"audit --account {ONE_KEY}",), in_delegate=False
    ),
    "tags": Exercise(("preflight --tag team=shop",), needs=("preflight",)),
}
