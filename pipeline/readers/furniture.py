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
    r"|(?P<of>\d{1,4})\s*of\s*\d{1,4}$",
    re.IGNORECASE,
)
# A head or foot that has the page's number in it, or beside it.
_WITH_NUMBER = re.compile(r"[^.;:]{2,70}\bpage\s+(?:[A-Z]-)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\b.{0,12}$", re.IGNORECASE)
_BARE_NUMBER = re.compile(
    r"(?:(?P<prefix>[A-Z]{1,2} ?[-–] ?(?:\d{1,2}[-–])?)?(?P<arabic>\d{1,4})|(?P<roman>[ivxl]{1,6}))$"
)
_DIGITS = re.compile(r"\d+")
_SIGNING = re.compile(
    r"(?:by|name|title|dated?|its|signature|print|witness|in witness|for and on behalf|very truly|sincerely|agreed)\b"
    r"|/s/|_{3,}",
    re.IGNORECASE,
)
# A sentence that repeats is a legend on the pages, or the same clause in several letters.
_LEGEND = re.compile(
    r"confidential|omitted|excluded|redact|commission|treatment|filed|proprietary|securities|copyright|©", re.I
)
_LEGEND_ALONE = re.compile(r"confidential treatment|filed separately|(?:portions?|information)\b.{0,60}\bomitted", re.I)
_WATERMARK = re.compile(
    r"(?:\w+ ){0,3}(?:draft|confidential|copy|specimen|sample|void|not for (?:execution|signature))(?: \w+){0,3}$", re.I
)
# A rule made of characters: a picture, not text.
_DRAWN = re.compile(r"[-=–—\s]{5,}$")
_SENTENCE = re.compile(r"(?:\S+\s+){5,}\S+\.$")
_LETTERS = re.compile(r"[^\W\d_]")
_NUMBERED = re.compile(r"(?:article|section|clause|schedule|exhibit|annex|appendix)\s+[\dIVXLA-Z]", re.IGNORECASE)

_EDGE = 4
"""Lines from the top and the bottom of a page that may be running heads and feet."""
_NEAR_NUMBER = 2
_APART = 8
"""Two page numbers have at least this many lines between them."""
_LONGEST = 140
_STEADY = 0.7
"""Share of a running line's copies that stand at edges or by page numbers."""
_LEGEND_LINES = 6
_OUTER = "0123456789 .-–|"
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
    in_cells: list[_Number] = []
    with_number: dict[str, list[tuple[int, int]]] = defaultdict(list)
    order = 0
    for index, (texts, tops, cells) in enumerate(pages):
        gone = found[index]
        ranked = sorted(range(len(tops)), key=tops.__getitem__)
        for line, text in enumerate(texts):
            if len(text) > 24:
                if text[0] == "S" and is_stamp(text):
                    gone.add(line)
            elif line not in cells and _SURE_NUMBER.match(text):
                gone.add(line)
            if "age " in text and len(text) <= 90 and line not in cells and _WITH_NUMBER.match(text):
                with_number[_DIGITS.sub("0", text)].append((index, line))
        kept = [line for line in ranked if line not in gone]
        edge = {line: f"top{rank}" for rank, line in enumerate(kept[:_EDGE])}
        edge |= {line: f"bottom{rank}" for rank, line in enumerate(kept[: -_EDGE - 1 : -1]) if line not in edge}
        outermost = {kept[0], kept[1 if len(kept) > 1 else 0], kept[-1]} if kept else set()
        edges.append(edge)
        for line, text in enumerate(texts):
            if len(text) <= 10 and line not in gone:
                match = _BARE_NUMBER.match(text)
                if match and line in cells:
                    in_cells.append(_number(match, index, line, order + line, edge=False))
                elif match:
                    numbers.append(_number(match, index, line, order + line, line in outermost))
        order += len(texts)
    for places in with_number.values():
        if len(places) >= 3:
            for index, line in places:
                found[index].add(line)
    page_numbers = _page_numbers(numbers)
    for number in page_numbers + _missing(page_numbers, in_cells):
        found[number.page].add(number.line)
    _running_lines(pages, edges, found)
    for (texts, _, _), gone in zip(pages, found, strict=True):
        gone.update(line for line, text in enumerate(texts) if text[0] in "-=–—" and _DRAWN.match(text))
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


