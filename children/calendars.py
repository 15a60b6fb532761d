"""Reads term dates as schools publish them, from TOML: every mistake is named with its line, and nothing is half read.

[[year]]
academic_year = "2026/27"
spans = [["2026-09-02", "2026-10-23", "autumn term, first half"], …]   # first and last pupil day
closures = [["2026-11-02", "INSET"], …]                                # weekdays without pupils
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from children import rules
from children.rules import PublishedYear

_TOP = {"name", "terms_per_year", "year"}
_OF_A_YEAR = {"academic_year", "pupil_days", "spans", "closures", "training_days", "note"}

EXAMPLE = """\
name = "Hollin Lane Primary"

[[year]]
academic_year = "2026/27"
spans = [
  ["2026-09-02", "2026-10-23"], ["2026-11-02", "2026-12-18"],
  ["2027-01-04", "2027-02-12"], ["2027-02-22", "2027-03-25"],
  ["2027-04-12", "2027-05-28"], ["2027-06-07", "2027-07-21"],
]
closures = [
  ["2026-09-02", "INSET"], ["2026-11-02", "INSET"], ["2027-05-27", "Village fair"],
]
"""


@dataclass(frozen=True)
class Reading:
    """What a text holds. ``years`` is empty where anything is wrong with it."""

    name: str
    years: tuple[PublishedYear, ...]
    problems: tuple[str, ...]
    """Each with its line: "Line 4: …"."""
    warnings: tuple[str, ...] = ()


def read_term_dates(text: str, bank_holidays: Collection[date]) -> Reading:
    """The academic years in a TOML text, or every mistake found in it."""
    return _Reader(text).read(bank_holidays)


def kind_of(words: str) -> tuple[str, str]:
    """The kind of a closure from what schools write ("INSET day", "Eid"), and the words to show beside it."""
    plain = words.strip().lower()
    if any(each in plain for each in ("inset", "training", "staff", "non-pupil", "professional development")):
        return "inset", "" if plain in ("inset", "inset day") else words.strip()
    if plain.startswith(("emergency", "closed")):
        return "emergency", words.strip()
    return "occasional", "" if plain in ("occasional", "occasional day") else words.strip()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines()
        self.problems: list[tuple[int, str]] = []

    def fail(self, sentence: str, near: object = "") -> None:
        """Notes a mistake at the first line that holds ``near``."""
        wanted = str(near)
        line = next((number for number, each in enumerate(self.lines, 1) if wanted and wanted in each), 0)
        self.problems.append((line, sentence))

    def read(self, bank_holidays: Collection[date]) -> Reading:
        try:
            raw = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            return Reading("", (), (_syntax(str(error), len(self.lines)),))
        for key in raw.keys() - _TOP:
            self.fail(f"“{key}” is not known here; known are {', '.join(sorted(_TOP))}", key)
        given = raw.get("year")
        if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
            self.fail("There is no [[year]]: each academic year starts with a line [[year]]", "year")
            given = []
        years = [self.year(each) for each in given]
        names = [year.academic_year for year in years]
        for name in {name for name in names if names.count(name) > 1}:
            self.fail(f"The academic year {name} is there twice", name)
        warnings = []
        for year, each in zip(years, given, strict=True):
            if not self.problems:
                self.agree(year, each.get("pupil_days"), bank_holidays)
                warnings += rules.calendar_warnings(year, bank_holidays)
        said = tuple(f"Line {line}: {words}" if line else words for line, words in sorted(self.problems))
        return Reading(str(raw.get("name", "")), () if said else tuple(years), said, tuple(warnings))

    def year(self, raw: dict[str, Any]) -> PublishedYear:
        name = str(raw.get("academic_year", ""))
        for key in raw.keys() - _OF_A_YEAR:
            self.fail(f"“{key}” is not known in a year; known are {', '.join(sorted(_OF_A_YEAR))}", key)
        spans = []
        for row in self.rows(raw, "spans", "[first pupil day, last pupil day]"):
            first, last = self.day(row[0]), self.day(row[1])
            if first and last:
                spans.append((first, last, str(row[2])[:80] if len(row) > 2 else ""))
        closures = []
        for row in self.rows(raw, "closures", "[day, reason]"):
            if day := self.day(row[0]):
                kind, words = kind_of(str(row[1]))
                closures.append((day, kind, str(row[2])[:80] if len(row) > 2 else words[:80]))
        for each in raw.get("training_days") or []:
            if day := self.day(each):
                closures.append((day, "inset", ""))
        year = PublishedYear(name, tuple(spans), tuple(closures))
        if not self.problems:
            for mistake in rules.calendar_mistakes(year):
                self.fail(mistake.sentence, mistake.about or name)
        return year

    def rows(self, raw: dict[str, Any], key: str, shape: str) -> list[list[Any]]:
        given = raw.get(key, [])
        if not isinstance(given, list):
            self.fail(f"{key} must be a list of {shape}", key)
            return []
        for row in given:
            if not isinstance(row, list) or len(row) not in (2, 3):
                self.fail(f"Each of the {key} must be {shape}, not {row!r}", row if isinstance(row, str) else key)
        return [row for row in given if isinstance(row, list) and len(row) in (2, 3)]

    def day(self, value: Any) -> date | None:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"“{value}” is not a real date written like 2026-09-02", value)
            return None

    def agree(self, year: PublishedYear, said: Any, bank_holidays: Collection[date]) -> None:
        counted = rules.pupil_days(year, bank_holidays)
        if said is not None and said != counted:
            self.fail(
                f"pupil_days says {said}, but the dates of {year.academic_year} give {counted}", f"pupil_days = {said}"
            )


def _syntax(error: str, lines: int) -> str:
    """tomllib's message, line first: "Unclosed array (at line 4, column 3)"."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", error)
    if not found:
        return f"This can’t be read: {error}"
    return f"Line {found[2] or lines}: this can’t be read here ({found[1][:1].lower()}{found[1][1:]})"
