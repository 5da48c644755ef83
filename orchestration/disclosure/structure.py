"""What adds up in the figures: numbers of pupils as numbered nodes, and the sums they stand in, found from the tables set-wise.

A node is one number of pupils at one place (period, level, entity, stage, subgroup). Places that always hold the same number (the only
school of a county, the only stage of a school, a school's residence) are one node: hiding one of them alone would hide nothing.
"""

from __future__ import annotations

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


def places(cells: pl.DataFrame, number: str, quantity: str) -> tuple[pl.DataFrame, pl.Series]:
    """Numbers by quantity and place: table `spot`, `quantity`, place, `value`, and the spot of every cell."""
    spots = (
        cells.group_by(pl.col(quantity).alias("quantity"), *PLACE)
        .agg(value=pl.col(number).max())
        .sort("quantity", *PLACE)
        .with_row_index("spot")
    )
    keys = cells.select(pl.col(quantity).alias("quantity"), *PLACE)
    found = keys.join(spots.drop("value"), on=["quantity", *PLACE], how="left", maintain_order="left")
    return spots, found["spot"].cast(pl.Int64)


def _above(schools: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """School or area of a school year → the area it counts into."""
    years = schools.select(year="period").unique()
    own = schools.select(year="period", entity="school", level=pl.lit("school"), above="county").drop_nulls()
    higher = areas.filter(pl.col("parent").is_not_null()).join(years, how="cross")
    up = pl.concat([own, higher.select("year", entity="area", level="level", above="parent")])
    return up.join(areas.select(above="area", above_level="level"), on="above")


def structure(spots: pl.DataFrame, schools: pl.DataFrame, areas: pl.DataFrame) -> tuple[Structure, Ints]:
    """The sums over the spots, and the node of every spot."""
    key = ["quantity", *PLACE]
    whole = spots.select(pl.col("spot").alias("whole"), *key)
    part = spots.select("spot", *key)
    split = part.filter(pl.col("subgroup") != "all").with_columns(
        way=pl.col("subgroup").str.split("=").list.first(), subgroup=pl.lit("all")
    )
    staged = part.filter(pl.col("stage").is_in(["primary", "junior"])).with_columns(
        way=pl.lit("stage"), stage=pl.lit("compulsory")
    )
    lying = (
        part.with_columns(year=pl.col("period").str.head(9))
        .join(_above(schools, areas), on=["year", "entity", "level"])
        .with_columns(way=pl.lit("area"), entity=pl.col("above"), level=pl.col("above_level"))
    )
    columns = ["spot", *key, "way"]
    pairs = (
        pl.concat([t.select(columns) for t in (split, staged, lying)]).join(whole, on=key).sort("way", "whole", "spot")
    )
    rows = pairs.select(pl.struct("way", "whole").rle_id().alias("row"), "way", "whole", "spot")
    length = pl.len().over("row")
    single = rows.filter(length == 1)
    pair = csr_array((np.ones(single.height), (single["spot"], single["whole"])), shape=(spots.height, spots.height))
    count, label = connected_components(pair, directed=False)
    number = label.astype(np.int64)
    several = rows.filter(length > 1)
    members = pl.concat([several.select("row", "way", "spot"), several.select("row", "way", spot="whole").unique()])
    members = members.sort("row", "spot").with_columns(row=pl.col("row").rle_id())
    ways = members.unique("row", keep="first", maintain_order=True)["way"].rank("dense").to_numpy().astype(np.int64)
    rank = _cost(spots)
    cost, value = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.maximum.at(cost, number, rank)
    np.maximum.at(value, number, spots["value"].fill_null(0).to_numpy().astype(np.int64))
    return (
        Structure(members["row"].to_numpy().astype(np.int64), number[members["spot"].to_numpy()], ways, value, cost),
        number,
    )


def _cost(spots: pl.DataFrame) -> Ints:
    """What a reader loses with a cell, from a school's grades and sexes and an area's residence up to the totals of the largest areas."""
    above = pl.col("level").replace_strict({level: k for k, level in enumerate(LEVELS)}, default=len(LEVELS))
    whole, school = pl.col("subgroup") == "all", pl.col("level") == "school"
    residence = pl.col("subgroup").str.starts_with("residence=")
    return (
        spots.select(
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
