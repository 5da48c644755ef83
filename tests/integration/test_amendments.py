"""Waivers and amendments in real releases: two school years are published, one check waived; then late data revises one semester."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from disclosure_world import primary_only
from small_home import build, built, judged, result, write_version

from expectations import verdict
from expectations.verdict import Place
from expectations.waivers import Waiver, waive
from orchestration.config import ConfigError, Home
from orchestration.disclosure import control as disclosure
from orchestration.release import GateRefused, amendment, history, publish, registers, verify

OLD, YEAR = "2023-2024", "2024-2025"
AUTUMN = f"{OLD}-1"
AS_OF = dt.date(2025, 9, 10)
CHECK = "vision_check.glasses"
WAN, GUAN, CITY = "411302", "4113A1", "411300"


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Reading the contracts for every verdict proves nothing here; the sources may be edited while the tests run."""
    patch = pytest.MonkeyPatch()
    patch.setattr(verdict, "contracts_version", lambda *_: "contracts")
    patch.setattr(sys.modules["orchestration.release.publish"], "code_version", dict)
    yield
    patch.undo()


def asked(**changed: Any) -> Waiver:
    fields = {"check": CHECK, "period": f"{YEAR}-1", "county": WAN, "reason": "镜片未登记", "by": "王科长"}
    return Waiver(**{"waiver": "", "approved_by": "李主任", "until": "2025-10-31", "as_of": "", **fields, **changed})


@dataclass(frozen=True)
class World:
    """The home after everything, and what the first releases were."""

    home: Home
    before: dict[str, bytes]


def _bytes(home: Home) -> dict[str, bytes]:
    files = [p for root in (home.site, home.public) for p in sorted(root.glob("2*/r1/**/*")) if p.is_file()]
    return {p.relative_to(home.root).as_posix(): p.read_bytes() for p in files}


def _late(marts: dict[str, pl.DataFrame]) -> None:
    """What late deliveries of one autumn do to figures: one cell of each kind in a county, and the city's whole moved."""
    cell = (pl.col("period") == AUTUMN) & (pl.col("stage") == "primary")

    def at(indicator: str, entity: str, subgroup: str = "all") -> pl.Expr:
        of = {"indicator": indicator, "entity": entity, "subgroup": subgroup}
        return pl.all_horizontal(cell, *(pl.col(name) == value for name, value in of.items()))

    frame = marts["indicator_values"]
    moved, hidden, shown = (
        at("poor_vision", CITY),
        at("poor_vision_mild", "2141000002"),
        at("poor_vision", "2141000003", "grade=1"),
    )
    frame = frame.with_columns(
        numerator=pl.when(moved).then(pl.col("numerator") - 7).otherwise(pl.col("numerator")),
        denominator=pl.when(hidden).then(9).when(shown).then(15).otherwise(pl.col("denominator")),
        status=pl.when(at("vision_two_checks", WAN)).then(pl.lit("not_met")).otherwise(pl.col("status")),
    ).with_columns(numerator=pl.min_horizontal("numerator", "denominator"))
    value = pl.col("numerator") / pl.col("denominator")
    frame = frame.with_columns(value=pl.when(moved | hidden | shown).then(value).otherwise(pl.col("value")))
    gone = at("poor_vision_severe", GUAN)
    fresh = frame.filter(at("vision_two_checks", "2141000001")).with_columns(
        entity=pl.lit("2141000009"), figure_id=pl.col("figure_id").str.replace("2141000001", "2141000009")
    )
    marts["indicator_values"] = pl.concat([frame.filter(~gone), fresh])
    cases, schools = marts["cases"], marts["schools"]
    shut = (pl.col("school") == "2141000001") & (pl.col("period") == OLD)
    of_county = cases.filter(shut).with_columns(
        case_id=pl.lit("WAN-1"), school=pl.lit(None, pl.String), figure_id=pl.lit(None, pl.String)
    )
    marts["cases"] = pl.concat(
        [cases.with_columns(state=pl.when(shut).then(pl.lit("closed")).otherwise("state")), of_county]
    )
    named = pl.when(shut).then(pl.lit("=更名小学")).otherwise("school_name")
    marts["schools"] = schools.with_columns(school_name=named)
    broken = (pl.col("entity") == WAN) & (pl.col("period") == OLD)
    promises = marts["commitments"]
    marts["commitments"] = promises.with_columns(
        status=pl.when(broken).then(pl.lit("not_met")).otherwise("status"), figure_id=pl.when(~broken).then("figure_id")
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two releases of figures that were changed one by one and so add up to nothing: complementary suppression is left out of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disclosure, "suppress", primary_only)
        patch.setattr(sys.modules["orchestration.release.publish"], "_protected", lambda *_: None)
        yield _world(tmp_path_factory)


