"""Contracts: valid ODCS, one name for one thing, overlays that teach when they are wrong, and everything derived from them up to date."""

from pathlib import Path

import pytest

from docs.generate import TARGET, dictionary
from expectations.contract import FEED_ORDER, ContractError, fold_header, load_contract, load_contracts
from expectations.suites import health
from orchestration.config import FEED_NAMES
from orchestration.ingest.normalise import POLARS_TYPES, base_schema
from orchestration.ingest.rules import PRIORITY, ROW_RULES
from orchestration.ingest.values import PARSERS

CONTRACTS = load_contracts()


def test_names_of_feeds_stand_in_one_place_only_by_agreement() -> None:
    assert {feed: contract.title for feed, contract in CONTRACTS.items()} == FEED_NAMES


@pytest.mark.parametrize("feed", FEED_ORDER)
def test_a_spelling_names_one_column_of_a_feed(feed: str) -> None:
    seen: dict[str, str] = {}
    for column in CONTRACTS[feed].columns:
        for spelling in column.spellings:
            assert seen.setdefault(spelling, column.name) == column.name


@pytest.mark.parametrize("feed", FEED_ORDER)
def test_columns_have_readers_types_and_descriptions(feed: str) -> None:
    contract = CONTRACTS[feed]
    special = {"xjh", "id_number", "pupil_no", "glasses", "acuity", "drop"}
    for column in contract.columns:
        assert column.reads["type"] in PARSERS.keys() | special
        assert column.physical_type in POLARS_TYPES
        assert column.description
    names = set(contract.by_name)
    assert {n for group in contract.signature for n in group} <= names
    assert set(contract.requires) <= names
    assert contract.date_column is None or contract.date_column in names


@pytest.mark.parametrize("feed", FEED_ORDER)
def test_base_tables_hold_no_personal_text(feed: str) -> None:
    contract = CONTRACTS[feed]
    schema = base_schema(contract)
    dropped = {c.name for c in contract.columns if c.classification == "drop" or c.reads["type"] == "drop"}
    assert not dropped & set(schema)
    tokens = {c.name for c in contract.columns if c.classification == "token"}
    assert all(schema[name] == POLARS_TYPES["BLOB"] for name in tokens & set(schema))


def test_every_rule_of_a_contract_is_ordered_and_worded() -> None:
    used = {rule.name for contract in CONTRACTS.values() for rule in contract.rules}
    assert used <= set(PRIORITY)
    assert set(PRIORITY) == set(ROW_RULES)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("裸眼远视力*", "裸眼远视力"),
        ("身高（单位ＣＭ）", "身高(单位cm)"),
        ("学 籍\n号：", "学籍号"),
        ("＊是否必填", "是否必填"),
    ],
)
def test_headers_are_compared_without_width_blanks_and_stars(written: str, folded: str) -> None:
    assert fold_header(written) == folded


def test_an_overlay_adds_a_spelling_without_code(tmp_path: Path) -> None:
    (tmp_path / "fitness_test.yaml").write_text("columns:\n  sit_reach:\n    headers: [作为体前屈]\n", encoding="utf-8")
    contract = load_contract("fitness_test", tmp_path)
    assert contract.by_spelling["作为体前屈"] == "sit_reach"
    assert contract.fingerprint != CONTRACTS["fitness_test"].fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "columns: {no_such: {headers: [甲]}}",
        "layouts: []",
        "columns: {rope: {unit: cm}}",
        "columns: [",
    ],
)
def test_a_wrong_overlay_says_what_is_allowed(tmp_path: Path, text: str) -> None:
    (tmp_path / "fitness_test.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=r"fitness_test\.yaml"):
        load_contract("fitness_test", tmp_path)


def test_the_data_dictionary_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == dictionary(), "run `make docs`"


@pytest.mark.parametrize("feed", ["physical_exam", "fitness_test"])
def test_the_gate_asks_of_a_measure_what_its_contract_asks(feed: str) -> None:
    """A row that landing accepts by the shipped contract is never a fault at the gate, nor the other way round."""
    bounds = {c.name: (c.reads["min"], c.reads["max"]) for c in CONTRACTS[feed].columns if "max" in c.reads}
    judged = [check.arguments for check in health.CHECKS if check.table == feed and check.kind == "between"]
    assert len(judged) >= 4
    for check in judged:
        assert (check["min_value"], check["max_value"]) == bounds[check["column"]]
