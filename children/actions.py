"""Writes about children and the dated facts of care. Each leaves a version, an audit event and a mark for the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from children import notices, queries, rules
from children.bank_holidays import list_ends
from children.models import (
    Allocation,
    BankHoliday,
    Calendar,
    CareEpisode,
    Carer,
    CareReview,
    ChangeKind,
    ChangeMark,
    Child,
    Enrolment,
    Part,
    Placement,
    PlacementAddress,
    School,
    SignificantChange,
)
from children.policy import ChangePolicy, change_policy
from children.queries import taught_by, team_of
from pepportal.accounts.models import Authority, User
from pepportal.accounts.versions import keep
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from pepportal.notify.actions import withdraw
from pepportal.profiles.queries import profile_for

ONE_DAY = timedelta(days=1)
_ENTRY = ("began_on", "planned", "legal_status", "short_breaks")


class FactsConflict(Exception):
    """The facts contradict what is already recorded: ``sentence`` says how, ``field`` where (or "")."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


_CONFLICTS = {
    "care_episode_never_twice_at_once": ("The child is already recorded as in care at that time", "began_on"),
    "care_episode_ends_after_it_began": ("The child can’t leave care on the day of coming into care", "ended_on"),
    "care_begins_after_birth": ("The child can’t have come into care before being born", "began_on"),
    "placement_never_twice_at_once": ("The child is recorded as living somewhere else at that time", "began_on"),
    "placement_ends_after_it_began": ("A placement already begins on or after that day: give a later day", "began_on"),
    "placement_within_care": ("A placement would begin outside the time in care: check the days", "began_on"),
    "placement_of_the_same_child": ("The placement and the time in care are of two children", ""),
    "enrolment_main_never_twice_at_once": ("The child is already recorded at a school at that time", "began_on"),
    "enrolment_ends_after_it_began": ("A school place begins on or after that day: give a later day", "began_on"),
    "allocation_part_never_twice_at_once": ("Somebody else already has that part at that time", "began_on"),
    "allocation_ends_after_it_began": ("Somebody has that part from that day or later: give a later day", "began_on"),
    "calendar_version_once_school": ("Somebody else has just published this year: look at it first", ""),
    "calendar_version_once_authority": ("Somebody else has just published this year: look at it first", ""),
}  # fmt: skip


@contextmanager
def _no_conflict() -> Iterator[None]:
    """All in one transaction; a constraint of the database that says no becomes a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name not in _CONFLICTS:
            raise
        raise FactsConflict(*_CONFLICTS[name]) from error


def mark_changed(child: Child, *, what: str, by: Acting) -> ChangeMark:
    """Tells the clock, in the same transaction, that a fact about ``child`` has changed."""
    return ChangeMark.objects.create(child=child, what=what, at=by.at)


def _done(
    verb: str, subject: models.Model, child: Child, *, by: Acting, fields: Iterable[str] = (), reason: str = ""
) -> None:
    audit.did(verb, subject, by=by, child_id=child.pk, fields=fields, reason=reason)
    mark_changed(child, what=verb, by=by)


def _last(stays: models.QuerySet, day: date) -> models.Model | None:
    """The row that holds on ``day``, locked, which the next one takes over from."""
    return stays.filter(Q(ended_on=None) | Q(ended_on__gt=day)).select_for_update().order_by("began_on").first()


# --- coming into care -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewCarer:
    """A carer who is not recorded yet. Without e-mail, copies go by post (R74)."""

    name: str
    email: str = ""
    phone: str = ""


def record_entry(
    *,
    authority: Authority,
    given_name: str,
    family_name: str,
    date_of_birth: date,
    began_on: date,
    planned: bool,
    legal_status: str,
    placement_kind: str,
    short_breaks: bool = False,
    placement_area: str,
    known_as: str = "",
    upn: str = "",
    language: str = "English",
    pronouns: str = "",
    placement_began_on: date | None = None,
    address: str = "",
    confidential: bool = False,
    carer: Carer | NewCarer | None = None,
    school: School | None = None,
    school_began_on: date | None = None,
    social_worker: User | None = None,
    iro: User | None = None,
    caseworker: User | None = None,
    returning: Child | None = None,
    by: Acting,
) -> Child:
    """Records that a child came into care: the child with the authority's next reference (or the one ``returning``, whose
    details stay), the time in care, the first placement, the carer, the school place (none where ``school`` is None) and
    the team. Opens no PEP: the page does.

    Raises FactsConflict where the days contradict each other.
    """
    with _no_conflict():
        child = returning or keep(
            Child(
                authority=authority, reference=_take_reference(authority), given_name=given_name,
                family_name=family_name, known_as=known_as, date_of_birth=date_of_birth, upn=upn.upper(),
                language=language or "English", pronouns=pronouns,
                sort_name=rules.sort_name(family_name, given_name), created_at=by.at,
            ),
            by=by,
        )  # fmt: skip
        episode = keep(
            CareEpisode(
                child=child, began_on=began_on, planned=planned, legal_status=legal_status, short_breaks=short_breaks
            ),
            by=by,
        )  # fmt: skip
        _place(
            child, episode, kind=placement_kind, area=placement_area, carer=carer, address=address,
            confidential=confidential, began_on=placement_began_on or began_on, by=by,
        )  # fmt: skip
        _enrol(child, school, school_began_on or began_on, by=by)
        for part, person in ((Part.SOCIAL_WORKER, social_worker), (Part.IRO, iro), (Part.CASEWORKER, caseworker)):
            if person is not None:
                keep(Allocation(child=child, user=person, part=part, began_on=began_on), by=by)
        _done("record entry to care", episode, child, by=by, fields=_ENTRY)
    return child


def _enrol(child: Child, school: School | None, began_on: date, *, by: Acting) -> None:
    """Puts the child on the school's roll, unless they are on it; another school place ends that day."""
    present = _last(Enrolment.objects.filter(child=child, main=True), began_on)
    if isinstance(present, Enrolment):
        if school is not None and present.school_id == school.pk:
            return
        present.ended_on = began_on
        keep(present, by=by, fields=["ended_on"])
    if school is not None:
        keep(Enrolment(child=child, school=school, began_on=began_on), by=by)


