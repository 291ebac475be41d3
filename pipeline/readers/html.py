"""HTML to a ``SourceText``: many filed contracts exist in no other form. Nothing it refers to is fetched.

There are no pages; a run's "page" is its line, as for Word files.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise, repeat

from lxml import etree

from models.problem import Category, DocumentError, Problem, Stage
from models.source import SourceText
from pipeline.limits import Limits
from pipeline.readers.blocks import Block, CellBlock, Label, Paragraph, Piece, TableBlock, words
from pipeline.readers.numerals import NUMERALS
from pipeline.readers.plain import as_source, decode, text_blocks

_SKIPPED = frozenset(
    (
        "script", "style", "noscript", "template", "title", "svg", "object", "embed", "iframe", "select",
        "textarea", "del", "s", "strike", "button",
    )
)  # fmt: skip
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "center",
        "address",
        "article",
        "section",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "form",
        "fieldset",
        "legend",
        "hr",
        "figure",
        "figcaption",
        "caption",
        "body",
        "html",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
    ]
)
_STRONG = frozenset(["b", "strong", "u", "h1", "h2", "h3", "h4", "h5", "h6", "th"])
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LIST_STYLES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "1": "decimal"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|text-decoration[^;]*line-through", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_CP1252 = frozenset(("iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii"))
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BEFORE = frozenset(("$", "€", "£", "¥", "(", "US$", "USD", "EUR", "GBP"))
_AFTER = frozenset((")", "%", ")%", "]"))
_COLUMNS = 63
_CUT = Problem(
    stage=Stage.READ,
    category=Category.DAMAGED,
    message="The web page is nested so deeply that the end of it was not read. Print it to PDF and add that file.",
)
_DEPTH = 200
"""Elements nested deeper than this are read as text without structure."""


def read_html(data: bytes, limits: Limits) -> SourceText:
    """Read an HTML file.

    Raises:
        DocumentError: it cannot be parsed, holds no text, or more than the limits allow.
    """
    # Converters leave hundreds of elements open; without huge_tree libxml2 drops all that follows the 256th.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(_as_utf8(data), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        message = "It cannot be read as a web page. Open it in a browser, print it to PDF and add that file."
        raise DocumentError(Problem(stage=Stage.READ, category=Category.DAMAGED, message=message)) from error
    blocks = _blocks_of(root) if root is not None else []
    if not any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        return as_source(blocks, limits)
    if root is None or not "".join(map(str, root.itertext())).strip():
        raise DocumentError(_CUT)
    return replace(as_source(blocks, limits), problems=(_CUT,))


def _as_utf8(data: bytes) -> bytes:
    """The page in UTF-8, whatever it says it is; "ISO-8859-1" means Windows-1252, as in every browser."""
    stated = _CHARSET.search(data[:4096])
    if stated is not None and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = stated[1].decode().lower()
        try:
            text = data.decode(
                "cp1252" if name in _CP1252 else "utf-8" if name.startswith("utf-16") else name, "replace"
            )
        except (LookupError, UnicodeError):
            text = decode(data)
    else:
        text = decode(data)
    return text.replace("\0", "").encode("utf-8", "replace")


class _Flow:
    """Blocks in the making: text goes to the open paragraph until a block element ends it."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._open = Paragraph()

    def text(self, text: str | None, strong: bool) -> None:
        """Add text as a browser shows it: line ends in the source are white space."""
        if text:
            self._open.pieces.append(Piece(_SPACES.sub(" ", text), strong=strong))

    def line_break(self) -> None:
        """Break the line inside the open paragraph."""
        self._open.pieces.append(Piece("\n"))

    def begin(self, label: Label | None = None, level: int | None = None) -> None:
        """End the open paragraph and start the next one; a list item without text of its own passes its label on."""
        if self._open.visible:
            self.blocks.append(self._open)
        else:
            label = label or self._open.label
        self._open = Paragraph(label=label, level=level)

    def end(self) -> None:
        """End the open paragraph for good."""
        if self._open.visible:
            self.blocks.append(self._open)
        self._open = Paragraph()

    def insert(self, blocks: Iterable[Block]) -> None:
        """Add finished blocks where the flow stands."""
        self.end()
        self.blocks.extend(blocks)


