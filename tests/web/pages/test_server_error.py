"""A fault of ours loses nothing that was typed."""

from __future__ import annotations

import pytest
from django.test import Client

from pepportal.jobs.models import HeldForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.vs_head, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_what_was_sent_is_kept_and_given_back(client, cast, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("planted")

    monkeypatch.setattr("pepportal.pages.intake.EntryForm", break_down)
    page = client.post("/children/new/", {"given_name": "Zo\x00ë", "password": "secret"})
    assert page.status_code == 500
    held = HeldForm.objects.get(user=cast.vs_head)
    assert held.fields == {"given_name": ["Zoë"]}
    assert f"/kept/{held.pk}/" in page.content.decode()
    assert "Zoë" in client.get(f"/kept/{held.pk}/").content.decode()


def test_a_fault_on_reading_keeps_nothing(client, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("planted")

    monkeypatch.setattr("pepportal.pages.views.queries.home_of", break_down)
    page = client.get("/")
    assert page.status_code == 500 and "something went wrong" in page.content.decode()
    assert not HeldForm.objects.exists()
