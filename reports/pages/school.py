"""School pages: where a school stands on every indicator, and since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl
from markupsafe import Markup

from reports import periods
from reports import policy_words as w
from reports.duty_models import CaseLine
from reports.i18n import N_
from reports.models import Link, Page, SchoolMorePage, SchoolPage
from reports.pages import balance_schools, cases, common, school_rows
from reports.peers import LEAST, Peers
from reports.site import Area, School, Site
from reports.vocabulary import STAGE_ORDER, subgroup_word

ROOT = "../../../"
MOST_CASES = 15  # on the page of a school


def build(
    site: Site, area: Area, schools: Sequence[School], values: pl.DataFrame, peers: Peers
) -> Iterator[SchoolPage | SchoolMorePage]:
    """Pages of the schools of one county, in the order given; a school's further pages follow its first.

    Args:
        site: The site.
        area: The county.
        schools: Its schools.
        values: Their rows with words.
        peers: Whom they are compared with.
    """
    t = site.t
    lacking = balance_schools.resource_words(site, schools, area.code)
    tables = school_rows.build(site, values, area.code, area.parent, lacking, peers)
    shown = [(p, periods.short(p, t)) for p in site.book.periods]
    rules = _rules(site, area.code)
    codes = _codes(values) if site.footnotes else {}
    of_school: dict[str, list[CaseLine]] = {}
    now = cases.standings(site, area)
    for case in cases.cases_of(site, area):
        if case.school and case.open:
            of_school.setdefault(case.school, []).append(cases.line(site, case, ROOT, now))
    for i, school in enumerate(schools):
        own = tables.get(school.code, school_rows.EMPTY)
        names = _names(site, own.more)
        yield SchoolPage(
            page=_page(site, area, school, own.hidden, codes.get(school.code, ())),
            school=school,
            successor=site.schools.get(school.merged_into) if school.merged_into else None,
            peers=None if site.public else peers.group(school),
            tally=common.tally(site, own.statuses),
            groups=[(d, own.spine[d.slug]) for d in site.domains if d.slug in own.spine],
            resources=own.resources,
            rule=rules.get(school.code, []),
            cases=of_school.get(school.code, []),
            most_cases=MOST_CASES,
            more=[Link(name, _file(school.more_path(n))) for n, name in enumerate(names)],
            example=own.example,
            least=LEAST,
            before=_neighbour(schools, i - 1),
            after=_neighbour(schools, i + 1),
        )
        for n, bodies in enumerate(own.more):
            page = _page(site, area, school, own.hidden, codes.get(school.code, ()))
            page.crumbs = [*page.crumbs[:-1], Link(school.name, _file(school.path)), Link(names[n])]
            page.title, page.path = f"{school.name} · {names[n]}", school.more_path(n)
            yield SchoolMorePage(
                page=page,
                school=school,
                periods=shown,
                columns=[(k, subgroup_word(k, t)) for k in own.columns],
                stages=_of_table(site, bodies, school_rows.STAGES),
                history=_of_table(site, bodies, school_rows.HISTORY),
                subgroups=_of_table(site, bodies, school_rows.GROUPS),
                parts=[Link(name, "" if k == n else _file(school.more_path(k))) for k, name in enumerate(names)]
                if len(names) > 1
                else [],
            )


def _file(path: str) -> str:
    """The address from another page of the same school."""
    return path.rpartition("/")[2]


def _of_table(site: Site, bodies: Sequence[school_rows.Body], table: int) -> list[tuple[str, Markup]]:
    """Bodies of one table by domain; a domain nobody named stands without a head."""
    words = {d.slug: site.t(d.name) for d in site.domains}
    return [(words.get(domain, ""), rows) for kind, domain, rows in bodies if kind == table]


def _names(site: Site, pages: Sequence[Sequence[school_rows.Body]]) -> list[str]:
    """What each further page of a school holds; pages of the same are counted."""
    t = site.t
    if len(pages) == 1:
        return [t(N_("历次与分组"))]
    found: list[str] = []
    seen: Counter[str] = Counter()
    for bodies in pages:
        grouped = any(table == school_rows.GROUPS for table, _, _ in bodies)
        name = t(N_("分年级、分性别")) if grouped else t(N_("历次数值"))
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return found


def _codes(values: pl.DataFrame) -> dict[str, list[str]]:
    """The indicators of each school, which decide the footnotes of its pages."""
    if values.is_empty():
        return {}
    return dict(values.group_by("entity").agg(pl.col("indicator").unique().sort()).iter_rows())


def _page(site: Site, area: Area, school: School, hidden: int, codes: Sequence[str]) -> Page:
    home = Link(site.t(N_("首页")), ROOT + "index.html")
    return Page(
        title=school.name,
        path=school.path,
        crumbs=[home, Link(area.name, "../index.html"), Link(school.name)],
        section="counties",
        hidden=hidden,
        codes=codes,
        county=area.code,
    )


def _rules(site: Site, county: str) -> dict[str, list[tuple[str, Markup, str]]]:
    """Per school: stage, state and words of the rule of six of seven."""
    t = site.t
    found: dict[str, list[tuple[str, Markup, str]]] = {}
    for a in sorted(site.book.duties.assessed.get(county, []), key=lambda a: STAGE_ORDER.get(a.stage, 9)):
        if a.excluded_reason:
            words = t(w.EXCLUDED.get(a.excluded_reason, a.excluded_reason))
            state = "not_applicable"
        else:
            state = {True: "met", False: "not_met", None: "not_reported"}[a.meets_rule]
            words = t(N_("7项达标%(n)s项")) % {"n": a.indicators_met} if a.indicators_met is not None else ""
            if a.indicators_missing:
                words += t(N_("，%(n)s项没有数据")) % {"n": a.indicators_missing}
        found.setdefault(a.school, []).append((site.stage(a.stage), site.status(state), words))
    return found


def _neighbour(schools: Sequence[School], i: int) -> Link | None:
    if not 0 <= i < len(schools):
        return None
    return Link(schools[i].name, schools[i].path.rpartition("/")[2])
