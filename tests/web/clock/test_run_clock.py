"""``manage.py run_clock``: one day's work of the clock, told as JSON or in lines, and nothing the second time."""

from __future__ import annotations

import io
import json
from datetime import date as D

import pytest
from django.core.management import CommandError, call_command

from pepportal.clock.models import Chase
from pepportal.notify.models import Notice
from peps.models import Pep
from tests import cast as stage
from tests.web.clock.doing import opened

pytestmark = pytest.mark.django_db


def run(day: str, *more: str) -> str:
    out = io.StringIO()
    call_command("run_clock", "--as-of", day, *more, stdout=out)
    return out.getvalue()


def as_json(day: str) -> dict:
    text = run(day, "--json")
    assert text.count("\n") == 1
    return json.loads(text)


def test_what_it_opened_reminded_and_escalated_and_nothing_the_second_time(cast, acting):
    pep = opened(cast, acting(cast.data_officer))
    done = as_json("2026-11-22")
    assert done["as_of"] == "2026-11-22" and done["swept"] > 0
    jonah = cast.children["jonah"]
    (made,) = [each for each in done["opened"] if each["child"] == jonah.reference]
    plan = Pep.objects.get(child=jonah)
    assert made == {"pep": str(plan.pk), "child": jonah.reference, "kind": "first", "due": "2026-11-02"}
    late = [each for each in done["escalated"] if each["obligation"] == f"meeting:{pep.pk}"]
    assert [(each["step"], each["due"], each["falls_on"]) for each in late] == [
        (0, "2026-11-02", "2026-11-02"), (5, "2026-11-02", "2026-11-09"), (10, "2026-11-02", "2026-11-16"),
    ]  # fmt: skip
    assert {"name": "Mrs A. Lund", "role": "head_teacher"} in late[2]["told"]
    messages = sum(len(each["told"]) for each in (*done["reminded"], *done["escalated"]))
    assert done["told"] == messages > 0
    assert Notice.objects.filter(kind__in=["reminder", "overdue", "escalated"]).count() == messages
    rows = Notice.objects.count(), Chase.objects.count(), Pep.objects.count()

    again = as_json("2026-11-22")
    assert again == {
        "as_of": "2026-11-22", "swept": 0, "opened": [], "rolled_over": 0, "reminded": [], "escalated": [], "told": 0,
    }  # fmt: skip
    assert (Notice.objects.count(), Chase.objects.count(), Pep.objects.count()) == rows


def test_reminders_are_in_it(cast, acting):
    pep = opened(cast, acting(cast.data_officer))
    as_json("2026-10-06")
    done = as_json("2026-10-12")
    (reminder,) = [each for each in done["reminded"] if each["obligation"] == f"meeting:{pep.pk}"]
    assert (reminder["step"], reminder["child"], reminder["kind"]) == (10, pep.child.reference, "meeting")
    assert {each["role"] for each in reminder["told"]} == {"designated_teacher", "social_worker"}


def test_a_readable_account(cast, acting):
    opened(cast, acting(cast.data_officer))
    text = run("2026-11-22")
    assert text.startswith("Sunday 22 November 2026: ")
    reference = cast.children["amara"].reference
    assert f"Escalated, {reference}, " in text and "Opened for " in text and "Mrs A. Lund" in text
    assert "Amara" not in text
    assert "0 messages written." in run("2026-11-22")


def test_without_a_day_it_is_today(cast, acting):
    opened(cast, acting(cast.data_officer))
    out = io.StringIO()
    call_command("run_clock", "--json", stdout=out)
    assert json.loads(out.getvalue())["as_of"] == stage.TODAY.isoformat()


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "22/11/2026", "2026-11-22T06:00", "2026-W47-7", "20261122"])
def test_what_is_not_a_day_is_refused_with_a_sentence(cast, day):
    with pytest.raises(CommandError, match=f"“{day}” is not a day. Give one such as 2026-11-22."):
        run(day)


@pytest.mark.parametrize("day", [D(2026, 10, 25), D(2027, 3, 28), D(2027, 8, 31), D(2027, 9, 1), D(2028, 2, 29)])
def test_awkward_days_run_and_come_to_rest(cast, acting, day):
    """Both Sundays on which the clocks change, the ends of the school year, the last of February."""
    opened(cast, acting(cast.data_officer))
    assert as_json(day.isoformat())["as_of"] == day.isoformat()
    again = as_json(day.isoformat())
    assert (again["swept"], again["told"], again["opened"]) == (0, 0, [])
