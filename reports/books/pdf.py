"""The book of a county as a tagged PDF (PDF/UA-1) by WeasyPrint, from the pages' own models and templates.

WeasyPrint and a Chinese font are optional: without them everything else works. Drawings become
images with their title as alternative text, since page styles do not reach into an inline drawing there; links out of the book are dropped.
"""

from __future__ import annotations

import base64
import ctypes
import ctypes.util
import logging
import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any, Literal

import polars as pl

from reports import footnotes
from reports.books.about import limits
from reports.models import Page
from reports.pages import balance, balance_schools, cases, commitments, county, county_domain
from reports.pages.pledges import Pledges
from reports.render import ASSETS, Renderer, page_boxes
from reports.site import Area, School, Site

FONTS = "'Noto Sans CJK SC','Source Han Sans SC','WenQuanYi Micro Hei','WenQuanYi Zen Hei','Microsoft YaHei',sans-serif"
_SPARK = re.compile(r"<svg class=(?:sp|bl)\b.*?</svg>", re.S)
_CHART = re.compile(r'<svg class="chart".*?</svg>', re.S)
_TITLE = re.compile(r"<title>(.*?)</title>", re.S)
_OUTSIDE = re.compile(r' href="(?!#)[^"]*"')
_ANCHOR = re.compile(r' href="#([^"]*)"')
_ID = re.compile(r' id="([^"]*)"')
_HEADING = re.compile(r"<h1>(.*?)<small>", re.S)
_SIDE = re.compile(r'<nav class="sib".*?</nav>|<p class="take">.*?</p>', re.S)


Missing = Literal["weasyprint", "pango", "font"]


class Unavailable(RuntimeError):
    """PDF cannot be made on this machine; `missing` says what it lacks."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing)
        self.missing = missing


def check() -> None:
    """Makes sure that WeasyPrint, its system libraries and a Chinese font are there.

    Raises:
        Unavailable: one of them is missing.
    """
    try:
        import weasyprint  # noqa: F401
    except ImportError:
        raise Unavailable("weasyprint") from None
    except OSError:
        raise Unavailable("pango") from None
    if not _has_chinese_font():
        raise Unavailable("font")


def _has_chinese_font() -> bool:
    """Whether fontconfig, which WeasyPrint asks, knows a font for simplified Chinese."""
    name = ctypes.util.find_library("fontconfig")
    if name is None:
        return False
    library = ctypes.CDLL(name)
    for function in (library.FcNameParse, library.FcObjectSetBuild, library.FcFontList):
        function.restype = ctypes.c_void_p
    library.FcFontList.argtypes = [ctypes.c_void_p] * 3
    pattern = library.FcNameParse(b":lang=zh-cn")
    wanted = library.FcObjectSetBuild(b"family", None)
    found = library.FcFontList(None, pattern, wanted)
    return bool(found) and ctypes.cast(found, ctypes.POINTER(ctypes.c_int))[0] > 0  # FcFontSet begins with its count


def _parts(
    site: Site, pledges: Pledges, area: Area, schools: Sequence[School], values: pl.DataFrame
) -> Iterator[tuple[str, Page, Any]]:
    """The pages of a county in the order of the book: template, frame, model."""
    rows = county.headline_rows(site, values)
    heads, cells = county.by_school(rows), county_domain.school_cells(site, rows)
    first = county.build(site, area, schools, heads, values)
    yield "county", first.page, first
    for listed in county.schools_pages(site, area, schools, heads):
        yield "county_schools", listed.page, listed
    for topic in site.domains:
        for part in county_domain.build(site, area, topic, schools, heads, cells):
            yield "county_domain", part.page, part
    verdict = balance.build(site, area, values)
    yield "balance", verdict.page, verdict
    for lists in balance_schools.lists(site, area):
        yield "balance_lists", lists.page, lists
    for gaps in balance_schools.gaps(site, area):
        yield "balance_gaps", gaps.page, gaps
    owed = commitments.county(pledges, area)
    yield "county_pledges", owed.page, owed
    for ledger in cases.build(site, area, schools):
        yield "cases", ledger.page, ledger


def html(site: Site, area: Area, renderer: Renderer, pledges: Pledges) -> str:
    """The book of a county as one html page, complete in itself."""
    schools = site.by_county.get(area.code, [])
    values = site.book.worded(site.book.school_values.get(area.code, site.book.no_values()))
    sprite = renderer.sprite()
    bodies, contents, seen = [], [], set[str]()
    for n, (kind, page, model) in enumerate(_parts(site, pledges, area, schools, values)):
        body = _SIDE.sub("", renderer.part(kind, page, model))
        body = _CHART.sub(lambda m: _image(m[0], sprite), _SPARK.sub("", body))
        body = body.replace("<details", "<div").replace("</details>", "</div>")
        body = body.replace("<summary>", '<p class="was-summary">').replace("</summary>", "</p>")
        body = _ID.sub(lambda m: _once(m, seen), _OUTSIDE.sub("", body))
        heading = _HEADING.search(body)
        contents.append((f"part-{n}", unescape(heading[1]) if heading else page.title))
        bodies.append((kind, body))
    anchors = seen | {f"waiver-{note.number}" for note in site.footnotes}
    bodies = [(kind, _ANCHOR.sub(lambda m: m[0] if m[1] in anchors else "", body)) for kind, body in bodies]
    return renderer.book(
        (ASSETS / "site.css").read_text(encoding="utf-8")
        + page_boxes(site)
        + (ASSETS / "book.css").read_text(encoding="utf-8"),
        bodies,
        area=area,
        contents=contents,
        limits=limits(site),
        notes=footnotes.touching(site, None, area.code),
    )


def _once(match: re.Match[str], seen: set[str]) -> str:
    """An id where it stands first; a figure is shown in several parts."""
    if match[1] in seen:
        return ""
    seen.add(match[1])
    return match[0]


def _image(drawing: str, sprite: str) -> str:
    """A drawing that stands alone, as an image with its title as alternative text."""
    title = _TITLE.search(drawing)
    whole = drawing.replace("<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{FONTS}" ', 1)
    whole = whole.replace(' font-family="inherit"', "").replace("<title>", sprite + "<title>", 1)
    data = base64.b64encode(whole.encode()).decode()
    return f'<img class="chart" alt="{title[1] if title else ""}" src="data:image/svg+xml;base64,{data}">'


def county_pdf(site: Site, area: Area) -> bytes:
    """The book of a county.

    Raises:
        Unavailable: WeasyPrint, its libraries or a Chinese font are missing.
    """
    check()
    from weasyprint import HTML

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # it tells of every property it does not know
    pledges = Pledges(site)
    commitments.place(pledges)
    text = html(site, area, Renderer(site), pledges)
    document: bytes = HTML(string=text, base_url=None).write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"junheng")
    return document
