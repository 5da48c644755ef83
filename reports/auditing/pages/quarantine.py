"""Refused rows by feed, county, school and rule, with masked samples: where a row stands and why, never what was filled in."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from reports.auditing.blocks import AuditPage, Cell, Head, Note, Table, Text
from reports.auditing.pages.coverage import feed_order
from reports.auditing.site import (
    REFUSED_PER_PAGE,
    AuditSite,
    cut,
    number,
    part_path,
    refused_anchor,
    refused_stem,
    slug,
)  # fmt: skip
from reports.i18n import N_

SAMPLES = 3
TOP_RULES = 100


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """Feeds by rule; a feed by county; the schools and rules of a feed in a county."""
    rejected = site.book["rejected"].with_columns(pl.col("feed").fill_null(""))
    title = site.say(N_("退回行"))
    feeds = feed_order(set(rejected["feed"].to_list()))
    counted = {(r, f): n for f, r, n in rejected.group_by("feed", "rule").len().iter_rows()}
    sums = rejected.group_by("rule").len().sort("len", "rule", descending=[True, False]).head(TOP_RULES)
    rows = [
        [
            Cell(site.rule(rule), small=rule or ""),
            Cell(number(total)),
            *(Cell(number(counted[rule, f]) if (rule, f) in counted else "") for f in feeds),
        ]
        for rule, total in sums.iter_rows()
    ]
    names = [_feed_cell(site, f) for f in feeds]
    head = [
        site.head(N_("规则")), site.head(N_("合计"), n=True), *(Head(Text(c.text, c.text), True, c.href) for c in names)
    ]  # fmt: skip
    yield AuditPage(
        "quarantine/index.html",
        "quarantine",
        title,
        [
            Note(
                site.say(
                    N_("没有收下的行，按数据、学校、规则查看。这里只有位置和原因；所填内容在退回学校的工作簿里。")
                ),
                "lead",
            ),
            Table(
                site.say(N_("退回的行数，按规则和数据；点数据看各区县和学校")),
                head,
                rows,
                empty=site.say(N_("没有退回的行。")),
            ),
        ],
    )
    for feed in feeds:
        yield _feed_page(site, feed, rejected.filter(pl.col("feed") == feed))
    keys = ["feed", "county"]
    for (feed, county), part in rejected.sort(*keys, nulls_last=True).group_by(keys, maintain_order=True):
        yield from _place_pages(site, str(feed), None if county is None else str(county), part)


def _feed_cell(site: AuditSite, feed: str) -> Cell:
    return Cell(site.feed(feed) or site.say(N_("认不出的文件")).zh, f"quarantine/{slug(feed or 'none')}.html")


def _feed_page(site: AuditSite, feed: str, rejected: pl.DataFrame) -> AuditPage:
    by_county = (
        rejected.group_by("county")
        .agg(
            pl.len().alias("n"),
            pl.col("school").n_unique().alias("schools"),
            pl.col("delivery_id").n_unique().alias("files"),
        )
        .sort("n", "county", descending=[True, False], nulls_last=True)
    )
    counties = [
        [
            Cell(site.area(county), f"{refused_stem(feed, county)}.html"),
            Cell(number(n)),
            Cell(number(schools)),
            Cell(number(files)),
        ]
        for county, n, schools, files in by_county.iter_rows()
    ]
    by_rule = (
        rejected.group_by("rule", "column_name")
        .agg(pl.len().alias("n"), pl.col("reason_zh").sort().first())
        .sort("n", "rule", "column_name", descending=[True, False, False], nulls_last=True)
        .head(100)
    )
    rules = [
        [Cell(site.rule(rule), small=rule or ""), Cell(column or ""), Cell(number(n)), Cell(reason or "")]
        for rule, column, n, reason in by_rule.iter_rows()
    ]
    title = site.say(N_("退回行"))
    return AuditPage(
        f"quarantine/{slug(feed or 'none')}.html",
        "quarantine",
        title,
        [
            Table(
                site.say(N_("各区县，行数多的在前")),
                [site.head(N_("区县")), site.head(N_("退回行数"), n=True), site.head(N_("学校数"), n=True), site.head(N_("文件数"), n=True)],
                counties,
            ),
            Table(
                site.say(N_("各规则，行数多的在前")),
                [site.head(N_("规则")), site.head(N_("列")), site.head(N_("退回行数"), n=True), site.head(N_("原因举例"))],
                rules,
            ),
        ],
        [Cell(title.zh, "quarantine/index.html")],
        _feed_cell(site, feed).text,
    )  # fmt: skip


def _place_pages(site: AuditSite, feed: str, county: str | None, rejected: pl.DataFrame) -> Iterator[AuditPage]:
    """Schools and rules of a feed in a county with samples."""
    order = ["delivery_id", "sheet", "row_number"]
    groups = (
        rejected.sort(order, nulls_last=True)
        .group_by("period", "school", "rule", "column_name", maintain_order=True)
        .agg(
            pl.len().alias("n"),
            pl.col("reason_zh").first(),
            pl.struct("delivery_id", "member", "sheet", "row_number").head(SAMPLES).alias("samples"),
        )
        .with_columns(total=pl.col("n").sum().over("period", "school"))
        .sort(
            "period", "total", "school", "n", "rule", "column_name", descending=[True, True, False, True, False, False], nulls_last=True
        )
    )  # fmt: skip
    rows: list[list[Cell]] = []
    ids: list[str] = []
    last: object = object()
    names = site.file_names
    for period, school, rule, column, n, reason, samples, _ in groups.iter_rows():
        ids.append(refused_anchor(period) if period != last else f"g-{len(ids)}")
        last = period
        files = list(dict.fromkeys(s["delivery_id"] for s in samples))
        where = "；".join(_where(site, s, names) for s in samples)
        rows.append(
            [
                Cell(site.school(school)),
                Cell(site.short(period) if period else ""),
                Cell(reason or "", small=rule or ""),
                Cell(column or ""),
                Cell(number(n)),
                Cell(where, site.delivery_cell(files[0]).href),
                site.feedback_cell(files[0]),
            ]
        )
    title = site.say(N_("退回行"))
    head = [
        site.head(N_("学校")), site.head(N_("时期")), site.head(N_("原因和规则")), site.head(N_("列")), site.head(N_("行数"), n=True),
        site.head(N_("举例：文件、表、行")), site.head(N_("退回的工作簿（在本机文件夹中打开）")),
    ]  # fmt: skip
    parts = cut(rows, REFUSED_PER_PAGE)
    for i, some in enumerate(parts, start=1):
        path = part_path(refused_stem(feed, county), i)
        pager = site.pager(refused_stem(feed, county), len(parts), i)
        own = ids[(i - 1) * REFUSED_PER_PAGE : i * REFUSED_PER_PAGE]
        table = Table(
            site.say(N_("各校各规则，新的时期在前；每组至多举%(n)s例"), n=SAMPLES),
            head,
            some,
            "data sort filter qua",
            own,
        )
        yield AuditPage(
            path,
            "quarantine",
            title,
            [*pager, table, *pager],
            [Cell(title.zh, "quarantine/index.html"), _feed_cell(site, feed)],
            f"{_feed_cell(site, feed).text} {site.area(county)}",
        )


def _where(site: AuditSite, sample: dict[str, object], names: dict[str, str]) -> str:
    file = names.get(str(sample["delivery_id"])) or str(sample["delivery_id"])
    place = " ".join(str(x) for x in (sample["member"], sample["sheet"]) if x)
    row = (
        site.say(N_("第%(n)s行"), n=sample["row_number"]).zh
        if sample["row_number"] is not None
        else site.say(N_("整份")).zh
    )
    return " ".join(x for x in (file.rpartition("/")[2], place, row) if x)
