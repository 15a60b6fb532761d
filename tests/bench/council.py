"""Many invented children, written in bulk by the database itself: each with a time in care, a home, a school place, a team and a
plan, and as far as their number says a meeting, an SDQ score, signatures and a care review. The same number is always the same child."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

from children.models import Calendar, School
from pepportal.accounts.models import Authority, Membership, Organisation, User
from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.reading import PUBLISHED_NAMES
from peps.models import FormVersion
from tests import factories as f

COUNCILS, SCHOOLS, WORKERS = 100, 400, 2000
LONG_AGO = date(2020, 9, 1)


def build() -> None:
    """The councils, their rules and calendars, the schools (every second a primary school) and the people."""
    versions = {each.name: each for each in ProfileVersion.objects.all()}
    councils = Authority.objects.bulk_create(
        Authority(name=f"Council {n:03}", code=f"B{n}", profile_name=PUBLISHED_NAMES[n % len(PUBLISHED_NAMES)])
        for n in range(COUNCILS)
    )
    Organisation.objects.bulk_create(
        Organisation(kind="virtual_school", name=f"Virtual school {n}", authority=each)
        for n, each in enumerate(councils)
    )
    houses = Organisation.objects.bulk_create(Organisation(kind="school", name=f"School {n}") for n in range(SCHOOLS))
    schools = School.objects.bulk_create(
        School(organisation=each, phase=("primary", "secondary")[n % 2], area="x", local_authority=councils[n % COUNCILS])
        for n, each in enumerate(houses)
    )  # fmt: skip
    people = User.objects.bulk_create(
        User(name=f"Person {n:04}", email=f"bench{n}@portal.example", password="!")
        for n in range(COUNCILS + SCHOOLS + WORKERS)
    )
    caseworkers, teachers, workers = (
        people[:COUNCILS], people[COUNCILS : COUNCILS + SCHOOLS], people[COUNCILS + SCHOOLS :],
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(user=user, organisation=place, role="designated_teacher", began_on=LONG_AGO)
        for user, place in zip(teachers, houses, strict=True)
    )
    for year in ({}, f.CALENDAR_2025):
        for n, each in enumerate(councils):
            _pattern(n, year, authority=each)
        for n, each in enumerate(schools[::4]):
            _pattern(n + 7, year, school=each)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for n, (council, caseworker) in enumerate(zip(councils, caseworkers, strict=True)):
            cursor.execute(
                "INSERT INTO bench_council VALUES (%s, %s, %s, %s)",
                [n, council.pk, caseworker.pk, versions[council.profile_name].pk],
            )
        cursor.executemany("INSERT INTO bench_school VALUES (%s, %s)", [(n, each.pk) for n, each in enumerate(schools)])
        cursor.executemany("INSERT INTO bench_worker VALUES (%s, %s)", [(n, each.pk) for n, each in enumerate(workers)])
        cursor.executemany("INSERT INTO bench_form VALUES (%s, %s)", [(e.key, e.pk) for e in FormVersion.objects.all()])


def _pattern(n: int, year: dict, **owner) -> None:
    """A year with two training days of its owner's own, so that hardly two are alike."""
    row = f.CalendarFactory.build(**year, **owner, name=f"Pattern {n}")
    for span, weeks in ((row.spans[1], n % 6), (row.spans[3], n // 6 % 5)):
        monday = date.fromisoformat(span[0]) + timedelta(weeks=weeks)
        own = monday + timedelta(days=n % 5 - monday.weekday() + 7 * (n % 5 < monday.weekday()))
        if own.isoformat() not in [day for day, *_ in row.closures]:
            row.closures = [*row.closures, [own.isoformat(), "inset", "Training"]]
    Calendar.objects.bulk_create([row])


def children(first: int, last: int) -> None:
    """Children number ``first`` to ``last``, and the database's statistics brought up to date."""
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, {"first": first, "last": last})
        cursor.execute("ANALYZE")


TABLES = """
CREATE TABLE bench_council (n int, authority uuid, caseworker uuid, version uuid);
CREATE TABLE bench_school (n int, school uuid);
CREATE TABLE bench_worker (n int, worker uuid);
CREATE TABLE bench_form (key text, form uuid);
CREATE TABLE bench_child (n int PRIMARY KEY, child uuid, episode uuid, pep uuid, meeting uuid, authority uuid, caseworker uuid,
    version uuid, worker uuid, school uuid, form uuid, born date, entry date, state text, opened timestamptz, met date);
"""

#: Everything about each child in one row, which the tables of the portal are then filled from.
STATEMENTS = (
    """INSERT INTO bench_child
       SELECT p.n, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), authority, caseworker, version, worker,
              CASE WHEN p.n %% 25 > 0 THEN school END, form, born, entry, state, entry::timestamp AT TIME ZONE 'Europe/London',
              CASE WHEN p.n %% 10 > 4 THEN entry + 12 END
       FROM (SELECT n, date '2010-09-01' + n * 53 %% 4300 AS born, date '2025-09-08' + n * 37 %% 380 AS entry,
                    (ARRAY['preparing','preparing','preparing','preparing','preparing','preparing','preparing','submitted',
                           'finalised','finalised'])[n %% 10 + 1] AS state,
                    n * 53 %% 4300 < 1826 AS older
             FROM generate_series(%(first)s, %(last)s) AS n) p
       JOIN bench_council c ON c.n = p.n %% (SELECT count(*) FROM bench_council)
       JOIN bench_worker w ON w.n = p.n %% (SELECT count(*) FROM bench_worker)
       JOIN bench_school s ON s.n = p.n / 7 %% 200 * 2 + older::int
       JOIN bench_form f ON f.key = CASE WHEN older THEN 'secondary' ELSE 'primary' END""",
    """INSERT INTO children_child (id, authority_id, reference, given_name, family_name, known_as, date_of_birth, upn, language,
                                   pronouns, sort_name, created_at)
       SELECT child, authority, 'B-' || n, 'Given', 'Family', '', born, '', 'English', '', 'family given ' || n, opened
       FROM bench_child WHERE n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO children_careepisode (id, child_id, began_on, planned, short_breaks, legal_status, end_reason)
       SELECT episode, child, entry, n %% 3 > 0, false, 'section_20', ''
       FROM bench_child WHERE n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO children_placement (id, child_id, episode_id, kind, area, out_of_area, began_on)
       SELECT gen_random_uuid(), child, episode, 'foster', 'x', false, entry
       FROM bench_child WHERE n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO children_enrolment (id, child_id, school_id, main, began_on)
       SELECT gen_random_uuid(), child, school, true, CASE WHEN n %% 8 = 0 THEN entry + 3 ELSE date '2024-09-01' END
       FROM bench_child WHERE school IS NOT NULL AND n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO children_allocation (id, child_id, user_id, part, began_on)
       SELECT gen_random_uuid(), child, who, part, entry FROM bench_child,
              LATERAL (VALUES (worker, 'social_worker'), (caseworker, 'virtual_school_caseworker')) AS a (who, part)
       WHERE (part <> 'social_worker' OR n %% 40 > 0) AND n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO children_carereview (id, child_id, "on")
       SELECT gen_random_uuid(), child, date '2026-10-10' + n %% 90 FROM bench_child
       WHERE n %% 2 = 0 AND n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO peps_pep (id, child_id, episode_id, kind, cause, trigger_on, term, profile_version_id, form_version_id, informal,
                             state, revision, opened_at, submitted_at, finalised_at, close_reason)
       SELECT pep, child, episode, 'first', 'first:' || episode, entry, 'autumn 2026', version, form, false, state, 3, opened,
              CASE WHEN state <> 'preparing' THEN opened + interval '20 days' END,
              CASE WHEN state = 'finalised' THEN opened + interval '30 days' END, ''
       FROM bench_child WHERE n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO peps_section (pep_id, key, complete, completed_by_id, completed_at)
       SELECT pep, key, done, CASE WHEN done THEN caseworker END, CASE WHEN done THEN opened + interval '10 days' END
       FROM bench_child, LATERAL (SELECT key, n %% 10 > 4 OR length(key) %% 3 = n %% 3 AS done FROM unnest(ARRAY[
            'care_facts', 'school_attendance', 'attainment', 'support', 'needs_plan', 'child_views', 'home_views', 'aspirations',
            'targets', 'sdq', 'funding', 'meeting', 'agreement']) AS key) AS s
       WHERE n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO meetings_meeting (id, pep_id, state, starts_at, minutes, place, interim, date_reason, chair, organised_by_id,
                                     sequence, held_on, overview, child_took_part, next_meeting_on, next_meeting_reason,
                                     cancel_reason, recorded_by_id, recorded_at)
       SELECT meeting, pep, CASE WHEN met IS NULL THEN 'scheduled' ELSE 'held' END,
              coalesce(met, date '2026-10-12' + n %% 40) + interval '10 hours', 60, 'x', false, '', '', caseworker, 0, met, '', '',
              met + 100, '', '', CASE WHEN met IS NULL THEN NULL ELSE caseworker END, met::timestamptz
       FROM bench_child WHERE n %% 10 > 1 AND n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO meetings_historicalmeeting (id, pep_id, state, starts_at, minutes, place, interim, date_reason, chair,
                                     organised_by_id, sequence, overview, child_took_part, next_meeting_reason, cancel_reason,
                                     history_date, history_type)
       SELECT meeting, pep, 'scheduled', opened, 60, 'x', false, '', '', caseworker, 0, '', '', '', '', opened + interval '4 days', '+'
       FROM bench_child WHERE n %% 10 > 1 AND n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO targets_sdq (id, child_id, pep_id, informant, version, completed_on, completed_by, paper_held,
                                needs_no_target_because, entered_by_id, entered_at)
       SELECT gen_random_uuid(), child, pep, 'teacher', 'T4-17', entry + 5, 'x', true, '', caseworker, opened + interval '5 days'
       FROM bench_child WHERE n %% 3 = 0 AND n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO qa_signature (id, pep_id, step, user_id, name, statement, revision, at)
       SELECT gen_random_uuid(), pep, step, caseworker, 'x', 'x', 3, opened + interval '15 days'
       FROM bench_child, unnest(ARRAY['designated_teacher', 'social_worker']) AS step
       WHERE n %% 10 > 5 AND n BETWEEN %(first)s AND %(last)s""",
    """INSERT INTO qa_delivery (id, pep_id, audience, to_name, method, owed_from, done_at)
       SELECT gen_random_uuid(), pep, audience, 'x', 'portal', opened + interval '30 days',
              CASE WHEN n %% 10 = 8 THEN opened + interval '31 days' END
       FROM bench_child, unnest(ARRAY['carer', 'school', 'full']) AS audience
       WHERE state = 'finalised' AND n BETWEEN %(first)s AND %(last)s""",
)  # fmt: skip
