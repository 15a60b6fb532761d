"""Writes down who is away and who covers for them."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from pepportal.accounts.models import Absence, User
from pepportal.accounts.queries import colleagues, last_day
from pepportal.accounts.versions import keep
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting

FURTHEST_BACK = timedelta(days=31)
"""A cover sees what was said to the absent person: nobody becomes one long after the fact."""


class AbsenceConflict(Exception):
    """An absence that can't be: which answer is wrong, and a sentence for the person."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _longer_than_a_year(began_on: date, ended_on: date) -> bool:
    """Compared by parts: a day a year on, counted from 29 February, need not exist."""
    return (ended_on.year - 1, ended_on.month, ended_on.day) > (began_on.year, began_on.month, began_on.day)


@transaction.atomic
def record_absence(*, user: User, cover: User, began_on: date, ended_on: date, by: Acting, reason: str = "") -> Absence:
    """``user`` is away from ``began_on`` until the day before ``ended_on``, and ``cover`` stands in.

    Raises AbsenceConflict: it is over already, began more than 31 days ago or is longer than 12 months, the cover isn't somebody
    with the same role at the same organisation today, is away themselves on one of these days, or ``user`` is away on one of them
    already.
    """
    # The cover too, in one order: two who name each other at the same moment don't both find the other there.
    list(User.objects.select_for_update().filter(pk__in=[user.pk, cover.pk]).order_by("pk").values("pk"))
    if ended_on <= began_on:
        raise AbsenceConflict("until", "The last day must be the first day or later")
    if ended_on <= by.today:
        raise AbsenceConflict("until", "The last day must be today or later")
    if began_on < by.today - FURTHEST_BACK:
        raise AbsenceConflict("began_on", "The first day must not be more than 31 days ago")
    if _longer_than_a_year(began_on, ended_on):
        raise AbsenceConflict("until", "An absence can be at most 12 months long: choose an earlier last day")
    if not colleagues(user, by.today).filter(pk=cover.pk).exists():
        raise AbsenceConflict("cover", "Choose somebody who has the same role at the same organisation today")
    overlapping = Absence.objects.filter(cancelled_at=None, began_on__lt=ended_on, ended_on__gt=began_on)
    if own := overlapping.filter(user=user).first():
        days = f"from {_day(own.began_on)} to {_day(last_day(own))}"
        raise AbsenceConflict("began_on", f"An absence {days} is recorded already: end that one first")
    if theirs := overlapping.filter(user=cover).first():
        days = f"from {_day(theirs.began_on)} to {_day(last_day(theirs))}"
        raise AbsenceConflict("cover", f"{cover.name} is away {days}: choose somebody else")
    absence = Absence(
        user=user, cover=cover, began_on=began_on, ended_on=ended_on, reason=reason, recorded_by_id=by.user_id
    )
    keep(absence, by=by)
    audit.did("record absence", absence, by=by, fields=["began_on", "ended_on", "cover"])
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, by: Acting) -> Absence:
    """The person is back today: the cover ends with yesterday. One that began today, or is still to come, never was.

    Ending one that is over changes nothing.
    """
    absence = Absence.objects.select_for_update().get(pk=absence.pk)
    if absence.cancelled_at is not None or absence.ended_on <= by.today:
        return absence
    if absence.began_on >= by.today:
        absence.cancelled_at = by.at
        keep(absence, by=by, fields=["cancelled_at"])
    else:
        absence.ended_on = by.today
        keep(absence, by=by, fields=["ended_on"])
    audit.did("end absence", absence, by=by, fields=["ended_on"])
    return absence
