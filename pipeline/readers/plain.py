"""Plain text to a ``SourceText``: its encoding guessed, its hard line ends mended, its columns read as tables.

There are no pages; a run's "page" is its line, as for Word files.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from models.problem import Category, DocumentError, Problem, Stage
from models.source import SourceText
from pipeline.limits import Limits
from pipeline.readers.blocks import Block, CellBlock, Paragraph, Piece, TableBlock
from pipeline.readers.writer import TextWriter

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CELLS = re.compile(r" {3,}|\t+ *|(?<= ) \t")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxlIVXL]{1,6})[.)]|[•·*-]|(?:Article|Section) \S+")
_OPENS = re.compile(rf"(?:{_ENUMERATOR.pattern})\s")
_PAGE_MARK = re.compile(r"\s*(?:<PAGE>|-\s?\d{1,4}\s?-|page\s+\d{1,4}(?:\s+of\s+\d{1,4})?)\s*", re.IGNORECASE)
_PARAGRAPH_PER_LINE = 120
"""Lines longer than this were not broken to fit a page: each is a paragraph."""


def decode(data: bytes) -> str:
    """Text of unknown encoding: by its byte order mark, else UTF-8 if it is valid, else Windows-1252.

    Western text in UTF-16 without a mark is known by the zero in every second byte.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = data[start:2048:2]
        if half and half.count(0) > 0.7 * len(half):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def read_text(data: bytes, limits: Limits) -> SourceText:
    """Read a text file.

    Raises:
        DocumentError: without any text, or with more than the limits allow.
    """
    text = _CONTROLS.sub("", decode(data))
    return as_source(list(text_blocks(text)), limits)


def as_source(blocks: Sequence[Block], limits: Limits) -> SourceText:
    """Blocks of a document without pages as its text.

    Raises:
        DocumentError: the blocks hold no text, or more than the limits allow.
    """
    writer = TextWriter()
    writer.write(blocks)
    text = writer.text()
    if not text.strip():
        message = "It holds no text. Check the file where it came from and add it again."
        raise DocumentError(Problem(stage=Stage.READ, category=Category.EMPTY, message=message))
    if len(text) > limits.characters:
        message = f"Its text has {len(text):,} characters, more than the {limits.characters:,} that are read."
        raise DocumentError(Problem(stage=Stage.READ, category=Category.TOO_LARGE, message=message))
    return SourceText(
        text=text,
        pages=(),
        runs=writer.runs(text),
        sections=writer.sections(text, len(text)),
        tables=writer.tables(text),
        changes=writer.changes(text),
    )


def text_blocks(text: str) -> Iterator[Block]:
    """Paragraphs and tables of a text that was set out with line ends and spaces."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n").split("\n")
    lines = [line.rstrip().expandtabs(8) for line in whole if not _PAGE_MARK.fullmatch(line)]
    lengths = sorted(len(line) for line in lines if line)
    width = lengths[len(lengths) * 95 // 100] if lengths else 0
    wrapped = width <= _PARAGRAPH_PER_LINE
    for columned, group in groupby(lines, key=lambda line: len(_cells(line)) > 1):
        members = list(group)
        if columned:
            rows = [[CellBlock([Paragraph([Piece(cell)])]) for cell in _cells(line)] for line in members]
            yield TableBlock(rows, [0] * len(rows), ruled=False)
            continue
        for paragraph in _paragraphs(members, width) if wrapped else members:
            if paragraph.strip():
                yield Paragraph([Piece(paragraph)])


def _cells(line: str) -> list[str]:
    """The cells of a line set in columns; a number and its clause are one, however wide the gap."""
    cells = [cell for cell in _CELLS.split(line.strip()) if cell.strip()]
    if len(cells) > 1 and _ENUMERATOR.fullmatch(cells[0].strip()):
        cells[:2] = [f"{cells[0]} {cells[1]}"]
    return cells


def _paragraphs(lines: Sequence[str], width: int) -> Iterator[str]:
    """Join lines that were broken to fit: the next word would not have fitted on the line before."""
    open_lines: list[str] = []
    for line in lines:
        words = line.split()
        if open_lines:
            fits = not words or len(open_lines[-1]) + 1 + len(words[0]) <= width * 0.95
            if fits or _OPENS.match(line.lstrip()):
                yield " ".join(open_lines)
                open_lines = []
        if words:
            open_lines.append(line)
    if open_lines:
        yield " ".join(open_lines)
