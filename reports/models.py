"""Typed page models: what a template may know, and nothing more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports.books.models import Download
from reports.catalogue import Indicator, Target
from reports.figures import Figure
from reports.footnotes import Footnote
from reports.peers import PeerGroup
from reports.site import Area, School
from reports.vocabulary import Domain


@dataclass(frozen=True)
class Link:
    """A link from the page it stands on; no address means "here"."""

    label: str
    href: str = ""


@dataclass
class Page:
    """The frame of every page. ``root`` leads from the page to the site's root (``../../``).

    ``codes`` and ``county`` say whose figures the page shows, for its footnotes: all of the release unless it says less.
    """

    title: str
    path: str
    crumbs: Sequence[Link] = ()
    section: str = ""
    hidden: int = 0
    codes: Collection[str] | None = None
    county: str = ""

    @property
    def root(self) -> str:
        """Relative way up to the site's root."""
        return "../" * self.path.count("/")


@dataclass(frozen=True)
class DataTable:
    """The table beside a chart."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class ChartFigure:
    """A chart with its finding as the title, what it shows, and its numbers."""

    finding: str
    note: str
    svg: Markup
    table: DataTable


@dataclass(frozen=True)
class Line:
    """One indicator and stage of one area, ready to print."""

    indicator: Indicator
    stage: str
    figure: Figure
    status: Markup
    benchmark: str
    shortfall: str
    trend: str
    spark: Markup


@dataclass(frozen=True)
class Tile:
    """A headline tile: the first line of an indicator and its stages."""

    line: Line
    stages: Sequence[Line]
    benchmark_label: str
    sources: Sequence[str]


@dataclass(frozen=True)
class TileGroup:
    """Tiles of one domain."""

    domain: Domain
    href: str
    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Roll:
    """Pupils on roll of the schools that tell, how many these are, how many are hidden, and how many sent no roster."""

    pupils: int
    known: int
    hidden: int
    unreported: int


@dataclass(frozen=True)
class Tally:
    """Counts of states: ``共17项：达标3，未达标8``."""

    total: int
    parts: Sequence[tuple[Markup, int, str]]


@dataclass(frozen=True)
class GridCell:
    """A cell of a heat table: its words, its status class and where it leads."""

    text: str
    icon: str
    word: str
    href: str
    stage: str


@dataclass(frozen=True)
class Grid:
    """Places by indicators, a status and a value in each cell."""

    head: Sequence[tuple[Indicator, str]]
    rows: Sequence[tuple[Link, Sequence[GridCell | None]]]


@dataclass(frozen=True)
class Broken:
    """A promise a place breaks, with what is missing and how many schools share it."""

    line: Line
    of_schools: str
    href: str


@dataclass(frozen=True)
class Visit:
    """A school worth a visit, with the reasons."""

    school: School
    href: str
    not_met: int
    not_reported: int
    reasons: Sequence[str]


@dataclass(frozen=True)
class SchoolRow:
    """A school in a county's list."""

    school: School
    href: str
    met: int
    not_met: int
    not_reported: int
    undecided: int
    band: str


GateRow = tuple[Link, Sequence[tuple[str, str, str]]]  # county; per gate: icon, status word, what is missing


@dataclass
class CityView:
    """The city part of the home page."""

    area: Area
    tally: Tally
    groups: Sequence[TileGroup]
    grid: Grid
    schools: int
    roll: Roll
    counties: Sequence[Link]
    worst: Sequence[Broken]
    gates: Sequence[GateRow]


@dataclass
class HomePage:
    """Release home."""

    page: Page
    cities: Sequence[CityView]
    jumps: Sequence[Link]
    papers: Sequence[tuple[Link, int, Sequence[tuple[Markup, int]]]]
    gate_names: Sequence[str]
    received: Sequence[CoverageRow]
    silent: Sequence[str]
    changed: ChangesPage | None
    empty: bool


@dataclass
class CountyPage:
    """One county."""

    page: Page
    area: Area
    city: Area
    tally: Tally
    groups: Sequence[TileGroup]
    broken: Sequence[Broken]
    visits: Sequence[Visit]
    stack: ChartFigure | None
    schools: Sequence[SchoolRow]
    school_pages: Sequence[Link]
    closed: Sequence[SchoolRow]
    siblings: Sequence[Link]
    domain_links: Sequence[Link]
    duties: Sequence[tuple[Link, str, Markup | None, str]]
    received: Sequence[CoverageRow]
    roll: Roll
    silent: Sequence[str]
    funnels: Sequence[ChartFigure]
    jumps: Sequence[Link]


