"""Sheets of the assessment: gates and items, coefficients, each school by the rule, what is lacking, what to add."""

from __future__ import annotations

import polars as pl

from reports import policy_words as w
from reports import vocabulary as v
from reports.books import cells, figures, sheets
from reports.books.models import Column, Sheet
from reports.books.words import REASONS
from reports.duty_models import BalancePage
from reports.i18n import N_
from reports.numbers import plain, target_text
from reports.pages.balance import coefficient
from reports.site import Area, Site


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
        sheets.frame(names, rows),
        fixed=3,
        blanks=sheets.because(
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
    frame = sheets.frame(
        ("stage", "code", "name", "schools", "pupils", "mean", "sd", "cv", "limit", "distance", "meeting", "state"),
        rows,
        schools=whole,
        pupils=whole,
        meeting=whole,
    )
    shown = sheets.numbers(frame, "cv", "limit", "mean", "sd").with_columns(
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
            sheets.number("cv", t(N_("差异系数"))),
            sheets.number("limit", t(N_("上限"))),
            sheets.number("distance", t(N_("距上限"))),
            Column("state", t(N_("判定")), "status"),
            sheets.number("mean", t(N_("加权均值"))),
            sheets.number("sd", t(N_("加权标准差"))),
            Column("schools", t(N_("参评学校（所）")), "number"),
            Column("meeting", t(N_("单项达标学校（所）")), "number"),
            Column("pupils", t(N_("在校生（人）")), "number"),
        ],
        shown.sort("stage", "code", maintain_order=True),
        fixed=3,
        blanks=sheets.because(site, hidden=["cv_n", "limit_n", "distance_n", "mean_n", "sd_n", "schools", "meeting", "pupils"]),
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
    frame = sheets.frame(
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
        blanks=sheets.because(site, excluded=["met", "missing"], no_pupils=["pupils"]),
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
    frame = sheets.frame(
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
            sheets.number("value", t(N_("数值"))),
            sheets.number("target", t(N_("标准"))),
            Column("unit", t(N_("单位"))),
            Column("lacking", t(N_("缺少数量")), "number"),
            Column("counted", t(N_("数量单位"))),
            Column("figure_id", t(N_("图号")), most=50),
        ],
        sheets.numbers(frame, "value", "target").sort("code", "stage", "school", maintain_order=True),
        fixed=4,
        blanks=[
            (("value_n", "target_n"), pl.lit(t(v.NO_DATA.word))),
            (("lacking",), pl.when(pl.col("kind") == t(w.GAP_KINDS["near"])).then(pl.lit(t(REASONS["reached"][0]))).otherwise(pl.lit(t(v.NO_DATA.word)))),
            *sheets.because(site, no_unit=["unit", "counted"], no_figure=["figure_id"]),
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
    frame = sheets.frame(("code", "name", "stage", "school_name", "school", "addition", "total", "unit"), rows)
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
            sheets.number("addition", t(N_("增加"))),
            sheets.number("total", t(N_("全县合计"))),
            Column("unit", t(N_("单位"))),
        ],
        sheets.numbers(frame, "addition", "total").sort("code", "stage", "school", maintain_order=True),
        fixed=4,
        blanks=sheets.because(site, no_unit=["unit"]),
    )


def _quantity(number: float) -> str:
    """A quantity as the pages write it, without its unit."""
    return plain(number, 0 if float(number).is_integer() else 2)
