"""The formatter: units, decimals, words, and where rounding would say what is not so."""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import numbers


def words(**given_values: object) -> dict[str, object]:
    row: dict[str, object] = {
        "entity": "411302", "indicator": "exam_coverage", "stage": "primary", "subgroup": "all",
        "period": "2024-2025", "status": "met", "numerator": 95.0, "denominator": 100.0, "value": 0.95,
        "lower_95": None, "upper_95": None, "target": 0.95, "value_text_rule": None, "rounded": False,
        "is_share": True, "higher": True, "interval_judged": False, "unit_words": "", "digits": 2, "scale": 1, "counts_shown": True,
    }  # fmt: skip
    row |= given_values
    types = {
        "numerator": pl.Float64, "denominator": pl.Float64, "value": pl.Float64, "lower_95": pl.Float64,
        "upper_95": pl.Float64, "target": pl.Float64, "value_text_rule": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame([row], schema_overrides=types)
    return numbers.with_texts(frame, str).row(0, named=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.453, "45.3%"), (1.0, "100.0%"), (0.0, "0.0%"), (0.0625, "6.3%"), (0.07, "7.0%"), (0.5555, "55.6%")],
)
def test_a_share_has_one_decimal(value: float, text: str) -> None:
    assert words(value=value, target=None, status="no_target")["text"] == text


@pytest.mark.parametrize(
    ("value", "target", "higher", "text"),
    [
        (0.9996, 1.0, True, "99.96%"),
        (0.99999, 1.0, True, "99.99%"),
        (0.9497, 0.95, True, "94.97%"),
        (0.38004, 0.38, False, "38.01%"),
        (0.93, 0.95, True, "93.0%"),
    ],
)
def test_rounding_never_contradicts_the_judgement(value: float, target: float, higher: bool, text: str) -> None:
    assert words(value=value, target=target, higher=higher, status="not_met")["text"] == text


def test_a_little_is_not_nothing_and_nearly_all_is_not_all() -> None:
    assert words(value=0.0003, target=None, status="no_target")["text"] == "0.03%"
    assert words(value=0.9998, target=0.95, status="met")["text"] == "99.98%"


def test_states_are_words() -> None:
    empty = {"numerator": None, "value": None}
    assert words(status="not_reported", **empty)["text"] == "未报送"
    assert words(status="suppressed", denominator=None, **empty)["text"] == "已隐去"
    assert words(status="met", value_text_rule="ge95", **empty)["text"] == "≥95%"
    assert words(status="not_met", value_text_rule="le5", **empty)["text"] == "≤5%"
    assert words(status="no_target", **empty)["text"] == "暂无数据"


def test_hidden_cells_and_tails_have_no_place() -> None:
    assert words(status="suppressed", value=0.4)["plotted"] is None
    assert words(status="met", value=1.0, value_text_rule="ge95")["plotted"] is None
    assert words(status="met", value=1.0, value_text_rule="ge95")["gap"] is None


def test_counts_have_separators_and_say_when_rounded() -> None:
    assert words(numerator=1234567.0, denominator=12345678.0)["counts"] == "1,234,567 / 12,345,678"
    assert words(numerator=120.0, denominator=345.0, rounded=True)["counts"] == "≈120 / ≈345"
    assert words(numerator=None, denominator=40.0)["counts"] == "– / 40"
    assert words(numerator=1000.0, denominator=1007.0)["counts"] == "1,000 / 1,007"


def test_gap_and_interval() -> None:
    assert words(value=0.9, target=0.95)["gap"] == "−5.0"
    assert words(value=0.95, target=0.95)["gap"] == "±0.0"
    assert words(value=1.9, target=2.0, is_share=False, unit_words="部/生")["gap"] == "−0.10"
    assert words(lower_95=0.341, upper_95=0.4049)["interval"] == "34.1–40.5%"


@given(st.integers(1, 5000).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d))))
def test_text_is_the_rational_rounded_half_up(counts: tuple[int, int]) -> None:
    n, d = counts
    text = str(words(value=n / d, target=None, status="no_target")["text"])
    exact = Fraction(n, d)
    tenths = math.floor(exact * 1000 + Fraction(1, 2))
    if tenths in (0, 1000) and 0 < n < d:
        assert text.count(".") == 1 and len(text.rstrip("%").split(".")[1]) == 2
    else:
        assert text == f"{tenths // 10}.{tenths % 10}%"


def test_changes_compare_with_the_same_semester_a_year_before() -> None:
    base = {
        "entity": "411302", "indicator": "x", "stage": "primary", "subgroup": "all", "is_share": True,
        "higher": False, "interval_judged": True, "denominator": 1000.0, "digits": 2, "status": "met",
    }  # fmt: skip
    rows = [
        {**base, "period": "2023-2024-2", "plotted": 0.40, "numerator": 400.0},
        {**base, "period": "2024-2025-1", "plotted": 0.10, "numerator": 100.0},
        {**base, "period": "2024-2025-2", "plotted": 0.30, "numerator": 300.0},
    ]
    changed = numbers.with_changes(pl.DataFrame(rows), str, pl.lit(True)).sort("period")
    assert changed["change"].to_list() == ["", "", "−10.0"]
    assert changed["change_words"].to_list() == ["", "", "变好"]
    small = pl.DataFrame(rows).with_columns(pl.lit(20.0).alias("denominator"), numerator=pl.col("plotted") * 20)
    assert numbers.with_changes(small, str, pl.lit(True)).sort("period")["change_words"].to_list()[2] == "差异不显著"
    # 1.55 standard errors at 110 pupils, 2.55 at 300: nothing at 99.8 %, though 95 % would call the second different
    for n in (110.0, 300.0):
        between = pl.DataFrame(rows).with_columns(pl.lit(n).alias("denominator"), numerator=pl.col("plotted") * n)
        assert (
            numbers.with_changes(between, str, pl.lit(True)).sort("period")["change_words"].to_list()[2] == "差异不显著"
        )
    mean = pl.DataFrame(rows).with_columns(is_share=pl.lit(False), interval_judged=pl.lit(False))
    told = numbers.with_changes(mean, str, pl.lit(True)).sort("period")
    assert (told["change"][2], told["change_words"][2]) == ("−0.10", "")


