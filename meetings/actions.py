"""Writes about meetings: arranged, moved, cancelled, who is asked, what they answer, what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.conf import settings
from django.db import transaction

from children.actions import mark_changed
from children.queries import Team, team_of
from meetings import ics, notices, queries, rules
from meetings.models import Invitation, Meeting, MeetingMove, MeetingState, OtherMeeting, Reply
from meetings.rules import DateRule
from pepportal.accounts.models import User
from pepportal.accounts.versions import keep
from pepportal.audit import actions as audit
from pepportal.audit.acting import LONDON, Acting
from pepportal.notify.actions import Message, owe, withdraw
from peps.actions import bring_about, touch
from peps.models import Pep
from peps.queries import document_of
from peps.states import NotPossible, PepEvent, PepState, after, writable


@dataclass(frozen=True)
class Asked:
    """Somebody to be asked: with an account, with an address only, or with neither (then told in person)."""

    name: str
    part: str
    user_id: UUID | None = None
    email: str = ""
    required: bool = False


def asked(suggestion: rules.Suggestion) -> Asked:
    who = suggestion.person
    user_id = who.user_id if isinstance(who.user_id, UUID) else None
    return Asked(who.name, who.part, user_id, who.email, suggestion.required)


# --- arranging ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def schedule(
    pep: Pep,
    *,
    starts_at: datetime,
    place: str,
    by: Acting,
    minutes: int = 60,
    chair: str = "",
    people: Sequence[Asked] | None = None,
    date_reason: str = "",
    interim: bool = False,
) -> Meeting:
    """Arranges the plan's meeting, asks ``people`` (None: everybody the council's rules suggest) and tells them (R10, R40, R46).

    Those who must come are asked even if left out. A meeting entered after it happened tells nobody. Raises NotPossible:
    one is arranged already, the plan is past its meeting, or the day is refused.
    """
    pep = _locked(pep)
    after(pep.state, PepEvent.HOLD_MEETING)
    if queries.meeting_of(pep) is not None:
        raise NotPossible("A meeting is arranged for this plan already: move it instead.")
    team = team_of(pep.child, by.today)
    rule = queries.date_rule(pep, team)
    interim = interim and bool(rule.interim_reason(by.today))
    _must_be_allowed(rule, starts_at, interim=interim)
    meeting = Meeting(
        pep=pep, starts_at=starts_at, minutes=minutes, place=place, chair=chair, interim=interim,
        date_reason=date_reason, organised_by_id=_person(by),
    )  # fmt: skip
    keep(meeting, by=by)
    suggested = queries.suggestions(pep, team)
    wanted = list(people) if people is not None else [asked(each) for each in suggested if each.ticked]
    wanted += [asked(each) for each in suggested if each.required and asked(each) not in wanted]
    for person in _once_each(wanted):
        _ask(meeting, person, by=by)
    _tell_about_parts(meeting, team, rule, by=by)
    audit.did("arrange meeting", meeting, by=by, child_id=pep.child_id, reason=date_reason)
    mark_changed(pep.child, what="meeting", by=by)
    return meeting


@transaction.atomic
def move(
    meeting: Meeting,
    *,
    starts_at: datetime,
    reason: str,
    by: Acting,
    minutes: int | None = None,
    place: str | None = None,
    date_reason: str = "",
    interim: bool = False,
) -> Meeting:
    """Gives the meeting another time or place, keeps why, and tells everybody asked; messages about the old time that
    haven't left are withdrawn (R11). A new time asks everybody for a new answer. Raises NotPossible."""
    meeting = _arranged(meeting)
    team = team_of(meeting.pep.child, by.today)
    rule = queries.date_rule(meeting.pep, team)
    interim = interim and (meeting.interim or bool(rule.interim_reason(by.today)))
    _must_be_allowed(rule, starts_at, interim=interim)
    was = meeting.starts_at
    new = {
        "starts_at": starts_at,
        "minutes": meeting.minutes if minutes is None else minutes,
        "place": meeting.place if place is None else place,
    }
    changed = [name for name, value in new.items() if getattr(meeting, name) != value]
    if not changed:
        raise NotPossible("Nothing has changed: give another day, time, length or place.")
    _withdraw(meeting, "Not sent: the meeting was moved before this left.")
    for name, value in new.items():
        setattr(meeting, name, value)
    meeting.interim, meeting.date_reason, meeting.sequence = interim, date_reason, meeting.sequence + 1
    keep(meeting, by=by)
    if was != starts_at:
        MeetingMove.objects.create(
            meeting=meeting, moved_from=was, moved_to=starts_at, reason=reason, by_id=_person(by), at=by.at
        )
    for invitation in queries.invitations_of(meeting):
        if was != starts_at and invitation.reply != Reply.NONE:
            invitation.reply, invitation.replied_at = Reply.NONE, None
            keep(invitation, by=by, fields=["reply", "replied_at"])
        message = notices.moved(meeting, moved_from=was, account=invitation.user is not None)
        _tell(meeting, invitation, message, by=by)
    if was != starts_at:
        _tell_about_parts(meeting, team, rule, by=by)
    audit.did("move meeting", meeting, by=by, child_id=meeting.pep.child_id, fields=changed, reason=reason)
    mark_changed(meeting.pep.child, what="meeting", by=by)
    return meeting


