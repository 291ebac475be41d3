"""The agreement date and the effective date."""

import datetime as dt
from collections.abc import Sequence

from pydantic import TypeAdapter

from extractors.engine import Document, Hit
from extractors.terms.anchors import DefinedDates
from models.candidate import TermCandidate
from models.contract import TermField
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Incomplete, Shift

_EXPR: TypeAdapter[DateExpr] = TypeAdapter(DateExpr)
UNSURE = 0.5
"""Rules below this score do not vouch for an incomplete date."""
FURTHER = 0.01
"""What a candidate loses for each date that stands before it in the text."""


def expression(value: object) -> DateExpr:
    """A date expression from a rule's filled template."""
    return _EXPR.validate_python(value)


def agreement_dates(hits: Sequence[Hit], signed: Sequence[Hit], document: Document) -> list[TermCandidate]:
    """Candidates for the date the contract bears. Earlier in the text is better; of the signatures' dates, the last."""
    found = []
    seen: dict[int, int] = {}
    for hit in sorted(hits, key=_date_start):
        value = hit.value()
        mention = hit.slots["date"].mention
        if not value or mention is None:
            continue
        if "signature" in document.passages[hit.passage].tags and hit.rule.where == ("cover",):
            # A short document: what looks like its cover is where it is signed.
            continue
        if isinstance(mention.value, Incomplete) and hit.rule.score < UNSURE:
            # A month somewhere on the cover is no date of the contract.
            continue
        place = seen.setdefault(mention.start, len(seen))
        found.append(_agreed(hit, expression(value["expr"]), hit.rule.score - FURTHER * place, document))
    by_date = {date: hit for hit, date in _dates(signed)}
    last = latest(list(by_date))
    if last is not None:
        hit = by_date[last]
        found.append(_agreed(hit, last, hit.rule.score, document))
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
    return hit.slots["date"].span.start


def effective_dates(
    hits: Sequence[Hit], signed: Sequence[Hit], document: Document, agreement: DateExpr | None
) -> list[TermCandidate]:
    """Candidates for the date from which the contract has effect.

    ``agreement`` stands in for "the date hereof", the last date of ``signed`` for "the last signature"; where there is
    no such date, the answer hangs on that fact.
    """
    known = {
        AnchorName.AGREEMENT_DATE: agreement,
        AnchorName.SIGNATURE: latest([date for _, date in _dates(signed)]) or agreement,
    }
    found = []
    for place, hit in enumerate(sorted(hits, key=_start)):
        value = hit.value()
        if not value:
            continue
        expr = expression(value["expr"])
        if isinstance(expr, Anchor):
            expr = known.get(expr.name) or expr
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
