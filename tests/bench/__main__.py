"""``make bench``: on servers of its own. CHILDREN and DEADLINES in the environment make it smaller."""

from __future__ import annotations

import io
import os

import django
from django.core.management import call_command


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from tests.bench import dates, sweep

    deadlines, children = (int(os.environ.get(name) or 100_000) for name in ("DEADLINES", "CHILDREN"))
    print(f"Dates: {deadlines} deadlines, times as fast as the holidays package's working days")
    for what, ratio in dates.run(deadlines):
        print(f"  {ratio:6.1f}  {what}", flush=True)
    call_command("migrate", verbosity=0)
    call_command("load_profile", "--all", verbosity=0, stdout=io.StringIO())
    print(f"Nightly sweep: {children} children", flush=True)
    for line in sweep.run(children):
        print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
