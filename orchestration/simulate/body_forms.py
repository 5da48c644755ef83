"""Forms of the examination (common diseases) and of the fitness test (national upload, bureau-made sheet)."""

from __future__ import annotations

import polars as pl

from orchestration.simulate.sheets import GRADE_CODES, GRADE_WORDS, Column, Layout, column, dates, decimals, words

SCHOOL_CODE = column("school_code", "学校标识码")
EXAM_DATE = column("on", "检查日期", kind="date")
TEST_DATE = column("on", "测试日期", kind="date")
TAKING_PART = column("part", "是否参测")


def _num(key: str, head: str, official: str = "") -> Column:
    return column(key, head, official, "number")


EXAM = Layout(
    "physical_exam",
    "common_diseases",
    (
        column("name", "姓名"), column("sex", "性别"), column("birth", "出生日期", kind="date"), column("nation", "民族"),
        column("school_name", "学校名称"), column("grade", "年级", "年级编号"), column("klass", "班级", "班级编号"),
        column("xjh", "学籍号"), column("address", "家庭地址"), column("examined", "是否有做检查"), column("reason", "未做原因"),
        column("valid", "是否有效数据"), column("again", "是否复测"), _num("height", "身高"), _num("weight", "体重"),
        _num("dt", "龋齿|乳牙|d", "乳牙d"), _num("mt", "龋齿|乳牙|m", "乳牙m"), _num("ft", "龋齿|乳牙|f", "乳牙f"),
        _num("d", "龋齿|恒牙|D", "恒牙D"), _num("m", "龋齿|恒牙|M", "恒牙M"), _num("f", "龋齿|恒牙|F", "恒牙F"),
        column("spine_upper", "脊柱弯曲|胸段"), column("spine", "脊柱弯曲|胸腰段"), column("spine_lower", "脊柱弯曲|腰段"),
        column("spine_front", "脊柱弯曲|前后弯曲"), _num("diastolic", "血压|舒张压", "舒张压"),
        _num("systolic", "血压|收缩压", "收缩压"), column("remark", "其他眼病"),
    ),
)  # fmt: skip

_PERSON = (
    column("grade", "年级编号"), column("klass", "班级编号"), column("klass_name", "班级名称"), column("xjh", "学籍号"),
    column("nation", "民族代码"), column("name", "姓名"), column("sex", "性别"), column("birth", "出生日期", kind="date"),
    column("address", "家庭住址"), _num("height", "身高"), _num("weight", "体重"), _num("vital_capacity", "肺活量"),
    _num("run_50m", "50米跑"), _num("sit_reach", "坐位体前屈"),
)  # fmt: skip
_YOUNG = (_num("rope", "一分钟跳绳"), _num("sit_up", "一分钟仰卧起坐"), column("shuttle", "50米×8往返跑"))
_OLD = (
    _num("standing_jump", "立定跳远"), column("run_800m", "800米跑"), column("run_1000m", "1000米跑"), _num("pull_up", "引体向上"),
)  # fmt: skip
NATIONAL_YOUNG = Layout("fitness_test", "national", _PERSON + _YOUNG)
NATIONAL_ALL = Layout("fitness_test", "national", _PERSON + _YOUNG + _OLD)

# The optional block of the upload form: a second feed on the same sheet, the left eye first.
EYES = (
    _num("va_l", "左眼裸眼视力"), _num("va_r", "右眼裸眼视力"), column("lens_l", "左眼串镜"), column("lens_r", "右眼串镜"),
    column("error_l", "左眼屈光不正"), column("error_r", "右眼屈光不正"),
)  # fmt: skip

