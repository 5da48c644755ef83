"""`make demo`: simulate a small region in this home, run, publish, and print what a supervisor would look at first.

One line per stage. Safe to repeat: what is already there is recognised as the same.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from expectations.verdict import GateRefused
from orchestration.config import ConfigError, Home, leave, silence_telemetry
from orchestration.lock import LockBusy

PUPILS, COUNTIES, YEARS, UNTIL = 40_000, 3, 3, "2024-2025"
# Nanyang with three counties (one that passes, one short by an item, one by rounding) and a small county of each other document.
REGIONS = ("nanyang", "guigang", "qinghai", "pingluo")
AS_OF = dt.date(2025, 9, 30)


def main() -> int:
    """Runs the demo; returns the exit code."""
    silence_telemetry()
    from orchestration.inspection import conservation, query
    from orchestration.jobs import execute_publish, execute_run
    from orchestration.simulate import simulate
    from orchestration.steps import Settings

    pupils = int(os.environ.get("JUNHENG_DEMO_PUPILS", PUPILS))
    home = Home(Path(os.environ.get("JUNHENG_HOME", ".")).resolve()).create()
    settings = Settings(home, AS_OF, settle=0.0)
    started = time.monotonic()

    def say(stage: str, words: str) -> None:
        print(f"[{time.monotonic() - started:6.1f} s] {stage}：{words}", flush=True)

    def progress(line: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="junheng-demo-") as folder:
        summary = simulate(
            Path(folder),
            pupils=pupils,
            years=YEARS,
            until=UNTIL,
            regions=REGIONS,
            counties=COUNTIES,
            progress=progress,
        )
        shutil.copytree(Path(folder) / "inbox", home.inbox, dirs_exist_ok=True)
        truth = home.warehouse / "demo-truth"
        shutil.rmtree(truth, ignore_errors=True)
        shutil.copytree(Path(folder) / "truth", truth)
    say(
        "模拟",
        f"{summary.schools} 所学校、{summary.pupils:,} 名学生（均为虚构），{summary.files:,} 个文件放入 raw/inbox",
    )
    outcome = execute_run(settings, wait=60.0, progress=progress)
    rows = outcome.land.rows
    say(
        "接收",
        f"读取 {rows['read']:,} 行：接收 {rows['accepted']:,}，退回 {rows['rejected']:,}，非数据 {rows['not_data']:,}",
    )
    say("建仓", f"数据版本 {outcome.data_version}")
    say("检查", "通过" if outcome.verdict == "passed" else "未通过")
    say("预览", f"{home.preview}/index.html")
    years = sorted(r[0] for r in query(home, "select distinct substr(period, 1, 9) from indicator_values")[1])
    for year in years:
        release = execute_publish(settings, year, None if not (home.site / year).exists() else "演示数据再次生成", 60.0)
        say("发布", f"{year}学年 {release.release}：{home.site / year / release.release}/index.html")
    total = conservation(home)
    say("核对", f"收到 {total['landed']:,} 个文件，去向{'全部对得上' if total['holds'] else '对不上'}")
    print("\n督导最先会看的十个数（学生最多的市，" + UNTIL + "学年）：")
    for line in headline_figures(home):
        print("  " + line)
    print(f"\n打开 {home.reports}/index.html 浏览全部站点；make dev 打开 Dagster。")
    return 0


HEADLINES = (
    "vision_two_checks",
    "poor_vision",
    "screening_myopia",
    "exam_coverage",
    "fitness_coverage",
    "films_two",
    "canteens_inspected",
    "inspection_frequency_met",
    "inspection_closed_on_time",
    "kitchen_internet",
)
_STATUS = {
    "met": "达标",
    "not_met": "未达标",
    "not_distinguishable": "差异不显著",
    "not_reported": "未报送",
    "no_target": "无目标值",
}


def headline_figures(home: Home) -> list[str]:
    """The ten figures of the largest city in the last period, each with numerator, denominator and status in words."""
    from orchestration.inspection import query

    wanted = "', '".join(HEADLINES)
    _, rows = query(
        home,
        f"""
        select v.indicator, i.name_zh, v.period, v.numerator, v.denominator, v.value, v.status,
               row_number() over (partition by v.indicator order by v.period desc, v.denominator desc) as newest
        from indicator_values as v inner join indicators as i on v.indicator = i.code
        where v.level = 'city' and v.subgroup = 'all' and v.stage = 'compulsory' and v.indicator in ('{wanted}')
        """,  # noqa: S608 - constants
    )
    newest = {r[0]: r for r in rows if r[7] == 1}
    lines = []
    for code in HEADLINES:
        if code not in newest:
            lines.append(f"{code}：还没有数据")
            continue
        _, name, period, numerator, denominator, value, status, _ = newest[code]
        shown = "—" if value is None else f"{value:.1%}"
        lines.append(f"{name}　{shown}（{numerator:,}/{denominator:,}，{period}）　{_STATUS.get(status, status)}")
    return lines


if __name__ == "__main__":
    try:
        leave(main())
    except (ConfigError, GateRefused, LockBusy) as refusal:
        print(f"\n{refusal}", file=sys.stderr)
        leave(1)
