"""Deliveries and their fate: the list in receipt order, newest first, and a page for each that has something to tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from reports.auditing.blocks import AuditPage, Cell, Facts, Heading, Note, Table
from reports.auditing.site import DELIVERY, AuditSite, cut, grouped, number, part_path, slug, state_cell
from reports.i18n import N_

Rows = list[dict[str, Any]]
MOST = 200  # rows of a list on a delivery's page
ROW_COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_not_data")


def listed(site: AuditSite, deliveries: pl.DataFrame) -> list[list[Cell]]:
    """Rows of the list."""
    rows = []
    for d in deliveries.iter_rows(named=True):
        feeds = "、".join(site.feed(f) for f in (d["feeds"] or "").split("|") if f)
        times = "、".join(site.short(p) for p in (d["periods"] or "").split("|") if p)
        rows.append(
            [
                Cell(str(d["receipt"])),
                Cell(d["at"] or ""),
                site.delivery_cell(d["delivery_id"], d["file_name"] or d["delivery_id"]),
                Cell(feeds),
                Cell(times),
                state_cell(site, d["state"]),
                *(Cell(number(d[c])) for c in ROW_COUNTS[1:3]),
            ]
        )
    return rows


def head(site: AuditSite) -> list[Any]:
    """Heads of the list."""
    return [
        site.head(N_("收件号")), site.head(N_("日期")), site.head(N_("文件（隐去人名）")), site.head(N_("数据")), site.head(N_("时期")),
        site.head(N_("去向")), site.head(N_("收下行数"), n=True), site.head(N_("退回行数"), n=True),
    ]  # fmt: skip


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """The list in parts, and the deliveries with something to tell."""
    deliveries = site.book["deliveries"].sort("receipt", descending=True)
    title = site.say(N_("送达文件"))
    counts = dict(deliveries.group_by("state").len().iter_rows())
    facts = Facts(
        [
            *((site.say(word), Cell(number(counts.get(code, 0)), icon=icon)) for code, (word, icon) in DELIVERY.items()),
            *((site.say(word), Cell(number(int(deliveries[c].sum()))))
              for c, word in zip(ROW_COUNTS, (N_("读到的行"), N_("收下的行"), N_("退回的行"), N_("不是数据的行")), strict=True)),
        ]
    )  # fmt: skip
    parts = cut(listed(site, deliveries))
    for i, rows in enumerate(parts, start=1):
        pager = site.pager("deliveries/index", len(parts), i)
        table = Table(
            site.say(N_("按收件号从新到旧")),
            head(site),
            rows,
            "data sort filter",
            empty=site.say(N_("还没有收到文件。")),
        )
        yield AuditPage(
            part_path("deliveries/index", i), "deliveries", title, [*([facts] if i == 1 else []), *pager, table, *pager]
        )
    told = deliveries.filter(pl.col("delivery_id").is_in(sorted(site.delivery_pages)))
    pieces = grouped(site.book["parts"].sort("delivery_id", "part", "feed"), "delivery_id")
    refused = grouped(
        site.book["rejected"]
        .group_by("delivery_id", "sheet", "column_name", "rule")
        .agg(
            pl.len().alias("n"), pl.col("reason_zh").sort_by("row_number").first(), pl.col("row_number").sort().head(12)
        )
        .sort("delivery_id", "n", "rule", "column_name", descending=[False, True, False, False]),
        "delivery_id",
    )
    for row in told.iter_rows(named=True):
        yield _page(site, row, pieces.get(row["delivery_id"], []), refused.get(row["delivery_id"], []))


def _page(site: AuditSite, d: dict[str, Any], parts: Rows, refused: Rows) -> AuditPage:
    part_rows = [
        [
            Cell(" ".join(x for x in (p["member"], p["sheet"]) if x) or site.say(N_("整个文件")).zh),
            Cell(site.feed(p["feed"])),
            Cell(site.short(p["period"]) if p["period"] else ""),
            Cell(site.school(p["school"]) if p["school"] else site.area(p["county"]) if p["county"] else ""),
            state_cell(site, p["state"]),
            *(Cell(number(p[c])) for c in ROW_COUNTS),
            Cell(p["reason"] or ""),
        ]
        for p in parts[:MOST]
    ]
    rejected_rows = [
        [
            Cell(site.rule(r["rule"]), small=r["rule"] or ""),
            Cell(r["sheet"] or ""),
            Cell(r["column_name"] or ""),
            Cell(number(r["n"])),
            Cell("、".join(str(x) for x in r["row_number"] if x is not None) + ("…" if r["n"] > 12 else "")),
            Cell(r["reason_zh"] or ""),
        ]
        for r in refused[:MOST]
    ]
    title = site.say(N_("送达文件"))
    facts = [
        (site.say(N_("收件号")), Cell(str(d["receipt"]))),
        (site.say(N_("日期")), Cell(d["at"] or "")),
        (site.say(N_("去向")), state_cell(site, d["state"])),
        (site.say(N_("原件 SHA-256")), Cell((d["file_sha256"] or "")[:16] + "…")),
    ]
    if d["delivery_id"] in site.feedback:
        facts.append((site.say(N_("退回的工作簿（在本机文件夹中打开）")), site.feedback_cell(d["delivery_id"])))
    part_head = [
        site.head(N_("表")), site.head(N_("数据")), site.head(N_("时期")), site.head(N_("学校或区县")), site.head(N_("去向")),
        site.head(N_("读到"), n=True), site.head(N_("收下"), n=True), site.head(N_("退回"), n=True), site.head(N_("不是数据"), n=True),
        site.head(N_("说明")),
    ]  # fmt: skip
    rejected_head = [
        site.head(N_("规则")), site.head(N_("表")), site.head(N_("列")), site.head(N_("行数"), n=True), site.head(N_("行号")),
        site.head(N_("原因")),
    ]  # fmt: skip
    blocks: list[Any] = [Facts(facts), Table(site.say(N_("各表的去向")), part_head, part_rows)]
    if rejected_rows:
        blocks += [
            Heading(site.say(N_("退回的行")), "rejected"),
            Note(site.say(N_("行号是打开文件看到的行号；不显示所填内容，内容在退回的工作簿里。")), "hint"),
            Table(site.say(N_("按规则和列，行数多的在前")), rejected_head, rejected_rows),
        ]
    return AuditPage(
        f"deliveries/{slug(d['delivery_id'])}.html",
        "deliveries",
        title,
        blocks,
        [Cell(title.zh, "deliveries/index.html")],
        d["file_name"] or d["delivery_id"],
    )
