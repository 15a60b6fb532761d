from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from funding import rules
from funding.policy import funding_policy
from funding.rules import ReleaseFacts, Taken, may_release
from pepportal.profiles.reading import read_published


def scheme(name: str):
    return funding_policy(read_published(name).table("funding"))


ENFIELD, BOLTON, DEFAULT = scheme("enfield"), scheme("bolton-2021"), scheme("default")
DAY = date(2026, 10, 6)
GOOD = ReleaseFacts(
    scheme=ENFIELD, pence=30000, category="tuition", on=DAY, finalised=True, agreed=True, confirmed_targets=1
)


def test_everything_holds_and_the_conditions_met_are_listed():
    release = may_release(GOOD)
    assert release.allowed
    assert release.reasons == (
        "The plan is finalised.",
        "The virtual school agreed the use of the money.",
        "The rules allow it: tuition or teaching in a small group.",
        "The scheme for 2026/27 is entered.",
        "£300 is within what the rules allow.",
        "It pays towards a target that a teacher confirmed.",
    )


THREE = tuple(Taken(10000, date(2026, 9, day)) for day in (7, 8, 9))
GRADED = replace(ENFIELD, release_needs=("finalised", "minimum_grade"))


@pytest.mark.parametrize(("facts", "sentence"), [
    ({"finalised": False}, "The plan isn't finalised."),
    ({"agreed": False}, "The virtual school hasn't agreed the use of the money."),
    ({"confirmed_targets": 0}, "It pays towards no target that a teacher confirmed."),
    ({"scheme": BOLTON, "category": "transport"},
     "Pupil Premium Plus can't pay for transport: under these rules never for administration, clothing or transport."),
    ({"category": "yachts"}, "What the money is for isn't among the kinds that can be paid for."),
    ({"pence": 50001}, "£500.01 is more than the £500 that one request may ask for."),
    ({"others": THREE}, "Money was asked for three times in 2026/27 already: three times a year is the most."),
    ({"scheme": BOLTON, "pence": 104501}, "The most for September to March is £1,045: £1,045 is left, not £1,045.01."),
    ({"scheme": DEFAULT}, "The virtual school hasn't entered its scheme for 2026/27 yet."),
    ({"scheme": GRADED, "grade_reached": False}, "The plan hasn't reached the grade that the rules ask for."),
    ({"scheme": GRADED}, "The plan hasn't reached the grade that the rules ask for."),
])  # fmt: skip
def test_each_condition_alone_holds_the_money(facts, sentence):
    release = may_release(replace(GOOD, **facts))
    assert not release.allowed
    assert release.reasons == (sentence,)


def test_every_failing_condition_is_said():
    release = may_release(replace(GOOD, finalised=False, agreed=False, confirmed_targets=0))
    assert len(release.reasons) == 3


def test_a_council_that_links_no_targets_asks_for_none():
    assert may_release(replace(GOOD, scheme=replace(ENFIELD, linked_to_targets=False), confirmed_targets=0)).allowed


def test_a_reached_grade_releases():
    assert may_release(replace(GOOD, scheme=GRADED, grade_reached=True)).allowed


@pytest.mark.parametrize(("day", "year"), [
    (date(2026, 3, 31), "2025/26"), (date(2026, 4, 1), "2026/27"), (date(2027, 3, 31), "2026/27"),
    (date(2026, 12, 31), "2026/27"), (date(2027, 1, 1), "2026/27"), (date(2099, 4, 1), "2099/00"),
])  # fmt: skip
def test_financial_years_turn_on_the_first_of_april(day, year):
    assert rules.financial_year(day) == year


@pytest.mark.parametrize(("pence", "on", "others", "allowed"), [
    (50000, DAY, (), True),
    (50001, DAY, (), False),
    (100, DAY, THREE[:2], True),
    (100, DAY, THREE, False),
    (100, date(2027, 8, 31), THREE, False),  # the same school year
    (100, date(2027, 9, 1), THREE, True),  # the next one
])  # fmt: skip
def test_so_much_a_request_and_so_many_a_year(pence, on, others, allowed):
    assert (rules.within_cap(ENFIELD, pence, on, others).against == ()) is allowed


def test_a_scheme_by_financial_years_counts_from_april():
    april = replace(ENFIELD, year="financial", times_a_year=1)
    earlier = [Taken(100, date(2026, 3, 31))]
    assert rules.within_cap(april, 100, date(2026, 4, 1), earlier).against == ()
    assert rules.within_cap(april, 100, date(2026, 3, 31), earlier).against != ()


@pytest.mark.parametrize(("pence", "on", "others", "allowed"), [
    (75000, date(2026, 4, 1), (), True),
    (75001, date(2026, 8, 31), (), False),
    (104500, date(2026, 9, 1), (), True),
    (104500, date(2027, 3, 31), (Taken(1, date(2026, 9, 1)),), False),  # one run of months over the new year
    (104500, date(2026, 9, 1), (Taken(104500, date(2026, 3, 31)),), True),  # last year's run
    (75000, date(2026, 4, 1), (Taken(104500, date(2026, 3, 31)),), True),  # another instalment
    (45000, date(2026, 5, 1), (Taken(30000, date(2026, 4, 1)),), True),
    (45001, date(2026, 5, 1), (Taken(30000, date(2026, 4, 1)),), False),
])  # fmt: skip
def test_instalments_by_months(pence, on, others, allowed):
    assert (rules.within_cap(BOLTON, pence, on, others).against == ()) is allowed


def test_a_month_without_an_instalment_pays_nothing():
    summer = replace(BOLTON, instalments=BOLTON.instalments[:1])
    assert rules.within_cap(summer, 1, DAY, ()).against == ("The scheme has no instalment for October.",)


@pytest.mark.parametrize(("which", "lines"), [
    (ENFIELD, ("Up to £500, three times a year",)),
    (BOLTON, ("Up to £750 for April to August and £1,045 for September to March", "Never for administration, clothing or transport")),
])  # fmt: skip
def test_the_scheme_in_words(which, lines):
    assert rules.in_words(which, DAY) == lines


def test_a_scheme_not_entered_says_so():
    assert "hasn't entered its scheme for 2026/27" in rules.in_words(DEFAULT, DAY)[0]
    assert rules.within_cap(DEFAULT, 10**7, DAY, THREE).against == ()
