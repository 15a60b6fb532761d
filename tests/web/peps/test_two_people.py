"""Two people in one section, one person pressing twice, a sign-out in mid-form: nobody loses a word."""

from __future__ import annotations

import html
import re
import threading
import uuid

import pytest
from django.db import connection, connections
from django.test import Client

from pepportal.jobs.models import HeldForm
from peps import actions
from peps.models import Answer, Draft, Pep, PepKind
from peps.queries import answers_of
from tests.web.peps.conftest import Page, section_url


@pytest.mark.django_db
def test_changes_to_different_questions_both_stand(cast, client_as, pep):
    theirs, mine = (
        Page(client_as(cast.social_worker), pep, "needs_plan"),
        Page(client_as(cast.designated_teacher), pep, "needs_plan"),
    )
    assert theirs.post(strengths="Swims", needs="", leisure="").status_code == 302
    assert mine.post(strengths="", needs="Reads slowly", leisure="").status_code == 302
    answers = answers_of(pep)
    assert {name: (answer.value, answer.author) for name, answer in answers.items()} == {
        "strengths": ("Swims", cast.social_worker),
        "needs": ("Reads slowly", cast.designated_teacher),
    }


@pytest.mark.django_db
def test_a_clash_shows_both_versions_and_is_decided_by_a_person(cast, client_as, pep):
    teacher = client_as(cast.designated_teacher)
    theirs, mine = Page(client_as(cast.social_worker), pep, "needs_plan"), Page(teacher, pep, "needs_plan")
    theirs.post(strengths="Swims like a fish")
    response = mine.post(strengths="Good at fractions", needs="Reads slowly")
    text = html.unescape(response.content.decode())
    assert response.status_code == 409
    assert "Good at fractions" in text
    assert "Swims like a fish" in text
    assert "Mr P. Doyle, saved Tuesday 6 October 2026, 10am" in text
    answers = answers_of(pep)
    assert answers["strengths"].value == "Swims like a fish"
    assert answers["needs"].value == "Reads slowly"
    assert Draft.objects.get().values["strengths"] == ["Good at fractions"]
    # pressing on without choosing asks to choose
    shown = {
        "_based_on": re.search(r'name="_based_on" value="([^"]*)"', text)[1],
        "_clash": "strengths",
        "strengths": "Good at fractions",
    }
    again = teacher.post(section_url(pep, "needs_plan"), {"_once": str(uuid.uuid4()), **shown})
    assert again.status_code == 409
    assert "Choose which version to keep" in again.content.decode()
    assert answers_of(pep)["strengths"].value == "Swims like a fish"
    # left for later, it is still in the box
    assert "Good at fractions" in Page(teacher, pep, "needs_plan").text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("keep", "both", "stands"),
    [
        ("mine", "", "Good at fractions"),
        ("theirs", "", "Swims like a fish"),
        ("both", "Swims like a fish, and good at fractions", "Swims like a fish, and good at fractions"),
    ],
)
def test_the_choice_is_saved(cast, client_as, pep, keep, both, stands):
    teacher = client_as(cast.designated_teacher)
    theirs, mine = Page(client_as(cast.social_worker), pep, "needs_plan"), Page(teacher, pep, "needs_plan")
    theirs.post(strengths="Swims like a fish")
    text = mine.post(strengths="Good at fractions").content.decode()
    form = {
        "_once": str(uuid.uuid4()), "_based_on": re.search(r'name="_based_on" value="([^"]*)"', text)[1], "_clash": "strengths",
        "strengths": "Good at fractions", "_keep_strengths": keep, "_both_strengths": both, "_next_step": "stay",
    }  # fmt: skip
    assert teacher.post(section_url(pep, "needs_plan"), form).status_code == 302
    assert answers_of(pep)["strengths"].value == stands
    assert not Draft.objects.exists()
    assert "Good at fractions" in " ".join(str(row.value) for row in Answer.history.all()) or keep != "mine"


@pytest.mark.django_db
def test_a_third_change_while_deciding_is_asked_about_again(cast, client_as, acting, pep):
    teacher = client_as(cast.designated_teacher)
    mine = Page(teacher, pep, "needs_plan")
    by = acting(cast.social_worker)
    actions.save_section(pep, "needs_plan", values={"strengths": "One"}, based_on={}, by=by)
    text = mine.post(strengths="Mine").content.decode()
    actions.save_section(pep, "needs_plan", values={"strengths": "Two"}, based_on={"strengths": 1}, by=by)
    form = {"_based_on": re.search(r'name="_based_on" value="([^"]*)"', text)[1], "_clash": "strengths", "strengths": "Mine",
            "_keep_strengths": "mine"}  # fmt: skip
    response = teacher.post(section_url(pep, "needs_plan"), form)
    assert response.status_code == 409
    assert "Two" in response.content.decode()
    assert answers_of(pep)["strengths"].value == "Two"


@pytest.mark.django_db
def test_choices_clash_too(cast, client_as, acting, pep):
    teacher = client_as(cast.social_worker)
    page = Page(teacher, pep, "care_facts")
    actions.save_section(pep, "care_facts", values={"reports_to": ["carer"], "next_care_review": "2026-11-02"}, based_on={},
                         by=acting(cast.other_social_worker))  # fmt: skip
    response = page.post(
        reports_to=["parents", "carer"], next_care_review_0="1", next_care_review_1="12", next_care_review_2="2026"
    )
    text = html.unescape(response.content.decode())
    assert response.status_code == 409
    assert "Tuesday 1 December 2026" in text
    assert "Monday 2 November 2026" in text
    form = {
        "_based_on": re.search(r'name="_based_on" value="([^"]*)"', text)[1], "_clash": ["reports_to", "next_care_review"],
        "reports_to": ["parents", "carer"], "_keep_reports_to": "mine", "next_care_review_0": "1", "next_care_review_1": "12",
        "next_care_review_2": "2026", "_keep_next_care_review": "theirs",
    }  # fmt: skip
    assert teacher.post(section_url(pep, "care_facts"), form).status_code == 302
    answers = answers_of(pep)
    assert (answers["reports_to"].value, answers["next_care_review"].value) == (["carer", "parents"], "2026-11-02")


