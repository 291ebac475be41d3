"""Automatic numbers, computed as Word shows them: a DOCX holds only the lists, never the "2.1" a reader sees.

The rules are those of ISO/IEC 29500-1, 17.9: a paragraph names a list (``w:num``) and a level; the list points
at an abstract one that holds the levels' formats. Counters belong to the abstract list, so two lists that share
one go on counting unless a start is overridden.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from pipeline.readers.blocks import Label
from pipeline.readers.docx_package import W, attribute, is_on, number
from pipeline.readers.docx_styles import Numbered, ParagraphStyle, Styles
from pipeline.readers.docx_symbols import glyphs
from pipeline.readers.numerals import NUMERALS

LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
_CHECK_BOXES = frozenset("☐☑☒")


class Level(NamedTuple):
    """How one level of a list counts and shows its number."""

    start: int
    numerals: str
    text: str
    restart: int | None
    legal: bool
    gap: str
    style: str | None
    hidden: bool


_UNSTATED = Level(1, "decimal", "", None, False, " ", None, False)


def _level(element: etree._Element) -> Level:
    numerals = attribute(next(element.iter(f"{W}numFmt"), None)) or "decimal"
    text = attribute(element.find(f"{W}lvlText")) or ""
    if numerals == "bullet" or element.find(f"{W}lvlPicBulletId") is not None:
        numerals = "bullet"
        fonts = element.find(f"{W}rPr/{W}rFonts")
        shown = glyphs(text, attribute(fonts, "ascii") or attribute(fonts, "hAnsi") or "").strip()
        text = shown if shown in _CHECK_BOXES or shown in ("-", "–", "—", "") else "•"
    start, gap = number(attribute(element.find(f"{W}start"))), attribute(element.find(f"{W}suff"))
    return Level(
        start=1 if start is None else start,
        numerals=numerals,
        text=text,
        restart=number(attribute(element.find(f"{W}lvlRestart"))),
        legal=bool(is_on(element.find(f"{W}isLgl"))),
        gap="" if gap == "nothing" else " ",
        style=attribute(element.find(f"{W}pStyle")),
        hidden=bool(is_on(element.find(f"{W}rPr/{W}vanish"))),
    )


def _levels(parent: etree._Element) -> dict[int, Level]:
    found = {}
    for element in parent.iterchildren(f"{W}lvl"):
        index = number(attribute(element, "ilvl"))
        if index is not None and 0 <= index < LEVELS:
            found[index] = _level(element)
    return found


class _List(NamedTuple):
    """A list as paragraphs name it: the abstract list that counts, its levels, and overridden starts by level."""

    counters: str
    levels: dict[int, Level]
    starts: dict[int, int]

    def start(self, index: int) -> int:
        """The first number of a level."""
        return self.starts.get(index, self.levels.get(index, _UNSTATED).start)


class Numbering:
    """All lists of one file and their counters; ask in reading order, once for each numbered paragraph."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._abstract: dict[str, etree._Element] = {}
        self._nums: dict[int, etree._Element] = {}
        for element in () if root is None else root:
            if element.tag == f"{W}abstractNum":
                self._abstract[attribute(element, "abstractNumId") or ""] = element
            elif element.tag == f"{W}num" and (key := number(attribute(element, "numId"))) is not None:
                self._nums[key] = element
        self._styles = styles
        self._lists: dict[int, _List | None] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._started: set[tuple[int, int]] = set()

    def place(self, own: Numbered, style: ParagraphStyle) -> tuple[int, int] | None:
        """The list and level of a paragraph from its own properties and its style; None if it is not numbered."""
        list_id = style.numbered.list_id if own.list_id is None else own.list_id
        if not list_id:  # 0 takes a paragraph out of the list its style puts it in
            return None
        known = self._list(list_id)
        if known is None:
            return None
        if own.level is not None:
            return list_id, own.level
        if own.list_id is None:
            linked = {level.style: index for index, level in known.levels.items() if level.style}
            for style_id in style.ids:
                if style_id in linked:
                    return list_id, linked[style_id]
            return list_id, style.numbered.level or 0
        return list_id, 0

    def advance(self, list_id: int, index: int) -> Label | None:
        """Count one paragraph and give its number; None where the level shows nothing."""
        known = self._list(list_id)
        if known is None:
            return None
        counters = self._counters.setdefault(known.counters, [None] * LEVELS)
        if index in known.starts and (list_id, index) not in self._started:
            counters[index] = None
        for above in range(index):  # "9.1" without a "9." before it: the level above now stands at its start
            if counters[above] is None:
                counters[above] = known.start(above)
        current = counters[index]
        counters[index] = known.start(index) if current is None else current + 1
        self._started.add((list_id, index))
        for deeper in range(index + 1, LEVELS):
            restart = known.levels.get(deeper, _UNSTATED).restart
            if restart is None or index < restart:  # 0 never restarts, n restarts after level n (from 1) or above
                counters[deeper] = None
        return self._label(known, counters, index)

    def _label(self, known: _List, counters: list[int | None], index: int) -> Label | None:
        level = known.levels.get(index, _UNSTATED)
        if level.numerals == "bullet":
            return Label(level.text, level.gap, bullet=True) if level.text and not level.hidden else None

        def shown(match: re.Match[str]) -> str:
            position = int(match[1]) - 1
            other = known.levels.get(position, _UNSTATED)
            count = counters[position]
            numerals = "decimal" if level.legal and other.numerals != "none" else other.numerals
            spell = NUMERALS.get(numerals, NUMERALS["decimal"])
            return spell(known.start(position) if count is None else count)

        text = _PLACEHOLDER.sub(shown, level.text).strip()
        return Label(text, level.gap) if text and not level.hidden else None

    def _list(self, list_id: int) -> _List | None:
        if list_id not in self._lists:
            self._lists[list_id] = self._build(list_id)
        return self._lists[list_id]

    def _build(self, list_id: int) -> _List | None:
        num = self._nums.get(list_id)
        if num is None:
            return None
        name = attribute(num.find(f"{W}abstractNumId")) or ""
        abstract = self._abstract.get(name)
        # A list may borrow its levels from a numbering style, which names another list in turn.
        link = None if abstract is None else attribute(abstract.find(f"{W}numStyleLink"))
        other = self._nums.get(self._styles.numbering_of(link) or 0)
        if link is not None and other is not None and other is not num:
            name = attribute(other.find(f"{W}abstractNumId")) or ""
            abstract = self._abstract.get(name)
        if abstract is None:
            return None
        levels, starts = _levels(abstract), {}
        for index, override in _overrides(num):
            levels.update(_levels(override))
            if (start := number(attribute(override.find(f"{W}startOverride")))) is not None:
                starts[index] = start
        return _List(name, levels, starts)


def _overrides(num: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    for override in num.iterchildren(f"{W}lvlOverride"):
        index = number(attribute(override, "ilvl"))
        if index is not None and 0 <= index < LEVELS:
            yield index, override
