"""The one place that turns a page of HTML into a tagged PDF. Only workers call it: a render takes half a second and 80 MB."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from pepportal.pdf.tags import mend

SCHEME = "static"
KINDS = {".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png", ".css": "text/css"}


class RenderingFailed(Exception):
    """The document can't be made as it stands: missing alternative text, a file that isn't ours, broken style."""


class OnlyOurs(URLFetcher):
    """Reads ``static:…`` from our own static folder and refuses all else: network, ``file:``, ``data:``, paths that climb out."""

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        folder = Path(settings.BASE_DIR, "static").resolve()
        path = (folder / unquote(parts.path).lstrip("/")).resolve()
        if parts.scheme != SCHEME or not path.is_relative_to(folder) or path.suffix not in KINDS or not path.is_file():
            raise FatalURLFetchingError(f"A document may only use files of our own static folder, not {url[:80]}")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": KINDS[path.suffix]})


class _Complaints(logging.Handler):
    """Collects what WeasyPrint would only log: an image without its alternative text, a stylesheet it can't read."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def render(html: str, title: str) -> bytes:
    """A PDF, tagged (PDF/UA-1 declared) with its language and title, from a whole HTML page in English.

    Raises RenderingFailed where the page asks for anything outside our static folder or WeasyPrint logs an error.
    """
    complaints = _Complaints()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(complaints)
    try:
        fonts = FontConfiguration()
        made = HTML(string=html, base_url=f"{SCHEME}:/", url_fetcher=OnlyOurs()).write_pdf(
            pdf_variant="pdf/ua-1", font_config=fonts
        )
    except FatalURLFetchingError as error:
        raise RenderingFailed(str(error)) from error
    finally:
        logger.removeHandler(complaints)
    if complaints.said:
        raise RenderingFailed("; ".join(complaints.said)[:300])
    return mend(made, title=title)
