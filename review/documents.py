"""A document's text as a page of HTML shows it: paragraphs, tables, tracked changes, and the passages that were read.

Every piece of text knows where it stands in ``SourceText.text``, so that a passage can be marked and what a person
selects can be named by its characters.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from models.evidence import Evidence
from models.source import Change, ChangeKind, SourceText, Span, Table

_MOST_CHARACTERS = 2_000_000
"""A text view longer than this would stall a browser; the rest is said to be left out."""


class Mark(NamedTuple):
    """A passage to be marked, by the key of what was read from it."""

    key: str
    start: int
    end: int


class Piece(NamedTuple):
    """Text that is marked and changed in one way. ``keys`` are those of the marks on it; a deletion has no place."""

    text: str
    start: int
    keys: tuple[str, ...] = ()
    change: ChangeKind | None = None
    by: str = ""
    opens: tuple[str, ...] = ()
    """Marks that begin here: their first piece is where a link leads to."""


class Block(NamedTuple):
    """A paragraph, or the rows of a table. ``level`` is that of the section it opens, 0 for none."""

    start: int
    pieces: tuple[Piece, ...] = ()
    rows: tuple[tuple[tuple[Piece, ...], ...], ...] = ()
    level: int = 0
    heading: bool = False
    page: int | None = None
    """The page that begins with this block."""


@dataclass(frozen=True, slots=True)
class TextView:
    """The blocks of a document; ``cut`` where the rest was too long to show."""

    blocks: tuple[Block, ...]
    cut: bool = False


def passage(source: SourceText, evidence: Evidence) -> Span | None:
    """Where the quoted passage stands in the text as read today, None if it is not in it.

    The reader may have been improved since the passage was read: then the quote, not the number, says where it is,
    and the occurrence nearest to the old place is meant.
    """
    text, quote = source.text, evidence.quote
    if text[evidence.start : evidence.end] == quote:
        return Span(evidence.start, evidence.end)
    before, after = text.rfind(quote, 0, evidence.start + len(quote)), text.find(quote, evidence.start)
    found = [place for place in (before, after) if place >= 0]
    if not quote or not found:
        return None
    start = min(found, key=lambda place: abs(place - evidence.start))
    return Span(start, start + len(quote))


def text_view(source: SourceText, marks: Iterable[Mark] = ()) -> TextView:
    """The whole text in blocks, with passages marked."""
    shown = source.text[:_MOST_CHARACTERS]
    cutter = _Cutter(shown, sorted(marks, key=lambda mark: mark.start), source.changes)
    headings = {section.start: section for section in source.sections}
    pages = {page.start: page.number for page in source.pages}
    tables = iter(sorted(source.tables))
    table = next(tables, None)
    blocks: list[Block] = []
    start = 0
    while start < len(shown):
        while table is not None and table.end <= start:
            table = next(tables, None)
        page = pages.get(start)
        if table is not None and table.start <= start:
            blocks.append(Block(start, rows=_rows(cutter, table), page=page))
            end = table.end
        else:
            end = shown.find("\n", start)
            end = len(shown) if end < 0 else end
            section = headings.get(start)
            level = section.level if section else 0
            # A paragraph that goes on after its heading is no heading.
            heading = bool(section and section.heading and end - start <= len(section.number + section.heading) + 6)
            pieces = cutter.pieces(start, end)
            if pieces:
                blocks.append(Block(start, pieces, level=level, heading=heading, page=page))
        start = max(end, start) + 1
    return TextView(tuple(blocks), cut=len(source.text) > len(shown))


def _rows(cutter: "_Cutter", table: Table) -> tuple[tuple[tuple[Piece, ...], ...], ...]:
    return tuple(tuple(cutter.pieces(cell.start, cell.end) for cell in row) for row in table.rows)


class _Cutter:
    """Cuts a stretch of the text wherever a mark or a change begins or ends in it."""

    def __init__(self, text: str, marks: Sequence[Mark], changes: Sequence[Change]) -> None:
        self._text = text
        self._marks = marks
        self._starts = [mark.start for mark in marks]
        self._longest = max((mark.end - mark.start for mark in marks), default=0)
        self._changes = sorted(changes, key=lambda change: (change.start, change.end))
        self._change_starts = [change.start for change in self._changes]
        self._longest_change = max((change.end - change.start for change in changes), default=0)

    def pieces(self, start: int, end: int) -> tuple[Piece, ...]:
        """The pieces of ``text[start:end]``, deletions that stood in it among them."""
        first = bisect_left(self._starts, start - self._longest)
        marks = [mark for mark in self._marks[first : bisect_left(self._starts, end)] if mark.end > start]
        first = bisect_left(self._change_starts, start - self._longest_change)
        near = self._changes[first : bisect_right(self._change_starts, end)]
        inserted = [c for c in near if c.kind is ChangeKind.INSERTION and c.end > start and c.start < end]
        deleted = [c for c in near if c.kind is ChangeKind.DELETION and start <= c.start <= end]
        cuts = {start, end}
        for edges in ((m.start, m.end) for m in marks):
            cuts.update(edge for edge in edges if start < edge < end)
        for edges in ((c.start, c.end) for c in (*inserted, *deleted)):
            cuts.update(edge for edge in edges if start < edge < end)
        places = sorted(cuts)
        pieces = [Piece(c.text, c.start, change=c.kind, by=_by(c)) for c in deleted if c.start == start]
        for left, right in pairwise(places):
            keys = tuple(dict.fromkeys(m.key for m in marks if m.start <= left and right <= m.end))
            change = next((c for c in inserted if c.start <= left and right <= c.end), None)
            opens = tuple(dict.fromkeys(m.key for m in marks if max(m.start, start) == left))
            kind = change.kind if change else None
            pieces.append(Piece(self._text[left:right], left, keys, kind, _by(change) if change else "", opens))
            pieces += [Piece(c.text, c.start, change=c.kind, by=_by(c)) for c in deleted if c.start == right > start]
        return tuple(piece for piece in pieces if piece.text)


def _by(change: Change) -> str:
    """Who made a tracked change, and on which day."""
    return ", ".join(part for part in (change.author, change.date[:10]) if part)
