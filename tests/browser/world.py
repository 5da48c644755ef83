"""Invented controlled tables: three counties, 75 schools, three years, every state a figure can be in.

The figures come from arithmetic on the position of a school, a period and an indicator, so that two builds of the
world are equal and every state (met, missed, not reported, hidden, tails) is certain to occur.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import world_duties

CITY = ("411300", "南阳市")
COUNTIES = (("411302", "宛城区"), ("411321", "南召县"), ("411381", "邓州市"))
YEARS = ("2022-2023", "2023-2024", "2024-2025")
HOSTILE = '<script>alert(1)</script>"&\u202e小学'


@dataclass(frozen=True)
class Spec:
    """A catalogue entry of the world."""

    code: str
    name: str
    domain: str
    unit: str
    period: str
    judgement: str
    better: str
    counted: str
    numerator: str
    denominator: str
    target: float | None
    operator: str
    centre: float
    source: str = "教育部等部门文件"
    parameters: str = ""


def _s(*args: Any, **kwargs: Any) -> Spec:
    return Spec(*args, **kwargs)


SPECS = (
    _s("vision_two_checks", "每学期两次视力监测完成率", "vision", "share", "semester", "exact", "higher", "pupil",
       "全学期在校、本学期有两次及以上不同日期视力监测的学生数", "全学期在校学生数", 1.0, ">=", 0.93,
       source="教体艺〔2021〕1号 三（五）：每学期开展2次视力监测"),
    _s("poor_vision", "视力不良率", "vision", "share", "semester", "interval", "lower", "pupil",
       "末次监测差眼裸眼视力低于5.0的学生数", "有有效末次监测的学生数", 0.38, "<", 0.42,
       source="综合防控儿童青少年近视实施方案"),
    _s("poor_vision_mild", "轻度视力不良率", "vision", "share", "semester", "interval", "lower", "pupil",
       "差眼裸眼视力等于4.9的学生数", "有有效末次监测的学生数", None, "<", 0.12),
    _s("poor_vision_moderate", "中度视力不良率", "vision", "share", "semester", "interval", "lower", "pupil",
       "差眼裸眼视力4.6至4.8的学生数", "有有效末次监测的学生数", None, "<", 0.17),
    _s("poor_vision_severe", "重度视力不良率", "vision", "share", "semester", "interval", "lower", "pupil",
       "差眼裸眼视力4.5及以下的学生数", "有有效末次监测的学生数", None, "<", 0.13),
    _s("screening_myopia", "筛查性近视率", "vision", "share", "semester", "interval", "lower", "pupil",
       "任一眼裸眼视力低于5.0且等效球镜低于−0.50D，或戴角膜塑形镜的学生数", "有视力和屈光结果的学生数", 0.38, "<", 0.37,
       parameters="等效球镜界值 SE < −0.50 D（2019年指南）"),
    _s("exam_coverage", "健康体检完成率", "health", "share", "year", "exact", "higher", "pupil",
       "本学年至少体检一次的学生数", "在校学生数", 1.0, ">=", 0.96, source="中小学生健康体检管理办法（2021年版）"),
    _s("health_file", "健康档案建档率", "health", "share", "year", "exact", "higher", "pupil",
       "有体检和视力记录的学生数", "在校学生数", 1.0, ">=", 0.95),
    _s("fitness_coverage", "体质健康测试参测率", "fitness", "share", "year", "exact", "higher", "pupil",
       "至少测过一个项目的学生数", "非免试的在校学生数", 0.95, ">=", 0.955, source="国家学生体质健康标准（2014年修订）"),
    _s("films_per_pupil", "学生人均观影部数", "films", "films", "semester", "exact", "higher", "pupil",
       "各班各部推荐影片观影人次之和", "各班学生数之和", 2.0, ">=", 2.1, source="教基〔2018〕24号 二（一）"),
    _s("films_two", "每学期看满两部影片的学生比例", "films", "share", "semester", "exact", "higher", "pupil",
       "各班第二多观影人数之和", "各班学生数之和", 1.0, ">=", 0.9, source="教基〔2018〕24号 二（一）"),
    _s("canteens_inspected", "食堂年度检查覆盖率", "food", "share", "year", "exact", "higher", "canteen",
       "本学年接受过监督检查的食堂数", "学校食堂数", 1.0, ">=", 0.9, source="学校食品安全与营养健康管理规定"),
    _s("inspection_frequency_met", "检查频次达到风险等级要求的食堂比例", "food", "share", "year", "exact", "higher",
       "canteen", "检查次数不少于风险等级要求的食堂数", "学校食堂数", 1.0, ">=", 0.85),
    _s("inspection_key_failed", "关键项不合格的检查比例", "food", "share", "year", "interval", "lower", "inspection",
       "关键项不合格的检查次数", "监督检查次数", None, "<=", 0.08),
    _s("inspection_closed_on_time", "问题按期整改率", "food", "share", "year", "exact", "higher", "inspection",
       "按期复查合格的检查次数", "到期应整改的检查次数", 1.0, ">=", 0.9),
    _s("kitchen_open", "明厨亮灶覆盖率", "food", "share", "year", "exact", "higher", "canteen",
       "实行明厨亮灶的食堂数", "学校食堂数", 1.0, ">=", 0.97),
    _s("kitchen_internet", "“互联网+明厨亮灶”覆盖率", "food", "share", "year", "exact", "higher", "canteen",
       "接入互联网的明厨亮灶食堂数", "学校食堂数", 0.85, ">=", 0.8),
)  # fmt: skip

FEED_OF = {
    "vision": "vision_check",
    "health": "physical_exam",
    "fitness": "fitness_test",
    "films": "film_screening",
}


@dataclass(frozen=True)
class Place:
    """A school of the world."""

    index: int
    code: str
    name: str
    county: int
    type: str
    residence: str
    pupils: int

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages with pupils; compulsory where there is one of its two."""
        return {
            "211": ("compulsory", "primary"), "218": ("compulsory", "primary"),
            "311": ("compulsory", "junior"), "312": ("compulsory", "primary", "junior"), "342": ("senior",),
        }[self.type]  # fmt: skip


