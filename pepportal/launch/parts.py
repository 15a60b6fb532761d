"""The processes a launcher starts, and the one way they all end."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pepportal.launch.guardian import alive, signal_group
from pepportal.launch.trouble import StopAsked, Trouble

SERVER, APPLICATION = 0, 1
"""Applications are stopped before the servers they talk to."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: int) -> Callable[[], None]:
    """For ``preexec_fn`` (which runs after the change of user, so it sticks): this signal to the child when we die."""
    parent = os.getpid()

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
            if os.getppid() != parent:
                os.kill(os.getpid(), number)

    return ask


def die_with_make() -> None:
    """Started by make: end when make is killed, rather than live on with nobody to stop us."""
    if _libc is not None and os.environ.get("MAKELEVEL"):
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def stop_when_asked() -> None:
    """Turns Ctrl-C and requests to end into ``StopAsked``, raised wherever the launcher happens to be."""

    def raise_it(number: int, _frame: object) -> None:
        raise StopAsked(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, raise_it)


@dataclass(frozen=True)
class Account:
    """Whom a server runs as. ``None``: as whoever we are. PostgreSQL refuses to run as root."""

    uid: int | None = None
    gid: int | None = None

    def options(self) -> dict[str, object]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, folder: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


US = Account()


@dataclass
class Part:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    rank: int
    stop_signal: int

    def last_lines(self, count: int = 15) -> str:
        return last_lines(self.log, count)


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, indented, for showing below a sentence."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join("    " + line for line in lines[-count:])


class Parts:
    """A context: whatever was started in it has ended when it is left, however it is left."""

    def __init__(self, keep_open: Sequence[int] = ()) -> None:
        self._keep_open = tuple(keep_open)
        self._parts: list[Part] = []
        self._folders: list[Path] = []
        self._guardian: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Parts:
        # The guardian holds the data folder's lock too: nobody gets it before the last server is gone.
        self._guardian = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("guardian.py"))],
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
            pass_fds=self._keep_open,
        )
        return self

    def __exit__(self, *_: object) -> None:
        with _deaf():
            self.stop()
            for folder in self._folders:
                shutil.rmtree(folder, ignore_errors=True)
            self._tell({"bye": True})
            guardian = self._guardian
            if guardian is not None and guardian.stdin is not None:
                guardian.stdin.close()
                guardian.wait()

    def _tell(self, note: Mapping[str, object]) -> None:
        guardian = self._guardian
        if guardian is not None and guardian.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                guardian.stdin.write(json.dumps(note).encode() + b"\n")
                guardian.stdin.flush()

    def folder(self, prefix: str) -> Path:
        """A new folder below /tmp (a short path: socket names may have 107 bytes), gone when we are."""
        base = "/tmp" if os.access("/tmp", os.W_OK) else None
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
        self._folders.append(made)
        self._tell({"folder": str(made)})
        return made

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str],
        rank: int = APPLICATION,
        stop_signal: int = signal.SIGTERM,
        account: Account = US,
        cwd: str | Path = "/",
    ) -> Part:
        """Starts a part in a process group of its own (the terminal's Ctrl-C reaches only us)."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
                preexec_fn=die_with_parent(stop_signal),
                **account.options(),  # type: ignore[call-overload]
            )
        part = Part(name, process, log, rank, stop_signal)
        self._parts.append(part)
        self._tell({"group": process.pid, "rank": rank, "signal": int(stop_signal)})
        return part

    def check(self) -> None:
        """Raises ``Trouble`` naming the part that has ended by itself."""
        for part in self._parts:
            status = part.process.poll()
            if status is not None:
                how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
                raise Trouble(f"{part.name} {how}; the end of {part.log}:\n{part.last_lines()}")

    def stop(self) -> None:
        """Stops applications, then servers. Whatever has not gone in its time is killed."""
        for rank in (APPLICATION, SERVER):
            ranked = [part for part in self._parts if part.rank == rank]
            for part in ranked:
                signal_group(part.process.pid, part.stop_signal)
            patience = time.monotonic() + (6 if rank == APPLICATION else 15)
            while time.monotonic() < patience and any(_left(part) for part in ranked):
                time.sleep(0.02)
            for part in ranked:
                if _left(part):
                    signal_group(part.process.pid, signal.SIGKILL)
                part.process.wait()
                self._tell({"ended": part.process.pid})
                self._parts.remove(part)


def _left(part: Part) -> bool:
    part.process.poll()  # reaps the leader, so that an empty group is seen as gone
    return alive(part.process.pid)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """While stopping, a second Ctrl-C must not leave half of the parts running."""
    before = {n: signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
