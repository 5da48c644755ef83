"""Rows of the school pages, assembled for a whole county at once.

A school page has hundreds of cells and there are ten thousand pages: rendering each cell through a template took
three quarters of the build. So the three table bodies are put together by Polars expressions, and the template
places them whole. Everything that comes from data is escaped here; words and numbers are the formatter's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from markupsafe import Markup, escape

from reports import charts, footnotes, periods
from reports import vocabulary as v
from reports.peers import Peers
from reports.runs import escaped, joined_cells, runs
from reports.site import Site

_KEYS = ["entity", "indicator", "stage"]
GROUP_KEYS = [f"grade={g}" for g in v.GRADES] + [f"sex={s}" for s in v.SEXES]


_COUNTS = (
    pl.col("counts") + pl.when(pl.col("counts").str.ends_with(" / 1")).then("counted_one").otherwise("counted")
).fill_null("")
STAGES, HISTORY, GROUPS = range(
    3
)  # tables of a school's second page: further stages, earlier periods, grades and sexes
MOST_ROWS = 90  # of indicators and stages on a school's first page
MOST_BYTES = 52_000  # of rows on one page: with its frame it stays within the 60 KB of a school's page
Body = tuple[int, str, Markup]  # which table, domain, rows


@dataclass(frozen=True)
class SchoolTables:
    """The tables of a school: bodies by domain, those of its further pages page by page, and what they count."""

    spine: dict[str, Markup]
    resources: Markup
    more: list[list[Body]]
    columns: list[str]
    statuses: dict[str, int]
    hidden: int
    example: str


Lacking = Mapping[tuple[str, str, str], str]  # school, stage, resource → what is lacking, in words

EMPTY = SchoolTables({}, Markup(""), [], [], {}, 0, "")


def _words(site: Site, county: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Escaped words to join on: indicators, stages, statuses."""
    rings = {
        i.code: footnotes.marks(site, footnotes.touching(site, [i.code], county)) if site.footnotes else ""
        for i in site.indicators
    }
    indicators = pl.DataFrame(
        [
            (
                i.code,
                i.domain,
                f'<a href="../../../{escape(site.indicator_path(i.code))}">{escape(i.name)}</a>{rings[i.code]} ',
                str(escape(site.t(i.short)) + rings[i.code]),
                *(" " + str(escape(site.unit(i.counted, told))) for told in ("1", "2")),
            )
            for i in site.indicators
        ],
        schema=dict.fromkeys(("indicator", "domain", "link", "short", "counted_one", "counted"), pl.String),
        orient="row",
    )
    stages = pl.DataFrame(
        [(code, site.stage(code), order) for code, order in v.STAGE_ORDER.items()],
        schema={"stage": pl.String, "stage_words": pl.String, "stage_order": pl.Int64},
        orient="row",
    )
    statuses = pl.DataFrame(
        [(s.code, f'"s {s.icon}">{site.t(s.word)}') for s in v.STATUSES.values()],
        schema={"status": pl.String, "status_cell": pl.String},
        orient="row",
    )
    return indicators, stages, statuses


def _merged(now: pl.DataFrame) -> pl.DataFrame:
    """Drop a compulsory row that only repeats the single stage of a school; its id stays as an alias."""
    whole = now.filter(pl.col("stage") == "compulsory").select(
        "entity", "indicator", w_id="figure_id", w_text="text", w_counts="counts", w_status="status", w_target="target"
    )
    parts = now.filter(pl.col("stage") != "compulsory").with_columns(n=pl.len().over("entity", "indicator"))
    joined = parts.join(whole, on=["entity", "indicator"], how="left")
    same = (
        (pl.col("n") == 1)
        & (pl.col("text") == pl.col("w_text"))
        & pl.col("counts").eq_missing(pl.col("w_counts"))
        & ((pl.col("status") == pl.col("w_status")) | pl.col("w_target").is_null())
    ).fill_null(False)
    parts = joined.with_columns(alias=pl.when(same).then(pl.col("w_id"))).select(*now.columns, "alias")
    gone = parts.filter(pl.col("alias").is_not_null()).select("entity", "indicator")
    kept = (
        now.filter(pl.col("stage") == "compulsory")
        .join(gone, on=["entity", "indicator"], how="anti")
        .with_columns(alias=pl.lit(None, pl.String))
    )
    return pl.concat([kept, parts])


def _benchmarks(site: Site, county: str, city: str) -> list[pl.DataFrame]:
    rows = site.book.area_values.filter("now")
    found = []
    for code, name in ((county, "county"), (city, "city")):
        of_area = rows.filter(pl.col("entity") == code)
        found.append(
            of_area.select("indicator", "stage", pl.col("text").alias(name), pl.col("plotted").alias(f"{name}_at"))
        )
    return found


