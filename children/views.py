"""Pages on which the facts about a child are changed, and the schools with their calendars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from children import actions, forms, notices, queries, rules
from children.actions import FactsConflict
from children.calendar_files import EXAMPLE
from children.forms import About, FactForm
from children.models import Calendar, Part, School
from children.policies import ChildInView, child_for
from pepportal.access.guard import PortalRequest, guarded, require, require_role
from pepportal.access.vocabulary import May
from pepportal.accounts.models import Authority
from pepportal.ui.wording import in_words, possessive

BOTH = ("GET", "POST")


# --- one child's facts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FactPage:
    """What one page about one fact says and does; ``change_fact`` shows it."""

    title: str
    button: str
    form: type[FactForm]
    write: Callable[[Any, About, Any], str]
    """Calls the action; returns the sentence that says it is done."""
    effect: str
    """What will happen when the button is pressed."""
    needs_care: bool = True


def change_fact(request: PortalRequest, view: ChildInView, page: FactPage, *, part: Part | None = None) -> HttpResponse:
    """Shows and takes one fact about a child; everything that is wrong goes to the error summary."""
    child, actor = view.child, request.actor
    about = About(child, queries.episode_of(child, actor.today), actor.today, part)
    if page.needs_care and about.episode is None:
        messages.warning(request, f"{child.first_name} is not in care today: this can’t be changed.")
        return redirect("pages:child", child.pk)
    form = page.form(request.POST or None, about=about)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, page.write(form, about, actor))
            return redirect("pages:child", child.pk)
        except FactsConflict as conflict:
            form.add_error(conflict.field if conflict.field in form.fields else None, conflict.sentence)
    now = queries.facts_now(child, actor.today, address=view.may(May.SEE_ADDRESS))
    context = {"child": child, "form": form, "page": page, "now": now, "title": page.title, "part": part}
    return render(request, "children/fact.html", context)


def _move(form: Any, about: About, by: Any) -> str:
    data = form.cleaned_data
    actions.change_placement(
        child=about.child, kind=data["placement_kind"], area=data["placement_area"], began_on=data["began_on"],
        carer=form.chosen_carer, address=data["address"], confidential=data["confidential"], by=by,
    )  # fmt: skip
    return (
        f"The move on {in_words(data['began_on'])} is recorded. The days by which plans are due are worked out again."
    )


@guarded(May.CHANGE_FACTS, methods=BOTH)
def placement(request: PortalRequest, child_id: UUID) -> HttpResponse:
    view = child_for(request.actor, child_id, May.CHANGE_FACTS, looked_at="placement form")
    page = FactPage(
        "Change where the child lives", "Record the move", forms.PlacementForm, _move,
        "The present placement ends on that day, and its carer stops seeing the child. The days by which plans are due "
        "are worked out again.",
    )  # fmt: skip
    return change_fact(request, view, page)


def _school(form: Any, about: About, by: Any) -> str:
    child, day, chosen = about.child, form.cleaned_data["began_on"], form.chosen
    if chosen is None:
        actions.end_school(child=child, ended_on=day, by=by)
        return f"{child.first_name} has no school place from {in_words(day)}. The due days are worked out again."
    actions.change_school(child=child, school=chosen.school, began_on=day, by=by)
    said = f"{child.first_name} goes to {chosen.school} from {in_words(day)}. The due days are worked out again."
    if chosen.teachers:
        return said
    notices.nobody_leads_at_the_school(child, chosen.school, team=queries.team_of(child, by.today), by=by)
    return (
        f"{said} The school has no designated teacher in the portal: the virtual school is asked to find out who it is."
    )


@guarded(May.CHANGE_FACTS, methods=BOTH)
def school_place(request: PortalRequest, child_id: UUID) -> HttpResponse:
    view = child_for(request.actor, child_id, May.CHANGE_FACTS, looked_at="school form")
    page = FactPage(
        "Change the child’s school", "Record the school", forms.SchoolForm, _school,
        "The present school place ends on that day, and its staff stop seeing the child. Days are counted on the new "
        "school’s calendar from then on.",
    )  # fmt: skip
    return change_fact(request, view, page)


PARTS = {"social-worker": Part.SOCIAL_WORKER, "iro": Part.IRO, "caseworker": Part.CASEWORKER}


def _allocate(form: Any, about: About, by: Any) -> str:
    assert about.part is not None
    day = form.cleaned_data["began_on"]
    actions.allocate(child=about.child, part=about.part, user=form.chosen, began_on=day, by=by)
    return f"{form.chosen} is {possessive(about.child.first_name)} {about.part.label.lower()} from {in_words(day)}."


@guarded(May.CHANGE_FACTS)
def team(request: PortalRequest, child_id: UUID) -> HttpResponse:
    """Who has which part in the team, each with its own page to change it."""
    view = child_for(request.actor, child_id, May.CHANGE_FACTS, looked_at="team")
    holders = queries.parts_now(view.child, request.actor.today)
    rows = [
        {
            "key": part.label,
            "value": str(holders.get(part.value) or "Nobody"),
            "href": reverse("children:allocate-part", args=[child_id, slug]),
        }
        for slug, part in PARTS.items()
    ]
    return render(request, "children/team.html", {"child": view.child, "rows": rows})


@guarded(May.CHANGE_FACTS, methods=BOTH)
def part_of_team(request: PortalRequest, child_id: UUID, part: str) -> HttpResponse:
    view = child_for(request.actor, child_id, May.CHANGE_FACTS, looked_at="team form")
    if part not in PARTS:
        raise Http404("No such part in a child's team.")
    page = FactPage(
        f"Change the {'IRO' if part == 'iro' else PARTS[part].label.lower()}", "Record the change",
        forms.AllocationForm, _allocate,
        "Whoever has this part now stops seeing the child on that day; the new person sees the child from then on.",
    )  # fmt: skip
    return change_fact(request, view, page, part=PARTS[part])


def _leave(form: Any, about: About, by: Any) -> str:
    data = form.cleaned_data
    assert about.episode is not None
    actions.end_care(episode=about.episode, ended_on=data["ended_on"], reason=data["end_reason"], by=by)
    return f"{about.child.first_name} left care on {in_words(data['ended_on'])}. The virtual school still finds the record."


@guarded(May.CHANGE_FACTS, methods=BOTH)
def leave(request: PortalRequest, child_id: UUID) -> HttpResponse:
    view = child_for(request.actor, child_id, May.CHANGE_FACTS, looked_at="leaving care form")
    page = FactPage(
        "The child left care", "Record leaving care", forms.EndCareForm, _leave,
        "The placement and the team end on that day. The school, the carer, the social worker and the IRO stop seeing "
        "the child at once.",
    )  # fmt: skip
    return change_fact(request, view, page)


def _review(form: Any, about: About, by: Any) -> str:
    day = form.cleaned_data["on"]
    actions.set_care_review(child=about.child, on=day, by=by)
    return f"The care review is on {in_words(day)}. The plan’s due days are worked out again."


@guarded(May.SET_CARE_REVIEW, methods=BOTH)
def care_review(request: PortalRequest, child_id: UUID) -> HttpResponse:
    view = child_for(request.actor, child_id, May.SET_CARE_REVIEW, looked_at="care review form")
    page = FactPage(
        "Set the next care review", "Set the day", forms.CareReviewForm, _review,
        "The plan must be ready before it: its due days are worked out again. A review that lies ahead already is moved.",
    )  # fmt: skip
    return change_fact(request, view, page)


@guarded(May.SEE_CARE_FACTS)
def changes(request: PortalRequest, child_id: UUID) -> HttpResponse:
    """Who changed which fact, when, from what to what."""
    view = child_for(request.actor, child_id, May.SEE_CARE_FACTS, looked_at="history of facts")
    return render(request, "children/changes.html", {"child": view.child, "items": queries.changes_of(view.child)})


# --- schools and calendars --------------------------------------------------------------------------------------------


@guarded(May.SEE_RULES)
def schools(request: PortalRequest) -> HttpResponse:
    """Every school, or for school staff their own."""
    actor = request.actor
    rows = queries.school_rows(actor)
    if not rows:
        require_role(actor, May.SEE_RULES)
    authorities = queries.authorities_of(actor)
    return render(request, "children/schools.html", {"rows": rows, "authorities": authorities})


@guarded(May.SEE_RULES)
def school(request: PortalRequest, school_id: UUID) -> HttpResponse:
    """A school: who leads there, how many of my children go there, its days."""
    actor = request.actor
    found = get_object_or_404(queries.schools_for(actor), pk=school_id)
    teachers = queries.designated_teachers(found, actor.today)
    facts = queries.calendars_for(found, found.local_authority or queries.first_authority(actor))
    context = {"school": found, "teachers": teachers, "owner_name": str(found)}
    context |= _calendar_context(request, facts, found, None)
    return render(request, "children/school.html", context)


@guarded(May.SEE_RULES)
def pattern(request: PortalRequest, authority_id: UUID) -> HttpResponse:
    """An authority's own term dates, which count where a school has published none."""
    require_role(request.actor, May.SEE_RULES)
    found = get_object_or_404(Authority, pk=authority_id, pk__in=[a.pk for a in queries.authorities_of(request.actor)])
    facts = queries.calendars_for(None, found)
    context = {"authority": found, "owner_name": f"{possessive(found.name)} schools"}
    return render(request, "children/school.html", context | _calendar_context(request, facts, None, found))


