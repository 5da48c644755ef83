"""What every page of one site shares: names, addresses, words, the release it belongs to."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl
from markupsafe import Markup, escape

from reports import footnotes, periods, place_names
from reports import policy_words as w
from reports import vocabulary as v
from reports.catalogue import Indicator, Target
from reports.figures import AreaBook
from reports.i18n import N_, NAMES, SOURCE_LANGUAGE, Gettext, Language
from reports.tables import Controlled
from reports.write import segment

Edition = Literal["internal", "public"]

FIGURE_PARTS = 6
_FURTHER = re.compile(r"-more-\d+\.html$")
MOST_NAMED = 2
MOST_CELLS = 5000  # a table of so many cells makes a page of about 200 KB
MOST_COLUMNS = 30
MOST_BYTES, TILE, CELL = (
    230_000,
    1_600,
    220,
)  # of a domain's page, of a city's tile and of a county's cell on it, roughly
OTHER = "other"  # where a figure of the assessment's domain stands that belongs to no gate


@dataclass(frozen=True)
class Area:
    """A city or county. ``own`` is its name in its own language where the reader's is another."""

    code: str
    name: str
    parent: str
    own: str = ""

    @property
    def title(self) -> str:
        """Its name as the title of a page, in its own language as well."""
        return f"{self.name} {self.own}" if self.own else self.name


@dataclass(frozen=True)
class School:
    """A registered school as the latest register up to the year knows it.

    ``pupils`` is null where the number is hidden, and 0 where no roster names a pupil of the school.
    """

    code: str
    name: str
    county: str
    city: str
    type: str
    residence: str
    canteens: int | None
    pupils: int | None
    boarding: bool | None
    opened_on: str
    closed_on: str
    merged_into: str
    listed: bool
    former: Sequence[str]

    @property
    def path(self) -> str:
        """Address of the school's page from the site's root."""
        return f"county/{segment(self.county)}/school/{segment(self.code)}.html"

    @property
    def rostered(self) -> bool:
        """Whether a roster names pupils of the school."""
        return self.pupils != 0

    def more_path(self, part: int = 0) -> str:
        """Address of the school's second page (of one part of it)."""
        number = f"-{part + 1}" if part else ""
        return f"county/{segment(self.county)}/school/{segment(self.code)}-more{number}.html"


@dataclass(frozen=True)
class DomainPart:
    """A page of a domain with figures: some of its indicators in some of the cities.

    ``gate`` is a gate of the assessment, empty in the other domains; ``part`` counts the pages that many cities need.
    """

    slug: str
    gate: str
    part: int
    indicators: Sequence[Indicator]
    cities: Sequence[Area]

    @property
    def path(self) -> str:
        """Address from the site's root."""
        gate = f"-{self.gate}" if self.gate else ""
        return f"domain/{self.slug}{gate}{f'-{self.part + 1}' if self.part else ''}.html"


