"""A real PostgreSQL server for tests: Debian's package, one throw-away cluster per test run.

The server is made when a test first asks for it and shared by all workers of pytest-xdist. It
listens on a Unix socket in a temporary folder only, and ends with the run, failed or not. As root
the package is installed when it is missing, by `make test` before the tests start or else by the
first test that needs it; set ROOTSTEWARD_TEST_INSTALL=no to forbid that.
"""

import fcntl
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER_VARIABLE = "POSTGRESQL_OF_THIS_TEST_RUN"
_ADVICE = "install it with `apt-get install postgresql`"
_INSTALL_SECONDS = 300
_COMMAND_SECONDS = 60
_INSTALL_LOCK = Path(tempfile.gettempdir()) / "rootsteward-postgresql-install.lock"
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/rootsteward-tests.conf")
_SETTINGS = "-c listen_addresses='' -c max_connections=200 -c shared_buffers=32MB"


class PostgresqlUnavailableError(Exception):
    """No server can be had here; says why and what to do about it."""


@dataclass(frozen=True)
class Server:
    """The throw-away cluster of one test run, below `folder`.

    Nothing in it is worth surviving a power cut, unless it is there to be measured: `durable`.
    """

    folder: Path
    durable: bool = False

    def url(self, database: str, user: str = "rootsteward", password: str = "") -> str:
        """The address of one of its databases."""
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={self.folder}"

    @cached_property
    def binaries(self) -> Path:
        """Where `initdb` and `pg_ctl` are; installs them when that is allowed.

        Raises:
            PostgresqlUnavailableError: when they are not there and cannot be installed.
        """
        found = _installed()
        if found is None:
            _install()
            found = _installed()
        if found is None:
            raise PostgresqlUnavailableError(f"initdb and pg_ctl are missing; {_ADVICE}")
        return found

    def start(self) -> None:
        """Start the cluster unless a worker has done so already."""
        with _locked(self.folder.with_suffix(".lock")):
            if (self.folder / "postmaster.pid").exists():
                return
            self._prepare_folder()
            data = str(self.folder)
            initdb = ["initdb", "-D", data, "-U", "rootsteward", "-A", "trust", "-N", "-E", "UTF8"]
            self._run([*initdb, "--locale=C"])
            rules = self.folder / "pg_hba.conf"
            # `suspect` must give a password, for the tests of what is said when it is wrong.
            rules.write_text("local all suspect scram-sha-256\n" + rules.read_text())
            options = f"{_SETTINGS} -k {data}" + ("" if self.durable else " -F")
            self._run(["pg_ctl", "start", "-w", "-D", data, "-o", options, "-l", f"{data}/log"])
            self.sql("CREATE ROLE suspect LOGIN PASSWORD 'the right one'; CREATE ROLE guest LOGIN")

    def stop(self) -> None:
        """Stop the cluster, when there is one, and remove it."""
        if (self.folder / "postmaster.pid").exists():
            # A server that died by itself cannot be stopped; its folder goes all the same.
            with suppress(PostgresqlUnavailableError):
                self._run(["pg_ctl", "stop", "-D", str(self.folder), "-m", "immediate"])
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".lock").unlink(missing_ok=True)

    def sql(self, statement: str) -> None:
        """Carry out a statement in the database `postgres`, as its owner."""
        self._run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self._own, "-c", statement])

    @property
    def _own(self) -> str:
        return self.url("postgres")

    def _prepare_folder(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        if user := _unprivileged_user():
            shutil.chown(self.folder, user, pwd.getpwnam(user).pw_gid)
        self.folder.chmod(0o700)

    def _run(self, command: Sequence[str]) -> None:
        program, *arguments = command
        user = _unprivileged_user()
        # WHY a file and not a pipe: a started server would inherit the pipe and keep it open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(self.binaries / program), *arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_COMMAND_SECONDS,
                cwd="/",
                user=user,
                group=pwd.getpwnam(user).pw_gid if user else None,
                extra_groups=[] if user else None,
            )
            output.seek(0)
            said = " ".join(output.read().decode(errors="replace").split())
        if done.returncode != 0:
            raise PostgresqlUnavailableError(f"{program} failed: {said}")


def server_of_this_run() -> Server:
    """The server whose folder `announce` has named to every worker."""
    return Server(Path(os.environ[FOLDER_VARIABLE]))


def announce() -> None:
    """Name the folder of this run's server before workers start. Starts nothing."""
    folder = Path(tempfile.mkdtemp(prefix="rootsteward-pg-"))
    folder.rmdir()  # made again, for the server's user, when a test asks for it
    os.environ[FOLDER_VARIABLE] = str(folder)


def _installed() -> Path | None:
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True
    )
    on_path = shutil.which("initdb")
    elsewhere = [Path(on_path).resolve().parent] if on_path else []
    needed = ("initdb", "pg_ctl", "postgres", "psql")
    return next(
        (bin_ for bin_ in (*debian, *elsewhere) if all((bin_ / name).exists() for name in needed)),
        None,
    )


def _install() -> None:
    """Debian's package, without the cluster that it would make and start for the system.

    Raises:
        PostgresqlUnavailableError: when it may not or cannot be installed.
    """
    if os.environ.get("ROOTSTEWARD_TEST_INSTALL") == "no":
        raise PostgresqlUnavailableError(f"PostgreSQL is missing; {_ADVICE}")
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise PostgresqlUnavailableError(
            f"PostgreSQL is missing and only root may install it; {_ADVICE}"
        )
    with _locked(_INSTALL_LOCK):
        if _installed() is not None:
            return
        _NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        _NO_CLUSTER.write_text("create_main_cluster = false\n")
        try:
            _apt_get("update")
            _apt_get("install", "--yes", "--no-install-recommends", "postgresql")
        finally:
            _NO_CLUSTER.unlink(missing_ok=True)


def _apt_get(*arguments: str) -> None:
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "--quiet", *arguments]
    environment: Mapping[str, str] = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_INSTALL_SECONDS,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise PostgresqlUnavailableError(f"apt-get took too long; {_ADVICE}") from error
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise PostgresqlUnavailableError(f"apt-get {arguments[0]} failed: {last[0]}; {_ADVICE}")


def _unprivileged_user() -> str | None:
    """Who runs the server: PostgreSQL refuses root. None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        Server(Path()).binaries  # noqa: B018 (looking for them installs them)
    except PostgresqlUnavailableError as missing:
        sys.stdout.write(f"tests that need PostgreSQL will be skipped: {missing}\n")
