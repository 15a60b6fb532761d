"""What every format of term dates shares: dates as people write them, and the checks, each mistake with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from children import rules
from children.rules import PublishedYear, day_words
from pepportal.ui.forms import without_control_characters

LONGEST_WORDS = 80
LONGEST_NAME = 160
MOST_ROWS = 1000
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_ROW = 400
"""Days that one row may take: no term or holiday is longer than a year, and every day of a row is looked at."""
LONGEST_CLOSURE = 10
"""Weekdays in a row that one row may close: more than two weeks is a holiday that somebody called something else."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
_DAY = r"(mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_SAYS_A_DAY = re.compile(
    rf"(?:^|\(|[-–—,:]\s*|\b(?:on|from|to|until|starts?|begins?|ends?|finishes|closes|reopens?)\s+){_DAY}\b|\b{_DAY}(?=,?\s+[0-9])",
    re.I,
)


@dataclass(frozen=True)
class Reading:
    """What a file holds. ``years`` is empty where anything is wrong with it."""

    name: str
    years: tuple[PublishedYear, ...]
    problems: tuple[str, ...]
    """Each with its line: "Line 4: …"."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One stretch of days as the file has it."""

    first: date
    last: date
    words: str
    line: int
    kind: str = ""

    def weekdays(self) -> Iterator[date]:
        return (day for day in rules.days_between(self.first, self.last) if day.weekday() < 5)


@dataclass
class DraftYear:
    """One academic year on its way to being checked."""

    academic_year: str
    line: int
    spans: list[Row] = field(default_factory=list)
    closures: list[Row] = field(default_factory=list)
    """One day each."""
    holidays: list[Row] = field(default_factory=list)
    """Holidays that the file names: not kept, and not allowed to lie in a span."""
    bank_holidays: list[Row] = field(default_factory=list)
    pupil_days: int | None = None
    pupil_days_line: int = 0

    @property
    def published(self) -> PublishedYear:
        return PublishedYear(
            self.academic_year,
            tuple((row.first, row.last, _kept(row.words)) for row in self.spans),
            tuple((row.first, row.kind, _kept(row.words)) for row in self.closures),
        )

    def close(self, row: Row, words: str) -> None:
        """Adds the weekdays of a row as closed days of the kind that its words say."""
        kind, shown = kind_of(words)
        self.closures += [Row(day, day, shown, row.line, kind) for day in row.weekdays()]

    def in_order(self) -> None:
        self.spans.sort(key=lambda row: (row.first, row.last))
        self.closures.sort(key=lambda row: row.first)


class Mistakes:
    """The mistakes found so far, each with the line that it stands on (0: none)."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, line: int, sentence: str) -> None:
        self.found.append((line, sentence))

    def day(self, text: str, line: int) -> date | None:
        """The date that a text means; a text that means none is a mistake."""
        try:
            return read_day(text)
        except ValueError as error:
            self.add(line, str(error))
            return None

    def stretch(self, first: date, last: date, line: int) -> bool:
        """Whether the days can be those of a school's row; days that can't are a mistake."""
        wrong = stretch_mistake(first, last)
        if wrong:
            self.add(line, wrong)
        return not wrong

    def said(self) -> tuple[str, ...]:
        return tuple(f"Line {line}: {words}" if line else words for line, words in sorted(dict.fromkeys(self.found)))


def stretch_mistake(first: date, last: date) -> str:
    """A sentence where days are of another century, or more than a row can hold; asked before they are listed."""
    for day in (first, last):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return f"{day_words(day)} is not between {FIRST_YEAR} and {LAST_YEAR}: is the year right?"
    if (last - first).days >= LONGEST_ROW:
        return f"{day_words(first)} to {day_words(last)} is more than {LONGEST_ROW} days: are the years right?"
    return ""


def too_many_rows(number: int) -> str:
    """A sentence where a file has more rows than any school's, else ""."""
    return f"There are {number:,} rows; a school year has about 20. Is it the right file?" if number > MOST_ROWS else ""


def _kept(words: str) -> str:
    """Words as the database can hold them: a file may write any character, if only by its number."""
    return without_control_characters(words)[:LONGEST_WORDS]


def read_day(text: str) -> date:
    """A date as people write it: 2026-09-02, 02/09/2026, 2 September 2026, each with or without its weekday.

    Raises ValueError with a sentence for what is no such date, and where the weekday is another day's.
    """
    wanted = f"“{text}” is not a real date written like 2026-09-02 or 02/09/2026"
    plain = re.sub(r"[T ]0{1,2}:00(:00)?Z?$", "", " ".join(text.split()))
    found = re.fullmatch(rf"(?:{_DAY}\.?,?\s+)?(.+)", plain, re.I)
    if found is None:
        raise ValueError(wanted)
    said, rest = found[1], found[2]
    if match := re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", rest):
        year, month, day = (int(part) for part in match.groups())
    elif match := re.fullmatch(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{2}|[0-9]{4})", rest):
        if len(match[3]) == 2:
            raise ValueError(f"“{text}”: write the year with four digits, like 02/09/2026")
        day, month, year = (int(part) for part in match.groups())
        if month > 12 >= day:
            raise ValueError(f"“{text}” is not a real date: write the day first and then the month, like 02/09/2026")
    elif match := re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th)?[- ](?:of )?([a-z]{3,9})\.?,?[- ]([0-9]{4})", rest, re.I):
        day, month, year = int(match[1]), _month(match[2]), int(match[3])
    else:
        raise ValueError(wanted)
    try:
        made = date(year, month, day)
    except ValueError:
        raise ValueError(wanted) from None
    if said and _weekday(said) != made.weekday():
        raise ValueError(f"“{text}” says {WEEKDAYS[_weekday(said)]}, but that day is a {made:%A}")
    return made


