"""The forms of the overdue board: its filters, a reminder by hand, and giving things to somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from children.models import Part
from pepportal.accounts.models import User
from pepportal.pages.board import COLOURS, KINDS, NOBODY, SORTS, BoardFilters
from pepportal.pages.forms import SIZES
from pepportal.ui.forms import DateField, LongTextField, PortalForm, SelectField

MOST_ROWS = 100
"""A page at most: what can be ticked at once."""
PARTS = (Part.CASEWORKER, Part.SOCIAL_WORKER, Part.IRO)
FURTHEST = timedelta(days=90)


class BoardForm(forms.Form):
    """Search and filters of the board; every value that makes no sense is simply not used."""

    q = forms.CharField(label="Child’s name or reference", required=False, max_length=80)
    colour = forms.ChoiceField(
        label="How late",
        required=False,
        choices=[("", "All"), *((key, word) for key, (word, _) in COLOURS.items())],
    )
    kind = forms.ChoiceField(label="What", required=False, choices=[("", "Everything"), *KINDS.items()])
    role = forms.ChoiceField(label="Whose part", required=False)
    person = forms.ChoiceField(label="Who holds it", required=False)
    school = forms.ChoiceField(label="School", required=False)
    cases = forms.ChoiceField(label="Whose children", required=False, choices=[("", "All"), ("mine", "My cases")])
    size = forms.ChoiceField(label="Rows", required=False, choices=[(str(each), str(each)) for each in SIZES])

    def __init__(
        self,
        data: Any,
        *,
        people: list[tuple[str, str]],
        roles: list[tuple[str, str]],
        schools: list[tuple[str, str]],
        caseworker: bool,
    ) -> None:
        super().__init__(data)
        for name, choices in (
            ("role", [("", "Anybody’s"), *roles]),
            ("person", [("", "Anybody"), (NOBODY, "Nobody by name"), *people]),
            ("school", [("", "Any school"), *schools]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        if not caseworker:
            del self.fields["cases"]

    def _sent(self, name: str) -> str:
        return str(self.data.get(name, "")) if self.is_bound else ""

    def filters(self) -> BoardFilters:
        self.is_valid()
        good = getattr(self, "cleaned_data", {})
        sort = self._sent("sort")
        return BoardFilters(
            search=good.get("q", "").strip(),
            colour=good.get("colour", ""),
            kind=good.get("kind", ""),
            role=good.get("role", ""),
            person=good.get("person", ""),
            school=good.get("school", ""),
            mine=good.get("cases", "") == "mine",
            sort=sort.lstrip("-") if sort.lstrip("-") in SORTS else "due",
            descending=sort.startswith("-") and sort.lstrip("-") in SORTS,
        )

    def page_size(self) -> int:
        sent = self._sent("size")
        return int(sent) if sent in {str(size) for size in SIZES} else SIZES[0]


class RemindForm(PortalForm):
    """An optional sentence to go with a reminder."""

    words = LongTextField(
        "A sentence from you",
        required=False,
        rows=2,
        max_length=200,
        hint="They read it in the portal, with the notice. It doesn’t go into the email.",
    )


class GiveForm(PortalForm):
    """To whom the ticked things go, in which part, from which day."""

    to = SelectField("Give to", required="Choose the person who takes over", empty="Choose somebody")
    began_on = DateField(
        "From which day?",
        required="Enter the day from which they take over",
        noun="The day",
        hint="On that day the person before stops seeing the child.",
    )

    def __init__(self, data: Any, *, people: Mapping[Part, Sequence[User]], today: date) -> None:
        super().__init__(data, initial={"began_on": today})
        self.people = {f"{part.value}:{user.pk}": (part, user) for part, users in people.items() for user in users}
        self.today = today
        groups = [
            (part.label, [(f"{part.value}:{user.pk}", user.name) for user in users]) for part, users in people.items()
        ]
        self.fields["to"].choices = [("", "Choose somebody"), *groups]  # type: ignore[attr-defined]

    def clean_began_on(self) -> date:
        day: date = self.cleaned_data["began_on"]
        if abs(day - self.today) > FURTHEST:
            raise forms.ValidationError("The day must be within three months of today")
        return day

    @property
    def chosen(self) -> tuple[Part, User]:
        return self.people[self.cleaned_data["to"]]
