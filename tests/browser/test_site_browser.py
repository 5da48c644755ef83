"""The sites as a reader meets them: opened from a folder in Chromium."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import world

KINDS = {
    "home": "index.html",
    "county": "county/411302/index.html",
    "county_domain": "county/411302/vision.html",
    "school": "county/411302/school/4113020006.html",
    "school_hostile": "county/411321/school/4113210004.html",
    "school_small": "county/411302/school/4113020007.html",
    "indicator": "indicator/poor_vision.html",
    "indicator_duty": "indicator/exam_coverage.html",
    "domain": "domain/food.html",
    "method": "method.html",
    "coverage": "coverage.html",
    "search": "search.html",
    "school_more": "county/411302/school/4113020006-more.html",
    "domain_balance": "domain/balance.html",
    "balance": "county/411302/balance.html",
    "balance_lists": "county/411302/balance-lists.html",
    "balance_gaps": "county/411302/balance-gaps.html",
    "balance_empty": "county/411381/balance.html",
    "papers": "commitment/index.html",
    "paper": "commitment/ny.html",
    "pledges": "county/411302/commitments.html",
    "cases": "county/411302/cases.html",
    "downloads": "downloads.html",
    "letter": "schools/d.html",
    "compare": "compare.html",
    "glossary": "glossary.html",
    "dictionary": "dictionary.html",
    "limits": "limits.html",
    "accessibility": "accessibility.html",
    "timetable": "commitment/timetable.html",
    "english": "en/county/411302/index.html",
}


@pytest.fixture(scope="module")
def window(browser, sites):
    """A page for all tests, since a new one takes five times as long as the pages they open in it.

    It notes console messages, failures and every request; all requests must stay below reports/.
    """
    context = browser.new_context()
    opened = context.new_page()
    opened.trouble = []
    opened.on("console", lambda m: opened.trouble.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: opened.trouble.append(str(e)))
    opened.on("requestfailed", lambda r: opened.trouble.append(f"failed {r.url}"))
    inside = sites.reports.as_uri()
    opened.on(
        "request",
        lambda r: None if r.url.startswith((inside, "blob:", "data:")) else opened.trouble.append(f"left: {r.url}"),
    )
    yield opened
    context.close()


@pytest.fixture
def page(window):
    """The window as a reader opens it; whatever went wrong in it during a test is a failure of the test."""
    window.goto("about:blank")
    window.set_viewport_size({"width": 1280, "height": 900})
    window.emulate_media(media="null")  # whatever a screen or a sheet of paper is by itself
    window.trouble.clear()
    yield window
    assert not window.trouble, window.trouble[:5]


def open_page(page, folder: Path, kind: str):
    page.goto((folder / KINDS[kind]).as_uri())
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_opens_from_a_folder_in_three_requests(page, sites, kind) -> None:
    """Page, style and script make it complete (one more brings the areas to compare); the list of releases follows."""
    asked, complete = [], []

    def ask(request) -> None:
        if not request.url.startswith("data:"):
            asked.append(request.url)

    def load() -> None:
        complete.extend(asked)

    page.on("request", ask)
    page.on("load", load)
    with page.expect_event("requestfinished", lambda r: r.url.endswith("/releases.js")):
        open_page(page, sites.first, kind)
    page.remove_listener("request", ask)
    page.remove_listener("load", load)
    assert len(complete) <= (4 if kind == "compare" else 3), complete
    names = [u.rpartition("/")[2] for u in asked]
    assert {"site.css", "site.js"} < set(names[: len(complete)])  # none came from a cache
    assert names[len(complete) :] == ["releases.js"]
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize(
    ("edition", "kind"),
    [("preview", kind) for kind in KINDS if kind != "english"]
    + [("first", "downloads"), ("first", "english")]
    + [("public", kind) for kind in ("home", "county", "county_domain", "school", "balance", "paper", "cases")],
)
def test_axe_finds_nothing(page, sites, edition, kind) -> None:
    from axe_playwright_python.sync_playwright import Axe

    open_page(page, getattr(sites, edition), kind)
    # Preloading fetches, which our policy forbids; and nobody reads about what is right.
    results = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]})
    found = [
        (v["id"], n["target"], n.get("failureSummary", "")[:200])
        for v in results.response["violations"]
        for n in v["nodes"][:2]
    ]
    assert not found, found[:4]


@pytest.mark.parametrize("kind", KINDS)
def test_no_sideways_scroll_on_a_phone(page, sites, kind) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, sites.first, kind)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("kind", ["home", "county", "school", "indicator"])
def test_reflows_at_400_percent(page, sites, kind) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    open_page(page, sites.first, kind)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_everything_is_there_without_scripts(browser, sites) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((sites.first / KINDS["county"]).as_uri())
    assert page.locator("table tbody tr").count() >= 24
    assert page.locator("svg.chart").count() >= 1
    page.goto((sites.first / KINDS["search"]).as_uri())
    assert page.get_by_role("link", name="宛城区").count() == 1
    assert not page.locator("#q").is_visible()
    context.close()


# Chromium writes some characters as their look-alikes among the radicals
LOOK_ALIKES = str.maketrans("⻚⼆⼀⻰⽣⼈⼤⼩⽂⽬⾼⼦", "页二一龙生人大小文目高子")


def printed(page) -> list[str]:
    """The text of each page of the current page printed on A4."""
    from pypdf import PdfReader

    read = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in read.pages} <= {(595, 842), (594, 842), (596, 842)}  # fmt: skip
    return [p.extract_text().translate(LOOK_ALIKES) for p in read.pages]


@pytest.mark.parametrize(
    ("kind", "most"),
    [("home", 8), ("county", 9), ("school", 6), ("indicator", 6), ("balance", 9), ("paper", 4), ("cases", 12), ("downloads", 2)],
)  # fmt: skip
def test_prints_to_a4(page, sites, kind, most) -> None:
    """Every page of paper says what it is of: edition, release, its number of how many."""
    open_page(page, sites.first, kind)
    texts = printed(page)
    assert 1 <= len(texts) <= most
    for n, text in enumerate(texts, 1):
        plain = re.sub(r"\s", "", text)
        assert f"第{n}页共{len(texts)}页" in plain
        assert "内部资料" in plain
        assert "2024-2025/r19f86d081884c7d65" in plain


def test_a_table_repeats_its_head_on_every_sheet_of_paper(page, sites) -> None:
    open_page(page, sites.first, "cases")
    texts = [re.sub(r"\s", "", t) for t in printed(page)]
    with_cases = [t for t in texts if len(re.findall(r"(?:待整改|整改中|重新立账|已销号)\D{0,9}20\d\d-", t)) > 1]
    assert len(with_cases) > 1
    assert all(re.search("事项状态(现判定)?期限", t) for t in with_cases)
    closed = page.locator("details.more tbody th[scope=row] small").first.text_content()
    assert any(closed in t for t in texts)  # what is folded on the screen is on paper


def test_tables_beside_charts_and_tiles_have_room_on_paper(page, sites) -> None:
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 within its margins
    page.emulate_media(media="print")
    open_page(page, sites.first, "balance")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    wide = "x => x.map(c => c.getBoundingClientRect().width)"
    assert min(page.locator(".fig td, .fig th").evaluate_all(wide)) >= 22
    open_page(page, sites.first, "home")
    lefts = page.locator(".tile").evaluate_all("x => x.map(c => Math.round(c.getBoundingClientRect().left / 10))")
    assert len(set(lefts)) == 3


@pytest.mark.parametrize(("width", "media"), [(390, "screen"), (688, "print")])
def test_dates_and_quotes_of_the_timetable_keep_together(page, sites, width, media) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(media=media)
    open_page(page, sites.first, "timetable")
    size = "x => x.map(c => c.getBoundingClientRect())"
    assert min(r["width"] for r in page.locator(".due td:nth-child(2)").evaluate_all(size)) >= 150
    assert max(r["height"] for r in page.locator(".due thead th").evaluate_all(size)) < 80
    lines = "x => x.map(c => { const r = document.createRange(); r.selectNode(c.firstChild); return r.getClientRects().length; })"
    assert set(page.locator(".due th.dt").evaluate_all(lines)) == {1}


def test_print_opens_closed_details(page, sites) -> None:
    open_page(page, sites.first, "cases")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_sorting_by_keyboard(page, sites) -> None:
    open_page(page, sites.first, "county")
    head = page.locator("#schools th", has_text="未达标")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    cells = page.locator("#schools tbody tr td:nth-child(7)").all_inner_texts()
    assert [int(c) for c in cells] == sorted((int(c) for c in cells), reverse=True)


def test_filtering_and_csv(page, sites) -> None:
    open_page(page, sites.first, "county")
    page.locator("#schools input").fill("九年一贯制")
    shown = page.locator("#schools tbody tr:visible")
    assert 1 <= shown.count() < 24
    with page.expect_download() as download:
        page.locator("#schools button", has_text="CSV").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == shown.count() + 1
    assert "九年一贯制" in lines[1]


def test_csv_neutralises_formulas(page, sites) -> None:
    page.goto((sites.first / "county/411381/index.html").as_uri())
    with page.expect_download() as download:
        page.locator("#schools button", has_text="CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert "'=1+1" in text
    assert "\n=1+1" not in text


def test_search_finds_by_substring_and_code(page, sites) -> None:
    open_page(page, sites.first, "search")
    page.locator("#q").fill("㐂𠮷")
    page.locator("#qr [role=option]", has_text="寨小学").click()
    page.wait_for_url("**/school/*.html")
    assert "=1+1 㐂𠮷寨小学" in page.locator("h1").inner_text()


def test_search_by_keyboard(page, sites) -> None:
    """The combobox pattern: arrows choose, the box keeps the focus, Escape closes, Enter opens."""
    open_page(page, sites.first, "search")
    page.locator("#q").press_sequentially("4113210004")
    found = page.locator("#qr [role=option]")
    found.first.wait_for()
    assert found.count() == 1
    assert world.HOSTILE in found.inner_text()
    page.locator("#q").fill("第1")
    assert found.count() > 3 and page.locator("#q").get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#qr [aria-selected=true]")
    assert page.locator("#q").get_attribute("aria-activedescendant") == chosen.get_attribute("id") == "qr-1"
    page.keyboard.press("Escape")
    assert found.count() == 0 and page.locator("#q").get_attribute("aria-expanded") == "false"
    page.locator("#q").fill("4113210004")
    page.keyboard.press("Enter")
    page.wait_for_url("**/4113210004.html")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("wcqd6", "宛城区第6九年一贯制学校"),  # initials
        ("dzs d2xx", "邓州市第2小学"),  # county and school
        ("宛城区第23小学", "宛城区第1小学"),  # merged into it
        ("旧名", "宛城区第2小学"),  # its name of the year before
    ],
)
def test_search_by_initials_and_former_names(page, sites, asked, name) -> None:
    open_page(page, sites.first, "search")
    page.locator("#q").fill(asked)
    page.locator("#qr [role=option] b", has_text=name).first.wait_for()


def test_search_says_how_many_and_what_it_takes(page, sites) -> None:
    open_page(page, sites.first, "search")
    said, found = page.locator("#qn"), page.locator("#qr [role=option]")
    for asked in ("4113020006", "4113"):
        page.locator("#q").fill(asked)
        found.first.wait_for()
        number = sum(asked in p.stem for p in sites.first.glob("county/*/school/*.html") if "-more" not in p.stem)
        rest = "，列出前50所" if number > 50 else ""
        assert said.inner_text() == f"找到{number}所{rest}" and found.count() == min(number, 50)
    page.locator("#q").fill("xiaozhai")
    assert "拼音首字母" in said.inner_text() and "学校代码" in said.inner_text() and found.count() == 0


def test_two_schools_side_by_side(page, sites) -> None:
    open_page(page, sites.first, "compare")
    page.locator("#both tbody tr").first.wait_for()
    assert "宛城区" in page.locator("#both thead").inner_text()
    for box, asked in (("#s1", "4113020006"), ("#s2", "4113210004")):
        page.locator(box).fill(asked)
        page.locator(box + " ~ [role=listbox] [role=option]").first.wait_for()
        page.keyboard.press("Enter")
    head = page.locator("#both thead th", has_text="宛城区第6九年一贯制学校")
    head.wait_for()
    assert world.HOSTILE in page.locator("#both thead").inner_text()
    row = page.locator("#both tbody tr", has_text="健康体检完成率").locator("td").first.inner_text()
    assert row.startswith("100.0%") and "达标" in row


def controlled(sites) -> dict[str, dict[str, object]]:
    """Rows of the table by figure; what the second hand needs of the catalogue is noted."""
    values = pl.read_parquet(sites.controlled / "indicator_values.parquet")
    catalogue = pl.read_parquet(sites.controlled / "indicators.parquet")
    filled = catalogue.with_columns(pl.col("numerator_scale", "per").fill_null(1))
    INDICATORS.update({r["code"]: r for r in filled.iter_rows(named=True)})
    return {r["figure_id"]: r for r in values.iter_rows(named=True)}


def told_apart(one: dict[str, object], other: dict[str, object], names: list[str]) -> str:
    """The words of a difference by the chi-square of the table of four cells, a form of its own of the test."""
    entry = INDICATORS[str(one["indicator"])]
    if entry["judgement"] != "interval" or entry["unit"] != "share":
        return ""
    (a, n), (c, m) = ((int(r["numerator"]), int(r["denominator"])) for r in (one, other))  # type: ignore[call-overload]
    b, d = n - a, m - c
    if min(n, m) * min(a + c, b + d) < 5 * (n + m):
        return "人数太少，不检验"
    if (a * d - b * c) ** 2 * (n + m) < 9.549534 * n * m * (a + c) * (b + d):
        return "差异不显著"
    return f"{names[(a * m > c * n) != (entry['polarity'] == 'higher')]}明显较好"


COMPARED = """() => [...document.querySelectorAll('#both tbody tr')].map(r => [
  r.cells[3].textContent, ...[...r.querySelectorAll('b')].flatMap(b => [b.dataset.f, b.textContent])])"""


def test_a_comparison_shows_the_table_and_tests_what_may_be_tested(page, sites) -> None:
    rows = controlled(sites)
    open_page(page, sites.first, "compare")
    page.locator("#both tbody tr").first.wait_for()
    found: Counter[str] = Counter()
    for a, b in (("411302", "411321"), ("411302", "411381"), ("411321", "411381")):
        page.locator("#a1").select_option(a)
        page.locator("#a2").select_option(b)
        names = page.locator("#both thead th").all_inner_texts()[1:3]
        for said, *cells in page.evaluate(COMPARED):
            for figure, text in zip(cells[::2], cells[1::2], strict=True):
                want, value = expected(rows[figure]), rows[figure]["value"]
                finer = re.fullmatch(r"\d+\.\d\d%", text) and abs(float(text[:-1]) / 100 - value) < 1e-4  # type: ignore[operator]
                assert text == want or finer or rows[figure]["unit"] != "share", figure
            if len(cells) == 4 and not {cells[1], cells[3]} & {"≤5%", "≥95%"}:
                assert said == told_apart(rows[cells[0]], rows[cells[2]], names), cells
                found[re.sub(".*明显", "明显", said)] += 1
    assert found["差异不显著"] > 3 and found["明显较好"] > 3 and found[""] > 10, found
    page.locator("#a2").select_option("411321")
    page.locator("#a1").select_option("411321")
    assert "两个不同的" in page.locator("#both caption").inner_text()


def test_an_area_is_tested_against_the_rest_of_the_one_it_lies_in(page, sites) -> None:
    rows = controlled(sites)
    open_page(page, sites.first, "compare")
    page.locator("#both tbody tr").first.wait_for()
    page.locator("#a1").select_option("411300")
    page.locator("#a2").select_option("411302")
    names, tested = page.locator("#both thead th").all_inner_texts()[1:3], 0
    for said, *cells in page.evaluate(COMPARED):
        if len(cells) == 4 and not {cells[1], cells[3]} & {"≤5%", "≥95%"}:
            whole, part = rows[cells[0]], rows[cells[2]]
            rest = {k: whole[k] - part[k] for k in ("numerator", "denominator")} if said else {}  # type: ignore[operator]
            assert said == told_apart({**whole, **rest}, part, names), cells
            tested += bool(said)
    assert tested > 3


def test_comparison_without_scripts_says_where_to_read(browser, sites) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((sites.first / KINDS["compare"]).as_uri())
    assert plain.locator("#noscript").is_visible() and not plain.locator(".cmp").is_visible()
    assert plain.get_by_role("link", name="健康体检完成率").count() == 1
    context.close()


def test_an_old_release_names_the_newer_one(page, sites) -> None:
    open_page(page, sites.first, "school")
    note = page.locator(".newer")
    note.wait_for()
    assert "已有更新版本 r2" in note.inner_text()
    with page.expect_event("requestfinished", lambda r: r.url.endswith("/releases.js")):
        note.get_by_role("link").click()
    assert "r2" in page.url
    assert not page.locator(".newer").is_visible()


def test_a_figure_of_an_earlier_period_has_its_anchor(page, sites) -> None:
    figure = "poor_vision.2023-2024-2.school.4113020006.compulsory.all"
    page.goto((sites.first / KINDS["school_more"]).as_uri() + "#" + figure)
    assert page.locator(f'[id="{figure}"]').is_visible()


def test_forced_colours_keep_the_shapes(browser, sites) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto((sites.first / KINDS["home"]).as_uri())
    content = page.evaluate("getComputedStyle(document.querySelector('.s.not'), '::before').content")
    assert content.startswith("url(")
    context.close()


def test_hidden_cells_are_hatched_in_small_charts(page, sites) -> None:
    """Rules of the style sheet must not paint over the hatch."""
    page.goto((sites.first / "county/411302/school/4113020005.html").as_uri())
    fills = page.eval_on_selector_all(".bl path", "paths => paths.map(p => getComputedStyle(p).fill)")
    assert any("#hatch" in f for f in fills)
    bars = page.eval_on_selector_all(".bl path.m", "paths => paths.map(p => getComputedStyle(p).fill)")
    assert set(bars) == {"rgb(18, 67, 109)"}


DOCUMENTS = ("无此情形", "有此情形", "已落实", "未落实", "没有佐证")
INDICATORS: dict[str, dict[str, Any]] = {}

# Parsed as a browser parses, but not laid out and without scripts: hundreds of pages in the time of a few.
READ = """html => [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('[id]')].filter(e => e.id.split('.').length === 6).map(e => {
  const text = n => [...n.childNodes].filter(c => c.nodeType === 3).map(c => c.textContent).join('').trim();
  if (e.matches('tr')) return [e.id, text(e.cells[1])];
  if (e.matches('.tile')) return [e.id, e.querySelector('.v').textContent.trim()];
  if (e.matches('td')) return [e.id, text(e)];
  if (e.matches('.st span')) return [e.id, text(e).split(' ').pop()];
  return null;
}).filter(Boolean)"""


def expected(row: dict[str, object]) -> str:
    """The words of a figure by a second hand: exact fractions, no code of the generator."""
    status = row["status"]
    if status == "suppressed":
        return "已隐去"
    if status == "not_reported":
        return "未报送"
    if row["value_text_rule"]:
        return {"le5": "≤5%", "ge95": "≥95%"}[str(row["value_text_rule"])]
    if row["unit"] == "share":
        number = Fraction(int(row["numerator"]), int(row["denominator"]))  # type: ignore[call-overload]
        return f"{half_up(number * 100, 1)}%"
    entry = INDICATORS[str(row["indicator"])]
    number = Fraction(
        int(row["numerator"]) * entry["per"],
        int(row["denominator"]) * entry["numerator_scale"],  # type: ignore[call-overload]
    )
    digits = {"yuan": 0, "ratio": 4, "level": 0}.get(str(row["unit"]), 2)
    return f"{half_up(number, digits):,}{'' if row['unit'] == 'ratio' else entry['unit_zh']}"


def half_up(number: Fraction, digits: int) -> Decimal:
    scaled = math.floor(number * 10**digits + Fraction(1, 2))
    return Decimal(scaled).scaleb(-digits)


def test_every_number_equals_the_table(browser, sites) -> None:
    """Parse the pages, compare all anchored figures; those with two decimals only have to be nearer."""
    rows = controlled(sites)
    page = browser.new_page()
    seen = 0
    for path in sorted(p for p in sites.first.rglob("*.html") if not p.is_relative_to(sites.first / "en")):
        for figure, text in page.evaluate(READ, path.read_text(encoding="utf-8")):
            want = expected(rows[figure])
            if text in DOCUMENTS:
                assert INDICATORS[rows[figure]["indicator"]]["counted_unit"] == "document", (path, figure)
            elif re.fullmatch(r"\d+\.\d\d%", text):
                assert abs(float(text[:-1]) / 100 - rows[figure]["value"]) < 1e-4, (path, figure)
            elif text != want and rows[figure]["unit"] != "share" and rows[figure]["status"] == "not_met":
                finer = re.match(r"[\d,]+\.(\d+)", text)  # two decimals more, where rounding would say "reached"
                assert finer, (path, figure)
                number = float(finer[0].replace(",", ""))
                assert number != rows[figure]["target"], (path, figure)
                assert abs(number - rows[figure]["value"]) < 10.0 ** -len(finer[1]), (path, figure)
            else:
                assert text == want, (path, figure)
            seen += 1
    page.close()
    assert seen > 10_000
