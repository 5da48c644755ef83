"""Figures as csv, a row each, with a CSVW description beside it (W3C Metadata Vocabulary for Tabular Data).

UTF-8 with a byte order mark and CRLF, so that Excel and WPS open it as it is; a value that is not shown is empty and its row says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports.books import cells
from reports.i18n import N_, Gettext, load_language
from reports.site import Site

CONTEXT = "http://www.w3.org/ns/csvw"
BOTH = ("zh-CN", "en")


@dataclass(frozen=True)
class Field:
    """A column of the csv: column of the prepared rows, head, what it means, datatype of the standard."""

    key: str
    title: str
    about: str
    datatype: str = "string"
    required: bool = True


FIELDS = (
    Field("figure_id", N_("图号"), N_("指标.时间.级别.代码.学段.分组；网页里的锚点")),
    Field("indicator", N_("指标代码"), N_("指标目录里的代码")),
    Field("indicator_name", N_("指标"), N_("指标名称")),
    Field("domain_name", N_("领域"), N_("指标所属的领域")),
    Field("period", N_("时间"), N_("学年（2024-2025）或学期（2024-2025-1）")),
    Field("level", N_("级别"), N_("city 市、county 区县、school 学校")),
    Field("entity", N_("地区或学校代码"), N_("区划代码或学校标识码")),
    Field("place", N_("地区或学校"), N_("名称")),
    Field("stage", N_("学段代码"), N_("primary 小学、junior 初中、senior 高中、compulsory 义务教育、all 全部")),
    Field("stage_name", N_("学段"), N_("学段名称")),
    Field("subgroup", N_("分组代码"), N_("all 全体，或 grade=、sex=、residence=")),
    Field("group_name", N_("分组"), N_("分组名称")),
    Field("shown", N_("数值"), N_("比例为0至1的小数；内部版不四舍五入，公开版与网页相同的位数；为空时看“判定”和“界限”"), "number", required=False),
    Field("unit", N_("单位"), N_("比例，或所列的单位")),
    Field("tail", N_("界限"), N_("不足20人的群体只给“≤5%”或“≥95%”；其余为空"), required=False),
    Field("n", N_("分子"), N_("为空时看“判定”；有些指标不以分子、分母表示"), "number", required=False),
    Field("d", N_("分母"), N_("为空时看“判定”；有些指标不以分子、分母表示"), "number", required=False),
    Field("rounded", N_("计数已取整"), N_("true 表示分子、分母取整到5"), "boolean"),
    Field("low", N_("95%置信区间下限"), N_("只有按置信区间判断的指标有"), "number", required=False),
    Field("high", N_("95%置信区间上限"), N_("只有按置信区间判断的指标有"), "number", required=False),
    Field("target_text", N_("目标"), N_("政策文件的目标；为空表示未设目标"), required=False),
    Field("target_id", N_("目标编号"), N_("目标目录里的编号；为空表示未设目标"), required=False),
    Field("status", N_("判定代码"), N_("met、not_met、not_distinguishable、not_reported、suppressed 等")),
    Field("status_name", N_("判定"), N_("达标、未达标、差异不显著、未报送、已隐去等；数值为空的原因")),
)  # fmt: skip


def to_csv(site: Site, rows: pl.DataFrame) -> bytes:
    """The csv of prepared rows, in their order."""
    columns = []
    for f in FIELDS:
        # what is shown inside is no secret to the last digit, and counts beside it would give it anyway
        column = pl.col("plotted" if f.key == "shown" and not site.public else f.key)
        if f.datatype == "string":
            column = cells.neutral(column)
        elif f.datatype == "boolean":
            column = column.fill_null(False)
        elif f.key in ("n", "d"):
            column = _without_point(column)
        columns.append(column.alias(site.t(f.title)))
    text: str = rows.select(columns).write_csv(include_bom=True, line_terminator="\r\n", null_value="")
    return text.encode()


def _without_point(number: pl.Expr) -> pl.Expr:
    """A number as text, a whole one without a point: ``11620``, not ``11620.0``."""
    whole = number == number.floor()
    return pl.when(whole).then(number.cast(pl.Int64).cast(pl.String)).otherwise(number.cast(pl.String))


def metadata(site: Site, name: str, title: str, rows: int) -> bytes:
    """The description of a csv: titles in both languages, datatypes, what an empty cell means, edition and release."""
    languages = {tag: load_language(tag).gettext for tag in BOTH}

    def both(message: str) -> dict[str, str]:
        return {tag.partition("-")[0]: t(message) for tag, t in languages.items()}

    release = f"{site.book.school_year}/{site.release_name}" if site.release_name else ""
    body: dict[str, Any] = {
        "@context": [CONTEXT, {"@language": site.language.tag.partition("-")[0]}],
        "url": name,
        "dc:title": title,
        "dc:description": both(N_("一行一个数值。数值为空表示已隐去、未报送或没有数据，原因见“判定”；空格从不表示0。")),
        "dc:rights": _rights(site, languages),
        "dc:identifier": release or "draft",
        "dc:hasVersion": site.data_version,
        "dc:temporal": site.book.school_year,
        **({"dc:modified": site.as_of} if site.as_of else {}),
        "dc:extent": f"{rows}",
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [
                {
                    "name": f.key,
                    "titles": site.t(f.title),  # the head of the csv: readers of the standard compare it
                    "dc:title": both(f.title),
                    "dc:description": both(f.about),
                    "datatype": f.datatype,
                    "required": f.required,
                    "null": "",
                }
                for f in FIELDS
            ],
            "primaryKey": "figure_id",
        },
    }
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def _rights(site: Site, languages: Mapping[str, Gettext]) -> dict[str, str]:
    """Who may have it."""
    words = N_("公开版，可以引用，请注明发布号") if site.public else N_("内部资料，不得外传；对外请用公开版")
    return {tag.partition("-")[0]: t(words) for tag, t in languages.items()}
