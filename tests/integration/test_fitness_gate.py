"""Fitness and body figures at the gate and at the border: levels nest, bands add up, means stay on their scale and survive rounding."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_home import Tables, build, built

from expectations import gate
from expectations.suites import SUITES
from orchestration.config import Home
from orchestration.disclosure.control import control

CODES = {
    "fitness_pass": 20, "fitness_good": 12, "fitness_excellent": 4, "fitness_bmi_normal": 15, "fitness_bmi_thin": 3,
    "fitness_bmi_overweight": 4, "fitness_bmi_obese": 2, "fitness_mean_rope": 24 * 85,
    "exam_overweight": 4, "exam_obesity": 3, "exam_thinness": 2,
}  # fmt: skip
CHECKS = {f"indicator_values.{n}" for n in ("fitness_levels", "fitness_bmi", "fitness_scores", "exam_bmi")}


def with_fitness(marts: Tables, numbers: dict[str, int], pupils: int) -> None:
    """Gives every exam figure a fitness twin, so that all places exist; the numbers are the same everywhere."""
    figures = marts["indicator_values"]
    like = figures.filter(pl.col("indicator") == "exam_coverage")
    for code, number in numbers.items():
        points = code.startswith("fitness_mean")
        twin = like.with_columns(
            indicator=pl.lit(code), numerator=pl.lit(number, figures.schema["numerator"]),
            denominator=pl.lit(pupils, figures.schema["denominator"]), value=pl.lit(number / pupils),
            unit=pl.lit("points" if points else "share"), status=pl.lit("no_target"),
            target=pl.lit(None, figures.schema["target"]), target_id=pl.lit(None, pl.String),
            figure_id=pl.col("figure_id").str.replace("exam_coverage", code, literal=True),
        )  # fmt: skip
        figures = pl.concat([figures, twin.select(figures.columns)])
        entry = (
            marts["indicators"]
            .filter(pl.col("code") == "exam_coverage")
            .with_columns(code=pl.lit(code), unit=twin["unit"][0:1])
        )
        marts["indicators"] = pl.concat([marts["indicators"], entry])
    marts["indicator_values"] = figures


def made(root: Path, numbers: dict[str, int], pupils: int = 24) -> Home:
    home = build(root, change_marts=lambda marts: with_fitness(marts, numbers, pupils))
    control(home, built(home))
    return home


def failed(home: Home, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    monkeypatch.setattr(gate, "SUITES", {"marts": SUITES["marts"]})
    verdict = gate.check(home, built(home))
    return {r.check for r in verdict.results if r.result != "passed"} & CHECKS


@pytest.mark.parametrize(
    ("changed", "caught"),
    [
        ({}, set()),
        ({"fitness_excellent": 13}, {"indicator_values.fitness_levels"}),
        ({"fitness_good": 21}, {"indicator_values.fitness_levels"}),
        ({"fitness_bmi_thin": 2}, {"indicator_values.fitness_bmi"}),
        ({"fitness_mean_rope": 2401}, {"indicator_values.fitness_scores"}),
        ({"exam_overweight": 19}, set()),
        ({"exam_overweight": 20}, {"indicator_values.exam_bmi"}),
    ],
)
def test_the_gate_knows_how_figures_about_bodies_hang_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, int], caught: set[str]
) -> None:
    assert failed(made(tmp_path, CODES | changed), monkeypatch) == caught


def shown(home: Home, edition: str) -> pl.DataFrame:
    path = home.marts / built(home) / "controlled" / edition / "indicator_values.parquet"
    return pl.read_parquet(path).filter(pl.col("indicator") == "fitness_mean_rope")


def test_a_public_mean_keeps_near_the_true_one(tmp_path: Path) -> None:
    table = shown(made(tmp_path, {"fitness_mean_rope": 12 * 85}, pupils=12), "public").drop_nulls("value")
    # 1,020 points of 12 pupils rounded apart would be 1,020 / 10 = 102, above the end of the scale
    assert table.select("numerator", "denominator", "value").unique().rows() == [(850, 10, 85.0)]


@pytest.mark.parametrize(
    ("points", "pupils", "hidden"), [(100, 12, True), (0, 12, True), (60, 19, True), (85, 12, False), (100, 20, False)]
)
def test_a_mean_that_says_the_same_of_everyone_in_a_small_group_is_hidden(
    tmp_path: Path, points: int, pupils: int, hidden: bool
) -> None:
    table = shown(made(tmp_path, {"fitness_mean_rope": points * pupils}, pupils=pupils), "internal")
    assert (table["status"] == "suppressed").all() is hidden and (table["value"].null_count() == table.height) is hidden
