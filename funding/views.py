"""Pages of Pupil Premium Plus: one plan's money, and the authority's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from funding import actions, listing, queries, rules
from funding.forms import DecisionForm, LedgerForm, RequestForm, SchemeForm
from funding.models import FundingRequest
from funding.policies import Rights, authorities_with, rights
from pepportal.access.guard import PortalRequest, guarded, require
from pepportal.access.vocabulary import May
from pepportal.accounts.models import Authority
from pepportal.audit import actions as audit
from peps.policies import PepInView, pep_for
from peps.states import NotPossible


def _open(request: PortalRequest, pep_id: UUID, *, looked_at: str = "") -> tuple[PepInView, Rights]:
    view = pep_for(request.actor, pep_id, May.SEE_FUNDING, looked_at=looked_at)
    return view, rights(view, request.actor)


def _request(view: PepInView, request_id: UUID) -> FundingRequest:
    found = next((each for each in queries.requests_of(view.pep) if each.pk == request_id), None)
    if found is None or found.state == "withdrawn":
        raise Http404("This plan has no such request.")
    return found


def _frame(view: PepInView, mine: Rights) -> dict[str, Any]:
    return {
        "view": view, "pep": view.pep, "child": view.child, "rights": mine, "section": mine.section,
        "owner_name": view.owner_of(mine.section),
    }  # fmt: skip


@guarded(May.SEE_FUNDING)
def panel(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, looked_at="Pupil Premium Plus")
    return _show(request, view, mine)


def _show(request: PortalRequest, view: PepInView, mine: Rights, wrong: DecisionForm | None = None) -> HttpResponse:
    today = request.actor.today
    scheme = queries.scheme_of(view.pep, today)
    found = queries.requests_of(view.pep)
    cards = listing.cards(found, view.pep, today, rights=mine, wrong=wrong)
    context = {
        "cards": cards, "scheme": rules.in_words(scheme, today), "seen": listing.seen_words(scheme, today), "form": wrong,
        "left": queries.panel_status(view.pep).missing, "asked": sum(card.live for card in cards),
    }  # fmt: skip
    return render(request, "funding/panel.html", _frame(view, mine) | context)


def _request_form(request: PortalRequest, view: PepInView, row: FundingRequest | None = None) -> RequestForm:
    today = request.actor.today
    return RequestForm(
        request.POST if request.method == "POST" else None,
        scheme=queries.scheme_of(view.pep, today),
        choices=queries.target_choices(view.pep),
        today=today,
        others=queries.taken_by(view.child.pk, but=row.pk if row else None),
        request=row,
    )


@guarded(May.REQUEST_FUNDING, methods=("GET", "POST"))
def ask(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id)
    mine.require_asking()
    form = _request_form(request, view)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(view.pep, values=form.values, by=request.actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(
                request, f"{rules.pounds(form.values.amount_pence)} is asked for. The virtual school decides."
            )
            return redirect("funding:panel", pep_id)
    return render(request, "funding/ask.html", _frame(view, mine) | {"form": form, "title": "Ask for money"})


@guarded(May.REQUEST_FUNDING, methods=("GET", "POST"))
def change(request: PortalRequest, pep_id: UUID, request_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id)
    mine.require_asking()
    row = _request(view, request_id)
    form = _request_form(request, view, row)
    context = _frame(view, mine) | {"form": form, "title": "Change what is asked for", "row": row}
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.amend(row, values=form.values, based_on=_revision(request), by=request.actor)
        except NotPossible as why:
            form.add_error(None, str(why))
            return render(request, "funding/ask.html", context)
        if isinstance(done, actions.Conflict):
            theirs = {"conflict": done, "row": done.row, "theirs": listing.facts(done.row)}
            return render(request, "funding/ask.html", context | theirs, status=409)
        messages.success(request, "The request is changed. The virtual school decides.")
        return redirect("funding:panel", pep_id)
    return render(request, "funding/ask.html", context | {"based_on": _revision(request) or row.revision})


def _revision(request: PortalRequest) -> int:
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0


@guarded(May.REQUEST_FUNDING, methods=("GET", "POST"))
def withdraw(request: PortalRequest, pep_id: UUID, request_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id)
    mine.require_asking()
    row = _request(view, request_id)
    if request.method == "POST":
        try:
            actions.withdraw(row, by=request.actor)
            messages.success(request, "The request is withdrawn.")
        except NotPossible as why:
            messages.error(request, str(why))
        return redirect("funding:panel", pep_id)
    return render(request, "funding/withdraw.html", _frame(view, mine) | {"row": row})


@guarded(May.AGREE_FUNDING, methods=("POST",))
def decide(request: PortalRequest, pep_id: UUID, request_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id)
    mine.require_deciding()
    row = _request(view, request_id)
    form = DecisionForm(request.POST, request=row)
    if not form.is_valid():
        return _show(request, view, mine, form)
    given = form.cleaned_data
    agree = given["decision"] == "agree"
    try:
        done = actions.decide(
            row, agree=agree, pence=given["amount"] if agree else None, reason=given["reason"],
            based_on=_revision(request), by=request.actor,
        )  # fmt: skip
    except NotPossible as why:
        messages.error(request, str(why))
        return redirect("funding:panel", pep_id)
    if isinstance(done, actions.Conflict):
        messages.error(request, f"{done.who} changed this request while you were reading. Read it again, then decide.")
    else:
        messages.success(
            request, f"{rules.pounds(done.agreed_pence or 0)} is agreed." if agree else "The request is not agreed."
        )
    return redirect("funding:panel", pep_id)


# --- the authority ----------------------------------------------------------------------------------------------------


@guarded(May.SEE_FUNDING)
def ledger(request: PortalRequest) -> HttpResponse:
    """Every request for the authority's children, for the virtual school and finance (R67)."""
    actor = request.actor
    authorities = authorities_with(actor, May.SEE_FUNDING)
    require(bool(authorities), "This list is for the virtual school and its finance officers.")
    form = LedgerForm(request.GET or None)
    search, stage, sort = form.wanted()
    found = listing.search(queries.money_of(authorities, actor.today), search, stage)
    page = Paginator(listing.sorted_by(found, sort), 25).get_page(request.GET.get("page"))
    if page.object_list:
        shown = [row.pep.child_id for row in page.object_list]
        audit.saw("list of Pupil Premium Plus", ("page", "funding"), by=actor, children=shown)
    context = {
        "form": form, "page": page, "filtered": bool(search or stage), "totals": listing.total_rows(queries.totals(found)),
        "columns": listing.COLUMNS, "rows": listing.table_rows(page.object_list),
        "entering": listing.schemes_to_enter(authorities_with(actor, May.AGREE_FUNDING), actor.today),
    }  # fmt: skip
    return render(request, "funding/list.html", context)


@guarded(May.AGREE_FUNDING, methods=("GET", "POST"))
def scheme(request: PortalRequest, authority_id: UUID) -> HttpResponse:
    """Enters what the virtual school pays this financial year, where its rules leave the figures open."""
    actor = request.actor
    require(bool(authorities_with(actor, May.AGREE_FUNDING)), "The scheme is entered by the virtual school.")
    authority = Authority.objects.filter(pk__in=authorities_with(actor, May.AGREE_FUNDING), pk=authority_id).first()
    if authority is None:
        raise Http404("Not your authority.")
    year = rules.financial_year(actor.today)
    kept = queries.entered_scheme(authority, year)
    shown = {"amount": kept.amount_pence, "times": kept.times_a_year} if kept else None
    form = SchemeForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        actions.enter_scheme(
            authority, financial_year=year, amount_pence=form.cleaned_data["amount"],
            times_a_year=form.cleaned_data["times"], by=actor,
        )  # fmt: skip
        messages.success(request, f"The scheme for {year} is entered. Money that waited for it is being released.")
        return redirect("funding:list")
    return render(request, "funding/scheme.html", {"form": form, "authority": authority, "year": year, "kept": kept})
