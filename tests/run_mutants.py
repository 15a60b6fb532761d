"""Does some test notice when a requirement is broken? Each row of ``mutants.toml`` is one broken line.

Run by ``make mutants``. For each row: a scratch copy of the code, ``find`` (which must stand in ``file`` exactly once)
replaced by ``replace``, and the row's own test run there. What nothing notices, nothing proves.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = ROOT / "tests" / "mutants.toml"
PYTHON = ROOT / ".venv" / "bin" / "python"
NOT_CODE = shutil.ignore_patterns(
    ".git", ".venv", ".var", "__pycache__", "node_modules", ".*_cache", "staticfiles", ".hypothesis"
)
SIDE_BY_SIDE = 2
LONGEST = 300
FAILED, INTERRUPTED, TOO_LONG = 1, 2, -100  # pytest's statuses: a test failed, a test file could not be read; and ours
FIELDS = {"requirement", "where", "file", "find", "replace", "test", "check"}


@dataclass(frozen=True)
class Mutant:
    """One broken line. ``test`` is a pytest address; ``check = "floors"`` is noticed by import-linter instead."""

    requirement: str
    where: str
    file: str
    find: str
    replace: str
    test: str = ""
    check: str = ""

    def __str__(self) -> str:
        return f"{self.requirement} {self.file}: {self.find.strip()[:60]!r}"

    @property
    def makes_other_tables(self) -> bool:
        return "/migrations/" in self.file


def load(text: str) -> list[Mutant]:
    """The rows. Raises ValueError for a row that says too little, too much, or changes nothing."""
    rows = []
    for number, row in enumerate(tomllib.loads(text).get("mutant", []), 1):
        wrong = set(row) - FIELDS or {"requirement", "where", "file", "find", "replace"} - set(row)
        if wrong:
            raise ValueError(
                f"Row {number} ({row.get('requirement', '?')}): {', '.join(sorted(wrong))} missing or unknown."
            )
        mutant = Mutant(**row)
        if bool(mutant.test) == bool(mutant.check) or mutant.check not in ("", "floors"):
            raise ValueError(f'Row {number} ({mutant.requirement}): name a test, or check = "floors".')
        if mutant.find == mutant.replace:
            raise ValueError(f"Row {number} ({mutant.requirement}): find and replace are the same.")
        rows.append(mutant)
    return rows


def misplaced(mutant: Mutant) -> str:
    """Why this row can't be applied to the code as it is; empty when it can."""
    path = ROOT / mutant.file
    if not path.is_file():
        return f"{mutant}: there is no file {mutant.file}"
    times = path.read_text().count(mutant.find)
    return "" if times == 1 else f"{mutant}: stands {times} times in {mutant.file}, must be once"


class Bench:
    """A scratch copy with a test database of its own, mutated and mended again for one row after another."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder / f"copy{number}"
        shutil.copytree(ROOT, self.folder, ignore=NOT_CODE, symlinks=True)
        url, _, query = os.environ["DATABASE_URL"].partition("?")
        self.env = {"DEBUG": "1"} | os.environ
        self.env |= {
            "DATABASE_URL": f"{url}_mutant{number}" + (f"?{query}" if query else ""),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.env["REDIS_PREFIX"] = f"mutant{number}"
        self.fresh = True

    def pytest(self, *tests: str, new_tables: bool = False) -> subprocess.CompletedProcess[str]:
        database = "--create-db" if new_tables or self.fresh else "--reuse-db"
        done = self._run([str(PYTHON), "-m", "pytest", "-q", "-x", "-m", "", "--reuse-db", database, *tests])
        self.fresh = new_tables  # the next row must not meet this row's tables
        return done

    def floors(self) -> subprocess.CompletedProcess[str]:
        return self._run([str(PYTHON.with_name("lint-imports")), "--no-cache"])

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command,
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LONGEST,
            )
        except subprocess.TimeoutExpired as late:
            return subprocess.CompletedProcess(command, TOO_LONG, str(late.stdout), f"longer than {LONGEST} seconds")

    def notices(self, mutant: Mutant) -> tuple[bool, str]:
        """Whether the row's test fails on the broken code, and what it said."""
        path = self.folder / mutant.file
        whole = path.read_text()
        path.write_text(whole.replace(mutant.find, mutant.replace))
        try:
            if mutant.check:
                done = self.floors()
                return done.returncode == 1, done.stdout
            done = self.pytest(mutant.test, new_tables=mutant.makes_other_tables)
            return done.returncode in (FAILED, INTERRUPTED, TOO_LONG), done.stdout + done.stderr
        finally:
            path.write_text(whole)


def main() -> int:
    began = time.monotonic()
    mutants = load(ROWS.read_text())
    wanted = set(sys.argv[1:])
    if wanted:
        mutants = [mutant for mutant in mutants if mutant.requirement in wanted]
    if not mutants:
        print("There is no mutant to try.")
        return 1
    lost = [why for why in map(misplaced, mutants) if why]
    if lost:
        print("\n".join(lost))
        print(f"{len(lost)} rows of tests/mutants.toml no longer fit the code.\n0 passed, {len(lost)} failed")
        return 1
    with tempfile.TemporaryDirectory(prefix="pepportal-mutants-") as folder:
        benches: queue.Queue[Bench] = queue.Queue()
        for number in range(1, SIDE_BY_SIDE + 1):
            benches.put(Bench(Path(folder), number))
        if not sound(benches, mutants):
            return 1

        def attempt(mutant: Mutant) -> bool:
            bench = benches.get()
            start = time.monotonic()
            try:
                noticed, said = bench.notices(mutant)
            finally:
                benches.put(bench)
            print(f"{'noticed  ' if noticed else 'UNNOTICED'} {mutant} ({time.monotonic() - start:.1f} s)", flush=True)
            if not noticed:
                print("\n".join("    " + line for line in said.splitlines()[-8:]), flush=True)
            return noticed

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            noticed = list(pool.map(attempt, mutants))
    failed = noticed.count(False)
    print(f"{len(noticed)} mutants in {time.monotonic() - began:.0f} s.")
    print(f"{noticed.count(True)} passed, {failed} failed")
    return 1 if failed else 0


def sound(benches: queue.Queue[Bench], mutants: list[Mutant]) -> bool:
    """Whether the named tests pass on the code as it is: a test that always fails would notice everything."""
    tests = sorted({mutant.test for mutant in mutants if mutant.test})
    bench = benches.get()
    try:
        print(f"Running the {len(tests)} named tests on the unbroken code …", flush=True)
        checks = [bench.pytest(*tests)] if tests else []
        if any(mutant.check for mutant in mutants):
            checks.append(bench.floors())
    finally:
        benches.put(bench)
    for done in checks:
        if done.returncode:
            print(done.stdout[-4000:] + done.stderr[-1000:])
            print("The named tests must pass on the unbroken code first.")
            print(f"0 passed, {len(mutants)} failed")
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
