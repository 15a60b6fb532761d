"""The front door: its servers, its exit statuses, its sentences, and that nothing outlives it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def own_environment(**more: str) -> dict[str, str]:
    """Without the addresses of the servers that this test run uses: the launcher is to start its own."""
    return {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "MAKELEVEL")} | more


def launch(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pepportal.launch", *words],
        cwd=ROOT,
        env=own_environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
    )


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_command_gets_both_servers_and_its_status_is_passed_on():
    ask = (
        "import os, sys, psycopg2, redis, dj_database_url as u; d = u.parse(os.environ['DATABASE_URL']);"
        "c = psycopg2.connect(host=d['HOST'], user=d['USER'], dbname=d['NAME']).cursor(); c.execute('select 6 * 7');"
        "print(c.fetchone()[0], redis.Redis.from_url(os.environ['REDIS_URL']).ping()); sys.exit(7)"
    )
    done = launch("services", "--throwaway", "--", sys.executable, "-c", ask)
    assert done.stdout == "42 True\n", done.stderr
    assert done.returncode == 7


def test_standard_output_is_the_commands_own():
    assert launch("services", "--throwaway", "--", "true").stdout == ""


def test_addresses_that_are_given_are_used_and_nothing_is_started():
    done = launch(
        "services", "--", "sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"; ls -d /tmp/pepportal-pg-* 2>/dev/null | wc -l',
        DATABASE_URL=os.environ["DATABASE_URL"], REDIS_URL=os.environ["REDIS_URL"],
    )  # fmt: skip
    assert done.stdout.splitlines()[0] == f"{os.environ['DATABASE_URL']} {os.environ['REDIS_URL']}"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"DATABASE_URL": "postgres://who:secret@127.0.0.1:1/portal"},
            "unset DATABASE_URL and the portal starts its own",
        ),
        ({"DATABASE_URL": "sqlite:///x"}, "it does not name a PostgreSQL"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "unset REDIS_URL and the portal starts its own"),
    ],
)
def test_a_server_that_can_not_be_reached_is_one_sentence(given, sentence):
    done = launch("services", "--", "true", **given)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "secret" not in done.stderr


def test_a_command_that_does_not_exist_is_one_sentence():
    done = launch("services", "--", "/no/such/command")
    assert done.returncode == 1
    assert done.stderr.strip() == "/no/such/command can't be run: No such file or directory."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"PORT": "http"}, "PORT must be a number from 1 to 65535"),
        ({"PROFILE": "nowhere"}, "There is no profile 'nowhere': PROFILE may be bolton-2021, default,"),
    ],
)
def test_the_demonstration_refuses_what_it_can_not_do(given, sentence):
    done = launch("demo", **({"PORT": "1"} | given))
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = launch("demo", PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} is already in use")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_launcher(how):
    tell = "import os, time; print(os.environ['REDIS_URL'], os.getpid(), flush=True); time.sleep(60)"
    launcher = subprocess.Popen(
        [sys.executable, "-m", "pepportal.launch", "services", "--throwaway", "--", sys.executable, "-c", tell],
        cwd=ROOT,
        env=own_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert launcher.stdout is not None
    redis_url, command = launcher.stdout.readline().split()
    scratch = Path(redis_url.removeprefix("unix://")).parent.parent
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
    mine = {int(process) for process in children} | {int(command)}
    assert len(mine) == 4, "the guardian, PostgreSQL, Valkey and the command"
    assert all(is_running(process) for process in mine)
    launcher.send_signal(how)
    launcher.wait(20)
    patience = time.monotonic() + 15
    while time.monotonic() < patience and (any(map(is_running, mine)) or scratch.exists()):
        time.sleep(0.05)
    assert not [process for process in mine if is_running(process)]
    assert not scratch.exists()
