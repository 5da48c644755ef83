"""The commitments are all there, quote their documents, and each has something that answers it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.config import DBT_PROJECT_DIR

DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
CHINESE = re.compile(r"[一-鿿]")


def seed(name: str) -> list[dict[str, str]]:
    with DBT_PROJECT_DIR.joinpath("seeds", f"{name}.csv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


COMMITMENTS = {row["commitment"]: row for row in seed("commitments_seed")}
ROUTES = seed("commitment_routes")
CATALOGUE = {row["code"]: row for row in seed("indicators_seed")}


def first_routes() -> dict[str, str]:
    return {row["commitment"]: row["route"] for row in ROUTES if row["part"] == "1"}


def test_all_commitments_have_a_route() -> None:
    assert len(COMMITMENTS) == 455
    assert Counter(key[:2] for key in COMMITMENTS) == {"NY": 120, "QH": 97, "GG": 93, "PL": 89, "HN": 56}
    assert set(first_routes()) == set(COMMITMENTS)
    parts = [(row["commitment"], row["part"]) for row in ROUTES]
    assert len(set(parts)) == len(parts)


def test_three_are_narrative_and_many_are_computed() -> None:
    routes = Counter(first_routes().values())
    assert routes["narrative"] == 3 and routes["computed"] >= 80, routes
    not_measurable = {key for key, row in COMMITMENTS.items() if row["measurable"] == "no"}
    assert {key for key, route in first_routes().items() if route == "narrative"} == not_measurable


def test_what_answers_a_commitment_is_in_the_catalogue() -> None:
    for row in ROUTES:
        code = row["indicator"]
        if row["judged_at"] == "cases":
            assert not code and (row["cases_of"] == "*" or set(row["cases_of"].split("|")) <= set(CATALOGUE)), row
            continue
        assert not row["cases_of"], row
        if row["route"] != "computed" or row["judged_at"] == "verdict":
            assert not code or code in CATALOGUE, row
            continue
        indicator = CATALOGUE[code]
        # a number compared as such passes the disclosure border unrounded
        assert row["compared"] != "count" or indicator["counted_unit"] != "pupil", row
        assert indicator["period_type"] == ("year" if row["reads"] == "year" else "semester"), row
        assert row["stage"] in indicator["stages"].split("|"), row
        assert row["subgroup"].split("=")[0] in indicator["subgroups"].split("|"), row
        if row["judged_at"] == "school":
            assert "school" in indicator["levels"].split("|"), row


def test_a_computed_level_has_a_target() -> None:
    for row in ROUTES:
        if row["route"] == "computed" and row["compared"] not in ("change", "count") and row["judged_at"] != "verdict":
            assert row["target_value"] or COMMITMENTS[row["commitment"]]["target_value"], row


def test_figures_and_commitments_agree_on_their_targets() -> None:
    """A target of a figure that names a commitment asks what the commitment asks."""
    wanted = {
        (row["commitment"], row["indicator"]): Decimal(
            row["target_value"] or COMMITMENTS[row["commitment"]]["target_value"] or 0
        )
        for row in ROUTES
    }
    for target in seed("targets_seed"):
        key = (target["commitment"], target["indicator"])
        if key in wanted:
            assert Decimal(target["value"]) == wanted[key], target["target_id"]


def test_areas_dates_and_words_are_those_of_the_lists() -> None:
    areas = {row["area"] for row in seed("areas_seed")}
    for row in COMMITMENTS.values():
        assert set(row["jurisdiction_area"].split("|")) <= areas, row["commitment"]
        assert row["jurisdiction_scope"] in {"city", "each_county", "province", "named_county"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["valid_from"])
        assert not row["due_on"] or re.fullmatch(r"\d{4}-\d\d-\d\d", row["due_on"])


@pytest.mark.parametrize(
    ("commitment", "due_on"),
    [
        ("NY-002", "2025-12-31"),  # a year alone ends with its last day
        ("NY-029", "2024-09-01"),  # "before autumn opens"
        ("NY-052", "2029-12-31"),  # "before 2030"
        ("PL-005", "2018-09-30"),
        ("NY-042", ""),  # every year
    ],
)
def test_due_dates_follow_the_settled_readings(commitment: str, due_on: str) -> None:
    assert COMMITMENTS[commitment]["due_on"] == due_on


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason=f"no documents: {DOCUMENTS} is absent")
def test_quotes_stand_in_their_documents() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in DOCUMENTS.glob("*.txt")}
    for key, row in COMMITMENTS.items():
        if not key.startswith("QH-"):
            assert row["quote_zh"] in texts[row["source_file"]], key


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason=f"no documents: {DOCUMENTS} is absent")
def test_quotes_of_the_traditional_text_are_found_by_what_both_scripts_share() -> None:
    """The Qinghai text is traditional, with pinyin between the signs and some of them garbled: four signs of ten must stand in place."""
    rows = {key: row for key, row in COMMITMENTS.items() if key.startswith("QH-")}
    (name,) = {row["source_file"] for row in rows.values()}
    text = "".join(CHINESE.findall((DOCUMENTS / name).read_text(encoding="utf-8")))
    for key, row in rows.items():
        quote = "".join(CHINESE.findall(row["quote_zh"]))
        best = max(
            sum(a == b for a, b in zip(quote, text[start : start + len(quote)], strict=False))
            for start in range(len(text))
        )
        assert best >= len(quote) * 0.4, (key, best, len(quote))
