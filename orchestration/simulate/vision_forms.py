"""The four forms of a vision check: national sheet, Shanghai, Changsha, and the school template."""

from __future__ import annotations

import polars as pl

from orchestration.simulate.sheets import (
    GRADE_CODES,
    GRADE_OLD,
    GRADE_WORDS,
    Column,
    Layout,
    column,
    dates,
    decimals,
    words,
)


def _eye(side: str, key: str, prefix: str = "") -> list[Column]:
    return [
        column(f"s_{key}", f"{prefix}{side}屈光球镜S", f"{side}屈光球镜S", "number"),
        column(f"c_{key}", f"{prefix}{side}屈光柱镜C", f"{side}屈光柱镜C", "number"),
        column(f"a_{key}", f"{prefix}{side}屈光轴位A", f"{side}屈光轴位A", "number"),
    ]


NATIONAL = Layout(
    "vision_check",
    "national",
    (
        column("grade", "年级编号"), column("klass", "班级编号"), column("klass_name", "班级名称"), column("xjh", "学籍号"),
        column("nation", "民族代码"), column("name", "姓名"), column("sex", "性别"), column("birth", "出生日期", kind="date"),
        column("address", "家庭住址"), column("va_r", "右眼裸眼视力", kind="number"), column("va_l", "左眼裸眼视力", kind="number"),
        *_eye("右眼", "r"), *_eye("左眼", "l"), column("ok", "是否为角膜塑形镜（OK镜）佩戴者"),
    ),
)  # fmt: skip


def _block(side: str, key: str) -> list[Column]:
    return [
        column(f"va_{key}", f"{side}|裸眼视力", f"{side}裸眼视力", "number"),
        column(f"cor_{key}", f"{side}|戴镜视力", f"{side}矫正视力", "number"),
        column(f"s_{key}", f"{side}|电脑验光|球镜", f"{side}屈光球镜S", "number"),
        column(f"c_{key}", f"{side}|电脑验光|柱镜", f"{side}屈光柱镜C", "number"),
        column(f"a_{key}", f"{side}|电脑验光|轴位", f"{side}屈光轴位A", "number"),
    ]


SHANGHAI = Layout(
    "vision_check",
    "shanghai",
    (
        column("klass", "班级信息|班号", "班级编号"), column("klass_name", "班级信息|班级", "班级名称"),
        column("number", "学生信息|学号", "学号"), column("name", "学生信息|姓名", "姓名"), column("idno", "学生信息|身份证号", "身份证号"),
        column("sex", "学生信息|性别", "性别"), column("birth", "学生信息|出生日期", "出生日期", "date"),
        *_block("左眼", "l"), *_block("右眼", "r"), column("ok", "是否佩戴OK镜", "是否为角膜塑形镜（OK镜）佩戴者"),
    ),
)  # fmt: skip


def _pair(head: str, key: str, official: str) -> list[Column]:
    return [
        column(f"{key}_r", f"{head}|右眼", f"右眼{official}", "number"),
        column(f"{key}_l", f"{head}|左眼", f"左眼{official}", "number"),
    ]


def _lens(side: str, key: str) -> list[Column]:
    head = f"非睫状肌麻痹屈光度（D）|{side}"
    return [
        column(f"s_{key}", f"{head}|球镜", f"{side}屈光球镜S", "number"),
        column(f"c_{key}", f"{head}|柱镜", f"{side}屈光柱镜C", "number"),
        column(f"a_{key}", f"{head}|轴位", f"{side}屈光轴位A", "number"),
    ]


CHANGSHA = Layout(
    "vision_check",
    "changsha",
    (
        column("serial", "序号*", "序号"), column("xjh", "学籍号*", "学籍号"), column("name", "姓名*", "姓名"),
        column("sex", "性别*", "性别"), column("birth", "出生日期*", "出生日期", "date"), column("grade", "年级*", "年级编号"),
        column("klass", "班级*", "班级编号"), *_pair("裸眼远视力*", "va", "裸眼视力"), *_lens("右眼", "r"), *_lens("左眼", "l"),
        *_pair("戴镜视力", "cor", "矫正视力"), column("glasses", "戴镜类型", "戴镜情况"), column("method", "检查方式"),
        *_pair("串镜校正", "blank1", "串镜"), *_pair("散瞳后屈光度", "blank2", "散瞳后屈光度"),
        column("blank3_r", "角膜曲率|K1"), column("blank3_l", "角膜曲率|K2"), *_pair("眼轴", "blank4", "眼轴"),
        *_pair("眼压", "blank5", "眼压"), column("remark", "备注"),
    ),
    title="儿童青少年眼健康电子档案",
)  # fmt: skip

