from __future__ import annotations

import io
import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs beside the ORM

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase

from tests import cast as stage

_teardown = TransactionTestCase._fixture_teardown


def _teardown_of_append_only_tables(self: TransactionTestCase) -> None:
    """Append-only tables refuse to be emptied; between transactional tests the triggers are set aside."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    try:
        _teardown(self)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = origin")


TransactionTestCase._fixture_teardown = _teardown_of_append_only_tables


@pytest.fixture(autouse=True)
def _stage_settings(settings, tmp_path_factory):
    """The product's one clock stands still on the stage's day; files go to a temporary folder; no broker is rung."""
    settings.PORTAL_NOW = stage.NOW
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path_factory.mktemp("files"))},
        }
    }
    from pepportal.jobs import app

    app.conf.task_always_eager = True
    app.conf.task_eager_propagates = True


def _load_rules() -> None:
    from django.core.management import call_command

    call_command("load_profile", "--all", verbosity=0, stdout=io.StringIO())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The published profiles and forms never change: they are loaded once, before the first test."""
    with django_db_blocker.unblock():
        _load_rules()


@pytest.fixture
def rules(db):
    """The six published profiles and their forms; loaded again where a transactional test has emptied the tables."""
    from pepportal.profiles.models import ProfileVersion

    if not ProfileVersion.objects.exists():
        _load_rules()


@pytest.fixture
def cast(rules):
    return stage.make_cast()


@pytest.fixture
def client_as():
    """A signed-in client: ``client_as(cast.social_worker)``."""

    def sign_in(user) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def acting():
    """``acting(user)``: the Actor to hand to an action as ``by``."""
    from pepportal.access.actor import actor_for

    def as_(user, at=stage.NOW):
        return actor_for(user, at)

    return as_
