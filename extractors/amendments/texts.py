"""How far a sentence that changes something reaches, and where the new text it announces begins and ends."""

import re
from typing import NamedTuple

from extractors.engine import Document, Hit
from models.source import Span

LONGEST = 12_000
"""Characters of new text that are read at most."""
_ENUMERATOR = re.compile(
    r"\s*(?:(?:\d{1,2}\.)+\d{0,2}\.?|\d{1,2}(?:\.\d{1,2})+\.?|\([a-z\d]{1,4}\)|[a-z]\.|\d{1,2}\))\s+(?=\S)"
)
_ANNOUNCED = re.compile(
    r"(?:follow(?:s|ing)?(?:\s*\w+){0,4}|read|reads|with|by|substituted as follow|it is now required to)\s*:?\s*$", re.I
)
_QUOTE_OPENS = re.compile(r"[\"“]+\s*(?=\S)")
_NEXT_NUMBER = re.compile(
    r"(?:\n[ \t]*(?:[a-z\d]{1,2}[.)]|\([a-z\d]{1,4}\)|\d+(?:\.\d+)*\.?)"
    r"(?:[ \t]+[A-Z][^.\n]{0,80}\.?|[ \t]+[A-Z][A-Z\d .,;&'’()-]{2,90})?)+\s*$"
)
"""The number, and perhaps the heading, of what follows the new text."""
_OF_THE_AMENDMENT = re.compile(
    r"\n[^\n]{0,160}?\b(?:this|the (?:first|second|third|fourth|fifth))\s+(?:\w+\s+)?"
    r"(?:amendment|addendum|deed of \w+|variation)\b",
    re.IGNORECASE,
)
"""A paragraph that speaks of the amendment itself is none of the contract's new text."""
_SIGNED = re.compile(r"IN WITNESS|In witness|/s/|^\s*By:|^Executed|^Signed", re.MULTILINE)


class Extent(NamedTuple):
    """The sentence, with the new text if that stands in quotation marks within it; the new text; where both end."""

    sentence: Span
    text: Span | None
    end: int


def extent_of(document: Document, hit: Hit, following: int, *, gives_text: bool) -> Extent:
    """How far the sentence of ``hit`` reaches. ``following`` is the next passage that does something itself."""
    passages, text = document.passages, document.text
    index = hit.passage
    passage = passages[index]
    start = _start(text, passage.body, passage.end, hit)
    last = index
    while last + 1 < len(passages) and _open(text[start : passages[last].end]) and passages[last].end - start < LONGEST:
        last += 1
    end = passages[last].end
    if _open(text[start:end]):
        last, end = index, passage.end  # nothing closes it
    end = start + len(text[start:end].rstrip())
    sentence = Span(start, end)
    if not gives_text:
        return Extent(sentence, None, end)
    if quoted := _quoted(text, hit.span.end, end):
        return Extent(sentence, quoted, end)
    if _ANNOUNCED.search(text[start:end]):
        stop = passages[following].start if following < len(passages) else len(text)
        stop = min(max(stop, _closing(text, end)), end + LONGEST)
        for ends in (_SIGNED, _OF_THE_AMENDMENT):
            if found := ends.search(text, end, stop):
                stop = found.start()
        body = text[end:stop]
        begin = end + len(body) - len(body.lstrip())
        stop = begin + len(_NEXT_NUMBER.sub("", text[begin:stop]).rstrip())
        if stop > begin:
            return Extent(sentence, _bare(text, begin, stop), stop)
    return Extent(sentence, None, end)


def _closing(text: str, begin: int) -> int:
    """The end of the quotation that begins there, with those inside it; ``begin`` where none does.

    One that goes on over several paragraphs opens in each and closes in the last.
    """
    opening = re.compile(r"\s*“").match(text, begin)
    if opening is None:
        return begin
    depth = 1
    for mark in re.compile(r"\n?[ \t]*“|”").finditer(text, opening.end(), begin + LONGEST):
        depth += -1 if mark[0] == "”" else 0 if mark[0].startswith("\n") and depth == 1 else 1
        if depth == 0:
            return mark.end()
    return begin


def _start(text: str, body: int, end: int, hit: Hit) -> int:
    """Where the sentence proper begins, behind its number and a heading that ran into it."""
    start = body
    if hit.span.start > body:
        line = text.rfind("\n", body, hit.span.start)
        if line >= 0 and not re.search(r"[.;:]", text[line + 1 : hit.span.start].strip()[4:]):
            start = line + 1 if _ENUMERATOR.match(text, line + 1) else start
    if number := _ENUMERATOR.match(text, start, end):
        start = number.end()
    while start < end and text[start].isspace():
        start += 1
    return start


def _open(piece: str) -> bool:
    """Whether a quotation mark was opened and not closed."""
    curly = piece.count("“") - piece.count("”")
    return curly > 0 or piece.count('"') % 2 == 1


def _bare(text: str, begin: int, end: int) -> Span:
    """A new text without the quotation marks around it; with them where they are not around all of it."""
    opening = _QUOTE_OPENS.match(text, begin, end)
    around = opening and text[end - 1] in '”"' and not re.search(r"[\"“”]", text[opening.end() : end - 1])
    return Span(opening.end(), end - 1) if opening and around and opening.end() < end - 1 else Span(begin, end)


def _quoted(text: str, begin: int, end: int) -> Span | None:
    """The new text in quotation marks, without them: the last pair, from the first mark behind what is done."""
    opening = _QUOTE_OPENS.search(text, begin, end)
    closing = max(text.rfind("”", begin, end), text.rfind('"', begin, end))
    if opening is None or closing <= opening.end() or end - closing > 60:
        return None
    return Span(opening.end(), closing)
