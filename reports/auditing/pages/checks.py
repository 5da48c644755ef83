"""Suites and checks: a page per suite, a page per check with its sentence, its reason, where it failed and its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from markupsafe import Markup

from reports.auditing.blocks import AuditPage, Block, Cell, Facts, Heading, Note, Table, Text
from reports.auditing.pages import waivers
from reports.auditing.site import COMMON, SEVERITY, AuditSite, cut, grouped, number, part_path
from reports.charts import audit as pictures
from reports.i18n import N_

Rows = list[dict[str, Any]]
SHOWN = 40  # verdicts of a history
MOST_PLACES = 500
PAST = 120  # results of a history


def _worst(results: pl.DataFrame) -> pl.DataFrame:
    """A result per check and verdict: the worst over its school years."""
    order = {"passed": 0, "failed": 1, "not_run": 2, "crashed": 3}
    rank = pl.col("result").replace_strict(order, default=9, return_dtype=pl.Int64) + 10 * pl.col("blocks").cast(
        pl.Int64
    )
    return results.sort("check", "verdict", rank).group_by("check", "verdict", maintain_order=True).last()


class Histories:
    """Strips of all checks over the kept verdicts, drawn from one grouping."""

    def __init__(self, site: AuditSite) -> None:
        """Group once."""
        self._site = site
        self.verdicts = site.book["verdicts"].filter("kept").sort("verdict")["verdict"].to_list()[-SHOWN:]
        results = site.book["results"].filter(pl.col("verdict").is_in(self.verdicts))
        self._by_check: dict[str, dict[int, str]] = {}
        for check, verdict, result, blocks in (
            _worst(results).select("check", "verdict", "result", "blocks").iter_rows()
        ):
            self._by_check.setdefault(check, {})[verdict] = site.result(result, blocks)[1]

    def strip(self, check: str) -> Markup:
        """The strip of a check."""
        found = self._by_check.get(check, {})
        return pictures.history([found.get(v, "") for v in self.verdicts])


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """The list of suites, each suite, each check."""
    checks = site.book["checks"].sort("suite", "check")
    histories = Histories(site)
    now = _worst(site.now)
    state = {c: (r, b, n) for c, r, b, n in now.select("check", "result", "blocks", "unexpected").iter_rows()}
    title = site.say(N_("检查项"))
    wrong = checks.filter(pl.col("check").is_in([c for c, (r, _, _) in state.items() if r != "passed"]))
    pieces = cut(_rows(site, wrong, state, histories), 150)
    lead = Note(site.say(N_("发布之前必须全部通过的检查，和随发布公布的警告。先看没有通过的。")), "lead")
    for i, some in enumerate(pieces, start=1):
        pager = site.pager("checks/index", len(pieces), i)
        failed = Table(
            site.say(N_("没有通过的检查；右边是历次结论")), _head(site), some, "data sort",
            empty=site.say(N_("全部检查都通过了。")),
        )  # fmt: skip
        first: list[Block] = [lead, _suites(site, checks, state)] if i == 1 else []
        yield AuditPage(part_path("checks/index", i), "checks", title, [*first, *pager, failed, *pager])
    for (suite,), part in checks.group_by("suite", maintain_order=True):
        rows = _rows(site, part, state, histories)
        path = site.suite_path(str(suite)).removesuffix(".html")
        pieces = cut(rows)
        for i, some in enumerate(pieces, start=1):
            pager = site.pager(path, len(pieces), i)
            table = Table(site.say(N_("本组全部检查；右边是历次结论，旧的在左")), _head(site), some, "data sort filter")
            name = site.suite(str(suite))
            yield AuditPage(
                part_path(path, i),
                "checks",
                title,
                [*pager, table, *pager],
                [Cell(title.zh, "checks/index.html")],
                name,
            )
    by_check = grouped(site.now.sort("check", "year"), "check")
    places = grouped(
        site.book["places"].sort("check", "period", "faults", "county", descending=[False, True, True, False]), "check"
    )
    past = grouped(site.book["results"].sort("check", "verdict", "year", descending=[False, True, False]), "check")
    given = grouped(site.book["waivers"], "check")
    for row in checks.iter_rows(named=True):
        name = row["check"]
        yield _page(
            site, row, by_check.get(name, []), places.get(name, []), past.get(name, []), given.get(name, []), histories
        )  # fmt: skip


def _suites(site: AuditSite, checks: pl.DataFrame, state: Mapping[str, tuple[str, bool, int]]) -> Table:
    rows = []
    for (suite,), part in checks.group_by("suite", maintain_order=True):
        found = [state[c] for c in part["check"].to_list() if c in state]
        blocking = sum(1 for _, b, _ in found if b)
        warned = sum(1 for r, b, _ in found if r == "failed" and not b)
        icon = "not" if blocking else "rev" if warned else "met"
        rows.append([Cell(site.suite(str(suite)), site.suite_path(str(suite)), small=str(suite)), Cell(number(part.height)),
                     Cell(number(blocking), icon=icon if blocking else ""), Cell(number(warned), icon="rev" if warned else "")])  # fmt: skip
    head = [
        site.head(N_("检查组")),
        site.head(N_("检查数"), n=True),
        site.head(N_("阻断"), n=True),
        site.head(N_("警告"), n=True),
    ]
    return Table(site.say(N_("检查组")), head, rows, "data narrow", empty=site.say(N_("还没有检查结论。")))


def _head(site: AuditSite) -> list[Any]:
    return [
        site.head(N_("检查项")), site.head(N_("最近结果")), site.head(N_("有问题的处数"), n=True), site.head(N_("不通过时")),
        site.head(N_("历次结论")),
    ]  # fmt: skip


def _rows(
    site: AuditSite, checks: pl.DataFrame, state: Mapping[str, tuple[str, bool, int]], histories: Histories
) -> list[list[Cell]]:
    rows = []
    for check, severity in checks.select("check", "severity").iter_rows():
        result, blocks, n = state.get(check, ("", False, 0))
        word, icon = site.result(result, blocks) if result else (N_("最近一次没有这项"), "non")
        rows.append(
            [
                site.check_cell(check),
                Cell(site.say(word).zh, icon=icon),
                Cell(number(n) if result not in ("", "passed") else ""),
                Cell(site.say(SEVERITY.get(severity, severity)).zh),
                Cell("", svg=histories.strip(check)),
            ]
        )
    return rows


def _page(
    site: AuditSite, check: dict[str, Any], now: Rows, places: Rows, past: Rows, given: Rows,
    histories: Histories,
) -> AuditPage:  # fmt: skip
    facts = [
        (site.say(N_("检查组")), Cell(site.suite(check["suite"]), site.suite_path(check["suite"]))),
        (site.say(N_("所查的表")), Cell(check["table"] or "")),
        (site.say(N_("不通过时")), Cell(site.say(SEVERITY.get(check["severity"], check["severity"])).zh)),
        (site.say(N_("历次结论")), Cell("", svg=histories.strip(check["check"]))),
    ]
    reason = Text(check["reason_zh"] or "", check["reason"] or "")
    blocks: list[Block] = [Note(Text("", check["en"] or ""), "lead"), Facts(facts)]
    blocks += [Heading(site.say(N_("为什么这样查"))), Note(reason, "plainnote")]
    year_rows = [_result_row(site, r) for r in now]
    head = [
        site.head(N_("学年")),
        site.head(N_("结果")),
        site.head(N_("查了多少行"), n=True),
        site.head(N_("有问题的处数"), n=True),
    ]
    blocks.append(
        Table(
            site.say(N_("最近一次结论，按学年")),
            head,
            year_rows,
            "data narrow",
            empty=site.say(N_("最近一次结论没有这项检查。")),
        )
    )
    if places:
        blocks += [Heading(site.say(N_("问题在哪里")), "places"), _places(site, check, places)]
    if given:
        blocks += [Heading(site.say(N_("豁免")), "waivers"), waivers.table(site, given, ids=False)]
    if len(histories.verdicts) > 1 and past:
        blocks += [Heading(site.say(N_("历次结论")), "history"), _history(site, past)]
    title = site.say(N_("检查项"))
    above = [Cell(title.zh, "checks/index.html"), Cell(site.suite(check["suite"]), site.suite_path(check["suite"]))]
    return AuditPage(
        site.check_path(check["check"]),
        "checks",
        Text("", check["check"]),
        blocks,
        above,
        check["zh"] or check["check"],
    )


def _result_row(site: AuditSite, r: dict[str, Any]) -> list[Cell]:
    word, icon = site.result(r["result"], r["blocks"])
    return [
        Cell(site.period(r["year"])),
        Cell(site.say(word).zh, icon=icon),
        Cell(number(r["rows"])),
        Cell(number(r["unexpected"])),
    ]


def _places(site: AuditSite, check: dict[str, Any], places: Rows) -> Table:
    """Periods and counties with faults, each with the way to its rows."""
    rows = []
    for r in places[:MOST_PLACES]:
        feed, period, county = check["feed"], r["period"], r["county"] or None
        there = (
            Cell(site.say(N_("报送情况")).zh, site.coverage_path(feed, period))
            if (feed, period) in site.covered
            else Cell("")
        )
        rows_of = site.refused.get((feed, county, period), "")
        back = Cell(site.say(N_("退回行")).zh, rows_of) if rows_of else Cell("")
        area = site.area(county) if county else site.say(N_("不分区县")).zh
        rows.append(
            [
                Cell(site.period(period) if period and period != COMMON else site.say(N_("不分学年")).zh),
                Cell(area),
                Cell(number(r["faults"])),
                there,
                back,
                waivers.held_cell(site, r["waivers"]),
            ]
        )
    head = [
        site.head(N_("时期")), site.head(N_("区县")), site.head(N_("有问题的处数"), n=True), site.head(N_("送达")), site.head(N_("逐行查看")),
        site.head(N_("豁免")),
    ]  # fmt: skip
    return Table(site.say(N_("新的时期在前")), head, rows, "data sort")


def _history(site: AuditSite, past: Rows) -> Table:
    dates = dict(site.book["verdicts"].select("verdict", "at").iter_rows())
    rows = []
    for r in past[:PAST]:
        word, icon = site.result(r["result"], r["blocks"])
        rows.append(
            [
                Cell(site.say(N_("第%(n)s条"), n=r["verdict"]).zh, site.verdict_path(r["verdict"])),
                Cell(dates.get(r["verdict"]) or ""),
                Cell(site.short(r["year"])),
                Cell(site.say(word).zh, icon=icon),
                Cell(number(r["unexpected"])),
            ]
        )
    head = [
        site.head(N_("台账")), site.head(N_("日期")), site.head(N_("学年")), site.head(N_("结果")), site.head(N_("有问题的处数"), n=True),
    ]  # fmt: skip
    return Table(site.say(N_("新的在上")), head, rows)
