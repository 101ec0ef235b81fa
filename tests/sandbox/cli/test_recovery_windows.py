"""Recovery that ends, as an operator meets it: opened, interrupted, taken up, closed."""

import signal

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.identifiers import AccountId
from sandbox.cli.conftest import Tool
from sandbox.cli.served import Served, start

SECURITY = AccountId("333333333333")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--for", "4h"), "needs a reason"),
        (("--for", "soon", "--reason", "x"), "`soon` is no span of time"),
        (("--for", "4h", "--reason", "x", "--plan", "p.json"), "--for cannot be used with --plan"),
    ],
)
def test_what_makes_no_sense_is_refused(reader: Tool, options: tuple[str, ...], says: str) -> None:
    ended = reader.run("allow-recovery", "--account", SECURITY, *options)
    assert ended.code is ExitCode.BAD_USAGE
    assert says in ended.err


@pytest.mark.slow
def test_a_recovery_outlives_its_process_and_is_closed_on_command(
    tool: Tool, stage: Served
) -> None:
    command = ["allow-recovery", "--account", SECURITY, "--for", "4h", "--reason", "lost phone"]
    with start([*command, "--yes"], stage.environment(tool.folder), tool.folder) as process:
        assert process.stdout is not None
        said = [next(process.stdout)]
        while "nobody has signed in" not in said[-1]:
            said.append(next(process.stdout))
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert "stays open" in rest
    assert process.returncode == ExitCode.COULD_NOT_FINISH
    assert "recovery close" in "".join(said)

    (open_one,) = tool.run("recovery", "list", "--format", "json").json()
    assert (open_one["state"], open_one["reason"]) == ("open", "lost phone")
    for verb in ("delete-credentials", "close-recovery"):
        refused = tool.run(verb, "--account", SECURITY, "--yes")
        assert refused.code is ExitCode.COULD_NOT_FINISH
        assert f"recovery close {open_one['recovery']}" in refused.err
    assert stage.world.root_users.of(SECURITY).holdings.password is not None

    closed = tool.run("recovery", "close", open_one["recovery"], "--yes")
    assert closed.code is ExitCode.DONE
    assert "deleted" in closed.out
    assert stage.world.root_users.of(SECURITY).holdings.password is None
    (closed_one,) = tool.run("recovery", "list", "--format", "json").json()
    assert (closed_one["state"], closed_one["accounts"]) == ("closed", [])
    assert tool.run("ledger", "verify").code is ExitCode.DONE
    again = tool.run("recovery", "close", open_one["recovery"], "--yes")
    assert again.code is ExitCode.DONE
