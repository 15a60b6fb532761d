"""An edition's plain data as the HTML page that becomes its PDF. The reader's web page is templates/qa/read.html."""

from __future__ import annotations

from dataclasses import asdict

from django.template.loader import render_to_string

from pepportal.ui.owners import OWNERS, owner
from qa.editions import EditionContent


def shaped(content: EditionContent) -> list[dict[str, object]]:
    """The parts with each owner's shape beside the words, for readers who see no colour."""
    return [
        {
            **asdict(part),
            "shape": owner(part.owner).shape,
            "bar": owner(part.owner).bar,
            "owner_words": part.owner_words or owner(part.owner).words,
        }
        for part in content.parts
    ]


def page_of(content: EditionContent) -> tuple[str, str]:
    """The HTML, and the title for the document's window: the reference and never a name."""
    title = (
        f"{content.reference}: {content.edition_name}, {content.title}"
        if content.audience != "child"
        else f"{content.reference}: {content.edition_name}"
    )
    context = {
        "content": content,
        "parts": shaped(content),
        "owners": OWNERS.values(),
        "window_title": title,
    }
    return render_to_string("pdf/edition.html", context), title
