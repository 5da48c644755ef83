"""File, member and sheet names may hold a person's name; outside raw/ they appear with everything unknown masked."""

from __future__ import annotations

import re
from functools import lru_cache

from expectations.contract import FEED_ORDER

MASK = "＊"
# Words that name a kind of table, a level or a time: they say nothing about a person.
_WORDS = [
    "视力检查",
    "视力筛查",
    "视力",
    "体质健康测试",
    "体质健康",
    "体质",
    "体测",
    "健康体检",
    "体检",
    "常见病",
    "监测",
    "影片放映",
    "影片",
    "观影",
    "食品安全检查",
    "食品安全",
    "食堂",
    "检查",
    "明厨亮灶登记",
    "明厨亮灶",
    "登记",
    "学校名册",
    "学生名册",
    "班级名册",
    "学校",
    "学生",
    "班级",
    "名册",
    "花名册",
    "名单",
    "全校",
    "全县",
    "全区",
    "全市",
    "汇总",
    "明细",
    "数据",
    "上报",
    "报送",
    "报表",
    "更正",
    "补报",
    "补充",
    "重报",
    "退回",
    "修改",
    "第一学期",
    "第二学期",
    "上学期",
    "下学期",
    "秋季",
    "春季",
    "学年",
    "学期",
    "小学",
    "初中",
    "高中",
    "中学",
    "年级",
    "第一次",
    "第二次",
    "第1次",
    "第2次",
    "模板",
    "表",
    "工作表",
    "示例",
    "导出",
    "导入",
]
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])"
_ALONE, _END = r"(?<!\d)(?<!\d[- ])", r"(?!\d)(?![- ]\d)"
_KEEP = re.compile(
    "|".join(
        [
            r"(?<!\d)20\d\d-20\d\d(?:-[12])?(?!\d)",
            # A date, a school code or an area code (each with a real province), a small number; never a piece of a longer
            # number that somebody split.
            rf"{_ALONE}20\d{{6}}{_END}",
            rf"{_ALONE}[1-5]\d{_PROVINCE}\d{{6}}{_END}",
            rf"{_ALONE}{_PROVINCE}\d{{4}}{_END}",
            rf"{_ALONE}\d{{1,3}}{_END}",
            rf"(?<![A-Za-z])(?i:sheet\d{{0,3}}|{'|'.join(FEED_ORDER)}|part\d{{0,3}})(?![A-Za-z0-9])",
            r"\.(?i:csv|xlsx|xlsm|xls|txt|tsv|zip|gz)",
            *(re.escape(w) for w in sorted(_WORDS, key=len, reverse=True)),
            r"[一二三四五六七八九十]+(?=年级|班)",
            r"(?<=[\d一二三四五六七八九十）)])[年月日班]",
            r"[ \u3000_\-—()（）./\[\]]+",
        ]
    )
)


@lru_cache(maxsize=16_384)
def mask(name: str) -> str:
    """The name with every part that is no code, date, period or known word replaced by one ＊."""
    out: list[str] = []
    position = 0
    for match in _KEEP.finditer(name):
        if match.start() > position:
            out.append(MASK)
        out.append(match[0])
        position = match.end()
    if position < len(name):
        out.append(MASK)
    return re.sub(f"{MASK}+", MASK, "".join(out))


def unique_masks(names: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Masked (member, sheet) pairs, numbered where masking would make two of one delivery the same."""
    seen: dict[tuple[str, str], int] = {}
    out: list[tuple[str, str]] = []
    for member, sheet in names:
        pair = (mask(member), mask(sheet))
        seen[pair] = seen.get(pair, 0) + 1
        out.append(pair if seen[pair] == 1 else (pair[0], f"{pair[1]}#{seen[pair]}"))
    return out
