"""From what a run amounts to, to the exit code."""

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.outcome import Verdict

_CODES = {
    Verdict.DONE: ExitCode.DONE,
    Verdict.FINDINGS: ExitCode.FINDINGS,
    Verdict.UNSEEN: ExitCode.UNSEEN,
    Verdict.REFUSED: ExitCode.REFUSED,
    Verdict.UNFINISHED: ExitCode.COULD_NOT_FINISH,
}


def exit_code_for(verdict: Verdict) -> ExitCode:
    """The exit code of a verdict."""
    return _CODES[verdict]
