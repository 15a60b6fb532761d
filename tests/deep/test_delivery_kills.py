"""Delivery with real processes: workers killed in the middle, and the broker stopped and started. Nothing owed is lost.

The tests set the stage in a database of their own, start workers (and beat) on it, let them deliver to a small mail server that runs
here, and count what arrived.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from pepportal.accounts.models import User
from pepportal.audit.acting import the_portal
from pepportal.launch.parts import SERVER, Parts
from pepportal.launch.places import account_for
from pepportal.launch.servers import PLAIN_ENV, Valkey, _answers_ping
from pepportal.notify.actions import Message, owe
from pepportal.notify.models import Notice

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
MANY = 200


class Mail(socketserver.StreamRequestHandler):
    """Just enough of SMTP to take a message. It is noted down before the sender hears that it was taken."""

    def handle(self) -> None:
        self.say("220 sink")
        recipient = ""
        try:
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    recipient = line.decode().split("<")[1].split(">")[0]
                if verb == b"DATA":
                    self.say("354 go on")
                    self.server.take(recipient, self.message())  # type: ignore[attr-defined]
                self.say("221 bye" if verb == b"QUIT" else "250 well")
        except (ConnectionError, TimeoutError):
            pass  # the sender was killed

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def message(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.decode())
        if line == b"":
            raise ConnectionError("killed before the message was whole")
        return "".join(lines)


class Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Mail)
        self.arrived: list[tuple[str, str]] = []
        """Recipient and Message-ID, in the order of arrival."""
        self.on_arrival: Callable[[int], None] = lambda number: None
        self._one_at_a_time = threading.Lock()

    def take(self, recipient: str, message: str) -> None:
        found = re.search(r"^Message-ID:\s*(<[^>]+>)", message, re.MULTILINE | re.IGNORECASE)
        assert found, message[:500]
        with self._one_at_a_time:
            self.arrived.append((recipient, found[1]))
            number = len(self.arrived)
        self.on_arrival(number)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def start(sink, tmp_path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts a real process of the portal on the test's own database, in a group of its own so that it can be killed whole."""
    started: list[subprocess.Popen] = []

    def run(name: str, *command: str, redis_url: str = os.environ.get("REDIS_URL", "")) -> subprocess.Popen:
        url, _, query = os.environ["DATABASE_URL"].partition("?")
        own = url.rpartition("/")[0] + "/" + connection.settings_dict["NAME"] + (f"?{query}" if query else "")
        env = {
            name: value for name, value in os.environ.items() if name not in ("PORTAL_NOW", "DJANGO_SETTINGS_MODULE")
        }
        env |= {
            "DATABASE_URL": own, "REDIS_URL": redis_url, "DEBUG": "1", "DEMONSTRATION": "0", "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(sink.port), "EMAIL_USE_TLS": "0", "EMAIL_HOST_USER": "", "DJANGO_SETTINGS_MODULE": "pepportal.settings",
        }  # fmt: skip
        with (tmp_path / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
            )
        started.append(process)
        return process

    yield run
    for process in started:
        _kill(process)


