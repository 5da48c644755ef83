"""Verdicts over time: every one the ledger has, oldest to newest, and what changed from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from reports.auditing.blocks import AuditPage, Block, Cell, Facts, Heading, Note, Picture, Table, Text
from reports.auditing.site import COMMON, AuditSite, cut, number, part_path
from reports.charts import audit as pictures
from reports.i18n import N_

SHOWN = 40  # verdicts of the timeline
_COUNTED = {
    "blocking": pl.col("check").filter(pl.col("blocks")).n_unique(),
    "warnings": pl.col("check").filter((pl.col("result") == "failed") & ~pl.col("blocks")).n_unique(),
}
MOST = 300  # rows of a list of checks on a verdict's page


def counts(site: AuditSite) -> pl.DataFrame:
    """Blocking checks and warnings of each kept verdict; a check that fails in two years is one check."""
    return site.book["results"].group_by("verdict").agg(**_COUNTED).sort("verdict")


def judged(site: AuditSite, verdict: int) -> pl.DataFrame:
    """What a verdict says of each school year: ``year, checks, blocking, warnings``. Checks of no year judge every year."""
    own = site.book["results"].filter(pl.col("verdict") == verdict)
    years = site.book["years"].filter(pl.col("verdict") == verdict).select("year")
    every = years.join(own.filter(pl.col("year") == COMMON).drop("year"), how="cross")
    both = pl.concat([own.filter(pl.col("year") != COMMON), every.select(own.columns)])
    found = both.group_by("year").agg(checks=pl.col("check").n_unique(), **_COUNTED)
    return years.join(found, on="year", how="left").select("year", pl.exclude("year").fill_null(0)).sort("year")


def timeline(site: AuditSite) -> list[Block]:
    """The picture of the last verdicts; nothing without any."""
    known = site.book["verdicts"].join(counts(site), on="verdict").sort("verdict").tail(SHOWN)
    if known.is_empty():
        return []
    columns = [
        pictures.Column(r["at"][5:] or str(r["verdict"]), r["overall"] == "passed", r["blocking"], r["warnings"])
        for r in known.iter_rows(named=True)
    ]
    finding = _newest(site, columns[-1], int(known["verdict"][-1]) == site.newest)
    drawn = pictures.verdicts(
        columns,
        title=finding.zh,
        desc=site.say(N_("每次结论的阻断项数和警告项数，旧的在左。")).zh,
        words=(site.say(N_("阻断")).zh, site.say(N_("警告")).zh),
    )
    return [Picture(finding, drawn)]


def _newest(site: AuditSite, last: pictures.Column, stands: bool) -> Text:
    """What the last verdict says, and what the waivers of the day make of it where it is the one that `stands`."""
    if last.passed:
        return site.say(N_("最近一次结论通过，另有警告%(w)s项。"), w=last.warnings)
    held = site.book["standing"].group_by("check").agg(held=(pl.col("waivers").list.len() > 0).all())["held"]
    free = int(held.sum()) if stands else 0
    if not free:
        words = N_("最近一次结论未通过：%(b)s项阻止发布，警告%(w)s项。")
    elif free == last.blocking:
        words = N_("最近一次结论：%(h)s项未通过，已豁免；警告%(w)s项。")
    else:
        words = N_("最近一次结论未通过：%(b)s项阻止发布，%(h)s项未通过但已豁免，警告%(w)s项。")
    return site.say(words, b=last.blocking - free, h=free, w=last.warnings)


def row(site: AuditSite, verdict: dict[str, Any]) -> list[Cell]:
    """A verdict in a list."""
    passed = verdict["overall"] == "passed"
    word, icon = site.result("passed" if passed else "failed", not passed)
    return [
        Cell(site.say(N_("第%(n)s条"), n=verdict["verdict"]).zh, site.verdict_path(verdict["verdict"]) if verdict["kept"] else ""),
        Cell(verdict["at"] or ""),
        Cell(site.say(word).zh, icon=icon),
        Cell(number(verdict["blocking"])),
        Cell(number(verdict["warnings"])),
        Cell(verdict["data_version"] or ""),
        Cell(verdict["suite_version"] or ""),
    ]  # fmt: skip


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """The list, newest first, and a page per kept verdict."""
    every = site.book["verdicts"].join(counts(site), on="verdict", how="left").sort("verdict", descending=True)
    title = site.say(N_("检查结论"))
    head = [
        site.head(N_("台账")), site.head(N_("日期")), site.head(N_("结论")), site.head(N_("阻断"), n=True), site.head(N_("警告"), n=True),
        site.head(N_("数据版本")), site.head(N_("检查组版本")),
    ]  # fmt: skip
    parts = cut([row(site, v) for v in every.iter_rows(named=True)])
    for i, rows in enumerate(parts, start=1):
        pager = site.pager("verdicts/index", len(parts), i)
        table = Table(site.say(N_("台账里的全部结论，新的在上")), head, rows, empty=site.say(N_("还没有检查结论。")))
        yield AuditPage(
            part_path("verdicts/index", i),
            "verdicts",
            title,
            [*(timeline(site) if i == 1 else []), *pager, table, *pager],
        )
    kept = every.filter("kept").sort("verdict").to_dicts()
    before: dict[str, Any] | None = None
    for verdict in kept:
        yield _page(site, verdict, before)
        before = verdict


def _page(site: AuditSite, verdict: dict[str, Any], before: dict[str, Any] | None) -> AuditPage:
    own = site.book["results"].filter(pl.col("verdict") == verdict["verdict"])
    years = site.book["years"].filter(pl.col("verdict") == verdict["verdict"]).sort("year")
    facts = [
        (site.say(N_("日期")), Cell(verdict["at"] or "")),
        (site.say(N_("数据版本")), Cell(verdict["data_version"])),
        (site.say(N_("检查组版本")), Cell(verdict["suite_version"])),
        (site.say(N_("契约版本")), Cell(verdict["contract_version"])),
        (site.say(N_("结论的 SHA-256")), Cell(verdict["sha256"][:16] + "…")),
    ]
    counted = {y: counts for y, *counts in judged(site, verdict["verdict"]).iter_rows()}
    year_rows = []
    for year, result in years.select("year", "result").iter_rows():
        word, icon = site.result("passed" if result == "passed" else "failed", result != "passed")
        cells = [Cell(number(x)) for x in counted[year]]
        year_rows.append([Cell(site.period(year)), Cell(site.say(word).zh, icon=icon), *cells])
    blocks: list[Block] = [
        Facts(facts),
        Table(
            site.say(N_("各学年；不分学年的检查对每个学年都算")),
            [site.head(N_("学年")), site.head(N_("结论")), site.head(N_("检查数"), n=True), site.head(N_("阻断"), n=True),
             site.head(N_("警告"), n=True)],
            year_rows,
        ),
    ]  # fmt: skip
    if before is not None:
        blocks += _changes(site, own, before["verdict"])
    blocks += [
        Heading(site.say(N_("没有通过的检查")), "failed"),
        failed_table(site, own.filter(pl.col("result") != "passed")),
    ]
    title = site.say(N_("检查结论"))
    name = site.say(N_("台账第%(n)s条的结论"), n=verdict["verdict"]).zh
    return AuditPage(
        site.verdict_path(verdict["verdict"]), "verdicts", title, blocks, [Cell(title.zh, "verdicts/index.html")], name
    )


def failed_table(site: AuditSite, results: pl.DataFrame) -> Table:
    """Checks that did not pass, blocking ones first."""
    rows = []
    ordered = results.sort("blocks", "check", "year", descending=[True, False, False])
    for r in ordered.head(MOST).iter_rows(named=True):
        word, icon = site.result(r["result"], r["blocks"])
        rows.append(
            [site.check_cell(r["check"]), Cell(site.short(r["year"])), Cell(site.say(word).zh, icon=icon), Cell(number(r["unexpected"]))]
        )  # fmt: skip
    head = [
        site.head(N_("检查项")),
        site.head(N_("学年")),
        site.head(N_("结果")),
        site.head(N_("有问题的处数"), n=True),
    ]
    caption = site.say(
        N_("阻断的在前；%(c)s项检查，每个学年一行，共%(n)s行，至多列出%(m)s行"),
        c=results["check"].n_unique(), n=results.height, m=MOST,
    )  # fmt: skip
    return Table(caption, head, rows, "data sort", empty=site.say(N_("全部检查都通过了。")))


def _changes(site: AuditSite, own: pl.DataFrame, before: int) -> list[Block]:
    """What failed newly, what passes newly, what came and went against the verdict before."""
    keys = ["check", "year"]
    had = set(site.book["results"].filter(pl.col("verdict") == before)["check"].to_list())
    has = set(own["check"].to_list())
    old = site.book["results"].filter(pl.col("verdict") == before).select(*keys, was="result")
    both = own.select(*keys, "result", "blocks", "unexpected").join(old, on=keys, how="full", coalesce=True)
    bad, was_bad = pl.col("result") != "passed", pl.col("was") != "passed"
    groups = [
        (N_("新近未通过"), N_("没有新近未通过的检查。"), both.filter(bad & (~was_bad | pl.col("was").is_null()))),
        (N_("新近通过"), N_("没有新近通过的检查。"), both.filter(~bad & was_bad)),
    ]
    blocks: list[Block] = [
        Heading(site.say(N_("与前一次结论相比")), "changes"),
        Note(
            site.say(
                N_("前一次是台账第%(n)s条；新增检查%(a)s项，不再有的检查%(g)s项。"),
                n=before,
                a=len(has - had),
                g=len(had - has),
            ),
            "hint",
            Cell(site.say(N_("打开前一次")).zh, site.verdict_path(before)),
        ),
    ]
    for words, none, changed in groups:
        rows = [
            [site.check_cell(c), Cell(site.short(y))]
            for c, y in changed.sort("check", "year").select("check", "year").head(MOST).iter_rows()
        ]
        head = [site.head(N_("检查项")), site.head(N_("学年"))]
        blocks.append(Table(site.say(words), head, rows, empty=site.say(none)))
    return blocks
