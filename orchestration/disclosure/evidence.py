"""What published figures say of numbers of pupils, in numbered form: bounds of every cell, sums between cells, measures that look alike.

The attack's reading of the files; it shares no code with the suppression. A measure is one side of an indicator (its denominator or its
numerator), a node one number of pupils: a class of measures that count the same pupils, at one place (period, level, entity, stage, subgroup).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.disclosure.bounds import Sums

# Repeated from the thresholds on purpose: an attack that read them would follow a threshold that was lowered by mistake.
ROUND_TO = 5
SMALLEST_COUNT = 8
MINIMUM_PUPILS = 10
TAIL = 0.05

PLACE = ["period", "level", "entity", "stage", "subgroup"]
KEY = ["indicator", *PLACE]
SIDES = ("d", "n")
# A hidden denominator counts somebody, a hidden numerator perhaps nobody.
LEAST = {"d": 1.0, "n": 0.0}
# Figures agreeing in fewer cells than this may do so by chance.
AGREEMENT = 6
# Cells compared before a class is compared whole: most differ in the first areas.
_GLANCE = 256
# Numerators of these indicators add up to the numerator of the one, or to its denominator.
NUMERATORS = {"poor_vision": ("poor_vision_mild", "poor_vision_moderate", "poor_vision_severe")}
DENOMINATORS = {
    "fitness_bmi_normal": (
        "fitness_bmi_normal",
        "fitness_bmi_thin",
        "fitness_bmi_overweight",
        "fitness_bmi_obese",
    )
}
# Measures that add up to another one by their definitions, at every place: whole, parts.
PARTS = (
    ("poor_vision_same_before/d", ("poor_vision_new/d", "poor_vision_same_before/n")),
    ("screening_myopia_same_before/d", ("screening_myopia_new/d", "screening_myopia_same_before/n")),
    ("fitness_exempt/d", ("fitness_coverage/d", "fitness_exempt/n")),
)
# Two pairs of measures with one total: seen in either round and in both, and seen in the first and in the second.
UNIONS = tuple(
    ((f"{code}/d", f"{code}_same_round1/d"), (f"{code}_round1/d", f"{code}_round2/d"))
    for code in ("poor_vision", "screening_myopia")
)
# Who reaches the second has reached the first.
NESTED = (("fitness_pass", "fitness_good"), ("fitness_good", "fitness_excellent"))

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Published:
    """What one publication shows: figures by edition, and the public lists that say which school lies in which county."""

    figures: Mapping[str, pl.DataFrame]
    schools: pl.DataFrame
    areas: pl.DataFrame
    indicators: pl.DataFrame

    def of(self, year: str) -> Published:
        """One school year."""
        figures = {edition: of_year(table, year) for edition, table in self.figures.items()}
        return Published(figures, of_year(self.schools, year), self.areas, self.indicators)


def years(figures: Mapping[str, pl.DataFrame]) -> list[str]:
    """School years with figures, oldest first."""
    return figures["internal"]["period"].str.head(9).unique().sort().to_list()


def of_year(table: pl.DataFrame, year: str) -> pl.DataFrame:
    """The rows whose period lies in a school year."""
    return table.filter(pl.col("period").str.head(9) == year)


def read(controlled: Path) -> Published:
    """The controlled tables of a data version, as the sites get them."""
    return Published(
        {e: pl.read_parquet(controlled / e / "indicator_values.parquet") for e in ("internal", "public")},
        *(pl.read_parquet(controlled / "internal" / f"{name}.parquet") for name in ("schools", "areas", "indicators")),
    )


@dataclass(frozen=True)
class Said:
    """What one edition says of each cell, by side: least and greatest number, and whether it says anything; `hidden` cells are suppressed."""

    low: Mapping[str, Floats]
    high: Mapping[str, Floats]
    told: Mapping[str, Flags]
    hidden: Flags

    def without(self, gone: Flags) -> Said:
        """With these cells hidden as well."""
        return Said(
            {s: np.where(gone, LEAST[s], self.low[s]) for s in SIDES},
            {s: np.where(gone, np.inf, self.high[s]) for s in SIDES},
            {s: self.told[s] & ~gone for s in SIDES},
            self.hidden | gone,
        )


@dataclass(frozen=True)
class Cells:
    """Cells that count pupils, of one publication, in the order of their keys: `indicator` and `place` number them, `share` have a numerator."""

    keys: pl.DataFrame
    indicator: Ints
    place: Ints
    share: Flags
    said: Mapping[str, Said]


@dataclass(frozen=True)
class Evidence:
    """All that does not depend on which cells are hidden: cells, places, and which places add up to which; `exact` with the exact edition.

    Differences of rounded numbers are wide but for the smallest, which the public edition hides; there identities are not followed.
    """

    now: Cells
    last: Cells | None
    indicators: list[str]
    places: pl.DataFrame
    pairs: pl.DataFrame
    exact: bool

    @property
    def measures(self) -> int:
        """How many there are; measure `2 * indicator` is its denominator, the next one its numerator."""
        return 2 * len(self.indicators)

    def measure(self, name: str) -> int | None:
        """Number of `indicator/d` or `indicator/n`; none where nothing is published of it."""
        code, side = name.rsplit("/", 1)
        return 2 * self.indicators.index(code) + SIDES.index(side) if code in self.indicators else None

    def of(self, cells: Cells, side: str) -> Ints:
        """Measure of each cell's denominator or numerator."""
        return 2 * cells.indicator + SIDES.index(side)