def _take_reference(authority: Authority) -> str:
    """The next free reference. The authority's row is locked until the child is written, so that two people recording
    at once get two numbers."""
    locked = Authority.objects.select_for_update().get(pk=authority.pk)
    taken = Child.objects.filter(reference__startswith=f"{locked.code}-").values_list("reference", flat=True)
    return rules.next_reference(locked.code, taken)


def _place(
    child: Child,
    episode: CareEpisode,
    *,
    kind: str,
    area: str,
    carer: Carer | NewCarer | None,
    began_on: date,
    address: str,
    confidential: bool,
    by: Acting,
) -> Placement:
    if isinstance(carer, NewCarer):
        carer = keep(
            Carer(authority_id=child.authority_id, name=carer.name, email=carer.email, phone=carer.phone), by=by
        )  # fmt: skip
    placement = keep(
        Placement(
            child=child, episode=episode, kind=kind, carer=carer, area=area, began_on=began_on,
            out_of_area=area.strip().casefold() != child.authority.name.casefold(),
        ),
        by=by,
    )  # fmt: skip
    if address:
        PlacementAddress.objects.create(placement=placement, text=address, confidential=confidential)
    return placement


# --- placements -------------------------------------------------------------------------------------------------------


def change_placement(
    *,
    child: Child,
    kind: str,
    area: str,
    began_on: date,
    carer: Carer | NewCarer | None = None,
    address: str = "",
    confidential: bool = False,
    by: Acting,
) -> Placement:
    """The child moves: the present placement ends on the day the new one begins. Raises FactsConflict."""
    with _no_conflict():
        episode = _episode_on(child, began_on)
        present = _last(Placement.objects.filter(child=child), began_on)
        if present is not None:
            present.ended_on = began_on  # type: ignore[attr-defined]
            keep(present, by=by, fields=["ended_on"])
        placement = _place(
            child, episode, kind=kind, area=area, carer=carer, began_on=began_on, address=address,
            confidential=confidential, by=by,
        )  # fmt: skip
        _done("change placement", placement, child, by=by, fields=["began_on", "kind", "carer", "area"])
        _tell_of_move(child, "home", placement, by=by)
    return placement


def end_placement(*, placement: Placement, ended_on: date, by: Acting) -> Placement:
    """The placement ends on a day without another having begun. Raises FactsConflict."""
    with _no_conflict():
        placement.ended_on = ended_on
        keep(placement, by=by, fields=["ended_on"])
        _done("end placement", placement, placement.child, by=by, fields=["ended_on"])
    return placement


def _episode_on(child: Child, day: date) -> CareEpisode:
    episode = CareEpisode.objects.filter(child=child).current(day).first()
    if episode is None:
        raise FactsConflict("The child was not in care on that day", "began_on")
    return episode


# --- school -----------------------------------------------------------------------------------------------------------


