"""What must be true of the facts of care and of school calendars: pure, each answer with the sentence to show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

ADULT = 18
SCHOOL_AHEAD = timedelta(days=366)
CALENDAR_EARLY = timedelta(days=31)
"""A term may begin in August: staff and pupils of some schools are back before 1 September."""
USUAL_PUPIL_DAYS = range(185, 196)
"""A school year is normally 190 pupil days; a total outside these is allowed and pointed out."""
CLOSURE_KINDS = ("inset", "occasional", "emergency")

Problem = tuple[str, str]
"""(name of the field, sentence)."""


def day_words(day: date) -> str:
    """ "Monday 5 October 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


# --- the child --------------------------------------------------------------------------------------------------------


def year_group(date_of_birth: date, day: date) -> int:
    """The national curriculum year on a day: 0 is Reception, 1 is Year 1, below 0 the years before school."""
    school_year = day.year if day.month >= 9 else day.year - 1
    cohort = date_of_birth.year if date_of_birth.month >= 9 else date_of_birth.year - 1
    return school_year - cohort - 5


def year_words(year: int) -> str:
    """ "Year 4", "Reception", "Nursery"; before and after those in words too."""
    if year > 13:
        return "After Year 13"
    if year < -1:
        return "Before nursery"
    return {0: "Reception", -1: "Nursery"}.get(year, f"Year {year}")


def phase_of(date_of_birth: date, day: date, school_phase: str = "") -> str:
    """Which form a child's plan has (R31): early_years (to Reception), primary, secondary or post_16, by age.

    A child taught one year out of their own (Year 7 still in a primary school) has the form of the school they are in.
    """
    year = year_group(date_of_birth, day)
    if (school_phase, year) in {("early_years", 1), ("primary", 7), ("secondary", 6)}:
        return school_phase
    return "early_years" if year <= 0 else "primary" if year <= 6 else "secondary" if year <= 11 else "post_16"


def age_on(date_of_birth: date, day: date) -> int:
    """Whole years of age; somebody born on 29 February turns on 1 March in other years."""
    return day.year - date_of_birth.year - ((day.month, day.day) < (date_of_birth.month, date_of_birth.day))


def sort_name(family_name: str, given_name: str) -> str:
    """Family name, given name, small letters without accents: how lists are sorted and searched."""
    plain = unicodedata.normalize("NFKD", f"{family_name} {given_name}")
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()[:170]


def next_reference(code: str, taken: Iterable[str]) -> str:
    """The number after the highest that an authority has given: "WM-0042"."""
    numbers = (reference.rpartition("-")[2] for reference in taken)
    return f"{code}-{max((int(number) for number in numbers if number.isdigit()), default=0) + 1:04d}"


def upn_problem(upn: str) -> str:
    """Why it is no unique pupil number, or nothing: a letter, eleven digits, a digit or (temporary) a letter."""
    if not upn or re.fullmatch(r"[A-Z][0-9]{11}[0-9A-Z]", upn.upper()):
        return ""
    return "A unique pupil number has 13 characters: a letter, then 12 numbers, like A123456789012"


# --- coming into care and what follows --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stay:
    """A dated fact: from ``began_on`` until the day before ``ended_on``."""

    words: str
    """What it was, to follow the child's name: "already lived with Mrs Bright"."""
    began_on: date
    ended_on: date | None = None

    @property
    def said(self) -> str:
        until = f"until {day_words(self.ended_on)}" if self.ended_on else "and still does"
        return f"{self.words} from {day_words(self.began_on)} {until}"