SCHOOL = Layout(
    "vision_check",
    "school",
    (
        column("serial", "筛查学生ID"), column("xjh", "学籍号"), column("name", "姓名"), column("idno", "证件号", "身份证号"),
        column("sex", "性别"), column("birth", "出生日期", kind="date"), column("grade", "年级", "年级编号"),
        column("klass", "班级", "班级编号"), column("passport", "护照号"), column("glasses", "戴镜情况"),
        column("va_r", "裸眼（右）", "右眼裸眼视力", "number"), column("va_l", "裸眼（左）", "左眼裸眼视力", "number"),
        column("cor_r", "矫正（右）", "右眼矫正视力", "number"), column("cor_l", "矫正（左）", "左眼矫正视力", "number"),
        column("s_r", "球镜（右）", "右眼屈光球镜S", "number"), column("c_r", "柱镜（右）", "右眼屈光柱镜C", "number"),
        column("a_r", "轴位（右）", "右眼屈光轴位A", "number"), column("s_l", "球镜（左）", "左眼屈光球镜S", "number"),
        column("c_l", "柱镜（左）", "左眼屈光柱镜C", "number"), column("a_l", "轴位（左）", "左眼屈光轴位A", "number"),
        column("height", "身高（单位CM）", "身高", "number"), column("weight", "体重（单位KG）", "体重", "number"),
    ),
    note="填写说明：1. 带*为必填项；2. 裸眼视力按五分记录填写；3. 没有数据的单元格留空；4. 请勿改动表头。",
)  # fmt: skip

FORMS = {form.name: form for form in (NATIONAL, SHANGHAI, CHANGSHA, SCHOOL)}
CHECK_DATE = column("check_date", "检查日期", kind="date")
SCHOOL_CODE = column("school_code", "学校标识码")

WEARING = {
    "school": ("不佩戴眼镜", "佩戴框架眼镜", "佩戴隐形眼镜", "夜戴角膜塑形镜"),
    "changsha": ("无", "框架眼镜", "隐形眼镜", "角膜塑形镜"),
}


def _acuity(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.Int64)
    # Below 3.0 is written as 0, as the notice of 2021 has it.
    return pl.when(value == 29).then(pl.lit("0")).otherwise(decimals(value, 1))


def render(records: pl.DataFrame, layout: Layout, date_form: str = "%Y-%m-%d") -> pl.DataFrame:
    """Writes checks as the cells of a form.

    Args:
        records: checks joined with person, roster and school columns, one row per line of the sheet.
        layout: the form, perhaps with extra columns.
        date_form: how this school writes dates.
    """
    measured = pl.col("seen")
    wearing = WEARING.get(layout.name, WEARING["school"])
    grade_table = {"changsha": GRADE_OLD, "school": GRADE_WORDS}.get(layout.name, GRADE_CODES)
    sexes = ("1", "2") if layout.name == "national" else ("男", "女")
    cells: dict[str, pl.Expr] = {
        "grade": words(pl.col("grade"), grade_table),
        "klass": pl.col("klass").cast(pl.String) + (pl.lit("") if layout.name == "national" else pl.lit("班")),
        "klass_name": words(pl.col("grade"), GRADE_WORDS) + pl.col("klass").cast(pl.String) + "班",
        "xjh": pl.col("xjh"), "idno": pl.col("idno"), "nation": pl.col("nation"), "name": pl.col("name"),
        "number": pl.col("number"), "sex": words(pl.col("sex"), sexes), "birth": dates(pl.col("birth"), date_form),
        "serial": (pl.int_range(pl.len()) + 1).cast(pl.String),
        "ok": pl.when(measured).then(words((pl.col("glasses") == 3).cast(pl.Int64), ("否", "是"))),
        "glasses": pl.when(measured).then(words(pl.col("glasses"), wearing)),
        "method": pl.when(measured & pl.col("s_r").is_not_null()).then(pl.lit("电脑验光")),
        "check_date": dates(pl.col("check_date"), date_form),
        "school_code": pl.col("school_code"),
    }  # fmt: skip
    for eye in ("r", "l"):
        cells[f"va_{eye}"] = _acuity(f"va_{eye}")
        cells[f"cor_{eye}"] = decimals(pl.col(f"cor_{eye}").cast(pl.Int64), 1)
        cells[f"s_{eye}"] = decimals(pl.col(f"s_{eye}").cast(pl.Int64), 2)
        cells[f"c_{eye}"] = decimals(pl.col(f"c_{eye}").cast(pl.Int64), 2)
        cells[f"a_{eye}"] = pl.col(f"a_{eye}").cast(pl.String)
    nothing = pl.lit(None, dtype=pl.String)
    return records.select(cells.get(column.key, nothing).alias(column.key) for column in layout.columns)
