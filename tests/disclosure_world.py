"""Pupils of a small region as the cells disclosure control works on: two counties, villages with a handful of pupils, five indicators.

Poor vision and its mild, moderate and severe parts count the same pupils; nothing here is read from files.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.disclosure.complementary import Inner

KEY = ["indicator", "period", "level", "entity", "stage", "subgroup"]
YEAR = "2024-2025"
VISION = ("poor_vision", "poor_vision_mild", "poor_vision_moderate", "poor_vision_severe")
INDICATORS = pl.DataFrame(
    [(code, "pupil", "vision", "share") for code in (*VISION, "exam_coverage")],
    schema=["code", "counted_unit", "domain", "unit"],
    orient="row",
)  # fmt: skip
AREAS = pl.DataFrame(
    [("C", "city", None), ("A", "county", "C"), ("B", "county", "C")], schema=["area", "level", "parent"], orient="row"
)


def pupils(schools: int, sizes: tuple[int, ...], seed: int = 0) -> pl.DataFrame:
    """One row per school, grade and sex; `sizes` of a grade, school by school: on the roll, seen, with mild, moderate and severe poor vision."""
    chance = np.random.default_rng(seed)
    rows = []
    for k in range(schools):
        size = sizes[k % len(sizes)]
        for grade in range(1, 7):
            for sex in ("female", "male"):
                roll = int(chance.poisson(size / 2)) + 1
                seen = int(chance.binomial(roll, 0.95)) or 1
                mild = int(chance.binomial(seen, 0.2))
                moderate = int(chance.binomial(seen - mild, 0.2))
                rows.append(
                    (
                        f"S{k:03}",
                        "AB"[k % 2],
                        ("town", "rural")[k // 2 % 2],
                        grade,
                        sex,
                        roll,
                        seen,
                        mild,
                        moderate,
                        int(chance.binomial(seen - mild - moderate, 0.2)),
                    )
                )
    columns = ["school", "county", "residence", "grade", "sex", "roll", "seen", "mild", "moderate", "severe"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def cells(base: pl.DataFrame) -> pl.DataFrame:
    """The long table of figures over all levels, stages and subgroups, with primary suppression of fewer than 10 pupils."""
    counted = {
        "poor_vision": (pl.sum_horizontal("mild", "moderate", "severe"), "seen"),
        **{f"poor_vision_{part}": (pl.col(part), "seen") for part in ("mild", "moderate", "severe")},
        "exam_coverage": (pl.col("seen"), "roll"),
    }  # fmt: skip
    long = pl.concat(
        base.with_columns(indicator=pl.lit(code), period=pl.lit(f"{YEAR}-1"), n=n, d=pl.col(d))
        for code, (n, d) in counted.items()
    )
    long = pl.concat(long.with_columns(stage=pl.lit(stage)) for stage in ("primary", "compulsory"))
    subgroups = [
        pl.lit("all"), "sex=" + pl.col("sex"), pl.format("grade={}", "grade"), "residence=" + pl.col("residence"),
    ]  # fmt: skip
    long = pl.concat(long.with_columns(subgroup=subgroup) for subgroup in subgroups)
    levels = {"school": pl.col("school"), "county": pl.col("county"), "city": pl.lit("C")}
    long = pl.concat(long.with_columns(level=pl.lit(level), entity=entity) for level, entity in levels.items())
    sums = long.group_by(KEY).agg(numerator=pl.col("n").sum(), denominator=pl.col("d").sum()).sort(KEY)
    return sums.with_columns(
        per_pupil=pl.lit(True), over_pupils=pl.lit(False), is_share=pl.lit(True), hidden=pl.col("denominator") < 10
    )


def shown(table: pl.DataFrame, *, public: bool) -> pl.DataFrame:
    """Figures as an edition shows them: nothing of hidden cells, tails as words, public counts rounded to 5."""
    n, d, hidden = pl.col("numerator"), pl.col("denominator"), pl.col("hidden")
    tail = pl.when(hidden | (d >= 20)).then(None).when(n == 0).then(pl.lit("le5")).when(n == d).then(pl.lit("ge95"))
    near = (lambda c: (c + 2) // 5 * 5) if public else (lambda c: c)
    return table.select(
        *KEY,
        numerator=pl.when(hidden | tail.is_not_null()).then(None).otherwise(near(n)),
        denominator=pl.when(hidden).then(None).otherwise(near(d)),
        value_text_rule=tail,
        status=pl.when(hidden).then(pl.lit("suppressed")).otherwise(pl.lit("no_target")),
        rounded=pl.lit(public) & ~hidden,
    )


def inner(base: pl.DataFrame) -> Inner:
    """What suppression starts from; the public edition hides numerators under 8, too."""
    both = {"internal": cells(base)}
    both["public"] = both["internal"].with_columns(hidden=pl.col("hidden") | (pl.col("numerator") < 8))
    schools = base.unique("school").sort("school").select(pl.lit(YEAR).alias("period"), "school", "county", "residence")
    figures = {edition: shown(table, public=edition == "public") for edition, table in both.items()}
    return Inner(both, figures, schools, AREAS, INDICATORS)


def published(start: Inner, hidden: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The figures of both editions with these cells hidden."""
    tables = {}
    for edition, table in start.cells.items():
        keys = hidden[edition].with_columns(there=pl.lit(True))
        marked = table.join(keys, on=KEY, how="left", maintain_order="left").with_columns(
            hidden=pl.col("there").fill_null(False)
        )
        tables[edition] = shown(marked, public=edition == "public")
    return tables


def primary_only(start: Inner, _: object = None) -> dict[str, pl.DataFrame]:
    """Complementary suppression switched off."""
    return {edition: table.filter("hidden").select(KEY) for edition, table in start.cells.items()}