def entry_problems(
    *,
    today: date,
    born: date | None,
    began_on: date | None,
    placement_began_on: date | None = None,
    school_began_on: date | None = None,
) -> list[Problem]:
    """What is impossible about a child coming into care; days that were not given are not judged."""
    found: list[Problem] = []
    if born and born > today:
        found.append(("date_of_birth", "Date of birth must be today or in the past"))
        born = None
    if began_on and began_on > today:
        found.append(
            (
                "began_on",
                "The day the child came into care must be today or in the past: record it when it has happened",
            )
        )
        began_on = None
    if born and began_on:
        if began_on < born:
            found.append(("began_on", f"The child can’t have come into care before being born on {day_words(born)}"))
        elif age_on(born, began_on) >= ADULT:
            age = f"The child would have been {age_on(born, began_on)} on {day_words(began_on)}"
            found.append(("date_of_birth", f"{age}: check both dates, only somebody under {ADULT} comes into care"))
    if placement_began_on:
        if began_on and placement_began_on < began_on:
            found.append(
                (
                    "placement_began_on",
                    f"The placement can’t have begun before the child came into care on {day_words(began_on)}",
                )
            )
        elif placement_began_on > today:
            found.append(("placement_began_on", "The day the placement began must be today or in the past"))
    if school_began_on:
        if born and school_began_on < born:
            found.append(
                ("school_began_on", f"The child can’t have started school before being born on {day_words(born)}")
            )
        elif school_began_on > today + SCHOOL_AHEAD:
            found.append(("school_began_on", "The first day at the school must be within the next year"))
    return found


def new_fact_problem(name: str, stays: Collection[Stay], began_on: date) -> str:
    """Why a fact that takes over from the present one can't begin on ``began_on``, or nothing.

    The one that holds on the day is ended by the new one, so it may not have begun on that very day; one that comes
    later would overlap.
    """
    for stay in stays:
        if stay.began_on >= began_on:
            return f"{name} {stay.said}: give a later day"
    return ""


def care_problem(began_on: date, care_began_on: date, care_ended_on: date | None, what: str) -> str:
    """Why ``what`` can't begin on a day of that time in care, or nothing."""
    if began_on < care_began_on:
        return f"{what} can’t begin before the child came into care on {day_words(care_began_on)}"
    if care_ended_on and began_on >= care_ended_on:
        return f"{what} can’t begin after the child left care on {day_words(care_ended_on)}"
    return ""


# --- school calendars -------------------------------------------------------------------------------------------------


def academic_year_of(day: date) -> str:
    """The school year from 1 September to 31 August that a day falls in: "2026/27"."""
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def academic_year_bounds(academic_year: str) -> tuple[date, date]:
    """1 September and 31 August. Raises ValueError for what isn't a name such as "2026/27"."""
    found = re.fullmatch(r"(20[0-9]{2})/([0-9]{2})", academic_year)
    if not found or int(found[2]) != (int(found[1]) + 1) % 100:
        raise ValueError(f"“{academic_year}” is not an academic year such as 2026/27")
    return date(int(found[1]), 9, 1), date(int(found[1]) + 1, 8, 31)


@dataclass(frozen=True)
class PublishedYear:
    """One academic year's pupil days as somebody wrote them down."""

    academic_year: str
    spans: tuple[tuple[date, date, str], ...]
    """First and last pupil day, both included, and words for the half term."""
    closures: tuple[tuple[date, str, str], ...] = ()
    """Day, kind (inset, occasional, emergency) and words: weekdays on which pupils don't attend."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a calendar, and where: ("span", 2) is the third stretch, ("closure", 0) the first closed day."""

    sentence: str
    place: tuple[str, int] | None = None


def calendar_mistakes(year: PublishedYear) -> list[Mistake]:
    """Everything that contradicts itself in a year: order, overlap, weekends, days of another year, stray closures."""
    try:
        first_day, last_day = academic_year_bounds(year.academic_year)
    except ValueError as error:
        return [Mistake(str(error))]
    found = (
        []
        if year.spans
        else [Mistake(f"{year.academic_year} has no spans: give the first and last pupil day of each half term")]
    )
    for number, (first, last, _) in enumerate(year.spans):
        place = ("span", number)
        if last < first:
            found.append(
                Mistake(f"The stretch from {day_words(first)} ends before it starts, on {day_words(last)}", place)
            )
        for day in dict.fromkeys((first, last)):
            if not first_day - CALENDAR_EARLY <= day <= last_day:
                found.append(Mistake(f"{day_words(day)} is not in the academic year {year.academic_year}", place))
            elif day.weekday() >= 5:
                found.append(
                    Mistake(f"{day_words(day)} is at a weekend: a half term starts and ends on a weekday", place)
                )
    for number, (earlier, later) in enumerate(pairwise(year.spans), 1):
        if later[0] <= earlier[1]:
            found.append(
                Mistake(
                    f"The stretch from {day_words(later[0])} begins before {day_words(earlier[1])}, when the last ends",
                    ("span", number),
                )
            )
    return found + _closure_mistakes(year, first_day, last_day)


