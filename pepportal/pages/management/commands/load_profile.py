"""``manage.py load_profile NAME|FILE|--all``: keeps published rules and the plan's forms as dated versions."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from pepportal.audit.acting import Acting, the_portal
from pepportal.profiles import actions as profiles
from pepportal.profiles.reading import PUBLISHED_NAMES, ProfileError
from pepportal.profiles.schema import PHASES
from pepportal.timekeeping import now
from peps import actions as peps
from peps.form_documents import FormError, all_forms
from peps.rules import FormShape, rules_fit_forms


class Command(BaseCommand):
    help = "Loads a council's published rules (a shipped name or a TOML file) and the plan's forms. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME|FILE", help="a shipped profile, or a TOML file")
        parser.add_argument("--all", action="store_true", help="every shipped profile")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["name"]) == options["all"]:
            raise CommandError(f"Name one profile ({', '.join(PUBLISHED_NAMES)}), a file, or --all.")
        names = PUBLISHED_NAMES if options["all"] else (options["name"],)
        try:
            told = load(names, by=the_portal(now()))
        except (ProfileError, FormError) as error:
            raise CommandError(sentence(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        elif options["verbosity"]:
            for kind, rows in told.items():
                for row in rows:
                    state = "loaded" if row["new"] else "there already"
                    self.stdout.write(f"{kind[:-1]} {row['name']}, version {row['version']}: {state}")


@transaction.atomic
def load(names: tuple[str, ...], *, by: Acting) -> dict[str, list[dict[str, Any]]]:
    """Loads forms, then profiles; nothing where anything is wrong. Raises ProfileError, FormError."""
    forms = peps.load_forms(by)
    shapes = [FormShape(form.key, frozenset(section.key for section in form.sections)) for form in all_forms()]
    profiles_told = []
    for name in names:
        loaded = profiles.load(name, by)
        if wrong := rules_fit_forms(loaded.rules.table("form"), PHASES, shapes):
            raise ProfileError(str(name), wrong)
        version = loaded.version
        profiles_told.append(
            {"name": version.name, "version": version.version, "digest": version.digest, "new": loaded.new}
        )
    forms_told = [
        {"name": each.version.key, "version": each.version.version, "digest": each.version.digest, "new": each.new}
        for each in forms
    ]
    return {"profiles": profiles_told, "forms": forms_told}


def sentence(error: ProfileError | FormError) -> str:
    """One line: file, key, reason, and how many more mistakes there are."""
    first, *more = str(error).splitlines()
    return f"{first} (and {len(more)} more)" if more else first
