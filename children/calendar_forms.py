"""Term dates as people enter them: filled in, sent as a file, or pasted; and one-off bank holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from children import rules
from children.calendar_files import LARGEST_FILE, Reading, read_file, read_term_dates
from children.calendar_files.drafts import LONGEST_WORDS, read_day, stretch_mistake, weekday_mistake
from children.queries import YearFacts
from children.rules import PublishedYear
from pepportal.ui.forms import (
    ChoiceField,
    DateField,
    FileField,
    LongTextField,
    NumberField,
    PortalForm,
    SelectField,
    TextField,
)
from pepportal.ui.wording import in_short

MOST_PROBLEMS = 20
MOST_CLOSURES = 40
ADD_ROWS = 3
STRETCHES = (
    "Autumn term, first half", "Autumn term, second half", "Spring term, first half", "Spring term, second half",
    "Summer term, first half", "Summer term, second half",
)  # fmt: skip
KINDS = [("inset", "Staff training (INSET)"), ("occasional", "Occasional day"), ("emergency", "Closed")]


class _Dates(PortalForm):
    """What each way of entering term dates comes to: a reading, and the mistakes on the field they came from."""

    reading: Reading | None = None

    def __init__(self, data: Any = None, files: Any = None, *, bank_holidays: dict[date, str], **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        self.bank_holidays = bank_holidays

    def take(self, reading: Reading, field: str) -> None:
        self.reading = reading
        for problem in reading.problems[:MOST_PROBLEMS]:
            self.add_error(field, problem)
        more = len(reading.problems) - MOST_PROBLEMS
        if more > 0:
            self.add_error(field, f"There are {more} more mistakes like these")


def source_field() -> TextField:
    return TextField(
        "Where were they published?", max_length=200, required=False,
        hint="For example, the address of the school’s page. It is shown beside the dates.",
    )  # fmt: skip


class CalendarForm(_Dates):
    """Term dates as text, and where they were published."""

    text = LongTextField(
        "Term dates", rows=16, max_length=200_000, required="Enter the term dates",
        hint="As TOML, or copied from a CSV or calendar file. Bank holidays are known already: leave them out.",
    )  # fmt: skip
    source = source_field()

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        self.take(read_term_dates(text, self.bank_holidays), "text")
        return text


class CalendarFileForm(_Dates):
    """Term dates as a file."""

    file = FileField(
        "File with the term dates", accept=".toml,.csv,.ics", required="Choose the file with the term dates",
        hint="A calendar file (.ics), a table saved as CSV, or TOML. Not an Excel workbook: save that as CSV first.",
    )  # fmt: skip
    source = source_field()

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        self.take(read_file(sent.read(LARGEST_FILE + 1), sent.name, self.bank_holidays), "file")
        return sent


class DayField(TextField):
    """One day in one box, as people write it: 2/9/2026, 2 Sep 2026, Wed 2 September 2026. Gives a ``date`` or ``None``."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, required=False, width=20, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            day = read_day(text)
        except ValueError as error:
            raise ValidationError(f"{self.label}: {error}", code="invalid") from None
        if wrong := stretch_mistake(day, day):
            raise ValidationError(f"{self.label}: {wrong}", code="invalid")
        return day

    def prepare_value(self, value: Any) -> Any:
        return in_short(value, year=True) if isinstance(value, date) else value


@dataclass(frozen=True)
class RowOfForm:
    """Some fields of the form that belong together."""

    legend: str
    fields: tuple[Any, ...]


