"""What the process says when it ends. Documented in `docs/exit-codes.md`, tested against it."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    COULD_NOT_FINISH = 1
    BAD_USAGE = 2
    FINDINGS = 10
    UNSEEN = 11
    REFUSED = 12
    DENY = 20
    LEDGER_BROKEN = 30

    @property
    def meaning(self) -> str:
        """One line of English, as the documentation prints it."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.COULD_NOT_FINISH: "could not finish",
    ExitCode.BAD_USAGE: "bad usage: an option, an id or a file is wrong; nothing was begun",
    ExitCode.FINDINGS: "finished with findings",
    ExitCode.UNSEEN: "finished, some accounts could not be seen",
    ExitCode.REFUSED: "finished, some steps were refused",
    ExitCode.DENY: "the verdict is deny",
    ExitCode.LEDGER_BROKEN: "the ledger does not verify",
}

_ALWAYS = frozenset({ExitCode.DONE, ExitCode.COULD_NOT_FINISH, ExitCode.BAD_USAGE})
_ACTING = frozenset({ExitCode.UNSEEN, ExitCode.REFUSED})
_FURTHER = {
    "status": {ExitCode.UNSEEN},
    "enable": {ExitCode.REFUSED},
    "disable": {ExitCode.REFUSED},
    "delegate add": {ExitCode.REFUSED},
    "delegate remove": {ExitCode.REFUSED},
    "audit": {ExitCode.FINDINGS, ExitCode.UNSEEN},
    "snapshot": {ExitCode.UNSEEN},
    "preflight": {ExitCode.FINDINGS, ExitCode.UNSEEN},
    "scp repair": {ExitCode.FINDINGS, *_ACTING},
    "scp restore": _ACTING,
    "delete-credentials": _ACTING,
    "allow-recovery": _ACTING,
    "close-recovery": _ACTING,
    "recovery list": {ExitCode.FINDINGS},
    "recovery watch": _ACTING,
    "recovery close": _ACTING,
    "apply": _ACTING,
    "campaign show": _ACTING,
    "campaign watch": _ACTING,
    "campaign resume": _ACTING,
    "unlock find": {ExitCode.FINDINGS, ExitCode.UNSEEN},
    "unlock bucket": _ACTING,
    "unlock queue": _ACTING,
    "unlock restore": _ACTING,
    "findings list": {ExitCode.FINDINGS, ExitCode.UNSEEN},
    "ledger verify": {ExitCode.LEDGER_BROKEN},
    "policy evaluate": {ExitCode.FINDINGS, ExitCode.UNSEEN, ExitCode.DENY},
    "policy explain": {ExitCode.UNSEEN, ExitCode.DENY},
    "policy lint": {ExitCode.FINDINGS},
    "policy repair": {ExitCode.FINDINGS},
    "policy prove": {ExitCode.UNSEEN, ExitCode.DENY},
    "policy diff": {ExitCode.FINDINGS, ExitCode.UNSEEN},
}


def endings(command: str) -> tuple[ExitCode, ...]:
    """The codes with which a command such as `unlock bucket` may end, in order."""
    return tuple(sorted(_ALWAYS | _FURTHER.get(command, set())))
