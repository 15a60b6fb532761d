"""The overdue board, What if and the calendar address at a real browser: on a phone, and without JavaScript."""

from __future__ import annotations

import re
from datetime import date

import pytest

from pepportal.clock.models import Obligation
from pepportal.notify.models import Notice
from tests.cast import Cast


def owe(cast: Cast, key: str, due: date) -> None:
    Obligation.objects.create(
        child=cast.children[key], key=f"late:{key}", kind="prepare", title="Fill in your part", holder=cast.social_worker,
        holder_role="social_worker", due_on=due, unit="school", starts_on=date(2026, 9, 1), rule="A rule.",
    )  # fmt: skip


@pytest.mark.parametrize(("width", "javascript"), [("phone", False), ("desktop", True)])
def test_a_caseworker_chases_what_is_late(width, javascript, stage, visit):
    owe(stage, "amara", date(2026, 9, 25))
    owe(stage, "jonah", date(2026, 10, 8))
    who = visit(stage.caseworker, width, javascript)
    who.goes_to("/overdue/").sees("1 thing late").sees("7 school days late").sees("Mr P. Doyle")
    who.follows("Tick all on this page").presses("Remind whoever holds these").sees("Remind 1 person about 2 things?")
    who.writes("A sentence from you", "Ring me if I can help.").presses("Send the reminders")
    who.sees("1 person is reminded about 2 things.").sees("Reminded by hand")
    assert Notice.objects.filter(person=stage.social_worker, kind__contains="hand").count() == 2
    who.follows("Tick all on this page").presses("Give to somebody else").chooses("Give to", "Ms E. Petrou").presses(
        "Continue"
    )
    who.sees("Ms E. Petrou takes over 2 children?").presses("Give them over").sees(
        "Ms E. Petrou is the virtual school caseworker"
    )


@pytest.mark.parametrize(("width", "javascript"), [("phone", False), ("desktop", True)])
def test_what_if_and_ones_own_calendar(width, javascript, stage, visit):
    who = visit(stage.social_worker, width, javascript)
    who.goes_to(f"/children/{stage.children['amara'].pk}/what-if/").sees("Your council’s rules").sees(
        "Monday 2 November 2026"
    )
    who.page.get_by_role("radio", name="Unplanned").check()
    who.presses("Work it out").sees("Monday 19 October 2026")
    who.page.locator("a:visible", has_text=re.compile("^Kent")).first.click()
    who.looks().sees("Came into care")
    who.goes_to("/notices/").follows("Your calendar address").presses("Make my calendar address")
    address = who.page.get_by_label("Your calendar address").input_value()
    assert re.search(r"/feed/[\w-]{43}\.ics$", address)
    who.goes_to("/me/calendar/").sees("can’t be shown again").presses("Close the address").sees("The address is closed")
