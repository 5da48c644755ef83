"""The ledger of problems of a county: open, being rectified, opened again, closed; one school, one plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import polars as pl

from reports import policy_words as w
from reports import vocabulary as v
from reports.duties import Case, Result
from reports.duty_models import CaseLine, CasesPage, SchoolPlan
from reports.i18n import N_, P_, spaced
from reports.models import Link
from reports.numbers import plain
from reports.pages.balance import ROOT, county_page
from reports.site import Area, School, Site

Standings = dict[tuple[str, str, str], str]

OF_FIGURES = ("school_figure", "county_figure")  # opened by rule: their numbers are made of what the row says in words
MOST_ROWS = 500  # cases on one page


def cases_of(site: Site, area: Area) -> list[Case]:
    """Cases of a county and of its schools, also those that name only the school."""
    duties = site.book.duties
    nowhere = [
        c for c in duties.cases.get("", []) if c.school in site.schools and site.schools[c.school].county == area.code
    ]
    return [*duties.cases.get(area.code, []), *nowhere]


def standings(site: Site, area: Area) -> Standings:
    """State of the current figures of a county and its schools by (entity, indicator, stage)."""
    book = site.book
    rows = book.school_values.get(area.code, book.no_values())
    now = rows.filter(book.is_current() & (pl.col("subgroup") == "all"))
    columns = ["entity", "indicator", "stage", "status"]
    found = {(entity, code, stage): status for entity, code, stage, status in now.select(columns).iter_rows()}
    own = (s for series in site.areas.of(area.code).values() for s in series if s.now is not None)
    found.update({(area.code, s.indicator.code, s.stage): s.now.status for s in own if s.now is not None})
    return found


def line(site: Site, case: Case, root: str, now: Standings | None = None) -> CaseLine:
    """A case with its words.

    Args:
        site: The site.
        case: The case.
        root: Way up to the site's root.
        now: How figures are judged today; without it that is not said.
    """
    t = site.t
    indicator = site.book.indicators.get(case.indicator or "")
    name = t(indicator.name) if indicator is not None else case.indicator or ""
    if case.stage in v.STAGES and case.stage not in ("compulsory", "all"):
        name = f"{name} {site.stage(str(case.stage))}"
    href = ""
    if indicator is not None and indicator.code in site.book.current:
        href = root + site.indicator_path(indicator.code)
    kind = t(w.CASE_KINDS.get(case.kind or "", case.kind or ""))
    if case.kind_stated:
        kind = case.kind_stated
    return CaseLine(
        case=case,
        what=name or kind,
        kind=kind,
        href=href,
        gap=_gap(site, case),
        state=t(w.CASE_STATES.get(case.state, case.state)),
        overdue=_overdue(site, case),
        measures=_measures(site, case),
        period=site.period(case.period) if case.kind in OF_FIGURES else "",
        now=site.status(state)
        if (state := (now or {}).get((case.school or case.county or "", case.indicator or "", case.stage or "")))
        else "",
    )


def _overdue(site: Site, case: Case) -> bool:
    """Whether a case was closed late, or is open past its day: judged on the day that the page names, not on the tables' last."""
    if not case.open:
        return bool(case.overdue)
    return bool(case.due_on and site.day and case.due_on < site.day)


def _measures(site: Site, case: Case) -> str:
    """The last measure in its own words; where words may not be shown, how many there are."""
    if case.last_measure:
        return case.last_measure
    text = (case.measures or "").strip()
    if text.isdigit():
        return site.counted(P_("已有%(n)s项措施"), int(text)) if int(text) else ""
    return text


def _gap(site: Site, case: Case) -> str:
    """The gap in the indicator's unit; text as it was delivered."""
    indicator = site.book.indicators.get(case.indicator or "")
    if indicator is not None and indicator.by_document:
        return ""
    if not case.gap:
        return case.gap_stated or ""
    try:
        number = abs(float(case.gap or ""))
    except ValueError:
        return case.gap or ""
    if indicator is None:
        return plain(number, 2).rstrip("0").rstrip(".")
    if indicator.is_share:
        return plain(number * 100, 1) + spaced(site.t(N_("个百分点")))
    told = plain(number, indicator.digits)
    return told + spaced(site.unit(indicator.unit, told))