def _calendar_context(
    request: PortalRequest, facts: queries.CalendarFacts, of: School | None, authority: Authority | None
) -> dict[str, Any]:
    """The academic year asked for in the address (else the present one) as months, and who may publish."""
    present = rules.academic_year_of(request.actor.today)
    wanted = request.GET.get("year", present)
    holidays = queries.bank_holidays()
    shown = facts.year(wanted) or facts.year(present) or (facts.years[-1] if facts.years else None)
    owner = {"school_id": of.pk} if of is not None else {"authority_id": authority.pk if authority else None}
    return {
        "years": facts.years,
        "shown": shown,
        "months": rules.months_of(shown.published, holidays) if shown else [],
        "total": rules.pupil_days(shown.published, holidays) if shown else 0,
        "versions": queries.versions_of(school=of, authority=authority),
        "may_publish": queries.may_publish_for(request.actor, of, authority),
        "publish_at": reverse("children:publish-school" if of else "children:publish-pattern", kwargs=owner),
    }


@guarded(May.PUBLISH_CALENDAR, methods=BOTH)
def publish_school(request: PortalRequest, school_id: UUID) -> HttpResponse:
    found = get_object_or_404(queries.schools_for(request.actor), pk=school_id)
    return _publish(request, found, None, reverse("children:school", args=[found.pk]))


