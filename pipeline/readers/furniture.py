"""Page furniture: page numbers, running heads and feet, and the stamps that filing systems print on pages.

Furniture breaks sentences and carries dates that are not the contract's. Page breaks of the paper original need
not be those of the file, so page numbers and running heads also occur in the middle of a page.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

_STAMP = re.compile(r"Source: .{2,90}, \S.{0,20}, \d{1,2}/\d{1,2}/\d{4}$")
# Numbers that say of themselves that they number a page.
_SURE_NUMBER = re.compile(
    r"(?:page|pg\.?|p\.)\s*(?:[A-Z]{1,2}[-–])?(?P<word>\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?[.\s]*$"
    r"|[-–—]\s*(?:page\s*)?(?P<dashed>\d{1,4}|[ivxl]{1,6})\s*[-–—]$"
    r"|(?P<of>\d{1,4})\s*(?:of|/)\s*\d{1,4}$",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(
    r"(?:(?P<prefix>[A-Z]{1,2}[-–]|[A-Z]{1,2}[-–]\d{1,2}[-–]|F-)?(?P<arabic>\d{1,4})|(?P<roman>[ivxl]{1,6}))$"
)
_DIGITS = re.compile(r"\d+")
_SIGNING = re.compile(r"(?:by|name|title|date|its|signature|print|witness|dated?)\b.{0,3}", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:article|section|clause|schedule|exhibit|annex|appendix)\s+[\dIVXLA-Z]", re.IGNORECASE)

_EDGE = 4
"""Lines from the top and the bottom of a page that may be running heads and feet."""
_NEAR_NUMBER = 2
_APART = 8
"""Two page numbers have at least this many lines between them."""
_LONGEST = 140
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}


class Margins(NamedTuple):
    """What furniture is recognised by: the texts of a page's lines in reading order, and their tops."""

    texts: Sequence[str]
    tops: Sequence[float]
    cells: frozenset[int] = frozenset()
    """Lines that are cells of a table: a number there counts something else than pages."""


class _Number(NamedTuple):
    page: int
    line: int
    order: int
    value: int
    style: str
    edge: bool


def is_stamp(text: str) -> bool:
    """Whether a line is the stamp of a filing service."""
    return text.startswith("Source: ") and _STAMP.match(text) is not None


def find_furniture(pages: Sequence[Margins]) -> list[set[int]]:
    """For each page the indexes of its lines that are furniture."""
    found: list[set[int]] = [set() for _ in pages]
    edges: list[dict[int, str]] = []
    numbers: list[_Number] = []
    order = 0
    for index, (texts, tops, cells) in enumerate(pages):
        gone = found[index]
        ranked = sorted(range(len(tops)), key=tops.__getitem__)
        for line, text in enumerate(texts):
            if len(text) > 24:
                if text[0] == "S" and is_stamp(text):
                    gone.add(line)
            elif _SURE_NUMBER.match(text):
                gone.add(line)
        kept = [line for line in ranked if line not in gone]
        edge = {line: f"top{rank}" for rank, line in enumerate(kept[:_EDGE])}
        edge |= {line: f"bottom{rank}" for rank, line in enumerate(kept[: -_EDGE - 1 : -1]) if line not in edge}
        outermost = {kept[0], kept[1 if len(kept) > 1 else 0], kept[-1]} if kept else set()
        edges.append(edge)
        for line, text in enumerate(texts):
            if len(text) <= 10 and line not in gone and line not in cells:
                match = _BARE_NUMBER.match(text)
                if match:
                    numbers.append(_number(match, index, line, order + line, line in outermost))
        order += len(texts)
    for number in _page_numbers(numbers):
        found[number.page].add(number.line)
    _running_lines(pages, edges, found)
    return found


def _number(match: re.Match[str], page: int, line: int, order: int, edge: bool) -> _Number:
    roman = match["roman"]
    if roman:
        values = [_ROMAN[letter] for letter in roman]
        total = sum(-v if v < max(values[i:], default=0) else v for i, v in enumerate(values))
        return _Number(page, line, order, total, "roman", edge)
    return _Number(page, line, order, int(match["arabic"]), match["prefix"] or "", edge)


def _page_numbers(candidates: Sequence[_Number]) -> list[_Number]:
    """The bare numbers that count upwards through the document, a page's worth of lines apart."""
    length = [1] * len(candidates)
    before: list[int | None] = [None] * len(candidates)
    ending: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, number in enumerate(candidates):
        for step in (1, 2):
            for other in reversed(ending[number.style, number.value - step]):
                previous = candidates[other]
                far = number.order - previous.order >= _APART or (number.page != previous.page and number.edge)
                if far and number.page - previous.page <= step + 1:
                    if length[other] + 1 > length[index]:
                        length[index], before[index] = length[other] + 1, other
                    break
        ending[number.style, number.value].append(index)
    accepted: set[int] = set()
    for index in sorted(range(len(candidates)), key=length.__getitem__, reverse=True):
        if length[index] < 3:
            break
        at: int | None = index
        while at is not None and at not in accepted:
            accepted.add(at)
            at = before[at]
    for index, number in enumerate(candidates):
        if number.edge and number.style != "roman" and (length[index] >= 2 or number.value == number.page + 1):
            accepted.add(index)
            previous_index = before[index]
            if previous_index is not None and candidates[previous_index].edge:
                accepted.add(previous_index)
    return [candidates[index] for index in sorted(accepted)]


def _running_lines(pages: Sequence[Margins], edges: Sequence[dict[int, str]], found: list[set[int]]) -> None:
    """Add lines that repeat, digits aside, in the same place at the edges of pages or beside page numbers."""
    places: list[list[tuple[int, str, str]]] = []
    breaks = 0
    for (texts, _, _), edge, gone in zip(pages, edges, found, strict=True):
        breaks += 1
        here = [(line, place, _key(texts[line])) for line, place in edge.items() if line not in gone]
        for line in gone:
            if line not in edge and 0 < line < len(texts) - 1:
                breaks += 1
            for away in range(-_NEAR_NUMBER, _NEAR_NUMBER + 1):
                other = line + away
                if 0 <= other < len(texts) and other not in gone:
                    here.append((other, f"number{away}", _key(texts[other])))
        places.append(here)
    counts = Counter((key, place) for here in places for _, place, key in here if key)
    needed = max(3, min(0.4 * breaks, 8))
    running = {pair: count for pair, count in counts.items() if count >= needed}
    if not running:
        return
    most: dict[str, int] = {}
    for (key, _), count in running.items():
        most[key] = most.get(key, 0) + count
    totals = Counter(
        key for texts, _, _ in pages for text in texts if len(text) <= _LONGEST and (key := _key(text)) in most
    )
    keys = {key for key, count in most.items() if count >= 0.6 * totals[key]}
    for here, gone in zip(places, found, strict=True):
        gone.update(line for line, _, key in here if key in keys)


def _key(text: str) -> str:
    """What is the same in all copies of a running line; empty for lines that repeat for other reasons."""
    if len(text) > _LONGEST or len(text) < 4 or _SIGNING.match(text):
        return ""
    if _NUMBERED.match(text):
        return text
    return _DIGITS.sub("0", text).strip()
