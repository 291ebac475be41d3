"""Sections and headings of a contract: numbers as printed, headings, and how they nest.

Works on cleaned text and its paragraphs, so that all readers share it. A reader that knows more (the automatic
numbering and the styles of a word processor file) passes it along with the paragraph.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from models.source import Section


class Paragraph(NamedTuple):
    """A paragraph of the text, with what the file itself says of it."""

    start: int
    end: int
    level: int | None = None
    """Heading or list level stated by the file, 1 = top; None where it states none."""
    heading: bool = False
    """The file marks the paragraph as a heading."""


_MAIN = re.compile(
    r"(?P<number>(?P<word>article|section|clause|schedule|exhibit|annex|appendix|attachment|addendum|part)\s+"
    r"(?P<value>\d{1,3}(?:\.\d{1,3}){0,4}(?:\([a-z]{1,3}\))*|[IVXLC]{1,7}\b|[A-Z](?:-\d{1,2})?\b|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    r"(?:twenty|thirty)(?:-(?:one|two|three|four|five|six|seven|eight|nine))?))[.:)]?(?=\s|$|[-–—])",
    re.IGNORECASE,
)
_DECIMAL = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3}){1,5})\.?(?=\s|$)")
_SIMPLE = re.compile(r"(?P<number>\d{1,2})[.)](?=\s|$)")
_BRACKETED = re.compile(r"(?P<number>\((?:[a-z]{1,2}|[ivxl]{1,6}|[A-Z]{1,2}|\d{1,2})\))(?=\s|$)")
_LETTER = re.compile(r"(?P<number>[A-Za-z])[.)](?=\s|$)")
_ROMAN = re.compile(r"(?P<number>[IVXL]{1,6})\.(?=\s|$)")
_LEADERS = re.compile(r"(?:\.\s?){4,}|…|_{4,}")
_CONTENTS_ENTRY = re.compile(r"\D[\s\t]\d{1,3}\.?$")
_RUN_IN = re.compile(r"[“\"]?([A-Z][^.:;\n]{1,90}?)[”\"]?(?:\.(?=\s|$)|:(?=\s|$)|\s?[-–—](?=\s))")
_SMALL = frozenset(
    {
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "the",
        "to",
        "upon",
        "with",
        "without",
        "under",
        "per",
        "its",
    }
)
_TOP_WORDS = frozenset({"article", "schedule", "exhibit", "annex", "appendix", "attachment", "addendum", "part"})
_ENCLOSURES = frozenset({"schedule", "exhibit", "annex", "appendix", "attachment", "addendum"})
_LOOK = 220
"""Characters of a paragraph that are looked at for number and heading."""
_HEADING = 100
_NEAR = 3


class _Found(NamedTuple):
    start: int
    number: str
    heading: str
    kind: str
    depth: int
    """Number of parts of a decimal number."""
    stated: int | None
    after: int = 0
    """Where what belongs to the heading ends, if it runs on into the next paragraph."""


def find_sections(text: str, paragraphs: Sequence[Paragraph]) -> tuple[Section, ...]:
    """The sections of the text, in order. Entries of a table of contents are none."""
    found: list[_Found] = []
    for index, paragraph in enumerate(paragraphs):
        start, end = paragraph.start, paragraph.end
        if end <= start or (found and start < found[-1].after):
            continue
        first = text[start]
        if not paragraph.heading and paragraph.level is None and not (first in _STARTERS or first.isupper()):
            continue
        item = _recognise(text, paragraph, paragraphs[index + 1] if index + 1 < len(paragraphs) else None)
        if item is not None:
            found.append(item)
    return _nest(found, len(text))


_STARTERS = frozenset("0123456789(abcdefghijklmnopqrstuvwxyz")


def _recognise(text: str, paragraph: Paragraph, following: Paragraph | None) -> _Found | None:
    start, end = paragraph.start, paragraph.end
    head = text[start : min(end, start + _LOOK)]
    number, kind, depth, rest = _number(head)
    if kind == "" and not paragraph.heading:
        heading = _capitals(head) if end - start <= _HEADING and head.isupper() else ""
        return _Found(start, "", heading, "title", 0, paragraph.level) if heading else None
    if end - start < _LOOK and (_LEADERS.search(head) or (end - start < 110 and _CONTENTS_ENTRY.search(head[rest:]))):
        return None
    whole = end - start <= _HEADING
    after = 0
    heading = _heading(head[rest:].strip(" \t.:-–—"), whole, head[rest:].strip())
    if not heading and kind == "word" and whole and following is not None and not head[rest:].strip(" .:-–—"):
        title = text[following.start : following.end]
        if len(title) <= _HEADING and _titled(title) and not _number(title)[1]:
            heading, after = title.strip(" .:"), following.end
    if kind == "word":
        word = number.split()[0].lower()
        # "Section 5.1 of the Credit Agreement": a reference that happens to begin a paragraph.
        remainder = head[rest:].lstrip()
        if remainder and (remainder[0].islower() or remainder[0] in ",;)"):
            return None
        kind = "enclosure" if word in _ENCLOSURES else "article" if word in _TOP_WORDS else "section"
        depth = number.split()[-1].count(".") + 1 if number.split()[-1][0].isdigit() else 1
    if kind == "":
        heading, kind = head.strip()[:_HEADING], "title"
    return _Found(start, number, heading, kind, depth, paragraph.level, after)


def _number(head: str) -> tuple[str, str, int, int]:
    """Number, kind, parts, and where the rest of the paragraph begins."""
    first = head[0]
    if first.isdigit():
        match = _DECIMAL.match(head)
        if match:
            number = match["number"]
            parts = number.split(".")
            # "2.0" numbers as "2." does.
            return number, "decimal", len(parts) - (len(parts) == 2 and parts[1] in ("0", "00")), match.end()
        match = _SIMPLE.match(head)
        if match:
            return match["number"], "decimal", 1, match.end()
        return "", "", 0, 0
    if first == "(":
        match = _BRACKETED.match(head)
        return (match["number"], "bracketed", 0, match.end()) if match else ("", "", 0, 0)
    if first in "AaSsCcEeP":
        match = _MAIN.match(head)
        if match and (match["word"][0].isupper()):
            return match["number"], "word", 0, match.end()
    if head[1:2].islower():
        return "", "", 0, 0
    match = _ROMAN.match(head)
    if match and (len(match["number"]) > 1 or match["number"] in "IVX"):
        return match["number"], "roman", 0, match.end()
    match = _LETTER.match(head)
    if match:
        return match["number"], "letter", 0, match.end()
    return "", "", 0, 0


def _heading(rest: str, whole: bool, raw: str) -> str:
    """The heading a numbered paragraph carries: all of a short title, else its run-in beginning."""
    if not rest:
        return ""
    if whole and _titled(rest):
        return rest
    match = _RUN_IN.match(raw.lstrip(" .:-–—"))
    if match and _titled(match[1]):
        return match[1].strip()
    return ""


def _titled(words: str) -> bool:
    """Whether the words are set as a title: in capitals, or each word of weight with a capital."""
    if not words or len(words) > _HEADING or words[-1] in ",;":
        return False
    parts = [part.strip("“”\"'()/,&-–") for part in words.split()]
    weighty = [part for part in parts if part and part.lower() not in _SMALL and part[0].isalpha()]
    if not weighty or len(weighty) > 12:
        return False
    capital = sum(part[0].isupper() for part in weighty)
    return capital == len(weighty) or (len(weighty) >= 4 and capital >= len(weighty) - 1 and parts[0][:1].isupper())


def _capitals(head: str) -> str:
    """A paragraph in capitals only is a heading without a number."""
    line = head.strip()
    if sum(map(str.isalpha, line)) < 4 or "\t" in line or line[-1] in ",;" or "___" in line:
        return ""
    return line.strip(" .:")


def _nest(found: Sequence[_Found], length: int) -> tuple[Section, ...]:
    levels: list[int] = []
    stack: list[tuple[str, int]] = []
    last: dict[int, str] = {}
    for item in found:
        level, stack = _level(item, stack, last)
        levels.append(level)
        last[level] = item.number
    ends = [length] * len(found)
    open_: list[int] = []
    for index, level in enumerate(levels):
        while open_ and levels[open_[-1]] >= level:
            ends[open_.pop()] = found[index].start
        open_.append(index)
    return tuple(
        Section(item.start, ends[index], item.number, item.heading, levels[index]) for index, item in enumerate(found)
    )


def _level(item: _Found, stack: list[tuple[str, int]], last: dict[int, str]) -> tuple[int, list[tuple[str, int]]]:
    """Level of an item, and the kinds now open above it (kind, level)."""
    style = _style(item, stack, last)
    if item.stated is not None:
        kept = [(kind, level) for kind, level in stack if level < item.stated]
        return item.stated, [*kept, (style, item.stated)]
    if item.kind in ("enclosure", "article", "title"):
        return 1, [(style, 1)]
    for index, (kind, level) in enumerate(stack):
        if kind == style:
            return level, stack[: index + 1]
    if style.startswith("decimal"):
        depth = int(style[-1])
        kept = [(kind, level) for kind, level in stack if not kind.startswith("decimal") or int(kind[-1]) < depth]
        while kept and not (
            kept[-1][0].startswith("decimal") or kept[-1][0] in ("article", "enclosure", "title", "roman")
        ):
            kept.pop()
        while kept and kept[-1][0] == "title":
            kept.pop()
        level = kept[-1][1] + 1 if kept else depth
        return level, [*kept, (style, level)]
    level = stack[-1][1] + 1 if stack else 1
    return level, [*stack, (style, level)]


def _style(item: _Found, stack: Sequence[tuple[str, int]], last: dict[int, str]) -> str:
    """What items that number alike have in common: "(a)", "(i)", "(A)", "(1)", "1.", "1.1"."""
    if item.kind in ("decimal", "section"):
        return f"decimal{min(item.depth, 9)}"
    if item.kind not in ("bracketed", "letter"):
        return item.kind
    value = item.number.strip("()")
    form = "()" if item.kind == "bracketed" else "."
    if value.isdigit():
        return f"1{form}"
    case = "A" if value[0].isupper() else "a"
    if all(letter in "ivxlIVXL" for letter in value) and not _continues(value, f"{case}{form}", stack, last):
        return f"{case}-roman{form}"
    return f"{case}{form}"


def _continues(value: str, style: str, stack: Sequence[tuple[str, int]], last: dict[int, str]) -> bool:
    """Whether a letter that could be a roman number is the next one after the last item of that style."""
    for kind, level in reversed(stack):
        if kind == style:
            before = last.get(level, "").strip("().")
            return len(before) == 1 == len(value) and ord(value) - ord(before) == 1
    return False
