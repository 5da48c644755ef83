"""Film screenings: which class saw what, and the sheet about it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.places import OTHER_FILMS, RECOMMENDED_FILMS
from orchestration.simulate.randomness import stream
from orchestration.simulate.schools import School
from orchestration.simulate.sheets import GRADE_CODES, Layout, column, dates, words
from orchestration.simulate.terms import Semester

TITLES = RECOMMENDED_FILMS + OTHER_FILMS

FORM = Layout(
    "film_screening",
    "own",
    (
        column("code", "学校标识码"), column("school_name", "学校名称"), column("half", "学期"), column("title", "片名"),
        column("recommended", "是否教育部推荐片目"), column("on", "放映日期", kind="date"), column("at", "开始时间"),
        column("place", "地点"), column("grade", "年级编号"), column("klass", "班级编号"),
        column("expected", "应到人数", kind="number"), column("attended", "实到人数", kind="number"), column("free", "是否免费"),
        column("organiser", "组织者"), column("remark", "备注"),
    ),
)  # fmt: skip


def screenings(
    seed: int, semester: Semester, classes: pl.DataFrame, schools: list[School], silent: npt.NDArray[np.bool_]
) -> pl.DataFrame:
    """All class screenings of a semester: a row per class and showing.

    Most schools show two or three recommended films; some show one, some the same film twice, some one that is not on the list.
    """
    plans: list[dict[str, object]] = []
    first, last = semester.opens + 14, semester.closes - 14
    for school in schools:
        if silent[school.index] or (school.closes is not None and school.closes <= last):
            continue
        rng = stream(seed, "films", semester.name, school.code)
        shows = int(rng.choice(4, p=[0.12, 0.6, 0.2, 0.08])) + 1
        titles = list(rng.choice(len(RECOMMENDED_FILMS), shows, replace=False))
        if rng.random() < 0.1:
            titles.append(titles[0])
        if rng.random() < 0.15:
            titles.append(len(RECOMMENDED_FILMS) + int(rng.integers(len(OTHER_FILMS))))
        days = np.sort(rng.choice(np.arange(first, last), len(titles), replace=False))
        days = days - np.maximum(0, (days + 3) % 7 - 4)
        for film, when in zip(titles, days, strict=True):
            plans.append(
                {
                    "school": school.index, "title": int(film), "on": int(when), "at": int(rng.integers(0, 3)),
                    "cinema": bool(rng.random() < 0.15), "free": bool(rng.random() < 0.95),
                }
            )  # fmt: skip
    schema = {
        "school": pl.Int32,
        "title": pl.Int8,
        "on": pl.Int32,
        "at": pl.Int8,
        "cinema": pl.Boolean,
        "free": pl.Boolean,
    }
    plan = pl.DataFrame(plans, schema=schema).unique(["school", "title", "on"], keep="first", maintain_order=True)
    rows = plan.join(classes.select("school", "grade", "klass", "pupils"), on="school", maintain_order="left")
    rng = stream(seed, "attendance", semester.name)
    rows = rows.filter(pl.Series(rng.random(rows.height) > 0.03))
    size = rows["pupils"].to_numpy()
    attended = size - rng.binomial(size, 0.04)
    return rows.with_columns(attended=pl.Series(attended, dtype=pl.Int64)).sort(
        "school", "on", "title", "grade", "klass"
    )


def render(rows: pl.DataFrame, semester: Semester) -> pl.DataFrame:
    """Screenings as text."""
    listed = pl.col("title") < len(RECOMMENDED_FILMS)
    return rows.select(
        code=pl.col("school_code"),
        school_name=pl.col("school_name"),
        half=pl.lit(semester.name),
        title=words(pl.col("title"), TITLES),
        recommended=pl.when(listed).then(pl.lit("是")).otherwise(pl.lit("否")),
        on=dates(pl.col("on")),
        at=words(pl.col("at"), ("14:30", "15:00", "09:00")),
        place=pl.when(pl.col("cinema")).then(pl.lit("影院")).otherwise(pl.lit("校内")),
        grade=words(pl.col("grade"), GRADE_CODES),
        klass=pl.col("klass").cast(pl.String),
        expected=pl.col("pupils").cast(pl.String),
        attended=pl.col("attended").cast(pl.String),
        free=words(pl.col("free").cast(pl.Int64), ("否", "是")),
        organiser=pl.lit("德育处"),
        remark=pl.lit(None, dtype=pl.String),
    )
