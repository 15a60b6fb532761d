"""The checks behind ``make test``, ``lint``, ``types`` and ``floors``: in order, stopping at the first that fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
ROOMS = ["pepportal", "children", "peps", "meetings", "targets", "funding", "qa"]
SERVERS = [PYTHON, "-m", "pepportal.launch", "services", "--throwaway", "--"]

LINT = [
    ("Lock files name no address", [PYTHON, __file__, "addresses"]),
    ("Ruff", [str(BIN / "ruff"), "check", "."]),
    ("Format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("Templates", [str(BIN / "djlint"), "templates", "--lint", "--quiet"]),
]
TYPES = [("Types", [str(BIN / "mypy"), *ROOMS])]
FLOORS = [("Floors", [str(BIN / "lint-imports")])]
MODELS = [
    ("Migrations match the models", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ("Django's own check", [PYTHON, "manage.py", "check", "--fail-level", "WARNING"]),
]
TESTS = [("Tests", [PYTHON, "-m", "pytest", "-n", "2"])]
#: Days on which programs that ask the wrong clock, or count a year wrongly, give themselves away.
OTHER_DAYS = ("2027-08-31", "2027-09-01", "2028-02-29")
NOT_BROWSER = ["tests/unit", "tests/web", "tests/architecture", "tests/properties"]


def addresses() -> int:
    """A lock that names a package host would break on every machine with another one."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for pattern in ("requirements*.lock", "static/build/package-lock.json")
        for path in sorted(ROOT.glob(pattern))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"--(extra-)?index-url|--find-links|\"resolved\"|\b(https?|file)://", line)
        and not re.search(r"\"(url|funding)\": ", line)
    ]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


def run(checks: list[tuple[str, list[str]]]) -> int:
    """The status of the first check that fails, 0 if none does."""
    for name, command in checks:
        print(f"== {name}", flush=True)
        began = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, env={"DEBUG": "1"} | os.environ).returncode
        if status:
            print(f"== {name}: failed (status {status})", flush=True)
            return status if status > 0 else 128 - status
        print(f"   {time.monotonic() - began:.1f} s", flush=True)
    return 0


def deep() -> int:
    """The long tests, then the suite (without the browser) as on each awkward day; everything runs, whatever fails."""
    failed = [
        name for name, command in [("Long tests", [PYTHON, "-m", "pytest", "-m", "deep"])] if run([(name, command)])
    ]
    for day in OTHER_DAYS:
        os.environ["OTHER_DAY"] = day
        command = [PYTHON, "-m", "pytest", "-n", "2", "-q", "-p", "tests.other_day", *NOT_BROWSER]
        failed += [day] if run([(f"Tests as on {day}", command)]) else []
    print(f"== failed: {', '.join(failed)}" if failed else "== all passed", flush=True)
    return 1 if failed else 0


def main(what: str) -> int:
    if what == "addresses":
        return addresses()
    if what == "deep":
        return deep()
    if what == "with-servers":
        return run(MODELS + TESTS)
    if what == "test":
        status = run(LINT[:3] + TYPES + FLOORS + LINT[3:])
        return status or subprocess.run([*SERVERS, PYTHON, __file__, "with-servers"], cwd=ROOT).returncode
    return run({"lint": LINT, "types": TYPES, "floors": FLOORS}[what])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