@guarded(May.PUBLISH_CALENDAR, methods=BOTH)
def publish_pattern(request: PortalRequest, authority_id: UUID) -> HttpResponse:
    found = get_object_or_404(Authority, pk=authority_id, pk__in=[a.pk for a in queries.authorities_of(request.actor)])
    return _publish(request, None, found, reverse("children:pattern", args=[found.pk]))


def _publish(request: PortalRequest, of: School | None, authority: Authority | None, back: str) -> HttpResponse:
    """Takes term dates as text: mistakes by line, then a preview, and only then a new version."""
    actor = request.actor
    require_role(actor, May.PUBLISH_CALENDAR)
    require(
        queries.may_publish_for(actor, of, authority),
        "Only the council in whose area a school lies publishes its calendar here.",
    )
    holidays = queries.bank_holidays()
    form = forms.CalendarForm(request.POST or None, bank_holidays=holidays)
    previews: list[Any] = []
    if request.method == "POST" and form.is_valid() and form.reading:
        if request.POST.get("step") == "publish" and _publish_years(request, form, of, authority):
            return redirect(back)
        previews = queries.previews(form.reading.years, holidays)
    context = {
        "form": form,
        "owner_name": str(of or authority),
        "back": back,
        "previews": previews,
        "warnings": form.reading.warnings if form.reading else (),
        "example": EXAMPLE,
        "check_kind": "secondary" if previews else "primary",
    }
    return render(request, "children/publish.html", context)


def _publish_years(
    request: PortalRequest, form: forms.CalendarForm, of: School | None, authority: Authority | None
) -> bool:
    """Publishes every year that was read; False, with the reason on the form, where somebody was quicker."""
    assert form.reading is not None
    made: list[Calendar] = []
    try:
        for year in form.reading.years:
            made.append(
                actions.publish_calendar(
                    year=year, name=form.reading.name or str(of or authority), school=of, authority=authority,
                    source=form.cleaned_data["source"], by=request.actor,
                )
            )  # fmt: skip
    except FactsConflict as conflict:
        form.add_error("text", conflict.sentence)
        return False
    said = ", ".join(f"{calendar.academic_year} (version {calendar.version})" for calendar in made)
    messages.success(request, f"Published: {said}. The days by which plans are due are worked out again.")
    return True
