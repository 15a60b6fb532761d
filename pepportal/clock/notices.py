"""What chasing and opening say to whom. Subject and lines name no child, school or person: the reference only (R46); screen text may."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from pepportal.clock.models import Obligation
from pepportal.notify.actions import Message
from pepportal.ui.wording import count_words, in_words, join_words, upper_first
from peps.models import Pep

ROLE_WORDS = {
    "designated_teacher": "designated teacher",
    "social_worker": "social worker",
    "team_manager": "social worker’s manager",
    "head_teacher": "head teacher",
    "carer": "carer",
    "child": "child",
    "iro": "independent reviewing officer",
    "virtual_school": "virtual school",
    "virtual_school_caseworker": "virtual school",
    "virtual_school_phase_lead": "virtual school",
    "virtual_school_deputy": "virtual school",
    "virtual_school_head": "virtual school head",
    "data_team": "data team",
}
UNIT_WORDS = {"school": "school day", "working": "working day", "calendar": "day"}


@dataclass(frozen=True)
class Words:
    """How one kind of thing due is spoken of: never with a title that somebody wrote, which might name a school."""

    asks: str
    """A subject up to the day: "A PEP needs your part"."""
    thing: str
    """What was due, said to somebody else: "A part of a PEP"."""
    act: str
    """What is to be done."""
    mine: str = ""
    """What was due, said to whoever holds it; else ``thing``."""
    page: str = "pages:pep"


PART = Words("A PEP needs your part", "A part of a PEP", "fill in your part of the plan", "Your part of a PEP")
WORDS = {
    "first_pep": Words("A first PEP is to be started", "The start of a first PEP", "start the first plan"),
    "extra_pep": Words("An extra PEP is due", "An extra PEP", "see that an extra plan is made after a change"),
    "initiated": Words("A PEP is to be started", "The start of a PEP", "start the plan"),
    "arranged": Words("A PEP meeting is to be arranged", "The arranging of a PEP meeting", "arrange the meeting",
                      page="meetings:panel"),
    "meeting": Words("A PEP meeting is due", "A PEP meeting", "see that the meeting is held and recorded", page="meetings:panel"),
    "formal_review": Words("A PEP review needs a formal meeting", "A formal PEP review", "see that the formal meeting is held",
                           page="meetings:panel"),
    "next_review": Words("The next PEP is due", "The next PEP", "see that the next plan is opened and its meeting held"),
    "completed": Words("A PEP is to be complete", "A finished PEP", "complete the plan"),
    "prepare": PART,
    "complete": Words("A PEP needs your part", "A part of a PEP", "finish and sign your part of the plan", "Your part of a PEP"),
    "return": Words("A PEP is to go back to the social worker", "The return of a PEP to the social worker",
                    "return the plan to the social worker"),
    "amend": Words("A returned PEP needs your changes", "The changes to a returned PEP", "amend the returned plan",
                   "Your changes to a returned PEP"),
    "quality": Words("A PEP waits for your check", "The check of a PEP", "check the plan", page="qa:quality"),
    "care_review": Words("A PEP is needed for a care review", "A PEP for a care review",
                         "have the finished plan ready for the care review"),
    "upload": Words("A PEP is to be put into the case system", "The upload of a PEP", "put the finished plan into the case system",
                    page="qa:copies"),
    "send": Words("A copy of a PEP is to be sent", "A copy of a PEP", "send the copy of the finished plan", page="qa:copies"),
    "sdq": Words("An SDQ score is due", "An SDQ score", "enter the SDQ score", page="targets:sdq"),
    "data": Words("The term’s data for a PEP is due", "The term’s data for a PEP", "enter this term’s data"),
    "allocate": Words("A child needs a social worker", "A social worker for a child", "record who the social worker is"),
    "teacher": Words("A designated teacher is to be recorded", "A designated teacher for a child",
                     "find out and record who the designated teacher is"),
    "next_school": Words("A next school is to be recorded", "The next school of a child", "record the next school"),
}  # fmt: skip
ANYTHING = Words("Something about a PEP is due", "Something about a PEP", "see to what is due")


def words_for(row: Obligation) -> Words:
    return WORDS.get(row.kind, ANYTHING)


def _link(row: Obligation) -> str:
    if row.pep_id is None:
        return reverse("pages:child", args=[row.child_id])
    return reverse(words_for(row).page, args=[row.pep_id])


def _the(role: str) -> str:
    return f"the {ROLE_WORDS.get(role, role.replace('_', ' '))}"


def ago_words(row: Obligation, today: date, counted: int | None) -> str:
    """How long ago it was due: in the council's own days where some have gone by, else in days; never "0 days"."""
    unit = UNIT_WORDS.get(row.unit, "day")
    number = counted if counted else (today - row.due_on).days
    return f"{count_words(number, unit if counted else 'day')} ago"