def change_school(*, child: Child, school: School, began_on: date, by: Acting) -> Enrolment:
    """The child starts at ``school``: the present main place ends on the day the new begins. Raises FactsConflict."""
    with _no_conflict():
        present = _last(Enrolment.objects.filter(child=child, main=True), began_on)
        if present is not None:
            present.ended_on = began_on  # type: ignore[attr-defined]
            keep(present, by=by, fields=["ended_on"])
        enrolment = keep(Enrolment(child=child, school=school, began_on=began_on), by=by)
        _done("change school", enrolment, child, by=by, fields=["school", "began_on"])
        if present is not None:
            _tell_of_move(child, "school", enrolment, by=by)
    return enrolment


def end_school(*, child: Child, ended_on: date, by: Acting) -> Enrolment | None:
    """The child has no school place from ``ended_on`` on; None where there was none. Raises FactsConflict."""
    with _no_conflict():
        present = _last(Enrolment.objects.filter(child=child, main=True), ended_on)
        if not isinstance(present, Enrolment):
            return None
        present.ended_on = ended_on
        keep(present, by=by, fields=["ended_on"])
        _done("end school place", present, child, by=by, fields=["ended_on"])
        _tell_of_move(child, "school place", present, by=by)
    return present


# --- the team ---------------------------------------------------------------------------------------------------------


def allocate(*, child: Child, part: Part, user: User, began_on: date, by: Acting) -> Allocation:
    """``user`` takes a part in the child's team; whoever had it stops seeing them that day. Raises FactsConflict."""
    with _no_conflict():
        present = _last(Allocation.objects.filter(child=child, part=part), began_on)
        if present is not None:
            present.ended_on = began_on  # type: ignore[attr-defined]
            keep(present, by=by, fields=["ended_on"])
        allocation = keep(Allocation(child=child, user=user, part=part, began_on=began_on), by=by)
        _done(f"allocate {part.label.lower()}", allocation, child, by=by, fields=["user", "began_on"])
    return allocation


def end_allocation(*, allocation: Allocation, ended_on: date, by: Acting) -> Allocation:
    """Nobody has the part from ``ended_on`` on. Raises FactsConflict."""
    with _no_conflict():
        allocation.ended_on = ended_on
        keep(allocation, by=by, fields=["ended_on"])
        part = Part(allocation.part).label.lower()
        _done(f"end allocation of {part}", allocation, allocation.child, by=by, fields=["ended_on"])
    return allocation


# --- the time in care -------------------------------------------------------------------------------------------------


def end_care(*, episode: CareEpisode, ended_on: date, reason: str, by: Acting) -> CareEpisode:
    """The child leaves care: the time in care, the placement and the team end that day. School staff and carers stop
    seeing the child by that alone; the school place itself stays as it is. Raises FactsConflict."""
    child = episode.child
    with _no_conflict():
        for placement in Placement.objects.filter(episode=episode).filter(_open_after(ended_on)):
            placement.ended_on = ended_on
            keep(placement, by=by, fields=["ended_on"])
        for allocation in Allocation.objects.filter(child=child).filter(_open_after(ended_on)):
            # Somebody who took over after the child had left: one day stays on record.
            allocation.ended_on = max(ended_on, allocation.began_on + ONE_DAY)
            keep(allocation, by=by, fields=["ended_on"])
        episode.ended_on, episode.end_reason = ended_on, reason
        keep(episode, by=by, fields=["ended_on", "end_reason"])
        _done("end care", episode, child, by=by, fields=["ended_on", "end_reason"])
    return episode


def _open_after(day: date) -> Q:
    return Q(ended_on=None) | Q(ended_on__gt=day)


