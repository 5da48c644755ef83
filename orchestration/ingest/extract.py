"""A read file → parts: which sheets carry which feeds, and their rows under canonical column names."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field

from expectations.contract import Contract
from orchestration.ingest.context import Context, with_title
from orchestration.ingest.grids import FileContent, Grid, Unreadable
from orchestration.ingest.headers import Header, HeaderFinder, Match, NotForUs
from orchestration.ingest.masking import mask, unique_masks
from orchestration.ingest.parts import Part
from orchestration.ingest.values import glasses_legend


@dataclass(frozen=True)
class Received:
    """A delivery as the ledger has it; `name` is the delivered path and stays inside raw/ and this process."""

    delivery_id: str
    receipt: int
    sha256: str
    name: str
    context: Context
    as_of: dt.date


@dataclass
class Ignored:
    """A part that is accounted for but carries no rows: a sheet of notes, or a refused file, member or sheet."""

    delivery_id: str
    index: int
    member: str
    sheet: str
    feed: str | None
    rows: int
    rule: str | None
    reason_zh: str
    reason_en: str


@dataclass
class Extracted:
    """Everything found in one delivery."""

    parts: list[Part] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)


def extract(received: Received, content: FileContent, finder: HeaderFinder) -> Extracted:
    """Finds the parts of a delivery; a file in which nothing fits is refused as one part with the reason."""
    out = Extracted()
    refusals: list[tuple[Grid, Unreadable]] = []
    index = 0
    # From here on sheets and members go by their masked names; the originals stay in the archive.
    for grid, (member, sheet) in zip(
        content.grids, unique_masks([(g.member, g.sheet) for g in content.grids]), strict=True
    ):
        grid.member, grid.sheet = member, sheet
        try:
            header = finder.find(grid, received.context.feed)
        except Unreadable as error:
            refusals.append((grid, error))
            continue
        if header is None:
            refusals.append((grid, finder.not_a_delivery()))
            continue
        for match in header.matches:
            try:
                context = with_title(received.context, header.title)
                part = _part(received, grid, header, match, context, finder.contracts[match.feed], index)
                if match.feed != "fitness_test" and any(m.feed == "fitness_test" for m in header.matches):
                    part.term = "1"
                out.parts.append(part)
            except Unreadable as error:
                out.ignored.append(
                    _refused(received, index, grid.member, grid.sheet, match.feed, grid.frame.height, error)
                )
            index += 1
    several = bool(out.parts)
    for grid, refusal in refusals:
        if grid.frame.height == 0 and several:
            continue
        # A sheet of notes beside the data is passed over; a file of its own inside a zip is not: somebody meant it.
        beside = any(part.member == grid.member for part in out.parts)
        if beside and isinstance(refusal, NotForUs):
            note = "此工作表不是报送内容，已略过"
            out.ignored.append(
                Ignored(
                    received.delivery_id,
                    index,
                    grid.member,
                    grid.sheet,
                    None,
                    grid.frame.height,
                    None,
                    note,
                    "Not a delivery sheet.",
                )
            )
        else:
            out.ignored.append(
                _refused(received, index, grid.member, grid.sheet, received.context.feed, grid.frame.height, refusal)
            )
        index += 1
    for sheet in content.hidden:
        note = "隐藏的工作表，没有读取"
        out.ignored.append(
            Ignored(received.delivery_id, index, "", mask(sheet), None, 0, None, note, "A hidden sheet, not read.")
        )
        index += 1
    if not out.parts and not out.ignored and not content.refused:
        out.ignored.append(_refused(received, index, "", "", received.context.feed, 0, EMPTY))
    for member, refusal in content.refused:
        out.ignored.append(_refused(received, index, mask(member), "", received.context.feed, 0, refusal))
        index += 1
    return out


EMPTY = Unreadable("empty", "工作簿里没有可见的、有内容的工作表。", "No visible sheet with content.")


def refused_file(received: Received, refusal: Unreadable) -> Extracted:
    """A delivery that could not be read at all."""
    return Extracted(ignored=[_refused(received, 0, "", "", received.context.feed, 0, refusal)])


def _refused(
    received: Received, index: int, member: str, sheet: str, feed: str | None, rows: int, refusal: Unreadable
) -> Ignored:
    return Ignored(received.delivery_id, index, member, sheet, feed, rows, refusal.rule, refusal.zh, refusal.en)


def _part(
    received: Received, grid: Grid, header: Header, match: Match, context: Context, contract: Contract, index: int
) -> Part:
    body = grid.frame.slice(header.bottom + 1)
    first_row = grid.first_row + header.bottom + 1
    read = {
        i for name, columns in match.columns.items() if contract.by_name[name].reads["type"] != "drop" for i in columns
    }
    formulas = {
        row - header.bottom - 1: column
        for row, column in reversed(grid.formulas)
        if row > header.bottom and column in read
    }
    legend: dict[str, str] = {}
    for i in match.columns.get("glasses", ()):
        legend |= glasses_legend(header.labels[i]) or glasses_legend(header.title)
    unused = body.width - len({i for columns in match.columns.values() for i in columns})
    note = "没有数据行，只有表头" if body.height == 0 else f"另有 {unused} 列不属于本表，未采用" if unused else ""
    return Part(
        delivery_id=received.delivery_id,
        index=index,
        feed=match.feed,
        file_sha256=received.sha256,
        member=grid.member,
        sheet=grid.sheet,
        header_row=first_row - 1,
        context=context,
        receipt=received.receipt,
        as_of=received.as_of,
        layout=context.layout or hashlib.sha256("|".join(header.labels).encode()).hexdigest()[:8],
        body=body,
        columns=match.columns,
        levels=header.levels,
        formulas=formulas,
        legend=legend,
        note=note,
    )
