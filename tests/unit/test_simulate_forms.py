"""The yearly deliveries of the simulator: counties by design, consistent forms, documents, figures, cases and certification."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

from orchestration.simulate import simulate
from orchestration.simulate.dirt_forms import FEEDS
from orchestration.simulate.norms import split
from orchestration.simulate.places import REGIONS
from orchestration.simulate.promise_list import PROMISES
from orchestration.simulate.schools import choose_counties
from orchestration.simulate.staffing import concentrate
from orchestration.simulate.truth_forms import variation

Line = dict[str, str]
Figures = dict[tuple[str, ...], tuple[int, int]]
PASSES, SHORT, ROUNDING = "411323", "411322", "411303"
LINES = {
    "L1": ("4.2", "5.3", 100), "L2": ("1", "1", 100), "L3": ("0.9", "0.9", 100), "L4": ("4.5", "5.8", Fraction(1, 100)),
    "L5": ("7.5", "10.2", Fraction(1, 100)), "L6": ("2000", "2500", 1), "L7": ("2.3", "2.4", Fraction(1, 100)),
}  # fmt: skip
ITEMS = {
    "G3": "1", "G4": "1", "G5": "1", "G6": "1", "G7": "6000", "G8": "1", "G9": "1", "G11": "0.1", "G11_backbone": "0.2", "G12": "1", "G14": "0.5",
    "G14_rural": "0.000001", "G15": "0.85", "Q1": "0.95", "Q2": "0.95", "Q4": "0.05",
}  # fmt: skip
DOCUMENTS = {"G1", "G2", "G10", "G15", "Q3", "Q5", "Q6", "Q7", "Q8", "V1", "V2", "V3", "V4", "V5", "V6", "P1", "P2"}


def read(root: Path, feed: str) -> list[Line]:
    """Rows of all files of a feed, each with the folder it came in."""
    rows = []
    for path in sorted((root / "inbox" / feed).rglob("*.csv")):
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("gb18030")
        rows += [
            {**line, "_sender": path.parts[-3], "_period": path.parts[-2]} for line in csv.DictReader(text.splitlines())
        ]
    return rows


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean region of four documents, three counties of Nanyang among them."""
    out = tmp_path_factory.mktemp("forms")
    simulate(
        out, pupils=9000, years=2, mess=0, fmt="csv", counties=3, seed=2, regions=("nanyang", "guigang", "qinghai", "pingluo")
    )  # fmt: skip
    return out


@pytest.fixture(scope="module")
def figures(world: Path) -> Figures:
    with (world / "truth" / "figures.csv").open(newline="") as handle:
        rows = list(csv.reader(handle))[1:]
    return {tuple(row[:5]): (int(row[6] or -1), int(row[7])) for row in rows if row[5] == "all"}


def failures(figures: Figures, schools: dict[str, str], county: str, period: str) -> set[str]:
    """Items of the 31 that a county fails by its figures."""
    failed = set()
    for (indicator, when, level, entity, stage), (num, den) in figures.items():
        if when != period or county not in (entity, schools.get(entity)):
            continue
        value = Fraction(num, den)
        if indicator in LINES and level == "school":
            primary, junior, unit = LINES[indicator]
            if value * unit < Fraction(primary if stage == "primary" else junior):
                failed.add(indicator)
        elif indicator.endswith("_CV") and value > Fraction("0.5" if stage == "primary" else "0.45"):
            failed.add(f"{indicator}_{stage}")
        elif value < Fraction(ITEMS.get(indicator, "-1")):
            failed.add(indicator)
        elif indicator == "G13":
            failed |= {indicator} if value < Fraction("1" if stage == "primary" else "0.95") else set()
    return failed


def test_the_three_counties_fail_as_designed(world: Path, figures: Figures) -> None:
    schools = {line["学校标识码"]: line["区县代码"] for line in read(world, "school_register")}
    for period in ("2023-2024", "2024-2025"):
        assert failures(figures, schools, PASSES, period) == set()
        assert failures(figures, schools, SHORT, period) == {"G8"}
        assert failures(figures, schools, ROUNDING, period) == {"L2_CV_primary"}
        num, den = figures["L2_CV", period, "county", ROUNDING, "primary"]
        assert Fraction(num, den) > Fraction(1, 2)
        assert f"{num / den:.2f}" == "0.50"


