"""Sheets of a county beside its figures: whom to visit first, the ledger of problems, what was received."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from reports import policy_words as w
from reports.books import sheets
from reports.books.models import Column, Sheet
from reports.books.words import REASONS
from reports.duty_models import CaseLine
from reports.i18n import N_
from reports.models import CoverageRow, Visit
from reports.pages import cases
from reports.site import Area, Site


def visits(site: Site, area: Area, rows: Sequence[Visit]) -> Sheet:
    """Schools to visit first; internal edition only, the page has none in the other."""
    t = site.t
    frame = sheets.frame(
        ("n", "name", "code", "missed", "absent", "reasons"),
        (
            (n, x.school.name, x.school.code, x.not_met, x.not_reported, t(N_("；")).join(x.reasons))
            for n, x in enumerate(rows, 1)
        ),
        n=pl.Int64, missed=pl.Int64, absent=pl.Int64,
    )  # fmt: skip
    return Sheet(
        "visits",
        t(N_("先去哪些学校")),
        t(N_("%(name)s：先去哪些学校，为什么")) % {"name": area.name},
        t(N_("按没有兑现的项数排，相同的按差距大小；只计按全数核算的要求，同一要求的几个指标只计一项。")),
        [
            Column("n", t(N_("次序")), "number"),
            Column("name", t(N_("学校")), most=32),
            Column("code", t(N_("代码")), most=16),
            Column("missed", t(N_("未达标（项）")), "number"),
            Column("absent", t(N_("未报送（项）")), "number"),
            Column("reasons", t(N_("原因")), most=90),
        ],
        frame,
        fixed=2,
    )


def ledger(site: Site, area: Area) -> Sheet:
    """The cases of a county and its schools."""
    t = site.t
    found = [cases.line(site, c, "") for c in cases.cases_of(site, area)]
    order = {s: i for i, s in enumerate(("reopened", "open", "rectifying", "closed"))}
    open_ = pl.col("closed").fill_null("") == ""
    closed = pl.when(open_).then(pl.lit(t(REASONS["not_closed"][0]))).otherwise(pl.lit(t(REASONS["not_written"][0])))
    found.sort(key=lambda x: (order.get(x.case.state, 9), x.case.due_on or "9999", x.case.case_id))
    return Sheet(
        "cases",
        t(N_("问题台账")),
        t(N_("%(name)s：问题台账")) % {"name": area.name},
        t(N_("未销号的在前，按期限排；销号须有佐证和复核日期。")),
        [
            Column("id", t(N_("台账号")), most=40),
            Column("what", t(N_("事项")), most=36),
            Column("who", t(N_("对象")), most=32),
            Column("state", t(N_("状态"))),
            Column("late", t(N_("是否过期"))),
            Column("due", t(N_("期限"))),
            Column("gap", t(N_("差距"))),
            Column("kind", t(N_("类型")), most=24),
            Column("opened", t(N_("立账"))),
            Column("measures", t(N_("措施")), most=44),
            Column("office", t(N_("责任单位")), most=24),
            Column("closed", t(N_("销号日期"))),
            Column("evidence", t(N_("佐证")), most=30),
            Column("recheck", t(N_("复核日期"))),
        ],
        sheets.frame(
            ("id", "what", "who", "state", "late", "due", "gap", "kind", "opened", "measures", "office", "closed", "evidence", "recheck"),
            (_case(site, area, x) for x in found),
        ),
        fixed=2,
        blanks=[
            *sheets.because(site, not_written=["due", "gap", "kind", "what", "opened"], no_measure=["measures", "office"]),
            (("closed", "evidence", "recheck"), closed),
        ],
    )  # fmt: skip


def _case(site: Site, area: Area, x: CaseLine) -> tuple[str | None, ...]:
    t, c = site.t, x.case
    school = site.schools.get(c.school or "")
    return (
        c.case_id,
        x.what,
        school.name if school else c.school or area.name,
        x.state,
        t(N_("已过期")) if x.overdue else t(N_("未过期")) if c.open else t(w.CASE_STATES["closed"]),
        c.due_on,
        x.gap,
        x.kind,
        c.opened_on,
        x.measures,
        c.office,
        c.closed_on,
        c.evidence,
        c.recheck_on,
    )


def received(site: Site, area: Area, rows: Sequence[CoverageRow]) -> Sheet:
    """What was received of the county."""
    t = site.t
    whole = dict.fromkeys(("received", "expected", "accepted", "rejected", "unlinked"), pl.Int64)
    return Sheet(
        "coverage",
        t(N_("报送情况")),
        t(N_("%(name)s：收到了什么")) % {"name": area.name},
        t(N_("已报与应报学校数；未报送不等于0。")),
        [
            Column("feed", t(N_("数据"))),
            Column("period", t(N_("时间")), most=30),
            Column("received", t(N_("已报学校（所）")), "number"),
            Column("expected", t(N_("应报学校（所）")), "number"),
            Column("accepted", t(N_("收下行数")), "number"),
            Column("rejected", t(N_("退回行数")), "number"),
            Column("unlinked", t(N_("对不上学生的行数")), "number"),
        ],
        sheets.frame(
            ("feed", "period", *whole),
            (
                (
                    r.feed,
                    r.period,
                    r.received if r.expected else None,
                    r.expected or None,
                    r.accepted,
                    r.rejected,
                    r.unlinked,
                )
                for r in rows
            ),
            **whole,
        ),
        blanks=sheets.because(site, not_owed=["received", "expected"]),
    )
