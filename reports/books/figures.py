"""Tables of figures: all of an area, places beside each other, and schools by the indicators of a domain.

Each takes rows that carry the formatter's words (`Controlled.worded`) and adds columns; no row is looked at one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from reports import footnotes, numbers
from reports import vocabulary as v
from reports.books import cells
from reports.books.cells import Blank
from reports.books.models import Column, Sheet
from reports.books.words import REASONS
from reports.catalogue import Indicator
from reports.i18n import N_
from reports.site import School, Site

_KINDS = ("sex", "grade", "residence")
_GROUPS = ["all", *(f"{kind}={key}" for kind, keys in zip(_KINDS, (v.SEXES, v.GRADES, v.RESIDENCES), strict=True) for key in keys)]  # fmt: skip


def _words(column: str, found: dict[str, str]) -> pl.Expr:
    """Words of a code; the code itself where it has none."""
    return pl.col(column).replace_strict(found, default=pl.col(column), return_dtype=pl.String)


def prepared(site: Site, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of figures with the columns that sheets and csv files show.

    Args:
        site: The site.
        rows: Rows with the formatter's words.

    Returns:
        Names and words (`indicator_name`, `domain`, `domain_name`, `place`, `stage_name`, `group_name`, `unit`,
        `status_name`, `counted`), numbers as the page shows them with their formats (`shown`, `n`, `d`, `low`, `high`,
        `distance`, `moved` and `*_format`), what is only bounded (`tail`), the waivers that touch a row (`waived`); by
        domain, indicator, place, stage, period and group.
    """
    t, every = site.t, site.book.indicators
    text = pl.col("text").str.strip_suffix(pl.col("unit_words"))
    parts = pl.col("counts").str.split_exact(" / ", 1)
    interval = pl.col("interval").str.strip_suffix("%").str.split_exact("–", 1)
    percent = pl.when(pl.col("is_share")).then(pl.lit("%")).otherwise(pl.lit(""))
    domains = {code: i.domain for code, i in every.items()}
    order = {slug: n for n, slug in enumerate(v.DOMAINS)}
    groups = {g: n for n, g in enumerate(_GROUPS)}
    named = rows.with_columns(
        indicator_name=_words("indicator", {c: t(i.name) for c, i in every.items()}),
        domain=_words("indicator", domains),
        place=_words("entity", {**{a.code: a.name for a in (*site.cities, *site.counties)}, **{s.code: s.name for s in site.schools.values()}}),
        stage_name=_words("stage", {s: t(w) for s, w in v.STAGES.items()}),
        group_name=_words("subgroup", {g: v.subgroup_word(g, t) for g in _GROUPS}),
        unit=pl.when(pl.col("is_share")).then(pl.lit(t(N_("比例")))).when(pl.col("unit_words") == "").then(pl.lit(t(N_("无单位")))).otherwise("unit_words"),
        status_name=_words("status", {s.code: t(s.word) for s in v.STATUSES.values()}),
        counted=_words("indicator", {c: t(i.counted) for c, i in every.items()}),
        shown=pl.when(pl.col("plotted").is_not_null()).then(cells.number(text)),
        shown_format=cells.excel_format(text),
        n_text=parts.struct.field("field_0"),
        d_text=parts.struct.field("field_1"),
        low_text=interval.struct.field("field_0") + percent,
        high_text=interval.struct.field("field_1") + percent,
        distance=cells.number(pl.col("gap")),
        distance_format=cells.excel_format(pl.col("gap"), signed=True),
        moved=cells.number(pl.col("change")),
        moved_format=cells.excel_format(pl.col("change"), signed=True),
        tail=pl.when(pl.col("value_text_rule").is_not_null()).then("text"),
    )  # fmt: skip
    return (
        named.with_columns(
            n=cells.number(pl.col("n_text")),
            n_format=cells.excel_format(pl.col("n_text")),
            d=cells.number(pl.col("d_text")),
            low=cells.number(pl.col("low_text")),
            high=cells.number(pl.col("high_text")),
            low_format=cells.excel_format(pl.col("low_text")),
            waived=_waived(site, named),
            domain_name=_words("domain", {d.slug: t(d.name) for d in v.DOMAINS.values()}),
            domain_order=pl.col("domain").replace_strict(order, default=99, return_dtype=pl.Int64),
            stage_order=pl.col("stage").replace_strict(v.STAGE_ORDER, default=9, return_dtype=pl.Int64),
            group_order=pl.col("subgroup").replace_strict(groups, default=99, return_dtype=pl.Int64),
        )
        .sort("domain_order", "indicator_order", "indicator", "level", "entity", "stage_order", "period", "group_order")
    )  # fmt: skip


