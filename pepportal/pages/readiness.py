"""Before the meeting: what the council's rules want ready, who still owes it and by when; what people confirm (R30, R35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from children.rules import phase_of
from pepportal.access.actor import Actor
from pepportal.access.guard import PortalRequest, guarded, require
from pepportal.access.vocabulary import May
from pepportal.clock.models import Obligation
from pepportal.pages.plan import PlanRow
from pepportal.pages.queries import BesidePlan, beside_plan
from pepportal.ui.wording import in_words, join_words
from peps.actions import confirm
from peps.models import Confirmed
from peps.policies import PepInView, may_write_section, pep_for
from peps.policy import pep_policy
from peps.states import NotPossible, PepState

RIGHT_FORM, EVERYONE = "right_form", "everyone_has_read"
TITLES = {
    "social_worker": "The social worker’s part",
    "designated_teacher": "The designated teacher’s part",
    "sdq": "The SDQ score",
    "child": "What the child thinks",
    "targets": "Ideas for targets",
    "attainment": "Attainment",
    "attendance": "Attendance",
    "plans": "Other plans for the child (SEN support, EHCP)",
    "funding": "Ideas for Pupil Premium Plus",
    RIGHT_FORM: "The right form is allocated",
    EVERYONE: "Everybody asked has read the plan",
}
SECTIONS = {
    "child": ("child_views",), "targets": ("targets",), "attainment": ("attainment",), "attendance": ("school_attendance",),
    "plans": ("support", "needs_plan"), "funding": ("funding",), "sdq": ("sdq",),
}  # fmt: skip
"""Part → the sections of the forms that hold it; a form that has none of them has its questions elsewhere."""


@dataclass(frozen=True)
class ReadyRow:
    """One thing that is wanted before the meeting."""

    part: str
    title: str
    href: str
    who: str
    by_words: str
    status: str
    """ready, waiting or late."""
    word: str


@dataclass(frozen=True)
class Readiness:
    """The list, and what this reader can confirm."""

    rows: list[ReadyRow]
    ask_form: bool
    """This reader says whether the form is the right one."""
    other_phase: str
    """The child is in another phase than the form's: what the page asks about, or ""."""
    ask_read: bool
    read_by: list[str]
    not_read_by: list[str]

    @property
    def left(self) -> int:
        return sum(row.status != "ready" for row in self.rows)


def readiness_of(view: PepInView, rows: list[PlanRow], beside: BesidePlan, actor: Actor) -> Readiness | None:
    """What is ready before the meeting of a plan in preparation; None once the meeting is held, and for an informal review,
    which has none. The clock's own answer counts where it has one: before the meeting is arranged there is no day yet."""
    pep = view.pep
    if pep.state != PepState.PREPARING or pep.informal:
        return None
    parts = view.rules.table("deadlines")["prepared"]["parts"]
    owed = {
        "sdq" if row.kind == "sdq" else row.key.rsplit(":", 1)[-1]: row
        for row in beside.obligations
        if row.kind in ("prepare", "sdq")
    }
    form_right = any(each["what"] == Confirmed.RIGHT_FORM for each in beside.confirmed)
    readers = {each["user"]: each["name"] for each in beside.confirmed if each["what"] == Confirmed.HAS_READ}
    asked = beside.asked if EVERYONE in parts else {}
    ready = {RIGHT_FORM: form_right, EVERYONE: bool(asked) and asked.keys() <= readers.keys()}
    wanted = [*parts, *(["sdq"] if "sdq" in owed and "sdq" not in parts else [])]
    found = [_row(part, owed.get(part), rows, view, beside, ready, actor.today) for part in wanted if part in TITLES]
    other = "" if form_right else _other_phase(view, beside.school_phase, actor.today)
    me = str(actor.user_id)
    return Readiness(
        rows=found,
        ask_form=(RIGHT_FORM in parts or bool(other)) and not form_right and _leads_at_school(view),
        other_phase=other,
        ask_read=me in asked and me not in readers,
        read_by=sorted(readers.values()) if EVERYONE in parts else [],
        not_read_by=sorted(name for pk, name in asked.items() if pk not in readers),
    )


