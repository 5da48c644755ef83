"""Invents the schools of a region: type, size, place, canteens, and who has merged into whom."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from orchestration.simulate.designs import design_of
from orchestration.simulate.places import REGIONS, STREETS, TOWNSHIPS, VILLAGES, County, ordinal
from orchestration.simulate.randomness import Rng, stream
from orchestration.simulate.terms import day

RESIDENCE_OF = {"111": "urban", "112": "urban", "121": "town", "122": "town", "210": "rural", "220": "rural"}


@dataclass(frozen=True)
class Kind:
    """A type of school: official code, grades, usual size, share of its stage."""

    type_code: str
    level: str
    grades: tuple[int, int]
    size: float
    class_size: int


KINDS = {
    "primary": Kind("211", "21", (1, 6), 650, 44),
    "point": Kind("218", "21", (1, 3), 40, 40),
    "nine": Kind("312", "31", (1, 9), 800, 44),
    "junior": Kind("311", "31", (7, 9), 1100, 48),
    "full": Kind("341", "34", (7, 12), 1800, 50),
    "senior": Kind("342", "34", (10, 12), 2400, 52),
}


@dataclass
class School:
    """One school; `closes` and `heir` are set when it is merged into another."""

    index: int
    code: str
    name: str
    former: str
    county: County
    kind: str
    residence_code: str
    owner: str
    boarding: bool
    canteens: int
    founded: int
    per_grade: float
    class_size: int
    parent: int = -1
    closes: int | None = None
    heir: int = -1

    @property
    def type_code(self) -> str:
        """办学类型码."""
        return KINDS[self.kind].type_code

    @property
    def grades(self) -> range:
        """Grades taught, 1 to 12."""
        first, last = KINDS[self.kind].grades
        return range(first, last + 1)

    @property
    def residence(self) -> str:
        """urban, town or rural."""
        return RESIDENCE_OF[self.residence_code]

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages under which indicators about the school itself are counted."""
        return {
            "primary": ("primary", "compulsory"), "point": ("primary", "compulsory"), "junior": ("junior", "compulsory"),
            "nine": ("compulsory",), "full": ("compulsory",), "senior": ("senior",),
        }[self.kind]  # fmt: skip


# What a county of another region weighs beside the whole of the first one.
SIDE_WEIGHT = 0.04


def choose_counties(regions: tuple[str, ...], pupils: int, counties: int | None) -> list[tuple[str, County]]:
    """Takes counties of the first region, about one per 13,000 pupils, and one small county of each further region.

    Returns:
        Pairs of province code and county.

    Raises:
        ValueError: a region is unknown.
    """
    unknown = [region for region in regions if region not in REGIONS]
    if unknown or not regions:
        raise ValueError(f"unknown region {', '.join(unknown)}; known: {', '.join(REGIONS)}")
    main, *others = dict.fromkeys(regions)
    province, areas = REGIONS[main]
    wanted = counties if counties is not None else round(pupils / 13_000)
    chosen = [(province, area) for area in areas[: max(1, wanted)]]
    weight = SIDE_WEIGHT * sum(area.weight for _, area in chosen)
    for region in others:
        province, (area, *_) = REGIONS[region]
        chosen.append((province, replace(area, weight=weight)))
    return chosen


def _how_many(pupils: float) -> dict[str, int]:
    # Small counties get smaller schools, so that even a test world has one of each common type.
    shrink: float = min(1.0, max(0.3, float((pupils / 90_000) ** 0.3)))

    def count(share: float, size: float, least: int) -> int:
        return max(least, math.floor(pupils * share / (size * shrink) + 0.5))

    return {
        "primary": count(0.45, 650, 2),
        "point": count(0.012, 40, 1),
        "nine": count(0.09, 800, 1),
        "junior": count(0.22, 1100, 1),
        "full": count(0.06, 1800, 1 if pupils > 3000 else 0),
        "senior": count(0.16, 2400, 1),
    }


SHARE = {"primary": 0.475, "point": 0.010, "nine": 0.085, "junior": 0.215, "full": 0.055, "senior": 0.160}


def _place(rng: Rng, kind: str) -> str:
    if kind == "point":
        return "220"
    odds = {
        "primary": (0.25, 0.35),
        "nine": (0.2, 0.4),
        "junior": (0.35, 0.5),
        "full": (0.5, 0.5),
        "senior": (0.6, 0.4),
    }[kind]
    draw = rng.random()
    if draw < odds[0]:
        return "111" if rng.random() < 0.7 else "112"
    if draw < sum(odds):
        return "121" if rng.random() < 0.7 else "122"
    return "210" if rng.random() < 0.5 else "220"


