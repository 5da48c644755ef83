"""Sheets of the commitments: what one county owes, and each document for everybody it binds."""

from __future__ import annotations

import polars as pl

from reports import vocabulary as v
from reports.books import sheets
from reports.books.cells import Blank
from reports.books.models import Column, Sheet
from reports.duties import Commitment
from reports.duty_models import CountyPledgesPage, Pledge
from reports.i18n import N_
from reports.pages.pledges import Pledges
from reports.site import Area, Site


def _pledge(site: Site, p: Pledge) -> tuple[str, ...]:
    t = site.t
    return (
        p.code,
        p.clause,
        p.quote,
        p.entity,
        p.route,
        p.text,
        p.counts,
        p.target,
        p.target_source,
        p.due,
        t(v.status_of(p.state).word),
        t(N_("；")).join(p.evidence),
        p.next,
        p.figure.label if p.figure else "",
    )


_PLEDGE = (
    "code", "clause", "quote", "entity", "route", "text", "counts", "target", "source", "due", "state", "evidence",
    "next", "figure_id",
)  # fmt: skip


def _pledge_columns(site: Site) -> list[Column]:
    t = site.t
    return [
        Column("code", t(N_("承诺编号"))),
        Column("quote", t(N_("承诺")), most=60),
        Column("clause", t(N_("条款")), most=24),
        Column("entity", t(N_("对象")), most=20),
        Column("route", t(N_("核对"))),
        Column("state", t(N_("判定")), "status"),
        Column("text", t(N_("数值")), most=24),
        Column("counts", t(N_("分子/分母")), most=24),
        Column("target", t(N_("目标")), most=20),
        Column("source", t(N_("目标依据")), most=24),
        Column("due", t(N_("期限"))),
        Column("evidence", t(N_("佐证")), most=40),
        Column("next", t(N_("下一步")), most=36),
        Column("figure_id", t(N_("图号")), most=50),
    ]


def _pledge_blanks(site: Site) -> list[Blank]:
    return [
        (("text",), pl.col("state")),
        *sheets.because(
            site,
            no_counts=["counts"],
            no_target=["target", "source"],
            no_document=["evidence"],
            nothing_due=["next"],
            no_figure=["figure_id"],
            not_written=["clause", "due", "quote", "entity", "route"],
        ),
    ]


def county_pledges(site: Site, area: Area, page: CountyPledgesPage) -> Sheet:
    """What one county owes."""
    t = site.t
    rows = [_pledge(site, p) for _, _, _, items_of in page.groups for p in items_of]
    return Sheet(
        "commitments",
        t(N_("政策承诺")),
        t(N_("%(name)s：约束本县的政策承诺和落实情况")) % {"name": area.name},
        t(N_("未达标的在前；数值带单位，按网页的写法。")),
        _pledge_columns(site),
        sheets.frame(_PLEDGE, rows),
        blanks=_pledge_blanks(site),
    )


def paper_pledges(site: Site, pledges: Pledges, prefix: str, name: str) -> Sheet:
    """The commitments of one document, for everybody they bind."""
    t = site.t
    bound: list[Commitment] = [
        c
        for _, rows in pledges.of_paper(prefix)
        for c in sorted(rows, key=lambda c: (c.entity_level == "county", c.entity))
        if c.status != "not_applicable"
    ]
    return Sheet(
        f"paper_{prefix}",
        name,
        t(N_("%(name)s：逐条落实情况")) % {"name": name},
        t(N_("按编号排，先市后县；不约束的地区不列。数值带单位，按网页的写法。")),
        _pledge_columns(site),
        sheets.frame(_PLEDGE, (_pledge(site, pledges.pledge(c, "")) for c in bound)),
        blanks=_pledge_blanks(site),
    )