def _closure_mistakes(year: PublishedYear, first_day: date, last_day: date) -> list[Mistake]:
    found = []
    seen: set[date] = set()
    for number, (day, kind, words) in enumerate(year.closures):
        place = ("closure", number)
        said = f"{day_words(day)} ({words or kind})"
        if kind not in CLOSURE_KINDS:
            found.append(Mistake(f"{said}: “{kind}” is not one of {', '.join(CLOSURE_KINDS)}", place))
        if day in seen:
            found.append(Mistake(f"{said} is listed twice", place))
        seen.add(day)
        inside = any(first <= day <= last for first, last, _ in year.spans)
        if day.weekday() >= 5:
            found.append(Mistake(f"{said} is at a weekend, when pupils don’t attend anyway", place))
        elif not inside and kind != "inset":
            found.append(Mistake(f"{said} lies outside every half term", place))
        elif not first_day - CALENDAR_EARLY <= day <= last_day:
            found.append(Mistake(f"{said} is not in the academic year {year.academic_year}", place))
    return found


def years_overlapping(years: Iterable[PublishedYear], published: Collection[str]) -> list[str]:
    """A sentence for every two neighbouring years of one owner that share days, where one of them is in ``published``: no day can
    belong to two school years."""
    ordered = sorted((year for year in years if year.spans), key=lambda year: year.academic_year)
    return [
        f"{earlier.academic_year} ends on {day_words(earlier.spans[-1][1])}, but {later.academic_year} begins on "
        f"{day_words(later.spans[0][0])}: correct one of them"
        for earlier, later in pairwise(ordered)
        if later.spans[0][0] <= earlier.spans[-1][1] and {earlier.academic_year, later.academic_year} & set(published)
    ]


def pupil_day_set(year: PublishedYear, bank_holidays: Collection[date]) -> frozenset[date]:
    """The days on which pupils attend."""
    closed = {day for day, _, _ in year.closures}
    return frozenset(
        day
        for first, last, _ in year.spans
        for day in days_between(first, last)
        if day.weekday() < 5 and day not in closed and day not in bank_holidays
    )


