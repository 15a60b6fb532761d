"""What the linters can't say about the house: who may ask the clock, what a view may do, what a rule may know.

Each law is a function from one parsed file to what it finds wrong there; a planted break shows that each law notices.
"""

from __future__ import annotations

import ast
import fnmatch
import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("pepportal", "children", "peps", "meetings", "targets", "funding", "qa")

# Module -> the only places that may import it.
DOORS = {
    "guardian": ("pepportal/access/*",),
    "weasyprint": ("pepportal/pdf/*",),
    "pikepdf": ("pepportal/pdf/*",),
    "django.core.mail": ("pepportal/notify/*",),
    "celery": ("pepportal/jobs/*", "*/tasks.py"),
    "django.dispatch": (),
    "django.db.models.signals": (),
    "pepportal.timekeeping": (
        "*/views.py", "*/views/*", "*/tasks.py", "*/management/commands/*", "*/middleware.py",
        "pepportal/access/*", "pepportal/launch/*", "pepportal/pages/*", "pepportal/demo/*",
        "pepportal/accounts/adapter.py",  # allauth calls it within a request
        "pepportal/notify/mailbox.py",  # a mail backend is handed a message, not a moment
    ),
}  # fmt: skip
ASK_NOTHING = {"pepportal.timekeeping.london_date", "pepportal.timekeeping.LONDON"}  # turn a given moment into a day
CLOCKS = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "timezone.now",
    "timezone.localdate",
    "time.time",
}
PURE = ("*/rules.py", "*/states.py", "peps/deadlines/*")
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
PAST_HISTORY = {"update", "bulk_create", "bulk_update"}
LONGEST_VIEW = 40
NOT_OUR_FLOOR = ("pepportal/launch/*",)  # starts processes: reads the machine's clock, knows no Django


def sources() -> list[Path]:
    found = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return [path.relative_to(ROOT) for path in found if "migrations" not in path.parts]


def fits(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(path.as_posix(), pattern) for pattern in patterns)


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every absolute name that a file imports, wherever in it: ``from a import b`` names ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def dotted(node: ast.expr) -> list[str]:
    """``Child.objects.filter(x).update`` as its words, calls left out; empty where it doesn't start with a name."""
    words: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            words.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Name):
            return [node.id, *reversed(words)]
        else:
            return list(reversed(words))


