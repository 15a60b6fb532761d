"""A section in the browser: whose it is, saving, what is wrong with what was typed, completing, history."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from django.utils import timezone

from pepportal.audit.models import Event
from peps import actions
from peps.models import Answer, Draft, Pep
from peps.queries import answers_of, document_of, progress
from peps.states import PepEvent
from tests.web.peps.conftest import Page, section_url

pytestmark = pytest.mark.django_db

SECTION_OF = {
    "designated_teacher": "school_attendance",
    "social_worker": "care_facts",
    "both": "needs_plan",
    "child": "child_views",
    "carer": "home_views",
    "virtual_school": "agreement",
}
WRITES = {
    "designated_teacher": {"designated_teacher", "both", "child"},
    "social_worker": {"social_worker", "both", "child", "carer"},
    "vs_head": {"virtual_school"},
    "vs_deputy": {"virtual_school"},
    "caseworker": {"virtual_school"},
    "head_teacher": set(),
    "team_manager": set(),
    "iro": set(),
    "data_officer": set(),
    "finance": set(),
    "administrator": set(),
    "carer": {"carer"},
}
ONLY_OWN_SECTION = {"carer": {"carer"}, "finance": set()}
OUTSIDE = (
    "other_teacher",
    "other_social_worker",
    "other_caseworker",
    "other_vs_head",
    "left_worker",
    "nobody",
    "young_person",
)


@pytest.mark.parametrize("owner", SECTION_OF)
@pytest.mark.parametrize("role", WRITES)
def test_who_may_write_and_read_whose_section(cast, client_as, pep, role, owner):
    client = client_as(getattr(cast, role))
    url = section_url(pep, SECTION_OF[owner])
    expected = 302 if owner in WRITES[role] else 403
    sent = client.post(url, {"_once": str(uuid.uuid4()), "_next_step": "stay"})
    assert sent.status_code == expected
    assert client.post(f"{url}draft/", {}).status_code == (200 if owner in WRITES[role] else 403)
    if owner != "virtual_school":  # a section of panels only leads to their rooms' pages
        reads = owner in ONLY_OWN_SECTION[role] if role in ONLY_OWN_SECTION else True
        assert client.get(url).status_code == (200 if reads else 403)
    sees_history = role not in ONLY_OWN_SECTION
    assert client.get(f"{url}history/").status_code == (200 if sees_history else 403)


@pytest.mark.parametrize("who", OUTSIDE)
def test_other_peoples_children_are_not_there(cast, client_as, pep, who):
    client = client_as(getattr(cast, who))
    for key in SECTION_OF.values():
        for more in ("", "history/"):
            assert client.get(section_url(pep, key, more)).status_code == 404
        for more in ("", "draft/", "reopen/"):
            assert client.post(section_url(pep, key, more), {}).status_code == 404
    assert not Answer.objects.exists()


def test_the_child_has_only_their_own_section(cast, client_as, open_for):
    plan = open_for("jonah")
    client = client_as(cast.young_person)
    assert client.get(section_url(plan, "child_views")).status_code == 200
    for key in ("care_facts", "needs_plan", "school_attendance", "home_views", "no_such_section"):
        assert client.get(section_url(plan, key)).status_code == 403
        assert client.post(section_url(plan, key), {"_once": str(uuid.uuid4())}).status_code == 403
    assert client.get(section_url(plan, "child_views", "history/")).status_code == 403


def test_without_a_school_the_virtual_school_fills_the_teachers_sections(cast, client_as, open_for):
    plan = open_for("skye")
    page = Page(client_as(cast.caseworker), plan, "school_attendance")
    assert page.post(education_history="Two schools.").status_code == 302
    assert answers_of(plan)["education_history"].value == "Two schools."
    assert client_as(cast.caseworker).post(section_url(plan, "care_facts"), {}).status_code == 403


def test_nobody_signed_out_gets_in(client, pep):
    assert client.get(section_url(pep, "care_facts")).status_code == 302
    assert client.get("/peps/00000000-0000-0000-0000-000000000000/sections/care_facts/").status_code == 302


def test_saving_keeps_history_author_and_a_record_without_the_words(cast, client_as, pep):
    page = Page(client_as(cast.social_worker), pep, "care_facts")
    assert "your section" in page.text
    assert page.post(care_plan="Long-term fostering", legal_status="care_order").status_code == 302
    answer = answers_of(pep)["care_plan"]
    assert (answer.value, answer.revision, answer.author) == ("Long-term fostering", 1, cast.social_worker)
    page = Page(client_as(cast.social_worker), pep, "care_facts")
    page.post(care_plan="Going home in spring", legal_status="care_order")
    assert [row.value for row in Answer.history.filter(field="care_plan").order_by("history_date", "history_id")] == [
        "Long-term fostering", "Going home in spring",
    ]  # fmt: skip
    event = Event.objects.filter(verb="fill in section").order_by("pk").last()
    assert event.fields == ["care_plan"]
    assert event.child_id == pep.child_id
    assert "spring" not in str({k: str(v) for k, v in vars(event).items()})
    pep.refresh_from_db()
    assert pep.revision == 2
    history = html.unescape(client_as(cast.iro).get(section_url(pep, "care_facts", "history/")).content.decode())
    assert history.index("Going home in spring") < history.index("Long-term fostering")
    assert "Mr P. Doyle" in history


def test_looking_is_written_down(cast, client_as, pep):
    client_as(cast.iro).get(section_url(pep, "care_facts"))
    assert Event.objects.filter(
        kind="saw", verb="section care_facts", actor_id=cast.iro.pk, child_id=pep.child_id
    ).exists()


def test_every_type_comes_back_as_it_was_given(cast, client_as, open_for):
    pep = open_for("amara")
    page = Page(client_as(cast.designated_teacher), pep, "school_attendance")
    page.post(
        attendance_percent="91.4",
        suspensions="2",
        joined_on_0="2",
        joined_on_1="9",
        joined_on_2="2024",
        timetable="full",
    )
    answers = answers_of(pep)
    kept = {name: answers[name].value for name in ("attendance_percent", "suspensions", "joined_on", "timetable")}
    assert kept == {"attendance_percent": 91.4, "suspensions": 2, "joined_on": "2024-09-02", "timetable": "full"}
    text = Page(client_as(cast.designated_teacher), pep, "school_attendance").text
    for shown in ('value="91.4"', 'value="2024"', 'value="full" checked' if False else 'value="full"'):
        assert shown in text
    read = html.unescape(client_as(cast.iro).get(section_url(pep, "school_attendance")).content.decode())
    assert "91.4%" in read
    assert "Monday 2 September 2024" in read
    assert "Full time at this school" in read
    # the same again changes nothing
    page = Page(client_as(cast.designated_teacher), pep, "school_attendance")
    page.post(
        attendance_percent="91.40",
        suspensions="2",
        joined_on_0="02",
        joined_on_1="Sept",
        joined_on_2="2024",
        timetable="full",
    )
    assert {answer.revision for answer in answers_of(pep).values()} == {1}


@pytest.mark.parametrize(
    ("typed", "target", "says"),
    [
        ({"attendance_percent": "140"}, "#id_attendance_percent", "between 0 and 100"),
        ({"attendance_percent": "lots"}, "#id_attendance_percent", "must be a number"),
        ({"joined_on_0": "31", "joined_on_1": "2", "joined_on_2": "2024"}, "#id_joined_on_0", "must be a real date"),
        ({"suspensions": "-3"}, "#id_suspensions", "0 or more"),
        ({"timetable": "sometimes"}, "#id_timetable_0", "Select one of the answers"),
        ({"education_history": "x" * 50_000}, "#id_education_history", "20,000 characters or fewer: it has 50,000"),
    ],
)
def test_a_mistake_is_named_linked_and_loses_nothing(cast, client_as, pep, typed, target, says):
    client = client_as(cast.designated_teacher)
    page = Page(client, pep, "school_attendance")
    response = page.post(attendance_note="Late on <b>Fridays</b>", **typed)
    text = response.content.decode()
    assert response.status_code == 200
    assert f'href="{target}"' in text
    assert says in text
    assert "Late on &lt;b&gt;Fridays&lt;/b&gt;" in text
    assert all(value in text for name, value in typed.items() if name != "timetable")
    assert "Error:" in text.split("</title>")[0]
    assert not Answer.objects.exists()
    # and it is still there after the browser was closed
    assert "Late on <b>Fridays</b>" in Page(client, pep, "school_attendance").text


HOSTILE = [
    "<script>alert(1)</script>",
    "a\x00b",
    "{{ 7*7 }}{% url 'x' %}",
    "'; DROP TABLE peps_answer; --",
    "‮ right to left",
    "x" * 19_999,
    "😀" * 500,
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_words_are_only_words(cast, client_as, pep, value):
    client = client_as(cast.social_worker)
    assert Page(client, pep, "care_facts").post(care_plan=value).status_code == 302
    kept = answers_of(pep)["care_plan"].value
    assert kept == value.replace("\x00", "").strip()
    raw = client.get(section_url(pep, "care_facts")).content.decode()
    assert "<script>alert" not in raw
    assert kept in html.unescape(raw)


@pytest.mark.parametrize(
    "extra",
    [
        {"_based_on": "care_plan:99999999999999 x:-1 :::"},
        {"_based_on": "\x00"},
        {"strangers_field": "x"},
        {"_clash": "care_plan"},
    ],
)
def test_a_forged_form_breaks_nothing(cast, client_as, pep, extra):
    client = client_as(cast.social_worker)
    response = client.post(section_url(pep, "care_facts"), {"_once": "no uuid", "care_plan": "mine", **extra})
    assert response.status_code in (302, 409)
    assert set(answers_of(pep)) <= {"care_plan"}


def test_a_field_of_another_section_is_not_written(cast, client_as, pep):
    client = client_as(cast.social_worker)
    client.post(
        section_url(pep, "care_facts"),
        {"_based_on": "education_history:0 care_plan:0", "education_history": "x", "care_plan": "y"},
    )
    assert set(answers_of(pep)) == {"care_plan"}
    with pytest.raises(KeyError):
        actions.save_section(pep, "care_facts", values={"education_history": "x"}, based_on={}, by=None)


def test_a_box_that_was_cut_off_takes_nothing_out(cast, client_as, pep):
    client = client_as(cast.social_worker)
    Page(client, pep, "care_facts").post(care_plan="Stays", parental_responsibility="Mother")
    Page(client, pep, "care_facts").post(parental_responsibility="Mother and council")
    answers = answers_of(pep)
    assert (answers["care_plan"].value, answers["parental_responsibility"].value) == ("Stays", "Mother and council")


def test_only_the_team_reads_what_is_for_the_team(cast, client_as, pep):
    Page(client_as(cast.social_worker), pep, "care_facts").post(contact_limits="Not the uncle")
    for who, reads in (
        ("iro", True),
        ("caseworker", True),
        ("designated_teacher", True),
        ("head_teacher", False),
        ("administrator", False),
    ):
        client = client_as(getattr(cast, who))
        for more in ("", "history/"):
            text = client.get(section_url(pep, "care_facts", more)).content.decode()
            assert ("Not the uncle" in text) is reads, (who, more)


def test_the_reader_is_told_whose_it_is_and_who_is_awaited(cast, client_as, pep):
    text = html.unescape(client_as(cast.designated_teacher).get(section_url(pep, "care_facts")).content.decode())
    assert "Only the social worker fills this in." in text
    assert "expected from Mr P. Doyle" in text
    assert "<textarea" not in text


COMPLETE = {
    "legal_status": "care_order", "care_plan": "Long-term fostering", "parental_responsibility": "Council and mother",
    "first_contact": "Mrs Bright", "trip_consent": "carer",
}  # fmt: skip


def test_completing_asks_for_the_rest_and_then_shows_it_read_only(cast, client_as, pep):
    client = client_as(cast.social_worker)
    most = {name: value for name, value in COMPLETE.items() if name not in ("first_contact", "trip_consent")}
    response = Page(client, pep, "care_facts").post("complete", **most)
    assert response["Location"] == section_url(pep, "care_facts") + "?check=complete"
    assert set(answers_of(pep)) == set(most)
    text = html.unescape(client.get(response["Location"]).content.decode())
    assert "Answer “Whom does the school ring first on an ordinary day?”, or say why you can’t" in text
    assert 'href="#id_first_contact"' in text
    assert 'href="#id_trip_consent_0"' in text
    # "not known, because …" answers
    reason = {"first_contact-unknown": "Carer's number is changing", "trip_consent-unknown": "Order not served yet"}
    assert Page(client, pep, "care_facts").post("complete", **most, first_contact="", **reason).status_code == 302
    text = html.unescape(client.get(section_url(pep, "care_facts")).content.decode())
    assert "Mr P. Doyle marked this section complete" in text
    assert "Not known: Carer's number is changing" in text
    assert "<textarea" not in text
    assert client.post(section_url(pep, "care_facts", "reopen/")).status_code == 302
    assert "<textarea" in client.get(section_url(pep, "care_facts")).content.decode()


def test_another_may_not_reopen(cast, client_as, pep):
    Page(client_as(cast.social_worker), pep, "care_facts").post("complete", **COMPLETE)
    assert client_as(cast.caseworker).post(section_url(pep, "care_facts", "reopen/")).status_code == 403
    assert pep.sections.get(key="care_facts").complete


def test_panels_hold_a_section_back(cast, acting, pep):
    by = acting(cast.designated_teacher)
    with pytest.raises(actions.NotComplete) as caught:
        actions.mark_section_complete(pep, "targets", panel_missing=("two academic targets",), by=by)
    assert caught.value.missing == ("two academic targets",)
    assert actions.mark_section_complete(pep, "targets", panel_missing=(), by=by).complete
    before = pep.sections.get(key="targets").completed_at
    actions.mark_section_complete(pep, "targets", panel_missing=(), by=acting(cast.social_worker, timezone.now()))
    assert pep.sections.get(key="targets").completed_at == before


def _submit(pep, by):
    actions.bring_about(pep, PepEvent.HOLD_MEETING, by=by)
    actions.bring_about(pep, PepEvent.SUBMIT, by=by)


def test_typing_into_a_plan_that_was_submitted_meanwhile_keeps_the_words(cast, client_as, acting, pep):
    client = client_as(cast.social_worker)
    page = Page(client, pep, "care_facts")
    _submit(pep, acting(cast.designated_teacher))
    response = page.post(care_plan="A long evening's work")
    assert response.status_code == 302
    text = html.unescape(client.get(response["Location"]).content.decode())
    assert "This plan is with the virtual school" in text
    assert "A long evening's work" in text
    assert not Answer.objects.exists()
    assert Pep.objects.get(pk=pep.pk).revision == 0


def test_typing_into_a_section_that_was_completed_meanwhile_keeps_the_words(cast, client_as, acting, pep):
    teacher = client_as(cast.designated_teacher)
    page = Page(teacher, pep, "needs_plan")
    by = acting(cast.social_worker)
    values = {each.id: "Settled" for each in document_of(pep).section("needs_plan").fields}
    actions.save_section(pep, "needs_plan", values=values, based_on={}, by=by)
    actions.mark_section_complete(pep, "needs_plan", panel_missing=(), by=by)
    response = page.post(strengths="Loves maths")
    text = html.unescape(teacher.get(response["Location"]).content.decode())
    assert "Mr P. Doyle has marked this section complete." in text
    assert "Loves maths" in text
    assert answers_of(pep)["strengths"].value == "Settled"
    # changed again by either owner, what was typed is in its box, and saving it asks about the clash
    teacher.post(section_url(pep, "needs_plan", "reopen/"))
    page = Page(teacher, pep, "needs_plan")
    assert "Loves maths" in page.text
    assert page.post(strengths="Loves maths").status_code == 409


def test_progress_names_what_is_left(cast, acting, pep):
    by = acting(cast.social_worker)
    values = {name: value for name, value in COMPLETE.items() if name != "trip_consent"}
    actions.save_section(pep, "care_facts", values=values, based_on={}, by=by)
    found = progress(pep, document_of(pep), answers_of(pep))
    assert found["care_facts"].words == "1 answer left: Who says yes to school trips?"
    assert found["care_facts"].status == "in_progress"
    assert found["home_views"].status == "optional"
    assert found["needs_plan"].status == "not_started"
    assert next(iter(found)) == "care_facts"


def test_a_section_page_asks_few_questions(cast, client_as, pep, django_assert_max_num_queries):
    for who in ("social_worker", "designated_teacher", "vs_head"):
        client = client_as(getattr(cast, who))
        client.get(section_url(pep, "care_facts"))
        with django_assert_max_num_queries(15):
            assert client.get(section_url(pep, "care_facts")).status_code == 200


def test_the_child_is_asked_one_thing_at_a_time(cast, client_as, open_for):
    plan = open_for("jonah")
    client = client_as(cast.young_person)
    page = Page(client, plan, "child_views", "?q=2")
    assert "question 2 of 6" in page.text
    assert "Skip this one" in page.text
    assert "data-quick-exit" in page.text
    assert "govuk-error" not in page.text
    response = page.post(i_like="Drums")
    assert response["Location"].endswith("?q=3")
    end = html.unescape(client.get(section_url(plan, "child_views") + "?q=7").content.decode())
    assert "This is what you said" in end
    assert "Drums" in end
    response = client.post(
        section_url(plan, "child_views"), {"_once": str(uuid.uuid4()), "_based_on": "", "_next_step": "complete"}
    )
    assert plan.sections.get(key="child_views").complete
    assert "You said that this is all" in client.get(response["Location"]).content.decode()


def test_too_long_a_word_of_the_child_is_kept_and_said_calmly(cast, client_as, open_for):
    plan = open_for("jonah")
    client = client_as(cast.young_person)
    response = Page(client, plan, "child_views", "?q=2").post(i_like="x" * 20_001)
    text = response.content.decode()
    assert "We kept your words" in text
    assert "govuk-error" not in text
    assert "--error" not in text
    assert "x" * 20_001 in text


def test_an_adult_who_writes_for_the_child_is_named_as_such(cast, client_as, open_for):
    plan = open_for("jonah")
    Page(client_as(cast.other_teacher), plan, "child_views").post(i_like="Drums, he says")
    assert answers_of(plan)["i_like"].author == cast.other_teacher
    assert Answer.history.get(field="i_like").history_change_reason == "Written down for Jonah"
    Page(client_as(cast.young_person), plan, "child_views", "?q=2").post(i_like="Drums")
    assert Answer.history.filter(field="i_like").latest("history_id").history_change_reason is None


def test_keeping_while_typing(cast, client_as, pep):
    client = client_as(cast.social_worker)
    page = Page(client, pep, "care_facts")
    url = section_url(pep, "care_facts", "draft/")
    response = client.post(url, {"_based_on": page.based_on, "care_plan": "Half a sent", "next_care_review_0": "3"})
    assert response.json() == {"saved_at": "10:00"}
    assert not Answer.objects.exists()
    again = Page(client, pep, "care_facts")
    assert "We kept what you typed at 10am but had not saved." in again.text
    assert "Half a sent" in again.text
    assert re.search(r'name="next_care_review_0"[^>]*value="3"', again.text) or 'value="3"' in again.text
    assert "There is a problem" not in again.text
    # nobody else sees it
    assert "Half a sent" not in client_as(cast.designated_teacher).get(section_url(pep, "care_facts")).content.decode()
    # saving forgets it
    again.post(care_plan="Half a sentence, whole")
    assert not Draft.objects.exists()
    assert "We kept what you typed" not in Page(client, pep, "care_facts").text


def test_discarding_what_was_kept(cast, client_as, pep):
    client = client_as(cast.social_worker)
    url = section_url(pep, "care_facts", "draft/")
    client.post(url, {"_based_on": "care_plan:0", "care_plan": "Never mind"})
    assert Draft.objects.count() == 1
    assert client.post(url, {"_discard": "1"}).status_code == 302
    assert "Never mind" not in Page(client, pep, "care_facts").text
    # typing back what is saved leaves nothing to keep
    client.post(url, {"_based_on": "care_plan:0", "care_plan": "x"})
    client.post(url, {"_based_on": "care_plan:0", "care_plan": ""})
    assert not Draft.objects.exists()


def test_what_was_kept_shows_others_newer_answers_where_mine_was_untouched(cast, client_as, acting, pep):
    teacher = client_as(cast.designated_teacher)
    page = Page(teacher, pep, "needs_plan")
    teacher.post(
        section_url(pep, "needs_plan", "draft/"),
        {"_based_on": page.based_on, "strengths": "Mine, unsaved", "leisure": ""},
    )
    actions.save_section(pep, "needs_plan", values={"leisure": "Swimming"}, based_on={}, by=acting(cast.social_worker))
    page = Page(teacher, pep, "needs_plan")
    assert "Mine, unsaved" in page.text
    assert "Swimming" in page.text
    assert page.post(strengths="Mine, unsaved", leisure="Swimming and football").status_code == 302
    answers = answers_of(pep)
    assert (answers["strengths"].value, answers["leisure"].value) == ("Mine, unsaved", "Swimming and football")
