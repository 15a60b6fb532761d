"""Who is away, and who stands in for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from pepportal.accounts.models import Absence, Membership, User


def absence_on(user_id: UUID, day: date) -> Absence | None:
    """The absence that holds for a person on a day, with its cover."""
    return Absence.objects.current(day).filter(user=user_id).select_related("cover").first()


def last_day(absence: Absence) -> date:
    """The last day away, as people say it."""
    return absence.ended_on - timedelta(days=1)


def stand_in(user: User, day: date) -> User:
    """Who gets what is for ``user`` on ``day``: the first along their covers who is there (not away, account open).

    A cover who is away too passes it on to their own. Where nobody along the covers is there, or they go round in a
    circle, it stays with ``user``. One query for somebody who is there.
    """
    seen, absence = {user.pk}, absence_on(user.pk, day)
    while absence is not None and absence.cover_id not in seen and _colleagues(absence, day):
        cover = absence.cover
        seen.add(cover.pk)
        absence = absence_on(cover.pk, day)
        if absence is None and cover.is_active:
            return cover
    return user


def _colleagues(absence: Absence, day: date) -> bool:
    """Whether both hold the same role at the same organisation on a day: a cover who has left is none."""
    theirs = Membership.objects.current(day).filter(user=absence.user_id)
    return (
        Membership.objects.current(day)
        .filter(user=absence.cover_id)
        .filter(Exists(theirs.filter(organisation=OuterRef("organisation"), role=OuterRef("role"))))
        .exists()
    )


_COVERED = """
WITH RECURSIVE held AS (
    SELECT a.user_id, a.cover_id FROM accounts_absence a
     WHERE a.cancelled_at IS NULL AND a.began_on <= %s AND a.ended_on > %s AND EXISTS (
        SELECT 1 FROM accounts_membership away JOIN accounts_membership cover
            ON cover.organisation_id = away.organisation_id AND cover.role = away.role
         WHERE away.user_id = a.user_id AND away.began_on <= %s AND (away.ended_on IS NULL OR away.ended_on > %s)
           AND cover.user_id = a.cover_id AND cover.began_on <= %s AND (cover.ended_on IS NULL OR cover.ended_on > %s))
), covered(id) AS (
    SELECT user_id FROM held WHERE cover_id = %s
    UNION
    SELECT held.user_id FROM held JOIN covered ON held.cover_id = covered.id
)
SELECT id FROM covered
"""


def covered_by(user_id: UUID, day: date) -> RawSQL:
    """The ids of those for whom a person stands in on ``day``, those of people they cover among them: a subquery, for ``user__in``.

    Only while both hold the same role at the same organisation. Recursive, since a cover may go away and be covered in turn;
    UNION ends it where two name each other.
    """
    return RawSQL(_COVERED, (*[day] * 6, user_id))


def absences_of(user_ids: Collection[UUID], day: date) -> list[Absence]:
    """The absences of some people that hold on ``day`` or are to come, soonest first."""
    rows = Absence.objects.to_come(day).filter(user__in=user_ids).select_related("user", "cover")
    return list(rows)


def covering(user_id: UUID, day: date) -> list[Absence]:
    """The absences that a person covers, now and to come."""
    return list(Absence.objects.to_come(day).filter(cover=user_id).select_related("user"))


def colleagues(user: User, day: date) -> QuerySet[User]:
    """Who may cover for ``user``: people with an open account who hold one of the same roles at the same organisation on ``day``."""
    own = Membership.objects.current(day).filter(
        user=user, organisation=OuterRef("organisation"), role=OuterRef("role")
    )
    same = Membership.objects.current(day).filter(Exists(own)).exclude(user=user)
    return User.objects.filter(is_active=True, pk__in=same.values("user")).order_by("name", "pk")
