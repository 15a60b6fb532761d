"""What must hold of everything owed, whatever the facts: somebody has it, once, on a day that counts, and again the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pepportal.clock.rules import PREPARED, Change, ChildFacts, Copy, Holder, MeetingFacts, Owed, PepFacts, derive
from pepportal.profiles.reading import PUBLISHED_NAMES, read_published
from peps.deadlines.calendars import Calendars
from peps.deadlines.rules import CHANGE_WORDS, Policy, policy_of
from tests.unit.peps.calendars import CALENDARS, NO_SCHOOL, NOTTINGHAM, WORKING

POLICIES = [policy_of(read_published(name).document) for name in PUBLISHED_NAMES]
FIRST, LAST = date(2025, 9, 1), date(2027, 7, 31)
DAYS = st.dates(FIRST, LAST)
MAYBE = st.none() | DAYS
ROLES = ("social_worker", "designated_teacher", "virtual_school")
MORE = settings(deadline=None, max_examples=100)


@st.composite
def meetings(draw: st.DrawFn) -> MeetingFacts:
    day = draw(DAYS)
    held = draw(st.none() | st.just(day) | DAYS)
    return MeetingFacts(arranged_on=day - timedelta(days=20), day=day, held_on=held, next_on=draw(MAYBE))


@st.composite
def plans(draw: st.DrawFn, number: int) -> PepFacts:
    owners = ("designated_teacher", "social_worker")
    states = ("preparing", "completing", "submitted", "returned", "finalised", "closed")
    finalised = draw(MAYBE)
    meeting = draw(st.none() | meetings())
    soon = st.integers(0, 9)
    return PepFacts(
        pep_id=number,
        kind=draw(st.sampled_from(("first", "review", "extra"))),
        state="finalised" if finalised else draw(st.sampled_from(states[:4] + states[5:])),
        trigger_on=draw(DAYS),
        opened_on=draw(DAYS if meeting is None else DAYS | soon.map(lambda days: meeting.day - timedelta(days=days))),
        policy=draw(st.sampled_from(POLICIES)),
        organiser=draw(st.sampled_from(ROLES)),
        meeting=meeting,
        parts_ready=draw(st.dictionaries(st.sampled_from(sorted(PREPARED)), MAYBE)),
        parts_complete=draw(st.dictionaries(st.sampled_from(owners), MAYBE)),
        submitted_on=draw(MAYBE),
        returned_on=draw(MAYBE),
        finalised_on=finalised,
        succeeded=draw(st.booleans()),
        school_part_by=draw(st.sampled_from(("designated_teacher", "virtual_school"))),
        cause=draw(st.sampled_from(("first:5", "extra:c0", "extra:c1"))),
        informal=draw(st.booleans()),
        sdq_frequency=draw(st.sampled_from(("yearly", "termly", "never"))),
        attainment_on=draw(MAYBE),
        copies=draw(
            st.sampled_from(
                [(), (Copy("carer", "social_worker", 5, "working"), Copy("case_system", "data_team", 5, "school"))]
            )
        ),
    )


@st.composite
def children(draw: st.DrawFn) -> ChildFacts:
    people = {
        "social_worker": Holder("social_worker", 2, "Mr P. Doyle"),
        "designated_teacher": Holder("designated_teacher", 3, "Ms R. Khan", 8),
    }
    there = draw(st.sets(st.sampled_from(sorted(people))))
    caseworker = draw(st.none() | st.just(1))
    calendars = draw(st.sampled_from([CALENDARS, NO_SCHOOL, Calendars(WORKING, NOTTINGHAM)]))
    entry = draw(DAYS)
    kinds = draw(st.lists(st.sampled_from(sorted(CHANGE_WORDS)), max_size=3))
    return ChildFacts(
        child_id=7,
        in_scope=draw(st.booleans() | st.just(True)),
        entry_on=entry,
        planned=draw(st.booleans()),
        has_school=calendars.school is not None,
        calendars=calendars,
        default_policy=POLICIES[0],
        holders={
            "virtual_school": Holder("virtual_school", caseworker, "", 9),
            **{role: people[role] for role in there},
        },
        peps=tuple(draw(plans(number)) for number in range(draw(st.integers(0, 3)))),
        care_reviews=tuple((f"r{place}", day) for place, day in enumerate(draw(st.lists(DAYS, max_size=2)))),
        year_group=draw(st.none() | st.integers(-1, 13)),
        today=draw(MAYBE),
        policy=draw(st.none() | st.sampled_from(POLICIES)),
        scope_from_on=draw(st.none() | st.just(entry) | DAYS),
        entry_policy=draw(st.none() | st.sampled_from(POLICIES)),
        first_pep_by=draw(st.sampled_from(ROLES)),
        changes=tuple(Change(f"c{place}", kind, draw(DAYS)) for place, kind in enumerate(kinds)),
        unallocated_since=draw(MAYBE),
        no_teacher_since=draw(MAYBE),
        outgrown_since=draw(MAYBE),
        sdq_days=tuple(draw(st.lists(DAYS, max_size=2))),
        episode_id=5,
        school_id=8,
        reviews_by=draw(st.sampled_from(("", *ROLES))),
    )


@given(children())
@MORE
def test_somebody_holds_every_ball(facts):
    """A person, or an organisation that answers for a part nobody is in."""
    for each in derive(facts):
        assert each.holder.user_id or each.holder.organisation_id, each.key
        assert each.holder.role and each.title and each.deadline.rule, each.key


@given(children())
@MORE
def test_nothing_is_owed_twice_and_what_is_owed_fits_its_row(facts):
    keys = [each.key for each in derive(facts)]
    assert len(set(keys)) == len(keys)
    for each in derive(facts):
        assert len(each.key) <= 120 and len(each.kind) <= 40 and len(each.title) <= 120
        assert len(each.deadline.rule) <= 300


@given(children())
@MORE
def test_the_same_facts_owe_the_same(facts):
    """Asked again, and with the plans' changes told in another order: moving nothing changes nothing."""
    assert derive(facts) == derive(replace(facts))
    assert derive(replace(facts, changes=facts.changes[::-1])) == derive(facts)