def _month(word: str) -> int:
    plain = "sep" if word.lower() == "sept" else word.lower()
    return next((number for number, name in enumerate(MONTHS, 1) if name.startswith(plain)), 0)


def _weekday(word: str) -> int:
    return next(number for number, name in enumerate(WEEKDAYS) if name.lower().startswith(word.lower()[:3]))


def weekday_mistake(words: str, first: date, last: date) -> str:
    """A sentence where ``words`` name a weekday that the row's days don't have: "Tuesday to Friday", "INSET (Monday)"."""
    named = [_weekday(match[1] or match[2]) for match in _SAYS_A_DAY.finditer(words)]
    if len(named) > 2:
        return ""
    either = {first.weekday(), last.weekday()}
    right = [{first.weekday()}, {last.weekday()}] if len(named) == 2 and first != last else [either] * len(named)
    wrong = next((day for day, days in zip(named, right, strict=True) if day not in days), None)
    if wrong is None:
        return ""
    days = f"day is {day_words(first)}" if first == last else f"days are {day_words(first)} to {day_words(last)}"
    return f"“{words}” says {WEEKDAYS[wrong]}, but the {days}"


def kind_of(words: str) -> tuple[str, str]:
    """The kind of a closure from what schools write ("INSET day", "Eid"), and the words to show beside it."""
    plain = words.strip().lower()
    shown = re.sub(r"(?i)^(inset|occasional)( day)?($|\s*[:–-]\s*)", "", words.strip())
    if is_training(plain):
        return "inset", shown
    if plain.startswith(("emergency", "closed")):
        return "emergency", "" if plain == "emergency" else words.strip()
    return "occasional", shown


def is_training(words: str) -> bool:
    """Whether a school's words mean a day for staff only."""
    plain = words.lower()
    known = (
        "inset",
        "training",
        "staff",
        "non-pupil",
        "non pupil",
        "professional development",
        "baker day",
        "twilight",
    )
    return any(each in plain for each in known)


def year_of(day: date) -> str:
    """The academic year that a term's day belongs to: August is the start of the next, for pupils are back early."""
    return rules.academic_year_of(day + timedelta(days=31) if day.month == 8 else day)


def finish(name: str, years: list[DraftYear], mistakes: Mistakes, bank_holidays: Collection[date]) -> Reading:
    """Checks what a format's reader found, and gives the years only where nothing at all is wrong."""
    names = [year.academic_year for year in years]
    for number, each in enumerate(years):
        if each.academic_year in names[:number]:
            mistakes.add(each.line, f"The academic year {each.academic_year} is there twice")
    if not mistakes:
        for draft in years:
            _check(draft, mistakes, bank_holidays)
    warnings: list[str] = []
    if not mistakes:
        for draft in years:
            warnings += _totals(draft, mistakes, bank_holidays)
    said = mistakes.said()
    name = without_control_characters(name)[:LONGEST_NAME]
    return Reading(name, () if said else tuple(draft.published for draft in years), said, tuple(warnings))


def _check(draft: DraftYear, mistakes: Mistakes, bank_holidays: Collection[date]) -> None:
    for row in (*draft.spans, *draft.closures):
        if wrong := weekday_mistake(row.words, row.first, row.last):
            mistakes.add(row.line, wrong)
    for mistake in rules.calendar_mistakes(draft.published):
        rows = {"span": draft.spans, "closure": draft.closures}
        line = rows[mistake.place[0]][mistake.place[1]].line if mistake.place else draft.line
        mistakes.add(line, mistake.sentence)
    for row in draft.holidays:
        over = next((span for span in draft.spans if row.first <= span.last and span.first <= row.last), None)
        if over:
            mistakes.add(
                row.line,
                f"“{row.words}” ({day_words(row.first)} to {day_words(row.last)}) overlaps the stretch of school from "
                f"{day_words(over.first)} to {day_words(over.last)}",
            )
    school = {day for span in draft.spans for day in span.weekdays()} if draft.bank_holidays else set()
    for row in draft.bank_holidays:
        for day in row.weekdays():
            if day in school and day not in bank_holidays and not _past_the_list(day, bank_holidays):
                mistakes.add(
                    row.line,
                    f"{day_words(day)} is called a bank holiday (“{row.words}”), but it isn’t in the portal’s list. Write it as a "
                    "closed day, or ask an administrator to add the bank holiday first",
                )


def _past_the_list(day: date, bank_holidays: Collection[date]) -> bool:
    return not bank_holidays or day.year > max(bank_holidays).year


def _totals(draft: DraftYear, mistakes: Mistakes, bank_holidays: Collection[date]) -> list[str]:
    year = draft.published
    counted = rules.pupil_days(year, bank_holidays)
    warnings = rules.calendar_warnings(year, bank_holidays)
    unlisted = bool(year.spans) and _past_the_list(year.spans[-1][1], bank_holidays)
    if unlisted:
        warnings.append(
            f"The bank holidays of {year.spans[-1][1].year} are not listed yet, so none is left out of the {counted} pupil days of "
            f"{year.academic_year}."
        )
    if draft.pupil_days is not None and draft.pupil_days != counted:
        said = f"pupil_days says {draft.pupil_days}, but the dates of {year.academic_year} give {counted}"
        if unlisted:
            warnings.append(f"{said}.")
        else:
            mistakes.add(draft.pupil_days_line, said)
    return warnings
