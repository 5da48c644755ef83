"""Forms of canteen inspections (an item per row, a check per row) and of the kitchen register."""

from __future__ import annotations

import polars as pl

from orchestration.simulate.canteens import BASIC, FAIL, ITEM_COUNT, KEY_ITEMS, PASS, Habit
from orchestration.simulate.sheets import Layout, column, dates, words

ITEM_TEXT = (
    "许可证合法有效", "许可证公示", "监督检查结果公示", "从业人员健康证公示", "食品安全管理制度健全", "配备食品安全管理员", "管理人员培训考核",
    "从业人员健康证明", "每日晨检", "个人卫生与培训", "场所清洁", "布局流程合理", "防蝇防鼠设施", "卫生间设置", "采购查验票证", "原料感官检查",
    "库房分类存放", "冷藏冷冻温度", "食品添加剂五专", "过期食品清理", "生熟分开", "烧熟煮透", "留样规范", "禁用品种", "再加热温度", "设备维护",
    "排烟通风", "废弃物处置", "洗消设备运转", "餐具消毒", "保洁设施", "食品相关产品合格", "餐厨废弃物台账",
)  # fmt: skip
TYPES = ("日常", "专项", "飞行", "自查")
NEW_WORDS = ("符合", "基本符合", "不符合")
# The sheet of 2016 knows only yes and no.
OLD_WORDS = ("是", "是", "否")
OUTCOMES = ("合格", "不合格")

_HEAD = (
    column("id", "检查编号"), column("code", "学校标识码"), column("school_name", "学校名称"), column("canteen", "食堂名称"),
    column("licence", "许可证号"), column("on", "检查日期", kind="date"), column("type", "检查类型"), column("first", "检查人1"),
    column("second", "检查人2"), column("risk", "风险等级"),
)  # fmt: skip
_TAIL = (
    column("problem", "问题描述"), column("due", "整改期限", kind="date"), column("again", "复查日期", kind="date"),
    column("outcome", "复查结果"),
)  # fmt: skip
BY_ITEM = Layout(
    "food_inspection",
    "item",
    (
        *_HEAD, column("item", "项目序号", kind="number"), column("key", "是否重点项"), column("text", "检查内容"),
        column("result", "结果"), *_TAIL,
    ),
)  # fmt: skip
BY_CHECK = Layout(
    "food_inspection",
    "check",
    (
        *_HEAD,
        *(column(f"i{n}", f"*{n}" if n in KEY_ITEMS else str(n), str(n)) for n in range(1, ITEM_COUNT + 1)),
        column("conclusion", "检查结论"),
        *_TAIL,
    ),
)
KITCHEN = Layout(
    "kitchen_register",
    "own",
    (
        column("code", "学校标识码"), column("school_name", "学校名称"), column("on", "统计日期", kind="date"),
        column("canteens", "食堂数", kind="number"), column("open", "实现明厨亮灶食堂数", kind="number"),
        column("internet", "互联网+明厨亮灶食堂数", kind="number"), column("kind", "类型"), column("platform", "接入平台"),
        column("cameras", "摄像头数", kind="number"), column("online", "在线摄像头数", kind="number"),
        column("last", "最近在线时间"), column("capture", "是否AI抓拍"), column("remark", "备注"),
    ),
)  # fmt: skip

PROBLEM = "现场检查发现不符合项，已责令整改"


def _common(habit: Habit) -> dict[str, pl.Expr]:
    return {
        "id": pl.col("id"),
        "code": pl.when(~pl.col("named_only")).then(pl.col("school_code")),
        "school_name": pl.col("school_name"),
        "canteen": words(pl.col("canteen"), ("第一食堂", "第二食堂", "第三食堂")),
        "licence": pl.col("licence"),
        "on": dates(pl.col("on")),
        "type": words(pl.col("kind"), TYPES),
        "first": pl.lit("检查员甲"),
        "second": pl.lit("检查员乙"),
        "risk": pl.col("risk"),
    }


def _repair(failed: pl.Expr) -> dict[str, pl.Expr]:
    return {
        "problem": pl.when(failed).then(pl.lit(PROBLEM)),
        "due": pl.when(failed).then(dates(pl.col("due"))),
        "again": pl.when(failed).then(dates(pl.col("again"))),
        "outcome": pl.when(failed).then(words(pl.col("outcome"), OUTCOMES)),
    }


def item_records(checks: pl.DataFrame) -> pl.DataFrame:
    """One row per item looked at; the repair dates stand on the failed items."""
    lines = checks.with_columns(item=pl.lit(list(range(1, ITEM_COUNT + 1)), dtype=pl.List(pl.Int8)))
    return lines.explode("items", "item").rename({"items": "result"}).filter(pl.col("result").is_not_null())


def item_rows(records: pl.DataFrame, habit: Habit) -> pl.DataFrame:
    """Inspections as text, an item per row."""
    cells = _common(habit) | {
        "item": pl.col("item").cast(pl.String),
        "key": pl.when(pl.col("item").is_in(KEY_ITEMS)).then(pl.lit("*")),
        "text": words(pl.col("item"), ("", *ITEM_TEXT)),
        "result": words(pl.col("result"), OLD_WORDS if habit.old_words else NEW_WORDS),
    }
    cells |= _repair(pl.col("result") == FAIL)
    return records.select(cells[one.key].alias(one.key) for one in BY_ITEM.columns)


def check_rows(checks: pl.DataFrame, habit: Habit) -> pl.DataFrame:
    """Inspections as text, a check per row; some rows hold only the conclusion."""
    vocabulary = OLD_WORDS if habit.old_words else NEW_WORDS
    looked = pl.col("items")
    cells = _common(habit)
    for number in range(1, ITEM_COUNT + 1):
        cells[f"i{number}"] = pl.when(~pl.col("only_conclusion")).then(words(looked.list.get(number - 1), vocabulary))
    cells["conclusion"] = words(conclusion(), NEW_WORDS)
    cells |= _repair(pl.col("due").is_not_null())
    return checks.select(cells[one.key].alias(one.key) for one in BY_CHECK.columns)


def conclusion() -> pl.Expr:
    """A failed key item fails the whole check; any other blemish leaves it 基本符合."""
    key = pl.any_horizontal(pl.col("items").list.get(n - 1) == FAIL for n in KEY_ITEMS).fill_null(False)
    blemish = pl.col("items").list.max() > PASS
    return pl.when(key).then(FAIL).when(blemish).then(BASIC).otherwise(PASS)


def kitchen_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The kitchen register as text."""
    seen = pl.col("open") > 0
    kind = pl.when(pl.col("internet") > 0).then(pl.lit("互联网+")).otherwise(pl.lit("视频厨房"))
    numbers = {name: pl.col(name).cast(pl.String) for name in ("canteens", "open", "internet", "cameras", "online")}
    return rows.select(
        code=pl.col("school_code"),
        school_name=pl.col("school_name"),
        on=dates(pl.col("on")),
        canteens=numbers["canteens"],
        open=numbers["open"],
        internet=numbers["internet"],
        kind=pl.when(seen).then(kind),
        platform=pl.when(seen).then(words(pl.col("platform"), ("省", "市", "县"))),
        cameras=numbers["cameras"],
        online=numbers["online"],
        last=pl.when(seen).then(dates(pl.col("on")) + " 11:30"),
        capture=words(pl.col("capture").cast(pl.Int64), ("否", "是")),
        remark=pl.lit(None, dtype=pl.String),
    )
