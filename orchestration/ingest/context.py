"""What the rows themselves do not say: tokens of folder and file names, the sidecar, the title row.

Strongest first: a column of the row, the sidecar, the names, the title. Two that contradict reject the file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from typing import Any

from orchestration.ingest.grids import Unreadable

SIDECAR_SUFFIX = ".meta.json"
SIDECAR_KEYS = ("feed", "school", "county", "period", "round", "date", "version", "replace", "layout")

_SCHOOL = re.compile(r"(?<![0-9A-Za-z])([1-5]\d{9})(?!\d)")
# Only numbers that begin with a province: 202410 in a name is a month.
_AREA = re.compile(r"(?<![0-9A-Za-z])((?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{4})(?!\d)")
_PERIOD = re.compile(r"(?<!\d)(20\d\d)-(20\d\d)(?:-([12]))?(?!\d)")
_DATE = re.compile(r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_ROUND = re.compile(r"第([1-9一二三四])[次轮]")
_TITLE_PERIOD = re.compile(r"(20\d\d)\s*[-—－–~至]+\s*(20\d\d)\s*学年度?\s*(?:第?\s*([一二12上下秋春])\s*(?:学期|季))?")
_TERM = {"1": "1", "一": "1", "上": "1", "秋": "1", "2": "2", "二": "2", "下": "2", "春": "2"}
_ROUND_NUMBER = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True)
class Context:
    """Facts about a delivery as a whole; None where nothing says."""

    feed: str | None = None
    school: str | None = None
    county: str | None = None
    period: str | None = None
    round: int | None = None
    date: dt.date | None = None
    version: int = 0
    replace: bool = False
    layout: str | None = None

    def canonical(self) -> str:
        """The same text for the same facts: part of a delivery's identity."""
        return json.dumps({k: str(v) for k, v in asdict(self).items() if v not in (None, False, 0)}, sort_keys=True)

    @staticmethod
    def from_json(body: dict[str, Any]) -> Context:
        """Reads what `as_json` wrote."""
        return Context(**{**body, "date": dt.date.fromisoformat(body["date"]) if body.get("date") else None})

    def as_json(self) -> dict[str, Any]:
        """A JSON object for the ledger."""
        return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in asdict(self).items() if v is not None}


def _contradiction(what: str, first: object, second: object) -> Unreadable:
    return Unreadable(
        "context_contradiction",
        f"文件夹、文件名、说明文件或标题中的{what}互相矛盾：{first} 与 {second}，请改正后重新报送。",
        f"Contradicting context: {first} and {second}.",
    )


def valid_period(text: str) -> str | None:
    """A school year or semester in its canonical form, or None."""
    match = _PERIOD.fullmatch(text.strip())
    if not match or int(match[2]) != int(match[1]) + 1:
        return None
    return text.strip()


def combine_periods(first: str | None, second: str | None) -> str | None:
    """The more specific of two periods that agree.

    Raises:
        Unreadable: they name different times.
    """
    if first is None or second is None or first == second:
        return first or second
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    if len(shorter) == 9 and longer.startswith(shorter):
        return longer
    raise _contradiction("学年或学期", first, second)


def _only(values: list[str], what: str) -> str | None:
    distinct = list(dict.fromkeys(values))
    if len(distinct) > 1:
        raise _contradiction(what, distinct[0], distinct[1])
    return distinct[0] if distinct else None


def from_names(path: str, feeds: Collection[str]) -> Context:
    """Context from the path below the inbox, folders and file name.

    Raises:
        Unreadable: two tokens of one kind contradict each other.
    """
    text = unicodedata.normalize("NFKC", path)
    tokens = re.split(r"[/\\]", text)
    words = {w for t in tokens for w in re.split(r"[.\s()\[\]]+", t)}
    named = [f for f in feeds if f in words or any(re.search(rf"(?<![a-z]){f}(?![a-z])", t.casefold()) for t in tokens)]
    periods = [m[0] for m in _PERIOD.finditer(text) if valid_period(m[0])]
    period = None
    for item in periods:
        period = combine_periods(period, item)
    blanked = _PERIOD.sub(" ", text)
    dates = []
    for match in _DATE.finditer(_SCHOOL.sub(" ", blanked)):
        try:
            dates.append(dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat())
        except ValueError:
            continue
    date = _only(dates, "日期")
    rounds = [str(_ROUND_NUMBER.get(m[1]) or int(m[1])) for m in _ROUND.finditer(text)]
    number = _only(rounds, "轮次")
    return Context(
        feed=_only(named, "报表名"),
        school=_only(_SCHOOL.findall(blanked), "学校标识码"),
        county=_only(_AREA.findall(blanked), "区县代码"),
        period=period,
        round=int(number) if number else None,
        date=dt.date.fromisoformat(date) if date else None,
    )


