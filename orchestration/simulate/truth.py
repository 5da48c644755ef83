"""Which figures must come out: counts at the grain of school, stage, grade and sex, rolled up as Σ/Σ.

Works on what a perfect reader would accept: the simulated world without the rows that are rejected and never repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from orchestration.simulate.population import GUEST, STUDYING
from orchestration.simulate.schools import School

STAGES = ("primary",) * 6 + ("junior",) * 3 + ("senior",) * 3
SEXES = ("male", "female")
KEYS = ["indicator", "period", "level", "entity", "stage", "subgroup"]


def school_frame(schools: Sequence[School]) -> pl.DataFrame:
    """Schools as a table; `school` is their index."""
    return pl.DataFrame(
        {
            "school": [s.index for s in schools], "code": [s.code for s in schools], "county": [s.county.code for s in schools],
            "city": [s.county.code[:4] + "00" for s in schools], "residence": [s.residence for s in schools],
            "closes": [s.closes for s in schools], "heir": [s.heir for s in schools], "canteens": [s.canteens for s in schools],
        },
        schema_overrides={"school": pl.Int32, "heir": pl.Int32, "closes": pl.Int32},
    )  # fmt: skip


def current_roster(rows: pl.DataFrame) -> pl.DataFrame:
    """Joins the accepted roster rows by pupil and school; per column the latest value that is not blank stands.

    Args:
        rows: accepted roster rows in the order of their delivery.
    """
    single = rows.filter(pl.len().over("pupil", "school") == 1)
    several = rows.filter(pl.len().over("pupil", "school") > 1)
    columns = [c for c in rows.columns if c not in ("pupil", "school")]
    merged = several.group_by("pupil", "school", maintain_order=True).agg(
        pl.col(c).drop_nulls().last() for c in columns
    )
    return pl.concat([single, merged.select(single.columns)])


def accountable(roster: pl.DataFrame, reference: int, schools: pl.DataFrame) -> pl.DataFrame:
    """The school that answers for each pupil on the reference date, with the grade and sex of that roster row."""
    counting = pl.col("status").is_in([STUDYING, GUEST])
    there = (pl.col("entered").is_null() | (pl.col("entered") <= reference)) & (
        pl.col("left").is_null() | (pl.col("left") > reference)
    )
    chosen = (
        roster.filter(counting & there)
        .join(schools.select("school", "code", "closes", "heir"), on="school")
        .sort("pupil", "entered", "code", descending=[False, True, False], nulls_last=True)
        .unique("pupil", keep="first", maintain_order=True)
    )
    moved = pl.col("closes").is_not_null() & (pl.col("closes") <= reference) & (pl.col("heir") >= 0)
    return chosen.with_columns(school=pl.when(moved).then(pl.col("heir")).otherwise(pl.col("school"))).select(
        "pupil", "school", "grade", "sex", "birth"
    )


def counted(checks: pl.DataFrame) -> pl.Expr:
    """Whether a check counts as done: one eye has a value, or the pupil wears ortho-K lenses."""
    return pl.col("va_r").is_not_null() | pl.col("va_l").is_not_null() | (pl.col("glasses") == 3)


@dataclass
class Truth:
    """Collects counts per indicator and rolls them up at the end."""

    schools: Sequence[School]
    # Last checks by year, whether autumn, and outcome: pupil and whether they had it.
    earlier: dict[tuple[int, bool, str], pl.DataFrame] = field(default_factory=dict, kw_only=True)
    _grains: list[pl.DataFrame] = field(default_factory=list)
    # Figures of the yearly forms, rolled up where they are counted.
    extra: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frame = school_frame(self.schools)

    def add(
        self,
        indicator: str,
        period: str,
        counts: pl.DataFrame,
        delivered: pl.Series | None = None,
        own_stages: bool = False,
    ) -> None:
        """Adds the counts of one indicator and period.

        Args:
            indicator: code.
            period: school year or semester.
            counts: school, num, den and, where they apply, grade and sex (0 male, 1 female).
            delivered: schools with at least one accepted row, for coverage duties; None where silence is not reported.
            own_stages: the figure is about the school itself, so its type decides the stage.
        """
        frame = counts
        if "grade" not in frame.columns:
            frame = frame.with_columns(grade=pl.lit(None, dtype=pl.Int8))
        if "sex" not in frame.columns:
            frame = frame.with_columns(sex=pl.lit(None, dtype=pl.Int8))
        if own_stages:
            stages = pl.DataFrame(
                [(s.index, stage) for s in self.schools for stage in s.stages],
                schema={"school": pl.Int32, "stage": pl.String},
                orient="row",
            )
            frame = frame.join(stages, on="school")
        else:
            stage = (
                pl.col("grade").cast(pl.Int64).replace_strict(list(range(1, 13)), list(STAGES), return_dtype=pl.String)
            )
            frame = frame.with_columns(stage=stage)
            compulsory = frame.filter(pl.col("stage") != "senior").with_columns(stage=pl.lit("compulsory"))
            frame = pl.concat([frame, compulsory])
        reported = pl.lit(True) if delivered is None else pl.col("school").is_in(delivered.implode())
        grain = (
            frame.group_by("school", "stage", "grade", "sex")
            .agg(pl.col("num").sum().cast(pl.Int64), pl.col("den").sum().cast(pl.Int64))
            .with_columns(reported=reported, indicator=pl.lit(indicator), period=pl.lit(period))
        )
        self._grains.append(grain)

    def figures(self) -> pl.DataFrame:
        """All figures, at all levels, stages and subgroups."""
        parts = []
        for grain in self._grains:
            wide = grain.join(self.frame.select("school", "code", "county", "city", "residence"), on="school")
            subgroups = [wide.with_columns(subgroup=pl.lit("all"))]
            subgroups.append(wide.with_columns(subgroup="residence=" + pl.col("residence")))
            graded, sexed = (
                wide.filter(pl.col("grade").is_not_null()),
                wide.filter(pl.col("sex").is_not_null()),
            )
            subgroups.append(graded.with_columns(subgroup="grade=" + pl.col("grade").cast(pl.String)))
            sex = pl.col("sex").cast(pl.Int64).replace_strict([0, 1], list(SEXES), return_dtype=pl.String)
            subgroups.append(sexed.with_columns(subgroup="sex=" + sex))
            long = pl.concat(subgroups)
            for level, entity in (("school", "code"), ("county", "county"), ("city", "city")):
                parts.append(
                    long.group_by("indicator", "period", pl.col(entity).alias("entity"), "stage", "subgroup")
                    .agg(
                        numerator=pl.when(pl.col("reported").any()).then(
                            pl.col("num").filter(pl.col("reported")).sum()
                        ),
                        denominator=pl.col("den").sum(),
                    )
                    .with_columns(level=pl.lit(level))
                )
        if not parts:
            return pl.DataFrame(
                schema={**dict.fromkeys(KEYS, pl.String), "numerator": pl.Int64, "denominator": pl.Int64}
            )
        counted = pl.concat(parts).filter(pl.col("denominator") > 0).select(*KEYS, "numerator", "denominator")
        return pl.concat([counted, *self.extra]).sort(KEYS)
