"""The demonstration lets anybody in as anybody: it must not stand beside real mail."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PLAIN = {name: value for name, value in os.environ.items() if name not in ("DEBUG", "DEMONSTRATION", "EMAIL_HOST")}
READ = "from pepportal import settings; print(settings.DEMONSTRATION)"


def read_settings(**given: str) -> subprocess.CompletedProcess[str]:
    env = PLAIN | {"SECRET_KEY": "x" * 50} | given
    return subprocess.run([sys.executable, "-c", READ], env=env, capture_output=True, text=True, timeout=60)


def test_a_demonstration_with_real_mail_does_not_start():
    done = read_settings(DEMONSTRATION="1", DEBUG="0", EMAIL_HOST="mail.council.example")
    assert done.returncode != 0
    assert "DEMONSTRATION lets anybody sign in as anybody" in done.stderr


@pytest.mark.parametrize(
    ("given", "on"),
    [
        ({"DEMONSTRATION": "1", "DEBUG": "0", "EMAIL_HOST": ""}, "True"),
        ({"DEMONSTRATION": "1", "DEBUG": "1", "EMAIL_HOST": "mail.council.example"}, "True"),
        ({"DEMONSTRATION": "0", "DEBUG": "0", "EMAIL_HOST": "mail.council.example"}, "False"),
        ({"DEBUG": "0", "EMAIL_HOST": "mail.council.example"}, "False"),
    ],
)
def test_else_it_starts_and_is_off_unless_asked_for(given, on):
    done = read_settings(**given)
    assert (done.returncode, done.stdout.strip()) == (0, on), done.stderr


def test_an_odd_value_is_refused():
    done = read_settings(DEMONSTRATION="perhaps")
    assert done.returncode != 0 and "DEMONSTRATION is 'perhaps'" in done.stderr
