"""Strange ways to write one cell that a patient reader still understands: digits, dates, times, grades, classes, numbers of persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import polars as pl

from orchestration.simulate.places import NUMERALS
from orchestration.simulate.randomness import Rng
from orchestration.simulate.sheets import Cells, Spoil, Texts

Edit = Callable[[str, Rng], str | None]
FULL_WIDTH = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
NOT_THERE = ("/", "-", "—", "无", "未测", "缺", "X")
DECIMAL_OF = {
    "4.0": "0.1", "4.1": "0.12", "4.2": "0.15", "4.3": "0.2", "4.4": "0.25", "4.5": "0.3", "4.6": "0.4", "4.7": "0.5", "4.8": "0.6",
    "4.9": "0.8", "5.0": "1.0", "5.1": "1.2", "5.2": "1.5", "5.3": "2.0",
}  # fmt: skip


def one(rng: Rng, options: Sequence[str]) -> str:
    """One of several spellings."""
    return options[int(rng.integers(len(options)))]


def cell(
    key: str, edit: Edit, rule: str = "", *, where: pl.Expr | None = None, weight: float = 1.0, blank: bool = False
) -> Spoil:
    """A change of one cell; by default only of cells that hold something."""

    def change(rows: Texts, rng: Rng) -> Texts:
        return {key: [edit(text or "", rng) for text in rows[key]]}

    filled = pl.col(key).is_null() if blank else pl.col(key).is_not_null()
    return Spoil(key, (key,), change, rule, filled if where is None else filled & where, weight)


def row(
    keys: tuple[str, ...], edit: Callable[[Cells, Rng], Cells], rule: str = "", *, where: pl.Expr, weight: float = 1.0
) -> Spoil:
    """A change of several cells of a row at once; the first key names the column."""

    def change(rows: Texts, rng: Rng) -> Texts:
        lines = [edit({key: rows[key][index] for key in keys}, rng) for index in range(len(rows[keys[0]]))]
        return {key: [line[key] for line in lines] for key in keys}

    return Spoil(keys[0], keys, change, rule, where, weight)


def strange_digits(text: str, rng: Rng) -> str:
    """Full-width digits, stray blanks, an apostrophe, letters for digits, Chinese points."""
    options = [text.translate(FULL_WIDTH), f" {text}", f"{text}\t", f"'{text}", f"{text}　"]
    if "." in text:
        options += [text.replace(".", "。"), text.replace(".", "．"), text.replace(".", ". "), text.replace(".", "，")]
    if "0" in text and len(text) > 1:
        options.append(text.replace("0", "O"))
    # A digit must be left: nobody reads lll as a number.
    if "1" in text and any(digit in text for digit in "023456789"):
        options.append(text.replace("1", "l"))
    return one(rng, options)


def strange_code(text: str, rng: Rng) -> str:
    """A code with blanks or an apostrophe, or in full-width digits."""
    return one(rng, (f"'{text}", f" {text} ", f"{text}\t", text.translate(FULL_WIDTH)))


def strange_sign(text: str, rng: Rng) -> str:
    """A diopter with another minus, or with its plus written out."""
    if text.startswith("-"):
        return one(rng, ("－", "–", "−")) + text[1:]
    return f"+{text}"


def strange_date(text: str, rng: Rng) -> str:
    """Another spelling of an ISO date, Excel's serial number and two-digit years among them."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return text
    return spell_date(date, int(rng.integers(len(DATE_FORMS))))


DATE_FORMS: tuple[Callable[[dt.date], str], ...] = (
    lambda d: f"{d.year}-{d.month}-{d.day}",
    lambda d: f"{d.year}/{d.month}/{d.day}",
    lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: str((d - dt.date(1899, 12, 30)).days),
    lambda d: f"{d.year % 100:02d}-{d.month}-{d.day}",
    lambda d: f"{d.year}-{d.month:02d}-{d.day:02d} 00:00:00",
)


def spell_date(date: dt.date, form: int) -> str:
    """A date in one of the spellings."""
    return DATE_FORMS[form](date)


def strange_time(text: str, rng: Rng) -> str:
    """Another spelling of minutes and seconds written as 3'25\"."""
    minutes, seconds = text.rstrip('"').split("'")
    forms = (
        f"{minutes}′{seconds}″", f"{minutes}'{seconds}''", f"{minutes}:{seconds}", f"{minutes}分{seconds}秒", f"{minutes}.{seconds}",
        str(int(minutes) * 60 + int(seconds)), f"{minutes}：{seconds}", f"{minutes}'{seconds}",
    )  # fmt: skip
    return one(rng, forms)


def strange_thousands(text: str, rng: Rng) -> str:
    """A number with a comma between the thousands."""
    if not (text.isdigit() and len(text) > 3):
        return text
    return f"{text[:-3]}{one(rng, (',', '，'))}{text[-3:]}"


def strange_class(text: str, rng: Rng) -> str:
    """A class as 3班, 三班, （3）班 or 03."""
    number = text.removesuffix("班")
    forms = [f"{number}班", f"（{number}）班", f"({number})班", number.zfill(2)]
    if number.isdigit() and 1 <= int(number) <= len(NUMERALS):
        forms.append(f"{NUMERALS[int(number) - 1]}班")
    return one(rng, forms)


GRADES = {"11": 1, "12": 2, "13": 3, "14": 4, "15": 5, "16": 6, "21": 7, "22": 8, "23": 9, "31": 10, "32": 11, "33": 12}
GRADE_WORD = [
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "七年级",
    "八年级",
    "九年级",
    "高一",
    "高二",
    "高三",
]
GRADE_ALIAS = [
    "小学一年级",
    "小学二年级",
    "小学三年级",
    "小学四年级",
    "小学五年级",
    "小学六年级",
    "初一",
    "初二",
    "初三",
    "高中一年级",
    "高中二年级",
    "高中三年级",
]
CODE_OF_WORD = {word: code for code, word in zip(GRADES, GRADE_WORD, strict=True)}


def strange_grade(text: str, rng: Rng) -> str:
    """A grade as word for code, code for word, or under its other name."""
    code = CODE_OF_WORD.get(text, text)
    if code not in GRADES:
        return text
    index = GRADES[code] - 1
    return one(rng, (GRADE_WORD[index], GRADE_ALIAS[index], code))


def strange_sex(text: str, rng: Rng) -> str:
    """A sex as word for code or code for word, or with a blank."""
    other = {"1": "男", "2": "女", "男": "1", "女": "2"}
    return one(rng, (other.get(text, text), f"{text} ", f" {text}"))


def strange_name(text: str, rng: Rng) -> str:
    """A name with blanks inside, or with another dot between its parts."""
    return text.replace("·", one(rng, (".", "•", "．"))) if "·" in text else f"{text[0]} {text[1:]}"


def strange_id(text: str, rng: Rng) -> str:
    """A person's number with blanks, an apostrophe, a small x, or without its leading letter where digits follow."""
    forms = [f"'{text}", f" {text}", f"{text} ", text.replace("X", "x")]
    if text[0] == "G":
        forms.append(text[1:])
    return one(rng, forms)
