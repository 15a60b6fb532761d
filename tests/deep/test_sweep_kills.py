"""The nightly sweep with real processes, killed in the middle: run again, all is as after one clean run, and nothing is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from children.models import Child
from pepportal.audit.acting import the_portal
from pepportal.clock.actions import sweep
from pepportal.clock.models import Obligation, ObligationChange
from tests import cast as stage
from tests.bench import council

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
MANY = 400
SWEEP = """
import django
django.setup()
from pepportal.audit.acting import the_portal
from pepportal.clock.actions import sweep
from tests.cast import NOW
assert not sweep(by=the_portal(NOW), batch=20).failed
"""
KEPT = (
    "child_id",
    "key",
    "title",
    "holder_id",
    "holder_organisation_id",
    "due_on",
    "rule",
    "profile_version_id",
    "met_on",
    "revision",
)


@pytest.fixture
def many(transactional_db, rules):
    council.build()
    council.children(1, MANY)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_child, bench_council, bench_school, bench_worker, bench_form")


def start() -> subprocess.Popen:
    """A sweep as a process of its own on the test's database, in a group of its own."""
    url, _, query = os.environ["DATABASE_URL"].partition("?")
    own = url.rpartition("/")[0] + "/" + connection.settings_dict["NAME"] + (f"?{query}" if query else "")
    env = os.environ | {"DATABASE_URL": own, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", SWEEP], cwd=ROOT, env=env, start_new_session=True)


def rows() -> list[tuple]:
    return list(Obligation.objects.order_by("child_id", "key").values_list(*KEPT))


def made() -> list[tuple]:
    return sorted(ObligationChange.objects.values_list("child_id", "obligation_key", "what"))


def done() -> int:
    return Obligation.objects.values("child").distinct().count()


def kill_after(process: subprocess.Popen, children: int) -> None:
    patience = time.monotonic() + 120
    while done() < children:
        assert process.poll() is None and time.monotonic() < patience, f"the sweep ended after {done()} children"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def test_killed_twice_and_run_again_it_is_one_clean_run(many):
    clean = sweep(by=the_portal(stage.NOW))
    assert clean.children == MANY and not clean.failed
    expected, expected_changes = rows(), made()
    connection.cursor().execute("SET session_replication_role = replica; TRUNCATE clock_obligation, clock_obligationchange;"
                                "SET session_replication_role = origin")  # fmt: skip
    reached = []
    for struck_at in (MANY // 8, MANY // 2):
        kill_after(start(), struck_at)
        reached.append(done())
        assert reached[-1] < done_by(expected), "it was to be killed in the middle"
        assert len(made()) == len(rows()), "a batch is written whole or not at all"
    last = start()
    assert last.wait(300) == 0
    assert rows() == expected and made() == expected_changes
    assert len(set(made())) == len(made())


def done_by(found: list[tuple]) -> int:
    return len({row[0] for row in found})


def test_two_processes_at_once(many):
    both = [start(), start()]
    assert [each.wait(300) for each in both] == [0, 0]
    assert len(made()) == len(set(made())) == len(rows()) > Child.objects.count()
    assert sweep(by=the_portal(stage.NOW)).rows_changed == 0
