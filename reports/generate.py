"""Generate a complete static site from one edition's controlled tables."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from reports import inputs, register_changes
from reports.books.shelf import Shelf
from reports.changes import FILE, Changes
from reports.i18n import SOURCE_LANGUAGE, load_language
from reports.models import SchoolPage
from reports.pages import (
    balance,
    balance_schools,
    cases,
    commitments,
    compare,
    county,
    county_domain,
    domain,
    downloads,
    funnels,
    guides,
    home,
    indicator,
    reference,
    release_notes,
    school,
    search,
    timetable,
)
from reports.pages.pledges import Pledges
from reports.peers import Peers
from reports.render import ASSETS, Renderer, page_boxes
from reports.roots import write_roots
from reports.site import Area, Edition, Site
from reports.tables import read_controlled
from reports.write import SiteStats, Writer, segment

__all__ = ["SiteStats", "generate", "write_roots"]

Progress = Callable[[str, int, int], None]
SELDOM = 200_000  # objects made between two searches for cycles
SITE_CSS, SITE_JS = "site.css", "site.js"


def generate(
    controlled: Path,
    out: Path,
    *,
    edition: Edition,
    release: dict[str, Any] | None,
    watermark: bool,
    school_year: str | None = None,
    progress: Progress | None = None,
    previous: Path | None = None,
    changes: Path | None = None,
    languages: Sequence[str] = (SOURCE_LANGUAGE,),
    books: bool = False,
    remember: bool = False,
) -> SiteStats:
    """Write a site that opens from a folder, without a server or network.

    Args:
        controlled: ``marts/<VERSION>/controlled/<edition>``; nothing else is opened.
        out: New folder for the site.
        edition: ``internal`` or ``public``; the public one never ranks schools.
        release: Facts of the release (``release``, ``data_version``, …) or None for the preview.
        watermark: Mark every page as an unpublished draft.
        school_year: Year the site is about, later periods left out. Default: the latest in the tables.
        progress: Called with (kind of page, done, total).
        previous: Earlier site; files equal to its own are hard-linked, not written again.
        changes: Differences of the edition's figures from the release before (``orchestration.release.amendment``).
        languages: Languages of the site. The first stands at its root, each other one in a folder of its tag; the trees
            differ in words only, share scripts and index, and each page links to itself in the others.
        books: Also write the Excel books and the csv files; without them the page of downloads says how to get them.
        remember: Keep what the pages of each county are made of beside the site (``reports.inputs``), so that the next
            build with this site as ``previous`` need not render the counties where nothing changed. Books are always made anew.

    Returns:
        What was written.
    """
    with _seldom_collected():
        return _generate(
            controlled, Writer(out, previous), edition, release, watermark, school_year, progress, changes, languages, books, remember
        )  # fmt: skip


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Python's search for cycles among a million figures and lines, which have none, took a tenth of the build."""
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _generate(
    controlled: Path, writer: Writer, edition: Edition, release: dict[str, Any] | None, watermark: bool, school_year: str | None,
    progress: Progress | None, changes: Path | None, languages: Sequence[str], books: bool, remember: bool,
) -> SiteStats:  # fmt: skip
    previous = writer.previous
    tell = progress or (lambda kind, done, total: None)
    known, made = inputs.read(previous), dict[str, str]()
    for tag in languages:
        words = load_language(tag)
        book = read_controlled(controlled, words.gettext, school_year, words.tag.partition("-")[0])
        site = Site(
            book, words, edition=edition, release=release, watermark=watermark, languages=languages, books=books
        )
        writer.stats.hidden_cells = book.hidden_cells
        writer.folder = "" if tag == languages[0] else f"{tag}/"
        made.update(_tree(site, Renderer(site), writer, tell, changes, known if remember and not books else None))
        if not writer.folder:
            writer.file(f"assets/{SITE_JS}", (ASSETS / SITE_JS).read_bytes())
    if remember:
        (writer.out / inputs.FILE).write_text(json.dumps(made, sort_keys=True), encoding="utf-8")
    return writer.stats


