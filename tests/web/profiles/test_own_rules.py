"""Whose rules apply when: a council's own version before a shipped one, its dated choice, and nothing ever changed once used."""

from __future__ import annotations

import io
import json
from datetime import date as D
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from pepportal.profiles import actions
from pepportal.profiles.models import ChosenRules, ProfileDraft, ProfileVersion
from pepportal.profiles.queries import profile_for, shelf_of
from pepportal.profiles.reading import PUBLISHED, read_published
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(cast, acting):
    return acting(cast.administrator)


def shipped(name: str = "default") -> ProfileVersion:
    return ProfileVersion.objects.get(name=name, authority=None)


def own(cast, by, *, day=TODAY, weeks=9, name="default", reason="") -> ProfileVersion:
    """A version of Westmere's own, in which a target's weeks tell it apart."""
    draft = actions.start_draft(authority=cast.westmere, based_on=shipped(name), by=by)
    targets = {**draft.document["targets"], "weeks": weeks}
    targets["defaults"] = [key for key in targets["defaults"] if key != "weeks"]
    draft = actions.save_draft(authority=cast.westmere, table="targets", content=targets, revision=1, by=by)
    return actions.publish(authority=cast.westmere, revision=draft.revision, effective_from=day, reason=reason, by=by)


def weeks_for(authority, day) -> int:
    return profile_for(authority, day).rules.table("targets")["weeks"]


def test_own_version_before_a_shipped_one_and_for_nobody_else(cast, by):
    made = own(cast, by, weeks=9)
    assert (made.version, made.authority, made.title) == (2, cast.westmere, "Westmere, after Default rules")
    assert weeks_for(cast.westmere, TODAY) == 9
    assert weeks_for(cast.westmere, TODAY - timedelta(days=1)) == 12
    assert weeks_for(cast.eastvale, TODAY) == 12
    newer = read_published("default")
    ProfileVersion.objects.create(
        name="default", version=9, title="Newer", effective_from=TODAY, document=dict(newer.document) | {}, digest="9" * 64,
        loaded_at=by.at,
    )  # fmt: skip
    assert weeks_for(cast.westmere, TODAY + timedelta(days=400)) == 9, "the council's own stands before any shipped one"


def test_the_newest_own_version_by_then(cast, by):
    own(cast, by, weeks=9)
    own(cast, by, day=TODAY + timedelta(days=30), weeks=8)
    own(cast, by, weeks=7)
    assert [weeks_for(cast.westmere, TODAY + timedelta(days=days)) for days in (0, 29, 30)] == [7, 7, 8]
    assert list(
        ProfileVersion.objects.filter(authority=cast.westmere).order_by("version").values_list("version", flat=True)
    ) == [2, 3, 4]


def test_the_choice_of_a_day(cast, by):
    later = TODAY + timedelta(days=10)
    actions.choose(authority=cast.westmere, name="kent-2017", effective_from=later, by=by)
    names = [profile_for(cast.westmere, TODAY + timedelta(days=days)).version.name for days in (0, 9, 10, 400)]
    assert names == ["default", "default", "kent-2017", "kent-2017"]
    actions.choose(authority=cast.westmere, name="enfield", effective_from=later, by=by)
    assert profile_for(cast.westmere, later).version.name == "enfield", "of one day the last choice"
    assert profile_for(cast.eastvale, later).version.name == "default"


def test_one_query_and_two_before_the_first_version(cast, by, django_assert_num_queries):
    actions.choose(authority=cast.westmere, name="kent-2017", effective_from=TODAY, by=by)
    with django_assert_num_queries(1):
        profile_for(cast.westmere, TODAY)
    oldest = shipped("default")
    with django_assert_num_queries(2):
        assert profile_for(cast.westmere, D(2001, 1, 1)).version == oldest


def test_the_shelf_says_what_the_question_says(cast, by):
    own(cast, by, weeks=9)
    own(cast, by, day=TODAY + timedelta(days=20), weeks=8)
    own(cast, by, day=TODAY + timedelta(days=60), name="kent-2017", weeks=5)
    actions.choose(authority=cast.westmere, name="enfield", effective_from=TODAY + timedelta(days=40), by=by)
    actions.choose(authority=cast.westmere, name="default", effective_from=TODAY + timedelta(days=80), by=by)
    shelf = shelf_of(cast.westmere)
    for days in (-9000, -1, 0, 1, 19, 20, 39, 40, 59, 60, 79, 80, 500):
        day = TODAY + timedelta(days=days)
        assert shelf.in_force(day) == profile_for(cast.westmere, day).version, day
    assert [(day - TODAY).days for day, _ in shelf.coming(TODAY)] == [20, 40, 60, 80]


def test_publishing_rules_of_another_name_chooses_them(cast, by):
    made = own(cast, by, name="kent-2017", weeks=5)
    assert profile_for(cast.westmere, TODAY).version == made
    assert ChosenRules.objects.get().profile_name == "kent-2017"


# --- never changed once used ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [ProfileVersion, ChosenRules])
def test_the_database_refuses_to_change_what_was_published_or_chosen(cast, by, model):
    own(cast, by)
    actions.choose(authority=cast.westmere, name="kent-2017", effective_from=TODAY, by=by)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what the test itself has written is settled first
        for order in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute(order)


# --- drafts -----------------------------------------------------------------------------------------------------------------


