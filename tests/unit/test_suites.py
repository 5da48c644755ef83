"""What people read of a check: names in two languages, a reason for its bound, a severity."""

from __future__ import annotations

import re

import pytest

from expectations.contract import FEED_ORDER
from expectations.suites import SUITES
from expectations.suites.declare import Check
from expectations.tables import MARTS
from reports.auditing import site

CHECKS = [check for checks in SUITES.values() for check in checks]
HAN = re.compile(r"[\u4e00-\u9fff]")
# Half-width punctuation beside a Chinese character reads as a slip of the pen.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")


def test_a_check_is_named_once() -> None:
    names = [check.name for check in CHECKS]
    assert len(names) == len(set(names)) and all(SUITES.values())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_says_what_and_why_in_both_languages(check: Check) -> None:
    for text in (check.zh, check.reason_zh):
        assert len(HAN.findall(text)) >= 4 and not HALF_WIDTH.search(text), text
    for text in (check.en, check.reason):
        assert len(text) >= 10 and text.isascii(), text
    assert check.reason_zh.endswith("。") and check.reason.endswith(".") and not check.zh.endswith("。")
    assert check.severity in ("error", "warn") and re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", check.name)


def test_every_suite_has_a_name_on_the_audit_site() -> None:
    assert SUITES.keys() == site.SUITES.keys()


def test_every_feed_and_mart_is_judged() -> None:
    named = {check.name.partition(".")[0] for check in CHECKS}
    unjudged = {"indicators", "targets"}  # seeds: dbt tests them, and figures are checked against them
    assert {*FEED_ORDER, *MARTS} - unjudged <= named
