"""What a browser would send from a rendered page: every control that is there, as it stands."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self.buttons: list[tuple[str, str]] = []
        self._select = self._area = ""
        self._chosen: str | None = None
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "input" and name:
            kind = has.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in has:
                self.found.append((name, "on" if kind == "checkbox" and "value" not in has else value))
        elif tag == "button" and name:
            self.buttons.append((name, value))
        elif tag == "select":
            self._select, self._chosen, self._first = name, None, None
        elif tag == "option" and self._select:
            self._first = value if self._first is None else self._first
            if "selected" in has:
                self._chosen = value
        elif tag == "textarea":
            self._area = name
            self.found.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            self.found.append((self._select, self._chosen if self._chosen is not None else self._first or ""))
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            name, said = self.found[-1]
            self.found[-1] = (name, said + data)


def sent_from(html: str) -> QueryDict:
    """The controls of a page's forms as they would be sent; a textarea's first line end is the page's, not the text's."""
    reader = _Controls()
    reader.feed(html)
    data = QueryDict(mutable=True)
    for name, value in reader.found:
        data.appendlist(name, value.removeprefix("\n"))
    return data


def buttons_of(html: str) -> list[tuple[str, str]]:
    reader = _Controls()
    reader.feed(html)
    return reader.buttons


def changed(data: QueryDict, **to: Any) -> QueryDict:
    """The same with some controls filled in otherwise; a list ticks boxes, None clears."""
    data = data.copy()
    for name, value in to.items():
        name = name.replace("__", "-")
        data.setlist(name, value if isinstance(value, list) else [] if value is None else [str(value)])
    return data
