"""A deadline that needs a year nobody has published yet: counted all the same, marked, and never silently. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from peps.deadlines.calendars import CalendarNotPublished, Calendars, SchoolCalendar
from peps.deadlines.rules import NO_SCHOOL_CALENDAR, NO_SCHOOL_TERMS, TERMS_TAKEN, DatesNotPublished, Deadline

NO_CALENDAR = "The school has published no calendar, so working days are counted instead."
NO_BANK_HOLIDAYS = "The bank holidays of that year are not listed yet, so those that the law’s own rules give are used."


def provisionally(rule: Callable[[Calendars], Deadline | None], calendars: Calendars, until: date) -> Deadline | None:
    """The deadline; marked provisional, and with the reason, where it needs a year that isn't published: on the school's
    last year's pattern, and on bank holidays by the law's own rules. None where a council that publishes its dates has
    published none, or where the days lie before anything was published."""
    try:
        return rule(calendars)
    except DatesNotPublished:
        return None
    except CalendarNotPublished as unknown:
        missing = unknown
    try:
        working = calendars.working.continued(until)
        if calendars.school is None:
            made = rule(Calendars(working, None, calendars.days))
            return replace(made, assumed=(*made.assumed, NO_BANK_HOLIDAYS)) if made and made.provisional else made
        try:
            made = rule(Calendars(working, calendars.school.continued(until), calendars.days))
            return replace(made, provisional=True, assumed=(*made.assumed, why_provisional(missing))) if made else None
        except CalendarNotPublished:
            made = rule(Calendars(working, None, calendars.days))
            if made is None:
                return None
            # There is a school: of what is said of a child without one, only where the terms are taken to end still holds.
            said = [
                TERMS_TAKEN if each == NO_SCHOOL_TERMS else each for each in made.assumed if each != NO_SCHOOL_CALENDAR
            ]
            return replace(made, provisional=True, assumed=(*said, NO_CALENDAR))
    except LookupError:  # before the first listed bank holiday, or no date was ever published
        return None


def why_provisional(missing: CalendarNotPublished) -> str:
    """What is said beside a day that rests on a year nobody has published yet."""
    if missing.what != SchoolCalendar.what:
        return NO_BANK_HOLIDAYS
    return f"The school calendar for {missing.academic_year} is not published: this is a provisional date from last year’s pattern."
