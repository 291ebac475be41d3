"""The inside of a paragraph: runs, fields, controls, notes, symbols and tracked changes, as pieces of text.

What python-docx leaves out of ``paragraph.text`` is read here: insertions, content controls, simple fields,
symbols, text boxes. Hidden text and field instructions are left out; deleted text is kept apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from docx.oxml.ns import nsmap
from lxml import etree

from models.source import ChangeKind
from pipeline.readers.blocks import Piece, Tracked
from pipeline.readers.docx_package import W, attribute, is_on, number
from pipeline.readers.docx_styles import Styles
from pipeline.readers.docx_symbols import glyph, glyphs, is_symbol_font

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_VML = f"{{{nsmap.get('v', 'urn:schemas-microsoft-com:vml')}}}"

_INSERTED = frozenset((f"{W}ins", f"{W}moveTo"))
_DELETED = frozenset((f"{W}del", f"{W}moveFrom"))
_TRANSPARENT = frozenset(
    f"{W}{name}"
    for name in ("hyperlink", "smartTag", "customXml", "sdtContent", "dir", "bdo", "rubyBase", "ruby", "fldSimple")
)
_BREAKS = frozenset((f"{W}br", f"{W}cr"))
_STRUCK = Tracked(ChangeKind.DELETION, "", "")
"""Text struck through by hand: crossed out in print, so no more part of the contract than a tracked deletion."""
_PAGE_FIELDS = frozenset(("PAGE", "NUMPAGES", "SECTIONPAGES"))
_LIVE_FIELDS = frozenset(("DATE", "TIME"))
_TEXT, _RUN, _RUN_PROPERTIES = f"{W}t", f"{W}r", f"{W}rPr"


def tracked_by(element: etree._Element) -> Tracked | None:
    """The change that an element stands for, None if it is no tracked change."""
    if element.tag in _INSERTED:
        kind = ChangeKind.INSERTION
    elif element.tag in _DELETED:
        kind = ChangeKind.DELETION
    else:
        return None
    return Tracked(kind, attribute(element, "author") or "", attribute(element, "date") or "")


def combined(outer: Tracked | None, inner: Tracked | None) -> Tracked | None:
    """The change that counts where two are nested: a deletion, whatever was inserted before."""
    if inner is None or (outer is not None and outer.kind is ChangeKind.DELETION):
        return outer
    return inner


def chosen(element: etree._Element) -> etree._Element | None:
    """The one branch of an ``mc:AlternateContent`` that is read; the others say the same for older programs."""
    choice = element.find(f"{MC}Choice")
    return element.find(f"{MC}Fallback") if choice is None else choice


@dataclass(slots=True)
class _Field:
    """A field between its begin and end marks: its instruction, and whether its result has begun."""

    instruction: str = ""
    in_result: bool = False

    @property
    def name(self) -> str:
        return (self.instruction.split() or [""])[0].upper()


@dataclass(slots=True)
class Findings:
    """What was met on the way that is not text."""

    live_dates: int = 0
    """DATE and TIME fields: Word replaces their text by the day on which it is opened."""
    footnotes: list[str] = field(default_factory=list)
    endnotes: list[str] = field(default_factory=list)
    watermarks: list[str] = field(default_factory=list)


class RunReader:
    """Reads the content of paragraphs of one story (body, header, notes); fields may span paragraphs."""

    def __init__(self, styles: Styles, findings: Findings) -> None:
        self._styles = styles
        self._findings = findings
        self._fields: list[_Field] = []
        self._pieces: list[Piece] = []
        self._boxes: list[etree._Element] = []
        self._hidden = False

    def read(
        self, paragraph: etree._Element, hidden: bool, tracked: Tracked | None
    ) -> tuple[list[Piece], list[etree._Element]]:
        """The pieces of a paragraph, and the contents of the text boxes anchored in it."""
        self._pieces, self._boxes, self._hidden = [], [], hidden
        self._children(paragraph, tracked)
        # A field whose instruction does not end with its paragraph is broken: it must not swallow what follows.
        self._fields = [field for field in self._fields if field.in_result]
        return self._pieces, self._boxes

    def _children(self, parent: etree._Element, tracked: Tracked | None) -> None:
        for child in parent:
            tag = child.tag
            if tag == _RUN:
                self._run(child, tracked)
            elif tag in _INSERTED or tag in _DELETED:
                self._children(child, combined(tracked, tracked_by(child)))
            elif tag in _TRANSPARENT:
                self._transparent(child, tracked)
            elif tag == f"{W}sdt":
                content = child.find(f"{W}sdtContent")
                if content is not None:
                    self._children(content, tracked)
            elif tag == f"{MC}AlternateContent":
                branch = chosen(child)
                if branch is not None:
                    self._children(branch, tracked)
            elif tag == f"{W}commentRangeStart":
                self._pieces.append(Piece("", comment=attribute(child, "id")))
            elif tag in (f"{_MATH}oMath", f"{_MATH}oMathPara"):
                self._add("".join(text.text or "" for text in child.iter(f"{_MATH}t")), tracked)

    def _transparent(self, element: etree._Element, tracked: Tracked | None) -> None:
        if element.tag == f"{W}fldSimple":
            field = _Field(attribute(element, "instr") or "")
            self._count_live(field)
            if field.name in _PAGE_FIELDS:
                return
        elif element.tag == f"{W}ruby":  # the base is the text, the rest says how it is pronounced
            for base in element.iterchildren(f"{W}rubyBase"):
                self._children(base, tracked)
            return
        self._children(element, tracked)

    def _run(self, run: etree._Element, tracked: Tracked | None) -> None:
        properties = run.find(_RUN_PROPERTIES)
        font, strong, hidden = "", False, self._hidden
        if properties is not None:
            own = is_on(properties.find(f"{W}vanish"))
            hidden = own if own is not None else hidden or self._styles.hides(attribute(properties.find(f"{W}rStyle")))
            fonts = properties.find(f"{W}rFonts")
            if fonts is not None and is_symbol_font(name := attribute(fonts, "ascii") or ""):
                font = name
            strong = _is_strong(properties)
            if is_on(properties.find(f"{W}strike")) or is_on(properties.find(f"{W}dstrike")):
                tracked = combined(tracked, _STRUCK)
        for child in run:
            tag = child.tag
            if tag == _TEXT or tag == f"{W}delText":
                if not hidden:
                    text = child.text or ""
                    self._add(glyphs(text, font) if font else text, tracked, strong)
            elif tag == f"{W}fldChar":
                self._field_mark(child, tracked)
            elif tag == f"{W}instrText":
                if self._fields and not self._fields[-1].in_result:
                    self._fields[-1].instruction += child.text or ""
            elif not hidden:
                self._other(child, tracked, strong)

    def _other(self, child: etree._Element, tracked: Tracked | None, strong: bool) -> None:
        tag = child.tag
        if tag in (f"{W}tab", f"{W}ptab"):
            self._add(" ", tracked, strong)
        elif tag in _BREAKS:
            self._add("\n", tracked, strong)
        elif tag == f"{W}noBreakHyphen":
            self._add("-", tracked, strong)
        elif tag == f"{W}sym":
            self._add(glyph(attribute(child, "char") or "", attribute(child, "font") or ""), tracked, strong)
        elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
            notes = self._findings.footnotes if tag == f"{W}footnoteReference" else self._findings.endnotes
            name = attribute(child, "id")
            if name is not None and name not in notes and not (tracked and tracked.kind is ChangeKind.DELETION):
                notes.append(name)
        elif tag == f"{W}commentReference":
            self._pieces.append(Piece("", comment=attribute(child, "id")))
        elif tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
            self._drawing(child, tracked)
        elif tag == f"{MC}AlternateContent":
            branch = chosen(child)
            for element in () if branch is None else branch:
                self._other(element, tracked, strong)
        elif tag == f"{W}ruby":
            self._transparent(child, tracked)

    def _drawing(self, drawing: etree._Element, tracked: Tracked | None) -> None:
        for path in drawing.iter(f"{_VML}textpath"):
            self._findings.watermarks.append(path.get("string", ""))
        if tracked is None or tracked.kind is not ChangeKind.DELETION:
            self._boxes.extend(_outermost(drawing, f"{W}txbxContent"))

    def _field_mark(self, mark: etree._Element, tracked: Tracked | None) -> None:
        kind = attribute(mark, "fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
            self._add_control(mark, tracked)
        elif kind == "separate" and self._fields:
            self._fields[-1].in_result = True
            self._count_live(self._fields[-1])
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _add_control(self, mark: etree._Element, tracked: Tracked | None) -> None:
        """Legacy form controls keep their state beside the field, not in its result."""
        data = mark.find(f"{W}ffData")
        box = None if data is None else data.find(f"{W}checkBox")
        choices = None if data is None else data.find(f"{W}ddList")
        text = ""
        if box is not None:
            checked = box.find(f"{W}checked")
            text = "☒" if is_on(box.find(f"{W}default") if checked is None else checked) else "☐"
        elif choices is not None:
            entries = choices.findall(f"{W}listEntry")
            selected = choices.find(f"{W}result")
            index = number(attribute(choices.find(f"{W}default") if selected is None else selected)) or 0
            text = attribute(entries[index]) or "" if 0 <= index < len(entries) else ""
        if text and all(field.in_result for field in self._fields[:-1]):
            self._pieces.append(Piece(text, tracked))

    def _count_live(self, field: _Field) -> None:
        if field.name in _LIVE_FIELDS:
            self._findings.live_dates += 1

    def _add(self, text: str, tracked: Tracked | None, strong: bool = False) -> None:
        if text and all(field.in_result and field.name not in _PAGE_FIELDS for field in self._fields):
            self._pieces.append(Piece(text, tracked, strong))


def _is_strong(properties: etree._Element) -> bool:
    if is_on(properties.find(f"{W}b")) or is_on(properties.find(f"{W}caps")) or is_on(properties.find(f"{W}smallCaps")):
        return True
    underline = properties.find(f"{W}u")
    return underline is not None and attribute(underline) not in (None, "none")


def _outermost(element: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Elements of a kind below this one, not those within another of them; one branch of each alternative."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag == f"{MC}AlternateContent":
            branch = chosen(child)
            if branch is not None:
                yield from _outermost(branch, tag)
        else:
            yield from _outermost(child, tag)