@transaction.atomic
def cancel(meeting: Meeting, *, reason: str, by: Acting) -> Meeting:
    """Calls the meeting off and tells everybody asked; the plan needs another. Raises NotPossible where it isn't arranged."""
    meeting = _arranged(meeting)
    _withdraw(meeting, "Not sent: the meeting was cancelled before this left.")
    meeting.state, meeting.cancel_reason, meeting.sequence = MeetingState.CANCELLED, reason, meeting.sequence + 1
    keep(meeting, by=by)
    for invitation in queries.invitations_of(meeting):
        message = notices.cancelled(meeting, account=invitation.user is not None)
        _tell(meeting, invitation, message, by=by, method=ics.CANCEL)
    audit.did("cancel meeting", meeting, by=by, child_id=meeting.pep.child_id, reason=reason)
    mark_changed(meeting.pep.child, what="meeting", by=by)
    return meeting


# --- the people ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(meeting: Meeting, *, person: Asked, by: Acting) -> Invitation:
    """Asks one more person. Raises NotPossible where they are asked already or the meeting isn't to come."""
    meeting = _arranged(meeting)
    there = queries.invitations_of(meeting)
    if any(_same(each, person) for each in there):
        raise NotPossible(f"{person.name} is asked already.")
    invitation = _ask(meeting, person, by=by)
    audit.did("invite to meeting", meeting, by=by, child_id=meeting.pep.child_id, reason=person.part)
    return invitation


@transaction.atomic
def uninvite(invitation: Invitation, *, by: Acting) -> None:
    """Takes a person off the list and tells them. Raises NotPossible for somebody who must come (R40)."""
    meeting = _arranged(invitation.meeting)
    if invitation.required:
        raise NotPossible(f"{invitation.name} has to be asked: the council’s rules say so.")
    gone = "Not sent: taken off the list before this left."
    if to := invitation.user or invitation.email:
        withdraw(about=f"meeting:{meeting.pk}", because=gone, to=to)
    meeting.sequence += 1  # so that being asked again is news to their diary, and to the list of messages owed
    keep(meeting, by=by, fields=["sequence"])
    message = notices.not_needed(meeting, account=invitation.user is not None)
    _tell(meeting, invitation, message, by=by, method=ics.CANCEL)
    audit.did("take off meeting list", meeting, by=by, child_id=meeting.pep.child_id, reason=invitation.part)
    invitation._history_user = User(pk=by.user_id)  # type: ignore[attr-defined]
    invitation._history_date = by.at  # type: ignore[attr-defined]
    invitation.delete()


@transaction.atomic
def reply(invitation: Invitation, *, answer: str, by: Acting) -> Invitation:
    """Keeps a person's own answer: coming, not coming, sends a report. Raises NotPossible: not theirs, or not to come."""
    meeting = _arranged(invitation.meeting)
    if invitation.user_id is None or invitation.user_id != by.user_id:
        raise NotPossible("Only the person who was asked can answer.")
    invitation.reply, invitation.replied_at = Reply(answer), by.at
    keep(invitation, by=by, fields=["reply", "replied_at"])
    audit.did("answer invitation", meeting, by=by, child_id=meeting.pep.child_id, reason=Reply(answer).label)
    return invitation


# --- the day itself -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Presence:
    """Whether one invited person came, and why not."""

    attended: bool
    reason: str = ""


