"""The figures of the yearly forms counted by plain loops from the clean files; shares nothing with the simulator."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction

Line = dict[str, str]
Figures = dict[tuple[str, ...], tuple[int | None, int]]
Read = Callable[[str], Iterator[tuple[str, str, str, list[Line]]]]


def whole(line: Line, name: str) -> int:
    return int(line[name] or 0)


def hundredths(line: Line, name: str) -> int:
    exact = Fraction(line[name]) * 100
    assert exact.denominator == 1
    return int(exact)


def yuan(line: Line, name: str) -> int:
    exact = Fraction(line[name]) * 10_000
    assert exact.denominator == 1
    return int(exact)


def resources(line: Line, register: Line) -> dict[str, tuple[int, dict[str, tuple[int, Fraction]]]]:
    """By stage: pupils, and per item the stored numerator and the ratio in its unit."""
    weights = {"小学": 100, "初中": 110, "高中": 132}
    pupils = {stage: whole(line, f"{stage}在校生数") for stage in weights}
    total = sum(weights[s] * pupils[s] for s in weights)
    rest = {
        "L4": hundredths(line, "教学及辅助用房面积(㎡)"), "L5": hundredths(line, "体育馆面积(㎡)") + hundredths(line, "运动场地面积(㎡)"),
        "L6": yuan(line, "教学仪器设备值(万元)"), "L7": whole(line, "网络多媒体教室数") * 10_000,
    }  # fmt: skip
    given = dict(rest)
    guests = whole(line, "走教体艺教师数")
    if register["城乡分类代码"][0] != "2" or not 50 <= pupils["小学"] + pupils["初中"] <= 99:
        guests = 0
    out = {}
    present = [stage for stage in weights if pupils[stage]]
    for stage in present:
        items: dict[str, int] = {}
        for item, amount in given.items():
            items[item] = (
                rest[item]
                if stage == present[-1]
                else math.floor(Fraction(amount * weights[stage] * pupils[stage], total))
            )
            rest[item] -= items[item]
        if stage == "高中":
            continue
        items["L1"] = whole(line, f"{stage}高于规定学历教师数")
        items["L2"] = whole(line, f"{stage}县级以上骨干教师数")
        items["L3"] = sum(whole(line, f"{stage}{subject}教师数") for subject in ("体育", "音乐", "美术")) + guests
        guests = 0
        unit = {"L4": Fraction(1, 100), "L5": Fraction(1, 100), "L6": Fraction(1), "L7": Fraction(1, 100)}
        ratios = {i: (n, n * unit.get(i, Fraction(100)) / pupils[stage]) for i, n in items.items()}
        out[{"小学": "primary", "初中": "junior"}[stage]] = (pupils[stage], ratios)
    return out


def root(value: Fraction) -> int:
    """A thousand million times the square root, rounded."""
    scaled = value * 4 * 10**18
    return (math.isqrt(scaled.numerator // scaled.denominator) + 1) // 2


def count_forms(schools: dict[str, Line], deliveries: Read) -> Figures:
    figures: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    norms: dict[tuple[str, str], int] = {}
    for county, period, _, lines in deliveries("county_form"):
        for line in lines:
            norms[county, period] = hundredths(line, "小学生均公用经费标准(元)")
            city = county[:4] + "00"
            pay = yuan(line, "教师年平均工资(万元)"), yuan(line, "公务员年平均工资(万元)")
            figures["G8", period, "county", county, "compulsory", "all"] = list(pay)
            both = whole(line, "公办学校就读随迁子女数") + whole(line, "购买服务民办就读随迁子女数")
            for indicator, stage, num, den in (
                ("G7", "compulsory", yuan(line, "特教公用经费总额(万元)"), whole(line, "特教学生数")),
                ("G11", "compulsory", whole(line, "交流轮岗教师数"), whole(line, "符合交流条件教师数")),
                ("G11_backbone", "compulsory", whole(line, "交流轮岗骨干教师数"), whole(line, "交流轮岗教师数")),
                ("G14", "junior", whole(line, "指标到校名额数"), whole(line, "优质高中计划招生数")),
                ("G14_rural", "junior", whole(line, "其中农村初中名额数"), whole(line, "指标到校名额数")),
                ("G15", "compulsory", both, whole(line, "符合条件随迁子女数")),
                ("Q2", "compulsory", whole(line, "已入学残疾儿童少年数"), whole(line, "适龄残疾儿童少年数")),
            ):
                for level, entity in (("county", county), ("city", city)):
                    cell = figures[indicator, period, level, entity, stage, "all"]
                    cell[0], cell[1] = cell[0] + num, cell[1] + den
    spread: dict[tuple[str, ...], list[tuple[int, Fraction]]] = defaultdict(list)
    for _, period, _, lines in deliveries("school_form"):
        for line in lines:
            register = schools[line["学校标识码"]]
            county = register["区县代码"]
            young, middle = whole(line, "小学在校生数"), whole(line, "初中在校生数")
            where = [("school", line["学校标识码"]), ("county", county), ("city", county[:4] + "00")]

            def add(
                indicator: str,
                stage: str,
                num: int,
                den: int,
                period: str = period,
                where: list[tuple[str, str]] = where,
            ) -> None:
                for level, entity in where:
                    cell = figures[indicator, period, level, entity, stage, "all"]
                    cell[0], cell[1] = cell[0] + num, cell[1] + den

            point, rural = register["办学类型码"] == "218", register["城乡分类代码"][0] == "2"
            if (point or (rural and young < 100 and middle == 0)) and (county, period) in norms:
                enough = hundredths(line, "核定公用经费(元)") >= 100 * norms[county, period]
                add("G6", "primary", int(enough), 1)
            if point and young + middle < 50:
                continue
            for stage, (pupils, items) in resources(line, register).items():
                for item, (num, ratio) in items.items():
                    add(item, stage, num, pupils)
                    spread[f"{item}_CV", period, county, stage].append((pupils, ratio))
            duties(line, register, add)
    for (indicator, period, county, stage), members in spread.items():
        total = sum(count for count, _ in members)
        mean = sum((count * ratio for count, ratio in members), Fraction(0)) / total
        variance = sum((count * (ratio - mean) ** 2 for count, ratio in members), Fraction(0)) / total
        pair = [root(variance), math.floor(mean * 10**9 + Fraction(1, 2))]
        figures[indicator, period, "county", county, stage, "all"] = pair
    return {key: (num, den) for key, (num, den) in figures.items() if den > 0}


def duties(line: Line, register: Line, add: Callable[[str, str, int, int], None]) -> None:
    young, middle = whole(line, "小学在校生数"), whole(line, "初中在校生数")
    small, large = whole(line, "小学班数"), whole(line, "初中班数")
    stages = {"compulsory"} | ({"primary"} if not middle else set()) | ({"junior"} if not young else set())
    rooms = min(whole(line, "96㎡以上音乐教室数"), whole(line, "90㎡以上美术教室数"))
    for stage in sorted(stages):
        add("G3", stage, int(rooms * 12 >= small + large), 1)
        add("G4", stage, int(young + middle <= (2500 if register["办学类型码"] in ("312", "345") else 2000)), 1)
        add("G9", stage, whole(line, "完成360学时教师数"), whole(line, "应完成360学时教师数"))
        add("G12", stage, whole(line, "持证专任教师数"), whole(line, "专任教师数"))
        add("Q4", stage, yuan(line, "培训经费(万元)"), yuan(line, "公用经费预算(万元)"))
    for stage in ("primary", "compulsory"):
        add("G5", stage, small - whole(line, "小学超45人班数"), small)
    for stage in ("junior", "compulsory"):
        add("G5", stage, large - whole(line, "初中超50人班数"), large)
    if register["城乡分类代码"][0] == "1" and register["举办者类型"] != "民办" and register["是否寄宿制"] == "否":
        add("G13", "primary", whole(line, "小学划片入学人数"), whole(line, "小学起始年级人数"))
        add("G13", "junior", whole(line, "初中划片入学人数"), whole(line, "初中起始年级人数"))
    start, came, left, died, graduates = (
        whole(line, name) for name in ("三年前初一在校生数", "三年转入", "三年转出", "三年死亡", "初中毕业生数")
    )
    add("Q1", "junior", graduates - came + left, start - died)
    add("Q1_B", "junior", graduates, start + came - died - left)
