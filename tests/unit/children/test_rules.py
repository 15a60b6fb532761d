"""What must be true of the facts of care and of term dates, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from children import rules
from children.rules import PublishedYear, Stay

TODAY = date(2026, 10, 6)
HOLIDAYS = {date(2027, 3, 26): "Good Friday", date(2027, 3, 29): "Easter Monday", date(2027, 5, 3): "Early May bank holiday",
            date(2027, 5, 31): "Spring bank holiday"}  # fmt: skip
YEAR = PublishedYear(
    "2026/27",
    (
        (date(2026, 9, 2), date(2026, 10, 23), ""), (date(2026, 11, 2), date(2026, 12, 18), ""),
        (date(2027, 1, 4), date(2027, 2, 12), ""), (date(2027, 2, 22), date(2027, 3, 25), ""),
        (date(2027, 4, 12), date(2027, 5, 28), ""), (date(2027, 6, 7), date(2027, 7, 21), ""),
    ),
    ((date(2026, 9, 2), "inset", ""), (date(2026, 11, 2), "inset", "Staff training")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("born", "day", "year"),
    [
        (date(2017, 3, 9), TODAY, 5),
        (date(2016, 8, 31), TODAY, 6),  # the youngest of one year
        (date(2016, 9, 1), TODAY, 5),  # and the oldest of the next, a day later
        (date(2016, 9, 1), date(2026, 8, 31), 4),  # the school year turns on 1 September
        (date(2021, 9, 1), date(2026, 9, 1), 0),
        (date(2022, 10, 1), TODAY, -1),
        (date(2009, 1, 1), TODAY, 13),
    ],
)
def test_the_school_year_of_a_child(born, day, year):
    assert rules.year_group(born, day) == year


@pytest.mark.parametrize(
    ("year", "words"),
    [(4, "Year 4"), (0, "Reception"), (-1, "Nursery"), (-2, "Before nursery"), (13, "Year 13"), (14, "After Year 13")],
)
def test_the_school_year_in_words(year, words):
    assert rules.year_words(year) == words


@pytest.mark.parametrize(
    ("born", "school_phase", "phase"),
    [
        (date(2022, 1, 1), "", "early_years"),
        (date(2021, 10, 1), "primary", "early_years"),  # Reception, though the school is a primary
        (date(2020, 10, 1), "", "primary"),
        (date(2020, 10, 1), "early_years", "early_years"),
        (date(2015, 9, 1), "primary", "primary"),
        (date(2015, 8, 31), "", "secondary"),  # Year 7
        (date(2015, 8, 31), "primary", "primary"),  # kept back a year
        (date(2015, 9, 1), "secondary", "secondary"),  # a year ahead
        (date(2013, 1, 1), "primary", "secondary"),  # two years out is a mistake, not a decision
        (date(2010, 8, 31), "secondary", "post_16"),  # Year 12 in a school's sixth form
        (date(2010, 9, 1), "", "secondary"),
    ],
)
def test_the_phase_goes_by_age_and_by_one_year_of_difference(born, school_phase, phase):
    assert rules.phase_of(born, TODAY, school_phase) == phase


def test_somebody_born_on_29_february_turns_on_1_march():
    assert rules.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert rules.age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


@pytest.mark.parametrize(
    ("family", "given", "sorted_as"),
    [("Ó Súilleabháin", "Zoë", "o suilleabhain zoe"), ("van der Berg", "ANNA", "van der berg anna")],
)
def test_names_sort_without_accents_and_capitals(family, given, sorted_as):
    assert rules.sort_name(family, given) == sorted_as


def test_the_next_reference_follows_the_highest_ever_given():
    assert rules.next_reference("WM", []) == "WM-0001"
    assert rules.next_reference("WM", ["WM-0007", "WM-0041", "WM-odd"]) == "WM-0042"
    assert rules.next_reference("WM", ["WM-9999"]) == "WM-10000"


@pytest.mark.parametrize("upn", ["", "A123456789012", "a12345678901b"])
def test_a_unique_pupil_number_that_can_be(upn):
    assert rules.upn_problem(upn) == ""


@pytest.mark.parametrize("upn", ["123", "AA23456789012", "A1234567890123", "A12345678901!", "А123456789012"])
def test_a_unique_pupil_number_that_cannot_be(upn):
    assert "13 characters" in rules.upn_problem(upn)


def entry(**given):
    facts = {"today": TODAY, "born": date(2017, 3, 9), "began_on": date(2026, 10, 5)} | given
    return dict(rules.entry_problems(**facts))


def test_an_entry_in_order_has_no_problem():
    assert entry(placement_began_on=date(2026, 10, 5), school_began_on=date(2024, 9, 1)) == {}
    assert entry(began_on=TODAY, placement_began_on=TODAY) == {}
    assert entry(born=TODAY, began_on=TODAY) == {}  # a baby, on the first day


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"born": TODAY + timedelta(1)}, "date_of_birth", "today or in the past"),
        ({"began_on": TODAY + timedelta(1)}, "began_on", "today or in the past"),
        ({"born": date(2026, 10, 6)}, "began_on", "before being born"),
        ({"born": date(2008, 10, 5)}, "date_of_birth", "would have been 18"),
        ({"placement_began_on": date(2026, 10, 4)}, "placement_began_on", "before the child came into care"),
        ({"placement_began_on": date(2026, 10, 7)}, "placement_began_on", "today or in the past"),
        ({"school_began_on": date(2017, 3, 8)}, "school_began_on", "before being born"),
        ({"school_began_on": date(2028, 1, 1)}, "school_began_on", "within the next year"),
    ],
)
def test_an_impossible_entry_says_which_day_is_wrong(given, field, says):
    problems = entry(**given)
    assert list(problems) == [field]
    assert says in problems[field]


def test_the_day_before_the_eighteenth_birthday_is_still_possible():
    assert entry(born=date(2008, 10, 6)) == {}


def test_a_new_fact_must_begin_after_the_one_it_takes_over_from():
    stays = [Stay("already lived with Mrs Bright", date(2026, 10, 5))]
    assert rules.new_fact_problem("Amara", stays, date(2026, 10, 6)) == ""
    assert (
        rules.new_fact_problem("Amara", stays, date(2026, 10, 5))
        == "Amara already lived with Mrs Bright from Monday 5 October 2026 and still does: give a later day"
    )
    ended = [Stay("was already at Northgate High", date(2026, 9, 1), date(2026, 10, 1))]
    assert "until Thursday 1 October 2026" in rules.new_fact_problem("Amara", ended, date(2026, 8, 1))


def test_a_fact_outside_the_time_in_care():
    began, ended = date(2026, 1, 5), date(2026, 7, 1)
    assert rules.care_problem(date(2026, 1, 5), began, ended, "It") == ""
    assert "before the child came into care" in rules.care_problem(date(2026, 1, 4), began, ended, "It")
    assert "after the child left care" in rules.care_problem(ended, began, ended, "It")


# --- term dates -------------------------------------------------------------------------------------------------------


def test_a_year_in_order_has_no_mistake_and_counts_its_pupil_days():
    assert rules.calendar_mistakes(YEAR) == []
    weekdays = sum(1 for first, last, _ in YEAR.spans for day in rules.days_between(first, last) if day.weekday() < 5)
    assert rules.pupil_days(YEAR, HOLIDAYS) == weekdays - 2 - 1  # two training days, one bank holiday inside a span


def changed(spans=YEAR.spans, closures=YEAR.closures, name="2026/27"):
    return [mistake.sentence for mistake in rules.calendar_mistakes(PublishedYear(name, tuple(spans), tuple(closures)))]


@pytest.mark.parametrize(
    ("year", "says"),
    [
        ({"name": "2026-27"}, "not an academic year"),
        ({"name": "2026/28"}, "not an academic year"),
        ({"spans": ()}, "has no spans"),
        ({"spans": ((date(2026, 9, 5), date(2026, 10, 23), ""),), "closures": ()}, "at a weekend"),
        ({"spans": ((date(2026, 10, 23), date(2026, 9, 2), ""),), "closures": ()}, "ends before it starts"),
        ({"spans": ((date(2025, 9, 2), date(2026, 10, 23), ""),), "closures": ()}, "not in the academic year"),
        ({"spans": (YEAR.spans[1], YEAR.spans[0])}, "when the last ends"),
        ({"closures": ((date(2026, 9, 5), "inset", ""),)}, "at a weekend"),
        ({"closures": ((date(2026, 10, 27), "occasional", ""),)}, "outside every half term"),
        ({"closures": ((date(2026, 9, 7), "strike", ""),)}, "not one of"),
        ({"closures": ((date(2026, 9, 7), "inset", ""), (date(2026, 9, 7), "inset", ""))}, "listed twice"),
        ({"closures": ((date(2028, 9, 7), "inset", ""),)}, "not in the academic year"),
    ],
)
def test_a_year_that_contradicts_itself_is_refused_in_words(year, says):
    sentences = changed(**year)
    assert len(sentences) == 1, sentences
    assert says in sentences[0]


def test_staff_training_may_lie_outside_the_spans():
    assert changed(closures=((date(2026, 9, 1), "inset", ""),)) == []


def test_a_total_far_from_190_is_pointed_out():
    short = PublishedYear("2026/27", YEAR.spans[:2])
    assert rules.calendar_warnings(short, HOLIDAYS)[0].startswith("2026/27 has 73 pupil days")
    assert rules.calendar_warnings(YEAR, HOLIDAYS) == []


def test_months_number_the_pupil_days_and_say_why_others_are_not():
    months = rules.months_of(YEAR, HOLIDAYS)
    assert [month.title for month in months][::10] == ["September 2026", "July 2027"]
    cells = {cell.day: cell for month in months for week in month.weeks for cell in week if cell.kind != "outside"}
    assert cells[date(2026, 9, 2)].reason == "Staff training (INSET)"
    assert (cells[date(2026, 9, 3)].kind, cells[date(2026, 9, 3)].number) == ("counted", 1)
    assert cells[date(2026, 10, 26)].reason == "Holiday"
    assert cells[date(2027, 5, 3)].reason == "Early May bank holiday"
    assert cells[date(2026, 9, 5)].kind == "skipped"
    assert (
        cells[date(2027, 7, 21)].number == rules.pupil_days(YEAR, HOLIDAYS) == sum(month.pupil_days for month in months)
    )
    assert all(len(week) == 7 and week[0].day.weekday() == 0 for month in months for week in month.weeks)
