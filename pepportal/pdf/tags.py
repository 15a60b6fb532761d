"""Mends what WeasyPrint's tags leave out (STACK.md section 4): which way a heading cell points, and that running headers
and footers are page furniture, which a screen reader must not read out on every page."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Operator, Pdf


def mend(document: bytes, *, title: str) -> bytes:
    """The same document with a Scope on every TH, its title in the window, and everything outside the tree an artifact."""
    with Pdf.open(BytesIO(document)) as pdf:
        pdf.docinfo["/Title"] = title
        root = pdf.Root.get("/StructTreeRoot")
        if root is not None:
            _scope_headings(root)
            _drop_decoration(root)
            for page in pdf.pages:
                _set_furniture_aside(pdf, page, _reached(root, page))
        out = BytesIO()
        pdf.save(out, deterministic_id=True)
        return out.getvalue()


def elements(root: Object) -> Iterator[Object]:
    """Every element of the structure tree, parents before children."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.get("/S") is not None:
            yield element
        waiting += [
            kid for kid in reversed(_kids(element)) if isinstance(kid, Dictionary) and kid.get("/Type") != Name.MCR
        ]


def _kids(element: Object) -> list[Any]:
    kids = element.get("/K")
    return list(kids) if isinstance(kids, Array) else [kids]


def _scope_headings(root: Object) -> None:
    for element in elements(root):
        if element.S != Name.TH:
            continue
        # WeasyPrint keeps the HTML's scope nowhere; in our tables a TH whose row has a TD heads that row, else a column.
        row = element.get("/P")
        cells = [kid for kid in (row.get("/K") or []) if isinstance(kid, Dictionary)] if row is not None else []
        scope = Name.Row if any(kid.get("/S") == Name.TD for kid in cells) else Name.Column
        _set_attribute(element, scope)


def _set_attribute(element: Object, scope: Name) -> None:
    attributes = element.get("/A")
    listed = list(attributes) if isinstance(attributes, Array) else [attributes] if attributes is not None else []
    for each in listed:
        if isinstance(each, Dictionary) and each.get("/O") == Name.Table:
            each.Scope = scope
            return
    element.A = Array([*listed, Dictionary(O=Name.Table, Scope=scope)])


def _drop_decoration(root: Object) -> None:
    """Takes figures without alternative text (the owners' shapes: the word stands beside them) out of the tree; what they
    draw becomes an artifact with the rest that the tree doesn't reach."""
    dropped = set()
    for element in list(elements(root)):
        kids = element.get("/K")
        if not isinstance(kids, Array):
            kids = Array([kids]) if kids is not None else Array()
        kept = []
        for kid in kids:
            if isinstance(kid, Dictionary) and kid.get("/S") == Name.Figure and not kid.get("/Alt"):
                dropped.add(kid.objgen)
            else:
                kept.append(kid)
        if len(kept) < len(kids):
            element.K = Array(kept)
    for numbers in _parent_lists(root.get("/ParentTree")):
        for place, parent in enumerate(numbers):
            if isinstance(parent, Dictionary) and parent.objgen in dropped:
                numbers[place] = None


def _parent_lists(tree: Object | None) -> Iterator[Array]:
    if tree is None:
        return
    for kid in tree.get("/Kids", []):
        yield from _parent_lists(kid)
    for each in tree.get("/Nums", []):
        if isinstance(each, Array):
            yield each


def _reached(root: Object, page: pikepdf.Page) -> set[int]:
    """The marked-content numbers of ``page`` that the tree reaches."""
    found: set[int] = set()
    for element in elements(root):
        for kid in _kids(element):
            if isinstance(kid, int) and element.get("/Pg") == page.obj:
                found.add(int(kid))
            elif (
                isinstance(kid, Dictionary)
                and kid.get("/Type") == Name.MCR
                and kid.get("/Pg", element.get("/Pg")) == page.obj
            ):
                found.add(int(kid.MCID))
    return found


def _set_furniture_aside(pdf: Pdf, page: pikepdf.Page, reached: set[int]) -> None:
    changed = False
    instructions: list[Any] = []
    for operands, operator in cast(list[Any], pikepdf.parse_content_stream(page)):
        number = _mcid(operands) if operator == Operator("BDC") else None
        if number is not None and number not in reached:
            operands = [Name.Artifact, Dictionary(Type=Name.Pagination)]
            changed = True
        instructions.append((operands, operator))
    if changed:
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))


def _mcid(operands: object) -> int | None:
    properties = operands[1] if len(operands) > 1 else None  # type: ignore[arg-type, index]
    return int(properties.MCID) if isinstance(properties, Dictionary) and "/MCID" in properties else None


def page_count(document: bytes) -> int:
    """How many pages a PDF has."""
    with Pdf.open(BytesIO(document)) as pdf:
        return len(pdf.pages)
