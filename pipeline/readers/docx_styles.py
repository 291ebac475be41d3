"""What a paragraph or run inherits from its style: numbering, outline level, being hidden.

Only what decides the text is resolved; looks are not.
"""

from typing import NamedTuple

from lxml import etree

from pipeline.readers.docx_package import W, attribute, is_on, number

_NESTING = 20


class Numbered(NamedTuple):
    """A paragraph's place in a list: which list, and which level where one is said."""

    list_id: int | None
    level: int | None


class ParagraphStyle(NamedTuple):
    """A paragraph style with everything it inherits. ``ids`` are the style and its ancestors, nearest first."""

    ids: tuple[str, ...] = ()
    name: str = ""
    numbered: Numbered = Numbered(None, None)
    outline: int | None = None
    hidden: bool = False

    @property
    def is_contents(self) -> bool:
        """Whether it is an entry of a table of contents, which repeats headings and is none."""
        name = self.name.lower()
        return name.startswith(("toc ", "table of ")) and not name.endswith("heading")

    @property
    def is_title(self) -> bool:
        """Whether it is the style of the document's own title."""
        return self.name.lower() == "title"


def numbered(properties: etree._Element | None) -> Numbered:
    """The numbering that a ``w:pPr`` states itself, without its style."""
    element = None if properties is None else properties.find(f"{W}numPr")
    if element is None:
        return Numbered(None, None)
    list_id, level = number(attribute(element.find(f"{W}numId"))), number(attribute(element.find(f"{W}ilvl")))
    return Numbered(list_id, level if level is None else min(max(level, 0), 8))


def outline(properties: etree._Element | None) -> int | None:
    """The outline level that a ``w:pPr`` states: 0 is the top level, 9 is body text."""
    return None if properties is None else number(attribute(properties.find(f"{W}outlineLvl")))


class Styles:
    """The style sheet of one file, resolved on demand."""

    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._paragraphs: dict[str | None, ParagraphStyle] = {}
        self._hidden: dict[str, bool] = {}
        self._default: str | None = None
        for element in () if root is None else root.iter(f"{W}style"):
            name = attribute(element, "styleId") or ""
            self._elements.setdefault(name, element)
            if attribute(element, "type") == "paragraph" and attribute(element, "default") in ("1", "true", "on"):
                self._default = name

    def paragraph(self, style_id: str | None) -> ParagraphStyle:
        """The style of a paragraph; the file's default one where the paragraph names none or an unknown one."""
        style_id = style_id if style_id in self._elements else self._default
        if style_id not in self._paragraphs:
            self._paragraphs[style_id] = self._resolve(style_id)
        return self._paragraphs[style_id]

    def hides(self, style_id: str | None) -> bool:
        """Whether a character style hides its text."""
        if style_id is None:
            return False
        if style_id not in self._hidden:
            self._hidden[style_id] = self._resolve(style_id).hidden
        return self._hidden[style_id]

    def numbering_of(self, style_id: str | None) -> int | None:
        """The list that a numbering style stands for."""
        element = self._elements.get(style_id or "")
        return None if element is None else numbered(element.find(f"{W}pPr")).list_id

    def _resolve(self, style_id: str | None) -> ParagraphStyle:
        chain: list[str] = []
        while style_id in self._elements and style_id not in chain and len(chain) < _NESTING:
            chain.append(style_id or "")
            style_id = attribute(self._elements[chain[-1]].find(f"{W}basedOn"))
        name, list_id, level, outline_level, hidden = "", None, None, None, None
        for ancestor in chain:
            element = self._elements[ancestor]
            properties, run = element.find(f"{W}pPr"), element.find(f"{W}rPr")
            own = numbered(properties)
            name = name or attribute(element.find(f"{W}name")) or ""
            list_id = own.list_id if list_id is None else list_id
            level = own.level if level is None else level
            outline_level = outline(properties) if outline_level is None else outline_level
            hidden = is_on(None if run is None else run.find(f"{W}vanish")) if hidden is None else hidden
        return ParagraphStyle(tuple(chain), name, Numbered(list_id, level), outline_level, bool(hidden))