def calls(tree: ast.AST) -> Iterator[tuple[int, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, dotted(node.func)


@functools.cache
def tracked_classes() -> frozenset[str]:
    """Models that keep versions: a class body in a models module that says HistoricalRecords."""
    names = set()
    for path in sources():
        if path.name == "models.py" or "models" in path.parts:
            for node in ast.walk(ast.parse((ROOT / path).read_text())):
                if isinstance(node, ast.ClassDef) and any(
                    "istor" in ast.unparse(line) for line in node.body if isinstance(line, ast.Assign)
                ):
                    names.add(node.name)
    return frozenset(names)


Law = Callable[[Path, ast.AST], list[str]]


def right_door(path: Path, tree: ast.AST) -> list[str]:
    """A part of the outside world is reached through the one room that owns it."""
    return [
        f"line {line} imports {name}: only {', '.join(places) or 'nobody'} may"
        for line, name in imported(tree)
        for door, places in DOORS.items()
        if (name == door or name.startswith(door + ".")) and name not in ASK_NOTHING and not fits(path, places)
    ]


def no_clock(path: Path, tree: ast.AST) -> list[str]:
    """The moment is an argument: only pepportal.timekeeping reads a clock."""
    if path == Path("pepportal/timekeeping.py") or fits(path, NOT_OUR_FLOOR):
        return []
    return [
        f"line {line} reads a clock: {'.'.join(words)}" for line, words in calls(tree) if ".".join(words[-2:]) in CLOCKS
    ]


def pure_rules(path: Path, tree: ast.AST) -> list[str]:
    """Facts in, decisions out: the standard library and other rules only, in the engine nothing but itself."""
    if not fits(path, PURE):
        return []
    own = "peps.deadlines" if fits(path, ("peps/deadlines/*",)) else ""
    return [
        f"line {line} imports {name}"
        for line, name in imported(tree)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not (name == own or name.startswith(f"{own}.") if own else _another_rule(name))
    ]


def _another_rule(name: str) -> bool:
    words = name.split(".")
    return (words[0] in ROOMS and bool({"rules", "states", "deadlines", "vocabulary"} & set(words))) or name in ROOMS


def no_writes_in_views(path: Path, tree: ast.AST) -> list[str]:
    """A view calls one action; the writing is the action's."""
    if not fits(path, ("*/views.py", "*/views/*")):
        return []
    return [f"line {line} writes: .{words[-1]}()" for line, words in calls(tree) if words[-1] in WRITES]


def short_views(path: Path, tree: ast.AST) -> list[str]:
    """A view fits on a screen; what doesn't belongs in a rule, a query or an action."""
    if not fits(path, ("*/views.py", "*/views/*")):
        return []
    return [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 >= LONGEST_VIEW
    ]


def no_signals(path: Path, tree: ast.AST) -> list[str]:
    """Signals hide order and cause."""
    found = ["is a signals module"] if path.stem == "signals" else []
    return found + [
        f"line {line} uses {name}" for line, name in imported(tree) if {"signals", "receiver"} & set(name.split("."))
    ]


def history_sees_every_change(path: Path, tree: ast.AST) -> list[str]:
    """simple-history does not see ``.update()`` nor ``bulk_*``, so a model that keeps versions never takes them."""
    tracked = tracked_classes()
    return [
        f"line {line}: {words[0]}….{words[-1]}() leaves no version"
        for line, words in calls(tree)
        if words[-1] in PAST_HISTORY and words[0] in tracked and not any("history" in word for word in words)
    ]


LAWS = (right_door, no_clock, pure_rules, no_writes_in_views, short_views, no_signals, history_sees_every_change)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps_its_laws(law: Law) -> None:
    found = [f"{path}: {wrong}" for path in sources() for wrong in law(path, ast.parse((ROOT / path).read_text()))]
    assert not found, f"{law.__doc__}\n" + "\n".join(found)


PLANTED = [
    (right_door, "peps/actions.py", "from guardian.shortcuts import assign_perm"),
    (right_door, "peps/actions.py", "def f():\n    from pepportal import timekeeping"),
    (right_door, "peps/queries.py", "from pepportal.timekeeping import now"),
    (right_door, "qa/actions.py", "import weasyprint"),
    (right_door, "funding/actions.py", "from django.core import mail"),
    (right_door, "pepportal/access/guard.py", "from celery import shared_task"),
    (no_clock, "pepportal/jobs/tasks.py", "from django.utils import timezone\nx = timezone.now()"),
    (no_clock, "peps/models.py", "import datetime\nx = datetime.date.today()"),
    (pure_rules, "funding/rules.py", "from django.db import models"),
    (pure_rules, "funding/rules.py", "from funding.models import Request"),
    (pure_rules, "peps/deadlines/engine.py", "from peps.rules import anything"),
    (no_writes_in_views, "peps/views.py", "def f(request):\n    Pep.objects.filter(pk=1).update(state='open')"),
    (no_writes_in_views, "peps/views.py", "def f(request, pep):\n    pep.save()"),
    (short_views, "peps/views.py", "def f(request):\n" + "    pass\n" * LONGEST_VIEW),
    (no_signals, "peps/signals.py", "x = 1"),
    (no_signals, "peps/apps.py", "from django.db.models.signals import post_save"),
    (history_sees_every_change, "children/actions.py", "Child.objects.filter(pk=1).update(given_name='x')"),
]


@pytest.mark.parametrize(("law", "path", "source"), PLANTED)
def test_a_planted_break_is_noticed(law: Law, path: str, source: str) -> None:
    assert law(Path(path), ast.parse(source))
