"""One set of servers per data folder, shared by whoever needs them meanwhile."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pepportal.launch.parts import Parts
from pepportal.launch.places import LOGS, VAR, data_home
from pepportal.launch.servers import PostgreSQL, Valkey, postgres_url
from pepportal.launch.trouble import Trouble

LOCK, VISITORS, NOTE = VAR / "lock", VAR / "visitors.lock", VAR / "running.json"
OWN_PROFILE = "default"
Step = Callable[[str], contextlib.AbstractContextManager[None]]


def database_of(profile: str) -> str:
    """A database per profile, so that switching profiles loses nothing."""
    return "portal_" + re.sub(r"[^a-z0-9]", "_", profile.lower())


@dataclass
class Servers:
    """Where the two servers answer. An address given by the environment is used as it is."""

    postgresql: PostgreSQL | None = None
    valkey: Valkey | None = None
    running: dict[str, str] | None = None
    """What another launcher on this data folder noted down, when we are its guest."""

    def environment(self, database: str) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL for this database."""
        found = {}
        if not os.environ.get("DATABASE_URL"):
            if self.postgresql:
                found["DATABASE_URL"] = self.postgresql.url(database)
            elif self.running and self.running.get("sockets"):
                found["DATABASE_URL"] = postgres_url(Path(self.running["sockets"]), database)
        if not os.environ.get("REDIS_URL"):
            if self.valkey:
                found["REDIS_URL"] = self.valkey.url
            elif self.running and self.running.get("redis_url"):
                found["REDIS_URL"] = self.running["redis_url"]
        return found


def needed() -> tuple[bool, bool]:
    """Whether PostgreSQL and Valkey are ours to start."""
    return not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")


@contextlib.contextmanager
def throwaway() -> Iterator[Servers]:
    """Fresh servers in a temporary folder without fsync: any number of them side by side."""
    postgres, valkey = needed()
    with Parts() as parts:
        logs = parts.folder("pepportal-log-")
        servers = Servers(
            PostgreSQL(parts, home=None, logs=logs) if postgres else None,
            Valkey(parts, home=None, logs=logs) if valkey else None,
        )
        for server in (servers.postgresql, servers.valkey):
            if server:
                server.start()
        yield servers


def open_lock(path: Path) -> int:
    """Raises Trouble where the folder is somebody else's."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Trouble(
            f"{path.parent} can't be written to ({error.strerror}): run as the user it belongs to, or remove it."
        ) from None


def take(lock: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def other_launcher() -> dict[str, str] | None:
    """What the launcher that holds the lock has written; None when it is still starting or already stopping."""
    try:
        note: dict[str, str] = json.loads(NOTE.read_text())
        os.kill(int(note["process"]), 0)
    except PermissionError:
        return note
    except (OSError, ValueError, KeyError):
        return None
    return note


def already_running(other: dict[str, str]) -> Trouble:
    where = f" on {other['address']}" if other.get("address") else ""
    return Trouble(f"A portal is already running from this folder{where} (process {other['process']}): stop it first.")


@contextlib.contextmanager
def durable(
    *, guest: bool, address: str = "", profile: str = OWN_PROFILE, step: Step | None = None
) -> Iterator[tuple[Parts, Servers]]:
    """Servers whose data is kept in ``.var``. Where another launcher runs them: use those (``guest``) or raise Trouble.

    ``step`` names a step and returns a context, for showing progress.
    """
    lock = open_lock(LOCK)
    patience = time.monotonic() + 30
    while not take(lock):
        other = other_launcher()
        if other and guest:
            with contextlib.ExitStack() as stack:
                visitors = open_lock(VISITORS)
                stack.callback(os.close, visitors)
                if not take(visitors, fcntl.LOCK_SH):
                    time.sleep(0.2)
                    continue
                yield Parts(), Servers(running=other)
                return
        if other:
            raise already_running(other)
        if time.monotonic() > patience:
            raise Trouble(f"Another launcher has held {LOCK} for 30 seconds without getting anywhere: stop it first.")
        time.sleep(0.1)
    NOTE.unlink(missing_ok=True)
    home = data_home()
    postgres, valkey = needed()
    show = step or (lambda _name: contextlib.nullcontext())
    with Parts(keep_open=[lock]) as parts:
        servers = Servers(
            PostgreSQL(parts, home=home, logs=LOGS) if postgres else None,
            Valkey(parts, home=home, logs=LOGS) if valkey else None,
        )
        with show("Starting PostgreSQL" if postgres else "Using the PostgreSQL of DATABASE_URL"):
            if servers.postgresql:
                servers.postgresql.start()
        with show("Starting Valkey" if valkey else "Using the Redis of REDIS_URL"):
            if servers.valkey:
                servers.valkey.start()
        note = {
            "process": str(os.getpid()),
            "address": address,
            "profile": profile,
            "sockets": str(servers.postgresql.sockets) if servers.postgresql else "",
            "data": str(servers.postgresql.data) if servers.postgresql else "",
            "redis_url": servers.valkey.url if servers.valkey else "",
        }
        half = NOTE.with_suffix(".new")
        half.write_text(json.dumps(note))
        half.rename(NOTE)
        try:
            yield parts, servers
            if guest:  # a second `make manage` may be using our servers: they stay until it is done
                visitors = open_lock(VISITORS)
                fcntl.flock(visitors, fcntl.LOCK_EX)
        finally:
            NOTE.unlink(missing_ok=True)
