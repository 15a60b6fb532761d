"""The clock lives through a year and a half of two councils' children, morning by morning, with nights when it was down.

Amara's people do their part (they meet when the portal suggests it); nobody ever does anything for the others. The days include the end of
a school year, a new one that nobody has published, the clock changes, Good Friday, substitute bank holidays, 31 August, 1 September and
29 February.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from django.conf import settings as django_settings
from django.db.models import Count

from children.actions import publish_calendar
from children.models import Calendar
from children.queries import team_of
from children.rules import PublishedYear
from meetings import actions as meetings
from meetings.models import Meeting, MeetingState
from meetings.queries import date_rule, invitations_of, next_date_rule
from pepportal.audit.acting import LONDON
from pepportal.clock.management.commands.run_clock import run
from pepportal.clock.models import Chase, Obligation
from pepportal.notify.models import Notice
from pepportal.notify.tasks import send_digests
from peps.models import Pep
from tests.cast import TODAY
from tests.web.clock.doing import morning

pytestmark = [pytest.mark.deep, pytest.mark.django_db]

LAST = date(2028, 3, 1)
PUBLISHED_ON = date(2027, 7, 1)
DOWN = {TODAY + timedelta(days=days) for days in (9, 10, 80, 81, 82, 83, 330)} | {date(2027, 8, 30), date(2028, 2, 28)}
"""Mornings on which nothing ran; the next makes them good."""
AGAIN = {date(2026, 10, 25), date(2027, 3, 26), date(2027, 8, 31), date(2027, 9, 1), date(2028, 2, 29)}
"""Mornings on which it runs twice."""


def _meet(pep: Pep, day: date, acting, teacher) -> None:
    """Arranges the plan's meeting on the first day that the portal suggests, and holds it when that day is there."""
    by = acting(teacher, datetime.combine(day, time(16), LONDON))
    team = team_of(pep.child, day)
    meeting = Meeting.objects.filter(pep=pep, state=MeetingState.SCHEDULED).first()
    if meeting is None:
        rule = date_rule(pep, team)
        wanted = next(iter(rule.good_dates(day)), None)
        if wanted is not None:
            starts_at = datetime.combine(wanted, time(14), LONDON)
            meetings.schedule(pep, starts_at=starts_at, place="Room 4", date_reason="The only day", by=by)
    elif meeting.starts_at.astimezone(LONDON).date() == day:
        came = {each.pk: meetings.Presence(True) for each in invitations_of(meeting)}
        suggested = next(iter(next_date_rule(pep, team, day).good_dates(day)), None)
        meetings.record(
            meeting, held_on=day, came=came, overview="x", child_took_part="x", next_meeting_on=suggested, by=by
        )


def _publish_next_year(cast) -> None:
    """Westmere publishes 2027/28, a year on from its own pattern; Eastvale, in whose area Jonah's school is, never does."""
    this = Calendar.objects.get(authority=cast.westmere, academic_year="2026/27")
    on = timedelta(weeks=52)
    spans = tuple((date.fromisoformat(a) + on, date.fromisoformat(b) + on, words) for a, b, words in this.spans)
    publish_calendar(
        year=PublishedYear("2027/28", spans), name="Westmere", authority=cast.westmere, by=morning(PUBLISHED_ON)
    )


def _every_ball_is_held() -> None:
    assert not Obligation.objects.open().filter(holder=None, holder_organisation=None).exists()


def _one_email_a_person_and_day() -> None:
    digests = Counter(
        (each.person_id, each.created_at.astimezone(LONDON).date()) for each in Notice.objects.filter(kind="digest")
    )
    assert digests and set(digests.values()) == {1}


def _no_step_twice() -> None:
    steps = Chase.objects.values("child_id", "obligation_key", "revision", "what", "step").annotate(times=Count("pk"))
    assert not steps.filter(times__gt=1).exists()


def _set_clock(moment: datetime) -> None:
    """The product's one clock. In the test's own settings: the fixture would put a layer on top for each of a thousand moments."""
    vars(django_settings._wrapped)["PORTAL_NOW"] = moment


def test_a_year_and_a_half_day_by_day(cast, acting, settings):
    settings.PORTAL_NOW = None  # a layer of our own, taken away with the fixture
    day = TODAY
    nothing = {"swept": 0, "opened": [], "rolled_over": 0, "reminded": [], "escalated": [], "told": 0}
    while day <= LAST:
        if day == PUBLISHED_ON:
            _publish_next_year(cast)
        if day not in DOWN:
            _set_clock(datetime.combine(day, time(6), LONDON))
            run(by=morning(day))
            if day in AGAIN:
                assert run(by=morning(day)) == nothing | {"as_of": day.isoformat()}
            _set_clock(datetime.combine(day, time(7, 10), LONDON))
            send_digests()
            _every_ball_is_held()
        for pep in Pep.objects.filter(child=cast.children["amara"], state="preparing", informal=False):
            _set_clock(datetime.combine(day, time(16), LONDON))
            _meet(pep, day, acting, cast.designated_teacher)
        day += timedelta(days=1)

    _no_step_twice()
    _one_email_a_person_and_day()
    amara = Pep.objects.filter(child=cast.children["amara"]).order_by("opened_at")
    assert [pep.kind for pep in amara[:2]] == ["first", "review"]
    held = list(
        Meeting.objects.filter(pep__child=cast.children["amara"], state="held")
        .order_by("held_on")
        .values_list("held_on", flat=True)
    )
    # One a term: autumn, spring and summer of 2026/27, autumn of the year after and the spring in which we stop.
    assert len(held) >= 4 and all(later - earlier < timedelta(days=200) for earlier, later in pairwise(held))
    assert not any(
        Obligation.objects.filter(
            child=cast.children["amara"], kind="meeting", met_on=None, dropped_at=None, due_on__lt=LAST
        )
    )
    # Nobody arranges anything for Skye: each rung of the ladder once, up to the reviewing officer or the virtual school in their place.
    skye = Chase.objects.filter(
        child_id=cast.children["skye"].pk, obligation_key__startswith="meeting:", what="escalation"
    )
    assert sorted(skye.values_list("step", flat=True)) == [0, 5, 10, 15, 20]
    # A former child's people hear nothing at all.
    assert not Notice.objects.filter(child_id=cast.children["leila"].pk).exists()
    assert not Chase.objects.filter(child_id=cast.children["leila"].pk).exists()
