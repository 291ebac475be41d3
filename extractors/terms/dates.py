"""The agreement date and the effective date."""

import datetime as dt
from collections.abc import Sequence

from pydantic import TypeAdapter

from extractors.engine import Document, Hit
from extractors.terms.anchors import DefinedDates
from models.candidate import TermCandidate
from models.contract import TermField
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed

_EXPR: TypeAdapter[DateExpr] = TypeAdapter(DateExpr)
FURTHER = 0.01
"""What a candidate loses for each date that stands before it in the text."""


def expression(value: object) -> DateExpr:
    """A date expression from a rule's filled template."""
    return _EXPR.validate_python(value)


def agreement_dates(hits: Sequence[Hit], document: Document) -> list[TermCandidate]:
    """Candidates for the date the contract bears. Earlier in the text is better."""
    found = []
    seen: dict[int, int] = {}
    for hit in sorted(hits, key=lambda one: one.slots["date"].span.start):
        value = hit.value()
        mention = hit.slots["date"].mention
        if not value or mention is None:
            continue
        place = seen.setdefault(mention.start, len(seen))
        found.append(
            TermCandidate(
                field=TermField.AGREEMENT_DATE,
                expr=expression(value["expr"]),
                span=hit.span,
                rule=hit.rule.name,
                score=max(hit.rule.score - FURTHER * place, 0.05),
                flags=hit.flags,
                why=hit.why(document.text),
            )
        )
    return found


def effective_dates(hits: Sequence[Hit], document: Document, agreement: DateExpr | None) -> list[TermCandidate]:
    """Candidates for the date from which the contract has effect. ``agreement`` stands in for "the date hereof"."""
    found = []
    for place, hit in enumerate(sorted(hits, key=lambda one: one.span.start)):
        value = hit.value()
        if not value:
            continue
        expr = expression(value["expr"])
        if isinstance(expr, Anchor) and expr.name is AnchorName.AGREEMENT_DATE:
            if agreement is None:
                continue
            expr = agreement
        found.append(
            TermCandidate(
                field=TermField.EFFECTIVE_DATE,
                expr=expr,
                span=hit.span,
                rule=hit.rule.name,
                score=max(hit.rule.score - FURTHER * place, 0.05),
                flags=hit.flags,
                why=hit.why(document.text),
            )
        )
    return found


def defined_dates(hits: Sequence[Hit]) -> DefinedDates:
    """The dates that the contract names."""
    named: dict[str, DateExpr] = {}
    for hit in sorted(hits, key=lambda one: -one.rule.score):
        value = hit.value()
        if value:
            named.setdefault(" ".join(str(value["name"]).lower().split()), expression(value["date"]))
    return DefinedDates(named)


def latest(dates: Sequence[DateExpr]) -> DateExpr | None:
    """The last of several fixed dates, None if there is none."""
    fixed: list[dt.date] = [date.date for date in dates if isinstance(date, Fixed)]
    return Fixed(date=max(fixed)) if fixed else None
