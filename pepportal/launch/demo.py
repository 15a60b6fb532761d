"""``make demo``: a whole portal with a fictional council on one machine, step by step, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException

from pepportal.launch import checks
from pepportal.launch.parts import Parts, die_with_parent, last_lines
from pepportal.launch.places import LOGS, ROOT, VAR
from pepportal.launch.prepared import is_prepared, remember
from pepportal.launch.session import already_running, database_of, durable, other_launcher
from pepportal.launch.trouble import StopAsked, Trouble

STEPS = 8


class Progress:
    """Numbered lines with the time each step took, written as it happens."""

    def __init__(self) -> None:
        self.number = 0

    @contextlib.contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self.number += 1
        began = time.monotonic()
        print(f"[{self.number}/{STEPS}] {name} … ", end="", flush=True)
        try:
            yield
        except BaseException:
            print(flush=True)
            raise
        print(f"{time.monotonic() - began:.1f} s", flush=True)


def run(port: int, profile: str) -> None:
    """Returns when the person at the keyboard ends it; raises Trouble when a part fails."""
    began = time.monotonic()
    step = Progress()
    address = f"http://127.0.0.1:{port}"
    with step("Checking this machine"):
        other = other_launcher()
        if other and other.get("address") == address:  # says more than "port in use" would
            raise already_running(other)
        checks.all_for_demonstration(port, profile)
    try:
        with durable(guest=False, address=address, profile=profile, step=step) as (parts, servers):
            database = database_of(profile)
            data = servers.postgresql.data if servers.postgresql else None
            env = os.environ | servers.environment(database)
            env |= {"DEMONSTRATION": "1", "DEBUG": "1", "PROFILE": profile, "PORTAL_ADDRESS": address}
            env |= {"DJANGO_SETTINGS_MODULE": "pepportal.settings", "PYTHONUNBUFFERED": "1"}
            known = is_prepared(data, database)
            with step("Preparing the database" + (": as it was" if known else "")):
                if not known:
                    manage(parts, env, "migrate", "--no-input")
            with step("Loading the profiles" + (": as they were" if known else "")):
                if not known:
                    manage(parts, env, "load_profile", "--all")
                    remember(data, database)
            with step(f"Loading the demonstration council ({profile})"):
                manage(parts, env, "load_demonstration", "--profile", profile)
            with step("Starting the web server, the worker and the timetable"):
                _start(parts, env, port)
            with step("Waiting for the first page"):
                _wait_for_health(parts, address)
            print(f"\nThe portal is ready after {time.monotonic() - began:.0f} s: {address}")
            print("The sign-in page lists the people of the demonstration council: choose one to sign in as them.")
            print(
                f"Profile {profile}. What the parts say is in {LOGS.relative_to(ROOT)}/. Ctrl-C stops everything.",
                flush=True,
            )
            while True:
                time.sleep(0.3)
                parts.check()
    except StopAsked:
        print("\nStopped.", flush=True)


def manage(parts: Parts, env: dict[str, str], *words: str) -> None:
    """Runs a management command; raises Trouble with the end of its output when it fails."""
    log = LOGS / f"manage-{words[0]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            preexec_fn=die_with_parent(9),
        )  # fmt: skip
        try:
            while process.poll() is None:
                parts.check()
                time.sleep(0.02)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise Trouble(f"`manage.py {' '.join(words)}` failed; the end of {log}:\n{last_lines(log)}")


def _start(parts: Parts, env: dict[str, str], port: int) -> None:
    python = sys.executable
    parts.start(
        "The web server",
        [
            python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2",
            "--threads", "4", "--graceful-timeout", "3", "--no-control-socket", "--access-logfile", "-",
            "pepportal.wsgi",
        ],
        log=LOGS / "web.log", env=env, cwd=ROOT,
    )  # fmt: skip
    celery = [python, "-m", "celery", "-A", "pepportal.jobs"]
    parts.start(
        "The worker",
        [
            *celery, "worker", "--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle",
            "--loglevel", "INFO",
        ],
        log=LOGS / "worker.log", env=env, cwd=ROOT,
    )  # fmt: skip
    parts.start(
        "The timetable (Celery beat)",
        [*celery, "beat", "--loglevel", "INFO", "--pidfile", "", "--schedule", str(VAR / "beat-schedule")],
        log=LOGS / "beat.log", env=env, cwd=ROOT,
    )  # fmt: skip


def _wait_for_health(parts: Parts, address: str) -> None:
    patience = time.monotonic() + 60
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    said = "no answer"
    while time.monotonic() < patience:
        parts.check()
        try:
            with opener.open(f"{address}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            said = f"status {error.code}"
        except (OSError, HTTPException):
            pass
        time.sleep(0.05)
    web = LOGS / "web.log"
    raise Trouble(f"{address}/health did not answer within 60 seconds ({said}); the end of {web}:\n{last_lines(web)}")
