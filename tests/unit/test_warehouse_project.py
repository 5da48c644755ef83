"""What the dbt project promises about itself: every model says what a row is, and no word that only one engine knows."""

from __future__ import annotations

import csv
import functools
import re
from pathlib import Path

import pytest
import yaml

from orchestration.config import DBT_PROJECT_DIR

MODELS = sorted(DBT_PROJECT_DIR.joinpath("models").rglob("*.sql"))
TESTS = sorted(DBT_PROJECT_DIR.joinpath("tests").rglob("*.sql"))
# Words that one engine knows and the other does not (PITFALLS §9); macros may use them, models may not.
FOREIGN = re.compile(
    r"\bqualify\b|group by all|order by all|\bpivot\b|\basof\b|read_parquet|\bhash\(|::|try_cast|\bexclude\s*\(|\buuid\b|\bvarchar\b",
    re.IGNORECASE,
)


@functools.cache
def described() -> dict[str, str]:
    found = {}
    for path in DBT_PROJECT_DIR.joinpath("models").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            found[model["name"]] = model.get("description", "")
    return found


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_states_its_grain_and_keeps_to_portable_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- Grain: ")
    assert described().get(path.stem), "no description in yml"
    code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert not FOREIGN.search(code), FOREIGN.search(code)
    for ordering in re.findall(r"order by([^)]*)\)", code):
        for term in ordering.split(","):
            if "{{" not in term and "(" not in term and "end" not in term.split():
                assert re.search(r"\b(asc|desc)\b", term), f"an order without a direction: {term.strip()}"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_a_data_test_says_what_when_and_how(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- What is this: ")
    assert lines[1].startswith("-- When does it matter: ")
    assert lines[2].startswith("-- How to resolve it: ")


def test_rules_are_unit_tested() -> None:
    # That every indicator of the catalogue has its model is a dbt test: every_figure_is_in_the_catalogue.
    tests = [
        test
        for path in DBT_PROJECT_DIR.joinpath("models").rglob("_unit_tests*.yml")
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]
    ]
    assert len(tests) >= 50
    assert len({test["name"] for test in tests}) == len(tests)


def test_every_target_quotes_its_source() -> None:
    with DBT_PROJECT_DIR.joinpath("seeds", "targets_seed.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            assert row["quote_zh"] and row["clause"] and row["valid_from"] and row["threshold_source"], row["target_id"]
            assert row["commitment"] or row["threshold_source"] == "national_rule", row["target_id"]