@dataclass(frozen=True)
class Difference:
    """What one version of a year's pupil days changes against another."""

    added: tuple[date, ...]
    """Days on which pupils attend now and did not before."""
    removed: tuple[date, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def difference(before: PublishedYear, after: PublishedYear, bank_holidays: Collection[date]) -> Difference:
    """The pupil days that ``after`` adds and takes away."""
    was, now = pupil_day_set(before, bank_holidays), pupil_day_set(after, bank_holidays)
    return Difference(tuple(sorted(now - was)), tuple(sorted(was - now)))


@dataclass(frozen=True)
class Compared:
    """What one version has that another has not, as stretches of days, with the number of days."""

    added: tuple[tuple[date, date], ...]
    removed: tuple[tuple[date, date], ...]
    days_added: int
    days_removed: int


def compared(before: PublishedYear, after: PublishedYear, bank_holidays: Collection[date]) -> Compared:
    """Two versions by their pupil days."""
    change = difference(before, after, bank_holidays)
    return Compared(
        tuple(joined_days(change.added)), tuple(joined_days(change.removed)), len(change.added), len(change.removed)
    )


def years_to_publish(today: date, published: Iterable[str]) -> list[str]:
    """The academic years somebody may want to enter: this one, the next two, and those published, in order."""
    start = academic_year_bounds(academic_year_of(today))[0]
    return sorted({academic_year_of(start.replace(year=start.year + ahead)) for ahead in range(3)} | set(published))


def academic_year_asked(text: str, today: date) -> str:
    """The academic year that an address names, else the present one."""
    try:
        academic_year_bounds(text)
    except ValueError:
        return academic_year_of(today)
    return text


def joined_days(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in order as stretches; a weekend between two of them doesn't part them."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] <= timedelta(days=3 if day.weekday() == 0 else 1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def pupil_days(year: PublishedYear, bank_holidays: Collection[date]) -> int:
    """How many days pupils attend."""
    return len(pupil_day_set(year, bank_holidays))


BANK_HOLIDAY_LIMIT = timedelta(days=366)
"""How long ago a one-off bank holiday may lie that somebody still adds or cancels."""


def bank_holiday_mistake(
    day: date, listed: Collection[date], *, cancelled: bool, list_ends: date, today: date | None = None
) -> str:
    """Why a bank holiday can't be added, or cancelled, on a day; nothing where it can."""
    said = day_words(day)
    if today is not None and day < today - BANK_HOLIDAY_LIMIT:
        return f"{said} is more than a year ago"
    if cancelled:
        return "" if day in listed else f"{said} is not a bank holiday, so it can’t be cancelled"
    if day in listed:
        return f"{said} is a bank holiday already"
    if day.weekday() >= 5:
        return f"{said} is at a weekend, when no working or school day is counted: enter the weekday on which people are off"
    if day > list_ends:
        return f"The portal’s list of bank holidays ends on {day_words(list_ends)}: a one-off after it can be added once the list is longer"
    return ""


def calendar_warnings(year: PublishedYear, bank_holidays: Collection[date]) -> list[str]:
    """What is allowed and worth a second look."""
    counted = pupil_days(year, bank_holidays)
    if counted in USUAL_PUPIL_DAYS:
        return []
    wrong = "no day is missing" if counted < USUAL_PUPIL_DAYS.start else "no closed day is missing"
    return [f"{year.academic_year} has {counted} pupil days. A school year is normally 190: check that {wrong}."]


def days_between(first: date, last: date) -> Iterable[date]:
    """Every day from ``first`` to ``last``, both included."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


@dataclass(frozen=True)
class DayCell:
    """A day of a month table, in the words of the calendar component."""

    day: date
    kind: str
    """counted, skipped or outside."""
    number: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Month:
    title: str
    weeks: tuple[tuple[DayCell, ...], ...]
    pupil_days: int

    @property
    def words(self) -> str:
        return "1 pupil day" if self.pupil_days == 1 else f"{self.pupil_days} pupil days"


CLOSURE_WORDS = {"inset": "Staff training (INSET)", "occasional": "Occasional day", "emergency": "Closed"}


def months_of(year: PublishedYear, bank_holidays: Mapping[date, str]) -> list[Month]:
    """A year as month tables, Monday to Sunday, each pupil day with its number in the year."""
    if not year.spans:
        return []
    closed = {day: words or CLOSURE_WORDS.get(kind, kind) for day, kind, words in year.closures}
    number = 0
    cells: dict[date, DayCell] = {}
    first, last = year.spans[0][0].replace(day=1), year.spans[-1][1]
    for day in days_between(first, _month_end(last)):
        inside = any(start <= day <= end for start, end, _ in year.spans)
        if day.weekday() >= 5:
            cells[day] = DayCell(day, "skipped")
        elif day in bank_holidays:
            cells[day] = DayCell(day, "skipped", reason=bank_holidays[day])
        elif day in closed:
            cells[day] = DayCell(day, "skipped", reason=closed[day])
        elif inside:
            number += 1
            cells[day] = DayCell(day, "counted", number=number)
        else:
            cells[day] = DayCell(day, "skipped", reason="Holiday")
    months: list[Month] = []
    start = first
    while start <= last:
        end = _month_end(start)
        monday = start - timedelta(days=start.weekday())
        sunday = end + timedelta(days=6 - end.weekday())
        days = [
            cells[day] if start <= day <= end else DayCell(day, "outside") for day in days_between(monday, sunday)
        ]  # fmt: skip
        weeks = tuple(tuple(days[place : place + 7]) for place in range(0, len(days), 7))
        months.append(
            Month(f"{start:%B %Y}", weeks, sum(cells[day].kind == "counted" for day in days_between(start, end)))
        )
        start = end + timedelta(days=1)
    return months


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
