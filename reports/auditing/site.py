"""What all audit pages share: words, names, addresses, states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import polars as pl

from reports import periods
from reports import vocabulary as v
from reports.auditing.blocks import Cell, Head, Pages, Text
from reports.auditing.book import AuditBook
from reports.i18n import N_, SOURCE_LANGUAGE, load_language
from reports.write import segment

T = TypeVar("T")
PER_PAGE = 200  # rows of an index page: about 100 KB
WAIVERS_PER_PAGE = 150
REFUSED_GROUP = ["feed", "county", "period", "school", "rule", "column_name"]
REFUSED_PER_PAGE = 120  # groups of refused rows; each has its sentence and samples
_PLAIN = re.compile(r"[0-9A-Za-z_-]+")


@dataclass(frozen=True)
class State:
    """A state word with its shape."""

    word: str
    icon: str
    words: Text


def slug(name: str) -> str:
    """A name of the suites or a version as a path segment; what is not plain becomes hex."""
    plain = name.replace(".", "__")
    return plain if _PLAIN.fullmatch(plain) else segment(name)


# Result and whether it blocks → word and shape.
RESULTS = {
    ("passed", False): (N_("通过"), "met"),
    ("failed", False): (N_("警告"), "rev"),
    ("failed", True): (N_("未通过"), "not"),
    ("crashed", True): (N_("检查出错"), "not"),
    ("not_run", True): (N_("没有运行"), "nrp"),
}
DELIVERY = {
    "loaded": (N_("已接收"), "met"),
    "superseded": (N_("已被更正取代"), "dis"),
    "duplicate": (N_("重复报送"), "nap"),
    "rejected": (N_("已退回"), "not"),
    "pending": (N_("待处理"), "due"),
}
SEVERITY = {"error": N_("不通过则不得发布"), "warn": N_("随发布公布的警告")}
SUITES = {
    "rosters": N_("名册"), "vision": N_("视力"), "health": N_("体检与体质"), "films": N_("影视教育"), "food": N_("食品安全"),
    "forms": N_("年报和上报数"), "suspicious": N_("疑似不实"), "assessment": N_("评估表"), "parts": N_("送达与退回"),
    "marts": N_("指标表"), "controlled": N_("脱敏后的表"), "controlled_judged": N_("脱敏后的结论"),
}  # fmt: skip
COMMON = "common"
# Refusals against the register; those of a cell have their words in the book.
REFERENCE_RULES = {
    "unknown_school": N_("学校不在名册中"), "closed_school": N_("学校已停用"), "grade_not_taught": N_("学校没有这个年级"),
    "unknown_area": N_("不是已知的区县"), "other_area": N_("区县与学校所在地不符"), "unknown_commitment": N_("承诺清单中没有这项承诺"),
    "commitment_elsewhere": N_("承诺属于其他地区"),
}  # fmt: skip


class AuditSite:
    """One audit site being generated."""

    def __init__(self, book: AuditBook) -> None:
        """Index names once; no page is built yet."""
        self.book = book
        self.chinese = load_language(SOURCE_LANGUAGE)
        self._english = load_language("en")
        self.areas = dict(book["areas"].select("area", "name").iter_rows())
        self.schools = dict(book["schools"].select("school", "name").iter_rows())
        self.checks = {r["check"]: r for r in book["checks"].iter_rows(named=True)}
        self.sections: list[tuple[str, str, Text]] = [
            ("home", "index.html", self.say(N_("总览"))),
            ("coverage", "coverage/index.html", self.say(N_("报送矩阵"))),
            ("verdicts", "verdicts/index.html", self.say(N_("检查结论"))),
            ("checks", "checks/index.html", self.say(N_("检查项"))),
            ("quarantine", "quarantine/index.html", self.say(N_("退回行"))),
            ("deliveries", "deliveries/index.html", self.say(N_("送达文件"))),
            ("waivers", "waivers/index.html", self.say(N_("豁免"))),
            ("releases", "releases/index.html", self.say(N_("发布与差异"))),
            ("figures", "figures/index.html", self.say(N_("数字来路"))),
            ("profiles", "profiles/index.html", self.say(N_("列概况"))),
            ("outliers", "outliers/index.html", self.say(N_("异动"))),
        ]

    # words

    def say(self, message: str, **values: object) -> Text:
        """The platform's words in both languages."""
        both = (message, self._english.gettext(message))
        zh, en = (text % values if values else text for text in both)
        return Text(zh, en)

    def head(self, message: str, *, n: bool = False) -> Head:
        """A column's head."""
        return Head(self.say(message), n)

    def period(self, period: str) -> str:
        """``2024—2025学年秋季学期``; a table of no year has a word of its own."""
        return self.say(N_("不分学年")).zh if period == COMMON else periods.label(period, self.chinese.gettext)

    def period_words(self, period: str) -> Text:
        """A period in both languages."""
        return Text(periods.label(period, self.chinese.gettext), periods.label(period, self._english.gettext))

    def short(self, period: str) -> str:
        """``2024秋``."""
        return self.say(N_("不分学年")).zh if period == COMMON else periods.short(period, self.chinese.gettext)

    def feed(self, feed: str | None) -> str:
        """A feed's Chinese name; its code where it has none."""
        return v.FEEDS.get(feed or "", feed or "")

    def area(self, code: str | None) -> str:
        """An area's name; a word where none is known."""
        return self.areas.get(code or "") or code or self.say(N_("未定区县")).zh

    def school(self, code: str | None) -> str:
        """A school's name with its code; a word where a row named none."""
        if not code:
            return self.say(N_("未写明学校")).zh
        name = self.schools.get(code)
        return f"{name}（{code}）" if name else code

    def suite(self, suite: str) -> str:
        """A suite's name."""
        return SUITES.get(suite, suite)

    def result(self, result: str, blocks: bool) -> tuple[str, str]:
        """Word and shape of a result."""
        return RESULTS.get((result, blocks), (result, "non"))

    def rule_words(self, rule: str | None) -> Text:
        """A refusal rule in words; its code where it has none."""
        if rule in REFERENCE_RULES:
            return self.say(REFERENCE_RULES[rule])
        zh, en = self._rules.get(rule or "", (rule or "", rule or ""))
        return Text(zh, en)

    def rule(self, rule: str | None) -> str:
        """A refusal rule in Chinese."""
        return self.rule_words(rule).zh

    @cached_property
    def _rules(self) -> dict[str, tuple[str, str]]:
        return {rule: (zh, en) for rule, zh, en in self.book["rules"].iter_rows()}

    def indicator(self, code: str) -> str:
        """An indicator's Chinese name."""
        return self.indicators.get(code, code)

    @cached_property
    def indicators(self) -> dict[str, str]:
        """Names by code."""
        return {code: entry["name_zh"] for code, entry in self.catalogue.items()}

    @cached_property
    def catalogue(self) -> dict[str, dict[str, Any]]:
        """Indicators by code."""
        return {row["indicator"]: row for row in self.book["indicators"].iter_rows(named=True)}

    @cached_property
    def waivers(self) -> list[dict[str, Any]]:
        """All waivers: those that run out first on top, run-out ones last."""
        every = self.book["waivers"].unique("waiver", keep="last", maintain_order=True).to_dicts()
        return sorted(every, key=lambda w: (w["state"] == "expired", w["until"], w["waiver"]))

    @cached_property
    def waiver_paths(self) -> dict[str, str]:
        """Where each waiver stands in the list."""
        return {
            w["waiver"]: f"{part_path('waivers/index', i // WAIVERS_PER_PAGE + 1)}#{waiver_anchor(w['waiver'])}"
            for i, w in enumerate(self.waivers)
        }

    @cached_property
    def refused(self) -> dict[tuple[str, str | None, str | None], str]:
        """Where the refused rows of a feed, county and period begin: the page of the list they fall on, and the anchor there."""
        groups = self.book["rejected"].with_columns(pl.col("feed").fill_null("")).select(REFUSED_GROUP).unique()
        place = ["feed", "county"]
        counted = (
            groups.group_by(*place, "period")
            .len()
            .sort(*place, "period", descending=[False, False, True], nulls_last=True)
        )
        found: dict[tuple[str, str | None, str | None], str] = {}
        offset, last = 0, object()
        for feed, county, period, n in counted.iter_rows():
            offset, last = (offset if (feed, county) == last else 0), (feed, county)
            path = part_path(refused_stem(feed, county), offset // REFUSED_PER_PAGE + 1)
            found[feed, county, period] = f"{path}#{refused_anchor(period)}"
            offset += n
        return found

    @cached_property
    def file_names(self) -> dict[str, str]:
        """Masked file names by delivery."""
        return dict(self.book["deliveries"].select("delivery_id", "file_name").iter_rows())

    @cached_property
    def covered(self) -> set[tuple[str, str]]:
        """Feeds and periods that have a page of their own."""
        return set(self.book["coverage"].select("feed", "period").unique().iter_rows())

    @cached_property
    def newest(self) -> int:
        """The entry of the newest kept verdict on the built version, else of the newest one; 0 without any."""
        kept = self.book["verdicts"].filter("kept").sort("verdict")
        own = kept.filter(pl.col("data_version") == self.book.data_version)
        chosen = own if own.height else kept
        return int(chosen["verdict"][-1]) if chosen.height else 0

    @cached_property
    def now(self) -> pl.DataFrame:
        """Results of the newest verdict."""
        return self.book["results"].filter(pl.col("verdict") == self.newest)

    # addresses

    def check_cell(self, check: str) -> Cell:
        """A check by its Chinese sentence."""
        known = self.checks.get(check)
        return Cell(known["zh"] or check, self.check_path(check), small=check) if known else Cell(check)

    @staticmethod
    def check_path(check: str) -> str:
        """Page of a check."""
        return f"checks/{slug(check)}.html"

    @staticmethod
    def suite_path(suite: str) -> str:
        """Page of a suite."""
        return f"suites/{slug(suite)}.html"

    @staticmethod
    def verdict_path(verdict: int) -> str:
        """Page of a verdict."""
        return f"verdicts/{verdict}.html"

    @staticmethod
    def coverage_path(feed: str, period: str) -> str:
        """Page of a feed and period."""
        return f"coverage/{slug(feed)}-{slug(period)}.html"

    @staticmethod
    def release_path(year: str, release: str) -> str:
        """Page of a release."""
        return f"releases/{slug(year)}-{slug(release)}.html"

    @staticmethod
    def figure_path(figure: str) -> str:
        """Page of a figure."""
        return f"figures/{slug(figure)}.html"

    @cached_property
    def delivery_pages(self) -> set[str]:
        """Deliveries that have something to tell: refused or replaced rows, several parts, a state other than loaded."""
        told = self.book["deliveries"].filter(
            (pl.col("rows_rejected") > 0)
            | (pl.col("parts") > 1)
            | (pl.col("parts") > 0) & ~pl.col("state").is_in(["loaded", "duplicate"])
        )
        return set(told["delivery_id"].to_list())

    @cached_property
    def feedback(self) -> dict[str, str]:
        """Address of what went back, by delivery, from the home folder."""
        return dict(
            self.book["deliveries"].filter(pl.col("feedback") != "").select("delivery_id", "feedback").iter_rows()
        )

    def delivery_cell(self, delivery: str, text: str = "") -> Cell:
        """A delivery by its name or number."""
        path = f"deliveries/{slug(delivery)}.html" if delivery in self.delivery_pages else ""
        return Cell(text or delivery, path)

    def feedback_cell(self, delivery: str) -> Cell:
        """What went back to the sender, outside the site: its address in the home as text, and as a link that works from the folder."""
        path = self.feedback.get(delivery, "")
        return Cell(path, f"../../{path}") if path else Cell("")

    def pager(self, stem: str, count: int, now: int) -> list[Pages]:
        """Links to the parts of a list: the first keeps the plain name."""
        if count < 2:
            return []
        return [Pages(now, [Cell(str(i), part_path(stem, i)) for i in range(1, count + 1)])]


def refused_stem(feed: str | None, county: str | None) -> str:
    """Address of the refused rows of a feed in a county, without the ending."""
    return f"quarantine/{slug(feed or 'none')}-{segment(county or 'none')}"


def waiver_anchor(waiver: str) -> str:
    """Anchor of a waiver in the list."""
    return f"w-{segment(waiver)}"


def refused_anchor(period: str | None) -> str:
    """Anchor of the first refused row of a period."""
    return f"p-{period or 'none'}"


def part_path(stem: str, part: int) -> str:
    """Address of a part of a list."""
    return f"{stem}.html" if part == 1 else f"{stem}-{part}.html"


def cut(rows: Sequence[T], per_page: int = PER_PAGE) -> list[list[T]]:
    """A list in parts of a page each; at least one part."""
    return [list(rows[i : i + per_page]) for i in range(0, max(len(rows), 1), per_page)]


def number(value: float | None) -> str:
    """Thousands separated; empty for nothing."""
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def state_cell(site: AuditSite, state: str | None) -> Cell:
    """Word and shape of a delivery's or a part's state."""
    word, icon = DELIVERY.get(state or "", (state or "", "non"))
    return Cell(site.say(word).zh, icon=icon)


def grouped(frame: pl.DataFrame, key: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by a key in the frame's order: one pass, where a page per key would ask the frame thousands of times."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(row[key], []).append(row)
    return found