def _row(
    part: str, owed: Obligation | None, rows: Iterable[PlanRow], view: PepInView, beside: BesidePlan, ready: dict[str, bool],
    today: date,
) -> ReadyRow:  # fmt: skip
    mine = _sections(part, rows)
    done = bool(mine) and all(row.done or row.optional for row in mine)
    if part in ready:
        done = ready[part]
    elif owed is not None:
        done = owed.met_on is not None
    late = not done and owed is not None and owed.due_on < today
    status = "ready" if done else "late" if late else "waiting"
    who = beside.holders.get(owed.holder_id, "") if owed is not None and owed.holder_id else ""
    title = f"What {view.child.first_name} thinks" if part == "child" else TITLES[part]
    by = f"by {in_words(owed.due_on, year=False)}" if owed is not None and not done else ""
    href = mine[0].href if mine else ""
    return ReadyRow(part, title, href, who or (mine[0].owner_name if mine else ""), by, status, status.capitalize())


def _sections(part: str, rows: Iterable[PlanRow]) -> list[PlanRow]:
    """The sections that hold a part. What has a page of its own (targets, scores, money) is a part of its own."""
    if part in ("social_worker", "designated_teacher"):
        return [row for row in rows if row.owner == part and row.key not in ("targets", "sdq", "funding")]
    return [row for row in rows if row.key in SECTIONS.get(part, ())]


PHASE_WORDS = {"early_years": "early years", "primary": "primary", "secondary": "secondary", "post_16": "post-16"}


def _other_phase(view: PepInView, school_phase: str, today: date) -> str:
    """Where the child's phase today has another form than this plan's: both in words (R30, R31)."""
    forms = pep_policy(view.rules.table("responsibilities"), view.rules.table("form")).forms
    phase = phase_of(view.child.date_of_birth, today, school_phase)
    if forms[phase] == view.pep.form_version.key:
        return ""
    return (
        f"This plan has the form for {PHASE_WORDS.get(view.document.phase, view.document.title)}; "
        f"{view.child.first_name} is in {PHASE_WORDS[phase]} now."
    )


def _leads_at_school(view: PepInView) -> bool:
    """The designated teacher, or whoever does the school's part where the child has no school."""
    return may_write_section(
        view.roles, "designated_teacher", has_school=view.has_school, school_part_by=view.school_part_by
    )


@guarded(May.WRITE_DT_SECTIONS, methods=("POST",))
def confirm_form(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """The designated teacher says that the plan has the right form (R30)."""
    view = pep_for(request.actor, pep_id, May.SEE_PEP)
    require(_leads_at_school(view), "Only the designated teacher confirms that the plan has the right form.")
    return _keep(request, view, Confirmed.RIGHT_FORM, "Thank you. The form is confirmed as the right one.")


@guarded(May.SEE_PEP, methods=("POST",))
def confirm_read(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """Somebody who is asked to the meeting says that they have read the plan (R35)."""
    view = pep_for(request.actor, pep_id, May.SEE_PEP)
    if str(request.actor.user_id) not in beside_plan(view.pep, request.actor.today).asked:
        messages.error(request, "Only people who are asked to this plan’s meeting confirm that they have read it.")
        return redirect("pages:pep", pep_id)
    return _keep(request, view, Confirmed.HAS_READ, "Thank you. The others can see that you have read the plan.")


def _keep(request: PortalRequest, view: PepInView, what: Confirmed, thanks: str) -> HttpResponse:
    try:
        confirm(view.pep, what=what, by=request.actor)
        messages.success(request, thanks)
    except NotPossible as why:
        messages.error(request, str(why))
    return redirect(reverse("pages:pep", args=[view.pep.pk]))


def read_words(readiness: Readiness) -> str:
    """Who has read the plan, in one sentence."""
    said = (
        f"Read by {join_words(readiness.read_by)}."
        if readiness.read_by
        else "Nobody has said yet that they have read it."
    )
    return said + (f" Not yet by {join_words(readiness.not_read_by)}." if readiness.not_read_by else "")
