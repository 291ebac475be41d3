"""Blocks to one text with one numbering of characters: lines, table rows, changes and comments with their places.

White space is settled while writing, so that every offset is final when it is recorded: "\\n" between paragraphs
and table rows, "\\t" between cells, one space within. A line of the text is a block; block 1 is the first line.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from models.source import Cell, Change, ChangeKind, Comment, Run, Section, Span, Table
from pipeline.readers.blocks import Block, CellBlock, Paragraph, Piece, TableBlock, Tracked, is_visible
from pipeline.readers.sections import Paragraph as Told
from pipeline.readers.sections import find_sections

_LABEL_LENGTH = 160
_LABEL_PARAGRAPHS = 3
_PROSE_LENGTH = 300
_HEADING_LENGTH = 100
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_CHARACTERS: dict[int, str | None] = {**_INVISIBLE, 0x2010: "-", 0x2011: "-"}
_STRENGTH = {"": 0, " ": 1, "\t": 2, "\n": 3}


class _ParagraphMark(NamedTuple):
    """Where a paragraph stands in the text; ``strong`` is where the emphasised words it opens with end."""

    start: int
    strong: int
    end: int
    paragraph: Paragraph
    in_table: bool


class _TableMark(NamedTuple):
    start: int
    end: int
    rows: tuple[tuple[Span, ...], ...]
    ruled: bool


class TextWriter:
    """Collects the text and everything that has a place in it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pending = ""
        self._gap = ""
        self._flat = False
        self._broken = False
        self._depth = 0
        self._tables: list[_TableMark] = []
        self._changes: list[Change] = []
        self._comments: dict[str, int] = {}
        self.length = 0
        self._marks: list[_ParagraphMark] = []

    @property
    def next_start(self) -> int:
        """Where the next character will stand: after the separator that is due."""
        return self.length + (1 if self._pending and self.length else 0)

    def write(self, blocks: Sequence[Block]) -> None:
        """Append blocks, each paragraph and table row on a line of its own."""
        self._separate("\n")
        self._blocks(blocks, "\n")

    def write_note(self, mark: str, blocks: Sequence[Block]) -> None:
        """Append a note as one line behind its mark, which is the only text of the reader's own."""
        if any(map(is_visible, blocks)):
            self._separate("\n")
            self._emit(mark)
            self._separate(" ")
            self._flattened(blocks)

    def text(self) -> str:
        """Everything written so far."""
        return "".join(self._parts)

    def runs(self, text: str) -> tuple[Run, ...]:
        """Each line as its own block."""
        runs, start = [], 0
        for number, line in enumerate(text.split("\n"), 1):
            if line:
                runs.append(Run(start, start + len(line), number, 0))
            start += len(line) + 1
        return tuple(runs)

    def tables(self, text: str) -> tuple[Table, ...]:
        """The tables written. Where the file states the cells they count as ruled."""
        lines = [index for index, character in enumerate(text) if character == "\n"]
        return tuple(
            Table(
                mark.start,
                mark.end,
                bisect_right(lines, mark.start) + 1,
                tuple(tuple(Cell(*span, text[span.start : span.end]) for span in row) for row in mark.rows),
                mark.ruled,
            )
            for mark in sorted(self._tables)
        )

    def changes(self, text: str) -> tuple[Change, ...]:
        """The tracked changes in order; blank ones are not worth a reader's time."""
        told = [
            change._replace(text=text[change.start : change.end]) if change.kind is ChangeKind.INSERTION else change
            for change in self._changes
        ]
        return tuple(change for change in told if change.text.strip() or "\n" in change.text)

    def comments(self, told: Mapping[str, tuple[str, str]]) -> tuple[Comment, ...]:
        """The comments by place; ``told`` gives author and text by id. One whose place is lost stands at the end."""
        placed = [Comment(self._comments.get(name, self.length), *words) for name, words in told.items()]
        return tuple(sorted(placed, key=lambda comment: comment.start))

    def sections(self, text: str, end: int) -> tuple[Section, ...]:
        """Sections up to ``end``. Automatic numbers stand in the text by now, so they count as printed ones do."""
        told = []
        for mark in self._marks:
            if mark.start >= end or mark.paragraph.contents:
                continue
            line, level, label = text[mark.start : mark.end], mark.paragraph.level, mark.paragraph.label
            numbered = (label is not None and not label.bullet) or line[0].isdigit()
            # Some files set whole clauses in heading styles: without a number, a heading is short and no sentence.
            short = (
                len(line) <= _HEADING_LENGTH and line[-1] not in ".,;:_" and (line[0].isupper() or line[0].isdigit())
            )
            styled = level is not None and (numbered or short)
            # Words set off as a whole are a heading, too, and short ones behind "1" instead of "1."; but in tables
            # that is how labels look.
            set_off = mark.strong == mark.end if label is None else label.text.isdigit()
            bare = short and set_off and not mark.in_table
            # Where there are numbers they tell the level: outline levels are often left over from a template.
            told.append(Told(mark.start, mark.end, level if styled and not numbered else None, styled or bare))
        return tuple(section._replace(end=min(section.end, end)) for section in find_sections(text, told))

    def _separate(self, separator: str) -> None:
        if _STRENGTH[separator] > _STRENGTH[self._pending]:
            self._pending = separator

    def _emit(self, text: str) -> tuple[int, int]:
        """Append text without white space at its ends, after the separator that is due."""
        self._gap = self._pending if self.length else ""
        if self._gap:
            self._parts.append(self._gap)
            self.length += 1
        self._pending = ""
        start = self.length
        self._parts.append(text)
        self.length += len(text)
        return start, self.length

    def _blocks(self, blocks: Sequence[Block], separator: str) -> None:
        begun = self.length
        for block in blocks:
            if self.length > begun:
                self._separate(separator)
            if isinstance(block, Paragraph):
                self._paragraph(block)
            else:
                self._table(block)

    def _flattened(self, blocks: Sequence[Block]) -> None:
        was_flat, self._flat = self._flat, True
        self._blocks(blocks, " ")
        self._flat = was_flat

    def _paragraph(self, paragraph: Paragraph) -> None:
        visible, start = paragraph.visible, self.next_start
        if visible and paragraph.label is not None:
            self._emit(paragraph.label.text)
            self._separate(paragraph.label.gap)
        strong, opening = start, True
        for piece in paragraph.pieces:
            if piece.comment is not None:
                self._comments.setdefault(piece.comment, self.next_start)
            elif piece.tracked is not None and piece.deleted:
                self._deleted(piece.text, piece.tracked)
            elif visible:
                self._words(piece)
                opening = opening and (piece.strong or piece.text.isspace())
                strong = self.length if opening and piece.strong else strong
        self._broken = False
        if visible:
            self._marks.append(_ParagraphMark(start, strong, self.length, paragraph, self._depth > 0))

    def _words(self, piece: Piece) -> None:
        text = piece.text if piece.text.isascii() else piece.text.translate(_CHARACTERS)
        for index, line in enumerate(text.split("\n")):
            words = line.split()
            self._broken = self._broken or index > 0
            if words:
                if self._broken:
                    self._break(words[0])
                if line[0].isspace():
                    self._separate(" ")
                start, end = self._emit(" ".join(words))
                if piece.tracked is not None:
                    self._inserted(start, end, piece.tracked)
            if line and line[-1].isspace():
                self._separate(" ")

    def _break(self, following: str) -> None:
        """A line break inside a paragraph sets lines apart, unless the sentence plainly goes on."""
        goes_on = following[0].islower() or (self._parts and self._parts[-1].endswith(","))
        self._separate(" " if self._flat or goes_on else "\n")
        self._broken = False

    def _inserted(self, start: int, end: int, by: Tracked) -> None:
        if self._changes:
            last = self._changes[-1]
            near = start == last.end or (start == last.end + 1 and self._gap == " ")
            if near and last.kind is by.kind and (last.author, last.date) == (by.author, by.date):
                self._changes[-1] = last._replace(end=end)
                return
        self._changes.append(Change(ChangeKind.INSERTION, start, end, "", by.author, by.date))

    def _deleted(self, text: str, by: Tracked) -> None:
        if text != "\n":
            text = text.translate(_CHARACTERS)
            words = " ".join(text.split())
            text = f"{' ' if text[:1].isspace() else ''}{words}{' ' if words and text[-1:].isspace() else ''}"
        place = self.next_start
        if self._changes:
            last = self._changes[-1]
            if last.start == place and last.kind is by.kind and (last.author, last.date) == (by.author, by.date):
                self._changes[-1] = last._replace(text=(last.text + text).replace("  ", " "))
                return
        self._changes.append(Change(ChangeKind.DELETION, place, place, text, by.author, by.date))

    def _table(self, table: TableBlock) -> None:
        start, begun = self.next_start, self.length
        rows = []
        self._depth += 1
        for cells, indent in zip(table.rows, table.indents, strict=True):
            if self.length > begun:
                self._separate(" " if self._flat else "\n")
            before = self.length
            row = self._row(cells, indent)
            if self.length > before:
                rows.append(row)
        self._depth -= 1
        if rows:
            self._tables.append(_TableMark(start, self.length, tuple(rows), table.ruled))

    def _row(self, cells: Sequence[CellBlock], indent: int) -> tuple[Span, ...]:
        filled = [not cell.continues and any(map(is_visible, cell.blocks)) for cell in cells]
        count, first = sum(filled), filled.index(True) if any(filled) else 0
        row, begun = [Span(self.next_start, self.next_start)] * indent, self.length
        for index, (cell, has_text) in enumerate(zip(cells, filled, strict=True)):
            if has_text and self.length > begun:
                self._separate("\t")
            start = self.next_start
            if has_text and (self._flat or not _keeps_lines(cell, label=count == 2 and index == first, few=count <= 2)):
                self._flattened(cell.blocks)
            elif not cell.continues:
                self._blocks(cell.blocks, "\n")
            empty = Span(self.length, self.length)
            row.append(Span(start, self.length) if has_text else empty)
            row.extend([empty] * (cell.columns - 1))
        return tuple(row)


def _keeps_lines(cell: CellBlock, label: bool, few: bool) -> bool:
    """Whether the paragraphs of a cell stay on lines of their own: prose, lists and tables do, table data does not.

    A row of two cells is a name and what it stands for ("Term" beside three paragraphs): the name is set on one
    line even if it has a note under it, what it stands for keeps its lines.
    """
    shown = [block for block in cell.blocks if is_visible(block)]
    paragraphs = [block for block in shown if isinstance(block, Paragraph)]
    if len(shown) > len(paragraphs) or any(block.label is not None for block in paragraphs):
        return len(shown) > 1 or not paragraphs
    length = sum(len(block.words) for block in paragraphs)
    if label and length <= _LABEL_LENGTH and len(paragraphs) <= _LABEL_PARAGRAPHS:
        return False
    return len(paragraphs) > 1 and (few or length > _PROSE_LENGTH)
