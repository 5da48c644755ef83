"""Tables of the assessment, the commitments and the ledger of problems, from the models of their pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from reports import policy_words as w
from reports import vocabulary as v
from reports.books import cells, figures
from reports.books.cells import Blank
from reports.books.models import Column, Sheet
from reports.books.words import REASONS
from reports.duties import Commitment
from reports.duty_models import BalancePage, CaseLine, CountyPledgesPage, Pledge
from reports.i18n import N_
from reports.models import CoverageRow, Visit
from reports.numbers import plain, target_text
from reports.pages import cases
from reports.pages.balance import coefficient
from reports.pages.pledges import Pledges
from reports.site import Area, Site


def _frame(names: Sequence[str], rows: Iterable[Sequence[Any]], **other: Any) -> pl.DataFrame:
    """Rows of text, but for the columns named with another type."""
    schema = {name: other.get(name, pl.String) for name in names}
    return pl.DataFrame([tuple(r) for r in rows], schema=schema, orient="row")


def _numbers(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Adds the number and the format of columns of the formatter's text."""
    return frame.with_columns(
        e
        for k in keys
        for e in (cells.number(pl.col(k)).alias(f"{k}_n"), cells.excel_format(pl.col(k)).alias(f"{k}_format"))
    )


def _number(key: str, title: str) -> Column:
    """A column made by `_numbers`."""
    return Column(f"{key}_n", title, "number", f"@{key}_format")


def _because(site: Site, **columns: Sequence[str]) -> list[Blank]:
    """Columns whose empty cells have one reason each, by the reason's code."""
    return [(keys, pl.lit(site.t(REASONS[code][0]))) for code, keys in columns.items()]


def items(site: Site, page: BalancePage) -> Sheet:
    """The gates and the 31 items of a county, every figure behind them."""
    t = site.t
    rows = [
        (
            t(v.GATES[gate.code]),
            item.code,
            item.name,
            t(v.status_of(item.state).word),
            line.words,
            line.text,
            line.target,
            line.counts or line.note,
            t(v.status_of(line.state).word),
            t(N_("；")).join(
                x for d in item.documents for x in [" ".join(y for y in (d.document_no or d.title, d.issued_on) if y)]
            ),
            line.figure_id,
        )
        for gate in page.gates
        for item in gate.items
        for line in item.lines
    ]
    names = ("gate", "item", "name", "state", "words", "text", "target", "counts", "line", "documents", "figure_id")
    return Sheet(
        "items",
        t(N_("优质均衡31项")),
        t(N_("%(name)s：各关口和31项逐项判定")) % {"name": page.area.name},
        t(
            N_(
                "资源配置7项、政府保障15项、教育质量9项，合31项；一票否决、前置条件和社会认可度另为关口。没有佐证的不算达到。"
            )
        ),
        [
            Column("gate", t(N_("关口"))),
            Column("item", t(N_("项目"))),
            Column("name", t(N_("名称")), most=36),
            Column("state", t(N_("项目判定")), "status"),
            Column("words", t(N_("口径或学段")), most=24),
            Column("text", t(N_("数值"))),
            Column("target", t(N_("标准"))),
            Column("line", t(N_("判定")), "status"),
            Column("counts", t(N_("分子/分母、说明")), most=44),
            Column("documents", t(N_("佐证")), most=44),
            Column("figure_id", t(N_("图号")), most=50),
        ],
        _frame(names, rows),
        fixed=3,
        blanks=_because(
            site,
            one_way=["words"],
            by_document=["target"],
            no_counts=["counts"],
            no_document=["documents"],
            no_figure=["figure_id"],
        ),
    )


