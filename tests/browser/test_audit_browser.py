"""The auditor's path, walked in Chromium from a folder: red cell, check, rows by rule, feedback file, waiver; and every kind of page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlparse

import audit_world
import pytest

from orchestration.audit import refresh

KINDS = {
    "home": "index.html",
    "coverage": "coverage/index.html",
    "coverage_year": "coverage/2024-2025.html",
    "coverage_cell": f"coverage/vision_check-{audit_world.PERIOD}.html",
    "verdicts": "verdicts/index.html",
    "checks": "checks/index.html",
    "suite": "suites/vision.html",
    "check": "checks/vision_check__va_right.html",
    "quarantine": "quarantine/index.html",
    "quarantine_feed": "quarantine/vision_check.html",
    "quarantine_place": f"quarantine/vision_check-{audit_world.COUNTY}.html",
    "deliveries": "deliveries/index.html",
    "delivery": f"deliveries/{audit_world.delivery('vision_check', audit_world.PERIOD)}.html",
    "waivers": "waivers/index.html",
    "releases": "releases/index.html",
    "figures": "figures/index.html",
    "place": f"figures/place-{audit_world.COUNTY}.html",
    "figure": f"figures/exam_coverage__2024-2025__county__{audit_world.COUNTY}__compulsory__all.html",
    "profiles": "profiles/vision_check.html",
    "outliers": "outliers/index.html",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return refresh(audit_world.build(tmp_path_factory.mktemp("walked")), audit_world.AS_OF)


@pytest.fixture(scope="module")
def page(browser, site):
    """A page that notes every message, failure and request; nothing may leave the site while one walks it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.trouble = []
    opened.on("console", lambda m: opened.trouble.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: opened.trouble.append(str(e)))
    opened.on(
        "request",
        lambda r: (
            None if r.url.startswith((site.as_uri(), "data:", "blob:")) else opened.trouble.append(f"left: {r.url}")
        ),
    )
    yield opened
    assert not opened.trouble, opened.trouble[:5]
    context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page(page, site, kind) -> None:
    """One heading, nothing for axe to find, no sideways scroll on a phone."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto((site / KINDS[kind]).as_uri())
    assert page.locator("h1").count() == 1
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    assert not found, [
        (v["id"], v["nodes"][0]["target"], v["nodes"][0].get("failureSummary", "")[:200]) for v in found
    ][:3]
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_auditors_path(page, site) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto((site / "index.html").as_uri())
    assert "2024—2025学年不能发布" in page.locator(".verdict").inner_text()
    # the red cell of the matrix, down to the county
    page.locator("#matrix ~ .scroll td.c-not a").first.click()
    page.locator(".crumbs a").nth(1).click()
    page.locator("td.c-not a").first.click()
    assert page.url.endswith(f"vision_check-{audit_world.PERIOD}.html#c-{audit_world.COUNTY}")
    assert "有检查未通过" in page.locator(f"#c-{audit_world.COUNTY}").inner_text()
    # the check that failed there
    page.locator(f"#c-{audit_world.COUNTY}-checks ~ .scroll tbody a").first.click()
    assert "右眼裸眼视力" in page.locator("h1").inner_text()
    assert "12" in page.locator("#places ~ .scroll tbody tr").first.inner_text()
    # its rows by rule
    page.locator("#places ~ .scroll tbody tr").first.get_by_role("link", name="退回行").click()
    row = page.locator("table.qua tbody tr:target")
    assert "out_of_range" in row.inner_text()
    # the workbook that went back
    address = row.locator("td").last.locator("a").evaluate("a => a.href")
    back = Path(unquote(urlparse(address).path))
    assert back.read_bytes() == b"a workbook"
    assert back.is_relative_to(site.parents[1] / "raw" / "feedback")
    # the waiver of the other failure
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="健康体检：身高在合理范围内").first.click()
    assert "已豁免" not in page.locator("h1").inner_text()
    held = page.locator("#waivers ~ .scroll tbody tr").first.inner_text()
    assert "李秀英" in held and "30天内到期" in held


def test_a_figure_is_drawn_for_itself(page, site) -> None:
    page.goto((site / KINDS["figure"]).as_uri())
    drawn = page.locator("svg.chart").text_content()
    for words in ("视力检查", "base/vision_check", "int_figures", "预览稿"):
        assert words in drawn
    assert "fitness_test" not in drawn


def test_it_prints(page, site) -> None:
    page.goto((site / KINDS["home"]).as_uri())
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
