"""Words for dates, money and counts: the examples in the docstrings are the tests."""

import doctest
from datetime import UTC, date, datetime

import pytest

from pepportal.ui import forms, owners, statuses, wording


@pytest.mark.parametrize("module", [wording, owners, statuses, forms])
def test_examples_in_docstrings_hold(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_a_moment_is_told_in_english_time_on_both_sides_of_the_clock_change():
    assert wording.when_words(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "Thursday 2 July 2026, 12:30am"
    assert wording.when_words(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == "Tuesday 1 December 2026, 11:30pm"


@pytest.mark.parametrize(
    ("today", "left", "words"),
    [
        (date(2026, 11, 23), 3, "due in 3 school days"),
        (date(2026, 11, 25), 1, "due tomorrow"),
        (date(2026, 11, 26), 0, "due today"),
        (date(2026, 11, 27), -1, "1 school day late"),
        (date(2026, 12, 1), -3, "3 school days late"),
        # Over days that don't count, calendar days speak: never "due in 0" or "0 late".
        (date(2026, 11, 28), 0, "2 days late"),
        (date(2026, 11, 27), 2, "1 day late"),
    ],
)
def test_due_words(today, left, words):
    assert wording.due_words(date(2026, 11, 26), today, left) == words
