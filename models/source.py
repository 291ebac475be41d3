"""A document as text: one text, one numbering of characters, and the way back to the page.

Readers make a ``SourceText``; everything after them works on ``text`` and spans of it. Page furniture is
already gone, tracked changes are resolved, white space is normalised; ``runs`` lead from any character back
to the page (PDF) or block (DOCX) it came from, so that boxes are computed for the few spans that need them.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from models.problem import Problem


class Box(NamedTuple):
    """A rectangle in fractions (0 to 1) of the page as displayed (rotation and crop applied), origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float


class Span(NamedTuple):
    """Half-open range of characters of ``SourceText.text``."""

    start: int
    end: int


class Run(NamedTuple):
    """``text[start:end]`` is, character by character, the page's raw text from ``raw`` on.

    ``page`` counts from 1; for DOCX it is the block's number and ``raw`` the offset in the block.
    """

    start: int
    end: int
    page: int
    raw: int


class Line(NamedTuple):
    """A visual line of a page: its characters and its box."""

    start: int
    end: int
    page: int
    box: Box


class Word(NamedTuple):
    """A word read by OCR: its characters, page, box, and how sure the engine is (0 to 1)."""

    start: int
    end: int
    page: int
    box: Box
    confidence: float


class PageOrigin(StrEnum):
    """How a page's text was had."""

    TEXT = "text"
    OCR = "ocr"
    BLANK = "blank"
    NEEDS_OCR = "needs_ocr"


class Page(NamedTuple):
    """One page: its characters in the cleaned text, displayed size in points, and how its text was had."""

    number: int
    start: int
    end: int
    width: float
    height: float
    origin: PageOrigin
    confidence: float = 1.0
    """Mean OCR confidence, 1.0 for a text layer."""


class Section(NamedTuple):
    """A heading: ``number`` as printed ("9.2", "(a)", "Schedule 1", "" for none), 1 = top ``level``.

    ``start`` is where its heading begins; the section runs to the next one of the same or a higher level.
    """

    start: int
    end: int
    number: str
    heading: str
    level: int


class Cell(NamedTuple):
    """A table cell: its text as it stands in ``text[start:end]``."""

    start: int
    end: int
    text: str


class Table(NamedTuple):
    """Rows of cells in reading order; ``page`` is where it starts. ``ruled`` says lines were drawn."""

    start: int
    end: int
    page: int
    rows: tuple[tuple[Cell, ...], ...]
    ruled: bool


class ChangeKind(StrEnum):
    """What a tracked change does."""

    INSERTION = "insertion"
    DELETION = "deletion"


class Change(NamedTuple):
    """A tracked change. An insertion is ``text[start:end]``; a deletion stood at ``start`` and has its own ``text``."""

    kind: ChangeKind
    start: int
    end: int
    text: str
    author: str
    date: str


class Comment(NamedTuple):
    """A reviewer's comment: kept aside, never part of the text."""

    start: int
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of one document. See the module for what the parts mean."""

    text: str
    pages: tuple[Page, ...]
    runs: tuple[Run, ...]
    lines: tuple[Line, ...] = ()
    sections: tuple[Section, ...] = ()
    tables: tuple[Table, ...] = ()
    words: tuple[Word, ...] = ()
    """Words of pages read by OCR, in order: their boxes cannot be had from the file again."""
    changes: tuple[Change, ...] = ()
    comments: tuple[Comment, ...] = ()
    draft: bool = False
    """The file says of itself that it is not the final contract (watermark, file properties, open changes)."""
    problems: tuple[Problem, ...] = ()
    _run_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_run_starts", tuple(run.start for run in self.runs))

    def page_of(self, position: int) -> int | None:
        """The page a character stands on (from 1), or None where the document has no pages."""
        if not self.pages:
            return None
        starts = [page.start for page in self.pages]
        return self.pages[max(0, bisect_right(starts, position) - 1)].number

    def runs_of(self, span: Span) -> list[Run]:
        """The runs a span touches, cut to the span, in order. White space made by the reader has none."""
        found: list[Run] = []
        index = max(0, bisect_right(self._run_starts, span.start) - 1)
        for run in self.runs[index:]:
            if run.start >= span.end:
                break
            start, end = max(run.start, span.start), min(run.end, span.end)
            if start < end:
                found.append(Run(start, end, run.page, run.raw + start - run.start))
        return found
