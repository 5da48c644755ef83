"""Coverage: feed × period × county with freshness, a page per school year, and a page per feed and period behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import polars as pl

from reports import periods
from reports import vocabulary as v
from reports.auditing.blocks import AuditPage, Block, Cell, Facts, Head, Heading, Note, Table, Text
from reports.auditing.pages.waivers import held_cell
from reports.auditing.site import AuditSite, State, number, slug, state_cell
from reports.i18n import N_
from reports.write import segment

WIDEST = 16  # counties side by side
MOST_CHECKS = 20  # of a county on the page of a feed and period
# Worst first; the first that fits is shown.
STATES = {
    "bad": (N_("有检查未通过"), "not"),
    "late": (N_("逾期未报齐"), "due"),
    "waived": (N_("未通过，已豁免"), "wav"),
    "warn": (N_("有警告"), "rev"),
    "part": (N_("未报齐，未到期"), "dis"),
    "ok": (N_("报齐"), "met"),
    "extra": (N_("不要求，已报送"), "non"),
}


def matrix(site: AuditSite) -> pl.DataFrame:
    """Coverage cells with their state and the checks that failed there (``check``, ``faults``, ``blocks``, ``waivers`` as lists)."""
    cells = site.book["coverage"].with_columns(year=pl.col("period").str.slice(0, 9))
    where = (
        site.book["places"]
        .join(site.now.select("check", "year", "blocks"), on=["check", "year"])
        .join(site.book["checks"].select("check", "feed"), on="check")
        .filter((pl.col("feed") != "") & (pl.col("county") != ""))
        .with_columns(held=pl.col("waivers").list.len().fill_null(0) > 0)
        .rename({"period": "place"})
    )
    keys = ["feed", "period", "county"]
    # A fault of a semester belongs to the yearly cell as well, and one of a year to both semesters.
    hit = (
        cells.select(*keys, "year")
        .join(where, on=["feed", "county", "year"])
        .filter(pl.col("period").str.starts_with(pl.col("place")) | pl.col("place").str.starts_with(pl.col("period")))
        .sort("blocks", "check", descending=[True, False])
        .group_by(keys, maintain_order=True)
        .agg("check", "faults", "blocks", "waivers", open=(pl.col("blocks") & ~pl.col("held")).any())
    )
    short = pl.col("schools_received") < pl.col("schools_expected")
    overdue = pl.col("due_on") < site.book.as_of.isoformat()
    judged = cells.join(hit, on=keys, how="left", nulls_equal=True)
    blocked = pl.col("blocks").list.any().fill_null(False)
    unwaived = pl.col("open").fill_null(False)
    state = (
        pl.when(unwaived).then(pl.lit("bad"))
        .when(short & overdue.fill_null(False)).then(pl.lit("late"))
        .when(blocked).then(pl.lit("waived"))
        .when(pl.col("blocks").list.len() > 0).then(pl.lit("warn"))
        .when(short).then(pl.lit("part"))
        .when(pl.col("schools_expected") == 0).then(pl.lit("extra"))
        .otherwise(pl.lit("ok"))
    )  # fmt: skip
    return judged.with_columns(state=state)


def states(site: AuditSite) -> dict[str, State]:
    """State words with their shapes."""
    return {code: State(site.say(word).zh, icon, site.say(word)) for code, (word, icon) in STATES.items()}


def feed_order(feeds: set[str]) -> list[str]:
    """Feeds in the order of the vocabulary, unknown ones last."""
    known = [f for f in v.FEEDS if f in feeds]
    return known + sorted(feeds - set(known))


def anchor(county: str | None) -> str:
    """Anchor of a county on the page of a feed and period."""
    return f"c-{segment(county or 'none')}"


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """The newest year, every year, and each feed and period."""
    cells = matrix(site)
    years = sorted(cells["year"].unique().to_list(), reverse=True)
    links = [Cell(site.period(y), f"coverage/{slug(y)}.html") for y in years]
    title = site.say(N_("报送矩阵"))
    yield AuditPage(
        "coverage/index.html",
        "coverage",
        title,
        [
            Note(site.say(N_("数据×时期×区县：应报、已报、收下和退回了多少，是否按时；点格子看原因和文件。")), "lead"),
            Table(site.say(N_("各学年")), [site.head(N_("学年")), *(Head(s.words, True) for s in states(site).values())],
                  [_year_row(site, cells.filter(pl.col("year") == y), link) for y, link in zip(years, links, strict=True)],
                  empty=site.say(N_("还没有收到数据。"))),
            *(_grids(site, cells.filter(pl.col("year") == years[0])) if years else ()),
        ],
    )  # fmt: skip
    for year in years:
        own = cells.filter(pl.col("year") == year)
        above = [Cell(title.zh, "coverage/index.html")]
        yield AuditPage(f"coverage/{slug(year)}.html", "coverage", title, _grids(site, own), above, site.period(year))
    for (feed, period), part in cells.sort("feed", "period", "county").group_by("feed", "period", maintain_order=True):
        yield _cell_page(site, str(feed), str(period), part)


def _year_row(site: AuditSite, cells: pl.DataFrame, link: Cell) -> list[Cell]:
    counts = dict(cells.group_by("state").len().iter_rows())
    return [link, *(Cell(str(counts.get(code, 0)), icon=icon) for code, (_, icon) in STATES.items())]


def _grids(site: AuditSite, cells: pl.DataFrame) -> list[Block]:
    """A heat table per city and, in large cities, per group of counties."""
    words = states(site)
    parents = dict(site.book["areas"].select("area", "parent").iter_rows())
    cities: dict[str, list[str | None]] = defaultdict(list)
    for county in cells["county"].unique().sort(nulls_last=True).to_list():
        cities[parents.get(county) or ("" if county is None else county[:4] + "00")].append(county)
    rows: dict[tuple[str, str], dict[str | None, dict[str, Any]]] = defaultdict(dict)
    for row in cells.iter_rows(named=True):
        rows[row["feed"], row["period"]][row["county"]] = row
    order = {feed: i for i, feed in enumerate(feed_order({feed for feed, _ in rows}))}
    keys = sorted(rows, key=lambda k: (order[k[0]], k[1]))
    blocks: list[Block] = [legend(site)]
    levels = dict(site.book["areas"].select("area", "level").iter_rows())
    # Counties by their city first; what speaks for a city or province itself, and what no register places, after them.
    for city, counties in sorted(cities.items(), key=lambda c: (c[0] == "", levels.get(c[0], "city") != "city", c[0])):
        for start in range(0, len(counties), WIDEST):
            some = counties[start : start + WIDEST]
            heads = [site.head(N_("数据")), *(Head(Text(site.area(c), site.area(c))) for c in some)]
            body = []
            for feed, period in keys:
                found = rows[feed, period]
                if any(c in found for c in some):
                    path = site.coverage_path(feed, period)
                    body.append(
                        [
                            Cell(f"{site.feed(feed)} {site.short(period)}", path),
                            *(_heat(site, words, found.get(c), path) for c in some),
                        ]
                    )
            name = site.area(city) if city else site.say(N_("未定区县")).zh
            caption = site.say(N_("%(name)s：已报/应报学校数，下为退回行数"), name=name)
            blocks.append(Table(caption, heads, body, "heat cov"))
    return blocks


def legend(site: AuditSite) -> Block:
    """What the shapes mean."""
    return Facts([(Text("", s.words.en), Cell(s.word, icon=s.icon)) for s in states(site).values()])


def _heat(site: AuditSite, words: dict[str, State], cell: dict[str, Any] | None, path: str) -> Cell:
    if cell is None:
        return Cell("")
    state = words[cell["state"]]
    expected, received = cell["schools_expected"], cell["schools_received"]
    text = f"{received}/{expected}" if expected else str(received)
    refused = cell["rows_rejected"]
    small = site.say(N_("退%(n)s行"), n=number(refused)).zh if refused else ""
    return Cell(text, f"{path}#{anchor(cell['county'])}", state.icon, small=small)


def _cell_page(site: AuditSite, feed: str, period: str, cells: pl.DataFrame) -> AuditPage:
    """Counties of a feed and period: what came, when, what was refused, which checks failed there."""
    words = states(site)
    rows, ids, blocks = [], [], []
    for c in cells.iter_rows(named=True):
        state = words[c["state"]]
        ids.append(anchor(c["county"]))
        quarantine = site.refused.get((feed, c["county"], period), "")
        rows.append(
            [
                Cell(site.area(c["county"])),
                Cell(state.word, icon=state.icon),
                Cell(f"{c['schools_received']} / {c['schools_expected']}"),
                Cell(number(c["rows_accepted"])),
                Cell(number(c["rows_rejected"]), quarantine),
                Cell(number(c["rows_unlinked"])),
                Cell(c["last_received"] or ""),
                Cell(c["due_on"] or ""),
            ]
        )
        if c["check"]:
            blocks += _failed(site, c)
    title = site.say(N_("报送矩阵"))
    year = periods.school_year(period)
    table = Table(
        site.say(N_("各区县；点退回行数看是哪些行")),
        [
            site.head(N_("区县")), site.head(N_("状态")), site.head(N_("已报/应报（所）"), n=True), site.head(N_("收下行数"), n=True),
            site.head(N_("退回行数"), n=True), site.head(N_("对不上学生的行数"), n=True), site.head(N_("最近收到")), site.head(N_("报送期限")),
        ],
        rows,
        "data sort",
        ids,
    )  # fmt: skip
    deliveries = _deliveries(site, feed, period)
    return AuditPage(
        site.coverage_path(feed, period),
        "coverage",
        title,
        [table, *blocks, *deliveries],
        [Cell(title.zh, "coverage/index.html"), Cell(site.period(year), f"coverage/{slug(year)}.html")],
        f"{site.feed(feed)} {site.period(period)}",
    )


def _failed(site: AuditSite, cell: dict[str, Any]) -> list[Block]:
    rows = []
    found = list(zip(cell["check"], cell["faults"], cell["blocks"], cell["waivers"], strict=True))
    for check, faults, blocks, held in found[:MOST_CHECKS]:
        word, icon = site.result("failed", blocks)
        rows.append(
            [site.check_cell(check), Cell(site.say(word).zh, icon=icon), Cell(number(faults)), held_cell(site, held)]
        )
    name = site.area(cell["county"])
    head = [
        site.head(N_("检查项")),
        site.head(N_("结果")),
        site.head(N_("有问题的处数"), n=True),
        site.head(N_("豁免")),
    ]
    return [
        Heading(site.say(N_("%(name)s：在此没有通过的检查"), name=name), f"{anchor(cell['county'])}-checks"),
        Table(
            site.say(
                N_("%(name)s：最近一次结论，阻断的在前；共%(n)s项，至多列出%(m)s项"),
                name=name,
                n=len(found),
                m=MOST_CHECKS,
            ),
            head,
            rows,
        ),
    ]


def _deliveries(site: AuditSite, feed: str, period: str) -> list[Block]:
    """Deliveries of the feed and period with something to tell; the others are only counted."""
    parts = site.book["parts"].filter((pl.col("feed") == feed) & (pl.col("period") == period))
    names = site.book["deliveries"].select("delivery_id", "file_name")
    told = (
        parts.filter(pl.col("delivery_id").is_in(sorted(site.delivery_pages)))
        .group_by("delivery_id", "county")
        .agg(pl.col("rows_accepted").sum(), pl.col("rows_rejected").sum(), pl.col("state").first())
        .join(names, on="delivery_id", how="left")
        .sort("rows_rejected", "delivery_id", descending=[True, False])
    )
    rows = [
        [
            site.delivery_cell(d, name or d),
            Cell(site.area(county)),
            state_cell(site, state),
            Cell(number(accepted)),
            Cell(number(refused)),
        ]
        for d, county, accepted, refused, state, name in told.head(100).iter_rows()
    ]
    head = [
        site.head(N_("文件")), site.head(N_("区县")), site.head(N_("去向")), site.head(N_("收下行数"), n=True),
        site.head(N_("退回行数"), n=True),
    ]  # fmt: skip
    total = parts["delivery_id"].n_unique()
    return [
        Heading(site.say(N_("送达文件")), "deliveries"),
        Note(
            site.say(N_("共%(n)s个文件；下列%(m)s个有退回、更正或多张表。"), n=total, m=min(told.height, 100)),
            "hint",
        ),
        Table(site.say(N_("有情况的文件，退回多的在前")), head, rows, "data sort"),
    ]