def _children(element: etree._Element, flow: _Flow, strong: bool, depth: int) -> None:
    flow.text(element.text, strong)
    labels = _labels(element)
    for child in element:
        _element(child, flow, strong, depth + 1, next(labels) if child.tag == "li" else None)
        flow.text(child.tail, strong)


def _element(element: etree._Element, flow: _Flow, strong: bool, depth: int, label: Label | None = None) -> None:
    tag = element.tag
    if not isinstance(tag, str) or tag in _SKIPPED or "hidden" in element.attrib:
        return
    if _HIDDEN.search(element.get("style", "")):
        return
    if depth > _DEPTH:
        flow.text(" ".join(map(str, element.itertext())), strong)
    elif tag == "br":
        flow.line_break()
    elif tag == "input":
        if element.get("type", "").lower() in ("checkbox", "radio"):
            flow.text("☒" if "checked" in element.attrib else "☐", strong)
    elif tag == "table":
        flow.insert([_table(element, depth)])
    elif tag == "pre":
        flow.insert(text_blocks("".join(map(str, element.itertext()))))
    elif tag in _BLOCKS:
        flow.begin(label, _HEADINGS.get(tag))
        _children(element, flow, strong or tag in _STRONG, depth)
        flow.end() if tag == "li" else flow.begin()
    else:
        _children(element, flow, strong or tag in _STRONG, depth)


def _blocks_of(element: etree._Element, depth: int = 0) -> list[Block]:
    flow = _Flow()
    _children(element, flow, element.tag == "th", depth)
    flow.end()
    return flow.blocks


def _labels(parent: etree._Element) -> Iterator[Label]:
    """The numbers or bullets of a list's items; they count from the list's start, or from a value of their own."""
    if parent.tag != "ol":
        yield from repeat(Label("•", bullet=True))
    numeral = NUMERALS[_LIST_STYLES.get(parent.get("type", "1"), "decimal")]
    number = _whole(parent.get("start"), 1)
    for item in parent.iterchildren("li"):
        number = _whole(item.get("value"), number)
        yield Label(f"{numeral(number)}.")
        number += 1


def _table(element: etree._Element, depth: int) -> TableBlock:
    table = TableBlock()
    for row in _rows(element):
        cells: list[CellBlock] = []
        for cell in row:
            if cell.tag in ("td", "th"):
                columns = min(max(_whole(cell.get("colspan"), 1), 1), _COLUMNS)
                cells.append(CellBlock(_blocks_of(cell, depth + 1), columns))
        table.rows.append(_with_signs(cells))
        table.indents.append(0)
    return table


def _rows(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _with_signs(cells: list[CellBlock]) -> list[CellBlock]:
    """Put a currency or percent sign that has a column of its own back to its figure."""
    texts = [" ".join(map(words, cell.blocks)) for cell in cells]
    filled = [index for index, text in enumerate(texts) if text]
    for here, following in pairwise(filled):
        source, target = (here, following) if texts[here] in _BEFORE else (following, here)
        first, second = cells[source].blocks, cells[target].blocks
        if texts[source] not in (_BEFORE if source == here else _AFTER) or len(second) != 1:
            continue
        paragraph = second[0]
        if isinstance(paragraph, Paragraph) and first:
            sign = Piece(texts[source])
            paragraph.pieces[:] = [sign, *paragraph.pieces] if source == here else [*paragraph.pieces, sign]
            cells[source].blocks = []
            texts[target], texts[source] = texts[source] + texts[target], ""
    return cells


def _whole(text: str | None, otherwise: int) -> int:
    try:
        return otherwise if text is None or len(text) > 9 else int(text)
    except ValueError:
        return otherwise
