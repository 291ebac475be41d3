"""Cuts a contract into passages: a sentence, or a clause of a very long one, with the heading it stands under.

Rules look at one passage at a time, so a sentence must not be torn at "Inc.", "No. 5", "Section 9.2" or a line break,
and two sentences must not run together. Run-in headings ("9.2 Term. This Agreement ...") stay with their sentence.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from models.source import SourceText

LONG = 900
"""A sentence longer than this many characters is cut at its semicolons."""

PREAMBLE_LIMIT = 6_000
"""Characters within which the opening of a contract ends, where no section or operative words end it before."""


class Passage(NamedTuple):
    """``text[start:end]``, the number and heading of its section ("" where unknown), and where it stands.

    Tags: ``preamble`` (title, parties and recitals), ``signature`` (from the testimonium on), ``attachment`` (in an
    exhibit, schedule or annex behind the signatures), ``table`` (a row of a table), ``contents`` (a table of contents).
    """

    start: int
    end: int
    section: str
    heading: str
    tags: frozenset[str]


_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        """inc corp co ltd llc lp llp plc no nos sec secs art arts para paras cl ex exh mr mrs ms dr prof st ave blvd
        rd vs v etc eg ie approx dept dist div est fig ft gen gov hon jr sr vol ver al cf viz ca jan feb mar apr jun
        jul aug sep sept oct nov dec attn tel fax ph bhd sdn pty pte s.a s.p.a s.r.l b.v n.v a.g u.s u.k u.s.a d.c p.o
        e.g i.e a.m p.m n.a l.p l.l.c l.l.p p.c p.r.c ph.d no.s mfg intl natl assn bros univ incl max min cal stat rev
        reg""",
    )
)
_ENUMERATOR = (
    r"(?:\d{1,2}(?:\.\d{1,2}){1,4}\.?|\d{1,2}\.|\(\d{1,2}\)|\([a-z]{1,4}\)|[a-z]\)|(?:ARTICLE|Article|SECTION|Section)\s+[\dIVXL]+"
    r"|(?:EXHIBIT|Exhibit|SCHEDULE|Schedule|APPENDIX|Appendix|ANNEX|Annex|ATTACHMENT|Attachment|ADDENDUM)\s+[A-Z\d])"
)
_BOUNDARY = re.compile(
    r"(?P<stop>(?<=[.!?])[\"”'’)\]]*\s+(?=[\"“'‘(\[]*[A-Z\d(]))"
    r"|(?P<blank>[ \t]*\n[ \t]*\n\s*)"
    rf"|(?P<item>[ \t]*\n[ \t]*(?={_ENUMERATOR}[\s:.\-–—]))"
    r"|(?P<line>(?<=[A-Z):.])[ \t]*\n[ \t]*(?=[\"“(]?[A-Z\d]))"
)
_LAST_WORD = re.compile(r"([A-Za-z][A-Za-z.&]*|\d+)[.!?][\"”'’)\]]*$")
_REFERS_ON = re.compile(
    r"(?:\b(?:sections?|articles?|paragraphs?|clauses?|exhibits?|schedules?|appendix|annex|and|or|of|the|under|in|to|by|with"
    r"|nos?\.|this|a|an|for|from|on|through|per)|[,(&])\s*$",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\s*(?:(?:ARTICLE|Article|SECTION|Section)\s+)?(?P<number>\d{1,2}(?:\.\d{1,2}){0,4}|[IVXL]{1,6}(?=[.\s)])|\([a-z\d]{1,4}\)|[A-Z](?=\.\s))?[.):]?"
    r"[\s\-–—]*(?P<words>[A-Z][A-Za-z\d ,/&'’\-–—()\"“”;]{2,90}?)?\s*(?:[.:\-–—]|$|\n)"
)
_SIGNATURE = re.compile(
    r"IN\s+WITNESS\s+WHERE\s*OF|In\s+Witness\s+Whereof|IN\s+WITNESS\s+HEREOF|IN\s+WITNESS\s+THEREOF"
    r"|AS\s+WITNESS\s+the\s+hands|(?:have|has)\s+(?:duly\s+)?(?:caused\s+this|executed\s+this)\s+[A-Z]\w+"
)
_SIGN_LINE = re.compile(r"^\s*(?:By|Signed|Signature|Name|Title|Its|Date)\s*:\s*(?:/s/|_|\n)", re.MULTILINE)
_ATTACHMENT = re.compile(
    r"^[ \t]*(?:EXHIBIT|Exhibit|SCHEDULE|Schedule|APPENDIX|Appendix|ANNEX|Annex|ATTACHMENT|Attachment|ADDENDUM)"
    r"\s+[\"“]?[A-Z\d][\w.\-]{0,3}[\"”]?\s*(?:$|[:\-–—(])",
    re.MULTILINE,
)
_OPERATIVE = re.compile(
    r"NOW,?\s+THEREFORE|Now,?\s+therefore|THE\s+PARTIES\s+(?:HEREBY\s+)?AGREE|(?:agree|AGREE)s?\s+as\s+follows|IT\s+IS\s+(?:HEREBY\s+)?AGREED"
    r"|^\s*(?:ARTICLE|Article|SECTION|Section)?\s*(?:1|I|ONE)\.?\s+(?:DEFINITIONS|Definitions|INTERPRETATION|DEFINED)",
    re.MULTILINE,
)
_DOTS = re.compile(r"(?:\.\s?){5,}|…{2,}|\s\d{1,3}\s*$")


def split_passages(source: SourceText) -> list[Passage]:
    """The passages of a document, in order, together covering all of its text but white space."""
    text = source.text
    bounds = [0, *_bounds(source), len(text)]
    passages: list[Passage] = []
    zones = _zones(text)
    zone_starts = [start for start, _ in zones]
    tables = [(table.start, table.end) for table in source.tables]
    section_starts = [section.start for section in source.sections]
    number = heading = ""
    start = 0
    for end in bounds[1:]:
        if end <= start:
            continue
        piece = text[start:end]
        stripped = piece.strip()
        if not stripped:
            start = end
            continue
        if end < len(text) and _is_heading(stripped) and end - start < 120:
            # Heading alone: it opens the sentence that follows.
            number, heading = _heading(stripped) or (number, heading)
            continue
        own = _heading(stripped)
        if own and own[1]:
            number, heading = own[0] or number, own[1]
        elif own and own[0]:
            number = own[0]
        if section_starts:
            index = bisect_right(section_starts, start + len(piece) - len(piece.lstrip())) - 1
            if index >= 0:
                number = source.sections[index].number or number
                heading = source.sections[index].heading or heading
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        zone = zones[max(0, bisect_right(zone_starts, left) - 1)][1]
        tags = {zone} if zone else set()
        if any(a <= left < b for a, b in tables):
            tags.add("table")
        if len(stripped) < 200 and _DOTS.search(stripped) and not stripped.endswith("."):
            tags.add("contents")
        passages += _clauses(text, Passage(left, right, number, heading, frozenset(tags)))
        start = end
    return passages


def _bounds(source: SourceText) -> list[int]:
    """Positions where one sentence ends and the next begins."""
    text = source.text
    bounds = {cell.start for table in source.tables for row in table.rows for cell in row[:1]}
    for boundary in _BOUNDARY.finditer(text):
        kind = boundary.lastgroup
        before = text[max(0, boundary.start() - 90) : boundary.start()]
        if kind == "stop":
            if not _ends_sentence(before):
                continue
        elif kind == "blank":
            after = text[boundary.end() : boundary.end() + 1]
            if after.islower() or (_REFERS_ON.search(before) and not _capital_line(before)):
                continue
            if before[-1:] not in '.;:!?"”)' and before[-1:].islower() and not after.isupper():
                continue
        elif kind == "item":
            if _REFERS_ON.search(before):
                continue
            if text[boundary.end()] in "(abcdefghijklmnopqrstuvwxyz" and before.rstrip()[-1:] not in ".!?":
                continue
        elif not _capital_line(before) or _capital_line(text[boundary.end() :].split("\n", 1)[0][:90]):
            continue
        bounds.add(boundary.end())
    return sorted(bounds)


def _ends_sentence(before: str) -> bool:
    word = _LAST_WORD.search(before)
    if not word or before[-1:] in "!?":
        return True
    last = word.group(1).lower().rstrip(".")
    if last.isdigit():
        # "Section 9. The" ends a sentence, "9. Term" does not but is mended as a heading.
        return True
    return last not in _ABBREVIATIONS and not (len(last) == 1 and last not in "ai" and word.group(1).isupper())


def _capital_line(before: str) -> bool:
    line = before.rsplit("\n", 1)[-1]
    letters = [c for c in line if c.isalpha()]
    return len(letters) >= 3 and sum(c.isupper() for c in letters) >= 0.9 * len(letters)


def _is_heading(piece: str) -> bool:
    """Whether a piece is a section number, a heading, or both, and no sentence."""
    if len(piece) > 110:
        return False
    match = _HEADING.match(piece)
    if not match or match.end() < len(piece.rstrip(".:-–— ")):
        return False
    words = [word for word in (match.group("words") or "").split() if word[0].isalpha()]
    capital = sum(word[0].isupper() for word in words)
    return capital >= len(words) - capital or len(words) <= 2


def _heading(piece: str) -> tuple[str, str] | None:
    """Number and words of the heading that a piece opens with, None if it has neither."""
    match = _HEADING.match(piece[:140])
    if not match:
        return None
    words = " ".join((match.group("words") or "").split())
    names = words.split()
    if len(names) > 9 or sum(not name[0].isupper() and len(name) > 3 for name in names) > 1:
        words = ""
    number = (match.group("number") or "").rstrip(".")
    return (number, words) if number or words else None


def _clauses(text: str, passage: Passage) -> Iterator[Passage]:
    """The passage, or its parts where it is too long: at semicolons, else at the white space that keeps it bounded."""
    if passage.end - passage.start <= LONG:
        yield passage
        return
    start = passage.start
    for stop in re.finditer(r";\s+(?:and\s+|or\s+)?", text[passage.start : passage.end]):
        end = passage.start + stop.end()
        if end - start >= LONG // 3:
            yield passage._replace(start=start, end=end)
            start = end
    if start < passage.end:
        yield passage._replace(start=start)


def _zones(text: str) -> list[tuple[int, str]]:
    """Where the parts of a document begin: the preamble, the body (""), the signatures, attachments."""
    operative = _OPERATIVE.search(text, 0, 4 * PREAMBLE_LIMIT)
    body = min(operative.start() if operative else PREAMBLE_LIMIT, PREAMBLE_LIMIT * 2)
    zones = [(0, "preamble"), (body, "")]
    signatures = [match.start() for match in _SIGNATURE.finditer(text) if match.start() > body]
    if not signatures:
        signatures = [match.start() for match in _SIGN_LINE.finditer(text) if match.start() > body]
    if signatures:
        zones.append((signatures[0], "signature"))
        attachment = _ATTACHMENT.search(text, signatures[0])
        if attachment:
            zones.append((attachment.start(), "attachment"))
    return zones
