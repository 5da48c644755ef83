"""The controlled tables beside the figures: assessment, variation, verdict, gaps, commitments, cases.

A table that an edition does not have is empty; pages stand without it. Only rows of the site's school year are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import polars as pl

_S, _F, _I, _B = pl.String, pl.Float64, pl.Int64, pl.Boolean
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Assessed:
    """A school and stage against the rule of six of seven."""

    period: str
    county: str
    school: str
    stage: str
    pupils: int | None
    indicators_met: int | None
    meets_rule: bool | None
    excluded_reason: str | None
    indicators_missing: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """What a school lacks in one resource, or how narrowly it reaches the line."""

    period: str
    county: str
    school: str
    stage: str
    indicator: str
    value: float | None
    target: float | None
    kind: str
    lacking: int | None
    figure_id: str


@dataclass(frozen=True, slots=True)
class Variation:
    """How far the schools of a county are apart in one resource."""

    period: str
    county: str
    stage: str
    indicator: str
    schools: int | None
    pupils: int | None
    mean: float | None
    sd: float | None
    cv: float | None
    cv_limit: float | None
    cv_met: bool | None
    schools_meeting: int | None


@dataclass(frozen=True, slots=True)
class Addition:
    """What to add at one school, so that the county comes within its limit."""

    period: str
    county: str
    stage: str
    indicator: str
    school: str
    addition: float
    county_addition: float


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate of a county's verdict."""

    period: str
    county: str
    gate: str
    items_met: int
    items_total: int
    met: bool
    missing: str | None
    status: str
    schools_failing: int | None
    schools_unknown: int | None

    @property
    def lacking(self) -> dict[str, str]:
        """Items that are not met, with their status."""
        pairs = (part.partition("=") for part in (self.missing or "").split("|") if part)
        return {item: status or "not_met" for item, _, status in pairs}


@dataclass(frozen=True, slots=True)
class Document:
    """A document that shows an item of the assessment."""

    period: str
    county: str
    indicator: str
    document_no: str | None
    title: str | None
    issued_on: str | None
    finding: str | None


@dataclass(frozen=True, slots=True)
class Certification:
    """The last word of one level on the way of a county to certification."""

    period: str
    county: str
    level: str
    outcome: str
    decided_on: str | None
    document_no: str | None
    passed_on: str | None


@dataclass(frozen=True, slots=True)
class Commitment:
    """One commitment for one entity and period."""

    commitment: str
    source_file: str | None
    clause: str | None
    quote: str | None
    jurisdiction: str | None
    entity: str
    entity_level: str | None
    period: str
    route: str | None
    indicator: str | None
    value: float | None
    operator: str | None
    target: float | None
    threshold_source: str | None
    status: str
    evidence: str | None
    due_on: str | None
    figure_id: str | None
    numerator: float | None
    denominator: float | None
    unit: str | None
    compared: str | None

    @property
    def prefix(self) -> str:
        """Letters before the number: they name the document."""
        return self.commitment.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Case:
    """One entry of the ledger of problems."""

    case_id: str
    kind: str | None
    county: str | None
    school: str | None
    indicator: str | None
    gap: str | None
    opened_on: str | None
    due_on: str | None
    state: str
    closed_on: str | None
    evidence: str | None
    recheck_on: str | None
    period: str
    stage: str | None
    figure_id: str | None
    measures: str | None
    office: str | None
    last_measure: str | None
    kind_stated: str | None
    gap_stated: str | None
    overdue: bool | None

    @property
    def open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state != "closed"


@dataclass(frozen=True, slots=True)
class Result:
    """A praise, a talk, a notice: how a result was used."""

    period: str
    kind: str | None
    county: str | None
    school: str | None
    event: str
    happened_on: str | None
    document_no: str | None
    case_id: str | None


# What is read of each table, by the order of the fields above; a column that a table lacks is null.
COLUMNS: dict[type, tuple[str, dict[str, Any]]] = {
    Assessed: ("school_assessment", {
        "period": _S, "county": _S, "school": _S, "stage": _S, "pupils": _I, "indicators_met": _I,
        "meets_rule": _B, "excluded_reason": _S, "indicators_missing": _I,
    }),
    Gap: ("school_gaps", {
        "period": _S, "county": _S, "school": _S, "stage": _S, "indicator": _S, "value": _F, "target": _F,
        "kind": _S, "lacking": _I, "figure_id": _S,
    }),
    Variation: ("county_variation", {
        "period": _S, "county": _S, "stage": _S, "indicator": _S, "schools": _I, "pupils": _I, "mean": _F,
        "sd": _F, "cv": _F, "cv_limit": _F, "cv_met": _B, "schools_meeting": _I,
    }),
    Addition: ("county_additions", {
        "period": _S, "county": _S, "stage": _S, "indicator": _S, "school": _S, "addition": _F,
        "county_addition": _F,
    }),
    Gate: ("county_verdict", {
        "period": _S, "county": _S, "gate": _S, "items_met": _I, "items_total": _I, "met": _B, "missing": _S,
        "status": _S, "schools_failing": _I, "schools_unknown": _I,
    }),
    Document: ("item_documents", {
        "period": _S, "county": _S, "indicator": _S, "document_no": _S, "title": _S, "issued_on": _S, "finding": _S,
    }),
    Certification: ("certification_states", {
        "period": _S, "county": _S, "level": _S, "outcome": _S, "decided_on": _S, "document_no": _S, "passed_on": _S,
    }),
    Commitment: ("commitments", {
        "commitment": _S, "source_file": _S, "clause": _S, "quote": _S, "jurisdiction": _S, "entity": _S,
        "entity_level": _S, "period": _S, "route": _S, "indicator": _S, "value": _F, "operator": _S, "target": _F,
        "threshold_source": _S, "status": _S, "evidence": _S, "due_on": _S, "figure_id": _S, "numerator": _F,
        "denominator": _F, "unit": _S, "compared": _S,
    }),
    Case: ("cases", {
        "case_id": _S, "kind": _S, "county": _S, "school": _S, "indicator": _S, "gap": _S, "opened_on": _S,
        "due_on": _S, "state": _S, "closed_on": _S, "evidence": _S, "recheck_on": _S, "period": _S, "stage": _S,
        "figure_id": _S, "measures": _S, "office": _S, "last_measure": _S, "kind_stated": _S, "gap_stated": _S,
        "overdue": _B,
    }),
    Result: ("results_used", {
        "period": _S, "kind": _S, "county": _S, "school": _S, "event": _S, "happened_on": _S, "document_no": _S,
        "case_id": _S,
    }),
}  # fmt: skip
# Rows of one thing in several periods of a year (semesters): the last one counts.
_LATEST: dict[type, tuple[str, ...]] = {Commitment: ("commitment", "entity"), Case: ("case_id",)}


