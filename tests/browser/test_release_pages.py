"""Notes, footnotes and differences of the second release: in the tree, and as a reader meets them."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest
import world
import world_trail
from test_site_tree import Tags, pages

from orchestration.release import amendment
from reports.generate import generate

PAGES = (
    "release-notes.html",
    "changes.html",
    "changes/411302.html",
    "changes/411302-2.html",
    "county/411302/vision.html",
)


@pytest.fixture(scope="module")
def tree(sites) -> dict[str, Tags]:
    return {path: Tags(text) for path, text in pages(sites.second).items()}


def test_every_link_leads_to_a_page_and_an_id(sites, tree) -> None:
    dead, reached = [], {"index.html"}
    for path, page in tree.items():
        for link in page.links:
            target, _, anchor = link.partition("#")
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target))) if target else path
            if there.startswith("../r1/"):
                assert (sites.second / there).exists()
                continue
            reached.add(there)
            if not (sites.second / there).is_file() or (
                anchor and there.endswith(".html") and unquote(anchor) not in tree[there].ids
            ):
                dead.append(f"{path} → {link}")
    assert not dead, dead[:10]
    assert set(tree) <= reached and set(PAGES) <= set(tree)


def test_ids_are_unique_and_pages_within_budget(sites, tree) -> None:
    for path, page in tree.items():
        assert len(page.ids) == len(set(page.ids)), path
        size = (sites.second / path).stat().st_size
        assert size <= (60 if "/school/" in path else 300) * 1024, path


def test_a_waiver_is_text_wherever_it_is_printed(sites) -> None:
    for path in ("index.html", "release-notes.html", "county/411302/index.html"):
        text = (sites.second / path).read_text()
        assert "县医院&lt;视力表&gt;十月校准" in text and "<视力表>" not in text


def test_a_release_that_changed_everything_lists_the_biggest_and_points_to_the_file(tmp_path) -> None:
    """In English as well: reasons and names of places are data, every word of the generator is translated."""
    controlled = world.write(tmp_path / "controlled", counties=1, per_county=20)
    new, old, out = tmp_path / "new.parquet", tmp_path / "old.parquet", tmp_path / "changes.parquet"
    amendment.keep(controlled, world_trail.YEAR, new)
    pl.read_parquet(new).with_columns(
        value=pl.col("value") * 0.99, denominator=pl.col("denominator") + 1
    ).write_parquet(old)
    amendment.difference(old, new, out)
    total = pl.read_parquet(out).height
    facts = {**world_trail.TRAIL, "release": "r2", "note": "", "waivers": []}
    site = tmp_path / "site"
    stats = generate(
        controlled, site, edition="internal", release=facts, watermark=False, changes=out, languages=["en"]
    )
    lists = sorted((site / "changes").glob("411302*.html"))
    assert len(lists) == 5 and total > 5_000 and stats.largest["change_list"] <= 300 * 1024
    assert "The 3,000 biggest changes are listed here" in lists[0].read_text()
    assert (site / "changes.csv").read_bytes().count(b"\r\n") == total + 1
    moved = re.findall(r'class="n">[−+]([0-9.]+)</td><td class="k">Changed', (site / "changes.html").read_text())
    assert len(moved) > 10
    for path in ("release-notes.html", "changes.html"):
        text = (site / path).read_text()
        rest = re.sub(
            r"<title>.*?</title>|<header.*?</header>|<footer.*?</footer>|<nav.*?</nav>|<a .*?</a>", "", text, flags=re.S
        )
        assert not re.search(r"[\u3400-\u9fff]", re.sub(r'<th scope="row">.*?</th>', "", rest)), path


# in the browser


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    yield opened
    context.close()


def _open(page, folder: Path, path: str):
    page.goto((folder / path).as_uri())
    return page


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page, sites, path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    _open(page, sites.second, path)
    # The rows of a table are all alike, and the tool compares each with each: forty tell what six hundred do.
    page.evaluate("document.querySelectorAll('tbody').forEach(t => [...t.rows].slice(40).forEach(r => r.remove()))")
    results = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]})
    assert not [(v["id"], n["target"]) for v in results.response["violations"] for n in v["nodes"][:2]]
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_from_a_ring_to_its_footnote(page, sites) -> None:
    _open(page, sites.second, "county/411302/index.html")
    page.locator(".tile .wv").first.click()
    note = page.locator("#waiver-1")
    assert page.url.endswith("#waiver-1") and note.is_visible()
    assert all(
        words in note.inner_text() for words in ("右眼视力", "1,234处不符合", "十月校准", "2025-10-31", "李主任批准")
    )


def test_from_an_old_release_to_what_was_changed(page, sites) -> None:
    _open(page, sites.first, "index.html")
    page.locator(".newer a").click()
    page.get_by_role("link", name="改了哪些数值").first.click()
    page.get_by_role("link", name="宛城区", exact=True).first.click()
    assert "宛城区的差异" in page.locator("h1").inner_text()
    page.locator(".tool input").fill("新增")
    assert 1 <= page.locator("tbody tr:visible").count() < page.locator("tbody tr").count()