def _world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = build(tmp_path_factory.mktemp("amended"), (OLD, YEAR))
    found = result(CHECK, YEAR, suite="vision", unexpected=25, places=(Place(f"{YEAR}-1", WAN, 25),))
    warned = result("vision_check.one_day", YEAR, severity="warn", zh="两次检查不在同一天", unexpected=3)
    fine = [result("vision_check.grade", year, "passed", unexpected=0) for year in (OLD, YEAR)]
    judged(home, (OLD, YEAR), [found, warned, *fine])
    waive(home, asked(), AS_OF)
    for year in (OLD, YEAR):
        publish(home, year, "", AS_OF)
    before = _bytes(home)
    marts = {p.stem: pl.read_parquet(p) for p in (home.marts / built(home)).glob("*.parquet")}
    _late(marts)
    write_version(home, marts)
    judged(home, (OLD, YEAR), [found, warned, *fine])
    publish(home, OLD, "一所学校补报秋季学期", AS_OF)
    return World(home, before)


def _manifest(folder: Path) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return tree


# the gate, with waivers


def _refusal(home: Home, year: str = YEAR, as_of: dt.date = AS_OF) -> str:
    with pytest.raises(GateRefused) as refusal:
        publish(home, year, "", as_of)
    return str(refusal.value)


@pytest.fixture
def failed(tmp_path: Path) -> Home:
    home = build(tmp_path / "failed")
    places = (Place(f"{YEAR}-1", WAN, 2), Place(f"{YEAR}-1", GUAN, 1))
    judged(home, [YEAR], [result(CHECK, YEAR, places=places), result("a.warned", YEAR, severity="warn")])
    return home


def nothing(controlled: Path, out: Path, **_: object) -> None:
    """A site without pages."""
    out.mkdir()


def test_refused_until_every_place_is_waived(failed: Home) -> None:
    assert CHECK in _refusal(failed) and "豁免未覆盖" not in _refusal(failed)
    waive(failed, asked(period=f"{YEAR}-2", county=""), AS_OF)
    assert f"豁免未覆盖 {YEAR}-1 {WAN}、{YEAR}-1 {GUAN}" in _refusal(failed)
    waive(failed, asked(), AS_OF)
    assert f"豁免未覆盖 {YEAR}-1 {GUAN}）" in _refusal(failed)
    waive(failed, asked(county=GUAN, until="2025-09-30"), AS_OF)
    assert "曾有豁免 W3，已于 2025-09-30 到期" in _refusal(failed, as_of=dt.date(2025, 10, 1))
    release = publish(failed, YEAR, "", AS_OF, generate=nothing)
    assert [w["waiver"] for w in _manifest(release.folder)["waivers"]] == ["W2", "W3"]
    assert history.events(failed)[-1]["waivers"] == ["W2", "W3"] and verify(failed) == []


@pytest.mark.parametrize("outcome", ["crashed", "not_run"])
def test_a_waiver_does_not_let_a_silent_check_pass(failed: Home, outcome: str) -> None:
    waive(failed, asked(period=YEAR, county=""), AS_OF)
    judged(failed, [YEAR], [result(CHECK, YEAR, outcome)])
    assert CHECK in _refusal(failed)


def test_a_waived_common_check_is_no_check_of_the_year(failed: Home) -> None:
    waive(failed, asked(check="areas.once", period="common", county=""), AS_OF)
    judged(failed, [YEAR], [result("areas.once", "common")])
    assert "没有任何检查结果" in _refusal(failed)


