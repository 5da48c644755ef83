"""Reading the controlled tables: the only place of this package that opens data, and it opens nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reports import catalogue, numbers, periods
from reports.catalogue import Indicator, Target
from reports.i18n import Gettext

NAMES = ("indicator_values", "schools", "areas", "indicators", "targets", "coverage", "meta")

VALUE_COLUMNS: dict[str, Any] = {
    "indicator": pl.String, "period": pl.String, "level": pl.String, "entity": pl.String,
    "stage": pl.String, "subgroup": pl.String, "numerator": pl.Float64, "denominator": pl.Float64,
    "value": pl.Float64, "lower_95": pl.Float64, "upper_95": pl.Float64, "target": pl.Float64,
    "target_id": pl.String, "status": pl.String, "figure_id": pl.String,
    "value_text_rule": pl.String, "rounded": pl.Boolean,
}  # fmt: skip
SCHOOL_COLUMNS: dict[str, Any] = {
    "period": pl.String, "school": pl.String, "school_name": pl.String, "county": pl.String,
    "county_name": pl.String, "city": pl.String, "school_type": pl.String, "residence": pl.String,
    "canteens": pl.Int64, "pupils": pl.Int64, "boarding": pl.Boolean,
    "opened_on": pl.String, "closed_on": pl.String, "merged_into": pl.String,
}  # fmt: skip
AREA_COLUMNS: dict[str, Any] = dict.fromkeys(("area", "name", "parent", "level", "kind"), pl.String)
COVERAGE_COLUMNS: dict[str, Any] = {
    "feed": pl.String, "period": pl.String, "county": pl.String, "schools_expected": pl.Int64,
    "schools_received": pl.Int64, "rows_accepted": pl.Int64, "rows_rejected": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Controlled:
    """The controlled tables of one edition, up to one school year, with texts computed."""

    school_year: str
    years: list[str]
    current: dict[str, str]  # indicator → its latest period within the school year
    indicators: dict[str, Indicator]
    targets: list[Target]
    target_texts: dict[tuple[str, str, str], str]  # (indicator, target_id, target) → ≥95%
    area_values: pl.DataFrame
    school_values: pl.DataFrame  # subgroup all, every period
    school_groups: pl.DataFrame  # other subgroups, current period only
    schools: pl.DataFrame  # latest row of each school up to the year
    areas: pl.DataFrame
    coverage: pl.DataFrame
    meta: dict[str, str]
    hidden_cells: int


def _conform(frame: pl.LazyFrame, columns: dict[str, Any]) -> pl.LazyFrame:
    """Select the expected columns with the expected types; a missing one is null."""
    have = frame.collect_schema().names()
    return frame.select(
        (pl.col(name) if name in have else pl.lit(None)).cast(dtype, strict=False).alias(name)
        for name, dtype in columns.items()
    )


def _read(folder: Path, name: str, columns: dict[str, Any]) -> pl.LazyFrame:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        return pl.LazyFrame(schema=columns)
    return _conform(pl.scan_parquet(path), columns)


def _whole(folder: Path, name: str) -> pl.DataFrame:
    path = folder / f"{name}.parquet"
    return pl.read_parquet(path) if path.is_file() else pl.DataFrame()


def _meta(frame: pl.DataFrame) -> dict[str, str]:
    if frame.is_empty():
        return {}
    if {"key", "value"} <= set(frame.columns):
        return {str(k): str(v) for k, v in frame.select("key", "value").iter_rows() if v is not None}
    return {k: str(v) for k, v in frame.row(0, named=True).items() if v is not None}


def _catalogue_columns(indicators: dict[str, Indicator], t: Gettext) -> pl.LazyFrame:
    items = list(indicators.values())
    return pl.LazyFrame(
        {
            "indicator": [i.code for i in items],
            "is_share": [i.is_share for i in items],
            "higher": [i.higher for i in items],
            "unit_words": [t(i.unit) for i in items],
            "indicator_order": [i.order for i in items],
        },
        schema={
            "indicator": pl.String,
            "is_share": pl.Boolean,
            "higher": pl.Boolean,
            "unit_words": pl.String,
            "indicator_order": pl.Int64,
        },
    )


def _target_texts(
    values: pl.DataFrame, indicators: dict[str, Indicator], targets: list[Target]
) -> dict[tuple[str, str, str], str]:
    operators = {t.target_id: t.operator for t in targets if t.target_id}
    texts: dict[tuple[str, str, str], str] = {}
    for code, target_id, target in values.select("indicator", "target_id", "target").unique().iter_rows():
        if target is None:
            continue
        indicator = indicators[code]
        fallback = ">=" if indicator.higher else "<="
        operator = operators.get(target_id or "", fallback)
        texts[code, target_id or "", repr(target)] = numbers.target_text(
            target, operator, is_share=indicator.is_share
        )
    return texts


def _schools(frame: pl.LazyFrame, year: str) -> pl.DataFrame:
    """Latest known row of each school up to the year; ``listed`` says it is in that year's register."""
    return (
        frame.filter(pl.col("school").is_not_null() & (pl.col("period").str.slice(0, 9) <= year))
        .sort("school", "period")
        .group_by("school", maintain_order=True)
        .last()
        .with_columns(listed=pl.col("period").str.slice(0, 9) == year)
        .sort("county", "school", nulls_last=True)
        .collect()
    )


