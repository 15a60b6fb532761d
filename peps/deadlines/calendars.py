"""Which days count: calendar days, working days, and a school's own days. Pure: holidays and term dates are passed in.

Every calendar answers the same four questions: does this day count, if not why, which is the Nth counted day after (or
before) a day, and how many are there between two days. Asked about a day that nobody has published yet, it raises
`CalendarNotPublished` naming the academic year: it never guesses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Protocol

from peps.deadlines.bank_holidays import by_law

ONE_DAY = timedelta(days=1)
TERMS = ("autumn", "spring", "summer")
#: What the weekdays between one term and the next are called.
HOLIDAY_AFTER = {"autumn": "Christmas holiday", "spring": "Easter holiday", "summer": "summer holiday"}
WEEKEND = "weekend"


class CalendarError(ValueError):
    """A calendar that contradicts itself: each problem in words, with the line of its file where it has one."""

    def __init__(self, problems: Sequence[str]):
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class CalendarNotPublished(LookupError):
    """The answer needs an academic year that this calendar doesn't have."""

    def __init__(self, academic_year: str, what: str = "school calendar"):
        self.academic_year = academic_year
        self.what = what
        super().__init__(f"The {what} for {academic_year} is not published.")


def academic_year_of(day: date) -> str:
    """The school year a day falls in, from 1 September to 31 August, as "2026/27"."""
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def academic_year_bounds(academic_year: str) -> tuple[date, date]:
    """1 September and 31 August of "2026/27". Raises CalendarError for anything that isn't such a name."""
    first, _, second = academic_year.partition("/")
    if not (len(first) == 4 and first.isdigit() and second == f"{(int(first) + 1) % 100:02d}"):
        raise CalendarError([f"“{academic_year}” is not an academic year such as 2026/27"])
    return date(int(first), 9, 1), date(int(first) + 1, 8, 31)


def following_year(academic_year: str) -> str:
    return academic_year_of(academic_year_bounds(academic_year)[1] + ONE_DAY)


@dataclass(frozen=True)
class BankHolidays:
    """Bank holidays of England and Wales with their names, known for whole calendar years."""

    days: Mapping[date, str]
    #: The last day of what was really published, where the years after it are by the law's own rules.
    published_to: date | None = None

    @property
    def first_known(self) -> date:
        return date(min(self.days).year, 1, 1) if self.days else date.max

    @property
    def last_known(self) -> date:
        return date(max(self.days).year, 12, 31) if self.days else date.min

    def __contains__(self, day: object) -> bool:
        return day in self.days

    def is_provisional(self, day: date) -> bool:
        """Whether what is said of `day` rests on the law's own rules instead of a published list."""
        return self.published_to is not None and day > self.published_to

    def continued(self, until: date) -> BankHolidays:
        """With the years after the last published one up to `until`'s by the law's own rules. The same where they are there,
        or where nothing was published at all."""
        last = self.last_known
        if not self.days or until <= last:
            return self
        added = {
            day: name for year in range(last.year + 1, until.year + 1) for day, name in by_law(year).items()
        }  # fmt: skip
        return BankHolidays({**self.days, **added}, self.published_to or last)


class DayCalendar(Protocol):
    """What the counting needs to know of any calendar."""

    @property
    def unit(self) -> str: ...

    def counts(self, day: date) -> bool: ...

    def reason_not(self, day: date) -> str | None: ...

    def nth_after(self, day: date, count: int) -> date: ...

    def nth_before(self, day: date, count: int) -> date: ...

    def counted(self, first: date, last: date) -> int: ...


@dataclass(frozen=True)
class CalendarDays:
    """Every day counts."""

    unit = "calendar"

    def counts(self, day: date) -> bool:
        return True

    def reason_not(self, day: date) -> str | None:
        return None

    def nth_after(self, day: date, count: int) -> date:
        return day + timedelta(days=count)

    def nth_before(self, day: date, count: int) -> date:
        return day - timedelta(days=count)

    def counted(self, first: date, last: date) -> int:
        return max(0, (last - first).days + 1)


