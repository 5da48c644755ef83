"""Pages about the release itself: its notes, and what it changed against the release before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from reports import footnotes, periods, register_changes
from reports import vocabulary as v
from reports.auditing.site import AuditSite
from reports.changes import FILE, KINDS, LEVELS, MOST_PAGES, PAGE_ROWS, Change, Changes
from reports.i18n import N_
from reports.models import (
    ChangeLine,
    ChangeListPage,
    ChangesPage,
    CountRow,
    EarlierRelease,
    JudgedAnew,
    Link,
    Page,
    ReleaseNotesPage,
    WarningLine,
)
from reports.pages.pledges import Pledges
from reports.site import Site
from reports.write import segment

NOTES, CHANGES = "release-notes.html", "changes.html"
BIGGEST = 30
MOST_JUDGED = 300
ROOT = "../"


def _page(site: Site, title: str, path: str, *under: Link) -> Page:
    up = ROOT * path.count("/")
    crumbs = (Link(site.t(N_("首页")), up + "index.html"), *under, Link(title))
    return Page(title=title, path=path, crumbs=crumbs, section="notes", codes=())


def notes(site: Site, changes: Changes | None) -> ReleaseNotesPage:
    """What was released, on whose word, with what known faults, and what is different from before."""
    facts = site.release
    return ReleaseNotesPage(
        page=_page(site, site.t(N_("发布说明")), NOTES),
        checks={str(k): int(n) for k, n in facts.get("checks", {}).items()},
        warnings=[
            WarningLine(
                footnotes.said(site, w),
                footnotes.count(site, w.get("unexpected")),
                str(w["check"]),
                "" if site.public else AuditSite.check_path(str(w["check"])),
                _places(site, w.get("places") or {}),
            )
            for w in facts.get("warnings", ())
        ],
        waivers=site.footnotes,
        revised=[site.period(period) for period in site.revised],
        compared=changes is not None,
        by_indicator=_by_indicator(site, changes) if changes else [],
        kinds=[site.t(KINDS[kind]) for kind in changes.kinds] if changes else [],
        earlier=[
            EarlierRelease(
                str(e["release"]),
                f"{site.top}../{e['release']}/index.html",
                str(e["as_of"]),
                str(e["note"]),
                str(e["data_version"]),
            )
            for e in reversed(facts.get("earlier", ()))
        ],
    )


def _places(site: Site, faults: Mapping[str, int]) -> list[tuple[Link, int]]:
    """Areas in which a check found faults, the most first; counties with the way to their pages. Nothing outside."""
    if site.public:
        return []
    pages = {c.code: site.county_path(c.code) for c in site.counties}
    order = sorted(faults, key=lambda code: (-faults[code], code))
    return [(Link(site.name(code), pages.get(code, "")), faults[code]) for code in order]


def _row(label: Link, counts: Mapping[str, int], kinds: Sequence[str]) -> CountRow:
    return CountRow(label, sum(counts.values()), [counts.get(kind, 0) for kind in kinds])


def _by_indicator(site: Site, changes: Changes) -> list[CountRow]:
    rows, kinds = [], list(changes.kinds)
    for code, counts in changes.counts("indicator").items():
        known = site.book.indicators.get(code)
        href = site.indicator_path(code) if code in site.book.current else ""
        rows.append(_row(Link(site.t(known.name) if known else code, href), counts, kinds))
    return rows


def _judged_anew(site: Site, pledges: Pledges) -> list[JudgedAnew]:
    """Commitments with another status than before; the county's own list where it is a county."""
    rows, counties = site.release.get("commitments_anew") or [], {c.code for c in site.counties}

    def word(status: str) -> Markup:
        return site.status(status) if status else Markup(site.t(N_("无")))  # noqa: S704 - a word of the catalogue

    def href(code: str, entity: str) -> str:
        own = f"{site.county_page_path(entity, 'commitments')}#{code}"
        return own if entity in counties else pledges.pages.get(code, "")

    def quote(code: str) -> str:
        known = pledges.by_code.get(code, ())
        return (known[0].quote or "") if known else ""

    return [
        JudgedAnew(
            commitment=Link(r["commitment"], href(r["commitment"], r["entity"])),
            quote=quote(r["commitment"]),
            place=site.name(r["entity"]),
            period=periods.short(r["period"], site.t),
            before=word(r["before"]),
            now=word(r["now"]),
        )
        for r in rows[:MOST_JUDGED]
    ]


