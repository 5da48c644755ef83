"""Parts: one feed found in one sheet or member of a delivery; and the rows of many parts under their canonical names.

Schools send the same forms, so parts with the same header are put together before anything is computed: the cost follows the forms.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from expectations.contract import Contract
from orchestration.ingest.context import Context

IDENTIFIERS = ("xjh", "id_number", "pupil_no")
AS_WRITTEN = (*IDENTIFIERS, "glasses")
"""Kinds of columns of which two in one sheet are compared as text; all others are compared as values."""
_BESIDE = re.compile(r"[\s*＊]")
ALSO = "+"
"""Parts a canonical name from the number of a further column of the same meaning."""


@dataclass
class Part:
    """One feed found in one sheet or member of a delivery: its facts, and its rows as they were written."""

    delivery_id: str
    index: int
    feed: str
    file_sha256: str
    member: str
    sheet: str
    context: Context
    header_row: int
    """Sheet row of the last header row: what stands above the data goes back with rejected rows."""
    receipt: int
    as_of: dt.date
    layout: str
    body: pl.DataFrame
    """Text columns c0, c1, … of the rows below the header; the first of them is sheet row header_row + 1."""
    columns: Mapping[str, tuple[int, ...]]
    """Canonical column → columns of the body."""
    levels: tuple[tuple[str | None, ...], ...]
    """The rows of the header, as wide as the body."""
    formulas: Mapping[int, int] = field(default_factory=dict)
    """Row of the body → the first of its columns that holds a formula."""
    legend: Mapping[str, str] = field(default_factory=dict)
    term: str | None = None
    """Semester to assume where only the school year is known: the vision block of a fitness form belongs to the autumn window."""
    note: str = ""


def rows_of(contract: Contract, parts: Sequence[Part]) -> pl.DataFrame:
    """Canonical text columns of all parts plus part_key (place in `parts`) and row_number (Int32), _first (first non-blank text),
    _repeat (the header once more), _other_list (it names other columns), _clash and _formula (title of the column at fault, or null).
    """
    forms: dict[tuple[object, ...], list[int]] = {}
    for key, part in enumerate(parts):
        form = (tuple(part.columns.items()), part.levels, part.body.width)
        forms.setdefault(form, []).append(key)
    frames = [_rows_of_form(contract, [(key, parts[key]) for key in keys]) for keys in forms.values()]
    return pl.concat(frames, how="diagonal")


def _header_again(form: Part, bodies: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Rows (by place in `bodies`) that are a row of the header once more, and of these the ones that name another column somewhere:
    two lists in one sheet. Few rows come near a header, so only those are compared in full, blanks and asterisks apart.
    """
    again, other = [], []
    for level in form.levels:
        told = {
            i: text for i in itertools.chain.from_iterable(form.columns.values()) if (text := (level[i] or "").strip())
        }
        if len(told) < 2:
            continue
        near = [
            (pl.col(f"c{i}").str.strip_chars() == pl.lit(text)).fill_null(False) for i, text in list(told.items())[:6]
        ]
        found = bodies.select(pl.sum_horizontal([n.cast(pl.Int8) for n in near]) >= 2).to_series().arg_true()
        cells = [
            (pl.col(f"c{i}").str.replace_all(_BESIDE.pattern, ""), _BESIDE.sub("", text)) for i, text in told.items()
        ]
        differs = pl.any_horizontal([(cell != pl.lit(text)) & (cell != "") for cell, text in cells]).fill_null(False)
        again.append(found)
        other.append(found.filter(bodies[found].select(differs).to_series()))
    nothing = pl.Series([], dtype=pl.UInt32)
    return pl.concat([nothing, *again]), pl.concat([nothing, *other])


def _rows_of_form(contract: Contract, parts: list[tuple[int, Part]]) -> pl.DataFrame:
    form = parts[0][1]
    selected: list[pl.Expr] = []
    clashes: list[pl.Expr] = []
    for name, columns in form.columns.items():
        column = contract.by_name[name]
        sources = [pl.col(f"c{i}") for i in columns]
        if len(sources) > 1:
            sources = [pl.when(s.str.strip_chars() != "").then(s) for s in sources]
            if column.reads["type"] in AS_WRITTEN:
                clashes += [
                    pl.when(a.is_not_null() & b.is_not_null() & (a != b)).then(pl.lit(column.title))
                    for a, b in itertools.pairwise(sources)
                ]
            elif column.reads["type"] != "drop":
                # 21 and 七年级 are the same grade: whether the others contradict the first is seen once they are values.
                selected += [s.alias(f"{name}{ALSO}{i}") for i, s in enumerate(sources[1:])]
        selected.append(pl.coalesce(sources).alias(name))
    places = (
        pl.DataFrame(
            [(key, part.header_row + 1, part.body.height) for key, part in parts],
            schema={"part_key": pl.Int32, "first": pl.Int32, "height": pl.Int32},
            orient="row",
        )
        .filter(pl.col("height") > 0)
        .select(
            "part_key", pl.int_ranges("first", pl.col("first") + pl.col("height"), dtype=pl.Int32).alias("row_number")
        )
        .explode("row_number")
    )
    bodies = pl.concat([p.body for _, p in parts])
    again, other = _header_again(form, bodies)
    place = pl.int_range(pl.len(), dtype=pl.UInt32)
    rows = bodies.select(
        *selected,
        pl.coalesce(pl.all()).alias("_first"),
        place.is_in(again.implode()).alias("_repeat"),
        place.is_in(other.implode()).alias("_other_list"),
        (pl.coalesce(clashes) if clashes else pl.lit(None, pl.String)).alias("_clash"),
    )
    return rows.hstack(places).join(
        _formulas(contract, parts), on=["part_key", "row_number"], how="left", maintain_order="left"
    )


def _formulas(contract: Contract, parts: list[tuple[int, Part]]) -> pl.DataFrame:
    """Cells with a formula: part_key, row_number, _formula (title of their column)."""
    titles = {i: contract.by_name[name].title for name, columns in parts[0][1].columns.items() for i in columns}
    marks = [
        (key, part.header_row + 1 + row, titles[column]) for key, part in parts for row, column in part.formulas.items()
    ]
    schema = {"part_key": pl.Int32, "row_number": pl.Int32, "_formula": pl.String}
    return pl.DataFrame(marks, schema=schema, orient="row")
