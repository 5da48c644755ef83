"""What audit pages are built from: a few kinds of block, one template for all. Words are bilingual, Chinese first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Text:
    """The platform's own words in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell or link. ``href`` is an address from the site's root; ``icon`` a status shape of the style sheet."""

    text: str
    href: str = ""
    icon: str = ""
    small: str = ""
    svg: Markup | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; ``n`` for a column of numbers."""

    words: Text
    n: bool = False
    href: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading of the second level."""

    words: Text
    id: str = ""
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Note:
    """A sentence; ``style`` is ``note``, ``lead``, ``hint`` or ``bad``."""

    words: Text
    style: str = "note"
    link: Cell | None = None
    kind: str = field(default="note", init=False)


@dataclass(frozen=True)
class Facts:
    """A few facts side by side."""

    pairs: Sequence[tuple[Text, Cell]]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Table:
    """A table; each row is its cells, the first one its head. ``ids`` are anchors of the rows."""

    caption: Text
    head: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    style: str = "data"
    ids: Sequence[str] = ()
    empty: Text | None = None
    kind: str = field(default="table", init=False)

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers."""
        return [h.n for h in self.head]

    @property
    def heat(self) -> bool:
        """Whether a cell is tinted by its icon."""
        return "heat" in self.style


@dataclass(frozen=True)
class Picture:
    """A chart with its finding; the same facts stand in a table on the page."""

    finding: Text
    svg: Markup
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Pages:
    """Links to the other parts of a list that was cut at build."""

    now: int
    links: Sequence[Cell]
    kind: str = field(default="pages", init=False)


Block = Heading | Note | Facts | Table | Picture | Pages


@dataclass(frozen=True)
class AuditPage:
    """One page: its address from the site's root, its words and blocks. ``name`` stands for the title where that is data."""

    path: str
    section: str
    title: Text
    blocks: Sequence[Block]
    above: Sequence[Cell] = ()
    name: str = ""

    @property
    def pictured(self) -> bool:
        """Whether a chart refers to the shapes of the page's sprite."""
        return any(isinstance(b, Picture) for b in self.blocks)

    @property
    def root(self) -> str:
        """Way back to the site's root."""
        return "../" * self.path.count("/")
