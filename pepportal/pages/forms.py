from __future__ import annotations

from typing import Any

from django import forms

from pepportal.pages.caseload import SORTS, CaseloadFilters
from peps.states import WORDS, PepState

SHOW = [
    ("", "All in care"), ("late", "Something is late"), ("no_school", "Without a school place"), ("out_of_area", "Placed out of area"),
    ("no_plan", "Without a plan"), ("left", "Left care"),
]  # fmt: skip
SIZES = (25, 50, 100)


class CaseloadForm(forms.Form):
    """Search and filters of the caseload; every value that makes no sense is simply not used."""

    q = forms.CharField(label="Name, reference or school", required=False, max_length=80)
    show = forms.ChoiceField(label="Which children", required=False, choices=SHOW)
    state = forms.ChoiceField(
        label="Plan", required=False, choices=[("", "Any state"), *((state.value, WORDS[state]) for state in PepState)]
    )
    school = forms.ChoiceField(label="School", required=False)

    def __init__(self, data: Any, *, schools: list[tuple[str, str]]) -> None:
        super().__init__(data)
        choices = [("", "Any school"), *schools]
        self.fields["school"].choices = choices  # type: ignore[attr-defined]
        if len(schools) < 2:
            del self.fields["school"]

    def _sent(self, name: str) -> str:
        return str(self.data.get(name, "")) if self.is_bound else ""

    def filters(self) -> CaseloadFilters:
        self.is_valid()
        good = getattr(self, "cleaned_data", {})
        sort = self._sent("sort")
        return CaseloadFilters(
            search=good.get("q", "").strip(),
            show=good.get("show", ""),
            state=good.get("state", ""),
            school=good.get("school", ""),
            sort=sort.lstrip("-") if sort.lstrip("-") in SORTS else "name",
            descending=sort.startswith("-"),
        )

    def size(self) -> int:
        sent = self._sent("size")
        return int(sent) if sent in {str(size) for size in SIZES} else SIZES[0]
