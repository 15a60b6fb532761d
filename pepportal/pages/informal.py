"""An informal review: the virtual school makes it from the term's data, and a concern turns it into a formal one (R6, R7)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from children.actions import FactsConflict
from children.models import ChangeKind
from meetings.actions import record_informal
from pepportal.access.guard import PortalRequest, guarded
from pepportal.access.vocabulary import May
from pepportal.pages import changes
from pepportal.ui.forms import ChoiceField, DateField, LongTextField, PortalForm
from peps.policies import PepInView, pep_for
from peps.states import NotPossible, PepState


class InformalReviewForm(PortalForm):
    on = DateField("When was the review made?", required="Enter the day of the review", noun="The day of the review")
    overview = LongTextField(
        "What do the term’s data show?", required="Enter what the term’s data show", max_length=4000, rows=6,
        hint="Progress, attendance, how the targets go. Name the concern, if there is one.",
    )  # fmt: skip
    concern = ChoiceField(
        "Is there a concern, or has something important changed?",
        choices=[("no", "No: the review is done"), ("yes", "Yes: everybody has to meet")],
        required="Select if there is a concern",
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"on": today})
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on and on > self.today:
            self.add_error("on", "The day of the review must be today or in the past")
        return on


@guarded(May.REVIEW_QUALITY, methods=("GET", "POST"))
def informal_review(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """The virtual school writes down what the data show; without a concern the review is made, with one everybody meets."""
    view = pep_for(request.actor, pep_id, May.REVIEW_QUALITY, looked_at="informal review")
    if not view.pep.informal or view.pep.state != PepState.PREPARING:
        messages.info(request, "There is no informal review to make here: this one is formal, or made already.")
        return redirect("pages:pep", pep_id)
    form = InformalReviewForm(request.POST or None, today=request.actor.today)
    if request.method == "POST" and form.is_valid():
        try:
            said = _record(request, view, form.cleaned_data)
        except (NotPossible, FactsConflict) as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, said)
            return redirect("pages:pep", pep_id)
    return render(request, "pages/informal_review.html", {"view": view, "form": form})


@transaction.atomic
def _record(request: PortalRequest, view: PepInView, data: dict[str, Any]) -> str:
    if data["concern"] == "yes":
        return changes.record(
            view.child, kind=ChangeKind.CONCERN_AT_REVIEW, on=data["on"], what=data["overview"], by=request.actor
        )
    record_informal(view.pep, on=data["on"], overview=data["overview"], by=request.actor)
    return "The review is recorded. Its targets and the next meeting’s date are the next steps."