class _Listed(ABC):
    """A calendar kept as the sorted list of the days that count, with the stretches of time that it knows about."""

    unit = "school"
    what = "school calendar"
    _days: list[date]
    _known: tuple[tuple[date, date], ...]
    #: Reasons already found: explaining many deadlines on one calendar asks about the same few hundred days.
    _reasons: dict[date, str | None]

    @abstractmethod
    def _why_not(self, day: date) -> str | None:
        """Each calendar's own reason."""

    def reason_not(self, day: date) -> str | None:
        """Why a day doesn't count ("weekend", "bank holiday: Good Friday", "half term", "Christmas holiday", "staff
        training (INSET)", "occasional day: local fair"…), or nothing where it does. Raises CalendarNotPublished."""
        try:
            return self._reasons[day]
        except KeyError:
            reason = self._reasons[day] = self._why_not(day)
            return reason

    def _require(self, first: date, last: date) -> None:
        """Raises CalendarNotPublished naming the first academic year between the two days that is unknown."""
        day = first
        for start, end in self._known:
            if start <= day <= end:
                if last <= end:
                    return
                day = end + ONE_DAY
        if day <= last:
            raise CalendarNotPublished(academic_year_of(day), self.what)

    def nth_after(self, day: date, count: int) -> date:
        """The `count`th counted day strictly after `day`; `day` itself for 0."""
        if count == 0:
            return day
        place = bisect_right(self._days, day) + count - 1
        if place >= len(self._days):
            self._require(day + ONE_DAY, date.max - ONE_DAY)
        due = self._days[place]
        self._require(day + ONE_DAY, due)
        return due

    def nth_before(self, day: date, count: int) -> date:
        """The `count`th counted day strictly before `day`; `day` itself for 0."""
        if count == 0:
            return day
        place = bisect_left(self._days, day) - count
        if place < 0:
            last_unknown = day - ONE_DAY
            for start, end in reversed(self._known):
                if start <= last_unknown <= end:
                    last_unknown = start - ONE_DAY
            raise CalendarNotPublished(academic_year_of(last_unknown), self.what)
        due = self._days[place]
        self._require(due, day - ONE_DAY)
        return due

    def counted(self, first: date, last: date) -> int:
        """How many counted days there are from `first` to `last`, both included."""
        if last < first:
            return 0
        self._require(first, last)
        return bisect_right(self._days, last) - bisect_left(self._days, first)


class WorkingCalendar(_Listed):
    """Monday to Friday without the bank holidays of England and Wales."""

    unit = "working"
    what = "list of bank holidays"

    def __init__(self, bank_holidays: BankHolidays):
        self._reasons: dict[date, str | None] = {}
        self._longer: dict[int, WorkingCalendar] = {}
        self.bank_holidays = bank_holidays
        first, last = bank_holidays.first_known, bank_holidays.last_known
        self._known = ((first, last),) if bank_holidays.days else ()
        # Weekday by weekday, because a list made once makes every later count a search in it.
        self._days = [
            day
            for day in _each_day(first, last)
            if day.weekday() < 5 and day not in bank_holidays.days
        ]  # fmt: skip

    def counts(self, day: date) -> bool:
        self._require(day, day)
        return day.weekday() < 5 and day not in self.bank_holidays.days

    def is_provisional(self, day: date) -> bool:
        """Whether what is said of `day` rests on the law's own rules because no list of bank holidays reaches it."""
        return self.bank_holidays.is_provisional(day)

    def continued(self, until: date) -> WorkingCalendar:
        """With the years up to `until`'s added by the law's own rules, and marked provisional: never asked for silently.

        The same calendar where they are published already. Raises CalendarNotPublished where there is no list at all.
        """
        if not self.bank_holidays.days:
            raise CalendarNotPublished(academic_year_of(until), self.what)
        if until <= self.bank_holidays.last_known:
            return self
        if until.year not in self._longer:  # a sweep asks for the same few years about every child
            self._longer[until.year] = WorkingCalendar(self.bank_holidays.continued(until))
        return self._longer[until.year]

    def _why_not(self, day: date) -> str | None:
        self._require(day, day)
        if day.weekday() >= 5:
            return WEEKEND
        name = self.bank_holidays.days.get(day)
        return f"bank holiday: {name}" if name else None