def test_one_draft_a_council(cast, by, acting):
    first = actions.start_draft(authority=cast.westmere, based_on=shipped(), by=by)
    again = actions.start_draft(authority=cast.westmere, based_on=shipped("enfield"), by=acting(cast.vs_head))
    assert again == first and again.based_on == shipped()
    actions.start_draft(authority=cast.eastvale, based_on=shipped(), by=by)
    assert ProfileDraft.objects.count() == 2


def test_a_draft_may_not_begin_with_another_councils_rules(cast, by):
    theirs = own(cast, by)
    with pytest.raises(actions.NotPossible, match="another council"):
        actions.start_draft(authority=cast.eastvale, based_on=theirs, by=by)


def test_the_second_of_two_is_told(cast, by, acting):
    draft = actions.start_draft(authority=cast.westmere, based_on=shipped(), by=by)
    sdq = draft.document["sdq"] | {"frequency": "termly"}
    actions.save_draft(authority=cast.westmere, table="sdq", content=sdq, revision=1, by=acting(cast.vs_head))
    with pytest.raises(actions.DraftChanged, match=r"Dr S\. Marlow has changed the draft"):
        actions.save_draft(authority=cast.westmere, table="sdq", content={}, revision=1, by=by)
    with pytest.raises(actions.DraftChanged):
        actions.publish(authority=cast.westmere, revision=1, effective_from=TODAY, by=by)
    with pytest.raises(actions.DraftChanged):
        actions.discard_draft(authority=cast.westmere, revision=1, by=by)
    actions.discard_draft(authority=cast.westmere, revision=2, by=by)
    with pytest.raises(actions.NoDraft):
        actions.discard_draft(authority=cast.westmere, revision=2, by=by)


def test_a_day_that_is_past_needs_a_reason(cast, by):
    with pytest.raises(actions.NotPossible, match="a day that is past"):
        own(cast, by, day=TODAY - timedelta(days=1))
    with pytest.raises(actions.NotPossible, match="a day that is past"):
        actions.choose(authority=cast.westmere, name="enfield", effective_from=D(2020, 1, 1), by=by)
    with pytest.raises(actions.NotPossible, match="aren’t there"):
        actions.choose(authority=cast.westmere, name="nobody", effective_from=TODAY, by=by)
    draft = ProfileDraft.objects.get()
    made = actions.publish(
        authority=cast.westmere,
        revision=draft.revision,
        effective_from=D(2026, 9, 1),
        reason="Cabinet agreed it then.",
        by=by,
    )
    assert (made.effective_from, made.reason, made.published_by) == (
        D(2026, 9, 1),
        "Cabinet agreed it then.",
        cast.administrator,
    )


def test_what_no_file_may_say_is_not_published(cast, by):
    draft = actions.start_draft(authority=cast.westmere, based_on=shipped(), by=by)
    wrong = draft.document["sdq"] | {"frequency": "hourly"}
    actions.save_draft(authority=cast.westmere, table="sdq", content=wrong, revision=1, by=by)
    with pytest.raises(actions.ProfileError, match=r"sdq.frequency: must be one of"):
        actions.publish(authority=cast.westmere, revision=2, effective_from=TODAY, by=by)
    assert not ProfileVersion.objects.filter(authority=cast.westmere).exists() and ProfileDraft.objects.exists()


# --- by command ---------------------------------------------------------------------------------------------------------------


def load(*args: str) -> dict:
    out = io.StringIO()
    call_command("load_profile", *args, "--json", stdout=out)
    return json.loads(out.getvalue())["profiles"][0]


def test_a_councils_own_by_command(cast):
    told = load("kent-2017", "--authority", "wm", "--effective-from", "2026-12-01")
    assert (told["authority"], told["effective_from"], told["new"]) == ("WM", "2026-12-01", True)
    assert not load("kent-2017", "--authority", "WM", "--effective-from", "2026-12-01")["new"]
    cast.westmere.profile_name = cast.eastvale.profile_name = "kent-2017"
    assert profile_for(cast.westmere, D(2026, 12, 1)).version.authority == cast.westmere
    assert profile_for(cast.westmere, D(2026, 11, 30)).version == shipped("kent-2017")
    assert profile_for(cast.eastvale, D(2026, 12, 1)).version == shipped("kent-2017")


@pytest.mark.parametrize(("args", "says"), [
    (("default", "--authority", "XX"), "--authority XX: there is no council of that code; there are EV, WM."),
    (("default", "--effective-from", "31.2.2026"), "--effective-from 31.2.2026: is not a real date"),
    (("--all", "--authority", "WM"), "go with one profile"),
])  # fmt: skip
def test_a_wrong_order_says_what_is_wrong(cast, args, says):
    before = ProfileVersion.objects.count()
    with pytest.raises(CommandError) as caught:
        call_command("load_profile", *args)
    assert says in str(caught.value)
    assert ProfileVersion.objects.count() == before


def test_one_day_is_not_the_files(cast, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text((PUBLISHED / "enfield.toml").read_text())
    assert load(str(file), "--effective-from", "2027-01-01")["version"] == 2
    assert profile_for_name("enfield", cast, D(2027, 1, 1)).version == 2
    assert profile_for_name("enfield", cast, D(2026, 12, 31)).version == 1


def profile_for_name(name, cast, day) -> ProfileVersion:
    cast.westmere.profile_name = name
    with CaptureQueriesContext(connection) as asked:
        found = profile_for(cast.westmere, day).version
    assert len(asked) == 1
    return found
