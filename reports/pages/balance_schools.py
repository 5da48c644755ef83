"""Which schools of a county fail, barely pass and lack what: by resource, and school by school. Internal edition only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from reports import policy_words as w
from reports import vocabulary as v
from reports.duties import Addition, Assessed, Gap
from reports.duty_models import (
    BalanceGapsPage,
    BalanceListsPage,
    ResourceLists,
    ResourceStage,
    SchoolGapRow,
    ShortSchool,
)
from reports.i18n import N_, spaced
from reports.models import Link
from reports.numbers import plain, target_text
from reports.pages.balance import STAGES, coefficient, county_page, tabs
from reports.site import Area, School, Site

MOST_NAMES = 1600  # names on one page of lists: about 200 KB
MOST_ROWS = 400  # rows of the table of gaps


def amount(site: Site, indicator: str, number: float) -> str:
    """A quantity of a resource with its unit: ``3名教师``, ``128㎡``, ``6,900元``."""
    digits = 0 if float(number).is_integer() else 2
    told = plain(number, digits)
    return told + spaced(site.unit(w.RESOURCE_UNITS.get(indicator, ""), told))


def lacks(site: Site, gap: Gap) -> str:
    """What a school lacks in one resource, or that it barely reaches the line."""
    if gap.kind == "near" or not gap.lacking:
        return site.t(w.GAP_KINDS["near"]) if gap.kind == "near" else ""
    return site.t(N_("差%(n)s")) % {"n": amount(site, gap.indicator, gap.lacking)}


def _place(site: Site, code: str) -> tuple[str, str]:
    school = site.schools.get(code)
    return (school.name, school.path.split("/", 2)[2]) if school else (code, "")


def _short(site: Site, gap: Gap) -> ShortSchool:
    name, href = _place(site, gap.school)
    digits = site.book.indicators[gap.indicator].digits if gap.indicator in site.book.indicators else 2
    value = plain(gap.value, digits) if gap.value is not None else ""
    words = value if gap.kind == "near" else lacks(site, gap)
    return ShortSchool(name, href, words, gap.kind == "below_85")


def _additions(site: Site, rows: Sequence[Addition]) -> tuple[str, list[ShortSchool]]:
    if not rows:
        return "", []
    placed = []
    for row in rows:
        name, href = _place(site, row.school)
        placed.append(ShortSchool(name, href, "+" + amount(site, row.indicator, row.addition), False))
    return amount(site, rows[0].indicator, rows[0].county_addition), placed


def _stage(site: Site, area: Area, code: str, stage: str, gaps: Sequence[Gap]) -> ResourceStage | None:
    duties, t = site.book.duties, site.t
    variation = next((x for x in duties.variation.get(area.code, []) if x.indicator == code and x.stage == stage), None)
    own = [g for g in gaps if g.indicator == code and g.stage == stage]
    if variation is None and not own:
        return None
    failing = sorted((g for g in own if g.kind != "near"), key=lambda g: (g.kind != "below_85", g.school))
    near = [g for g in own if g.kind == "near"]
    line = next((g.target for g in own if g.target is not None), None)
    if line is None:
        line = next(
            (x.value for x in site.targets if x.indicator == code and x.stage == stage and x.value is not None), None
        )
    digits = site.book.indicators[code].digits if code in site.book.indicators else 2
    words, distance = (
        coefficient(variation.cv, variation.cv_limit, met=variation.cv_met) if variation is not None else ("", "")
    )
    addition, added = _additions(
        site, [a for a in duties.additions.get(area.code, []) if a.indicator == code and a.stage == stage]
    )
    said = ""
    if variation is not None and variation.cv_limit is not None:
        said = t(N_("差异系数%(cv)s，上限%(limit)s")) % {"cv": words, "limit": plain(variation.cv_limit, 2)}
        if not variation.cv_met:
            said += t(N_("，超%(n)s")) % {"n": distance[1:]}
    total = sum(g.lacking or 0 for g in failing)
    return ResourceStage(
        stage=site.stage(stage),
        standard=target_text(line, ">=", is_share=False, digits=digits) if line is not None else "",
        failing=[_short(site, g) for g in failing],
        near=[_short(site, g) for g in near],
        lacking=amount(site, code, total) if total else "",
        variation=said,
        over=variation is not None and variation.cv_met is False,
        addition=addition,
        added=added,
    )


def lists(site: Site, area: Area) -> Iterator[BalanceListsPage]:
    """Pages of failing and near schools, resource by resource; cut between resources where they are long."""
    if not site.book.duties.assessed.get(area.code):
        return
    gaps = site.book.duties.gaps.get(area.code, [])
    chunks: list[list[ResourceLists]] = [[]]
    names = 0
    for code in v.RESOURCES:
        found = [x for s in STAGES if (x := _stage(site, area, code, s, gaps)) is not None]
        if not found:
            continue
        size = sum(len(x.failing) + len(x.near) + len(x.added) for x in found)
        if names and names + size > MOST_NAMES:
            chunks.append([])
            names = 0
        names += size
        name = site.t(site.book.indicators[code].name) if code in site.book.indicators else code
        chunks[-1].append(ResourceLists(code, name, found))
    title = site.t(N_("分指标名单"))
    for number, resources in enumerate(chunks):
        yield BalanceListsPage(
            page=county_page(
                site, area, "balance-lists", title, number, under=Link(site.t(N_("优质均衡")), "balance.html")
            ),
            area=area,
            resources=resources,
            tabs=tabs(site, area, "balance-lists"),
            parts=_parts("balance-lists", len(chunks), number),
        )


def _parts(name: str, total: int, here: int) -> list[Link]:
    if total < 2:
        return []
    return [Link(str(n + 1), "" if n == here else f"{name}{f'-{n + 1}' if n else ''}.html") for n in range(total)]


def _rule(site: Site, a: Assessed) -> tuple[str, str]:
    state = {True: "met", False: "not_met", None: "not_reported"}[a.meets_rule]
    reached = site.t(N_("7项达标%(n)s项")) % {"n": a.indicators_met} if a.indicators_met is not None else ""
    return state, reached


def gaps(site: Site, area: Area) -> Iterator[BalanceGapsPage]:
    """The table of what each school lacks: schools that fail the rule or any line, by code."""
    assessed = [a for a in site.book.duties.assessed.get(area.code, []) if not a.excluded_reason]
    if not site.book.duties.assessed.get(area.code):
        return
    of_school: dict[tuple[str, str], dict[str, Gap]] = defaultdict(dict)
    for gap in site.book.duties.gaps.get(area.code, []):
        of_school[gap.school, gap.stage][gap.indicator] = gap
    rows: list[SchoolGapRow] = []
    passing = 0
    totals: dict[str, int] = defaultdict(int)
    for a in sorted(assessed, key=lambda a: (a.school, v.STAGE_ORDER.get(a.stage, 9))):
        found = of_school.get((a.school, a.stage), {})
        if a.meets_rule and not found:
            passing += 1
            continue
        school = site.schools.get(a.school)
        if school is None:
            continue
        cells = []
        for code in v.RESOURCES:
            own = found.get(code)
            cells.append((lacks(site, own), own.kind) if own else ("", ""))
            totals[code] += (own.lacking or 0) if own and own.kind != "near" else 0
        state, reached = _rule(site, a)
        rows.append(
            SchoolGapRow(school, school.path.split("/", 2)[2], site.stage(a.stage), site.status(state), reached, cells)
        )
    chunks = [rows[i : i + MOST_ROWS] for i in range(0, len(rows), MOST_ROWS)] or [[]]
    title = site.t(N_("各校缺口"))
    for number, part in enumerate(chunks):
        yield BalanceGapsPage(
            page=county_page(
                site, area, "balance-gaps", title, number, under=Link(site.t(N_("优质均衡")), "balance.html")
            ),
            area=area,
            head=[
                (code, site.t(site.book.indicators[code].short) if code in site.book.indicators else code)
                for code in v.RESOURCES
            ],
            rows=part,
            totals=[amount(site, c, totals[c]) if totals[c] else "" for c in v.RESOURCES],
            passing=passing,
            tabs=tabs(site, area, "balance-gaps"),
            parts=_parts("balance-gaps", len(chunks), number),
        )


def resource_words(site: Site, schools: Sequence[School], county: str) -> dict[tuple[str, str, str], str]:
    """Per school, stage and resource: what it lacks, in words."""
    known = {s.code for s in schools}
    found = {}
    for gap in site.book.duties.gaps.get(county, []):
        if gap.school in known:
            words = lacks(site, gap)
            if gap.kind == "below_85":
                words += site.t(N_("，")) + site.t(w.GAP_KINDS["below_85"])
            found[gap.school, gap.stage, gap.indicator] = words
    return found
