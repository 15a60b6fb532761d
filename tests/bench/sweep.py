"""The nightly sweep against streaming the same facts through a server-side cursor and writing the same rows with execute_values."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2.extras import execute_values

from pepportal.audit.acting import the_portal
from pepportal.clock.actions import sweep
from tests.bench import council
from tests.cast import NOW

PAGE = 1000
BATCH = 500
BY = the_portal(NOW)
#: The columns that the clock reads (pepportal.clock.facts), table by table.
FACTS = (
    "SELECT e.id, e.child_id, e.began_on, e.ended_on, e.planned, e.short_breaks, c.date_of_birth, c.authority_id, a.profile_name"
    " FROM children_careepisode e JOIN children_child c ON c.id = e.child_id JOIN accounts_authority a ON a.id = c.authority_id",
    "SELECT id, episode_id, began_on FROM children_placement",
    "SELECT n.id, n.child_id, n.school_id, s.phase, s.local_authority_id, n.began_on, n.ended_on FROM children_enrolment n"
    " JOIN children_school s ON s.organisation_id = n.school_id WHERE n.main",
    "SELECT l.child_id, l.part, l.user_id, u.name, u.is_active, l.began_on, l.ended_on FROM children_allocation l"
    " JOIN accounts_user u ON u.id = l.user_id WHERE l.part IN ('social_worker', 'virtual_school_caseworker')",
    'SELECT id, child_id, "on" FROM children_carereview WHERE cancelled_at IS NULL',
    'SELECT id, child_id, kind, "on" FROM children_significantchange WHERE cancelled_at IS NULL',
    "SELECT child_id, pep_id, completed_on, entered_at FROM targets_sdq WHERE informant = 'teacher'",
    "SELECT id, episode_id, kind, state, trigger_on, opened_at, cause, informal, revision, submitted_at, finalised_at,"
    " profile_version_id, form_version_id FROM peps_pep",
    "SELECT pep_id, key, completed_at FROM peps_section",
    "SELECT m.pep_id, m.starts_at, m.held_on, m.next_meeting_on, h.history_date FROM meetings_meeting m"
    " LEFT JOIN meetings_historicalmeeting h ON h.id = m.id AND h.history_type = '+' WHERE m.state <> 'cancelled'",
    "SELECT meeting_id, user_id FROM meetings_invitation WHERE user_id IS NOT NULL",
    "SELECT pep_id, what, user_id, at FROM peps_confirmation",
    "SELECT pep_id, step, revision, at FROM qa_signature",
    "SELECT pep_id, at FROM qa_review WHERE decision = 'returned'",
    "SELECT pep_id, audience, done_at FROM qa_delivery",
    "SELECT pep_id, position FROM targets_target WHERE withdrawn_at IS NULL",
    "SELECT pep_id, requested_at FROM funding_fundingrequest WHERE state <> 'withdrawn'",
    "SELECT organisation_id, user_id, began_on, ended_on FROM accounts_membership WHERE role = 'designated_teacher'",
    "SELECT id, school_id, authority_id, academic_year, version, spans, closures FROM children_calendar",
)
STORED = "SELECT * FROM clock_obligation"
WRITTEN = ("clock_obligation", "clock_obligationchange")


def _plain() -> psycopg2.extensions.connection:
    """A connection of its own, without anything of the framework."""
    given = connection.get_connection_params()
    return psycopg2.connect(**{k: v for k, v in given.items() if k in ("dbname", "user", "password", "host", "port")})


def _stream(plain: psycopg2.extensions.connection, queries: Iterable[str]) -> float:
    """How long it takes to have every row here once, so many at a time."""
    start = perf_counter()
    for number, query in enumerate(queries):
        with plain.cursor(name=f"bench{number}") as cursor:
            cursor.itersize = 2000
            cursor.execute(query)
            for _ in cursor:
                pass
    plain.commit()
    return perf_counter() - start


def _write(plain: psycopg2.extensions.connection) -> tuple[float, int]:
    """How long the same rows take to write into the emptied tables; reading them for that is not counted."""
    taken, rows = 0.0, 0
    source = _plain()
    with plain.cursor() as cursor:
        for table in WRITTEN:
            with source.cursor(name=f"kept_{table}") as kept:
                kept.itersize = 20 * PAGE
                kept.execute(f"SELECT * FROM kept_{table}")
                while page := kept.fetchmany(20 * PAGE):
                    page = [tuple(psycopg2.extras.Json(v) if isinstance(v, list) else v for v in row) for row in page]
                    start = perf_counter()
                    execute_values(cursor, f"INSERT INTO {table} VALUES %s", page, page_size=PAGE)
                    plain.commit()
                    taken, rows = taken + perf_counter() - start, rows + len(page)
    source.close()
    return taken, rows


def _emptied(*, keep: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in WRITTEN:
            if keep:
                cursor.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
            cursor.execute(f"TRUNCATE {table} CASCADE")
        cursor.execute("SET session_replication_role = origin")


def _resident() -> int:
    """Bytes of this process in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def _swept() -> tuple[float, int, list[int]]:
    """One whole sweep in batches: seconds, rows changed, and the memory after each batch."""
    gc.collect()
    memory, rows, last = [], 0, None
    start = perf_counter()
    while True:
        done = sweep(by=BY, batch=BATCH, after=last, most=BATCH)
        assert not done.failed, "a child could not be worked out"
        rows, last = rows + done.rows_changed, done.last
        memory.append(_resident())
        if last is None:
            return perf_counter() - start, rows, memory


def run(most: int) -> Iterator[str]:
    """Sweeps over a tenth, three tenths and all of ``most`` children. Raises AssertionError where a second sweep writes."""
    settings.DEBUG = False  # it would keep every statement
    council.build()
    there = 0
    each: dict[int, float] = {}
    for size in (most // 10, most * 3 // 10, most):
        council.children(there + 1, size)
        there = size
        _emptied(keep=False)
        first, rows, memory = _swept()
        each[size] = first / size
        slower = each[size] / each[most // 10]
        yield f"{size:>7} children, {rows / size:.1f} rows each: {slower:.2f} times as long a child as at {most // 10}"
    again, changed, _ = _swept()
    assert changed == 0, f"a second sweep on unchanged facts changed {changed} rows"
    part = max(1, len(memory) // 5)
    grown = max(memory) - max(memory[:part])
    _emptied(keep=True)
    plain = _plain()
    read = _stream(plain, FACTS)
    written, kept = _write(plain)
    read_all = _stream(plain, (*FACTS, STORED))
    yield (
        f"first sweep, which writes {kept} rows: {first / (read + written):.2f} times streaming the facts and writing the rows (at most 5)"
    )
    yield f"second sweep, which writes none: {again / read_all:.2f} times streaming the facts and the index"
    yield (
        f"memory from {most // 5} to {most} children: {grown / 2**20:+.0f} MB, {max(memory) / max(memory[:part]):.2f} times"
    )