def _name(rng: Rng, county: County, kind: str, residence_code: str, serial: int) -> str:
    town = TOWNSHIPS[serial % len(TOWNSHIPS)]
    village = VILLAGES[(serial * 7) % len(VILLAGES)]
    urban = residence_code.startswith("11")
    if kind == "point":
        return f"{county.short}{town}{village}教学点"
    if kind == "primary":
        if urban:
            return f"{county.short}第{ordinal(serial + 1)}小学"
        return (
            f"{county.short}{town}中心小学" if residence_code.startswith("12") else f"{county.short}{town}{village}小学"
        )
    if kind == "nine":
        return f"{county.short}{STREETS[serial % len(STREETS)]}九年一贯制学校"
    if kind == "junior":
        return f"{county.short}第{ordinal(serial + 1)}初级中学" if urban else f"{county.short}{town}初级中学"
    return f"{county.short}第{ordinal(serial + 1)}{'完全中学' if kind == 'full' else '高级中学'}"


def _class_size(rng: Rng, kind: str, residence_code: str, model: bool) -> int:
    """Pupils up to which a class is filled: model counties leave room for newcomers, one town school in eight is crowded."""
    usual = KINDS[kind].class_size
    crowded = rng.random() < 0.125
    if model:
        return usual - 7
    return usual + int(rng.integers(9, 15)) if crowded and residence_code[0] == "1" else usual


def invent_schools(
    seed: int, areas: list[tuple[str, County]], pupils: int, first_year: int, years: int
) -> list[School]:
    """Invents all schools of the region, largest world first planned by county weight.

    Args:
        seed: world seed.
        areas: province code and county, from `choose_counties`.
        pupils: pupils enrolled at the start.
        first_year: first calendar year of the first school year.
        years: school years simulated; from the second on a few teaching points close.
    """
    schools: list[School] = []
    total = sum(area.weight for _, area in areas)
    serials: dict[str, int] = {}
    for province, county in areas:
        rng = stream(seed, "schools", county.code)
        crowds = stream(seed, "crowds", county.code)
        model = design_of(county.code) is not None
        target = pupils * county.weight / total
        first = len(schools)
        names: set[str] = set()
        for kind, number in _how_many(target).items():
            spread = rng.lognormal(0.0, 0.15 if kind == "senior" or model else 0.45, number)
            sizes = spread / spread.sum() * target * SHARE[kind] if number else spread
            for serial in range(number):
                residence_code = _place(rng, kind)
                name = _name(rng, county, kind, residence_code, serial)
                rest = name.removeprefix(county.short)
                spare = [f"{county.short}{street}{rest}" for street in STREETS] + [
                    f"{name}{n}校区" for n in range(2, 99)
                ]
                name = next(candidate for candidate in (name, *spare) if candidate not in names)
                names.add(name)
                prefix = KINDS[kind].level + province
                serials[prefix] = serials.get(prefix, 0) + 1
                boarding = kind in ("junior", "full", "senior") and rng.random() < 0.75
                schools.append(
                    School(
                        index=len(schools),
                        # Serials from 900001 up: no real school of the province is that far.
                        code=f"{prefix}{900_000 + serials[prefix]:06d}",
                        name=name,
                        former=f"{county.short}{STREETS[int(rng.integers(len(STREETS)))]}学校"
                        if rng.random() < 0.1
                        else "",
                        county=county,
                        kind=kind,
                        residence_code=residence_code,
                        owner="民办" if kind != "point" and rng.random() < 0.06 else "教育部门",
                        boarding=boarding,
                        canteens=0
                        if kind == "point" or rng.random() < 0.08
                        else 1 + int(rng.random() < (0.4 if boarding else 0.1)),
                        founded=int(rng.integers(1950, 2016)),
                        per_grade=float(sizes[serial]) / (KINDS[kind].grades[1] - KINDS[kind].grades[0] + 1),
                        class_size=_class_size(crowds, kind, residence_code, model),
                    )
                )
        _adopt_points(rng, schools[first:], first_year, years)
    return schools


def _adopt_points(rng: Rng, local: list[School], first_year: int, years: int) -> None:
    parents = [s for s in local if s.kind == "primary"]
    rural = [s for s in parents if not s.residence_code.startswith("11")] or parents
    for point in (s for s in local if s.kind == "point"):
        point.parent = rural[int(rng.integers(len(rural)))].index
        if years > 1 and rng.random() < 0.25:
            # Closed in the middle of an autumn: the parent answers for its pupils on the reference date.
            point.closes = day(first_year + int(rng.integers(1, years)), 11, 15)
            point.heir = point.parent


def grade_table(schools: list[School]) -> np.ndarray:
    """Expected pupils per school and grade (columns 1 to 12; column 0 unused)."""
    table = np.zeros((len(schools), 13))
    for school in schools:
        table[school.index, school.grades.start : school.grades.stop] = max(school.per_grade, 3.0)
    return table
