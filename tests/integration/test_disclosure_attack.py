"""The attack on published figures, and the complementary suppression that has to withstand it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import disclosure_oracle as oracle
import disclosure_world as world
import numpy as np
import polars as pl
import pytest
from small_home import build, judged, result

from expectations.gate import GateRefused
from orchestration.disclosure import complementary, control
from orchestration.disclosure.attack import Published, attack, breaches, shown_again
from orchestration.disclosure.bounds import Sums, merged, narrow, tighten
from orchestration.disclosure.complementary import Inner, suppress
from orchestration.release import amendment, publish

EDITIONS = ("internal", "public")


def two_by_two(low: list[float], high: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of a, b / c, d with rows 4, 5 and columns 6, 7, all of them nodes."""
    row, child = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 1, 2, 3, 0, 2, 1, 3])
    sums, number = merged(Sums(row, child, np.array([4, 5, 6, 7]), 8))
    assert number.tolist() == list(range(8))
    none = np.array([], dtype=np.int64)
    lows, highs = tighten(sums, none, none, np.array(low), np.array(high))
    return narrow(sums, lows, highs, np.arange(4), 1000)


def test_one_hidden_number_of_a_table_is_recovered() -> None:
    low, high = two_by_two([0, 20, 30, 40, 27, 70, 37, 60], [np.inf, 20, 30, 40, 27, 70, 37, 60])
    assert (low[0], high[0]) == (7, 7)


def test_four_hidden_numbers_leave_the_known_interval() -> None:
    # Rows 27 and 70, columns 37 and 60: the first is at most 27, and at least 0 since the second row takes up 37 + 60 - 27.
    low, high = two_by_two([0, 0, 0, 0, 27, 70, 37, 60], [np.inf] * 4 + [27, 70, 37, 60])
    assert (low[:4].tolist(), high[:4].tolist()) == ([0, 0, 10, 33], [27, 27, 37, 60])


def test_sums_that_propagation_cannot_combine_are_solved() -> None:
    # x + y = 10, y + z = 10, x + z = 10: sum by sum everything from 0 to 10 goes, together only 5.
    sums = Sums(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 2, 0, 2]), np.array([3, 4, 5]), 6)
    none = np.array([], dtype=np.int64)
    low, high = tighten(sums, none, none, np.array([0, 0, 0, 10.0, 10, 10]), np.array([np.inf] * 3 + [10.0] * 3))
    assert (low[:3].tolist(), high[:3].tolist()) == ([0] * 3, [10] * 3)
    low, high = narrow(sums, low, high, np.arange(3), 5)
    assert (low[:3].tolist(), high[:3].tolist()) == ([5] * 3, [5] * 3)


def test_a_sum_that_contradicts_the_others_together_gives_way() -> None:
    # As above, and x + y + z = 14 besides: each sum alone can be, all of them cannot. Without the last one everything is known.
    sums = Sums(np.array([0, 0, 1, 1, 2, 2, 3, 3, 3]), np.array([0, 1, 1, 2, 0, 2, 0, 1, 2]), np.array([3, 4, 5, 6]), 7)
    lows, highs = np.array([0, 0, 0, 10, 10, 10, 14.0]), np.array([10, 10, 10, 10, 10, 10, 14.0])
    low, high = narrow(sums, lows, highs, np.arange(3), 5)
    assert (low[:3].tolist(), high[:3].tolist()) == ([5] * 3, [5] * 3)


def test_a_number_within_another_is_solved_with_the_sums() -> None:
    # a + b = 10 = c + d, a at most c and b at most d: then a = c. And z = c + 3 - a can only be 3.
    a, b, c, d, total, three, w, z = range(8)
    sums = Sums(
        np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([a, b, c, d, c, three, a, z]), np.array([total, total, w, w]), 8
    )
    lows, highs = np.array([0, 0, 0, 0, 10, 3, 0, 0.0]), np.array([10, 10, 10, 10, 10, 3, 13, 13.0])
    within = (np.array([a, b]), np.array([c, d]))
    low, high = narrow(sums, *tighten(sums, *within, lows, highs), np.array([z]), 5, within)
    assert (low[z], high[z]) == (3, 3)
    low, high = narrow(sums, *tighten(sums, *within, lows, highs), np.array([z]), 5)
    assert high[z] - low[z] >= 4


@pytest.fixture(scope="module")
def start() -> Inner:
    return world.inner(world.pupils(28, (3, 14, 11, 30, 13, 22, 12)))


@pytest.fixture(scope="module")
def hidden(start: Inner) -> dict[str, pl.DataFrame]:
    return suppress(start)