# footnotes


def test_manifests_and_pages_name_people_inside_only(world: World) -> None:
    inside, outside = (root / YEAR / "r1" for root in (world.home.site, world.home.public))
    assert [(w["waiver"], w["by"], w["approved_by"]) for w in _manifest(inside)["waivers"]] == [
        ("W1", "王科长", "李主任")
    ]
    assert _manifest(outside)["waivers"][0]["reason"] == "镜片未登记"
    whole = "".join(p.read_text(encoding="utf-8") for p in sorted(outside.rglob("*")) if p.suffix in (".html", ".json"))
    assert "镜片未登记" in whole and "王科长" not in whole and "李主任" not in whole
    notes = (inside / "release-notes.html").read_text(encoding="utf-8")
    assert all(words in notes for words in ("25处不符合", "王科长申请，李主任批准", "两次检查不在同一天", "2025-10-31"))
    # a small number of faults is not told outside
    assert "3处不符合" in notes and "3处不符合" not in (outside / "release-notes.html").read_text(encoding="utf-8")


def test_a_footnote_stands_on_every_page_it_touches_and_on_no_other(world: World) -> None:
    root = world.home.site / YEAR / "r1"
    texts = {p.relative_to(root).as_posix(): p.read_text(encoding="utf-8") for p in root.rglob("*.html")}
    noted = {path for path, text in texts.items() if 'id="waiver-1"' in text}
    of_other_feeds = {"domain/food.html", f"county/{WAN}/food.html"}
    of_other_feeds |= {f"indicator/{code}.html" for code in ("canteens_inspected", "exam_coverage", "fitness_coverage")}
    assert of_other_feeds <= set(texts)
    other = {path for path in texts if path.startswith(f"county/{GUAN}/")} | of_other_feeds
    words = ("accessibility", "compare", "coverage", "dictionary", "glossary", "limits", "method", "search")
    reference = {f"{name}.html" for name in words} | {path for path in texts if path.startswith("schools/")}
    assert noted == set(texts) - other - reference and other and f"county/{WAN}/school/2141000001.html" in noted
    # every ring leads to its footnote; a heading of an untouched county has none
    ringed = {path for path, text in texts.items() if 'href="#waiver-1"' in text}
    assert ringed <= noted and {"index.html", f"county/{WAN}/index.html", "indicator/poor_vision.html"} <= ringed
    row = re.search(r'<tr><th scope="row"><a [^>]*>官庄工区</a>(.*?)</th>', texts["indicator/poor_vision.html"])
    assert row and row[1] == ""


def test_a_year_without_waivers_has_no_footnotes(world: World) -> None:
    pages = (world.home.site / OLD / "r1").rglob("*.html")
    assert not any("waiver-" in p.read_text(encoding="utf-8") for p in pages)


# amendments


def test_every_kind_of_difference_and_nothing_else(world: World) -> None:
    raw = (world.home.site / OLD / "r2" / "changes.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert {(r["图号"], r["变化"]) for r in rows} == {
        (f"poor_vision.{AUTUMN}.city.{CITY}.primary.all", "数值变化"),
        (f"poor_vision_mild.{AUTUMN}.school.2141000002.primary.all", "改为隐去"),
        (f"poor_vision.{AUTUMN}.school.2141000003.primary.grade=1", "恢复显示"),
        (f"poor_vision_severe.{AUTUMN}.county.{GUAN}.primary.all", "删去"),
        (f"vision_two_checks.{AUTUMN}.school.2141000009.primary.all", "新增"),
        (f"vision_two_checks.{AUTUMN}.county.{WAN}.primary.all", "仅判定变化"),
    }
    assert len(rows) == 6
    by = {r["变化"]: r for r in rows}
    assert int(by["数值变化"]["原分子"]) - int(by["数值变化"]["现分子"]) == 7
    # what is hidden now is not looked up here, and what is shown now is
    assert {by["改为隐去"][c] for c in ("原值", "原分子", "原分母", "原判定", "现值", "现分子", "现分母")} == {""}
    assert by["恢复显示"]["现分母"] == "15" and by["恢复显示"]["原分母"] == ""
    assert (by["恢复显示"]["分组"], by["恢复显示"]["分组代码"]) == ("一年级", "grade=1")
    assert {r["分组"] for r in rows} == {"全体", "一年级"}