def _waived(site: Site, rows: pl.DataFrame) -> pl.Expr:
    """Numbers of the waivers that touch a row's indicator in its place; schools stand under their county's."""
    if not site.footnotes:
        return pl.lit("")
    county = pl.col("entity").replace_strict(
        {s.code: s.county for s in site.schools.values()}, default=pl.col("entity"), return_dtype=pl.String
    )
    key = pl.concat_str(["indicator", county], separator=" ")
    said = {}
    for code, area in rows.select("indicator", area=county).unique().iter_rows():
        notes = footnotes.touching(site, [code], area)
        said[f"{code} {area}"] = " ".join(str(n.number) for n in notes)
    return key.replace_strict(said, default="", return_dtype=pl.String)


def _blanks(site: Site) -> list[Blank]:
    """Why cells of a figure are empty."""
    t = site.t

    def why(code: str) -> pl.Expr:
        return pl.lit(t(REASONS[code][0]))

    hidden, absent = pl.col("status") == "suppressed", pl.col("status") == "not_reported"
    tail = pl.col("tail").is_not_null()
    value = (
        pl.when(hidden)
        .then(pl.lit(t(v.STATUSES["suppressed"].word)))
        .when(absent)
        .then(pl.lit(t(v.STATUSES["not_reported"].word)))
        .when(tail)
        .then(why("bound"))
        .otherwise(pl.lit(t(v.NO_DATA.word)))
    )
    # what is empty because the value is empty gives the same reason
    seen = pl.col("shown").is_not_null()
    no_counts = pl.when(hidden | absent | tail).then(value).otherwise(why("no_counts"))
    no_target = pl.when(pl.col("target").is_null()).then(why("no_target")).otherwise(value)
    no_interval = pl.when(~pl.col("interval_judged")).then(why("no_interval")).otherwise(value)
    no_change = pl.when(seen).then(why("no_change")).otherwise(value)
    return [
        (("shown",), value),
        (("n", "d", "counted"), no_counts),
        (("target_text", "distance"), no_target),
        (("low", "high"), no_interval),
        (("moved",), no_change),
        (("change_words",), pl.when(pl.col("moved").is_not_null()).then(why("untested")).otherwise(no_change)),
    ]


def _columns(site: Site, *, places: bool, waived: bool) -> list[Column]:
    t = site.t
    found = [
        Column("domain_name", t(N_("领域"))),
        Column("indicator_name", t(N_("指标")), most=30),
        *([Column("place", t(N_("地区")))] if places else []),
        Column("stage_name", t(N_("学段"))),
        Column("period", t(N_("时间"))),
        Column("group_name", t(N_("分组"))),
        Column("shown", t(N_("数值")), "number", "@shown_format"),
        Column("unit", t(N_("单位"))),
        Column("status_name", t(N_("判定")), "status"),
        Column("target_text", t(N_("目标"))),
        Column("distance", t(N_("距目标（个百分点或所列单位）")), "number", "@distance_format"),
        Column("n", t(N_("分子")), "number", "@n_format"),
        Column("d", t(N_("分母")), "number"),
        Column("counted", t(N_("计数单位"))),
        Column("low", t(N_("95%置信区间下限")), "number", "@low_format"),
        Column("high", t(N_("95%置信区间上限")), "number", "@low_format"),
        Column("moved", t(N_("比上年同期（个百分点或所列单位）")), "number", "@moved_format"),
        Column("change_words", t(N_("变化"))),
    ]
    if waived:
        found.append(Column("waived", t(N_("豁免说明号"))))
    return [*found, Column("figure_id", t(N_("图号")), most=62)]


def long(site: Site, key: str, name: str, title: str, rows: pl.DataFrame, *, places: bool = False) -> Sheet:
    """Every figure of one area, or of several beside each other, a row each.

    Args:
        site: The site.
        key: Name of the table.
        name: Name of the tab.
        title: Title of the sheet.
        rows: Prepared rows.
        places: Whether the rows are of several areas.
    """
    t = site.t
    waived = bool((rows["waived"] != "").any())
    blanks = _blanks(site)
    if waived:
        blanks.append((("waived",), pl.lit(t(REASONS["no_waiver"][0]))))
    grouped = bool((rows["subgroup"] != "all").any())
    note = t(N_("每行一个数值；全体学生各期都列，其余分组只列最近一期。")) if grouped else t(N_("每行一个数值。"))
    note += t(N_("时间为学年，或学年加学期（1秋季，2春季）。"))
    if rows["rounded"].any():
        note += t(N_("分子、分母已取整到5，为约数。"))
    columns = [c for c in _columns(site, places=places, waived=waived) if grouped or c.key != "group_name"]
    return Sheet(key, name, title, note, columns, rows, fixed=3 if places else 2, blanks=blanks)


