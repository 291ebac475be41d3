"""From visual lines to running text: which lines go on in the next one, and what stands between them.

The convention of the text: ``\\n`` between paragraphs, headings, rows of a table and lines of a signature block;
one space where a sentence goes on in the next line or on the next page; ``\\t`` between the cells of a row.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.source import Box, Cell, Line, Page, Run, Span, Table
from pipeline.readers.cleaning import HYPHEN_AT_BREAK, Edit, edits_of, glued_number, hyphen_stays, is_hyphenated
from pipeline.readers.pdf_text import PageText, TextLine

_ENUMERATOR = re.compile(
    r"(?:\((?:[a-z]{1,2}|[ivxl]{1,5}|\d{1,2}|[A-Z])\)|(?:[a-z]|[ivxl]{1,5}|\d{1,2}|[A-Z])[.)]"
    r"|\d{1,2}(?:\.\d{1,2})+\.?|[•·▪●○◦‣➢■□☐☒*–—-]"
    r"|(?:article|section|schedule|exhibit|annex|appendix)\s+[\dIVXLA-Z]+\b[.:]?)(?=\s|$|[A-Z“\"])",
    re.IGNORECASE,
)
_ENUMERATING = frozenset("ivxlIVXLaAsSeE")
"""Letters that roman numbers, "Article", "Section" and the like begin with."""
_BIG_GAP = 1.45
"""A gap of this many usual line distances parts paragraphs."""
_ENDS = frozenset(".;:!?")
_DANGLING = frozenset(
    {
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "such",
        "any",
        "each",
        "every",
        "all",
        "no",
        "its",
        "their",
        "his",
        "her",
        "our",
        "your",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "without",
        "under",
        "upon",
        "into",
        "within",
        "between",
        "among",
        "against",
        "per",
        "as",
        "than",
        "if",
        "when",
        "where",
        "which",
        "who",
        "whose",
        "will",
        "shall",
        "may",
        "must",
        "is",
        "are",
        "be",
        "been",
        "was",
        "were",
        "has",
        "have",
        "not",
        "section",
        "sections",
        "clause",
        "clauses",
        "article",
        "articles",
        "paragraph",
    }
)
_LONGEST_DANGLING = 10
_OTHER_SIZE = 1.2
"""Type this much larger or smaller is another heading, or the text below one."""
_ROOM = 6
"""Letters of room that speak for a break after a line that did not end its sentence."""
_CLOSING = "”\"’')]"
# What the lines of a signature block begin with: each stays a line of its own.
_LABEL = re.compile(
    r"(?:By|Name|Title|Date|Dated|Its|Signature|Signed|Print(?:ed)? Name|Witness|Attest|BY|NAME|TITLE|DATE)\s?:"
)
_LABEL_LETTERS = frozenset("BNTDISPWA")
_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class Assembly:
    """The parts of a ``SourceText`` that come from putting lines together, with the paragraphs they make."""

    text: str = ""
    pages: list[Page] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    paragraphs: list[Span] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


class _Blocks:
    """What is usual on a page: line distance, and the right edge of each column."""

    def __init__(self, lines: Sequence[TextLine]) -> None:
        self.right: list[float] = []
        distances = []
        begin = 0
        previous = -1.0
        for index, line in enumerate(lines):
            top = line[3]
            if top < previous - 2.0:
                self._close(lines, begin, index)
                begin = index
            elif top > previous + 2.0 and previous >= 0.0:
                distances.append(top - previous)
            previous = top
        self._close(lines, begin, len(lines))
        distances.sort()
        self.pitch = distances[len(distances) // 2] if distances else 1000.0

    def _close(self, lines: Sequence[TextLine], begin: int, end: int) -> None:
        count = end - begin
        if not count:
            return
        if count >= 4:
            ends = sorted([line[4] for line in lines[begin:end]])
            edge = ends[int(0.85 * count)] if count >= 10 else ends[-1]
        else:
            edge = max(line[4] for line in lines)
        self.right += [edge] * count


class _Assembler:
    """Goes through the lines once, in order."""

    def __init__(self, pages: Sequence[PageText]) -> None:
        self.pages = pages
        self.out = Assembly()
        self.parts: list[str] = []
        self.at = 0
        self.lower: str | None = None
        self.hyphenated: bool | None = None

    def run(self, furniture: Sequence[set[int]]) -> Assembly:
        out = self.out
        before: TextLine | None = None
        before_text, before_edge = "", 0.0
        paragraph = 0
        for page, gone in zip(self.pages, furniture, strict=True):
            text, number, lines = page.text, page.number, page.lines
            kept = [index for index in range(len(lines)) if index not in gone] if gone else range(len(lines))
            page_start = -1
            if kept:
                width, height = page.width, page.height
                blocks = _Blocks(lines)
                pitch, right = blocks.pitch, blocks.right
                edits = edits_of(text)
                follows = -2
                starts: dict[int, int] = {}
                ends: dict[int, int] = {}
                for index in kept:
                    line = lines[index]
                    start, end, x0, top, x1, bottom, lead = line
                    if before is not None:
                        if lead:
                            separator = lead
                        elif before_text[before[1] - 1] == HYPHEN_AT_BREAK:
                            separator = self._mend(before_text, before, text, line)
                        elif follows == index - 1:
                            separator = _between(text, before, line, pitch, before_edge)
                        else:
                            separator = _over_break(before_text, before, text, line, before_edge)
                        if separator == "\n":
                            out.paragraphs.append(Span(paragraph, self.at))
                            paragraph = self.at + 1
                        if separator:
                            self.parts.append(separator)
                            self.at += len(separator)
                    begin = self.at
                    if page_start < 0:
                        page_start = begin
                    starts[index] = begin
                    first_run = len(out.runs)
                    self._emit(text, start, end, number, edits)
                    if page.words:
                        self._word_lines(page, start, end, first_run)
                    else:
                        box = Box(x0 / width, top / height, x1 / width, bottom / height)
                        out.lines.append(Line(begin, self.at, number, box))
                    ends[index] = self.at
                    before, before_text, before_edge, follows = line, text, right[index], index
                if page.tables:
                    self._tables(page, starts, ends)
            if page_start < 0:
                page_start = self.at
            out.pages.append(Page(number, page_start, self.at, page.width, page.height, page.origin, page.confidence))
        if before is not None and before_text[before[1] - 1] == HYPHEN_AT_BREAK:
            self._hyphen(before, before_text)
        if self.at > paragraph:
            out.paragraphs.append(Span(paragraph, self.at))
        out.text = "".join(self.parts)
        out.tables = [_with_text(table, out.text) for table in out.tables]
        return out

    def _word_lines(self, page: PageText, start: int, end: int, first_run: int) -> None:
        """Words as lines: OCR gave boxes for words, and ``locate`` finds them here."""
        runs = self.out.runs[first_run:]
        for word in page.words:
            if start <= word.start < end:
                within = [run for run in runs if run.raw < word.end and run.raw + run.end - run.start > word.start]
                if within:
                    begin = within[0].start + max(0, word.start - within[0].raw)
                    stop = min(within[-1].end, within[-1].start + word.end - within[-1].raw)
                    width, height = page.width, page.height
                    box = Box(word.x0 / width, word.top / height, word.x1 / width, word.bottom / height)
                    self.out.lines.append(Line(begin, stop, page.number, box))

    def _emit(self, text: str, start: int, end: int, page: int, edits: list[Edit]) -> None:
        """Append the line, cleaned; a hyphen at its end waits for the next line."""
        if text[end - 1] == HYPHEN_AT_BREAK:
            end -= 1
        if text[start] in "0123456789(ASas":
            glued = glued_number(text, start, end)
            if glued is not None:
                self._copy(text, start, glued, page, edits)
                self.parts.append(" ")
                self.at += 1
                start = glued
        if edits:
            self._copy(text, start, end, page, edits)
        elif start < end:
            at = self.at
            self.at = at + end - start
            self.parts.append(text[start:end])
            self.out.runs.append(Run(at, self.at, page, start))

    def _copy(self, text: str, start: int, end: int, page: int, edits: list[Edit]) -> None:
        if edits:
            index = bisect_left(edits, (start,))
            while index < len(edits):
                from_, to, replacement = edits[index]
                if from_ >= end:
                    break
                if from_ >= start:
                    self._raw(text, start, from_, page)
                    for letter in replacement:
                        self._made(letter, page, from_)
                    start = to
                index += 1
        self._raw(text, start, end, page)

    def _raw(self, text: str, start: int, end: int, page: int) -> None:
        if start < end:
            at = self.at
            self.at = at + end - start
            self.parts.append(text[start:end])
            self.out.runs.append(Run(at, self.at, page, start))

    def _made(self, letter: str, page: int, raw: int) -> None:
        self.parts.append(letter)
        self.out.runs.append(Run(self.at, self.at + 1, page, raw))
        self.at += 1

    def _hyphen(self, line: TextLine, _text: str) -> None:
        self._made("-", self.out.lines[-1].page, line.end - 1)

    def _mend(self, before_text: str, before: TextLine, text: str, line: TextLine) -> str:
        """Join a word broken at a hyphen; the hyphen goes unless the word has one anyway."""
        left = _WORD.search(before_text, before.start, before.end - 1)
        right = _FIRST_WORD.match(text, line.start, line.end)
        if self.hyphenated is None:
            self.hyphenated = is_hyphenated("\n".join(page.text for page in self.pages), self._seen)
        if left is None or right is None or hyphen_stays(left[0], right[0], self.hyphenated, self._seen):
            self._hyphen(before, before_text)
        return ""

    def _seen(self, word: str) -> bool:
        """Whether the document has the word elsewhere, whole and not at a break."""
        if self.lower is None:
            self.lower = "\n".join(page.text for page in self.pages).lower()
        text = self.lower
        at = text.find(word)
        while at >= 0:
            before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
            if not (before.isalpha() or after.isalpha() or HYPHEN_AT_BREAK in (before, after)):
                return True
            at = text.find(word, at + 1)
        return False

    def _tables(self, page: PageText, starts: dict[int, int], ends: dict[int, int]) -> None:
        """Record the cells, by where they stand; their text is filled in when there is one."""
        for table in page.tables:
            rows: list[list[Cell]] = []
            for index in range(table.first, table.last + 1):
                begin = starts.get(index)
                if begin is None:
                    continue
                cell = Cell(begin, ends[index], "")
                lead = page.lines[index].lead
                if lead == " " and rows:
                    rows[-1][-1] = Cell(rows[-1][-1].start, cell.end, "")
                elif lead == "\t" and rows:
                    rows[-1].append(cell)
                else:
                    rows.append([cell])
            # What furniture leaves of a head or foot in two parts is none.
            if len(rows) > 1 and any(len(row) > 1 for row in rows):
                kept = tuple(tuple(row) for row in rows)
                self.out.tables.append(Table(rows[0][0].start, rows[-1][-1].end, page.number, kept, table.ruled))


def _with_text(table: Table, text: str) -> Table:
    rows = tuple(tuple(cell._replace(text=text[cell.start : cell.end]) for cell in row) for row in table.rows)
    return table._replace(rows=rows)


def _ends(text: str, line: TextLine) -> bool:
    """Whether the line ends as a sentence or a list item does."""
    last = text[line[1] - 1]
    if last in _ENDS:
        return True
    if last in _CLOSING:
        return line[1] - line[0] > 1 and text[line[1] - 2] in _ENDS
    return (last == "d" and text.endswith("; and", line[0], line[1])) or text.endswith("; or", line[0], line[1])


def _fits(text: str, before: TextLine, line: TextLine, edge: float, ended: bool) -> bool:
    """Whether the line's first word had room at the end of the line before: then the break was meant.

    Where the line before did not end as a paragraph does, it takes a good deal of room to say so.
    """
    start, end, x0, _, x1, _, _ = line
    stop = text.find(" ", start, end)
    letter = (x1 - x0) / (end - start)
    word = (stop - start if stop > 0 else end - start) + (1 if ended else _ROOM)
    return before[4] + word * letter < edge


def _dangles(text: str, line: TextLine) -> bool:
    """Whether the line ends with a word that no paragraph ends with ("of", "the", "pursuant to")."""
    end = line[1]
    start = text.rfind(" ", line[0], end)
    return start > 0 and end - start <= _LONGEST_DANGLING and text[start + 1 : end].lower() in _DANGLING


def _enumerated(text: str, line: TextLine) -> bool:
    """Whether the line begins with the number of a clause or item, or with a bullet."""
    start, end = line[0], line[1]
    # Most lines begin with a word, which is told quicker than by the pattern.
    if end - start > 1 and text[start + 1].isalpha() and text[start].isalpha() and text[start] not in _ENUMERATING:
        return False
    return _ENUMERATOR.match(text, start, end) is not None


def _between(text: str, before: TextLine, line: TextLine, pitch: float, edge: float) -> str:
    """What stands between two lines that follow each other on a page."""
    distance = line[3] - before[3]
    if -3.0 < distance < 3.0 and line[2] > before[4] - 3.0:
        return " "
    first = text[line[0]]
    if first in _LABEL_LETTERS and _LABEL.match(text, line[0], line[1]):
        return "\n"
    enumerated = _enumerated(text, line)
    gap = distance > _BIG_GAP * pitch
    ended = _ends(text, before)
    if first.islower() and not enumerated:
        return "\n" if gap and ended else " "
    if not ended and _dangles(text, before):
        return " "
    tall, low = before[5] - before[3], line[5] - line[3]
    if tall > _OTHER_SIZE * low or low > _OTHER_SIZE * tall:
        return "\n"
    if gap or _fits(text, before, line, edge, ended or enumerated) or (distance < -2.0 and ended):
        return "\n"
    if ended and (enumerated or line[2] > before[2] + 8.0 or line[2] < before[2] - 8.0):
        return "\n"
    return " "


def _over_break(before_text: str, before: TextLine, text: str, line: TextLine, edge: float) -> str:
    """What stands between two lines with a page break or removed furniture between them."""
    if before[6]:
        return "\n"  # the last line of a table or a signature block
    if text[line[0]].islower() and not _enumerated(text, line):
        return " "
    if _ends(before_text, before):
        return "\n"
    return "\n" if not _dangles(before_text, before) and _fits(text, before, line, edge, ended=False) else " "


def assemble(pages: Sequence[PageText], furniture: Sequence[set[int]]) -> Assembly:
    """Put the lines of all pages together, without the furniture (indexes of lines, for each page)."""
    return _Assembler(pages).run(furniture)
