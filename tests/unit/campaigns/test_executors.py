import os
import socket
import subprocess
import sys
from datetime import timedelta

from fake_gateway import NOW
from rootsteward.campaigns.executors import living, this_host
from rootsteward.storage.executors import StoredExecutor


def an_executor(host: str, pid: int, silent_seconds: float) -> StoredExecutor:
    return StoredExecutor("x", host, pid, NOW - timedelta(seconds=silent_seconds))


def a_dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def test_a_process_of_this_machine_lives_while_there_is_one_and_it_says_so() -> None:
    assert living([an_executor(this_host(), os.getpid(), 20)], NOW) == {"x"}
    assert living([an_executor(this_host(), os.getpid(), 21)], NOW) == frozenset()
    assert living([an_executor(this_host(), a_dead_pid(), 0)], NOW) == frozenset()


def test_of_another_machine_only_the_silence_tells() -> None:
    dead = a_dead_pid()
    assert living([an_executor("else", dead, 20)], NOW) == {"x"}
    assert living([an_executor("else", dead, 20.1)], NOW) == frozenset()


def test_a_process_of_somebody_else_lives() -> None:
    # Process 1 is always there, and seldom ours.
    assert living([an_executor(this_host(), 1, 0)], NOW) == {"x"}


def test_another_container_with_the_same_name_is_another_host() -> None:
    """A process id of one means nothing in the other."""
    assert this_host().startswith(socket.gethostname())
    assert living([an_executor(socket.gethostname() + " else", a_dead_pid(), 0)], NOW) == {"x"}