def correct_entry(
    *,
    episode: CareEpisode,
    began_on: date,
    planned: bool,
    legal_status: str,
    reason: str,
    short_breaks: bool | None = None,
    by: Acting,
) -> CareEpisode:
    """Puts right how or when the child came into care, with the reason; what began on the wrong day with it (the first
    placement, the team) moves along. ``short_breaks`` None leaves that as it is. Raises FactsConflict."""
    child, was = episode.child, episode.began_on
    short_breaks = episode.short_breaks if short_breaks is None else short_breaks
    with _no_conflict():
        first = Placement.objects.filter(episode=episode, began_on=was).select_for_update().first()
        changed = [
            name
            for name, value in zip(_ENTRY, (began_on, planned, legal_status, short_breaks), strict=True)
            if getattr(episode, name) != value
        ]
        if first is not None and first.ended_on is not None and began_on >= first.ended_on:
            raise FactsConflict(
                f"The first placement ended on {rules.day_words(first.ended_on)}: the child came into care before that day",
                "began_on",
            )  # fmt: skip
        episode.began_on, episode.planned, episode.legal_status = began_on, planned, legal_status
        episode.short_breaks = short_breaks
        # The database holds placement and time in care together at every step, so the order follows the direction.
        if began_on <= was:
            keep(episode, by=by, fields=_ENTRY, reason=reason)
        if first is not None and began_on != was:
            first.began_on = began_on
            keep(first, by=by, fields=["began_on"], reason=reason)
        if began_on > was:
            keep(episode, by=by, fields=_ENTRY, reason=reason)
        for allocation in Allocation.objects.filter(child=child, began_on=was):
            if began_on != was and (allocation.ended_on is None or allocation.ended_on > began_on):
                allocation.began_on = began_on
                keep(allocation, by=by, fields=["began_on"], reason=reason)
        _done("correct entry to care", episode, child, by=by, fields=changed, reason=reason)
    return episode


def set_care_review(*, child: Child, on: date, by: Acting) -> CareReview:
    """The next care review is ``on`` that day: moves the one that lies ahead, else records a new one."""
    with _no_conflict():
        Child.objects.select_for_update().get(pk=child.pk)
        ahead = CareReview.objects.filter(child=child, on__gte=by.today, cancelled_at=None).order_by("on").first()
        review = ahead or CareReview(child=child)
        review.on = on
        keep(review, by=by)
        _done("set care review", review, child, by=by, fields=["on"])
    return review


# --- school calendars -------------------------------------------------------------------------------------------------


def publish_calendars(
    *,
    years: Iterable[rules.PublishedYear],
    name: str,
    school: School | None = None,
    authority: Authority | None = None,
    source: str = "",
    seen: Mapping[str, int] | None = None,
    by: Acting,
) -> list[Calendar]:
    """Publishes several academic years at once: all of them or, where anything is wrong with one or two share days, none; every
    child they may concern is looked at again. ``seen`` is the latest version of each year that the person has looked at (0: none).
    Raises FactsConflict."""
    with transaction.atomic():
        made = [
            _publish(
                year=year, name=name, school=school, authority=authority, source=source,
                seen=None if seen is None else seen.get(year.academic_year, 0), by=by,
            )
            for year in years
        ]  # fmt: skip
        in_force = queries.years_in_force(school=school, authority=authority)
        if overlapping := rules.years_overlapping(in_force, [calendar.academic_year for calendar in made]):
            raise FactsConflict("; ".join(overlapping))
        if made:
            _mark_all(taught_by(school, authority, by.today), "publish calendar", by=by)
    return made


def publish_calendar(
    *,
    year: rules.PublishedYear,
    name: str,
    school: School | None = None,
    authority: Authority | None = None,
    source: str = "",
    seen: int | None = None,
    by: Acting,
) -> Calendar:
    """Publishes one academic year of a school's own days, or of an authority's pattern, as a new version. Raises FactsConflict with
    every mistake in the year, where it shares days with the year before or after, and where somebody has published a version after
    the one ``seen``."""
    looked_at = None if seen is None else {year.academic_year: seen}
    (made,) = publish_calendars(
        years=[year], name=name, school=school, authority=authority, source=source, seen=looked_at, by=by
    )
    return made


def _publish(
    *,
    year: rules.PublishedYear,
    name: str,
    school: School | None,
    authority: Authority | None,
    source: str,
    seen: int | None,
    by: Acting,
) -> Calendar:
    if mistakes := rules.calendar_mistakes(year):
        raise FactsConflict("; ".join(mistake.sentence for mistake in mistakes))
    with _no_conflict():
        owner = school.organisation if school is not None else authority
        if owner is None:
            raise FactsConflict("A calendar belongs to a school or to an authority")
        type(owner).objects.select_for_update().get(pk=owner.pk)
        latest = (
            Calendar.objects.filter(school=school, authority=authority, academic_year=year.academic_year)
            .order_by("-version")
            .first()
        )
        version = latest.version if latest else 0
        if seen not in (None, version):
            raise FactsConflict(
                f"Somebody else has just published {year.academic_year} (version {version}): compare it with yours, and then publish"
            )
        calendar = Calendar.objects.create(
            school=school, authority=authority, academic_year=year.academic_year, version=version + 1, name=name[:160],
            spans=[[first.isoformat(), last.isoformat(), words] for first, last, words in year.spans],
            closures=[[day.isoformat(), kind, words] for day, kind, words in year.closures],
            published_at=by.at, published_by_id=by.user_id, source=source[:200],
        )  # fmt: skip
        audit.did("publish calendar", calendar, by=by, fields=["spans", "closures"])
    return calendar


