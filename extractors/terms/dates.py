"""The agreement date and the effective date."""

import datetime as dt
import re
from collections.abc import Sequence

from pydantic import TypeAdapter

from extractors.engine import Document, Hit
from extractors.grammar.mentions import Mention
from extractors.terms.anchors import DefinedDates
from extractors.terms.subjects import of_another_agreement
from models.candidate import TermCandidate
from models.contract import TermField
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Incomplete, Shift
from models.source import Span

_EXPR: TypeAdapter[DateExpr] = TypeAdapter(DateExpr)
UNSURE = 0.5
"""Rules below this score do not vouch for an incomplete date."""
FURTHER = 0.01
"""What a candidate loses for each date that stands before it in the text."""
ALONE, LABELLED, TITLED = 0.8, 0.42, 0.94
"""What a date on the cover counts for that stands on a line of its own, and one beside no more than a label; and as the
effective date, if that is the label."""
BLOCK = 3_000
"""Characters between two dates with signatures from which on they belong to different instruments in one file."""
_LABEL = re.compile(r"effective dates?:?\s{0,4}$", re.IGNORECASE)
_NEXT_PART = re.compile(r"\b(?:EXHIBIT|APPENDIX|SCHEDULE|ANNEX|ATTACHMENT|ADDENDUM|AMENDMENT)\b")
_SIGNED_ON = re.compile(r"\bdated?(?: signed)?\s*:\s*$", re.IGNORECASE)
_NO_SIGNING = re.compile(
    r"\b(?:commence\w*|effective|expir\w*|termination|start\w*|end|open|renewal|supersed\w*|revis\w*|version)\b[^:]{0,60}:?\s*$"
    r"|\bsource:|\b(?:through|until|after|before|beyond|by|since|from)\s*\W{0,2}$",
    re.IGNORECASE,
)
"""What stands before a date near the signatures that is not the date of signing."""


def expression(value: object) -> DateExpr:
    """A date expression from a rule's filled template."""
    return _EXPR.validate_python(value)


def agreement_dates(
    hits: Sequence[Hit], signed: Sequence[Hit], document: Document, effective: Sequence[Hit] = ()
) -> list[TermCandidate]:
    """Candidates for the date the contract bears. Earlier in the text is better; of the signatures' dates, the last.

    ``effective`` say which day the Effective Date is, for a contract that is "entered into as of the Effective Date".
    """
    signings = signatures(signed, document)
    named = max(effective_dates(effective, signed, document, None, covers=hits), key=_score, default=None)
    found = []
    seen: dict[int, int] = {}
    for hit in sorted(hits, key=_date_start):
        value = hit.value()
        if not value:
            continue
        slot = hit.slots.get("date")
        if slot is None:
            if named is not None and isinstance(named.expr, Fixed):
                found.append(_agreed(hit, named.expr, hit.rule.score, document))
            continue
        mention = slot.mention
        if mention is None:
            continue
        score = hit.rule.score
        if len(signings) > 1 and _is_signing(hit, document):
            continue
        if hit.rule.where == ("cover",):
            if "signature" in document.passages[hit.passage].tags:
                # A short document: what looks like its cover is where it is signed.
                continue
            if score < UNSURE:
                score = _on_cover(document, mention)
        if isinstance(mention.value, Incomplete) and hit.rule.score < UNSURE:
            # A month somewhere on the cover is no date of the contract.
            continue
        place = seen.setdefault(mention.start, len(seen))
        if score > 0:
            found.append(_agreed(hit, expression(value["expr"]), score - FURTHER * place, document))
    by_date = {date: hit for hit, date in _dates(signings)}
    last = latest(list(by_date))
    if last is not None:
        hit = by_date[last]
        found.append(_agreed(hit, last, hit.rule.score, document))
    return found


def _is_signing(hit: Hit, document: Document) -> bool:
    """Whether what looks like the date of a short contract is the day one of several people signed it."""
    start = hit.slots["date"].span.start
    return "signature" in document.passages[hit.passage].tags and bool(
        _SIGNED_ON.search(document.text[max(0, start - 24) : start])
    )


def _on_cover(document: Document, mention: Mention) -> float:
    """How much a date on the cover counts that no words explain: most on its own line, nothing in a sentence."""
    text = document.text
    start = max(text.rfind(sign, 0, mention.start) for sign in "\n\t") + 1
    before = text[start : mention.start].strip()
    ends = re.match(r"[ .]*(?:[\n\t]|$)", text[mention.end : mention.end + 9])
    if _LABEL.search(text[max(0, mention.start - 30) : mention.start]):
        return LABELLED
    if not before and ends:
        return ALONE
    names = [word for word in before.split() if word[0].isalpha()]
    return LABELLED if ends and all(name[0].isupper() for name in names) else 0.0


