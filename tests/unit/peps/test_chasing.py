"""Which reminder, and which rungs of the ladder, are owed on a day: one reminder and never a pile, each rung once (R15, R16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as D
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pepportal.profiles.reading import read_published
from peps.deadlines.calendars import CalendarDays, CalendarNotPublished
from peps.deadlines.chasing import (
    FROM_MEETING,
    Ladder,
    LadderStep,
    Owing,
    Reminders,
    concerned,
    ladder_from,
    reminder_days,
    reminder_owed,
    reminders_from,
    rungs_owed,
)
from tests.unit.peps.calendars import HALFWAY

REMINDERS = reminders_from(read_published("default").document["reminders"])
LADDERS = {
    name: ladder_from(read_published(name).document["escalation"]) for name in ("default", "kent-2017", "enfield")
}
DUE = D(2025, 11, 24)
MINE = Owing(DUE, "designated_teacher", "document")
TWENTY, TEN, THREE = D(2025, 10, 13), D(2025, 11, 10), D(2025, 11, 19)  # school days before it, over half term


def reminded(as_of: D, taken=(), owing: Owing = MINE, reminders: Reminders = REMINDERS):
    found = reminder_owed(reminders, owing, HALFWAY, as_of, taken)
    return found and (found.number, found.on)


def climbed(ladder: str | Ladder, as_of: D, taken=(), owing: Owing = MINE):
    found = rungs_owed(LADDERS[ladder] if isinstance(ladder, str) else ladder, owing, HALFWAY, as_of, taken)
    return [(each.number, each.on, each.tell) for each in found]


# --- reminders ----------------------------------------------------------------------------------------------------------


def test_a_reminder_comes_on_its_day():
    """R15"""
    assert reminded(TWENTY - timedelta(days=1)) is None
    assert reminded(TWENTY) == (20, TWENTY)
    assert reminded(TEN, {20}) == (10, TEN)
    assert reminded(THREE, {20, 10}) == (3, THREE)
    assert reminded(DUE, {20, 10, 3}) == (0, DUE)


def test_once_a_step():
    assert reminded(TEN, {20, 10}) is None
    assert reminded(DUE - timedelta(days=1), {20, 10, 3}) is None


def test_a_missed_night_is_made_good_and_what_was_missed_is_one_reminder():
    assert reminded(TWENTY + timedelta(days=2)) == (20, TWENTY)
    assert reminded(THREE, {20}) == (3, THREE)
    assert reminded(DUE) == (0, DUE)


def test_an_obligation_younger_than_its_days_is_reminded_of_by_the_latest_only():
    assert reminded(D(2025, 11, 20)) == (3, THREE)
    assert reminded(D(2025, 11, 20), {3}) is None


def test_an_earlier_day_is_not_made_up_for_after_a_later_one():
    assert reminded(TEN, {3}) is None


def test_past_the_due_day_it_is_the_ladders():
    assert reminded(DUE + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("owing", "told"),
    [
        (MINE, ("designated_teacher",)),
        (replace(MINE, holder="social_worker"), ("social_worker",)),
        (replace(MINE, both=True), ("designated_teacher", "social_worker")),
        (replace(MINE, holder="virtual_school", both=True), ("designated_teacher", "social_worker")),
        (replace(MINE, holder="virtual_school"), None),
        (replace(MINE, chased=False), None),
    ],
)
def test_a_reminder_goes_to_whoever_holds_it(owing, told):
    found = reminder_owed(REMINDERS, owing, HALFWAY, DUE, ())
    assert (found.tell if found else None) == told


def test_the_roles_are_the_councils():
    only_school = Reminders((0,), "school", ("designated_teacher",))
    found = reminder_owed(only_school, replace(MINE, both=True), HALFWAY, DUE, ())
    assert found.tell == ("designated_teacher",)


@given(st.dates(D(2025, 10, 6), DUE))
def test_told_every_day_or_after_a_gap_nobody_hears_of_one_step_twice_nor_of_two_at_once(stopped):
    """The clock that runs each day, and the one that was stopped until some day, end at the same reminder."""
    taken: set[int] = set()
    day = D(2025, 10, 6)
    while day <= stopped:
        if found := reminder_owed(REMINDERS, MINE, HALFWAY, day, taken):
            assert found.number not in taken
            taken.add(found.number)
        day += timedelta(days=1)
    late = reminder_owed(REMINDERS, MINE, HALFWAY, stopped, ())
    assert (late is None) == (not taken)
    if late:
        assert late.number == min(taken)


@pytest.mark.parametrize("due", [D(2026, 8, 31), D(2026, 9, 1), D(2025, 10, 26), D(2026, 3, 29)])
def test_awkward_due_days_have_their_reminders_in_order(due):
    """The summer holiday, the first of September, the Sundays on which the clocks change."""
    days = reminder_days(REMINDERS, due, HALFWAY)
    assert list(days) == sorted(set(days)) and days[-1] == due
    for count, day in zip((20, 10, 3, 0), days, strict=True):
        found = reminder_owed(REMINDERS, replace(MINE, due=due), HALFWAY, day, ())
        assert found is not None and (found.number, found.on) == (count, day)


def test_the_last_of_february():
    leap = Reminders((1, 0), "calendar", ("designated_teacher",))
    owing = replace(MINE, due=D(2028, 3, 1))
    assert reminder_owed(leap, owing, CalendarDays(), D(2028, 2, 29), ()).number == 1
    assert reminder_owed(leap, owing, CalendarDays(), D(2028, 2, 28), ()) is None


def test_past_what_is_published_it_says_so():
    with pytest.raises(CalendarNotPublished):
        reminder_owed(REMINDERS, replace(MINE, due=D(2030, 11, 1)), HALFWAY, D(2030, 10, 31), ())


# --- the ladder -----------------------------------------------------------------------------------------------------------

FIVE, TENTH, FIFTEENTH, TWENTIETH = D(2025, 12, 1), D(2025, 12, 8), D(2025, 12, 15), D(2026, 1, 5)


def test_nothing_is_late_on_its_due_day():
    assert climbed("default", DUE) == []
    assert climbed("default", DUE + timedelta(days=1)) == [(0, DUE, ("designated_teacher",))]


def test_rung_by_rung():
    """R16, and the ladder that the product ships."""
    taken = {0}
    for number, day, told in (
        (5, FIVE, "virtual_school_caseworker"),
        (10, TENTH, "head_teacher"),
        (15, FIFTEENTH, "virtual_school_head"),
        (20, TWENTIETH, "iro"),
    ):
        assert climbed("default", day - timedelta(days=1), taken) == []
        assert climbed("default", day, taken) == [(number, day, (told,))]
        taken.add(number)
    assert climbed("default", D(2026, 3, 2), taken) == []


def test_missed_rungs_are_made_good_the_gravest_last():
    assert [number for number, _, _ in climbed("default", TENTH)] == [0, 5, 10]
    assert [number for number, _, _ in climbed("default", TENTH, {0, 10})] == [5]


def test_nobody_is_told_who_is_not_concerned():
    care = replace(MINE, holder="social_worker")
    assert climbed("default", TENTH, {0, 5}, care) == [(10, TENTH, ("team_manager",))]
    theirs = replace(MINE, holder="virtual_school", about="")
    assert [told for _, _, told in climbed("default", D(2026, 1, 6), (), theirs)] == [
        ("virtual_school_caseworker",), ("virtual_school_head",), ("iro",),
    ]  # fmt: skip
    meeting = replace(MINE, about="meeting", both=True)
    assert climbed("default", TENTH, {5}, meeting) == [
        (0, DUE, ("designated_teacher", "social_worker")), (10, TENTH, ("head_teacher",)),
    ]  # fmt: skip


def test_what_is_met_or_informal_is_never_chased():
    assert climbed("default", TWENTIETH, (), replace(MINE, chased=False)) == []


HELD = D(2025, 11, 10)
KENT = replace(MINE, meeting_held_on=HELD)  # ten school days after the meeting is the due day itself


def test_kent_contacts_the_teacher_when_ten_school_days_after_the_meeting_are_over():
    """R16"""
    ladder = LADDERS["kent-2017"]
    assert climbed("kent-2017", DUE, (), KENT) == []
    (rung,) = rungs_owed(ladder, KENT, HALFWAY, DUE + timedelta(days=1), ())
    assert (rung.number, rung.on, rung.tell, rung.by, rung.managers) == (
        FROM_MEETING + 10, DUE, ("designated_teacher",), ("virtual_school_caseworker",), False,
    )  # fmt: skip
    assert climbed("kent-2017", DUE + timedelta(days=1), {FROM_MEETING + 10}, KENT) == []


def test_a_rung_about_the_document_says_nothing_of_a_meeting_and_none_is_reached_before_it_was_held():
    late = DUE + timedelta(days=30)
    assert climbed("kent-2017", late, (), replace(KENT, about="meeting")) == []
    assert climbed("kent-2017", late, (), replace(KENT, meeting_held_on=None)) == []


def test_the_manager_is_told_that_the_social_workers_part_is_missing():
    """R16: at the first rung from the meeting; where no rung is counted from it and none names the manager, at the last."""
    missing = replace(KENT, social_worker_part_missing=True)
    (kent,) = rungs_owed(LADDERS["kent-2017"], missing, HALFWAY, DUE + timedelta(days=1), ())
    assert kent.managers and kent.tell == ("designated_teacher",)
    (enfield,) = rungs_owed(LADDERS["enfield"], missing, HALFWAY, DUE + timedelta(days=1), ())
    assert enfield.managers and enfield.number == 0
    named = rungs_owed(LADDERS["default"], replace(missing, holder="social_worker"), HALFWAY, TENTH, ())
    assert [(each.tell, each.managers) for each in named][-1] == (("team_manager",), False)
    silent = replace(LADDERS["kent-2017"], manager_told_of=("social_worker_absent",))
    (rung,) = rungs_owed(silent, missing, HALFWAY, DUE + timedelta(days=1), ())
    assert not rung.managers


def test_two_steps_on_one_day_are_one_rung():
    ladder = Ladder(
        "school",
        (LadderStep(0, "due", ("designated_teacher",)), LadderStep(0, "due", ("iro",), by="virtual_school")),
        (), (),
    )  # fmt: skip
    (rung,) = rungs_owed(ladder, MINE, HALFWAY, DUE + timedelta(days=1), ())
    assert (rung.tell, rung.by) == (("designated_teacher", "iro"), ("virtual_school",))


@pytest.mark.parametrize(
    ("role", "holder", "both", "told"),
    [
        ("designated_teacher", "designated_teacher", False, True),
        ("designated_teacher", "social_worker", False, False),
        ("social_worker", "virtual_school", True, True),
        ("head_teacher", "designated_teacher", False, True),
        ("head_teacher", "social_worker", True, False),
        ("team_manager", "social_worker", False, True),
        ("team_manager", "virtual_school", True, False),
        ("iro", "social_worker", False, True),
    ],
)
def test_who_is_concerned(role, holder, both, told):
    assert concerned(role, Owing(DUE, holder, both=both)) is told
