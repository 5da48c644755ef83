"""Figures that moved most against the year before: what an auditor asks about first. From the internal controlled table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from reports import vocabulary as v
from reports.auditing.blocks import AuditPage, Block, Cell, Heading, Note, Table
from reports.auditing.site import AuditSite, number
from reports.i18n import N_

MOST = 150


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """One page: areas, then schools."""
    outliers = site.book["outliers"]
    blocks: list[Block] = [
        Note(
            site.say(
                N_(
                    "与上年同期相差最大的数字，先核实再发布。市和区县只列分母不少于100的，学校只列不少于50的；只有一个区县的市不另列；已隐去的数字不在其中。"
                )
            ),
            "lead",
        )
    ]
    is_school = pl.col("level") == "school"
    for words, captions, some, anchor in (
        (
            N_("市和区县"),
            (N_("市和区县：比例，按相差的百分点"), N_("市和区县：其他数值，按相差的倍率")),
            outliers.filter(~is_school),
            "areas",
        ),
        (
            N_("学校"),
            (N_("学校：比例，按相差的百分点"), N_("学校：其他数值，按相差的倍率")),
            outliers.filter(is_school),
            "schools",
        ),
    ):
        share, other = some.filter("is_share"), some.filter(~pl.col("is_share"))
        blocks.append(Heading(site.say(words), anchor))
        for caption, part, unit in zip(captions, (share, other), (True, False), strict=True):
            if part.height or unit:
                blocks.append(_table(site, caption, part, unit))
    yield AuditPage("outliers/index.html", "outliers", site.say(N_("异动")), blocks)


def _shown(value: float | None, share: bool) -> str:
    if value is None:
        return ""
    return f"{value:.1%}" if share else number(round(value, 2))


def _table(site: AuditSite, caption: str, part: pl.DataFrame, share: bool) -> Table:
    ordered = part.sort(
        pl.col("change").abs(), "entity", "indicator", "period", "stage", descending=[True, False, False, False, False]
    )
    rows = [_row(site, r, share) for r in ordered.head(MOST).iter_rows(named=True)]
    change = N_("相差（百分点）") if share else N_("相差")
    head = [
        site.head(N_("指标")), site.head(N_("地区或学校")), site.head(N_("时期")), site.head(N_("学段")), site.head(N_("上年"), n=True),
        site.head(N_("本年"), n=True), site.head(change, n=True), site.head(N_("分母"), n=True),
    ]  # fmt: skip
    return Table(site.say(caption), head, rows, "data sort filter", empty=site.say(N_("没有可比的数字。")))


def _row(site: AuditSite, r: dict[str, Any], share: bool) -> list[Cell]:
    name = site.school(r["entity"]) if r["level"] == "school" else site.area(r["entity"])
    stage = site.say(v.STAGES[r["stage"]]).zh if r["stage"] in v.STAGES else r["stage"]
    change = f"{r['change'] * 100:+.1f}" if share else f"{r['change']:+.0%}"
    return [
        Cell(site.indicator(r["indicator"]), small=r["indicator"]),
        Cell(name),
        Cell(site.short(r["period"])),
        Cell(stage),
        Cell(_shown(r["before"], share)),
        Cell(_shown(r["now"], share)),
        Cell(change),
        Cell(number(r["denominator"])),
    ]
