"""What pages and books say of the disclosure rule: the numbers are those of the reviewed thresholds."""

from __future__ import annotations

import re

from orchestration.disclosure.evidence import TAIL
from orchestration.disclosure.thresholds import read_thresholds
from reports import guide_words as w


def test_the_words_say_the_thresholds() -> None:
    limits, said = (
        read_thresholds(),
        [list(map(int, re.findall(r"\d+", text))) for text in (*w.HIDING, w.HIDING_OUTSIDE)],
    )
    tail = round(100 * TAIL)
    assert said == [
        [1, limits.minimum_pupils - 1],
        [limits.tail_pupils, 0, 100, tail, 100 - tail],
        [limits.round_to, limits.minimum_schools],
    ]