def _tree(
    site: Site, renderer: Renderer, writer: Writer, tell: Progress, changes: Path | None, known: dict[str, str] | None
) -> dict[str, str]:
    """All pages of one language; returns the digests of its parts where they are asked for."""
    pledges = Pledges(site)
    _commitments(pledges, renderer, writer)
    differing = Changes(site, changes) if changes else None
    _reference(site, pledges, differing, renderer, writer)
    if site.release:
        _release(site, differing, pledges, renderer, writer)
    tell("reference", 1, 1)
    made = _finding(site, renderer, writer, known)
    schools = funnels.across(site)
    for i, item in enumerate(site.indicators):
        page = indicator.build(site, item, schools)
        writer.page(page.page.path, renderer.render("indicator", page.page, page), "indicator")
        tell("indicator", i + 1, len(site.indicators))
    shelf = Shelf(site, pledges, writer) if site.books else None
    made |= _counties(site, pledges, renderer, writer, tell, known, shelf)
    _downloads(site, shelf, renderer, writer, tell)
    writer.file(f"assets/{SITE_CSS}", (ASSETS / SITE_CSS).read_bytes() + page_boxes(site).encode())
    return made


def _commitments(pledges: Pledges, renderer: Renderer, writer: Writer) -> None:
    """The documents first: they say where each commitment stands."""
    parts = commitments.place(pledges)
    index = commitments.index(pledges)
    writer.page(index.page.path, renderer.render("papers", index.page, index), "papers")
    for paper in commitments.papers(pledges):
        for page in commitments.paper_pages(pledges, paper, parts[paper.prefix]):
            writer.page(page.page.path, renderer.render("paper", page.page, page), "paper")


def _reference(site: Site, pledges: Pledges, changes: Changes | None, renderer: Renderer, writer: Writer) -> None:
    changed = release_notes.changed(site, changes, pledges) if changes else None
    pages: list[tuple[str, Any]] = [
        ("home", home.build(site, pledges, changed)),
        ("method", reference.method(site)),
        ("coverage", reference.coverage(site, reference.absent_schools(site))),
        ("compare", compare.page(site)),
        ("timetable", timetable.build(pledges)),
        *(("guide", guide) for guide in guides.build(site)),
        *(("domain", page) for d in site.domains for page in domain.build(site, d)),
    ]
    for kind, model in pages:
        writer.page(model.page.path, renderer.render(kind, model.page, model), kind)
    writer.file("areas.js", compare.areas(site))


def _finding(site: Site, renderer: Renderer, writer: Writer, before: dict[str, str] | None) -> dict[str, str]:
    """The search, its index and the lists by letter; taken over where the register is the same as ``before``."""
    key, scripts = f"{site.language.tag}/schools", "" if writer.folder else "assets/schools.js"
    made = {key: inputs.register(site)} if before is not None else {}
    if before is not None and before.get(key) == made[key]:
        for path in filter(None, ("search.html", "schools", scripts)):
            writer.keep(path)
        return made
    pages: list[tuple[str, Any]] = [("search", search.page(site)), *(("letter", p) for p in search.letter_pages(site))]
    for kind, model in pages:
        writer.page(model.page.path, renderer.render(kind, model.page, model), kind)
    if scripts:
        writer.file(scripts, search.index(site))
    return made


def _release(site: Site, changes: Changes | None, pledges: Pledges, renderer: Renderer, writer: Writer) -> None:
    """The notes of the release and its differences from the one before."""
    notes = release_notes.notes(site, changes)
    writer.page(notes.page.path, renderer.render("release_notes", notes.page, notes), "release_notes")
    if changes is None:
        return
    overview = release_notes.changed(site, changes, pledges)
    writer.page(overview.page.path, renderer.render("changes", overview.page, overview), "changes")
    for part in release_notes.listed(site, changes):
        writer.page(part.page.path, renderer.render("change_list", part.page, part), "change_list")
    changes.write(writer.place(FILE))
    if overview.schools or overview.cases:
        register_changes.write(site, writer.place(register_changes.FILE))