def of(start: Inner, figures: dict[str, pl.DataFrame]) -> Published:
    return Published(figures, start.schools, start.areas, start.indicators)


def found(now: Published, last: dict[str, pl.DataFrame] | None = None) -> dict[str, pl.DataFrame]:
    return {edition: breaches(attack(now, last, edition=edition)) for edition in EDITIONS}


def test_nothing_can_be_worked_out_of_500_hidden_cells(start: Inner, hidden: dict[str, pl.DataFrame]) -> None:
    now = of(start, world.published(start, hidden))
    attacked = {edition: attack(now, edition=edition) for edition in EDITIONS}
    assert sum(bounds.height for bounds in attacked.values()) >= 500
    for edition, bounds in attacked.items():
        assert bounds.height == hidden[edition].height and bounds["values"].min() >= 5
        truth = start.cells[edition].select(*world.KEY, "numerator", "denominator")
        exact = bounds.filter(pl.col("values") == 5).join(truth, on=world.KEY)
        assert exact.filter(~pl.col("denominator").is_between("pupils_low", "pupils_high")).is_empty()


@pytest.mark.parametrize("seed", [0, 4])
def test_another_reading_of_the_files_finds_no_more_than_the_attack(seed: int) -> None:
    """All unknowns of a region in one whole-numbered program: what it finds open the attack finds, and of what is published nothing."""
    base = world.pupils(2, (3, 14, 11), seed=seed)
    start = world.inner(base)
    naive, after = (world.published(start, hidden) for hidden in (world.primary_only(start), suppress(start)))
    for edition in EDITIONS:
        assert not oracle.narrow(after, base, edition=edition)
        theirs = oracle.narrow(naive, base, edition=edition)
        ours = attack(of(start, naive), edition=edition).filter(pl.min_horizontal("pupils_values", "count_values") < 5)
        cell = pl.format("{} {} {} {}", "indicator", "level", "entity", "subgroup")
        named = {
            f"{name} {side}"
            for side, values in (("d", "pupils_values"), ("n", "count_values"))
            for name in ours.filter(pl.col(values) < 5).select(cell).to_series()
        }
        assert theirs and theirs.keys() <= named


def test_primary_suppression_alone_is_broken(start: Inner) -> None:
    """Complementary suppression switched off: the attack must name cells, and name the right number of pupils."""
    open_cells = found(of(start, world.published(start, world.primary_only(start))))
    assert open_cells["internal"].height > 30
    exact = open_cells["internal"].filter(pl.col("values") == 1).join(start.cells["internal"], on=world.KEY)
    assert exact.height and (exact["pupils_low"] == exact["denominator"]).all()


def test_one_sum_that_does_not_hold_hides_no_other(start: Inner) -> None:
    """A school whose total is one off, as in real files, must not make the attack blind for all other schools."""
    figures = world.published(start, world.primary_only(start))
    off = (pl.col("entity") == "S003") & (pl.col("subgroup") == "all")
    figures["internal"] = figures["internal"].with_columns(pl.col("denominator") + off.cast(pl.Int64))
    assert found(of(start, figures))["internal"].height > 20


def test_what_the_last_release_hid_may_not_be_shown_again(start: Inner, hidden: dict[str, pl.DataFrame]) -> None:
    last, now = world.published(start, hidden), world.published(start, world.primary_only(start))
    assert shown_again(of(start, now), last, edition="internal").height == (
        hidden["internal"].height - world.primary_only(start)["internal"].height
    )
    assert shown_again(of(start, last), last, edition="internal").is_empty()


def test_what_is_hidden_is_hidden_in_both_and_under_all_names(start: Inner, hidden: dict[str, pl.DataFrame]) -> None:
    inside, outside = hidden["internal"], hidden["public"]
    assert inside.join(outside, on=world.KEY, how="anti").is_empty()
    places = [
        inside.filter(indicator=code).drop("indicator").sort(pl.all()) for code in ("poor_vision", "poor_vision_mild")
    ]
    assert places[0].equals(places[1])
    alike = inside.filter(pl.col("level") == "school", pl.col("subgroup") == "all").drop("subgroup")
    residence = inside.filter(pl.col("level") == "school", pl.col("subgroup").str.starts_with("residence")).drop(
        "subgroup"
    )
    assert alike.sort(pl.all()).equals(residence.sort(pl.all()))
    # Useful: half of the internal figures stay.
    assert inside.height < 0.6 * start.cells["internal"].height