class YearForm(_Dates):
    """One academic year: first and last pupil day of each half term, and the closed days. It starts from the version that
    counts now, so that a correction is one change."""

    def __init__(
        self, data: Any = None, *, academic_year: str, now: YearFacts | None, bank_holidays: dict[date, str]
    ) -> None:
        super().__init__(data, bank_holidays=bank_holidays)
        self.academic_year = academic_year
        stretches = _placed(now.published) if now else []
        closures = list(now.closures) if now else []
        self.stretches = max(len(STRETCHES), len(stretches))
        self.closed = max(len(closures) + 2, min(_whole((data or {}).get("closed")), MOST_CLOSURES))
        if data is not None and data.get("step") == "add":
            self.closed = min(self.closed + ADD_ROWS, MOST_CLOSURES)
        for number in range(self.stretches):
            first, last = stretches[number] if number < len(stretches) else (None, None)
            said = self.legend(number)
            self.fields[f"first_{number}"] = DayField("First pupil day", initial=first, noun=said)
            self.fields[f"last_{number}"] = DayField("Last pupil day", initial=last, noun=said)
        for number in range(self.closed):
            day, kind, words = closures[number] if number < len(closures) else (None, "inset", "")
            self.fields[f"closed_{number}"] = DayField("Day", initial=day)
            self.fields[f"kind_{number}"] = SelectField("What", KINDS, empty="", required=False, initial=kind)
            self.fields[f"words_{number}"] = TextField(
                "In words", max_length=LONGEST_WORDS, required=False, initial=words
            )
        self.fields["pupil_days"] = NumberField(
            "How many pupil days does the school say there are?", required=False, least=1, most=366,
            hint="If you know it: it must then agree with the dates.",
        )  # fmt: skip
        self.fields["source"] = source_field()
        if now is not None:
            self.fields["source"].initial = now.source

    def legend(self, number: int) -> str:
        return STRETCHES[number] if number < len(STRETCHES) else f"Further stretch {number - len(STRETCHES) + 1}"

    def stretch_rows(self) -> Iterator[RowOfForm]:
        for number in range(self.stretches):
            yield RowOfForm(self.legend(number), (self[f"first_{number}"], self[f"last_{number}"]))

    def closed_rows(self) -> Iterator[RowOfForm]:
        for number in range(self.closed):
            fields = (self[f"closed_{number}"], self[f"kind_{number}"], self[f"words_{number}"])
            yield RowOfForm(f"Closed day {number + 1}", fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        spans = sorted(self._spans(data))
        closures = sorted(self._closures(data))
        if self.errors:
            return data
        year = PublishedYear(
            self.academic_year,
            tuple(
                (first, last, self.legend(number) if number < len(STRETCHES) else "") for first, last, number in spans
            ),
            tuple((day, data[f"kind_{number}"] or "inset", data[f"words_{number}"]) for day, number in closures),
        )
        for mistake in rules.calendar_mistakes(year):
            kind, place = mistake.place or ("", 0)
            field = f"first_{spans[place][2]}" if kind == "span" else f"closed_{closures[place][1]}" if kind else None
            self.add_error(field or "first_0", mistake.sentence)
        if self.errors:  # only days that can be a year's are counted
            return data
        counted, said = rules.pupil_days(year, self.bank_holidays), data.get("pupil_days")
        if said is not None and said != counted:
            self.add_error("pupil_days", f"The school says {said}, but these dates give {counted} pupil days")
        if not self.errors:
            self.reading = Reading("", (year,), (), tuple(rules.calendar_warnings(year, self.bank_holidays)))
        return data

    def _spans(self, data: dict[str, Any]) -> Iterator[tuple[date, date, int]]:
        for number in range(self.stretches):
            first, last = data.get(f"first_{number}"), data.get(f"last_{number}")
            if first and last:
                yield first, last, number
            elif (first or last) and not {f"first_{number}", f"last_{number}"} & set(self.errors):
                lacking = "last" if first else "first"
                self.add_error(f"{lacking}_{number}", f"{self.legend(number)}: enter the {lacking} pupil day too")

    def _closures(self, data: dict[str, Any]) -> Iterator[tuple[date, int]]:
        for number in range(self.closed):
            if day := data.get(f"closed_{number}"):
                if wrong := weekday_mistake(data.get(f"words_{number}", ""), day, day):
                    self.add_error(f"words_{number}", wrong)
                yield day, number
            elif data.get(f"words_{number}") and f"closed_{number}" not in self.errors:
                self.add_error(
                    f"closed_{number}", f"Enter the day of “{data[f'words_{number}']}”, or take its words out"
                )


def _whole(text: Any) -> int:
    return int(text) if text and str(text).isascii() and str(text).isdigit() and len(str(text)) < 4 else 0


def _placed(year: PublishedYear) -> list[tuple[date | None, date | None]]:
    """The stretches of a year in the six places of the form, two for each term; more than two of a term go to the end."""
    places: list[tuple[date | None, date | None]] = [(None, None)] * len(STRETCHES)
    more: list[tuple[date | None, date | None]] = []
    whole = len(year.spans) == len(STRETCHES)
    for number, (first, last, words) in enumerate(year.spans):
        term = next((t for t, name in enumerate(("autumn", "spring", "summer")) if name in words.lower()), None)
        if term is None:
            term = number // 2 if whole else 0 if first.month >= 8 else 1 if first.month <= 3 else 2
        free = next((place for place in (2 * term, 2 * term + 1) if places[place][0] is None), None)
        if free is None:
            more.append((first, last))
        else:
            places[free] = (first, last)
    return places + more


class BankHolidayForm(PortalForm):
    """A one-off bank holiday, or one of the list that does not happen."""

    what = ChoiceField(
        "What has been proclaimed?",
        choices=[("add", "A bank holiday that is not in the list"), ("cancel", "A bank holiday of the list does not happen")],
        hints={"cancel": "For one that is moved: cancel the old day, and add the new one."},
        required="Select what has been proclaimed",
    )  # fmt: skip
    day = DateField("Which day?", required="Enter the day", noun="The day")
    name = TextField("What is it called?", max_length=80, required=False, hint="For a new one: as it was proclaimed.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("what") == "add" and not data.get("name"):
            self.add_error("name", "Enter what the bank holiday is called")
        return data
