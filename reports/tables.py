"""Reading the controlled tables: the only place of this package that opens data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from reports import catalogue, charts, numbers, periods
from reports.catalogue import Indicator, Target
from reports.duties import Duties, read_duties
from reports.i18n import Gettext, spaced

# ``figure_id`` is not read but composed again where it is printed, since its text is the largest of the table. The codes stay
# text: categories would take a quarter of the memory and cost a fifth of a rebuild, to make them and to make them text again.
_CODES = (
    "indicator",
    "period",
    "level",
    "entity",
    "stage",
    "subgroup",
    "target_id",
    "status",
    "value_text_rule",
    "method",
)
_NUMBERS = ("numerator", "denominator", "value", "lower_95", "upper_95", "target")
VALUE_COLUMNS: dict[str, Any] = (
    dict.fromkeys(_CODES, pl.String) | dict.fromkeys(_NUMBERS, pl.Float64) | {"rounded": pl.Boolean}
)
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
    "rows_unlinked": pl.Int64,
}  # fmt: skip
FEW_STRETCHES = 8
_ORDER = ["entity", "indicator_order", "stage", "period", "subgroup"]


@dataclass(frozen=True)
class Controlled:
    """The controlled tables of one edition, up to one school year."""

    t: Gettext
    school_year: str
    current: dict[str, str]  # indicator → its latest period within the school year
    periods: list[str]  # every period with a figure of all pupils
    indicators: dict[str, Indicator]
    targets: list[Target]
    catalogue: pl.DataFrame  # what the formatter needs of each indicator
    target_texts: pl.DataFrame  # (indicator, target_id, target) → ≥95%
    area_values: pl.DataFrame  # with words
    area_sparks: pl.DataFrame
    school_values: dict[str, pl.DataFrame]  # by county, without words: see ``worded``
    schools: pl.DataFrame  # latest row of each school up to the year
    areas: pl.DataFrame
    coverage: pl.DataFrame
    meta: dict[str, str]
    hidden_cells: int
    duties: Duties

    def worded(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows of indicator_values with the catalogue's columns, words, changes and ids, sorted.

        ``now`` marks the current rows of all pupils, which most pages are about.

        Gaps and intervals are told of areas, and of schools as wholes in the year: nobody asks for those of a school's
        grades, which are most rows of all.
        """
        order = self.catalogue.select("indicator", "indicator_order")
        plain = frame.join(order, on="indicator", how="left").sort(_ORDER)
        joined = (
            plain.join(self.catalogue.drop("indicator_order"), on="indicator", how="left", maintain_order="left")
            .join(self.target_texts, on=["indicator", "target_id", "target"], how="left", maintain_order="left")
            .with_columns(
                pl.col("target_text").fill_null(""),
                figure_id=pl.concat_str(["indicator", "period", "level", "entity", "stage", "subgroup"], separator="."),
            )
        )
        whole, year = pl.col("subgroup") == "all", pl.col("period").str.slice(0, 9) == self.school_year
        worded = numbers.with_texts(joined, self.t, (pl.col("level") != "school") | (whole & year))
        return numbers.with_changes(worded.with_columns(now=whole & self.is_current()), self.t, pl.col("now"))

    def no_values(self) -> pl.DataFrame:
        """School rows of a county without any."""
        return pl.DataFrame(schema=VALUE_COLUMNS)

    def is_current(self) -> pl.Expr:
        """Whether a row is of its indicator's current period."""
        period = pl.col("indicator").replace_strict(self.current, default="", return_dtype=pl.String)
        return pl.col("period") == period


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


