"""When the counties must have kept what: commitments with a day, in the order of the days."""

from __future__ import annotations

from reports.i18n import N_
from reports.models import DueRow, Link, Page, TimetablePage
from reports.pages.pledges import Pledges


def build(pledges: Pledges) -> TimetablePage:
    """A row per commitment and day, a cell per county that owes it."""
    site, t = pledges.site, pledges.site.t
    due: dict[tuple[str, str], dict[str, str]] = {}
    for county in site.counties:
        for c in site.book.duties.owed.get(county.code, []):
            if c.due_on and c.status != "not_applicable":
                due.setdefault((str(c.due_on), c.commitment), {})[county.code] = c.status
    rows = []
    for (day, code), states in sorted(due.items()):
        quote = next((c.quote for c in pledges.by_code.get(code, []) if c.quote), "")
        cells = [site.status(states[c.code]) if c.code in states else None for c in site.counties]
        rows.append(DueRow(day, Link(code, _near(pledges.pages.get(code, ""))), quote, cells, day < site.day))
    page = Page(
        title=t(N_("承诺时间表")),
        path="commitment/timetable.html",
        crumbs=(
            Link(t(N_("首页")), "../index.html"),
            Link(t(N_("政策承诺")), "index.html"),
            Link(t(N_("承诺时间表"))),
        ),
        section="commitments",
    )
    return TimetablePage(
        page, [Link(c.name, "../" + site.county_page_path(c.code, "commitments")) for c in site.counties], rows
    )


def _near(path: str) -> str:
    return path.rpartition("/")[2]
