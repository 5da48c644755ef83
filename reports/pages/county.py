"""County pages: which promises the county breaks, which schools to visit first and why, all its schools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl
from markupsafe import Markup

from reports import charts
from reports import vocabulary as v
from reports.catalogue import Indicator
from reports.duties import Commitment
from reports.figures import Figure, figures_of
from reports.i18n import N_, P_
from reports.models import (
    Broken,
    ChartFigure,
    CountyPage,
    CountySchoolsPage,
    DataTable,
    FunnelsPage,
    Link,
    Page,
    SchoolRow,
    Tile,
    TileGroup,
    Visit,
)
from reports.pages import cases, common, funnels
from reports.pages.reference import coverage_rows, silent_feeds
from reports.site import Area, School, Site
from reports.vocabulary import STAGE_ORDER

VISITS = 15  # as many schools as an inspection round can see
MOST_SCHOOLS = 600  # rows of the list on the page of a county: about 160 KB
MOST_BYTES, FRAME_OF_CELL = 200_000, 12  # of the funnels on one page; what a cell beside them costs besides its text

Heads = Mapping[str, Mapping[str, Figure]]


def headline_rows(site: Site, values: pl.DataFrame) -> pl.DataFrame:
    """One current row per school and indicator: the first stage with a target, else the headline stage."""
    stage = pl.col("stage").replace_strict(STAGE_ORDER, default=9)
    return (
        values.filter("now")
        .sort("entity", "indicator_order", pl.col("target").is_null(), stage)
        .unique(["entity", "indicator"], keep="first", maintain_order=True)
    )


def headline_figures(site: Site, values: pl.DataFrame) -> dict[str, dict[str, Figure]]:
    """The figures of `headline_rows` by school and indicator."""
    return by_school(headline_rows(site, values))


def by_school(rows: pl.DataFrame) -> dict[str, dict[str, Figure]]:
    """Figures by school and indicator."""
    found: dict[str, dict[str, Figure]] = {}
    for figure in figures_of(rows):
        found.setdefault(figure.entity, {})[figure.indicator] = figure
    return found


def school_rows(site: Site, schools: Sequence[School], heads: Heads) -> list[SchoolRow]:
    """Schools of a county with the counts of their states; duties and judged figures only."""
    rows = []
    for school in schools:
        figures = heads.get(school.code, {}).values()
        counts = Counter(f.status for f in figures if f.target is not None)
        met, missed, absent = counts["met"], counts["not_met"], counts["not_reported"]
        rows.append(
            SchoolRow(
                school=school,
                href=school.path.split("/", 2)[2],
                met=met,
                not_met=missed,
                not_reported=absent,
                undecided=counts.total() - met - missed - absent,
                band=_band(site, met, missed, absent),
            )
        )
    return rows


def _band(site: Site, met: int, missed: int, absent: int) -> str:
    """Band of a school for the public edition, where schools are never ranked."""
    t = site.t
    if not met + missed:
        return t(N_("未报送")) if absent else t(N_("暂无判定"))
    if not missed:
        return t(N_("已判定的全部达标"))
    return t(N_("多数达标")) if met >= missed else t(N_("少数达标"))


def visits(site: Site, schools: Sequence[School], heads: Heads) -> list[Visit]:
    """Schools with the most broken duties first; equal counts by the width of the gaps, then by code."""
    ranked: list[tuple[tuple[float, ...], str, Visit]] = []
    assessed = site.book.duties.assessed.values()
    short = {a.school for rows in assessed for a in rows if a.meets_rule is False}
    for school in schools:
        figures = heads.get(school.code, {})
        # the seven resources are judged together, by the rule of six of seven
        broken = _once_each(
            f
            for f in figures.values()
            if f.broken and not site.book.indicators[f.indicator].interval and f.indicator not in v.RESOURCES
        )
        rule = school.code in short
        if not broken and not rule:
            continue
        missed = [f for f in broken if f.status == "not_met"]
        gaps = sum(_gap(f) for f in missed)
        visit = Visit(
            school=school,
            href=school.path.split("/", 2)[2],
            not_met=len(missed) + rule,
            not_reported=len(broken) - len(missed),
            reasons=[
                *([site.t(N_("资源配置不满足6项规则"))] if rule else []),
                *(_reason(site, f) for f in broken),
            ],
        )
        ranked.append(((-len(broken) - rule, -gaps), school.code, visit))
    ranked.sort(key=lambda item: (item[0], item[1]))
    return [visit for _, _, visit in ranked[:VISITS]]


def _gap(figure: Figure) -> float:
    """Distance to the target as a part of it, so that yuan and shares weigh alike."""
    target = figure.target or 0.0
    return abs((figure.plotted or 0.0) - target) / (abs(target) or 1.0)


def _severity(figure: Figure) -> tuple[int, float]:
    gap = _gap(figure) if figure.status == "not_met" else 0.0
    return v.status_of(figure.status).order, -gap


def _once_each(broken: Iterable[Figure]) -> list[Figure]:
    """The worst figure of each duty, worst first."""
    found: dict[int | str, Figure] = {}
    for figure in sorted(broken, key=_severity):
        found.setdefault(v.ONE_DUTY.get(figure.indicator, figure.indicator), figure)
    return list(found.values())


def _reason(site: Site, figure: Figure) -> str:
    indicator = site.book.indicators[figure.indicator]
    short = site.t(indicator.short)
    if figure.status == "not_reported":
        return site.t(N_("%(name)s未报送")) % {"name": short}
    words = {"name": short, "value": figure.text, "target": figure.target_text}
    if figure.counts:
        words["counts"] = f"{figure.counts} {site.unit(indicator.counted, figure.counts)}"
        return site.t(N_("%(name)s %(value)s（%(counts)s，目标%(target)s）")) % words
    return site.t(N_("%(name)s %(value)s（目标%(target)s）")) % words


def _status_counts(site: Site, schools: Sequence[School], heads: Heads) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for school in schools:
        for code, figure in heads.get(school.code, {}).items():
            if figure.target is not None:
                counts.setdefault(code, Counter())[figure.status] += 1
    return counts


def _stack(site: Site, counts: Mapping[str, Counter[str]], area: Area) -> ChartFigure | None:
    shown = [i for i in site.indicators if i.code in counts and not i.item]
    if not shown:
        return None
    t = site.t
    order = [s for s in v.STATUSES if any(counts[i.code][s] for i in shown)]
    rows = [
        (
            t(i.short),
            [(s, n, f"{t(i.short)} {t(v.STATUSES[s].word)} {n}") for s in order if (n := counts[i.code][s])],
        )
        for i in shown
    ]
    finding = _finding(site, shown, counts)
    table = DataTable(
        [t(N_("指标")), *(t(v.STATUSES[s].word) for s in order), t(N_("合计"))],
        [[i.name, *(str(counts[i.code][s]) for s in order), str(counts[i.code].total())] for i in shown],
    )
    desc = t(N_("每行一项指标，各段为学校数，按判定分段。"))
    note = t(N_("%(area)s各校的判定，单位：所；只列设有目标的指标")) % {"area": area.name}
    return ChartFigure(finding, note, charts.stacked(rows, title=finding, desc=desc), table)


def _finding(site: Site, shown: Sequence[Indicator], counts: Mapping[str, Counter[str]]) -> str:
    """What most schools miss; where none misses anything, what most have not sent. What is hidden is not said to be kept."""
    t = site.t
    veiled = any(counts[i.code]["suppressed"] for i in shown)
    for state, every, visible in (
        (
            "not_met",
            P_("未达标学校最多的是“%(name)s”：%(n)s所中%(missed)s所"),
            P_("可显示的学校中未达标最多的是“%(name)s”：%(n)s所中%(missed)s所"),
        ),
        (
            "not_reported",
            P_("没有判为未达标的学校；未报送最多的是“%(name)s”：%(n)s所中%(missed)s所"),
            P_("可显示的学校没有判为未达标的；未报送最多的是“%(name)s”：%(n)s所中%(missed)s所"),
        ),
    ):
        worst = max(shown, key=lambda i: (not i.interval, counts[i.code][state]))
        if missed := counts[worst.code][state]:
            seen = counts[worst.code].total() - counts[worst.code]["suppressed"]
            return site.counted(visible if veiled else every, seen, name=t(worst.short), missed=missed)
    return t(N_("可显示的学校没有未达标或未报送的")) if veiled else t(N_("没有未达标或未报送的学校"))


def of_schools(site: Site, states: Counter[str]) -> str:
    """How many schools miss it, have not reported or are hidden: none that misses it is said only where all are seen."""
    if not states.total():
        return ""
    t = site.t
    said = [
        t(message) % {"n": states[state]}
        for state, message in (
            ("not_met", N_("未达标%(n)s所")),
            ("not_reported", N_("未报送%(n)s所")),
            ("suppressed", N_("已隐去%(n)s所")),
        )
        if states[state]
    ]
    return site.counted(P_("%(n)s所中%(said)s"), states.total(), said=t(N_("、")).join(said or [t(N_("未达标0所"))]))


def _broken(site: Site, area: Area, counts: Mapping[str, Counter[str]]) -> list[Broken]:
    found = []
    for indicator in site.indicators:
        if indicator.item:
            continue  # an item is not judged alone: see the county's assessment
        lines = common.lines(site, area.code, indicator, area.parent)
        bad = next((row for row in lines if row.figure.broken), None)
        if bad is None:
            continue
        found.append(
            Broken(
                line=bad,
                of_schools=of_schools(site, counts.get(indicator.code, Counter())),
                href=site.county_indicator_path(area.code, indicator).rpartition("/")[2] + f"#{indicator.code}",
            )
        )
    return found


def groups(site: Site, area: Area, above: str, root: str, *, judged: bool = False) -> list[TileGroup]:
    """Tiles of an area by domain.

    Args:
        site: The site.
        area: The area.
        above: Area to compare with.
        root: Way up to the site's root.
        judged: Only indicators with a target here; the others stand on the pages of their domains.
    """
    found = []
    for domain in site.domains:
        plain = [i for i in site.indicators_of(domain.slug) if not i.item and not i.detail]
        tiles = [common.tile(site, area.code, i, above) for i in plain]
        kept = [t for t in tiles if t is not None and (not judged or _has_target(t))]
        if kept:
            found.append(TileGroup(domain, root + site.domain_path(domain.slug), kept))
    return found


def _has_target(tile: Tile) -> bool:
    return any(line.figure.target is not None for line in (tile.line, *tile.stages))


def tile_statuses(groups_: Sequence[TileGroup]) -> list[str]:
    """State of each tile over its stages, as the list of broken promises counts them."""
    return [common.worst_status([t.line, *t.stages]) for g in groups_ for t in g.tiles]


def _owed(site: Site, owed: Sequence[Commitment]) -> str:
    """How many commitments bind a place, and how many are in each state: all of them, so that they add up."""
    states = Counter(c.status for c in owed if c.status != "not_applicable")
    if not states:
        return site.t(N_("还没有数据"))
    order = sorted(states, key=lambda s: v.status_of(s).order)
    said = [site.t(N_("%(word)s%(n)s")) % {"word": site.t(v.status_of(s).word), "n": states[s]} for s in order]
    return site.t(N_("%(n)s条：%(said)s")) % {"n": states.total(), "said": site.t(N_("，")).join(said)}


def _duties(site: Site, area: Area) -> list[tuple[Link, str, Markup | None, str]]:
    """The assessment, the commitments and the ledger of the county: where to read on, and how they stand."""
    t, duties = site.t, site.book.duties
    overall = duties.verdict.get(area.code, {}).get("overall")
    failed = t(N_("、")).join(
        t(v.GATES[code])
        for code in v.GATES
        if (g := duties.verdict.get(area.code, {}).get(code)) is not None and g.status == "not_met"
    )
    found = Counter(c.state for c in cases.cases_of(site, area))
    pending = found.total() - found["closed"]
    return [
        (
            Link(t(N_("优质均衡31项")), "balance.html"),
            t(N_("未达标：%(gates)s")) % {"gates": failed} if failed else "" if overall else t(N_("还没有数据")),
            site.status(overall.status) if overall else None,
            overall.status if overall else "",
        ),
        (
            Link(t(N_("政策承诺")), "commitments.html"),
            _owed(site, duties.owed.get(area.code, [])),
            None,
            "",
        ),
        (
            Link(t(N_("问题台账")), "cases.html"),
            t(N_("未销号%(a)s件，其中重新立账%(b)s件，已销号%(c)s件"))
            % {"a": pending, "b": found["reopened"], "c": found["closed"]}
            if found
            else t(N_("没有立账的问题")),
            None,
            "",
        ),
    ]


def _jumps(site: Site, broken: Sequence[Broken], first: Sequence[Visit]) -> list[Link]:
    """The questions of an inspector, each with how much there is to see, as links within the page."""
    t = site.t
    found = []
    if broken:
        found.append(Link(t(N_("没有兑现的承诺%(n)s项")) % {"n": len(broken)}, "#broken"))
    if first:
        found.append(Link(t(N_("先去的%(n)s所学校")) % {"n": len(first)}, "#visits"))
    return [*found, Link(t(N_("收到了什么")), "#received"), Link(t(N_("全部学校")), "#schools")] if found else []


def build(site: Site, area: Area, schools: Sequence[School], heads: Heads, values: pl.DataFrame) -> CountyPage:
    """The page of one county."""
    root = "../../"
    city = next((c for c in site.cities if c.code == area.parent), Area(area.parent, area.parent, ""))
    listed = [s for s in schools if s.listed]
    of_tiles = groups(site, area, area.parent, root)
    counts = _status_counts(site, listed, heads)
    rows = school_rows(site, schools, heads)
    every = [line for g in of_tiles for t in g.tiles for line in (t.line, *t.stages)]
    page = Page(
        title=area.title,
        path=site.county_path(area.code),
        crumbs=(Link(site.t(N_("首页")), root + "index.html"), Link(area.name)),
        section="counties",
        county=area.code,
        hidden=common.hidden(r.figure for r in every),
    )
    drawn = funnels.of_values(site, values)
    broken = _broken(site, area, counts)
    first = [] if site.public else visits(site, listed, heads)
    return CountyPage(
        page=page,
        area=area,
        city=city,
        tally=common.tally(site, tile_statuses(of_tiles)),
        groups=of_tiles,
        broken=broken,
        visits=first,
        jumps=_jumps(site, broken, first),
        stack=_stack(site, counts, area),
        schools=[] if len(listed) > MOST_SCHOOLS else [r for r in rows if r.school.listed],
        school_pages=_school_pages(site, area, [s.name for s in listed], None) if len(listed) > MOST_SCHOOLS else [],
        closed=[r for r in rows if not r.school.listed],
        siblings=[Link(c.name, root + site.county_path(c.code) if c.code != area.code else "") for c in site.counties],
        domain_links=[
            Link(site.t(d.name), site.county_domain_path(area.code, d.slug).rpartition("/")[2]) for d in site.domains
        ],
        duties=_duties(site, area),
        received=coverage_rows(site, area.code),
        roll=common.roll(listed),
        silent=silent_feeds(site, area.code),
        funnels=drawn,
    )


def _school_pages(site: Site, area: Area, names: Sequence[str], here: int | None) -> list[Link]:
    """Links to the pages of a long list of schools: the first and the last on each."""
    found = []
    for n, start in enumerate(range(0, len(names), MOST_SCHOOLS)):
        last = min(start + MOST_SCHOOLS, len(names)) - 1
        href = "" if n == here else site.county_page_path(area.code, "schools", n).rpartition("/")[2]
        found.append(Link(f"{names[start]} — {names[last]}", href))
    return found


def schools_pages(site: Site, area: Area, schools: Sequence[School], heads: Heads) -> Iterator[CountySchoolsPage]:
    """The schools of a county that has more than its own page can list."""
    listed = [s for s in schools if s.listed]
    if len(listed) <= MOST_SCHOOLS:
        return
    rows, title = school_rows(site, listed, heads), site.t(N_("全部学校"))
    for n, start in enumerate(range(0, len(rows), MOST_SCHOOLS)):
        yield CountySchoolsPage(
            page=_own_page(site, area, "schools", title, n),
            area=area,
            schools=rows[start : start + MOST_SCHOOLS],
            parts=_school_pages(site, area, [s.name for s in listed], n),
        )


def _own_page(site: Site, area: Area, name: str, title: str, part: int) -> Page:
    words = title + (f" {part + 1}" if part else "")
    return Page(
        title=f"{area.title} · {words}",
        path=site.county_page_path(area.code, name, part),
        crumbs=(Link(site.t(N_("首页")), "../../index.html"), Link(area.name, "index.html"), Link(words)),
        section="counties",
        county=area.code,
    )


def funnels_pages(site: Site, area: Area, charts_: Sequence[ChartFigure]) -> Iterator[FunnelsPage]:
    """The funnels of a county, on pages of their own."""
    chunks: list[list[ChartFigure]] = [[]]
    size = 0
    for chart in charts_:
        weight = len(chart.svg) + sum(len(cell) + FRAME_OF_CELL for row in chart.table.rows for cell in row)
        if size and size + weight > MOST_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append(chart)
        size += weight
    title = site.t(N_("学校之间的差别哪些不是偶然波动"))
    links = [
        (str(n + 1), site.county_page_path(area.code, "funnels", n).rpartition("/")[2]) for n in range(len(chunks))
    ]
    for n, chunk in enumerate(chunks):
        parts = [Link(word, "" if n == k else href) for k, (word, href) in enumerate(links)] if len(links) > 1 else []
        yield FunnelsPage(_own_page(site, area, "funnels", title, n), chunk, parts)
