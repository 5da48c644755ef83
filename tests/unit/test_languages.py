"""Languages of the sites: both by default, Chinese alone where asked, nothing else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.config import ConfigError
from orchestration.languages import site_languages
from reports.i18n import load_language
from reports.site import Site


def test_languages_are_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUNHENG_LANGUAGES", raising=False)
    assert site_languages() == ("zh-CN", "en")
    monkeypatch.setenv("JUNHENG_LANGUAGES", " zh-CN ")
    assert site_languages() == ("zh-CN",)
    for wrong in ("", "en", "en,zh-CN", "zh-CN,de"):
        monkeypatch.setenv("JUNHENG_LANGUAGES", wrong)
        with pytest.raises(ConfigError):
            site_languages()


def test_days_and_large_numbers_of_prose() -> None:
    chinese, english = load_language("zh-CN"), load_language("en")
    assert chinese.day("2026-03-31") == "2026年3月31日" and english.day("2026-03-31") == "March 31, 2026"
    assert chinese.day("未定") == "未定"
    assert (chinese.many(99_999), chinese.many(1_450_000)) == ("99,999", "145万")
    assert (english.many(1_336), english.many(123_456_789)) == ("1,336", "123.5 million")


def test_a_further_page_of_a_school_leads_to_the_first_one_in_another_language() -> None:
    """They are cut by their size, which differs by language: the third one here may have no twin there."""
    here: Any = SimpleNamespace(language=SimpleNamespace(tag="en"), languages=("zh-CN", "en"), top="../")
    for path, there in (("s/1-more-3.html", "s/1-more.html"), ("s/1.html", "s/1.html")):
        assert Site.other_languages(here, path) == [("zh-CN", "中文", f"../{there}")]
