"""The main job as a story: one child's first plan, from coming into care to a finalised, checked, exported plan.

Told at desktop width, at phone width and without JavaScript under the default rules; under each published profile in the long
tests. Every page on the way is checked by axe, and must not be wider than the screen.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from children.models import Child
from funding.models import LedgerEntry
from pepportal.audit.models import Event
from pepportal.notify.models import MailboxMessage, Notice
from pepportal.notify.tasks import send_digests
from peps.models import Pep
from peps.states import PepState
from qa.tasks import render_owed
from tests.browser.conftest import Visitor
from tests.factories import LONDON

ENTRY, MEETING, NEXT = "2026-10-05", "2026-10-15", "2027-01-26"
HALF_TERM = "2026-10-28"
DUE = {  # the meeting's day and what is counted, under each profile's rule for a planned placement
    "default": ("Monday 2 November 2026", "20 working days"),
    "social-worker-led": ("Monday 2 November 2026", "20 working days"),
    "virtual-school-led": ("Monday 2 November 2026", "20 working days"),
    "kent-2017": ("Tuesday 10 November 2026", "20 school days"),
    "enfield": ("Monday 2 November 2026", "20 working days"),
    "bolton-2021": ("Monday 19 October 2026", "10 working days"),
}
ARRANGES = {  # whose job the first meeting is
    "default": "designated_teacher", "social-worker-led": "social_worker", "virtual-school-led": "caseworker",
    "kent-2017": "designated_teacher", "enfield": "social_worker", "bolton-2021": "caseworker",
}  # fmt: skip
FINISHES = {"bolton-2021": "Complete the plan and return it to the social worker"}
"""What the teacher owes after the meeting, where it isn't called as usual (R81)."""
SIGNERS = {  # before the virtual school
    "default": ["designated_teacher", "social_worker"], "social-worker-led": ["designated_teacher", "social_worker"],
    "virtual-school-led": ["designated_teacher", "social_worker"], "kent-2017": ["designated_teacher"],
    "enfield": ["designated_teacher", "social_worker", "carer"], "bolton-2021": ["designated_teacher"],
}  # fmt: skip
CHECKERS = {"bolton-2021": ["vs_head", "vs_deputy"]}
HAS_SCHEME = {"enfield", "bolton-2021"}


