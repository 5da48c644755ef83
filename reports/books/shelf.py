"""Writes the books and csv files of a site, and remembers them for the page of downloads."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from reports import vocabulary as v
from reports.books import assessment, figures, pledges, tidy
from reports.books import county as of_county
from reports.books.models import Book, Download, Group, Sheet
from reports.books.workbook import to_xlsx
from reports.i18n import N_
from reports.pages import balance, commitments, county
from reports.pages.pledges import Pledges
from reports.pages.reference import coverage_rows
from reports.site import Area, School, Site
from reports.vocabulary import Domain
from reports.write import Writer


class Shelf:
    """The books of one site."""

    def __init__(self, site: Site, pledges: Pledges, writer: Writer) -> None:
        """Prepare the rows of all areas once; nothing is written yet."""
        self.site, self.pledges, self.writer = site, pledges, writer
        self.downloads: list[Download] = []
        self.areas = figures.prepared(site, site.book.area_values)

    def county(self, area: Area, schools: Sequence[School], values: pl.DataFrame) -> None:
        """The book and the csv of one county.

        Args:
            area: The county.
            schools: Its schools, also those that closed.
            values: Rows of its schools with words.
        """
        site, t = self.site, self.site.t
        now = values.filter("now")
        resources = now.filter(pl.col("indicator").is_in(v.RESOURCES))
        own = self.areas.filter(pl.col("entity") == area.code)
        listed = [s for s in schools if s.listed]
        year = site.book.school_year
        book = Book(
            path=site.book_path(area.code),
            title=t(N_("%(name)s教育监测数据册")) % {"name": area.name},
            about=t(N_("本县各项指标、各校指标、优质均衡评估、政策承诺、问题台账和报送情况。")),
            sheets=[
                figures.long(site, "county_now", t(N_("区县指标")), t(N_("%(name)s各项指标，最近一期")) % {"name": area.name}, self._now(own)),
                *self._schools(area, listed, values),
                *self._assessment(area, values, figures.prepared(site, resources)),
                pledges.county_pledges(site, area, commitments.county(self.pledges, area)),
                of_county.ledger(site, area),
                of_county.received(site, area, coverage_rows(site, area.code)),
                figures.long(site, "county_all", t(N_("各期和分组")), t(N_("%(name)s各项指标，各期和分组")) % {"name": area.name}, own),
            ],
            codes=[i.code for i in site.indicators],
            area=area.code,
        )  # fmt: skip
        self._book(book, "county", area.code)
        everyone = values.filter((pl.col("subgroup") == "all") & (pl.col("period").str.slice(0, 9) == year))
        rows = own if site.public else pl.concat([own, figures.prepared(site, everyone)])
        about = (
            t(N_("本县各项指标，各学段；全体学生各期都列，分组只列最近一期。"))
            if site.public
            else t(N_("本县各项指标，各学段；全体学生各期都列，分组只列最近一期。各校全体学生的数值，本学年各期。"))
        )
        self._csv(site.csv_path(area.code), "county", area.code, area.name, about, rows)

    def _now(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Current figures of all pupils."""
        return rows.filter("now")

    def _schools(self, area: Area, listed: Sequence[School], values: pl.DataFrame) -> list[Sheet]:
        """Schools by the indicators of each domain, and whom to visit first."""
        site = self.site
        heads = figures.prepared(site, county.headline_rows(site, values))
        frame = figures.school_frame(site, listed)
        known = set(heads["indicator"].unique())
        found = [
            figures.schools_by_indicator(site, d.slug, site.t(d.name), frame, heads, plain)
            for d in site.domains
            if (plain := [i for i in site.indicators_of(d.slug) if i.code in known and not i.detail])
        ]
        if site.public or not listed:
            return found
        first = county.visits(site, listed, county.headline_figures(site, values))
        return [of_county.visits(site, area, first), *found]

    def _assessment(self, area: Area, values: pl.DataFrame, resources: pl.DataFrame) -> list[Sheet]:
        """The sheets of the assessment; those about single schools are empty outside and thereby left out."""
        site = self.site
        return [
            assessment.items(site, balance.build(site, area, values)),
            assessment.variation(site, area),
            assessment.assessment(site, area, resources),
            assessment.gaps(site, area),
            assessment.additions(site, area),
        ]

    def domain(self, domain: Domain) -> None:
        """The book and the csv of one domain: the city and its counties."""
        site, t = self.site, self.site.t
        rows = self.areas.filter(pl.col("domain") == domain.slug)
        codes = [i.code for i in site.indicators_of(domain.slug)]
        name = t(domain.name)
        book = Book(
            path=site.book_path(domain.slug, of="domain"),
            title=t(N_("%(name)s数据册")) % {"name": name},
            about=t(N_("市和各区县的各项指标、目标与出处。")),
            sheets=[
                figures.long(site, "places_now", t(N_("各区县")), t(N_("%(name)s：市和各区县，最近一期")) % {"name": name}, self._now(rows), places=True),
                figures.long(site, "places_all", t(N_("各期和分组")), t(N_("%(name)s：市和各区县，各期和分组")) % {"name": name}, rows, places=True),
                figures.targets(site, codes),
            ],
            codes=codes,
        )  # fmt: skip
        self._book(book, "domain", domain.slug)
        about = t(N_("市和各区县的各项指标，各学段；全体学生各期都列，分组只列最近一期。"))
        self._csv(site.csv_path(domain.slug, of="domain"), "domain", domain.slug, name, about, rows)

    def papers(self) -> None:
        """The book of the documents' commitments; none where there are no commitments."""
        site, t = self.site, self.site.t
        every = [
            pledges.paper_pledges(site, self.pledges, p.prefix, t(p.name)) for p in commitments.papers(self.pledges)
        ]
        if all(s.frame.is_empty() for s in every):
            return
        book = Book(
            path=site.book_path("commitments", of="commitment"),
            title=t(N_("政策承诺数据册")),
            about=t(N_("各份文件的承诺逐条落实情况，一份文件一张表。")),
            sheets=every,
            codes=[],
        )
        self._book(book, "commitments", "")

    def _book(self, book: Book, group: Group, owner: str) -> None:
        content, sheets, rows = to_xlsx(self.site, book)
        self.writer.file(book.path, content)
        self.downloads.append(
            Download(book.path, "xlsx", group, owner, book.title, book.about, len(content), sheets, rows)
        )

    def _csv(self, path: str, group: Group, owner: str, title: str, about: str, rows: pl.DataFrame) -> None:
        content = tidy.to_csv(self.site, rows)
        described = f"{path}-metadata.json"
        self.writer.file(path, content)
        self.writer.file(described, tidy.metadata(self.site, path.rpartition("/")[2], title, rows.height))
        self.downloads.append(
            Download(path, "csv", group, owner, title, about, len(content), rows=rows.height, metadata=described)
        )