def _catalogue_columns(indicators: dict[str, Indicator], t: Gettext) -> pl.DataFrame:
    rows = [
        (i.code, i.is_share, i.higher, i.interval, spaced(t(i.unit)), i.order, i.digits, i.scale, bool(i.counted))
        for i in indicators.values()
    ]
    schema = {
        "indicator": pl.String, "is_share": pl.Boolean, "higher": pl.Boolean, "interval_judged": pl.Boolean,
        "unit_words": pl.String, "indicator_order": pl.Int64, "digits": pl.Int64, "scale": pl.Int64,
        "counts_shown": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _target_texts(values: pl.LazyFrame, indicators: dict[str, Indicator], targets: list[Target]) -> pl.DataFrame:
    operators = {t.target_id: t.operator for t in targets if t.target_id}
    keys = ["indicator", "target_id", "target"]
    distinct = values.filter(pl.col("target").is_not_null()).select(keys).unique().collect().sort(keys)
    texts = [
        numbers.target_text(
            target,
            operators.get(target_id, ">=" if indicators[code].higher else "<="),
            is_share=indicators[code].is_share,
            digits=indicators[code].digits,
        )
        for code, target_id, target in distinct.iter_rows()
    ]
    return distinct.with_columns(target_text=pl.Series(texts, dtype=pl.String))


def _schools(frame: pl.LazyFrame, year: str) -> pl.DataFrame:
    """Latest known row of each school up to the year; ``former`` names it had.

    ``listed`` says it is in that year's register and was still open on the day its schools are counted.
    """
    return (
        frame.filter(pl.col("school").is_not_null() & (pl.col("period").str.slice(0, 9) <= year))
        .sort("school", "period")
        .group_by("school", maintain_order=True)
        .agg(pl.all().last(), former=pl.col("school_name").drop_nulls().unique(maintain_order=True))
        .with_columns(
            listed=(pl.col("period").str.slice(0, 9) == year)
            & (pl.col("closed_on") > periods.reference_day(year)).fill_null(True),
            former=pl.col("former").list.set_difference(pl.concat_list("school_name")).list.sort(),
        )
        .sort("county", "school", nulls_last=True)
        .collect()
    )


def _school_values(values: pl.LazyFrame, schools: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """School rows by county, in one pass over the file."""
    places = schools.select("school", "county").filter(pl.col("county").is_not_null()).lazy()
    rows = values.join(places, left_on="entity", right_on="school", how="inner", maintain_order="left").collect()
    stretches = rows.select(pl.col("county").rle()).unnest("county")
    if stretches.height > FEW_STRETCHES * stretches["value"].n_unique():
        return {str(key[0]): part for key, part in rows.partition_by("county", as_dict=True, include_key=False).items()}
    parts: dict[str, list[pl.DataFrame]] = {}  # the schools of a county mostly stand together: nothing need be moved
    start = 0
    for length, county in stretches.iter_rows():
        parts.setdefault(str(county), []).append(rows.slice(start, length).drop("county"))
        start += length
    return {county: pl.concat(found) for county, found in parts.items()}


def read_controlled(folder: Path, t: Gettext, school_year: str | None = None, lang: str = "zh") -> Controlled:
    """Open one edition's controlled tables.

    Args:
        folder: ``marts/<VERSION>/controlled/<edition>``.
        t: Look-up for the words inside figures (已隐去, 未报送).
        school_year: Year the site is about; later periods are left out. Default: the latest there is.
        lang: ``zh`` or ``en``: which names of the catalogue are taken.
    """
    every = _read(folder, "indicator_values", VALUE_COLUMNS)
    all_schools = _read(folder, "schools", SCHOOL_COLUMNS)
    # what there is, in one look at the largest table
    there = (
        every.group_by("indicator", "period")
        .agg(whole=(pl.col("subgroup") == "all").any(), hidden=(pl.col("status") == "suppressed").sum())
        .collect()
    )
    seen = pl.concat([there.select("period"), all_schools.select("period").unique().collect()])
    years = sorted({periods.school_year(p) for p in seen["period"].to_list() if p})
    year = school_year or (years[-1] if years else "")
    year_of = pl.col("period").str.slice(0, 9)
    shown = pl.col("status").ne_missing("suppressed")
    values = every.filter(year_of <= year).with_columns(
        # Hidden cells come without numbers; should one ever come with them, no page is to print them.
        *(
            pl.when(shown).then(name).alias(name)
            for name in ("numerator", "denominator", "value", "lower_95", "upper_95")
        ),
        pl.col("rounded").fill_null(False),
        pl.col("target_id").fill_null(""),
    )
    there = there.filter(year_of <= year)
    latest = there.filter(year_of == year).group_by("indicator").agg(pl.col("period").max())
    indicators = catalogue.read_indicators(_whole(folder, "indicators"), lang)
    for code in sorted(set(there["indicator"].drop_nulls()) - set(indicators)):
        indicators[code] = catalogue.unlisted(code, len(indicators))
    targets = catalogue.read_targets(_whole(folder, "targets"))
    schools = _schools(all_schools, year)

    book = Controlled(
        t=t,
        school_year=year,
        current=dict(latest.iter_rows()),
        periods=there.filter("whole")["period"].unique().sort().to_list(),
        indicators=indicators,
        targets=targets,
        catalogue=_catalogue_columns(indicators, t),
        target_texts=_target_texts(values, indicators, targets),
        area_values=pl.DataFrame(),
        area_sparks=pl.DataFrame(),
        school_values={},
        schools=schools,
        areas=_read(folder, "areas", AREA_COLUMNS).unique("area").sort("area").collect(),
        coverage=_read(folder, "coverage", COVERAGE_COLUMNS)
        .filter(year_of == year)
        .sort("feed", "period", "county")
        .collect(),
        meta=_meta(_whole(folder, "meta")),
        duties=read_duties(lambda name, columns: _read(folder, name, columns), year),
        hidden_cells=int(there["hidden"].sum()),
    )
    is_school = pl.col("level") == "school"
    kept = values.filter((pl.col("subgroup") == "all") | book.is_current())
    area_values = book.worded(kept.filter(~is_school).collect())
    return replace(
        book,
        area_values=area_values,
        area_sparks=charts.sparks(area_values.filter(pl.col("subgroup") == "all")),
        school_values=_school_values(kept.filter(is_school), schools),
    )