TYPES = ("211", "211", "211", "311", "218", "312", "211", "342")
TYPE_NAMES = {"211": "小学", "218": "教学点", "311": "初级中学", "312": "九年一贯制学校", "342": "高级中学"}
SIZES = (820, 410, 233, 1260, 3, 640, 11, 1890)


def schools(counties: int = len(COUNTIES), per_county: int = 25) -> list[Place]:
    """Schools of the world; one has a hostile name, small ones have cells to hide."""
    found = []
    for c in range(counties):
        area = county(c)
        for i in range(per_county):
            kind = TYPES[i % len(TYPES)]
            name = f"{area[1]}第{i + 1}{TYPE_NAMES[kind]}"
            if c == 1 and i == 3:
                name = HOSTILE
            if c == 2 and i == 5:
                name = "=1+1 㐂𠮷寨小学"
            index = c * per_county + i
            residence = ("urban", "town", "rural")[i % 3]
            found.append(Place(index, f"{area[0]}{i + 1:04d}", name, c, kind, residence, SIZES[i % len(SIZES)] + i))
    return found


def county(index: int) -> tuple[str, str]:
    """Code and name of a county; invented ones beyond the three."""
    return COUNTIES[index] if index < len(COUNTIES) else (f"4114{index:02d}", f"第{index + 1}县")


def _wave(*keys: int) -> float:
    """A number between -1 and 1 that looks uneven and never changes."""
    return math.sin(sum(k * f for k, f in zip(keys, (12.9898, 78.233, 37.719, 4.581), strict=False)) + 0.5)


def _wilson(n: float, d: float) -> tuple[float, float]:
    z, p = 1.96, n / d
    middle, spread = p + z * z / (2 * d), z * math.sqrt(p * (1 - p) / d + z * z / (4 * d * d))
    return max(0.0, (middle - spread) / (1 + z * z / d)), min(1.0, (middle + spread) / (1 + z * z / d))


def _status(spec: Spec, value: float, low: float | None, high: float | None) -> str:
    if spec.target is None:
        return "no_target"
    if spec.judgement == "interval" and low is not None and high is not None:
        if high < spec.target:
            return "met" if spec.better == "lower" else "not_met"
        if low > spec.target:
            return "not_met" if spec.better == "lower" else "met"
        return "not_distinguishable"
    good = value >= spec.target if spec.better == "higher" else value < spec.target
    return "met" if good else "not_met"


