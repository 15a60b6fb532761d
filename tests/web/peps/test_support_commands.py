"""add_days, count_school_days and explain_deadline with the database there: answers, refusals, and its own bank holidays."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from children.models import BankHoliday

pytestmark = pytest.mark.django_db
TERM_DATES = Path(__file__).parents[2] / "data" / "term-dates"
KENT = str(TERM_DATES / "kent-six-term.toml")
TOTALS = {"kent-six-term": 190, "portsmouth-infant": 190, "secondary-staggered-inset": 190, "staffordshire": 193}


def said(*given: str) -> dict:
    out = io.StringIO()
    call_command(*given, "--json", stdout=out, stderr=io.StringIO())
    assert out.getvalue().count("\n") == 1
    return json.loads(out.getvalue())


@pytest.mark.parametrize("name", TOTALS)
def test_real_term_dates_count_to_their_pupil_days(name):
    told = said("count_school_days", "--calendar", str(TERM_DATES / f"{name}.toml"))
    assert told["total"] == sum(told["spans"]) == TOTALS[name] and len(told["spans"]) == 6


def test_working_days_leave_out_what_the_database_adds():
    given = ("add_days", "--unit", "working", "--from", "2026-10-05", "--count", "5")
    assert said(*given)["due"] == "2026-10-12"
    BankHoliday.objects.create(day=date(2026, 10, 9), name="A coronation")
    told = said(*given)
    assert told["due"] == "2026-10-13"
    assert {"date": "2026-10-09", "skipped": "bank holiday: A coronation"} in told["steps"]


@pytest.mark.parametrize(("start", "count", "due"), [
    ("2028-02-28", "1", "2028-02-29"), ("2026-08-31", "0", "2026-08-31"), ("2026-03-28", "2", "2026-03-30"),
])  # fmt: skip
def test_calendar_days(start, count, due):
    assert said("add_days", "--unit", "calendar", "--from", start, "--count", count)["due"] == due


@pytest.mark.parametrize(("given", "sentence"), [
    ("add_days --unit school --from 2025-10-13 --count 3", "give --calendar FILE"),
    ("add_days --unit working --from 2025-02-30 --count 3", "--from must be a real date"),
    ("add_days --unit working --count 3", "Give --from"),
    ("add_days --unit working --from 2025-W42-1 --count 3", "--from must be a real date"),
    ("add_days --unit working --from 20251013 --count 3", "--from must be a real date"),
    ("add_days --unit working --from 2025-10-13 --count 3 --calendar nowhere.toml", "The file nowhere.toml can’t be read"),
    ("add_days --unit working --from 2025-02-03 --count -3", "--count must be a whole number"),
    ("add_days --unit working --from 2028-12-18 --count 20", "The list of bank holidays for 2028/29 is not published"),
    (f"add_days --unit school --from 2026-07-20 --count 3 --calendar {KENT}", "2026/27 is not published. Add that year to"),
    ("add_days --unit calendar --from 9999-12-30 --count 9", "beyond the year 9999"),
    (f"count_school_days --calendar {KENT} --year 2031/32", "--year must be one of those in"),
    ("count_school_days", "Give --calendar FILE"),
    ("explain_deadline --profile nowhere --kind review --trigger 2025-10-13", "there are default, social-worker-led"),
    ("explain_deadline --kind review --trigger 2025-10-13", "Give --profile NAME"),
    ("explain_deadline --profile enfield --kind birthday --trigger 2025-10-13", "--kind must be one of first_pep"),
    ("explain_deadline --profile enfield --kind first_pep --trigger 2025-10-13", "--placement must be one of planned"),
    ("explain_deadline --profile enfield --kind review --trigger soon", "--trigger must be a real date"),
    ("explain_deadline --profile bolton-2021 --kind first_pep --trigger 2009-10-13 --placement planned", "is not published"),
])  # fmt: skip
def test_what_cannot_be_answered_is_said_in_a_sentence(given, sentence):
    with pytest.raises(CommandError, match=sentence):
        said(*given.split())


def test_a_total_that_the_dates_do_not_give_is_refused(tmp_path):
    path = tmp_path / "dates.toml"
    path.write_text(Path(KENT).read_text().replace("pupil_days = 190", "pupil_days = 191"))
    with pytest.raises(CommandError, match="pupil_days says 191, but the dates of 2025/26 give 190"):
        said("count_school_days", "--calendar", str(path), "--year", "2025/26")


@pytest.mark.parametrize(("given", "due"), [
    (f"--profile kent-2017 --kind first_pep --trigger 2025-10-13 --placement unplanned --calendar {KENT}", None),
    ("--profile kent-2017 --kind review --trigger 2025-10-13", "2026-04-13"),
    (f"--profile enfield --kind completion --trigger 2025-10-13 --calendar {KENT}", "2025-10-20"),
    (f"--profile bolton-2021 --kind first_pep --trigger 2025-12-15 --placement planned --calendar {KENT}", "2025-12-31"),
    (f"--profile default --kind preparation --trigger 2025-11-24 --calendar {KENT}", None),
    (f"--profile default --kind quality --trigger 2025-11-24 --calendar {KENT}", None),
    (f"--profile default --kind care_review --trigger 2025-11-24 --calendar {KENT}", None),
    (f"--profile default --kind extra_pep --trigger 2025-11-24 --calendar {KENT}", None),
])  # fmt: skip
def test_each_kind_is_explained(given, due):
    told = said("explain_deadline", *given.split())
    assert {"due", "steps", "profile", "version", "rule", "event", "unit", "count", "assumed", "explanation"} <= set(
        told
    )
    assert told["rule"] and told["explanation"] and told["event"]
    assert due is None or told["due"] == due


def test_past_the_calendar_the_answer_is_provisional_and_says_why():
    told = said(
        "explain_deadline", "--profile", "kent-2017", "--kind", "first_pep", "--trigger", "2026-07-13",
        "--placement", "planned", "--calendar", KENT,
    )  # fmt: skip
    assert told["provisional"] and "2026/27 is not published" in " ".join(told["assumed"])


def test_without_a_school_place_the_profiles_own_rule_holds():
    told = said(
        "explain_deadline", "--profile", "social-worker-led", "--kind", "first_pep", "--trigger", "2025-10-13",
        "--placement", "planned", "--no-school-place",
    )  # fmt: skip
    assert told["unit"] == "working"


def test_without_json_the_commands_are_to_be_read(capsys):
    call_command("add_days", "--unit", "working", "--from", "2025-12-22", "--count", "3")
    call_command("count_school_days", "--calendar", KENT)
    call_command(
        "explain_deadline",
        "--profile",
        "bolton-2021",
        "--kind",
        "review",
        "--trigger",
        "2025-10-13",
        "--calendar",
        KENT,
    )
    out = capsys.readouterr().out
    assert "Thu 2025-12-25  bank holiday: Christmas Day" in out and "2025/26: 190 pupil days." in out
    assert "Assumed: No deadline is published for 2025/26" in out and "Provisional:" in out
