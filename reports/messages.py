"""Collect the messages of the templates and modules, and keep a language's catalogue in step with them.

``python -m reports.messages en`` rewrites ``reports/locale/en/LC_MESSAGES/reports.po``: new messages are added
without a translation, gone ones dropped, translations kept. A message without a translation fails the unit tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from reports.i18n import LOCALE_DIR

PACKAGE = Path(__file__).parent
KEYWORDS = {"N_": None, "_": None}
PLURALS = {"P_": None, "_n": None}
_METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract"}


def sources() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """Every message with the file it stands in; one with plurals is a pair of the same words, since Chinese has none.

    Words that have plurals anywhere have them everywhere: a unit stands after a number here and in a heading there.
    """
    found = list(_marked())
    plural = {message[0] for message, _ in found if isinstance(message, tuple)}
    yield from (((m, m) if isinstance(m, str) and m in plural else m, place) for m, place in found)


def _marked() -> Iterator[tuple[str | tuple[str, ...], str]]:
    for path in sorted(PACKAGE.rglob("*")):
        method = _METHODS.get(path.suffix)
        if method is None:
            continue
        place = path.relative_to(PACKAGE).as_posix()
        for _, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS):
            if isinstance(message, str) and message:
                yield message, place
        for _, found, _, _ in extract_from_file(method, path, keywords=PLURALS):
            message = found if isinstance(found, str) else found[0]
            if message:
                yield (message, message), place


def catalogue_path(language: str) -> Path:
    """Catalogue file of a language."""
    return LOCALE_DIR / language / "LC_MESSAGES" / "reports.po"


def updated(language: str) -> Catalog:
    """The language's catalogue with exactly the messages in use."""
    path = catalogue_path(language)
    known: dict[object, Any] = {}
    if path.is_file():
        with path.open("rb") as handle:
            known = {m.id: m.string for m in read_po(handle, locale=language) if m.id}
    known |= {(m, m): (text, text) for m, text in list(known.items()) if isinstance(m, str)}  # to be told apart by hand
    fresh = Catalog(locale=language, project="junheng reports", charset="utf-8")
    for message, place in sources():
        fresh.add(message, known.get(message, "" if isinstance(message, str) else ("", "")), locations=[(place, 0)])
    return fresh


def main(language: str) -> None:
    """Rewrite the catalogue of a language in place."""
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = updated(language)  # before the file is opened, which empties it
    with path.open("wb") as handle:
        write_po(handle, fresh, omit_header=True, sort_output=True, include_lineno=False, width=110)


if __name__ == "__main__":
    main(sys.argv[1])
