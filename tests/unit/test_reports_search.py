"""What a school is found by: sounds, short forms, and an index that stays small."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from reports import pinyin
from reports.pages import search
from reports.site import Area, School


def test_every_reading_of_ours_is_used_and_reasoned() -> None:
    for text, reading, reason in pinyin.readings():
        assert pinyin.syllables(text) == tuple(reading.split()), text
        assert reason


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("重庆路小学", "cqlxx"), ("长青小学", "cqxx"), ("成长实验学校", "czsyxx"), ("单县解庄小学", "sxxzxx"),
        ("太行路中学", "thlzx"), ("乐清市第一小学", "yqsdyxx"), ("音乐小学", "yyxx"), ("重点中学", "zdzx"), ("㐂寨A", "㐂za"),
    ],
)  # fmt: skip
def test_initials(name: str, letters: str) -> None:
    assert pinyin.initials(name) == letters


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("南阳市第一中学校", "南阳一中"),
        ("方城县第十二小学", "方城县十二小"),
        ("南阳市实验小学", "南阳实小"),
        ("青石镇中心小学", ""),
    ],
)
def test_short_forms(name: str, form: str) -> None:
    assert search.short_form(name) == form


class FewSchools:
    """As much of a site as the index asks for."""

    def __init__(self, names: dict[str, str], county: Area) -> None:
        self.counties = [county]
        self.schools = {c: self._school(c, n, county.code) for c, n in names.items()}
        self.by_county: dict[str, list[School]] = defaultdict(list)
        self.by_county[county.code] = list(self.schools.values())

    @staticmethod
    def _school(code: str, name: str, county: str) -> School:
        former = ("</script>旧校",) if code.endswith("1") else ()
        return School(code, name, county, "", "211", "", None, None, None, "", "", "", True, former)

    def county_path(self, code: str) -> str:
        return f"county/{code}/index.html"


def read(content: bytes) -> Any:
    return json.loads(content.decode().removeprefix("window.junhengSchools=").removesuffix(";\n"))


def test_an_odd_sound_is_written_out_and_the_usual_one_is_not() -> None:
    site = FewSchools({"411": "甲县重庆小学", "412": "甲县重华小学", "413": "甲县重点中学"}, Area("41", "甲县", ""))
    index = read(search.index(site))  # type: ignore[arg-type]
    assert "重" in index["letters"]["c"]
    _, _, start, lines = index["counties"][0]
    assert start == "41"
    assert lines.split("\n") == ["1|~重庆小学|</script>旧校", "2|~重华小学", "3|~重点中学|=jxzdzx"]
    assert b"<" not in search.index(site)  # type: ignore[arg-type]


def test_ten_thousand_schools_fit_the_budget() -> None:
    """Names of twelve characters with the county, ten digits of code, 500 schools a county: what a city has."""
    names = {f"41{n:08d}": f"方城县青石镇大庄{'一二三四五六七八九十'[n % 10]}中心小学" for n in range(500)}
    one = len(search.index(FewSchools(names, Area("411300", "方城县", ""))))  # type: ignore[arg-type]
    assert one * 20 <= 450 * 1024
