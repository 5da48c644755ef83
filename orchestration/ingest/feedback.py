"""Rejected rows go back: per delivery a workbook in the layout it came in, the reason beside each row, ready to be mended and sent again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.config import Home
from orchestration.ingest.claim import archive_path, delivered_name, receipts
from orchestration.ingest.context import SIDECAR_SUFFIX, Context, from_names
from orchestration.ingest.grids import Grid, Unreadable
from orchestration.ingest.masking import unique_masks
from orchestration.ingest.pool import in_order, reading_pool
from orchestration.ingest.readers import read_file
from orchestration.ledger import Ledger

REASON_COLUMN = "失败原因"
_STATE = "feedback.json"
_STEM_BYTES = 120

SheetRejects = dict[tuple[str, str], tuple[int, dict[int, str]]]
"""(masked member, masked sheet) → (sheet row of the last header row, sheet row → reason)."""


def write_feedback(home: Home, rejected: Path, progress: Callable[[str], None] = lambda _: None) -> int:
    """Writes the feedback of every delivery whose rejects changed, removes what is no longer rejected; returns how many were written.

    Args:
        home: the installation.
        rejected: `rejected_rows.parquet` of the current build (landing and reference rejects).
        progress: told how far it is.
    """
    ledger = Ledger(home.ledger_path)
    table = pl.read_parquet(rejected).sort("delivery_id", "member", "sheet", "row_number", nulls_last=False)
    state_path = home.warehouse / _STATE
    state: dict[str, str] = json.loads(state_path.read_text(encoding="utf-8")) if state_path.exists() else {}
    groups = {
        str(key[0]): frame
        for key, frame in table.partition_by("delivery_id", as_dict=True, maintain_order=True).items()
    }
    digests = {
        d: hashlib.sha256(f.select("member", "sheet", "row_number", "reason_zh").write_csv().encode()).hexdigest()
        for d, f in groups.items()
    }
    for gone in sorted(set(state) - set(digests)):
        shutil.rmtree(home.feedback / gone, ignore_errors=True)
    changed = [d for d in sorted(digests) if state.get(d) != digests[d] or not (home.feedback / d).exists()]
    if changed:
        heads = _header_rows(ledger)
        deliveries = {r.delivery_id: r for r, _ in receipts(home, ledger)}
        tasks: list[tuple[str, str, str, SheetRejects, list[str]]] = []

        def prepared() -> Iterator[tuple[str, str, str, SheetRejects, list[str]]]:
            """Tasks as they are made, so that the children write the first while the next are prepared."""
            for delivery_id in changed:
                received = deliveries[delivery_id]
                name = delivered_name(home.archive, received.sha256, delivery_id)
                folder = home.feedback / delivery_id
                shutil.rmtree(folder, ignore_errors=True)
                target = folder / _feedback_name(name, received.context)
                target.parent.mkdir(parents=True)
                _keep_context(target, str(target.relative_to(folder)), received.context)
                original = str(archive_path(home.archive, received.sha256))
                tasks.append((original, name, str(target), *_arrange(groups[delivery_id], delivery_id, heads)))
                yield tasks[-1]

        with reading_pool(len(changed)) as pool:
            for done, outcome in enumerate(in_order(pool, write_workbook, prepared()), start=1):
                if isinstance(outcome, Unreadable):
                    # The original can't be read again: the reasons alone still go back.
                    write_workbook(*tasks[done - 1][:3], {}, [outcome.zh, *tasks[done - 1][4]])
                if done % 500 == 0 or done == len(tasks):
                    progress(f"已写退回文件 {done}/{len(tasks)}")
    temporary = state_path.with_suffix(".part")
    temporary.write_text(json.dumps(digests, sort_keys=True), encoding="utf-8")
    temporary.replace(state_path)
    return len(changed)


def _header_rows(ledger: Ledger) -> dict[tuple[str, str, str], int]:
    heads = {}
    for event in ledger.events("landed"):
        for part in event.body["parts"]:
            if "header_row" in part:
                heads[(event.body["delivery_id"], part["member"], part["sheet"])] = int(part["header_row"])
    return heads


def _arrange(
    frame: pl.DataFrame, delivery_id: str, heads: dict[tuple[str, str, str], int]
) -> tuple[SheetRejects, list[str]]:
    sheets: SheetRejects = {}
    whole: list[str] = []
    for row in frame.iter_rows(named=True):
        if row["row_number"] is None:
            whole.append(row["reason_zh"])
            continue
        place = (row["member"] or "", row["sheet"] or "")
        head, reasons = sheets.setdefault(place, (heads.get((delivery_id, *place), 0), {}))
        number = int(row["row_number"])
        # One row may carry two feeds; both reasons stand beside it.
        reasons[number] = (
            f"{reasons[number]}{row['reason_zh']}"
            if number in reasons and row["reason_zh"] not in reasons[number]
            else row["reason_zh"]
        )
        sheets[place] = (head, reasons)
    return sheets, list(dict.fromkeys(whole))


def _feedback_name(name: str, context: Context) -> str:
    """The delivered path; what only its folders or its sidecar said stands in the file's name as well, so that the workbook can travel alone."""
    path = Path(name)
    stem = path.name
    for suffix in (".gz", ".zip", ".csv", ".xlsx", ".xlsm", ".xls", ".txt", ".tsv"):
        if stem.casefold().endswith(suffix):
            stem = stem[: -len(suffix)]
    whole = os.fsencode(stem)
    if len(whole) > _STEM_BYTES:
        # Not within a character, nor within a number, which would become another number.
        stem = re.sub(r"\d+$", "", whole[:_STEM_BYTES].decode("utf-8", "ignore"))
    try:
        said = from_names(stem, (context.feed,) if context.feed else ())
    except Unreadable:
        said = context
    words = [stem]
    for key, form in (
        ("feed", "{}"),
        ("school", "{}"),
        ("county", "{}"),
        ("period", "{}"),
        ("date", "{:%Y%m%d}"),
        ("round", "第{}次"),
    ):
        value = getattr(context, key)
        if value is not None and getattr(said, key) != value:
            words.append(form.format(value))
    return str(path.with_name("_".join([*words, "退回.xlsx"])))