def gather(now: Published, last: Mapping[str, pl.DataFrame] | None, editions: list[str]) -> Evidence:
    """Numbers what is published; of the last release only what stands at places and under indicators that are still published."""
    tables = {e: _counted(now.figures[e], now.indicators) for e in dict.fromkeys(["internal", *editions])}
    keys = pl.concat(t.select(KEY) for t in tables.values()).unique().sort(KEY)
    places = keys.select(PLACE).unique().sort(pl.col("level") == "school", *PLACE).with_row_index("place")
    places = places.with_columns(pl.col("place").cast(pl.Int64))
    indicators = keys["indicator"].unique().sort().to_list()
    before = None
    if last:
        old = {e: _counted(last[e], now.indicators) for e in editions}
        there = pl.concat(t.select(KEY) for t in old.values()).unique().sort(KEY)
        there = there.join(places, on=PLACE, how="semi").filter(pl.col("indicator").is_in(indicators))
        before = _cells(there, old, indicators, places)
    return Evidence(
        _cells(keys, tables, indicators, places),
        before,
        indicators,
        places,
        _pairs(places, now),
        "internal" in editions,
    )


def _cells(keys: pl.DataFrame, tables: dict[str, pl.DataFrame], indicators: list[str], places: pl.DataFrame) -> Cells:
    numbered = keys.join(places, on=PLACE, how="left", maintain_order="left").with_columns(
        number=pl.col("indicator").replace_strict(
            indicators, range(len(indicators)), return_dtype=pl.Int64, default=None
        )
    )
    said, share = {}, np.zeros(keys.height, dtype=np.bool_)
    for edition, table in tables.items():
        told = _said(table, rounds=edition == "public").unique(KEY, keep="first", maintain_order=True)
        aligned = keys.join(told, on=KEY, how="left", maintain_order="left")
        share |= aligned["share"].fill_null(False).to_numpy()
        said[edition] = Said(
            {s: aligned[f"{s}_low"].fill_null(LEAST[s]).to_numpy() for s in SIDES},
            {s: aligned[f"{s}_high"].fill_null(np.inf).to_numpy() for s in SIDES},
            {s: aligned[f"{s}_told"].fill_null(False).to_numpy() for s in SIDES},
            aligned["hidden"].fill_null(False).to_numpy(),
        )
    return Cells(keys, numbered["number"].to_numpy(), numbered["place"].to_numpy(), share, said)


def _counted(figures: pl.DataFrame, indicators: pl.DataFrame) -> pl.DataFrame:
    """Figures that count pupils on either side; one the catalogue does not know is taken for one."""
    known = indicators.select(
        indicator="code",
        per_pupil=pl.col("counted_unit") == "pupil",
        over_pupils=(pl.col("domain") == "resources") & (pl.col("unit") != "ratio"),
        share=pl.col("unit").is_in(["share", "proportion"]),
    )
    joined = figures.join(known, on="indicator", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("per_pupil").fill_null(True), pl.col("over_pupils").fill_null(False), pl.col("share").fill_null(True)
    ).filter(pl.col("per_pupil") | pl.col("over_pupils"))


