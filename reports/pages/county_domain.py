"""A county's page of one domain: which of its schools, by how much, against the threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl
from markupsafe import Markup, escape

from reports import charts
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.charts import svg
from reports.figures import Figure
from reports.i18n import N_, P_
from reports.models import ChartFigure, CountyDomainPage, DataTable, Link, Page
from reports.pages import common, funnels
from reports.pages.county import Heads
from reports.runs import escaped, joined_cells, runs
from reports.site import Area, School, Site
from reports.vocabulary import Domain

ROOT = "../../"


def _strip(site: Site, indicator: Indicator, figures: Sequence[Figure]) -> ChartFigure | None:
    placed = [(f.plotted, f.status) for f in figures if f.plotted is not None]
    if len(placed) < 2:
        return None
    t = site.t
    first = next((f for f in figures if f.target is not None), None)
    targets = {f.target for f in figures}
    one_target = first if len(targets - {None}) == 1 else None
    label = common.target_label(site, one_target)
    counts = Counter(f.status for f in figures)
    said = t(N_("，")).join(
        f"{t(v.status_of(s).word)}{counts[s]}" for s in sorted(counts, key=lambda c: v.status_of(c).order)
    )
    if one_target is None and not targets - {None}:
        texts = [f.text for f in sorted(figures, key=lambda f: f.plotted or 0.0) if f.plotted is not None]
        said = t(N_("从%(low)s到%(high)s，未设目标")) % {"low": texts[0], "high": texts[-1]}
    finding = site.counted(P_("%(name)s：%(n)s所，%(said)s"), len(figures), name=t(indicator.short), said=said)
    bins: Counter[int] = Counter()
    if indicator.is_share:
        bins.update(min(int(value * 10), 9) for value, _ in placed)
        rows = [[f"{b * 10}%–{b * 10 + 10}%", str(bins[b])] for b in range(10)]
    else:
        step = svg.nice_step(max(value for value, _ in placed))
        bins.update(int(value / step + 1e-9) for value, _ in placed)
        edges = [svg.axis_text(step * b, is_share=False) for b in range(max(bins) + 2)]
        rows = [[f"{edges[b]}–{edges[b + 1]}", str(bins[b])] for b in range(max(bins) + 1)]
    drawing = charts.strip(
        placed,
        title=finding,
        desc=t(N_("每点一所学校，横轴为数值，虚线为目标；已隐去和未报送的学校不在图上。")),
        is_share=indicator.is_share,
        target=one_target.target if one_target else None,
        target_label=label,
    )
    table = DataTable([t(N_("数值区间")), t(N_("学校数"))], rows)
    note = t(N_("学校分布；已隐去、未报送的学校不在图上"))
    return ChartFigure(finding, f"{note}；{funnels.polarity(site, indicator)}", drawing, table)


def school_cells(site: Site, rows: pl.DataFrame) -> pl.DataFrame:
    """Cells of the tables school by school, set-wise: a county has thirty thousand. The public edition says the state, not the value.

    Args:
        site: The site.
        rows: One figure per school and indicator (`county.headline_rows`).
    """
    icons = {s.code: s.icon for s in v.STATUSES.values()}
    words = {s.code: site.t(s.word) for s in v.STATUSES.values()}
    status = pl.col("status")
    told = status.replace_strict(words, default=status, return_dtype=pl.String) if site.public else pl.col("text")
    icon = status.replace_strict(icons, default=v.NO_DATA.icon, return_dtype=pl.String)
    cell = pl.concat_str(pl.lit('<td class="n '), icon, pl.lit('">'), escaped(told))
    return rows.select("entity", "indicator", cell=cell)


def _rows(
    site: Site, schools: Sequence[School], indicators: Sequence[Indicator], cells: pl.DataFrame
) -> list[tuple[School, Markup]]:
    """The schools with their cells in the order of the indicators."""
    at = {i.code: n for n, i in enumerate(indicators)}
    blank = f'<td class="n ">{escape(site.t(N_("无")))}'
    placed = (
        cells.filter(pl.col("indicator").is_in(list(at)))
        .with_columns(at=pl.col("indicator").replace_strict(at, return_dtype=pl.Int64), width=pl.lit(len(at), pl.Int64))
        .sort("entity", "at")
        .select("entity", "at", "width", "cell", run=runs("entity"))
    )
    joined = joined_cells(placed, len(at), blank).select("entity", "cells")
    found: dict[str, str] = dict(joined.iter_rows())
    return [(s, Markup(found.get(s.code, blank * len(at)))) for s in schools]  # noqa: S704 - escaped in `school_cells`


def build(
    site: Site, area: Area, domain: Domain, schools: Sequence[School], heads: Heads, cells: pl.DataFrame
) -> Iterator[CountyDomainPage]:
    """The pages of one county and domain: one, or several where schools × indicators would be too many cells.

    Args:
        site: The site.
        area: The county.
        domain: The domain.
        schools: Schools of the county.
        heads: Their headline figures.
        cells: These as cells (`school_cells`).
    """
    listed = [s for s in schools if s.listed]
    chunks = site.parts_of(area.code, domain.slug)
    for number, indicators in enumerate(chunks):
        lines = [x for i in indicators for x in common.lines(site, area.code, i, area.parent)]
        rows = _rows(site, listed, indicators, cells)
        of_schools = [[f for s in listed if (f := heads.get(s.code, {}).get(i.code))] for i in indicators]
        drawn = [_strip(site, i, figures) for i, figures in zip(indicators, of_schools, strict=True)]
        shown = [x.figure for x in lines] + [f for figures in of_schools for f in figures]
        yield CountyDomainPage(
            page=_page(site, area, domain, number, common.hidden(shown), [i.code for i in indicators]),
            area=area,
            domain=domain,
            lines=[x for x in lines if not x.indicator.detail],
            details=[x for x in lines if x.indicator.detail],
            jumps=[Link(site.t(N_("各校")), "#schools"), Link(site.t(N_("全县数值")), "#lines")]
            if rows and lines
            else [],
            charts=[c for i, c in zip(indicators, drawn, strict=True) if c is not None and not i.detail],
            detail_charts=[c for i, c in zip(indicators, drawn, strict=True) if c is not None and i.detail],
            head=[(i, ROOT + site.indicator_path(i.code)) for i in indicators],
            rows=rows,
            siblings=[
                Link(
                    site.t(d.name),
                    "" if d is domain else site.county_domain_path(area.code, d.slug).rpartition("/")[2],
                )
                for d in site.domains
            ],
            parts=[
                Link(
                    str(n + 1),
                    "" if n == number else site.county_domain_path(area.code, domain.slug, n).rpartition("/")[2],
                )
                for n in range(len(chunks))
            ]
            if len(chunks) > 1
            else [],
        )


def _page(site: Site, area: Area, domain: Domain, number: int, hidden: int, codes: Sequence[str]) -> Page:
    # the assessment has a page of its own name beside these
    name = site.t(N_("优质均衡各校数值")) if domain.slug == "balance" else site.t(domain.name)
    words = f"{name} {number + 1}" if number else name
    return Page(
        title=f"{area.title} · {words}",
        path=site.county_domain_path(area.code, domain.slug, number),
        crumbs=(
            Link(site.t(N_("首页")), ROOT + "index.html"),
            Link(area.name, "index.html"),
            Link(words),
        ),
        section="counties",
        county=area.code,
        hidden=hidden,
        codes=codes,
    )
