"""Term dates written as TOML, as schools publish them: read whole or refused, each mistake with its line.

name = "…"
terms_per_year = 3
[[year]]
academic_year = "2025/26"
pupil_days = 190                                   # optional; must then agree with the count
spans = [["2025-09-03", "2025-10-24"], …]          # first and last pupil day; a third word may name the term
closures = [["2025-11-03", "INSET"], …]            # weekdays inside a span without pupils
training_days = ["2025-09-02"]                     # optional: staff training outside the spans
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peps.deadlines.calendars import (
    BankHolidays,
    CalendarError,
    SchoolCalendar,
    SchoolYear,
    academic_year_bounds,
    in_words,
    school_year,
)

#: A school year is normally 190 pupil days; a total outside these is allowed but pointed out.
PLAUSIBLE = range(185, 196)
_KEYS = {"name", "terms_per_year", "year"}
_YEAR_KEYS = {"academic_year", "pupil_days", "spans", "closures", "training_days", "note"}


@dataclass(frozen=True)
class CalendarFile:
    name: str
    terms_per_year: int
    calendar: SchoolCalendar
    #: Allowed, but worth a look: a total far from 190.
    warnings: tuple[str, ...] = ()


def read_calendar(
    text: str,
    bank_holidays: Mapping[date, str] | BankHolidays,
    *,
    file: str = "calendar",
    inset_counts: bool = False,
    check_totals: bool = True,
) -> CalendarFile:
    """The calendar a TOML text holds. Raises CalendarError with every problem found, each as "file:line: reason"."""
    return _Reader(text, file).read(bank_holidays, inset_counts=inset_counts, check_totals=check_totals)


class _Reader:
    def __init__(self, text: str, file: str):
        self.text, self.file = text, file
        self.problems: list[str] = []

    def fail(self, reason: str, near: str = "") -> None:
        lines = [number for number, line in enumerate(self.text.splitlines(), 1) if near and near in line]
        self.problems.append(f"{self.file}:{lines[-1]}: {reason}" if lines else f"{self.file}: {reason}")

    def read(
        self, bank_holidays: Mapping[date, str] | BankHolidays, *, inset_counts: bool, check_totals: bool
    ) -> CalendarFile:
        try:
            raw = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise CalendarError([f"{self.file}: is not valid TOML: {error}"]) from error
        for key in raw:
            if key not in _KEYS:
                self.fail(f"{key!r} is not a known key; known are {', '.join(sorted(_KEYS))}", key)
        per_year = raw.get("terms_per_year", 3)
        if per_year not in (3, 6):
            self.fail(f"terms_per_year must be 3 or 6, not {per_year!r}", "terms_per_year")
        given = raw.get("year", [])
        if not isinstance(given, list) or not given or not all(isinstance(each, Mapping) for each in given):
            self.fail("has no [[year]]")
            given = []
        years = [year for each in given if (year := self._year(each)) is not None]
        if self.problems:
            raise CalendarError(self.problems)
        try:
            calendar = SchoolCalendar(years, bank_holidays, inset_counts=inset_counts)
        except CalendarError as error:
            raise CalendarError([f"{self.file}: {problem}" for problem in error.problems]) from error
        warnings = self._totals(calendar, given, check_totals)
        if self.problems:
            raise CalendarError(self.problems)
        return CalendarFile(str(raw.get("name", "")), per_year, calendar, tuple(warnings))

    def _year(self, raw: Mapping[str, Any]) -> SchoolYear | None:
        name = str(raw.get("academic_year", ""))
        before = len(self.problems)
        for key in raw:
            if key not in _YEAR_KEYS:
                self.fail(f"{key!r} is not a known key; known are {', '.join(sorted(_YEAR_KEYS))}", key)
        try:
            academic_year_bounds(name)
        except CalendarError as error:
            self.fail(str(error), name)
            return None
        total = raw.get("pupil_days")
        if total is not None and (not isinstance(total, int) or isinstance(total, bool)):
            self.fail(f"pupil_days must be a whole number, not {total!r}", "pupil_days")
        spans = []
        for pair in self._list(raw, "spans"):
            if not isinstance(pair, list) or len(pair) not in (2, 3) or not all(pair):
                self.fail(f"a span must be [first day, last day], not {pair!r}", "spans")
                continue
            first, last = self._day(pair[0]), self._day(pair[1])
            if first and last:
                spans.append((first, last, str(pair[2]) if len(pair) == 3 else ""))
        if not raw.get("spans"):
            self.fail(f"{name} has no spans", name)
        closures = []
        for pair in self._list(raw, "closures"):
            if not isinstance(pair, list) or len(pair) not in (2, 3):
                self.fail(f"a closure must be [day, kind], not {pair!r}", "closures")
                continue
            if day := self._day(pair[0]):
                kind, label = _kind(str(pair[1]))
                if spans and not any(first <= day <= last for first, last, _ in spans):
                    self.fail(
                        f"{in_words(day)} ({pair[1]}) lies outside every span; staff training there belongs under "
                        "training_days", day.isoformat(),
                    )  # fmt: skip
                    continue
                closures.append((day, kind, str(pair[2]) if len(pair) == 3 else label))
        for each in self._list(raw, "training_days"):
            if day := self._day(each):
                closures.append((day, "inset", ""))
        if len(self.problems) > before:
            return None
        try:
            return school_year(name, spans, closures)
        except CalendarError as error:
            for problem in error.problems:
                self.fail(problem, name)
            return None

    def _list(self, raw: Mapping[str, Any], key: str) -> list[Any]:
        value = raw.get(key, [])
        if not isinstance(value, list):
            self.fail(f"{key} must be a list", key)
            return []
        return value

    def _day(self, value: Any) -> date | None:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fail(f"{value!r} is not a real date such as 2026-09-01", str(value))
            return None

    def _totals(self, calendar: SchoolCalendar, given: list[Mapping[str, Any]], check: bool) -> list[str]:
        warnings = []
        for each in given:
            name = str(each["academic_year"])
            counted = calendar.pupil_days(name)
            said = each.get("pupil_days")
            if check and said is not None and said != counted:
                self.fail(f"{name}: pupil_days says {said}, but the dates give {counted} pupil days", "pupil_days")
            elif counted not in PLAUSIBLE:
                warnings.append(f"{self.file}: {name} has {counted} pupil days; a school year is normally 190")
        return warnings


def _kind(words: str) -> tuple[str, str]:
    """The kind of a closure from what schools write: INSET and its cousins, or an occasional day with its own name."""
    plain = words.strip().lower()
    if any(each in plain for each in ("inset", "training", "staff", "non-pupil", "professional development")):
        return "inset", ""
    if plain.startswith(("emergency", "closed")):
        return "emergency", words.strip()
    return "occasional", "" if plain in ("occasional", "occasional day") else words.strip()
