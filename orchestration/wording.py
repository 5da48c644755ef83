"""What the command line says in words: results as sentences and tables a person reads."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

from orchestration.config import FEED_NAMES


def run_words(result: dict[str, Any], received: int) -> str:
    """What a run did, and where to go on."""
    rows, names = (
        result["rows"],
        {"loaded": "已接收", "rejected": "退回", "duplicate": "重复", "superseded": "已被更正"},
    )
    parts = "，".join(f"{names.get(s, s)} {n} 张" for s, n in sorted(result["parts"].items())) or "没有新文件"
    lines = [f"本次领取文件 {received} 个；报表 {parts}。"]
    if rows["read"]:
        lines.append(
            f"读取 {rows['read']:,} 行：接收 {rows['accepted']:,}，退回 {rows['rejected']:,}，非数据行 {rows['not_data']:,}。"
        )
    if rows["rejected"] or result["parts"].get("rejected"):
        lines.append("退回的行和原因在 raw/feedback 下，改好后放回收件箱即可；也可用 junheng rejected 查看。")
    verdict = {"passed": "通过", "failed": "未通过（可以预览；没有豁免的学年不能发布，原因见 junheng check）"}.get(
        result["verdict"], result["verdict"]
    )
    lines += [
        f"数据版本 {result['data_version']}，质量检查{verdict}。",
        f"预览：{result['preview']}/index.html",
        f"审计：{Path(result['preview']).parent / 'audit'}/index.html",
    ]
    return "\n".join(lines)


def status_words(result: dict[str, Any]) -> str:
    """Where everything stands; for an empty home, what to do next."""
    total = result["conservation"]
    if not total["landed"]:
        return "还没有收到任何文件。请把学校的表格放进 raw/inbox，再运行 junheng run。"
    lines = [
        f"收到 {total['landed']} 个文件 = 已接收 {total['loaded']} + 重复 {total['duplicate']}"
        f" + 已被更正 {total['superseded']} + 退回 {total['rejected']} + 待处理 {total['pending']}",
        f"读取 {total['rows_read']:,} 行 = 接收 {total['rows_accepted']:,} + 退回 {total['rows_rejected']:,} + 非数据 {total['rows_not_data']:,}"
        + ("" if total["holds"] else "   ← 不平衡，请运行 junheng verify"),
    ]
    if result["coverage"]:
        lines.append("\n报送情况（已报学校/应报学校；接收行，退回行）：")
        for row in result["coverage"]:
            name = FEED_NAMES.get(row["feed"], row["feed"])
            lines.append(
                f"  {row['period']:<12}{row['county']}  {name}  {row['schools_received']}/{row['schools_expected']}  {row['rows_accepted']:,}  {row['rows_rejected']:,}"
            )
    for verdict in result["verdicts"]:
        lines.append(
            f"\n质量检查（{verdict['data_version']}）：{'通过' if verdict.get('overall') == 'passed' else '未通过'}"
        )
        if verdict.get("refused"):
            lines.append(f"  {verdict['refused']}")
        for year, told in sorted(verdict.get("school_years", {}).items()):
            lines += [f"  {year} 未通过：{c['zh']}（{c['check']}）" for c in told.get("blocking_checks", ())]
            lines += [
                f"  {year} 已豁免：{c['zh']}（{'、'.join(c['waivers'])}，至 {c['until']}）"
                for c in told.get("waived", ())
            ]
    for release in result["releases"]:
        lines.append(f"已发布 {release.get('year')} {release.get('release')}（{release.get('data_version')}）")
    return "\n".join(lines)


def table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    """A plain text table; wide Chinese characters count twice."""
    if not rows:
        return ""
    cells = [[_short(row.get(c)) for c in columns] for row in rows]
    widths = [max(_width(c), *(_width(r[i]) for r in cells)) for i, c in enumerate(columns)]
    lines = [list(columns), *cells]
    return "\n".join(
        "  ".join(t + " " * (widths[i] - _width(t)) for i, t in enumerate(line)).rstrip() for line in lines
    )


def _short(value: Any) -> str:
    text = "" if value is None else value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
