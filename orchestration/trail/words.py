"""What `trace` says in words: a page a supervisor reads; everything is in the JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from orchestration.config import FEED_NAMES
from reports.numbers import TAIL_HIGH, TAIL_LOW
from reports.policy_words import DOCUMENTS
from reports.vocabulary import SHARE_UNITS, STAGES, UNITLESS, UNITS, status_of, subgroup_word

ROWS_SHOWN = 20
_NAMED = 8
RESULTS = {"passed": "通过", "warned": "提醒", "failed": "未通过", "crashed": "检查出错", "not_run": "未运行"}
WITHHELD = "不予显示"
_TAILS = {"le5": TAIL_LOW, "ge95": TAIL_HIGH}


def trace_words(found: dict[str, Any]) -> str:
    """The walk from a figure to its rows. The numbers of a cell that no edition shows are left to the JSON of the inner zone."""
    figure = found["figure"]
    lines = [
        f"{figure['name_zh']}（{figure['name_en']}）",
        f"编号：{figure['figure_id']}",
        f"对象：{figure['entity_name'] or figure['entity']}（{figure['entity']}），{figure['period']}，"
        f"{STAGES.get(figure['stage'], figure['stage'])}，{subgroup_word(figure['subgroup'], str)}",
        *_numbers(figure),
        # What is withheld may not be had by a subtraction, nor by what it was compared with.
        *([] if figure["withheld"] else _target(found["target"])),
        *_source(found),
        *_method(found),
        *_checks(found),
        *_waivers(found["waivers"]),
        *(["报送的表：涉及人数过少，不列行（内部核对可用 --json）"] if figure["withheld"] else _files(found)),
        *(f"说明：{note}" for note in found["notes"]),
    ]
    return "\n".join(lines)


def _numbers(figure: dict[str, Any]) -> list[str]:
    if figure["withheld"]:
        return [
            f"数值：{WITHHELD}（人数过少或须与之互相遮盖，各版本均不公开；内部核对可用 --json）　状态：{WITHHELD}",
        ]
    status = status_of(figure["status"]).word
    if figure["tail"]:
        share = _TAILS.get(figure["tail"], figure["tail"])
        return [
            f"分母 {figure['denominator']:,}，数值 {share}（各版本均不列具体数；内部核对可用 --json）　状态：{status}"
        ]
    value = "—" if figure["value"] is None else _amount(figure["value"], figure["unit"])
    bounds = (
        f"（95% 区间 {figure['lower_95']:.4f} 至 {figure['upper_95']:.4f}）" if figure["lower_95"] is not None else ""
    )
    numerator = "—" if figure["numerator"] is None else f"{figure['numerator']:,}"
    return [
        f"分子 {numerator} / 分母 {figure['denominator']:,} = {value}{bounds}　状态：{status}",
    ]


def _amount(value: float, unit: str) -> str:
    """A value with its unit in words; a share as percent."""
    if unit in SHARE_UNITS:
        return f"{value * 100:.6g}%"
    word = "" if unit in UNITLESS else UNITS.get(unit, unit)
    return f"{value:.6g} {word}".rstrip()


def _target(target: dict[str, Any] | None) -> list[str]:
    if target is None:
        return ["目标：无"]
    said = f"“{target['quote_zh']}”" if target.get("quote_zh") else ""
    clause = str(target["clause"] or "")
    # A clause of a policy document begins with a short name of it; a national rule's clause names its document itself.
    document = DOCUMENTS.get(str(target["target_id"]).partition("-")[0])
    basis = f"《{document.title}》{clause.partition(' ')[2] or clause}" if document else clause
    return [f"目标：{target['operator']} {target['value']:g}，依据{basis}{said}（{target['target_id']}）"]


def _source(found: dict[str, Any]) -> list[str]:
    source = found["source"]
    name = f"发布 {source['release']}（{source['as_of']}）" if source["release"] else "最近一次建成的数据"
    how = "，由当时收到的文件重新建仓" if source.get("replayed") else ""
    return [f"来源：{name}，数据版本 {source['data_version']}{how}"]


def _method(found: dict[str, Any]) -> list[str]:
    method, models = found["method"], found["models"]
    changed = [m["name"] for m in models if m["released_sha256"] and m["released_sha256"] != m["sha256"]]
    lines = [
        f"口径：第 {method['method_version']} 版。分子：{method['numerator_zh']}；分母：{method['denominator_zh']}",
        f"模型：{len(models)} 个（模型、代码表和宏），如 "
        + "、".join(f"{m['name']}@{m['sha256'][:8]}" for m in models[-3:]),
    ]
    return lines + ([f"发布以后改动过的模型：{'、'.join(changed[:_NAMED])}"] if changed else [])


def _checks(found: dict[str, Any]) -> list[str]:
    checks = [(_result(c), c) for c in found["checks"]]
    counted = Counter(result for result, _ in checks)
    told = "，".join(f"{word} {counted[name]}" for name, word in RESULTS.items() if counted[name]) or "无"
    faulty = sorted((one for one in checks if one[0] != "passed"), key=lambda one: one[0] == "warned")
    lines = [f"质量检查：{len(checks)} 项（{told}），结论 {(found['verdict_sha256'] or '')[:16]}"]
    lines += [f"  {RESULTS[result]}：{c['zh']}（{c['check']}，{c['period']}）" for result, c in faulty[:_NAMED]]
    return lines + ([f"  ……另有 {len(faulty) - _NAMED} 项"] if len(faulty) > _NAMED else [])


def _result(check: dict[str, Any]) -> str:
    """How a check ended as people are told: a warning that failed blocks nothing."""
    return "warned" if (check["result"], check["severity"]) == ("failed", "warn") else str(check["result"])


def _waivers(waivers: list[dict[str, Any]]) -> list[str]:
    return [
        f"豁免 {w['waiver']}：{w['check']}，至 {w['until']}。理由：{w['reason']}（申请 {w['by']}，批准 {w['approved_by']}）"
        for w in waivers
    ] or ["豁免：无"]


def _files(found: dict[str, Any]) -> list[str]:
    if found["inputs"]:
        shown = found["inputs"][:ROWS_SHOWN]
        rest = [f"  ……另有 {len(found['inputs']) - len(shown)} 个"] if len(found["inputs"]) > len(shown) else []
        return [f"由 {len(found['inputs'])} 个数字算出：", *(f"  junheng trace {one}" for one in shown), *rest]
    files = found["files"]
    rows = sum(len(f["rows"]) for f in files)
    refused = sum(len(f["refused"]) for f in files)
    overwritten = sum(len(f["overwritten"]) for f in files)
    lines = [
        f"报送的表：{len({f['delivery_id'] for f in files})} 个文件，计入 {rows:,} 行，已被更正 {overwritten:,} 行，退回 {refused:,} 行"
    ]
    for one in files:
        place = "/".join(p for p in (one["member"], one["sheet"]) if p)
        lines.append(
            f"  [{FEED_NAMES.get(one['feed'], one['feed'])}] {one['file_name']}{'　' + place if place else ''}　sha256 {one['file_sha256']}"
        )
        for name, kind in (
            ("计入", "rows"),
            ("已被更正", "overwritten"),
            ("退回", "refused"),
            ("其中计入分子", "numerator"),
        ):
            if one.get(kind):
                lines.append(f"    {name} {len(one[kind]):,} 行：{_row_numbers(one[kind])}")
    return lines


def _row_numbers(rows: list[list[Any]]) -> str:
    """The first row numbers; a part refused as a whole has none."""
    shown = "、".join(
        "整张表" if r[1] is None else str(r[1]) + (f"（{r[2]}）" if len(r) > 2 else "") for r in rows[:ROWS_SHOWN]
    )
    return shown + (f" …… 共 {len(rows):,} 行" if len(rows) > ROWS_SHOWN else "")
