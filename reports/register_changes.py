"""Cases and schools that differ from the release before: words, lines of a page, and the whole list as a file.

The differences come with the release (`cases_anew`, `schools_anew`); a release before which nothing was kept has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from reports import periods
from reports import policy_words as w
from reports.i18n import N_, P_
from reports.models import Link, RegisterLine, RegisterPart
from reports.site import Site

FILE = "register-changes.csv"
MOST_LINES = 300
# In the order a reader wants them.
SCHOOLS: dict[str, str] = {
    "removed": N_("名册中已删去"),
    "closed": N_("停办"),
    "added": N_("名册中新增"),
    "open_again": N_("恢复办学"),
    "other_county": N_("划归其他区县"),
    "renamed": N_("更名"),
}
CASES: dict[str, str] = {
    "opened": N_("新立"),
    "reopened": N_("重新立账"),
    "moved": N_("状态变化"),
    "closed": N_("销号"),
    "withdrawn": N_("更正后不再成立"),
    "unlisted": N_("不再列出"),
}
_FORMULA = r"^[=+\-@\t\r]"


def schools(site: Site) -> RegisterPart | None:
    """Schools that are new, gone, closed or named otherwise; none where the release before did not keep its schools, or nothing differs."""
    rows = site.release.get("schools_anew") or []
    return _part(site, rows, SCHOOLS, _school) if rows else None


def cases(site: Site) -> RegisterPart | None:
    """Cases that were opened, closed or withdrawn."""
    rows = site.release.get("cases_anew") or []
    return _part(site, rows, CASES, _case) if rows else None


def gone(site: Site) -> list[Mapping[str, Any]]:
    """Schools of the release before that this one does not know: their removed figures still have a name and a county."""
    return [row for row in site.release.get("schools_anew") or [] if row["change"] == "removed"]


def _part(site: Site, rows: list[Mapping[str, Any]], kinds: Mapping[str, str], line: Any) -> RegisterPart:
    order = {kind: i for i, kind in enumerate(kinds)}
    ordered = sorted(rows, key=lambda row: order[row["change"]])  # the rest of the order is that of the list
    counts = {kind: sum(row.get("cases", 1) for row in rows if row["change"] == kind) for kind in kinds}
    return RegisterPart(
        tally=[(site.t(words), counts[kind]) for kind, words in kinds.items() if counts[kind]],
        lines=[line(site, row) for row in ordered[:MOST_LINES]],
        total=len(rows),
    )


def _county(site: Site, code: str) -> Link:
    known = any(county.code == code for county in site.counties)
    return Link(site.name(code), site.county_path(code) if known else "")


def _school(site: Site, row: Mapping[str, Any]) -> RegisterLine:
    known = site.schools.get(row["school"])
    into = site.schools.get(row["merged_into"])
    now = row["now"] if row["change"] != "removed" else site.t(N_("无"))
    return RegisterLine(
        change=site.t(SCHOOLS[row["change"]]),
        place=Link(row["now"] or row["before"], known.path if known else ""),
        county=_county(site, row["county"]),
        what=site.t(N_("并入%(name)s")) % {"name": into.name} if into else "",
        before=row["before"] or site.t(N_("无")),
        now=now,
    )


def _case(site: Site, row: Mapping[str, Any]) -> RegisterLine:
    known, indicator = site.schools.get(row["school"]), site.book.indicators.get(row["indicator"] or "")
    county = _county(site, row["county"])
    if row["change"] == "unlisted":
        several = site.counted(P_("%(n)s件，涉及的数值现已隐去"), row["cases"])
        return RegisterLine(site.t(CASES["unlisted"]), county, county, several, "", "")
    href = site.county_page_path(row["county"], "cases") if county.href else ""
    named = site.t(indicator.name) if indicator else row["indicator"] or row["case_id"]
    return RegisterLine(
        change=site.t(CASES[row["change"]]),
        place=Link(known.name, f"{known.path}#cases") if known else Link(row["school"] or county.label, href),
        county=county,
        what=" ".join(filter(None, (named, periods.short(row["period"], site.t) if row["period"] else ""))),
        before=_state(site, row["before"]),
        now=_state(site, row["now"]),
    )


def _state(site: Site, code: str) -> str:
    return site.t(w.CASE_STATES.get(code, code)) if code else site.t(N_("无"))


def write(site: Site, target: Path) -> None:
    """The whole list for spreadsheets: BOM, heads in words, text that looks like a formula made harmless."""
    t = site.t
    lines = [
        (t(part), line.change, code, line.place.label, line.county.label, line.what, line.before, line.now)
        for part, rows, kinds, word in (
            (N_("学校"), site.release.get("schools_anew") or [], SCHOOLS, _school),
            (N_("问题台账"), site.release.get("cases_anew") or [], CASES, _case),
        )
        for row in rows
        for code, line in [(row.get("case_id", row["school"]), word(site, row))]
        if row["change"] in kinds
    ]
    heads = (N_("名单"), N_("变化"), N_("代码"), N_("学校或地区"), N_("区县"), N_("事项"), N_("原来"), N_("现在"))
    table = pl.DataFrame(lines, schema=[t(head) for head in heads], orient="row").with_columns(pl.all().cast(pl.String))
    plain = table.with_columns(
        pl.when(pl.all().str.contains(_FORMULA)).then(pl.lit("'") + pl.all()).otherwise(pl.all()).name.keep()
    )
    plain.write_csv(target, include_bom=True, line_terminator="\r\n")
