"""The pages people live in. Each loads in scope, asks one query or action, and renders."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from children.policies import child_for
from children.queries import team_of
from children.rules import year_group, year_words
from pepportal.access.actor import Actor
from pepportal.access.guard import PortalRequest, guarded, open_to_all, require
from pepportal.access.roles import ROLES, may
from pepportal.access.vocabulary import May
from pepportal.audit import actions as audit
from pepportal.clock.opening import tell_organiser
from pepportal.notify.queries import undeliverable_count
from pepportal.pages import caseload as caseloads
from pepportal.pages import child_page as child_pages
from pepportal.pages import owed, plan, queries, readiness, why
from pepportal.pages.forms import CaseloadForm
from pepportal.pages.panels import panel_missing, section_href
from peps import actions as pep_actions
from peps.models import PepKind
from peps.policies import pep_for, section_for
from peps.states import NotPossible, PepState
from qa.actions import ask_to_sign
from qa.queries import checked


@guarded()
def home(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    if not actor.held:
        return render(request, "pages/home_family.html", {"home": queries.family_home(actor), "today": actor.today})
    found = queries.home_of(actor)
    shown = {row.child.pk for row in (*found.owed, *found.waiting)}
    if shown:
        audit.saw("their work", ("page", "home"), by=actor, children=shown)
    context = {
        "home": found, "today": actor.today, "may_record": _may_record(actor), "undelivered": undeliverable_count(actor),
    }  # fmt: skip
    return render(request, "pages/home.html", context | owed.waiting_table(found.waiting))


def _may_record(actor: Actor) -> bool:
    return any(May.RECORD_CHILD in ROLES[held.role].may for held in actor.held)


@guarded()
def caseload(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    if not actor.held:
        raise PermissionDenied("This list is for people who work with looked-after children. Your page is “My work”.")
    form = CaseloadForm(request.GET or None, schools=caseloads.schools_of(actor))
    wanted = form.filters()
    rows = caseloads.caseload(actor, wanted)
    page = Paginator(rows, form.size()).get_page(request.GET.get("page"))
    if page.object_list:
        audit.saw("list of children", ("page", "caseload"), by=actor, children=[child.pk for child in page.object_list])
    context = {"form": form, "page": page, "wanted": wanted, "today": actor.today, "may_record": _may_record(actor)}
    return render(
        request, "pages/caseload.html", context | caseloads.caseload_table(page, wanted, request.GET, actor.today)
    )


@guarded(May.SEE_CHILD)
def child(request: PortalRequest, child_id: UUID) -> HttpResponse:
    actor = request.actor
    view = child_for(actor, child_id, May.SEE_CHILD, looked_at="child's page")
    team = team_of(view.child, actor.today)
    full = view.may(May.SEE_PEP)
    page = child_pages.child_page(view, team, actor.today, obligations=full)
    context = {
        "view": view, "child": view.child, "team": team, "today": actor.today, "full": full, "page": page,
        "year": year_words(year_group(view.child.date_of_birth, actor.today)),
        "may_change": view.may(May.CHANGE_FACTS), "may_see_care": view.may(May.SEE_CARE_FACTS),
        "may_record_change": view.may(May.ARRANGE_MEETING) and page.episode is not None and page.episode.ended_on is None,
    }  # fmt: skip
    return render(request, "pages/child.html", context | child_pages.child_tables(view, team, page))


@guarded(May.SEE_PEP)
def deadline(request: PortalRequest, child_id: UUID, key: str) -> HttpResponse:
    actor = request.actor
    view = child_for(actor, child_id, May.SEE_PEP, looked_at="deadline explained")
    team = team_of(view.child, actor.today)
    found = why.explained(view.child, team, key, actor.today)
    past = why.once_owed(view.child, key) if found is None else None
    if found is None and past is None:
        raise Http404("Nothing of that name is due for this child.")
    context = {
        "child": view.child, "found": found, "past": past, "story": why.story_of(child_id, key), "today": actor.today,
        "as_list": request.GET.get("show") == "list",
    }  # fmt: skip
    if past is not None:
        return render(request, "pages/deadline_past.html", context)
    return render(request, "pages/deadline.html", context)


@guarded(May.SEE_PEP)
def pep(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    actor = request.actor
    view = pep_for(actor, pep_id, May.SEE_PEP, looked_at="working PEP")
    known = checked(view.pep)
    returned = known.last if view.pep.state == PepState.RETURNED else None
    rows = plan.rows_of(view, known)
    beside = queries.beside_plan(view.pep, actor.today)
    due = queries.next_due_of(view.pep, view.child, view.school, beside, actor)
    mine = [row for row in rows if row.mine] if view.writable else []
    context = {
        "view": view, "pep": view.pep, "child": view.child, "rows": rows, "mine": mine, "due": due, "today": actor.today,
        "steps": plan.next_steps(view, rows), "tallies": plan.tallies(rows), "returned": returned,
        "may_sign": view.may(May.SIGN), "may_review": view.may(May.REVIEW_QUALITY), "may_export": view.may(May.EXPORT_PDF),
        "all_done": all(row.done or row.optional for row in rows if row.status != "not_yet"),
        "may_arrange": view.may(May.ARRANGE_MEETING), "other_meetings": beside.others,
        "informal": view.pep.informal and view.pep.state == PepState.PREPARING,
        "may_review_informally": view.may(May.REVIEW_QUALITY),
    }  # fmt: skip
    found = readiness.readiness_of(view, rows, beside, actor)
    ready = {"readiness": found, "read_words": readiness.read_words(found)} if found else {}
    return render(request, "pages/pep.html", context | ready)


@guarded(May.MARK_COMPLETE, methods=("POST",))
def complete_section(request: PortalRequest, pep_id: UUID, key: str) -> HttpResponse:
    actor = request.actor
    seen = section_for(actor, pep_id, key)
    view, section = seen.plan, seen.section
    require(view.may_complete(section), f"Only {view.owner_of(section)} marks this section complete.")
    try:
        pep_actions.mark_section_complete(view.pep, key, panel_missing=panel_missing(view.pep, section), by=actor)
        ask_to_sign(view.pep, by=actor)
    except pep_actions.NotComplete as left:
        messages.error(request, f"“{section.title}” can’t be marked complete yet. {left}")
        return redirect(section_href(view.pep, section))
    except NotPossible as why:
        messages.error(request, str(why))
        return redirect(section_href(view.pep, section))
    messages.success(request, f"“{section.title}” is marked complete.")
    return redirect("pages:pep", pep_id) if view.may(May.SEE_PEP) else redirect("pages:home")


@guarded(May.ARRANGE_MEETING, methods=("POST",))
def open_next(request: PortalRequest, child_id: UUID) -> HttpResponse:
    """Opens the plan that follows the last one (R5): by hand, where somebody wants it before its time."""
    actor = request.actor
    view = child_for(actor, child_id, May.ARRANGE_MEETING)
    last = queries.last_plan(view.child)
    if last is None or last.state in (PepState.PREPARING, PepState.COMPLETING, PepState.SUBMITTED, PepState.RETURNED):
        messages.error(request, "A plan is open already: finish it first.")
        return redirect("pages:child", child_id)
    made = pep_actions.open_pep(
        child=view.child, episode=last.episode, kind=PepKind.REVIEW, cause=f"review:{last.pk}",
        trigger_on=queries.trigger_of_next(last), by=actor,
    )  # fmt: skip
    tell_organiser(made, by=actor)
    messages.success(request, "The next plan is open. What has to be done is below.")
    return redirect("pages:pep", made.pk)


@guarded()
def help_page(request: PortalRequest) -> HttpResponse:
    held = {each.role for each in request.actor.held}
    return render(request, "pages/help.html", {"roles": held, "may_see_what_if": may(held, May.SEE_PEP)})


@guarded()
def roles(request: PortalRequest) -> HttpResponse:
    verbs = [(verb, [about.title for about in ROLES.values() if verb in about.may]) for verb in May]
    return render(
        request,
        "pages/roles.html",
        {"roles": ROLES.items(), "verbs": verbs, "held": {held.role for held in request.actor.held}},
    )


@open_to_all("the law asks for a public accessibility statement")
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@open_to_all("people may read how their data is used before they sign in")
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@open_to_all("monitoring asks whether the portal is up; it says nothing else")
def health(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"up": True, "demonstration": settings.DEMONSTRATION})