@dataclass
class CountySchoolsPage:
    """Some of the schools of a county that has more than its page can list."""

    page: Page
    area: Area
    schools: Sequence[SchoolRow]
    parts: Sequence[Link]


@dataclass
class FunnelsPage:
    """The funnels of a county, or a part of them."""

    page: Page
    charts: Sequence[ChartFigure]
    parts: Sequence[Link]


@dataclass
class CountyDomainPage:
    """Schools of a county by the indicators of one domain."""

    page: Page
    area: Area
    domain: Domain
    lines: Sequence[Line]
    details: Sequence[Line]
    jumps: Sequence[Link]
    charts: Sequence[ChartFigure]
    detail_charts: Sequence[ChartFigure]
    head: Sequence[tuple[Indicator, str]]
    rows: Sequence[tuple[School, Markup]]
    siblings: Sequence[Link]
    parts: Sequence[Link]


@dataclass
class SchoolPage:
    """One school: where it stands now."""

    page: Page
    school: School
    successor: School | None
    peers: PeerGroup | None
    tally: Tally
    groups: Sequence[tuple[Domain, Markup]]
    resources: Markup
    rule: Sequence[tuple[str, Markup, str]]
    cases: Sequence[Any]
    most_cases: int
    more: Sequence[Link]
    example: str
    least: int
    before: Link | None
    after: Link | None


@dataclass
class SchoolMorePage:
    """A further page of a school: further stages, earlier periods, grades and sexes, each by domain."""

    page: Page
    school: School
    periods: Sequence[tuple[str, str]]
    columns: Sequence[tuple[str, str]]
    stages: Sequence[tuple[str, Markup]]
    history: Sequence[tuple[str, Markup]]
    subgroups: Sequence[tuple[str, Markup]]
    parts: Sequence[Link]


@dataclass
class IndicatorPage:
    """One indicator: definition sheet, comparison, course, subgroups."""

    page: Page
    indicator: Indicator
    domain: Domain
    period: str
    city_lines: Sequence[tuple[Area, Sequence[Line]]]
    charts: Sequence[tuple[Area, Sequence[ChartFigure]]]
    county_rows: Sequence[tuple[Area, Sequence[Line]]]
    siblings: Sequence[Link]
    told: Collection[str]
    targets: Sequence[tuple[Target, str]]
    gap_unit: str


@dataclass(frozen=True)
class GateDoor:
    """A gate of the assessment, what it is about and how many indicators it has."""

    link: Link
    about: str
    size: str


@dataclass
class DomainPage:
    """One domain over all counties, or one gate of it, or some of the cities."""

    page: Page
    domain: Domain
    about: str
    cities: Sequence[tuple[Area, Sequence[Tile], Sequence[tuple[str, Grid]], Sequence[GateRow]]]
    gate_names: Sequence[str]
    doors: Sequence[GateDoor]
    siblings: Sequence[Link]
    parts: Sequence[Link]


@dataclass
class MethodPage:
    """Definitions, words, rules and targets."""

    page: Page
    indicators: Sequence[tuple[Domain, Sequence[Indicator]]]
    targets: Sequence[tuple[Target, str, str]]
    statuses: Sequence[tuple[Markup, str]]
    hiding: Sequence[str]
    counting: Sequence[str]
    siblings: Sequence[Link]


@dataclass(frozen=True)
class CoverageRow:
    """One feed and period: schools received of expected per county, and rows."""

    feed: str
    period: str
    counties: Sequence[tuple[int, int] | None]
    received: int
    expected: int
    accepted: int
    rejected: int
    unlinked: int


@dataclass(frozen=True)
class Absence:
    """An indicator that schools did not report: how many of how many, in all and by county."""

    indicator: Indicator
    period: str
    gone: int
    total: int
    places: Sequence[tuple[str, int, int]]


@dataclass
class CoveragePage:
    """What was delivered and what was not."""

    page: Page
    counties: Sequence[Area]
    rows: Sequence[CoverageRow]
    missing: Sequence[tuple[Domain, Sequence[Link], Sequence[Absence]]]


