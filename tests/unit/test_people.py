"""Who a person is, and which texts name one."""

from __future__ import annotations

import pytest

from expectations.people import folded, names_a_person


@pytest.mark.parametrize("other", ["张 三", "张三\u200b", "张\u034f三", "张三\ufe0f", "张·三", "\u3164张三"])
def test_one_person_under_many_spellings(other: str) -> None:
    assert folded(other) == folded("张三") != folded("张四")


@pytest.mark.parametrize(
    "text",
    ["411302201501011234", "411302 20150101 1234", "411302-20150101-1234", "G41130220150101123", "请打 138-0013-8000"],
)
def test_numbers_of_a_person(text: str) -> None:
    assert names_a_person(text)


@pytest.mark.parametrize(
    "text", ["2024-2025-1 2025-09-01", "共 1234567 行", "依据宛教〔2025〕13号", "2025-09-01 至 2025-10-31"]
)
def test_dates_and_counts_are_no_person(text: str) -> None:
    assert not names_a_person(text)