def test_the_same_tables_hide_the_same_cells(start: Inner, hidden: dict[str, pl.DataFrame]) -> None:
    cells, figures = (
        {e: table.sample(fraction=1, shuffle=True, seed=7) for e, table in tables.items()}
        for tables in (start.cells, start.figures)
    )
    again = suppress(replace(start, cells=cells, figures=figures))
    assert all(again[e].equals(hidden[e]) for e in EDITIONS)


def test_a_planted_number_is_found(start: Inner, hidden: dict[str, pl.DataFrame]) -> None:
    """One hidden denominator shown under one indicator of several that share it."""
    figures = world.published(start, hidden)
    victim = (
        hidden["internal"]
        .filter(pl.col("indicator") == "poor_vision_mild", pl.col("level") == "school")
        .row(0, named=True)
    )
    here = pl.all_horizontal(pl.col(k) == v for k, v in victim.items())
    table = figures["internal"].join(start.cells["internal"].select(*world.KEY, true="denominator"), on=world.KEY)
    leak = table.with_columns(
        denominator=pl.when(here).then("true").otherwise("denominator"),
        status=pl.when(here).then(pl.lit("no_target")).otherwise("status"),
    ).drop("true")
    named = found(of(start, {**figures, "internal": leak}))["internal"]
    assert "poor_vision" in named["indicator"].to_list()


def moved(base: pl.DataFrame) -> pl.DataFrame:
    """One girl of grade 1 belongs to another school after all; her new class was large, her old one had exactly ten."""
    one = (pl.col("grade") == 1) & (pl.col("sex") == "female")
    step = (
        pl.when(one & (pl.col("school") == "S001"))
        .then(-1)
        .when(one & (pl.col("school") == "S003"))
        .then(1)
        .otherwise(0)
    )
    return base.with_columns(pl.col("seen") + step, pl.col("roll") + step)


def ten(base: pl.DataFrame) -> pl.DataFrame:
    """Ten pupils in grade 1 of the school she leaves, none of them with poor vision."""
    at = (pl.col("grade") == 1) & (pl.col("school") == "S001")
    five = [pl.when(at).then(5).otherwise(c).alias(c) for c in ("seen", "roll")]
    return base.with_columns(
        *five, *(pl.when(at).then(0).otherwise(c).alias(c) for c in ("mild", "moderate", "severe"))
    )


def test_a_corrected_release_uncovers_nothing() -> None:
    first = world.inner(ten(world.pupils(12, (3, 14, 25, 30), seed=5)))
    last = world.published(first, suppress(first))
    second = world.inner(moved(ten(world.pupils(12, (3, 14, 25, 30), seed=5))))
    alone, after = suppress(second), suppress(second, last)
    now = of(second, world.published(second, after))
    # Without the earlier release in view cells would be hidden that anybody can look up in it.
    naive = found(of(second, world.published(second, alone)), last)
    assert naive["internal"].height or naive["public"].height
    for edition in EDITIONS:
        assert breaches(attack(now, last, edition=edition)).is_empty()
        # What was hidden stays hidden: the new release does not tell what the old one hid.
        before = last[edition].filter(pl.col("status") == "suppressed").select(world.KEY)
        assert before.join(after[edition], on=world.KEY, how="anti").is_empty()
        assert breaches(attack(of(second, last), now.figures, edition=edition)).is_empty()  # type: ignore[arg-type]
    girls = pl.all_horizontal(pl.col("entity") == "S001", pl.col("subgroup") == "grade=1")
    assert after["internal"].filter(girls).height


def test_publication_is_refused_where_a_cell_can_be_worked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = build(tmp_path)
    monkeypatch.setattr(control, "suppress", world.primary_only)
    judged(home, [world.YEAR], [result("marts.complete", world.YEAR, "passed", unexpected=0)])
    with pytest.raises(GateRefused, match="推算"):
        publish(home, world.YEAR, "", dt.date(2025, 9, 1), generate=lambda *_, **__: None)


def counties(**numerators: tuple[int | None, ...]) -> Inner:
    """Counties with 100 pupils each and these true numerators of poor vision and its classes, all below 8 hidden outside."""
    truth = pl.DataFrame(
        [
            (code, f"{world.YEAR}-1", "county", county, "primary", "all", n, 100)
            for county, own in numerators.items()
            for code, n in zip(world.VISION, own, strict=True)
        ],
        schema=[*world.KEY, "numerator", "denominator"],
        orient="row",
    ).with_columns(per_pupil=pl.lit(True), over_pupils=pl.lit(False), is_share=pl.lit(True), hidden=pl.lit(False))
    cells = {"internal": truth, "public": truth.with_columns(hidden=pl.col("numerator") < 8)}
    schools = pl.DataFrame({"period": [world.YEAR], "school": ["S1"], "county": ["A"], "residence": ["town"]})
    catalogue = pl.DataFrame({"code": world.VISION}).with_columns(
        counted_unit=pl.lit("pupil"), domain=pl.lit("vision"), unit=pl.lit("share")
    )
    figures = {edition: world.shown(table, public=edition == "public") for edition, table in cells.items()}
    return Inner(cells, figures, schools, world.AREAS, catalogue)


