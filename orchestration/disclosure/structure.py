"""What adds up in the figures: numbers of pupils as numbered nodes, and the sums they stand in, found from the tables set-wise.

A node is one number of pupils at one place (period, level, entity, stage, subgroup). Places that always hold the same number (the only
school of a county, the only stage of a school, a school's residence) are one node: hiding one of them alone would hide nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PLACE = ["period", "level", "entity", "stage", "subgroup"]
KEY = ["indicator", *PLACE]
LEVELS = ("school", "county", "city", "province")
# Indicators that are the classes of another one, with it where it is no denominator: they add up at every place.
CLASSES = (
    ("poor_vision", "poor_vision_mild", "poor_vision_moderate", "poor_vision_severe"),
    ("fitness_bmi_normal", "fitness_bmi_thin", "fitness_bmi_overweight", "fitness_bmi_obese"),
)
# Denominators (d) and numerators (n) of which each follows from the others, at every place: one of them alone cannot be hidden.
SUMS = (
    ("poor_vision_same_before/d", "poor_vision_new/d", "poor_vision_same_before/n"),
    ("screening_myopia_same_before/d", "screening_myopia_new/d", "screening_myopia_same_before/n"),
    ("fitness_exempt/d", "fitness_coverage/d", "fitness_exempt/n"),
    ("poor_vision/d", "poor_vision_same_round1/d", "poor_vision_round1/d", "poor_vision_round2/d"),
    ("screening_myopia/d", "screening_myopia_same_round1/d", "screening_myopia_round1/d", "screening_myopia_round2/d"),
)
# Cost of a school as a whole; what costs more is an area.
SCHOOL = 2


@dataclass(frozen=True)
class Structure:
    """Sums over nodes.

    `row`/`node` are the members of each sum, its whole included; `way` says per sum what it goes over. `value` is a node's true number of
    pupils, `cost` how much a reader loses with it: schools' parts first, then schools, then areas.
    """

    row: Ints
    node: Ints
    way: Ints
    value: Ints
    cost: Ints


@dataclass(frozen=True)
class Places:
    """Places by number, what a reader loses with each, and which is part of which: found once for all quantities and rounds."""

    of_cell: Ints
    cost: Ints
    pairs: pl.DataFrame


def places(cells: pl.DataFrame, schools: pl.DataFrame, areas: pl.DataFrame) -> Places:
    """Numbers the places of the cells; `pairs` has `way`, `place` and `whole`."""
    every = (
        cells.select(PLACE).unique().sort(PLACE).with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    )
    at = cells.select(PLACE).join(every, on=PLACE, how="left", maintain_order="left")["place"]
    split = every.filter(pl.col("subgroup") != "all").with_columns(
        way=pl.col("subgroup").str.split("=").list.first(), subgroup=pl.lit("all")
    )
    staged = every.filter(pl.col("stage").is_in(["primary", "junior"])).with_columns(
        way=pl.lit("stage"), stage=pl.lit("compulsory")
    )
    lying = (
        every.with_columns(year=pl.col("period").str.head(9))
        .join(_above(schools, areas), on=["year", "entity", "level"])
        .with_columns(way=pl.lit("area"), entity=pl.col("above"), level=pl.col("above_level"))
    )
    columns = ["way", "place", *PLACE]
    found = pl.concat([t.select(columns) for t in (split, staged, lying)]).join(
        every.rename({"place": "whole"}), on=PLACE
    )
    # Ways in the order of their names: where several call for a second cell, the one lying in the same area goes first.
    pairs = found.select(pl.col("way").rank("dense").cast(pl.Int64), "place", "whole").sort(pl.all())
    return Places(at.to_numpy(), _cost(every), pairs)


def _above(schools: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """School or area of a school year → the area it counts into."""
    years = schools.select(year="period").unique()
    own = schools.select(year="period", entity="school", level=pl.lit("school"), above="county").drop_nulls()
    higher = areas.filter(pl.col("parent").is_not_null()).join(years, how="cross")
    up = pl.concat([own, higher.select("year", entity="area", level="level", above="parent")])
    return up.join(areas.select(above="area", above_level="level"), on="above")


def structure(
    where: Places, quantity: Ints, at: Ints, number: Ints, classes: Sequence[Sequence[int]] = ()
) -> tuple[Structure, Ints]:
    """The sums over the quantities at their places, and the node of every number.

    Args:
        where: The places.
        quantity: What each number counts, as a number.
        at: The place of each.
        number: The true numbers.
        classes: Quantities that stand in one sum wherever they stand at one place.
    """
    size = len(where.cost)
    spots, spot_of = np.unique(quantity * size + at, return_inverse=True)
    kind, place = np.divmod(spots, size)
    value = np.zeros(len(spots), dtype=np.int64)
    np.maximum.at(value, spot_of, number)
    every = pl.DataFrame({"spot": np.arange(len(spots)), "kind": kind, "place": place})
    inside = every.join(where.pairs, on="place")
    code = inside["kind"].to_numpy() * size + inside["whole"].to_numpy()
    whole = np.minimum(np.searchsorted(spots, code), len(spots) - 1)
    rows = (
        inside.select("way", "spot", whole=pl.Series(whole))
        .filter(pl.Series(spots[whole] == code))
        .sort("way", "whole", "spot")
        .with_columns(row=pl.struct("way", "whole").rle_id())
    )
    length = pl.len().over("row")
    single = rows.filter(length == 1)
    pair = csr_array((np.ones(single.height), (single["spot"], single["whole"])), shape=(len(spots), len(spots)))
    count, label = connected_components(pair, directed=False)
    node = label.astype(np.int64)
    several = rows.filter(length > 1)
    members = pl.concat([several.select("row", "way", "spot"), several.select("row", "way", spot="whole").unique()])
    for k, kinds in enumerate(classes):
        own = every.filter(pl.col("kind").is_in(list(kinds))).select(
            row=(pl.col("place") * len(classes) + rows.height + k).cast(members.schema["row"]),
            way=pl.lit(0, dtype=pl.Int64),
            spot="spot",
        )
        members = pl.concat([members, own])
    members = members.sort("row", "spot").with_columns(row=pl.col("row").rle_id())
    ways = members.unique("row", keep="first", maintain_order=True)["way"].to_numpy()
    costs, values = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.maximum.at(costs, node, where.cost[place])
    np.maximum.at(values, node, value)
    found = Structure(members["row"].to_numpy().astype(np.int64), node[members["spot"].to_numpy()], ways, values, costs)
    return found, node[spot_of]


def _cost(every: pl.DataFrame) -> Ints:
    """What a reader loses with a place, from a school's grades and sexes and an area's residence up to the totals of the largest areas."""
    above = pl.col("level").replace_strict({level: k for k, level in enumerate(LEVELS)}, default=len(LEVELS))
    whole, school = pl.col("subgroup") == "all", pl.col("level") == "school"
    residence = pl.col("subgroup").str.starts_with("residence=")
    return (
        every.select(
            pl.when(school & ~whole & ~residence).then(0)
            .when(~school & residence).then(1)
            .when(school).then(SCHOOL)
            .otherwise(SCHOOL + above + pl.when(whole).then(len(LEVELS)).otherwise(0))
        ).to_series().to_numpy().astype(np.int64)
    )  # fmt: skip


def known(now: Structure, before: npt.NDArray[np.float64]) -> Flags:
    """Nodes the last release showed (`before`: their numbers, nan where hidden) and around which nothing moved: hiding them hides nothing."""
    same = before == now.value
    moved = np.bincount(now.row, weights=~same[now.node], minlength=len(now.way)) > 0
    busy = np.bincount(now.node, weights=moved[now.row], minlength=len(now.value)) > 0
    return np.asarray(same & ~busy, dtype=np.bool_)
