"""Pages on which the facts about a child are changed, and the schools with their calendars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from children import actions, forms, notices, queries, rules
from children.actions import FactsConflict
from children.bank_holidays import list_ends
from children.calendar_files import EXAMPLES, as_toml
from children.calendar_forms import BankHolidayForm, CalendarFileForm, CalendarForm, YearForm
from children.forms import About, FactForm
from children.models import Part, School
from children.policies import ChildInView, child_for
from pepportal.access.guard import PortalRequest, guarded, require, require_role
from pepportal.access.roles import may
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
    owner = CalendarOwner(
        found, None, queries.calendars_for(found, found.local_authority or queries.first_authority(actor))
    )
    context = {"school": found, "teachers": teachers, "owner_name": str(found)}
    return render(request, "children/school.html", context | _calendar_context(request, owner))


@guarded(May.SEE_RULES)
def pattern(request: PortalRequest, authority_id: UUID) -> HttpResponse:
    """An authority's own term dates, which count where a school has published none."""
    require_role(request.actor, May.SEE_RULES)
    found = get_object_or_404(Authority, pk=authority_id, pk__in=[a.pk for a in queries.authorities_of(request.actor)])
    owner = CalendarOwner(None, found, queries.calendars_for(None, found))
    context = {"authority": found, "owner_name": f"{possessive(found.name)} schools"}
    return render(request, "children/school.html", context | _calendar_context(request, owner))


@dataclass(frozen=True)
class CalendarOwner:
    """Whose calendar a page is about, and the years that count for it now (its own, or the fallback's)."""

    school: School | None
    authority: Authority | None
    facts: queries.CalendarFacts

    @property
    def name(self) -> str:
        return str(self.school or self.authority)

    @property
    def rows(self) -> list[queries.VersionRow]:
        return queries.version_rows(school=self.school, authority=self.authority)

    def address(self, school: str, authority: str) -> str:
        if self.school is not None:
            return reverse(f"children:{school}", args=[self.school.pk])
        return reverse(f"children:{authority}", args=[self.authority.pk if self.authority else None])


def _calendar_context(request: PortalRequest, owner: CalendarOwner) -> dict[str, Any]:
    """The academic year asked for in the address (else the present one), or one version of it, as months; what two versions
    have that differs; who may publish."""
    present = rules.academic_year_of(request.actor.today)
    holidays, rows, facts = queries.bank_holidays(), owner.rows, owner.facts
    by_key = {row.key: row for row in rows}
    one, other = (by_key.get(request.GET.get(key, "")) for key in ("version", "against"))
    counting = facts.year(request.GET.get("year", present)) or facts.year(present) or (facts.years or (None,))[-1]
    shown = one.facts if one else counting
    return {
        "years": facts.years,
        "shown": shown,
        "version": one,
        "against": other,
        "compared": rules.compared(other.facts.published, one.facts.published, holidays) if one and other else None,
        "months": rules.months_of(shown.published, holidays) if shown else [],
        "total": rules.pupil_days(shown.published, holidays) if shown else 0,
        "versions": rows,
        "own": bool(shown) and any(row.facts == shown for row in rows),
        "may_publish": queries.may_publish_for(request.actor, owner.school, owner.authority),
        "publish_at": owner.address("publish-school", "publish-pattern"),
    }


@guarded(May.PUBLISH_CALENDAR, methods=BOTH)
def publish_school(request: PortalRequest, school_id: UUID) -> HttpResponse:
    found = get_object_or_404(queries.schools_for(request.actor), pk=school_id)
    return _publish(request, CalendarOwner(found, None, queries.calendars_for(found, found.local_authority)))


@guarded(May.PUBLISH_CALENDAR, methods=BOTH)
def publish_pattern(request: PortalRequest, authority_id: UUID) -> HttpResponse:
    found = get_object_or_404(Authority, pk=authority_id, pk__in=[a.pk for a in queries.authorities_of(request.actor)])
    return _publish(request, CalendarOwner(None, found, queries.calendars_for(None, found)))


WAYS = {"form": "Fill in a form", "file": "Upload a file", "text": "Paste text"}


def _publish(request: PortalRequest, owner: CalendarOwner) -> HttpResponse:
    """Takes term dates filled in, as a file or as text: mistakes by field or line, then a preview with what changes, and
    only then a new version."""
    actor = request.actor
    require_role(actor, May.PUBLISH_CALENDAR)
    require(
        queries.may_publish_for(actor, owner.school, owner.authority),
        "Only the council in whose area a school lies publishes its calendar here.",
    )
    holidays = queries.bank_holidays()
    way, year, form = _dates_form(request, owner, holidays)
    back = owner.address("school", "pattern")
    adding = request.POST.get("step") == "add"
    checked = request.method == "POST" and not adding and form.is_valid() and form.reading is not None
    if checked and request.POST.get("step") == "publish" and _publish_years(request, form, owner):
        return redirect(back)
    context = {"form": form, "way": way, "ways": WAYS, "year": year, "owner": owner, "back": back}
    context["starts_from"] = owner.facts.year(year)
    context["years"] = rules.years_to_publish(actor.today, [each.academic_year for each in owner.facts.years])
    if checked:
        return render(
            request, "children/publish_preview.html", context | _preview_context(request, form, owner, holidays)
        )
    if adding:
        form.errors.clear()  # a row more is no attempt to finish
    return render(request, "children/publish.html", context | {"examples": EXAMPLES})


