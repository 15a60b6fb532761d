"""Term dates as a table: CSV with commas, semicolons or tabs, as spreadsheets save it.

academic_year,kind,first,last,words
2026/27,term,02/09/2026,23/10/2026,"Autumn term, first half"
2026/27,inset,02/09/2026,,
2026/27,closure,27/05/2027,,Village fair
2026/27,pupil days,,,190

kind: term, inset, closure, emergency, holiday, bank holiday, pupil days. Without an academic year the days themselves say it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from datetime import date

from children.calendar_files.drafts import (
    LONGEST_CLOSURE,
    DraftYear,
    Mistakes,
    Reading,
    Row,
    finish,
    is_training,
    too_many_rows,
    weekday_mistake,
    year_of,
)
from children.rules import academic_year_bounds

EXAMPLE = """\
academic_year,kind,first,last,words
2026/27,term,02/09/2026,23/10/2026,"Autumn term, first half"
2026/27,term,02/11/2026,18/12/2026,"Autumn term, second half"
2026/27,term,04/01/2027,12/02/2027,"Spring term, first half"
2026/27,term,22/02/2027,25/03/2027,"Spring term, second half"
2026/27,term,12/04/2027,28/05/2027,"Summer term, first half"
2026/27,term,07/06/2027,21/07/2027,"Summer term, second half"
2026/27,inset,02/09/2026,,
2026/27,inset,02/11/2026,,
2026/27,closure,27/05/2027,,Village fair
"""
#: How people head their columns, without capitals, spaces, hyphens and underscores.
_COLUMNS = {
    "academic_year": ("academicyear", "schoolyear", "year"),
    "kind": ("kind", "type", "what", "daytype", "category"),
    "first": ("first", "firstday", "firstpupilday", "start", "startdate", "starts", "from", "begins", "date", "day"),
    "last": ("last", "lastday", "lastpupilday", "end", "enddate", "ends", "to", "until"),
    "words": ("words", "name", "term", "description", "notes", "note", "title", "label", "reason", "event"),
    "first_weekday": ("weekday", "firstweekday", "startweekday", "weekdayfirst", "dow"),
    "last_weekday": ("lastweekday", "endweekday", "weekdaylast"),
    "pupil_days": ("pupildays", "total", "schooldays"),
}  # fmt: skip
_KINDS = {
    "term": ("term", "halfterm1", "halfterm2", "span", "session", "school", "termdates", "pupildates", "openforpupils"),
    "inset": ("inset", "insetday", "training", "trainingday", "stafftraining", "nonpupilday", "staffday"),
    "closure": ("closure", "closed", "occasional", "occasionalday", "closedday", "closureday"),
    "emergency": ("emergency", "emergencyclosure"),
    "holiday": ("holiday", "holidays", "halfterm", "halftermholiday", "schoolholiday", "break"),
    "bank holiday": ("bankholiday", "publicholiday"),
    "pupil days": ("pupildays", "total", "schooldays"),
}


def read(text: str, bank_holidays: Collection[date]) -> Reading:
    """The academic years in a CSV text, or every mistake found in it."""
    return _Reader(text).read(bank_holidays)


def tidy_year(text: str) -> str:
    """ "2026/27" from "2026-27", "2026/2027" and their like; anything else as it is."""
    found = re.fullmatch(r"(20[0-9]{2})\s*[-/–]\s*(?:20)?([0-9]{2})", text.strip())
    return f"{found[1]}/{found[2]}" if found else text.strip()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.mistakes = Mistakes()
        self.years: dict[str, DraftYear] = {}
        self.warnings: list[str] = []

    def read(self, bank_holidays: Collection[date]) -> Reading:
        columns: dict[str, int] = {}
        for line, cells in self.rows():
            if not columns:
                columns = self.columns(cells, line)
                if self.mistakes:
                    break
                continue
            self.row({key: cells[at].strip() for key, at in columns.items() if at < len(cells)}, line)
        if not self.mistakes and not self.years:
            self.mistakes.add(0, "There are no dates below the names of the columns")
        years = [self.years[name] for name in sorted(self.years)]
        for year in years:
            year.in_order()
        reading = finish("", years, self.mistakes, bank_holidays)
        return Reading(reading.name, reading.years, reading.problems, (*self.warnings, *reading.warnings))

    def rows(self) -> list[tuple[int, list[str]]]:
        """The rows that hold something, each with its line."""
        text = re.sub(r"\Asep=.\r?\n", "\n", self.text)
        head = next((line for line in text.splitlines() if line.strip()), "")
        comma = max(",;\t", key=head.count)
        found: list[tuple[int, list[str]]] = []
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
        try:
            for cells in lines:
                if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                    found.append((lines.line_num, cells))
        except csv.Error as error:
            self.mistakes.add(
                lines.line_num, f"this can’t be read as a table ({error}): look for a quotation mark that isn’t closed"
            )
            return []
        if sentence := too_many_rows(len(found)):
            self.mistakes.add(0, sentence)
            return []
        return found

    def columns(self, cells: list[str], line: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for at, cell in enumerate(cells):
            plain = _plain(cell)
            key = next((key for key, names in _COLUMNS.items() if plain in names), "")
            if key in found:
                self.mistakes.add(
                    line, f"Two columns mean the same: “{cells[found[key]].strip()}” and “{cell.strip()}”"
                )
            elif key:
                found[key] = at
            elif plain:
                self.warnings.append(f"The column “{cell.strip()}” is not known and was left out.")
        if missing := [key for key in ("kind", "first") if key not in found]:
            self.mistakes.add(
                line,
                "The first line must name the columns: academic_year, kind, first, last, words. "
                f"Missing: {' and '.join(missing)}",
            )
        return found

    def row(self, cells: dict[str, str], line: int) -> None:
        kind = _kind(cells.get("kind", ""))
        if not kind:
            known = ", ".join(_KINDS)
            self.mistakes.add(line, f"“{cells.get('kind', '')}” is not a known kind; known are {known}")
            return
        if kind == "pupil days":
            self.total(cells, line)
            return
        days = self.days(cells, kind, line)
        if days is None:
            return
        first, last = days
        year = self.year(cells, first, line)
        row = Row(first, last, cells.get("words", ""), line)
        if kind == "term":
            year.spans.append(row)
        elif kind == "holiday":
            year.holidays.append(Row(first, last, row.words or "holiday", line))
        elif kind == "bank holiday":
            year.bank_holidays.append(Row(first, last, row.words or "bank holiday", line))
        elif last < first:
            self.mistakes.add(line, "The last day is before the first")
        elif len(list(row.weekdays())) > LONGEST_CLOSURE:
            self.mistakes.add(
                line, f"A closure of more than {LONGEST_CLOSURE} school days is a holiday: end the term before it"
            )
        elif not list(row.weekdays()):  # kept, so that the check names it
            year.closures.append(Row(first, last, row.words, line, "inset" if kind == "inset" else "occasional"))
        else:
            year.close(row, _closure_words(kind, row.words))
        if cells.get("pupil_days"):
            self.total(cells, line)

    def days(self, cells: dict[str, str], kind: str, line: int) -> tuple[date, date] | None:
        first = self.mistakes.day(cells["first"], line) if cells.get("first") else None
        if not cells.get("first"):
            self.mistakes.add(line, "There is no first day")
        last = self.mistakes.day(cells["last"], line) if cells.get("last") else first
        if kind == "term" and not cells.get("last"):
            self.mistakes.add(line, "A term needs its last pupil day too")
            return None
        if first is None or last is None or not self.mistakes.stretch(first, last, line):
            return None
        for key, day in (("first_weekday", first), ("last_weekday", last)):
            if said := cells.get(key, ""):
                if wrong := weekday_mistake(said, day, day):
                    self.mistakes.add(line, wrong)
                elif not re.match(r"(?i)(mon|tue|wed|thu|fri|sat|sun)", said):
                    self.mistakes.add(line, f"“{said}” is not a weekday")
        return first, last

    def year(self, cells: dict[str, str], day: date, line: int) -> DraftYear:
        name = tidy_year(cells.get("academic_year", "")) or year_of(day)
        try:
            academic_year_bounds(name)
        except ValueError as error:
            self.mistakes.add(line, str(error))
        return self.years.setdefault(name, DraftYear(name, line))

    def total(self, cells: dict[str, str], line: int) -> None:
        said = next((cells[key] for key in ("pupil_days", "words", "first", "last") if cells.get(key)), "")
        name = tidy_year(cells.get("academic_year", "")) or (next(iter(self.years)) if len(self.years) == 1 else "")
        if not name and cells.get("first"):
            name = next(reversed(self.years), "")
        if not re.fullmatch(r"[0-9]{1,3}", said):
            self.mistakes.add(line, f"The number of pupil days must be a whole number, not “{said}”")
        elif not name:
            self.mistakes.add(line, "Say which academic year has that many pupil days")
        else:
            year = self.years.setdefault(name, DraftYear(name, line))
            if year.pupil_days not in (None, int(said)):
                self.mistakes.add(line, f"{name} is said to have {year.pupil_days} pupil days, and {said} here")
            year.pupil_days, year.pupil_days_line = int(said), line


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _kind(text: str) -> str:
    plain = _plain(text)
    return next((kind for kind, names in _KINDS.items() if plain in names), "")


def _closure_words(kind: str, words: str) -> str:
    """What ``kind_of`` makes the row's kind of, with its words."""
    if kind == "inset":
        return words if is_training(words) else f"Staff training: {words}" if words else "INSET"
    if kind == "emergency":
        return (
            words if words.lower().startswith(("closed", "emergency")) else f"Closed: {words}" if words else "emergency"
        )
    return words or "occasional"
