"""What if: a form whose address can be shared, and every council's answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from children.models import Child
from children.policies import child_for
from pepportal.access.guard import PortalRequest, guarded, require_role
from pepportal.access.vocabulary import May
from pepportal.pages import what_if
from pepportal.pages.what_if import KINDS, TABLE_COLUMNS, Question
from pepportal.ui.forms import ChoiceField, DateField, NumberField, PortalForm, SelectField
from peps.deadlines.rules import CHANGE_WORDS

EARLIEST = date(2010, 1, 1)
FURTHEST = timedelta(days=3 * 366)


class WhatIfForm(PortalForm):
    """The facts to try. What a kind doesn't ask about is left out of account."""

    kind = SelectField("What is due?", KINDS.items(), required="Choose what is due", empty="")
    day = DateField(
        "Counted from", required="Enter the day it is counted from", noun="The day",
        hint="The day of coming into care, of the meeting or of the change",
    )  # fmt: skip
    school = SelectField("School", required="Choose a school, or no school place", empty="Choose a school")
    placement = ChoiceField(
        "How did the child come into care?", [("planned", "Planned"), ("unplanned", "Unplanned")], required=False, inline=True,
        hint="For a first plan",
    )  # fmt: skip
    change = SelectField(
        "What has changed?", [(key, words[:1].upper() + words[1:]) for key, words in CHANGE_WORDS.items()], required=False, empty="",
        hint="For an extra plan",
    )  # fmt: skip
    year_group = NumberField(
        "Year group",
        required=False,
        least=-4,
        most=14,
        width=2,
        hint="For a review where dates are published by year group",
    )

    def __init__(self, data: Any, *, schools: list[tuple[str, str]], today: date, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.fields["school"].choices = [("", "Choose a school"), *schools]  # type: ignore[attr-defined]
        self.today = today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not EARLIEST <= day <= self.today + FURTHEST:
            raise forms.ValidationError("The day must be between 2010 and three years from now")
        return day


@guarded(May.SEE_PEP)
def general(request: PortalRequest) -> HttpResponse:
    """For no child in particular: names nobody."""
    require_role(request.actor, May.SEE_PEP)
    return _page(request, None)


@guarded(May.SEE_PEP)
def of_child(request: PortalRequest, child_id: UUID) -> HttpResponse:
    """The same, starting from one child's facts."""
    view = child_for(request.actor, child_id, May.SEE_PEP, looked_at="what if")
    return _page(request, view.child)


def _page(request: PortalRequest, child: Child | None) -> HttpResponse:
    actor = request.actor
    authorities = what_if.authorities_of(actor, child)
    asked = "day_0" in request.GET
    start = {} if asked else what_if.prefilled(actor, child, request.GET.get("kind", ""))
    data = request.GET if asked else start if child is not None else None
    form = WhatIfForm(data, schools=what_if.school_choices(authorities), today=actor.today, initial=start)
    context: dict[str, Any] = {"form": form, "child": child, "today": actor.today}
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        question = Question(
            kind=given["kind"], day=given["day"], planned=given["placement"] != "unplanned",
            change=given["change"] or "school_change", year_group=given["year_group"],
            calendars=what_if.calendars_for(given["school"], authorities),
        )  # fmt: skip
        found = what_if.columns(question, what_if.versions_for(authorities, given["day"]))
        context |= {
            "columns": TABLE_COLUMNS, "rows": what_if.table_of(found, _address(data)), "question": question,
            "opened": what_if.opened(found, request.GET.get("open", ""), given["kind"]), "found": found,
        }  # fmt: skip
    return render(request, "pages/what_if.html", context)


def _address(data: Any) -> str:
    """The question as the address's query, without what is opened."""
    query = QueryDict(mutable=True)
    for name in ("kind", "day_0", "day_1", "day_2", "school", "placement", "change", "year_group"):
        if (value := data.get(name)) not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"