def _dates_form(request: PortalRequest, owner: CalendarOwner, holidays: dict[date, str]) -> tuple[str, str, Any]:
    """Which way the term dates come, for which year, and the form for it."""
    sent = request.POST if request.method == "POST" else None
    asked = request.GET if sent is None else sent
    way = asked.get("way", "form" if sent is None else "text")
    year = rules.academic_year_asked(asked.get("academic_year") or request.GET.get("year", ""), request.actor.today)
    if way == "file":
        return way, year, CalendarFileForm(sent, request.FILES if sent is not None else None, bank_holidays=holidays)
    if way == "form":
        return way, year, YearForm(sent, academic_year=year, now=owner.facts.year(year), bank_holidays=holidays)
    return "text", year, CalendarForm(sent, bank_holidays=holidays)


def _preview_context(
    request: PortalRequest, form: Any, owner: CalendarOwner, holidays: dict[date, str]
) -> dict[str, Any]:
    """What publishing would change, and the same years as text, which the button sends."""
    reading = form.reading
    seen = queries.latest_versions(owner.rows)
    return {
        "previews": queries.previews(reading.years, owner.facts, holidays),
        "warnings": reading.warnings,
        "concerned": queries.taught_by(owner.school, owner.authority, request.actor.today).count(),
        "text": as_toml(reading.name or owner.name, reading.years),
        "source": form.cleaned_data["source"] or getattr(form.cleaned_data.get("file"), "name", ""),
        "seen": [f"{year.academic_year}:{seen.get(year.academic_year, 0)}" for year in reading.years],
    }


def _publish_years(request: PortalRequest, form: Any, owner: CalendarOwner) -> bool:
    """Publishes every year that was read, or none; False, with the reason on the form, where somebody was quicker."""
    seen = dict(each.rpartition(":")[::2] for each in request.POST.getlist("seen"))
    try:
        made = actions.publish_calendars(
            years=form.reading.years, name=form.reading.name or owner.name, school=owner.school, authority=owner.authority,
            source=form.cleaned_data["source"], by=request.actor,
            seen={year: int(version) for year, version in seen.items() if version.isdecimal()} if seen else None,
        )  # fmt: skip
    except FactsConflict as conflict:
        form.add_error(None, conflict.sentence)
        return False
    said = ", ".join(f"{calendar.academic_year} (version {calendar.version})" for calendar in made)
    messages.success(request, f"Published: {said}. The days by which plans are due are worked out again.")
    return True


# --- bank holidays ----------------------------------------------------------------------------------------------------


@guarded(May.SEE_RULES, methods=BOTH)
def bank_holidays(request: PortalRequest) -> HttpResponse:
    """The bank holidays to come; administrators add a one-off, cancel one, or take such a change back."""
    actor = request.actor
    require_role(actor, May.SEE_RULES)
    may_change = may({held.role for held in actor.held}, May.CHANGE_BANK_HOLIDAYS)
    form = BankHolidayForm(request.POST if request.method == "POST" and "take_back" not in request.POST else None)
    if request.method == "POST":
        require_role(actor, May.CHANGE_BANK_HOLIDAYS)
        if said := _change_bank_holidays(request, form):
            messages.success(request, f"{said} The days by which plans are due are worked out again.")
            return redirect("children:bank-holidays")
    first = date(actor.today.year, 1, 1)
    rows = [row for row in queries.bank_holiday_rows(first) if row.day >= actor.today or row.changed]
    context = {"form": form if may_change else None, "rows": rows, "may_change": may_change, "list_ends": list_ends()}
    return render(request, "children/bank_holidays.html", context)


def _change_bank_holidays(request: PortalRequest, form: BankHolidayForm) -> str:
    """Does what was sent; returns the sentence that says it is done, or "" with the mistakes on the form."""
    if "take_back" in request.POST:
        try:
            day = date.fromisoformat(request.POST["take_back"])
        except ValueError:
            raise Http404("No such day.") from None
        actions.take_back_bank_holiday(day=day, by=request.actor)
        return f"{in_words(day)} is again as the list has it."
    if not form.is_valid():
        return ""
    data = form.cleaned_data
    try:
        cancelled = data["what"] == "cancel"
        made = actions.set_bank_holiday(day=data["day"], name=data["name"], cancelled=cancelled, by=request.actor)
    except FactsConflict as conflict:
        form.add_error(conflict.field or None, conflict.sentence)
        return ""
    return f"{made.name} on {in_words(made.day)} is {'cancelled' if cancelled else 'a bank holiday'}."
