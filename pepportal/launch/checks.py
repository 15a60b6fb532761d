"""What must be right on this machine before anything starts; each failure is one sentence that says how to mend it."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from pepportal.launch.places import ROOT, VAR
from pepportal.launch.trouble import Trouble

GIGABYTE = 1_000_000_000
PANGO = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz-subset.so.0",
    "libfontconfig.so.1",
)


def port_from(text: str) -> int:
    """The port to serve on. Raises Trouble when the text is none."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Trouble(f"PORT must be a number from 1 to 65535, not {text!r}: try `make demo PORT=8000`.")
    return int(text)


def port_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Trouble(
                f"Port {port} is reserved for root: choose another, for example `make demo PORT=8000`."
            ) from None
        except OSError:
            raise Trouble(
                f"Port {port} is already in use: stop what uses it, or choose another one, for example "
                f"`make demo PORT={port + 1}`."
            ) from None


def disk_space(*folders: Path) -> None:
    for folder in folders:
        free = shutil.disk_usage(folder).free
        if free < GIGABYTE:
            raise Trouble(
                f"Only {free // 1_000_000} MB are free in {folder}, the portal needs 1,000 MB: make some room there."
            )


def profile_known(profile: str) -> None:
    known = sorted(path.stem for path in (ROOT / "pepportal" / "profiles" / "published").glob("*.toml"))
    if profile not in known:
        raise Trouble(f"There is no profile {profile!r}: PROFILE may be {', '.join(known)}.")


def pango() -> None:
    for library in PANGO:
        try:
            ctypes.CDLL(library)
        except OSError:
            raise Trouble(
                f"The PDF pages need {library}, which is not installed: run "
                "`apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig` as root."
            ) from None


_TRY_DATABASE = """
import os, sys
import dj_database_url, psycopg2
try:
    wanted = dj_database_url.parse(os.environ["DATABASE_URL"])
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {names[k]: v for k, v in wanted.items() if k in names and v} | wanted.get("OPTIONS", {})
    if "postgresql" not in wanted.get("ENGINE", ""):
        sys.exit("it does not name a PostgreSQL")
    line = psycopg2.connect(connect_timeout=5, **options)
    if line.server_version < 140000:
        sys.exit("that server is older than PostgreSQL 14")
except Exception as error:
    sys.exit(" ".join(str(error).split()) or type(error).__name__)
"""
_TRY_REDIS = """
import os, sys
import redis
try:
    redis.Redis.from_url(os.environ["REDIS_URL"], socket_connect_timeout=5, socket_timeout=5).ping()
except Exception as error:
    sys.exit(" ".join(str(error).split()) or type(error).__name__)
"""


def reachable(variable: str, what: str) -> None:
    """Where the environment names a server, that it answers with those credentials. The reason is the driver's own."""
    if not os.environ.get(variable):
        return
    script = _TRY_DATABASE if variable == "DATABASE_URL" else _TRY_REDIS
    try:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=20)
        reason = done.stderr.strip().splitlines()[-1] if done.returncode else ""
    except subprocess.TimeoutExpired:
        reason = "no answer within 20 seconds"
    if reason:
        raise Trouble(
            f"{variable} is set, but {what} can't be used there ({reason}): correct it, or unset {variable} and the "
            "portal starts its own."
        )


def all_for_demonstration(port: int, profile: str) -> None:
    profile_known(profile)
    port_free(port)
    VAR.mkdir(parents=True, exist_ok=True)
    disk_space(VAR, Path("/tmp"))
    pango()
    reachable("DATABASE_URL", "PostgreSQL")
    reachable("REDIS_URL", "Redis")