@pytest.mark.django_db
def test_a_double_tap_saves_once(cast, client_as, pep):
    client = client_as(cast.social_worker)
    page = Page(client, pep, "care_facts")
    form = {"_once": str(uuid.uuid4()), "_based_on": page.based_on, "care_plan": "Once", "_next_step": "stay"}
    first, second = client.post(page.url, form), client.post(page.url, form)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert answers_of(pep)["care_plan"].revision == 1
    assert Pep.objects.get(pk=pep.pk).revision == 1


def _at_once(*jobs):
    """Runs jobs in threads that start together; gives what each returned or raised."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place, job):
        try:
            gate.wait(10)
            results[place] = job()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment(cast, client_as, pep):
    clients = [client_as(cast.social_worker), client_as(cast.designated_teacher)]
    pages = [Page(client, pep, "needs_plan") for client in clients]
    results = _at_once(
        lambda: pages[0].post(strengths="From care", needs="Rest", leisure=""),
        lambda: pages[1].post(strengths="From school", needs="", leisure="Chess"),
    )
    assert sorted(response.status_code for response in results) == [302, 409], results
    answers = answers_of(pep)
    assert (answers["needs"].value, answers["leisure"].value) == ("Rest", "Chess")
    assert answers["strengths"].value in ("From care", "From school")
    lost = {"From care", "From school"} - {answers["strengths"].value}
    assert Draft.objects.get().values["strengths"] == [lost.pop()]
    assert Pep.objects.get(pk=pep.pk).revision == 2


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_the_same_moment(cast, client_as, pep):
    clients = [client_as(cast.social_worker), client_as(cast.social_worker)]
    page = Page(clients[0], pep, "care_facts")
    form = {"_once": str(uuid.uuid4()), "_based_on": page.based_on, "care_plan": "Once", "_next_step": "stay"}
    results = _at_once(*(lambda client=client: client.post(page.url, form) for client in clients))
    assert [response.status_code for response in results] == [302, 302], results
    assert [row.revision for row in Answer.history.filter(field="care_plan")] == [1]


@pytest.mark.django_db(transaction=True)
def test_one_cause_opens_one_plan(cast, acting):
    child, episode = cast.children["amara"], cast.episodes["amara"]
    by = acting(cast.data_officer)

    def open_():
        return actions.open_pep(
            child=child, episode=episode, kind=PepKind.FIRST, cause="first:x", trigger_on=episode.began_on, by=by
        )

    results = _at_once(open_, open_, open_)
    assert len({pep.pk for pep in results}) == 1
    assert open_().pk == results[0].pk
    assert Pep.objects.get().sections.count() == 13
    assert (results[0].form_version.key, results[0].term) == ("primary", "autumn 2026")


@pytest.mark.django_db
def test_a_signed_out_save_is_given_back(cast, client_as, client, pep):
    """The page was open, the session ended, Save was pressed: sign in, press once, and it is saved."""
    open_page = client_as(cast.social_worker)
    raw = open_page.get(section_url(pep, "care_facts")).content.decode()
    holder = re.search(r'name="_holder" value="([^"]*)"', raw)[1]
    based_on = re.search(r'name="_based_on" value="([^"]*)"', raw)[1]
    open_page.logout()
    typed = "Two hours of\r\n<work>\x00 & 'care'"
    response = open_page.post(
        section_url(pep, "care_facts"),
        {
            "_holder": holder,
            "_based_on": based_on,
            "care_plan": typed,
            "reports_to": ["carer", "parents"],
            "_next_step": "stay",
        },
    )
    assert response.status_code == 302
    held = HeldForm.objects.get()
    assert response["Location"] == f"/accounts/login/?next=/kept/{held.pk}/"
    assert not Answer.objects.exists()

    assert client_as(cast.designated_teacher).get(f"/kept/{held.pk}/").status_code == 404
    assert client.get(f"/kept/{held.pk}/").status_code == 302

    back = client_as(cast.social_worker)
    page = back.get(f"/kept/{held.pk}/").content.decode()
    assert "Two hours of\n&lt;work&gt; &amp; &#x27;care&#x27;" in page
    action = re.search(r'<form method="post" action="(/peps[^"]*)"', page)[1]
    fields = re.findall(r'<textarea name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.S)
    form = {"_once": re.search(r'name="_once" value="([^"]*)"', page.split(action)[1])[1]}
    for name, value in fields:
        form.setdefault(name, []).append(html.unescape(value))
    assert back.post(action, form).status_code == 302
    answers = answers_of(pep)
    assert answers["care_plan"].value == "Two hours of\n<work> & 'care'"
    assert answers["reports_to"].value == ["carer", "parents"]


@pytest.mark.django_db
def test_a_stranger_posting_signed_out_gets_nothing_kept(pep):
    response = Client().post(section_url(pep, "care_facts"), {"_holder": "forged:1:2", "care_plan": "x"})
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/peps/")
    assert not HeldForm.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from peps_answer")
        assert cursor.fetchone() == (0,)
