"""What reading a file yields: rectangular text grids, one per sheet or member, or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

NOTE_ROW = (
    r"^\s*(?:合\s*计|总\s*计|小\s*计|平\s*均|填\s*表|填\s*报|审\s*核|制\s*表|负责人|经办人|校长签|学校盖章|单位盖章|盖章|公章|签名|签字|"
    r"说明[:：]|注[:：]|备注[:：]|日期[:：]|以上|[（(【\[]?\s*(?:示例|样例|填写示例|例如|例[:：]))"
)
"""How the first cell of a row begins that is no data: totals, signatures, notes, examples."""


class Unreadable(Exception):
    """The file (or member) is refused as a whole; `rule` is the code, the sentences go to the sender."""

    def __init__(self, rule: str, zh: str, en: str) -> None:
        super().__init__(rule)
        self.rule, self.zh, self.en = rule, zh, en

    def __reduce__(self) -> tuple[type[Unreadable], tuple[str, str, str]]:
        return (Unreadable, (self.rule, self.zh, self.en))


@dataclass
class Grid:
    """One sheet as text. Row 0 of `frame` is row `first_row` of the sheet (as Excel shows it; for CSV the 1-based record number)."""

    member: str
    sheet: str
    frame: pl.DataFrame
    first_row: int = 1
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Merged ranges (top, left, bottom, right) in frame coordinates, inclusive."""
    formulas: list[tuple[int, int]] = field(default_factory=list)
    """Cells that hold a formula, in frame coordinates."""
    encoding: str = ""


@dataclass
class FileContent:
    """All grids of a file and the members that could not be read."""

    grids: list[Grid] = field(default_factory=list)
    refused: list[tuple[str, Unreadable]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    """Names of sheets that were not read because nobody sees them."""