@dataclass
class SearchPage:
    """Search box, and the lists by county and letter for reading without scripts."""

    page: Page
    counties: Sequence[tuple[Area, int]]
    letters: Sequence[tuple[str, int, str]]
    schools: int
    indicators: Sequence[tuple[Domain, Sequence[Indicator]]]


@dataclass
class DownloadsPage:
    """Files to take away: of each county, of each domain, of the commitments."""

    page: Page
    groups: Sequence[tuple[str, str, Sequence[tuple[Link, Sequence[Download]]]]]
    files: int
    size: str


@dataclass
class LetterPage:
    """Schools whose names begin with one sound; a former name stands beside the present one."""

    page: Page
    letters: Sequence[Link]
    parts: Sequence[Link]
    rows: Sequence[tuple[School, str]]


@dataclass(frozen=True)
class GuideSection:
    """A part of a reference page: terms, points or a table."""

    anchor: str
    title: str
    terms: Sequence[tuple[str, str]] = ()
    points: Sequence[str] = ()
    table: DataTable | None = None


@dataclass
class GuidePage:
    """A reference page of words."""

    page: Page
    siblings: Sequence[Link]
    sections: Sequence[GuideSection]


@dataclass
class ComparePage:
    """Two areas or schools side by side, by a script; and where to read the same without it."""

    page: Page
    domains: Sequence[tuple[Domain, Sequence[Indicator]]]
    counties: Sequence[Link]


@dataclass(frozen=True)
class DueRow:
    """A commitment with its day, and its state in each county that owes it."""

    day: str
    code: Link
    quote: str
    cells: Sequence[Markup | None]
    past: bool


@dataclass
class TimetablePage:
    """When the counties must have kept what."""

    page: Page
    counties: Sequence[Link]
    rows: Sequence[DueRow]


@dataclass(frozen=True)
class WarningLine:
    """A check that warned: what it demands, how many faults it found, and inside in which counties and where they are listed."""

    said: str
    faults: str
    check: str
    listed: str
    places: Sequence[tuple[Link, int]]


@dataclass(frozen=True)
class EarlierRelease:
    """An earlier release of the same school year."""

    release: str
    href: str
    as_of: str
    note: str
    data_version: str


@dataclass(frozen=True)
class CountRow:
    """Number of differing figures of something, in all and by kind."""

    label: Link
    total: int
    counts: Sequence[int]


@dataclass
class ReleaseNotesPage:
    """What was released, on which checks, with which warnings and waivers, and what it changed."""

    page: Page
    checks: Mapping[str, int]
    warnings: Sequence[WarningLine]
    waivers: Sequence[Footnote]
    revised: Sequence[str]
    compared: bool
    by_indicator: Sequence[CountRow]
    kinds: Sequence[str]
    earlier: Sequence[EarlierRelease]


@dataclass(frozen=True)
class ChangeLine:
    """One differing figure, ready to print."""

    kind: str
    level: str
    place: Link
    indicator: Link
    period: str
    group: str
    before: str
    now: str
    moved: str
    before_counts: str
    now_counts: str
    judged: str


@dataclass(frozen=True)
class JudgedAnew:
    """A commitment that stands otherwise for an area than in the release before."""

    commitment: Link
    quote: str
    place: str
    period: str
    before: Markup
    now: Markup


@dataclass(frozen=True)
class RegisterLine:
    """A school or case that differs from the release before."""

    change: str
    place: Link
    county: Link
    what: str
    before: str
    now: str


@dataclass(frozen=True)
class RegisterPart:
    """Schools or cases that differ: how many in which way, and the first of them."""

    tally: Sequence[tuple[str, int]]
    lines: Sequence[RegisterLine]
    total: int


@dataclass
class ChangesPage:
    """How many figures differ from the release before, and where."""

    page: Page
    before: str
    before_as_of: str
    total: int
    tally: Sequence[tuple[str, int]]
    kinds: Sequence[str]
    by_period: Sequence[CountRow]
    by_place: Sequence[CountRow]
    by_indicator: Sequence[CountRow]
    biggest: Sequence[ChangeLine]
    judged: Sequence[JudgedAnew]
    judged_all: int
    schools: RegisterPart | None
    cases: RegisterPart | None
    file: str
    registers_file: str


@dataclass
class ChangeListPage:
    """Differing figures of one county or city, a part of them."""

    page: Page
    rows: Sequence[ChangeLine]
    total: int
    listed: int
    cut: bool
    parts: Sequence[Link]
    file: str
