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

PREAMBLE_LIMIT = 4_000
"""Characters within which the opening of a contract ends, where no operative words end it before."""

COVER = 1_500
"""Characters that are taken for the cover: title, number, date, names."""


class Passage(NamedTuple):
    """``text[start:end]``, the number and heading of its section ("" where unknown), and where it stands.

    The sentence proper begins at ``body``: before it may stand the heading that opens it.

    Tags: ``cover`` (the first lines), ``preamble`` (title, parties and recitals), ``signature`` (near a mark of
    signing), ``attachment`` (in an exhibit, schedule or annex behind the signatures), ``table`` (a row of a table),
    ``contents`` (a table of contents).
    """

    start: int
    end: int
    section: str
    heading: str
    tags: frozenset[str]
    body: int


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
# Both begin with one of a few signs, so that all others are passed over at once.
_BOUNDARY = re.compile(r"[.!?][\"”'’)\]]*\s+(?=[\"“'‘(\[]*[A-Z\d(])|\n\s*")
_ENUMERATED = re.compile(rf"{_ENUMERATOR}[\s:.\-–—]")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTH = re.compile(rf"\b(?:{_MONTHS})\.$", re.IGNORECASE)
_LISTED_DAY = re.compile(r"\b(?:19|20)\d\d;$")
_DAY = re.compile(rf"(?:{_MONTHS})\s+\d|\d{{1,2}}\s+(?:{_MONTHS})\b")
_REFERS_ON = re.compile(
    r"(?:\b(?:sections?|articles?|paragraphs?|clauses?|exhibits?|schedules?|appendix|annex|and|or|of|the|under|in|to|by|with"
    r"|nos?\.|this|a|an|for|from|on|through|per)|[,(&])\s*$",
    re.IGNORECASE,
)
_REFERENCE = 16
"""Characters at the end of a line of which the longest of these words takes less."""
_HEADING = re.compile(
    r"(?:(?:ARTICLE|Article|SECTION|Section)\s+)?"
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4}(?=[.):\s])|[IVXL]{1,6}(?=[.\s):])|\([a-z\d]{1,4}\)|[A-Z](?=\.\s))?[.):]?"
    r"[\s\-–—]*(?P<words>[\"“]?[A-Z][A-Za-z\d ,/&'’\-–—()\"“”;]{2,90}?)?\s*(?:[.:–—](?=\s|$)|\s-\s|$|\n)"
)
_OPENS = 140
"""Characters of a piece within which the heading that opens it ends."""
# What may stand anywhere, and what opens a line: apart, since each is then looked for by its first sign.
_SIGNATURE = re.compile(
    r"IN\s+WITNESS\s+W?HERE\s*OF|In\s+[Ww]itness\s+W?[Hh]ereof|IN\s+WITNESS\s+THEREOF|AS\s+WITNESS\s+the\s+hands"
    r"|/[sS]/|\\s\\|Authori[sz]ed\s+(?:[Ss]ignat|[Rr]epresentative\s*:)|_{12,}"
)
_SIGNATURE_LINE = re.compile(
    r"\n(?:S/ |[ \t]*(?:By|BY|Signed|SIGNED|Signature|SIGNATURE)\s*:"
    r"|[ \t]*(?:Signed|SIGNED|Executed|EXECUTED)\s+(?:and|by|for|this|as|on|at|in)\b|Signature page)"
)
_NEAR_SIGNATURE = 350
"""Characters around a mark of signing within which a passage belongs to the signatures."""
_SIGNED = re.compile(r"IN\s+WITNESS|In\s+[Ww]itness|/[sS]/|\\s\\")
_SIGNED_LINE = re.compile(r"\n[ \t]*(?:By|BY)\s*:")
_ATTACHMENT = re.compile(
    r"^[ \t]*(?:EXHIBIT|Exhibit|SCHEDULE|Schedule|APPENDIX|Appendix|ANNEX|Annex|ATTACHMENT|Attachment|ADDENDUM)"
    r"\s+[\"“]?[A-Z\d][\w.\-]{0,3}[\"”]?\s*(?:$|[:\-–—(])",
    re.MULTILINE,
)
_OPERATIVE = re.compile(
    r"NOW,?\s+THEREFORE|Now,?\s+[Tt]herefore|THE\s+PARTIES\s+(?:HEREBY\s+)?AGREE"
    r"|(?:agree|AGREE)s?(?:\s+and\s+\w+)?\s+as\s+follows|IT\s+IS\s+(?:HEREBY\s+)?AGREED",
)
_DOTS = re.compile(r"(?:\.\s?){5,}|…{2,}|\s\d{1,3}\s*$")