class Story:
    """Steps of the story, each by the person whose step it is."""

    def __init__(self, cast, visit, settings, profile: str, width: str, javascript: bool) -> None:
        self.cast, self.settings, self.profile = cast, settings, profile
        self._visit, self.width, self.javascript = visit, width, javascript
        self.visitors: dict[str, Visitor] = {}
        cast.westmere.profile_name = profile
        cast.westmere.save()

    def person(self, key: str) -> Visitor:
        if key not in self.visitors:
            self.visitors[key] = self._visit(getattr(self.cast, key), self.width, self.javascript)
        return self.visitors[key]

    def on(self, moment: str) -> None:
        self.settings.PORTAL_NOW = datetime.fromisoformat(moment).replace(tzinfo=LONDON)

    @property
    def child(self) -> Child:
        return Child.objects.get(given_name="Mia")

    @property
    def pep(self) -> Pep:
        return self.child.peps.get()

    def path(self, rest: str = "") -> str:
        return f"/peps/{self.pep.pk}/{rest}"

    # --- coming into care

    def the_data_officer_records_that_mia_came_into_care(self) -> None:
        who = self.person("data_officer")
        who.goes_to("/").follows("Record a child coming into care")
        who.presses("Record the child").sees("There is a problem")
        who.writes("First name", "Mia").writes("Family name", "Larkin")
        who.sets_date("date_of_birth", "2017-03-09").sets_date("began_on", ENTRY)
        who.ticks("Planned").chooses("Legal status", "Section 20: accommodated by agreement")
        who.chooses("What kind of placement is it?", "Foster carer").chooses(
            "Who looks after the child there?", "Mrs H. Bright"
        )
        self._choose_starting(who, "School or setting", "Hollin Lane Primary")
        who.chooses("Social worker", "Mr P. Doyle").chooses("Independent reviewing officer", "Ms D. Ferreira")
        who.chooses("Virtual school caseworker", "Ms E. Petrou")
        who.presses("Record the child").sees("Mia Larkin").sees("the first plan is open")

    @staticmethod
    def _choose_starting(who: Visitor, label: str, beginning: str) -> None:
        box = who.page.get_by_label(label).first
        words = next(text for text in box.locator("option").all_inner_texts() if text.startswith(beginning))
        box.select_option(label=words)

    def the_childs_page_says_when_the_meeting_is_due_and_why(self) -> None:
        due, counted = DUE[self.profile]
        who = self.person("data_officer")
        who.goes_to(f"/children/{self.child.pk}/").sees(due.rsplit(" ", 1)[0])
        who.goes_to(f"/children/{self.child.pk}/deadlines/meeting:{self.pep.pk}/").sees(due).sees(counted).sees(
            "Weekend"
        )
        who.goes_to(f"/children/{self.child.pk}/deadlines/meeting:{self.pep.pk}/?show=list").sees("Saturday 10 October")

    # --- the meeting is arranged

    def whoever_is_responsible_was_told(self) -> None:
        address = getattr(self.cast, ARRANGES[self.profile]).email
        send_digests()  # it can wait for the hour of their daily e-mail, which has come
        mail = MailboxMessage.objects.filter(recipient=address).first()
        assert mail is not None, (
            f"nothing was sent to {address}: {list(MailboxMessage.objects.values_list('recipient', 'subject'))}"
        )
        assert "Mia" not in mail.subject + mail.text and "Larkin" not in mail.subject + mail.text

    def they_arrange_the_meeting_but_not_in_the_holidays(self) -> None:
        who = self.person(ARRANGES[self.profile])
        who.goes_to("/").sees("Mia Larkin")
        who.goes_to(self.path("meeting/arrange/"))
        who.sets_date("day", HALF_TERM).writes("Time", "2:30pm").writes("Place", "The quiet room")
        who.presses("Arrange and send invitations").sees("half term")
        who.sets_date("day", MEETING).presses("Arrange and send invitations")
        self.settle_warnings(who, "Arrange and send invitations")
        who.sees("Thursday 15 October")

    @staticmethod
    def settle_warnings(who: Visitor, button: str) -> None:
        """Where the rules warn about a day, say why and send again."""
        if who.page.get_by_label("Why this day?").count() and "problem" in who.text:
            who.writes("Why this day?", "The carer can only come on this day.").presses(button)

    def invitations_carry_a_calendar_file(self) -> None:
        for key in ("social_worker", "designated_teacher"):
            mail = (
                MailboxMessage.objects.exclude(calendar_file="").filter(recipient=getattr(self.cast, key).email).first()
            )
            assert mail is not None and "BEGIN:VEVENT" in mail.calendar_file, key
            assert "Mia" not in mail.calendar_file

    # --- before the meeting

    def the_social_worker_fills_the_blue_section_and_no_other(self) -> None:
        who = self.person("social_worker")
        who.goes_to("/").goes_to(self.path()).follows("Facts about care")
        who.presses("Save and mark this section complete").sees("There is a problem")
        who.ticks("Looked after by agreement").writes(
            "What is the care plan", "To stay with Mrs Bright while plans are made."
        )
        who.writes("Who has parental responsibility", "Her mother.").writes(
            "Whom does the school ring first", "Mrs Bright"
        )
        who.ticks("The carer for day trips")
        who.presses("Save and mark this section complete").sees("complete")
        who.goes_to(self.path("sections/attainment/")).sees("Only the designated teacher fills this in")
        assert who.page.locator("main form textarea").count() == 0

    def the_designated_teacher_fills_the_red_ones(self) -> None:
        who = self.person("designated_teacher")
        who.goes_to(self.path("sections/school_attendance/"))
        who.writes("Where has the child learned before", "At Hollin Lane since nursery.")
        who.ticks("Full time at this school").writes("What is attendance this school year", "93.5")
        who.presses("Save and go to the next section")
        who.goes_to(self.path("sections/school_attendance/")).presses("Save and mark this section complete")
        who.goes_to(self.path("sections/attainment/"))
        who.ticks("A little below").writes("What progress has there been", "Two reading levels since Easter.")
        who.presses("Save and mark this section complete")
        who.goes_to(self.path("sections/support/")).ticks("SEN support")
        who.writes("What help is in place now", "A small reading group three times a week; her levels show it works.")
        who.presses("Save and mark this section complete")
        who.goes_to(self.path("sections/care_facts/")).sees("Mr P. Doyle marked this section complete")

    def both_fill_the_purple_ones(self) -> None:
        who = self.person("social_worker")
        who.goes_to(self.path("sections/needs_plan/"))
        if self.profile in ("bolton-2021", "kent-2017"):  # whose rules give this part to the designated teacher alone
            who.sees("Only the designated teacher fills this in")
            who = self.person("designated_teacher").goes_to(self.path("sections/needs_plan/"))
        who.writes("What is going well", "She helps younger children.")
        who.writes("Is a change coming", "Contact moves to Fridays in November.")
        who.presses("Save", exact=True)
        who = self.person("designated_teacher")
        who.goes_to(self.path("sections/needs_plan/"))
        expect(who.page.get_by_label("What is going well").first).to_have_value("She helps younger children.")
        who.writes("What gets in the way of learning", "She loses the thread in long texts.")
        who.writes("What does the child enjoy outside lessons", "Drawing and football on Saturdays.")
        who.writes("What will the carer and others do", "Mrs Bright reads with her at the weekend.")
        who.presses("Save and mark this section complete")
        who.goes_to(self.path("sections/aspirations/")).writes("What is the plan for the next years", "To be a vet.")
        who.presses("Save and mark this section complete")

    def mia_and_her_carer_are_heard(self) -> None:
        who = self.person("designated_teacher")
        who.goes_to(self.path("sections/child_views/")).writes("What do you like", "I like drawing dragons.")
        who.presses("Save", exact=True)
        who = self.person("carer")
        who.goes_to("/").follows("Write about home").writes("What is going well at home", "She sleeps through now.")
        who.presses("Save", exact=True)
        assert self.pep.answers.filter(field="home_well").exists()
        assert who.page.goto(who.address + self.path()).status == 403

    def the_teacher_drafts_targets(self) -> None:
        who = self.person("designated_teacher")
        for number, kind in enumerate(("Academic", "Academic", "Social and emotional"), 1):
            who.goes_to(self.path("targets/")).follows("Add a target")
            who.ticks(kind) if number < 3 else who.page.get_by_label("Social and emotional").first.check()
            who.writes("What will the child be able to do", f"Target {number}: reads ten pages aloud and retells them.")
            who.writes("Where is the child now", "Two pages.").writes(
                "How will everyone know", "Three readings in a row."
            )
            who.writes("What will be done", "Reads with Miss Bell, 15 minutes, Monday, Wednesday and Friday.")
            who.writes("Who will do it", "Miss Bell").sets_date("review_by", "2026-12-18")
            self.save(who)
        who.goes_to(self.path("targets/")).sees("Nothing here is missing").presses("Mark this section complete")

    @staticmethod
    def save(who: Visitor) -> None:
        """Presses the one main button of the form."""
        who.page.locator(
            "main form button.govuk-button:not(.govuk-button--secondary):not(.govuk-button--warning)"
        ).first.click()
        who.page.wait_for_load_state()
        who.looks().does_not_see("There is a problem")

    def a_teacher_enters_the_sdq(self) -> None:
        who = self.person("designated_teacher")
        who.goes_to(self.path("sdq/enter/?how=scales")).sets_date("completed_on", "2026-10-06")
        who.writes("Who completed it", "Miss Bell").writes("How many months", "8")
        for scale, score in (("emotional", 5), ("conduct", 2), ("hyperactivity", 4), ("peer", 2), ("prosocial", 8)):
            who.page.locator(f"[name={scale}]").fill(str(score))
        who.ticks("The school holds the completed paper form")
        self.save(who)
        who.sees("13")
        who.goes_to(self.path("sdq/")).presses("Mark this section complete")

    # --- at the meeting

    def the_meeting_is_held_and_recorded(self) -> None:
        self.on("2026-10-15T16:00")
        who = self.person("designated_teacher")
        who.goes_to(self.path("meeting/")).follows("Record the meeting")
        for group in who.page.locator(
            "input[type=radio][name^=came_][value=yes], input[type=radio][name^=came_][value=True]"
        ).all():
            group.check()
        who.writes("What was said and agreed", "Everyone agreed that reading comes first. Mr Doyle tells Mia's mother.")
        who.sets_date("next_on", NEXT).presses("Save the record")
        self.settle_warnings(who, "Save the record")
        self.pep_is(PepState.COMPLETING)
        who.goes_to(self.path("meeting/")).sees("January 2027").presses("Mark this section complete")

    def pep_is(self, state: PepState) -> None:
        assert self.pep.state == state, f"the plan is {self.pep.state}"

    def money_is_asked_for(self) -> None:
        if self.profile not in HAS_SCHEME:
            who = self.person("vs_head")
            who.goes_to("/funding/").goes_to(f"/funding/scheme/{self.cast.westmere.pk}/")
            who.page.locator("[name=amount]").fill("500")
            who.page.locator("[name=times]").fill("3")
            self.save(who)
        who = self.person("designated_teacher")
        who.goes_to(self.path("money/")).follows("Ask for money")
        who.page.locator("[name=amount]").fill("300")
        who.ticks("Tuition or teaching in a small group")
        who.page.locator("[name=purpose]").fill("Twelve hours of reading tuition.")
        who.page.locator("input[name=targets]").first.check()
        who.page.locator("[name=expected_impact]").fill("Reads at the level of her year by Easter.")
        self.save(who)
        who.goes_to(self.path("money/")).sees("£300").presses("Mark this section complete")

    # --- after the meeting

    def the_completion_clock_runs(self) -> None:
        who = self.person("designated_teacher")
        wanted = FINISHES.get(self.profile, "Finish and sign your part of the plan")
        who.goes_to(f"/children/{self.child.pk}/").sees(wanted)

    def those_whom_the_profile_names_sign(self) -> None:
        for key in SIGNERS[self.profile]:
            who = self.person(key)
            who.goes_to(self.path("signatures/")).follows("Read and sign")
            who.page.locator("[name=agree]").check()
            who.presses("Sign the plan")
        self.pep_is(PepState.SUBMITTED)

    # --- quality

    def _grade(self, who: Visitor, grade: str) -> None:
        for name in dict.fromkeys(box.get_attribute("name") for box in who.page.locator("input[name^=grade_]").all()):
            who.page.locator(f"input[name={name}][value={grade}]").check()

    def the_virtual_school_returns_it_with_a_reason(self) -> None:
        self.on("2026-10-19T09:30")
        who = self.person("vs_head")
        who.goes_to("/quality/").follows("Mia Larkin")
        self._grade(who, "developing")
        who.page.locator("input[name=decision][value=return]").check()
        who.page.locator("[name=return_reason]").fill("Say how often the reading group meets.")
        who.page.locator("input[name=sections][value=support]").check()
        who.presses("Decide")
        self.pep_is(PepState.RETURNED)
        who = self.person("designated_teacher")
        who.goes_to("/").sees("Amend the returned plan").goes_to(self.path()).sees(
            "Say how often the reading group meets."
        )

    def the_teacher_amends_and_they_sign_again(self) -> None:
        who = self.person("designated_teacher")
        who.goes_to(self.path("sections/support/"))
        who.writes(
            "What help is in place now", "A small reading group, Mondays, Wednesdays and Fridays for 20 minutes."
        )
        who.presses("Save and mark this section complete")
        who.goes_to(self.path("signatures/")).sees("sign again")
        self.those_whom_the_profile_names_sign()

    def no_money_moves_before_the_plan_is_finalised(self) -> None:
        assert not LedgerEntry.objects.filter(kind="released").exists()

    def the_virtual_school_agrees_the_money_and_finalises(self) -> None:
        self.on("2026-10-20T11:00")
        who = self.person("vs_head")
        who.goes_to(self.path("money/"))
        who.page.locator("input[name=decision][value=agree]").check()
        who.presses("Keep the decision")
        self.no_money_moves_before_the_plan_is_finalised()
        for key in CHECKERS.get(self.profile, ["vs_head"]):
            who = self.person(key)
            who.goes_to(self.path("quality/"))
            self._grade(who, "good")
            who.page.locator("input[name=decision][value=approve]").check()
            who.presses("Decide")
        self.pep_is(PepState.FINALISED)

    def only_then_is_the_money_released(self) -> None:
        self.person("designated_teacher").goes_to(self.path("money/")).sees("Released")
        assert LedgerEntry.objects.get(kind="released").amount_pence == 30_000

    # --- copies

    def the_pdf_downloads(self) -> None:
        render_owed()  # the worker's part
        who = self.person("social_worker")
        who.goes_to(self.path("copies/"))
        with who.page.expect_download() as waiting:
            who.page.get_by_role("link", name=re.compile("PDF|Download")).first.click()
        name = waiting.value.suggested_filename
        content = waiting.value.path().read_bytes()
        assert content.startswith(b"%PDF") and "Mia" not in name and "Larkin" not in name
        assert len(content) > 10_000

    def the_carer_sees_the_copy_meant_for_carers(self) -> None:
        who = self.person("carer")
        who.goes_to("/").follows("The plan of autumn 2026")
        who.sees("She sleeps through now.").does_not_see("Her mother.")

    def the_iro_sees_the_plan_before_the_review(self) -> None:
        self.person("iro").goes_to("/shared/").sees("Mia Larkin")

    # --- what is left behind

    def _when_the_next_daily_emails_have_left(self) -> None:
        """What has come up since today's goes with tomorrow's."""
        self.settings.PORTAL_NOW += timedelta(days=1)
        send_digests()

    def every_message_owed_was_delivered(self) -> None:
        self.person("administrator").goes_to("/demonstration/mailbox/").sees("PEP")
        self._when_the_next_daily_emails_have_left()
        owed = list(Notice.objects.exclude(work_state="done").values_list("kind", "work_state", "last_error"))
        assert not owed, owed
        for mail in MailboxMessage.objects.all():
            for secret in ("Mia", "Larkin", "Hollin Lane"):
                assert secret not in mail.subject + mail.text + mail.html, (secret, mail.subject)

    def each_step_left_its_event(self) -> None:
        did = set(Event.objects.filter(kind="did").values_list("verb", flat=True))
        for verb in ("record entry to care", "open PEP", "arrange meeting", "hold the meeting", "sign", "submit", "return for amendment",
                     "approve", "finalise"):  # fmt: skip
            assert verb in did, f"{verb} is not among {sorted(did)}"
        assert all(event.actor_label and event.at for event in Event.objects.all())


CHAPTERS = [name for name in vars(Story) if name not in (
    "person", "on", "child", "pep", "path", "settle_warnings", "save", "pep_is",
) and not name.startswith("_")]  # fmt: skip


def tell(story: Story) -> None:
    """Every chapter in the order in which the class tells them."""
    for chapter in CHAPTERS:
        try:
            getattr(story, chapter)()
        except BaseException as error:
            error.add_note(f"in the chapter: {chapter.replace('_', ' ')}")
            raise


@pytest.mark.parametrize(("width", "javascript"), [("desktop", True), ("phone", True), ("desktop", False)])
def test_a_first_plan_from_entry_to_export(stage, visit, settings, width, javascript):
    tell(Story(stage, visit, settings, "default", width, javascript))


@pytest.mark.deep
@pytest.mark.parametrize("profile", [name for name in DUE if name != "default"])
def test_the_same_story_under_each_published_profile(stage, visit, settings, profile):
    tell(Story(stage, visit, settings, profile, "desktop", True))
