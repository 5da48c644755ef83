"""The way of one figure, drawn for that figure alone: deliveries, base tables, models, the figure, its checks, its release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from reports import vocabulary as v
from reports.auditing.blocks import AuditPage, Block, Cell, Facts, Head, Note, Picture, Table, Text
from reports.auditing.site import AuditSite, cut, number, part_path
from reports.charts import audit as pictures
from reports.i18n import N_
from reports.write import segment

PER_PAGE = 250
HIDDEN = "suppressed"


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """Places, the figures of a place, and a page per figure."""
    figures = site.book["figures"]
    title = site.say(N_("数字来路"))
    lead = Note(
        site.say(N_("市、县一级的主要数字，各有一页画出它从送达文件到报告的路；只画这一个数字经过的。")), "lead"
    )
    places = figures.group_by("level", "entity").len().sort("level", "entity")
    rows = [[Cell(site.area(e), _place(e)), Cell(e), Cell(number(n))] for _, e, n in places.iter_rows()]
    head = [site.head(N_("地区")), site.head(N_("代码")), site.head(N_("数字个数"), n=True)]
    table = Table(site.say(N_("各地区")), head, rows, "data narrow", empty=site.say(N_("还没有数字。")))
    yield AuditPage("figures/index.html", "figures", title, [lead, table])
    order = {code: i for i, code in enumerate(site.book["indicators"].sort("sort", "indicator")["indicator"].to_list())}
    judged = _checks(site)
    sources = _sources(site)
    for (entity,), part in figures.group_by("entity", maintain_order=True):
        some = sorted(part.to_dicts(), key=lambda f: (order.get(f["indicator"], 9999), f["period"], f["stage"]))
        yield from _place_pages(site, str(entity), some)
        for figure in some:
            yield _page(site, figure, sources.get(figure["figure_id"], []), judged)


def _place(entity: str) -> str:
    return f"figures/place-{segment(entity)}.html"


def _stage(site: AuditSite, stage: str) -> str:
    return site.say(v.STAGES[stage]).zh if stage in v.STAGES else stage


def _state(site: AuditSite, status: str) -> Cell:
    known = v.status_of(status)
    return Cell(site.say(known.word).zh, icon=known.icon)


def _place_pages(site: AuditSite, entity: str, figures: list[dict[str, Any]]) -> Iterator[AuditPage]:
    rows = [
        [Cell(site.indicator(f["indicator"]), site.figure_path(f["figure_id"]), small=f["indicator"]), Cell(site.short(f["period"])),
         Cell(_stage(site, f["stage"])), Cell(f["text"] or ""), _state(site, f["status"])]
        for f in figures
    ]  # fmt: skip
    head = [
        site.head(N_("指标")),
        site.head(N_("时期")),
        site.head(N_("学段")),
        site.head(N_("数值"), n=True),
        site.head(N_("判定")),
    ]
    title = site.say(N_("数字来路"))
    parts = cut(rows, PER_PAGE)
    stem = _place(entity).removesuffix(".html")
    for i, some in enumerate(parts, start=1):
        pager = site.pager(stem, len(parts), i)
        table = Table(site.say(N_("主要数字；点指标看它的路")), head, some, "data sort filter")
        above = [Cell(title.zh, "figures/index.html")]
        yield AuditPage(part_path(stem, i), "figures", title, [*pager, table, *pager], above, site.area(entity))


def _sources(site: AuditSite) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in site.book["sources"].sort("figure_id", "feed", "period").iter_rows(named=True):
        found.setdefault(row["figure_id"], []).append(row)
    return found


def _checks(site: AuditSite) -> dict[tuple[str, str], tuple[int, list[str]]]:
    """How many checks judge what is counted from some feeds, and those that failed, by feeds and school year."""
    found = (
        site.book["judging"]
        .group_by("feeds", "year")
        .agg(pl.len().alias("n"), pl.col("check").filter(pl.col("result") != "passed").sort().alias("failed"))
    )
    return {(feeds, year): (n, failed) for feeds, year, n, failed in found.iter_rows()}


def _page(
    site: AuditSite, f: dict[str, Any], sources: list[dict[str, Any]], judged: dict[tuple[str, str], tuple[int, list[str]]]
) -> AuditPage:  # fmt: skip
    year = f["period"][:9]
    feeds = list(dict.fromkeys(s["feed"] for s in sources))
    entry = site.catalogue.get(f["indicator"], {})
    total, failed = judged.get((entry.get("feeds") or "", year), (0, []))
    model = entry.get("model") or "int_indicator_counts"
    known = v.status_of(f["status"])
    parts_of = f["numerator"] is not None and f["denominator"] is not None
    ratio = f"{number(f['numerator'])} / {number(f['denominator'])}" if parts_of else ""
    say = site.say
    # Of a hidden figure no row is counted here: the number of rows is its denominator.
    came = N_("%(f)s个文件，行数不予显示") if f["status"] == HIDDEN else N_("%(f)s个文件，收%(a)s行，退%(r)s行")
    # A warning stops nothing: it is told, and not drawn as a fault.
    stopping = [check for check in failed if site.checks.get(check, {}).get("severity") != "warn"]
    outcome = say(N_("全部通过"))
    if failed:
        outcome = say(N_("%(n)s项没有通过"), n=len(stopping)) if stopping else say(N_("%(n)s项警告"), n=len(failed))
    boxes = pictures.Box
    stages = [
        (say(N_("送达")).zh, [
            boxes(f"{site.feed(s['feed'])} {site.short(s['period'])}",
                  say(came, f=number(s["files"]), a=number(s["accepted"]), r=number(s["rejected"])).zh,
                  not s["accepted"])
            for s in sources]),
        (say(N_("基础表")).zh, [boxes(f"base/{feed}", say(N_("逐行，保留全部历史")).zh) for feed in feeds]),
        (say(N_("模型")).zh, [boxes(model, say(N_("口径第%(method)s版"), method=entry.get("method") or "").zh),
                              boxes("int_figures", say(N_("逐级汇总，Σ/Σ")).zh)]),
        (say(N_("数字")).zh, [boxes(f["text"] or say(known.word).zh, f"{ratio} {say(known.word).zh if f['text'] else ''}".strip())]),
        (say(N_("检查")).zh, [boxes(say(N_("%(n)s项检查"), n=total).zh, outcome.zh, bool(stopping))]),
        (say(N_("报告")).zh, [boxes(f["release"], say(N_("已发布")).zh) if f["release"] else boxes(say(N_("预览稿")).zh, say(N_("未发布")).zh)]),
    ]  # fmt: skip
    name = f"{site.area(f['entity'])} {site.indicator(f['indicator'])}"
    finding = say(N_("%(name)s：%(value)s"), name=name, value=f["text"] or say(known.word).zh)
    drawing = pictures.way(stages, title=finding.zh, desc=say(N_("从送达文件到报告，自上而下。")).zh)
    page = "site/" + f["release"] if f["release"] else "preview"
    home = f"../{page}/county/{segment(f['entity'])}/index.html" if f["level"] == "county" else f"../{page}/index.html"
    facts = [
        (say(N_("图号")), Cell(f["figure_id"])),
        (say(N_("时期")), Cell(site.period(f["period"]))),
        (say(N_("学段")), Cell(_stage(site, f["stage"]))),
        (say(N_("分子/分母")), Cell(ratio or (say(N_("不予显示")).zh if f["status"] == HIDDEN else ""))),
        (say(N_("判定")), _state(site, f["status"])),
        (say(N_("依据")), Cell(entry.get("source") or "")),
        (say(N_("报告页")), Cell(f"{page}", home)),
    ]
    blocks: list[Block] = [
        Facts(facts),
        Picture(Text(finding.zh, finding.en), drawing),
        _source_table(site, sources, f["status"] == HIDDEN),
    ]
    if failed:
        rows = [[site.check_cell(c)] for c in failed[:100]]
        blocks.append(Table(say(N_("没有通过的检查")), [Head(say(N_("检查项")))], rows))
    title = say(N_("数字来路"))
    above = [Cell(title.zh, "figures/index.html"), Cell(site.area(f["entity"]), _place(f["entity"]))]
    return AuditPage(site.figure_path(f["figure_id"]), "figures", title, blocks, above, name)


def _source_table(site: AuditSite, sources: list[dict[str, Any]], hidden: bool) -> Table:
    withheld = site.say(N_("不予显示")).zh
    rows = [
        [
            Cell(f"{site.feed(s['feed'])} {site.short(s['period'])}",
                 site.coverage_path(s["feed"], s["period"]) if (s["feed"], s["period"]) in site.covered else ""),
            Cell(number(s["files"])),
            *(Cell(withheld if hidden else number(s[k])) for k in ("accepted", "rejected")),
        ]
        for s in sources
    ]  # fmt: skip
    head = [
        site.head(N_("数据")), site.head(N_("文件数"), n=True), site.head(N_("收下行数"), n=True), site.head(N_("退回行数"), n=True),
    ]  # fmt: skip
    caption = site.say(N_("本地区为这一数字报送的文件；逐行追溯用 junheng trace"))
    return Table(caption, head, rows, "data narrow", empty=site.say(N_("这一数字由其他数字算出，或没有收到数据。")))
