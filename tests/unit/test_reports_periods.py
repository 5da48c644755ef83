"""Words and order of periods; vocabulary of the status words."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from reports import periods, vocabulary


def test_words_of_periods() -> None:
    assert periods.label("2024-2025", str) == "2024—2025学年"
    assert periods.label("2024-2025-1", str) == "2024—2025学年秋季学期"
    assert periods.label("2024-2025-2", str) == "2024—2025学年春季学期"
    assert periods.short("2024-2025-1", str) == "2024秋"
    assert periods.short("2024-2025-2", str) == "2025春"
    assert periods.label("odd", str) == "odd"


def test_the_comparable_earlier_period() -> None:
    assert periods.year_before("2024-2025-2") == "2023-2024-2"
    assert periods.year_before("2024-2025") == "2023-2024"
    assert periods.school_year("2024-2025-2") == "2024-2025"


def test_the_day_on_which_schools_are_counted_is_the_calendars() -> None:
    seed = pl.read_csv(Path(__file__).parents[2] / "dbt_project" / "seeds" / "calendar.csv", infer_schema=False)
    years = seed.filter(pl.col("period_type") == "year").select("period", "reference_date").rows()
    assert years and all(periods.reference_day(year) == day for year, day in years)


def test_every_status_word_has_its_own_shape() -> None:
    shown = [s for s in vocabulary.STATUSES.values() if s.code != "no_target"]
    assert len(shown) == 9
    assert len({s.icon for s in shown}) == 9
    assert [s.order for s in vocabulary.STATUSES.values()] == list(range(1, 11))


def test_unknown_codes_are_shown_as_they_stand() -> None:
    assert vocabulary.status_of("strange").word == "strange"
    assert vocabulary.subgroup_word("grade=3", str) == "三年级"
    assert vocabulary.subgroup_word("club=chess", str) == "club=chess"
    assert vocabulary.domain_of("zzz") == "other"
    assert vocabulary.domain_of("L1_CV") == "balance"