def _kill(process: subprocess.Popen) -> None:
    """SIGKILL to the process and its children; its own group only."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(10)


def until(what: Callable[[], bool], seconds: float, why: Callable[[], object]) -> None:
    patience = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < patience, why()
        time.sleep(0.05)


@pytest.fixture
def owed(transactional_db, settings) -> Callable[[int], list[Notice]]:
    """``owed(200)``: that many urgent messages to as many people, written down and not rung for."""
    settings.PORTAL_NOW = None  # the workers' clock goes on

    def write(many: int, first: int = 0) -> list[Notice]:
        by = the_portal(datetime.now(UTC) - timedelta(seconds=5))
        words = Message(
            "meeting_moved", "A meeting has moved", ("It has moved.",), "/meetings/", "See it", "", urgent=True
        )
        people = [
            User.objects.create(email=f"p{number}@portal.example", name=f"Person {number}")
            for number in range(first, first + many)
        ]
        made = [owe(words, to=person, about="meeting:1:1", by=by) for person in people]
        return [notice for notice in made if notice is not None]

    return write


DELIVER = "import django; django.setup(); from pepportal.notify.tasks import deliver; deliver()"


def states() -> Counter[str]:
    return Counter(Notice.objects.values_list("work_state", flat=True))


def lease_ends() -> None:
    """Rather than wait two minutes for it."""
    Notice.objects.filter(work_state="doing").update(lease_until=datetime.now(UTC) - timedelta(seconds=1))


@pytest.fixture
def not_rung(monkeypatch):
    monkeypatch.setattr("pepportal.notify.actions._ring", lambda: None)


def all_of(notices: list[Notice], sink: Sink, kills: int) -> None:
    """Every message arrived, at the right person; each kill has cost one repeat at most, which can be told by its Message-ID."""
    arrived = Counter(sink.arrived)
    host = sink.arrived[0][1].partition("@")[2]
    assert set(arrived) == {(notice.person.email, f"<{notice.pk}@{host}") for notice in notices if notice.person}
    repeats = {key: number - 1 for key, number in arrived.items() if number > 1}
    assert sum(repeats.values()) <= kills, repeats
    assert states() == {"done": len(notices)} and not Notice.objects.filter(sent_at=None).exists()


def test_a_delivery_run_killed_again_and_again(owed, not_rung, sink, start, tmp_path):
    """Killed at the moment a message has arrived and nothing is written down yet: the worst moment there is."""
    notices = owed(MANY)
    running: dict[str, subprocess.Popen] = {}
    kills: list[int] = []

    def strike(number: int) -> None:
        if number in (20, 75, 140):
            kills.append(number)
            os.killpg(running["worker"].pid, signal.SIGKILL)

    sink.on_arrival = strike
    for _ in range(3):
        running["worker"] = start("deliver", "-c", DELIVER)
        running["worker"].wait(60)
        assert running["worker"].returncode == -signal.SIGKILL, (tmp_path / "deliver.log").read_text()[-2000:]
        assert states()["doing"] == 1, "what was under way stays marked, for whoever comes when the lease has ended"
        assert states()["owed"] > 0
        lease_ends()
    last = start("deliver", "-c", DELIVER)
    assert last.wait(60) == 0, (tmp_path / "deliver.log").read_text()[-2000:]
    assert len(kills) == 3
    all_of(notices, sink, kills=3)
    assert len(sink.arrived) == MANY + 3, "each struck message had arrived: it came twice, with the same Message-ID"


def test_without_the_lease_nothing_is_sent_twice(owed, not_rung, sink, start):
    """Somebody else's work isn't taken up while their lease lasts; and two at once share the work."""
    notices = owed(60)
    held = notices[0]
    Notice.objects.filter(pk=held.pk).update(
        work_state="doing", attempts=1, lease_until=datetime.now(UTC) + timedelta(minutes=2)
    )
    both = [start(f"deliver{number}", "-c", DELIVER) for number in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert len(sink.arrived) == len(set(sink.arrived)) == 59 and states() == {"done": 59, "doing": 1}


CELERY = ("-m", "celery", "-A", "pepportal.jobs")
WORKER = (
    *CELERY,
    "worker",
    "--pool",
    "prefork",
    "--concurrency",
    "1",
    "--without-gossip",
    "--without-mingle",
    "--loglevel",
    "INFO",
)


@pytest.fixture
def broker(tmp_path) -> Iterator[Valkey]:
    """A Valkey of this test's own that keeps what it is told, to be stopped and started."""
    with Parts() as parts:
        home = Path(f"/tmp/pepportal-kill-{os.getpid()}")
        home.mkdir(mode=0o755)
        valkey = Valkey(parts, home=home, logs=tmp_path)
        valkey.start()
        try:
            yield valkey
        finally:
            parts.stop()
            shutil.rmtree(home, ignore_errors=True)


def _start_again(broker: Valkey, server: subprocess.Popen) -> None:
    """The same server at the same address, with what it had kept."""
    assert broker.home is not None
    account = account_for(broker.home / "valkey")
    broker.parts.start("Valkey", list(server.args), log=broker.log, env=PLAIN_ENV, rank=SERVER, account=account)  # type: ignore[call-overload]
    until(lambda: _answers_ping(broker.socket), 20, lambda: broker.log.read_text()[-2000:])


def test_a_worker_killed_and_the_broker_stopped_and_started(owed, sink, start, broker, tmp_path, settings):
    """A worker and beat, for real: whatever dies, all that was owed is delivered, and writing goes on while the broker is away."""
    from pepportal.jobs import app

    settings.CELERY_BROKER_URL = url = f"redis+socket://{broker.socket}"
    app.conf.task_always_eager = False
    before, app.conf.broker_url = app.conf.broker_url, url
    beat = (*CELERY, "beat", "--loglevel", "INFO", "--pidfile", "", "--schedule", str(tmp_path / "beat"))

    def logs() -> str:
        return "\n".join(f"{path.name}\n{path.read_text()[-1500:]}" for path in tmp_path.glob("*.log"))

    try:
        worker = start("worker", *WORKER, redis_url=broker.url)
        start("beat", *beat, redis_url=broker.url)
        first = owed(MANY)
        until(lambda: len(sink.arrived) > 30, 60, logs)
        _kill(worker)
        lease_ends()
        killed_at = len(sink.arrived)
        assert killed_at < MANY, "it was to be killed in the middle"

        server = broker.parts._parts[-1].process
        server.kill()
        server.wait(10)
        second = owed(20, first=MANY)  # the request is not the broker's affair
        assert len(second) == 20
        start("worker", *WORKER, redis_url=broker.url)  # comes up while there is no broker
        time.sleep(3)
        _start_again(broker, server)
        until(lambda: states() == {"done": MANY + 20}, 120, lambda: (states(), logs()))
    finally:
        app.conf.broker_url, app.conf.task_always_eager = before, True
    all_of([*first, *second], sink, kills=1)
