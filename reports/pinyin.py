"""Sounds of names: what a name is found by and sorted by. The library's readings, with our own for places and schools."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin, load_phrases_dict, load_single_dict

READINGS = Path(__file__).with_name("pinyin_readings.csv")


def readings() -> list[tuple[str, str, str]]:
    """Our own readings: text, its syllables, and why they differ from the library's."""
    with READINGS.open(encoding="utf-8", newline="") as handle:
        return [(row["text"], row["reading"], row["reason"]) for row in csv.DictReader(handle)]


@cache
def _reader() -> Callable[[str], list[str]]:
    own = readings()
    load_single_dict({ord(text): reading for text, reading, _ in own if len(text) == 1})
    load_phrases_dict({text: [[s] for s in reading.split()] for text, reading, _ in own if len(text) > 1})
    return lambda name: lazy_pinyin(name, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]  # the stub knows one text, the library takes several


@lru_cache(maxsize=65536)
def syllables(name: str) -> tuple[str, ...]:
    """One syllable per character; what is no Chinese character stands for itself."""
    return tuple(s.lower() for s in _reader()(name))


def initials(name: str) -> str:
    """First letters, one per character: 重庆路小学 → ``cqlxx``."""
    return "".join(s[:1] for s in syllables(name))
