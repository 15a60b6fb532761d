"""A section's questions as a form: what the page shows, what was typed, and what of it is an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict

from pepportal.ui import forms as ui
from peps.form_documents import Field, Section
from peps.models import Answer, Draft
from peps.queries import given_of
from peps.rules import NOTHING, Given, left

BASED_ON = "_based_on"
"""The hidden field that says which revision of each answer the page showed. The page's own names begin with "_"."""
CLASH = "_clash"
NEXT_STEP = "_next_step"
NEVER = 999_999_999
"""A revision that no answer has."""
UNKNOWN = "-unknown"
UNKNOWN_LIMIT = 300


def _choices(field: Field) -> list[tuple[str, str]]:
    return [(choice.value, choice.label) for choice in field.choices]


def _text(field: Field, **words: Any) -> forms.Field:
    return ui.TextField(field.label, **words)


def _long_text(field: Field, **words: Any) -> forms.Field:
    return ui.LongTextField(field.label, **words)


BUILD: Mapping[str, Callable[..., forms.Field]] = {
    "text": _text,
    "long_text": _long_text,
    "date": lambda field, **words: ui.DateField(field.label, **words),
    "yes_no": lambda field, **words: ui.YesNoField(field.label, **words),
    "choice": lambda field, **words: ui.ChoiceField(field.label, _choices(field), **words),
    "choices": lambda field, **words: ui.CheckboxesField(field.label, _choices(field), **words),
    "number": lambda field, **words: ui.NumberField(field.label, least=0, **words),
    "percent": lambda field, **words: ui.PercentField(field.label, **words),
}
TYPED_AS_TEXT = ("text", "long_text")


def to_json(value: Any) -> Any:
    """A cleaned value as it is kept: ISO dates, plain numbers, None for no answer."""
    if value in (None, "", []):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def in_order(field: Field, value: Any) -> Any:
    """Ticks in the form's order, so that the order in which they were sent is no change."""
    if field.type == "choices" and value:
        return [choice.value for choice in field.choices if choice.value in value]
    return value


def from_json(kind: str, value: Any) -> Any:
    """A kept value as a field shows it."""
    if value is None:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    return Decimal(str(value)) if kind == "percent" else value


@dataclass(frozen=True)
class Row:
    """One question on the page."""

    field: Field
    bound: BoundField | None
    """None for a statement, which only tells."""
    unknown: BoundField | None
    unknown_open: bool


class SectionForm(ui.PortalForm):
    """The questions of a section that this person fills in, built from the plan's form."""

    def __init__(
        self,
        section: Section,
        fields: Iterable[Field],
        answers: Mapping[str, Answer],
        data: MultiValueDict[str, str] | None = None,
        *,
        based_on: Mapping[str, int] | None = None,
    ) -> None:
        self.section, self.questions = section, tuple(fields)
        self.answers = {each.id: answers[each.id] for each in self.questions if each.id in answers}
        now = {each.id: answers[each.id].revision if each.id in answers else 0 for each in self.questions if each.asks}
        self.based_on = dict(based_on) if based_on is not None else now
        super().__init__(data, initial=self._initial())
        for each in self.questions:
            if not each.asks:
                continue
            asked = (
                each if each.required or not section.required_ids else replace(each, label=f"{each.label} (optional)")
            )
            self.fields[each.id] = BUILD[each.type](asked, required=False, hint=each.hint, example=each.example)
            if each.required and each.allow_unknown:
                self.fields[each.id + UNKNOWN] = ui.TextField(
                    "Why can’t it be answered?", required=False, max_length=UNKNOWN_LIMIT, noun="The reason"
                )

    def _initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for each in self.questions:
            if answer := self.answers.get(each.id):
                initial[each.id] = from_json(each.type, answer.value)
                initial[each.id + UNKNOWN] = answer.unknown_because
        return initial

    @property
    def raw(self) -> MultiValueDict[str, str]:
        """What was sent, cleaned of control marks."""
        return cast("MultiValueDict[str, str]", self.data)

    @property
    def based_on_words(self) -> str:
        """What the hidden field carries: "care_plan:3 legal_status:0"."""
        return " ".join(f"{name}:{revision}" for name, revision in self.based_on.items())

    @property
    def rows(self) -> list[Row]:
        found = []
        for each in self.questions:
            unknown = self[each.id + UNKNOWN] if each.id + UNKNOWN in self.fields else None
            is_open = bool(unknown and (unknown.value() or unknown.errors))
            found.append(Row(each, self[each.id] if each.asks else None, unknown, is_open))
        return found

    def answered(self) -> dict[str, Any]:
        """The fields that the page showed and that are well typed, as they are kept. Call after validation."""
        return {
            each.id: in_order(each, to_json(self.cleaned_data[each.id]))
            for each in self.questions
            if each.asks and each.id in self.based_on and each.id in self.cleaned_data and self._sent(each)
        }

    def _sent(self, field: Field) -> bool:
        """A box that isn't in what was sent says nothing (a cut-off upload); for tick boxes and radios it means none."""
        if field.type in ("choice", "choices", "yes_no"):
            return True
        return field.id in self.data or f"{field.id}_0" in self.data

    def unknown(self) -> dict[str, str]:
        """The reasons given for questions that can't be answered. Call after validation."""
        return {
            each.id: self.cleaned_data.get(each.id + UNKNOWN, "")
            for each in self.questions
            if each.id in self.based_on and each.id + UNKNOWN in self.cleaned_data and self._sent(each)
        }

    def given(self) -> dict[str, Given]:
        unknown = self.unknown()
        return {
            name: Given(value, "" if value is not None else unknown.get(name, ""))
            for name, value in self.answered().items()
        }

    @property
    def differs(self) -> bool:
        """Whether what was typed says anything else than what is saved."""
        self.full_clean()
        if self.errors:
            return True
        saved = {name: given_of(answer) for name, answer in self.answers.items()}
        return any(
            typed != saved.get(name, NOTHING) and not (typed.empty and saved.get(name, NOTHING).empty)
            for name, typed in self.given().items()
        )

    def quiet(self) -> SectionForm:
        """The same form without its mistakes shown: for words taken up again, which may be half typed."""
        self.full_clean()
        self._errors = ErrorDict()
        for field in self.fields.values():
            if isinstance(field.widget, ui.DatePartsWidget):
                field.widget.wrong_parts = frozenset()
        return self

    def ask_for_the_rest(self, given: Mapping[str, Given]) -> None:
        """Marks every required question that has no answer yet, in the words of its label (R25)."""
        for each in left(self.questions, given):
            what = f"Answer “{each.label}”" if each.label.endswith("?") else f"Enter an answer for “{each.label}”"
            self.add_error(each.id, f"{what}, or say why you can’t" if each.allow_unknown else what)


