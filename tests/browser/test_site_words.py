"""What the pages say, judged on the page functions alone: sentences, counts and rules that a wrong word would make untrue."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import world

from reports import guide_words, messages, place_names
from reports import vocabulary as v
from reports.i18n import load_language
from reports.models import Page
from reports.pages import (
    balance_schools,
    cases,
    common,
    county_domain,
    funnels,
    indicator,
    pledges,
    reference,
    release_notes,
    search,
)
from reports.pages import county as county_pages
from reports.policy_words import GATE_OF
from reports.render import TEMPLATES, environment
from reports.short_names import SHORT_NAMES
from reports.site import Site
from reports.tables import read_controlled
from reports.vocabulary import CERTIFICATIONS

CATALOGUE = Path(__file__).parents[2] / "dbt_project" / "seeds" / "indicators_seed.csv"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = world.write(tmp_path_factory.mktemp("words"))
    chinese = load_language("zh-CN")
    return Site(read_controlled(folder, chinese.gettext), chinese, edition="internal", release=None, watermark=True)


def test_a_case_is_overdue_on_the_day_the_page_names(site) -> None:
    county = site.counties[0]
    still = next(c for c in cases.cases_of(site, county) if c.open)
    for due, late in (("2025-08-30", True), ("2025-08-31", False)):
        told = cases.line(site, replace(still, due_on=due, overdue=not late), "")
        assert (site.day, told.overdue) == ("2025-08-31", late)
    shut = replace(still, state="closed", due_on="2025-08-30", overdue=False)
    assert not cases.line(site, shut, "").overdue


def test_cases_of_a_closed_school_come_last_and_name_who_took_over(site, monkeypatch) -> None:
    county = site.counties[0]
    open_cases = [c for c in cases.cases_of(site, county) if c.open and c.school]
    gone = open_cases[0].school
    schools = site.by_county[county.code]
    heir = next(s for s in schools if s.code != gone)
    closed = replace(site.schools[gone], listed=False, closed_on="2023-11-15", merged_into=heir.code)
    monkeypatch.setitem(site.schools, gone, closed)
    plans = cases.plans(site, open_cases, "", [closed if s.code == gone else s for s in schools])
    assert len(plans) > 1 and [p.school for p in plans if p.closed_on] == [closed.name] == [plans[-1].school]
    assert plans[-1].successor is not None and plans[-1].successor.label == heir.name


def test_hidden_schools_are_not_counted_as_having_kept_it(site) -> None:
    assert county_pages.of_schools(site, Counter(suppressed=6)) == "6所中已隐去6所"
    assert county_pages.of_schools(site, Counter(not_met=28, suppressed=3, met=5)) == "36所中未达标28所、已隐去3所"
    assert county_pages.of_schools(site, Counter(met=5)) == "5所中未达标0所"
    some = site.book.indicators["exam_coverage"]
    said = county_pages._finding(site, [some], {some.code: Counter(not_met=2, suppressed=3, met=5)})
    assert said.startswith("可显示的学校中未达标最多的是") and said.endswith("7所中2所")
    assert county_pages._finding(site, [some], {some.code: Counter(suppressed=3)}) == "可显示的学校没有未达标或未报送的"


def test_the_states_of_the_commitments_add_up(site) -> None:
    for area in site.counties:
        _, said, *_ = county_pages._duties(site, area)[1]
        total, *parts = map(int, re.findall(r"\d+", said) or ["0"])
        assert total == sum(parts), said
    owed = [replace(c, status="under_review") for c in site.book.duties.owed[site.counties[0].code]]
    told = county_pages._owed(site, owed)
    assert told == f"{len(owed)}条：数据核查中{len(owed)}"


def test_a_county_is_not_compared_with_itself(site, monkeypatch) -> None:
    city, some = site.cities[0], site.book.indicators["poor_vision"]
    county, stage = site.counties[0], "primary"
    assert indicator.comparison(site, some, city, stage) is not None
    assert all(line.benchmark for line in common.lines(site, county.code, some, city.code))
    monkeypatch.setattr(site, "counties", [county])
    assert indicator.comparison(site, some, city, stage) is None
    assert not any(line.benchmark for line in common.lines(site, county.code, some, city.code))


def test_known_limits_leave_it_to_the_method_page_which_indicators_are_judged_by_interval() -> None:
    said = [words for words in guide_words.LIMITS if "置信区间判断" in words]
    assert len(said) == 1 and said[0] in (TEMPLATES / "home.html").read_text()
    assert not [s.name for s in world.SPECS if s.name.removesuffix("率") in said[0]]
    assert "方法与口径" in said[0] and "置信区间" in (TEMPLATES / "method.html").read_text()


def test_what_no_school_owes_is_not_counted_against_nought(site, tmp_path) -> None:
    table = site.book.coverage.filter(pl.col("feed") == "vision_check").with_columns(
        feed=pl.lit("case_event"), schools_expected=pl.lit(0, pl.Int64)
    )
    told = replace(site.book, coverage=table)
    rows = reference.coverage_rows(Site(told, site.language, edition="internal", release=None, watermark=True))
    macros = environment(site.language).get_template("macros.html").make_module({"site": site, "page": None})
    html = str(macros.received(rows))
    assert rows and html.count("不按校报送") == len(rows) and "/ 0" not in html


def test_groups_are_told_apart_by_the_test_that_comparisons_make(site) -> None:
    one = next(s.now for s in site.areas.of(site.counties[0].code)["poor_vision"] if s.now and s.now.lower is not None)

    def said(a: int, b: int, n: int) -> str:
        rows = [
            (
                name,
                replace(one, numerator=x, denominator=n, plotted=x / n, text=f"{x / n:.1%}", lower=x / n, upper=x / n),
            )
            for name, x in (("甲", a), ("乙", b))
        ]
        return indicator._extremes(site, rows)

    assert said(400, 460, 1000).startswith("各组差异不显著")  # 2.7 standard errors, the intervals given do not overlap
    assert said(400, 480, 1000) == "最低甲 40.0%，最高乙 48.0%"  # 3.6
    assert said(1, 8, 12).endswith("人数太少，不检验")


def test_a_funnel_says_what_it_tested(site) -> None:
    some = site.book.indicators["poor_vision"]
    one = next(s.now for s in site.areas.of(site.counties[0].code)["poor_vision"] if s.now and s.now.lower is not None)
    alike = [
        replace(one, entity=str(i), numerator=40 + i % 3, denominator=100, plotted=(40 + i % 3) / 100)
        for i in range(29)
    ]
    chart = funnels.funnel(site, some, alike, {})
    assert chart is not None and chart.finding.endswith("29所中没有学校超出99.8%界限") and "约有" not in chart.note
    odd = [*alike, replace(one, entity="x", numerator=90, denominator=100, plotted=0.9)]
    assert "其余在99.8%界限以内" in funnels.funnel(site, some, odd, {}).finding
    assert "只凭偶然波动约有1所" in funnels.funnel(site, some, alike * 10, {}).note


def test_chance_is_never_called_an_opportunity() -> None:
    words = {m if isinstance(m, str) else m[0] for m, _ in messages.sources()}
    assert not [w for w in words if "机遇" in w]


def test_one_failure_is_one_reason_to_visit(site) -> None:
    school = next(s for s in site.by_county[site.counties[0].code] if s.type == "342")  # not assessed by resources
    codes = (
        "canteens_inspected",
        "inspection_frequency_met",
        "films_two",
        "films_per_pupil",
        "inspection_closed_on_time",
    )
    one = next(s.now for s in site.areas.of(site.counties[0].code)["canteens_inspected"] if s.now)
    figures = {
        c: replace(
            one, indicator=c, status="not_met", plotted=0.0, target=1.0, text="0.0%", counts="0 / 3", target_text="100%"
        )
        for c in codes
    }
    figures["films_two"] = replace(figures["films_two"], status="not_reported", plotted=None, counts=None)
    (visit,) = county_pages.visits(site, [school], {school.code: figures})
    assert (visit.not_met, visit.not_reported, len(visit.reasons)) == (3, 0, 3)
    assert sum(
        r.startswith(tuple(site.t(site.book.indicators[c].short) for c in codes[:2])) for r in visit.reasons
    ) == 1 and all("0 / 3" in r for r in visit.reasons)
    assert v.ONE_DUTY.keys() <= set(pl.read_csv(CATALOGUE, infer_schema=False)["code"])


def test_an_item_of_a_gate_is_named(site) -> None:
    rows = common.gate_rows(site, site.cities[0], "")
    said = [words for _, cells in rows for _, _, words in cells if words]
    lacking = {
        i for gates in site.book.duties.verdict.values() for g in gates.values() for i in g.lacking if i in GATE_OF
    }
    assert lacking and all(any(f"{i} {site.t(SHORT_NAMES[i])}" in words for words in said) for i in lacking)
    assert GATE_OF.keys() <= SHORT_NAMES.keys()


def test_a_share_of_counties_is_said_in_counties(site) -> None:
    some = next(c for rows in site.book.duties.commitments.values() for c in rows)
    facts = {"indicator": "certified_state", "entity_level": "city", "unit": "share", "operator": "=", "figure_id": None,
             "threshold_source": "implied", "numerator": 1.0, "denominator": 13.0, "value": 1 / 13, "evidence": None,
             "route": "computed", "compared": "level"}  # fmt: skip
    told = pledges.Pledges(site)._target(replace(some, **facts, target=0.230769))
    assert told == "13个区县中3个"


def test_a_hidden_stage_says_so_once(site) -> None:
    tile = next(
        t
        for c in site.counties
        for i in site.indicators
        if (t := common.tile(site, c.code, i)) and t.stages and t.line.figure.plotted
    )
    veiled = replace(tile.stages[0].figure, status="suppressed", rule=None, text="已隐去")
    hidden = replace(tile, stages=[replace(tile.stages[0], figure=veiled, status=site.status("suppressed"))])
    env = environment(site.language)
    env.globals |= {"site": site, "ring": lambda *_: ""}
    page = Page(title="", path="county/x/index.html", crumbs=(), section="")
    macros = env.get_template("macros.html").make_module({"page": page})
    assert str(macros.tile(hidden)).count("已隐去") == 1


def test_one_county_is_certified_or_not(site, monkeypatch) -> None:
    monkeypatch.setattr(v, "CERTIFICATIONS", ("exam_coverage",))
    county, some = site.counties[0], site.book.indicators["exam_coverage"]
    series = site.areas.of(county.code)["exam_coverage"][0]
    for plotted, word in ((0.0, "尚未通过"), (1.0, "通过")):
        now = replace(
            series.now, status="no_target", denominator=1, numerator=plotted, plotted=plotted, text="0.0%", rule=None
        )
        monkeypatch.setattr(series, "now", now)
        line = common.lines(site, county.code, some)[0]
        assert (line.figure.text, line.figure.counts, line.trend, str(line.spark)) == (word, None, "", "")
    monkeypatch.setattr(series, "now", replace(series.now, denominator=13))
    assert common.lines(site, county.code, some)[0].figure.text == "0.0%"
    assert set(CERTIFICATIONS) <= set(pl.read_csv(CATALOGUE, infer_schema=False)["code"])


def test_counties_that_answer_yes_or_no_are_drawn_as_words(site, monkeypatch) -> None:
    """Neither bars from 0 to 100 % nor a city without a figure of its own in the way."""
    monkeypatch.setattr(v, "CERTIFICATIONS", ("exam_coverage",))
    some, city = site.book.indicators["exam_coverage"], site.cities[0]
    for n, county in enumerate(site.counties):
        series = site.areas.of(county.code)["exam_coverage"][0]
        now = replace(series.now, status="no_target", target=None, denominator=1, plotted=float(n == 0), rule=None)
        monkeypatch.setattr(series, "now", now)
    chart = indicator.comparison(site, some, city, "compulsory")
    assert chart is not None
    assert chart.finding == "3个区县：尚未通过2（南召县、邓州市），通过1（宛城区）"
    assert str(chart.svg).count("尚未通过") == 2 + 1 and "%" not in chart.svg
    monkeypatch.setitem(site.areas._series, city.code, {})
    assert indicator._charts(site, some, city, funnels.across(site))[0].finding == chart.finding


def test_names_of_areas_are_spelled_once_for_the_reader(site) -> None:
    english = load_language("en").gettext
    for name, told in (
        ("陕西省", "Shaanxi Province"), ("山西省", "Shanxi Province"), ("浦东新区", "Pudong New Area"),
        ("宛城区", "Wancheng District"), ("西安市", "Xi'an City"), ("新县", "Xin County"), ("管城回族区", "Guancheng Hui District"),
        ("恭城瑶族自治县", "Gongcheng Yao Autonomous County"), ("隆林各族自治县", "Longlin Multinational Autonomous County"),
        ("南阳市城乡一体化示范区", "Nanyang Urban–Rural Integration Zone"), ("Oakland", "Oakland"), ("市", "Shi"),
    ):  # fmt: skip
        assert place_names.spelled(name, english) == told
    foreign = Site(site.book, load_language("en"), edition="internal", release=None, watermark=True)
    county = foreign.counties[0]
    assert (county.name, county.title, foreign.own_name(county.code)) == (
        "Wancheng District",
        "Wancheng District 宛城区",
        "宛城区",
    )
    assert site.counties[0].title == "宛城区" and foreign.region == "Nanyang City"
    # schools keep their names: they stand under the same letters and in the same index in every language
    assert search.index(foreign) == search.index(site)
    assert [p.page.path for p in search.letter_pages(foreign)] == [p.page.path for p in search.letter_pages(site)]


def test_english_units_stand_apart_from_their_numbers(site, monkeypatch) -> None:
    monkeypatch.setattr(site, "language", load_language("en"))
    monkeypatch.setattr(site, "t", site.language.gettext)
    assert balance_schools.amount(site, "L1", 1) == "1 teacher"
    assert balance_schools.amount(site, "L1", 21) == "21 teachers"
    assert [site.unit("名教师", told) for told in ("0 / 1", "1 / 11")] == ["teacher", "teachers"]
    assert site.t("名教师") == "teachers"  # in a heading, without a number
    assert balance_schools.amount(site, "L4", 12.5) == "12.50 m²"
    one = next(c for c in cases.cases_of(site, site.counties[0]))
    told = cases.line(site, replace(one, indicator="films_per_pupil", gap="-0.14", gap_stated=None), "")
    assert re.fullmatch(r"0\.14 \w.*", told.gap) and "  " not in told.gap
    line = next(
        x for x in common.lines(site, site.counties[0].code, site.book.indicators["exam_coverage"]) if x.figure.gap
    )
    macros = environment(site.language).get_template("macros.html").make_module({"site": site, "page": None})
    assert re.search(r"\d percentage points", str(macros.gap(line)))
    pledge = next(c for rows in site.book.duties.commitments.values() for c in rows)
    facts = {
        "unit": "schools",
        "route": "reported",
        "target": 3.0,
        "operator": ">=",
        "denominator": None,
        "compared": "level",
    }
    assert pledges.Pledges(site)._target(replace(pledge, **facts)) == "≥3 schools"


def test_a_warning_says_where_inside_and_nowhere_outside(site, monkeypatch) -> None:
    first, second = site.counties[:2]
    told = {"check": "c", "zh": "检查", "en": "check", "unexpected": 7, "places": {first.code: 2, second.code: 5}}
    monkeypatch.setattr(site, "release", {"warnings": [told]})
    (line,) = release_notes.notes(site, None).warnings
    assert [(p.label, p.href, n) for p, n in line.places] == [
        (second.name, site.county_path(second.code), 5),
        (first.name, site.county_path(first.code), 2),
    ]
    monkeypatch.setattr(site, "edition", "public")
    outside = release_notes.notes(site, None).warnings[0]
    assert (
        not outside.places and not outside.listed and line.listed == f"checks/{told['check'].replace('.', '__')}.html"
    )


def test_the_schools_of_a_domain_come_before_the_county_as_a_whole(site, monkeypatch) -> None:
    monkeypatch.setitem(
        site.book.indicators, "poor_vision_mild", replace(site.book.indicators["poor_vision_mild"], detail=True)
    )
    county = site.counties[0]
    domain = next(d for d in site.domains if d.slug == "vision")
    cells = county_domain.school_cells(site, site.book.worded(site.book.no_values()))
    (page,) = county_domain.build(site, county, domain, site.by_county[county.code], {}, cells)
    assert {x.indicator.code for x in page.details} == {"poor_vision_mild"}
    text = (TEMPLATES / "county_domain.html").read_text()
    order = [text.index(part) for part in ("model.charts", 'id="schools"', 'id="lines"', "model.details|map")]
    assert order == sorted(order)
