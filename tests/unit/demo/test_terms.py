"""Term dates by rule: about 190 pupil days in any year, never a contradiction."""

from datetime import date

import pytest

from children.bank_holidays import england_and_wales
from children.rules import calendar_mistakes, pupil_days
from pepportal.demo.terms import published_year

KINDS = ({}, {"october_weeks": 2, "start": 1}, {"training": (0, 2, 3, 4)}, {"start": 3})


@pytest.mark.parametrize("autumn", range(2019, 2045))
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_year_has_about_190_pupil_days_and_contradicts_nothing(autumn, kind):
    year = published_year(autumn, **kind)
    assert calendar_mistakes(year) == []
    assert 183 <= pupil_days(year, england_and_wales()) <= 194


def test_the_year_2026_27_is_as_english_schools_have_it():
    year = published_year(2026)
    spans = [(first, last) for first, last, _ in year.spans]
    assert spans[0][1] == date(2026, 10, 23) and spans[1][0] == date(2026, 11, 2)
    assert spans[3][1] == date(2027, 3, 25), "Good Friday is no school day"
    assert spans[4][0] == date(2027, 4, 12)
    assert pupil_days(year, england_and_wales()) == 190


def test_two_weeks_in_october():
    assert (
        published_year(2026, october_weeks=2).spans[1][0] - published_year(2026, october_weeks=2).spans[0][1]
    ).days == 17
