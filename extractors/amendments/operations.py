"""What a document does to the agreement it amends: one operation for each sentence that does something.

The rules say which sentence does what; here the sentence is taken whole, with the new text it announces, and the words
it exchanges are read as values. New text of a clause is read as a clause of its own, by the rules for terms.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from extractors.amendments.numbering import clause_name
from extractors.amendments.texts import Extent, extent_of
from extractors.engine import Document, Engine, Hit, prepare
from extractors.evidence import evidence
from extractors.grammar.mentions import MentionKind, find_mentions
from extractors.terms import extract_terms
from models.dateexpr import Fixed
from models.evidence import Evidence
from models.family import PART, Exchange, FamilyRole, Operation, OperationKind, Reference, Stated
from models.source import SourceText, Span
from models.term import Term, TermField, TermState
from rules.schema import RuleSet

ORDER = (
    "delete_references",
    "exchange",
    "replace",
    "restate",
    "terminate_part",
    "extend",
    "insert",
    "delete",
    "terminate",
    "amend",
    "confirm",
)
"""Which rule a sentence goes by that several read: what says most first."""
_TARGETS = frozenset({*ORDER, "since"})
_OF_A_RESTATEMENT = frozenset({"restate", "since"})
"""What is read of a document that replaces the agreement: its clauses speak of itself."""
_KIND = {
    "exchange": OperationKind.REPLACE_WORDS,
    "replace": OperationKind.REPLACE_CLAUSE,
    "restate": OperationKind.RESTATE,
    "terminate_part": OperationKind.TERMINATE_PART,
    "extend": OperationKind.EXTEND,
    "insert": OperationKind.INSERT,
    "delete": OperationKind.DELETE,
    "delete_references": OperationKind.DELETE,
    "terminate": OperationKind.TERMINATE,
    "amend": OperationKind.AMEND,
    "confirm": OperationKind.CONFIRM,
}
_GIVES_TEXT = frozenset({OperationKind.REPLACE_CLAUSE, OperationKind.INSERT, OperationKind.AMEND})
_OF_A_CLAUSE = frozenset({OperationKind.REPLACE_CLAUSE, OperationKind.DELETE})
_MOVED_BY_CLAUSE = (TermField.EXPIRATION_DATE, TermField.RENEWAL_TERM, TermField.NOTICE_PERIOD)
_KNOWN = (TermState.FOUND, TermState.CONFLICT, TermState.BLOCKED)


class _Sentence(NamedTuple):
    """The hits of one passage, by target."""

    passage: int
    hits: Mapping[str, Sequence[Hit]]


def operations(document: Document, found: Sequence[Reference], rules: RuleSet, engine: Engine) -> tuple[Operation, ...]:
    """What is done, in the order of the text, behind the words that name the agreement it is done to."""
    begin = document.passages[document.index_at(min(one.evidence.start for one in found))].start
    restates = all(one.role is FamilyRole.RESTATEMENT for one in found)
    hits = engine.run(document, _OF_A_RESTATEMENT if restates else _TARGETS)
    sentences = [one for one in _sentences(hits, begin) if "exchange" in one.hits or not _is_quoted(one, document)]
    doing = [one.passage for one in sentences if any(target != "since" for target in one.hits)]
    bound = [(one.evidence.start, day) for one in found[1:] if (day := _own_day(one, document))]
    made: list[Operation] = []
    read_to = 0
    for sentence in sentences:
        if document.passages[sentence.passage].body < read_to:
            continue  # within the new text of the operation before
        target = next((name for name in ORDER if name in sentence.hits), None)
        following = next((index for index in doing if index > sentence.passage), len(document.passages))
        if target is None:
            continue
        operation, end = _operation(target, sentence, document, found, rules, following)
        read_to = max(read_to, end)
        made.append(operation)
    return _folded([_from_its_day(one, bound) for one in made])


def _sentences(hits: Sequence[Hit], begin: int) -> list[_Sentence]:
    by_passage: dict[int, dict[str, list[Hit]]] = {}
    for hit in sorted(hits, key=lambda one: one.span):
        if hit.span.end > begin:
            by_passage.setdefault(hit.passage, {}).setdefault(hit.rule.target, []).append(hit)
    return [_Sentence(index, by_passage[index]) for index in sorted(by_passage)]


def _own_day(reference: Reference, document: Document) -> dt.date | None:
    """The day of an amendment that is bound behind another: the date that stands before what it says it amends."""
    near = range(reference.evidence.start - BOUND, reference.evidence.start)
    days = [
        mention.date.date
        for mention in document.mentions
        if mention.start in near and mention.kind is MentionKind.DATE and isinstance(mention.date, Fixed)
    ]
    return next((day for day in reversed(days) if day != reference.dated), None)


def _from_its_day(operation: Operation, bound: Sequence[tuple[int, dt.date]]) -> Operation:
    """The operation with the day of the amendment it stands in, where that is not the first in the file."""
    days = [day for start, day in bound if start <= operation.evidence[0].start]
    return operation.model_copy(update={"since": days[-1]}) if days and operation.since is None else operation


def _is_quoted(sentence: _Sentence, document: Document) -> bool:
    """A text that is quoted is the old one or the new one: it does nothing itself."""
    return document.text[document.passages[sentence.passage].body] in '“"'


def _operation(
    target: str, sentence: _Sentence, document: Document, found: Sequence[Reference], rules: RuleSet, following: int
) -> tuple[Operation, int]:
    kind = _KIND[target]
    hits = sentence.hits[target]
    hit = max(hits, key=lambda one: one.rule.score)
    extent = extent_of(document, hit, following, gives_text=kind in _GIVES_TEXT)
    quote = evidence(document, extent.sentence)
    more = (evidence(document, extent.text),) if extent.text and extent.text.end > extent.sentence.end else ()
    old, new = _old_and_new(document.text, extent.text)
    text = document.text[new.start : new.end] if new else None
    what = hit.slots.get("what")
    terms = clause_terms(document, new, rules) if new else ()
    exchanges = _exchanges(hits if target == "exchange" else (hit,), document)
    if old and text:
        words = document.text[old.start : old.end]
        exchanges = (Exchange(old=Stated(text=_unquoted(words)), new=Stated(text=_unquoted(text))),)
    operation = Operation(
        kind=kind,
        section=_section(hit, quote.quote, text, document.text),
        what=" ".join(what.text.split()) if what else None,
        field=TermField.EXPIRATION_DATE if target in ("extend", "terminate") else None,
        exchanges=exchanges,
        text=_unquoted(text) if old and text else text,
        terms=terms,
        since=_since(sentence, extent, hit, found, of_a_term=kind is OperationKind.EXTEND),
        confidence=hit.rule.score,
        evidence=(quote, *more),
        rule=hit.rule.name,
        flags=(*hit.flags, *((PART,) if kind in _OF_A_CLAUSE and _of_a_part().search(quote.quote) else ())),
    )
    return operation, extent.end


def _folded(made: Sequence[Operation]) -> tuple[Operation, ...]:
    """A part that ends, with the sentences that strike out what the agreement says of it: they do nothing more."""
    parts = {one.what.lower() for one in made if one.kind is OperationKind.TERMINATE_PART and one.what}
    kept: list[Operation] = []
    struck: dict[str, tuple[Evidence, ...]] = {}
    for one in made:
        what = (one.what or "").lower()
        if one.kind is OperationKind.DELETE and what in parts:
            struck[what] = (*struck.get(what, ()), *one.evidence)
        else:
            kept.append(one)
    kept = [one for one, following in zip(kept, (*kept[1:], None), strict=False) if not _announces(one, following)]
    return tuple(
        one.model_copy(update={"evidence": (*one.evidence, *struck[(one.what or "").lower()])})
        if one.kind is OperationKind.TERMINATE_PART and (one.what or "").lower() in struck
        else one
        for one in kept
    )


def _announces(one: Operation, following: Operation | None) -> bool:
    """Whether a sentence only says that what follows amends ("Section 1 is amended as follows:")."""
    if one.kind is not OperationKind.AMEND or following is None or not _AS_FOLLOWS.search(one.quote):
        return False
    if following.kind is OperationKind.CONFIRM or following.evidence[0].start - one.evidence[0].end > NEXT:
        return False
    return one.section is None or (following.section or "").startswith((f"{one.section}.", f"{one.section}("))


@cache
def _of_a_part() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:sentences?|words?|phrases?|portions?|part|definitions?|rows?|lines?|items?|sections?|subsections?|figures?)"
        r"\s+(?:of|in|from)\s+(?:the\s+)?(?:section|clause|article|paragraph|exhibit|schedule|appendix|annex)"
        r"|\b(?:listed|set\s+forth|contained|defined|stated|specified)\s+in\s+(?:section|clause|article|exhibit|schedule)"
        r"|\bdefinitions?\s+of\b|\bso\s+that\b|\b(?:first|second|third|fourth|last)\s+sentence\b",
        re.IGNORECASE,
    )


@cache
def _clause() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:(?:sub-?)?(?:section|clause|article|paragraph|§)s?\s+\d{1,3}[a-z]?(?:\.\w{1,3})*(?:\s?\(\w{1,5}\))*"
        r"|(?:exhibit|schedule|appendix|annex|attachment)s?\s+(?:\d{1,2}|[a-z])(?:-\w{1,2}|\d)?)(?!\w)",
        re.IGNORECASE,
    )


_AS_FOLLOWS = re.compile(
    r"\b(?:as follows|the following(?: \w+){0,3})\W+(?:\W*(?:[a-z]|[ivx]+|\d+)[.)])?\s*$", re.IGNORECASE
)
NEXT = 300
"""Characters between the words that announce changes and the first of them."""
BOUND = 400
"""Characters before the name of what is amended within which a bound amendment tells its own day."""
_NOW_READS = re.compile(r"(?:,?\s*(?:it |it is |is |shall )?now (?:reads?|required to|states?)\s*:?\s*)", re.IGNORECASE)
_FURTHER = re.compile(r"(?:,|\s+and|,\s+and|\s*&)\s+(\d{1,3}(?:\.\d{1,3})*(?:\(\w{1,5}\))*)(?![\w.]*\w)")


_WITHIN = re.compile(
    r"\s+(?:of|to|in)\s+(?:the\s+)?((?:exhibit|schedule|appendix|annex|attachment)\s+(?:\d{1,2}|[a-z])(?:-\w{1,2})?)\b",
    re.IGNORECASE,
)
"""A clause of an attachment is not the clause of that number in the contract itself."""


def _old_and_new(text: str, span: Span | None) -> tuple[Span | None, Span | None]:
    """Where a text that tells how the clause read and how it reads now parts; all of it is new where it does not."""
    parts = _NOW_READS.search(text, span.start, span.end) if span else None
    if span is None or parts is None or parts.start() == span.start or parts.end() == span.end:
        return None, span
    return Span(span.start, parts.start()), Span(parts.end(), span.end)


def _unquoted(words: str) -> str:
    return words.strip().strip('“”"').strip()


def _section(hit: Hit, quote: str, text: str | None, whole: str) -> str | None:
    """The clause it is done to: as the rule read it, else the first one the sentence names outside its new text.

    Several clauses are named together: "3.1 and 3.2".
    """
    for name in ("section", "section2"):
        if name in hit.slots:
            slot = hit.slots[name]
            names, position = [clause_name(slot.text)], slot.span.end
            while re.match(r"(?:section|clause|paragraph|article)s", slot.text, re.IGNORECASE) and (
                further := _FURTHER.match(whole, position)
            ):
                names.append(further[1])
                position = further.end()
            within = _WITHIN.match(whole, position)
            named = " and ".join(filter(None, names)) or None
            return f"{clause_name(within[1])}, {named}" if within and named else named
    bare = quote.replace(text, " ") if text else re.sub(r"[\"“][^\"“”]*[\"”]", " ", quote)
    found = _clause().search(bare)
    return clause_name(found[0]) if found else None


def _exchanges(hits: Sequence[Hit], document: Document) -> tuple[Exchange, ...]:
    made = []
    for hit in hits:
        slots = hit.slots
        if "both" in slots:
            old, _, new = re.sub(r"\s+", " ", slots["both"].text).partition(" to ")
            made.append(Exchange(old=stated(old, document), new=stated(new, document)))
        elif "old" in slots or "new" in slots:
            pair = [stated(slots[name].text, document) if name in slots else None for name in ("old", "new")]
            made.append(Exchange(old=pair[0], new=pair[1]))
        elif given := slots.get("end") or slots.get("by"):
            made.append(Exchange(new=stated(given.text, document)))
    return tuple(made)


def stated(words: str, document: Document) -> Stated:
    """Words as they stand, with the value they are if they are one and nothing else."""
    text = " ".join(words.split()).strip()
    bare = text.strip(" .,;")
    mentions = find_mentions(bare, document.order)
    if len(mentions) != 1 or (mentions[0].start, mentions[0].end) != (0, len(bare)):
        return Stated(text=text)
    mention = mentions[0]
    match mention.kind:
        case MentionKind.DATE:
            expr = mention.date
            return Stated(text=text, date=expr.date if isinstance(expr, Fixed) else None, expr=expr)
        case MentionKind.PERIOD:
            return Stated(text=text, period=mention.period)
        case MentionKind.MONEY:
            return Stated(text=text, amount=mention.amount)
        case _:
            return Stated(text=text)


def _since(
    sentence: _Sentence, extent: Extent, done: Hit, found: Sequence[Reference], *, of_a_term: bool
) -> dt.date | None:
    """The day the sentence says it has effect from: none of the dates it is about, nor when a longer term begins."""
    others = {one.dated for one in found}
    taken = [slot.span for slot in done.slots.values() if slot.mention]
    for hit in sentence.hits.get("since", ()):
        slot = hit.slots["since"]
        value = slot.mention.value if slot.mention else None
        if of_a_term and hit.span.start > done.span.start:
            continue
        inside = extent.text and extent.text.start <= hit.span.start < extent.text.end
        if isinstance(value, Fixed) and value.date not in others and slot.span not in taken and not inside:
            return value.date
    return None


@cache
def _about_terms() -> re.Pattern[str]:
    return re.compile(r"\b(?:terms?|renew\w*|extend\w*|expir\w*|terminat\w*|price|value)\b", re.IGNORECASE)


def clause_terms(document: Document, span: Span, rules: RuleSet) -> tuple[Term, ...]:
    """The terms that a new text states, read as a clause of its own; evidence is counted in the document."""
    text = document.text[span.start : span.end]
    if not _about_terms().search(text):
        return ()
    found = extract_terms(prepare(SourceText(text, (), ()), document.order), rules).terms
    return tuple(
        _moved(term, document, span.start)
        for term in found
        if term.field in _MOVED_BY_CLAUSE and term.state in _KNOWN and term.evidence
    )


def _moved(term: Term, document: Document, by: int) -> Term:
    def moved(one: Evidence) -> Evidence:
        return evidence(document, Span(one.start + by, one.end + by))

    return term.model_copy(
        update={
            "evidence": tuple(map(moved, term.evidence)),
            "alternatives": tuple(
                one.model_copy(update={"evidence": moved(one.evidence)}) for one in term.alternatives
            ),
        }
    )
