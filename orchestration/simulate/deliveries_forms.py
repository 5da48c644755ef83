"""Yearly deliveries about the 31 indicators and the promises: forms, documents, reported figures, cases, certification."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from orchestration.simulate.cases import (
    CASES,
    CERTIFICATION,
    CaseBook,
    certification_rows,
    gaps,
)
from orchestration.simulate.counties import county_year
from orchestration.simulate.deliveries import Office
from orchestration.simulate.designs import design_of
from orchestration.simulate.form_sheets import COUNTY_FORM, SCHOOL_FORM, county_form_rows, school_form_rows
from orchestration.simulate.forms import FormBook
from orchestration.simulate.places import UPPER_AREAS
from orchestration.simulate.promises import EVIDENCE, MEASURE, Area, areas_of, evidence_rows, measure_rows
from orchestration.simulate.sheets import Batch, Layout
from orchestration.simulate.truth import Truth
from orchestration.simulate.truth_forms import form_figures


@dataclass
class Supervision:
    """What the supervisors of a region remember from year to year."""

    office: Office
    first: int
    forms: FormBook = field(init=False)
    cases: CaseBook = field(init=False)

    def __post_init__(self) -> None:
        self.forms = FormBook(self.office.seed, self.office.schools)
        self.cases = CaseBook(self.office.seed, self.office.schools)

    def send_year(self, year: int, classes: pl.DataFrame, truth: Truth) -> None:
        """Sends everything of a school year and adds its figures.

        Args:
            year: first calendar year of the school year.
            classes: real classes of its autumn: school, grade, klass, pupils.
            truth: collects the figures.
        """
        office, schools = self.office, self.office.schools
        forms = self.forms.fill(year, classes)
        areas = areas_of(schools, forms["school"].to_list(), UPPER_AREAS)
        filed = self._send_school_forms(year, forms)
        decided: dict[str, dict[str, int]] = {}
        failing = gaps(forms, schools)
        for area in areas:
            if area.levels == "k":
                local = forms.filter(pl.col("school").is_in([school.index for school in area.schools]))
                numbers = county_year(office.seed, year, area.code, local)
                county = area.schools[0].county
                if self._send(
                    area, year, "县级义务教育年报", COUNTY_FORM, county_form_rows(numbers, county, year)
                ).all():
                    decided[area.code] = numbers
                self._send(area, year, "优质均衡认定进展", CERTIFICATION, certification_rows(year, area))
                events = self.cases.events(year, area, failing.get(area.code, []))
                self._send(area, year, "问题台账", CASES, events)
            self._send(area, year, "承诺佐证材料", EVIDENCE, evidence_rows(office.seed, year, area, year == self.first))
            self._send(area, year, "上报数据", MEASURE, measure_rows(office.seed, year, area))
        form_figures(truth, f"{year}-{year + 1}", filed, decided, schools)

    def _send_school_forms(self, year: int, forms: pl.DataFrame) -> pl.DataFrame:
        """One form per school, or one sheet per county; returns the rows that stand. A model county's schools are never silent."""
        office, period = self.office, f"{year}-{year + 1}"
        silent = office.quiet("school_form", period, 0.01)
        silent &= np.array([design_of(school.county.code) is None for school in office.schools])
        standing = [forms.clear()]
        for sender, name, part in office.groups(forms.filter(~pl.Series(silent)[forms["school"].to_numpy()])):
            county = office.schools[int(part["school"][0])].county.code
            text = school_form_rows(part, office.schools, office.seed, year)
            batch = Batch(
                "school_form", period, sender, "办学条件年报", SCHOOL_FORM, text, name, bulk=office.by_county,
                insist=design_of(county) is not None,
            )  # fmt: skip
            standing.append(office.send(batch, part))
        return pl.concat(standing)

    def _send(self, area: Area, year: int, stem: str, layout: Layout, text: pl.DataFrame) -> np.ndarray:
        """Sends a sheet of an area, if there is anything in it, and says which rows stand."""
        if not text.height:
            return np.ones(0, bool)
        insist = design_of(area.code) is not None
        batch = Batch(layout.feed, f"{year}-{year + 1}", area.code, stem, layout, text, area.name, insist=insist)
        return self.office.desk.deliver(batch)