def variation(site: Site, area: Area) -> Sheet:
    """How far the schools of a county are apart in each resource."""
    t = site.t
    rows = []
    for x in site.book.duties.variation.get(area.code, []):
        indicator = site.book.indicators.get(x.indicator)
        cv, distance = coefficient(x.cv, x.cv_limit, met=x.cv_met)
        state = "not_reported" if x.cv_met is None else "met" if x.cv_met else "not_met"
        mean, sd = (plain(n, 0 if x.indicator == "L6" else 4) if n is not None else "" for n in (x.mean, x.sd))
        limit = plain(x.cv_limit, 2) if x.cv_limit is not None else ""
        name = t(indicator.name) if indicator else x.indicator
        rows.append(
            (
                site.stage(x.stage),
                x.indicator,
                name,
                x.schools,
                x.pupils,
                mean,
                sd,
                cv,
                limit,
                distance,
                x.schools_meeting,
                t(v.STATUSES[state].word),
            )
        )
    whole = pl.Int64
    frame = _frame(
        ("stage", "code", "name", "schools", "pupils", "mean", "sd", "cv", "limit", "distance", "meeting", "state"),
        rows,
        schools=whole,
        pupils=whole,
        meeting=whole,
    )
    shown = _numbers(frame, "cv", "limit", "mean", "sd").with_columns(
        distance_n=cells.number(pl.col("distance")), distance_format=cells.excel_format(pl.col("distance"), signed=True)
    )
    return Sheet(
        "variation",
        t(N_("校际差异系数")),
        t(N_("%(name)s：七项资源的校际差异系数")) % {"name": area.name},
        t(N_("以在校生加权的标准差除以均值，不取整比较。")),
        [
            Column("stage", t(N_("学段"))),
            Column("code", t(N_("代码"))),
            Column("name", t(N_("资源")), most=36),
            _number("cv", t(N_("差异系数"))),
            _number("limit", t(N_("上限"))),
            _number("distance", t(N_("距上限"))),
            Column("state", t(N_("判定")), "status"),
            _number("mean", t(N_("加权均值"))),
            _number("sd", t(N_("加权标准差"))),
            Column("schools", t(N_("参评学校（所）")), "number"),
            Column("meeting", t(N_("单项达标学校（所）")), "number"),
            Column("pupils", t(N_("在校生（人）")), "number"),
        ],
        shown.sort("stage", "code", maintain_order=True),
        fixed=3,
        blanks=_because(site, hidden=["cv_n", "limit_n", "distance_n", "mean_n", "sd_n", "schools", "meeting", "pupils"]),
    )  # fmt: skip


def assessment(site: Site, area: Area, resources: pl.DataFrame) -> Sheet:
    """Each school against the rule of six of seven, with its seven resources.

    Args:
        site: The site.
        area: The county.
        resources: Prepared figures of L1 to L7 of its schools.
    """
    t = site.t
    whole = pl.Int64
    rows = [
        (
            a.school,
            a.stage,
            site.stage(a.stage),
            a.pupils,
            a.indicators_met,
            t(w.EXCLUDED.get(a.excluded_reason, a.excluded_reason)) if a.excluded_reason
            else t(v.STATUSES[{True: "met", False: "not_met", None: "not_reported"}[a.meets_rule]].word),
            a.indicators_missing,
        )
        for a in site.book.duties.assessed.get(area.code, [])
    ]  # fmt: skip
    frame = _frame(
        ("school", "stage", "stage_name", "pupils", "met", "rule", "missing"),
        rows, pupils=whole, met=whole, missing=whole,
    )  # fmt: skip
    known = figures.school_frame(site, list(site.schools.values())).drop("pupils")
    frame = frame.join(known, on="school", how="left").with_columns(
        pl.col("school_name").fill_null(pl.col("school")),
        pl.col("type_name", "residence_name").fill_null(t(N_("名录未填"))),
    )
    columns = [
        *figures.school_columns(site),
        Column("stage_name", t(N_("学段"))),
        Column("rule", t(N_("7项至少6项达标的规则")), "status", most=24),
        Column("met", t(N_("达标项数")), "number"),
        Column("missing", t(N_("未报送项数")), "number"),
        Column("pupils", t(N_("在校生（人）")), "number"),
    ]
    for code in v.RESOURCES:
        indicator = site.book.indicators.get(code)
        if indicator is None:
            continue
        one = resources.filter(pl.col("indicator") == code).select(
            pl.col("entity").alias("school"), "stage", pl.col("shown").alias(code),
            pl.col("shown_format").alias(f"{code}_format"), pl.col("status_name").alias(f"{code}_state"),
        )  # fmt: skip
        frame = frame.join(one, on=["school", "stage"], how="left").with_columns(
            pl.col(f"{code}_state").fill_null(t(v.NO_DATA.word))
        )
        short = t(indicator.short)
        columns.append(Column(code, f"{code} {short}（{t(indicator.unit)}）", "number", f"@{code}_format"))
        columns.append(Column(f"{code}_state", f"{code} {t(N_('判定'))}", "status"))
    return Sheet(
        "assessment",
        t(N_("各校资源评估")),
        t(N_("%(name)s：各校七项资源和6项规则")) % {"name": area.name},
        t(N_("七项至少六项达标，余项不低于标准的85%。按学校代码排，不是名次。")),
        columns,
        frame.with_columns(order=pl.col("stage").replace_strict(v.STAGE_ORDER, default=9, return_dtype=pl.Int64)).sort(
            "school", "order"
        ),
        blanks=_because(site, excluded=["met", "missing"], no_pupils=["pupils"]),
    )