def _county_duties(
    site: Site, area: Area, pledges: Pledges, values: pl.DataFrame, renderer: Renderer, writer: Writer
) -> None:
    """The assessment, the commitments and the ledger of one county."""
    pages: list[tuple[str, Any]] = [("balance", balance.build(site, area, values))]
    pages += [("balance_lists", page) for page in balance_schools.lists(site, area)]
    pages += [("balance_gaps", page) for page in balance_schools.gaps(site, area)]
    pages.append(("county_pledges", commitments.county(pledges, area)))
    pages += [("cases", page) for page in cases.build(site, area, site.by_county.get(area.code, []))]
    for kind, model in pages:
        writer.page(model.page.path, renderer.render(kind, model.page, model), kind)


def _downloads(site: Site, shelf: Shelf | None, renderer: Renderer, writer: Writer, tell: Progress) -> None:
    """The books that are not a county's, and the page that lists them all."""
    if shelf is not None:
        for n, topic in enumerate(site.domains, 1):
            shelf.domain(topic)
            tell("book", n, len(site.domains))
        shelf.papers()
    page = downloads.build(site, shelf.downloads if shelf else [])
    writer.page(page.page.path, renderer.render("downloads", page.page, page), "downloads")


def _counties(
    site: Site, pledges: Pledges, renderer: Renderer, writer: Writer, tell: Progress, before: dict[str, str] | None,
    shelf: Shelf | None,
) -> dict[str, str]:  # fmt: skip
    """Pages of the counties and their schools; one county's words are held at a time.

    A county made of the same as ``before`` is taken over from the earlier site.
    """
    known = {c.code for c in site.counties}
    places = [*site.counties, *(Area(c, c, "") for c in sorted(set(site.by_county) - known) if c)]
    done, total, peers = 0, len(site.schools), Peers(site)
    digests = inputs.CountyInputs(site, peers, pledges.pages) if before is not None else None
    made: dict[str, str] = {}
    for area in places:
        schools = site.by_county.get(area.code, [])
        key = f"{site.language.tag}/{area.code}"
        if digests is not None and before is not None:
            made[key] = digests.of(area)
            if before.get(key) == made[key]:
                writer.keep(f"county/{segment(area.code)}")
                done += len(schools)
                continue
        values = site.book.worded(site.book.school_values.get(area.code, site.book.no_values()))
        rows = county.headline_rows(site, values)
        heads, cells = county.by_school(rows), county_domain.school_cells(site, rows)
        if not site.public:
            writer.file(
                f"county/{segment(area.code)}/figures.js",
                compare.schools(site, area, schools, rows),
            )
        page = county.build(site, area, schools, heads, values)
        writer.page(page.page.path, renderer.render("county", page.page, page), "county")
        for listed in county.schools_pages(site, area, schools, heads):
            writer.page(listed.page.path, renderer.render("county_schools", listed.page, listed), "county_schools")
        if page.funnels:
            for drawn in county.funnels_pages(site, area, page.funnels):
                writer.page(drawn.page.path, renderer.render("funnels", drawn.page, drawn), "funnels")
        for topic in site.domains:
            for part in county_domain.build(site, area, topic, schools, heads, cells):
                writer.page(part.page.path, renderer.render("county_domain", part.page, part), "county_domain")
        _county_duties(site, area, pledges, values, renderer, writer)
        if shelf is not None and area.code in known:
            shelf.county(area, schools, values)
        for model in school.build(site, area, schools, values, peers):
            kind = "school" if isinstance(model, SchoolPage) else "school_more"
            writer.page(model.page.path, renderer.render(kind, model.page, model), kind)
            done += kind == "school"
        tell("school", done, total)
    return made