def _was_due(row: Obligation, today: date, counted: int | None) -> str:
    return f"was due on {in_words(row.due_on, year=False)}, {ago_words(row, today, counted)}"


def _why_mine(row: Obligation, role: str) -> str:
    if role in (row.holder_role, ""):
        return f"You get this because it is with {_the(row.holder_role)}."
    return f"You get this because it needs {_the(role)} as well, though it is with {_the(row.holder_role)}."


def reminder(row: Obligation, *, role: str) -> Message:
    """To whoever holds it, before it is due (R15)."""
    words = words_for(row)
    when = in_words(row.due_on, year=False)
    return Message(
        kind="reminder",
        subject=f"{words.asks} by {when}",
        lines=(f"For the child {row.child.reference}: please {words.act}.", f"It is due by {when}.", _why_mine(row, role)),
        link=_link(row),
        link_text="Go to it",
        screen_text=f"{row.child.name}: {words.act}, by {when}.",
        due_on=row.due_on,
    )  # fmt: skip


def overdue(row: Obligation, *, role: str, today: date, counted: int | None) -> Message:
    """To whoever holds it, once it is late."""
    words = words_for(row)
    was = _was_due(row, today, counted)
    return Message(
        kind="overdue",
        subject=f"{words.mine or words.thing} {was}",
        lines=(f"For the child {row.child.reference}: please {words.act}.", f"It {was}.", _why_mine(row, role)),
        link=_link(row),
        link_text="Go to it",
        screen_text=f"{row.child.name}: {words.act}. It {was}.",
        due_on=row.due_on,
    )


def escalated(row: Obligation, *, role: str, today: date, counted: int | None) -> Message:
    """To somebody whom the council's rules tell when others are late."""
    words = words_for(row)
    was = _was_due(row, today, counted)
    return Message(
        kind="escalated",
        subject=f"{words.thing} {was}",
        lines=(
            f"{words.thing} is late, for the child {row.child.reference}.",
            f"It {was}. It is with {_the(row.holder_role)}.",
            f"You get this because your council’s rules tell {_the(role)} when something is this late.",
        ),
        link=_link(row),
        link_text="See how it stands",
        screen_text=f"{row.child.name}: {words.thing[:1].lower()}{words.thing[1:]} {was}. It is with {_the(row.holder_role)}.",
        due_on=row.due_on,
    )


def please_contact(
    row: Obligation, *, role: str, whom: Collection[str], today: date, counted: int | None
) -> Message:  # fmt: skip
    """To whoever is to see to it in person (R16: the virtual school contacts the designated teacher)."""
    words = words_for(row)
    was = _was_due(row, today, counted)
    them = join_words(_the(each) for each in whom)
    short = them if len(whom) == 1 else "those it is with"
    return Message(
        kind="please_contact",
        subject=f"Please contact {short}: a PEP {was.split(',')[0]}",
        lines=(
            f"{words.thing} is late, for the child {row.child.reference}: it {was}.",
            f"Please contact {them}. They have had a message as well.",
            f"You get this because your council’s rules make it a task of {_the(role)}.",
        ),
        link=_link(row),
        link_text="See how it stands",
        screen_text=f"{row.child.name}: please contact {them}. {words.thing} {was}.",
        due_on=row.due_on,
    )


def part_missing(row: Obligation, *, today: date, counted: int | None) -> Message:
    """To the social worker's manager: their part of a plan is not there (R16)."""
    was = _was_due(row, today, counted)
    return Message(
        kind="part_missing",
        subject=f"A social worker’s part of a PEP {was}",
        lines=(
            f"The social worker’s part of a Personal Education Plan (PEP) is missing, for the child {row.child.reference}.",
            f"The plan {was}.",
            "You get this because your council’s rules tell the social worker’s manager when this happens.",
        ),
        link=_link(row),
        link_text="See the plan",
        screen_text=f"{row.child.name}: the social worker’s part of the plan is missing. The plan {was}.",
        due_on=row.due_on,
    )


