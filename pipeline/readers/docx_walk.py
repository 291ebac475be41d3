"""A Word story (body, header, note) from XML to paragraphs and tables, in reading order.

Content controls, custom XML and the chosen branch of alternatives are gone through as if they were not there;
deleted rows and paragraph marks are resolved; numbered paragraphs are counted as Word counts them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from lxml import etree

from models.source import ChangeKind
from pipeline.readers.blocks import Block, CellBlock, Paragraph, Piece, TableBlock, Tracked
from pipeline.readers.docx_numbering import Numbering
from pipeline.readers.docx_package import R, W, attribute, is_on, number
from pipeline.readers.docx_runs import MC, Findings, RunReader, chosen, combined, tracked_by
from pipeline.readers.docx_styles import ParagraphStyle, Styles, numbered, outline

_BODY_TEXT = 9
"""The outline level that Word gives to what is no heading."""
_COLUMNS = 63
"""Word's own limit of columns; a declared span beyond it is not believed."""
_WRAPPERS = frozenset((f"{W}customXml", f"{W}sdtContent", f"{W}smartTag", f"{W}ins", f"{W}moveTo", f"{W}del"))


class Join(StrEnum):
    """Why a paragraph runs on into the next: its mark was deleted, or is hidden (a style separator)."""

    NO = "no"
    DELETED = "deleted"
    HIDDEN = "hidden"


@dataclass(slots=True)
class WordParagraph(Paragraph):
    """A paragraph with what its properties say about it."""

    style: ParagraphStyle = field(default_factory=ParagraphStyle)
    join: Join = Join.NO
    mark: Tracked | None = None
    """The change of the paragraph mark itself."""
    listed: tuple[int, int] | None = None
    """List and level, before the number is counted."""
    ends_section: bool = False


