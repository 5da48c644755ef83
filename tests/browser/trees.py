"""A written tree as a reader's browser would take it: tags, ids, links."""

from __future__ import annotations

import posixpath
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote


class Tags(HTMLParser):
    """All ids, links and other addresses of a page, and its visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src"):
                self.links.append(value or "")
            elif name.startswith("on") or name == "style":
                self.handlers.append(f"{tag} {name}")


def pages(folder: Path) -> dict[str, str]:
    """Every page by its address."""
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*.html"))}


def target_of(path: str, link: str) -> tuple[str, str]:
    """Address and anchor a link leads to, from the root of the tree."""
    target, _, anchor = link.partition("#")
    there = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target))) if target else path
    return there, unquote(anchor)


def reached(tree: dict[str, Tags], start: str = "index.html") -> set[str]:
    """Pages that links lead to from the first one."""
    found, waiting = {start}, [start]
    while waiting:
        path = waiting.pop()
        for link in tree[path].links:
            there, _ = target_of(path, link)
            if there in tree and there not in found:
                found.add(there)
                waiting.append(there)
    return found
