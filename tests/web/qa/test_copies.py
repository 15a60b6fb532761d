from __future__ import annotations

import subprocess
from datetime import date, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from children.models import CareReview
from pepportal.audit.models import Event
from pepportal.pdf.rendering import RenderingFailed, render
from pepportal.pdf.tags import _mcid, _reached, elements
from qa import actions, tasks
from qa.models import Delivery, Edition
from tests import cast as stage
from tests.web.qa.stage import ADDRESS, by, filled_plan, finalised_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(cast):
    """A finalised plan with every copy rendered."""
    pep = finalised_plan(cast)
    tasks.render_owed()
    assert set(Edition.objects.values_list("work_state", flat=True)) == {"done"}
    return pep


def _copy(pep, audience, **more):
    return Edition.objects.get(pep=pep, audience=audience, **more)


def _text(edition):
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=edition.file.open("rb").read(), capture_output=True, check=True
    ).stdout.decode()


EVERYBODY = {
    "full": {"social_worker", "team_manager", "vs_head", "vs_deputy", "caseworker", "data_officer", "administrator"},
    "iro": {"social_worker", "team_manager", "vs_head", "vs_deputy", "caseworker", "data_officer", "administrator", "iro"},
    "school": {"social_worker", "team_manager", "vs_head", "vs_deputy", "caseworker", "data_officer", "administrator", "designated_teacher",
               "head_teacher"},
    "carer": {"social_worker", "team_manager", "vs_head", "vs_deputy", "caseworker", "data_officer", "administrator", "carer"},
    "child": {"social_worker", "team_manager", "vs_head", "vs_deputy", "caseworker", "data_officer", "administrator", "designated_teacher"},
}  # fmt: skip


def test_each_copy_opens_for_those_it_is_meant_for(made, cast, client_as):
    inside = {"finance", "head_teacher", "designated_teacher", "carer", "iro"}
    for person, user in cast.people.items():
        client = client_as(user)
        for audience, readers in EVERYBODY.items():
            edition = _copy(made, audience)
            for name in ("qa:download", "qa:read"):
                answer = client.get(reverse(name, args=[edition.pk])).status_code
                wanted = 200 if person in readers else 403 if person in inside else 404
                assert answer == wanted, (person, audience, name)


def test_a_child_opens_their_own_copy_and_no_other(cast, client_as):
    child = cast.children["amara"]
    child.user, cast.children["jonah"].user = cast.young_person, None
    cast.children["jonah"].save()
    child.save()
    pep = finalised_plan(cast)
    tasks.render_owed()
    client = client_as(cast.young_person)
    for audience, status in (("child", 200), ("carer", 403), ("full", 403)):
        assert client.get(reverse("qa:read", args=[_copy(pep, audience).pk])).status_code == status
    assert "My plans" in client.get(reverse("qa:shared")).content.decode()


def test_a_carer_loses_the_copy_with_the_child(made, cast, client_as):
    url = reverse("qa:download", args=[_copy(made, "carer").pk])
    assert client_as(cast.carer).get(url).status_code == 200
    placement = made.child.placements.get()
    placement.ended_on = stage.TODAY
    placement.save()
    assert client_as(cast.carer).get(url).status_code == 404