def _missing(accepted: Sequence[_Number], in_cells: Sequence[_Number]) -> list[_Number]:
    """Numbers among what looked like cells that fill a gap in the count: the number before and after are known."""
    orders = {(number.style, number.value): number.order for number in accepted}
    return [
        number
        for number in in_cells
        if (number.style, number.value) not in orders
        and orders.get((number.style, number.value - 1), number.order) < number.order
        and orders.get((number.style, number.value + 1), number.order) > number.order
    ]


def _running_lines(pages: Sequence[Margins], edges: Sequence[dict[int, str]], found: list[set[int]]) -> None:
    """Add lines that repeat, digits aside, in the same place at the edges of pages or beside page numbers."""
    keyed = _repeated(pages)
    totals = Counter(key for keys in keyed for key in keys.values())
    if not totals:
        return
    places: list[list[tuple[int, str, str]]] = []
    breaks = len(pages)
    for keys, edge, gone in zip(keyed, edges, found, strict=True):
        here = [(line, place, keys[line]) for line, place in edge.items() if line in keys and line not in gone]
        for line in gone:
            breaks += line not in edge
            for away in range(-_NEAR_NUMBER, _NEAR_NUMBER + 1):
                if line + away in keys and line + away not in gone:
                    here.append((line + away, f"number{away}", keys[line + away]))
        places.append(here)
    counts = Counter((key, place) for here in places for _, place, key in here)
    needed = max(3, min(0.4 * breaks, 8))
    watermarks = {key for key, count in totals.items() if count >= 0.6 * len(pages) and _WATERMARK.match(key)}
    running: Counter[str] = Counter()
    for (key, _), count in counts.items():
        if count >= needed:
            running[key] += count
    for here, gone, keys in zip(places, found, keyed, strict=True):
        gone.update(line for line, key in keys.items() if _LEGEND_ALONE.search(key) or key in watermarks)
        gone.update(line for line, _, key in here if running[key] >= _STEADY * totals[key])
    _grow(keyed, edges, found, totals, needed)


def _grow(
    keyed: Sequence[dict[int, str]],
    edges: Sequence[dict[int, str]],
    found: list[set[int]],
    totals: Counter[str],
    needed: float,
) -> None:
    """Add what always stands beside furniture: the other lines of a legend or a head of several lines."""
    legends = [
        {line for line in gone if _LEGEND.search(keys.get(line, ""))} for keys, gone in zip(keyed, found, strict=True)
    ]
    for _ in range(_LEGEND_LINES):
        beside = [
            [
                line
                for line in keys
                if line not in gone
                and (
                    line - 1 in legend
                    or line + 1 in legend
                    or (line in edge and (line - 1 in gone or line + 1 in gone))
                )
            ]
            for keys, edge, gone, legend in zip(keyed, edges, found, legends, strict=True)
        ]
        counts = Counter(keys[line] for keys, lines in zip(keyed, beside, strict=True) for line in lines)
        grown = {key for key, count in counts.items() if count >= needed and count >= 0.8 * totals[key]}
        if not grown:
            return
        for keys, lines, gone, legend in zip(keyed, beside, found, legends, strict=True):
            added = {line for line in lines if keys[line] in grown}
            legend.update(line for line in added if line - 1 in legend or line + 1 in legend)
            gone.update(added)


def _repeated(pages: Sequence[Margins]) -> list[dict[int, str]]:
    """For each page its lines, with their keys, whose key occurs three times or more in the document."""
    # Most lines occur once: a rough key sets them aside before the exact one is worked out.
    rough = [[(bare := text.strip(_OUTER))[:5] + bare[-4:] for text in texts] for texts, _, _ in pages]
    often = {key for key, count in Counter(key for keys in rough for key in keys).items() if count >= 3}
    keyed = [
        {
            line: key
            for line, text in enumerate(texts)
            if roughly[line] in often and len(text) <= _LONGEST and line not in cells and (key := _key(text))
        }
        for roughly, (texts, _, cells) in zip(rough, pages, strict=True)
    ]
    totals = Counter(key for keys in keyed for key in keys.values())
    return [{line: key for line, key in keys.items() if totals[key] >= 3} for keys in keyed]


def _key(text: str) -> str:
    """What is the same in all copies of a running line; empty for lines that repeat for other reasons."""
    if len(text) > _LONGEST or text[-1] == ":" or _SIGNING.match(text):
        return ""
    if len(_LETTERS.findall(text[:20])) < 3:
        return text if len(text) >= 8 and text[0].isdigit() else ""
    if text[-1] == "." and _SENTENCE.match(text) and not _LEGEND.search(text):
        return ""
    if _NUMBERED.match(text):
        return text
    return _DIGITS.sub("0", text).strip()