def _row(
    spec: Spec, period: str, level: str, entity: str, stage: str, subgroup: str, n: int | None, d: int
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "indicator": spec.code, "period": period, "level": level, "entity": entity, "stage": stage,
        "subgroup": subgroup, "numerator": n, "denominator": d, "value": None, "unit": spec.unit,
        "lower_95": None, "upper_95": None, "target": spec.target,
        "target_id": f"T-{spec.code}" if spec.target is not None else None, "status": "not_reported",
        "method": "1", "figure_id": f"{spec.code}.{period}.{level}.{entity}.{stage}.{subgroup}",
        "value_text_rule": None, "rounded": False,
    }  # fmt: skip
    if n is None:
        return row
    value = n / d
    row["value"] = value
    if spec.judgement == "interval":
        row["lower_95"], row["upper_95"] = _wilson(n, d)
    row["status"] = _status(spec, value, row["lower_95"], row["upper_95"])
    if spec.counted == "pupil" and 1 <= d <= 9:
        row |= {"numerator": None, "denominator": None, "value": None, "lower_95": None, "upper_95": None}
        row["status"] = "suppressed"
    elif spec.counted == "pupil" and d < 20 and spec.unit == "share" and value in (0.0, 1.0):
        row["value_text_rule"] = "le5" if value == 0 else "ge95"
        row |= {"numerator": None, "value": None, "lower_95": None, "upper_95": None}
    return row


def _counts(spec: Spec, k: int, place: Place, at: int, d: int, salt: int) -> int:
    centre = spec.centre + 0.04 * _wave(k, place.county, 3) + 0.012 * at * (1 if spec.better == "higher" else -1)
    value = centre + 0.11 * _wave(place.index, k, at, salt)
    if spec.better == "higher" and place.index % 3 == k % 3:
        value = max(value, spec.target or 0)
    top = 1.0 if spec.unit == "share" else 4.0
    return max(0, min(round(value * d), int(top * d)))


def rows(
    places: list[Place], specs: tuple[Spec, ...] = SPECS, years: tuple[str, ...] = YEARS
) -> Iterator[dict[str, Any]]:
    """Rows of indicator_values at all levels, Σ/Σ upwards."""
    for k, spec in enumerate(specs):
        for y, year in enumerate(years):
            for period in [f"{year}-1", f"{year}-2"] if spec.period == "semester" else [year]:
                at = 2 * y + int(period.endswith("-2"))
                sums: dict[tuple[str, str, str, str], list[int]] = {}
                for place in places:
                    yield from _school(spec, k, place, period, at, sums, full=year == years[-1])
                for (level, entity, stage, subgroup), (n, d, seen) in sums.items():
                    yield _row(spec, period, level, entity, stage, subgroup, n if seen else None, d)