def gaps(site: Site, area: Area) -> Sheet:
    """Schools below a line or just above it, with what they lack."""
    t = site.t
    rows = []
    for g in site.book.duties.gaps.get(area.code, []):
        indicator = site.book.indicators.get(g.indicator)
        school = site.schools.get(g.school)
        digits = indicator.digits if indicator else 2
        rows.append(
            (
                g.school,
                school.name if school else g.school,
                site.stage(g.stage),
                g.indicator,
                t(indicator.name) if indicator else g.indicator,
                plain(g.value, digits) if g.value is not None else "",
                target_text(g.target, "=", is_share=False, digits=digits) if g.target is not None else "",
                t(indicator.unit) if indicator else "",
                t(w.GAP_KINDS.get(g.kind, g.kind)),
                None if g.kind == "near" else g.lacking,
                t(w.RESOURCE_UNITS.get(g.indicator, "")),
                g.figure_id,
            )
        )
    frame = _frame(
        ("school", "school_name", "stage", "code", "name", "value", "target", "unit", "kind", "lacking", "counted", "figure_id"),
        rows, lacking=pl.Int64,
    )  # fmt: skip
    return Sheet(
        "gaps",
        t(N_("名单与缺口")),
        t(N_("%(name)s：没到标准和刚过标准的学校，各差多少")) % {"name": area.name},
        t(N_("缺少数量为达到标准还缺的数量。按资源和学校代码排，不是名次。")),
        [
            Column("code", t(N_("代码"))),
            Column("name", t(N_("资源")), most=34),
            Column("stage", t(N_("学段"))),
            Column("school_name", t(N_("学校")), most=32),
            Column("school", t(N_("学校代码")), most=16),
            Column("kind", t(N_("类型")), most=20),
            _number("value", t(N_("数值"))),
            _number("target", t(N_("标准"))),
            Column("unit", t(N_("单位"))),
            Column("lacking", t(N_("缺少数量")), "number"),
            Column("counted", t(N_("数量单位"))),
            Column("figure_id", t(N_("图号")), most=50),
        ],
        _numbers(frame, "value", "target").sort("code", "stage", "school", maintain_order=True),
        fixed=4,
        blanks=[
            (("value_n", "target_n"), pl.lit(t(v.NO_DATA.word))),
            (("lacking",), pl.when(pl.col("kind") == t(w.GAP_KINDS["near"])).then(pl.lit(t(REASONS["reached"][0]))).otherwise(pl.lit(t(v.NO_DATA.word)))),
            *_because(site, no_unit=["unit", "counted"], no_figure=["figure_id"]),
        ],
    )  # fmt: skip


def additions(site: Site, area: Area) -> Sheet:
    """What to add at which school, so that a coefficient comes within its limit."""
    t = site.t
    rows = []
    for a in site.book.duties.additions.get(area.code, []):
        indicator, school = site.book.indicators.get(a.indicator), site.schools.get(a.school)
        rows.append(
            (
                a.indicator,
                t(indicator.name) if indicator else a.indicator,
                site.stage(a.stage),
                school.name if school else a.school,
                a.school,
                _quantity(a.addition),
                _quantity(a.county_addition),
                t(w.RESOURCE_UNITS.get(a.indicator, "")),
            )
        )
    frame = _frame(("code", "name", "stage", "school_name", "school", "addition", "total", "unit"), rows)
    return Sheet(
        "additions",
        t(N_("最少增配")),
        t(N_("%(name)s：差异系数降到上限以内，最少加多少、加在哪里")) % {"name": area.name},
        t(N_("全县合计为该学段该项资源最少增加的总量。")),
        [
            Column("code", t(N_("代码"))),
            Column("name", t(N_("资源")), most=34),
            Column("stage", t(N_("学段"))),
            Column("school_name", t(N_("学校")), most=32),
            Column("school", t(N_("学校代码")), most=16),
            _number("addition", t(N_("增加"))),
            _number("total", t(N_("全县合计"))),
            Column("unit", t(N_("单位"))),
        ],
        _numbers(frame, "addition", "total").sort("code", "stage", "school", maintain_order=True),
        fixed=4,
        blanks=_because(site, no_unit=["unit"]),
    )


def _quantity(number: float) -> str:
    """A quantity as the pages write it, without its unit."""
    return plain(number, 0 if float(number).is_integer() else 2)


def visits(site: Site, area: Area, rows: Sequence[Visit]) -> Sheet:
    """Schools to visit first; internal edition only, the page has none in the other."""
    t = site.t
    frame = _frame(
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
        *_because(
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
        _frame(_PLEDGE, rows),
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
        _frame(_PLEDGE, (_pledge(site, pledges.pledge(c, "")) for c in bound)),
        blanks=_pledge_blanks(site),
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
        _frame(
            ("id", "what", "who", "state", "late", "due", "gap", "kind", "opened", "measures", "office", "closed", "evidence", "recheck"),
            (_case(site, area, x) for x in found),
        ),
        fixed=2,
        blanks=[
            *_because(site, not_written=["due", "gap", "kind", "what", "opened"], no_measure=["measures", "office"]),
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
        _frame(
            ("feed", "period", *whole),
            ((r.feed, r.period, r.received, r.expected, r.accepted, r.rejected, r.unlinked) for r in rows),
            **whole,
        ),
    )