def _small(name: str) -> pl.Expr:
    """Words in small print; nothing where there are none."""
    return pl.when(pl.col(name) == "").then(pl.lit("")).otherwise(pl.format("<small>{}</small>", pl.col(name)))


def _spine(site: Site, lines: pl.DataFrame) -> pl.DataFrame:
    """One table row per line, joined by school and domain."""
    short = {p: periods.short(p, site.t) for p in site.book.periods}
    small = pl.format("<small>{}</small>", pl.col("interval")).fill_null("")
    change = pl.when(pl.col("change") == "").then(pl.lit(""))
    words = _small("change_words")
    head = pl.col("major")
    # the public edition sets no school beside others: the city stands where its peers stand inside
    drawn = charts.bullet(pl.col("county_at")) if site.public else charts.spine()
    number = pl.when(head).then(pl.format("<small>n={}</small>", "peers")).otherwise(pl.lit(""))
    beside = (pl.col("city") if site.public else pl.col("peer_text") + number).fill_null("")
    row = pl.concat_str(
        pl.lit('<tr id="'), escaped(pl.col("figure_id")), pl.lit('"'),
        pl.when(head).then(pl.lit("")).otherwise(pl.lit(" class=mi")),
        pl.lit("><th scope=row"), pl.format(' id="{}"', escaped(pl.col("alias"))).fill_null(""), pl.lit(">"),
        pl.when(head).then(pl.col("link")).otherwise(pl.lit("")),
        pl.lit("<small>"), pl.col("stage_words"), pl.lit(" "),
        pl.col("period").replace_strict(short, default="", return_dtype=pl.String),
        pl.lit("</small><td class=b>"),
        pl.when(head).then(pl.col("text") + small).otherwise(small + pl.lit(" ") + pl.col("text")),
        pl.lit("<td class="), pl.col("status_cell"),
        pl.lit("<td>"), pl.when(head).then(drawn).otherwise(pl.lit("")),
        pl.lit("<td>"), pl.col("target_text"),
        pl.lit("<td>"), _COUNTS,
        pl.lit("<td>"), beside,
        pl.lit("<td>"), pl.col("county").fill_null(""),
        pl.lit("<td>"), pl.when(head).then(change.otherwise(pl.col("change") + words))
        .otherwise(change.otherwise(words + pl.lit(" ") + pl.col("change"))),
        pl.lit("<td>"), pl.when(head).then(pl.col("spark").fill_null("")).otherwise(pl.lit("")),
        pl.lit("\n"),
    )  # fmt: skip
    return lines.with_columns(row=row).group_by("entity", "domain", maintain_order=True).agg(pl.col("row").str.join(""))


def _resources(lines: pl.DataFrame, lacking: Lacking) -> pl.DataFrame:
    """One row per resource and stage with its line and what is lacking, joined by school."""
    keys = ["entity", "stage", "indicator"]
    words = pl.DataFrame(
        [(*key, str(escape(text))) for key, text in lacking.items()],
        schema=dict.fromkeys([*keys, "lacking"], pl.String),
        orient="row",
    )
    row = pl.concat_str(
        pl.lit('<tr id="'), escaped(pl.col("figure_id")), pl.lit('"'),
        pl.when(pl.col("major")).then(pl.lit("")).otherwise(pl.lit(" class=mi")),
        pl.lit("><th scope=row>"), pl.when(pl.col("major")).then(pl.col("link")).otherwise(pl.lit("")),
        pl.lit("<small>"), pl.col("stage_words"), pl.lit("</small><td class=b>"), pl.col("text"),
        pl.lit("<td class="), pl.col("status_cell"),
        pl.lit("<td>"), charts.bullet(pl.col("county_at")),
        pl.lit("<td>"), pl.col("target_text"),
        pl.lit("<td class=lk>"), pl.col("lacking").fill_null(""),
        pl.lit("<td>"), _COUNTS,
        pl.lit("<td>"), pl.col("county").fill_null(""), pl.lit("\n"),
    )  # fmt: skip
    return (
        lines.join(words, on=keys, how="left", maintain_order="left")
        .with_columns(row=row)
        .group_by("entity", maintain_order=True)
        .agg(pl.col("row").str.join(""))
    )


