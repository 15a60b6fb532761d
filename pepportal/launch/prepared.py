"""Remembers that a database has been brought up to these sources, so that the next start need not look again.

The note lies in the server's own data folder, so it goes when the data goes; any management command takes it away.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pepportal.launch.places import ROOT

SOURCES = ("**/migrations/*.py", "**/*.toml")


def fingerprint() -> str:
    """Changes with every migration, published rule or form, and package."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    rooms = [package.parent for package in ROOT.glob("*/__init__.py") if package.parent.name != "tests"]
    for path in sorted(path for room in rooms for pattern in SOURCES for path in room.glob(pattern)):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def note_of(data: Path, database: str) -> Path:
    return data / f"prepared-{database}"


def is_prepared(data: Path | None, database: str) -> bool:
    """``data`` is None where the server is not ours: then we always look."""
    if data is None:
        return False
    note = note_of(data, database)
    return note.exists() and note.read_text() == fingerprint()


def remember(data: Path | None, database: str) -> None:
    if data is not None:
        note_of(data, database).write_text(fingerprint())


def forget(data: Path | None) -> None:
    """For every database of this server: whoever runs a command may change anything."""
    if data is not None:
        for note in data.glob("prepared-*"):
            note.unlink(missing_ok=True)
