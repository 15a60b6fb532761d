"""The pages about rules: read, compared, edited by whoever may for their own council, published after one question."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pepportal.audit.models import Event
from pepportal.clock.actions import sync_child
from pepportal.clock.models import Obligation
from pepportal.profiles import actions
from pepportal.profiles.models import ChosenRules, ProfileDraft, ProfileVersion
from pepportal.profiles.queries import profile_for
from pepportal.profiles.reading import PUBLISHED_NAMES, read, read_default
from peps.actions import open_pep
from tests.cast import NOW, TODAY
from tests.unit.profiles.sending import changed, sent_from

pytestmark = pytest.mark.django_db
EDIT, PREVIEW, CHOOSE = "/rules/edit/", "/rules/edit/preview/", "/rules/choose/"


@pytest.fixture
def admin(cast, client_as):
    return client_as(cast.administrator)


def shipped(name: str = "default") -> ProfileVersion:
    return ProfileVersion.objects.get(name=name, authority=None)


def page(client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


def on(day: date, **more: str) -> dict[str, str]:
    return {"effective_from_0": str(day.day), "effective_from_1": str(day.month), "effective_from_2": str(day.year),
            "reason": "", **more}  # fmt: skip


def begin(admin) -> ProfileDraft:
    admin.post(EDIT, {"based_on": str(shipped().pk)})
    return ProfileDraft.objects.get()


def save(client, table: str, **typed):
    url = reverse("rules:edit-table", args=[table])
    return send(client, url, changed(sent_from(page(client, url)), **typed))


def send(client, url: str, data: QueryDict):
    return client.post(url, dict(data.lists()))


def publish(client, day: date, **more: str):
    revision = str(ProfileDraft.objects.get().revision)
    return client.post(PREVIEW, on(day, step="publish", revision=revision, **more), follow=True)


# --- to read ----------------------------------------------------------------------------------------------------------------


def test_what_is_in_force_what_comes_and_what_else_there_is(cast, client_as, acting):
    actions.choose(
        authority=cast.westmere,
        name="kent-2017",
        effective_from=TODAY + timedelta(days=30),
        by=acting(cast.administrator),
    )
    said = page(client_as(cast.caseworker), "/rules/")
    assert "In force since" in said and "Default rules" in said
    assert "From Thursday 5 November 2026" in said and "Kent, 2017" in said
    assert "Bolton, 2021/22" in said
    assert "Change the rules" not in said, "a caseworker looks only"
    assert "No others" not in page(client_as(cast.other_caseworker), "/rules/")
    assert "From Thursday 5 November 2026" not in page(client_as(cast.other_caseworker), "/rules/")


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_a_version_can_be_read_and_kept(cast, client_as, name):
    version, client = shipped(name), client_as(cast.caseworker)
    said = page(client, f"/rules/{version.pk}/")
    for group in ("Who has a plan", "Deadlines", "Who does what", "Meeting dates", "Reminders and escalation", "Words"):
        assert f">{group}</h2>" in said
    kept = client.get(f"/rules/{version.pk}/file/")
    assert f'filename="{name}-version-1.toml"' in kept["Content-Disposition"]
    assert read(kept.content.decode(), read_default()).digest == version.digest


def test_defaults_and_assumptions_are_shown_as_such(cast, client_as):
    client = client_as(cast.caseworker)
    kent, default = page(client, f"/rules/{shipped('kent-2017').pk}/"), page(client, f"/rules/{shipped().pk}/")
    assert "The PEP meeting is held within 20 school days of coming into care" in kent
    assert "New academic targets are set; the document gives no number." in kent
    assert kent.count(">default</strong>") > 20 and kent.count(">assumed</strong>") == 5
    assert ">default</strong>" not in default and "These are the product’s own rules" in default


def test_side_by_side_only_what_differs(cast, client_as):
    client = client_as(cast.caseworker)
    a, b, c = (shipped(name).pk for name in ("default", "kent-2017", "bolton-2021"))
    said = page(client, f"/rules/compare/?a={a}&b={b}&c={c}")
    assert "First PEP after a planned placement" in said and "At a weekend" not in said
    assert "Default rules, version 1" in said and ">assumed</strong>" in said
    whole = page(client, f"/rules/compare/?a={a}&b={b}&c={c}&show=all")
    assert "At a weekend" in whole
    assert "They decide everything alike" not in said
    assert "Choose two versions" in page(client, f"/rules/compare/?a={a}&b={a}&c=nonsense&d={uuid.uuid4()}")


def test_two_versions_that_decide_alike(cast, client_as, acting):
    same = actions.load("default", acting(cast.administrator), authority=cast.westmere).version
    said = page(client_as(cast.caseworker), f"/rules/compare/?a={shipped().pk}&b={same.pk}")
    assert "They decide everything alike" in said


def test_as_many_questions_for_six_versions_as_for_two(cast, client_as):
    client = client_as(cast.caseworker)
    keys = [shipped(name).pk for name in PUBLISHED_NAMES]
    asked = []
    for letters in ("ab", "abcdef"):
        url = "/rules/compare/?" + "&".join(f"{letter}={key}" for letter, key in zip(letters, keys, strict=False))
        page(client, url)
        with CaptureQueriesContext(connection) as found:
            page(client, url)
        asked.append(len(found))
    assert asked[0] == asked[1] <= 15


@pytest.mark.parametrize("url", ["/rules/", EDIT, f"{EDIT}deadlines/", PREVIEW, CHOOSE])
def test_few_questions_a_page(cast, admin, url):
    begin(admin)
    with CaptureQueriesContext(connection) as asked:
        page(admin, url)
    assert len(asked) <= 15


# --- whose ------------------------------------------------------------------------------------------------------------------


def test_another_councils_rules_are_not_there(cast, admin, client_as):
    begin(admin)
    save(admin, "sdq", frequency="termly")
    publish(admin, TODAY)
    own = ProfileVersion.objects.get(authority=cast.westmere)
    other = client_as(cast.other_vs_head)
    for url in (f"/rules/{own.pk}/", f"/rules/{own.pk}/file/", "/rules/?council=WM", f"{EDIT}?council=WM"):
        page(other, url, 404)
    for url in ("/rules/", f"/rules/compare/?a={shipped().pk}&b={own.pk}&show=all", EDIT, CHOOSE):
        assert own.title not in page(other, url)
    assert other.post(EDIT, {"based_on": str(own.pk)}).status_code == 200
    assert not ProfileDraft.objects.exists()
    assert page(client_as(cast.caseworker), f"/rules/{own.pk}/")
    assert profile_for(cast.eastvale, TODAY).version == shipped()


def test_whoever_may_only_look_edits_nothing(cast, admin, client_as):
    begin(admin)
    looker = client_as(cast.caseworker)
    for url in (EDIT, f"{EDIT}sdq/", PREVIEW, CHOOSE):
        page(looker, url, 403)
        assert looker.post(url, {"revision": "1"}).status_code == 403
    assert looker.post(f"{EDIT}discard/", {"step": "discard", "revision": "1"}).status_code == 403
    assert ProfileDraft.objects.exists()
    page(client_as(cast.social_worker), "/rules/", 403)


# --- the draft ----------------------------------------------------------------------------------------------------------------


def test_the_whole_way_from_a_draft_to_rules_in_force(cast, admin):
    draft = begin(admin)
    assert draft.author == cast.administrator
    assert "Deadlines" in page(admin, EDIT)
    response = save(admin, "deadlines", first_pep_planned__count="15", first_pep_planned__unit="school",
                    first_pep_planned__source="PEP policy, page 3")  # fmt: skip
    assert response["Location"] == EDIT
    assert "1 rule changed" in page(admin, EDIT)
    seen = page(admin, PREVIEW)
    assert "First PEP after a planned placement" in seen and "Ready before the care review" not in seen
    assert "The PEP meeting is held within 20 working days of coming into care" in seen
    assert "The PEP meeting is held within 15 school days of coming into care" in seen
    assert "Source: PEP policy, page 3" in seen
    assert "Tuesday 3 November 2026: the PEP meeting is held" in seen, "20 working days after 6 October"
    assert (
        "Tuesday 3 November 2026: the PEP meeting is held" in seen.split("A planned entry")[1].split("An unplanned")[0]
    )
    asked = admin.post(PREVIEW, on(TODAY + timedelta(days=30), step="check", revision="2")).content.decode()
    assert "Publish these rules?" in asked and "plans already open keep their rules" in asked
    assert not ProfileVersion.objects.filter(authority=cast.westmere).exists()
    done = publish(admin, TODAY + timedelta(days=30))
    assert "Published: Westmere, after Default rules, version 2" in done.content.decode()
    made = ProfileVersion.objects.get(authority=cast.westmere)
    assert (made.effective_from, made.published_by) == (TODAY + timedelta(days=30), cast.administrator)
    assert made.document["deadlines"]["first_pep_planned"]["count"] == 15
    assert "first_pep_planned" not in made.document["deadlines"]["defaults"]
    assert "review" in made.document["deadlines"]["defaults"]
    assert profile_for(cast.westmere, TODAY).version == shipped()
    assert profile_for(cast.westmere, made.effective_from).version == made
    assert not ProfileDraft.objects.exists()
    assert Event.objects.filter(verb="publish rules", subject_id=str(made.pk), actor_id=cast.administrator.pk).exists()


def test_a_mistake_keeps_what_was_typed_and_saves_nothing(cast, admin):
    begin(admin)
    answer = save(admin, "deadlines", completion__count="ten", preparation__count="4")
    said = answer.content.decode()
    assert answer.status_code == 200 and "There is a problem" in said
    assert "Completing the plan after the meeting: “How many days” must be a whole number" in said
    assert sent_from(said)["completion-count"] == "ten" and sent_from(said)["preparation-count"] == "4"
    assert ProfileDraft.objects.get().revision == 1
    again = send(admin, f"{EDIT}deadlines/", changed(sent_from(said), completion__count="10"))
    assert again.status_code == 302
    assert ProfileDraft.objects.get().document["deadlines"]["preparation"]["count"] == 4


def test_add_another_saves_nothing_yet(cast, admin):
    begin(admin)
    said = save(admin, "escalation", add="steps").content.decode()
    assert sent_from(said)["steps-rows"] == "6" and ProfileDraft.objects.get().revision == 1


def test_the_second_of_two_is_told_and_keeps_what_was_typed(cast, admin, client_as):
    begin(admin)
    mine = changed(sent_from(page(admin, f"{EDIT}sdq/")), frequency="termly")
    save(client_as(cast.vs_head), "targets", weeks="9")
    told = send(admin, f"{EDIT}sdq/", mine).content.decode()
    assert "Dr S. Marlow has changed the draft since you opened this page" in told
    assert sent_from(told)["frequency"] == "termly"
    assert ProfileDraft.objects.get().document["sdq"]["frequency"] == "yearly"
    assert send(admin, f"{EDIT}sdq/", sent_from(told)).status_code == 302
    kept = ProfileDraft.objects.get().document
    assert (kept["sdq"]["frequency"], kept["targets"]["weeks"]) == ("termly", 9)


def test_publishing_what_somebody_has_changed_meanwhile_is_asked_again(cast, admin, client_as):
    begin(admin)
    save(admin, "sdq", frequency="termly")
    save(client_as(cast.vs_head), "targets", weeks="9")
    told = admin.post(PREVIEW, on(TODAY, step="publish", revision="2")).content.decode()
    assert "Nothing is published" in told and "A target is reached within so many weeks" in told
    assert not ProfileVersion.objects.filter(authority=cast.westmere).exists()
    assert sent_from(told)["revision"] == "3", "the next press is about what is shown now"


def test_a_double_tap_publishes_once(cast, admin):
    begin(admin)
    save(admin, "sdq", frequency="termly")
    data = on(TODAY, step="publish", revision="2", _once=str(uuid.uuid4()))
    first, second = admin.post(PREVIEW, data), admin.post(PREVIEW, data)
    assert first["Location"] == second["Location"] == "/rules/"
    assert ProfileVersion.objects.filter(authority=cast.westmere).count() == 1


def test_a_day_that_is_past_asks_for_the_reason(cast, admin):
    begin(admin)
    save(admin, "sdq", frequency="termly")
    past = date(2026, 9, 1)
    refused = publish(admin, past).content.decode()
    assert "Say why the rules take effect on a day that is past" in refused
    publish(admin, past, reason="Agreed by Cabinet in July.")
    assert ProfileVersion.objects.get(authority=cast.westmere).reason == "Agreed by Cabinet in July."


def test_a_draft_that_changes_nothing_is_not_published(cast, admin):
    begin(admin)
    assert "Nothing is changed" in page(admin, PREVIEW)
    publish(admin, TODAY)
    assert not ProfileVersion.objects.filter(authority=cast.westmere).exists()


def test_discarding_asks_first(cast, admin):
    begin(admin)
    assert "Discard the draft?" in admin.post(f"{EDIT}discard/").content.decode()
    assert ProfileDraft.objects.exists()
    admin.post(f"{EDIT}discard/", {"step": "discard", "revision": "1"})
    assert not ProfileDraft.objects.exists()
    assert admin.get(f"{EDIT}sdq/").status_code == 302
    page(admin, f"{EDIT}nonsense/", 404)


# --- the dated choice ---------------------------------------------------------------------------------------------------------


def test_other_rules_from_a_day_after_one_question(cast, admin):
    day = TODAY + timedelta(days=27)
    asked = admin.post(CHOOSE, on(day, step="check", name="kent-2017")).content.decode()
    assert "Use “Kent, 2017” from Monday 2 November 2026?" in asked and "What changes" in asked
    assert not ChosenRules.objects.exists()
    done = admin.post(CHOOSE, on(day, step="choose", name="kent-2017"), follow=True).content.decode()
    assert "Westmere works under “Kent, 2017” from Monday 2 November 2026." in done
    chosen = ChosenRules.objects.get()
    assert (chosen.profile_name, chosen.chosen_by, chosen.at) == ("kent-2017", cast.administrator, NOW)
    assert profile_for(cast.westmere, day).version == shipped("kent-2017")
    assert "already: choose others" in admin.post(CHOOSE, on(day, step="choose", name="kent-2017")).content.decode()
    assert "Say why" in admin.post(CHOOSE, on(date(2026, 9, 1), step="choose", name="enfield")).content.decode()
    assert ChosenRules.objects.count() == 1


# --- never changed once used ----------------------------------------------------------------------------------------------------


def test_a_2017_entry_shows_the_2017_answer_after_a_newer_version(cast, admin, acting, client_as):
    """The plan of a child who came into care under the version of 2017 keeps it, on the page too."""
    by, entry = acting(cast.administrator), date(2026, 9, 28)
    cast.westmere.profile_name = "kent-2017"
    cast.westmere.save()
    child, episode = cast.children["amara"], cast.episodes["amara"]
    child.refresh_from_db()
    pep = open_pep(child=child, episode=episode, kind="first", cause="first:x", trigger_on=entry, by=by)
    sync_child(child.pk, by=by)
    key = f"meeting:{pep.pk}"
    due = Obligation.objects.get(key=key).due_on
    before = page(client_as(cast.caseworker), f"/children/{child.pk}/deadlines/{key}/")
    admin.post(EDIT, {"based_on": str(shipped("kent-2017").pk)})
    save(admin, "deadlines", first_pep_planned__count="5", first_pep_unplanned__count="5")
    publish(admin, date(2026, 9, 1), reason="Agreed in July.")
    newer = profile_for(cast.westmere, entry)
    assert (
        newer.version.authority == cast.westmere and newer.rules.table("deadlines")["first_pep_planned"]["count"] == 5
    )
    sync_child(child.pk, by=by)
    assert Obligation.objects.get(key=key).due_on == due
    pep.refresh_from_db()
    assert pep.profile_version == shipped("kent-2017")
    after = page(client_as(cast.caseworker), f"/children/{child.pk}/deadlines/{key}/")
    assert "Kent, 2017, version 1" in before and "Kent, 2017, version 1" in after
    assert before.split("<main")[1].split("</main>")[0] == after.split("<main")[1].split("</main>")[0]
