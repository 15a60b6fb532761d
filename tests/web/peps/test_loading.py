"""``manage.py load_profile``: idempotent, whole or not at all, one sentence where it can't."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.queries import profile_for
from pepportal.profiles.reading import PUBLISHED, PUBLISHED_NAMES
from peps import actions
from peps.form_documents import all_forms
from peps.models import FormVersion

pytestmark = pytest.mark.django_db


def run(*args: str) -> dict:
    out = io.StringIO()
    call_command("load_profile", *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def kept() -> tuple[int, int]:
    return ProfileVersion.objects.count(), FormVersion.objects.count()


def test_all_then_again(rules):
    again = run("--all")
    assert [row["name"] for row in again["profiles"]] == list(PUBLISHED_NAMES)
    assert not any(row["new"] for row in again["profiles"] + again["forms"])
    assert kept() == (6, 4)


def test_a_councils_own_file_is_kept_once(rules, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text((PUBLISHED / "enfield.toml").read_text().replace('name = "enfield"', 'name = "northmere"'))
    assert run(str(file))["profiles"][0]["new"]
    assert not run(str(file))["profiles"][0]["new"]
    assert kept() == (7, 4)


def test_a_changed_form_is_a_new_version(rules, acting, cast, monkeypatch):
    changed = [replace(form, title=f"{form.title}, corrected") for form in all_forms()]
    monkeypatch.setattr(actions, "all_forms", lambda: changed)
    loaded = actions.load_forms(acting(cast.administrator))
    assert {(each.version.version, each.new) for each in loaded} == {(2, True)}
    assert not any(each.new for each in actions.load_forms(acting(cast.administrator)))


def test_a_changed_file_is_a_new_version(tmp_path, cast):
    text = (PUBLISHED / "kent-2017.toml").read_text()
    file = tmp_path / "kent.toml"
    file.write_text(text.replace("effective_from = ", "note = 'changed'\neffective_from = ", 1))
    told = run(str(file))
    assert told["profiles"][0] | {"digest": ""} == {"name": "kent-2017", "version": 2, "digest": "", "new": True}
    cast.westmere.profile_name = "kent-2017"
    assert profile_for(cast.westmere, cast.episodes["amara"].began_on).version.version == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not toml at all [", "mine.toml: is not valid TOML"),
        ("[profile]\nname = 'x'", "mine.toml: profile.title: is missing"),
        ("@primary = 'nope'", "form.primary: there is no form 'nope'"),
        ("@owners = { secton_a = 'both' }", "form.owners.secton_a: is not a section"),
    ],
)
def test_a_wrong_file_loads_nothing(rules, tmp_path, text, says):
    before = kept()
    if text.startswith("@"):
        whole = (PUBLISHED / "virtual-school-led.toml").read_text()
        assert whole.count("\n[form]\n") == 1
        text = whole.replace("\n[form]\n", f"\n[form]\n{text[1:]}\n")
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(CommandError) as caught:
        call_command("load_profile", str(file))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert kept() == before


@pytest.mark.parametrize(
    "args",
    [[], ["default", "--all"], ["/no/such/file.toml"], ["nobody"], ["enfield", "--effective-from", "2026-W36-2"]],
)
def test_what_to_load_must_be_said(rules, args):
    before = kept()
    with pytest.raises(CommandError):
        call_command("load_profile", *args)
    assert kept() == before


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(CommandError, match=r"^/no/such/file\.toml: .*can't be read: No such file"):
        call_command("load_profile", "/no/such/file.toml")
