"""The attack on what is published: bounds every hidden cell as an outsider could who holds all files of both editions and the last release.

Reads controlled figures only and shares no code with the suppression. An outsider knows the method: which cells add up (sexes, grades and
residence to `all`, primary and junior to compulsory, schools to county to city to province, classes of an indicator to it), that counts are
whole, that a share's numerator is at most its denominator, how counts are rounded, what a tail word bounds, and, where two figures agree in
every cell that is shown, that they count the same pupils.

What is judged, of a cell hidden in the internal edition: its number of pupils, from the files of both editions. Of a cell hidden in the
public edition: its numerator, and its number of pupils where no other figure shows it, from the public files alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.disclosure.bounds import Sums, merged, narrow, tighten

# Repeated from the thresholds on purpose: an attack that read them would follow a threshold that was lowered by mistake.
ENOUGH = 5
ROUND_TO = 5
SMALLEST_COUNT = 8
MINIMUM_PUPILS = 10
TAIL = 0.05

PLACE = ["period", "level", "entity", "stage", "subgroup"]
KEY = ["indicator", *PLACE]
BOUNDS = ["pupils_low", "pupils_high", "count_low", "count_high", "pupils_values", "count_values", "values"]
# Figures agreeing in fewer cells than this may do so by chance.
AGREEMENT = 6
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
# Who reaches the second has reached the first.
NESTED = (("fitness_pass", "fitness_good"), ("fitness_good", "fitness_excellent"))

_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Published:
    """What one publication shows: figures by edition, and the public lists that say which school lies in which county."""

    figures: Mapping[str, pl.DataFrame]
    schools: pl.DataFrame
    areas: pl.DataFrame
    indicators: pl.DataFrame


def read(controlled: Path) -> Published:
    """The controlled tables of a data version, as the sites get them."""
    return Published(
        {e: pl.read_parquet(controlled / e / "indicator_values.parquet") for e in ("internal", "public")},
        *(pl.read_parquet(controlled / "internal" / f"{name}.parquet") for name in ("schools", "areas", "indicators")),
    )


def attack(
    now: Published,
    last: Mapping[str, pl.DataFrame] | None = None,
    *,
    edition: str,
    among: pl.DataFrame | None = None,
    solve: bool = True,
) -> pl.DataFrame:
    """Bounds every hidden cell of an edition.

    Args:
        now: What is published, or is to be.
        last: Figures of the last release by edition, if there is one.
        edition: Whose hidden cells are attacked. The internal ones with the files of both editions, the public ones with public files.
        among: Keys of the cells to attack; all without it.
        solve: Also bound by linear programming; without it by propagation alone, which is quick and sees less.

    Returns:
        One row per hidden cell: the key, `pupils_low`, `pupils_high`, `count_low`, `count_high` (numerator; null where it is no number
        of pupils), `pupils_values` and `count_values` (how many are possible; null where it is not judged), and `values`, the fewer of
        them. Bounds of a cell with enough values are some that were seen, not the widest.
    """
    if now.figures[edition].filter(pl.col("status") == "suppressed").is_empty():
        return pl.DataFrame(schema=dict.fromkeys(KEY, pl.String) | dict.fromkeys(BOUNDS, pl.Float64))
    used = ["internal", "public"] if edition == "internal" else ["public"]
    figures = {name: _counted(now.figures[name], now.indicators) for name in used}
    before = {name: _counted(last[name], now.indicators) for name in used} if last else {}
    classes = alike(now.figures["internal"], now.indicators)
    facts = pl.concat(_facts(table, rounds=name == "public") for name, table in figures.items())
    hidden = figures[edition].filter(pl.col("status") == "suppressed").select(KEY)
    measured = facts.join(classes, on="measure")
    if among is not None:
        hidden = hidden.join(among, on=KEY, how="semi")
        measured = measured.join(_linked(hidden, classes), on=["same", "period"], how="semi")
    nodes = _nodes(measured).with_columns(known=pl.lit(False))
    sums = _sums(nodes, classes, now)
    if before:
        old = pl.concat(_facts(table, rounds=name == "public") for name, table in before.items())
        nodes = _remembered(nodes, _nodes(old.join(classes, on="measure")), sums)
    # In rounded figures every number that is shown has ROUND_TO possible values, and combining sums adds them up: one cell comes out narrow
    # only where a sum of its own is narrow. Exact figures have no such slack; there nothing is taken on trust.
    wide = np.inf if edition == "internal" else 2.0 * ENOUGH
    cells = _cells(hidden, nodes, classes, edition)
    return _bounded(cells, nodes, sums, _at_most(nodes, classes), wide if solve else 0.0)


def breaches(bounds: pl.DataFrame) -> pl.DataFrame:
    """The hidden cells of which too few values remain."""
    return bounds.filter(pl.col("values") < ENOUGH)


def given_away(now: Published, last: Mapping[str, pl.DataFrame] | None, *, edition: str) -> pl.DataFrame | None:
    """Cells the last release hides and gives away by itself (it was cut under a weaker rule): no later release can take that back."""
    if not last:
        return None
    return breaches(attack(replace(now, figures=last), edition=edition))


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


def _facts(figures: pl.DataFrame, *, rounds: bool) -> pl.DataFrame:
    """Measure (`indicator/d`, `indicator/n`) x place: least and greatest possible number; infinite, and not `told`, where nothing is said."""
    near = ROUND_TO // 2
    rounded = pl.col("rounded") if rounds else pl.lit(False)
    n, d = pl.col("numerator"), pl.col("denominator")
    below = [pl.max_horizontal(d - near, MINIMUM_PUPILS), pl.max_horizontal(n - near, SMALLEST_COUNT)]
    d_low = pl.when(d.is_null()).then(1).when(rounded).then(below[0]).otherwise(d).cast(pl.Float64)
    d_high = pl.when(d.is_null()).then(np.inf).when(rounded).then(d + near).otherwise(d).cast(pl.Float64)
    word = pl.col("value_text_rule")
    n_low = pl.when(word == "ge95").then(((1 - TAIL) * d_low).ceil()).when(n.is_null()).then(0)
    n_high = pl.when(word == "le5").then((TAIL * d_high).floor()).when(n.is_null()).then(np.inf)
    pupils = figures.select(*PLACE, measure=pl.col("indicator") + "/d", low=d_low, high=d_high, told=d.is_not_null())
    counts = figures.filter("share").select(
        *PLACE,
        measure=pl.col("indicator") + "/n",
        low=n_low.when(rounded).then(below[1]).otherwise(n).cast(pl.Float64),
        high=n_high.when(rounded).then(n + near).otherwise(n).cast(pl.Float64),
        told=n.is_not_null() | word.is_not_null(),
    )
    return pl.concat([pupils, counts])


def alike(figures: pl.DataFrame, indicators: pl.DataFrame) -> pl.DataFrame:
    """Measures that count the same pupils, as far as exact figures tell: `measure` (`indicator/d`, `indicator/n`), `same` (their class).

    Denominators that agree in every cell in which both are shown, and numerators that agree with such a denominator. A numerator is
    never taken for another one.
    """
    figures = _counted(figures, indicators)
    facts = _facts(figures, rounds=False).filter(pl.col("low") == pl.col("high"))
    places = facts.select(PLACE).unique().sort(pl.col("level") == "school", *PLACE).with_row_index("place")
    rows = facts.join(places, on=PLACE).sort("measure", "place")
    measures = rows.group_by("measure").agg("place", "low").sort("measure")
    order = sorted(
        zip(measures["measure"], measures["place"], measures["low"], strict=True),
        key=lambda m: (m[0].endswith("/n"), -len(m[1]), m[0]),
    )
    found: dict[str, int] = {}
    shown: list[_Ints] = []
    for name, where, value in order:
        at, numbers = where.to_numpy(), value.to_numpy().astype(np.int64)
        same = next((c for c, seen in enumerate(shown) if _agree(seen[at], numbers)), None)
        if same is None and name.endswith("/d"):
            same = len(shown)
            shown.append(np.full(places.height, -1, dtype=np.int64))
        if same is not None:
            found[name] = same
            shown[same][at] = numbers
    every = [f"{i}/{side}" for i in sorted(figures["indicator"].unique().to_list()) for side in "dn"]
    rest = {name: len(shown) + k for k, name in enumerate(name for name in every if name not in found)}
    numbered = found | rest
    return pl.DataFrame(
        {"measure": list(numbered), "same": list(numbered.values())},
        schema={"measure": pl.String, "same": pl.Int64},
    )


def _agree(seen: _Ints, numbers: _Ints) -> bool:
    both = seen >= 0
    return bool(np.count_nonzero(both & (numbers > 0)) >= AGREEMENT and (seen[both] == numbers[both]).all())


def _linked(hidden: pl.DataFrame, classes: pl.DataFrame) -> pl.DataFrame:
    """Class and period of everything that says something of the hidden cells: other sides, classes of an indicator, levels."""
    families = [{whole, *parts} for families in (NUMERATORS, DENOMINATORS) for whole, parts in families.items()] + [
        set(pair) for pair in NESTED
    ]
    kin = pl.DataFrame(
        [(a, b) for family in families for a in sorted(family) for b in sorted(family)],
        schema=["indicator", "kin"], orient="row",
    )  # fmt: skip
    sides = classes.with_columns(indicator=pl.col("measure").str.head(-2)).select("indicator", "same")
    shared = sides.join(sides.rename({"indicator": "kin"}), on="same").select("indicator", "kin")
    kin = pl.concat([kin, shared]).unique()
    asked, before = hidden.select("indicator", "period").unique(), 0
    while asked.height > before:
        before = asked.height
        further = asked.join(kin, on="indicator").select(indicator="kin", period="period")
        asked = pl.concat([asked, further]).unique()
    return asked.join(sides, on="indicator").select("same", "period").unique()


def _nodes(facts: pl.DataFrame) -> pl.DataFrame:
    """Class x place, numbered: everything known of one number of pupils, from whichever figure and edition."""
    return (
        facts.group_by("same", *PLACE)
        .agg(pl.col("told").any(), pl.col("low").max(), pl.col("high").min())
        .sort("same", *PLACE)
        .with_row_index("node")
    )


def _sums(nodes: pl.DataFrame, classes: pl.DataFrame, now: Published) -> Sums:
    """Which nodes add up to which: one sum per parent and way of dividing it."""
    place = nodes.select("node", "same", *PLACE)
    parents = place.rename({"node": "parent"})
    dimension = pl.col("subgroup").str.split("=").list.first()
    groups = place.filter(pl.col("subgroup") != "all").with_columns(way=dimension, subgroup=pl.lit("all"))
    stages = place.filter(pl.col("stage").is_in(["primary", "junior"])).with_columns(
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
        place.with_columns(year=pl.col("period").str.head(9))
        .join(up, on=["year", "entity", "level"])
        .with_columns(way=pl.lit("area"), entity=pl.col("area"), level=pl.col("above"))
    )
    columns = ["node", "same", *PLACE, "way"]
    pairs = pl.concat([t.select(columns) for t in (groups, stages, areas)]).join(parents, on=["same", *PLACE])
    number = dict(classes.iter_rows())
    kinds = [
        (f"{whole}/{side}", [f"{part}/n" for part in parts])
        for side, families in (("n", NUMERATORS), ("d", DENOMINATORS))
        for whole, parts in families.items()
        if {f"{whole}/{side}", *(f"{part}/n" for part in parts)} <= number.keys()
    ]
    for whole, parts in kinds:
        inside = place.filter(pl.col("same").is_in([number[p] for p in parts]))
        found = inside.join(parents.filter(pl.col("same") == number[whole]).drop("same"), on=PLACE)
        complete = found.filter(pl.len().over("parent") == len(parts))
        pairs = pl.concat([pairs, complete.select(*columns[:-1], way=pl.lit("classes"), parent="parent")])
    pairs = pairs.filter(pl.col("node") != pl.col("parent")).sort("way", "parent", "node")
    return _believed(nodes, pairs)


def _believed(nodes: pl.DataFrame, pairs: pl.DataFrame) -> Sums:
    """Sums of a kind which what is shown contradicts anywhere in a period are not believed in that period."""
    bounds = nodes.select("node", "low", "high")
    totals = (
        pairs.join(bounds, on="node")
        .group_by("same", "period", "way", "parent")
        .agg(pl.col("low").sum(), pl.col("high").sum())
        .join(bounds.rename({"node": "parent"}), on="parent", suffix="_parent")
    )
    wrong = totals.filter((pl.col("low") > pl.col("high_parent")) | (pl.col("high") < pl.col("low_parent")))
    wrong = wrong.select("same", "period", "way").unique()
    kept = pairs.join(wrong, on=["same", "period", "way"], how="anti").sort("way", "parent", "node")
    rows = kept.select(pl.struct("way", "parent").rle_id().alias("row"), "parent", "node")
    first = rows.unique("row", keep="first", maintain_order=True)
    return Sums(
        rows["row"].to_numpy().astype(np.int64),
        rows["node"].to_numpy().astype(np.int64),
        first["parent"].to_numpy().astype(np.int64),
        nodes.height,
    )


def _at_most(nodes: pl.DataFrame, classes: pl.DataFrame) -> tuple[_Ints, _Ints]:
    """Pairs of nodes of which the first is at most the second: numerators and denominators, and levels within levels."""
    number = dict(classes.iter_rows())
    pairs = [(m, f"{m[:-2]}/d") for m in number if m.endswith("/n")]
    pairs += [(f"{inner}/n", f"{outer}/n") for outer, inner in NESTED if {f"{inner}/n", f"{outer}/n"} <= number.keys()]
    table = pl.DataFrame(
        {"same": [number[a] for a, _ in pairs], "outer": [number[b] for _, b in pairs]},
        schema={"same": pl.Int64, "outer": pl.Int64},
    )
    joined = (
        nodes.select("node", "same", *PLACE)
        .join(table, on="same")
        .join(nodes.select(*PLACE, outer="same", whole="node"), on=["outer", *PLACE])
        .sort("node", "whole")
    )
    return joined["node"].to_numpy().astype(np.int64), joined["whole"].to_numpy().astype(np.int64)


def _remembered(nodes: pl.DataFrame, old: pl.DataFrame, sums: Sums) -> pl.DataFrame:
    """What the last release showed still holds where nothing around it moved: every sum it is part of shows the same numbers as before."""
    both = nodes.join(
        old.select("same", *PLACE, was_low="low", was_high="high"),
        on=["same", *PLACE],
        how="left",
        maintain_order="left",
    )
    shown = both["high"].is_finite().to_numpy()
    was = both["was_high"].fill_null(np.inf).is_finite().to_numpy()
    equal = ((both["low"] == both["was_low"]) & (both["high"] == both["was_high"])).fill_null(False).to_numpy()
    still = shown & was & equal
    # A sum is quiet when its whole is shown unchanged and no shown part of it moved.
    moved_part = np.bincount(sums.row, weights=(shown[sums.child] & ~still[sums.child]), minlength=len(sums.parent)) > 0
    quiet = still[sums.parent] & ~moved_part
    in_sums = np.bincount(sums.child, minlength=sums.nodes)
    in_quiet = np.bincount(sums.child, weights=quiet[sums.row], minlength=sums.nodes)
    known = ~shown & was & (in_sums > 0) & (in_quiet == in_sums)
    return both.with_columns(
        known=pl.Series(known, dtype=pl.Boolean),
        low=pl.when(pl.Series(known)).then(pl.max_horizontal("low", "was_low")).otherwise("low"),
        high=pl.when(pl.Series(known)).then(pl.min_horizontal("high", "was_high")).otherwise("high"),
    ).drop("was_low", "was_high")


def _cells(hidden: pl.DataFrame, nodes: pl.DataFrame, classes: pl.DataFrame, edition: str) -> pl.DataFrame:
    """Hidden cells with their nodes, and which of the two is judged: not what the last release showed already, which is no secret."""
    at = nodes.select("node", "same", *PLACE)
    number = classes.select("measure", "same")
    cells = hidden
    for side in "dn":
        cells = (
            cells.with_columns(measure=pl.col("indicator") + f"/{side}")
            .join(number, on="measure", how="left")
            .join(at.rename({"node": side}), on=["same", *PLACE], how="left")
            .drop("measure", "same")
        )
    open_before = nodes.filter("known")["node"].implode()
    if edition == "internal":
        return cells.with_columns(judge_d=~pl.col("d").is_in(open_before), judge_n=pl.lit(False)).sort(KEY)
    # A number that another figure shows (the examined are the denominator of what was found) is no secret of this one.
    shown = nodes.filter(pl.col("told") | pl.col("known"))["node"].implode()
    judge_d = ~pl.col("d").is_in(shown)
    judge_n = pl.col("n").is_not_null() & ~pl.col("n").is_in(shown)
    return cells.with_columns(judge_d=judge_d, judge_n=judge_n.fill_null(False)).sort(KEY)


def _bounded(
    cells: pl.DataFrame, nodes: pl.DataFrame, sums: Sums, at_most: tuple[_Ints, _Ints], wide: float
) -> pl.DataFrame:
    """Bounds of the hidden cells: by propagation, and by linear programming where that leaves it open whether enough values remain.

    Cells with at least `wide` values after propagation are not in doubt.
    """
    sums, number = merged(sums)
    low, high = np.zeros(sums.nodes), np.full(sums.nodes, np.inf)
    np.maximum.at(low, number, nodes["low"].to_numpy())
    np.minimum.at(high, number, nodes["high"].to_numpy())
    low = np.minimum(low, high)
    low, high = tighten(sums, number[at_most[0]], number[at_most[1]], low, high)
    asked = [cells.filter(f"judge_{side}")[side].drop_nulls().to_numpy().astype(np.int64) for side in "dn"]
    judged = np.unique(number[np.concatenate(asked)])
    left = high[judged] - low[judged] + 1
    doubt = judged[(left >= ENOUGH) & (left < wide)]
    low, high = narrow(sums, low, high, doubt, ENOUGH)
    bound = pl.DataFrame({"node": np.arange(len(number)), "low": low[number], "high": high[number]}).with_columns(
        pl.col("node").cast(pl.Int64)
    )
    for side, name in (("d", "pupils"), ("n", "count")):
        cells = cells.with_columns(pl.col(side).cast(pl.Int64)).join(
            bound.rename({"node": side, "low": f"{name}_low", "high": f"{name}_high"}), on=side, how="left"
        )
    possible = {
        f"{name}_values": pl.when(f"judge_{side}").then(pl.col(f"{name}_high") - pl.col(f"{name}_low") + 1)
        for side, name in (("d", "pupils"), ("n", "count"))
    }
    return (
        cells.with_columns(**possible)
        .with_columns(values=pl.min_horizontal(*possible))
        .drop("d", "n", "judge_d", "judge_n")
        .sort(KEY)
    )