def test_a_revision_says_which_periods_and_leaves_the_rest_alone(world: World) -> None:
    home = world.home
    body = history.events(home)[-1]
    assert (body["release"], body["editions"]["internal"]["revised"]) == ("r2", [AUTUMN])
    assert _bytes(home) == world.before and verify(home) == []
    assert 'junhengReleases={"2023-2024": "r2", "2024-2025": "r1"}' in (home.site / "releases.js").read_text()
    first = (home.site / OLD / "r1" / "index.html").read_text(encoding="utf-8")
    assert 'data-release="r1" data-year="2023-2024"' in first
    listed = (home.site / "index.html").read_text(encoding="utf-8")
    assert listed.count("修订：") == 1 and "修订：2023秋" in listed
    notes = (home.site / OLD / "r2" / "release-notes.html").read_text(encoding="utf-8")
    assert "2023—2024学年秋季学期" in notes and "一所学校补报秋季学期" in notes and 'href="../r1/index.html"' in notes
    assert "春季学期" not in notes


def test_pages_of_differences_stand_in_both_editions(world: World) -> None:
    home = world.home
    inside = (home.site / OLD / "r2" / "changes" / f"{WAN}.html").read_text(encoding="utf-8")
    assert "第3学校" in inside and "不再列出" in inside and "恢复显示" in inside
    # outside, schools stand in the file only
    assert "第3学校" not in "".join(p.read_text() for p in (home.public / OLD / "r2" / "changes").glob("*.html"))
    assert not (home.site / OLD / "r1" / "changes.html").exists() and not (home.site / YEAR / "r2").exists()


def test_a_promise_that_is_judged_otherwise_is_listed_with_both_judgements(world: World) -> None:
    """Of areas, not of schools; nothing of a year that was not published again."""
    for root in (world.home.site, world.home.public):
        page = (root / OLD / "r2" / "changes.html").read_text(encoding="utf-8")
        listed = page[page.index('id="judged"') : page.index("</section>", page.index('id="judged"'))]
        assert listed.count('<tr><th scope="row">') == 1 and ">NY-069</a>" in listed
        assert '<td><span class="s met">达标</span></td><td><span class="s not">未达标</span></td></tr>' in listed
        kept = pl.read_parquet(root / OLD / "r2" / registers.COMMITMENTS)
        assert kept.rows() == [("NY-069", WAN, OLD, "not_met")]


def test_how_a_hidden_promise_stood_is_not_looked_up_in_the_differences(tmp_path: Path) -> None:
    key = {"entity": WAN, "period": YEAR}
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    before = {"A-1": "not_met", "A-2": "met", "A-3": "met", "A-4": "suppressed", "A-5": "met"}
    after = {"A-1": "suppressed", "A-2": "met", "A-3": "not_met", "A-4": "met", "A-6": "met"}
    for path, states in ((old, before), (new, after)):
        pl.DataFrame([{"commitment": c, **key, "status": s} for c, s in states.items()]).write_parquet(path)
    (rows,) = registers.differences({registers.COMMITMENTS: old}, {registers.COMMITMENTS: new}, old).values()
    found = [(r["commitment"], r["before"], r["now"]) for r in rows]
    assert found == [
        ("A-3", "met", "not_met"),
        ("A-5", "met", ""),
        ("A-4", "suppressed", "met"),
        ("A-6", "", "met"),
        ("A-1", "", "suppressed"),
    ]


def _section(root: Path, name: str) -> str:
    page = (root / OLD / "r2" / "changes.html").read_text(encoding="utf-8")
    start = page.find(f'<section id="{name}"')
    return page[start : page.index("</section>", start)] if start >= 0 else ""