@dataclass
class Duties:
    """The tables of one school year, by county; commitments also by number."""

    assessed: dict[str, list[Assessed]] = field(default_factory=dict)
    gaps: dict[str, list[Gap]] = field(default_factory=dict)
    variation: dict[str, list[Variation]] = field(default_factory=dict)
    additions: dict[str, list[Addition]] = field(default_factory=dict)
    verdict: dict[str, dict[str, Gate]] = field(default_factory=dict)
    documents: dict[tuple[str, str], list[Document]] = field(default_factory=dict)
    certification: dict[str, list[Certification]] = field(default_factory=dict)
    commitments: dict[str, list[Commitment]] = field(default_factory=dict)
    owed: dict[str, list[Commitment]] = field(default_factory=dict)
    of_schools: dict[str, dict[str, int]] = field(default_factory=dict)  # commitment → status → schools
    cases: dict[str, list[Case]] = field(default_factory=dict)
    results: dict[str, list[Result]] = field(default_factory=dict)


def _grouped(rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    found: dict[K, list[T]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def _in_year(column: str, year: str) -> pl.Expr:
    """Whether a day lies in a school year."""
    day = pl.col(column).str.slice(0, 10)
    return (day >= f"{year[:4]}-09-01") & (day <= f"{year[5:9]}-08-31")


def _kept(frame: pl.LazyFrame, kind: type, year: str) -> pl.LazyFrame:
    """Rows of the school year; a case stays until the year it is closed in, a result counts by its day."""
    year_of = pl.col("period").str.slice(0, 9)
    if kind is Result:
        return frame.filter(
            pl.when(pl.col("period").is_null()).then(_in_year("happened_on", year)).otherwise(year_of == year)
        )
    if kind is not Case:
        return frame.filter(year_of == year)
    still = (pl.col("state") != "closed") | (year_of == year) | _in_year("closed_on", year)
    return frame.filter((year_of <= year) & still.fill_null(True))


def _rows(frame: pl.LazyFrame, kind: type[T], year: str) -> list[T]:
    """Rows of the school year, in an order that does not depend on the file."""
    fields = list(COLUMNS[kind][1])
    kept = _kept(frame, kind, year)
    if kind is Commitment:
        kept = kept.filter(pl.col("entity_level") != "school")  # schools are counted, not listed
    keys = _LATEST.get(kind)
    if keys:
        kept = kept.sort("period").unique(keys, keep="last", maintain_order=True)
    return [kind(*row) for row in kept.select(fields).collect().sort(fields, nulls_last=True).iter_rows()]


def _of_schools(frame: pl.LazyFrame, year: str) -> dict[str, dict[str, int]]:
    """Schools by status of each commitment that is judged school by school, last period of the year."""
    of_year = frame.filter((pl.col("entity_level") == "school") & (pl.col("period").str.slice(0, 9) == year))
    last = of_year.filter(pl.col("period") == pl.col("period").max().over("commitment"))
    found: dict[str, dict[str, int]] = {}
    counted = last.group_by("commitment", "status").len().sort("commitment", "status").collect()
    for commitment, status, n in counted.iter_rows():
        found.setdefault(commitment, {})[status] = n
    return found


def read_duties(read: Callable[[str, dict[str, Any]], pl.LazyFrame], year: str) -> Duties:
    """All tables of a school year.

    Args:
        read: Opens a controlled table with the wanted columns; a missing table is empty.
        year: School year.
    """

    def of(kind: type[T]) -> list[T]:
        name, columns = COLUMNS[kind]
        return _rows(read(name, columns), kind, year)

    commitments = of(Commitment)
    gates = _grouped(of(Gate), lambda g: g.county)
    return Duties(
        assessed=_grouped(of(Assessed), lambda a: a.county),
        gaps=_grouped(of(Gap), lambda g: g.county),
        variation=_grouped(of(Variation), lambda x: x.county),
        additions=_grouped(of(Addition), lambda a: a.county),
        verdict={county: {g.gate: g for g in rows} for county, rows in gates.items()},
        documents=_grouped(of(Document), lambda d: (d.county, d.indicator)),
        certification=_grouped(of(Certification), lambda c: c.county),
        commitments=_grouped(commitments, lambda c: c.commitment),
        owed=_grouped(commitments, lambda c: c.entity),
        of_schools=_of_schools(read(*COLUMNS[Commitment]), year),
        cases=_grouped(of(Case), lambda c: c.county or ""),
        results=_grouped(of(Result), lambda r: r.county or ""),
    )
