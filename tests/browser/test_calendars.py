"""Term dates corrected in the form and sent as a file, versions compared, bank holidays: at both widths, and without scripts."""

from __future__ import annotations

import pytest

from children.models import Calendar
from tests.unit.children.test_calendar_files import CSV, OTHERS, TERMS, ics


@pytest.mark.parametrize(("width", "javascript"), [("desktop", True), ("phone", False)])
def test_term_dates_are_corrected_by_form_and_sent_as_a_file(stage, visit, width, javascript):
    officer = visit(stage.data_officer, width, javascript)
    officer.goes_to(f"/schools/{stage.primary.pk}/calendar/?year=2026/27")
    officer.page.locator("[name=last_5]").fill("20/7/2027")
    officer.presses("Add another day")
    officer.page.locator("[name=closed_9]").fill("Friday 27 May 2027")
    officer.presses("Check the term dates").sees("says Friday, but that day is a Thursday")
    officer.page.locator("[name=closed_9]").fill("27 May 2027")
    officer.presses("Check the term dates").sees("2 pupil days taken away")
    officer.presses("Publish", exact=True).sees("Published: 2026/27 (version 1)")
    officer.follows("Publish term dates").follows("Upload a file")
    excel = {"name": "dates.csv", "mimeType": "text/csv", "buffer": b"PK\x03\x04 xl/"}
    officer.page.locator("[type=file]").set_input_files(excel)
    officer.presses("Check the term dates").sees("This is an Excel workbook")
    for name, content in (("dates.csv", CSV.encode()), ("dates.ics", ics(*TERMS, *OTHERS))):
        officer.goes_to(f"/schools/{stage.primary.pk}/calendar/?way=file")
        officer.page.locator("[type=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
        officer.presses("Check the term dates").sees("Publishing makes a new version")
        officer.presses("Publish", exact=True).sees("Published: 2026/27")
    assert Calendar.objects.filter(school=stage.primary).count() == 3
    officer.presses("Compare").sees("2026/27, version 3 against 2026/27, version 2")
    officer.goes_to(f"/schools/{stage.primary.pk}/calendar/?way=text")
    officer.goes_to("/bank-holidays/").does_not_see("Change the list")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_an_administrator_adds_a_bank_holiday(stage, visit, width):
    admin = visit(stage.administrator, width).goes_to("/bank-holidays/").sees("Boxing Day (substitute day)")
    admin.presses("Change the list").sees("Select what has been proclaimed")
    admin.ticks("A bank holiday that is not in the list").sets_date("day", "2026-11-20").writes(
        "What is it called?", "A wedding"
    )
    admin.presses("Change the list").sees("A wedding on Friday 20 November 2026 is a bank holiday")
    admin.presses("Take this back").sees("is again as the list has it")
