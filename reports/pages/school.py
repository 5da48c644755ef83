"""School pages: where a school stands on every indicator, and since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from reports import periods
from reports.i18n import N_
from reports.models import Link, Page, SchoolPage
from reports.pages import common, school_rows
from reports.site import Area, School, Site
from reports.vocabulary import subgroup_word


def build(site: Site, area: Area, schools: Sequence[School], values: pl.DataFrame) -> Iterator[SchoolPage]:
    """Pages of the schools of one county, in the order given.

    Args:
        site: The site.
        area: The county.
        schools: Its schools.
        values: Their rows with words.
    """
    t, root = site.t, "../../../"
    tables = school_rows.build(site, values, area.code, area.parent)
    shown = [(p, periods.short(p, t)) for p in site.book.periods]
    for i, school in enumerate(schools):
        own = tables.get(school.code, school_rows.EMPTY)
        page = Page(
            title=school.name,
            path=school.path,
            crumbs=(
                Link(t(N_("首页")), root + "index.html"),
                Link(area.name, "../index.html"),
                Link(school.name),
            ),
            section="counties",
            hidden=own.hidden,
        )
        yield SchoolPage(
            page=page,
            school=school,
            successor=site.schools.get(school.merged_into) if school.merged_into else None,
            tally=common.tally(site, own.statuses),
            groups=[(d, own.spine[d.slug]) for d in site.domains if d.slug in own.spine],
            periods=shown,
            history=own.history,
            columns=[(k, subgroup_word(k, t)) for k in own.columns],
            subgroups=own.subgroups,
            before=_neighbour(schools, i - 1),
            after=_neighbour(schools, i + 1),
        )


def _neighbour(schools: Sequence[School], i: int) -> Link | None:
    if not 0 <= i < len(schools):
        return None
    return Link(schools[i].name, schools[i].path.rpartition("/")[2])
