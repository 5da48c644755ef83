"""A home an auditor would look into: two school years, a verdict that passed and one that did not, a waiver, refused rows, feedback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl
import small_home
from small_base import SCHOOLS

from expectations import verdict as verdicts
from expectations.suites import SUITES
from expectations.verdict import CheckResult, Place
from expectations.waivers import Waiver
from orchestration.config import Home
from orchestration.disclosure.control import control
from orchestration.ledger import Ledger

YEARS = ("2023-2024", "2024-2025")
AS_OF = dt.date(2025, 9, 30)
COUNTY = "411302"
SCHOOL = next(code for code, county, *_ in SCHOOLS if county == COUNTY)
OPEN, HELD = "vision_check.va_right", "physical_exam.height_mm"
PERIOD = "2024-2025-1"
PERSON = "张三丰"  # stands in the name of a file that went back
QUOTED = "5.913"  # what somebody filled in, as the sentence to the school quotes it
FAULTS = {
    (OPEN, "2024-2025"): (Place(PERIOD, COUNTY, 12),),
    (HELD, "2024-2025"): (Place("2024-2025", "4113A1", 3),),
}
WAIVER = Waiver(
    "W-1", HELD, "2024-2025", "4113A1", "体检仪器送检", "王建国", "李秀英", "2025-10-15", "2025-09-20", "宛卫函.pdf", "ab" * 32
)  # fmt: skip


def delivery(feed: str, period: str) -> str:
    """The delivery of a feed and period."""
    return f"D-{feed}-{period}"


def _change(marts: small_home.Tables) -> None:
    parts = marts["delivery_parts"].with_columns(school=pl.lit(SCHOOL))
    marts["delivery_parts"] = marts["_parts"] = parts
    keys = parts.select("delivery_id", "feed", "period", "school")
    sentence = f"“右眼裸眼视力”数值不合理，合理范围是 3.0 至 5.3（填的是 {QUOTED}）。"
    marts["rejected_rows"] = (
        marts["rejected_rows"].join(keys, on="delivery_id").with_columns(reason_zh=pl.lit(sentence), rule=pl.lit("out_of_range"))
    )  # fmt: skip
    extra = {
        "feeds": "vision_check|student_roster",
        "unit_zh": "比例",
        "method_version": "1",
        "source_clause": "一",
        "name_en": "x",
    }
    columns = {k: pl.lit(v) for k, v in extra.items()}
    marts["indicators"] = marts["indicators"].with_columns(**columns, sort=pl.int_range(pl.len()))
    late = (pl.col("feed") == "fitness_test") & (pl.col("county") == COUNTY)
    marts["coverage"] = marts["coverage"].with_columns(
        schools_received=pl.when(late).then(2).otherwise("schools_received")
    )


def _results(faults: Mapping[tuple[str, str], tuple[Place, ...]]) -> list[CheckResult]:
    found = []
    for suite, checks in SUITES.items():
        for c in checks:
            for period in YEARS if c.scope == "year" else (verdicts.COMMON,):
                places = faults.get((c.name, period), ())
                found.append(
                    CheckResult(
                        c.name, suite, c.table, period, c.severity, "failed" if places else "passed", 100, sum(p.faults for p in places),
                        c.zh, c.en, c.reason, places=places,
                    )
                )  # fmt: skip
    return found


def judge(home: Home, faults: Mapping[tuple[str, str], tuple[Place, ...]]) -> None:
    """Saves a verdict on what is built, as the gate would."""
    version = small_home.built(home)
    verdicts.save(home, verdicts.make(verdicts.current_key(home, version), YEARS, _results(faults)))


def build(root: Path) -> Home:
    """Writes the home."""
    home = small_home.build(root, YEARS, change_marts=_change)
    control(home, small_home.built(home))
    parts = pl.read_parquet(home.base / "_parts" / "parts.parquet").sort("delivery_id")
    received = [
        {"receipt": i, "delivery_id": d, "name": f"{feed}/{period}/＊.csv", "sha256": sha, "duplicate": False}
        for i, (d, feed, period, sha) in enumerate(parts.select("delivery_id", "feed", "period", "file_sha256").iter_rows(), start=1)
    ]  # fmt: skip
    again = {
        **received[-1],
        "receipt": len(received) + 1,
        "delivery_id": received[-1]["delivery_id"] + "-2",
        "duplicate": True,
    }
    ledger = Ledger(home.ledger_path)
    ledger.append_all([("received", body) for body in [*received, again]], at="2025-09-01")
    judge(home, {})
    judge(home, FAULTS)
    ledger.append("waiver", asdict(WAIVER), at="2025-09-20")
    for period, name in ((PERIOD, "20241015_视力筛查_退回.xlsx"), ("2024-2025-2", f"{PERSON}_退回.xlsx")):
        target = home.feedback / delivery("vision_check", period) / name
        target.parent.mkdir(parents=True)
        target.write_bytes(b"a workbook")
    return home
