"""Words and cells as markup: called a million times for a province, so they are strings put together, every text through `escape`."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

from reports.auditing.blocks import Cell, Table, Text

_PUNCTUATION = re.compile(r"[^\w%]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=8192)
def words(text: Text) -> Markup:
    """Both languages, Chinese first; once where they differ in punctuation only, as where both are data."""
    twin = _letters(text.en) not in ("", _letters(text.zh))
    return escape(text.zh) + (Markup('<small lang="en">{}</small>').format(text.en) if twin else Markup(""))


def _letters(text: str) -> str:
    return _PUNCTUATION.sub("", text)


def cell(c: Cell, root: str) -> Markup:
    """The inside of a cell.

    Args:
        c: the cell.
        root: way back to the site's root.
    """
    inner = str(escape(c.text))
    if len(c.text) == 10 and _DAY.fullmatch(c.text):  # a date is never broken
        inner = f'<span class="day">{inner}</span>'
    if c.icon:
        inner = f'<span class="s {escape(c.icon)}">{inner}</span>'
    if c.href:
        inner = f'<a href="{escape(root + c.href)}">{inner}</a>'
    if c.svg:
        inner += c.svg
    if c.small:
        inner += f"<small>{escape(c.small)}</small>"
    return Markup(inner)  # noqa: S704 - every text in it went through escape


def body(table: Table, root: str) -> Markup:
    """The rows of a table; the first cell of a row is its head.

    Args:
        table: the table.
        root: way back to the site's root.
    """
    numeric, heat = table.numeric, table.heat
    lines = []
    for number, row in enumerate(table.rows):
        anchor = f' id="{escape(table.ids[number])}"' if table.ids else ""
        parts = [f'<tr{anchor}><th scope="row">{cell(row[0], root)}</th>']
        for is_number, c in zip(numeric[1:], row[1:], strict=True):
            classes = " ".join(x for x in ("n" if is_number else "", f"c-{c.icon}" if heat and c.icon else "") if x)
            parts.append(f'<td class="{classes}">{cell(c, root)}</td>' if classes else f"<td>{cell(c, root)}</td>")
        lines.append("".join(parts) + "</tr>\n")
    return Markup("".join(lines))  # noqa: S704 - made of escaped cells