def _said(figures: pl.DataFrame, *, rounds: bool) -> pl.DataFrame:
    """Least and greatest possible number of either side; infinite, and not `told`, where nothing is said."""
    near = ROUND_TO // 2
    rounded = pl.col("rounded") if rounds else pl.lit(False)
    n, d = pl.col("numerator"), pl.col("denominator")
    below = [pl.max_horizontal(d - near, MINIMUM_PUPILS), pl.max_horizontal(n - near, SMALLEST_COUNT)]
    d_low = pl.when(d.is_null()).then(1).when(rounded).then(below[0]).otherwise(d).cast(pl.Float64)
    d_high = pl.when(d.is_null()).then(np.inf).when(rounded).then(d + near).otherwise(d).cast(pl.Float64)
    word = pl.col("value_text_rule")
    n_low = pl.when(word == "ge95").then(((1 - TAIL) * d_low).ceil()).when(n.is_null()).then(0)
    n_high = pl.when(word == "le5").then((TAIL * d_high).floor()).when(n.is_null()).then(np.inf)
    return figures.select(
        *KEY,
        "share",
        hidden=pl.col("status") == "suppressed",
        d_low=d_low,
        d_high=d_high,
        d_told=d.is_not_null(),
        n_low=n_low.when(rounded).then(below[1]).otherwise(n).cast(pl.Float64),
        n_high=n_high.when(rounded).then(n + near).otherwise(n).cast(pl.Float64),
        n_told=n.is_not_null() | word.is_not_null(),
    )


def _pairs(places: pl.DataFrame, now: Published) -> pl.DataFrame:
    """Which place is part of which: `way` of dividing, `place`, `whole`."""
    dimension = pl.col("subgroup").str.split("=").list.first()
    groups = places.filter(pl.col("subgroup") != "all").with_columns(way=dimension, subgroup=pl.lit("all"))
    stages = places.filter(pl.col("stage").is_in(["primary", "junior"])).with_columns(
        way=pl.lit("stage"), stage=pl.lit("compulsory")
    )
    up = pl.concat(
        [
            now.schools.select(year="period", entity="school", level=pl.lit("school"), area="county").drop_nulls(
                "area"
            ),
            now.areas.join(now.areas.select(parent="area", there=pl.lit(True)), on="parent")
            .join(now.schools.select(year="period").unique(), how="cross")
            .select("year", entity="area", level="level", area="parent"),
        ]
    ).join(now.areas.select(area="area", above="level"), on="area")
    areas = (
        places.with_columns(year=pl.col("period").str.head(9))
        .join(up, on=["year", "entity", "level"])
        .with_columns(way=pl.lit("area"), entity=pl.col("area"), level=pl.col("above"))
    )
    columns = ["way", "place", *PLACE]
    found = pl.concat([t.select(columns) for t in (groups, stages, areas)]).join(
        places.rename({"place": "whole"}), on=PLACE
    )
    ways = pl.col("way").rank("dense").cast(pl.Int64)
    return found.filter(pl.col("place") != pl.col("whole")).select(ways, "place", "whole").unique().sort(pl.all())