def test_cases_and_schools_that_differ_are_told(world: World) -> None:
    """Cases of schools inside only, as everywhere; the file holds the whole list."""
    inside, outside = world.home.site, world.home.public
    for root, closed in ((inside, 1), (outside, 0)):
        cases = _section(root, "cases")
        assert cases.count("<td>销号</td>") == closed and cases.count("<td>新立</td>") == 1
        assert "<td>更名</td>" in _section(root, "schools") and "=更名小学</a>" in _section(root, "schools")
    rows = list(csv.DictReader(io.StringIO((inside / OLD / "r2" / "register-changes.csv").read_text("utf-8-sig"))))
    assert [(r["名单"], r["变化"], r["代码"]) for r in rows] == [
        ("学校", "更名", "2141000001"),
        ("问题台账", "销号", f"fitness_coverage.2141000001.{OLD}"),
        ("问题台账", "新立", "WAN-1"),
    ]
    assert rows[0]["现在"] == "'=更名小学" and (rows[1]["原来"], rows[1]["现在"]) == ("待整改", "已销号")
    assert "register-changes.csv" in _section(outside, "cases")


def test_every_way_a_case_or_school_may_differ(tmp_path: Path) -> None:
    figure = f"exam_coverage.{YEAR}.school.S.primary.all"

    def case(case_id: str, state: str, figure_id: str | None = None) -> dict[str, Any]:
        return {"case_id": case_id, "county": WAN, "school": "S", "indicator": "exam_coverage", "period": YEAR, "state": state, "figure_id": figure_id}  # fmt: skip

    def school(code: str, name: str, county: str = WAN, closed: str | None = None) -> dict[str, Any]:
        return {"school": code, "school_name": name, "county": county, "closed_on": closed, "merged_into": None}

    tables = {
        "old/cases": [case("A", "open"), case("B", "closed"), case("C", "open", figure), case("D", "open", figure), case("F", "open", f"{figure}x"), case("G", "open")],
        "new/cases": [case("A", "closed"), case("B", "reopened"), case("C", "rectifying", figure), case("E", "open"), case("G", "open")],
        "old/schools": [school("1", "甲"), school("2", "乙"), school("3", "丙"), school("4", "丁"), school("6", "己", closed="x")],
        "new/schools": [school("1", "甲", closed="y"), school("2", "乙二"), school("3", "丙", GUAN), school("5", "戊"), school("6", "己")],
    }  # fmt: skip
    for name, rows in tables.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pl.DataFrame(rows).write_parquet(tmp_path / f"{name}.parquet")
    key = dict(zip(amendment.KEY, figure.split("."), strict=True))
    pl.DataFrame([{**key, "status": "met"}]).write_parquet(tmp_path / "figures.parquet")
    sides = [
        {registers.CASES: tmp_path / side / "cases.parquet", registers.SCHOOLS: tmp_path / side / "schools.parquet"}
        for side in ("old", "new")
    ]
    found = registers.differences(sides[0], sides[1], tmp_path / "figures.parquet")
    # D is gone while its figure is shown; F's figure is hidden now, so that only its number is told
    assert {(r["change"], r["case_id"], r["cases"]) for r in found[registers.CASES]} == {
        ("closed", "A", 1), ("reopened", "B", 1), ("moved", "C", 1), ("withdrawn", "D", 1), ("opened", "E", 1), ("unlisted", "", 1),
    }  # fmt: skip
    assert [(r["change"], r["school"], r["before"], r["now"]) for r in found[registers.SCHOOLS]] == [
        ("added", "5", "", "戊"),
        ("closed", "1", "甲", "甲"),
        ("open_again", "6", "己", "己"),
        ("other_county", "3", "丙", "丙"),
        ("removed", "4", "丁", ""),
        ("renamed", "2", "乙", "乙二"),
    ]
    before_it_was_kept: dict[str, Path | None] = dict.fromkeys(sides[1])
    assert registers.differences(before_it_was_kept, sides[1], tmp_path / "figures.parquet") == {}


def test_figures_of_a_later_year_are_not_in_a_release(world: World) -> None:
    kept = pl.read_parquet(world.home.public / OLD / "r2" / amendment.FIGURES)
    assert kept["period"].str.slice(0, 9).unique().to_list() == [OLD] and "figure_id" not in kept.columns


