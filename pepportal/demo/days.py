"""A child's own school days counted from today, and moments on them that never run backwards nor into the future."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from pepportal.audit.acting import LONDON
from peps.deadlines.calendars import Calendars, Term

ONE_DAY = timedelta(days=1)
BACK, AHEAD = 500, 170


class Days:
    """The days that count for a child, by number: 0 is the last before today, 1 the first from today on."""

    def __init__(self, calendars: Calendars, today: date) -> None:
        self.calendars, self.today = calendars, today
        calendar = calendars.school or calendars.working
        self.days: list[date] = []
        for number in range(-BACK, AHEAD):
            day = today + timedelta(days=number)
            try:
                if calendar.counts(day):
                    self.days.append(day)
            except LookupError:
                continue  # a year that isn't published: nothing is told there
        self.zero = bisect_left(self.days, today) - 1

    def on(self, number: int) -> date:
        return self.days[min(max(self.zero + number, 0), len(self.days) - 1)]

    def number_of(self, day: date) -> int:
        """The number of a day, or of the next that counts."""
        return bisect_left(self.days, day) - self.zero

    def terms(self) -> list[Term]:
        """Terms of the published years; for a child without a school none."""
        return self.calendars.school.terms() if self.calendars.school else []

    def term_of(self, day: date) -> int:
        """The place in ``terms`` of the one a day falls in, or that comes next after it."""
        return next(place for place, term in enumerate(self.terms()) if term.last >= day)

    def within_term(self, terms_ago: int, part: float) -> int:
        """The number of a school day so many terms before the present or coming one, at a part of its length."""
        term = self.terms()[max(self.term_of(self.today) - terms_ago, 0)]
        first, last = self.number_of(term.first), self.number_of(term.last)
        return first + round((last - first) * part)


@dataclass
class Clock:
    """Each thing happens after the one before it."""

    rng: Random
    now: datetime
    last: datetime | None = None

    def at(self, day: date, *, hour: int | None = None) -> datetime:
        """A moment on ``day`` (or as soon after as the last one allows), never after now."""
        moment = time(self.rng.randint(8, 16) if hour is None else hour, self.rng.randrange(0, 60, 5))
        wanted = datetime.combine(day, moment, LONDON)
        if self.last is not None:
            wanted = max(wanted, self.last + timedelta(minutes=2))
        self.last = min(wanted, self.now)
        return self.last
