"""The support commands as a script runs them, on a machine whose database is away: one JSON object, a status, a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TERM_DATES = ROOT / "tests" / "data" / "term-dates"
KENT = str(TERM_DATES / "kent-six-term.toml")


def run(*given: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"DEBUG": "1", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    env["DJANGO_SETTINGS_MODULE"] = "pepportal.settings"
    return subprocess.run(
        [sys.executable, "manage.py", *given],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_ten_school_days_step_by_step():
    done = run("add_days", "--unit", "school", "--from", "2025-10-13", "--count", "10", "--calendar", KENT, "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert set(told) == {"due", "steps"} and told["due"] == "2025-11-10"
    assert told["steps"][0] == {"date": "2025-10-14", "counted": 1}
    assert told["steps"][4] == {"date": "2025-10-18", "skipped": "weekend"}
    assert told["steps"][-1] == {"date": "2025-11-10", "counted": 10}
    assert done.stdout.count("\n") == 1
    assert "The database can’t be reached" in done.stderr


def test_a_deadline_explained_under_a_shipped_profile():
    done = run(
        "explain_deadline", "--profile", "kent-2017", "--kind", "first_pep", "--trigger", "2025-10-13",
        "--placement", "planned", "--calendar", KENT, "--json",
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["due"] == "2025-11-24" == told["steps"][-1]["date"]
    assert {key: told[key] for key in ("profile", "version", "event", "unit", "count", "provisional", "default")} == {
        "profile": "kent-2017", "version": 1, "event": "meeting_held", "unit": "school", "count": 20, "provisional": False,
        "default": False,
    }  # fmt: skip
    assert "20 school days" in told["rule"] and isinstance(told["assumed"], list)


@pytest.mark.parametrize(("given", "sentence"), [
    (("add_days", "--unit", "fortnight", "--from", "2025-10-13", "--count", "3"), "--unit must be one of school, working, calendar"),
    (("count_school_days", "--calendar", "nowhere.toml", "--year", "2025/26", "--json"), "The file nowhere.toml can’t be read"),
    (("run_clock", "--as-of", "2026-11-22"), "The database can’t be reached"),
    (("import_calendar", KENT, "--school", "Hollin"), "The database can’t be reached"),
    (("load_profile", "enfield"), "The database can’t be reached"),
    (("load_profile", "enfield", "--authority", "WM"), "The database can’t be reached"),
])  # fmt: skip
def test_a_mistake_ends_with_status_1_and_one_sentence(given, sentence):
    done = run(*given)
    assert done.returncode == 1 and done.stdout == ""
    assert sentence in done.stderr and "Traceback" not in done.stderr
