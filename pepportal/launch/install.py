"""Makes ``.venv`` from the lock file, and installs the system parts that pip can't bring.

Run as a script by ``make`` with the machine's own Python, before anything can be imported. It speaks on standard error,
so that commands run by make keep standard output to themselves.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements-dev.lock"
STAMP = VENV / "installed"
PIP = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]

# Library or command that proves it is there, Debian's package that brings it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "fontconfig",
}
TEST_COMMANDS = {"chromium": "chromium", "pdftotext": "poppler-utils"}


class Stop(Exception):
    """One sentence for the person at the keyboard."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(for_tests: bool) -> None:
    if sys.platform != "linux":
        raise Stop("The portal runs on Linux: use a Linux machine, WSL, or docker-compose.yml.")
    with one_at_a_time():
        system_parts(for_tests)
        packages()


class one_at_a_time:
    """Two makes in one folder must not write one .venv."""

    def __enter__(self) -> None:
        place = ROOT / ".var"
        try:
            place.mkdir(exist_ok=True)
            self.file = (place / "install.lock").open("w")
        except OSError as error:
            raise Stop(
                f"{place} can't be written to ({error.strerror}): run as the user whom this folder belongs to."
            ) from None
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def missing_system_parts(for_tests: bool) -> list[str]:
    """Debian's names of the packages that are not there."""
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    if for_tests:
        missing += [package for command, package in TEST_COMMANDS.items() if not shutil.which(command)]
    try:
        import ensurepip  # noqa: F401 -- Debian's python3 leaves it out
        import venv  # noqa: F401
    except ImportError:
        missing.append("python3-venv")
    return missing


def system_parts(for_tests: bool) -> None:
    """As root on Debian or Ubuntu installs what is missing; otherwise says the one command. Never goes on without."""
    missing = missing_system_parts(for_tests)
    if not missing:
        return
    command = "apt-get install -y --no-install-recommends " + " ".join(missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        if shutil.which("apt-get"):
            raise Stop(f"This machine lacks {', '.join(missing)}: run `sudo {command}`, then try again.")
        raise Stop(f"This machine lacks what Debian calls {', '.join(missing)}: install them, then try again.")
    say(f"Installing {', '.join(missing)} with apt-get …")
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for words in (["apt-get", "update", "-qq"], command.split()):
        done = subprocess.run(
            words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode and words[1] == "install":
            say(done.stdout[-2000:])
            raise Stop(f"apt-get could not install {', '.join(missing)}: run `{command}` by hand, then try again.")
    still = missing_system_parts(for_tests)
    if "python3-venv" in still:  # the running interpreter has looked already and remembers
        still = [] if subprocess.run([sys.executable, "-c", "import ensurepip, venv"]).returncode == 0 else still
    if still:
        raise Stop(f"{', '.join(still)} did not appear after `{command}`: install by hand, then try again.")


def made_for() -> str:
    """The interpreter and the place that .venv was made for: it works with no other."""
    return f"{sys.version.split()[0]} {VENV}"


def fingerprint() -> str:
    return f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {made_for()}\n"


def packages() -> None:
    """Installs the lock into .venv, unless the stamp says that this was done. The stamp is written last."""
    try:
        if STAMP.read_text() == fingerprint() and os.access(PYTHON, os.X_OK):
            return
    except OSError:
        pass
    began = time.monotonic()
    disk = shutil.disk_usage(ROOT).free
    if disk < 2_000_000_000:
        raise Stop(f"Only {disk // 1_000_000} MB are free in {ROOT}, installing needs 2,000 MB: make some room there.")
    say("Installing Python packages into .venv …")
    whole = STAMP.exists() and STAMP.read_text().strip().endswith(made_for())
    if not (whole and works(PYTHON)):  # broken off half-way, moved, or its Python upgraded away: begin again
        shutil.rmtree(VENV, ignore_errors=True)
        call([sys.executable, "-m", "venv", str(VENV)], "make .venv")
    STAMP.unlink(missing_ok=True)
    uv = VENV / "bin" / "uv"
    has_uv = works(uv) or install_uv()
    env = {"VIRTUAL_ENV": str(VENV), "UV_NO_PROGRESS": "1"}
    sync = [str(uv), "pip", "sync", "-q", "--python", str(PYTHON), "--require-hashes", str(LOCK)]
    if not (has_uv and quiet(sync, env)):
        say("  uv can't be used here, going on with pip (slower) …")
        call(
            [
                str(PYTHON),
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                str(LOCK),
            ],
            "install the packages of requirements-dev.lock",
        )
    STAMP.write_text(fingerprint())
    say(f"  {time.monotonic() - began:.0f} s")


def works(program: Path) -> bool:
    return os.access(program, os.X_OK) and quiet([str(program), "--version"])


def install_uv() -> bool:
    """uv itself comes by pip, held to the lock's hashes like everything else."""
    entry = re.search(r"^uv==.*?(?=^\S|\Z)", LOCK.read_text(), re.MULTILINE | re.DOTALL)
    if not entry:
        return False
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(entry.group(0))
        return quiet([*PIP, "--require-hashes", "-r", str(only_uv)])


def quiet(words: list[str], env: dict[str, str] | None = None) -> bool:
    """Whether it could be run and succeeded."""
    silent = subprocess.DEVNULL
    whole_env = dict(os.environ, **(env or {}))
    try:
        return (
            subprocess.run(words, cwd=ROOT, env=whole_env, stdin=silent, stdout=silent, stderr=silent).returncode == 0
        )
    except OSError:
        return False


def call(words: list[str], purpose: str) -> None:
    done = subprocess.run(
        words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        say(done.stdout[-3000:])
        raise Stop(
            f"Could not {purpose}: is the package index reachable and is there room on the disk? Then try again."
        )


if __name__ == "__main__":
    try:
        main("--tests" in sys.argv[1:])
    except Stop as stop:
        say(str(stop))
        sys.exit(1)
    except KeyboardInterrupt:
        say("\nStopped. What was half installed is mended by the next run.")
        sys.exit(130)
