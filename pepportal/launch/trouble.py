"""What can be told to the person at the keyboard in one sentence, instead of a traceback."""

from __future__ import annotations


class Trouble(Exception):
    """Something on this machine stands in the way; the text says what it is and how to mend it."""


class StopAsked(BaseException):
    """Ctrl-C, or a request to end: not an error, so nothing that catches errors may swallow it."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number