def test_a_release_that_was_tampered_with_is_not_compared_with(tmp_path: Path) -> None:
    home = build(tmp_path)
    judged(home, [YEAR], [result(CHECK, YEAR, "passed")])
    first = publish(home, YEAR, "", AS_OF, generate=nothing)
    marts = {p.stem: pl.read_parquet(p) for p in (home.marts / built(home)).glob("*.parquet")}
    marts["targets"] = marts["targets"].with_columns(value=pl.lit(0.5))
    write_version(home, marts)
    judged(home, [YEAR], [result(CHECK, YEAR, "passed")])
    path = first.folder / amendment.FIGURES
    whole = path.read_bytes()
    path.write_bytes(whole + b" ")
    with pytest.raises(ConfigError, match="清单不符"):
        publish(home, YEAR, "更正", AS_OF, generate=nothing)
    path.write_bytes(whole)
    assert publish(home, YEAR, "更正", AS_OF, generate=nothing).release == "r2"


def test_the_biggest_change_comes_first_whatever_its_level(world: World, tmp_path: Path) -> None:
    """A county that moved by thirty points stands before its city that moved by one."""
    from reports.changes import Changes
    from reports.i18n import load_language
    from reports.site import Site
    from reports.tables import read_controlled

    new, old, out = tmp_path / "new.parquet", tmp_path / "old.parquet", tmp_path / "changes.parquet"
    controlled = world.home.marts / built(world.home) / "controlled" / "internal"
    amendment.keep(controlled, YEAR, new)
    by = pl.when(pl.col("level") == "county").then(0.3).when(pl.col("level") == "city").then(0.01).otherwise(0.0)
    moved = (pl.col("indicator") == "poor_vision") & (pl.col("subgroup") == "all")
    pl.read_parquet(new).with_columns(value=pl.when(moved).then(pl.col("value") + by).otherwise("value")).write_parquet(
        old
    )
    amendment.difference(old, new, out)
    words = load_language("zh-CN")
    book = read_controlled(controlled, words.gettext, YEAR)
    changes = Changes(Site(book, words, edition="internal", release={}, watermark=False), out)
    levels = [c.level for c in changes.biggest(50)]
    assert levels == sorted(levels, reverse=True, key=lambda level: level == "county")
    assert set(levels) == {"county", "city"}


def test_text_that_looks_like_a_formula_is_made_harmless(tmp_path: Path) -> None:
    from reports.changes import Changes
    from reports.i18n import load_language
    from reports.site import Site
    from reports.tables import read_controlled

    home = build(
        tmp_path, change_marts=lambda m: m.update(schools=m["schools"].with_columns(school_name=pl.lit("=1+1")))
    )
    judged(home, [YEAR], [])
    controlled = home.marts / built(home) / "controlled" / "internal"
    new, old, out = tmp_path / "new.parquet", tmp_path / "old.parquet", tmp_path / "changes.parquet"
    amendment.keep(controlled, YEAR, new)
    figures = pl.read_parquet(new)
    gone = figures.filter(pl.col("level") == "school").head(1).with_columns(entity=pl.lit("2141000099"))
    pl.concat([figures.filter(pl.col("level") != "school"), gone]).write_parquet(old)
    amendment.difference(old, new, out)
    words = load_language("zh-CN")
    book = read_controlled(controlled, words.gettext, YEAR)
    # a school that the register has no longer is still called by the name that the release before knew
    removed = {
        "change": "removed",
        "school": "2141000099",
        "county": WAN,
        "before": "+撤并小学",
        "now": "",
        "merged_into": "",
    }
    facts = {"schools_anew": [removed]}
    changes = Changes(Site(book, words, edition="internal", release=facts, watermark=False), out)
    changes.write(tmp_path / "changes.csv")
    names = {r["名称"] for r in csv.DictReader((tmp_path / "changes.csv").open(encoding="utf-8-sig"))}
    assert names == {"'=1+1", "'+撤并小学"}
    assert "2141000099" not in changes.counts("place")