@transaction.atomic
def record(
    meeting: Meeting,
    *,
    held_on: date,
    came: Mapping[UUID, Presence],
    overview: str,
    by: Acting,
    child_took_part: str = "",
    next_meeting_on: date | None = None,
    next_meeting_reason: str = "",
    also_came: Asked | None = None,
) -> Meeting:
    """Keeps what happened at the meeting: who came, the overview, the next date (R11, R12, R37, R44, R47). The plan moves
    on to being completed; a second time corrects the record. A day other than the arranged one is kept as a move.

    Raises NotPossible: a day in the future or before care began, a refused next date, a required person missing without a
    reason, a plan or section closed to changes.
    """
    pep = _locked(meeting.pep)
    meeting = _fresh(meeting, pep)
    first_time = meeting.state == MeetingState.SCHEDULED
    _must_be_recordable(meeting, held_on, by=by)
    team = team_of(pep.child, by.today)
    if next_meeting_on is not None:
        _allowed(queries.next_date_rule(pep, team, held_on), next_meeting_on)
    people = queries.invitations_of(meeting)
    _keep_presence(people, came, by=by)
    if also_came is not None:
        extra = Invitation(
            meeting=meeting, user_id=also_came.user_id, name=also_came.name, part=also_came.part, attended=True
        )
        people.append(keep(extra, by=by))
    if first_time:
        _keep_actual_day(meeting, held_on, by=by)
        bring_about(pep, PepEvent.HOLD_MEETING, by=by)
    meeting.state, meeting.held_on, meeting.overview = MeetingState.HELD, held_on, overview
    meeting.child_took_part = child_took_part
    meeting.next_meeting_on, meeting.next_meeting_reason = next_meeting_on, next_meeting_reason
    meeting.recorded_by_id, meeting.recorded_at = _person(by), by.at
    keep(meeting, by=by)
    touch(pep, by=by)
    verb = "record meeting" if first_time else "correct the meeting’s record"
    audit.did(verb, meeting, by=by, child_id=pep.child_id, fields=["attendance", "overview", "next meeting"])
    _tell_of_missed(meeting, people, team, by=by)
    mark_changed(pep.child, what="meeting", by=by)
    return meeting


def _keep_presence(people: Sequence[Invitation], came: Mapping[UUID, Presence], *, by: Acting) -> None:
    for each in people:
        presence = came.get(each.pk)
        if presence is None:
            continue
        if each.required and not presence.attended and not presence.reason:
            raise NotPossible(f"Say why {each.name} was not there.")
        each.attended, each.absence_reason = presence.attended, "" if presence.attended else presence.reason
        keep(each, by=by, fields=["attended", "absence_reason"])


def _keep_actual_day(meeting: Meeting, held_on: date, *, by: Acting) -> None:
    """R11: the meeting is moved to the day on which it was, so that nobody is chased for the other."""
    was = meeting.starts_at
    local = was.astimezone(LONDON)
    if local.date() == held_on:
        return
    meeting.starts_at = datetime.combine(held_on, local.time(), LONDON)
    MeetingMove.objects.create(
        meeting=meeting, moved_from=was, moved_to=meeting.starts_at, by_id=_person(by), at=by.at,
        reason="Held on another day than arranged",
    )  # fmt: skip


def _tell_of_missed(meeting: Meeting, people: Sequence[Invitation], team: Team, *, by: Acting) -> None:
    came = [rules.Came(each.part, each.required, bool(each.attended)) for each in people]
    for part in sorted(rules.parts_missed(came)):
        message = notices.required_person_missed(meeting, part=part)
        for person in queries.told_of_absence(meeting.pep, team, part):
            owe(message, to=person, about=f"meeting:{meeting.pk}:{part}", by=by, child_id=meeting.pep.child_id)


# --- the same for several -----------------------------------------------------------------------------------------------


def _person(by: Acting) -> UUID:
    """Meetings are arranged and recorded by people, never by the portal itself. Raises NotPossible."""
    if by.user_id is None:
        raise NotPossible("Somebody has to do this: the portal arranges no meetings by itself.")
    return by.user_id


def _locked(pep: Pep) -> Pep:
    """The plan as it stands now, held until the end: two people at one plan's meeting go one after the other."""
    pk = Pep.objects.select_for_update().values_list("pk", flat=True).get(pk=pep.pk)
    return Pep.objects.select_related(
        "child__authority", "child__user", "episode", "profile_version", "form_version"
    ).get(pk=pk)


def _fresh(meeting: Meeting, pep: Pep) -> Meeting:
    row = Meeting.objects.select_related("organised_by").get(pk=meeting.pk)
    row.pep = pep
    return row


