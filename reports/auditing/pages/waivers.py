"""Waivers: valid, about to run out, run out; who asked, who approved, on what evidence, and which releases used them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reports.auditing.blocks import AuditPage, Cell, Note, Table
from reports.auditing.site import WAIVERS_PER_PAGE, AuditSite, cut, part_path, waiver_anchor
from reports.i18n import N_

SOON = 30  # days
ENDED = {"expired": (N_("已到期"), "nap"), "not_needed": (N_("不需要"), "non")}


def state(site: AuditSite, waiver: dict[str, Any]) -> tuple[str, str]:
    """Word and shape of a waiver on the day."""
    if waiver["state"] != "valid":
        word, icon = ENDED.get(waiver["state"] or "", (waiver["state"] or "", "non"))
        return site.say(word).zh, icon
    if (dt.date.fromisoformat(waiver["until"]) - site.book.as_of).days <= SOON:
        return site.say(N_("%(n)s天内到期"), n=SOON).zh, "due"
    return site.say(N_("有效")).zh, "wav"


def held_cell(site: AuditSite, waivers: list[str] | None) -> Cell:
    """The waivers that hold a fault, by number, with the way to the first of them; empty without one."""
    if not waivers:
        return Cell("")
    return Cell("、".join(waivers), site.waiver_paths.get(waivers[0], "waivers/index.html"))


def rows(site: AuditSite, waivers: list[dict[str, Any]]) -> list[list[Cell]]:
    """Rows of the list."""
    uses: dict[str, list[str]] = defaultdict(list)
    for waiver, year, release in site.book["uses"].iter_rows():
        uses[waiver].append(f"{year}/{release}")
    found = []
    for w in waivers:
        word, icon = state(site, w)
        scope = f"{site.period(w['period'])} {site.area(w['county']) if w['county'] else site.say(N_('全部区县')).zh}"
        evidence = f"SHA-256 {w['evidence_sha256'][:8]}…" if w["evidence_sha256"] else ""
        found.append(
            [
                Cell(w["waiver"]),
                site.check_cell(w["check"]),
                Cell(word, icon=icon),
                Cell(scope),
                Cell(w["reason"] or ""),
                Cell(w["by"] or ""),
                Cell(w["approved_by"] or ""),
                Cell(w["until"] or ""),
                Cell(w["evidence_name"] or "", small=evidence),
                Cell("、".join(uses.get(w["waiver"], []))),
            ]
        )
    return found


def table(site: AuditSite, waivers: list[dict[str, Any]], ids: bool = True) -> Table:
    """The list as a table."""
    head = [
        site.head(N_("编号")), site.head(N_("检查项")), site.head(N_("状态")), site.head(N_("范围")), site.head(N_("理由")), site.head(N_("申请人")),
        site.head(N_("批准人")), site.head(N_("有效至")), site.head(N_("佐证")), site.head(N_("用于发布")),
    ]  # fmt: skip
    return Table(
        site.say(N_("以%(day)s为准"), day=site.book.as_of.isoformat()),
        head,
        rows(site, waivers),
        "data numbered",
        ids=[waiver_anchor(w["waiver"]) for w in waivers] if ids else (),
        empty=site.say(N_("没有豁免。")),
    )


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """The list of all."""
    title = site.say(N_("豁免"))
    parts = cut(site.waivers, WAIVERS_PER_PAGE)
    for i, some in enumerate(parts, start=1):
        pager = site.pager("waivers/index", len(parts), i)
        lead = Note(
            site.say(N_("豁免不改检查结论，只在发布时适用；到期后不再算数。申请人和批准人不能是同一人。")), "lead"
        )
        yield AuditPage(part_path("waivers/index", i), "waivers", title, [lead, *pager, table(site, some), *pager])
