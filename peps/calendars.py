"""Brings what schools have published to the deadline engine: facts of the children's room in, its calendars out."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from uuid import UUID

from children.models import School
from children.queries import CalendarFacts, bank_holidays, calendars_and_holidays, calendars_met
from children.rules import PublishedYear
from pepportal.accounts.models import Authority
from peps.deadlines.calendars import (
    BankHolidays,
    CalendarError,
    Calendars,
    SchoolCalendar,
    WorkingCalendar,
    school_year,
)

log = logging.getLogger(__name__)

Listed = tuple[tuple[date, str], ...]


@lru_cache(maxsize=2048)
def _school_calendar(facts: CalendarFacts, listed: Listed) -> SchoolCalendar:
    """One school's contradiction must not stop the clock for all others: its years then count as not published, and it is logged."""
    try:
        return calendar_of((year.published for year in facts.years), dict(listed))
    except CalendarError as error:
        log.error("These calendars contradict each other and are not used: %s: %s", facts.version_ids, error)
        return SchoolCalendar((), BankHolidays(dict(listed)))


def calendar_of(years: Iterable[PublishedYear], holidays: dict[date, str]) -> SchoolCalendar:
    """The engine's calendar of years as they were published or read from a file. Raises CalendarError where two of them
    overlap."""
    made = [school_year(year.academic_year, year.spans, year.closures) for year in years]
    return SchoolCalendar(made, BankHolidays(holidays))


@lru_cache(maxsize=8)
def _working_calendar(listed: Listed) -> WorkingCalendar:
    return WorkingCalendar(BankHolidays(dict(listed)))


def school_calendar(facts: CalendarFacts, holidays: dict[date, str]) -> SchoolCalendar:
    """The engine's calendar of published years; made once a process for each set of versions, which never change."""
    return _school_calendar(facts, tuple(holidays.items()))


def school_calendar_for(school: School | None, authority: Authority) -> SchoolCalendar:
    """A school's days, from its own calendar or the fallbacks (children.queries.calendars_for). One query."""
    found, holidays = calendars_and_holidays({(school, authority)})
    return school_calendar(next(iter(found.values())), holidays)


def calendars_for_schools(pairs: Collection[tuple[School, Authority]]) -> dict[tuple[UUID, UUID], SchoolCalendar]:
    """The same for a page of children, by (school id, authority id). One query however many there are."""
    found, holidays = calendars_and_holidays(pairs)
    return {
        (school, authority): school_calendar(facts, holidays)
        for (school, authority), facts in found.items()
        if school is not None and authority is not None
    }


def working_calendar() -> WorkingCalendar:
    """Monday to Friday without bank holidays. One query."""
    return _working_calendar(tuple(bank_holidays().items()))


def calendars_of(school: School | None, authority: Authority) -> Calendars:
    """Everything a deadline may be counted on; ``school`` is None where the child has no school place. One query."""
    if school is None:
        return Calendars(working=working_calendar(), school=None)
    found, holidays = calendars_and_holidays({(school, authority)})
    own = school_calendar(next(iter(found.values())), holidays)
    return Calendars(working=_working_calendar(tuple(holidays.items())), school=own)


def calendars_in_bulk(
    pairs: Collection[tuple[School | None, Authority]],
) -> dict[tuple[UUID | None, UUID], Calendars]:
    """``calendars_of`` for a sweep, by (school id, authority id): two queries however many there are, and one more where
    somebody has published since."""
    listed = tuple(bank_holidays().items())
    working = _working_calendar(listed)
    found = calendars_met({pair for pair in pairs if pair[0] is not None})
    return {
        (school.pk if school else None, authority.pk): Calendars(
            working=working,
            school=_school_calendar(found[school.pk, authority.pk], listed) if school else None,
        )
        for school, authority in pairs
    }
