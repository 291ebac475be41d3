"""Cuts a file into the contract itself and what follows its signatures: exhibits, orders, amendments, other agreements.

A part begins at a line of its own: the label of an attachment ("EXHIBIT B"), or the title of an instrument that then
says that it is made ("AMENDMENT NO. 1 ... This Amendment is made by and between ..."). Before the signatures nothing is
a part: contracts speak of their exhibits everywhere, and attach them at the end.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from models.part import DocumentPart, PartKind

_LABELS = "EXHIBIT|Exhibit|SCHEDULE|Schedule|APPENDIX|Appendix|ANNEX|Annex|ATTACHMENT|Attachment|ADDENDUM|Addendum"
_NUMBER = r"(?:[IVX]{1,5}|[A-Z]\d{0,2}|\d{1,3})(?:[.\-]\w{1,3}){0,3}(?:\([a-zA-Z\d]{1,3}\))?"
_LABEL = re.compile(
    rf"\n[ \t]*(?P<label>(?:{_LABELS})[ \t]+[\"“]?(?:No\.?[ \t]*)?{_NUMBER}[\"”]?)"
    r"(?=[\s:.,\-–—(]|$)(?P<rest>[^\n]{0,120})"
)
_INSTRUMENT = (
    "AGREEMENT|AMENDMENT|ADDENDUM|CONTRACT|LEASE|LICEN[CS]E|STATEMENT OF WORK|WORK ORDER|ORDER FORM|PURCHASE ORDER"
    "|JOINDER|GUARANTY|GUARANTEE|NOTE|INDENTURE|DEED|TERMS AND CONDITIONS"
)
_TITLED = re.compile(
    rf"\n[ \t]*(?P<title>(?=[^\na-z]{{6,100}}(?:\n|$))[^\n]*\b(?:{_INSTRUMENT})\b[^\na-z]{{0,60}})(?=\n|$)"
)
_NAMED = r"(?:Agreement|Amendment|Addendum|Contract|Lease|Licen[cs]e|Order|Work|Guaranty|Guarantee|Joinder|Deed|Note)"
_OWN_OPENING = re.compile(
    rf"\bthis\s+(?:[^\s.;]+\s+){{0,10}}?[\"“(]*{_NAMED}\b[^.;]{{0,200}}?\b(?:made|entered|dated|effective|between|executed)\b",
    re.IGNORECASE,
)
"""How an instrument begins: it says of itself that it is made, when, or between whom."""
_OPENING = 1_500
"""Characters of a part within which it must say so."""
_TITLE_REACH = 300
"""Characters behind a label within which a title belongs to the label."""
_LONGEST = 100
"""Characters of a title."""
_PROSE = re.compile(
    r"^[\s:,.\-–—]*(?:is|are|was|shall|will|may|and|or|of|in|as|attached|hereto|hereof|sets?|contains?|which|that)\b"
    r"|\b(?:shall|will|is|are|hereto|hereby|attached)\b",
)
_WHOSE = re.compile(r"^\W*(?:to|of)\s+[^\n]*|^\W*\d*\s*$", re.IGNORECASE)
"""Behind a label: what it is attached to, which is no title of its own."""
_LINE = re.compile(r"\s*([^\n]{3,100})(?=\n|$)")
_SENTENCE_END = re.compile(r"[.;,]\s*$")
_DOTTED = re.compile(r"(?:\.\s?){4,}|\s\d{1,3}\s*$")
_FORM_OF = re.compile(r"\bforms? of\b", re.IGNORECASE)
_MODEL = re.compile(r"\b(?:preferred form|specimen|sample|model|template)\b", re.IGNORECASE)
_KINDS: tuple[tuple[PartKind, re.Pattern[str]], ...] = (
    (
        PartKind.STATEMENT_OF_WORK,
        re.compile(r"\b(?:statements? of work|scope of work|work statement|work orders?|task orders?|sow)\b", re.I),
    ),
    (PartKind.ORDER, re.compile(r"\b(?:order forms?|purchase orders?|sales orders?)\b", re.I)),
)
_AMENDS = re.compile(r"\b(?:amendments?|addendum|joinder|supplement)\b", re.IGNORECASE)
_AGREES = re.compile(rf"\b(?:{_INSTRUMENT})\b", re.IGNORECASE)


class _Start(NamedTuple):
    """Where a part begins: its label ("" for an instrument without one), and its title."""

    at: int
    label: str
    title: str


def split_parts(text: str, signed: int | None) -> tuple[DocumentPart, ...]:
    """The parts of ``text``, in order, which together are all of it; the contract itself has no title yet.

    ``signed`` is where the first signatures stand, None where there are none.
    """
    starts = [] if signed is None else _starts(text, signed)
    ends = [*(start.at for start in starts), len(text)]
    parts = [DocumentPart(kind=PartKind.MAIN, title="", start=0, end=ends[0])]
    for start, end in zip(starts, ends[1:], strict=True):
        named = " - ".join(filter(None, (start.label, start.title)))
        parts.append(DocumentPart(kind=_kind(text, start, end), title=named, start=start.at, end=end))
    return tuple(parts)


def _starts(text: str, signed: int) -> list[_Start]:
    found = sorted([*_labelled(text, signed), *_titled(text, signed)])
    kept: list[_Start] = []
    for number, start in enumerate(found):
        last = kept[-1] if kept else None
        if last and start.label and start.label == last.label:
            continue  # the head of each page of the same attachment
        if last and not start.label and (start.at < last.at + _TITLE_REACH or start.title == last.title):
            continue  # the title of what the label announced
        later = found[number + 1 :]
        listed = bool(later) and "\n" not in text[start.at : later[0].at].strip()
        if start.label and listed and any(one.label == start.label for one in later):
            continue  # an entry of a list of attachments
        kept.append(start)
    return kept


def _labelled(text: str, signed: int) -> Iterator[_Start]:
    """Labels of attachments that stand on a line of their own, alone or with a title."""
    for match in _LABEL.finditer(text, signed):
        rest = _clean(_WHOSE.sub("", match["rest"]))
        if _PROSE.search(match["rest"]) or _SENTENCE_END.search(match["rest"]) or _DOTTED.search(match["rest"]):
            continue
        label = " ".join(match["label"].replace('"', "").replace("“", "").replace("”", "").split())
        label = label[:1] + label[1:].split(" ", 1)[0].lower() + " " + label.split(" ", 1)[1]
        yield _Start(match.start("label"), label, rest or _next_line(text, match.end()))


def _next_line(text: str, position: int) -> str:
    """The title on the line below a label, "" where a sentence or another label stands there."""
    line = _LINE.match(text, position)
    if line and _WHOSE.match(line[1]):
        line = _LINE.match(text, line.end())
    words = line[1].split() if line else []
    names = [word for word in words if word[0].isalpha()]
    if line is None or not names or _SENTENCE_END.search(line[1]) or _LABEL.match(f"\n{line[1]}"):
        return ""
    return _clean(line[1]) if 2 * sum(word[0].isupper() for word in names) > len(names) and len(names) < 14 else ""


def _clean(words: str) -> str:
    """A title without what is drawn around it, and without the number of the page."""
    title = re.sub(r"^\d+\W+(?=[A-Za-z])", "", words.strip(' \t:.,-–—*"“”()'))
    return " ".join(re.split(r"\t| {3,}", title)[0].split())[:_LONGEST]


def _titled(text: str, signed: int) -> Iterator[_Start]:
    """Titles of instruments, in capitals, above words that say that one is made."""
    for match in _TITLED.finditer(text, signed):
        if _OWN_OPENING.search(text, match.end(), match.end() + _OPENING) and not _SENTENCE_END.search(match["title"]):
            yield _Start(match.start("title"), "", _clean(match["title"]))


def _kind(text: str, start: _Start, end: int) -> PartKind:
    named = f"{start.title}\n{text[start.at : min(end, start.at + _TITLE_REACH)]}" if not start.title else start.title
    if _FORM_OF.search(start.title) or (_MODEL.search(start.title) and _AGREES.search(start.title)):
        return PartKind.FORM
    for kind, pattern in _KINDS:
        if pattern.search(named):
            return kind
    own = _OWN_OPENING.search(text, start.at, min(end, start.at + _OPENING + _TITLE_REACH)) is not None
    if own and _AMENDS.search(start.title):
        return PartKind.AMENDMENT
    return PartKind.AGREEMENT if own and _AGREES.search(start.title) else PartKind.EXHIBIT
