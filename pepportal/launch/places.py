"""Where things lie on this machine."""

from __future__ import annotations

import os
import pwd
import secrets
import subprocess
from pathlib import Path

from pepportal.launch.parts import US, Account
from pepportal.launch.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent
VAR = ROOT / ".var"
LOGS = VAR / "log"


def account_for(folder: Path | None = None) -> Account:
    """Whom a server on ``folder`` runs as: root drops to the folder's owner, or to nobody; others stay who they are."""
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise Trouble(
                f"User id {os.geteuid()} has no name on this machine and PostgreSQL wants one: run as a named user, "
                "or set DATABASE_URL to a PostgreSQL that is already running."
            ) from None
        return US
    if folder is not None and folder.exists() and folder.stat().st_uid != 0:
        owner = folder.stat()
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise Trouble(
            "PostgreSQL refuses to run as root and there is no user nobody to run it as: start as another user."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_enter(account: Account, folder: Path) -> bool:
    """Whether that account gets into the folder. Tried, not computed: access lists and mounts decide as well."""
    if account == US:
        return os.access(folder, os.X_OK)
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **account.options(),  # type: ignore[call-overload]
    )
    return bool(tried.returncode == 0)


def data_home() -> Path:
    """The folder of the durable servers' data: ``.var``, or one below /var/lib where nobody can't reach the checkout.

    The second case is root with a checkout below a private home: we don't open other people's folders, so the data
    moves out, and ``.var/data-home`` remembers where.
    """
    VAR.mkdir(parents=True, exist_ok=True)
    note = VAR / "data-home"
    if note.exists():
        home = Path(note.read_text().strip())
        if home.is_dir():
            return home
    if os.geteuid() != 0 or can_enter(account_for(), VAR):
        return VAR
    home = Path("/var/lib") / f"pepportal-{secrets.token_hex(4)}"
    home.mkdir(mode=0o755)
    note.write_text(f"{home}\n")
    return home
