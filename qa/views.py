"""The pages of signing, checking, copies, and the plans shared with somebody."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from children.policies import with_standing
from children.queries import enrolment_of, team_of
from funding.queries import requests_of
from pepportal.access.guard import PortalRequest, guarded, require, require_role
from pepportal.access.roles import Role
from pepportal.access.vocabulary import May
from pepportal.audit import actions as audit
from peps.policies import PepInView, pep_for
from peps.states import PepState
from qa import actions, queries, rules
from qa.editions import CARER, CHILD, EditionContent, edition
from qa.forms import QueueForm, ReviewForm, SignForm, sections_by_title
from qa.models import Delivery, Edition
from qa.policies import (
    WHOLE_RECORD,
    PepAsParty,
    copies_for,
    draft_for,
    edition_for,
    may_send,
    pep_as_party,
    sender_of,
    stands_in,
)
from qa.rendering import shaped
from qa.signing import board_of

PAGE = 25


# --- signing ----------------------------------------------------------------------------------------------------------


@guarded(May.SEE_CHILD)
def signatures(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """Who signs, who has, and what is missing before anybody can."""
    party = pep_as_party(request.actor, pep_id)
    audit.saw("signatures", party.pep, by=request.actor, child_id=party.pep.child_id)
    return render(
        request,
        "qa/signatures.html",
        {"party": party, "pep": party.pep, "child": party.view.child, "board": _board(request, party)},
    )


def _board(request: PortalRequest, party: PepAsParty):  # type: ignore[no-untyped-def]
    has_school = enrolment_of(party.pep.child, request.actor.today) is not None
    return board_of(
        party.pep,
        roles=party.roles,
        user_id=request.actor.id,
        stands_in=stands_in(party.pep, has_school=has_school),
        today=request.actor.today,
    )


@guarded(May.SEE_CHILD, methods=("GET", "POST"))
def sign(request: PortalRequest, pep_id: UUID, step: str) -> HttpResponse:
    """What one agrees to, a tick and a button."""
    party = pep_as_party(request.actor, pep_id)
    pep, board = party.pep, _board(request, party)
    row = next((each for each in board.rows if each.key == step), None)
    require(row is not None, "Your council’s rules don’t ask for this signature.")
    form = SignForm(request.POST if request.method == "POST" else None, initial={"read": pep.revision})
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.sign(pep, step=step, by=request.actor, read=form.cleaned_data["read"])
        except actions.NotNow as why:
            messages.error(request, str(why))
            return redirect("qa:signatures", pep_id)
        messages.success(
            request,
            "You have signed. The plan is now with the virtual school."
            if done.submitted
            else "You have signed the plan.",
        )
        return redirect("pages:pep", pep_id) if party.reads_plan else redirect("qa:signatures", pep_id)
    if row is None or not row.mine:
        messages.error(request, board.why_nobody or "This signature isn’t yours to give now.")
        return redirect("qa:signatures", pep_id)
    content = None
    if not party.reads_plan:
        audience = CHILD if Role.CHILD in party.roles else CARER
        content = edition(queries.plan_given(pep, team_of(pep.child, request.actor.today)), audience, draft=True)
        audit.saw("plan to sign", pep, by=request.actor, child_id=pep.child_id)
    context = {"party": party, "pep": pep, "child": party.view.child, "row": row, "form": form}
    return render(request, "qa/sign.html", context | _shown(content))


def _shown(content: EditionContent | None) -> dict[str, object]:
    return {"content": content, "parts": shaped(content) if content else []}


# --- the virtual school's check ---------------------------------------------------------------------------------------


@guarded(May.SEE_PEP, methods=("GET", "POST"))
def quality(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """The plan beside the rubric, for those who check; what was decided, for those who read the plan."""
    view = pep_for(request.actor, pep_id, May.SEE_PEP, looked_at="" if request.method == "POST" else "quality check")
    if request.method == "POST":
        view.require(May.REVIEW_QUALITY)
    policy = queries.quality_rules(view.pep)
    form = ReviewForm(
        policy, view.document, request.POST if request.method == "POST" else None, initial={"read": view.pep.revision}
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _decide(request, view, form)
        except actions.PlanMoved as why:
            view.pep.refresh_from_db()
            return render(
                request,
                "qa/moved.html",
                {"pep": view.pep, "child": view.child, "why": str(why), "form": None, "typed": form.typed},
                status=409,
            )
        except actions.NotNow as why:
            form.add_error("decision", str(why))
    elif request.method == "POST" and view.pep.state != PepState.SUBMITTED:
        late = f"This plan is {PepState(view.pep.state).words.lower()}: there is nothing to decide now."
        return render(
            request,
            "qa/moved.html",
            {"pep": view.pep, "child": view.child, "why": late, "form": None, "typed": form.typed},
            status=409,
        )
    return render(request, "qa/quality.html", _quality_context(request, view, form))


def _decide(request: PortalRequest, view: PepInView, form: ReviewForm) -> HttpResponse:
    read, chosen = form.cleaned_data["read"], form.cleaned_data
    if chosen["decision"] == rules.Verdict.RETURN:
        actions.return_for_amendment(
            view.pep,
            reading=form.reading,
            reason=chosen["return_reason"],
            sections=chosen["sections"],
            by=request.actor,
            read=read,
        )
        messages.success(request, "The plan is returned. Those who must change it have been told.")
        return redirect("qa:queue")
    done = actions.approve(view.pep, reading=form.reading, by=request.actor, read=read)
    if done.finalised:
        messages.success(
            request, "The plan is finalised. Copies are being made, and everybody who gets one has been told."
        )
        return redirect("qa:copies", view.pep.pk)
    waiting = " and ".join(queries.part_words(role).lower() for role in done.waiting_for)
    messages.success(request, f"You have approved the plan. It still needs the approval of the {waiting}.")
    return redirect("qa:queue")


def _quality_context(request: PortalRequest, view: PepInView, form: ReviewForm) -> dict[str, object]:
    pep = view.pep
    given = queries.approved_checks(pep)
    reviews = queries.reviews_of(pep)
    mine = view.may(May.REVIEW_QUALITY)
    decided = any(each.revision == pep.revision and each.reviewer_id == request.actor.id for each in reviews)
    checks = mine and pep.state == PepState.SUBMITTED and not decided
    content = (
        edition(queries.plan_given(pep, team_of(pep.child, request.actor.today)), "full", draft=True)
        if checks
        else None
    )
    needed = [(queries.part_words(role), given.get(role)) for role in queries.checks_of(pep)]
    context: dict[str, object] = {
        "pep": pep, "child": view.child, "form": form if checks else None, "policy": form.policy, "checks": checks, "reviewer": mine,
        "needed": needed, "reviews": [_told(each, view, form) for each in reviews],
        "requests": requests_of(pep) if view.may(May.SEE_FUNDING) else [], "decided": decided, "state": PepState(pep.state),
    }  # fmt: skip
    return context | _shown(content)


def _told(review, view: PepInView, form: ReviewForm) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """One earlier reading, worded for the page."""
    policy = form.policy
    graded = [
        (each.title, policy.grade(review.grades[each.key]), review.comments.get(each.key, ""))
        for each in policy.criteria
        if each.key in review.grades
    ]
    titles = sections_by_title(view.document, review.sections_to_amend)
    return {"review": review, "overall": policy.grade(review.overall), "graded": graded, "sections": titles}


@guarded(May.REVIEW_QUALITY)
def queue(request: PortalRequest) -> HttpResponse:
    """Plans that wait for the virtual school, longest first."""
    require_role(request.actor, May.REVIEW_QUALITY)
    form = QueueForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    state = asked.get("state") or PepState.SUBMITTED.value
    found = queries.queue(request.actor, state=state, words=asked.get("q", ""), kind=asked.get("kind", ""))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = queries.queue_rows(page.object_list)
    audit.saw("quality queue", ("quality", state), by=request.actor, children=[row.pep.child_id for row in rows])
    context = {"filter_form": form, "page": page, "rows": rows, "state": state, "today": request.actor.today}
    return render(request, "qa/queue.html", context)


# --- copies -----------------------------------------------------------------------------------------------------------


@guarded(May.SEE_PEP)
def copies(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """Which copies there are, and who got which and when."""
    view = pep_for(request.actor, pep_id, May.SEE_PEP, looked_at="copies")
    pep, allowed = view.pep, copies_for(view.roles)
    draft = draft_for(view.roles)
    found = [
        (each, each.audience == draft if each.draft else each.audience in allowed) for each in queries.copies_of(pep)
    ]
    finished = pep.state in (PepState.FINALISED, PepState.CLOSED)
    context = {
        "pep": pep, "child": view.child, "copies": found, "deliveries": _deliveries(view), "finished": finished,
        "draft": draft if not finished else None, "state": PepState(pep.state),
    }  # fmt: skip
    return render(request, "qa/copies.html", context)


def _deliveries(view: PepInView) -> list[tuple[Delivery, bool, str]]:
    """Who gets a copy; of those that leave by hand, whether this person writes down that they have gone, and whose job it is."""
    pep = view.pep
    return [
        (each, False, "")
        if each.method == "portal"
        else (
            each,
            may_send(pep, each.audience, each.method, view.roles),
            queries.part_words(sender_of(pep, each.method)).lower(),
        )
        for each in queries.deliveries_of(pep)
    ]


@guarded(May.EXPORT_PDF, methods=("POST",))
def draft_copy(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """Asks for a draft of the plan as it stands."""
    view = pep_for(request.actor, pep_id, May.SEE_PEP)
    view.require(May.EXPORT_PDF)
    try:
        made = actions.request_draft_copy(view.pep, by=request.actor)
    except actions.NotNow as why:
        messages.error(request, str(why))
        return redirect("qa:copies", pep_id)
    return redirect("qa:download", made.pk)


@guarded(May.SEE_PEP, methods=("POST",))
def posted(request: PortalRequest, delivery_id: UUID) -> HttpResponse:
    """A copy has gone by post, or into the case system."""
    delivery = get_object_or_404(
        Delivery.objects.select_related("pep").filter(pep__child__in=with_standing(request.actor).values("pk")),
        pk=delivery_id,
    )
    pep_for(request.actor, delivery.pep_id, May.SEE_PEP)
    try:
        actions.mark_posted(delivery, by=request.actor)
    except actions.NotNow as why:
        messages.error(request, str(why))
    else:
        messages.success(request, f"Written down: the copy for {delivery.to_name} has gone.")
    return redirect("qa:copies", delivery.pep_id)


@guarded(May.SEE_SHARED_EDITION)
def download(request: PortalRequest, edition_id: UUID) -> HttpResponse:
    """The copy as a PDF, once it has been made."""
    view = edition_for(request.actor, edition_id)
    if view.edition.work_state != "done":
        return _being_made(request, view.edition)
    actions.hand_out(view.edition, how="download copy", by=request.actor)
    draft = "-draft" if view.edition.draft else ""
    name = f"{view.edition.pep.child.reference}-PEP-{view.edition.audience}{draft}-v{view.edition.revision}.pdf"
    response = FileResponse(
        view.edition.file.open("rb"), as_attachment=True, filename=name, content_type="application/pdf"
    )
    return _private(response)


@guarded(May.SEE_SHARED_EDITION)
def read(request: PortalRequest, edition_id: UUID) -> HttpResponse:
    """The same copy as a page, for a phone."""
    view = edition_for(request.actor, edition_id)
    if view.edition.work_state != "done":
        return _being_made(request, view.edition)
    actions.hand_out(view.edition, how="read copy", by=request.actor)
    with default_storage.open(str(view.edition.file.name).removesuffix(".pdf") + ".json") as kept:
        content = EditionContent.from_json(json.load(kept))
    context = {"edition": view.edition, "own": view.edition.audience == CHILD, "back": _back(request, view.edition)}
    return _private(render(request, "qa/read.html", context | _shown(content)))


def _back(request: PortalRequest, edition: Edition) -> str:
    """Where a reader came from: those who work on the plan from its copies, the others from what is shared with them."""
    works = request.actor.holds(*WHOLE_RECORD, Role.DESIGNATED_TEACHER)
    return reverse("qa:copies", args=[edition.pep_id]) if works else reverse("qa:shared")


def _being_made(request: PortalRequest, owed: Edition) -> HttpResponse:
    failed = owed.work_state == "failed"
    response = render(request, "qa/being_made.html", {"edition": owed, "failed": failed, "back": _back(request, owed)})
    return _private(response)


def _private(response: HttpResponse | FileResponse) -> HttpResponse:
    """Nothing about a child is kept by a browser or a cache on the way."""
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]


@guarded(May.SEE_SHARED_EDITION)
def shared(request: PortalRequest) -> HttpResponse:
    """The finished plans shared with me; for a reviewing officer also the care reviews whose plan isn't finished."""
    officer = request.actor.holds(Role.IRO)
    page = Paginator(queries.shared_with(request.actor), PAGE).get_page(request.GET.get("page"))
    rows = queries.shared_rows(page.object_list, request.actor.today, for_review=officer)
    coming = queries.coming_reviews(request.actor, request.actor.today) if officer else []
    children = {row.child.pk for row in rows} | {row.child.pk for row in coming}
    audit.saw("plans shared with me", ("shared", request.actor.id), by=request.actor, children=children)
    own = bool(rows) and all(row.edition.audience == CHILD for row in rows)
    return render(
        request, "qa/shared.html", {"page": page, "rows": rows, "coming": coming, "officer": officer, "own": own}
    )