def _arranged(meeting: Meeting) -> Meeting:
    row = _fresh(meeting, _locked(meeting.pep))
    if row.state != MeetingState.SCHEDULED:
        raise NotPossible(f"This meeting is {MeetingState(row.state).label.lower()}: that can’t be changed now.")
    return row


def _must_be_recordable(meeting: Meeting, held_on: date, *, by: Acting) -> None:
    pep = meeting.pep
    if meeting.state == MeetingState.CANCELLED:
        raise NotPossible("This meeting was cancelled: arrange the one that was held.")
    if held_on > by.today:
        raise NotPossible("A meeting can be recorded when it has been held: the day is in the future.")
    if held_on < pep.episode.began_on:
        raise NotPossible("The meeting can’t be before the child came into care.")
    if not writable(pep.state):
        raise NotPossible(f"This plan is {PepState(pep.state).words.lower()}: nothing in it can be changed now.")
    key = next((section.key for section in document_of(pep).sections if "meeting" in section.panels), "")
    if pep.sections.filter(key=key, complete=True).exists():
        raise NotPossible("The meeting section is marked complete: open it again to change the record.")


def _must_be_allowed(rule: DateRule, starts_at: datetime, *, interim: bool) -> None:
    _allowed(rule, starts_at.astimezone(LONDON).date(), interim=interim)


def _allowed(rule: DateRule, day: date, *, interim: bool = False) -> None:
    verdict = rule.verdict(day, interim=interim)
    if not verdict.allowed:
        raise NotPossible(" ".join(verdict.reasons))


def _same(invitation: Invitation, person: Asked) -> bool:
    if person.user_id is not None:
        return invitation.user_id == person.user_id
    if person.email:
        return (invitation.user.email if invitation.user else invitation.email).lower() == person.email.lower()
    return invitation.user_id is None and (invitation.name, invitation.part) == (person.name, person.part)


def _once_each(people: Sequence[Asked]) -> list[Asked]:
    """One invitation a person: by account, else by address, else by name; needed-to-come wins."""
    found: dict[object, Asked] = {}
    for person in sorted(people, key=lambda each: not each.required):
        found.setdefault(person.email.lower() or person.user_id or (person.name, person.part), person)
    return list(found.values())


def _ask(meeting: Meeting, person: Asked, *, by: Acting) -> Invitation:
    user = User.objects.filter(pk=person.user_id).first() if person.user_id else None
    invitation = Invitation(
        meeting=meeting, user=user, name=person.name, part=person.part, required=person.required,
        email="" if user else person.email,
    )  # fmt: skip
    keep(invitation, by=by)
    _tell(meeting, invitation, notices.invited(meeting, part=person.part, account=user is not None), by=by)
    return invitation


def _about(meeting: Meeting) -> str:
    return f"meeting:{meeting.pk}:{meeting.sequence}"


def _withdraw(meeting: Meeting, because: str) -> None:
    withdraw(about=f"meeting:{meeting.pk}", because=because)


def _tell(meeting: Meeting, invitation: Invitation, message: Message, *, by: Acting, method: str = ics.REQUEST) -> None:
    """Owes one invited person a message with the meeting as a diary entry; nobody hears of a day gone by."""
    to = invitation.user or invitation.email
    if not to or meeting.starts_at.astimezone(LONDON).date() < by.today:
        return
    entry = ics.Entry(
        meeting_id=meeting.pk,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        minutes=meeting.minutes,
        place=meeting.place if invitation.user else None,
        attendee=invitation.user.email if invitation.user else invitation.email,
        link=settings.PORTAL_ADDRESS + message.link,
        host=_host(),
        written_at=by.at,
    )
    text = ics.calendar_file(entry, method=method)
    owe(message, to=to, about=_about(meeting), by=by, child_id=meeting.pep.child_id, calendar_file=text)


def _host() -> str:
    return settings.PORTAL_ADDRESS.split("//")[-1].split("/")[0].split(":")[0]


def _tell_about_parts(meeting: Meeting, team: Team, rule: DateRule, *, by: Acting) -> None:
    day = meeting.starts_at.astimezone(LONDON).date()
    if day < by.today:
        return
    due = rule.prepared_by(day)
    message = notices.part_due(meeting, due_on=due if due and due >= by.today else None)
    for person in filter(None, (team.social_worker, *team.designated_teachers)):
        owe(message, to=person, about=_about(meeting), by=by, child_id=meeting.pep.child_id)


