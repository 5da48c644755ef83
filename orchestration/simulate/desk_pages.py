"""Header rows of a form: title, note, and the levels of the header with their merged areas."""

from __future__ import annotations

from orchestration.simulate.files import Row
from orchestration.simulate.sheets import Layout

Area = tuple[int, int, int, int]


def header_rows(layout: Layout, title: str) -> tuple[list[Row], list[Area]]:
    """Rows above the data, and merged areas as (top, left, bottom, right)."""
    columns = layout.columns
    width, levels = len(columns), layout.levels
    head: list[Row] = []
    merges: list[Area] = []
    for line in filter(None, (layout.title and f"{title}{layout.title}", layout.note)):
        merges.append((len(head), 0, len(head), width - 1))
        head.append([line, *[""] * (width - 1)])
    top = len(head)
    grid = [[""] * width for _ in range(levels)]
    for index, column in enumerate(columns):
        last = len(column.heads) - 1
        for level, text in enumerate(column.heads):
            path = column.heads[: level + 1]
            if level < last and index and columns[index - 1].heads[: level + 1] == path:
                continue
            grid[level][index] = text
            right = index
            while level < last and right + 1 < width and columns[right + 1].heads[: level + 1] == path:
                right += 1
            bottom = levels - 1 if level == last else level
            if right > index or bottom > level:
                merges.append((top + level, index, top + bottom, right))
    return head + [list(row) for row in grid], merges