def alike(evidence: Evidence, hidden: Flags | None = None) -> Ints:
    """Class of each measure: those that count the same pupils, as far as exact figures tell, are one.

    Denominators that agree in every cell in which both are shown, and numerators that agree with such a denominator. A numerator is
    never taken for another one.

    Args:
        evidence: What is published.
        hidden: Cells of the exact edition that are hidden beside those that are.
    """
    cells, said = evidence.now, evidence.now.said["internal"]
    shown = ~said.hidden if hidden is None else ~(said.hidden | hidden)
    measures, where, numbers = [], [], []
    for side in SIDES:
        exact = np.flatnonzero(shown & (said.low[side] == said.high[side]) & (cells.share if side == "n" else True))
        measures.append(evidence.of(cells, side)[exact])
        where.append(cells.place[exact])
        numbers.append(said.low[side][exact].astype(np.int32))
    measure, place, number = np.concatenate(measures), np.concatenate(where), np.concatenate(numbers)
    order = np.lexsort((place, measure))
    measure, place, number = measure[order], place[order], number[order]
    ends = np.searchsorted(measure, np.arange(evidence.measures + 1))
    size = np.diff(ends)
    names = [f"{code}/{side}" for code in evidence.indicators for side in SIDES]
    classes = np.full(evidence.measures, -1, dtype=np.int64)
    seen = np.full((len(evidence.indicators), evidence.places.height), -1, dtype=np.int32)
    count = 0
    for m in sorted(np.flatnonzero(size), key=lambda m: (m % 2, -size[m], names[m])):
        at, numbered = place[ends[m] : ends[m + 1]], number[ends[m] : ends[m + 1]]
        glance = seen[:count, at[:_GLANCE]]
        likely = np.flatnonzero(((glance < 0) | (glance == numbered[:_GLANCE])).all(axis=1))
        same = next((int(c) for c in likely if _agree(seen[c, at], numbered)), None)
        if same is None and m % 2 == 0:
            same, count = count, count + 1
        if same is not None:
            classes[m] = same
            seen[same, at] = numbered
    rest = np.flatnonzero(classes < 0)
    classes[rest] = count + np.arange(len(rest))
    return classes


def _agree(seen: npt.NDArray[np.int32], numbers: npt.NDArray[np.int32]) -> bool:
    both = seen >= 0
    return bool(np.count_nonzero(both & (numbers > 0)) >= AGREEMENT and (seen[both] == numbers[both]).all())


@dataclass(frozen=True)
class Frame:
    """Nodes and what ties them, for one opinion on which measures are alike.

    `at` and `was` give the node of each cell's side, now and in the last release (minus one: no such node). `kind` groups the sums that are
    believed or not believed together, `group` the nodes that can say anything of each other. `inner` nodes are at most `outer` ones.
    """

    nodes: int
    at: Mapping[str, Ints]
    was: Mapping[str, Ints]
    sums: Sums
    kind: Ints
    group: Ints
    inner: Ints
    outer: Ints


