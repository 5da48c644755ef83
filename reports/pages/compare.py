"""Two areas or two schools side by side: one page that reads scripts of figures already put into words.

The page itself carries the way round it: without scripts the comparison tables of the indicators say the same of areas.
Schools are compared inside only, and a county's figures are a script of its own, asked for when one of its schools is chosen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from reports import vocabulary as v
from reports.figures import Figure
from reports.i18n import N_
from reports.models import ComparePage, Link, Page
from reports.pages.funnels import polarity
from reports.site import Area, School, Site

Head = tuple[str, str, str]  # name, address, which direction is good


def page(site: Site) -> ComparePage:
    """The page of the comparison."""
    title = site.t(N_("两两比较"))
    return ComparePage(
        page=Page(
            title=title,
            path="compare.html",
            crumbs=(Link(site.t(N_("首页")), "index.html"), Link(title)),
            section="search",
            codes=(),
        ),
        domains=[(d, site.indicators_of(d.slug)) for d in site.domains],
        counties=[Link(c.name, site.county_path(c.code)) for c in site.counties],
    )


def _cell(site: Site, figure: Figure | None) -> str:
    """``text|icon|status word|interval``."""
    if figure is None:
        return ""
    status = v.status_of(figure.status)
    return "|".join([figure.text, status.icon, site.t(status.word), figure.interval or ""]).rstrip("|")


def _script(name: str, content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    key = json.dumps(name).replace("<", "\\u003c")
    return f"(window.junhengFigures=window.junhengFigures||{{}})[{key}]={safe};\n".encode()


def _head(site: Site, code: str, stage: str) -> Head:
    indicator = site.book.indicators[code]
    words = f"{site.t(indicator.name)} {site.stage(stage)}" if stage else site.t(indicator.name)
    return words, site.indicator_path(code), polarity(site, indicator)


def areas(site: Site) -> bytes:
    """Script of the current figures of all cities and counties: heads, and a row per area."""
    keys = sorted(
        {
            (site.book.indicators[code].order, code, v.STAGE_ORDER.get(s.stage, 9), s.stage)
            for area in (*site.cities, *site.counties)
            for code, found in site.areas.of(area.code).items()
            for s in found
            if s.now is not None
        }
    )
    heads = [_head(site, code, stage) for _, code, _, stage in keys]
    rows = []
    for area in (*site.cities, *site.counties):
        cells = []
        for _, code, _, stage in keys:
            series = site.areas.stage(area.code, code, stage)
            cells.append(_cell(site, series.now if series else None))
        rows.append([area.code, area.name, "\n".join(cells)])
    return _script("areas", {"heads": heads, "rows": rows})


def schools(site: Site, area: Area, found: Sequence[School], heads: Mapping[str, Mapping[str, Figure]]) -> bytes:
    """Script of the headline figures of a county's schools."""
    codes = [i.code for i in site.indicators if any(i.code in heads.get(s.code, {}) for s in found)]
    rows = [[s.code, s.name, "\n".join(_cell(site, heads.get(s.code, {}).get(code)) for code in codes)] for s in found]
    return _script(area.code, {"heads": [_head(site, code, "") for code in codes], "rows": rows})