def test_ordinary_counties_miss_something(world: Path, figures: Figures) -> None:
    schools = {line["学校标识码"]: line["区县代码"] for line in read(world, "school_register")}
    missed = [failures(figures, schools, county, "2024-2025") for county in ("450803", "632322", "640221")]
    assert all(missed)
    shares = [num / den for (i, *_), (num, den) in figures.items() if i == "G3"]
    assert sum(shares) / len(shares) > 0.8


def test_forms_contradict_neither_themselves_nor_the_class_rosters(world: Path) -> None:
    rosters: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    codes = ["11", "12", "13", "14", "15", "16", "21", "22", "23", "31", "32", "33"]
    for line in read(world, "class_roster"):
        if line["学期"].endswith("-1"):
            rosters[line["学校标识码"], line["学年"]][codes.index(line["年级编号"]) + 1].append(int(line["学生数"]))
    seen = 0
    blanks = zeros = 0
    for line in read(world, "school_form"):
        sizes = rosters.get((line["学校标识码"], line["学年"]))
        for stage, grades, cap in (("小学", range(1, 7), "超45人班数"), ("初中", range(7, 10), "超50人班数")):
            pupils, classes, largest = (int(line[f"{stage}{name}"] or 0) for name in ("在校生数", "班数", "最大班额"))
            assert pupils <= classes * largest
            assert int(line[f"{stage}{cap}"] or 0) <= classes
            assert int(line[f"{stage}划片入学人数"] or 0) <= int(line[f"{stage}起始年级人数"] or 0) <= pupils
            blanks, zeros = blanks + (line[f"{stage}班数"] == ""), zeros + (line[f"{stage}班数"] == "0")
            if sizes:
                mine = [size for grade in grades for size in sizes[grade]]
                assert (pupils, classes, largest) == (sum(mine), len(mine), max(mine, default=0))
                seen += 1
        assert int(line["持证专任教师数"]) <= int(line["专任教师数"])
        assert int(line["完成360学时教师数"]) <= int(line["应完成360学时教师数"])
        assert int(line["66人及以上班数"]) <= int(line["56人及以上班数"])
    assert seen > 100
    assert blanks
    assert zeros


def test_documents_answer_every_item_and_most_promises(world: Path) -> None:
    rows = read(world, "commitment_evidence")
    found = {line["指标代码"] for line in rows if line["区县代码"] == PASSES and line["认定结果"] == "已落实"}
    assert found - {""} == DOCUMENTS
    keys = Counter(
        tuple(line[name] for name in ("_period", "承诺编号", "指标代码", "区县代码", "学校标识码", "文号", "材料名称"))
        for line in rows
    )
    assert max(keys.values()) == 1
    for line in rows:
        assert len(line["材料SHA256"]) == 64
        year = int(line["_period"][:4])
        assert dt.date(year, 9, 1) <= dt.date.fromisoformat(line["发文日期"]) < dt.date(year + 1, 9, 1)
    answered = {line["承诺编号"] for line in rows + read(world, "reported_measure")} - {""}
    known = {promise.number for promises in PROMISES.values() for promise in promises}
    assert answered <= known
    assert len(answered) > 350
    assert {line["_sender"] for line in rows} >= {"411300", "410000", "450800", "630000", PASSES}


def test_reported_figures_are_shares_or_values_and_the_survey_is_large_enough(world: Path) -> None:
    rows = read(world, "reported_measure")
    keys = Counter(
        tuple(line[n] for n in ("_period", "区县代码", "指标代码", "承诺编号", "学段", "分组")) for line in rows
    )
    assert max(keys.values()) == 1
    for line in rows:
        assert bool(line["分子"] and line["分母"]) != bool(line["数值"])
        assert not line["分母"] or float(line["分母"]) > 0
    survey = [
        line for line in rows if line["指标代码"] == "SR" and line["区县代码"] == PASSES and line["学年"] == "2024-2025"
    ]
    answers = {line["分组"]: int(line["分母"]) for line in survey}
    assert sum(answers.values()) >= 600
    assert 2 * answers["家长"] >= sum(answers.values())
    assert sum(int(line["分子"]) for line in survey) >= 0.85 * sum(answers.values())
    levels = [line for line in rows if line["指标代码"] == "Q9" and line["单位"] == "级"]
    assert levels
    small = [
        (line["区县代码"], line["_period"])
        for line in rows
        if line["指标代码"] == "SR" and line["分组"] == "家长" and int(line["分母"]) < 300
    ]
    assert all(county not in (PASSES, SHORT, ROUNDING) for county, _ in small)


