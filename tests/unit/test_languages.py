"""Languages of the sites: both by default, Chinese alone where asked, nothing else."""

from __future__ import annotations

import pytest

from orchestration.config import ConfigError
from orchestration.languages import site_languages
from reports.i18n import load_language


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