def read_controlled(folder: Path, t: Gettext, school_year: str | None = None, lang: str = "zh") -> Controlled:
    """Open one edition's controlled tables.

    Args:
        folder: ``marts/<VERSION>/controlled/<edition>``.
        t: Look-up for the words inside figures (已隐去, 未报送).
        lang: ``zh`` or ``en``: which names of the catalogue are taken.
        school_year: Year the site is about; later periods are left out. Default: the latest there is.
    """
    values = _read(folder, "indicator_values", VALUE_COLUMNS)
    all_schools = _read(folder, "schools", SCHOOL_COLUMNS)
    years_seen = pl.concat([values.select("period"), all_schools.select("period")]).unique().collect()
    years = sorted({periods.school_year(p) for p in years_seen["period"].to_list() if p})
    year = school_year or (years[-1] if years else "")
    year_of = pl.col("period").str.slice(0, 9)
    values = values.filter(year_of <= year).with_columns(
        rounded=pl.col("rounded").fill_null(False), target_id=pl.col("target_id").fill_null("")
    )

    current_frame = values.filter(year_of == year).group_by("indicator").agg(pl.col("period").max()).collect()
    current: dict[str, str] = dict(current_frame.iter_rows())

    indicators = catalogue.read_indicators(_whole(folder, "indicators"), lang)
    codes = values.select("indicator").unique().collect()["indicator"].to_list()
    for code in sorted(set(codes) - set(indicators)):
        indicators[code] = catalogue.unlisted(code, len(indicators))

    # texts are per indicator, so they can be added before the frame is split
    def texts(frame: pl.LazyFrame) -> pl.DataFrame:
        joined = frame.join(_catalogue_columns(indicators, t), on="indicator", how="left").collect()
        return numbers.with_texts(joined, t)

    is_school = pl.col("level") == "school"
    now = pl.col("period") == pl.col("indicator").replace_strict(current, default="", return_dtype=pl.String)
    everyone = pl.col("subgroup") == "all"
    order = ["entity", "indicator_order", "stage", "period", "subgroup"]
    targets = catalogue.read_targets(_whole(folder, "targets"))
    area_values = texts(values.filter(~is_school & (everyone | now))).sort(order)
    school_values = texts(values.filter(is_school & everyone)).sort(order)
    both = pl.concat([area_values, school_values])
    return Controlled(
        school_year=year,
        years=[y for y in years if y <= year],
        current=current,
        indicators=indicators,
        targets=targets,
        target_texts=_target_texts(both, indicators, targets),
        area_values=area_values,
        school_values=school_values,
        school_groups=texts(values.filter(is_school & ~everyone & now)).sort(order),
        schools=_schools(all_schools, year),
        areas=_read(folder, "areas", AREA_COLUMNS).unique("area").sort("area").collect(),
        coverage=_read(folder, "coverage", COVERAGE_COLUMNS)
        .filter(year_of == year)
        .sort("feed", "period", "county")
        .collect(),
        meta=_meta(_whole(folder, "meta")),
        hidden_cells=int(values.filter(pl.col("status") == "suppressed").select(pl.len()).collect().item()),
    )
