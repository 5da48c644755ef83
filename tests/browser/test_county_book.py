"""The book of a county as PDF: tagged, in Chinese, with its fonts, its pages counted; and what is said where it cannot be made."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import world

from orchestration.release.book import INSTALL
from reports.books import pdf
from reports.i18n import load_language
from reports.site import Site
from reports.tables import read_controlled

COUNTY = "411321"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A small world: four schools a county, four indicators, its duties."""
    folder = tmp_path_factory.mktemp("small")
    controlled = world.write(folder / "internal", per_county=4, specs=(*world.SPECS[:2], *world.SPECS[6:8]))
    language = load_language("zh-CN")
    tables = read_controlled(controlled, language.gettext)
    release = {"release": "r3", "as_of": "2025-09-10", "note": "更正<视力>"}
    return Site(tables, language, edition="internal", release=release, watermark=False)


@pytest.fixture(scope="module")
def book(site) -> Any:
    try:
        pdf.check()
    except pdf.Unavailable as error:
        pytest.skip(INSTALL[error.missing])
    pikepdf = pytest.importorskip("pikepdf")
    area = next(c for c in site.counties if c.code == COUNTY)
    return pikepdf.open(io.BytesIO(pdf.county_pdf(site, area)))


def elements(node: Any) -> list[Any]:
    """All structure elements below one."""
    from pikepdf import Array, Dictionary

    kids = node.get("/K")
    listed = list(kids) if isinstance(kids, Array) else [kids]
    own = [kid for kid in listed if isinstance(kid, Dictionary) and "/S" in kid]
    return own + [found for kid in own for found in elements(kid)]


def test_it_is_tagged_chinese_and_titled(book) -> None:
    assert book.Root.MarkInfo.Marked
    assert str(book.Root.Lang) == "zh-CN"
    assert str(book.docinfo["/Title"]).startswith("南召县教育监测报告 2024")
    assert book.Root.ViewerPreferences.DisplayDocTitle
    with book.open_metadata() as meta:
        assert meta["pdfuaid:part"] == "1"
    every = elements(book.Root.StructTreeRoot)
    tags = {str(e.S) for e in every}
    assert {"/H1", "/H2", "/Table", "/TR", "/TH", "/TD", "/Figure", "/L", "/LI"} <= tags
    figures = [e for e in every if str(e.S) == "/Figure"]
    assert figures
    assert all(str(e.get("/Alt", "")) for e in figures)


def test_fonts_are_embedded_and_readable(book) -> None:
    seen = set()
    for page in book.pages:
        for font in page.get("/Resources", {}).get("/Font", {}).values():
            seen.add(str(font.BaseFont))
            assert "/ToUnicode" in font
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile2", "/FontFile3"} & set(descriptor.keys())
    assert seen
    assert any(re.search(r"CJK|Han|WenQuan|YaHei", name) for name in seen)


def test_contents_bookmarks_and_pages(book) -> None:
    assert 10 <= len(book.pages) <= 40
    assert all(abs(float(p.MediaBox[2]) - 595.28) < 1 and abs(float(p.MediaBox[3]) - 841.89) < 1 for p in book.pages)
    with book.open_outline() as outline:
        titles = [str(item.title) for item in outline.root]
    assert titles[0] == "目录"
    assert {"南召县 · 优质均衡", "南召县 · 优质均衡各校数值", "南召县 · 政策承诺", "南召县 · 问题台账", "说明"} <= {
        t.partition("2024")[0].strip() for t in titles
    }


def test_the_html_stands_alone(site) -> None:
    from reports.pages import commitments
    from reports.pages.pledges import Pledges
    from reports.render import Renderer

    pledges = Pledges(site)
    commitments.place(pledges)
    text = pdf.html(site, next(c for c in site.counties if c.code == COUNTY), Renderer(site), pledges)
    assert "<script>" not in text
    assert not re.findall(r'<(?:a|img|link)[^>]+(?:href|src)="(?!#|data:)', text)
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert not set(re.findall(r' href="#([^"]*)"', text)) - set(ids)
    assert "更正&lt;视力&gt;" in text
    assert "2024-2025/r3" in text


@pytest.mark.parametrize(("fault", "missing"), [(ImportError, "weasyprint"), (OSError, "pango")])
def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, fault: type[Exception], missing: str) -> None:
    class Finder:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "weasyprint":
                raise fault(name)

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    with pytest.raises(pdf.Unavailable) as error:
        pdf.check()
    assert error.value.missing == missing
    assert INSTALL[missing].startswith("生成PDF需要先安装")


def test_no_chinese_font_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pikepdf")
    monkeypatch.setattr(pdf.ctypes.util, "find_library", lambda _: None)
    monkeypatch.setitem(sys.modules, "weasyprint", object())
    with pytest.raises(pdf.Unavailable) as error:
        pdf.check()
    assert error.value.missing == "font"
    assert Path(pdf.__file__).name == "pdf.py"