def _is_date(value: str | int) -> bool:
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value) is not None
    except ValueError:
        return False


def _matches(pattern: str) -> Callable[[str | int], bool]:
    return lambda value: not isinstance(value, bool) and re.fullmatch(pattern, str(value)) is not None


_SIDECAR_FORMS: dict[str, tuple[Callable[[str | int], bool], str]] = {
    "feed": (lambda v: isinstance(v, str), "应为报表名"),
    "school": (_matches(r"[0-9]{10}"), "应为 10 位学校标识码"),
    "county": (_matches(r"[0-9]{4}[0-9A-Z]{2}"), "应为 6 位区县代码"),
    "period": (
        lambda v: isinstance(v, str) and valid_period(v) is not None,
        "应写作 2024-2025 或 2024-2025-1",
    ),
    "round": (_matches(r"[1-9]"), "应为 1 至 9 的整数"),
    "date": (_is_date, "应写作 2024-10-15"),
    "version": (_matches(r"[0-9]{1,6}"), "应为不大于 999999 的整数"),
    "replace": (lambda v: isinstance(v, bool), "应为 true 或 false"),
    "layout": (_matches(r"[0-9A-Za-z._-]{1,40}"), "只能用字母、数字、点和短横"),
}


def _bad_sidecar(detail: str) -> Unreadable:
    return Unreadable("bad_sidecar", f"说明文件（.meta.json）有误：{detail}。", "The sidecar file is not valid.")


def from_sidecar(data: bytes, feeds: Collection[str]) -> Context:
    """Context from `<file>.meta.json`.

    Raises:
        Unreadable: no JSON object, an unknown key, or a value of the wrong form.
    """
    try:
        body = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _bad_sidecar("不是有效的 JSON") from None
    if not isinstance(body, dict):
        raise _bad_sidecar("应是一个 JSON 对象")
    if set(body) - set(SIDECAR_KEYS):
        raise _bad_sidecar(f"有不认识的键，只能用 {'、'.join(SIDECAR_KEYS)}")
    given = {key: value for key, value in body.items() if value is not None}
    for key, value in given.items():
        check, words = _SIDECAR_FORMS[key]
        # A value is never quoted: whatever was written by mistake may be a name.
        if not isinstance(value, str | int) or not check(value):
            raise _bad_sidecar(f"{key} {words}")
    if "feed" in given and given["feed"] not in feeds:
        raise _bad_sidecar("feed 不是已知的报表名")
    return Context(
        feed=given.get("feed"),
        school=str(given["school"]) if "school" in given else None,
        county=str(given["county"]) if "county" in given else None,
        period=valid_period(given["period"]) if "period" in given else None,
        round=int(given["round"]) if "round" in given else None,
        date=dt.date.fromisoformat(given["date"]) if "date" in given else None,
        version=int(given.get("version", 0)),
        replace=given.get("replace", False),
        layout=hashlib.sha256(str(given["layout"]).encode()).hexdigest()[:8] if "layout" in given else None,
    )


def merge(names: Context, sidecar: Context | None) -> Context:
    """Sidecar over names.

    Raises:
        Unreadable: they contradict each other.
    """
    if sidecar is None:
        return names
    merged: dict[str, Any] = {}
    for key, what in (("feed", "报表名"), ("school", "学校标识码"), ("county", "区县代码"), ("round", "轮次")):
        first, second = getattr(sidecar, key), getattr(names, key)
        if first is not None and second is not None and first != second:
            raise _contradiction(what, first, second)
        merged[key] = first if first is not None else second
    return replace(
        sidecar, **merged, period=combine_periods(sidecar.period, names.period), date=sidecar.date or names.date
    )


def with_title(context: Context, title: str) -> Context:
    """Adds what the rows above the header say about period and school.

    Raises:
        Unreadable: the title contradicts the stronger context.
    """
    text = unicodedata.normalize("NFKC", title)
    period = None
    if (match := _TITLE_PERIOD.search(text)) and int(match[2]) == int(match[1]) + 1:
        period = f"{match[1]}-{match[2]}" + (f"-{_TERM[match[3]]}" if match[3] else "")
    schools = _SCHOOL.findall(text)
    school = schools[0] if len(set(schools)) == 1 else None
    if school and context.school and school != context.school:
        raise _contradiction("学校标识码", context.school, school)
    return replace(context, period=combine_periods(context.period, period), school=context.school or school)
