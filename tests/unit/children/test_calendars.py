"""Term dates as text: read whole, or every mistake with its line."""

from __future__ import annotations

from datetime import date

import pytest

from children.calendar_files import EXAMPLE, kind_of, read_term_dates

GOOD = """\
name = "Hollin Lane"
[[year]]
academic_year = "2025/26"
pupil_days = 190
spans = [
  ["2025-09-03", "2025-10-24"], ["2025-11-03", "2025-12-19"],
  ["2026-01-05", "2026-02-13"], ["2026-02-23", "2026-03-27"],
  ["2026-04-13", "2026-05-22"], [2026-06-01, 2026-07-22, "last half term"],
]
closures = [
  ["2025-09-03", "INSET"], ["2025-11-03", "INSET"], ["2026-02-23", "Staff training"], ["2026-05-01", "Polling station"],
  ["2026-06-26", "inset day"],
]
"""
HOLIDAYS = {date(2026, 5, 4): "Early May bank holiday"}


def test_a_published_year_is_read_and_counts_what_it_says():
    reading = read_term_dates(GOOD, HOLIDAYS)
    assert reading.problems == () and reading.warnings == () and reading.name == "Hollin Lane"
    (year,) = reading.years
    assert year.spans[5] == (date(2026, 6, 1), date(2026, 7, 22), "last half term")
    assert year.closures[3] == (date(2026, 5, 1), "occasional", "Polling station")


def test_the_example_on_the_page_can_be_published():
    assert read_term_dates(EXAMPLE, {date(2027, 5, 3): "Early May bank holiday"}).problems == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"2025-11-03", "2025-12-19"', '"2025-11-31", "2025-12-19"', "Line 6: “2025-11-31” is not a real date"),
        (
            '"2025-11-03", "2025-12-19"',
            '"2025-11-01", "2025-12-19"',
            "Line 6: Saturday 1 November 2025 is at a weekend",
        ),
        (
            '"2026-01-05", "2026-02-13"',
            '"2025-12-18", "2026-02-13"',
            "Line 7: The stretch from Thursday 18 December 2025",
        ),
        ('["2026-05-01", "Polling station"]', '["2026-05-01"]', "Line 11: Each of the closures must be"),
        (
            '["2026-05-01", "Polling station"]',
            '["2026-05-28", "Fair"]',
            "Line 11: Thursday 28 May 2026 (Fair) lies outside",
        ),
        ("pupil_days = 190", "pupil_days = 191", "Line 4: pupil_days says 191, but the dates of 2025/26 give 190"),
        ('academic_year = "2025/26"', 'academic_year = "25/26"', "Line 3: “25/26” is not an academic year"),
        ("pupil_days = 190", "holidays = 3", "Line 4: “holidays” is not known in a year"),
        ("[[year]]", "[year]", "There is no [[year]]"),
        ("spans = [", "spans = [[", "can’t be read here"),
        ('name = "Hollin Lane"', 'name = "Hollin', "Line 1: this can’t be read here"),
    ],
)
def test_each_mistake_is_named_with_its_line(old, new, says):
    assert old in GOOD
    reading = read_term_dates(GOOD.replace(old, new, 1), HOLIDAYS)
    assert reading.years == ()
    assert says in "\n".join(reading.problems)


def test_several_mistakes_come_together_in_the_order_of_the_lines():
    text = GOOD.replace("2025-10-24", "2025-10-32").replace("2026-06-26", "never")
    assert [problem.split(":")[0] for problem in read_term_dates(text, {}).problems] == ["Line 6", "Line 12"]


@pytest.mark.parametrize(
    "text", ["", "hello", "year = 3", "[[year]]\nspans = 3", "[[year]]\nspans = [3]", "\x00", "[" * 5000]
)
def test_hostile_texts_are_refused_in_words(text):
    reading = read_term_dates(text, {})
    assert reading.years == () and reading.problems


def test_a_short_year_is_pointed_out_and_still_read():
    text = '[[year]]\nacademic_year = "2026/27"\nspans = [["2026-09-02", "2026-10-23"]]\n'
    reading = read_term_dates(text, {})
    assert len(reading.years) == 1
    assert "38 pupil days" in reading.warnings[0]


@pytest.mark.parametrize(
    ("words", "kind"),
    [("INSET", ("inset", "")), ("Staff training: phonics", ("inset", "Staff training: phonics")), ("Eid", ("occasional", "Eid")),
     ("closed: boiler", ("emergency", "closed: boiler")), ("occasional day", ("occasional", "")),
     ("Occasional day: fair", ("occasional", "fair")), ("INSET day – phonics", ("inset", "phonics"))],
)  # fmt: skip
def test_schools_own_words_for_closed_days(words, kind):
    assert kind_of(words) == kind


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "Hollin Lane"', "terms_per_year = 4", "Line 1: terms_per_year must be 3 or 6"),
        ('"2025-09-03", "2025-10-24"', '"2025-10-24", "2025-09-03"', "Line 6: The stretch from Friday 24 October 2025 ends"),
        ('"2025-09-03", "2025-10-24"', '"2024-09-03", "2025-10-24"', "Line 6: Tuesday 3 September 2024 is not in the"),
        ('"2025-09-03", "2025-10-24"', '"Mon 2025-09-03", "2025-10-24"', "Line 6: “Mon 2025-09-03” says Monday"),
        ('"2025-09-03", "2025-10-24"', '"2025-09-03", "2025-10-24", "Monday to Friday"', "Line 6: “Monday to Friday” says Monday"),
        ('["2025-09-03", "INSET"]', '["2025-09-03", "INSET"], ["2025-09-03", "Fair"]', "Line 11: Wednesday 3 September 2025 (Fair)"),
        ("[[year]]", '[[year]]\nacademic_year = "2025/26"\nspans = [["2025-09-03", "2025-10-24"]]\n[[year]]',
         "Line 6: The academic year 2025/26 is there twice"),
    ],
)  # fmt: skip
def test_each_mistake_that_the_engines_own_reader_knew(old, new, says):
    assert old in GOOD
    reading = read_term_dates(GOOD.replace(old, new, 1), HOLIDAYS)
    assert reading.years == ()
    assert says in "\n".join(reading.problems)


def test_weekdays_that_agree_are_taken():
    text = GOOD.replace('"2025-09-03", "2025-10-24"', '"Wed 03/09/2025", "Fri 24 October 2025", "Wednesday to Friday"')
    assert read_term_dates(text, HOLIDAYS).problems == ()


def test_a_mistake_in_the_second_year_is_named_with_its_own_line():
    second = GOOD.split("\n", 1)[1].replace("2026", "2027").replace("2025", "2026").replace("2025/26", "2026/27")
    second = second.replace('"2026/26"', '"2026/27"').replace("pupil_days = 190\n", "")
    reading = read_term_dates(GOOD + second, {**HOLIDAYS, date(2027, 5, 3): "Early May bank holiday"})
    assert "Line 17: Saturday 24 October 2026 is at a weekend" in "\n".join(reading.problems)
