"""The yearly forms of schools and counties, and the simulated numbers written into them."""

from __future__ import annotations

import polars as pl

from orchestration.simulate.places import County
from orchestration.simulate.randomness import stream
from orchestration.simulate.schools import School
from orchestration.simulate.sheets import Column, Layout, column, decimals


def _numbers(*pairs: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(column(key, head, kind="number") for key, head in pairs)


SCHOOL_FORM = Layout(
    "school_form",
    "own",
    (
        column("year", "学年"), column("code", "学校标识码"), column("school_name", "学校名称"), column("type", "办学类型码"),
        column("founded", "建校年份"), column("metro", "是否特大城市中心城区"),
        *_numbers(
            ("pp", "小学在校生数"), ("pj", "初中在校生数"), ("ps", "高中在校生数"), ("cp", "小学班数"), ("cj", "初中班数"), ("lp", "小学最大班额"),
            ("lj", "初中最大班额"), ("over45", "小学超45人班数"), ("over50", "初中超50人班数"), ("c56", "56人及以上班数"), ("c66", "66人及以上班数"),
            ("qual_p", "小学高于规定学历教师数"), ("qual_j", "初中高于规定学历教师数"), ("back_p", "小学县级以上骨干教师数"), ("back_j", "初中县级以上骨干教师数"),
            ("pe_p", "小学体育教师数"), ("mu_p", "小学音乐教师数"), ("ar_p", "小学美术教师数"), ("pe_j", "初中体育教师数"), ("mu_j", "初中音乐教师数"),
            ("ar_j", "初中美术教师数"), ("visiting", "走教体艺教师数"), ("teachers", "专任教师数"), ("certified", "持证专任教师数"),
            ("due360", "应完成360学时教师数"), ("done360", "完成360学时教师数"), ("floor", "教学及辅助用房面积(㎡)"), ("gym", "体育馆面积(㎡)"),
            ("ground", "运动场地面积(㎡)"), ("equip", "教学仪器设备值(万元)"), ("media", "网络多媒体教室数"), ("music", "96㎡以上音乐教室数"),
            ("art", "90㎡以上美术教室数"), ("budget", "公用经费预算(万元)"), ("spent", "公用经费决算(万元)"), ("training", "培训经费(万元)"),
            ("approved", "核定公用经费(元)"), ("entry_p", "小学起始年级人数"), ("zoned_p", "小学划片入学人数"), ("entry_j", "初中起始年级人数"),
            ("zoned_j", "初中划片入学人数"), ("start", "三年前初一在校生数"), ("moved_in", "三年转入"), ("moved_out", "三年转出"), ("died", "三年死亡"),
            ("graduates", "初中毕业生数"), ("doctors", "校医数"), ("health", "卫生室或保健室数"),
        ),
    ),
)  # fmt: skip
COUNTY_FORM = Layout(
    "county_form",
    "own",
    (
        column("year", "学年"), column("budget_year", "预算年度"), column("county", "区县代码"), column("county_name", "区县名称"),
        *_numbers(
            ("fund_p", "小学生均公用经费标准(元)"), ("fund_j", "初中生均公用经费标准(元)"), ("special_fund", "特教公用经费总额(万元)"), ("special", "特教学生数"),
            ("teacher_pay", "教师年平均工资(万元)"), ("servant_pay", "公务员年平均工资(万元)"), ("eligible", "符合交流条件教师数"), ("exchanged", "交流轮岗教师数"),
            ("exchanged_back", "交流轮岗骨干教师数"), ("plan", "优质高中计划招生数"), ("shared", "指标到校名额数"), ("rural", "其中农村初中名额数"),
            ("migrant", "符合条件随迁子女数"), ("public", "公办学校就读随迁子女数"), ("bought", "购买服务民办就读随迁子女数"), ("disabled", "适龄残疾儿童少年数"),
            ("disabled_in", "已入学残疾儿童少年数"),
        ),
    ),
)  # fmt: skip
AREAS, WAN, CENTS = ("floor", "gym", "ground"), ("equip", "budget", "spent", "training"), ("approved",)
COUNTY_WAN, COUNTY_CENTS = ("special_fund", "teacher_pay", "servant_pay"), ("fund_p", "fund_j")
OF_STAGE = {
    "pp": ("cp", "lp", "over45", "qual_p", "back_p", "pe_p", "mu_p", "ar_p", "entry_p", "zoned_p"),
    "pj": ("cj", "lj", "over50", "qual_j", "back_j", "pe_j", "mu_j", "ar_j", "entry_j", "zoned_j"),
}


def _text(key: str, hundredths: tuple[str, ...], wan: tuple[str, ...]) -> pl.Expr:
    if key in hundredths:
        return decimals(pl.col(key), 2).alias(key)
    if key in wan:
        return decimals(pl.col(key) // 100, 2).alias(key)
    return pl.col(key).cast(pl.String)


def school_form_rows(rows: pl.DataFrame, schools: list[School], seed: int, year: int) -> pl.DataFrame:
    """School forms as text; what concerns a stage the school does not have is 0 at some schools and blank at others."""
    local = [schools[index] for index in rows["school"].to_list()]
    leaves_blank = [bool(stream(seed, "form-habit", school.code).random() < 0.5) for school in local]
    texts = [_text(c.key, (*AREAS, *CENTS), WAN) for c in SCHOOL_FORM.columns if c.kind == "number"]
    frame = rows.with_columns(_blank=pl.Series(leaves_blank, dtype=pl.Boolean))
    text = frame.select("_blank", *texts)
    stages = {"pp": OF_STAGE["pp"], "pj": (*OF_STAGE["pj"], "start", "moved_in", "moved_out", "died", "graduates")}
    for pupils, keys in stages.items():
        absent = pl.col("_blank") & (pl.lit(rows[pupils]) == 0)
        text = text.with_columns(pl.when(~absent).then(pl.col(key)).alias(key) for key in (pupils, *keys))
    text = text.with_columns(pl.when(~(pl.col("_blank") & (pl.lit(rows["ps"]) == 0))).then(pl.col("ps")).alias("ps"))
    return text.with_columns(
        year=pl.lit(f"{year}-{year + 1}"),
        code=pl.Series([school.code for school in local], dtype=pl.String),
        school_name=pl.Series([school.name for school in local], dtype=pl.String),
        type=pl.Series([school.type_code for school in local], dtype=pl.String),
        founded=pl.Series([str(school.founded) for school in local], dtype=pl.String),
        metro=pl.lit("否"),
    ).select(SCHOOL_FORM.keys)


def county_form_rows(numbers: dict[str, int], county: County, year: int) -> pl.DataFrame:
    """A county's form as text."""
    texts = [_text(c.key, COUNTY_CENTS, COUNTY_WAN) for c in COUNTY_FORM.columns if c.kind == "number"]
    return (
        pl.DataFrame([numbers])
        .select("budget_year", *texts)
        .with_columns(
            pl.col("budget_year").cast(pl.String),
            year=pl.lit(f"{year}-{year + 1}"),
            county=pl.lit(county.code),
            county_name=pl.lit(county.name),
        )
        .select(COUNTY_FORM.keys)
    )