def counts(each: Owed, facts: ChildFacts) -> bool:
    until = each.deadline.due + timedelta(days=400)
    calendar = facts.calendars.working.continued(until)
    if each.deadline.unit == "school" and facts.calendars.school is not None:
        calendar = facts.calendars.school.continued(until)
    return calendar.counts(each.deadline.due)


#: Due on a date that somebody has published, on the meeting's own day, or where the child has no school's terms to count by.
def fixed(each: Owed, policies: list[Policy], facts: ChildFacts) -> bool:
    by_date = each.deadline.kind == "review" and any(policy.review.cycle == "published_dates" for policy in policies)
    return by_date or (each.deadline.kind == "review" and facts.calendars.school is None)


@given(children())
@MORE
def test_what_is_counted_in_school_or_working_days_is_due_on_one(facts):
    policies = [pep.policy for pep in facts.peps]
    meetings_on = {pep.meeting.day for pep in facts.peps if pep.meeting}
    for each in derive(facts):
        if each.deadline.unit == "calendar" or fixed(each, policies, facts):
            continue
        if each.kind in ("prepare", "sdq") and each.deadline.due in meetings_on:
            continue
        assert counts(each, facts), (each.key, each.deadline.due)


@given(children())
@MORE
def test_a_provisional_day_says_what_it_rests_on(facts):
    for each in derive(facts):
        if each.deadline.provisional:
            assert each.deadline.assumed, each.key


@given(children())
@MORE
def test_out_of_scope_nothing_is_owed(facts):
    assert derive(replace(facts, in_scope=False)) == ()


@given(children(), st.integers(1, 40))
@MORE
def test_a_later_entry_never_has_an_earlier_first_plan(facts, days):
    """Monotone in the trigger."""
    facts = replace(
        facts, in_scope=True, peps=(), entry_policy=facts.entry_policy or POLICIES[0], scope_from_on=facts.entry_on
    )
    later = facts.entry_on + timedelta(days=days)
    moved = replace(facts, entry_on=later, scope_from_on=later)
    due = {each.kind: each.deadline.due for each in derive(facts)}
    assert {each.kind: each.deadline.due for each in derive(moved)}["first_pep"] >= due["first_pep"]