def told_changes(*counts: tuple[str, tuple[int, int], tuple[int, int]]) -> dict[str, str]:
    """Words for the change of stages given as (numerator, denominator) before and now."""
    rows = [
        {
            "entity": "411303", "indicator": "x", "stage": stage, "subgroup": "all", "is_share": True, "higher": False,
            "interval_judged": True, "digits": 2, "status": "met", "period": period, "plotted": n / d,
            "numerator": float(n), "denominator": float(d),
        }
        for stage, *both in counts
        for period, (n, d) in zip(("2023-2024", "2024-2025"), both, strict=True)
    ]  # fmt: skip
    found = numbers.with_changes(pl.DataFrame(rows), str, pl.col("period") == "2024-2025")
    return dict(found.filter(pl.col("period") == "2024-2025").select("stage", "change_words").iter_rows())


def test_a_total_moved_by_its_mix_is_not_called_better() -> None:
    """Simpson: worse in both stages, yet fewer in all, since more of the pupils are small."""
    primary, junior = ((3000, 10000), (3500, 11500)), ((7000, 10000), (5680, 8000))
    total = tuple((a[0] + b[0], a[1] + b[1]) for a, b in zip(primary, junior, strict=True))
    assert total[1][0] / total[1][1] < total[0][0] / total[0][1] - 0.02
    words = told_changes(("primary", *primary), ("junior", *junior), ("compulsory", *total))
    assert words["compulsory"] == "构成变化，不作比较"
    assert "变好" not in words.values()
    # one stage alone is its own total, and a total between its stages keeps its word
    alone = told_changes(("primary", (3000, 10000), (2000, 10000)), ("compulsory", (3000, 10000), (2000, 10000)))
    assert alone == {"primary": "变好", "compulsory": "变好"}


@pytest.mark.parametrize(("now", "word"), [(1200, "变差"), (1201, "分母变化大，不作比较"), (799, "分母变化大，不作比较"), (800, "变差")])  # fmt: skip
def test_a_share_of_other_people_is_not_compared(now: int, word: str) -> None:
    assert told_changes(("senior", (500, 1000), (round(now * 0.7), now)))["senior"] == word


@pytest.mark.parametrize(
    ("value", "operator", "is_share", "text"),
    [(1, ">=", True, "100%"), (0.95, ">=", True, "≥95%"), (0.38, "<", True, "<38%"), (2, ">=", False, "≥2")],
)
def test_targets_read_as_in_documents(value: float, operator: str, is_share: bool, text: str) -> None:
    assert numbers.target_text(value, operator, is_share=is_share) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.5, 4, "≤0.50"), (0.45, 4, "≤0.45"), (2000, 0, "≤2,000"), (4.2, 2, "≤4.2"), (1, 4, "≤1.00")],
)
def test_targets_that_are_no_share(value: float, digits: int, text: str) -> None:
    assert numbers.target_text(value, "<=", is_share=False, digits=digits) == text


@pytest.mark.parametrize(
    ("value", "target", "higher", "digits", "unit", "text", "gap"),
    [
        (0.501787, 0.5, False, 4, "", "0.5018", "+0.0018"),
        (0.50000001, 0.5, False, 4, "", "0.500001", "±0.000000"),
        (0.50004, 0.5, False, 4, "", "0.500040", "+0.000040"),
        (0.5, 0.5, False, 4, "", "0.5000", "±0.0000"),
        (1999.6, 2000.0, True, 0, "元/生", "1,999.60元/生", "−0.40"),
        (2345.5, 2000.0, True, 0, "元/生", "2,346元/生", "+346"),
        (4.196, 4.2, True, 2, "人/百生", "4.1960人/百生", "−0.0040"),
        (72.449, None, True, 1, "分", "72.4分", None),
        (3.0, 3.0, True, 0, "级", "3级", "±0"),
    ],
)
def test_values_that_are_no_share(
    value: float, target: float | None, higher: bool, digits: int, unit: str, text: str, gap: str | None
) -> None:
    """A coefficient of 0.501787 never prints as its limit of 0.50, nor anything missed as reached."""
    if target is None:
        status = "no_target"
    else:
        status = "met" if (value >= target if higher else value <= target) else "not_met"
    row = words(
        value=value, target=target, higher=higher, digits=digits, unit_words=unit, is_share=False, status=status
    )
    assert row["text"] == text
    assert row["gap"] == gap


def test_a_gap_below_the_last_decimal_is_not_nothing() -> None:
    assert words(value=0.9996, target=1.0, status="not_met")["gap"] == "−0.040"


def test_scaled_counts_are_shown_in_their_own_unit() -> None:
    area = words(numerator=2_322_600.0, denominator=376.0, scale=100, is_share=False)
    assert area["counts"] == "23,226 / 376"
    assert words(numerator=971_150.0, denominator=166.0, scale=100, is_share=False)["counts"] == "9,711.50 / 166"
    rooms = words(numerator=52_941.0, denominator=166.0, scale=10_000, is_share=False)
    assert rooms["counts"] == "5.29 / 166"
    assert words(numerator=501_787_000.0, denominator=1e9, counts_shown=False, is_share=False)["counts"] is None
    assert words(numerator=4_123_456_789.0, denominator=1_450_000.0)["counts"] == "4,123,456,789 / 1,450,000"
