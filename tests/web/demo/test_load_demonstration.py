"""The demonstration council: every list has something on it, under every council's rules and on every day of the year."""

from __future__ import annotations

import io
import re
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Q
from django.test import override_settings

from children.models import CareEpisode, ChangeMark, Child, PlacementAddress
from pepportal.access.actor import actor_for
from pepportal.access.roles import Role
from pepportal.accounts.models import Authority, Membership, User
from pepportal.audit.models import Event
from pepportal.clock.models import Obligation
from pepportal.demo.council import Life, Storyteller
from pepportal.demo.queries import people_to_be
from pepportal.notify.models import MailboxMessage, Notice
from pepportal.profiles.reading import PUBLISHED_NAMES
from peps.models import Answer, Pep
from peps.states import PepState
from qa.models import Delivery, Edition
from tests.cast import NOW, TODAY
from tests.factories import LONDON

pytestmark = pytest.mark.django_db

DAYS = {
    "autumn": datetime(2026, 10, 6, 10, 0, tzinfo=LONDON),
    "summer holiday": datetime(2026, 8, 31, 9, 0, tzinfo=LONDON),
    "first days of January": datetime(2027, 1, 2, 12, 0, tzinfo=LONDON),
    "Good Friday": datetime(2027, 3, 26, 9, 0, tzinfo=LONDON),
    "29 February": datetime(2028, 2, 29, 0, 30, tzinfo=LONDON),
    "first day of school": datetime(2026, 9, 1, 8, 0, tzinfo=LONDON),
}


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("load_demonstration", *args, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="class")
def council(django_db_setup, django_db_blocker):
    """The smallest council, made once for the tests that only look at it."""
    with django_db_blocker.unblock(), override_settings(PORTAL_NOW=NOW), transaction.atomic():
        yield run("--children", "12", "--profile", "default")
        transaction.set_rollback(True)


def every_state_is_there() -> None:
    assert set(Pep.objects.values_list("state", flat=True)) == {state.value for state in PepState}


def nothing_happened_in_the_future(now: datetime) -> None:
    assert not Event.objects.filter(at__gt=now).exclude(child_id=None).exists()
    assert not Pep.objects.filter(Q(opened_at__gt=now) | Q(finalised_at__gt=now)).exists()
    assert not Answer.history.filter(history_date__gt=now).exists()
    assert not Notice.objects.filter(created_at__gt=now).exists()


def no_message_names_a_child() -> None:
    """Subject, body and diary entry: no name of any child. A young person's own name greets them in their own messages."""
    called = Child.objects.values_list("given_name", "family_name", "known_as")
    names = {name for child in called for name in child if name}
    known = re.compile(r"\b(" + "|".join(map(re.escape, sorted(names))) + r")\b")
    own = {user_id for user_id in Child.objects.values_list("user_id", flat=True) if user_id}
    checked = 0
    for notice in Notice.objects.all():
        said = f"{notice.subject}\n{notice.text}\n{notice.html}\n{notice.calendar_file}"
        if notice.person_id in own:
            said = said.replace(notice.person.name, "").replace(notice.person.email, "")
        assert not known.search(said), f"{notice.kind}: {known.search(said)}"
        checked += 1
    assert checked > 20