class Site:
    """One site being generated."""

    def __init__(
        self,
        book: Controlled,
        language: Language,
        *,
        edition: Edition,
        release: dict[str, Any] | None,
        watermark: bool,
        languages: Sequence[str] = (),
        books: bool = False,
    ) -> None:
        """Index areas and schools; no page is built yet.

        Args:
            book: The controlled tables.
            language: Language of this tree.
            edition: Edition.
            release: Facts of the release.
            watermark: Mark every page as a draft.
            languages: Tags of all languages of the site, the one at its root first.
        """
        self.languages = list(languages) or [language.tag]
        self.book = book
        self.language = language
        self.t: Gettext = language.gettext
        self.edition = edition
        self.release = release or {}
        self.watermark = watermark
        self.books = books
        self.areas = AreaBook(book)
        self.schools = _schools(book.schools)
        self.by_county: dict[str, list[School]] = defaultdict(list)
        for school in self.schools.values():
            self.by_county[school.county].append(school)
        self.received: dict[str, list[tuple[str, str, int, int]]] = defaultdict(list)
        columns = ("feed", "period", "county", "schools_received", "schools_expected")
        for feed, period, county, received, expected in book.coverage.select(columns).iter_rows():
            self.received[feed].append((period, county, received or 0, expected or 0))
        self._own_names = _names(book)
        self._names = self._own_names
        if language.tag != SOURCE_LANGUAGE:
            self._names = {code: place_names.spelled(name, self.t) for code, name in self._own_names.items()}
        self.counties, self.cities = self._places()
        self.domains = self._domains()
        self.domain_parts = {d.slug: self._parts_of_domain(d.slug) for d in self.domains}
        self._city_pages = {
            (city.code, i.code): part.path
            for parts in self.domain_parts.values()
            for part in parts
            for city in part.cities
            for i in part.indicators
        }
        self.footnotes = footnotes.read(self)

    def _places(self) -> tuple[list[Area], list[Area]]:
        """Counties and cities: whoever has figures or schools; parents from the area table, else by code."""
        parents = dict(self.book.areas.select("area", "parent").iter_rows())
        level = self.areas.level
        codes = {c for c in self.by_county if c} | {e for e, lv in level.items() if lv == "county"}
        city_of_school = {s.county: s.city for s in self.schools.values() if s.city}
        cities = {e for e, lv in level.items() if lv == "city"}

        def parent(code: str) -> str:
            for candidate in (parents.get(code), city_of_school.get(code), code[:4] + "00"):
                if candidate and (candidate in cities or not cities):
                    return candidate
            return code[:4] + "00"

        counties = [self._area(c, parent(c)) for c in sorted(codes)]
        cities |= {c.parent for c in counties}
        return counties, [self._area(c, parents.get(c) or "") for c in sorted(cities)]

    def _area(self, code: str, parent: str) -> Area:
        name, own = self.name(code), self.own_name(code)
        return Area(code, name, parent, own if own != name else "")

    def _domains(self) -> list[v.Domain]:
        present = {self.book.indicators[code].domain for code in self.book.current}
        return [d for d in v.DOMAINS.values() if d.slug in present]

    def _parts_of_domain(self, slug: str) -> list[DomainPart]:
        """The pages of a domain's figures: by gate in the assessment, and as many cities on each as it can bear."""
        gates: dict[str, list[Indicator]] = {}
        for i in self.indicators_of(slug):
            gates.setdefault(w.GATE_OF.get(i.item, OTHER) if slug == "balance" else "", []).append(i)
        order = ["", *v.GATES, OTHER]
        counties = Counter(c.parent for c in self.counties)
        found = []
        for gate in sorted(gates, key=order.index):
            indicators, chunks, size = gates[gate], list[list[Area]]([[]]), 0
            for city in self.cities:
                weight = len(indicators) * (TILE + CELL * counties[city.code])
                if size and size + weight > MOST_BYTES:
                    chunks.append([])
                    size = 0
                chunks[-1].append(city)
                size += weight
            found += [DomainPart(slug, gate, n, indicators, cities) for n, cities in enumerate(chunks)]
        return found

    # names and words

    def name(self, area: str) -> str:
        """Name of an area in the reader's language; its code where no name is known."""
        return self._names.get(area) or area

    def own_name(self, area: str) -> str:
        """Name of an area in its own language, with which names of its schools begin; its code where no name is known."""
        return self._own_names.get(area) or area

    def counted(self, message: str, number: int, **values: object) -> str:
        """Words about so many of something, which is their value ``n``."""
        return self.language.counted(message, number) % {"n": self.language.many(number), **values}

    def unit(self, message: str, told: str) -> str:
        """The unit after a number or a fraction that is told: ``teacher`` after 1 and after 0 / 1."""
        return self.language.counted(message, 1 if told.rpartition(" ")[2] == "1" else 2)

    def stage(self, code: str) -> str:
        """Words of a stage."""
        return self.t(v.STAGES[code]) if code in v.STAGES else code

    def school_type(self, code: str) -> str:
        """Words of a school type code."""
        return self.t(v.SCHOOL_TYPES[code]) if code in v.SCHOOL_TYPES else code

    def residence(self, code: str) -> str:
        """Words of a residence code."""
        return self.t(v.RESIDENCES[code]) if code in v.RESIDENCES else code

    def period(self, period: str) -> str:
        """Full words of a period."""
        return periods.label(period, self.t)

    def jurisdiction(self, code: str) -> str:
        """Name of the area a target holds for."""
        return self.t(N_("全国")) if code == "000000" else self.name(code)

    @property
    def targets(self) -> list[Target]:
        """Targets that can hold here: national ones, and those of the areas above and within."""
        parents = dict(self.book.areas.select("area", "parent").iter_rows())
        here = {"000000", ""} | {c.code for c in self.cities} | {c.code for c in self.counties}
        here |= {p for c in self.cities if (p := parents.get(c.code))}
        return [t for t in self.book.targets if t.jurisdiction in here and t.value is not None]

    def indicators_of(self, domain: str) -> list[Indicator]:
        """Indicators of a domain that have figures in the year, in the catalogue's order."""
        found = [i for i in self.book.indicators.values() if i.domain == domain and i.code in self.book.current]
        return sorted(found, key=lambda i: i.order)

    @property
    def indicators(self) -> list[Indicator]:
        """All indicators with figures in the year, by domain."""
        return [i for d in self.domains for i in self.indicators_of(d.slug)]

    def status(self, code: str) -> Markup:
        """A status word with its own shape."""
        status = v.STATUSES.get(code) or v.status_of(code)
        word = escape(self.t(status.word))
        return Markup(f'<span class="s {status.icon}">{word}</span>')  # noqa: S704 - escaped above

    # addresses, from the site's root

    def county_path(self, code: str) -> str:
        """Address of a county page."""
        return f"county/{segment(code)}/index.html"

    def county_domain_path(self, code: str, slug: str, part: int = 0) -> str:
        """Address of a county's page of one domain (of one part of it), school by school."""
        number = f"-{part + 1}" if part else ""
        name = "balance-schools" if slug == "balance" else slug
        return f"county/{segment(code)}/{name}{number}.html"

    def county_page_path(self, code: str, name: str, part: int = 0) -> str:
        """Address of another page of a county: ``balance``, ``balance-lists``, ``commitments``, ``cases``."""
        return f"county/{segment(code)}/{name}{f'-{part + 1}' if part else ''}.html"

    @staticmethod
    def paper_path(slug: str, part: int = 0) -> str:
        """Address of a policy document (of one part of it)."""
        return f"commitment/{slug}{f'-{part + 1}' if part else ''}.html"

    def _file_name(self, key: str) -> str:
        """Name of a file to take away: unlike a page's it must tell the year and the release on its own."""
        return f"{segment(key)}-{self.book.school_year}-{self.release_name or 'draft'}"

    def book_path(self, key: str, of: str = "county") -> str:
        """Address of the Excel book of a county, of a domain, or of the commitments."""
        folder = f"county/{segment(key)}" if of == "county" else of
        return f"{folder}/{self._file_name(key)}.xlsx"

    def csv_path(self, key: str, of: str = "county") -> str:
        """Address of the csv of a county's or a domain's figures."""
        return f"downloads/{of}-{self._file_name(key)}.csv"

    def figure_path(self, figure_id: str) -> str:
        """Address of a current figure of a county or city, with its anchor; nothing for any other."""
        parts = figure_id.split(".")
        if len(parts) != FIGURE_PARTS:
            return ""
        code, period, level, entity, stage, subgroup = parts
        series = self.areas.stage(entity, code, stage)
        known = series is not None and series.now is not None and series.now.period == period and subgroup == "all"
        if not known:
            return self.indicator_path(code) if code in self.book.current else ""
        indicator = self.book.indicators[code]
        if level == "county" and any(c.code == entity for c in self.counties):
            return f"{self.county_indicator_path(entity, indicator)}#{figure_id}"
        if level == "city" and any(c.code == entity for c in self.cities):
            return f"{self._city_pages[entity, code]}#{figure_id}"
        return self.indicator_path(code)

    def parts_of(self, county: str, slug: str) -> list[list[Indicator]]:
        """Indicators of a domain in parts, so that schools × indicators stay a page of bearable size."""
        listed = sum(1 for s in self.by_county.get(county, ()) if s.listed)
        width = max(1, min(MOST_CELLS // max(listed, 1), MOST_COLUMNS))
        every = self.indicators_of(slug)
        return [every[i : i + width] for i in range(0, len(every), width)]

    def county_indicator_path(self, county: str, indicator: Indicator) -> str:
        """Address of the county page that shows an indicator school by school."""
        parts = self.parts_of(county, indicator.domain)
        part = next((n for n, items in enumerate(parts) if indicator in items), 0)
        return self.county_domain_path(county, indicator.domain, part)

    def indicator_path(self, code: str) -> str:
        """Address of an indicator page."""
        return f"indicator/{segment(code)}.html"

    @staticmethod
    def domain_path(slug: str) -> str:
        """Address of a domain page."""
        return f"domain/{slug}.html"

    # who this is

    @property
    def public(self) -> bool:
        """Whether this is the public edition, where schools are never ranked."""
        return self.edition == "public"

    @property
    def day(self) -> str:
        """Day up to which due dates are compared: the deliveries' last, else the end of the school year."""
        year = self.book.school_year
        return self.as_of or (f"{year[5:9]}-08-31" if year else "")

    @property
    def top(self) -> str:
        """Way from the root of this language's tree to the folder of the whole site."""
        return "" if self.language.tag == self.languages[0] else "../"

    @property
    def assets(self) -> str:
        """Folder of style and scripts, which all languages share."""
        return f"{self.top}assets/"

    def other_languages(self, path: str) -> list[tuple[str, str, str]]:
        """The same page in the other languages: tag, name of the language in itself, address from the root of this tree.

        A school's further pages are cut by their size, which differs by language: each of them leads to the first.
        """
        there = _FURTHER.sub("-more.html", path)
        return [
            (tag, NAMES[tag], self.top + ("" if tag == self.languages[0] else f"{tag}/") + there)
            for tag in self.languages
            if tag != self.language.tag
        ]

    @property
    def edition_mark(self) -> str:
        """Mark printed on every page."""
        return self.t(N_("公开")) if self.public else self.t(N_("内部资料"))

    @property
    def region(self) -> str:
        """Name of the region: the city, or two of them; of more the first and how many, since it heads every page."""
        if len(self.cities) > MOST_NAMED:
            return self.t(N_("%(first)s等%(n)s个市州")) % {"first": self.cities[0].name, "n": len(self.cities)}
        return self.t(N_("、")).join(c.name for c in self.cities) if self.cities else self.t(N_("本地区"))

    @property
    def release_name(self) -> str:
        """``2024-2025 r2``, or nothing for the preview."""
        return str(self.release.get("release", ""))

    @property
    def data_version(self) -> str:
        """Version of the data, from the tables themselves where they carry it."""
        meta = self.book.meta
        found = meta.get("version") or meta.get("data_version") or self.release.get("data_version") or ""
        return str(found)

    @property
    def revised(self) -> list[str]:
        """Periods of the school year in which this release shows other values than the one before."""
        return [str(period) for period in self.release.get("revised", ())]

    @property
    def note(self) -> str:
        """Why the release was cut, as its publisher wrote it."""
        return str(self.release.get("note") or "")

    @property
    def as_of(self) -> str:
        """Date up to which deliveries were counted."""
        return str(self.book.meta.get("as_of") or self.release.get("as_of") or "")


def _schools(frame: pl.DataFrame) -> dict[str, School]:
    columns = (
        "school", "school_name", "county", "city", "school_type", "residence", "canteens", "pupils",
        "boarding", "opened_on", "closed_on", "merged_into", "listed", "former",
    )  # fmt: skip
    nullable = {"canteens", "pupils", "boarding"}
    filled = frame.with_columns(pl.col(c).fill_null("") for c in columns if c not in nullable | {"listed", "former"})
    found = {}
    for row in filled.select(columns).iter_rows():
        school = School(*row)
        found[school.code] = school
    return found


def _names(book: Controlled) -> dict[str, str]:
    names: dict[str, str] = {}
    if not book.schools.is_empty():
        known = book.schools.filter(pl.col("county").is_not_null() & pl.col("county_name").is_not_null())
        names.update(known.select("county", "county_name").iter_rows())
    names.update((a, n) for a, n in book.areas.select("area", "name").iter_rows() if n)
    return names
