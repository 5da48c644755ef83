"""School register, student roster and class roster: their forms, and the world written into them."""

from __future__ import annotations

import polars as pl

from orchestration.simulate.population import STATUS
from orchestration.simulate.schools import School
from orchestration.simulate.sheets import GRADE_CODES, GRADE_WORDS, Layout, column, dates, words
from orchestration.simulate.terms import Semester, day, iso

REGISTER = Layout(
    "school_register",
    "own",
    (
        column("year", "学年"), column("code", "学校标识码"), column("name", "学校名称"), column("former", "曾用名"),
        column("county", "区县代码"), column("county_name", "区县名称"), column("parent", "主管校标识码"), column("type", "办学类型码"),
        column("owner", "举办者类型"), column("place", "城乡分类代码"), column("boarding", "是否寄宿制"),
        column("canteens", "食堂数", kind="number"), column("founded", "建校年份", kind="number"),
        column("opened", "启用日期", kind="date"), column("closed", "停用日期", kind="date"), column("heir", "并入学校标识码"),
        column("snapshot", "快照日期", kind="date"),
    ),
)  # fmt: skip

ROSTER = Layout(
    "student_roster",
    "own",
    (
        column("year", "学年"), column("half", "学期"), column("code", "学校标识码"), column("xjh", "学籍号"), column("idno", "身份证号"),
        column("number", "学号"), column("name", "姓名"), column("sex", "性别"), column("birth", "出生日期", kind="date"),
        column("nation", "民族代码"), column("grade", "年级编号"), column("klass", "班级编号"), column("klass_name", "班级名称"),
        column("boarder", "是否寄宿"), column("migrant", "是否随迁子女"), column("status", "学籍状态"),
        column("entered", "入校日期", kind="date"), column("left", "离校日期", kind="date"), column("snapshot", "快照日期", kind="date"),
    ),
)  # fmt: skip

CLASSES = Layout(
    "class_roster",
    "own",
    (
        column("year", "学年"), column("half", "学期"), column("code", "学校标识码"), column("stage", "学段"),
        column("grade", "年级编号"), column("klass", "班级编号"), column("klass_name", "班级名称"),
        column("pupils", "学生数", kind="number"), column("snapshot", "快照日期", kind="date"),
    ),
)  # fmt: skip

STAGE_WORDS = ("", *("小学",) * 6, *("初中",) * 3, *("高中",) * 3)


def register_rows(schools: list[School], everyone: list[School], year: int, closed_known: bool) -> pl.DataFrame:
    """The register of some schools at the start of a year, or with the closures of that autumn."""
    snapshot = day(year + 1, 1, 10) if closed_known else day(year, 9, 20)
    rows = []
    for school in schools:
        closed = school.closes is not None and school.closes < snapshot
        rows.append(
            {
                "year": f"{year}-{year + 1}", "code": school.code, "name": school.name, "former": school.former or None,
                "county": school.county.code, "county_name": school.county.name,
                "parent": everyone[school.parent].code if school.parent >= 0 else None, "type": school.type_code,
                "owner": school.owner, "place": school.residence_code, "boarding": "是" if school.boarding else "否",
                "canteens": str(school.canteens), "founded": str(school.founded), "opened": f"{school.founded}-09-01",
                "closed": iso(school.closes) if closed and school.closes is not None else None,
                "heir": everyone[school.heir].code if closed and school.heir >= 0 else None, "snapshot": iso(snapshot),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema=dict.fromkeys(REGISTER.keys, pl.String))


def roster_rows(rows: pl.DataFrame, semester: Semester, late: bool, date_form: str = "%Y-%m-%d") -> pl.DataFrame:
    """Roster rows as text.

    Args:
        rows: stays joined with person and school columns.
        semester: their semester.
        late: rows of the roster of changes.
        date_form: how the school writes dates.
    """
    snapshot = semester.last_snapshot if late else semester.first_snapshot
    yes_no = ("否", "是")
    return rows.select(
        year=pl.lit(semester.school_year),
        half=pl.lit(semester.name),
        code=pl.col("school_code"),
        xjh=pl.col("xjh"),
        idno=pl.col("idno"),
        number=pl.col("number"),
        name=pl.col("name"),
        sex=words(pl.col("sex"), ("男", "女")),
        birth=dates(pl.col("birth"), date_form),
        nation=pl.col("nation"),
        grade=words(pl.col("grade"), GRADE_CODES),
        klass=pl.col("klass").cast(pl.String),
        klass_name=words(pl.col("grade"), GRADE_WORDS) + pl.col("klass").cast(pl.String) + "班",
        boarder=words(pl.col("boards").cast(pl.Int64), yes_no),
        migrant=words(pl.col("migrant").cast(pl.Int64), yes_no),
        status=words(pl.col("status"), STATUS),
        entered=dates(pl.col("entered"), date_form),
        left=dates(pl.col("left"), date_form),
        snapshot=dates(pl.lit(snapshot), date_form),
    )


def class_rows(classes: pl.DataFrame, semester: Semester) -> pl.DataFrame:
    """Class rosters as text: school_code, grade, klass, pupils."""
    return classes.select(
        year=pl.lit(semester.school_year),
        half=pl.lit(semester.name),
        code=pl.col("school_code"),
        stage=words(pl.col("grade"), STAGE_WORDS),
        grade=words(pl.col("grade"), GRADE_CODES),
        klass=pl.col("klass").cast(pl.String),
        klass_name=words(pl.col("grade"), GRADE_WORDS) + pl.col("klass").cast(pl.String) + "班",
        pupils=pl.col("pupils").cast(pl.String),
        snapshot=dates(pl.lit(semester.first_snapshot)),
    )