def by_hand(row: Obligation, *, words: str, today: date, counted: int | None) -> Message:
    """From the virtual school, who press a button. What they wrote stands in the portal only: it may name the child."""
    about = words_for(row)
    late = row.due_on < today
    when = _was_due(row, today, counted) if late else f"is due by {in_words(row.due_on, year=False)}"
    note = " There is a note with it in the portal." if words else ""
    said = f"“{' '.join(words.split())}” " if words else ""  # first: what is too long for the list is cut at its end
    return Message(
        kind="reminded_by_hand",
        subject=f"{about.mine or about.thing} {when}" if late else f"{about.asks} by {in_words(row.due_on, year=False)}",
        lines=(
            f"For the child {row.child.reference}: please {about.act}.",
            f"It {when}.{note}",
            f"You get this because the virtual school reminds {_the(row.holder_role)} of it.",
        ),
        link=_link(row),
        link_text="Go to it",
        screen_text=f"{said}{row.child.name}: please {about.act}. It {when}.",
        due_on=row.due_on,
        urgent=True,
    )  # fmt: skip


# --- opening --------------------------------------------------------------------------------------------------------------


def parts_given(pep: Pep, *, titles: Collection[str], by_day: date | None, link: str) -> Message:
    """To each person to whom the council's rules give parts of a plan that has been opened (R14, R30)."""
    when = f" by {in_words(by_day, year=False)}" if by_day else " before the meeting"
    which = join_words(f"“{title}”" for title in titles) if len(titles) < 3 else count_words(len(titles), "section")
    return Message(
        kind="parts_given",
        subject=f"A PEP is open: your part is due{when}",
        lines=(
            f"{pep.get_kind_display()} for the child {pep.child.reference}, {pep.term}: the plan is open.",
            f"Yours: {which}. Please fill in your part{when}.",
            "You get this because your council’s rules give you this part of the plan.",
        ),
        link=link,
        link_text="Open your part",
        screen_text=f"{pep.child.name}: {str(pep).lower()}, is open. {upper_first(which)}: due{when}.",
        due_on=by_day,
    )


def form_changed(pep: Pep) -> Message:
    """To the designated teacher: the plan in preparation has followed the child into the next phase (R31)."""
    form = pep.form_version.title
    return Message(
        kind="form_changed",
        subject="A PEP in preparation has a new form for the new school year",
        lines=(
            f"The child {pep.child.reference} is in another phase since the school year began: the plan’s form is now “{form}”.",
            "What was written is kept. Please look at the questions that are new.",
            "You get this because you lead on the plan in school.",
        ),
        link=reverse("pages:pep", args=[pep.pk]),
        link_text="Open the plan",
        screen_text=f"{pep.child.name}: the plan’s form is now “{form}”. What was written is kept.",
    )


def samples(row: Obligation, pep: Pep, day: date) -> dict[str, Message]:
    """One of each, for the test that none names the child and for the gallery of messages."""
    found = [reminder(row, role=row.holder_role), reminder(row, role="social_worker")]
    for counted in (None, 0, 5):
        found += [
            overdue(row, role=row.holder_role, today=day, counted=counted),
            escalated(row, role="head_teacher", today=day, counted=counted),
            please_contact(row, role="virtual_school", whom=("designated_teacher",), today=day, counted=counted),
            part_missing(row, today=day, counted=counted),
        ]
    for words, today in (("", row.due_on), ("", day), (f"{row.child.name} asked for it", day)):
        found.append(by_hand(row, words=words, today=today, counted=5))
    link = reverse("pages:pep", args=[pep.pk])
    for by_day in (None, day):
        found.append(parts_given(pep, titles=["Facts about care"], by_day=by_day, link=link))
        found.append(parts_given(pep, titles=["a", "b", "c"], by_day=by_day, link=link))
    found.append(form_changed(pep))
    return {f"{message.kind} {number}": message for number, message in enumerate(found)}
