"""The first page: what stands in the way of publishing now, and what is new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl

from reports import periods
from reports.auditing.blocks import AuditPage, Block, Cell, Facts, Head, Heading, Note, Table, Text
from reports.auditing.pages import coverage, deliveries, verdicts, waivers
from reports.auditing.site import AuditSite, number, slug
from reports.i18n import N_

NEWEST = 8
MOST = 30
# The states of the matrix, said of a number of counties.
IN_COUNTIES = {
    "bad": N_("%(n)s县未通过"), "late": N_("%(n)s县逾期"), "waived": N_("%(n)s县已豁免"), "warn": N_("%(n)s县有警告"),
    "part": N_("%(n)s县未报齐"), "ok": N_("%(n)s县报齐"), "extra": N_("%(n)s县已报"),
}  # fmt: skip


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """One page."""
    book = site.book
    soon = (book.as_of + dt.timedelta(days=waivers.SOON)).isoformat()
    expiring = book["waivers"].filter((pl.col("state") == "valid") & (pl.col("until") <= soon)).sort("until", "waiver")
    blocks: list[Block] = [_verdict(site)]
    if book.refusal:
        blocks.append(Note(Text(book.refusal, ""), "note bad"))
    blocks += [_years(site), _blocking(site), *_heat(site), Heading(site.say(N_("历次结论"))), *verdicts.timeline(site)]
    blocks += [
        Heading(site.say(N_("即将到期的豁免"))),
        Note(
            site.say(N_("%(n)s项，先到期的在前，至多列出%(m)s项。"), n=expiring.height, m=MOST),
            "hint",
            Cell(site.say(N_("全部豁免")).zh, "waivers/index.html"),
        ),
        waivers.table(site, expiring.head(MOST).to_dicts(), ids=False),
        Heading(site.say(N_("最近送达"))),
        Table(
            site.say(N_("最近%(n)s个文件"), n=NEWEST),
            deliveries.head(site),
            deliveries.listed(site, book["deliveries"].sort("receipt", descending=True).head(NEWEST)),
            empty=site.say(N_("还没有收到文件。")),
        ),
        Heading(site.say(N_("合计"))),
        _counts(site),
    ]
    yield AuditPage("index.html", "home", site.say(N_("审计总览")), blocks)


def _verdict(site: AuditSite) -> Block:
    """The sentence one reads first."""
    standing = site.book["standing"]
    years = site.book["years"].filter(pl.col("verdict") == site.newest)["year"].sort().to_list()
    if not years:
        return Note(site.say(N_("还没有检查结论，什么也不能发布。")), "verdict k-not_met")
    open_ = standing.filter(pl.col("waivers").list.len() == 0)
    blocked = sorted(set(open_["year"].to_list()))
    if site.book.refusal:
        return Note(site.say(N_("现在什么也不能发布：检查结论不算数，须重新检查。")), "verdict k-not_met")
    if not blocked:
        words = N_("没有什么阻止发布：%(n)s个学年都可以发布。")
        if standing.height:
            words = N_("没有什么阻止发布：%(w)s项检查没有通过，已豁免。")
        elif set(years) <= _out(site):
            words = N_("%(n)s个学年都已按现在的数据发布。")
        return Note(site.say(words, n=len(years), w=standing["check"].n_unique()), "verdict k-met")
    names = "、".join(site.period(y) for y in blocked)
    return Note(
        site.say(N_("%(names)s不能发布：%(n)s项检查没有通过，也没有豁免。"), names=names, n=open_["check"].n_unique()), "verdict k-not_met"
    )  # fmt: skip


def _out(site: AuditSite) -> set[str]:
    """School years whose newest release was made from the built version."""
    newest = site.book["releases"].group_by("year", maintain_order=True).last()
    return set(newest.filter(pl.col("data_version") == site.book.data_version)["year"].to_list())


def _years(site: AuditSite) -> Table:
    """Each school year: may it be published, what was last released."""
    standing = site.book["standing"]
    released = {r["year"]: r["release"] for r in site.book["releases"].iter_rows(named=True)}
    out = _out(site)
    warned = {year: warnings for year, _, _, warnings in verdicts.judged(site, site.newest).iter_rows()}
    rows = []
    for year in site.book["years"].filter(pl.col("verdict") == site.newest)["year"].sort(descending=True).to_list():
        own = standing.filter(year=year)
        held = own.filter(pl.col("waivers").list.len() > 0).height
        free = own.height == held and not site.book.refusal
        word = N_("不能发布") if not free else N_("已发布") if year in out else N_("可以发布")
        release = released.get(year, "")
        rows.append(
            [
                Cell(site.period(year)),
                Cell(site.say(word).zh, icon="met" if free else "not"),
                Cell(number(own.height - held)),
                Cell(number(held), "waivers/index.html" if held else ""),
                Cell(number(warned.get(year, 0)), site.verdict_path(site.newest) + "#failed"),
                Cell(release, site.release_path(year, release) if release else ""),
            ]
        )
    head = [
        site.head(N_("学年")), site.head(N_("现在")), site.head(N_("阻断"), n=True), site.head(N_("已豁免"), n=True),
        site.head(N_("警告"), n=True), site.head(N_("最近发布")),
    ]  # fmt: skip
    caption = site.say(N_("各学年能否发布，以%(day)s为准"), day=site.book.as_of.isoformat())
    return Table(caption, head, rows, "data narrow", empty=site.say(N_("还没有检查结论。")))


def _blocking(site: AuditSite) -> Table:
    rows = []
    places = site.book["places"].group_by("check", "year").agg(pl.col("county").unique().sort())
    found = {(c, y): counties for c, y, counties in places.iter_rows()}
    for year, check, held in (
        site.book["standing"].sort("year", "check", descending=[True, False]).head(MOST).iter_rows()
    ):
        counties = [site.area(c) for c in found.get((check, year), []) if c]
        where = "、".join(counties[:6]) + ("…" if len(counties) > 6 else "")
        word = N_("已豁免") if held else N_("阻断")
        rows.append(
            [
                site.check_cell(check),
                Cell(site.short(year)),
                Cell(where),
                Cell(site.say(word).zh, icon="wav" if held else "not"),
            ]
        )
    head = [site.head(N_("检查项")), site.head(N_("学年")), site.head(N_("区县")), site.head(N_("现在"))]
    return Table(site.say(N_("没有通过且会阻止发布的检查")), head, rows, "data", empty=site.say(N_("没有阻断的检查。")))


def _heat(site: AuditSite) -> list[Block]:
    """Feeds by period, each cell the worst county: the matrix at a glance."""
    cells = coverage.matrix(site)
    if cells.is_empty():
        return []
    order = {code: i for i, code in enumerate(coverage.STATES)}
    rank = pl.col("state").replace_strict(order, return_dtype=pl.Int64)
    # Rows that no register places, and those that speak for a city or province, are no county.
    counted = pl.col("county").is_in(site.book["areas"].filter(level="county")["area"].to_list()).fill_null(False)
    worst = (
        cells.with_columns(rank=rank)
        .group_by("feed", "period")
        .agg(
            pl.col("state").sort_by("rank").first(),
            (counted & (pl.col("rank") == pl.col("rank").min())).sum().alias("n"),
        )
    )
    found = {(f, p): (s, n) for f, p, s, n in worst.iter_rows()}
    shown = sorted({p for _, p in found})[-9:]
    words = coverage.states(site)
    rows = []
    for feed in coverage.feed_order({f for f, _ in found}):
        line = [Cell(site.feed(feed))]
        for period in shown:
            if (feed, period) not in found:
                line.append(Cell(""))
                continue
            state, n = found[feed, period]
            text = site.say(IN_COUNTIES[state], n=n).zh if n else words[state].word
            line.append(Cell(text, site.coverage_path(feed, period), words[state].icon))
        rows.append(line)
    heads = [
        site.head(N_("数据")),
        *(
            Head(Text(site.short(p), site.short(p)), href=f"coverage/{slug(periods.school_year(p))}.html")
            for p in shown
        ),
    ]
    caption = site.say(N_("每格是最差的状态和有此状态的县（市、区）数；点格子看是哪些"))
    return [
        Heading(site.say(N_("报送与检查一览")), "matrix"),
        coverage.legend(site),
        Table(caption, heads, rows, "heat cov"),
    ]


def _counts(site: AuditSite) -> Block:
    found = site.book["deliveries"]
    facts = [
        (site.say(N_("送达文件")), Cell(number(found.height), "deliveries/index.html")),
        (site.say(N_("收下的行")), Cell(number(int(found["rows_accepted"].sum())))),
        (site.say(N_("退回的行")), Cell(number(int(found["rows_rejected"].sum())), "quarantine/index.html")),
        (site.say(N_("检查项")), Cell(number(site.book["checks"].height), "checks/index.html")),
        (site.say(N_("检查结论")), Cell(number(site.book["verdicts"].height), "verdicts/index.html")),
        (site.say(N_("豁免")), Cell(number(site.book["waivers"].height), "waivers/index.html")),
        (site.say(N_("发布")), Cell(number(site.book["releases"].height), "releases/index.html")),
        (site.say(N_("数据版本")), Cell(site.book.data_version or "")),
    ]
    return Facts(facts)
