"""From the bytes of a file to its term dates: what kind of file it is, and what to do about one that can't be read."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from pathlib import PurePath

from children.calendar_files import csv_dates, ics_dates, toml_dates
from children.calendar_files.drafts import Reading

LARGEST_FILE = 1_000_000
_BY_SUFFIX = {
    ".toml": toml_dates.read,
    ".csv": csv_dates.read,
    ".txt": None,
    ".ics": ics_dates.read,
    ".ical": ics_dates.read,
}
_EXCEL = (
    "This is an Excel workbook, whatever its name ends in. Open it in Excel, choose “Save as” and “CSV UTF-8”, and upload that "
    "file."
)
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", _EXCEL),
    (b"%PDF", "This is a PDF, which holds pictures of words. Fill in the form instead, or ask for the dates as CSV or a calendar file."),
    (b"\x89PNG", "This is a picture. Fill in the form instead."),
    (b"\xff\xd8\xff", "This is a picture. Fill in the form instead."),
    (b"\x1f\x8b", "This is a compressed file. Unpack it first, and upload the file that was in it."),
)  # fmt: skip


def read_file(content: bytes, file_name: str, bank_holidays: Collection[date]) -> Reading:
    """The term dates in a file that somebody sends, or why it can't be read and what to do."""
    if sentence := _no_text(content):
        return Reading("", (), (sentence,))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Reading(
            "",
            (),
            (f"Line {line}: a letter here is not in UTF-8. Save the file again as “CSV UTF-8” (or as UTF-8 text).",),
        )
    return read_text(text, bank_holidays, suffix=PurePath(file_name).suffix.lower())


def read_text(text: str, bank_holidays: Collection[date], *, suffix: str = "") -> Reading:
    """The term dates in a text: what it looks like decides how it is read, then what its file's name ends in."""
    text = text.removeprefix("\ufeff")
    start = text.lstrip()[:200].lower()
    if start.startswith("begin:vcalendar"):
        return ics_dates.read(text, bank_holidays)
    if start.startswith(("<!doctype", "<html", "<?xml")):
        return Reading(
            "", (), ("This is a web page, not a file of dates. Use the page’s download, or fill in the form.",)
        )
    if re.search(r"^[ \t]*(\[\[?[ \t]*year|academic_year[ \t]*=|spans[ \t]*=)", text, re.M):
        return toml_dates.read(text, bank_holidays)
    reader = _BY_SUFFIX.get(suffix)
    if reader is None and re.search(r"^[^\n=]*[,;\t]", start.split("\n")[0]):
        reader = csv_dates.read
    if reader is None and suffix and suffix not in _BY_SUFFIX:
        said = (
            f"The portal doesn’t know what a file ending in {suffix} holds. Upload TOML, CSV or a calendar file (.ics)."
        )
        return Reading("", (), (said,))
    return (reader or toml_dates.read)(text, bank_holidays)


def read_term_dates(text: str, bank_holidays: Collection[date]) -> Reading:
    """The term dates in a text that somebody pasted."""
    return read_text(text, bank_holidays)


def _no_text(content: bytes) -> str:
    """Why a file holds no text that could be read, or nothing."""
    if not content.strip():
        return "The file is empty. Choose the file with the term dates."
    if len(content) > LARGEST_FILE:
        return "The file is larger than 1 MB; term dates take a few kilobytes. Is it the right file? Export only the term dates."
    if content.startswith(b"PK\x03\x04"):
        excel = b"xl/" in content or b"[Content_Types].xml" in content[:3000]
        return _EXCEL if excel else "This is a zip file. Unpack it first, and upload the file that was in it."
    for start, sentence in _FOREIGN:
        if content.startswith(start):
            return sentence
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "This is UTF-16 text, which Excel calls “Unicode text”. Save it as “CSV UTF-8” instead."
    if b"\x00" in content:
        return "This is not a text file. Upload TOML, CSV or a calendar file (.ics)."
    return ""
