"""What the tests of chasing and opening do again and again: a plan, its meeting, a night of the clock."""

from __future__ import annotations

from datetime import date, datetime, time

from children.queries import team_of
from meetings import actions as meetings
from meetings.queries import invitations_of
from pepportal.accounts.models import Authority
from pepportal.audit.acting import LONDON, Acting, the_portal
from pepportal.clock.actions import sweep
from pepportal.clock.chasing import Chased, chase
from pepportal.clock.models import Obligation
from pepportal.clock.opening import tell_organiser
from peps.actions import open_pep
from peps.models import Pep
from tests.stage import fresh


def morning(day: date) -> Acting:
    """The portal at six on a day."""
    return the_portal(datetime.combine(day, time(6), LONDON))


def under(cast, profile: str) -> None:
    """Westmere works under a council's rules."""
    Authority.objects.filter(pk=cast.westmere.pk).update(profile_name=profile)
    for child in cast.children.values():
        child.authority.refresh_from_db()


def opened(cast, by: Acting, key: str = "amara") -> Pep:
    """A child's first plan, as the entry to care opens it."""
    child, episode = cast.children[key], cast.episodes[key]
    pep = open_pep(
        child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on, by=by
    )
    tell_organiser(pep, by=by)
    return fresh(pep)


def arranged(pep: Pep, day: date, by: Acting):
    return meetings.schedule(
        pep, starts_at=datetime.combine(day, time(14), LONDON), place="Room 4", date_reason="x", by=by
    )


def held(pep: Pep, day: date, by: Acting, *, next_on: date | None = None):
    """Its meeting arranged and held, everybody there."""
    meeting = arranged(pep, day, by)
    came = {each.pk: meetings.Presence(True) for each in invitations_of(meeting)}
    meetings.record(
        meeting, held_on=day, came=came, overview="x", child_took_part="x", next_meeting_on=next_on, by=by
    )  # fmt: skip
    return fresh(pep)


def night(day: date) -> Chased:
    """The clock of one day: the sweep, then the chasing."""
    sweep(by=morning(day))
    return chase(by=morning(day))


def owed(pep: Pep, kind: str, **more) -> Obligation:
    return Obligation.objects.get(pep=pep, kind=kind, **more)


def who(taken) -> set[tuple[str, str]]:
    """(kind, role) of everybody told."""
    return {(each.kind, role) for each in taken for _, role in each.told}


def team(pep: Pep, day: date):
    return team_of(pep.child, day)