_SHEET = (
    column("school_name", "学校", "学校名称"), column("grade", "年级编号"), column("grade_name", "年级"),
    column("klass", "班级", "班级编号"), column("xjh", "学籍号"), column("number", "学号"), column("name", "姓名"), column("sex", "性别"),
    column("birth", "出生日期", kind="date"), _num("height", "身高"), _num("weight", "体重"), _num("vital_capacity", "肺活量"),
    _num("run_50m", "50米", "50米跑"), _num("sit_reach", "坐位体前屈"),
)  # fmt: skip
_SHEET_SIT_UP = _num("sit_up", "仰卧起坐", "一分钟仰卧起坐")
_SHEET_YOUNG = (_num("rope", "跳绳", "一分钟跳绳"), _SHEET_SIT_UP, column("shuttle", "50米*8往返跑", "50米×8往返跑"))
_SHEET_OLD = (
    _num("standing_jump", "立定跳远"), column("run_800m", "800米", "800米跑"), column("run_1000m", "1000米", "1000米跑"),
    _SHEET_SIT_UP, _num("pull_up", "引体向上"),
)  # fmt: skip
BUREAU_YOUNG = Layout("fitness_test", "bureau", (*_SHEET, *_SHEET_YOUNG, TAKING_PART))
BUREAU_OLD = Layout("fitness_test", "bureau", (*_SHEET, *_SHEET_OLD, TAKING_PART))

REASONS = ("请假", "拒绝", "转出")
PARTS = ("是", "否", "免予执行", "暂缓", "缺项")
SPINE = ("正常", "侧弯")
TIMES = ("shuttle", "run_800m", "run_1000m")


def minutes(name: str, form: str = "{}'{}\"") -> pl.Expr:
    """Seconds as minutes and seconds: 3'25\"."""
    seconds = pl.col(name)
    text = pl.format(form, seconds // 60, (seconds % 60).cast(pl.String).str.zfill(2))
    return pl.when(seconds.is_not_null()).then(text)


def render(lines: pl.DataFrame, layout: Layout, date_form: str = "%Y-%m-%d") -> pl.DataFrame:
    """Writes lines of an examination or fitness sheet as text."""
    have = set(lines.columns)
    sexes = ("1", "2") if layout.name == "national" else ("男", "女")
    coded = layout.feed == "fitness_test"
    cells: dict[str, pl.Expr] = {
        "grade": words(pl.col("grade"), GRADE_CODES if coded else GRADE_WORDS),
        "grade_name": words(pl.col("grade"), GRADE_WORDS),
        "klass": pl.col("klass").cast(pl.String) + (pl.lit("") if layout.name == "national" else pl.lit("班")),
        "klass_name": words(pl.col("grade"), GRADE_WORDS) + pl.col("klass").cast(pl.String) + "班",
        "sex": words(pl.col("sex"), sexes), "birth": dates(pl.col("birth"), date_form),
        "on": dates(pl.col("on"), date_form),
        "height": decimals(pl.col("height"), 1), "weight": decimals(pl.col("weight"), 1),
    }  # fmt: skip
    for name in ("xjh", "nation", "name", "school_name", "school_code", "number"):
        cells[name] = pl.col(name)
    if layout.feed == "physical_exam":
        done = pl.col("examined")
        cells |= {
            "examined": pl.when(done).then(pl.lit("是")).otherwise(pl.lit("否")),
            "reason": pl.when(~done).then(words(pl.col("reason"), REASONS)),
            "valid": pl.when(done).then(pl.lit("是")), "again": pl.when(done).then(pl.lit("否")),
            "spine_upper": pl.when(done).then(pl.lit("正常")), "spine": words(pl.col("spine"), SPINE),
            "spine_lower": pl.when(done).then(pl.lit("正常")), "spine_front": pl.when(done).then(pl.lit("正常")),
        }  # fmt: skip
    else:
        for eye in ("va_l", "va_r"):
            acuity = pl.col(eye).cast(pl.Int64)
            cells[eye] = pl.when(acuity == 29).then(pl.lit("0")).otherwise(decimals(acuity, 1))
        cells |= {"part": words(pl.col("part"), PARTS), "run_50m": decimals(pl.col("run_50m"), 1)}
        cells |= {"sit_reach": decimals(pl.col("sit_reach"), 1), **{name: minutes(name) for name in TIMES}}
    nothing = pl.lit(None, dtype=pl.String)

    def cell(key: str) -> pl.Expr:
        return cells.get(key, pl.col(key).cast(pl.String) if key in have else nothing)

    return lines.select(cell(one.key).alias(one.key) for one in layout.columns)
