"""``python -m pepportal.launch demo`` and ``python -m pepportal.launch services -- COMMAND``."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pepportal.launch import checks, demo
from pepportal.launch.parts import die_with_make, die_with_parent, stop_when_asked
from pepportal.launch.prepared import forget
from pepportal.launch.session import OWN_PROFILE, Servers, database_of, durable, throwaway
from pepportal.launch.trouble import StopAsked, Trouble


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m pepportal.launch", description=__doc__)
    todo = parser.add_subparsers(dest="todo", required=True)
    todo.add_parser("demo", help="the whole portal with a fictional council; PORT and PROFILE from the environment")
    services = todo.add_parser("services", help="run a command with PostgreSQL and Valkey up")
    kind = services.add_mutually_exclusive_group()
    kind.add_argument("--throwaway", action="store_true", help="fresh servers, forgotten afterwards (the default)")
    kind.add_argument("--keep", action="store_true", help="the demonstration's servers and data")
    services.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    wanted = parser.parse_args()
    die_with_make()
    stop_when_asked()
    try:
        if wanted.todo == "demo":
            demo.run(checks.port_from(os.environ.get("PORT") or "8000"), os.environ.get("PROFILE") or OWN_PROFILE)
            return 0
        command = wanted.command[1:] if wanted.command[:1] == ["--"] else wanted.command
        if not command:
            parser.error("which command? services -- COMMAND")
        checks.reachable("DATABASE_URL", "PostgreSQL")
        checks.reachable("REDIS_URL", "Redis")
        with _kept() if wanted.keep else _fresh() as env:
            return run(command, env)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except StopAsked as asked:
        return 128 + asked.signal_number


@contextlib.contextmanager
def _fresh() -> Iterator[dict[str, str]]:
    with throwaway() as servers:
        yield _environment(servers, "portal", {"DEBUG": "1"})


@contextlib.contextmanager
def _kept() -> Iterator[dict[str, str]]:
    with durable(guest=True, profile=os.environ.get("PROFILE") or OWN_PROFILE) as (_, servers):
        running = servers.running or {}
        if servers.postgresql:
            forget(servers.postgresql.data)
        elif running.get("data"):
            forget(Path(running["data"]))
        profile = os.environ.get("PROFILE") or running.get("profile") or OWN_PROFILE
        own = {"DEBUG": "1", "DEMONSTRATION": "1", "PROFILE": profile}
        if running.get("address"):
            own["PORTAL_ADDRESS"] = running["address"]
        yield _environment(servers, database_of(profile), own)


def _environment(servers: Servers, database: str, defaults: dict[str, str]) -> dict[str, str]:
    given = {
        name: value for name, value in os.environ.items() if value or name not in defaults
    }  # make exports empty ones
    return defaults | given | servers.environment(database)


def run(command: Sequence[str], env: dict[str, str]) -> int:
    """Runs the command in the terminal's foreground, passes requests to end on to it, and returns its exit status."""
    try:
        child = subprocess.Popen(command, env=env, preexec_fn=die_with_parent(signal.SIGTERM))
    except OSError as error:
        raise Trouble(f"{command[0]} can't be run: {error.strerror}.") from None

    def pass_on(number: int, _frame: object) -> None:
        if number != signal.SIGINT or not _in_foreground():  # the terminal has already told it of a Ctrl-C
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    try:
        status = child.wait()
    finally:
        stop_when_asked()
    return status if status >= 0 else 128 - status


def _in_foreground() -> bool:
    try:
        with Path("/dev/tty").open() as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
