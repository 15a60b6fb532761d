"""The pages of the children's room: what they do, what they refuse in words, who may open them."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from children.models import Calendar, Child, Placement, PlacementAddress
from pepportal.audit.models import Event, Kind
from pepportal.notify.models import Notice
from peps.models import Pep
from tests import factories as f
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
ENTRY = date(2026, 10, 5)


def three(name: str, day: date) -> dict[str, int]:
    """A date as its three boxes are sent."""
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


@pytest.fixture
def officer(cast, client_as):
    return client_as(cast.data_officer)


def entry_data(cast, **given):
    data = {
        "given_name": "Zoë", "family_name": "Quill", **three("date_of_birth", date(2015, 2, 3)), "language": "English",
        **three("began_on", ENTRY), "planned": "no", "legal_status": "section_20", "placement_kind": "foster",
        "carer": "new", "carer_name": "Mr Ode", "placement_area": "Westmere", "address": "1 Hidden Lane",
        "school": str(cast.primary.pk), "social_worker": str(cast.social_worker.pk),
    }  # fmt: skip
    return {key: value for key, value in (data | given).items() if value is not None}


def page(response) -> str:
    return response.content.decode()


def refused_with(response, sentence: str, field: str) -> None:
    """The page comes back with the sentence in the error summary, linked to its field."""
    assert response.status_code == 200
    text = page(response)
    assert "There is a problem" in text
    assert f'<a href="#id_{field}' in text, field
    assert sentence in text.replace("&#x27;", "'"), sentence


# --- coming into care -------------------------------------------------------------------------------------------------


def test_an_entry_opens_the_first_plan_in_one_go_and_tells_who_arranges_the_meeting(cast, officer):
    assert officer.get("/children/new/").status_code == 200
    response = officer.post("/children/new/", entry_data(cast))
    child = Child.objects.get(family_name="Quill")
    assert response.status_code == 302 and response["Location"] == f"/children/{child.pk}/"
    pep = Pep.objects.get(child=child)
    assert (pep.kind, pep.trigger_on, pep.cause) == ("first", ENTRY, f"first:{child.care_episodes.get().pk}")
    assert Event.objects.filter(child_id=child.pk, verb="record entry to care", actor_label="Mr L. Byrne").count() == 1
    assert Notice.objects.filter(child_id=child.pk).exists()
    assert PlacementAddress.objects.get().text == "1 Hidden Lane"


def test_a_second_press_records_one_child(cast, officer):
    data = entry_data(cast, _once="6f6c9c1e-6a53-4c07-9f3e-0a2f44f8a001")
    first, second = officer.post("/children/new/", data), officer.post("/children/new/", data)
    assert first["Location"] == second["Location"]
    assert Child.objects.filter(family_name="Quill").count() == 1


def test_a_child_without_a_school_place(cast, officer):
    assert officer.post("/children/new/", entry_data(cast, school="none")).status_code == 302
    assert not Child.objects.get(family_name="Quill").enrolments.exists()


def test_a_school_nobody_leads_at_is_said_and_asked_about(cast, officer):
    lonely = f.SchoolFactory(organisation__name="Lonely Lane School")
    assert "Lonely Lane School, Westmere (no designated teacher yet)" in page(officer.get("/children/new/"))
    response = officer.post("/children/new/", entry_data(cast, school=str(lonely.pk)), follow=True)
    assert "Lonely Lane School has no designated teacher in the portal" in page(response)
    asked = Notice.objects.filter(kind="no_designated_teacher")
    assert {notice.person for notice in asked} == {cast.vs_head, cast.vs_deputy, cast.caseworker, cast.data_officer}
    assert not any("Lonely" in notice.subject or "Quill" in notice.subject for notice in asked)


REFUSED = [
    ("given_name", {"given_name": ""}, "Enter the child’s first name"),
    ("given_name", {"given_name": "x" * 81}, "First name must be 80 characters or fewer"),
    ("family_name", {"family_name": "   "}, "Enter the child’s family name"),
    ("date_of_birth_0", {"date_of_birth_0": "31", "date_of_birth_1": "2"}, "Date of birth must be a real date"),
    ("date_of_birth_2", {"date_of_birth_2": ""}, "Date of birth must include a year"),
    ("date_of_birth", three("date_of_birth", date(2026, 12, 1)), "Date of birth must be today or in the past"),
    ("date_of_birth", three("date_of_birth", date(2007, 1, 1)), "The child would have been 19"),
    ("upn", {"upn": "12"}, "A unique pupil number has 13 characters"),
    ("began_on", {"began_on_0": "", "began_on_1": "", "began_on_2": ""}, "Enter the day the child came into care"),
    ("began_on", three("began_on", date(2026, 10, 7)), "must be today or in the past"),
    ("began_on", three("began_on", date(2015, 2, 2)), "before being born"),
    ("planned", {"planned": "perhaps"}, "Select one of the answers given"),
    ("planned", {"planned": None}, "Select if it was planned"),
    ("legal_status", {"legal_status": ""}, "Select the legal status"),
    ("placement_began_on", three("placement_began_on", date(2026, 10, 1)), "before the child came into care"),
    ("placement_kind", {"placement_kind": "castle"}, "Select one of the answers given"),
    ("placement_area", {"placement_area": ""}, "Enter the council in whose area the child lives"),
    ("carer_name", {"carer_name": ""}, "Enter the new carer’s name"),
    ("carer_email", {"carer_email": "ode@"}, "Enter an email address in the correct format"),
    ("carer", {"carer": ""}, "Choose “Somebody new”"),
    ("carer", {"carer": "00000000-0000-0000-0000-000000000000"}, "Select one of the answers given"),
    ("address", {"address": "", "confidential": "on"}, "Enter the address that is confidential"),
    ("school", {"school": ""}, "Select a school"),
    ("school_began_on", three("school_began_on", date(2014, 9, 1)), "before being born"),
    ("school_began_on", {"school": "none", **three("school_began_on", date(2026, 9, 1))}, "Clear this day"),
    ("social_worker", {"social_worker": ""}, "Select the social worker"),
]


@pytest.mark.parametrize(
    ("field", "given", "sentence"), REFUSED, ids=[f"{field}: {says[:30]}" for field, _, says in REFUSED]
)
def test_an_entry_that_cannot_be_is_refused_in_words_and_keeps_what_was_typed(cast, officer, field, given, sentence):
    before = Child.objects.count()
    response = officer.post("/children/new/", entry_data(cast, known_as="<b>Zed</b>", **given))
    refused_with(response, sentence, field)
    text = page(response)
    assert "&lt;b&gt;Zed&lt;/b&gt;" in text and "<b>Zed" not in text
    assert 'value="Mr Ode"' in text or "carer_name" in given
    assert Child.objects.count() == before and not Placement.objects.filter(child__family_name="Quill").exists()


def test_other_peoples_staff_can_be_neither_seen_nor_chosen(cast, officer):
    text = page(officer.get("/children/new/"))
    assert cast.social_worker.name in text
    for stranger in (cast.other_social_worker, cast.left_worker, cast.other_caseworker):
        assert stranger.name not in text
    strangers = (
        ("social_worker", cast.other_social_worker), ("caseworker", cast.other_caseworker),
        ("social_worker", cast.left_worker),
    )  # fmt: skip
    for name, stranger in strangers:
        refused_with(
            officer.post("/children/new/", entry_data(cast, **{name: str(stranger.pk)})),
            "Select one of the answers given", name,
        )  # fmt: skip
    foreign = f.CarerFactory(authority=cast.eastvale, name="Mrs Foreign")
    assert foreign.name not in text
    refused_with(officer.post("/children/new/", entry_data(cast, carer=str(foreign.pk))), "Select one of", "carer")


AMARA = {"given_name": "amara", "family_name": "OKAFOR", **three("date_of_birth", date(2017, 3, 9))}
LEILA = {"given_name": "Leila", "family_name": "March", **three("date_of_birth", date(2015, 6, 1))}


def test_the_same_name_and_birthday_asks_and_shows_the_child(cast, officer):
    response = officer.post("/children/new/", entry_data(cast, **AMARA))
    refused_with(response, "Amara Okafor with this date of birth is recorded already, as WM-0001", "same_child_0")
    assert reverse("pages:child", args=[cast.children["amara"].pk]) in page(response)
    response = officer.post("/children/new/", entry_data(cast, **AMARA, same_child="yes"))
    refused_with(response, "Amara Okafor is already in care, since Monday 5 October 2026", "same_child_0")
    assert officer.post("/children/new/", entry_data(cast, **AMARA, same_child="no")).status_code == 302
    assert Child.objects.filter(family_name="OKAFOR").count() == 1


def test_a_child_of_another_council_with_the_same_name_is_not_given_away(cast, officer):
    ben = {"given_name": "Ben", "family_name": "Ashby", **three("date_of_birth", date(2016, 8, 30))}
    response = officer.post("/children/new/", entry_data(cast, **ben))
    assert response.status_code == 302


def test_a_child_who_left_care_comes_back_to_the_same_record_with_a_new_plan(cast, officer):
    leila = cast.children["leila"]
    early = officer.post(
        "/children/new/", entry_data(cast, **LEILA, same_child="yes", **three("began_on", date(2026, 6, 1)))
    )
    refused_with(early, "Leila March was already in care until Wednesday 1 July 2026", "began_on")
    response = officer.post("/children/new/", entry_data(cast, **LEILA, same_child="yes"))
    assert response["Location"] == f"/children/{leila.pk}/"
    assert leila.care_episodes.count() == 2
    assert Pep.objects.get(child=leila).trigger_on == ENTRY


@pytest.mark.parametrize(
    "who", ["designated_teacher", "social_worker", "iro", "carer", "finance", "administrator", "nobody"]
)
def test_nobody_else_records_a_child(cast, client_as, who):
    client = client_as(getattr(cast, who))
    assert client.get("/children/new/").status_code == 403
    assert client.post("/children/new/", entry_data(cast)).status_code == 403
    assert not Child.objects.filter(family_name="Quill").exists()


def test_the_entry_page_asks_the_database_the_same_however_many_schools_there_are(
    cast, officer, django_assert_max_num_queries
):
    for _ in range(30):
        f.MembershipFactory(organisation=f.SchoolFactory().organisation, role="designated_teacher")
    with django_assert_max_num_queries(15):
        officer.get("/children/new/")


# --- facts ------------------------------------------------------------------------------------------------------------

FACTS = {
    "change-placement": {"placement_kind": "kinship", "placement_area": "Westmere", **three("began_on", TODAY)},
    "change-school": {"school": "none", **three("began_on", TODAY)},
    "correct-entry": {
        **three("began_on", date(2026, 10, 1)),
        "planned": "no",
        "legal_status": "remand",
        "reason": "Typed wrongly",
    },
    "end-care": {**three("ended_on", TODAY), "end_reason": "returned_home"},
    "set-care-review": three("on", date(2026, 11, 2)),
}


def address_of(name: str, child: Child) -> str:
    room = "pages" if name == "correct-entry" else "children"
    return reverse(f"{room}:{name}", args=[child.pk])


@pytest.mark.parametrize("name", FACTS)
def test_each_fact_is_changed_written_down_and_said(cast, officer, name):
    amara = cast.children["amara"]
    form = officer.get(address_of(name, amara))
    assert form.status_code == 200 and "What is recorded now" in page(form)
    response = officer.post(address_of(name, amara), FACTS[name])
    assert response.status_code == 302 and response["Location"] == f"/children/{amara.pk}/"
    assert Event.objects.filter(child_id=amara.pk, kind=Kind.DID).count() == 1
    assert "govuk-notification-banner--success" in page(officer.get(f"/children/{amara.pk}/"))


@pytest.mark.parametrize("name", FACTS)
def test_another_councils_child_is_not_found_and_a_wrong_part_is_refused(cast, client_as, officer, name):
    assert officer.get(address_of(name, cast.children["ben"])).status_code == 404
    assert officer.post(address_of(name, cast.children["ben"]), FACTS[name]).status_code == 404
    amara = cast.children["amara"]
    for who in ("designated_teacher", "carer", "finance", "administrator"):
        client = client_as(getattr(cast, who))
        assert client.get(address_of(name, amara)).status_code == 403, who
        assert client.post(address_of(name, amara), FACTS[name]).status_code == 403, who
    assert not Event.objects.filter(child_id=amara.pk, kind=Kind.DID).exists()


@pytest.mark.parametrize("who", ["social_worker", "iro"])
def test_social_worker_and_iro_set_the_care_review_and_nothing_else(cast, client_as, who):
    client, amara = client_as(getattr(cast, who)), cast.children["amara"]
    for name, data in FACTS.items():
        expected = 302 if name == "set-care-review" else 403
        assert client.post(address_of(name, amara), data).status_code == expected, name


@pytest.mark.parametrize("name", [name for name in FACTS if name not in ("change-school", "set-care-review")])
def test_what_belongs_to_care_cannot_change_outside_it(cast, officer, name):
    response = officer.post(address_of(name, cast.children["leila"]), FACTS[name], follow=True)
    assert "is not in care today" in page(response)
    assert not Event.objects.filter(child_id=cast.children["leila"].pk, kind=Kind.DID).exists()


WRONG_FACTS = [
    ("change-placement", {**three("began_on", ENTRY)}, "Amara already lived with Mrs H. Bright from Monday 5 October 2026", "began_on"),
    ("change-placement", {**three("began_on", date(2026, 10, 1))}, "before the child came into care", "began_on"),
    ("change-placement", {**three("began_on", date(2026, 10, 7))}, "today or in the past", "began_on"),
    ("change-placement", {"began_on_0": "x"}, "must be a real date", "began_on"),
    ("change-placement", {"placement_kind": ""}, "Select what kind of placement", "placement_kind"),
    ("change-placement", {"carer": "new"}, "Enter the new carer’s name", "carer_name"),
    ("change-school", {"school": ""}, "Select a school", "school"),
    ("change-school", {**three("began_on", date(2024, 9, 1))}, "Amara was already at Hollin Lane Primary", "began_on"),
    ("change-school", {**three("began_on", date(2029, 9, 1))}, "within the next year", "began_on"),
    ("correct-entry", {"reason": ""}, "Enter why it is corrected", "reason"),
    ("correct-entry", {**three("began_on", date(2026, 10, 9))}, "today or in the past", "began_on"),
    ("correct-entry", {**three("began_on", date(2016, 10, 9))}, "before being born", "began_on"),
    ("end-care", {**three("ended_on", date(2026, 10, 9))}, "today or in the past", "ended_on"),
    ("end-care", {**three("ended_on", ENTRY)}, "give a later day", "ended_on"),
    ("end-care", {"end_reason": ""}, "Select why the child left care", "end_reason"),
    ("set-care-review", {**three("on", date(2026, 10, 5))}, "today or in the future", "on"),
    ("set-care-review", {**three("on", date(2029, 10, 5))}, "within the next year", "on"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "sentence", "field"), WRONG_FACTS)
def test_a_fact_that_cannot_be_is_refused_in_words(cast, officer, name, given, sentence, field):
    amara = cast.children["amara"]
    refused_with(officer.post(address_of(name, amara), FACTS[name] | given), sentence, field)
    assert not Event.objects.filter(child_id=amara.pk, kind=Kind.DID).exists()


def test_a_confidential_address_is_shown_only_to_those_who_need_it(cast, client_as, officer):
    amara = cast.children["amara"]
    moved = FACTS["change-placement"] | {"address": "7 Secret Row", "confidential": "on"}
    officer.post(address_of("change-placement", amara), moved)
    assert "7 Secret Row (confidential)" in page(officer.get(address_of("change-school", amara)))
    assert "Secret Row" not in page(client_as(cast.iro).get(address_of("set-care-review", amara)))
    assert "Secret Row" not in page(officer.get(address_of("history", amara)))


def test_a_child_who_has_no_school_cannot_lose_one(cast, officer):
    skye = cast.children["skye"]
    refused_with(
        officer.post(address_of("change-school", skye), FACTS["change-school"]), "no school place on that day", "school"
    )


def test_the_team_is_changed_part_by_part(cast, officer):
    amara = cast.children["amara"]
    overview = page(officer.get(address_of("allocate", amara)))
    assert "Mr P. Doyle" in overview and "Ms D. Ferreira" in overview and "Nobody" in overview
    part = reverse("children:allocate-part", args=[amara.pk, "caseworker"])
    assert part in overview
    response = officer.post(part, {"person": str(cast.caseworker.pk), **three("began_on", TODAY)}, follow=True)
    assert "Ms E. Petrou is Amara’s virtual school caseworker" in page(response)
    refused_with(
        officer.post(part, {"person": str(cast.other_caseworker.pk), **three("began_on", TODAY)}),
        "Select one of",
        "person",
    )
    refused_with(
        officer.post(part, {"person": str(cast.caseworker.pk), **three("began_on", TODAY)}),
        "Amara already had Ms E. Petrou",
        "began_on",
    )
    assert officer.get(reverse("children:allocate-part", args=[amara.pk, "king"])).status_code == 404


def test_a_corrected_entry_moves_the_start_of_the_open_first_plan(cast, officer):
    officer.post("/children/new/", entry_data(cast))
    child = Child.objects.get(family_name="Quill")
    response = officer.post(address_of("correct-entry", child), FACTS["correct-entry"], follow=True)
    assert "The first plan’s clock starts from the corrected day" in page(response)
    assert Pep.objects.get(child=child).trigger_on == date(2026, 10, 1)
    assert Event.objects.filter(child_id=child.pk, verb="move start of first PEP").count() == 1
    Pep.objects.filter(child=child).update(state="finalised", finalised_at=NOW, submitted_at=NOW)
    officer.post(address_of("correct-entry", child), FACTS["correct-entry"] | three("began_on", date(2026, 9, 30)))
    assert Pep.objects.get(child=child).trigger_on == date(2026, 10, 1)


def test_the_history_says_who_changed_what_from_what_to_what(cast, officer, client_as):
    amara = cast.children["amara"]
    officer.post(address_of("correct-entry", amara), FACTS["correct-entry"])
    text = page(officer.get(address_of("history", amara)))
    assert "Mr L. Byrne" in text
    assert "came into care on: Monday 5 October 2026 became Thursday 1 October 2026" in text
    assert "Reason given: Typed wrongly" in text
    assert Event.objects.filter(child_id=amara.pk, kind=Kind.SAW, verb="history of facts").exists()
    assert client_as(cast.carer).get(address_of("history", amara)).status_code == 403
    assert client_as(cast.other_vs_head).get(address_of("history", amara)).status_code == 404


# --- schools and calendars --------------------------------------------------------------------------------------------


def test_the_schools_with_their_teachers_and_the_number_of_ones_own_children(cast, officer, client_as):
    text = " ".join(page(officer.get("/schools/")).split())
    assert "Hollin Lane Primary" in text and "Northgate High" in text
    assert "Primary, Westmere. 1 child. Designated teacher: Ms R. Khan." in text  # not Ben, not Leila
    assert client_as(cast.social_worker).get("/schools/").status_code == 403
    own = page(client_as(cast.designated_teacher).get("/schools/"))
    assert "2 children" in own and "Northgate High" not in own  # of two councils


def test_a_schools_page_shows_its_year_as_months(cast, officer, client_as):
    address = reverse("children:school", args=[cast.primary.pk])
    text = page(officer.get(address))
    assert "Ms R. Khan" in text and "1 child of yours goes here today" in " ".join(text.split())
    assert "School days in 2026/27" in text and "October 2026, " in text and "Staff training" in text
    assert text.count('class="pp-calendar"') == 11 and text.count("pp-calendar__key") == 1
    assert "School days in 2025/26" in page(officer.get(f"{address}?year=2025/26"))
    assert officer.get(f"{address}?year=<script>").status_code == 200
    assert client_as(cast.other_teacher).get(address).status_code == 404
    assert client_as(cast.designated_teacher).get(address).status_code == 200


TERM_DATES = """[[year]]
academic_year = "2026/27"
spans = [["2026-09-07", "2026-12-18"], ["2027-01-04", "2027-03-25"], ["2027-04-12", "2027-07-21"]]
closures = [["2026-10-26", "half term"], ["2026-09-07", "INSET"]]
"""


def test_term_dates_are_checked_shown_and_only_then_published(cast, officer):
    address = reverse("children:publish-school", args=[cast.primary.pk])
    assert officer.get(address).status_code == 200
    preview = officer.post(address, {"text": TERM_DATES, "source": "the school’s site"})
    text = page(preview)
    assert preview.status_code == 200 and "Check the term dates, then publish" in text
    assert "pupil days" in text and "half term" in text
    assert not Calendar.objects.filter(school=cast.primary).exists()
    response = officer.post(
        address, {"text": TERM_DATES, "source": "the school’s site", "step": "publish"}, follow=True
    )
    assert "Published: 2026/27 (version 1)" in page(response)
    assert Calendar.objects.get(school=cast.primary).source == "the school’s site"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("2026-12-18", "2026-12-19", "Line 3: Saturday 19 December 2026 is at a weekend"),
        ("2027-01-04", "2027-13-04", "Line 3: “2027-13-04” is not a real date"),
        ("2026-10-26", "2026-12-28", "Line 4: Monday 28 December 2026 (half term) lies outside"),
        (TERM_DATES, "", "Enter the term dates"),
        ("spans = [[", "spans = [", "can’t be read here"),
    ],
)
def test_term_dates_with_a_mistake_name_its_line_and_are_never_published(cast, officer, old, new, sentence):
    address = reverse("children:publish-school", args=[cast.primary.pk])
    for step in ("check", "publish"):
        refused_with(officer.post(address, {"text": TERM_DATES.replace(old, new, 1), "step": step}), sentence, "text")
    assert not Calendar.objects.filter(school=cast.primary).exists()


def test_who_may_publish_term_dates(cast, client_as):
    mine, theirs = (reverse("children:publish-school", args=[school.pk]) for school in (cast.primary, cast.secondary))
    pattern = reverse("children:publish-pattern", args=[cast.westmere.pk])
    for who, expected in (("data_officer", 200), ("administrator", 200), ("vs_head", 403), ("finance", 403)):
        client = client_as(getattr(cast, who))
        assert client.get(mine).status_code == expected, who
        assert client.get(pattern).status_code == expected, who
        assert client.get(theirs).status_code == 403, who  # it lies in the other council's area
    assert client_as(cast.designated_teacher).get(mine).status_code == 403
    assert (
        client_as(cast.data_officer).get(reverse("children:publish-pattern", args=[cast.eastvale.pk])).status_code
        == 404
    )


def test_the_councils_own_term_dates_have_a_page_and_a_next_version(cast, client_as, officer):
    address = reverse("children:pattern", args=[cast.westmere.pk])
    assert "Westmere pattern" in page(officer.get(address))
    officer.post(reverse("children:publish-pattern", args=[cast.westmere.pk]), {"text": TERM_DATES, "step": "publish"})
    assert Calendar.objects.filter(authority=cast.westmere, academic_year="2026/27").count() == 2
    assert "version 2" in page(officer.get(address))
    assert client_as(cast.social_worker).get(address).status_code == 403
    assert client_as(cast.other_vs_head).get(address).status_code == 404


def test_lists_of_schools_ask_the_database_the_same_for_one_and_for_fifty(cast, officer, django_assert_max_num_queries):
    for _ in range(50):
        f.SchoolFactory()
    with django_assert_max_num_queries(12):
        officer.get("/schools/")