def _keep_context(target: Path, relative: str, context: Context) -> None:
    """Where the names alone would not say what the sidecar said, a sidecar goes back too."""
    try:
        said = from_names(relative, (context.feed,) if context.feed else ())
    except Unreadable:
        said = None
    if said is None or said.canonical() != context.canonical():
        body = {k: v for k, v in context.as_json().items() if v not in (0, False)}
        body.pop("replace", None)  # a few mended rows must never replace a whole scope
        target.with_name(target.name + SIDECAR_SUFFIX).write_text(
            json.dumps(body, ensure_ascii=False), encoding="utf-8"
        )


def write_workbook(path: str, name: str, target: str, sheets: SheetRejects, whole: list[str]) -> None:
    """Runs in a reading child: the original's title and header rows, its rejected rows as text, and the reason beside each."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        target,
        {
            # Temporary files cost more than a few rejected rows; only a whole table of them goes through the disk.
            "constant_memory": (many := sum(len(rows) for _, rows in sheets.values()) > 5_000),
            "in_memory": not many,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": dt.datetime(2000, 1, 1)})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"num_format": "@", "bold": True, "bg_color": "#E7EEF6", "text_wrap": True, "valign": "top"})
    why = book.add_format({"num_format": "@", "bg_color": "#FDE9DC", "text_wrap": True})
    if sheets:
        grids = read_file(path, name).grids
        masks = unique_masks([(g.member, g.sheet) for g in grids])
        titles: set[str] = set()
        for place, grid in zip(masks, grids, strict=True):
            if place not in sheets:
                continue
            header_row, reasons = sheets[place]
            sheet = book.add_worksheet(_sheet_title(grid, titles))
            width = grid.frame.width
            sheet.set_column(0, width - 1, 14, text)
            sheet.set_column(width, width, 70, why)
            line = 0
            for index in range(max(header_row - grid.first_row + 1, 0)):
                _write(sheet, line, grid.frame.row(index), head)
                if index == header_row - grid.first_row:
                    sheet.write_string(line, width, REASON_COLUMN, head)
                line += 1
            sheet.freeze_panes(line, 0)
            for row_number in sorted(reasons):
                _write(sheet, line, grid.frame.row(row_number - grid.first_row), text)
                sheet.write_string(line, width, f"原第 {row_number} 行：{reasons[row_number]}", why)
                line += 1
    if whole or not sheets:
        sheet = book.add_worksheet("退回说明")
        sheet.set_column(0, 0, 100, why)
        for line, sentence in enumerate(["本文件（或其中的工作表）没有接收，原因如下，请改正后重新报送：", *whole]):
            sheet.write_string(line, 0, sentence, head if line == 0 else why)
    book.close()


def _sheet_title(grid: Grid, used: set[str]) -> str:
    """A title Excel accepts: the sheet's own, else the member's, numbered where two are alike."""
    own = (grid.sheet or Path(grid.member).stem).translate(str.maketrans("[]:*?/\\'", "        "))
    base = re.sub(r"[\x00-\x1f]", " ", own)[:25].strip() or "退回数据"
    number = 1
    while (title := base if number == 1 else f"{base} {number}").casefold() in used or title.casefold() == "history":
        number += 1
    used.add(title.casefold())
    return title


def _write(sheet: Any, line: int, cells: tuple[str | None, ...], style: Any) -> None:
    for column, value in enumerate(cells):
        if value is not None:
            sheet.write_string(line, column, value, style)
