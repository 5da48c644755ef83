"""Writes docs/data-dictionary.md from the contracts and the indicator catalogue; a test fails where the file is behind them."""

from __future__ import annotations

import csv
from pathlib import Path

from expectations.contract import Contract, load_contracts
from orchestration.config import DBT_PROJECT_DIR
from orchestration.ingest.rules import ROW_RULES
from orchestration.ingest.templates import explain

TARGET = Path(__file__).parent / "data-dictionary.md"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _row(*cells: str) -> str:
    return "| " + " | ".join(_cell(c) for c in cells) + " |"


def _feed(contract: Contract) -> list[str]:
    kinds = {"token": "换成密钥标识 token", "drop": "读时丢弃 dropped", "open": ""}
    must = {*contract.requires, *(c.name for c in contract.columns if c.required)}
    lines = [
        f"### {contract.title} `{contract.feed}`",
        "",
        f"{contract.purpose}. Grain: {contract.grain}. Period: {'semester' if contract.period == 'semester' else 'school year'}.",
        "",
        _row("列 Column", "名称", "类型 Type", "必填", "怎样填写", "也认识的写法 Synonyms", "个人信息 Personal"),
        "|---|---|---|---|---|---|---|",
    ]
    for column in contract.columns:
        listed = "、".join(h for h in column.headers if h != column.title)
        personal = kinds[column.classification] if column.reads["type"] != "drop" else kinds["drop"]
        lines.append(
            _row(
                f"`{column.name}`",
                column.title,
                column.physical_type,
                "是" if column.name in must else "",
                explain(column),
                listed,
                personal,
            )
        )
    if contract.rules:
        lines += ["", "行规则 Row rules:", ""]
        lines += [f"- `{r.name}`（{r.column}）：{r.reason_zh} / {r.reason_en}" for r in contract.rules]
    return [*lines, ""]


def _catalogue() -> list[str]:
    lines = [
        "## 指标目录 Indicator catalogue",
        "",
        _row("代码 Code", "名称 Name", "分子 Numerator", "分母 Denominator", "周期", "判定 Judgement", "来源 Source"),
        "|---|---|---|---|---|---|---|",
    ]
    with (DBT_PROJECT_DIR / "seeds" / "indicators_seed.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            source = row.get("source_clause") or row.get("source") or ""
            lines.append(
                _row(
                    f"`{row['code']}`",
                    f"{row['name_zh']} / {row['name_en']}",
                    f"{row['numerator_zh']} / {row['numerator_en']}",
                    f"{row['denominator_zh']} / {row['denominator_en']}",
                    row["period_type"],
                    row["judgement"],
                    source,
                )
            )
    return [*lines, ""]


def dictionary() -> str:
    """The text of the data dictionary."""
    lines = [
        "# 数据字典 Data dictionary",
        "",
        "由 `make docs` 从 `expectations/contracts/` 与指标目录生成，请勿手改。 Generated; do not edit.",
        "",
        "## 报表 Feeds",
        "",
    ]
    for contract in load_contracts().values():
        lines += _feed(contract)
    lines += ["## 退回规则 Row rules", "", _row("规则 Rule", "中文", "English"), "|---|---|---|"]
    lines += [_row(f"`{name}`", zh, en) for name, (zh, en) in ROW_RULES.items()]
    lines += ["", *_catalogue()]
    return "\n".join(lines)


if __name__ == "__main__":
    TARGET.write_text(dictionary(), encoding="utf-8")
