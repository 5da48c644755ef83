"""The yearly statement of minors' personal data processed: whose, what of it, how it is treated, who looked, what is kept, what was deleted.

Grain: a school year. Ages are those on its first day, 1 September. Counts below the disclosure threshold are not told.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from expectations.contract import Contract, load_contracts
from orchestration.config import FEED_NAMES, ConfigError, Home
from orchestration.disclosure.thresholds import read_thresholds
from orchestration.ledger import Ledger
from orchestration.release.publish import check_year
from orchestration.trail.access import OUTCOMES, accesses

RETENTION = Path(__file__).with_name("retention.yaml")
DELETION = "deletion"
BANDS = (
    ("under_14", "不满14周岁", 14),
    ("14_17", "14至17周岁", 18),
    ("18_up", "18周岁及以上", 999),
    ("unknown", "出生日期不详", None),
)
_TOKENS = ("pupil_xjh", "pupil_id", "pupil_no", "pupil_num")


def statement(home: Home, year: str) -> dict[str, Any]:
    """Everything the statement says of a school year.

    Raises:
        ConfigError: no school year, no data of it, or the retention text cannot be read.
    """
    check_year(year)
    feeds = _feeds(home, year)
    if not feeds:
        raise ConfigError(f"{year} 学年没有任何数据，无从说明。 (There is no data of this school year.)")
    inside = [a for a in accesses(home) if _within(year, a["at"])]
    return {
        "year": year,
        "pupils": _pupils(home, year),
        "feeds": feeds,
        "categories": _categories(load_contracts(home.overlays)),
        # The text of a query may name a pupil; tables and rows say enough.
        "accesses": [{name: a[name] for name in a if name != "what"} for a in inside],
        "retention": _retention(home),
        "deletions": [{**e.body, "at": e.at} for e in Ledger(home.ledger_path).events(DELETION) if _within(year, e.at)],
    }


def _within(year: str, at: str) -> bool:
    return f"{year[:4]}-09-01" <= at[:10] < f"{year[5:]}-09-01"


def _pupils(home: Home, year: str) -> dict[str, Any]:
    """Pupils on the rosters of the year by age band; None where fewer than the threshold, and then no total to subtract from."""
    least = read_thresholds().minimum_pupils
    files = sorted((home.base / "student_roster").glob(f"{year}-*.parquet"))
    counts = dict.fromkeys((code for code, _, _ in BANDS), 0)
    if files:
        first = dt.date(int(year[:4]), 9, 1)
        born = pl.col("born")
        age = (
            first.year
            - born.dt.year()
            - ((born.dt.month() > 9) | ((born.dt.month() == 9) & (born.dt.day() > 1))).cast(pl.Int32)
        )
        known = [pl.when(age < below).then(pl.lit(code)) for code, _, below in BANDS if below]
        band = pl.coalesce(*known, pl.lit("unknown"))
        rows = pl.scan_parquet(files).select(pl.coalesce(_TOKENS).alias("pupil"), pl.col("birth_date").alias("born"))
        told = rows.drop_nulls("pupil").group_by("pupil").agg(pl.col("born").max()).group_by(band.alias("band")).len()
        counts |= dict(told.collect().iter_rows())
    shown = {code: None if 0 < n < least else n for code, n in counts.items()}
    whole = None if None in shown.values() else sum(counts.values())
    return {"bands": shown, "total": whole, "fewer_than": least}


def _feeds(home: Home, year: str) -> list[dict[str, Any]]:
    """Rows and delivered files held of each feed of the year."""
    parts = home.base / "_parts" / "parts.parquet"
    delivered: dict[str, int] = {}
    if parts.exists():
        of_year = pl.scan_parquet(parts).filter(pl.col("period").str.starts_with(year))
        delivered = dict(of_year.group_by("feed").agg(pl.col("file_sha256").n_unique()).collect().iter_rows())
    found = []
    for feed, name in FEED_NAMES.items():
        files = sorted((home.base / feed).glob(f"{year}*.parquet"))
        rows = pl.scan_parquet(files).select(pl.len()).collect().item() if files else 0
        if rows or delivered.get(feed):
            found.append({"feed": feed, "name_zh": name, "files": delivered.get(feed, 0), "rows": int(rows)})
    return found


def _categories(contracts: dict[str, Contract]) -> list[dict[str, Any]]:
    """What the contracts say of the columns of every feed about pupils, and of columns that any feed drops."""
    found = []
    for feed, contract in contracts.items():
        dropped = [c.title for c in contract.columns if not c.stored]
        token = [c.title for c in contract.columns if c.stored and c.classification == "token"]
        kept = (
            [c.title for c in contract.columns if c.stored and c.classification != "token"]
            if contract.has_pupils
            else []
        )
        if dropped or contract.has_pupils:
            found.append(
                {"feed": feed, "name_zh": contract.title, "dropped": dropped, "tokenised": token, "kept": kept}
            )
    return found


def _retention(home: Home) -> list[dict[str, str]]:
    own = home.overlays / RETENTION.name
    path = own if own.is_file() else RETENTION
    try:
        told: list[dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
        wanted = ("what_zh", "what_en", "where", "how_long_zh", "how_long_en")
        return [{name: str(entry[name]) for name in wanted} for entry in told]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} 无法读取：每项须有 what_zh、what_en、where、how_long_zh、how_long_en。 (Not readable.)"
        ) from error


def statement_words(told: dict[str, Any]) -> str:
    """The statement as Markdown, Chinese first."""
    pupils, least = told["pupils"], told["pupils"]["fewer_than"]
    lines = [
        f"# {told['year']} 学年未成年人个人信息处理情况说明",
        "",
        "*Yearly statement of minors' personal data processed*",
        "",
        "## 一、涉及的学生（Pupils by age on 1 September）",
        "",
        "| 年龄 | 人数 |",
        "|---|---|",
        *(f"| {name} | {_count(pupils['bands'][code], least)} |" for code, name, _ in BANDS),
        f"| 合计 | {'不列（免由合计推算）' if pupils['total'] is None else _count(pupils['total'], least)} |",
        "",
        "## 二、保存的数据（Feeds and rows held）",
        "",
        "| 报表 | 文件数 | 行数 |",
        "|---|---|---|",
        *(f"| {f['name_zh']} | {f['files']:,} | {f['rows']:,} |" for f in told["feeds"]),
        "",
        "## 三、个人信息的种类和处理方式（Categories of data and how each is treated）",
        "",
        "| 报表 | 读取后不保存 (not kept) | 换成密钥代码 (tokenised) | 保留 (kept) |",
        "|---|---|---|---|",
        *(
            f"| {c['name_zh']} | {'、'.join(c['dropped'])} | {'、'.join(c['tokenised'])} | {'、'.join(c['kept'])} |"
            for c in told["categories"]
        ),
        "",
        "## 四、个案记录的查看（Accesses to records）",
        "",
        *_accesses(told["accesses"]),
        "",
        "## 五、保存期限（Retention）",
        "",
        "| 内容 | 位置 | 期限 |",
        "|---|---|---|",
        *(
            f"| {r['what_zh']}（{r['what_en']}） | {r['where']} | {r['how_long_zh']}（{r['how_long_en']}） |"
            for r in told["retention"]
        ),
        "",
        "## 六、删除（Deletions）",
        "",
        *(
            [f"- {d['at']} {d.get('reason', '')}" for d in told["deletions"]]
            or ["本学年台账中没有删除记录。 (None entered.)"]
        ),
        "",
    ]
    return "\n".join(lines)


def _count(value: int | None, least: int) -> str:
    return f"少于 {least}" if value is None else f"{value:,}"


def _accesses(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["本学年没有人查看过个案记录。 (None.)"]
    head = ["| 序号 | 日期 | 查看人 | 批准人 | 理由 | 表 | 行数 | 结果 |", "|---|---|---|---|---|---|---|---|"]
    return head + [
        f"| {r['seq']} | {r['at']} | {_cell(r['by'])} | {_cell(r['approved_by'])} | {_cell(r['reason'])} | {r['tables']} | "
        f"{'' if r['rows'] is None else r['rows']} | {OUTCOMES[r['outcome']]} |"
        for r in rows
    ]


def _cell(text: str) -> str:
    return text.replace("|", "｜").replace("\n", " ")
