"""Soils a sheet as a whole: order and spelling of the columns, lines that are no data, one spelling for all dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.simulate.desk_pages import header_rows
from orchestration.simulate.dirt_cells import DATE_FORMS, one, spell_date
from orchestration.simulate.files import Page, Row
from orchestration.simulate.randomness import Rng
from orchestration.simulate.sheets import Batch, Column, Layout, column

# Other names in use for the same thing; only such as leave no doubt.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "姓名": ("学生姓名",), "身高": ("身高(cm)", "身高（厘米）"), "体重": ("体重(kg)", "体重（公斤）"), "肺活量": ("肺活量(ml)", "肺活量（毫升）"),
    "50米跑": ("50米", "50米跑(秒)"), "一分钟仰卧起坐": ("仰卧起坐",), "一分钟跳绳": ("跳绳",), "50米×8往返跑": ("50米*8往返跑", "50米x8往返跑"),
    "800米跑": ("800米",), "1000米跑": ("1000米",), "坐位体前屈": ("坐位体前屈(cm)",), "立定跳远": ("立定跳远(cm)",),
    "右眼裸眼视力": ("裸眼视力（右）", "裸眼（右）"), "左眼裸眼视力": ("裸眼视力（左）", "裸眼（左）"),
    "年级编号": ("年级",), "班级编号": ("班级",), "应到人数": ("应到",), "实到人数": ("实到",), "学生数": ("班级人数",), "片名": ("影片名称",),
    "小学在校生数": ("小学学生数", "小学在校学生数"), "初中在校生数": ("初中学生数",), "小学班数": ("小学班级数",), "台账号": ("台账编号",),
    "体育馆面积(㎡)": ("体育馆面积(平方米)",), "教学及辅助用房面积(㎡)": ("教学及辅助用房面积",), "校医数": ("校医(保健教师)数",), "区县代码": ("行政区划代码",),
    "教学仪器设备值(万元)": ("教学仪器设备资产值(万元)",), "发文日期": ("印发日期",), "计划完成日期": ("计划完成",), "数值": ("数据值",),
    "食堂数": ("食堂数量",), "许可证号": ("食品经营许可证号",), "学校标识码": ("学校标识码（10位）",),
}  # fmt: skip
# The same official name is called otherwise only in some feeds.
FEED_NAMES = {
    ("vision_check", "检查日期"): ("筛查日期",),
    ("physical_exam", "检查日期"): ("体检日期",),
    ("reported_measure", "统计日期"): ("统计时间",),
}
EXTRA = (column("_note", "备注"), column("_teacher", "班主任"), column("_seq", "序号"), column("_phone", "家长电话"))


@dataclass(frozen=True)
class Soiling:
    """The sheet as written, and for each data row the number by which it is found again."""

    page: Page
    row_numbers: npt.NDArray[np.int64]


def _respell(head: str, official: str, feed: str, rng: Rng) -> str:
    if head.isdigit() or head.startswith("*"):
        return head
    options = [f"{head}*", f"*{head}", f" {head}", head.translate(str.maketrans("()*", "（）＊"))]
    if len(head) == 2:
        options.append(f"{head[0]} {head[1]}")
    if len(head) > 4:
        options.append(f"{head[: len(head) // 2]}\n{head[len(head) // 2 :]}")
    options += [*OTHER_NAMES.get(official, ()), *FEED_NAMES.get((feed, official), ())] * 2
    return one(rng, options)


def _columns(batch: Batch, rng: Rng, chance: float) -> tuple[list[Column], pl.DataFrame]:
    """Shuffled, renamed and extra columns; only forms with one header row are treated like that."""
    columns, text = list(batch.layout.columns), batch.text
    if batch.layout.levels > 1:
        return columns, text
    if rng.random() < chance:
        heads = {c.heads[0] for c in columns}
        for extra in EXTRA:
            if extra.heads[0] not in heads and rng.random() < 0.5:
                filling = {"_note": "=1+1", "_teacher": "班主任甲", "_seq": None, "_phone": "00000000000"}[extra.key]
                cells = pl.lit(filling, dtype=pl.String) if filling else (pl.int_range(pl.len()) + 1).cast(pl.String)
                columns.append(extra)
                text = text.with_columns(cells.alias(extra.key))
    if rng.random() < chance and batch.layout.name != "check":
        columns = [columns[i] for i in rng.permutation(len(columns))]
    if rng.random() < chance:
        taken: set[str] = set()
        for index, old in enumerate(columns):
            head = _respell(old.heads[0], old.official, batch.layout.feed, rng) if rng.random() < 0.4 else old.heads[0]
            others = {c.heads[0] for i, c in enumerate(columns) if i != index} | taken
            if head.strip("* ") not in others:
                columns[index] = Column(old.key, (head,), old.official, old.kind)
            taken.add(columns[index].heads[0])
    return columns, text.select(c.key for c in columns)


def _dates(text: pl.DataFrame, columns: list[Column], rng: Rng) -> pl.DataFrame:
    """One other spelling for all ISO dates of the sheet."""
    form = int(rng.integers(len(DATE_FORMS)))

    def spell(cell: str | None) -> str | None:
        if cell is None or len(cell) != 10 or cell[4] != "-" or cell[7] != "-":
            return cell
        try:
            return spell_date(dt.date.fromisoformat(cell), form)
        except ValueError:
            return cell

    keys = [c.key for c in columns if c.kind == "date"]
    return text.with_columns(
        pl.Series(key, [spell(cell) for cell in text[key].to_list()], dtype=pl.String) for key in keys
    )


def soil_page(batch: Batch, rng: Rng, chance: float, pairs: dict[int, dict[str, str | None]]) -> Soiling:
    """Writes the batch as a sheet; each kind of disorder comes with probability `chance`.

    Args:
        batch: rows, already soiled.
        rng: stream.
        chance: 0 for a clean sheet.
        pairs: a row to be written before the given data row: an earlier version of the same line.
    """
    columns, text = _columns(batch, rng, chance)
    if rng.random() < chance * 0.7:
        text = _dates(text, columns, rng)
    layout = Layout(batch.layout.feed, batch.layout.name, tuple(columns), batch.layout.title, batch.layout.note)
    head, merges = header_rows(layout, batch.title)
    width = len(columns)
    plain = not layout.title and not layout.note
    if plain and rng.random() < chance:
        line = f"{batch.title}{batch.period}{batch.stem.split('_')[-1]}"
        head = [[line, *[""] * (width - 1)], *head]
        merges = [(0, 0, 0, width - 1), *((t + 1, left, b + 1, r) for t, left, b, r in merges)]
        if rng.random() < 0.4:
            note = "填报说明：红色为必填项，请勿增删列，日期请写成 2024-10-15。"
            head.insert(1, [note, *[""] * (width - 1)])
            merges = [merges[0], *((t + 1, left, b + 1, r) for t, left, b, r in merges[1:])]
            merges.insert(1, (1, 0, 1, width - 1))
    inserts: list[tuple[float, dict[str, str | None]]] = [(row - 0.5, line) for row, line in pairs.items()]
    first = columns[0].key
    if rng.random() < chance and text.height:
        sample = {key: text[key][0] for key in text.columns}
        inserts.append((-1.0, {**sample, first: "示例"}))
    if rng.random() < chance:
        for place in rng.integers(0, text.height + 1, int(rng.integers(1, 4))):
            inserts.append((float(place) - 0.25, {}))
    tail: list[Row] = []
    if rng.random() < chance:
        tail.append(["合计", *[""] * (width - 2), str(text.height)][:width])
    if rng.random() < chance:
        blank = [""] * width
        tail.append(blank)
        tail.append(["填表人：甲老师", *blank[1:]])
        tail.append(["审核人：乙主任（盖章）", *blank[1:]])
        if rng.random() < 0.5:
            tail.append([f"日期：{batch.period[:4]}年12月20日", *blank[1:]])
    body, order = _insert(text, inserts)
    numbers = len(head) + 1 + order
    return Soiling(Page(tuple(columns), head, body, tail, merges, batch.sheet), numbers)


def _insert(
    text: pl.DataFrame, inserts: list[tuple[float, dict[str, str | None]]]
) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """Puts lines between the data rows; returns the body and where each data row now stands."""
    if not inserts:
        return text, np.arange(text.height)
    extra = pl.DataFrame([line for _, line in inserts], schema=text.schema)
    places = np.concatenate([np.arange(text.height, dtype=float), [place for place, _ in inserts]])
    order = np.argsort(places, kind="stable")
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    return pl.concat([text, extra])[order], position[: text.height]