def school_columns(site: Site) -> list[Column]:
    """Columns that say which school a row is about."""
    t = site.t
    return [
        Column("school_name", t(N_("学校")), most=32),
        Column("school", t(N_("代码")), most=16),
        Column("type_name", t(N_("类型"))),
        Column("residence_name", t(N_("城乡"))),
    ]


def school_frame(site: Site, schools: Sequence[School]) -> pl.DataFrame:
    """Schools with their words, by code."""
    unknown = site.t(N_("名录未填"))
    rows = [
        (s.code, s.name or s.code, site.school_type(s.type) or unknown, site.residence(s.residence) or unknown, s.pupils)
        for s in sorted(schools, key=lambda s: s.code)
    ]  # fmt: skip
    names = ("school", "school_name", "type_name", "residence_name", "pupils")
    schema = dict.fromkeys(names[:4], pl.String) | {"pupils": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def schools_by_indicator(
    site: Site, slug: str, name: str, schools: pl.DataFrame, heads: pl.DataFrame, indicators: Sequence[Indicator]
) -> Sheet:
    """Schools by the indicators of a domain: the headline figure of each, the judgement beside it.

    Args:
        site: The site.
        slug: The domain.
        name: Its words.
        schools: Rows of `school_frame`.
        heads: One prepared figure per school and indicator.
        indicators: Indicators from left to right.
    """
    t = site.t
    frame = schools
    columns = school_columns(site)
    for n, i in enumerate(indicators):
        unit = "%" if i.is_share else t(i.unit)
        head = t(i.short) + (f"（{unit}）" if unit else "")
        judged = (
            pl.when(pl.col("tail").is_not_null())
            .then(pl.format("{}（{}）", "status_name", "tail"))
            .otherwise("status_name")
        )
        one = heads.filter(pl.col("indicator") == i.code).select(
            pl.col("entity").alias("school"),
            pl.col("shown").alias(f"v{n}"),
            pl.col("shown_format").alias(f"v{n}_format"),
            judged.alias(f"s{n}"),
        )
        frame = frame.join(one, on="school", how="left").with_columns(pl.col(f"s{n}").fill_null(t(v.NO_DATA.word)))
        if not site.public:
            columns.append(Column(f"v{n}", head, "number", f"@v{n}_format"))
        columns.append(Column(f"s{n}", t(N_("%(name)s·判定")) % {"name": t(i.short)}, "status", most=20))
    note = t(N_("各校的主要学段；空格的原因在右边一列“判定”里。按学校代码排，不是名次。"))
    if site.public:
        note = t(N_("公开版：学校只列判定，不列数值，不排名。"))
    return Sheet(
        f"schools_{slug}",
        t(N_("各校·%(name)s")) % {"name": name},
        t(N_("各校·%(name)s，%(year)s")) % {"name": name, "year": site.period(site.book.school_year)},
        note,
        columns,
        frame.sort("school"),
        filtered=not site.public,
    )


def target_frame(site: Site, codes: Sequence[str]) -> pl.DataFrame:
    """Targets of indicators with the clause they come from."""
    t = site.t
    rows = []
    for target in site.targets:
        indicator = site.book.indicators.get(target.indicator)
        if indicator is None or target.indicator not in codes or target.value is None:
            continue
        text = numbers.target_text(
            target.value, target.operator, is_share=indicator.is_share, digits=indicator.digits
        )  # fmt: skip
        rows.append(
            (
                t(indicator.name),
                text,
                t(N_("比例")) if indicator.is_share else t(indicator.unit) or t(N_("无单位")),
                site.stage(target.stage) if target.stage else t(N_("全部学段")),
                site.jurisdiction(target.jurisdiction),
                target.valid_from,
                target.clause,
                target.quote,
            )
        )
    names = ("name", "target", "unit", "stage", "where", "since", "clause", "quote")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def targets(site: Site, codes: Sequence[str]) -> Sheet:
    """The targets of indicators."""
    t = site.t
    return Sheet(
        "targets",
        t(N_("目标与出处")),
        t(N_("目标与出处")),
        t(N_("每个目标都出自一份文件的一条。")),
        [
            Column("name", t(N_("指标")), most=36),
            Column("target", t(N_("目标"))),
            Column("unit", t(N_("单位"))),
            Column("stage", t(N_("学段"))),
            Column("where", t(N_("适用"))),
            Column("since", t(N_("自何日起"))),
            Column("clause", t(N_("依据")), most=60),
            Column("quote", t(N_("原文")), most=60),
        ],
        target_frame(site, codes),
        blanks=[
            (("since", "clause", "quote"), pl.lit(t(REASONS["not_written"][0]))),
        ],
    )