def signatures(signed: Sequence[Hit], document: Document) -> list[Hit]:
    """The dates with the signatures of the contract itself, not those of what is attached to it or amends it."""
    found: list[Hit] = []
    for hit in sorted(signed, key=_date_start):
        if "attachment" in document.passages[hit.passage].tags:
            continue
        line = document.text[max(0, hit.span.start - 70) : hit.span.start].rsplit("\n", 1)[-1]
        if _NO_SIGNING.search(line):
            continue
        if found and hit.span.start - found[-1].span.end > BLOCK:
            break
        if found and _NEXT_PART.search(document.text, found[-1].span.end, hit.span.start):
            break
        found.append(hit)
    return found


def _agreed(hit: Hit, expr: DateExpr, score: float, document: Document) -> TermCandidate:
    return TermCandidate(
        field=TermField.AGREEMENT_DATE,
        expr=expr,
        span=hit.span,
        rule=hit.rule.name,
        score=max(score, 0.05),
        flags=hit.flags,
        why=hit.why(document.text),
    )


def _dates(hits: Sequence[Hit]) -> list[tuple[Hit, DateExpr]]:
    return [(hit, expression(value["expr"])) for hit in hits if (value := hit.value())]


def _date_start(hit: Hit) -> int:
    return hit.slots["date"].span.start if "date" in hit.slots else hit.span.start


def effective_dates(
    hits: Sequence[Hit],
    signed: Sequence[Hit],
    document: Document,
    agreement: DateExpr | None,
    dates: DefinedDates | None = None,
    covers: Sequence[Hit] = (),
) -> list[TermCandidate]:
    """Candidates for the date from which the contract has effect.

    ``agreement`` stands in for "the date hereof", the last date of ``signed`` for "the last signature", and ``dates``
    for an event that the contract dates elsewhere; where there is no such date, the answer hangs on that fact.
    ``covers`` are the dates on the cover, of which some are labelled.
    """
    known = {
        AnchorName.AGREEMENT_DATE: agreement,
        AnchorName.SIGNATURE: latest([date for _, date in _dates(signatures(signed, document))]) or agreement,
    }
    found = _labelled(covers, document)
    for place, hit in enumerate(sorted(hits, key=_start)):
        value = hit.value()
        if not value or of_another_agreement(hit, document):
            continue
        expr = expression(value["expr"])
        if isinstance(expr, Anchor):
            dated = dates.read(expr.event) if dates and expr.event else None
            expr = dated if isinstance(dated, Fixed) else known.get(expr.name) or expr
        elif isinstance(expr, Shift) and isinstance(expr.base, Anchor):
            expr = expr.model_copy(update={"base": known.get(expr.base.name) or expr.base})
        score = max(hit.rule.score - FURTHER * min(place, 9), 0.05)
        if "attachment" in document.passages[hit.passage].tags:
            score *= 0.8
        found.append(
            TermCandidate(
                field=TermField.EFFECTIVE_DATE,
                expr=expr,
                span=hit.span,
                rule=hit.rule.name,
                score=score,
                flags=hit.flags,
                why=hit.why(document.text),
            )
        )
    return found


def _score(candidate: TermCandidate) -> float:
    return candidate.score


def _labelled(hits: Sequence[Hit], document: Document) -> list[TermCandidate]:
    """Dates on the cover that stand below the words "Effective Date"."""
    found = []
    for hit in hits:
        value, slot = hit.value(), hit.slots.get("date")
        if not value or slot is None or hit.rule.where != ("cover",) or hit.rule.score >= UNSURE:
            continue
        label = _LABEL.search(document.text[max(0, hit.span.start - 30) : hit.span.start])
        if label is None:
            continue
        found.append(
            TermCandidate(
                field=TermField.EFFECTIVE_DATE,
                expr=expression(value["expr"]),
                span=Span(hit.span.start - len(label.group()), hit.span.end),
                rule=hit.rule.name,
                score=TITLED,
                flags=hit.flags,
                why=hit.why(document.text),
            )
        )
    return found


def _start(hit: Hit) -> int:
    return hit.span.start


def defined_dates(hits: Sequence[Hit]) -> DefinedDates:
    """The dates that the contract names."""
    named: dict[str, DateExpr] = {}
    for hit in sorted(hits, key=lambda one: -one.rule.score):
        value = hit.value()
        if value and str(value["name"]).lower() != "effective date":
            named.setdefault(" ".join(str(value["name"]).lower().split()), expression(value["date"]))
    return DefinedDates(named)


def latest(dates: Sequence[DateExpr]) -> DateExpr | None:
    """The last of several fixed dates, None if there is none."""
    fixed: list[dt.date] = [date.date for date in dates if isinstance(date, Fixed)]
    return Fixed(date=max(fixed)) if fixed else None
