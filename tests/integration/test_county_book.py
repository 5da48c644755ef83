"""The book of a released county: of the tables and the waivers it was published with, and of nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_home import build, judged, result

from expectations import verdict
from expectations.waivers import Waiver, waive
from orchestration.config import ConfigError, Home
from orchestration.release import history, publish
from orchestration.release.book import county_book
from reports.books import pdf
from reports.site import Area, Site

YEAR, COUNTY = "2024-2025", "411302"
AS_OF = dt.date(2025, 9, 1)
CHECK = "physical_exam.height_mm"


def nothing(controlled: Path, out: Path, **_: object) -> None:
    """A site that is not looked at."""
    out.mkdir(parents=True)
    (out / "index.html").write_text("x")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(verdict, "contracts_version", lambda _: "c")
    made = build(tmp_path)
    judged(made, [YEAR], [result(CHECK, YEAR)])
    asked = Waiver(
        waiver="", check=CHECK, period=YEAR, county="", reason="设备故障，原始记录已封存", by="王科长", approved_by="李主任",
        until="2025-10-31", as_of="",
    )  # fmt: skip
    waive(made, asked, AS_OF, None)
    publish(made, YEAR, "", AS_OF, generate=nothing)
    return made


def test_the_book_is_told_what_the_site_was_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Site, Area]] = []
    monkeypatch.setattr(pdf, "check", lambda: None)
    monkeypatch.setattr(pdf, "county_pdf", lambda site, area: seen.append((site, area)) or b"%PDF")
    assert county_book(home, COUNTY, f"{YEAR}/r1") == b"%PDF"
    assert county_book(home, COUNTY) == b"%PDF"
    assert county_book(home, COUNTY, f"{YEAR}/r1", "public") == b"%PDF"
    (released, area), (draft, _), (public, _) = seen
    assert (area.name, released.release_name, released.watermark) == ("宛城区", "r1", False)
    assert released.release["waivers"][0]["approved_by"] == "李主任"
    assert released.release["checks"]["waived"] == 1
    assert [n.reason for n in released.footnotes] == ["设备故障，原始记录已封存"]
    assert (draft.release_name, draft.watermark, draft.footnotes) == ("", True, [])
    assert public.public
    assert "approved_by" not in public.release["waivers"][0]


def test_tables_that_were_changed_since_make_no_book(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "check", lambda: None)
    monkeypatch.setattr(pdf, "county_pdf", lambda *_: b"%PDF")
    body: dict[str, Any] = history.events(home)[-1]
    path = home.marts / body["data_version"] / "controlled" / "internal" / "areas.parquet"
    pl.read_parquet(path).with_columns(name=pl.lit("别处")).write_parquet(path)
    with pytest.raises(ConfigError, match="junheng verify"):
        county_book(home, COUNTY, f"{YEAR}/r1")


def test_an_unknown_release_or_county_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "check", lambda: None)
    with pytest.raises(ConfigError, match="没有这个发布"):
        county_book(home, COUNTY, f"{YEAR}/r7")
    with pytest.raises(ConfigError, match="没有区县 999999。有：411302 宛城区"):
        county_book(home, "999999")
