"""Commitments: the index of the documents, each document by clause with the quote, and what each county owes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from markupsafe import Markup

from reports import policy_words as w
from reports.duties import Commitment
from reports.duty_models import (
    Clause,
    CountyPledgesPage,
    PaperLine,
    PaperPage,
    PapersPage,
    Pledge,
    PledgeRow,
)
from reports.i18n import N_
from reports.models import Link, Page
from reports.pages import common
from reports.pages.balance import ROOT, county_page
from reports.pages.pledges import Pledges, severity
from reports.policy_words import Document
from reports.site import Area, Site

MOST_BYTES = 200_000  # of the rows of one page, roughly
UP = "../"
# States of the index, and of a county's page, the gravest first.
COLUMNS = ("not_met", "not_reported", "not_distinguishable", "not_due", "met", "no_target", "not_applicable")


def columns(found: Iterable[str]) -> list[str]:
    """Columns of a table of states: the usual ones, and any other that occurs."""
    return [*COLUMNS, *sorted(set(found) - set(COLUMNS), key=severity)]


def papers(pledges: Pledges) -> list[Document]:
    """Documents that have commitments; a prefix nobody named is shown by itself."""
    prefixes = sorted({code.partition("-")[0] for code in pledges.by_code})
    known = [d for p, d in w.DOCUMENTS.items() if p in prefixes]
    return known + [Document(p, p.lower(), p, p, "") for p in prefixes if p not in w.DOCUMENTS and p.isalnum()]


def _weight(rows: Sequence[Commitment]) -> int:
    return 1300 + 3 * len(rows[0].quote or "") + 75 * len(rows)


def _cut(items: Sequence[tuple[str, Sequence[Commitment]]]) -> list[list[tuple[str, Sequence[Commitment]]]]:
    """Pages of a document, cut between clauses."""
    chunks: list[list[tuple[str, Sequence[Commitment]]]] = [[]]
    size = 0
    for _, group in groupby(items, key=lambda item: item[1][0].clause or ""):
        clause = list(group)
        weight = sum(_weight(rows) for _, rows in clause)
        if size and size + weight > MOST_BYTES:
            chunks.append([])
            size = 0
        chunks[-1] += clause
        size += weight
    return chunks


def place(pledges: Pledges) -> dict[str, list[list[tuple[str, Sequence[Commitment]]]]]:
    """Cut every document into pages and note the address of each commitment."""
    found = {}
    for paper in papers(pledges):
        chunks = _cut(pledges.of_paper(paper.prefix))
        found[paper.prefix] = chunks
        for part, chunk in enumerate(chunks):
            path = pledges.site.paper_path(paper.slug, part)
            pledges.pages.update((code, f"{path}#{code}") for code, _ in chunk)
    return found


def _counties(site: Site, rows: Sequence[Commitment], lead: Commitment) -> list[tuple[Markup, str, list[Link]]]:
    """Counties of a commitment by status, the gravest first."""
    by_state: dict[str, list[Link]] = {}
    known = {c.code for c in site.counties}
    for c in sorted(rows, key=lambda c: c.entity):
        if c is lead or c.entity_level != "county" or c.status == "not_applicable":
            continue
        href = UP + site.county_page_path(c.entity, "commitments") + f"#{c.commitment}" if c.entity in known else ""
        by_state.setdefault(c.status, []).append(Link(site.name(c.entity), href))
    return [(site.status(s), s, by_state[s]) for s in sorted(by_state, key=severity)]


def _row(pledges: Pledges, rows: Sequence[Commitment]) -> PledgeRow:
    lead = pledges.lead(rows)
    others = [c for c in rows if c is not lead and c.entity_level != "county" and c.status != "not_applicable"]
    return PledgeRow(
        lead=pledges.pledge(lead, UP),
        others=[pledges.pledge(c, UP) for c in sorted(others, key=lambda c: c.entity)],
        counties=_counties(pledges.site, rows, lead),
        schools=[
            (pledges.site.status(s), n)
            for s, n in sorted(
                pledges.site.book.duties.of_schools.get(lead.commitment, {}).items(), key=lambda item: severity(item[0])
            )
            if s != "not_applicable"
        ],
    )


def paper_pages(
    pledges: Pledges, paper: Document, chunks: Sequence[Sequence[tuple[str, Sequence[Commitment]]]]
) -> list[PaperPage]:
    """The pages of one document."""
    site, t = pledges.site, pledges.site.t
    every = [item for chunk in chunks for item in chunk]
    leads = [pledges.lead(rows) for _, rows in every]
    states = Counter(c.status for c in leads)
    routes = Counter(c.route or "" for c in leads)
    where = [
        (
            site.status(state),
            state,
            [Link(c.commitment, UP + pledges.pages[c.commitment]) for c in leads if c.status == state],
        )
        for state in ("not_met", "not_reported")
        if states[state]
    ]
    entities = sorted({c.entity for c in leads if c.entity_level != "county" and c.status != "not_applicable"})
    siblings = [Link(t(d.name), "" if d is paper else f"{d.slug}.html") for d in papers(pledges)]
    found = []
    for part, chunk in enumerate(chunks):
        clauses = [
            Clause(name, [_row(pledges, rows) for _, rows in group])
            for name, group in groupby(chunk, key=lambda item: item[1][0].clause or "")
        ]
        words = t(paper.name) + (f" {part + 1}" if part else "")
        page = Page(
            title=words,
            path=site.paper_path(paper.slug, part),
            crumbs=(
                Link(t(N_("首页")), UP + "index.html"), Link(t(N_("政策承诺")), "index.html"), Link(words),
            ),
            section="commitments",
        )  # fmt: skip
        found.append(
            PaperPage(
                page=page,
                paper=paper,
                tally=common.tally(site, states),
                where=where,
                clauses=clauses,
                parts=_part_links(site, paper, chunks, part),
                siblings=siblings,
                routes=[(t(w.ROUTES[r]), t(w.ROUTE_ABOUT[r]), routes[r]) for r in w.ROUTES if routes[r]],
                entities=t(N_("、")).join(site.name(e) for e in entities),
            )
        )
    return found


def _part_links(
    site: Site, paper: Document, chunks: Sequence[Sequence[tuple[str, Sequence[Commitment]]]], here: int
) -> list[Link]:
    if len(chunks) < 2:
        return []
    found = []
    for n, chunk in enumerate(chunks):
        first, last = chunk[0][1][0].clause or "", chunk[-1][1][0].clause or ""
        href = "" if n == here else site.paper_path(paper.slug, n).rpartition("/")[2]
        found.append(Link(f"{first} — {last}", href))
    return found


def index(pledges: Pledges) -> PapersPage:
    """The index of the documents; without any row it says what to deliver."""
    site, t = pledges.site, pledges.site.t
    shown = columns(c.status for rows in pledges.by_code.values() for c in rows)
    lines = []
    for paper in papers(pledges):
        leads = [pledges.lead(rows) for _, rows in pledges.of_paper(paper.prefix)]
        states, routes = Counter(c.status for c in leads), Counter(c.route or "" for c in leads)
        lines.append(
            PaperLine(
                paper=paper,
                href=f"{paper.slug}.html",
                total=len(leads),
                counts=[states[s] for s in shown],
                routes=[routes[r] for r in w.ROUTES],
                here=states.total() > states["not_applicable"],
            )
        )
    counties = []
    for county in site.counties:
        own = Counter(c.status for c in site.book.duties.owed.get(county.code, []))
        if own:
            href = UP + site.county_page_path(county.code, "commitments")
            counties.append((Link(county.name, href), [own[s] for s in shown]))
    page = Page(
        title=t(N_("政策承诺")),
        path="commitment/index.html",
        crumbs=(Link(t(N_("首页")), UP + "index.html"), Link(t(N_("政策承诺")))),
        section="commitments",
    )
    return PapersPage(page, [site.status(s) for s in shown], [t(words) for words in w.ROUTES.values()], lines, counties)


def county(pledges: Pledges, area: Area) -> CountyPledgesPage:
    """What one county owes, by status; what binds it not at all is only counted."""
    site = pledges.site
    own = site.book.duties.owed.get(area.code, [])
    bound = [c for c in own if c.status != "not_applicable"]
    by_state: dict[str, list[Pledge]] = {}
    for c in sorted(bound, key=lambda c: c.commitment):
        by_state.setdefault(c.status, []).append(pledges.pledge(c, ROOT))
    return CountyPledgesPage(
        page=county_page(site, area, "commitments", site.t(N_("政策承诺"))),
        area=area,
        tally=common.tally(site, Counter(c.status for c in bound)),
        groups=[(s, site.status(s), len(by_state[s]), by_state[s]) for s in sorted(by_state, key=severity)],
        elsewhere=len(own) - len(bound),
        siblings=[
            Link(c.name, "" if c.code == area.code else ROOT + site.county_page_path(c.code, "commitments"))
            for c in site.counties
        ],
    )
