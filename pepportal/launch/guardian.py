"""Ends the launcher's processes when the launcher itself is killed and can't.

Run as a script by ``parts.Parts``: it reads one JSON line per process group on standard input; when that input closes
without ``{"bye": true}``, the launcher is dead and everything still noted is stopped, applications first, then servers.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time


def alive(group: int) -> bool:
    """Whether any process of this group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        pass


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, dict[str, int]] = {}
    folders: list[str] = []
    for line in sys.stdin:
        note = json.loads(line)
        if "bye" in note:
            return
        if "folder" in note:
            folders.append(note["folder"])
        elif "ended" in note:
            groups.pop(note["ended"], None)
        else:
            groups[note["group"]] = note
    for rank in sorted({note["rank"] for note in groups.values()}, reverse=True):
        ranked = [note for note in groups.values() if note["rank"] == rank]
        for note in ranked:
            signal_group(note["group"], note["signal"])
        patience = time.monotonic() + (5 if rank == 0 else 2)  # jobs are taken up again by the next worker
        while time.monotonic() < patience and any(alive(note["group"]) for note in ranked):
            time.sleep(0.05)
        for note in ranked:
            signal_group(note["group"], signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
