"""One cell's text → a typed value, or the rule it breaks. Pure functions of the text; normalise.py applies them to distinct values only.

A blank is missing (value None, no rule). A code such as 未测 is something else: it comes back as `code`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, NamedTuple

from orchestration.ingest.context import valid_period


class Parsed(NamedTuple):
    """A value (int, text, date or bool), or the broken rule with what the clerk is told about the likely cause."""

    value: Any = None
    rule: str | None = None
    hint: str | None = None
    code: str | None = None


Parser = Callable[[str], Parsed]
MISSING = Parsed()
NOT_MEASURED = Parsed(code="not_measured")

_BLANKS = frozenset(
    {
        "",
        "/",
        "//",
        "\\",
        "-",
        "--",
        "---",
        "_",
        "无",
        "空",
        "暂无",
        "未测",
        "未查",
        "未检",
        "未做",
        "缺",
        "缺测",
        "缺考",
        "缺席",
        "请假",
        "弃权",
        "x",
        "×",
        "*",
        "na",
        "n/a",
        "nan",
        "null",
        "none",
        "#n/a",
    }
)
_DASHES = str.maketrans(
    {
        "－": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "―": "-",
        "ー": "-",
        "。": ".",
        "，": ",",
        "、": ",",
        "′": "'",
        "’": "'",
        "‘": "'",
        "＇": "'",
        "`": "'",
        "″": '"',
        "”": '"',
        "“": '"',
        "〞": '"',
        "×": "x",
    }
)
_LOOKALIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_LARGEST = 10**12
# A unit behind a number is forgiven where it is the column's own (`unit` in the contract); any other one goes back, unconverted.
_UNITS: dict[str, tuple[str, tuple[str, ...]]] = {
    "cm": ("厘米", ("cm", "厘米", "公分")),
    "kg": ("公斤", ("kg", "千克", "公斤")),
    "ml": ("毫升", ("ml", "毫升")),
    "mmHg": ("毫米汞柱", ("mmhg", "毫米汞柱")),
    "s": ("秒", ("s", "sec", "秒")),
    "D": ("D", ("d", "ds", "dc")),
    "degree": ("度", ("度",)),
    "point": ("分", ("分",)),
    "sqm": ("平方米", ("m2", "平方米", "平米")),
    "yuan": ("元", ("元",)),
    "wan_yuan": ("万元", ("万元",)),
    "count": ("个数", ("个", "次", "人", "名", "颗", "间", "台", "班", "年")),
}
_FOREIGN = (
    "斤", "市斤", "克", "g", "mg", "磅", "lb", "米", "m", "分米", "dm", "毫米", "mm", "寸", "英寸", "尺", "升", "l", "千帕", "kpa", "分钟", "min",
    "亩", "公顷", "万元", "元", "%",
)  # fmt: skip
_SUFFIX = re.compile(
    "(?i)(?<=[\\dOolI.])("
    + "|".join(sorted({*_FOREIGN, *(u for _, own in _UNITS.values() for u in own)}, key=len, reverse=True))
    + ")$"
)


def fold(text: str) -> str:
    """Text with one width, one kind of dash and quote, no blanks at all, and no apostrophe that Excel put in front."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return re.sub(r"[\s\u200b\ufeff]+", "", folded).removeprefix("'")


def is_blank(folded: str) -> bool:
    """Whether a cell holds nothing or one of the signs for nothing."""
    return folded.casefold() in _BLANKS


def _foreign_unit(folded: str, unit: str | None) -> Parsed | None:
    """The verdict on a number with a unit that is not the column's; nothing is converted, the school knows what it measured."""
    match = _SUFFIX.search(folded)
    if match is None or to_decimal(folded[: match.start()]) is None:
        return None
    name = _UNITS[unit][0] if unit else None
    asked = f"本栏应按{name}填写，只填数字" if name else "本栏只填数字，不带单位"
    return Parsed(rule="unit_suspect", hint=f"填的单位是“{match[1]}”，{asked}")


def to_decimal(folded: str, unit: str | None = None) -> Decimal | None:
    """The number a cell holds, look-alike letters and the column's own unit at its end forgiven."""
    text = (
        folded.replace(",", "")
        if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", folded)
        else folded.replace(",", ".")
    )
    suffix = _SUFFIX.search(text) if unit else None
    own = suffix is not None and suffix[1].casefold() in _UNITS[unit or ""][1]
    for candidate in (text, text[: suffix.start()]) if suffix and own else (text,):
        looks = re.search(r"\d", candidate) or re.fullmatch(r"[+-]?[Oo]+\.[Oo]+", candidate)
        digits = candidate.translate(_LOOKALIKE) if looks else candidate
        if _NUMBER.fullmatch(digits):
            try:
                value = Decimal(digits)
            except InvalidOperation:
                return None
            # Beyond it no measure lies, and arithmetic at a fixed precision fails.
            return value if abs(value) <= _LARGEST else None
    return None


