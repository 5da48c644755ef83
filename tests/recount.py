"""A second count of every figure, row by row in plain Python, from clean CSV files below `inbox/<feed>/<sender>/<period>/`."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import exam_naive
import fitness_naive
import forms_naive
import vision_naive

Line = dict[str, str]
GRADE = {code: n + 1 for n, code in enumerate(["11", "12", "13", "14", "15", "16", "21", "22", "23", "31", "32", "33"])}
KEY_ITEMS = {5, 6, 7, 8, 15}
TYPE_STAGES = {
    "211": ("primary", "compulsory"), "218": ("primary", "compulsory"), "311": ("junior", "compulsory"),
    "312": ("compulsory",), "341": ("compulsory",), "342": ("senior",),
}  # fmt: skip
ITEMS = {
    "肺活量", "50米跑", "50米", "坐位体前屈", "一分钟跳绳", "跳绳", "一分钟仰卧起坐", "仰卧起坐", "50米×8往返跑", "50米*8往返跑", "立定跳远", "800米跑", "800米",
    "1000米跑", "1000米", "引体向上",
}  # fmt: skip


def read(path: Path) -> list[Line]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return [line for _, line in lines_of(list(csv.reader(io.StringIO(text))))]


def lines_of(rows: list[list[str]]) -> list[tuple[int, Line]]:
    """The data rows of a sheet with the numbers Excel shows for them, under the names of its header of one or three rows."""
    above_it = 0
    if rows[0][0].startswith("填写说明") or "眼健康电子档案" in rows[0][0]:
        rows, above_it = rows[1:], 1
    levels = 3 if rows[0][0] in ("班级信息", "序号*") else 3 if "龋齿" in rows[0] else 1
    names: list[str] = []
    above = [""] * levels
    for column in range(len(rows[0])):
        parts = [rows[level][column] for level in range(levels)]
        first = next(i for i, part in enumerate(parts) if part)
        for level in range(levels):
            if level >= first:
                above[level] = parts[level]
        names.append("|".join(part for part in above if part))
    numbered = enumerate(rows[levels:], above_it + levels + 1)
    return [(number, dict(zip(names, row, strict=True))) for number, row in numbered]


def deliveries(root: Path, feed: str) -> Iterator[tuple[str, str, str, list[Line]]]:
    for path in sorted((root / "inbox" / feed).rglob("*.csv")):
        yield path.parts[-3], path.parts[-2], path.name, read(path)


def date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def day_of(name: str, line: Line) -> dt.date:
    for column in ("检查日期", "测试日期"):
        if line.get(column):
            return dt.date.fromisoformat(line[column])
    return dt.date.fromisoformat(f"{name[:4]}-{name[4:6]}-{name[6:8]}")


def look_of(on: dt.date, check: dict[str, Fraction | bool]) -> vision_naive.Look:
    def scaled(name: str, by: int) -> Fraction | None:
        return Fraction(check[name]) * by if name in check else None

    return vision_naive.Look(
        on=on, round=2 if "second" in check else 1, right=scaled("r", 10), left=scaled("l", 10),
        sphere_right=scaled("se_r", 100), sphere_left=scaled("se_l", 100), ortho_k=bool(check["ok"]),
    )  # fmt: skip


class Count:
    """Counts of one indicator and period, by school, stage, subgroup."""

    def __init__(self) -> None:
        self.num: dict[tuple[str, str, str], int] = defaultdict(int)
        self.den: dict[tuple[str, str, str], int] = defaultdict(int)

    def add(self, school: str, stages: tuple[str, ...], subgroups: list[str], num: int, den: int) -> None:
        for stage in stages:
            for subgroup in subgroups:
                self.num[school, stage, subgroup] += num
                self.den[school, stage, subgroup] += den


class World:
    """What the files of one region say, counted the slow way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.figures: dict[tuple[str, ...], tuple[int | None, int]] = {}
        self.schools: dict[str, Line] = {}
        self.closed: dict[str, tuple[dt.date, str]] = {}
        for _, _, _, lines in deliveries(root, "school_register"):
            for line in lines:
                self.schools[line["学校标识码"]] = line
                if line["停用日期"]:
                    self.closed[line["学校标识码"]] = (dt.date.fromisoformat(line["停用日期"]), line["并入学校标识码"])
        self.by_name = {line["学校名称"]: code for code, line in self.schools.items()}
        self.rosters: dict[str, dict[tuple[str, str], Line]] = defaultdict(dict)
        self.known: dict[str, dict[str, str]] = defaultdict(dict)
        for _, period, _, lines in deliveries(root, "student_roster"):
            for line in lines:
                key = (line["学籍号"], line["学校标识码"])
                old = self.rosters[period].get(key, {})
                self.rosters[period][key] = {**old, **{k: v for k, v in line.items() if v}}
                self.known[period][line["学籍号"]] = line["学籍号"]
                if line["身份证号"]:
                    self.known[period][line["身份证号"]] = line["学籍号"]
                self.known[period][line["学校标识码"] + "/" + line["学号"]] = line["学籍号"]

    def residence(self, school: str) -> str:
        return {"1": {"1": "urban", "2": "town"}}.get(self.schools[school]["城乡分类代码"][0], {}).get(
            self.schools[school]["城乡分类代码"][1], "rural"
        )

    def subgroups(self, school: str, grade: int | None = None, sex: str | None = None) -> list[str]:
        out = ["all", f"residence={self.residence(school)}"]
        if grade:
            out.append(f"grade={grade}")
        if sex:
            out.append({"男": "sex=male", "女": "sex=female"}[sex])
        return out

    @staticmethod
    def stages(grade: int) -> tuple[str, ...]:
        return ("primary", "compulsory") if grade <= 6 else ("junior", "compulsory") if grade <= 9 else ("senior",)

    def roll_up(self, indicator: str, period: str, count: Count, delivered: set[str] | None) -> None:
        cells: dict[tuple[str, ...], list[tuple[bool, int, int]]] = defaultdict(list)
        for (school, stage, subgroup), den in count.den.items():
            entry = (delivered is None or school in delivered, count.num[school, stage, subgroup], den)
            county = self.schools[school]["区县代码"]
            for level, entity in (("school", school), ("county", county), ("city", county[:4] + "00")):
                cells[indicator, period, level, entity, stage, subgroup].append(entry)
        for key, entries in cells.items():
            den = sum(d for _, _, d in entries)
            num = sum(n for told, n, _ in entries if told) if any(told for told, _, _ in entries) else None
            if den:
                self.figures[key] = (num, den)

    def accountable(self, semester: str) -> dict[str, tuple[str, Line]]:
        year, autumn = int(semester[:4]), semester.endswith("1")
        reference = dt.date(year, 12, 31) if autumn else dt.date(year + 1, 6, 30)
        chosen: dict[str, tuple[str, Line]] = {}
        rank: dict[str, tuple[dt.date, int]] = {}
        for (pupil, school), line in self.rosters[semester].items():
            entered, left = date(line.get("入校日期", "")), date(line.get("离校日期", ""))
            if (
                line["学籍状态"] not in ("在读", "借读")
                or (entered and entered > reference)
                or (left and left <= reference)
            ):
                continue
            mine = (entered or dt.date.min, -int(school))
            if pupil not in rank or mine > rank[pupil]:
                rank[pupil], chosen[pupil] = mine, (school, line)
        out = {}
        for pupil, (school, line) in chosen.items():
            closed = self.closed.get(school)
            out[pupil] = (closed[1] if closed and closed[0] <= reference else school, line)
        return out

    def pupil_of(self, period: str, school: str, line: Line) -> str | None:
        known = self.known[period]
        for column in ("学籍号", "学籍号*", "证件号", "学生信息|身份证号"):
            if line.get(column):
                return known.get(line[column])
        number = line.get("学生信息|学号") or line.get("学号")
        return known.get(f"{school}/{number}") if number else None

    def count_vision(self) -> dict[str, tuple[set[str], set[str]]]:
        result: dict[str, tuple[set[str], set[str]]] = {}
        lines_of: dict[str, list[tuple[str, str, Line]]] = defaultdict(list)
        for school, period, name, lines in deliveries(self.root, "vision_check"):
            lines_of[period] += [(line.get("学校标识码") or school, name, line) for line in lines]
        for school, year, name, lines in deliveries(self.root, "fitness_test"):
            # The optional eye block of the national form is a second feed on the sheet.
            lines_of[f"{year}-1"] += [(school, name, line) for line in lines if "左眼裸眼视力" in line]
        looks: dict[str, dict[str, list[vision_naive.Look]]] = {}
        for period in sorted(self.rosters):
            checks: dict[str, dict[dt.date, dict[str, Fraction | bool]]] = defaultdict(dict)
            delivered = set()
            for school, name, line in lines_of[period]:
                delivered.add(school)
                pupil = self.pupil_of(period, school, line)
                if pupil:
                    checks[pupil][day_of(name, line)] = self.eyes(line)
                    if "视力筛查_第2次" in name:
                        checks[pupil][day_of(name, line)]["second"] = True
            self.judge_vision(period, checks, delivered)
            looks[period] = {
                pupil: [look_of(on, check) for on, check in sorted(days.items())] for pupil, days in checks.items()
            }
            self.judge_change(period, looks)
            done = {p for p, days in checks.items() if any(c.get("r") or c.get("l") or c["ok"] for c in days.values())}
            result[period] = (done, delivered)
        return result

    @staticmethod
    def eyes(line: Line) -> dict[str, Fraction | bool]:
        def cell(*names: str) -> str:
            return next((line[name] for name in names if line.get(name)), "")

        out: dict[str, Fraction | bool] = {}
        for eye, side, short in (("r", "右眼", "（右）"), ("l", "左眼", "（左）")):
            lens = f"非睫状肌麻痹屈光度（D）|{side}|"
            acuity = cell(f"{side}裸眼视力", f"{side}|裸眼视力", f"裸眼远视力*|{side}", f"裸眼{short}")
            sphere = cell(f"{side}屈光球镜S", f"{side}|电脑验光|球镜", f"{lens}球镜", f"球镜{short}")
            cylinder = cell(f"{side}屈光柱镜C", f"{side}|电脑验光|柱镜", f"{lens}柱镜", f"柱镜{short}")
            if acuity:
                out[eye] = Fraction(acuity) if acuity != "0" else Fraction("2.9")
            if sphere:
                out[f"se_{eye}"] = Fraction(sphere) + Fraction(cylinder or 0) / 2
        wears = cell("是否为角膜塑形镜（OK镜）佩戴者", "是否佩戴OK镜", "戴镜情况", "戴镜类型")
        out["ok"] = wears == "是" or "角膜塑形镜" in wears
        return out

    def judge_vision(
        self, period: str, checks: dict[str, dict[dt.date, dict[str, Fraction | bool]]], delivered: set[str]
    ) -> None:
        year, autumn = int(period[:4]), period.endswith("1")
        full_from = dt.date(year, 9, 30) if autumn else dt.date(year + 1, 3, 15)
        earliest: dict[str, dt.date] = {}
        for (pupil, _), line in self.rosters[period].items():
            entered = date(line.get("入校日期", "")) or dt.date.min
            earliest[pupil] = min(earliest.get(pupil, entered), entered)
        bands = {
            "poor_vision": lambda v: v < 5, "poor_vision_mild": lambda v: v == Fraction("4.9"),
            "poor_vision_moderate": lambda v: Fraction("4.6") <= v <= Fraction("4.8"),
            "poor_vision_severe": lambda v: v <= Fraction("4.5"),
        }  # fmt: skip
        counts: dict[str, Count] = defaultdict(Count)
        for pupil, (school, line) in self.accountable(period).items():
            grade = GRADE[line["年级编号"]]
            where = (school, self.stages(grade), self.subgroups(school, grade, line["性别"]))
            mine = checks.get(pupil, {})
            born = dt.date.fromisoformat(line["出生日期"])
            days = [d for d, c in mine.items() if "r" in c or "l" in c or c["ok"]]
            if earliest[pupil] <= full_from:
                counts["vision_two_checks"].add(*where, int(len(days) >= 2), 1)
            worse = screened = None
            for day in sorted(mine):
                check = mine[day]
                if day.year - born.year - ((day.month, day.day) < (born.month, born.day)) < 6:
                    continue
                values = [check[e] for e in ("r", "l") if e in check]
                if not check["ok"] and (len(values) == 2 or (values and min(values) < 5)):
                    worse = min(values)
                if check["ok"] or (len(values) == 2 and "se_r" in check and "se_l" in check):
                    half = Fraction("-0.5")
                    screened = check["ok"] or any(check[e] < 5 and check[f"se_{e}"] < half for e in ("r", "l"))
            if worse is not None:
                for indicator, rule in bands.items():
                    counts[indicator].add(*where, int(rule(worse)), 1)
            if screened is not None:
                counts["screening_myopia"].add(*where, int(screened), 1)
        for indicator, count in counts.items():
            self.roll_up(indicator, period, count, delivered if indicator == "vision_two_checks" else None)

    def judge_change(self, period: str, looks: dict[str, dict[str, list[vision_naive.Look]]]) -> None:
        before = looks.get(f"{int(period[:4]) - 1}-{period[:4]}{period[9:]}", {})
        counts: dict[str, Count] = defaultdict(Count)
        for pupil, (school, line) in self.accountable(period).items():
            grade = GRADE[line["年级编号"]]
            where = (school, self.stages(grade), self.subgroups(school, grade, line["性别"]))
            born = dt.date.fromisoformat(line["出生日期"])
            for indicator, yes in vision_naive.outcomes(born, before.get(pupil, []), looks[period].get(pupil, [])):
                counts[indicator].add(*where, int(yes), 1)
        for indicator, count in counts.items():
            self.roll_up(indicator, period, count, None)

    def count_year(self, seen: dict[str, tuple[set[str], set[str]]]) -> None:
        exams: dict[str, set[str]] = defaultdict(set)
        exam_schools: dict[str, set[str]] = defaultdict(set)
        for school, year, _, lines in deliveries(self.root, "physical_exam"):
            for line in lines:
                exam_schools[year].add(line.get("学校标识码") or school)
                if line["是否有做检查"] != "否":
                    exams[year].add(line["学籍号"])
        tested: dict[str, set[str]] = defaultdict(set)
        exempt: dict[str, set[str]] = defaultdict(set)
        fitness_schools: dict[str, set[str]] = defaultdict(set)
        for school, year, _, lines in deliveries(self.root, "fitness_test"):
            for line in lines:
                fitness_schools[year].add(line.get("学校标识码") or school)
                if line.get("是否参测") == "免予执行":
                    exempt[year].add(line["学籍号"])
                if any(line.get(item) for item in ITEMS):
                    tested[year].add(line["学籍号"])
        for year in {period[:9] for period in self.rosters}:
            exam, fitness, health = Count(), Count(), Count()
            checked = set().union(*(seen[p][0] for p in seen if p.startswith(year)))
            vision_schools = set().union(*(seen[p][1] for p in seen if p.startswith(year)))
            for pupil, (school, line) in self.accountable(f"{year}-1").items():
                grade = GRADE[line["年级编号"]]
                where = (school, self.stages(grade), self.subgroups(school, grade, line["性别"]))
                exam.add(*where, int(pupil in exams[year]), 1)
                health.add(*where, int(pupil in exams[year] and pupil in checked), 1)
                if pupil not in exempt[year]:
                    fitness.add(*where, int(pupil in tested[year]), 1)
            self.roll_up("exam_coverage", year, exam, exam_schools[year])
            self.roll_up("fitness_coverage", year, fitness, fitness_schools[year])
            self.roll_up("health_file", year, health, exam_schools[year] | vision_schools)

    def count_exams(self) -> None:
        teeth = [f"龋齿|{kind}|{letter}" for kind, letters in (("乳牙", "dmf"), ("恒牙", "DMF")) for letter in letters]
        lines_of: dict[str, dict[str, list[tuple[dt.date, Line]]]] = defaultdict(lambda: defaultdict(list))
        for _, year, name, lines in deliveries(self.root, "physical_exam"):
            for line in lines:
                if line["是否有做检查"] != "否":
                    lines_of[year][line["学籍号"]].append((day_of(name, line), line))
        for year in {period[:9] for period in self.rosters}:
            counts: dict[str, Count] = defaultdict(Count)
            for pupil, (school, rostered) in self.accountable(f"{year}-1").items():
                grade, sex = GRADE[rostered["年级编号"]], {"男": "M", "女": "F"}[rostered["性别"]]
                where = (school, self.stages(grade), self.subgroups(school, grade, rostered["性别"]))
                born = dt.date.fromisoformat(rostered["出生日期"])
                found: dict[str, bool] = {}
                for on, line in sorted(lines_of[year][pupil], key=lambda one: one[0]):
                    height = int(Fraction(line["身高"]) * 10) if line["身高"] else None
                    weight = int(Fraction(line["体重"]) * 1000) if line["体重"] else None
                    label, stunted = exam_naive.judge(sex, born, on, height, weight)
                    if label:
                        found["exam_overweight"], found["exam_obesity"] = label == "overweight", label == "obese"
                        found["exam_thinness"] = label.startswith("thin")
                    if stunted is not None:
                        found["exam_stunting"] = stunted
                    if any(line.get(tooth) for tooth in teeth):
                        found["exam_caries"] = any(int(line.get(tooth) or 0) > 0 for tooth in teeth)
                    if line["脊柱弯曲|胸腰段"]:
                        found["exam_spine"] = line["脊柱弯曲|胸腰段"] == "侧弯"
                    measured = bool(line["血压|收缩压"] and line["血压|舒张压"])
                    found["exam_blood_pressure"] = found.get("exam_blood_pressure", False) or measured
                for indicator, yes in found.items():
                    counts[indicator].add(*where, int(yes), 1)
            for indicator, count in counts.items():
                self.roll_up(indicator, year, count, None)

    def count_fitness(self) -> None:
        heads = {
            "vital_capacity": ("肺活量",), "run_50m": ("50米跑", "50米"), "sit_reach": ("坐位体前屈",), "rope": ("一分钟跳绳", "跳绳"),
            "sit_up": ("一分钟仰卧起坐", "仰卧起坐"), "shuttle_50x8": ("50米×8往返跑", "50米*8往返跑"), "standing_jump": ("立定跳远",),
            "run_800m": ("800米跑", "800米"), "run_1000m": ("1000米跑", "1000米"), "pull_up": ("引体向上",), "height_mm": ("身高",),
            "weight_g": ("体重",),
        }  # fmt: skip
        units = {"run_50m": 10, "sit_reach": 10, "height_mm": 10, "weight_g": 1000}
        results: dict[str, dict[str, fitness_naive.Result]] = defaultdict(dict)
        told: dict[str, set[str]] = defaultdict(set)
        for school, year, _, lines in deliveries(self.root, "fitness_test"):
            for line in lines:
                told[year].add(line.get("学校标识码") or school)
                test: dict[str, int | None] = {}
                for item, names in heads.items():
                    text = next((line[name] for name in names if line.get(name)), "")
                    if "'" in text:
                        minutes, seconds = text.rstrip('"').split("'")
                        test[item] = 60 * int(minutes) + int(seconds)
                    elif text:
                        test[item] = int(Fraction(text) * units.get(item, 1))
                sex = {"男": "M", "女": "F", "1": "M", "2": "F"}[line["性别"]]
                exempt = "exempt" if line.get("是否参测") == "免予执行" else None
                assert line["学籍号"] not in results[year], "tested twice"
                results[year][line["学籍号"]] = fitness_naive.judge(GRADE[line["年级编号"]], sex, test, exempt)
        for year in {period[:9] for period in self.rosters}:
            counts: dict[str, Count] = defaultdict(Count)
            for pupil, (school, line) in self.accountable(f"{year}-1").items():
                grade = GRADE[line["年级编号"]]
                where = (school, self.stages(grade), self.subgroups(school, grade, line["性别"]))
                result = results[year].get(pupil)
                counts["fitness_exempt"].add(*where, int(result is not None and result.status == "exempt"), 1)
                if result is None:
                    continue
                if result.bmi_class:
                    for name in ("normal", "thin", "overweight", "obese"):
                        counts[f"fitness_bmi_{name}"].add(*where, int(result.bmi_class == name), 1)
                for item, points in result.scores.items():
                    counts[f"fitness_mean_{item}"].add(*where, points, 1)
                if result.total is not None:
                    for name, limit in (("pass", 60), ("good", 80), ("excellent", 90)):
                        counts[f"fitness_{name}"].add(*where, int(result.total >= limit), 1)
            for indicator, count in counts.items():
                self.roll_up(indicator, year, count, told[year] if indicator == "fitness_exempt" else None)

    def count_films(self) -> None:
        seen: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        delivered: dict[str, set[str]] = defaultdict(set)
        for _, period, _, lines in deliveries(self.root, "film_screening"):
            for line in lines:
                delivered[period].add(line["学校标识码"])
                if line["是否教育部推荐片目"] == "是":
                    titles = seen[period, line["学校标识码"], line["年级编号"], line["班级编号"]]
                    titles[line["片名"]] = max(titles[line["片名"]], int(line["实到人数"]))
        counts: dict[tuple[str, str], Count] = defaultdict(Count)
        for _, period, _, lines in deliveries(self.root, "class_roster"):
            for line in lines:
                size, school = int(line["学生数"]), line["学校标识码"]
                titles = seen.get((period, school, line["年级编号"], line["班级编号"]), {})
                seats = sorted((min(size, n) for n in titles.values()), reverse=True)
                grade = GRADE[line["年级编号"]]
                where = (school, self.stages(grade), self.subgroups(school, grade))
                counts["films_per_pupil", period].add(*where, sum(seats), size)
                counts["films_two", period].add(*where, seats[1] if len(seats) > 1 else 0, size)
        for (indicator, period), count in counts.items():
            self.roll_up(indicator, period, count, delivered[period])

    def count_canteens(self) -> None:
        checks: dict[str, dict[str, Line]] = defaultdict(dict)
        failed: set[tuple[str, str]] = set()
        found: set[tuple[str, str]] = set()
        looked: dict[str, dict[tuple[str, int], bool]] = defaultdict(dict)
        delivered: dict[str, set[str]] = defaultdict(set)
        horizon = dt.date.min
        for _, year, _, lines in deliveries(self.root, "food_inspection"):
            for line in lines:
                school = line["学校标识码"] or self.by_name[line["学校名称"]]
                delivered[year].add(school)
                key = line["检查编号"]
                old = checks[year].get(key, {})
                checks[year][key] = {**old, **{k: v for k, v in line.items() if v}, "school": school}
                horizon = max(filter(None, (horizon, date(line["检查日期"]), date(line["复查日期"]))))
                if "项目序号" in line:
                    items = {int(line["项目序号"]): line["结果"]}
                else:
                    items = {n: line[f"*{n}" if n in KEY_ITEMS else str(n)] for n in range(1, 34)}
                bad = {n for n, word in items.items() if word in ("否", "不符合")}
                concluded = not any(items.values()) and line["检查结论"] == "不符合"
                if bad & KEY_ITEMS or concluded:
                    failed.add((year, key))
                if bad or concluded:
                    found.add((year, key))
                looked[year].update({(key, n): n in bad for n, word in items.items() if word})
        for year in {period[:9] for period in self.rosters}:
            counts: dict[str, Count] = defaultdict(Count)
            visits: dict[tuple[str, str], list[Line]] = defaultdict(list)
            for key, line in checks[year].items():
                if line["检查类型"] == "自查":
                    continue
                visits[line["school"], line.get("许可证号") or line["食堂名称"]].append(line)
                where = (
                    line["school"],
                    TYPE_STAGES[self.schools[line["school"]]["办学类型码"]],
                    self.subgroups(line["school"]),
                )
                counts["inspection_key_failed"].add(*where, int((year, key) in failed), 1)
                counts["inspection_finding"].add(*where, int((year, key) in found), 1)
                due, again = date(line.get("整改期限", "")), date(line.get("复查日期", ""))
                if due and due <= horizon:
                    done = again is not None and again <= due and line["复查结果"] == "合格"
                    counts["inspection_closed_on_time"].add(*where, int(done), 1)
            again: dict[tuple[str, str, int], list[tuple[str, bool]]] = defaultdict(list)
            for (key, item), bad in looked[year].items():
                line = checks[year][key]
                if line["检查类型"] != "自查":
                    place = (line["school"], line.get("许可证号") or line["食堂名称"], item)
                    again[place].append((line["检查日期"], bad))
            for (school, _, _), looks in again.items():
                first = min((on for on, bad in looks if bad), default="9999")
                later = [bad for on, bad in looks if on > first]
                if later:
                    where = (school, TYPE_STAGES[self.schools[school]["办学类型码"]], self.subgroups(school))
                    counts["inspection_repeat"].add(*where, int(any(later)), 1)
            some: dict[str, int] = defaultdict(int)
            met: dict[str, int] = defaultdict(int)
            for (school, _), lines in visits.items():
                latest = max(lines, key=lambda line: line["检查日期"])
                some[school] += 1
                met[school] += len(lines) >= {"C": 2, "D": 3}.get(latest.get("风险等级", ""), 1)
            kitchen: dict[str, Line] = {}
            for _, period, _, lines in deliveries(self.root, "kitchen_register"):
                for line in lines if period == year else []:
                    old = kitchen.get(line["学校标识码"])
                    if not old or old["统计日期"] <= line["统计日期"]:
                        kitchen[line["学校标识码"]] = line
            for school, line in self.schools.items():
                where = (school, TYPE_STAGES[line["办学类型码"]], self.subgroups(school))
                canteens = int(line["食堂数"])
                counts["canteens_inspected"].add(*where, min(some[school], canteens), canteens)
                counts["inspection_frequency_met"].add(*where, min(met[school], canteens), canteens)
                row = kitchen.get(school)
                total = int(row["食堂数"]) if row else canteens
                for indicator, column in (
                    ("kitchen_open", "实现明厨亮灶食堂数"),
                    ("kitchen_internet", "互联网+明厨亮灶食堂数"),
                ):
                    counts[indicator].add(*where, min(int(row[column]), total) if row else 0, total)
            for indicator, count in counts.items():
                told = delivered[year] if indicator in ("canteens_inspected", "inspection_frequency_met") else None
                self.roll_up(indicator, year, count, set(kitchen) if indicator.startswith("kitchen") else told)

    def count(self) -> dict[tuple[str, ...], tuple[int | None, int]]:
        self.count_year(self.count_vision())
        self.count_exams()
        self.count_fitness()
        self.count_films()
        self.count_canteens()
        return self.figures | forms_naive.count_forms(self.schools, lambda feed: deliveries(self.root, feed))


def counted(root: Path) -> dict[tuple[str, ...], tuple[int | None, int]]:
    return World(root).count()
