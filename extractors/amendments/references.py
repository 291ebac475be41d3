"""The agreement that a document says it belongs to: title, date, number, and between whom.

A contract names many other contracts. One is taken for its parent only if the document itself opens as something that
has a parent ("This Amendment No. 2 ..."), and only from where it opens: its heading, its opening and its recitals.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from extractors.amendments.numbering import as_number
from extractors.engine import Document, Hit
from extractors.evidence import evidence
from extractors.grammar.mentions import MentionKind
from models.dateexpr import Fixed
from models.family import OPENS, FamilyRole, Reference
from models.linking import distinct_parties
from models.source import Span
from models.term import Term, TermField, TermState

RECITALS = 4_500
"""Characters behind the words by which a document names itself, within which it names what it belongs to."""
APART = 1_200
"""Characters between the openings of two amendments bound together, at least."""
_BEGINS = re.compile(
    r".{0,90}\b(?:entered\s+into|made|dated|executed)\b.{0,60}\b(?:19|20)\d\d\b", re.DOTALL | re.IGNORECASE
)
FIRST_LINES = "own_date.first_lines@1"
HEADING = 400
"""Characters before them that may be its heading."""
_NAME = r"(?P<{}>[A-Z][^,;\n\"“”()]{{2,80}}?|[A-Z][^,;\n\"“”()]{{2,60}},? (?:Inc|INC|LLC|L\.L\.C|Ltd|LTD|Corp)\.?)"
_BETWEEN = re.compile(
    r"\b(?:[Bb]etween|BETWEEN|[Aa]mong|AMONG|by)\b:?\s+(?:and among |and between |the |\(\d\) |\([a-z]\) )*"
    + _NAME.format("one")
    + r"(?=\s*(?:,|\(|;|[\"“]|\band\b|\bAND\b)).{0,420}?(?:\b[Aa]nd|\bAND|&)\b:?\s+(?:the |\(\d\) |\([a-z]\) )*"
    + _NAME.format("two")
    + r"(?=\s*(?:,|\(|;|\.\s|[\"“]|\n|$|\b(?:dated|is|are|and|who|to|for|with|effective|having|which|acting|as|on)\b))",
    re.DOTALL,
)
_NO_NAME = re.compile(r"\b(?:hereby|hereto|parties|whereas|amendment|agreement|shall|section|which|following)\b", re.I)
_OWN_DATES = (TermField.AGREEMENT_DATE, TermField.EFFECTIVE_DATE)
_OWN = frozenset({"amendment", "addendum"})


class _Opening(NamedTuple):
    role: FamilyRole
    number: int | None
    start: int
    hit: Hit


def references(hits: Mapping[str, Sequence[Hit]], document: Document, terms: Sequence[Term]) -> tuple[Reference, ...]:
    """The agreements the document belongs to, one for each instrument in the text, in order."""
    found: list[Reference] = []
    openings = _openings(hits.get("role", ()), document.text)
    for opening, following in zip(openings, (*openings[1:], None), strict=False):
        reference = _reference(opening, following, hits, document, terms)
        if reference and opening.start > OPENS and reference.dated is None:
            continue  # a form of an amendment in an agreement that is none
        if reference and not any(_alike(reference, other) for other in found):
            found.append(reference)
    return tuple(found)


def _openings(hits: Sequence[Hit], text: str) -> list[_Opening]:
    """Where the document, or an amendment bound into it, says what it is."""
    found: list[_Opening] = []
    for hit in sorted(hits, key=lambda one: one.span.start):
        value = hit.value() or {}
        role = FamilyRole(str(value["role"]))
        slots = hit.slots
        words = [slots[name].text for name in ("nth", "number", "figure") if name in slots]
        number = next((read for word in words if (read := as_number(word)) is not None), None)
        start = hit.span.start
        if start > OPENS and role is not FamilyRole.AMENDMENT:
            continue
        previous = found[-1] if found else None
        anew = previous and start - previous.start > APART and _BEGINS.match(text, start)
        if previous and start - previous.start < RECITALS and not anew:
            if previous.number is None and previous.role is role:
                found[-1] = previous._replace(number=number)
            continue
        found.append(_Opening(role, number, start, hit))
    return found


def _reference(
    opening: _Opening,
    following: _Opening | None,
    hits: Mapping[str, Sequence[Hit]],
    document: Document,
    terms: Sequence[Term],
) -> Reference | None:
    end = min(opening.start + RECITALS, following.start if following else len(document.text))
    window = Span(max(0, opening.start - HEADING), end)
    near = [hit for hit in hits.get("reference", ()) if window.start <= hit.span.start < window.end]
    named = [(hit, title) for hit in near if (title := _title(hit, opening)) or _untitled(hit)]
    numbers = [hit for hit in hits.get("contract_number", ()) if window.start <= hit.span.start < window.end]
    dated = [(hit, title) for hit, title in named if _date(hit)]
    best = _best(dated, named, _own_days(hits, window, terms))
    if best is None:
        return None
    hit, title = best
    if opening.role is FamilyRole.RESTATEMENT and not _date(hit):
        return None
    date = _date(hit)
    before = [
        day
        for one in hits.get("earlier", ())
        if window.start <= one.span.start < window.end and (day := _date(one)) and day != date
    ]
    number = numbers[0].slots["number"].text if numbers else None
    return Reference(
        role=opening.role,
        number=opening.number,
        title=title,
        dated=date,
        reference=number,
        parties=_parties(document.text[window.start : window.end], terms),
        earlier=tuple(dict.fromkeys(before)),
        confidence=round(hit.rule.score * opening.hit.rule.score, 2),
        evidence=evidence(document, hit.span),
        rule=hit.rule.name,
    )


def _own_days(hits: Mapping[str, Sequence[Hit]], window: Span, terms: Sequence[Term]) -> set[dt.date]:
    """The days the document gives itself: as it tells them itself, else those found as its dates."""
    told = {
        day for one in hits.get("own_date", ()) if window.start <= one.span.start < window.end and (day := _date(one))
    }
    return told or {term.expr.date for term in terms if term.field in _OWN_DATES and isinstance(term.expr, Fixed)}


def _untitled(hit: Hit) -> bool:
    """Whether the rule reads a date alone: "supplemental to an agreement dated ..."."""
    return "title" not in hit.slots


_Named = tuple[Hit, str | None]


def _best(dated: list[_Named], named: list[_Named], own: set[dt.date]) -> _Named | None:
    """The dated mention that the heading names too, else the first dated one, else the first name.

    A date that is the document's own says nothing of the other where another date is told.
    """
    if not dated:
        return named[0] if named else None
    dated = [one for one in dated if _date(one[0]) not in own] or dated
    titles = {_key(title) for hit, title in named if not _date(hit)}
    dated.sort(key=lambda one: one[1] is None)
    return next((one for one in dated if _key(one[1]) in titles), dated[0])


def _title(hit: Hit, opening: _Opening) -> str | None:
    """The name of the other agreement; None where it is the document's own name."""
    slot = hit.slots.get("title")
    if slot is None:
        return None
    words = " ".join(slot.text.split())
    plain = words.lower()
    if opening.role is not FamilyRole.RESTATEMENT and "amended and restated" in plain:
        words = re.sub(r"(?i)^.*?amended and restated ", "", words)
    if set(plain.split()) & _OWN:
        words = re.split(r"(?i)\b(?:amendment|addendum)\b(?: (?:no\.?|number|#) ?\w+)? (?:to |of )?(?:the )?", words)[
            -1
        ]
        if len(words.split()) < 2:
            return None
    if opening.role is FamilyRole.RESTATEMENT and "amended and restated" in plain:
        return None
    if opening.role in _NAMED_AS and any(word in plain for word in _NAMED_AS[opening.role]):
        return None
    words = re.sub(r"^(?:The|THE|NOW|BETWEEN|TO|To)[ ,]+", "", words)
    return None if words.lower() in ("", "agreement", "contract") else words


