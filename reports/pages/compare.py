"""Two areas or two schools side by side: one page that reads scripts of figures already put into words.

The page itself carries the way round it: without scripts the comparison tables of the indicators say the same of areas.
Schools are compared inside only, and a county's figures are a script of its own, asked for when one of its schools is chosen.

A script has a head per column, ``[words, address, which direction is good, beginning of the figure id, stage, tested]`` (1 where
higher is better, -1 where lower is, 0 where nothing is tested), and a row per unit, ``[code, name, cells, level, area above]``.
A cell is ``text|icon|state|interval|numerator|denominator|stage``; its text is empty where it would only repeat the state,
and counts stand only where the page may test a difference: shares judged by interval.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from reports import vocabulary as v
from reports.figures import ONLY_STATES
from reports.i18n import N_
from reports.models import ComparePage, Link, Page
from reports.pages.funnels import polarity
from reports.runs import joined_cells, runs
from reports.scripts import entered
from reports.site import Area, School, Site

Head = tuple[str, str, str, str, str, int]


def page(site: Site) -> ComparePage:
    """The page of the comparison."""
    title = site.t(N_("两两比较"))
    return ComparePage(
        page=Page(
            title=title,
            path="compare.html",
            crumbs=(Link(site.t(N_("首页")), "index.html"), Link(title)),
            section="search",
            codes=(),
        ),
        domains=[(d, site.indicators_of(d.slug)) for d in site.domains],
        counties=[Link(c.name, site.county_path(c.code)) for c in site.counties],
    )


def _head(site: Site, code: str, stage: str, name: str) -> Head:
    indicator = site.book.indicators[code]
    tested = (1 if indicator.higher else -1) if indicator.interval and indicator.is_share else 0
    figure = f"{code}.{site.book.current[code]}"
    return name, site.indicator_path(code), polarity(site, indicator), figure, stage, tested


def _cells(site: Site, rows: pl.DataFrame) -> pl.Expr:
    """The cell of each row; states and stages in the words of the reader."""
    states = {s.code: f"{s.icon}|{site.t(s.word)}" for s in v.STATUSES.values()}
    status, text = pl.col("status"), pl.col("text")
    only_state = status.is_in(ONLY_STATES) & pl.col("value_text_rule").is_null()
    tested = (
        pl.col("interval_judged")
        & pl.col("is_share")
        & pl.col("plotted").is_not_null()
        & pl.col("counts").is_not_null()
    )
    counts = [
        pl.when(tested).then(pl.col(c).cast(pl.Int64).cast(pl.String)).fill_null("")
        for c in ("numerator", "denominator")
    ]
    cell = pl.concat_str(
        pl.when(only_state).then(pl.lit("")).otherwise(text),
        status.replace_strict(states, default="|"),
        pl.col("interval").fill_null(""),
        *counts,
        pl.col("told_stage"),
        separator="|",
    )
    return cell.str.strip_chars_end("|")


def _rows(site: Site, rows: pl.DataFrame, columns: int) -> dict[str, str]:
    """Cells of each unit, a line each; rows come with their column ``at``, sorted by unit and column."""
    told = rows.select("entity", run=runs("entity"), at="at", width=pl.lit(columns, pl.Int64), cell=_cells(site, rows))
    joined = joined_cells(told.with_columns(cell=pl.col("cell") + "\n"), columns, blank="\n")
    return dict(joined.select("entity", pl.col("cells").str.strip_suffix("\n")).iter_rows())


def areas(site: Site) -> bytes:
    """Script of the current figures of all cities and counties."""
    places = [*site.cities, *site.counties]
    stage = pl.col("stage").replace_strict(v.STAGE_ORDER, default=9, return_dtype=pl.Int64)
    now = site.book.area_values.filter("now", pl.col("entity").is_in([a.code for a in places]))
    columns = (
        now.select("indicator", "indicator_order", "stage", place=stage)
        .unique()
        .sort("indicator_order", "indicator", "place", "stage")
    ).with_row_index("at")
    found = (
        now.join(columns.select("indicator", "stage", at=pl.col("at").cast(pl.Int64)), on=["indicator", "stage"])
        .with_columns(told_stage=pl.lit(""))
        .sort("entity", "at")
    )
    t = site.t
    heads = [
        _head(site, code, stage, f"{t(site.book.indicators[code].name)} {site.stage(stage)}")
        for code, stage in columns.select("indicator", "stage").iter_rows()
    ]
    cells = _rows(site, found, len(heads))
    levels = site.areas.level
    rows = [[a.code, a.name, cells.get(a.code, ""), levels.get(a.code, ""), a.parent] for a in places]
    return entered("junhengFigures", "areas", {"heads": heads, "rows": rows})


def schools(site: Site, area: Area, found: Iterable[School], now: pl.DataFrame) -> bytes:
    """Script of the headline figures of a county's schools.

    Args:
        site: The site.
        area: The county.
        found: Its schools.
        now: Their headline rows, one per school and indicator.
    """
    usual = (
        now.group_by("indicator", "indicator_order", "stage").len().sort("indicator_order", "indicator", -pl.col("len").cast(pl.Int64), "stage")
        .unique("indicator", keep="first", maintain_order=True)
        .with_row_index("at")
        .select("indicator", usual="stage", at=pl.col("at").cast(pl.Int64))
    )  # fmt: skip
    told = pl.when(pl.col("stage") == pl.col("usual")).then(pl.lit("")).otherwise(pl.col("stage"))
    rows = now.join(usual, on="indicator").with_columns(told_stage=told).sort("entity", "at")
    heads = [
        _head(site, code, stage, site.t(site.book.indicators[code].name))
        for code, stage in usual.select("indicator", "usual").iter_rows()
    ]
    cells = _rows(site, rows, len(heads))
    return entered(
        "junhengFigures",
        area.code,
        {"heads": heads, "rows": [[s.code, s.name, cells.get(s.code, ""), "school", ""] for s in found]},
    )