def raw_of(field: Field, given: Given) -> dict[str, list[str]]:
    """An answer as a browser would send it."""
    value, raw = given.value, {field.id + UNKNOWN: [given.unknown_because]}
    if field.type == "date":
        day = date.fromisoformat(value) if value else None
        parts = [day.day, day.month, day.year] if day else ["", "", ""]
        return raw | {f"{field.id}_{place}": [str(part)] for place, part in enumerate(parts)}
    if field.type == "choices":
        return raw | {field.id: list(value or [])}
    if field.type == "yes_no":
        return raw | {field.id: [] if value is None else ["yes" if value else "no"]}
    return raw | {field.id: [] if value is None and field.type == "choice" else ["" if value is None else str(value)]}


def saved_form(section: Section, fields: Iterable[Field], answers: Mapping[str, Answer]) -> SectionForm:
    """The form as if what is saved had just been sent: to show what it still lacks."""
    fields = tuple(fields)
    raw: dict[str, list[str]] = {}
    for each in fields:
        raw |= raw_of(each, given_of(answers[each.id]) if each.id in answers else NOTHING)
    return SectionForm(section, fields, answers, as_data(raw))


def taken_up(
    section: Section,
    fields: Iterable[Field],
    answers: Mapping[str, Answer],
    draft: Draft,
    shown: Mapping[tuple[str, int], Given],
) -> SectionForm:
    """The form as its writer left it. Where somebody has meanwhile answered what the writer hadn't touched, theirs shows."""
    fields = tuple(fields)
    form = SectionForm(section, fields, answers, as_data(draft.values), based_on=draft.based_on)
    form.full_clean()
    typed, based_on, raw = form.given(), dict(draft.based_on), dict(draft.values)
    for each in fields:
        answer, seen = answers.get(each.id), draft.based_on.get(each.id, 0)
        if answer is None or answer.revision == seen:
            continue
        untouched = NOTHING if seen == 0 else shown.get((each.id, seen))
        now = typed.get(each.id, NOTHING)
        if each.id not in form.errors and (
            now == untouched or (now.empty and untouched is not None and untouched.empty)
        ):
            raw |= raw_of(each, given_of(answer))
            based_on[each.id] = answer.revision
    return SectionForm(section, fields, answers, as_data(raw), based_on=based_on)


LONGEST_BASED_ON = 20_000  # a hundred questions with their revisions fit many times


def shown_revisions(data: Mapping[str, Any]) -> dict[str, int]:
    """The revisions that a page says it showed; what can't be read is left out, so that it counts as not shown."""
    said = str(data.get(BASED_ON, ""))[:LONGEST_BASED_ON].split(" ")
    pairs = (re.fullmatch(r"([a-z0-9_]{1,80}):([0-9]{1,9})", each) for each in said)
    return {pair[1]: int(pair[2]) for pair in pairs if pair}


def typed_in(section: Section, data: MultiValueDict[str, str]) -> dict[str, list[str]]:
    """What was typed into a section's questions, as it was sent, fit to be kept: names of questions only, no control marks."""
    ids = {each.id for each in section.fields if each.asks}
    kept = {}
    for name in data:
        if re.sub(rf"({UNKNOWN}|_[0-2])$", "", name) in ids or name in ids:
            kept[name] = [ui.without_control_characters(value) for value in data.getlist(name)]
    return kept


def as_data(typed: Mapping[str, list[str]]) -> MultiValueDict[str, str]:
    """A draft as a form takes it."""
    return MultiValueDict({name: list(values) for name, values in typed.items()})


def decided(data: MultiValueDict[str, str]) -> tuple[MultiValueDict[str, str], list[str]]:
    """What the page with both versions sent, as the section's own form would have: (form, fields nobody decided).

    Beside each clashing question stands ``_keep_<field>``: mine leaves what I typed, theirs takes the question out of the
    form, both takes the box ``_both_<field>``.
    """
    undecided = []
    form = MultiValueDict({name: list(data.getlist(name)) for name in data})
    based_on = shown_revisions(data)
    for name in data.getlist(CLASH):
        choice = data.get(f"_keep_{name}", "")
        if choice == "theirs":
            based_on.pop(name, None)
        elif choice == "both":
            form.setlist(name, [data.get(f"_both_{name}", "")])
        elif choice != "mine":
            undecided.append(name)
            based_on[name] = NEVER  # nobody's version was chosen: it stays a clash
    if data.getlist(CLASH):
        form[BASED_ON] = " ".join(f"{name}:{revision}" for name, revision in based_on.items())
    return form, undecided
