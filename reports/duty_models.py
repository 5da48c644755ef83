"""Page models of the assessment, the commitments and the cases: what their templates may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.duties import Case, Document, Result
from reports.models import ChartFigure, Link, Page, Tally
from reports.policy_words import Document as Paper
from reports.site import Area, School


@dataclass(frozen=True)
class ItemLine:
    """One figure of an item: a part of it, at one stage."""

    figure_id: str
    words: str
    text: str
    counts: str
    target: str
    state: str
    status: Markup
    note: str = ""


@dataclass(frozen=True)
class Item:
    """One item of the assessment with every figure and document behind it."""

    code: str
    name: str
    href: str
    state: str
    status: Markup
    lines: Sequence[ItemLine]
    by_document: bool
    documents: Sequence[Document]
    schools_not_met: int = 0
    schools_not_reported: int = 0


@dataclass(frozen=True)
class GateView:
    """One gate: its state, what is not met and what nobody has shown, and its items."""

    code: str
    name: str
    about: str
    state: str
    status: Markup
    total: int
    not_met: Sequence[Link]
    not_reported: Sequence[Link]
    schools_failing: int
    schools_unknown: int
    items: Sequence[Item]


@dataclass(frozen=True)
class Step:
    """One level of the certification: what it said last, when, and in which document."""

    name: str
    state: str
    words: str
    day: str
    document: str


@dataclass
class BalancePage:
    """The assessment of one county by the 31 items."""

    page: Page
    area: Area
    state: str
    status: Markup | None
    gates: Sequence[GateView]
    way: Sequence[Step]
    variation: Sequence[ChartFigure]
    strips: Sequence[tuple[str, Sequence[ChartFigure]]]
    more: Sequence[Link]
    siblings: Sequence[Link]
    domain_links: Sequence[Link]
    excluded: Sequence[tuple[str, int]]
    rule: tuple[int, int, int]


@dataclass(frozen=True)
class ShortSchool:
    """A school in a list of those below a line, or just above it."""

    name: str
    href: str
    words: str
    below: bool


@dataclass(frozen=True)
class ResourceStage:
    """One resource at one stage: who fails, who barely passes, what to add."""

    stage: str
    standard: str
    failing: Sequence[ShortSchool]
    near: Sequence[ShortSchool]
    lacking: str
    variation: str
    over: bool
    addition: str
    added: Sequence[ShortSchool]


@dataclass(frozen=True)
class ResourceLists:
    """One resource with its stages."""

    code: str
    name: str
    stages: Sequence[ResourceStage]


@dataclass
class BalanceListsPage:
    """Failing and near schools by resource."""

    page: Page
    area: Area
    resources: Sequence[ResourceLists]
    tabs: Sequence[Link]
    parts: Sequence[Link]


@dataclass(frozen=True)
class SchoolGapRow:
    """A school and stage with what it lacks in each resource (text, kind)."""

    school: School
    href: str
    stage: str
    rule: Markup
    reached: str
    cells: Sequence[tuple[str, str]]


@dataclass
class BalanceGapsPage:
    """What each school lacks."""

    page: Page
    area: Area
    head: Sequence[tuple[str, str]]
    rows: Sequence[SchoolGapRow]
    totals: Sequence[str]
    passing: int
    tabs: Sequence[Link]
    parts: Sequence[Link]


@dataclass(frozen=True)
class Pledge:
    """One commitment as it stands for one entity."""

    code: str
    quote: str
    clause: str
    route: str
    route_about: str
    due: str
    target: str
    target_source: str
    implied: bool
    entity: str
    text: str
    counts: str
    state: str
    status: Markup
    figure: Link | None
    evidence: Sequence[str]
    next: str
    href: str = ""


@dataclass(frozen=True)
class PledgeRow:
    """One commitment in its document: the leading entity, and the counties by status."""

    lead: Pledge
    others: Sequence[Pledge]
    counties: Sequence[tuple[Markup, str, Sequence[Link]]]
    schools: Sequence[tuple[Markup, int]]


@dataclass(frozen=True)
class Clause:
    """A clause of a document with its commitments."""

    name: str
    rows: Sequence[PledgeRow]


@dataclass
class PaperPage:
    """A policy document (or a part of it) by clause."""

    page: Page
    paper: Paper
    tally: Tally
    where: Sequence[tuple[Markup, str, Sequence[Link]]]
    clauses: Sequence[Clause]
    parts: Sequence[Link]
    siblings: Sequence[Link]
    routes: Sequence[tuple[str, str, int]]
    entities: str


@dataclass(frozen=True)
class PaperLine:
    """A document in the index."""

    paper: Paper
    href: str
    total: int
    counts: Sequence[int]
    routes: Sequence[int]
    here: bool


@dataclass
class PapersPage:
    """Index of the documents."""

    page: Page
    states: Sequence[Markup]
    routes: Sequence[str]
    lines: Sequence[PaperLine]
    counties: Sequence[tuple[Link, Sequence[int]]]


@dataclass
class CountyPledgesPage:
    """What a county owes, by status."""

    page: Page
    area: Area
    tally: Tally
    groups: Sequence[tuple[str, Markup, int, Sequence[Pledge]]]
    elsewhere: int
    siblings: Sequence[Link]


@dataclass(frozen=True)
class CaseLine:
    """One case with its words."""

    case: Case
    what: str
    kind: str
    href: str
    gap: str
    state: str
    overdue: bool
    measures: str
    period: str
    now: Markup | str


@dataclass(frozen=True)
class SchoolPlan:
    """One school, one plan: all its open cases together."""

    school: str
    href: str
    cases: Sequence[CaseLine]
    closed_on: str = ""
    successor: Link | None = None


@dataclass
class CasesPage:
    """The ledger of a county."""

    page: Page
    area: Area
    counts: Sequence[tuple[str, int]]
    overdue: int
    as_of: str
    own: Sequence[CaseLine]
    plans: Sequence[SchoolPlan]
    closed: Sequence[CaseLine]
    results: Sequence[tuple[Result, str, str, str]]
    parts: Sequence[Link]
    first: bool
    siblings: Sequence[Link]
    schools: int
    unplanned: int