_NAMED_AS = {
    FamilyRole.AMENDMENT: ("supplemental", "modification agreement", "variation"),
    FamilyRole.TERMINATION: ("termination", "surrender"),
    FamilyRole.PARTIAL_TERMINATION: ("termination",),
    FamilyRole.ASSIGNMENT: ("assignment", "assumption", "novation"),
    FamilyRole.RENEWAL: ("extension", "renewal"),
    FamilyRole.SIDE_LETTER: ("side",),
    FamilyRole.RELATED: ("attorney", "guarant"),
}


def _date(hit: Hit) -> dt.date | None:
    slot = hit.slots.get("date")
    value = slot.mention.value if slot and slot.mention else None
    return value.date if isinstance(value, Fixed) else None


def _key(title: str | None) -> str:
    return " ".join(re.findall(r"\w+", (title or "").lower()))


def _parties(text: str, terms: Sequence[Term]) -> tuple[str, ...]:
    """The names between whom it is made, as the opening has them, and those found as the parties."""
    names: list[str] = []
    for match in _BETWEEN.finditer(text):
        pair = [" ".join(match[group].split()).strip(" .") for group in ("one", "two")]
        if not any(_NO_NAME.search(name) for name in pair):
            names += pair
            break
    parties = next((term.parties for term in terms if term.field is TermField.PARTIES), ())
    if len(parties) > 1 and all(" " not in name for name in names):
        names = []  # defined terms: the names stand elsewhere
    names += [party.name for party in parties if party.name in " ".join(text.split())]
    return distinct_parties(names)[:6]


def _alike(one: Reference, other: Reference) -> bool:
    return one.role is other.role and one.dated == other.dated and _key(one.title or "") == _key(other.title or "")


def own_date(hits: Sequence[Hit], document: Document, found: Sequence[Reference], terms: Sequence[Term]) -> Term | None:
    """The agreement date as the document tells it itself, where none was read or the one read is the other's.

    A letter is dated in its first lines. One whose only date is the other's has none that is known.
    """
    term = next((one for one in terms if one.field is TermField.AGREEMENT_DATE), None)
    opening = [one for one in found if one.evidence.start < OPENS]
    others = {day for one in found for day in (one.dated, *one.earlier) if day}
    read = term.expr.date if term and isinstance(term.expr, Fixed) else None
    if term is None or not opening or (term.expr is not None and read not in others):
        return None
    of_the_other = any(
        place.start < one.evidence.end and one.evidence.start < place.end for place in term.evidence for one in opening
    )
    told = ((one.span, day, one.rule.name, one.rule.score) for one in hits if (day := _date(one)))
    first = (
        (Span(one.start, one.end), one.date.date, FIRST_LINES, 0.5)
        for one in document.mentions
        if one.end < HEADING and one.kind is MentionKind.DATE and isinstance(one.date, Fixed)
        if read is None or of_the_other
    )
    span, day, rule, score = next((one for one in (*told, *first) if one[1] not in others), (None, None, "", 0.0))
    if span is None or day is None:
        return Term(field=term.field, state=TermState.ABSENT, confidence=term.confidence) if of_the_other else None
    return Term(
        field=term.field,
        state=TermState.FOUND,
        confidence=score,
        expr=Fixed(date=day),
        evidence=(evidence(document, span),),
        rule=rule,
    )
