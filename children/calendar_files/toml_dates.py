"""Term dates as TOML: the shape that the portal itself writes.

[[year]]
academic_year = "2026/27"
pupil_days = 190                                                       # optional; must then agree with the dates
spans = [["2026-09-02", "2026-10-23", "autumn term, first half"], …]   # first and last pupil day
closures = [["2026-11-02", "INSET"], …]                                # weekdays inside a span without pupils
training_days = ["2026-09-01"]                                         # optional: staff training, inside or outside
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from children.calendar_files.drafts import (
    DraftYear,
    Mistakes,
    Reading,
    Row,
    finish,
    kind_of,
    too_many_rows,
)
from children.rules import PublishedYear

_TOP = {"name", "terms_per_year", "year"}
_OF_A_YEAR = {"academic_year", "pupil_days", "spans", "closures", "training_days", "note"}

LONGEST_LINE = 2000
"""Characters: a year on one line has about 1,500, and a longer one can hold a number or a key without end."""
MOST_YEARS = 30
MOST_UNKNOWN = 10

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
_KIND = {"inset": "INSET", "occasional": "occasional", "emergency": "emergency"}


def as_toml(name: str, years: Iterable[PublishedYear]) -> str:
    """Years written so that ``read`` gives the same years back."""
    lines = [f"name = {_text(name)}"]
    for year in years:
        lines += ["", "[[year]]", f"academic_year = {_text(year.academic_year)}", "spans = ["]
        lines += [f"  {_row(first.isoformat(), last.isoformat(), words)}," for first, last, words in year.spans]
        lines += ["]", "closures = ["]
        lines += [f"  {_row(day.isoformat(), _KIND[kind], words)}," for day, kind, words in year.closures]
        lines.append("]")
    return "\n".join(lines) + "\n"


def _row(*words: str) -> str:
    return f"[{', '.join(_text(word) for number, word in enumerate(words) if word or number < 2)}]"


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "")


def read(text: str, bank_holidays: Collection[date]) -> Reading:
    """The academic years in a TOML text, or every mistake found in it."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            said = f"Line {number}: this line has {len(line):,} characters. Write one row of dates on each line."
            return Reading("", (), (said,))
    try:
        return _Reader(text).read(bank_holidays)
    except RecursionError:
        return Reading("", (), ("This can’t be read: too many brackets are open.",))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.mistakes = Mistakes()
        self.start = 0
        """Where the present year, or the present list in it, starts in the text: lines are looked for from here."""

    def line(self, wanted: object, *, moving: bool = False) -> int:
        """The line of the next place that holds ``wanted``, 0 where there is none; ``moving`` looks on from there."""
        try:
            words = str(wanted)
        except RecursionError:  # tables in tables without end
            return 0
        place = self.text.find(words, self.start) if words else -1
        if place < 0:
            return 0
        if moving:
            self.start = place + len(words)
        return self.text.count("\n", 0, place) + 1

    def key_line(self, key: str) -> int:
        found = re.compile(rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=", re.M).search(self.text, self.start)
        return self.text.count("\n", 0, found.end()) + 1 if found else self.line(key)

    def read(self, bank_holidays: Collection[date]) -> Reading:
        try:
            raw = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            return Reading("", (), (_syntax(str(error), len(self.text.splitlines())),))
        except ValueError:  # a number with more digits than Python reads, for one
            return Reading("", (), ("This can’t be read: there is a number or a date in it that is none.",))
        for key in _unknown(raw, _TOP):
            self.mistakes.add(self.key_line(key), f"“{key}” is not known here; known are {', '.join(sorted(_TOP))}")
        if raw.get("terms_per_year", 3) not in (3, 6):
            self.mistakes.add(
                self.key_line("terms_per_year"), f"terms_per_year must be 3 or 6, not {_shown(raw['terms_per_year'])}"
            )
        given = raw.get("year")
        if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
            self.mistakes.add(self.line("year"), "There is no [[year]]: each academic year starts with a line [[year]]")
            given = []
        if sentence := _too_much(given):
            return Reading("", (), (sentence,))
        heads = [found.start() for found in re.finditer(r"^[ \t]*\[\[[ \t]*year[ \t]*\]\]", self.text, re.M)]
        years = []
        for number, each in enumerate(given):
            self.start = heads[number] if number < len(heads) else 0
            years.append(self.year(each))
        return finish(str(raw.get("name", "")), years, self.mistakes, bank_holidays)

    def year(self, raw: dict[str, Any]) -> DraftYear:
        head = self.start
        draft = DraftYear(str(raw.get("academic_year", "")), self.key_line("academic_year"))
        for key in _unknown(raw, _OF_A_YEAR):
            known = ", ".join(sorted(_OF_A_YEAR))
            self.mistakes.add(self.key_line(key), f"“{key}” is not known in a year; known are {known}")
        total = raw.get("pupil_days")
        if total is not None:
            draft.pupil_days_line = self.key_line("pupil_days")
            if isinstance(total, int) and not isinstance(total, bool):
                draft.pupil_days = total
            else:
                self.mistakes.add(draft.pupil_days_line, f"pupil_days must be a whole number, not {_shown(total)}")
        for row in self.rows(raw, "spans", "[first pupil day, last pupil day]"):
            first, line = self.day(row[0])
            last, _ = self.day(row[1])
            # Each end alone: a span over two years is never listed, and its year's own check names the day that is wrong.
            if first and last and all(self.mistakes.stretch(day, day, line) for day in (first, last)):
                draft.spans.append(Row(first, last, str(row[2]) if len(row) > 2 else "", line))
        self.start = head
        for row in self.rows(raw, "closures", "[day, reason]"):
            day, line = self.day(row[0])
            if day and self.mistakes.stretch(day, day, line):
                kind, words = kind_of(str(row[1]))
                draft.closures.append(Row(day, day, str(row[2]) if len(row) > 2 else words, line, kind))
        self.start = head
        for value in self.listed(raw, "training_days", "days"):
            day, line = self.day(value)
            if day and self.mistakes.stretch(day, day, line):
                draft.closures.append(Row(day, day, "", line, "inset"))
        return draft

    def listed(self, raw: dict[str, Any], key: str, shape: str) -> list[Any]:
        given = raw.get(key, [])
        if key in raw:
            found = re.compile(rf"^[ \t]*{key}[ \t]*=", re.M).search(self.text, self.start)
            self.start = found.end() if found else self.start
        if not isinstance(given, list):
            self.mistakes.add(self.text.count("\n", 0, self.start) + 1, f"{key} must be a list of {shape}")
            return []
        return given

    def rows(self, raw: dict[str, Any], key: str, shape: str) -> Iterable[list[Any]]:
        for row in self.listed(raw, key, shape):
            if isinstance(row, list) and len(row) in (2, 3):
                yield row
            else:
                first = row[0] if isinstance(row, list) and row else row
                line = self.line(first) or self.text.count("\n", 0, self.start) + 1
                self.mistakes.add(line, f"Each of the {key} must be {shape}, not {_shown(row)}")

    def day(self, value: Any) -> tuple[date | None, int]:
        written = value.isoformat() if isinstance(value, date) else str(value)
        line = self.line(written, moving=True)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value, line
        return self.mistakes.day(written, line), line


def _shown(value: object) -> str:
    """The beginning of what stands there; tables in tables without end have no beginning that could be shown."""
    try:
        return repr(value)[:80]
    except RecursionError:
        return "a table in a table"


def _unknown(raw: dict[str, Any], known: set[str]) -> list[str]:
    """The first of the names that mean nothing: each is looked for in the text, and ten tell what is wrong."""
    return [key for key in raw if key not in known][:MOST_UNKNOWN]


def _too_much(years: list[dict[str, Any]]) -> str:
    """Why a file is no school's, by its size alone, or ""."""
    if len(years) > MOST_YEARS:
        return f"There are {len(years):,} years; a file of term dates has a few. Is it the right file?"
    lists = [each.get(key) for each in years for key in ("spans", "closures", "training_days")]
    return too_many_rows(sum(len(each) for each in lists if isinstance(each, list)))


def _syntax(error: str, lines: int) -> str:
    """tomllib's message, line first: "Unclosed array (at line 4, column 3)"."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", error)
    if not found:
        return f"This can’t be read: {error}"
    return f"Line {found[2] or lines}: this can’t be read here ({found[1][:1].lower()}{found[1][1:]})"
