"""What the audit site is told: collected from a real ledger and real tables, without a value, and only when something has changed."""

from __future__ import annotations

import copy
import datetime as dt
import json
import shutil
import sqlite3
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import audit_world as world
import polars as pl
import pytest
import small_home

from expectations.suites import SUITES
from orchestration.audit import collect, refresh
from orchestration.audit.figures import builds, outliers
from orchestration.audit.profiles import profiles
from orchestration.audit.refresh import site_faults
from orchestration.config import ConfigError, Home
from orchestration.ledger import Ledger
from orchestration.release import GateRefused, publish, verify
from orchestration.steps import Settings, audit_step
from orchestration.trail.figure import find, standpoint
from orchestration.trail.trace import checks_of
from reports.auditing import AuditBook
from reports.auditing.blocks import Note, Picture, Table, Text
from reports.auditing.markup import words
from reports.auditing.pages import coverage, figures, overview, releases, verdicts, waivers
from reports.auditing.site import AuditSite


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return world.build(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def book(home: Home) -> AuditBook:
    return collect(home, world.AS_OF)


@pytest.fixture
def own(home: Home, tmp_path: Path) -> Home:
    shutil.copytree(home.root, tmp_path / "home")
    return Home(tmp_path / "home")


def test_what_blocks_and_what_is_waived(book: AuditBook) -> None:
    assert book.refusal == ""
    assert sorted(book["standing"].rows()) == [("2024-2025", world.HELD, ["W-1"]), ("2024-2025", world.OPEN, [])]
    assert book["places"].filter(check=world.OPEN).rows() == [
        (world.OPEN, "2024-2025", world.PERIOD, world.COUNTY, 12, [])
    ]
    assert book["places"].filter(check=world.HELD)["waivers"].to_list() == [["W-1"]]
    assert book["waivers"]["state"].to_list() == ["valid"]


def test_a_waiver_that_has_run_out_holds_nothing(home: Home) -> None:
    later = collect(home, dt.date(2025, 10, 16))
    assert later["standing"].filter(check=world.HELD)["waivers"].to_list() == [[]]
    assert later["places"].filter(check=world.HELD)["waivers"].to_list() == [[]]
    assert later["waivers"]["state"].to_list() == ["expired"]


def test_a_waiver_of_a_semester_does_not_hold_the_year(own: Home) -> None:
    """A waiver of one semester and county holds neither the yearly fault of its check nor is it needed."""
    narrow = replace(world.WAIVER, waiver="W-2", check=world.OPEN, period="2024-2025-2", county=world.COUNTY)
    Ledger(own.ledger_path).append("waiver", asdict(narrow), at="2025-09-20")
    found = collect(own, world.AS_OF)
    assert found["places"].filter(check=world.OPEN)["waivers"].to_list() == [[]]
    assert found["waivers"].filter(waiver="W-2")["state"].to_list() == ["not_needed"]
    cells = coverage.matrix(AuditSite(found)).filter(feed="vision_check", period=world.PERIOD, county=world.COUNTY)
    assert cells["state"].to_list() == ["bad"]
    table = next(b for p in waivers.pages(AuditSite(found)) for b in p.blocks if isinstance(b, Table))
    assert {row[0].text: row[2].text for row in table.rows} == {"W-1": "30天内到期", "W-2": "不需要"}


def test_a_verdict_counts_checks_and_not_their_years(book: AuditBook) -> None:
    """A check that fails in both years is one check; one of no year judges every year."""
    site = AuditSite(book)
    names = {c.name: c.scope for checks in SUITES.values() for c in checks}
    judged = verdicts.judged(site, site.newest)
    assert judged["checks"].to_list() == [len(names)] * 2
    assert judged.select("year", "blocking").rows() == [("2023-2024", 0), ("2024-2025", 2)]
    of_no_year = next(n for n, scope in names.items() if scope == "common")
    worse = book["results"].with_columns(
        blocks=(pl.col("verdict") == site.newest) & pl.col("check").is_in([of_no_year, world.OPEN]),
        result=pl.when(pl.col("check").is_in([of_no_year, world.OPEN])).then(pl.lit("failed")).otherwise("result"),
    )
    other = AuditSite(AuditBook(book.as_of, book.data_version, tables={**book.tables, "results": worse}))
    assert verdicts.judged(other, site.newest)["blocking"].to_list() == [2, 2]
    assert verdicts.counts(other).filter(verdict=site.newest)["blocking"].to_list() == [2]


def test_new_checks_are_counted_once(book: AuditBook) -> None:
    site = AuditSite(book)
    first = book["verdicts"]["verdict"].min()
    less = book["results"].filter((pl.col("verdict") != first) | (pl.col("check") != world.OPEN))
    other = AuditSite(AuditBook(book.as_of, book.data_version, tables={**book.tables, "results": less}))
    page = next(p for p in verdicts.pages(other) if p.path == site.verdict_path(site.newest))
    said = [b.words.zh for b in page.blocks if isinstance(b, Note)]
    assert any("新增检查1项，不再有的检查0项" in words for words in said)


def _first_page(book: AuditBook, **tables: pl.DataFrame) -> tuple[str, list[str]]:
    page = next(overview.pages(AuditSite(AuditBook(book.as_of, book.data_version, tables={**book.tables, **tables}))))
    cells = [c.text for b in page.blocks if isinstance(b, Table) for row in b.rows for c in row]
    return " ".join(
        b.words.zh if isinstance(b, Note) else b.finding.zh for b in page.blocks if isinstance(b, Note | Picture)
    ), cells


def test_the_first_page_says_waived_and_released(book: AuditBook) -> None:
    said, cells = _first_page(book)
    assert "2024—2025学年不能发布：1项检查" in said
    assert "最近一次结论未通过：1项阻止发布，1项未通过但已豁免" in said
    assert "1县逾期" in cells and "1县未通过" in cells
    waived = book["standing"].filter(pl.col("waivers").list.len() > 0)
    results = book["results"].with_columns(
        blocks=pl.col("blocks") & (pl.col("check") != world.OPEN),
        result=pl.when(pl.col("check") == world.OPEN).then(pl.lit("passed")).otherwise("result"),
    )
    said, cells = _first_page(book, standing=waived, results=results)
    assert "没有什么阻止发布：1项检查没有通过，已豁免" in said and "最近一次结论：1项未通过，已豁免" in said
    assert cells.count("可以发布") == 2
    out = pl.DataFrame([{"year": "2024-2025", "release": "r1", "data_version": book.data_version}])
    _, cells = _first_page(book, standing=waived, results=results, releases=out)
    assert (cells.count("可以发布"), cells.count("已发布")) == (1, 1)


def test_what_no_register_places_is_no_county(book: AuditBook) -> None:
    nowhere = book["coverage"].filter(feed="fitness_test", period="2024-2025", county=world.COUNTY)
    more = pl.concat([book["coverage"], nowhere.with_columns(county=pl.lit(None, pl.String))])
    assert "1县逾期" in _first_page(book, coverage=more)[1]


def test_data_is_not_said_twice() -> None:
    assert words(Text("卧龙区 体检率：40.0%", "卧龙区 体检率: 40.0%")) == "卧龙区 体检率：40.0%"
    assert "<small" in words(Text("检查项", "Checks"))


def test_a_verdict_that_does_not_count_is_told(own: Home) -> None:
    table = own.marts / small_home.built(own) / "controlled" / "internal" / "meta.parquet"
    table.write_bytes(table.read_bytes() + b" ")
    stale = collect(own, world.AS_OF)
    assert "已过期" in stale.refusal
    home_page = next(overview.pages(AuditSite(stale)))
    cells = [c.text for b in home_page.blocks if isinstance(b, Table) for row in b.rows for c in row]
    assert "不能发布" in cells and "可以发布" not in cells


def test_verdicts_are_dated_by_the_entry_before(book: AuditBook) -> None:
    verdicts = book["verdicts"].sort("verdict")
    assert verdicts["overall"].to_list() == ["passed", "failed"]
    assert verdicts["at"].to_list() == ["2025-09-01", "2025-09-01"]
    assert verdicts["kept"].all()


def test_states_of_the_matrix(book: AuditBook) -> None:
    cells = coverage.matrix(AuditSite(book))
    state = {(f, p, c): s for f, p, c, s in cells.select("feed", "period", "county", "state").iter_rows()}
    assert state["vision_check", world.PERIOD, world.COUNTY] == "bad"
    assert state["vision_check", "2024-2025-2", world.COUNTY] == "ok"
    assert state["physical_exam", "2024-2025", "4113A1"] == "waived"
    assert state["fitness_test", "2024-2025", world.COUNTY] == "late"
    before = AuditBook(dt.date(2025, 8, 1), book.data_version, tables=book.tables)
    early = coverage.matrix(AuditSite(before)).filter(feed="fitness_test", period="2024-2025", county=world.COUNTY)
    assert early["state"].to_list() == ["part"]


def test_conservation_of_deliveries(home: Home, book: AuditBook) -> None:
    deliveries = book["deliveries"]
    assert deliveries.height == len(Ledger(home.ledger_path).events("received"))
    assert deliveries.filter(state="duplicate").height == 1
    sums = deliveries.select(pl.col("^rows_.*$").sum()).row(0, named=True)
    assert sums["rows_read"] == sums["rows_accepted"] + sums["rows_rejected"] + sums["rows_not_data"]
    assert book["rejected"].height == sums["rows_rejected"]
    assert set(book["rejected"]["county"].to_list()) == {world.COUNTY}


def test_nothing_filled_in_and_no_name_reaches_the_site(home: Home, book: AuditBook, tmp_path: Path) -> None:
    source = pl.read_parquet(home.marts / small_home.built(home) / "rejected_rows.parquet")
    assert source["reason_zh"].str.contains(world.QUOTED, literal=True).any()
    refresh(home, world.AS_OF)
    for path in home.audit.rglob("*.html"):
        text = path.read_text()
        assert world.QUOTED not in text, path
        assert world.PERSON not in text, path
    back = dict(book["deliveries"].filter(pl.col("feedback") != "").select("delivery_id", "feedback").iter_rows())
    assert back[world.delivery("vision_check", world.PERIOD)].endswith("视力筛查_退回.xlsx")
    folder = back[world.delivery("vision_check", "2024-2025-2")]
    assert folder == f"raw/feedback/{world.delivery('vision_check', '2024-2025-2')}"
    assert (home.root / folder).is_dir()


def test_profiles_show_no_token_no_end_and_nothing_of_few_rows(own: Home) -> None:
    found = profiles(own)
    columns = set(found.filter(feed="vision_check")["column"].to_list())
    assert {"va_right", "sex", "check_date"} <= columns
    assert not columns & {"pupil_xjh", "pupil_id", "pupil_no", "pupil_num"}
    base = pl.read_parquet(own.base / "vision_check" / f"{world.PERIOD}.parquet")
    acuity = found.filter(feed="vision_check", period=world.PERIOD, column="va_right").row(0, named=True)
    assert acuity["rows"] == base.height
    assert acuity["p50"] == base["va_right"].quantile(0.5, "lower")
    few = base.with_columns(va_right=pl.when(pl.int_range(pl.len()) < 9).then("va_right"))
    few.write_parquet(own.base / "vision_check" / f"{world.PERIOD}.parquet")
    nine = profiles(own).filter(feed="vision_check", period=world.PERIOD, column="va_right").row(0, named=True)
    assert (nine["p10"], nine["p50"], nine["distinct"]) == (None, None, None)


def test_profiles_cost_what_changed(own: Home) -> None:
    profiles(own)
    folder = own.audit_cache / "profiles"
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    changed = own.base / "vision_check" / f"{world.PERIOD}.parquet"
    pl.read_parquet(changed).head(20).write_parquet(changed)
    profiles(own)
    after = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert len(after) == len(before)
    assert len(after.items() & before.items()) == len(before) - 1


def test_differences_of_two_builds(own: Home) -> None:
    old = small_home.built(own)
    table = pl.read_parquet(own.marts / old / "indicator_values.parquet").sort("figure_id")
    shutil.copytree(own.marts / old, own.marts / "new")
    ids = table["figure_id"]
    changed = table.filter(pl.col("figure_id") != ids[0]).with_columns(
        numerator=pl.when(pl.col("figure_id") == ids[1]).then(pl.col("numerator") + 1).otherwise("numerator"),
        figure_id=pl.when(pl.col("figure_id") == ids[2]).then(pl.lit("new.one")).otherwise("figure_id"),
    )
    changed.write_parquet(own.marts / "new" / "indicator_values.parquet")
    found = builds(own, [old, "gone", "new", old])
    assert found.select(pl.col("added", "removed", "changed").sum()).row(0) == (1, 2, 1)
    assert found["before"].unique().to_list() == [old]
    assert builds(own, [old]).is_empty()


def test_a_release_tells_its_waivers_and_what_it_changed(own: Home) -> None:
    edition = {"manifest_sha256": "c" * 64, "key_id": "k"}
    body = {
        "year": "2024-2025", "release": "r2", "as_of": "2025-09-30", "data_version": small_home.built(own), "note": "更正",
        "verdict_sha256": "", "editions": {"internal": edition, "public": edition}, "public_key": "", "waivers": ["W-1"],
    }  # fmt: skip
    Ledger(own.ledger_path).append("release", body, at="2025-09-30")
    folder = own.site / "2024-2025" / "r2"
    folder.mkdir(parents=True)
    lines = [
        "变化,指标代码,时间",
        "数值变化,exam_coverage,2024-2025",
        "数值变化,exam_coverage,2024-2025",
        "新增,poor_vision,2024-2025-1",
    ]
    (folder / "changes.csv").write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    found = collect(own, world.AS_OF)
    assert found["uses"].rows() == [("W-1", "2024-2025", "r2")]
    assert found["changes"].select("kind", "indicator", "n").rows() == [
        ("数值变化", "exam_coverage", 2),
        ("新增", "poor_vision", 1),
    ]
    site = AuditSite(found)
    page = next(p for p in releases.pages(site) if p.path == "releases/2024-2025-r2.html")
    cells = [c.text for b in page.blocks if isinstance(b, Table) for row in b.rows for c in row]
    assert "李秀英" in cells and "exam_coverage" in cells


def test_outliers_leave_out_what_is_hidden_and_what_is_small() -> None:
    def row(entity: str, year: int, value: float | None, n: int, rule: str | None = None) -> dict[str, object]:
        period = f"{year}-{year + 1}"
        return {
            "figure_id": f"x.{period}.school.{entity}", "indicator": "x", "period": period, "level": "school", "entity": entity,
            "stage": "all", "subgroup": "all", "value": value, "denominator": n, "unit": "share", "value_text_rule": rule,
        }  # fmt: skip

    rows = [row(e, y, v, n, r) for e, vs, n, r in (
        ("moved", (0.2, 0.9), 60, None), ("small", (0.0, 1.0), 49, None), ("hidden", (0.2, None), 60, None),
        ("tail", (0.2, 1.0), 60, "ge95"), ("still", (0.5, 0.5), 60, None), ("less", (0.5, 0.4), 60, None),
    ) for y, v in zip((2023, 2024), vs, strict=True)]  # fmt: skip
    areas = pl.DataFrame(schema={"area": pl.String, "parent": pl.String})
    found = outliers(pl.DataFrame(rows, schema_overrides={"value": pl.Float64, "value_text_rule": pl.String}), areas)
    assert found["entity"].to_list() == ["moved", "less"]
    assert found["change"].round(3).to_list() == [0.7, -0.1]


def test_outliers_leave_out_a_city_of_one_county_and_few_pupils() -> None:
    areas = pl.DataFrame({"area": ["a1", "b1", "b2", "A", "B"], "parent": ["A", "B", "B", None, None]})
    rows = [
        {"figure_id": f"x.{y}.{e}", "indicator": "x", "period": f"{y}-{y + 1}", "level": "city" if e in "AB" else "county",
         "entity": e, "stage": "all", "subgroup": "all", "value": v, "denominator": n, "unit": "share", "value_text_rule": None}
        for e, n in (("a1", 100), ("b1", 100), ("b2", 99), ("A", 100), ("B", 199)) for y, v in ((2023, 0.2), (2024, 0.9))
    ]  # fmt: skip
    found = outliers(pl.DataFrame(rows, schema_overrides={"value_text_rule": pl.String}), areas)
    assert set(found["entity"].to_list()) == {"a1", "b1", "B"}


def test_the_site_is_made_once_and_again_when_something_changed(own: Home) -> None:
    settings = Settings(own, world.AS_OF)
    audit_step(settings)
    first = (own.audit / "index.html").stat()
    assert "审计" in (own.reports / "index.html").read_text()
    audit_step(settings)
    assert (own.audit / "index.html").stat().st_ino == first.st_ino
    page = own.audit / "profiles" / "vision_check.html"
    kept = page.stat().st_ino
    world.judge(own, {})
    audit_step(settings)
    assert (own.audit / "index.html").stat().st_ino != first.st_ino
    assert page.stat().st_ino == kept, "an unchanged page is linked, not written"
    day = (own.audit / "index.html").stat().st_ino
    audit_step(Settings(own, dt.date(2025, 10, 20)))
    assert (own.audit / "index.html").stat().st_ino != day, "the day decides what has run out"


def test_an_edited_page_is_named_and_made_again(own: Home) -> None:
    refresh(own, world.AS_OF)
    page, extra = own.audit / "index.html", own.audit / "more.html"
    content = page.read_bytes()
    assert site_faults(own) == []
    page.write_bytes(content.replace("不能发布".encode(), "可以发布".encode()))
    extra.write_bytes(b"x")
    assert site_faults(own) == ["reports/audit：多出文件 more.html", "reports/audit：文件被改动 index.html"]
    assert set(site_faults(own)) <= set(verify(own))
    head = Ledger(own.ledger_path).last(but="audit_site")
    refresh(own, world.AS_OF)
    assert page.read_bytes() == content and not extra.exists() and site_faults(own) == []
    assert Ledger(own.ledger_path).last(but="audit_site") == head
    listed = own.audit / "manifest.json"
    listed.write_bytes(listed.read_bytes() + b" ")
    assert site_faults(own) == ["reports/audit/manifest.json：与台账不符"]
    shutil.rmtree(own.audit)
    assert site_faults(own) == ["reports/audit：审计站点不存在，或缺少清单"]


def test_the_site_gives_a_ledger_away_that_was_cut_short(own: Home) -> None:
    """Entries at the end leave a whole chain behind; only what was made when they stood there still knows them."""
    ledger = Ledger(own.ledger_path)
    ledger.append("record_access", {"sql": "x", "reason": "核对", "approved_by": "李", "by": "王"}, at="2025-09-30")
    seq = ledger.append("record_access_ended", {"access": 1, "outcome": "done"}, at="2025-09-30").seq
    refresh(own, world.AS_OF)
    page = (own.audit / "index.html").stat().st_ino
    with sqlite3.connect(own.ledger_path) as db:
        db.execute("drop trigger events_no_delete")
        db.execute("delete from events where seq >= ?", [seq - 1])
    assert ledger.check() == []
    assert f"台账被截短：reports/audit 生成时已有第 {seq} 条，现在只有 {seq - 2} 条" in verify(own)
    with pytest.raises(ConfigError, match=r"junheng verify.*cut short"):
        refresh(own, world.AS_OF)
    assert (own.audit / "index.html").stat().st_ino == page, "what proves it stays"
    with pytest.raises(GateRefused, match="台账被截短"):
        publish(own, "2024-2025", "", world.AS_OF)


def test_no_rows_are_counted_on_the_page_of_a_hidden_figure(book: AuditBook) -> None:
    figure = (
        book["figures"].filter(pl.col("figure_id").is_in(book["sources"]["figure_id"].implode())).row(0, named=True)
    )
    own = book["sources"].filter(figure_id=figure["figure_id"])

    def cells(status: str) -> list[str]:
        one = pl.col("figure_id") == figure["figure_id"]
        changed = book["figures"].with_columns(status=pl.when(one).then(pl.lit(status)).otherwise("status"))
        site = AuditSite(AuditBook(book.as_of, book.data_version, tables={**book.tables, "figures": changed}))
        page = next(p for p in figures.pages(site) if p.path == site.figure_path(figure["figure_id"]))
        return [c.text for b in page.blocks if isinstance(b, Table) for row in b.rows for c in row] + [
            str(b.svg) for b in page.blocks if isinstance(b, Picture)
        ]

    rows = f"{own['accepted'][0]:,}"
    assert rows in cells("met") and "不予显示" not in cells("met")
    hidden = cells("suppressed")
    assert rows not in hidden and hidden.count("不予显示") == 2 * own.height
    assert f"收{rows}行" not in hidden[-1] and "行数不予显示" in hidden[-1]


def test_a_figure_of_a_later_build_is_not_called_released(own: Home) -> None:
    version = small_home.built(own)
    for other, released in ((version, ["2024-2025/r1"]), ("0" * 16, [""])):
        content = {"built": version, "released": {"2024-2025": {"release": "r1", "data_version": other}}}
        own.current.write_text(json.dumps(content))
        found = collect(own, world.AS_OF)["figures"].filter(pl.col("period").str.starts_with("2024-2025"))
        assert found["release"].unique().to_list() == released


def test_an_empty_home_has_a_site_too(tmp_path: Path) -> None:
    empty = Home(tmp_path).create()
    refresh(empty, world.AS_OF)
    assert "还没有检查结论，什么也不能发布" in (empty.audit / "index.html").read_text()


def test_trace_and_the_figures_page_name_the_same_checks(home: Home, book: AuditBook) -> None:
    at = standpoint(home)
    figure = find(home, at, f"exam_coverage.2024-2025.county.{world.COUNTY}.compulsory.all")
    checks, _, _ = checks_of(home, at, figure)
    judging = book["judging"].filter(feeds=figure.catalogue["feeds"], year="2024-2025")
    assert sorted(c["check"] for c in checks) == sorted(judging["check"].to_list())
    assert {"vision_check.va_right", "student_roster.rows"} & set(judging["check"].to_list())
    assert not any(c["check"].startswith("physical_exam.") for c in checks)
    page = next(p for p in figures.pages(AuditSite(book)) if p.path == AuditSite(book).figure_path(figure.figure_id))
    assert f"{len(checks)}项检查" in "".join(str(b) for b in page.blocks)


def test_a_figure_with_warnings_only_is_not_drawn_as_faulty(home: Home, book: AuditBook) -> None:
    figure = find(home, standpoint(home), f"exam_coverage.2024-2025.county.{world.COUNTY}.compulsory.all")
    site = AuditSite(book)
    failed = book["judging"].filter(pl.col("result") != "passed", feeds=figure.catalogue["feeds"], year="2024-2025")
    assert failed.height

    def drawn(severity: str) -> str:
        checks = {check: {**row, "severity": severity} for check, row in site.checks.items()}
        page = next(p for p in figures.pages(_with(site, checks)) if p.path == site.figure_path(figure.figure_id))
        return "".join(str(b) for b in page.blocks if "svg" in str(b))

    assert f"{failed.height}项没有通过" in drawn("error") and f"{failed.height}项警告" in drawn("warn")
    assert "项没有通过" not in drawn("warn")


def _with(site: AuditSite, checks: Any) -> AuditSite:
    changed = copy.copy(site)
    changed.checks = checks
    return changed