def split_passages(source: SourceText) -> list[Passage]:
    """The passages of a document, in order, together covering all of its text but white space."""
    text = source.text
    passages: list[Passage] = []
    zones = _zones(text)
    signatures = _signatures(text)
    zone_starts = [start for start, _ in zones]
    tables = sorted((table.start, table.end) for table in source.tables)
    table_starts = [start for start, _ in tables]
    sections = _outline(source)
    section_starts = [start for start, _, _ in sections]
    number = heading = ""
    start = body = 0
    for end in [*_bounds(source), len(text)]:
        piece = text[start:end]
        stripped = piece.strip()
        if not stripped:
            start = max(start, end)
            continue
        left = start + len(piece) - len(piece.lstrip())
        index = bisect_right(table_starts, left) - 1
        in_table = index >= 0 and left < tables[index][1]
        opens = _HEADING.match(stripped[:_OPENS])
        own = _heading(opens)
        if not in_table and end < len(text) and end - start < 120 and _is_heading(stripped, opens):
            # A heading alone: it opens the sentence that follows.
            number, heading = own or (number, heading)
            body = end
            continue
        if own and own[1]:
            number, heading = own[0] or number, own[1]
        elif own and own[0]:
            number = own[0]
        if section_starts:
            index = bisect_right(section_starts, left) - 1
            _, number, heading = sections[index] if index >= 0 else (0, "", "")
        zone = zones[max(0, bisect_right(zone_starts, left) - 1)][1]
        tags = {zone} if zone else set()
        if left < COVER:
            tags.add("cover")
        index = bisect_right(signatures, left - _NEAR_SIGNATURE)
        if index < len(signatures) and signatures[index] < left + len(stripped) + _NEAR_SIGNATURE:
            tags.add("signature")
        if in_table:
            tags.add("table")
        if len(stripped) < 200 and _DOTS.search(stripped):
            tags.add("contents")
        if body > left:
            sentence = text[body : left + len(stripped)]
            body += _run_in(sentence, _HEADING.match(sentence[:_OPENS]))
        else:
            body = left + _run_in(stripped, opens)
        passages += _clauses(text, Passage(left, left + len(stripped), number, heading, frozenset(tags), body))
        start = body = end
    return passages


def _outline(source: SourceText) -> list[tuple[int, str, str]]:
    """Where each section begins, its number, and its headings from the outermost on ("Term > Renewal")."""
    above: list[tuple[int, str]] = []
    outline = []
    for section in source.sections:
        while above and above[-1][0] >= section.level:
            above.pop()
        above.append((section.level, section.heading))
        names = [name for _, name in above if name]
        outline.append((section.start, section.number, " > ".join(names[-2:])))
    return outline


def _bounds(source: SourceText) -> list[int]:
    """Positions where one sentence ends and the next begins."""
    text = source.text
    bounds = {row[0].start for table in source.tables for row in table.rows if row}
    for boundary in _BOUNDARY.finditer(text):
        start, end = boundary.span()
        if text[start] != "\n":
            before = text[max(0, start - 109) : start + 1]
            if _ends_sentence(before) and not (text[end].isdigit() and _MONTH.search(before)):
                bounds.add(end)
        elif _ends_paragraph(_up_to(text, start), text[end : end + 20]):
            bounds.add(end)
    return sorted(bounds)


def _up_to(text: str, end: int) -> str:
    """The words before a line break, without the blanks that it follows."""
    while end and text[end - 1] in " \t":
        end -= 1
    return text[max(0, end - 110) : end]


def _ends_paragraph(before: str, after: str) -> bool:
    """Whether a line break ends a sentence: not within a list, nor where a line was only wrapped."""
    # A ruled line ("--------") is no word.
    before = before.rstrip("-_ ") or before
    last, first = before[-1:], after[:1]
    item = _ENUMERATED.match(after)
    if last in ".!?":
        return True
    if first.islower() or last == ",":
        return False
    if last in ";:":
        # Items of a list belong to the sentence that opens it, and so do the days of one.
        if _LISTED_DAY.search(before) and _DAY.match(after):
            return False
        return not (item and first in "(abcdefghijklmnopqrstuvwxyz")
    if _REFERS_ON.search(before.rstrip()[-_REFERENCE:]) and not _capital_line(before):
        return False
    line = before.rsplit("\n", 1)[-1]
    return bool(item) or len(line) < 100 or last in '"”)' or not last.islower()


