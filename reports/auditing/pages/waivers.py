"""Waivers: valid, about to run out, run out; who asked, who approved, on what evidence, and which releases used them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reports.auditing.blocks import AuditPage, Cell, Note, Table
from reports.auditing.site import AuditSite, cut, part_path
from reports.i18n import N_
from reports.write import segment

SOON = 30  # days


def state(site: AuditSite, until: str) -> tuple[str, str]:
    """Word and shape of a waiver on the day."""
    last = dt.date.fromisoformat(until)
    if last < site.book.as_of:
        return site.say(N_("已到期")).zh, "nap"
    if (last - site.book.as_of).days <= SOON:
        return site.say(N_("%(n)s天内到期"), n=SOON).zh, "due"
    return site.say(N_("有效")).zh, "wav"


def valid_for(site: AuditSite, check: str, period: str, county: str) -> str:
    """Words of the newest waiver that holds a check at a place on the day; empty without one."""
    for w in reversed(site.waivers.get(check, [])):
        inside = period.startswith(w["period"]) or w["period"].startswith(period)
        if inside and w["county"] in ("", county) and w["until"] >= site.book.as_of.isoformat():
            return state(site, w["until"])[0]
    return ""


def anchor(waiver: str) -> str:
    """Anchor of a waiver."""
    return f"w-{segment(waiver)}"


def rows(site: AuditSite, waivers: list[dict[str, Any]]) -> list[list[Cell]]:
    """Rows of the list."""
    uses: dict[str, list[str]] = defaultdict(list)
    for waiver, year, release in site.book["uses"].iter_rows():
        uses[waiver].append(f"{year}/{release}")
    found = []
    for w in waivers:
        word, icon = state(site, w["until"])
        scope = f"{site.period(w['period'])} {site.area(w['county']) if w['county'] else site.say(N_('全部区县')).zh}"
        evidence = f"SHA-256 {w['evidence_sha256'][:16]}…" if w["evidence_sha256"] else ""
        found.append(
            [
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
        site.head(N_("检查项")), site.head(N_("状态")), site.head(N_("范围")), site.head(N_("理由")), site.head(N_("申请人")),
        site.head(N_("批准人")), site.head(N_("有效至")), site.head(N_("依据")), site.head(N_("用于发布")),
    ]  # fmt: skip
    return Table(
        site.say(N_("以%(day)s为准"), day=site.book.as_of.isoformat()),
        head,
        rows(site, waivers),
        ids=[anchor(w["waiver"]) for w in waivers] if ids else (),
        empty=site.say(N_("没有豁免。")),
    )


def pages(site: AuditSite) -> Iterator[AuditPage]:
    """All waivers, those that run out first on top, run-out ones last."""
    today = site.book.as_of.isoformat()
    ordered = sorted(
        site.book["waivers"].unique("waiver", keep="last", maintain_order=True).to_dicts(),
        key=lambda w: (w["until"] < today, w["until"], w["waiver"]),
    )
    title = site.say(N_("豁免"))
    parts = cut(ordered, 150)
    for i, some in enumerate(parts, start=1):
        pager = site.pager("waivers/index", len(parts), i)
        lead = Note(
            site.say(N_("豁免不改检查结论，只在发布时适用；到期后不再算数。申请人和批准人不能是同一人。")), "lead"
        )
        yield AuditPage(part_path("waivers/index", i), "waivers", title, [lead, *pager, table(site, some), *pager])
