"""How dates, times, money and counts read. Pure: nothing here asks the clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def in_words(day: date, year: bool = True) -> str:
    """A date as people say it, always with its weekday (UX.md, "Every page").

    >>> in_words(date(2026, 11, 26))
    'Thursday 26 November 2026'
    >>> in_words(date(2026, 11, 26), year=False)
    'Thursday 26 November'
    """
    if isinstance(day, datetime):
        day = _london(day).date()
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return f"{words} {day.year}" if year else words


def in_short(day: date, year: bool = False) -> str:
    """The same date where room is short: tables and side cards.

    >>> in_short(date(2026, 12, 3))
    'Thu 3 Dec'
    >>> in_short(date(2026, 12, 3), year=True)
    'Thu 3 Dec 2026'
    """
    if isinstance(day, datetime):
        day = _london(day).date()
    words = f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}"
    return f"{words} {day.year}" if year else words


def time_words(at: time | datetime) -> str:
    """A time of day in the twelve-hour clock; a moment is read in England.

    >>> time_words(time(14, 30)), time_words(time(9)), time_words(time(12)), time_words(time(0))
    ('2:30pm', '9am', 'midday', 'midnight')
    >>> time_words(time(12, 15)), time_words(time(0, 5))
    ('12:15pm', '12:05am')
    """
    if isinstance(at, datetime):
        at = _london(at).time()
    if (at.hour, at.minute) == (12, 0):
        return "midday"
    if (at.hour, at.minute) == (0, 0):
        return "midnight"
    hour = at.hour % 12 or 12
    half = "am" if at.hour < 12 else "pm"
    return f"{hour}:{at.minute:02d}{half}" if at.minute else f"{hour}{half}"


def when_words(moment: datetime, year: bool = True) -> str:
    """A moment: its day in England, then its time.

    >>> when_words(datetime(2026, 6, 3, 13, 0, tzinfo=ZoneInfo("UTC")))
    'Wednesday 3 June 2026, 2pm'
    """
    local = _london(moment)
    return f"{in_words(local.date(), year)}, {time_words(local.time())}"


def count_words(number: int, unit: str, plural: str | None = None) -> str:
    """A count with its unit, singular or plural.

    >>> count_words(3, "school day"), count_words(1, "child", "children"), count_words(0, "child", "children")
    ('3 school days', '1 child', '0 children')
    >>> count_words(2, "child"), count_words(2, "person"), count_words(2, "match"), count_words(2, "enquiry")
    ('2 children', '2 people', '2 matches', '2 enquiries')
    >>> count_words(1200, "day")
    '1,200 days'
    """
    return f"{number:,} {unit if abs(number) == 1 else plural or plural_of(unit)}"


IRREGULAR = {"child": "children", "person": "people", "has": "have", "is": "are", "was": "were"}


def plural_of(unit: str) -> str:
    """The plural of the last word of ``unit``; the few irregular words the portal uses are listed.

    >>> plural_of("looked-after child"), plural_of("school day"), plural_of("entry"), plural_of("address")
    ('looked-after children', 'school days', 'entries', 'addresses')
    """
    start, _, last = unit.rpartition(" ")
    if last in IRREGULAR:
        last = IRREGULAR[last]
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    else:
        last += "s"
    return f"{start} {last}".strip()


def due_words(due: date, today: date, days_left: int | None = None, unit: str = "school day") -> str:
    """How far off a due date is, in the unit it is counted in.

    ``days_left`` is what the deadline engine counted between today and ``due`` (negative when late); without it
    calendar
    days are counted here. A due date that has passed over days that don't count is late by calendar days, never "due
    today".

    >>> thursday = date(2026, 11, 26)
    >>> due_words(thursday, thursday)
    'due today'
    >>> due_words(thursday, date(2026, 11, 23), 3)
    'due in 3 school days'
    >>> due_words(thursday, date(2026, 11, 25), 1)
    'due tomorrow'
    >>> due_words(thursday, date(2026, 11, 27), -1)
    '1 school day late'
    >>> due_words(thursday, date(2026, 11, 30), -2)
    '2 school days late'
    >>> due_words(thursday, date(2026, 11, 21))
    'due in 5 days'
    >>> due_words(thursday, date(2026, 11, 28), 0)
    '2 days late'
    >>> due_words(date(2027, 1, 4), date(2026, 12, 24), 0)
    'due in 11 days'
    """
    away = (due - today).days
    if away == 0:
        return "due today"
    if away == 1:
        return "due tomorrow"
    # Nought counted days between two different dates, or a count on the wrong side of today, says nothing to a reader.
    if days_left is None or days_left == 0 or (days_left > 0) != (away > 0):
        days_left, unit = away, "day"
    if days_left > 0:
        return f"due in {count_words(days_left, unit)}"
    return f"{count_words(-days_left, unit)} late"


def money(pence: int) -> str:
    """Pounds from pence, pence shown only when there are any.

    >>> money(104500), money(104550), money(0), money(-5), money(50000)
    ('£1,045', '£1,045.50', '£0', '−£0.05', '£500')
    """
    pounds, rest = divmod(abs(pence), 100)
    sign = "−" if pence < 0 else ""
    return f"{sign}£{pounds:,}.{rest:02d}" if rest else f"{sign}£{pounds:,}"


def join_words(words: Iterable[object], last: str = "and") -> str:
    """A list as a sentence has it.

    >>> join_words(["a", "b", "c"]), join_words(["a", "b"]), join_words(["a"]), join_words([])
    ('a, b and c', 'a and b', 'a', '')
    >>> join_words(["school", "home"], last="or")
    'school or home'
    """
    said = [str(word) for word in words]
    if len(said) < 2:
        return "".join(said)
    return f"{', '.join(said[:-1])} {last} {said[-1]}"


def possessive(name: str) -> str:
    """Whose it is. GOV.UK's style: ’s also after s.

    >>> possessive("Amara"), possessive("James"), possessive("")
    ('Amara’s', 'James’s', '')
    """
    return f"{name}’s" if name else ""


def things_left(number: int) -> str:
    """Progress as UX.md wants it: things left to do, never a percentage.

    >>> things_left(3), things_left(1), things_left(0)
    ('3 things left', '1 thing left', 'Nothing left to do')
    """
    return f"{count_words(number, 'thing')} left" if number > 0 else "Nothing left to do"


def upper_first(words: str) -> str:
    """Capital first letter, the rest untouched (Django's capfirst, without Django).

    >>> upper_first("due in 3 school days"), upper_first("")
    ('Due in 3 school days', '')
    """
    return words[:1].upper() + words[1:]


def _london(moment: datetime) -> datetime:
    """In England's time; a naive moment is taken to be there already."""
    return moment.astimezone(LONDON) if moment.tzinfo else moment