def plans(
    site: Site, cases: Sequence[Case], root: str, schools: Sequence[School], now: Standings | None = None
) -> list[SchoolPlan]:
    """Open cases school by school, in the order of the schools; those of closed schools come last and name who took over."""
    by_school: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.school and case.open:
            by_school[case.school].append(case)
    known = [s.code for s in schools if s.code in by_school]
    order = known + sorted(set(by_school) - set(known))
    order.sort(key=lambda code: code in site.schools and not site.schools[code].listed)
    found = []
    for code in order:
        school = site.schools.get(code)
        successor = site.schools.get(school.merged_into) if school and school.merged_into else None
        found.append(
            SchoolPlan(
                school=school.name if school else code,
                href=root + school.path + "#cases" if school else "",
                cases=[line(site, c, root, now) for c in by_school[code]],
                closed_on=school.closed_on if school and not school.listed else "",
                successor=Link(successor.name, root + successor.path) if successor else None,
            )
        )
    return found


def _results(site: Site, rows: Sequence[Result]) -> list[tuple[Result, str, str, str]]:
    found = []
    for row in rows:
        school = site.schools.get(row.school or "")
        name = school.name if school else site.name(row.county or "")
        href = ROOT + school.path if school else ""
        found.append((row, site.t(w.EVENTS.get(row.event, row.event)), name, href))
    return sorted(found, key=lambda r: (r[0].happened_on or "", r[0].case_id or ""))


def build(site: Site, area: Area, schools: Sequence[School]) -> Iterator[CasesPage]:
    """The pages of one county: the county's own cases first, then school by school, cut between schools."""
    cases = cases_of(site, area)
    t = site.t
    states = Counter(c.state for c in cases)
    now = standings(site, area)
    every = plans(site, cases, ROOT, schools, now)
    chunks: list[list[SchoolPlan]] = [[]]
    size = 0
    for plan in every:
        if size and size + len(plan.cases) > MOST_ROWS:
            chunks.append([])
            size = 0
        chunks[-1].append(plan)
        size += len(plan.cases)
    own = [line(site, c, ROOT, now) for c in cases if not c.school and c.open]
    order = {s: i for i, s in enumerate(("reopened", "open", "rectifying"))}
    own.sort(key=lambda x: (order.get(x.case.state, 9), x.case.due_on or "9999", x.case.case_id))
    closed = [line(site, c, ROOT) for c in cases if not c.open]
    shut = [closed[i : i + MOST_ROWS] for i in range(0, len(closed), MOST_ROWS)]
    total = max(len(chunks), len(shut))
    title = t(N_("问题台账"))
    for number in range(total):
        first = number == 0
        yield CasesPage(
            page=county_page(site, area, "cases", title, number),
            area=area,
            counts=[(t(words), states[code]) for code, words in w.CASE_STATES.items() if states[code]],
            overdue=sum(1 for c in cases if c.open and _overdue(site, c)),
            as_of=site.day,
            own=own if first else [],
            plans=chunks[number] if number < len(chunks) else [],
            closed=shut[number] if number < len(shut) else [],
            results=_results(site, site.book.duties.results.get(area.code, [])) if first else [],
            parts=[
                Link(str(n + 1), "" if n == number else site.county_page_path(area.code, "cases", n).rpartition("/")[2])
                for n in range(total)
            ]
            if total > 1
            else [],
            first=first,
            siblings=[
                Link(c.name, "" if c.code == area.code else ROOT + site.county_page_path(c.code, "cases"))
                for c in site.counties
            ],
            schools=len(every),
            unplanned=sum(1 for c in cases if c.open and not _measures(site, c)),
        )