def _school(
    spec: Spec, k: int, place: Place, period: str, at: int,
    sums: dict[tuple[str, str, str, str], list[int]], *, full: bool,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    base = place.pupils if spec.counted == "pupil" else max(1, place.pupils // 600)
    if spec.counted == "inspection":
        base *= 2
    absent = (place.index + 3 * k) % 17 == 0 and spec.judgement == "exact"
    if spec.judgement == "interval" and (place.index + 3) % 17 == 0:
        return
    for stage in place.stages:
        share = 1.0 if len(place.stages) < 3 or stage == "compulsory" else (0.6 if stage == "primary" else 0.4)
        groups = [("all", share)]
        if spec.counted == "pupil":
            grades = {"primary": range(1, 7), "junior": range(7, 10), "senior": range(10, 13)}.get(stage, range(0))
            groups += [(f"grade={g}", share / len(grades)) for g in grades]
            if not spec.code.startswith("films"):
                groups += [("sex=female", share * 0.48), ("sex=male", share * 0.52)]
        for s, (subgroup, part) in enumerate(groups):
            d = max(1, round(base * part))
            n = None if absent else _counts(spec, k, place, at, d, 0 if subgroup == "all" else s)
            if full or subgroup == "all":
                yield _row(spec, period, "school", place.code, stage, subgroup, n, d)
            places = [("county", county(place.county)[0]), ("city", CITY[0])]
            extra = [subgroup] + ([f"residence={place.residence}"] if subgroup == "all" else [])
            for level, entity in places:
                for group in extra:
                    total = sums.setdefault((level, entity, stage, group), [0, 0, 0])
                    total[0] += n or 0
                    total[1] += d
                    total[2] += n is not None


def write(
    folder: Path, *, counties: int = 3, per_county: int = 25, specs: tuple[Spec, ...] = SPECS,
    duties: bool = True, public: bool = False,
) -> Path:  # fmt: skip
    """Write the world's controlled tables and return their folder.

    Args:
        folder: Where to.
        counties: Number of counties.
        per_county: Schools in each.
        specs: Catalogue entries of the monitoring figures.
        duties: Whether the assessment, the commitments and the cases are there.
        public: Without the tables by school.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = schools(counties, per_county)
    pl.DataFrame(list(rows(places, specs)), infer_schema_length=None).write_parquet(folder / "indicator_values.parquet")
    register = [
        {
            "period": year, "school": p.code, "school_name": _named(p, year), "county": county(p.county)[0],
            "county_name": county(p.county)[1], "city": CITY[0], "school_type": p.type, "residence": p.residence,
            "canteens": max(1, p.pupils // 600), "pupils": p.pupils, "boarding": p.type in ("312", "342"),
            "opened_on": None, "closed_on": None, "merged_into": places[0].code if _closed(p) else None,
        }
        for year in YEARS
        for p in places
        if not (_closed(p) and year == YEARS[-1])
    ]  # fmt: skip
    pl.DataFrame(register, infer_schema_length=None).write_parquet(folder / "schools.parquet")
    areas = [{"area": CITY[0], "name": CITY[1], "parent": "410000", "level": "city", "kind": "prefecture"}]
    areas += [
        {"area": c, "name": n, "parent": CITY[0], "level": "county", "kind": "county"}
        for c, n in (county(i) for i in range(counties))
    ]
    pl.DataFrame(areas).write_parquet(folder / "areas.parquet")
    pl.DataFrame(
        [
            {
                "code": s.code, "sort": i + 1, "name_zh": s.name, "name_en": s.code, "domain": s.domain, "unit": s.unit,
                "unit_zh": "比例" if s.unit == "share" else "部/生", "polarity": s.better,
                "period_type": s.period, "judgement": s.judgement, "counted_unit": s.counted,
                "part_of_duty": s.judgement == "exact", "numerator_zh": s.numerator,
                "denominator_zh": s.denominator, "source_clause": s.source, "parameters": s.parameters,
                "method_version": "1",
            }
            for i, s in enumerate(specs)
        ]
    ).write_parquet(folder / "indicators.parquet")  # fmt: skip
    pl.DataFrame(
        [
            {"target_id": f"T-{s.code}", "indicator": s.code, "stage": "all", "jurisdiction": CITY[0],
             "operator": s.operator, "value": s.target, "clause": s.source, "quote_zh": None,
             "valid_from": "2018-09-01", "valid_to": "9999-12-31"}
            for s in specs if s.target is not None
        ]
    ).write_parquet(folder / "targets.parquet")  # fmt: skip
    coverage = [
        {"feed": feed, "period": period, "county": county(c)[0], "schools_expected": per_county,
         "schools_received": per_county - (c + i) % 4, "rows_accepted": 9000 + 311 * c + i, "rows_rejected": 17 * i + c}
        for i, (feed, period) in enumerate(
            [("school_register", YEARS[-1]), ("student_roster", f"{YEARS[-1]}-1"), ("student_roster", f"{YEARS[-1]}-2"),
             ("vision_check", f"{YEARS[-1]}-1"), ("vision_check", f"{YEARS[-1]}-2"), ("physical_exam", YEARS[-1]),
             ("fitness_test", YEARS[-1]), ("film_screening", f"{YEARS[-1]}-2"), ("food_inspection", YEARS[-1])]
        )
        for c in range(counties)
    ]  # fmt: skip
    pl.DataFrame(coverage).write_parquet(folder / "coverage.parquet")
    pl.DataFrame([{"version": "9f86d081884c7d65", "as_of": "2025-08-31"}]).write_parquet(folder / "meta.parquet")
    if duties and counties == len(COUNTIES):
        world_duties.write(folder, [p for p in places if not _closed(p)], county, CITY[0], public=public)
    return folder


def _named(place: Place, year: str) -> str:
    """One school had another name once."""
    return "旧名小学" if place.code == "4113020002" and year == YEARS[0] else place.name


def _closed(place: Place) -> bool:
    return place.county == 0 and place.code.endswith("0023")
