"""An audit book as large as a province might make it: 3,000 checks, 10,000 deliveries, 40,000 refused rows. Made set-wise, from numbers."""

from __future__ import annotations

import datetime as dt
import os

import polars as pl

from reports.auditing import AuditBook

# A fifth of a province for every run of the tests; JUNHENG_TEST_PART=1 makes the whole of it (14 s of one core, decision 026).
_PART = int(os.environ.get("JUNHENG_TEST_PART", "5"))
CHECKS, DELIVERIES, REJECTED, VERDICTS = 3_000 // _PART, 10_000 // _PART, 40_000 // _PART, 6
FEEDS = ("vision_check", "physical_exam", "fitness_test", "film_screening")
COUNTIES = [f"4113{n:02d}" for n in range(20)]
PERIODS = ("2023-2024-1", "2023-2024-2", "2024-2025-1", "2024-2025-2")
HOSTILE = "</table><script>alert(1)</script>\u202e&#x27;"


def _pick(column: pl.Expr, values: tuple[str, ...] | list[str]) -> pl.Expr:
    return (column % len(values)).replace_strict(dict(enumerate(values)), return_dtype=pl.String)


def _numbered(n: int) -> pl.DataFrame:
    return pl.select(i=pl.int_range(n))


def book() -> AuditBook:
    """The book."""
    i = pl.col("i")
    sentence = pl.format("第{}项检查：数值在合理范围之内，两次测量不应相同，且与上年相符", i)
    checks = _numbered(CHECKS).select(
        check=pl.format("vision_check.rule_{}", i), suite=pl.lit("vision"), table=pl.lit("vision_check"), feed=_pick(i, FEEDS),
        severity=pl.when(i % 3 == 0).then(pl.lit("warn")).otherwise(pl.lit("error")), zh=sentence,
        en=pl.format("Check number {}: values within reason", i), reason_zh=pl.lit("依据标准"), reason=pl.lit("By the standard"),
    )  # fmt: skip
    verdicts = _numbered(VERDICTS).select(
        verdict=i + 1, at=pl.lit("2025-09-01"), data_version=pl.lit("v"), suite_version=pl.lit("s"), contract_version=pl.lit("c"),
        sha256=pl.lit("a" * 64), overall=pl.lit("failed"), kept=True,
    )  # fmt: skip
    years = pl.DataFrame({"year": ["2023-2024", "2024-2025"]})
    failed = (pl.int_range(pl.len()) * 7919 % 100) < 8
    results = verdicts.select("verdict").join(checks.select("check", "severity"), how="cross").join(years, how="cross")
    results = results.select(
        "verdict", "check", "year", result=pl.when(failed).then(pl.lit("failed")).otherwise(pl.lit("passed")), rows=pl.lit(600_000),
        unexpected=pl.when(failed).then(17).otherwise(0), blocks=failed & (pl.col("severity") == "error"),
    )  # fmt: skip
    newest = results.filter((pl.col("verdict") == VERDICTS) & (pl.col("result") == "failed"))
    places = newest.select("check", "year").join(pl.DataFrame({"county": COUNTIES}), how="cross").select(
        "check", "year", "county", period=pl.col("year") + "-1", faults=3
    )  # fmt: skip
    state = pl.when(i % 9 == 0).then(pl.lit("rejected")).otherwise(pl.lit("loaded"))
    deliveries = _numbered(DELIVERIES).with_columns(
        receipt=i + 1, delivery_id=pl.format("d{}", i), at=pl.lit("2025-09-01"),
        file_name=pl.when(i == 0).then(pl.lit(HOSTILE)).otherwise(pl.format("vision_check/41130200{}/2024-2025-1/视力检查＊.xlsx", i)),
        file_sha256=pl.lit("b" * 64), state=state, feeds=_pick(i, FEEDS), periods=_pick(i // 4, PERIODS), parts=1, rows_read=300,
        rows_accepted=296, rows_rejected=4, rows_not_data=0, feedback=pl.format("raw/feedback/d{}/退回.xlsx", i),
    )  # fmt: skip
    parts = deliveries.select(
        "delivery_id", "state", "rows_read", "rows_accepted", "rows_rejected", "rows_not_data", part=0, sheet=pl.lit("Sheet1"), feed="feeds",
        period="periods", county=_pick(i, COUNTIES), school=pl.format("s{}", i % 4000),
    )  # fmt: skip
    rejected = _numbered(REJECTED).select(
        delivery_id=pl.format("d{}", i % DELIVERIES), part=0, sheet=pl.lit("Sheet1"), row_number=i % 300 + 2, column_name=pl.lit("右眼裸眼视力"),
        rule=pl.format("rule_{}", i // DELIVERIES), reason_zh=pl.lit("“右眼裸眼视力”数值不合理，五分记录应在 3.0 至 5.3。"),
        feed=_pick(i % DELIVERIES, FEEDS), period=_pick(i % DELIVERIES // 4, PERIODS), county=_pick(i, COUNTIES),
        school=pl.format("s{}", i % 4000),
    )  # fmt: skip
    cells = pl.DataFrame({"feed": FEEDS}).join(pl.DataFrame({"period": PERIODS}), how="cross")
    coverage = cells.join(pl.DataFrame({"county": COUNTIES}), how="cross").with_columns(
        schools_expected=200, schools_received=199, rows_accepted=60_000, rows_rejected=30, rows_unlinked=1, due_on=pl.lit("2025-08-31")
    )  # fmt: skip
    waivers = _numbered(1_000).select(
        waiver=pl.format("w{}", i), check=pl.format("vision_check.rule_{}", i), period=pl.lit("2024-2025"), county=pl.lit(""),
        reason=pl.lit("仪器送检"), by=pl.lit("王建国"), approved_by=pl.lit("李秀英"), until=pl.lit("2025-10-15"), as_of=pl.lit("2025-09-01"),
        state=pl.lit("valid"),
    )  # fmt: skip
    standing = newest.filter("blocks").select("year", "check", waivers=pl.lit([], dtype=pl.List(pl.String)))
    return AuditBook(
        dt.date(2025, 9, 30),
        "v",
        tables={
            "checks": checks, "verdicts": verdicts, "results": results, "places": places, "deliveries": deliveries, "parts": parts,
            "rejected": rejected, "coverage": coverage, "waivers": waivers, "standing": standing,
            "years": verdicts.select("verdict").join(years, how="cross").with_columns(result=pl.lit("failed")),
            "areas": pl.DataFrame([(c, f"第{c}区", "411300", "county") for c in COUNTIES] + [("411300", "南阳市", "410000", "city")],
                                  schema=["area", "name", "parent", "level"], orient="row"),
        },
    )  # fmt: skip
