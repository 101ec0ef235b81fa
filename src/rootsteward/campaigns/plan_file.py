"""Plan files: written whole and for their owner only, read back with clear errors."""

from pathlib import Path

from rootsteward.campaigns.plan import Plan, plan_from_text
from rootsteward.domain.errors import InputError
from rootsteward.operations.whole_file import write_whole


def write_plan(path: Path, plan: Plan) -> None:
    """Write a file with mode 0600, whole or not at all; what was there is replaced.

    Raises:
        OperatorError: when it cannot be written; what was there is untouched.
    """
    write_whole(path, plan.to_text(), "plan")


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        InputError: when it cannot be read, is no plan, or was changed after it was made.
    """
    try:
        document = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"plan `{path}` cannot be read: {error.strerror}",
            help="commands that change things write one with --plan FILE",
        ) from error
    return plan_from_text(document, str(path))