class TestTheSmallestCouncil:
    def test_a_small_council_has_something_on_every_list(self, council):
        assert "14 children" in council, "the other council's two come on top"
        every_state_is_there()
        nothing_happened_in_the_future(NOW)
        no_message_names_a_child()
        assert set(Authority.objects.values_list("name", flat=True)) == {"Westmere", "Eastvale"}
        assert Child.objects.filter(authority__code="WM").count() == 12
        assert Child.objects.filter(authority__code="EV").count() == 2
        assert not ChangeMark.objects.exists()
        open_ones = Obligation.objects.open()
        assert open_ones.filter(due_on__lt=TODAY).exists() and open_ones.filter(due_on__gt=TODAY).exists()
        assert CareEpisode.objects.filter(ended_on__lte=TODAY).exists()
        in_care = CareEpisode.objects.current(TODAY).values("child")
        assert Child.objects.filter(pk__in=in_care).exclude(enrolments__main=True, enrolments__ended_on=None).exists()
        assert Child.objects.filter(placements__out_of_area=True).exists()
        assert PlacementAddress.objects.filter(confidential=True).exists()

    def test_every_role_has_somebody_and_the_well_known_come_first(self, council):
        groups = people_to_be(TODAY)
        assert len(groups) == len(Role)
        first = {group.title: group.people[0].user.name for group in groups}
        assert first["Virtual school head"] == "Dr S. Marlow"
        assert first["Designated teacher"] == "Ms R. Khan"
        assert first["Social worker"] == "Mr P. Doyle"
        assert first["Carer"] == "Mrs H. Bright"
        assert first["Independent reviewing officer"] == "Ms D. Ferreira"
        assert all(not user.has_usable_password() for user in User.objects.all())
        assert User.objects.exclude(email__endswith="@portal.example").count() == 0
        bright = User.objects.get(name="Mrs H. Bright")
        assert Delivery.objects.filter(to_user=bright, audience="carer").count() == 1
        khan = actor_for(User.objects.get(name="Ms R. Khan"), NOW)
        assert Child.objects.filter(enrolments__school__in=khan.organisations(Role.DESIGNATED_TEACHER)).values(
            "authority"
        ).distinct().count() == 2  # fmt: skip

    def test_whoever_signs_in_has_a_page_with_something_on_it(self, council, client_as):
        for group in people_to_be(TODAY):
            client = client_as(group.people[0].user)
            assert client.get("/").status_code == 200, group.title
            assert client.get("/notices/").status_code == 200, group.title
        khan, doyle = (User.objects.get(name=name) for name in ("Ms R. Khan", "Mr P. Doyle"))
        for user in (khan, doyle):
            held = Obligation.objects.open().filter(Q(holder=user) | Q(holder_organisation__memberships__user=user))
            assert held.exists(), user.name
            assert client_as(user).get("/children/").context["page"].paginator.count >= 6
        assert User.objects.get(name="Ms D. Ferreira").allocations.filter(part="iro", ended_on=None).count() >= 6

    def test_old_messages_were_delivered_and_young_ones_wait(self, council):
        assert MailboxMessage.objects.count() == Notice.objects.filter(sent_at__isnull=False).count() > 0
        for notice in Notice.objects.all():
            old = (NOW - notice.created_at).days >= 7
            if notice.last_error:  # withdrawn before it left, because its meeting was moved or called off
                assert notice.sent_at is None
            elif old:
                assert notice.sent_at == notice.created_at
            else:
                assert notice.work_state == "owed" and notice.sent_at is None
        waiting = Edition.objects.filter(work_state="owed").order_by("not_before")
        finished = list(waiting.values_list("pep__finalised_at", flat=True))
        assert finished and finished == sorted(finished, reverse=True)
        assert waiting.last().not_before <= NOW

    def test_a_second_time_changes_nothing_and_says_so(self, council):
        before = (Child.objects.count(), Event.objects.count(), Notice.objects.count())
        assert "there already: nothing was changed" in run("--children", "12")
        assert (Child.objects.count(), Event.objects.count(), Notice.objects.count()) == before
        with pytest.raises(CommandError, match="another database"):
            run("--profile", "kent-2017")


def test_outside_the_demonstration_it_refuses_in_one_sentence(rules, settings):
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match=r"^DEMONSTRATION is not on: [^.\n]*\.$"):
        run("--children", "12")
    assert not Authority.objects.exists()


@pytest.mark.parametrize("args", [["--profile", "nowhere"], ["--children", "3"], ["--children", "5000"]])
def test_odd_arguments_are_one_sentence_and_change_nothing(rules, args):
    with pytest.raises(CommandError) as caught:
        run(*args)
    assert "\n" not in str(caught.value)
    assert not User.objects.exists() and not Membership.objects.exists()


def test_an_error_halfway_leaves_nothing(rules, monkeypatch):
    told = []

    def broken(self: Storyteller, life: Life) -> None:
        told.append(life)
        if len(told) == 3:
            raise LookupError("halfway")
        tell(self, life)

    tell = Storyteller.tell
    monkeypatch.setattr(Storyteller, "tell", broken)
    with pytest.raises(LookupError, match="halfway"):
        run("--children", "12")
    assert not Authority.objects.exists() and not Child.objects.exists() and not Notice.objects.exists()


@pytest.mark.deep
@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
@pytest.mark.parametrize("profile", PUBLISHED_NAMES)
def test_any_day_under_any_rules(rules, settings, profile, day):
    settings.PORTAL_NOW = day
    run("--children", "25", "--profile", profile)
    every_state_is_there()
    nothing_happened_in_the_future(day)
    no_message_names_a_child()
    assert Obligation.objects.open().exists()


@pytest.mark.deep
def test_the_whole_council(rules):
    run()
    assert Child.objects.count() == 212
    every_state_is_there()
    no_message_names_a_child()
    nothing_happened_in_the_future(NOW)
    khan = Child.objects.filter(enrolments__school__organisation__name="Hollin Lane Primary", enrolments__ended_on=None)
    assert khan.count() == 8
    doyle = Child.objects.filter(allocations__user__name="Mr P. Doyle", care_episodes__ended_on=None)
    assert 10 <= doyle.count() <= 13
    states = list(Pep.objects.values_list("state", flat=True))
    for state, least in {"preparing": 70, "completing": 30, "submitted": 15, "returned": 8, "finalised": 45}.items():
        assert states.count(state) >= least, state
    assert Obligation.objects.open().filter(due_on__lt=TODAY).count() > 30
    assert Child.objects.filter(placements__out_of_area=True).count() >= 12
    assert PlacementAddress.objects.filter(confidential=True).count() == 4
