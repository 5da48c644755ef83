"""What the columns of the base tables hold, by period: rows, share empty, how many different values, middle and tenths of numbers."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from reports.auditing.blocks import AuditPage, Block, Cell, Heading, Note, Table, Text
from reports.auditing.pages.coverage import feed_order
from reports.auditing.site import AuditSite, number, slug
from reports.i18n import N_

JUMP = 0.2  # share empty that moved by so much since the period before
MOST_PERIODS = 8


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """The list of feeds, and a page per feed with its newest periods."""
    profiles = site.book["profiles"]
    title = site.say(N_("列概况"))
    feeds = feed_order(set(profiles["feed"].to_list()))
    sums = {
        f: (periods, rows)
        for f, periods, rows in profiles.group_by("feed")
        .agg(pl.col("period").n_unique(), pl.col("rows").filter(pl.col("place") == 0).sum())
        .iter_rows()
    }
    rows = [
        [Cell(site.feed(f), f"profiles/{slug(f)}.html", small=f), Cell(number(sums[f][0])), Cell(number(sums[f][1]))] for f in feeds
    ]  # fmt: skip
    lead = Note(
        site.say(
            N_("各列有多少空、多少种取值、数字的中位和两端十分位。不列最小和最大值，不足10行的不列，人的标识不列。")
        ),
        "lead",
    )
    head = [site.head(N_("数据")), site.head(N_("时期数"), n=True), site.head(N_("行数"), n=True)]
    table = Table(site.say(N_("各种数据")), head, rows, "data narrow", empty=site.say(N_("还没有收到数据。")))
    yield AuditPage("profiles/index.html", "profiles", title, [lead, table])
    for feed in feeds:
        own = profiles.filter(pl.col("feed") == feed).sort("place", "period")
        own = own.with_columns(was=pl.col("empty").shift(1).over("column"))
        blocks: list[Block] = []
        for period in sorted(own["period"].unique().to_list(), reverse=True)[:MOST_PERIODS]:
            blocks += _period(site, period, own.filter(pl.col("period") == period))
        yield AuditPage(
            f"profiles/{slug(feed)}.html", "profiles", title, blocks, [Cell(title.zh, "profiles/index.html")], site.feed(feed)
        )  # fmt: skip


def _period(site: AuditSite, period: str, columns: pl.DataFrame) -> list[Block]:
    rows = []
    for c in columns.iter_rows(named=True):
        jumped = c["was"] is not None and c["empty"] is not None and abs(c["empty"] - c["was"]) >= JUMP
        empty = "" if c["empty"] is None else f"{c['empty']:.1%}"
        rows.append(
            [
                Cell(c["title"] or c["column"], small=c["column"]),
                Cell(number(c["rows"])),
                Cell(empty, icon="rev" if jumped else ""),
                Cell(c["distinct"] or ""),
                *(Cell(number(c[q])) for q in ("p10", "p50", "p90")),
            ]
        )
    head = [
        site.head(N_("列")), site.head(N_("行数"), n=True), site.head(N_("空的占比"), n=True), site.head(N_("不同取值"), n=True),
        site.head(N_("十分位"), n=True), site.head(N_("中位数"), n=True), site.head(N_("九十分位"), n=True),
    ]  # fmt: skip
    message = N_("%(period)s：数字按表内单位；三角表示空的占比与前一时期相差20个百分点以上")
    both = site.period_words(period)
    caption = Text(site.say(message, period=both.zh).zh, site.say(message, period=both.en).en)
    return [Heading(site.period_words(period)), Table(caption, head, rows)]
