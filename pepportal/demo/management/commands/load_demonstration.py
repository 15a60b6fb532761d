"""``manage.py load_demonstration``: two fictional councils with every list filled, once, in one transaction."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from simple_history.manager import HistoryManager

from children.models import Child
from pepportal.accounts.models import Authority, User
from pepportal.audit.acting import the_portal
from pepportal.clock import day
from pepportal.demo import post
from pepportal.demo.council import Storyteller
from pepportal.demo.people import People, settle_in
from pepportal.demo.stories import make_stories
from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.reading import DEFAULT_NAME, PUBLISHED_NAMES
from pepportal.timekeeping import LONDON, now
from peps.models import FormVersion

CHILDREN = 200


class Command(BaseCommand):
    help = "Loads the fictional demonstration council, once. Only where DEMONSTRATION is on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--profile", default=DEFAULT_NAME, help=f"one of {', '.join(PUBLISHED_NAMES)}")
        parser.add_argument("--children", type=int, default=CHILDREN, help="how many, beside the second council's")

    def handle(self, *args: Any, **options: Any) -> None:
        profile, count = options["profile"], options["children"]
        if not settings.DEMONSTRATION:
            raise CommandError("DEMONSTRATION is not on: a real portal never gets made-up children.")
        if not 12 <= count <= 1000:
            raise CommandError(f"Give a number of children from 12 to 1,000, not {count}.")
        if Authority.objects.exists():
            self._there(profile)
            return
        if not (ProfileVersion.objects.filter(name=profile).exists() and FormVersion.objects.exists()):
            raise CommandError(
                f"There are no published rules named {profile!r} here: run manage.py load_profile --all first."
            )
        began = time.monotonic()
        with transaction.atomic(), all_or_nothing():
            load(profile, count)
            # Thousands of doorbells would ring for rows that beat drains anyway.
            transaction.get_connection().run_on_commit.clear()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # or the first pages are planned for empty tables
        if options["verbosity"]:
            self.stdout.write(
                f"The demonstration council is there: {Child.objects.count()} children and {User.objects.count()} people, "
                f"under the rules {profile}, in {time.monotonic() - began:.0f} s."
            )

    def _there(self, profile: str) -> None:
        loaded = Authority.objects.values_list("profile_name", flat=True).order_by("-code").first()
        if loaded != profile:
            raise CommandError(
                f"This database holds a council under the rules {loaded}: use another database for {profile}."
            )
        self.stdout.write("The demonstration council is there already: nothing was changed.")


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Things that only cost time here: a savepoint for every action (an error undoes everything anyway), DEBUG's memory
    of a hundred thousand queries, looking for garbage every few hundred objects, and the class that simple-history
    makes anew at every look at ``.history``."""
    threshold = gc.get_threshold()
    gc.set_threshold(200_000, *threshold[1:])
    connection.features.uses_savepoints = False
    connection.make_debug_cursor = connection.make_cursor  # type: ignore[method-assign,assignment]
    HistoryManager.from_queryset = cache(HistoryManager.from_queryset)
    try:
        yield
    finally:
        del connection.make_debug_cursor, connection.features.uses_savepoints, HistoryManager.from_queryset
        gc.set_threshold(*threshold)


def load(profile: str, count: int) -> None:
    """Everything, in the caller's transaction. The same for the same profile, number and day."""
    at = now()
    rng = Random(f"{profile}{at.astimezone(LONDON).date()}")
    people = People(rng, at)
    settle_in(people, profile, carers=max(8, count * 45 // 100))
    teller = Storyteller(people, rng)
    lives = [teller.plan(story) for story in make_stories(rng, count)]
    for life in sorted(lives, key=lambda life: life.entry_on):  # references rise with the days of entry
        teller.tell(life)
    post.deliver_old(before=at - timedelta(days=7))
    post.copies_were_there(at)
    post.newest_copies_first(at)
    # As its jobs would have in the morning, so that the first of them has nothing left to make good.
    day.run(by=the_portal(at))