def test_cases_open_before_they_close_and_name_what_is_missing(world: Path) -> None:
    events: dict[str, list[Line]] = defaultdict(list)
    for line in read(world, "case_event"):
        events[line["台账号"]].append(line)
        year = int(line["_period"][:4])
        assert dt.date(year, 9, 1) <= dt.date.fromisoformat(line["事件日期"]) < dt.date(year + 1, 9, 1)
    seen: Counter[str] = Counter()
    for number, lines in events.items():
        ordered = sorted(lines, key=lambda line: line["事件日期"])
        kinds = [line["事件"] for line in ordered]
        seen.update(kinds)
        if number.startswith("TZ"):
            assert kinds[:2] == ["立账", "措施"]
            assert ordered[0]["指标代码"]
            assert ordered[0]["区县代码"]
        else:
            assert all(line["文号"] for line in lines)
        if "复核" in kinds:
            close = next(line for line in ordered if line["事件"] == "销号")
            assert close["销号依据"]
            assert close["复核日期"]
    assert {"立账", "措施", "销号", "复核", "表扬", "通报"} <= set(seen)
    items = {line["指标代码"] for lines in events.values() for line in lines if line["区县代码"] == SHORT}
    assert "G8" in items


def test_certification_follows_the_timetable(world: Path) -> None:
    rows = [line for line in read(world, "county_certification") if line["区县代码"] == PASSES]
    way = [(line["级别"], line["结果"]) for line in sorted(rows, key=lambda line: line["日期"])]
    assert way == [
        ("县自评", "通过"), ("市复核", "通过"), ("省级评估", "已申报"), ("省级评估", "通过"), ("国家认定", "已申报"), ("国家认定", "通过"),
    ]  # fmt: skip
    assert max(line["日期"] for line in rows) < "2025-12-31"
    short = [line for line in read(world, "county_certification") if line["区县代码"] == SHORT]
    assert {(line["级别"], line["结果"]) for line in short} == {("县自评", "未通过")}


def test_each_yearly_feed_suffers_and_is_repaired_where_it_must(tmp_path: Path) -> None:
    simulate(
        tmp_path,
        pupils=2500,
        years=2,
        seed=3,
        mess=0.2,
        fmt="csv",
        counties=3,
        by_county=True,
        regions=("nanyang", "pingluo"),
    )
    with (tmp_path / "truth" / "rejects.csv").open(newline="") as handle:
        spoilt = [row for row in csv.DictReader(handle) if row["path"].split("/")[0] in FEEDS]
    assert {row["path"].split("/")[0] for row in spoilt} >= set(FEEDS) - {"county_form", "county_certification"}
    inbox = tmp_path / "inbox"
    for row in spoilt:
        path = Path(row["path"])
        if path.parts[1] in (PASSES, SHORT, ROUNDING):
            stem = path.name.split(".")[0]
            assert list((inbox / path.parent).glob(f"{stem}_重报.*")), row


def test_shared_stock_is_split_by_weighted_pupils() -> None:
    assert split(23_226, (166, 210, 0)) == (9_711, 13_515, 0)
    assert split(100, (0, 40, 30)) == (0, 52, 48)
    assert split(77, (50, 0, 0)) == (77, 0, 0)


def test_variation_is_weighted_by_pupils() -> None:
    deviation, mean = variation([279, 137, 935, 160, 402], [45, 37, 89, 76, 55], 1, 1)
    assert round(deviation / mean, 4) == 0.5153
    assert round(mean / 10**9, 4) == 6.3344


@pytest.mark.parametrize("pupils", [[120, 640, 310, 205], [88, 95, 102, 410], [55 * n for n in range(3, 30)]])
def test_concentration_prints_as_a_half_but_is_more(pupils: list[int]) -> None:
    rows = [{"pp": count, "pj": 0, "point": 0, "qual_p": -(-count * 46 // 1000), "back_p": 0} for count in pupils]
    concentrate(rows)
    deviation, mean = variation([row["back_p"] for row in rows], pupils, 1, 100)
    assert deviation * 2 > mean
    assert f"{deviation / mean:.2f}" == "0.50"
    assert all(row["back_p"] * 100 >= row["pp"] for row in rows)


def test_further_regions_are_one_small_county_each() -> None:
    areas = choose_counties(("nanyang", "guigang", "qinghai", "pingluo"), 40_000, 3)
    assert [area.code for _, area in areas] == ["411322", "411303", "411323", "450803", "632322", "640221"]
    assert all(area.weight < 0.15 for _, area in areas[3:])
    assert len(choose_counties(("nanyang",), 10**7, None)) == len(REGIONS["nanyang"][1])
