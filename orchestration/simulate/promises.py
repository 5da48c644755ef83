"""Documents that show that promises and items are kept, and the figures reported for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from orchestration.simulate.designs import BY_ROUNDING, design_of
from orchestration.simulate.promise_list import PROMISES, Promise
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.schools import School
from orchestration.simulate.sheets import Layout, column
from orchestration.simulate.terms import day, iso

Cells = dict[str, str | None]
EVIDENCE = Layout(
    "commitment_evidence",
    "own",
    (
        column("promise", "承诺编号"), column("item", "指标代码"), column("year", "学年"), column("county", "区县代码"), column("code", "学校标识码"),
        column("title", "材料名称"), column("issuer", "发文单位"), column("paper", "文号"), column("issued", "发文日期", kind="date"),
        column("expires", "失效日期", kind="date"), column("sha", "材料SHA256"), column("finding", "认定结果"), column("examiner", "认定单位"),
        column("remark", "备注"),
    ),
)  # fmt: skip
MEASURE = Layout(
    "reported_measure",
    "own",
    (
        column("year", "学年"), column("half", "学期"), column("county", "区县代码"), column("code", "学校标识码"), column("item", "指标代码"),
        column("promise", "承诺编号"), column("stage", "学段"), column("group", "分组"), column("num", "分子", kind="number"),
        column("den", "分母", kind="number"), column("value", "数值", kind="number"), column("unit", "单位"), column("basis", "统计口径"),
        column("measured", "统计日期", kind="date"), column("source", "数据来源"), column("paper", "文号"),
    ),
)  # fmt: skip

DONE, PARTLY, NOT_DONE = "已落实", "部分落实", "未落实"
ITEMS = {
    "G1": "义务教育学校布局专项规划", "G2": "城乡义务教育四个统一实施办法", "G10": "教职工编制和岗位统筹分配方案", "G15": "留守儿童关爱服务体系建设方案",
    "Q3": "学校章程与信息化管理核查报告", "Q5": "信息化教学与设备使用评估报告", "Q6": "学校德育与校园文化建设评估", "Q7": "课程开设与综合实践活动检查通报",
    "Q8": "学业负担监测报告", "V1": "招生入学秩序核查结论", "V2": "择校问题核查结论", "V3": "重点校重点班核查结论", "V4": "教师编制使用核查结论",
    "V5": "安全与违纪违法事件核查结论", "V6": "数据真实性核查结论", "P1": "义务教育基本均衡发展认定文件", "P2": "年度监测复查结果通报",
}  # fmt: skip
# Respondents of the recognition survey, parents first and more than half.
RESPONDENTS = {"家长": 430, "学生": 140, "教师": 90, "校长": 20, "人大代表": 25, "政协委员": 25, "其他群众": 60}
SUBJECTS = ("数学", "语文", "科学")


@dataclass(frozen=True)
class Area:
    """Who answers: a county with its schools, or the city or province above it."""

    code: str
    name: str
    documents: tuple[str, ...]
    levels: str = "k"
    schools: tuple[School, ...] = ()


# Documents by the first digits of the area they bind.
BINDING = {"4113": ("NY", "HN"), "4508": ("GG",), "63": ("QH",), "640221": ("PL",)}


def documents_of(code: str) -> tuple[str, ...]:
    """Policy documents that bind an area."""
    return next((documents for start, documents in BINDING.items() if code.startswith(start)), ())


def promises_of(area: Area) -> Iterator[Promise]:
    """Promises an area answers itself."""
    for document in area.documents:
        yield from (promise for promise in PROMISES[document] if promise.level in area.levels)


def _paper(area: Area, year: int, title: str, serial: int, when: int) -> Cells:
    number = f"{area.name[:1]}教督〔{year + (when > day(year, 12, 31))}〕{serial}号"
    digest = hashlib.sha256(f"{area.code} {title} {number}".encode()).hexdigest()
    office = f"{area.name}教育体育局"
    examiner = f"{area.name}人民政府教育督导委员会"
    return {
        "year": f"{year}-{year + 1}", "county": area.code, "title": title, "issuer": office, "paper": number, "issued": iso(when),
        "sha": digest, "examiner": examiner,
    }  # fmt: skip


def _judged(rng: Rng, good: bool, done: float = 0.85) -> str:
    draw = rng.random()
    return DONE if good or draw < done else PARTLY if draw < done + 0.6 * (1 - done) else NOT_DONE


def evidence_rows(seed: int, year: int, area: Area, first: bool) -> pl.DataFrame:
    """Documents of a year as text.

    Args:
        seed: world seed.
        year: first calendar year of the school year.
        area: who answers.
        first: the first simulated year: plans of several years are handed in once.
    """
    rng = stream(seed, "evidence", year, area.code)
    good = design_of(area.code) is not None
    lines: list[Cells] = []

    def add(when: int, title: str, finding: str, **more: str | None) -> None:
        lines.append({**_paper(area, year, title, len(lines) + 11, when), "finding": finding, **more})

    if area.levels == "k":
        _items(area, year, first, rng, add)
    for promise in promises_of(area):
        silent = rng.random() < 0.08
        finding = _judged(rng, good, 0.8)
        when = day(year, 10, 8) + int(rng.integers(0, 250))
        if not silent:
            add(when, f"{promise.number}落实情况报告", finding, promise=promise.number)
    return pl.DataFrame(lines, schema=dict.fromkeys(EVIDENCE.keys, pl.String))


def _items(area: Area, year: int, first: bool, rng: Rng, add: Callable[..., None]) -> None:
    """Documents for the items of the 31 that are judged by documents; one item school by school in some counties."""
    design = design_of(area.code)
    good = design is not None
    one_by_one = design == BY_ROUNDING or (not good and rng.random() < 0.3)
    for item, title in ITEMS.items():
        usual = 0.97 if item[0] in "VP" else 0.87
        finding, missing = _judged(rng, good, usual), rng.random() < 0.04 and not good
        when = day(year, 11, 1) + int(rng.integers(0, 60))
        if missing:
            continue
        if item == "Q6" and one_by_one:
            for school in area.schools:
                add(when, f"{title}（{school.name}）", _judged(rng, good, 0.95), item=item, code=school.code)
        elif item == "G1" and good:
            if first:
                add(when, title, DONE, item=item, expires=iso(day(year + 6, 9, 1)))
        else:
            if item == "Q7" and finding == DONE:
                # What was found wanting in autumn has been put right by spring: the later document counts.
                add(when, title, PARTLY, item=item)
                when = day(year + 1, 5, 20)
            add(when, title, finding, item=item)


def _share(promise: Promise, good: bool, upper: bool, stable: Rng, rng: Rng, step: int) -> tuple[int, int]:
    """Numerator and denominator of a share, on the right side of the aim if it is to be good."""
    whole = int(stable.integers(40, 400)) * (6 if upper else 1)
    base = float(stable.uniform(0.35, 0.6))
    aim = promise.aim / 100
    match promise.sense:
        case "=":
            share = aim if good else aim * rng.uniform(0.88, 0.99)
        case "≥":
            share = min(max(aim, 1.0), aim * (1 + 0.1 * rng.random())) if good else aim * rng.uniform(0.85, 0.99)
            return (max(1, -int(-share * whole // 1)) if good else int(share * whole)), whole
        case "≤":
            share = aim * rng.uniform(0.6, 0.95) if good else aim * rng.uniform(1.05, 1.3)
        case "增":
            share = base + 0.07 * step
        case _:
            share = base - 0.06 * step
    return int(share * whole + 1e-9), whole


def _value(promise: Promise, good: bool, stable: Rng, rng: Rng, step: int) -> str:
    """A plain value; whole wherever its aim is whole."""
    aim, places = promise.aim, 1 if promise.aim % 1 or "百生" in (promise.unit or "") else 0
    base = float(stable.integers(4, 40))
    match promise.sense:
        case "=":
            value = aim if good else aim + 3 if not aim else max(0.0, aim - 1)
        case "≥":
            value = aim * (1 + 0.2 * rng.random()) if good else aim * 0.9 if aim > 1 else aim - 1
            value = max(aim, value) if good else value
        case "≤":
            value = aim * rng.uniform(0.75, 1.0) if good else aim + 4
        case "增":
            value = base + 2 * step
        case _:
            value = max(0.0, base - 2 * step)
    rounded = -(-value * 10 // 1) / 10 if places else -(-value // 1) if promise.sense == "≥" and good else value // 1
    return f"{rounded:.{places}f}"


def measure_rows(seed: int, year: int, area: Area) -> pl.DataFrame:
    """Reported figures of a year as text."""
    rng = stream(seed, "measures", year, area.code)
    good = design_of(area.code) is not None
    lines: list[Cells] = _survey(area, year, rng) + _monitoring(area, year, rng) if area.levels == "k" else []
    common = {
        "year": f"{year}-{year + 1}",
        "county": area.code,
        "basis": "按文件口径",
        "source": f"{area.name}教育体育局",
    }
    for promise in promises_of(area):
        silent, fine = rng.random() < 0.08, good or rng.random() < 0.8
        if promise.unit is None or silent:
            continue
        stable = stream(seed, "promise", promise.number, area.code)
        line: Cells = {
            **common,
            "promise": promise.number,
            "stage": promise.stage,
            "measured": iso(day(year + 1, 6, 30)),
        }
        if promise.unit == "率":
            num, den = _share(promise, fine, area.levels != "k", stable, rng, year - 2020)
            line |= {"num": str(num), "den": str(den)}
        else:
            line |= {"value": _value(promise, fine, stable, rng, year - 2020), "unit": promise.unit}
        lines.append(line)
    return pl.DataFrame(lines, schema=dict.fromkeys(MEASURE.keys, pl.String))


def _survey(area: Area, year: int, rng: Rng) -> list[Cells]:
    """The recognition survey and the residents its sample is measured by; an ordinary county may have asked too few."""
    good = design_of(area.code) is not None
    part = 1.0 if good or rng.random() < 0.75 else 0.5
    rate = 0.9 if good else rng.uniform(0.82, 0.95)
    lines: list[Cells] = []
    for group, usual in RESPONDENTS.items():
        asked = int(usual * part) + int(rng.integers(0, 9))
        lines.append(
            {
                "year": f"{year}-{year + 1}", "county": area.code, "item": "SR", "stage": "义务教育", "group": group,
                "num": str(int(asked * rate)), "den": str(asked), "basis": "社会认可度调查", "measured": iso(day(year + 1, 5, 31)),
                "source": "第三方调查",
            }
        )  # fmt: skip
    residents = 250_000 + sum(area.code.encode()) % 100 * 1_000
    lines.append(
        {
            "year": f"{year}-{year + 1}", "county": area.code, "item": "RESIDENTS", "value": str(residents), "unit": "人",
            "basis": "常住人口", "measured": iso(day(year, 12, 31)), "source": "统计公报",
        }
    )  # fmt: skip
    return lines


def _monitoring(area: Area, year: int, rng: Rng) -> list[Cells]:
    """Level and between-school variation by subject; an ordinary county is not in every sample."""
    good = design_of(area.code) is not None
    if not good and rng.random() < 0.35:
        return []
    lines: list[Cells] = []
    for subject in SUBJECTS:
        level = 3 if good or rng.random() < 0.85 else 2
        apart = 0.08 + 0.05 * rng.random() if good else rng.uniform(0.07, 0.17)
        for group, value, unit in ((subject, str(level), "级"), (f"{subject}校际差异率", f"{apart:.3f}", None)):
            lines.append(
                {
                    "year": f"{year}-{year + 1}", "county": area.code, "item": "Q9", "stage": "义务教育", "group": group, "value": value,
                    "unit": unit, "basis": "国家义务教育质量监测", "measured": iso(day(year + 1, 5, 28)), "source": "国家监测结果报告",
                }
            )  # fmt: skip
    return lines


def areas_of(schools: Sequence[School], filing: Sequence[int], upper: dict[str, str]) -> list[Area]:
    """The counties of a world, each with the schools that file a form, and the cities and provinces above them."""
    local: dict[str, list[School]] = {}
    for index in filing:
        local.setdefault(schools[index].county.code, []).append(schools[index])
    areas = [
        Area(code, members[0].county.short, documents_of(code), "k", tuple(members)) for code, members in local.items()
    ]
    for code, name in upper.items():
        province = code.endswith("0000")
        if any(county.startswith(code[: 2 if province else 4]) for county in local):
            # A city answers for its counties, too; a province only what binds itself.
            documents = ("HN",) if code == "410000" else documents_of(code)
            areas.append(Area(code, name, documents, "p" if province else "ck"))
    return areas