def _stages(lines: pl.DataFrame) -> pl.DataFrame:
    """One row per further stage of an indicator, judged where it has a target."""
    row = pl.concat_str(
        pl.lit('<tr id="'), escaped(pl.col("figure_id")), pl.lit('"><th scope=row>'), pl.col("short"), pl.lit(" <small>"),
        pl.col("stage_words"), pl.lit("</small><td class=b>"), pl.col("text"),
        pl.format("<small>{}</small>", pl.col("interval")).fill_null(""),
        pl.when(pl.col("target").is_null()).then(pl.lit("<td><td>"))
        .otherwise(pl.format("<td class={}<td>{}", pl.col("status_cell"), pl.col("target_text"))),
        pl.lit("<td>"), _COUNTS,
        pl.lit("<td>"), pl.col("county").fill_null(""),
        pl.lit("<td>"), pl.col("city").fill_null(""),
        pl.lit("<td>"), pl.when(pl.col("change") == "").then(pl.lit(""))
        .otherwise(pl.col("change") + _small("change_words")),
        pl.lit("\n"),
    )  # fmt: skip
    return lines.select("entity", "domain", row=row)


def _history(site: Site, everyone: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per line with a cell per period; the current figure's id is in the spine already."""
    cell = (
        pl.when("now")
        .then(pl.lit("<td>") + pl.col("text"))
        .otherwise(pl.format('<td id="{}">{}', escaped(pl.col("figure_id")), pl.col("text")))
    )
    slots = {p: n for n, p in enumerate(site.book.periods)}
    at = pl.col("period").replace_strict(slots, return_dtype=pl.Int64)
    width = len(slots)
    wide = joined_cells(
        everyone.select(*_KEYS, run=runs(*_KEYS), at=at, width=pl.lit(width, pl.Int64), cell=cell), width
    )
    row = pl.concat_str(
        pl.lit('<tr><th scope=row>'), pl.col("short"), pl.lit(" <small>"), pl.col("stage_words"),
        pl.lit("</small>"), pl.col("cells"), pl.lit("\n"),
    )  # fmt: skip
    joined = lines.join(wide.select(*_KEYS, "cells"), on=_KEYS, how="left", maintain_order="left")
    return joined.select("entity", "domain", row=row)


def _subgroups(values: pl.DataFrame, lines: pl.DataFrame, own: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """One row per indicator with a cell per grade and sex; a school has the columns of its own grades only.

    A grade belongs to one stage: the row takes each group from the first stage that has it.
    """
    cell = pl.format(
        '<td id="{}">{}{}', escaped(pl.col("figure_id")), pl.col("text"),
        pl.format("<small>{}</small>", pl.col("counts")).fill_null(""),
    )  # fmt: skip
    columns = pl.DataFrame(
        [(entity, key, n, len(keys)) for entity, keys in own.items() for n, key in enumerate(keys)],
        schema={"entity": pl.String, "subgroup": pl.String, "at": pl.Int64, "width": pl.Int64},
        orient="row",
    )
    chosen = (
        values.filter(pl.col("subgroup") != "all")
        .select(
            "entity", "indicator", "subgroup", "stage", "figure_id", "text", "counts", run=runs("entity", "indicator")
        )
        .join(columns, on=["entity", "subgroup"], how="inner")
        .with_columns(place=pl.col("stage").replace_strict(v.STAGE_ORDER, default=9, return_dtype=pl.Int64))
        .sort("run", "at", "place")
        .filter((runs("run", "at") != runs("run", "at").shift()).fill_null(True))
    )
    narrow = chosen.select("entity", "indicator", "run", "at", "width", cell=cell)
    wide = joined_cells(narrow, max(map(len, own.values()), default=0))
    row = pl.concat_str(pl.lit("<tr><th scope=row>"), pl.col("short"), pl.col("cells"), pl.lit("\n"))
    cells = wide.select("entity", "indicator", "cells")
    joined = lines.filter("major").join(cells, on=["entity", "indicator"], how="inner", maintain_order="left")
    return joined.select("entity", "domain", row=row)


def _paged(tables: Mapping[int, pl.DataFrame], domains: Sequence[str]) -> dict[str, list[list[Body]]]:
    """The rows of a school's further pages: one page if they fit, else grades and sexes apart, each part cut where it is full."""
    order = {slug: n for n, slug in enumerate(domains)}
    rows = pl.concat(rows.with_columns(table=pl.lit(table)) for table, rows in tables.items()).with_columns(
        place=pl.col("domain").replace_strict(order, default=len(order), return_dtype=pl.Int64),
        size=pl.col("row").str.len_bytes().cast(pl.Int64),
    )
    whole = pl.col("size").sum().over("entity")
    apart = ["entity", pl.col("table") == GROUPS]
    bodies = (
        rows.sort("entity", "table", "place", maintain_order=True)
        .with_columns(before=pl.col("size").cum_sum().over(apart) - pl.col("size"))
        .with_columns(
            part=pl.when(whole <= MOST_BYTES)
            .then(0)
            .otherwise(pl.col("before") // MOST_BYTES + pl.when(pl.col("table") == GROUPS).then(1000).otherwise(0))
        )
        .group_by("entity", "part", "table", "domain", maintain_order=True)
        .agg(pl.col("row").str.join(""))
    )
    found: dict[str, list[list[Body]]] = {}
    last = None
    for entity, part, table, domain, text in bodies.iter_rows():
        pages = found.setdefault(entity, [])
        if (entity, part) != last:
            pages.append([])
        last = entity, part
        pages[-1].append((table, domain, Markup(text)))  # noqa: S704 - escaped in the expressions above
    return found


def _own_groups(values: pl.DataFrame) -> dict[str, list[str]]:
    """Grades and sexes of each school, in natural order."""
    there = values.lazy().filter(pl.col("subgroup") != "all").select("entity", "subgroup").unique().collect()
    found: dict[str, set[str]] = {}
    for entity, key in there.iter_rows():
        found.setdefault(entity, set()).add(key)
    return {entity: [k for k in GROUP_KEYS if k in keys] for entity, keys in found.items()}


def build(
    site: Site, values: pl.DataFrame, county: str, city: str, lacking: Lacking, peers: Peers
) -> dict[str, SchoolTables]:
    """Tables of all schools of a county.

    Args:
        site: The site.
        values: The county's school rows with words.
        county: County code.
        city: City code.
        lacking: What schools lack to reach the lines of the seven resources.
        peers: The schools' peers.
    """
    if values.is_empty():
        return {}
    indicators, stages, statuses = _words(site, county)
    everyone = values.filter(pl.col("subgroup") == "all")
    now = _merged(everyone.filter("now"))
    lines = now.join(indicators, on="indicator", how="inner").join(stages, on="stage", how="left")
    for benchmark in _benchmarks(site, county, city):
        lines = lines.join(benchmark, on=["indicator", "stage"], how="left")
    lines = (
        peers.of(lines)
        .join(statuses, on="status", how="left")
        .join(charts.sparks(everyone), on=_KEYS, how="left")
        .sort("entity", "indicator_order", "stage_order")
        .with_columns(
            pl.col("stage_words").fill_null(pl.col("stage")),
            pl.col("status_cell").fill_null('"s">' + pl.col("status")),
            major=pl.int_range(pl.len()).over("entity", "indicator") == 0,
        )
    )
    # the seven resources stand in their own block, further stages on the second page: those without a target, or all of too many
    resources = pl.col("indicator").is_in(v.RESOURCES)
    lead = pl.col("major") & ~pl.col("indicator").str.contains(v.DETAIL)
    few = ((lead | pl.col("target").is_not_null()) & ~resources).sum().over("entity") <= MOST_ROWS
    first = lead | (pl.col("target").is_not_null() & (few | resources))
    spine: dict[str, dict[str, Markup]] = {}
    for entity, domain, rows in _spine(site, lines.filter(first & ~resources)).iter_rows():
        spine.setdefault(entity, {})[domain] = Markup(rows)  # noqa: S704 - escaped in the expressions above
    resources_of = dict(_resources(lines.filter(resources), lacking).iter_rows())
    own_groups = _own_groups(values)
    tables = {STAGES: _stages(lines.filter(~first & ~resources)), GROUPS: _subgroups(values, lines, own_groups)}
    if len(site.book.periods) > 1:
        tables[HISTORY] = _history(site, everyone, lines)
    more = _paged(tables, [d.slug for d in site.domains])
    counted = lines.filter(pl.col("major")).group_by("entity", "status").len()
    tallies: dict[str, dict[str, int]] = {}
    for entity, status, n in counted.iter_rows():
        tallies.setdefault(entity, {})[status] = n
    hidden = dict(values.filter(pl.col("status") == "suppressed").group_by("entity").len().iter_rows())
    examples = dict(lines.group_by("entity").agg(pl.col("figure_id").first()).iter_rows())
    return {
        entity: SchoolTables(
            spine=spine.get(entity, {}),
            resources=Markup(resources_of.get(entity, "")),  # noqa: S704 - escaped in the expressions above
            more=more.get(entity, []),
            columns=own_groups.get(entity, []),
            statuses=tallies.get(entity, {}),
            hidden=hidden.get(entity, 0),
            example=examples.get(entity, ""),
        )
        for entity in sorted({*spine, *resources_of})
    }
