"""``manage.py load_profile NAME|FILE|--all [--authority CODE] [--effective-from DATE]``: keeps published rules and the plan's
forms as dated versions."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.utils import OperationalError

from pepportal.accounts.models import Authority
from pepportal.audit.acting import Acting, the_portal
from pepportal.pages.rules_words import fit_forms
from pepportal.profiles import actions as profiles
from pepportal.profiles.reading import PUBLISHED_NAMES, ProfileError
from pepportal.timekeeping import now
from peps import actions as peps
from peps.form_documents import FormError


class Command(BaseCommand):
    help = "Loads a council's published rules (a shipped name or a TOML file) and the plan's forms. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME|FILE", help="a shipped profile, or a TOML file")
        parser.add_argument("--all", action="store_true", help="every shipped profile")
        parser.add_argument("--authority", metavar="CODE", default="", help="only for this council: its own rules")
        parser.add_argument(
            "--effective-from",
            metavar="DATE",
            default="",
            help="in force from this day, such as 2026-09-01, not the file's",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["name"]) == options["all"]:
            raise CommandError(f"Name one profile ({', '.join(PUBLISHED_NAMES)}), a file, or --all.")
        if options["all"] and (options["authority"] or options["effective_from"]):
            raise CommandError("--authority and --effective-from go with one profile, not with --all.")
        names = PUBLISHED_NAMES if options["all"] else (options["name"],)
        day = _day(options["effective_from"])
        try:
            authority = _authority(options["authority"])
            told = load(names, by=the_portal(now()), authority=authority, effective_from=day)
        except (ProfileError, FormError) as error:
            raise CommandError(sentence(error)) from error
        except OperationalError as error:
            raise CommandError("The database can’t be reached: start it, and run this again.") from error
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        elif options["verbosity"]:
            for kind, rows in told.items():
                for row in rows:
                    state = "loaded" if row["new"] else "there already"
                    whose = f" of {row['authority']}" if "authority" in row else ""
                    self.stdout.write(f"{kind[:-1]} {row['name']}{whose}, version {row['version']}: {state}")


def _authority(code: str) -> Authority | None:
    if not code:
        return None
    known = {each.code.upper(): each for each in Authority.objects.order_by("code")}
    if code.upper() not in known:
        there = ", ".join(known) or "none yet"
        raise CommandError(f"--authority {code}: there is no council of that code; there are {there}.")
    return known[code.upper()]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
        if day and day.isoformat() != text:  # Python reads 20260901 and 2026-W36-2 too
            raise ValueError(text)
    except ValueError as error:
        raise CommandError(f"--effective-from {text}: is not a real date written like 2026-09-01.") from error
    return day


@transaction.atomic
def load(
    names: tuple[str, ...], *, by: Acting, authority: Authority | None = None, effective_from: date | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Loads forms, then profiles; nothing where anything is wrong. Raises ProfileError, FormError."""
    forms = peps.load_forms(by)
    profiles_told = []
    for name in names:
        loaded = profiles.load(name, by, authority=authority, effective_from=effective_from)
        if wrong := fit_forms(loaded.rules):
            raise ProfileError(str(name), wrong)
        version = loaded.version
        told = {"name": version.name, "version": version.version, "digest": version.digest, "new": loaded.new}
        if authority:
            told["authority"] = authority.code
        if effective_from:
            told["effective_from"] = effective_from.isoformat()
        profiles_told.append(told)
    forms_told = [
        {"name": each.version.key, "version": each.version.version, "digest": each.version.digest, "new": each.new}
        for each in forms
    ]
    return {"profiles": profiles_told, "forms": forms_told}


def sentence(error: ProfileError | FormError) -> str:
    """One line: file, key, reason, and how many more mistakes there are."""
    first, *more = str(error).splitlines()
    return f"{first} (and {len(more)} more)" if more else first
