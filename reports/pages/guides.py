"""Reference pages of words: glossary, data dictionary, known limits, accessibility statement."""

from __future__ import annotations

from collections.abc import Sequence

from reports import guide_words as g
from reports import pinyin
from reports import vocabulary as v
from reports.i18n import N_, P_
from reports.models import DataTable, GuidePage, GuideSection, Link, Page
from reports.site import Site

LINKS = (
    ("method.html", N_("方法与口径")),
    ("glossary.html", N_("术语")),
    ("dictionary.html", N_("数据字典")),
    ("limits.html", N_("已知局限")),
    ("accessibility.html", N_("无障碍声明")),
)


def links(site: Site, here: str) -> list[Link]:
    """The reference pages, the present one without an address."""
    return [Link(site.t(words), "" if path == here else path) for path, words in LINKS]


def build(site: Site) -> list[GuidePage]:
    """All of them."""
    t = site.t
    terms = sorted(((t(term), t(meaning)) for term, meaning in g.TERMS), key=lambda x: (pinyin.syllables(x[0]), x[0]))
    code, word = t(N_("代码")), t(N_("含义"))
    lists = (
        ("status", N_("判定"), [(s.code, t(s.word)) for s in v.STATUSES.values()]),
        ("stage", N_("学段"), [(c, t(w)) for c, w in v.STAGES.items()]),
        ("feed", N_("数据"), [(c, t(w)) for c, w in v.FEEDS.items()]),
        ("school_type", N_("学校类型"), [(c, t(w)) for c, w in v.SCHOOL_TYPES.items()]),
        ("residence", N_("城乡"), [(c, t(w)) for c, w in v.RESIDENCES.items()]),
    )
    columns = DataTable(
        [t(N_("列")), t(N_("类型")), word], [(name, t(kind), t(meaning)) for name, kind, meaning in g.COLUMNS]
    )
    return [
        _page(site, "glossary.html", [GuideSection("terms", t(N_("按拼音排")), terms=terms)]),
        _page(
            site,
            "dictionary.html",
            [
                GuideSection("figures", t(N_("发布所附数值文件 data/figures.parquet 的列")), table=columns),
                *(GuideSection(name, t(title), table=DataTable([code, word], rows)) for name, title, rows in lists),
            ],
        ),
        _page(
            site,
            "limits.html",
            [
                GuideSection("limits", t(N_("读数时要知道的")), points=[t(x) for x in g.LIMITS]),
                GuideSection(
                    "hidden",
                    t(N_("隐去")),
                    points=[
                        site.counted(P_("全版共隐去%(n)s个数值，避免从小人数反推到个人。"), site.book.hidden_cells)
                    ],
                ),
            ],
        ),
        _page(
            site,
            "accessibility.html",
            [
                GuideSection("done", t(N_("做到的")), points=[t(x) for x in g.ACCESSIBLE]),
                GuideSection("gaps", t(N_("已知的不足")), points=[t(x) for x in g.GAPS]),
            ],
        ),
    ]


def _page(site: Site, path: str, sections: Sequence[GuideSection]) -> GuidePage:
    title = site.t(dict(LINKS)[path])
    crumbs = (Link(site.t(N_("首页")), "index.html"), Link(title))
    page = Page(title=title, path=path, crumbs=crumbs, section="method", codes=())
    return GuidePage(page, links(site, path), sections)
