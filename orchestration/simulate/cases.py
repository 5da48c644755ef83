"""The bureau's ledger of problems, what followed from results, and the way of each county to certification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from orchestration.simulate.designs import BY_ROUNDING, ONE_SHORT, PASSES, design_of
from orchestration.simulate.norms import JUNIOR, POINT, PRIMARY, RESOURCES, split
from orchestration.simulate.promises import Area, Cells
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.schools import School
from orchestration.simulate.sheets import Layout, column
from orchestration.simulate.terms import day, iso

CASES = Layout(
    "case_event",
    "own",
    (
        column("case", "台账号"), column("event", "事件"), column("on", "事件日期", kind="date"), column("kind", "类型"), column("county", "区县代码"),
        column("code", "学校标识码"), column("item", "指标代码"), column("gap", "差距值"), column("measure", "措施"), column("office", "责任单位"),
        column("post", "责任人岗位"), column("planned", "计划完成日期", kind="date"), column("proof", "销号依据"), column("paper", "文号"),
        column("again", "复核日期", kind="date"), column("outcome", "复核结果"), column("remark", "备注"),
    ),
)  # fmt: skip
CERTIFICATION = Layout(
    "county_certification",
    "own",
    (
        column("county", "区县代码"), column("county_name", "区县名称"), column("level", "级别"), column("outcome", "结果"),
        column("on", "日期", kind="date"), column("paper", "文号"), column("remark", "备注"),
    ),
)  # fmt: skip
# The year in which a county passes the national acceptance, by the timetable of its city; 平罗县 is three years late.
NATIONAL = {
    "411325": 2025, "411323": 2025, "411381": 2025, "411303": 2029, "411322": 2029, "411328": 2029, "411302": 2030, "411324": 2030,
    "411330": 2033, "411329": 2033, "411326": 2033, "411321": 2034, "411327": 2034, "640221": 2023,
}  # fmt: skip
PER_YEAR = 6
MEASURES = ("补充配备教师", "改扩建校舍和运动场地", "追加设备购置经费", "实施教师交流轮岗", "调整招生计划和班额")
Gap = tuple[int, str, float]


def gaps(forms: pl.DataFrame, schools: Sequence[School]) -> dict[str, list[Gap]]:
    """Schools below a resource threshold, by county: school, item, what is missing per pupil or hundred pupils, the largest gap first."""
    found: dict[str, list[tuple[float, Gap]]] = {}
    for row in forms.iter_rows(named=True):
        school = schools[row["school"]]
        pupils = (row["pp"], row["pj"], row["ps"])
        if school.closes is not None or (school.type_code == POINT and pupils[0] + pupils[1] < 50):
            continue
        sports = row["gym"] + row["ground"]
        shared = [split(stock, pupils) for stock in (row["floor"], sports, row["equip"], 1000 * row["media"])]
        for norms, tail, index in ((PRIMARY, "p", 0), (JUNIOR, "j", 1)):
            if not pupils[index]:
                continue
            arts = sum(row[f"{subject}_{tail}"] for subject in ("pe", "mu", "ar"))
            heads = [100 * number for number in (row[f"qual_{tail}"], row[f"back_{tail}"], arts)]
            stocks = [*heads, shared[0][index] / 100, shared[1][index] / 100, shared[2][index], shared[3][index] / 10]
            for item, stock, norm in zip(RESOURCES, stocks, norms, strict=True):
                missing = norm - stock / pupils[index]
                if missing > 0:
                    found.setdefault(school.county.code, []).append((missing / norm, (school.index, item, missing)))
    return {
        county: [gap for _, gap in sorted(listed, key=lambda pair: (-pair[0], pair[1][:2]))]
        for county, listed in found.items()
    }


@dataclass
class Case:
    """An open or closed case of a school (or of the county, school -1)."""

    number: str
    school: int
    item: str
    closed: bool = False
    heard: bool = False


@dataclass
class CaseBook:
    """All cases of all counties through the years."""

    seed: int
    schools: Sequence[School]
    cases: dict[str, list[Case]] = field(default_factory=dict)

    def events(self, year: int, area: Area, found: list[Gap]) -> pl.DataFrame:
        """What happens to a county's cases in a school year, as text.

        Args:
            year: first calendar year of the school year.
            area: the county.
            found: its gaps of the year, the largest first.
        """
        rng = stream(self.seed, "cases", year, area.code)
        mine = self.cases.setdefault(area.code, [])
        lines: list[Cells] = []
        known = {(case.school, case.item) for case in mine}
        now = {(school, item) for school, item, _ in found}
        for case in mine:
            self._goes_on(case, case.school < 0 or (case.school, case.item) in now, year, area, rng, lines)
        fresh = [gap for gap in found if gap[:2] not in known][:PER_YEAR]
        county = {ONE_SHORT: "G8", BY_ROUNDING: "L2_CV"}.get(design_of(area.code) or "")
        if county and (-1, county) not in known:
            fresh.append((-1, county, 0.0))
        for school, item, missing in fresh:
            case = Case(f"TZ{year}-{area.code}-{len(mine) + 1:03d}", school, item)
            mine.append(case)
            self._begins(case, missing, year, area, rng, lines)
        _consequences(area, year, len(now), rng, lines)
        return pl.DataFrame(lines, schema=dict.fromkeys(CASES.keys, pl.String))

    def _line(self, case: Case, area: Area, event: str, when: int, **more: str | None) -> Cells:
        code = self.schools[case.school].code if case.school >= 0 else None
        kind = "学校未达标" if code else "县级未达标"
        return {
            "case": case.number, "event": event, "on": iso(when), "kind": kind, "county": area.code, "code": code, "item": case.item, **more,
        }  # fmt: skip

    def _begins(self, case: Case, missing: float, year: int, area: Area, rng: Rng, lines: list[Cells]) -> None:
        opened = day(year, 10, 15) + int(rng.integers(0, 20))
        planned = iso(day(year + 1, 8, 25))
        office = f"{area.name}教育体育局" if case.school < 0 else self.schools[case.school].name
        gap = f"{missing:.2f}" if missing else None
        lines.append(self._line(case, area, "立账", opened, gap=gap, office=office, post="校长", planned=planned))
        measure = MEASURES[int(rng.integers(len(MEASURES)))]
        lines.append(self._line(case, area, "措施", opened + 20, measure=measure, office=office, planned=planned))
        if rng.random() < 0.15:
            # Crossed out in summer without anything to show for it.
            lines.append(self._line(case, area, "销号", day(year + 1, 7, 5)))

    def _goes_on(self, case: Case, failing: bool, year: int, area: Area, rng: Rng, lines: list[Cells]) -> None:
        """A case whose school has recovered is closed with evidence and re-checked; one that falls again is reopened."""
        when = day(year, 10, 10) + int(rng.integers(0, 20))
        if failing and case.closed:
            case.closed = False
            lines.append(self._line(case, area, "重开", when, gap="反弹"))
        elif failing:
            lines.append(self._line(case, area, "督办", when + 40, office=f"{area.name}人民政府教育督导室"))
        elif not case.closed:
            case.closed = True
            proof, paper = "现场核查记录和验收单", f"{area.name[:1]}教督验〔{year}〕{int(rng.integers(1, 90))}号"
            again = iso(when + 60)
            lines.append(self._line(case, area, "销号", when, proof=proof, paper=paper, again=again))
            outcome = "通过" if rng.random() < 0.9 else "未通过"
            lines.append(self._line(case, area, "复核", when + 60, again=again, outcome=outcome))
            if outcome == "未通过":
                case.closed = False
                lines.append(self._line(case, area, "重开", when + 65, gap="复核未通过"))


def _consequences(area: Area, year: int, failing: int, rng: Rng, lines: list[Cells]) -> None:
    """How the results of the year are used: praise where nothing is wanting, talks and notices where much is."""
    serial = int(rng.integers(1, 60))

    def add(event: str, when: int, kind: str) -> None:
        paper = (
            f"宛政督办〔{year + 1}〕{serial}号" if area.code.startswith("4113") else f"教督办〔{year + 1}〕{serial}号"
        )
        lines.append(
            {
                "case": f"JG{year}-{area.code}-{len(lines) + 1:03d}", "event": event, "on": iso(when), "kind": kind, "county": area.code,
                "office": f"{area.name}人民政府", "paper": paper,
            }
        )  # fmt: skip

    if design_of(area.code) == PASSES:
        add("表扬", day(year + 1, 3, 12), "优质均衡监测结果运用")
    if failing > 3:
        add("通报", day(year + 1, 3, 15), "优质均衡监测结果运用")
    if failing > 8:
        add("约谈", day(year + 1, 4, 10), "优质均衡监测结果运用")


def certification_rows(year: int, area: Area) -> pl.DataFrame:
    """What happened in a school year on a county's way to certification, as text."""
    target = NATIONAL.get(area.code)
    steps = [] if target is None else _way(target)
    if target is None or target > year + 3:
        # Far from its turn: the county examines itself every autumn and says what is wanting.
        steps = [("县自评", "未通过", day(year, 11, 20))]
    lines: list[Cells] = []
    for level, outcome, when in steps:
        if day(year, 9, 1) <= when < day(year + 1, 9, 1):
            paper = f"教督认〔{year + (when > day(year, 12, 31))}〕{int(area.code[-3:], 16) % 97 + 1}号"
            lines.append(
                {
                    "county": area.code, "county_name": area.name, "level": level, "outcome": outcome, "on": iso(when),
                    "paper": None if outcome == "已申报" else paper,
                }
            )  # fmt: skip
    return pl.DataFrame(lines, schema=dict.fromkeys(CERTIFICATION.keys, pl.String))


def _way(target: int) -> list[tuple[str, str, int]]:
    """From the county's own examination to the national acceptance in the spring of the target year."""
    return [
        ("县自评", "通过", day(target - 2, 10, 26)), ("市复核", "通过", day(target - 1, 4, 18)), ("省级评估", "已申报", day(target - 1, 9, 9)),
        ("省级评估", "通过", day(target - 1, 12, 11)), ("国家认定", "已申报", day(target, 3, 5)), ("国家认定", "通过", day(target, 6, 20)),
    ]  # fmt: skip