def frame(evidence: Evidence, classes: Ints) -> Frame:
    """Puts the measures of a class into one node per place, and finds the sums and the levels that tie nodes."""
    now, last, places = evidence.now, evidence.last, evidence.places.height
    code = {s: classes[evidence.of(now, s)] * places + now.place for s in SIDES}
    code["n"] = np.where(now.share, code["n"], -1)
    number = np.unique(np.concatenate([code["d"], code["n"][now.share]]))
    number = np.append(number, _totals(evidence, classes, number))
    at = {s: _found(number, code[s]) for s in SIDES}
    was = {}
    if last is not None:
        was = {s: _found(number, classes[evidence.of(last, s)] * places + last.place) for s in SIDES}
        was["n"] = np.where(last.share, was["n"], -1)
    own, place = np.divmod(number, places)
    pairs = evidence.pairs
    # Every whole place, with the class it is asked about, and the nodes of its parts.
    nodes = pl.DataFrame({"node": np.arange(len(number)), "class": own, "place": place})
    inside = nodes.join(pairs, on="place").select("way", "node", code=pl.col("class") * places + pl.col("whole"))
    entries = [inside, *_divided(evidence, classes, nodes, places)]
    sums = pl.concat(entries).with_columns(parent=pl.Series(_found(number, pl.concat(entries)["code"].to_numpy())))
    sums = sums.filter(pl.col("parent") >= 0).sort("way", "parent", "node")
    rows = sums.select(pl.struct("way", "parent").rle_id().cast(pl.Int64).alias("row"), "way", "parent", "node")
    first = rows.unique("row", keep="first", maintain_order=True)
    parent = first["parent"].to_numpy()
    period = evidence.places["period"].rank("dense").to_numpy().astype(np.int64)[place]
    kind = pl.DataFrame({"way": first["way"], "class": own[parent], "period": period[parent]})
    inner, outer = _levels(evidence, classes, at)
    return Frame(
        len(number), at, was,
        Sums(rows["row"].to_numpy(), rows["node"].to_numpy(), parent, len(number)),
        kind.select(pl.struct(pl.all()).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy(),
        _families(evidence, classes)[own] * (period.max(initial=0) + 1) + period,
        inner, outer,
    )  # fmt: skip


def _found(number: Ints, code: Ints) -> Ints:
    """Positions in the sorted numbers, minus one for those that are not there."""
    at = np.minimum(np.searchsorted(number, code), len(number) - 1)
    return np.where(number[at] == code, at, -1) if len(number) else np.full(len(code), -1)


def _sums_of(evidence: Evidence, classes: Ints) -> list[tuple[int, list[int]]]:
    """Classes that add up at one place, by the definitions of their measures: the whole, and its parts. Totals nobody publishes count on."""
    named = [
        *((f"{whole}/n", [f"{part}/n" for part in parts]) for whole, parts in NUMERATORS.items()),
        *((f"{whole}/d", [f"{part}/n" for part in parts]) for whole, parts in DENOMINATORS.items()),
        *((whole, list(parts)) for whole, parts in PARTS if evidence.exact),
    ]
    found = []
    for whole, parts in named:
        every = [evidence.measure(name) for name in (whole, *parts)]
        if None not in every:
            total, *pieces = (int(classes[m]) for m in every if m is not None)
            found.append((total, pieces))
    beyond = int(classes.max(initial=-1)) + 1
    for k, pairs in enumerate(UNIONS if evidence.exact else ()):
        for pair in pairs:
            both = [evidence.measure(name) for name in pair]
            if all(evidence.measure(name) is not None for names in pairs for name in names):
                found.append((beyond + k, [int(classes[m]) for m in both if m is not None]))
    return found


def _totals(evidence: Evidence, classes: Ints, number: Ints) -> Ints:
    """Nodes of totals that no figure shows, wherever all that goes into them has one."""
    places, top = evidence.places.height, int(classes.max(initial=-1))
    found: dict[int, Ints] = {}
    for whole, parts in _sums_of(evidence, classes):
        if whole > top:
            for part in parts:
                there = number[number // max(places, 1) == part] % max(places, 1)
                found[whole] = np.intersect1d(found[whole], there) if whole in found else there
    return np.concatenate([whole * places + at for whole, at in sorted(found.items())] or [np.zeros(0, dtype=np.int64)])


def _divided(evidence: Evidence, classes: Ints, nodes: pl.DataFrame, places: int) -> list[pl.DataFrame]:
    """Measures that add up to another one, wherever all of its parts are published; each sum is a way of its own."""
    found = []
    for k, (whole, parts) in enumerate(_sums_of(evidence, classes)):
        inside = nodes.filter(pl.col("class").is_in(parts))
        complete = inside.filter(pl.len().over("place") == len(set(parts)), pl.lit(len(set(parts)) == len(parts)))
        way, code = pl.lit(-1 - k, dtype=pl.Int64).alias("way"), whole * places + pl.col("place")
        found.append(complete.select(way, "node", code=code))
    return found


def _levels(evidence: Evidence, classes: Ints, at: Mapping[str, Ints]) -> tuple[Ints, Ints]:
    """Pairs of nodes of which the first is at most the second: numerators and denominators, and levels within levels."""
    share = evidence.now.share
    pairs = [np.column_stack([at["n"][share], at["d"][share]])]
    for outer, inner in NESTED:
        if outer in evidence.indicators and inner in evidence.indicators:
            where = {}
            for code in (outer, inner):
                own = np.flatnonzero((evidence.now.indicator == evidence.indicators.index(code)) & share)
                where[code] = (evidence.now.place[own], at["n"][own])
            _, a, b = np.intersect1d(where[inner][0], where[outer][0], return_indices=True)
            pairs.append(np.column_stack([where[inner][1][a], where[outer][1][b]]))
    both = np.unique(np.concatenate(pairs), axis=0)
    return both[:, 0], both[:, 1]


def _families(evidence: Evidence, classes: Ints) -> Ints:
    """Family of each class: classes that say something of each other, directly or through others."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    links = [(classes[2 * k], classes[2 * k + 1]) for k in range(len(evidence.indicators))]
    links += [(whole, part) for whole, parts in _sums_of(evidence, classes) for part in parts]
    for outer, inner in NESTED:
        both = [evidence.measure(f"{code}/d") for code in (outer, inner)]
        links += [tuple(classes[m] for m in both if m is not None)] if None not in both else []
    ends = np.array(links, dtype=np.int64).reshape(-1, 2)
    size = int(max(classes.max(initial=0), ends.max(initial=0))) + 1
    graph = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
