"""Pages of reference: method and words, coverage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import polars as pl

from reports import guide_words as w
from reports import vocabulary as v
from reports.i18n import N_
from reports.models import Absence, CoveragePage, CoverageRow, Link, MethodPage, Page
from reports.numbers import target_text
from reports.pages import guides
from reports.site import Site

_COUNTY_CELL = ("county", "schools_received", "schools_expected")


def _page(site: Site, title: str, path: str, section: str) -> Page:
    crumbs = (Link(site.t(N_("首页")), "index.html"), Link(title))
    return Page(title=title, path=path, crumbs=crumbs, section=section, codes=())


def method(site: Site) -> MethodPage:
    """Definitions of the catalogue, status words, disclosure rule, targets."""
    indicators = site.book.indicators
    targets = []
    for target in site.targets:
        known = indicators.get(target.indicator)
        text = (
            target_text(target.value, target.operator, is_share=known.is_share, digits=known.digits)
            if known and target.value is not None
            else ""
        )
        targets.append((target, site.t(known.short) if known else target.indicator, text))
    by_domain = [(d, [i for i in indicators.values() if i.domain == d.slug]) for d in v.DOMAINS.values()]
    return MethodPage(
        page=_page(site, site.t(N_("方法与口径")), "method.html", "method"),
        indicators=[(d, items) for d, items in by_domain if items],
        targets=targets,
        statuses=[(site.status(s.code), s.meaning) for s in v.STATUSES.values()],
        hiding=[site.t(words) for words in (*w.HIDING, *([w.HIDING_OUTSIDE] if site.public else []))],
        counting=[site.t(words) for words in (w.TOTALS, *w.COUNTING)],
        siblings=guides.links(site, "method.html"),
    )


def coverage_rows(site: Site, only: str = "") -> list[CoverageRow]:
    """What was expected, received and rejected, per feed and period, in the order of the feeds.

    Args:
        site: The site.
        only: Code of one county; all counties without it.
    """
    frame = site.book.coverage
    if only:
        frame = frame.filter(pl.col("county") == only)
    order = {feed: i for i, feed in enumerate(v.FEEDS)}
    rows = []
    for (feed, period), part in frame.group_by("feed", "period", maintain_order=True):
        sums = part.sum().row(0, named=True)
        at = {c: (r or 0, e or 0) for c, r, e in part.select(_COUNTY_CELL).iter_rows()}
        rows.append(
            (
                (order.get(str(feed), 99), str(feed), str(period)),
                CoverageRow(
                    feed=site.t(v.FEEDS[str(feed)]) if feed in v.FEEDS else str(feed),
                    period=site.period(str(period)),
                    counties=[at.get(c.code) for c in site.counties],
                    received=sums["schools_received"] or 0,
                    expected=sums["schools_expected"] or 0,
                    accepted=sums["rows_accepted"] or 0,
                    rejected=sums["rows_rejected"] or 0,
                    unlinked=sums["rows_unlinked"] or 0,
                ),
            )
        )
    rows.sort(key=lambda item: item[0])
    return [row for _, row in rows]


def coverage(site: Site, absent: Mapping[str, Mapping[str, tuple[int, int]]]) -> CoveragePage:
    """What was delivered, and who did not deliver.

    Args:
        site: The site.
        absent: Per indicator and county: schools not reported and schools in all.
    """
    missing = []
    for domain in site.domains:
        rows, gone = [], dict[str, dict[str, None]]()
        for indicator in site.indicators_of(domain.slug):
            of_counties = {c: found for c, found in absent.get(indicator.code, {}).items() if found[0]}
            if not of_counties:
                continue
            for county in of_counties:
                gone.setdefault(county, {})[site.county_indicator_path(county, indicator)] = None
            total = sum(n for _, n in absent[indicator.code].values())
            rows.append(
                Absence(
                    indicator,
                    site.period(site.book.current[indicator.code]),
                    sum(n for n, _ in of_counties.values()),
                    total,
                    [(c.name, *of_counties[c.code]) for c in site.counties if c.code in of_counties],
                )
            )
        # The schools stand on the part of the county's pages that shows the indicator.
        places = [
            Link(f"{c.name} {n}" if n > 1 else c.name, path)
            for c in site.counties
            for n, path in enumerate(gone.get(c.code, ()), 1)
        ]
        if rows:
            missing.append((domain, places, rows))
    page = _page(site, site.t(N_("报送情况")), "coverage.html", "coverage")
    return CoveragePage(page, site.counties, coverage_rows(site), missing)


def silent_feeds(site: Site, only: str = "") -> list[str]:
    """Feeds that figures are made of, or that were expected, and of which nothing came, in words.

    Args:
        site: The site.
        only: Code of one county; all counties without it.
    """
    own = {feed: [r for r in rows if only in ("", r[1])] for feed, rows in site.received.items()}
    needed = {feed for i in site.book.indicators.values() for feed in i.feeds}
    needed |= {feed for feed, rows in own.items() if any(expected for *_, expected in rows)}
    heard = {feed for feed, rows in own.items() if any(received for *_, received, _ in rows)}
    return [site.t(name) for feed, name in v.FEEDS.items() if feed in needed - heard]


def absent_schools(site: Site) -> dict[str, dict[str, tuple[int, int]]]:
    """Schools not reported and schools in all, per indicator and county, current period."""
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    listed = [s.code for s in site.schools.values() if s.listed]
    for county, values in sorted(site.book.school_values.items()):
        now = values.filter((pl.col("subgroup") == "all") & pl.col("entity").is_in(listed) & site.book.is_current())
        per_school = now.group_by("indicator", "entity").agg(gone=(pl.col("status") == "not_reported").all())
        counted = per_school.group_by("indicator").agg(pl.col("gone").sum(), pl.len())
        for code, gone, total in counted.iter_rows():
            found[code][county] = (int(gone), int(total))
    return found