class StoryWalker:
    """Walks one story. Body, headers and notes each count their lists for themselves."""

    def __init__(self, styles: Styles, numbering: Numbering, findings: Findings) -> None:
        self._styles = styles
        self._numbering = numbering
        self._runs = RunReader(styles, findings)
        self.sections: list[etree._Element] = []
        """The ``w:sectPr`` met, in order: they name the headers and footers that are shown."""
        self.embedded: list[str] = []
        """Relationship ids of documents of another format set into this one (``w:altChunk``)."""

    def walk(self, root: etree._Element) -> list[Block]:
        """The blocks of a story, with their automatic numbers."""
        blocks = self._blocks(root, None)
        self._count(blocks)
        return blocks

    def _blocks(self, parent: etree._Element, tracked: Tracked | None) -> list[Block]:
        return list(_joined(self._siblings(parent, tracked)))

    def _siblings(self, parent: etree._Element, tracked: Tracked | None) -> Iterator[Block]:
        for child in parent:
            tag = child.tag
            if tag == f"{W}p":
                yield from self._paragraph(child, tracked)
            elif tag == f"{W}tbl":
                yield self._table(child, tracked)
            elif tag == f"{W}sdt":
                content = child.find(f"{W}sdtContent")
                if content is not None:
                    yield from self._siblings(content, tracked)
            elif tag in _WRAPPERS:
                yield from self._siblings(child, combined(tracked, tracked_by(child)))
            elif tag == f"{MC}AlternateContent":
                branch = chosen(child)
                if branch is not None:
                    yield from self._siblings(branch, tracked)
            elif tag == f"{W}sectPr":
                self.sections.append(child)
            elif tag == f"{W}altChunk":
                self.embedded.append(child.get(f"{R}id", ""))

    def _paragraph(self, element: etree._Element, tracked: Tracked | None) -> Iterator[Block]:
        properties = element.find(f"{W}pPr")
        style = self._styles.paragraph(None if properties is None else attribute(properties.find(f"{W}pStyle")))
        paragraph = WordParagraph(
            level=_heading_level(properties, style), contents=style.is_contents, style=style, mark=tracked
        )
        if properties is not None:
            section = properties.find(f"{W}sectPr")
            if section is not None:
                paragraph.ends_section = True
                self.sections.append(section)
            self._read_mark(paragraph, properties.find(f"{W}rPr"), tracked)
        paragraph.listed = self._numbering.place(numbered(properties), style)
        paragraph.pieces, boxes = self._runs.read(element, style.hidden, tracked)
        yield paragraph
        for box in boxes:
            yield from self._blocks(box, tracked)

    def _read_mark(self, paragraph: WordParagraph, mark: etree._Element | None, tracked: Tracked | None) -> None:
        if mark is None:
            return
        for change in mark:
            paragraph.mark = combined(paragraph.mark, tracked_by(change))
        if paragraph.mark is not None and paragraph.mark.kind is ChangeKind.DELETION and paragraph.mark != tracked:
            paragraph.join = Join.DELETED
        elif is_on(mark.find(f"{W}vanish")) or is_on(mark.find(f"{W}specVanish")):
            paragraph.join = Join.HIDDEN

    def _table(self, element: etree._Element, tracked: Tracked | None) -> TableBlock:
        table = TableBlock()
        for row in _through(element, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            changed, indent = tracked, 0
            for change in () if properties is None else properties:
                changed = combined(changed, tracked_by(change))
            if properties is not None:
                indent = number(attribute(properties.find(f"{W}gridBefore"))) or 0
            table.rows.append([self._cell(cell, changed) for cell in _through(row, f"{W}tc")])
            table.indents.append(min(max(indent, 0), _COLUMNS))
        return table

    def _cell(self, element: etree._Element, tracked: Tracked | None) -> CellBlock:
        properties = element.find(f"{W}tcPr")
        columns, continues = 1, False
        if properties is not None:
            columns = number(attribute(properties.find(f"{W}gridSpan"))) or 1
            for name in ("vMerge", "hMerge"):
                merge = properties.find(f"{W}{name}")
                continues = continues or (merge is not None and attribute(merge) in (None, "continue"))
            for name, kind in (("cellIns", ChangeKind.INSERTION), ("cellDel", ChangeKind.DELETION)):
                change = properties.find(f"{W}{name}")
                if change is not None:
                    who, when = attribute(change, "author") or "", attribute(change, "date") or ""
                    tracked = combined(tracked, Tracked(kind, who, when))
        return CellBlock(self._blocks(element, tracked), min(max(columns, 1), _COLUMNS), continues)

    def _count(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            if isinstance(block, TableBlock):
                for row in block.rows:
                    for cell in row:
                        if not cell.continues:
                            self._count(cell.blocks)
            elif isinstance(block, WordParagraph) and block.listed is not None and _counts(block):
                block.label = self._numbering.advance(*block.listed)


def _heading_level(properties: etree._Element | None, style: ParagraphStyle) -> int | None:
    own = outline(properties)
    level = style.outline if own is None else own
    if style.is_title:
        return 1
    return level + 1 if level is not None and 0 <= level < _BODY_TEXT else None


def _counts(paragraph: WordParagraph) -> bool:
    """Whether Word counts a numbered paragraph: not if it only ends a section, was deleted or is hidden."""
    if paragraph.visible:
        return True
    deleted = paragraph.mark is not None and paragraph.mark.kind is ChangeKind.DELETION
    return not (paragraph.ends_section or deleted or paragraph.style.hidden or paragraph.join is Join.HIDDEN)


def _through(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Children of a kind, also those wrapped in content controls or custom XML."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag == f"{W}sdt":
            content = child.find(f"{W}sdtContent")
            if content is not None:
                yield from _through(content, tag)
        elif child.tag in _WRAPPERS:
            yield from _through(child, tag)


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Let paragraphs run on where their mark is gone.

    Of a deleted mark the next paragraph's properties survive, for they are kept in its mark; a hidden style
    separator only sets a heading and its text on one line, and the heading's number stays.
    """
    open_paragraph: WordParagraph | None = None
    for block in blocks:
        if not isinstance(block, WordParagraph):
            if open_paragraph is not None:
                yield open_paragraph
                open_paragraph = None
            yield block
            continue
        if open_paragraph is not None:
            block = _merged(open_paragraph, block)
            open_paragraph = None
        if block.join is Join.NO:
            yield block
        else:
            open_paragraph = block
    if open_paragraph is not None:
        yield open_paragraph


def _merged(first: WordParagraph, second: WordParagraph) -> WordParagraph:
    between = [Piece("\n", first.mark)] if first.join is Join.DELETED else [Piece(" ")]
    second.pieces = first.pieces + between + second.pieces
    second.ends_section = second.ends_section or first.ends_section
    if first.join is Join.HIDDEN and first.visible:
        second.style, second.level, second.listed = first.style, first.level, first.listed
    return second
