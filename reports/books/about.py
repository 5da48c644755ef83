"""What every book says about itself: how to read it, the dictionary of its indicators, known limits and waivers, the legend."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from reports import footnotes, guide_words
from reports import vocabulary as v
from reports.books.models import WHY, Book, Column, Sheet
from reports.books.words import REASONS
from reports.i18n import N_, P_
from reports.site import Site


def how_to_read(site: Site) -> list[str]:
    """What a reader of any book must know, one sentence each."""
    t = site.t
    words = [
        t(N_("数值与网页相同，小数位数也相同；判定按未四舍五入的数值作出。比例为Excel的百分比，可以直接计算。")),
        t(N_("空格都有原因，写在同一行的判定或“空格的原因”里；未报送不等于0。用语见“图例”。")),
        t(guide_words.TOTALS),
        t(N_("“图号”可以在网页里定位到该数值，也用于追溯来源。")),
    ]
    if site.public:
        words.append(t(guide_words.HIDING_OUTSIDE))
    return words


def dictionary(site: Site, codes: Sequence[str]) -> Sheet:
    """The indicators of the book as the catalogue defines them."""
    t = site.t
    items = [site.book.indicators[c] for c in codes]
    absent = t(N_("目录未写明"))
    rows = [
        (
            i.code,
            i.name_zh,
            i.name_en or absent,
            i.numerator or absent,
            i.denominator or absent,
            t(N_("比例")) if i.is_share else t(i.unit) or t(N_("无单位")),
            t(N_("越高越好")) if i.higher else t(N_("越低越好")),
            t(N_("置信区间")) if i.interval else t(N_("全数核算")),
            i.source or absent,
            i.method or absent,
        )
        for i in items
    ]
    described = [
        ("code", t(N_("代码")), 24),
        ("name_zh", t(N_("中文名称")), 34),
        ("name_en", t(N_("英文名称")), 40),
        ("numerator", t(N_("分子")), 46),
        ("denominator", t(N_("分母")), 40),
        ("unit", t(N_("单位")), 12),
        ("better", t(N_("方向")), 12),
        ("judged", t(N_("判断方式")), 12),
        ("source", t(N_("依据")), 46),
        ("method", t(N_("口径版本")), 12),
    ]
    return Sheet(
        "dictionary",
        t(N_("指标字典")),
        t(N_("本册指标的口径")),
        t(N_("与网页“方法与口径”相同；代码用于图号。")),
        [Column(key, title, most=most) for key, title, most in described],
        pl.DataFrame(rows, schema=dict.fromkeys((d[0] for d in described), pl.String), orient="row"),
        fixed=2,
    )


def limits(site: Site) -> list[str]:
    """Known limits of what the release shows."""
    t = site.t
    found = [
        *map(t, (*guide_words.HIDING, *guide_words.COUNTING)),
        site.counted(P_("本版共隐去%(n)s个数值。"), site.book.hidden_cells),
    ]
    if site.revised:
        found.append(t(N_("本次为修订发布。")) + t(N_("修订的时间：")) + t(N_("、")).join(site.revised))
    return found


def notes(site: Site, book: Book) -> Sheet:
    """Known limits, and the waivers that touch the book's figures."""
    t = site.t
    rows = [(t(N_("限度")), "", words) for words in limits(site)]
    rows += [
        (
            t(N_("豁免%(n)s")) % {"n": n.waiver},
            n.scope,
            t(N_("；")).join(
                x
                for x in (
                    n.said,
                    n.faults,
                    t(N_("豁免理由：")) + n.reason,
                    t(N_("有效期至%(day)s")) % {"day": n.until},
                    t(N_("涉及指标：")) + t(N_("、")).join(c for c in book.codes if c in n.codes),
                )
                if x
            ),
        )
        for n in footnotes.touching(site, book.codes, book.area)
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("kind", "scope", "text"), pl.String), orient="row").with_columns(
        pl.when(pl.col("scope") == "").then(pl.lit(t(N_("全部")))).otherwise(pl.col("scope")).alias("scope")
    )
    return Sheet(
        "notes",
        t(N_("说明")),
        t(N_("已知的限度和豁免")),
        t(N_("豁免：所依据的检查没有通过，经批准暂予放行。")),
        [
            Column("kind", t(N_("类别"))),
            Column("scope", t(N_("范围"))),
            Column("text", t(N_("说明")), most=120),
        ],
        frame,
    )


def legend(site: Site, tables: Sequence[Sheet]) -> Sheet:
    """Every status word, and every reason for an empty cell that the book uses."""
    t = site.t
    rows = [(t(s.word), t(s.meaning)) for s in (*v.STATUSES.values(), v.NO_DATA)]
    known = {word for word, _ in rows}
    used = {
        part.rpartition(t(N_("：")))[2]
        for s in tables
        if WHY in s.frame.columns
        for words in s.frame[WHY].unique().to_list()
        for part in words.split(t(N_("；")))
    }
    rows += [(t(word), t(about)) for word, about in REASONS.values() if t(word) in used - known]
    return Sheet(
        "legend",
        t(N_("图例")),
        t(N_("判定用语和空格的原因")),
        t(N_("空格从不表示0。")),
        [Column("word", t(N_("用语")), most=60), Column("meaning", t(N_("含义")), most=90)],
        pl.DataFrame(rows, schema={"word": pl.String, "meaning": pl.String}, orient="row"),
    )