def test_the_classes_of_an_indicator_are_one_sum() -> None:
    """Poor vision at most 17, moderate and severe at least 8 each: mild can only be nobody or one, though no other place is published."""
    start = counties(A=(16, 1, 8, 8))
    (cell,) = attack(of(start, dict(start.figures)), edition="public").iter_rows(named=True)
    assert (cell["indicator"], cell["count_low"], cell["count_high"]) == ("poor_vision_mild", 0, 1)
    # One of the others goes, too: a sum with two unknown parts tells of neither.
    assert suppress(start)["public"].height == 2


def test_an_indicator_found_open_again_and_again_falls_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    start = counties(A=(16, 1, 8, 8), B=(50, 20, 20, 10))
    mild = pl.col("indicator") == "poor_vision_mild"
    assert suppress(start)["public"].filter(mild)["entity"].to_list() == ["A"]
    monkeypatch.setitem(complementary._PATIENCE, "public", 0)
    assert suppress(start)["public"].filter(mild)["entity"].to_list() == ["A", "B"]


def test_a_difference_of_two_figures_is_not_published() -> None:
    """Those who could become new cases are those seen before without poor vision: 30 less 25 are 5, in one subtraction."""
    keys = [("poor_vision_same_before", 25, 30), ("poor_vision_new", 2, 5)]
    truth = pl.DataFrame(
        [(code, f"{world.YEAR}-1", "county", "A", "primary", "all", n, d) for code, n, d in keys],
        schema=[*world.KEY, "numerator", "denominator"], orient="row",
    ).with_columns(
        per_pupil=pl.lit(True), over_pupils=pl.lit(False), is_share=pl.lit(True), hidden=pl.col("denominator") < 10
    )  # fmt: skip
    base = counties(A=(16, 1, 8, 8))
    start = replace(
        base, cells=dict.fromkeys(EDITIONS, truth), figures={e: world.shown(truth, public=False) for e in EDITIONS},
        indicators=pl.DataFrame({"code": [k for k, _, _ in keys]}).with_columns(
            counted_unit=pl.lit("pupil"), domain=pl.lit("vision"), unit=pl.lit("share")
        ),
    )  # fmt: skip
    (cell,) = attack(of(start, dict(start.figures)), edition="internal").iter_rows(named=True)
    assert (cell["indicator"], cell["pupils_low"], cell["pupils_high"]) == ("poor_vision_new", 5, 5)
    assert suppress(start)["internal"]["indicator"].sort().to_list() == ["poor_vision_new", "poor_vision_same_before"]


def test_a_number_that_another_figure_shows_is_no_secret() -> None:
    """The examined are the denominator of what was found: their number is judged only where no figure shows it."""
    start = world.inner(world.pupils(28, (30, 40, 50)))
    code, place = "exam_coverage", (pl.col("level") == "county") & (pl.col("subgroup") == "all")
    for also, judged_cells in ((["poor_vision"], 0), (list(world.VISION), 4)):
        keys = start.cells["public"].filter(place & pl.col("indicator").is_in([code, *also])).select(world.KEY)
        figures = world.published(start, {"internal": keys.clear(), "public": keys})
        bounds = attack(of(start, figures), edition="public").filter(indicator=code)
        assert bounds.height == 4
        assert bounds["count_values"].count() == judged_cells


def test_a_release_under_another_rule_is_an_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same data cut under two rules, side by side, could tell what either hides."""
    home = build(tmp_path)
    judged(home, [world.YEAR], [result("marts.complete", world.YEAR, "passed", unexpected=0)])
    release = publish(home, world.YEAR, "", dt.date(2025, 9, 1), generate=lambda _, out, **__: out.mkdir(parents=True))
    version = str(json.loads(home.current.read_text())["built"])
    assert release and amendment.last_releases(home, version) == []
    monkeypatch.setattr(amendment, "rule_version", lambda: "another")
    assert [name for name, _ in amendment.last_releases(home, version)] == [f"{world.YEAR} r1"]
