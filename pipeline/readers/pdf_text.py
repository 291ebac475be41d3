"""A PDF page as raw text and visual lines: what every later step of the reader works on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from models.source import PageOrigin
from pipeline.readers.cleaning import HYPHEN_AT_BREAK, one_for_one
from pipeline.readers.pdf_engine import EnginePage, Field, Rect


class TextLine(NamedTuple):
    """A visual line: ``PageText.text[start:end]``, without outer space, and its box in points of the displayed page.

    ``lead`` is what must stand before it: a tab before the next cell of a row, a line break before a row, a space
    inside a cell; empty where the layout decides.
    """

    start: int
    end: int
    x0: float
    top: float
    x1: float
    bottom: float
    lead: str = ""


class CharacterBoxes(Protocol):
    """What is asked of a page while its lines are put in order."""

    count: int

    def char_rects(self, indexes: Sequence[int]) -> list[Rect]:
        """Line-high boxes of characters."""
        ...

    def gaps(self, sides: Sequence[int]) -> list[tuple[float, float]]:
        """Where the first of each pair of characters ends and the second begins."""
        ...

    def path_count(self, stop: int) -> int:
        """Drawn paths, counted up to ``stop``."""
        ...

    def strokes(self) -> list[Rect]:
        """Drawn lines."""
        ...


class TableLines(NamedTuple):
    """Lines ``first`` to ``last`` (inclusive) of a page are the cells of a table."""

    first: int
    last: int
    ruled: bool


@dataclass(slots=True)
class PageText:
    """One page before cleaning.

    ``text`` has one character for each character of PDFium's page, then the page's fields (form values and text
    annotations), each after a line break; ``lines`` are in reading order.
    """

    number: int
    width: float
    height: float
    text: str = ""
    lines: list[TextLine] = field(default_factory=list)
    printed: list[TextLine] = field(default_factory=list)
    """The lines before tables cut them into cells; empty where none did."""
    origin: PageOrigin = PageOrigin.TEXT
    tables: list[TableLines] = field(default_factory=list)
    words: list[TextLine] = field(default_factory=list)
    """The words of a page read by OCR, whose boxes nothing else knows."""
    confidence: float = 1.0
    broken: bool = False
    """The characters are not those the page shows."""


_FEW_CHARACTERS = 150
_IMAGE_SHARE = 0.3
_DRAWN_TEXT_PATHS = 150
_BROKEN_SHARE = 0.1
_JUDGED = 800
"""Characters of a page that are looked at; letters there must be for a judgement."""
_LETTERS_JUDGED = 200
_LETTERS_SEEN = 20
_SPACELESS = 50
_BROKEN = re.compile("[\ufffd\ue000-\uefff\uf100-\uf8ff\x00-\x08\x0e-\x1f]")
_STAMP_LINE = re.compile(r"(?m)^Source: .{2,90}, \d{1,2}/\d{1,2}/\d{4}\s*$")


def read_page(page: EnginePage, number: int) -> PageText:
    """Text and lines of one loaded page, in the order of the file."""
    geometry = page.geometry
    result = PageText(number, geometry.width, geometry.height)
    raw = page.text()
    result.broken = is_broken(raw)
    text = one_for_one(raw)
    result.text = text
    result.lines = visual_lines(page, text)
    fields = page.fields()
    if fields:
        add_fields(result, page, fields)
    if len(text) < 4 * _FEW_CHARACTERS:
        result.origin = origin_of(page, result.text)
    return result


def visual_lines(page: EnginePage, text: str) -> list[TextLine]:
    """The lines PDFium broke the text into, each with the box from its first to its last character."""
    spans: list[int] = []
    at = 0
    for piece in text.split("\r\n"):
        if HYPHEN_AT_BREAK in piece:
            # The hyphen is the line break: PDFium goes on with the next line's text at once.
            begin = at
            for part in piece.split(HYPHEN_AT_BREAK):
                end = begin + len(part)
                _add_span(spans, text[begin : end + (end < at + len(piece))], begin)
                begin = end + 1
        else:
            bare = piece.strip()
            if bare:
                first = at if bare[0] == piece[0] else at + len(piece) - len(piece.lstrip())
                spans += (first, first + len(bare) - 1)
        at += len(piece) + 2
    return [
        TextLine(spans[2 * index], spans[2 * index + 1] + 1, *rect) for index, rect in enumerate(page.pair_rects(spans))
    ]


def _add_span(spans: list[int], piece: str, at: int) -> None:
    """Append first and last index of the piece without its outer space."""
    bare = piece.strip()
    if bare:
        first = at + (0 if bare[0] == piece[0] else len(piece) - len(piece.lstrip()))
        spans.append(first)
        spans.append(first + len(bare) - 1)


def add_fields(result: PageText, page: EnginePage, fields: Sequence[Field]) -> None:
    """Put form values and annotations into the reading order: inside the line they stand on, else by height."""
    parts = [result.text]
    at = len(result.text)
    for item in fields:
        value = one_for_one(" ".join(item.text.split()))
        parts.append("\r\n" + value)
        start, at = at + 2, at + 2 + len(value)
        rect = item.rect
        _insert(result.lines, TextLine(start, at, rect.x0, rect.top, rect.x1, rect.bottom), page, result.text)
    result.text = "".join(parts)


def _insert(lines: list[TextLine], new: TextLine, page: EnginePage, text: str) -> None:
    middle = (new.top + new.bottom) / 2
    beside = [
        index
        for index, line in enumerate(lines)
        if min(line.bottom, new.bottom) - max(line.top, new.top)
        > 0.4 * min(line.bottom - line.top, new.bottom - new.top)
    ]
    if beside:
        index = min(
            beside, key=lambda each: abs((lines[each].top + lines[each].bottom) / 2 - middle) + _apart(lines[each], new)
        )
        line = lines[index]
        at = _split_at(line, new.x0, page)
        if at <= line.start:
            lines.insert(index, new)
        elif at >= line.end:
            lines.insert(index + 1, new)
        else:
            after = page.char_rects([at])[0].x0
            before = line.start + len(text[line.start : at].rstrip())
            lines[index : index + 1] = [line._replace(end=before, x1=new.x0), new, line._replace(start=at, x0=after)]
        return
    above = [index for index, line in enumerate(lines) if line.bottom <= middle]
    lines.insert(max(above) + 1 if above else 0, new)


def _apart(line: TextLine, new: TextLine) -> float:
    """Distance between the line and the field to its right (or left), in points."""
    return max(0.0, new.x0 - line.x1, line.x0 - new.x1)


def _split_at(line: TextLine, x: float, page: EnginePage) -> int:
    """The first character of the line that begins at or right of ``x``; fields have no characters to look at."""
    if x <= line.x0:
        return line.start
    if x >= line.x1 or line.end > page.count:
        return line.end
    rects: list[Rect] = page.char_rects(range(line.start, line.end))
    for offset, rect in enumerate(rects):
        if rect.x1 > rect.x0 and (rect.x0 + rect.x1) / 2 > x:
            return line.start + offset
    return line.end


def origin_of(page: EnginePage, text: str) -> PageOrigin:
    """Whether a page with little text is blank, or holds its text as a picture."""
    kept = len("".join(_STAMP_LINE.sub("", text.replace("\r\n", "\n")).split()))
    if kept >= _FEW_CHARACTERS:
        return PageOrigin.TEXT
    if page.image_share() > _IMAGE_SHARE:
        return PageOrigin.NEEDS_OCR
    if kept == 0:
        # Letters drawn as outlines look like text and are none.
        return PageOrigin.NEEDS_OCR if page.path_count(_DRAWN_TEXT_PATHS) >= _DRAWN_TEXT_PATHS else PageOrigin.BLANK
    return PageOrigin.TEXT


def is_broken(text: str) -> bool:
    """Whether a page's text looks garbled: characters that are none, or letters that no language puts together."""
    if not text:
        return False
    # Control characters count too: a font without a map back to characters gives the numbers of its glyphs.
    if _BROKEN.search(text) and len(_BROKEN.findall(text)) > _BROKEN_SHARE * len(text):
        return True
    lower = text[:_JUDGED].lower()
    vowels = sum(map(lower.count, "aeiou"))
    consonants = sum(map(lower.count, "bcdfghjklmnpqrstvwxyz"))
    if vowels + consonants < _LETTERS_JUDGED:
        # A few lines: letters without a single space between words are codes, not words.
        return vowels + consonants >= _LETTERS_SEEN and len(text) >= _SPACELESS and len(text.split()) == 1
    share = vowels / (vowels + consonants)
    return not 0.2 <= share <= 0.6