def _scaled(number: Decimal, scale: int) -> int:
    # Excel writes 4.9 as 4.8999999999999995; half up at the stored precision is what was typed.
    return int((number * scale).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def number(reads: Mapping[str, Any]) -> Parser:
    """Integer times `scale` within min and max (in stored units)."""
    scale, low, high = int(reads.get("scale", 1)), reads.get("min"), reads.get("max")
    missing = {Decimal(m) for m in reads.get("missing", ())}
    units, strip, unit = reads.get("units", ()), reads.get("strip", ""), reads.get("unit")

    def parse(text: str) -> Parsed:
        folded = fold(text).strip(strip) if strip else fold(text)
        if is_blank(folded):
            return MISSING
        value = to_decimal(folded, unit)
        if value is None:
            return _foreign_unit(folded, unit) or Parsed(rule="bad_number")
        if value in missing or (value == 0 and reads.get("zero") == "missing"):
            return Parsed(code="not_measured")
        if scale == 1 and value != value.to_integral_value() and not reads.get("round"):
            cause = next((u for u in units if "below" in u and 0 < value < Decimal(str(u["below"]))), None)
            return Parsed(rule=cause["rule"] if cause else "bad_number", hint=cause["zh"] if cause else "应为整数")
        stored = _scaled(value, scale)
        for slip in units:
            if "below" in slip and 0 < value < Decimal(str(slip["below"])) / (10 if scale == 10 else 1):
                return Parsed(stored, slip["rule"], slip["zh"])
            if "above" in slip and stored > int(slip["above"]):
                return Parsed(stored, slip["rule"], slip["zh"])
        if (low is not None and stored < low) or (high is not None and stored > high):
            return Parsed(stored, "out_of_range", _range_text(low, high, scale))
        return Parsed(stored)

    return parse


def _range_text(low: int | None, high: int | None, scale: int) -> str:
    return f"合理范围是 {low / scale:g} 至 {high / scale:g}" if low is not None and high is not None else ""


def seconds(reads: Mapping[str, Any]) -> Parser:
    """A sprint in seconds with one decimal; 8"5 is read as 8.5."""
    plain = number({**reads, "zero": "missing", "missing": ["999"]})
    low = int(reads["min"])

    def parse(text: str) -> Parsed:
        folded = fold(text)
        if match := re.fullmatch(r"(\d{1,2})[\"'秒]{1,2}(\d)", folded):
            return plain(f"{match[1]}.{match[2]}")
        parsed = plain(folded.rstrip("\"'"))
        if parsed.rule == "out_of_range" and isinstance(parsed.value, int) and parsed.value // 10 >= low:
            return Parsed(parsed.value, "out_of_range", "可能漏写小数点，如 8.5 写成 85")
        return parsed

    return parse


_MINUTES = re.compile(r"(\d{1,2})(?:'|:|分|min|m)(\d{1,2})(?:\"|''|'|秒|s|sec)?(?:\.\d+)?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:\d{4}-\d\d-\d\d)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?")


def minutes(reads: Mapping[str, Any]) -> Parser:
    """Minutes and seconds → seconds. 3.25 is 3 min 25 s; 3.5 is 3 min 50 s or 5 s: nobody guesses."""
    low, high = int(reads["min"]), int(reads["max"])

    def judged(minute: int, second: int) -> Parsed:
        if second >= 60:
            return Parsed(rule="bad_time", hint="秒数应小于 60")
        total = minute * 60 + second
        if not low <= total <= high:
            return Parsed(
                total, "out_of_range", f"合理范围是 {low // 60}分{low % 60:02d}秒至 {high // 60}分{high % 60:02d}秒"
            )
        return Parsed(total)

    def parse(text: str) -> Parsed:
        folded = fold(text)
        if is_blank(folded) or folded in {"0", "0.0", "0.00", "999"}:
            return MISSING
        if match := _MINUTES.fullmatch(folded):
            return judged(int(match[1]), int(match[2]))
        if match := re.fullmatch(r"(\d{1,2})(?:'|分|min)", folded):
            return judged(int(match[1]), 0)
        if match := _CLOCK.fullmatch(folded):
            hour, minute, second = (int(g) for g in match.groups())
            return (
                judged(minute, second)
                if hour == 0
                else judged(hour, minute)
                if second == 0
                else Parsed(rule="bad_time")
            )
        digits = folded.translate(_LOOKALIKE)
        if match := re.fullmatch(r"(\d{1,2})[.,](\d{2})", digits):
            return judged(int(match[1]), int(match[2]))
        if re.fullmatch(r"\d{2,3}", digits) and int(digits) >= 60:
            return _whole_seconds(int(digits), low, high)
        if re.fullmatch(r"\d{1,2}(?:[.,]\d)?", digits):
            return Parsed(rule="ambiguous_time", hint="无法判断是几分几秒，请写成 3'05\" 或 3'50\" 这样的形式")
        return Parsed(rule="bad_time", hint="请写成 3'25\" 这样的形式")

    return parse


def _whole_seconds(total: int, low: int, high: int) -> Parsed:
    return Parsed(total) if low <= total <= high else Parsed(total, "out_of_range", f"合理范围是 {low} 至 {high} 秒")


def acuity(table: Mapping[Decimal, int]) -> Parser:
    """Naked-eye or corrected acuity → five-point record times ten; 29 is below 3.0.

    Three different things: 0 is below 3.0, a value; 9, 999, X and 未测 are codes; a blank is missing. Values under 2.6 are
    decimal records and go through the table of GB 11533 (a value between two rows reads the lower row).
    """
    rows = sorted(table)

    def parse(text: str) -> Parsed:
        folded = fold(text)
        if folded == "":
            return MISSING
        if is_blank(folded) or re.fullmatch(r"9(?:\.0+)?|99|999|9999|拒查|不配合", folded):
            return NOT_MEASURED
        if re.fullmatch(r"(?:<|小于|低于)3(?:\.0)?(?:以下)?|3\.0以下", folded):
            return Parsed(29)
        value = to_decimal(folded)
        if value is None:
            return _foreign_unit(folded, None) or Parsed(rule="bad_number")
        if value == 0:
            return Parsed(29)
        value = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        if Decimal("3.0") <= value <= Decimal("5.3"):
            return (
                Parsed(_scaled(value, 10))
                if value * 10 == (value * 10).to_integral_value()
                else Parsed(rule="bad_number", hint="五分记录应为一位小数")
            )
        if rows[0] <= value <= rows[-1]:
            return Parsed(table[max(r for r in rows if r <= value)], code="decimal")
        if 30 <= value <= 53:
            return Parsed(rule="out_of_range", hint="可能漏写小数点，如 5.0 写成 50")
        return Parsed(rule="out_of_range", hint="五分记录应在 3.0 至 5.3，小数记录应在 0.01 至 2.0")

    return parse


_BY_DEGREE = "可能按“度”填写（如 250 度），应按 D 填写并带正负号（如 -2.50）"


def diopter(reads: Mapping[str, Any]) -> Parser:
    """Signed diopters times 100; 999 is a code; degrees (250 for 2.50 D) are refused, not converted."""
    low, high = int(reads["min"]), int(reads["max"])

    def parse(text: str) -> Parsed:
        folded = fold(text)
        if is_blank(folded) or re.fullmatch(r"\+?999(?:\.0+)?", folded):
            return MISSING if folded == "" else NOT_MEASURED
        if folded.casefold() in {"pl", "plano", "平光"}:
            return Parsed(0)
        value = to_decimal(folded, "D")
        if value is None:
            by_degree = Parsed(rule="unit_suspect", hint=_BY_DEGREE) if folded.endswith("度") else None
            return by_degree or _foreign_unit(folded, "D") or Parsed(rule="bad_number")
        stored = _scaled(value, 100)
        if abs(stored) >= 5000:
            return Parsed(stored, "unit_suspect", _BY_DEGREE)
        if not low <= stored <= high:
            return Parsed(stored, "out_of_range", _range_text(low, high, 100))
        return Parsed(stored)

    return parse


_YMD = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
# Cut off before blanks go: 2014-9-1 18:30 would otherwise read as the 11th.
_TIME_OF_DAY = re.compile(r"(?<=[\d日])(?:\s*T|\s+)(?:[上下]午\s*)?\d{1,2}[:：]\d{2}.*$", re.DOTALL)
_SHORT = re.compile(r"(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_EXCEL_EPOCH = dt.date(1899, 12, 30)


def date(reads: Mapping[str, Any]) -> Parser:
    """The date spellings of schools, and Excel serial numbers (1900 system) of days from the year `since` (2000) on.

    A smaller number is a slip of the pen, not a day of a pupil's life; a school may be as old as its contract says.
    """
    first = (dt.date(reads.get("since", 2000), 1, 1) - _EXCEL_EPOCH).days

    def parse(text: str) -> Parsed:
        folded = fold(_TIME_OF_DAY.sub("", text))
        if is_blank(folded):
            return MISSING
        folded = folded.translate(_LOOKALIKE) if re.fullmatch(r"[\dOolI./年月日-]+", folded) else folded
        try:
            if match := _YMD.fullmatch(folded):
                return _dated(int(match[1]), int(match[2]), int(match[3]))
            if re.fullmatch(r"(?:19|20)\d{6}", folded):
                return _dated(int(folded[:4]), int(folded[4:6]), int(folded[6:]))
            if match := _SHORT.fullmatch(folded):
                year = int(match[1])
                if year <= 12 and "/" in folded:
                    return Parsed(rule="bad_date", hint="年月日的先后有歧义，请写成 2024-10-15 这样的形式")
                return _dated(2000 + year if year <= 40 else 1900 + year, int(match[2]), int(match[3]))
            if re.fullmatch(r"[1-6]\d{4}(?:\.\d+)?", folded) and int(folded[:5]) >= first:
                return Parsed(_EXCEL_EPOCH + dt.timedelta(days=int(folded[:5])))
        except ValueError:
            pass
        return Parsed(rule="bad_date", hint="请写成 2024-10-15 这样的形式")

    return parse


def _dated(year: int, month: int, day: int) -> Parsed:
    if not 1900 <= year <= 2100:
        return Parsed(rule="bad_date", hint="年份不合理")
    return Parsed(dt.date(year, month, day))


def clock(reads: Mapping[str, Any]) -> Parser:
    """Time of day as HH:MM."""

    def parse(text: str) -> Parsed:
        folded = fold(text)
        if is_blank(folded):
            return MISSING
        if re.fullmatch(r"0?\.\d+", folded):  # Excel's own form, a fraction of the day
            minute_of_day = int((Decimal(folded) * 1440).quantize(Decimal(1), rounding=ROUND_HALF_UP))
            return Parsed(f"{minute_of_day // 60 % 24:02d}:{minute_of_day % 60:02d}")
        match = re.search(r"(\d{1,2})[:点时](\d{0,2})", folded)
        if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
            return Parsed(rule="bad_time", hint="请写成 14:30 这样的形式")
        afternoon = 12 if re.match(r"下午|晚上|晚|傍晚", folded) and int(match[1]) < 12 else 0
        return Parsed(f"{int(match[1]) + afternoon:02d}:{int(match[2] or 0):02d}")

    return parse


def code(reads: Mapping[str, Any]) -> Parser:
    """One of a closed list; an unknown spelling is refused: somebody must classify it."""
    spellings = {fold(str(s)).casefold(): name for name, listed in reads["codes"].items() for s in (name, *listed)}
    boolean, unknown, default = bool(reads.get("boolean")), reads.get("unknown"), reads.get("default")

    def parse(text: str) -> Parsed:
        folded = fold(text).casefold()
        if reads.get("first_word"):
            folded = re.split(r"[(（,;:]", folded)[0]
        digits = re.sub(r"\.0+$", "", folded)
        for candidate in (folded, digits, digits.lstrip("0")):
            if candidate and candidate in spellings:
                name = spellings[candidate]
                return Parsed(name == "true") if boolean else Parsed(name)
        if is_blank(folded):
            return Parsed(default)
        return Parsed(unknown) if unknown else Parsed(rule="bad_code")

    return parse


_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


def chinese_number(text: str) -> int | None:
    """一 to 九十九, or Arabic digits."""
    if text.isdigit():
        return int(text)
    if text in _CHINESE:
        return _CHINESE[text]
    if match := re.fullmatch(r"([一二三四五六七八九])?十([一二三四五六七八九])?", text):
        return _CHINESE.get(match[1] or "一", 1) * 10 + (_CHINESE[match[2]] if match[2] else 0)
    return None


_STAGE_FIRST = {"小学": 0, "小": 0, "初中": 6, "初": 6, "高中": 9, "高": 9}
_PLATFORM = {
    **{10 + g: g for g in range(1, 7)},
    **{20 + g: 6 + g for g in range(1, 4)},
    24: 9,
    **{30 + g: 9 + g for g in range(1, 4)},
}


_BY_COHORT = "入学或毕业年份不能说明是小学、初中还是高中的年级，请写“三年级”“初二”或年级编号（如 13、22）"


def grade(reads: Mapping[str, Any]) -> Parser:
    """Grade 1 to 12. 11 to 33 are the fitness platform's codes; 10 is none of them and a clash, so it is refused."""

    def parse(text: str) -> Parsed:
        folded = re.sub(r"\.0+$", "", fold(text).translate(_LOOKALIKE))
        if is_blank(folded):
            return MISSING
        if "全校" in folded or "全体" in folded:
            return Parsed(rule="whole_school" if reads.get("whole_school") else "bad_code", hint="请按班级填报")
        if folded.isdigit():
            plain = int(folded)
            if plain in _PLATFORM:
                return Parsed(_PLATFORM[plain])
            if 1 <= plain <= 9:
                return Parsed(plain)
            return Parsed(rule="bad_code", hint="年级编号应为 11-16（小学）、21-24（初中）、31-33（高中）")
        if match := re.fullmatch(r"(小学|小|初中|初|高中|高)?([一二三四五六七八九十]+|\d{1,2})(?:年级|年)?", folded):
            level = chinese_number(match[2])
            if level is not None:
                value = level + _STAGE_FIRST.get(match[1] or "", 0)
                if 1 <= value <= 12 and (not match[1] or level <= (6 if match[1].startswith("小") else 4)):
                    return Parsed(min(value, 9) if match[1] and match[1].startswith("初") else value)
        if re.match(r"(?:20)?\d\d[级届]", folded):
            return Parsed(rule="bad_code", hint=_BY_COHORT)
        return Parsed(rule="bad_code", hint="不认识的年级")

    return parse


# 1班, 一班, (1)班, 301, 2024级1班, 三年级1班, 初二(3)班: a class number with or without its grade before it.
_CLASS = re.compile(
    r"(?:20\d\d[级届]|\d\d级|(?:小学|初中?|高中?)[一二三四五六七八九\d](?:年级?)?|[一二三四五六七八九十]{1,3}年级?|\d{1,2}年级?"
    r"|[一二三四五六七八九十]{1,3}(?=[(]))?"
    r"[(]?([一二三四五六七八九十]{1,3}|\d{1,4})[)]?班?"
)


def class_no(reads: Mapping[str, Any]) -> Parser:
    """Class number within the grade as digits; 301 stays 301 here, the grade beside it decides (see normalise)."""

    def parse(text: str) -> Parsed:
        folded = re.sub(r"\.0+$", "", fold(text))
        if is_blank(folded):
            return MISSING
        if "全校" in folded or "全体" in folded or "全年级" in folded:
            return Parsed(rule="whole_school" if reads.get("whole_school") else "bad_code", hint="请按班级填报")
        match = _CLASS.fullmatch(folded)
        value = chinese_number(match[1]) if match else None
        if value is None or value == 0:
            return Parsed(rule="bad_code", hint="不认识的班级")
        return Parsed(str(value))

    return parse


def glasses(legend: Mapping[str, str]) -> Parser:
    """What the pupil wears, by words; numbers only by the legend the sheet itself prints."""
    words = (
        ("ortho_k", ("塑形", "ok镜", "ok", "夜戴")),
        ("contact", ("隐形",)),
        ("frame", ("框架", "镜框")),
    )

    def parse(text: str) -> Parsed:
        folded = re.sub(r"\.0+$", "", fold(text)).casefold()
        if folded in legend:
            return Parsed(legend[folded])
        if (is_blank(folded) and folded != "无") or folded in {"9", "999"}:
            return MISSING
        if folded.startswith(("不", "无", "未", "没", "否")):
            return Parsed("none")
        for name, marks in words:
            if any(mark in folded for mark in marks):
                return Parsed(name)
        return Parsed(rule="bad_code", hint="请写文字：不佩戴眼镜、佩戴框架眼镜、佩戴隐形眼镜、夜戴角膜塑形镜")

    return parse


def glasses_legend(text: str) -> dict[str, str]:
    """Number → meaning from a header such as 戴镜类型(0无 1框架 2隐形 3OK镜)."""
    found = re.findall(
        r"(\d)\s*[:：=、.．]?\s*(无|不|未|框架|隐形|OK|ok|角膜塑形|夜戴)", unicodedata.normalize("NFKC", text)
    )
    parse = glasses({})
    return {number: str(parse(word).value) for number, word in found}


def result(reads: Mapping[str, Any]) -> Parser:
    """Result of an inspected item or check."""
    return code(
        {
            "codes": {
                "pass": ["是", "符合", "合格", "通过", "√", "✓", "✔", "达标", "已整改", "整改到位", "1"],
                "basic": ["基本符合", "基本合格"],
                "fail": ["否", "不符合", "不合格", "未通过", "×", "✗", "✘", "不达标", "未整改", "0"],
            }
        }
    )


def threshold(reads: Mapping[str, Any]) -> Parser:
    """A score → pass from `pass_from` on, else fail (for overlays of layouts that only give a score)."""
    score = number({"scale": 1, "min": 0, "max": 100, "round": True, "unit": "point"})

    def parse(text: str) -> Parsed:
        parsed = score(text)
        if parsed.rule or parsed.value is None:
            return parsed
        return Parsed("pass" if parsed.value >= int(reads["pass_from"]) else "fail")

    return parse


def period(reads: Mapping[str, Any]) -> Parser:
    """A school year or semester as written in a row."""

    def parse(text: str) -> Parsed:
        folded = fold(text)
        if is_blank(folded):
            return MISSING
        if match := re.fullmatch(
            r"(20\d\d)[-~至](20\d\d)(?:学年度?|年)?(?:-?第?([12一二])(?:学期)?|(秋|春|上|下)(?:季?(?:学期)?))?", folded
        ):
            term = {"一": "1", "二": "2", "秋": "1", "上": "1", "春": "2", "下": "2"}.get(
                match[3] or match[4] or "", match[3]
            )
            if (value := valid_period(f"{match[1]}-{match[2]}" + (f"-{term}" if term else ""))) is not None:
                return Parsed(value)
        if folded in {
            "1",
            "2",
            "一",
            "二",
            "第一学期",
            "第二学期",
            "第1学期",
            "第2学期",
            "上",
            "下",
            "秋季",
            "春季",
            "上学期",
            "下学期",
            "秋",
            "春",
        }:
            return Parsed(code="2" if re.search(r"[2二下春]", folded) else "1")
        return Parsed(rule="bad_code", hint="学年写作 2024-2025，学期写作 2024-2025-1")

    return parse


def school_code(reads: Mapping[str, Any]) -> Parser:
    """Ten digits."""

    def parse(text: str) -> Parsed:
        folded = re.sub(r"\.0+$", "", fold(text))
        if is_blank(folded):
            return MISSING
        return (
            Parsed(folded)
            if re.fullmatch(r"[0-9]{10}", folded)
            else Parsed(rule="bad_code", hint="学校标识码应为 10 位数字")
        )

    return parse


def area_code(reads: Mapping[str, Any]) -> Parser:
    """Six characters: GB/T 2260 digits, or a local code of the register with letters at its end."""

    def parse(text: str) -> Parsed:
        folded = re.sub(r"\.0+$", "", fold(text)).upper()
        if is_blank(folded):
            return MISSING
        return (
            Parsed(folded)
            if re.fullmatch(r"\d{4}[0-9A-Z]{2}", folded)
            else Parsed(rule="bad_code", hint="区县代码应为 6 位")
        )

    return parse


def text(reads: Mapping[str, Any]) -> Parser:
    """Plain text of one width, inner blanks kept single."""

    def parse(raw: str) -> Parsed:
        folded = " ".join(unicodedata.normalize("NFKC", raw).split())
        return MISSING if is_blank(folded) else Parsed(folded[:200])

    return parse


def title(reads: Mapping[str, Any]) -> Parser:
    """A film title without its book marks, so that one film has one spelling."""

    def parse(raw: str) -> Parsed:
        folded = fold(raw).strip("《》<>〈〉\"'")
        return MISSING if is_blank(folded) else Parsed(folded[:80])

    return parse


PARSERS: dict[str, Callable[[Mapping[str, Any]], Parser]] = {
    "number": number,
    "seconds": seconds,
    "minutes": minutes,
    "diopter": diopter,
    "date": date,
    "clock": clock,
    "code": code,
    "grade": grade,
    "class_no": class_no,
    "result": result,
    "threshold": threshold,
    "period": period,
    "school_code": school_code,
    "area_code": area_code,
    "text": text,
    "title": title,
}