def test_a_download_is_private_named_by_reference_and_written_down(made, cast, client_as):
    edition = _copy(made, "carer")
    answer = client_as(cast.carer).get(reverse("qa:download", args=[edition.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "WM-0001" in answer["Content-Disposition"]
    assert "mara" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    seen = Event.objects.get(verb="download copy")
    assert (seen.actor_id, seen.child_id, seen.subject_id) == (cast.carer.pk, made.child_id, str(edition.pk))
    assert Delivery.objects.get(audience="carer").first_read_at is not None
    assert Delivery.objects.get(audience="iro").first_read_at is None


WHERE = {  # canary → the copies it may be in
    "canary-all": {"full", "iro", "school", "carer", "child"},
    "canary-professionals": {"full", "iro", "school"},
    "canary-team": {"full", "iro"},
    "canary-need": {"full", "iro", "school"},
    "canary-overview": {"full", "iro", "school"},
    "07700 900 123": {"full", "iro", "school"},
    "Quiet Lane": set(),
    "ZZ3 4ZZ": set(),
}


def test_what_each_pdf_and_page_holds(made, cast, client_as):
    client = client_as(cast.vs_head)
    for audience in EVERYBODY:
        edition = _copy(made, audience)
        pdf = _text(edition)
        page = client.get(reverse("qa:read", args=[edition.pk])).content.decode()
        for canary, where in WHERE.items():
            for text in (pdf, page):
                assert (canary.lower() in text.lower()) == (audience in where), (canary, audience)
        assert "WM-0001" in pdf
        assert "Page 1 of" in pdf
        assert "DRAFT" not in pdf
    assert ADDRESS.split(",")[0] == "14 Quiet Lane"


def test_the_pdf_is_tagged(made):
    with pikepdf.open(BytesIO(_copy(made, "full").file.open("rb").read())) as pdf:
        assert pdf.Root.Lang == "en-GB"
        assert str(pdf.docinfo["/Title"]).startswith("WM-0001: Full record")
        assert bool(pdf.Root.MarkInfo.Marked)
        root = pdf.Root.StructTreeRoot
        tags = [str(each.S) for each in elements(root)]
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/P"} <= set(tags)
        assert all(each.get("/Alt") for each in elements(root) if str(each.S) == "/Figure")
        for each in elements(root):
            if str(each.S) == "/TH":
                attributes = list(each.A) if isinstance(each.A, pikepdf.Array) else [each.A]
                assert {str(a.Scope) for a in attributes if "/Scope" in a} <= {"/Row", "/Column"}
                assert any("/Scope" in a for a in attributes)
        for page in pdf.pages:
            numbers = {
                _mcid(operands) for operands, operator in pikepdf.parse_content_stream(page) if str(operator) == "BDC"
            }
            assert numbers - {None} <= _reached(root, page)
            assert any(
                str(operands[0]) == "/Artifact"
                for operands, operator in pikepdf.parse_content_stream(page)
                if str(operator) == "BDC"
            )


def test_the_renderer_reads_nothing_but_our_static_folder(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    for address in (
        f"file://{secret}",
        "http://169.254.169.254/x.png",
        "static:/../manage.py",
        "static:/css/../../pyproject.toml",
        "data:image/png;base64,AA==",
    ):
        with pytest.raises(RenderingFailed):
            render(f'<html lang="en"><title>t</title><body><p>x</p><img alt="a" src="{address}"></body></html>', "t")


def test_a_picture_without_words_fails_the_render():
    with pytest.raises(RenderingFailed, match="alt"):
        render('<html lang="en"><title>t</title><body><p>x</p><img src="static:/img/favicon.svg"></body></html>', "t")


def test_rendering_twice_keeps_one_file_and_takes_up_what_was_left(cast):
    pep = finalised_plan(cast)
    edition = _copy(pep, "child")
    edition.work_state, edition.lease_until = "doing", stage.NOW - timedelta(minutes=1)
    edition.save()
    tasks.render_owed()
    edition.refresh_from_db()
    assert (edition.work_state, edition.attempts) == ("done", 1)
    first = edition.digest
    Edition.objects.filter(pk=edition.pk).update(work_state="owed", not_before=stage.NOW)
    tasks.render_owed()
    edition.refresh_from_db()
    assert edition.digest == first
    folder = edition.file.name.rpartition("/")[0]
    assert len([name for name in default_storage.listdir(folder)[1] if name.startswith(str(edition.pk))]) == 2


def test_a_copy_that_is_not_ready_says_so_and_one_that_fails_holds_up_no_other(cast, client_as, monkeypatch):
    pep = finalised_plan(cast)
    url = reverse("qa:download", args=[_copy(pep, "full").pk])
    page = client_as(cast.social_worker).get(url)
    assert page.status_code == 200
    assert b"being made" in page.content
    real = tasks.render

    def broken(html, title):
        if "Full record" in title:
            raise RenderingFailed("no words for a picture")
        return real(html, title)

    monkeypatch.setattr(tasks, "render", broken)
    tasks.render_owed()
    assert _copy(pep, "full").work_state == "owed"
    assert "no words" in _copy(pep, "full").last_error
    assert _copy(pep, "carer").work_state == "done"


def test_finalising_survives_a_broker_that_is_away(cast, monkeypatch, django_capture_on_commit_callbacks):
    def away(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.render_owed, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        pep = finalised_plan(cast)
    assert _copy(pep, "full").work_state == "owed"


def test_a_draft_says_so_and_is_for_those_who_work_on_the_plan(cast, client_as):
    pep = filled_plan(cast)
    url = reverse("qa:draft-copy", args=[pep.pk])
    for person, status in ((cast.carer, 403), (cast.head_teacher, 403), (cast.other_vs_head, 404)):
        assert client_as(person).post(url).status_code == status
    assert client_as(cast.designated_teacher).post(url).status_code == 302
    assert client_as(cast.social_worker).post(url).status_code == 302
    tasks.render_owed()
    draft = _copy(pep, "school", draft=True)
    text = _text(draft)
    assert text.count("DRAFT") >= text.count("Page ")
    assert "canary-team" not in text
    for person, status in (
        (cast.designated_teacher, 200),
        (cast.social_worker, 403),
        (cast.head_teacher, 403),
        (cast.carer, 403),
    ):
        assert client_as(person).get(reverse("qa:download", args=[draft.pk])).status_code == status
    assert (
        client_as(cast.designated_teacher)
        .get(reverse("qa:download", args=[_copy(pep, "full", draft=True).pk]))
        .status_code
        == 403
    )


def test_copies_page_and_the_list_of_what_is_shared(made, cast, client_as):
    page = client_as(cast.social_worker).get(reverse("qa:copies", args=[made.pk])).content.decode()
    assert "Who gets a copy" in page
    assert "Mrs H. Bright" in page
    assert client_as(cast.carer).get(reverse("qa:copies", args=[made.pk])).status_code == 403
    for person, told in (
        ("carer", True),
        ("iro", True),
        ("designated_teacher", True),
        ("head_teacher", True),
        ("other_teacher", False),
    ):
        listed = client_as(cast.people[person]).get(reverse("qa:shared")).content.decode()
        assert ("Amara Okafor" in listed) == told, person


def test_the_reviewing_officer_sees_which_plan_is_in_time(cast, client_as):
    for key in ("amara", "jonah"):
        CareReview.objects.create(child=cast.children[key], on=date(2026, 10, 20))
    pep = finalised_plan(cast)
    filled_plan(cast, "jonah")
    page = client_as(cast.iro).get(reverse("qa:shared")).content.decode()
    assert "Care reviews ahead, plan not finished" in page
    assert "Jonah Tell" in page
    assert "In time" in page
    review = CareReview.objects.get(child=pep.child)
    review.on = date(2026, 10, 7)
    review.save()
    assert "late for the review" in client_as(cast.iro).get(reverse("qa:shared")).content.decode()


def test_no_copy_before_the_plan_is_finalised(cast):
    pep = filled_plan(cast)
    actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher))
    actions.sign(pep, step="social_worker", by=by(cast.social_worker))
    tasks.render_owed()
    assert not Edition.objects.exists()
