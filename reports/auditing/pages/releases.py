"""Releases with their manifests, what each changed against the one before, and how two builds differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from reports.auditing.blocks import AuditPage, Block, Cell, Facts, Heading, Table
from reports.auditing.pages.waivers import table as waiver_table
from reports.auditing.site import AuditSite, cut, number, part_path, slug
from reports.i18n import N_

KINDS = {
    "added": N_("新增"), "removed": N_("不再有"), "changed": N_("改变"), "suppressed": N_("新隐去"), "released": N_("不再隐去"),
    "status": N_("状态改变"),
}  # fmt: skip


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """The list, each release, each pair of builds."""
    releases = site.book["releases"]
    title = site.say(N_("发布与差异"))
    newest_first = releases.reverse().to_dicts()
    changed = _sums(site)
    rows = [
        [
            Cell(f"{r['year']}/{r['release']}", site.release_path(r["year"], r["release"])),
            Cell(r["as_of"] or ""),
            Cell(r["note"] or ""),
            Cell(r["data_version"] or ""),
            Cell(r["manifest_internal"][:16] + "…" if r["manifest_internal"] else ""),
            Cell(r["key_id"] or ""),
            Cell(number(changed.get((r["year"], r["release"])))),
        ]
        for r in newest_first
    ]
    head = [
        site.head(N_("发布")), site.head(N_("日期")), site.head(N_("说明")), site.head(N_("数据版本")), site.head(N_("清单的 SHA-256")),
        site.head(N_("签名密钥")), site.head(N_("与前一次不同的数字"), n=True),
    ]  # fmt: skip
    parts = cut(rows)
    for i, some in enumerate(parts, start=1):
        pager = site.pager("releases/index", len(parts), i)
        table = Table(site.say(N_("全部发布，新的在上")), head, some, empty=site.say(N_("还没有发布。")))
        builds = _build_list(site) if i == 1 else []
        yield AuditPage(part_path("releases/index", i), "releases", title, [*pager, table, *pager, *builds])
    for r in newest_first:
        yield _page(site, r)
    for (before, after), part in site.book["builds"].group_by("before", "after", maintain_order=True):
        yield _build_page(site, str(before), str(after), part)


def _sums(site: AuditSite) -> dict[tuple[str, str], int]:
    sums = site.book["changes"].group_by("year", "release").agg(pl.col("n").sum())
    return {(year, release): n for year, release, n in sums.iter_rows()}


def _page(site: AuditSite, r: dict[str, Any]) -> AuditPage:
    verdict = site.book["verdicts"].filter(sha256=r["verdict_sha256"]).sort("verdict").tail(1).to_dicts()
    judged = Cell(r["verdict_sha256"][:16] + "…" if r["verdict_sha256"] else "")
    if verdict and verdict[0]["kept"]:
        judged = Cell(
            site.say(N_("台账第%(n)s条的结论"), n=verdict[0]["verdict"]).zh, site.verdict_path(verdict[0]["verdict"])
        )
    facts = [
        *([(site.say(N_("说明")), Cell(r["note"]))] if r["note"] else []),
        (site.say(N_("日期")), Cell(r["as_of"] or "")),
        (site.say(N_("数据版本")), Cell(r["data_version"] or "")),
        (site.say(N_("依据的结论")), judged),
        (site.say(N_("签名密钥（Ed25519）")), Cell(r["key_id"] or "")),
        (site.say(N_("内部版清单的 SHA-256")), Cell(r["manifest_internal"] or "")),
        (site.say(N_("公开版清单的 SHA-256")), Cell(r["manifest_public"] or "")),
        (site.say(N_("内部版")), Cell(f"reports/site/{r['year']}/{r['release']}", f"../site/{r['year']}/{r['release']}/index.html")),
    ]  # fmt: skip
    if r["changes"]:
        facts.append((site.say(N_("逐项差异（文件）")), Cell(r["changes"], f"../../{r['changes']}")))
    blocks: list[Block] = [Facts(facts)]
    used = site.book["uses"].filter(year=r["year"], release=r["release"])["waiver"].to_list()
    waived = site.book["waivers"].filter(pl.col("waiver").is_in(used)).to_dicts()
    blocks += [Heading(site.say(N_("随本次发布的豁免"))), waiver_table(site, waived, ids=False)]
    own = site.book["changes"].filter(year=r["year"], release=r["release"])
    if own.height:
        blocks += [Heading(site.say(N_("与前一次发布的差异"))), _change_table(site, own)]
    title = site.say(N_("发布与差异"))
    return AuditPage(
        site.release_path(r["year"], r["release"]), "releases", title, blocks, [Cell(title.zh, "releases/index.html")],
        f"{site.period(r['year'])} {r['release']}",
    )  # fmt: skip


def _change_table(site: AuditSite, changes: pl.DataFrame) -> Table:
    kinds = [k for k in KINDS if k in set(changes["kind"].to_list())]
    kinds += sorted(set(changes["kind"].to_list()) - set(KINDS))
    counted = {(i, k): n for i, k, n in changes.select("indicator", "kind", "n").iter_rows()}
    totals = changes.group_by("indicator").agg(pl.col("n").sum()).sort("n", "indicator", descending=[True, False])
    rows = [
        [
            Cell(site.indicator(code), small=code),
            Cell(number(total)),
            *(Cell(number(counted.get((code, k))) if (code, k) in counted else "") for k in kinds),
        ]
        for code, total in totals.iter_rows()
    ]
    head = [
        site.head(N_("指标")),
        site.head(N_("数字个数"), n=True),
        *(site.head(KINDS.get(k, k), n=True) for k in kinds),
    ]
    return Table(site.say(N_("按指标，改动多的在前")), head, rows, "data sort filter")


def _pair_path(before: str, after: str) -> str:
    return f"releases/build-{slug(before)}-{slug(after)}.html"


def _build_list(site: AuditSite) -> list[Block]:
    pairs = (
        site.book["builds"]
        .group_by("before", "after", maintain_order=True)
        .agg(pl.col("added").sum(), pl.col("removed").sum(), pl.col("changed").sum(), pl.len().alias("n"))
        .reverse()
    )
    rows = [
        [Cell(f"{b} → {a}", _pair_path(b, a)), *(Cell(number(x)) for x in (added, removed, changed))]
        for b, a, added, removed, changed, _ in pairs.iter_rows()
    ]
    head = [site.head(N_("两个数据版本")), *(site.head(KINDS[k], n=True) for k in ("added", "removed", "changed"))]
    empty = site.say(N_("只留有一个数据版本，没有可比的。"))
    return [
        Heading(site.say(N_("两次建仓的差异")), "builds"),
        Table(site.say(N_("还留着的数据版本，新的在上")), head, rows, empty=empty),
    ]


def _build_page(site: AuditSite, before: str, after: str, part: pl.DataFrame) -> AuditPage:
    long = part.unpivot(["added", "removed", "changed"], index="indicator", variable_name="kind", value_name="n")
    title = site.say(N_("发布与差异"))
    table = _change_table(site, long.filter(pl.col("n") > 0))
    return AuditPage(
        _pair_path(before, after),
        "releases",
        title,
        [table],
        [Cell(title.zh, "releases/index.html")],
        f"{before} → {after}",
    )