def _each_day(first: date, last: date) -> Iterable[date]:
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


@dataclass(frozen=True)
class Span:
    """A stretch of school from its first to its last day, both included: a half term, or a whole term."""

    first: date
    last: date
    term: str  # autumn, spring or summer
    academic_year: str


#: A closed day's kinds and how they are called.
CLOSURE_WORDS = {
    "inset": "staff training (INSET)",
    "occasional": "occasional day",
    "emergency": "closed",
}


@dataclass(frozen=True)
class Closure:
    """A weekday without pupils. `kind` is inset, occasional or emergency; `label` says more, and may be empty."""

    day: date
    kind: str
    label: str = ""

    @property
    def reason(self) -> str:
        words = CLOSURE_WORDS.get(self.kind, self.kind)
        label = "" if self.label.strip().lower() in ("", self.kind, "inset", words.lower()) else self.label.strip()
        return f"{words}: {label}" if label else words


@dataclass(frozen=True)
class SchoolYear:
    """What a school has published for one academic year."""

    academic_year: str
    spans: tuple[Span, ...]
    closures: tuple[Closure, ...] = ()
    #: Worked out from another year's pattern: every answer that uses it is provisional.
    provisional: bool = False

    @property
    def known_from(self) -> date:
        """From 1 September, or from the first day of a term that starts in August."""
        start = academic_year_bounds(self.academic_year)[0]
        return min([start, *(span.first for span in self.spans[:1])])

    @property
    def known_to(self) -> date:
        end = academic_year_bounds(self.academic_year)[1]
        return max([end, *(span.last for span in self.spans[-1:])])


def school_year(
    academic_year: str,
    spans: Iterable[tuple[date, date] | tuple[date, date, str]],
    closures: Iterable[tuple[date, str, str]] = (),
) -> SchoolYear:
    """One year from plain dates. Terms named autumn/spring/summer keep their name; six terms go two, two and two; the
    rest by the month in which they start.

    Raises CalendarError: spans that end before they start, overlap, are out of order or out of the year; closures at a
    weekend, twice, or (unless staff training) outside the spans.
    """
    given = [(*span, "")[:3] for span in spans]
    start, end = academic_year_bounds(academic_year)
    problems = []
    for first, last, _ in given:
        if last < first:
            problems.append(f"{in_words(first)} to {in_words(last)}: ends before it starts")
        for day in (first, last):
            if not start - timedelta(days=31) <= day <= end:
                problems.append(f"{in_words(day)} is not in the academic year {academic_year}")
            elif day.weekday() >= 5:
                problems.append(f"{in_words(day)} is a weekend: a term starts and ends on a weekday")
    for (_, earlier_last, _), (later_first, _, _) in pairwise(given):
        if later_first <= earlier_last:
            problems.append(f"the stretch from {in_words(later_first)} overlaps the one to {in_words(earlier_last)}")
    named = tuple(
        Span(first, last, _term(name, first, place, len(given)), academic_year)
        for place, (first, last, name) in enumerate(given)
    )
    kept = tuple(Closure(day, kind.lower(), label) for day, kind, label in closures)
    seen: set[date] = set()
    for closure in kept:
        words = f"{in_words(closure.day)} ({closure.reason})"
        if closure.day in seen:
            problems.append(f"{words} is listed twice")
        seen.add(closure.day)
        if closure.day.weekday() >= 5:
            problems.append(f"{words} is a weekend")
        inside = any(span.first <= closure.day <= span.last for span in named)
        if not inside and closure.kind != "inset":
            problems.append(f"{words} lies outside every term")
        elif not start - timedelta(days=31) <= closure.day <= end:
            problems.append(f"{words} is not in the academic year {academic_year}")
    if problems:
        raise CalendarError(problems)
    return SchoolYear(academic_year, named, kept)


def _term(name: str, first: date, place: int, of: int) -> str:
    for term in TERMS:
        if term in name.lower():
            return term
    if of == 6:
        return TERMS[place // 2]
    return "autumn" if first.month >= 8 else "spring" if first.month <= 3 else "summer"


@dataclass(frozen=True)
class Term:
    """A whole term of a school: its half terms together."""

    name: str
    academic_year: str
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.name} term {self.academic_year}"