def _ends_sentence(before: str) -> bool:
    stripped = before.rstrip("\"”'’)]")
    if stripped[-1:] in "!?":
        return True
    words = stripped[:-1].rsplit(None, 1)
    word = words[-1].lstrip('("“[') if words else ""
    last = word.lower().rstrip(".")
    if not last or not last[-1].isalpha():
        # "Section 9. The" ends a sentence, "9. Term" does not but is mended as a heading.
        return True
    return last not in _ABBREVIATIONS and not (len(last) == 1 and last not in "ai" and word.isupper())


def _capital_line(before: str) -> bool:
    line = before.rsplit("\n", 1)[-1]
    letters = [c for c in line if c.isalpha()]
    return len(letters) >= 3 and sum(c.isupper() for c in letters) >= 0.9 * len(letters)


def _is_heading(piece: str, match: re.Match[str] | None) -> bool:
    """Whether a piece is a section number, a heading, or both, and no sentence; ``match`` is how it opens."""
    if len(piece) > 110:
        return False
    if not match or match.end() < len(piece.rstrip(".:-–— ")):
        return False
    words = [word for word in (match.group("words") or "").split() if word[0].isalpha()]
    capital = sum(word[0].isupper() for word in words)
    return capital >= len(words) - capital or len(words) <= 2


def _heading(match: re.Match[str] | None) -> tuple[str, str] | None:
    """Number and words of the heading that a piece opens with, None if it has neither."""
    if not match:
        return None
    words = " ".join((match.group("words") or "").split())
    names = words.split()
    if len(names) > 9 or sum(not name[0].isupper() and len(name) > 3 for name in names) > 1:
        words = ""
    number = (match.group("number") or "").rstrip(".")
    return (number, words) if number or words else None


def _run_in(piece: str, match: re.Match[str] | None) -> int:
    """Length of the heading that runs into a sentence ("9.2 Term. This Agreement ..."), 0 if there is none."""
    words = match.group("words") if match else None
    if not match or not words or match.end() >= len(piece) - 10 or len(words.split()) > 9:
        return 0
    return match.end()


def _clauses(text: str, passage: Passage) -> Iterator[Passage]:
    """The passage, or its parts where it is too long: at semicolons, else at the white space that keeps it bounded."""
    if passage.end - passage.start <= LONG:
        yield passage
        return
    start = passage.start
    for stop in re.finditer(r";\s+(?:and\s+|or\s+)?", text[passage.start : passage.end]):
        end = passage.start + stop.end()
        if end - start >= LONG // 3:
            yield passage._replace(start=start, end=end, body=max(start, passage.body))
            start = end
    if start < passage.end:
        yield passage._replace(start=start, body=max(start, passage.body))


def _body(text: str) -> int:
    """Where the operative words begin."""
    operative = _OPERATIVE.search(text, 0, 6 * PREAMBLE_LIMIT)
    return min(operative.start() if operative else PREAMBLE_LIMIT, 3 * PREAMBLE_LIMIT)


def signed_at(text: str) -> int | None:
    """Where the signatures of the contract begin, None where there are none."""
    late = max(_body(text), len(text) // 8 + 1)
    return min((match.end() for mark in (_SIGNED, _SIGNED_LINE) if (match := mark.search(text, late))), default=None)


def _zones(text: str) -> list[tuple[int, str]]:
    """Where the parts of a document begin: the preamble, the body (""), attachments behind the signatures."""
    zones = [(0, "preamble"), (_body(text), "")]
    signed = signed_at(text)
    if signed is not None:
        attachment = _ATTACHMENT.search(text, signed)
        if attachment:
            zones.append((attachment.start(), "attachment"))
    return zones


def _signatures(text: str) -> list[int]:
    """Where the marks of signing stand."""
    places: list[int] = []
    lines = (match.start() for match in _SIGNATURE_LINE.finditer(f"\n{text}"))
    for start in sorted([*(match.start() for match in _SIGNATURE.finditer(text)), *lines]):
        if not places or start > places[-1] + _NEAR_SIGNATURE // 4:
            places.append(start)
    return places