def changed(site: Site, changes: Changes, pledges: Pledges) -> ChangesPage:
    """How many figures differ, where, and the biggest of the changes."""
    kinds = list(changes.kinds)
    earlier = site.release.get("earlier", ())
    return ChangesPage(
        page=_page(site, site.t(N_("与上一次发布的差异")), CHANGES, Link(site.t(N_("发布说明")), NOTES)),
        before=str(earlier[-1]["release"]) if earlier else "",
        before_as_of=str(earlier[-1]["as_of"]) if earlier else "",
        total=sum(changes.kinds.values()),
        tally=[(site.t(words), changes.kinds.get(kind, 0)) for kind, words in KINDS.items()],
        kinds=[site.t(KINDS[kind]) for kind in kinds],
        by_period=[
            _row(Link(site.period(period)), counts, kinds)
            for period, counts in sorted(changes.counts("period").items(), reverse=True)
        ],
        by_place=[
            _row(Link(site.name(place), _list_path(place)), counts, kinds)
            for place, counts in changes.counts("place").items()
        ],
        by_indicator=_by_indicator(site, changes),
        biggest=[_line(site, change, "") for change in changes.biggest(BIGGEST)],
        judged=_judged_anew(site, pledges),
        judged_all=len(site.release.get("commitments_anew") or ()),
        schools=register_changes.schools(site),
        cases=register_changes.cases(site),
        file=FILE,
        registers_file=register_changes.FILE,
    )


def _list_path(place: str, part: int = 0) -> str:
    return f"changes/{segment(place)}{f'-{part + 1}' if part else ''}.html"


def listed(site: Site, changes: Changes) -> Iterator[ChangeListPage]:
    """The differences of each county with its schools, and of each city, a few hundred a page."""
    for place, counts in changes.counts("place").items():
        rows = changes.of_place(place)
        parts = [rows[i : i + PAGE_ROWS] for i in range(0, len(rows), PAGE_ROWS)] or [[]]
        for n, part in enumerate(parts):
            title = site.t(N_("%(name)s的差异")) % {"name": site.name(place)} + (f" {n + 1}" if n else "")
            under = (Link(site.t(N_("发布说明")), ROOT + NOTES), Link(site.t(N_("与上一次发布的差异")), ROOT + CHANGES))
            yield ChangeListPage(
                page=_page(site, title, _list_path(place, n), *under),
                rows=[_line(site, change, ROOT) for change in part],
                total=sum(counts.values()),
                listed=len(rows),
                cut=len(rows) == PAGE_ROWS * MOST_PAGES,
                parts=_parts(place, n, len(parts)),
                file=ROOT + FILE,
            )


def _parts(place: str, here: int, n: int) -> Sequence[Link]:
    if n == 1:
        return []
    return [Link(str(i + 1), "" if i == here else _list_path(place, i).rpartition("/")[2]) for i in range(n)]


def _line(site: Site, change: Change, root: str) -> ChangeLine:
    known = site.book.indicators.get(change.indicator)
    return ChangeLine(
        kind=site.t(KINDS[change.kind]),
        level=site.t(LEVELS.get(change.level, change.level)),
        place=Link(change.name, _place(site, change, root)),
        indicator=Link(
            site.t(known.short) if known else change.indicator,
            root + site.indicator_path(change.indicator) if change.indicator in site.book.current else "",
        ),
        period=change.period,
        group=site.t(N_("，")).join(filter(None, (change.stage, change.subgroup))),
        before=change.before,
        now=change.now,
        moved=change.moved,
        before_counts=change.before_counts,
        now_counts=change.now_counts,
        judged=_judged(site, change),
    )


def _judged(site: Site, change: Change) -> str:
    """The judgements before and now where they differ and both were made."""
    if not change.status_before or not change.status_now or change.status_before == change.status_now:
        return ""
    return f"{site.t(v.status_of(change.status_before).word)} → {site.t(v.status_of(change.status_now).word)}"


def _place(site: Site, change: Change, root: str) -> str:
    if change.level == "school" and change.entity in site.schools:
        return root + site.schools[change.entity].path
    if change.level == "county" and any(c.code == change.entity for c in site.counties):
        return root + site.county_path(change.entity)
    return ""