class SchoolCalendar(_Listed):
    """A school's own days over the years that it has published. Staff training days count only with `inset_counts`."""

    unit = "school"
    what = "school calendar"

    def __init__(
        self,
        years: Iterable[SchoolYear],
        bank_holidays: Mapping[date, str] | BankHolidays,
        *,
        inset_counts: bool = False,
    ):
        self._reasons = {}
        self._longer: dict[str, SchoolCalendar] = {}
        self.years = tuple(sorted(years, key=lambda year: year.academic_year))
        listed = bank_holidays if isinstance(bank_holidays, BankHolidays) else BankHolidays(bank_holidays)
        # A school may publish its year before anybody has listed that year's bank holidays: it closes on them all the same.
        self.bank_holidays = listed.continued(max((year.known_to for year in self.years), default=date.min))
        self.inset_counts = inset_counts
        names = [year.academic_year for year in self.years]
        if len(set(names)) != len(names):
            raise CalendarError(
                [f"the academic year {name} is there twice" for name in set(names) if names.count(name) > 1]
            )
        self._closures = {closure.day: closure for year in self.years for closure in year.closures}
        self._spans = tuple(span for year in self.years for span in year.spans)
        self._firsts = [span.first for span in self._spans]
        for earlier, later in pairwise(self._spans):
            if later.first <= earlier.last:
                raise CalendarError(
                    [f"the stretch from {in_words(later.first)} overlaps the one to {in_words(earlier.last)}"]
                )
        self._known = _joined((year.known_from, year.known_to) for year in self.years)
        days = {day for span in self._spans for day in _each_day(span.first, span.last) if self._is_counted(day)}
        if inset_counts:
            days |= {
                day for day, closure in self._closures.items() if closure.kind == "inset" and self._is_counted(day)
            }
        self._days = sorted(days)
        self._set = frozenset(days)

    def _is_counted(self, day: date) -> bool:
        closure = self._closures.get(day)
        closed = closure is not None and not (self.inset_counts and closure.kind == "inset")
        return day.weekday() < 5 and day not in self.bank_holidays.days and not closed

    def with_inset(self, counts: bool) -> SchoolCalendar:
        """The same calendar under the other reading of "school day"."""
        if counts == self.inset_counts:
            return self
        return SchoolCalendar(self.years, self.bank_holidays, inset_counts=counts)

    def with_closure(self, day: date, kind: str, label: str = "") -> SchoolCalendar:
        """The same calendar with one more closed day. Raises CalendarNotPublished or CalendarError."""
        self._require(day, day)
        return SchoolCalendar(
            [
                SchoolYear(
                    year.academic_year, year.spans, (*year.closures, Closure(day, kind, label)), year.provisional
                )
                if year.known_from <= day <= year.known_to and day not in self._closures
                else year
                for year in self.years
            ],
            self.bank_holidays,
            inset_counts=self.inset_counts,
        )

    def continued(self, until: date) -> SchoolCalendar:
        """With the years up to `until` added on the last published year's pattern, week for week, marked provisional.

        The same calendar where they are published already. Raises CalendarNotPublished where there is no year at all.
        """
        if not self.years:
            raise CalendarNotPublished(academic_year_of(until), self.what)
        wanted = academic_year_of(until)
        if wanted in self._longer:  # a sweep asks for the same few years about every child
            return self._longer[wanted]
        years = list(self.years)
        while academic_year_bounds(years[-1].academic_year)[1] < until:
            last = years[-1]
            name = following_year(last.academic_year)
            weeks = timedelta(weeks=53 if _drifted(last) else 52)
            spans = tuple(Span(span.first + weeks, span.last + weeks, span.term, name) for span in last.spans)
            years.append(SchoolYear(name, spans, (), provisional=True))
        if len(years) == len(self.years):
            return self
        self._longer[wanted] = SchoolCalendar(years, self.bank_holidays, inset_counts=self.inset_counts)
        return self._longer[wanted]

    def is_provisional(self, day: date) -> bool:
        """Whether what is said of `day` rests on another year's pattern, or on bank holidays that nobody has listed."""
        return self.bank_holidays.is_provisional(day) or any(
            year.provisional and year.known_from <= day <= year.known_to for year in self.years
        )

    def is_school_day(self, day: date) -> bool:
        """Raises CalendarNotPublished outside the published years."""
        self._require(day, day)
        return day in self._set

    counts = is_school_day

    def pupil_days(self, academic_year: str) -> int:
        """How many days pupils attend in a year: staff training never counts here. Raises CalendarNotPublished."""
        return sum(self.span_days(academic_year))

    def span_days(self, academic_year: str) -> list[int]:
        """The pupil days of each stretch of a year, in order. Raises CalendarNotPublished."""
        for year in self.years:
            if year.academic_year == academic_year:
                pupils = self.with_inset(False)
                return [pupils.counted(span.first, span.last) for span in year.spans]
        raise CalendarNotPublished(academic_year, self.what)

    def _why_not(self, day: date) -> str | None:
        if self.is_school_day(day):
            return None
        if day.weekday() >= 5:
            return WEEKEND
        if day in self.bank_holidays.days:
            return f"bank holiday: {self.bank_holidays.days[day]}"
        if day in self._closures:
            return self._closures[day].reason
        place = bisect_right(self._firsts, day)
        before = self._spans[place - 1] if place else None
        after = self._spans[place] if place < len(self._spans) else None
        if before and after and (before.term, before.academic_year) == (after.term, after.academic_year):
            return "half term"
        if before:
            return HOLIDAY_AFTER[before.term]
        return HOLIDAY_AFTER["summer"]

    def terms(self) -> list[Term]:
        """The terms of all published years, in order; half terms (or two of six terms) joined."""
        found: dict[tuple[str, str], Term] = {}
        for span in self._spans:
            key = (span.academic_year, span.term)
            earlier = found.get(key)
            found[key] = Term(span.term, span.academic_year, earlier.first if earlier else span.first, span.last)
        return list(found.values())

    def term_of(self, day: date) -> Term | None:
        """The term a day falls in, half-term holidays included; nothing between terms. Raises CalendarNotPublished."""
        self._require(day, day)
        return next((term for term in self.terms() if term.first <= day <= term.last), None)

    def term_after(self, day: date) -> Term:
        """The first term that starts after `day`. Raises CalendarNotPublished where the next one isn't published."""
        for term in self.terms():
            if term.first > day:
                self._require(day, term.first)
                return term
        self._require(day, day)
        raise CalendarNotPublished(following_year(self.years[-1].academic_year), self.what)

    def last_school_day(self, term: Term) -> date:
        """The last counted day of a term, which need not be its last day (it may end with staff training)."""
        return self._days[bisect_right(self._days, term.last) - 1]

    def lead_up(self, day: date, count: int) -> bool:
        """Whether a day falls among the last `count` school days of its term (a weekend between them does too)."""
        term = self.term_of(day)
        if term is None or count <= 0:
            return False
        place = bisect_right(self._days, term.last) - count
        return place < 0 or day >= self._days[place]

    def last_day_before_lead_up(self, term: Term, count: int) -> date:
        """The last school day of a term that isn't among its last `count`; its first where the term is shorter."""
        first = bisect_left(self._days, term.first)
        return self._days[max(first, bisect_right(self._days, term.last) - 1 - count)]


def _joined(stretches: Iterable[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    """Stretches that touch or overlap made one."""
    joined: list[tuple[date, date]] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1] + ONE_DAY:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _drifted(year: SchoolYear) -> bool:
    """Whether 52 weeks on the next year would start before 30 August: then a 53rd week keeps it in September."""
    return bool(year.spans) and (year.spans[0].first + timedelta(weeks=52)) < date(
        academic_year_bounds(year.academic_year)[1].year, 8, 31
    )


def in_words(day: date) -> str:
    """ "Monday 24 November 2025"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


@dataclass(frozen=True)
class Calendars:
    """The calendars a rule may need. `school` is None where the child has no school at all; a school that has published
    nothing is a SchoolCalendar without years, which raises when it is asked."""

    working: WorkingCalendar
    school: SchoolCalendar | None = None
    days: CalendarDays = field(default_factory=CalendarDays)
