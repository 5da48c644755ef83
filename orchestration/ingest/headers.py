"""Finds the header of a grid wherever it is, and says which feed or feeds its columns are.

A feed is recognised when every group of its signature is found; when two feeds that are no companions fit, nobody guesses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from expectations.contract import Contract, fold_header
from orchestration.ingest.grids import Grid, Unreadable

SEARCHED_ROWS = 30
MAX_DEPTH = 4
MEMORY = 200_000
_UNIT = re.compile(r"\([^()]*\)$")
# A running number, unless nothing else in the sheet numbers the inspected items.
_SERIAL = "序号"


class NotForUs(Unreadable):
    """The sheet holds nothing that looks like a delivery; beside one that does, it is a note."""


@dataclass(frozen=True)
class Match:
    """A feed found in a grid: which frame column holds which canonical column."""

    feed: str
    columns: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Header:
    """Where the header is (frame rows `top` to `bottom`, inclusive), what stands above it, and the feeds it fits."""

    top: int
    bottom: int
    title: str
    labels: tuple[str, ...]
    levels: tuple[tuple[str | None, ...], ...]
    """Its rows as they were written."""
    matches: tuple[Match, ...]


@lru_cache(maxsize=65_536)
def _fold(text: str) -> str:
    return fold_header(text)


def _names(path: tuple[str, ...]) -> tuple[str, ...]:
    """Texts under which a header path (top to bottom) may be known, the most specific first."""
    levels: list[str] = []
    for text in path:
        folded = _fold(text)
        if folded and (not levels or levels[-1] != folded):
            levels.append(folded)
    if not levels:
        return ()
    joined = ["".join(levels[i:]) for i in range(len(levels))]
    turned = ["".join(reversed(levels[i:])) for i in range(len(levels) - 1)]
    ordered = [*joined[:-1], *turned, joined[-1]]
    # 裸眼远视力 › 右眼 › (note) is also known without its middle or last level.
    if len(levels) > 2:
        ordered[1:1] = [levels[0] + levels[-1], levels[-1] + levels[0], levels[-2] + levels[-1]]
    if len(levels) > 1:
        ordered.append(levels[0])
    return tuple(dict.fromkeys(n for text in ordered for n in (text, _UNIT.sub("", text)) if n))


class HeaderFinder:
    """Knows all contracts of an installation; one instance serves a whole landing.

    Schools send the same few forms, so what a cell or a header path means is remembered; data cells pass through the memory too,
    which is emptied when it grows.
    """

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        self.contracts = contracts
        self._known: dict[str, dict[str, str]] = {}
        for feed, contract in contracts.items():
            for spelling, column in contract.by_spelling.items():
                self._known.setdefault(spelling, {})[feed] = column
        self._spellings = "\n".join(self._known)
        self._cells: dict[str, bool] = {}
        self._words: dict[str, bool] = {}
        self._paths: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}

    def _columns(self, path: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """(feed, column) of a header path, by the most specific name each feed knows; the running number goes by its header."""
        if (found := self._paths.get(path)) is not None:
            return found
        columns: dict[str, str] = {}
        for name in _names(path):
            for feed, column in self._known.get(name, {}).items():
                columns.setdefault(feed, _SERIAL if name == _SERIAL else column)
        if len(self._paths) >= MEMORY:
            self._paths.clear()
        found = self._paths[path] = tuple(columns.items())
        return found

    def _maps(self, paths: Sequence[tuple[str, ...]]) -> dict[str, dict[str, tuple[int, ...]]]:
        """Column → frame columns, of every feed; a feed of which nothing is there has an empty map."""
        found: dict[str, dict[str, list[int]]] = {feed: {} for feed in self.contracts}
        for index, path in enumerate(paths):
            for feed, column in self._columns(path):
                found[feed].setdefault(column, []).append(index)
        for feed, columns in found.items():
            serial = columns.pop(_SERIAL, None)
            if serial and not columns.keys() & {item := self._known[_SERIAL][feed], "item_01"}:
                columns[item] = serial
        return {feed: {name: tuple(places) for name, places in columns.items()} for feed, columns in found.items()}

    def _word(self, cell: str) -> bool:
        """Whether a cell may be a level of a header path: part of a spelling, a mere unit or note in brackets; never a number."""
        if (word := self._words.get(cell)) is None:
            if len(self._words) >= MEMORY:
                self._words.clear()
            folded = _UNIT.sub("", _fold(cell))
            word = self._words[cell] = not folded.isdecimal() and folded in self._spellings
        return word

    def _known_cell(self, cell: str) -> bool:
        """Whether the cell alone is a header; a bare number (an item of an inspection) is too common among data to say so."""
        if (known := self._cells.get(cell)) is None:
            if len(self._cells) >= MEMORY:
                self._cells.clear()
            known = self._cells[cell] = not cell.strip().isdigit() and any(n in self._known for n in _names((cell,)))
        return known

    def _known_cells(self, row: Sequence[str | None]) -> int:
        return sum(self._known_cell(cell) for cell in row if cell)

    def find(self, grid: Grid, hint: str | None) -> Header | None:
        """The header of a grid with the feeds it fits, or None where nothing looks like a header.

        Raises:
            Unreadable: a header is there but fits no feed, not the one the context names, or two that exclude each other.
        """
        rows = grid.frame.head(SEARCHED_ROWS).rows()
        scores = [self._known_cells(row) for row in rows]
        # A filled-in line above the header (学校, 班级) knows two words too, so more than one row is tried.
        anchors = [i for i, score in enumerate(scores) if score >= 2][:4]
        joins = [self._may_join(row) for row in rows]
        best: tuple[int, int, int, list[tuple[str, ...]]] | None = None
        last: int | None = None
        tried: list[int | None] = [*anchors] or [None]
        for anchor in tried:
            if anchor is not None and last is not None and anchor > last:
                break  # what follows a header that fits is data, a header printed again included
            for top, bottom in self._places(anchor, scores, joins):
                paths = _paths(rows, grid.merges, top, bottom)
                count = max(map(len, self._maps(paths).values()))
                if best is None or (count, top - bottom, top) > (best[0], best[1] - best[2], best[1]):
                    best = (count, top, bottom, paths)
            if last is None and best is not None and self._fits(best[3]):
                last = best[2]
        if best is None or (not anchors and best[0] < 3):
            return None
        _, top, bottom, paths = best
        title = " ".join(str(c) for row in rows[:top] for c in row if c)
        labels = tuple("".join(dict.fromkeys(p for p in path if p)) for path in paths)
        return Header(top, bottom, title, labels, tuple(rows[top : bottom + 1]), self._resolve(paths, hint))

    @staticmethod
    def _places(anchor: int | None, scores: Sequence[int], joins: Sequence[bool]) -> list[tuple[int, int]]:
        """Blocks of rows (top, bottom) that may be the header around an anchor; its other rows must be of header words too."""
        if anchor is None:
            # No row says enough alone; 左眼 above 裸眼视力 does together.
            tops = [t for t, score in enumerate(scores) if score]
            blocks = [(t, b) for t in tops for b in range(t + 1, min(t + MAX_DEPTH, len(scores)))]
        else:
            blocks = [
                (t, b)
                for t in range(max(anchor - 2, 0), anchor + 1)
                for b in range(anchor, min(t + MAX_DEPTH, len(scores)))
            ]
        return [(t, b) for t, b in blocks if all(joins[i] for i in range(t, b + 1) if i != anchor)]

    def _may_join(self, row: Sequence[str | None]) -> bool:
        """Whether a row may be a level of a header: mostly parts of spellings, or the numbers 1, 2, 3 … of inspected items."""
        cells = [cell for cell in row if cell]
        if cells and all(cell.strip().isdecimal() for cell in cells):
            return [int(cell) for cell in cells] == list(range(1, len(cells) + 1)) and len(cells) > 2
        return 2 * sum(map(self._word, cells)) >= len(cells)

    def _fits(self, paths: Sequence[tuple[str, ...]]) -> bool:
        maps = self._maps(paths)
        return any(not contract.misses(set(maps[feed])) for feed, contract in self.contracts.items())

    def _resolve(self, paths: Sequence[tuple[str, ...]], hint: str | None) -> tuple[Match, ...]:
        maps = self._maps(paths)
        everything = {name for found in maps.values() for name in found}
        fits = [f for f, c in self.contracts.items() if not c.misses(set(maps[f])) and not everything & set(c.excludes)]
        if hint is not None:
            if hint not in fits:
                contract = self.contracts[hint]
                missing = "、".join(contract.misses(set(maps[hint]))) or "（表中有别的报表的列）"
                raise (Unreadable if self._meant(maps) else NotForUs)(
                    "header_mismatch",
                    f"按文件夹或说明应是“{contract.title}”，但表头缺少：{missing}。",
                    f"Named {hint} by its context, but the header lacks columns of it.",
                )
            fits = [
                f
                for f in fits
                if f == hint or hint in self.contracts[f].companions or f in self.contracts[hint].companions
            ]
        if not fits:
            raise self._nothing_fits(maps)
        for first in fits:
            for second in fits:
                if (
                    first < second
                    and second not in self.contracts[first].companions
                    and first not in self.contracts[second].companions
                ):
                    a, b = self.contracts[first].title, self.contracts[second].title
                    raise Unreadable(
                        "ambiguous_feed",
                        f"表头既像“{a}”又像“{b}”，请放入以报表命名的文件夹（如 {first}/）后重新报送。",
                        f"The header fits both {first} and {second}.",
                    )
        return tuple(Match(feed, maps[feed]) for feed in fits)

    def _meant(self, maps: Mapping[str, Mapping[str, tuple[int, ...]]]) -> bool:
        """Whether a list of pupils fits a feed, or would but for a single thing: such a sheet is never passed over as a note."""
        return any(
            contract.has_pupils and len(contract.misses(set(maps[feed]))) <= 1 and len(maps[feed]) >= 4
            for feed, contract in self.contracts.items()
        )

    def _nothing_fits(self, maps: Mapping[str, Mapping[str, tuple[int, ...]]]) -> Unreadable:
        def closeness(feed: str) -> tuple[int, int]:
            contract = self.contracts[feed]
            return (len(contract.signature) - len(contract.misses(set(maps[feed]))), len(maps[feed]))

        nearest = max(self.contracts, key=closeness)
        contract = self.contracts[nearest]
        missing = "、".join(contract.misses(set(maps[nearest])))
        meant = self._meant(maps)
        return (Unreadable if meant else NotForUs)(
            "header_mismatch" if meant else "unknown_layout",
            f"不是本平台的任何一种报表：最接近“{contract.title}”，但缺少 {missing}。"
            f"如果这是汇总统计表，请报送明细表；如果是本地自用表样，请由管理员在 contracts/{nearest}.yaml 中登记列名。",
            f"No feed fits; nearest is {nearest}.",
        )

    def not_a_delivery(self) -> Unreadable:
        """The refusal of a file in which no sheet has a header."""
        titles = "、".join(c.title for c in self.contracts.values())
        return NotForUs(
            "unknown_layout",
            f"没有找到表头，不是本平台的任何一种报表（{titles}）。表中看起来没有学生、班级、学校或检查的明细行；请用 junheng template 取得空白表样。",
            "No header found: this is none of the feeds.",
        )


def _paths(
    rows: Sequence[Sequence[str | None]], merges: Sequence[tuple[int, int, int, int]], top: int, bottom: int
) -> list[tuple[str, ...]]:
    """Header texts of every column from top to bottom, merged cells and blank cells to their right filled in."""
    width = len(rows[top])
    block = [list(rows[i]) for i in range(top, bottom + 1)]
    merged = False
    for t, left, b, right in merges:
        if t >= top and b <= bottom:
            merged = True
            for r in range(t, b + 1):
                for c in range(left, min(right, width - 1) + 1):
                    block[r - top][c] = rows[t][left]
    if not merged:
        # A CSV export keeps only the first cell of a merged one.
        for level in range(len(block) - 1):
            for c in range(1, width):
                if not block[level][c] and any(row[c] for row in block[level + 1 :]):
                    block[level][c] = block[level][c - 1]
    return [tuple(str(row[c]) for row in block if row[c]) for c in range(width)]
