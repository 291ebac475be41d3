"""What a document of running text says: paragraphs and tables in reading order, before they become one text.

The readers of Word files, HTML and plain text make these; ``writer`` turns them into text, offsets and tables.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from models.source import ChangeKind


class Tracked(NamedTuple):
    """Who inserted or deleted a piece of text, and when, in the file's words."""

    kind: ChangeKind
    author: str
    date: str


class Piece(NamedTuple):
    """A stretch of a paragraph with one history. A line break inside it is "\\n"."""

    text: str
    tracked: Tracked | None = None
    strong: bool = False
    """Bold, underlined or in capitals: how headings are set off."""
    comment: str | None = None
    """This piece is no text but the place of the comment with that id."""

    @property
    def deleted(self) -> bool:
        """Whether it is not part of the final text."""
        return self.tracked is not None and self.tracked.kind is ChangeKind.DELETION


class Label(NamedTuple):
    """An automatic number or bullet: the text as shown, and what stands between it and the paragraph."""

    text: str
    gap: str = " "
    bullet: bool = False


@dataclass(slots=True)
class Paragraph:
    """One paragraph. ``level`` is its heading level from 1, ``contents`` marks an entry of a table of contents."""

    pieces: list[Piece] = field(default_factory=list)
    label: Label | None = None
    level: int | None = None
    contents: bool = False

    @property
    def visible(self) -> bool:
        """Whether any of its text is in the final document."""
        return any(piece.text and not piece.deleted and not piece.text.isspace() for piece in self.pieces)

    @property
    def words(self) -> str:
        """Its final text on one line, without its number."""
        return " ".join("".join(piece.text for piece in self.pieces if not piece.deleted).split())


@dataclass(slots=True)
class CellBlock:
    """A cell: its blocks, the grid columns it takes, and whether it only continues the cell above."""

    blocks: list["Block"]
    columns: int = 1
    continues: bool = False


@dataclass(slots=True)
class TableBlock:
    """A table: its rows as stored, and for each row how many grid columns are skipped before its first cell."""

    rows: list[list[CellBlock]] = field(default_factory=list)
    indents: list[int] = field(default_factory=list)
    ruled: bool = True


Block: TypeAlias = Paragraph | TableBlock


def is_visible(block: Block) -> bool:
    """Whether a block puts any text into the final document."""
    if isinstance(block, Paragraph):
        return block.visible
    return any(any(map(is_visible, cell.blocks)) for row in block.rows for cell in row if not cell.continues)


def words(block: Block) -> str:
    """The final words of a block on one line."""
    if isinstance(block, Paragraph):
        return block.words
    cells = (cell for row in block.rows for cell in row if not cell.continues)
    return " ".join(filter(None, (words(inner) for cell in cells for inner in cell.blocks)))