def _mark_all(children: models.QuerySet[Child], what: str, *, by: Acting) -> None:
    """Tells the clock that something has changed which may concern any of these children."""
    marks = (ChangeMark(child_id=pk, what=what, at=by.at) for pk in children.values_list("pk", flat=True))
    ChangeMark.objects.bulk_create(marks, batch_size=2000)


def set_bank_holiday(*, day: date, name: str, cancelled: bool = False, by: Acting) -> BankHoliday:
    """A one-off bank holiday is added to the list, or one of the list (``cancelled``) doesn't happen. Every day that is
    counted on it is worked out again, so every child in care is looked at. Raises FactsConflict."""
    with _no_conflict():
        listed = queries.bank_holidays()
        if wrong := rules.bank_holiday_mistake(day, listed, cancelled=cancelled, list_ends=list_ends(), today=by.today):
            raise FactsConflict(wrong, "day")
        if BankHoliday.objects.filter(day=day).exists():
            raise FactsConflict("That day has been changed already: take the change back first", "day")
        holiday = BankHoliday.objects.create(day=day, name=listed[day] if cancelled else name[:80], cancelled=cancelled)
        audit.did(
            "cancel bank holiday" if cancelled else "add bank holiday",
            holiday,
            by=by,
            fields=["day", "name", "cancelled"],
        )
        _mark_all(queries.children_in_care(by.today), "bank holidays", by=by)
    return holiday


def take_back_bank_holiday(*, day: date, by: Acting) -> None:
    """A day is again as the bundled list has it. Twice is as good as once."""
    with _no_conflict():
        holiday = BankHoliday.objects.select_for_update().filter(day=day).first()
        if holiday is not None:
            audit.did("take back bank holiday", holiday, by=by, fields=["day", "name", "cancelled"])
            holiday.delete()
            _mark_all(queries.children_in_care(by.today), "bank holidays", by=by)


# --- what has changed for the child -----------------------------------------------------------------------------------


def change_rules(child: Child, day: date) -> ChangePolicy:
    """What the child's council makes of changes on a day: which call another plan, who is told. Raises NoProfile."""
    return change_policy(profile_for(child.authority, day).rules.table("deadlines"))


def _tell_of_move(child: Child, what: str, row: models.Model, *, by: Acting) -> None:
    """A change of home or school: whoever the council's rules name hears of it (R8)."""
    if tells := change_rules(child, by.today).tells:
        about = f"{row._meta.model_name}:{row.pk}:{what}"
        notices.moved(child, what, about=about, tells=tells, team=team_of(child, by.today), by=by)


def record_change(*, child: Child, kind: ChangeKind, on: date, what: str, by: Acting) -> SignificantChange:
    """Records that something changed for the child that may call another plan (R8); the clock opens it, where the council's
    rules call one. The virtual school and whoever the rules name are told. Raises FactsConflict: a day in the future or
    outside care, or nobody recording it."""
    if by.user_id is None:
        raise FactsConflict("Somebody has to record it: the portal does not by itself.")
    if on > by.today:
        raise FactsConflict("The day must be today or in the past: record it when it has happened", "on")
    with _no_conflict():
        if not CareEpisode.objects.filter(child=child).current(on).exists():
            raise FactsConflict("The child was not in care on that day", "on")
        change = keep(
            SignificantChange(child=child, kind=kind, on=on, what=what, recorded_by_id=by.user_id, at=by.at), by=by
        )
        _done("record change", change, child, by=by, fields=["kind", "on", "what"], reason=kind)
        tells = change_rules(child, on).tells
        about = f"change:{change.pk}:recorded"
        notices.changed(child, ChangeKind(kind), about=about, tells=tells, team=team_of(child, by.today), by=by)
    return change


def cancel_change(*, change: SignificantChange, reason: str, by: Acting) -> SignificantChange:
    """A change that was recorded by mistake no longer counts; the row stays, with the reason. Twice is as good as once."""
    with _no_conflict():
        held = SignificantChange.objects.select_for_update().get(pk=change.pk)
        if held.cancelled_at is None:
            held.cancelled_at, held.cancel_reason = by.at, reason
            keep(held, by=by, fields=["cancelled_at", "cancel_reason"])
            withdraw(about=f"change:{held.pk}", because="Not sent: it was recorded by mistake.")
            _done("cancel change", held, held.child, by=by, fields=["cancelled_at"])
    return held