# --- an informal review -------------------------------------------------------------------------------------------------


@transaction.atomic
def record_informal(pep: Pep, *, on: date, overview: str, next_meeting_on: date | None = None, by: Acting) -> Meeting:
    """Keeps a progress review that was made from the term's data, without a meeting of everybody (R6, R7): it counts as this
    plan's meeting, and the plan moves on to being completed. Nobody is invited and nobody is told.

    Raises NotPossible: the review is a formal one, a meeting is arranged for it, or the day is in the future or before care.
    """
    pep = _locked(pep)
    if not pep.informal:
        raise NotPossible("This review is a formal one: it needs a meeting of everybody.")
    if queries.meeting_of(pep) is not None:
        raise NotPossible("A meeting is arranged or held for this review: record that one.")
    if on > by.today:
        raise NotPossible("A review can be recorded when it has been made: the day is in the future.")
    if on < pep.episode.began_on:
        raise NotPossible("The review can’t be before the child came into care.")
    if next_meeting_on is not None:
        _allowed(queries.next_date_rule(pep, team_of(pep.child, by.today), on), next_meeting_on)
    bring_about(pep, PepEvent.HOLD_MEETING, by=by)
    meeting = Meeting(
        pep=pep, state=MeetingState.HELD, starts_at=datetime.combine(on, time(9), LONDON), place="Nobody met",
        date_reason="A progress review from the term’s data", organised_by_id=_person(by), held_on=on, overview=overview,
        next_meeting_on=next_meeting_on, recorded_by_id=_person(by), recorded_at=by.at,
    )  # fmt: skip
    keep(meeting, by=by)
    touch(pep, by=by)
    audit.did("record informal review", meeting, by=by, child_id=pep.child_id, fields=["overview", "next meeting"])
    mark_changed(pep.child, what="meeting", by=by)
    return meeting


# --- other meetings -----------------------------------------------------------------------------------------------------


@transaction.atomic
def record_other(pep: Pep, *, kind: str, on: date, who_came: str, summary: str, by: Acting) -> OtherMeeting:
    """Keeps another meeting about the child's education with the plan (R19): who came and what was decided.

    It is no part of what the parties sign, so it voids no signature and may be added to a finished plan. Raises NotPossible
    for a day in the future or before the child was born, or a plan that was closed without being finished.
    """
    _must_be_keepable(pep, on, by=by)
    row = OtherMeeting(
        pep=pep, kind=kind, on=on, who_came=who_came, summary=summary, recorded_by_id=_person(by), at=by.at
    )
    keep(row, by=by)
    audit.did("record other meeting", row, by=by, child_id=pep.child_id, fields=_OTHER, reason=kind)
    mark_changed(pep.child, what="other meeting", by=by)
    return row


_OTHER = ("kind", "on", "who_came", "summary")


@transaction.atomic
def correct_other(
    row: OtherMeeting, *, kind: str, on: date, who_came: str, summary: str, based_on: int, by: Acting
) -> OtherMeeting:
    """Puts the record of another meeting right; what it said before stays in its history. ``based_on`` is how many versions
    there were when the page was opened. Raises NotPossible where somebody else has corrected it since, or as ``record_other``."""
    held = OtherMeeting.objects.select_for_update(of=("self",)).select_related("pep__child").get(pk=row.pk)
    if held.history.count() != based_on:
        raise NotPossible(
            "Somebody else has corrected this since you opened the page: look at it first, then write again."
        )
    _must_be_keepable(held.pep, on, by=by)
    new = {"kind": kind, "on": on, "who_came": who_came, "summary": summary}
    changed = [name for name, value in new.items() if getattr(held, name) != value]
    if changed:
        for name in changed:
            setattr(held, name, new[name])
        keep(held, by=by, fields=changed)
        audit.did("correct other meeting", held, by=by, child_id=held.pep.child_id, fields=changed)
        mark_changed(held.pep.child, what="other meeting", by=by)
    return held


def _must_be_keepable(pep: Pep, on: date, *, by: Acting) -> None:
    if pep.state == PepState.CLOSED:
        raise NotPossible("This plan was closed: keep the meeting with the child’s present plan.")
    if on > by.today:
        raise NotPossible("The day must be today or in the past: record the meeting when it has been held.")
    if on < pep.child.date_of_birth:
        raise NotPossible("The day must be after the child was born.")
