"""The machine-readable object for one document: schema 1, described by ``docs/schema/extract-1.json``.

Values are plain and ready to compare: dates as ISO 8601, lengths in months or days (a year is 12 months and a
week 7 days by definition; months are never turned into days). What was not found is null, with the confidence
that it is absent.
"""

from typing import Any

from models.contract import SCHEMA_VERSION, Milestone, Outcome, Reading, Term, TermField
from models.evidence import Evidence
from models.money import Amount
from models.period import Period, Unit
from models.problem import Problem

Json = dict[str, Any]

_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


def document_object(outcome: Outcome) -> Json:
    """The object ``milepost extract --format jsonl`` prints for a document, failed ones included."""
    return {
        "schema": SCHEMA_VERSION,
        "file": outcome.file,
        "sha256": outcome.sha256,
        "status": str(outcome.status),
        "pages": outcome.pages,
        "draft": outcome.draft,
        "terms": {str(term.field): term_object(term) for term in outcome.terms},
        "milestones": [milestone_object(milestone) for milestone in outcome.milestones],
        "problems": [problem_object(problem) for problem in outcome.problems],
    }


def term_object(term: Term) -> Json:
    """One term: its value, how sure that is, and why."""
    return {
        "value": term_value(term),
        "state": str(term.state),
        "confidence": term.confidence,
        "evidence": [evidence_object(evidence) for evidence in term.evidence],
        "derivation": term.derivation,
        "blocked_on": term.blocked_on,
        "rule": term.rule,
        "alternatives": [_reading_object(reading) for reading in term.alternatives],
        "flags": list(term.flags),
    }


def term_value(term: Term) -> Any:
    """The value of a term in the form of its field, or None where there is none to state."""
    match term.field:
        case TermField.AGREEMENT_DATE | TermField.EFFECTIVE_DATE | TermField.EXPIRATION_DATE:
            if term.perpetual:
                return "perpetual"
            return term.date.isoformat() if term.date else None
        case TermField.RENEWAL_TERM:
            return _renewal_value(term)
        case TermField.NOTICE_PERIOD:
            return length(term.notice) if term.notice else None
        case TermField.PARTIES:
            return [{"name": party.name, "defined_as": party.defined_as} for party in term.parties] or None
        case TermField.TOTAL_VALUE:
            return amount_object(term.amount) if term.amount else None
        case TermField.TITLE | TermField.CONTRACT_TYPE | TermField.GOVERNING_LAW:
            return term.text


def length(period: Period) -> Json:
    """A period as ``{"months": n}`` or ``{"days": n}``; working days stay marked as such."""
    if period.unit in _MONTHS:
        return {"months": period.count * _MONTHS[period.unit]}
    days: Json = {"days": period.count * _DAYS[period.unit]}
    return days | {"business": True} if period.business else days


def _renewal_value(term: Term) -> Any:
    renewal = term.renewal
    if renewal is None:
        return None
    if renewal.perpetual:
        return "perpetual"
    if renewal.period is None:
        return None
    times = {} if renewal.times is None else {"times": renewal.times}
    return length(renewal.period) | {"successive": renewal.successive, "automatic": renewal.automatic} | times


def milestone_object(milestone: Milestone) -> Json:
    """One milestone: when, what for, and why. There is a date only where it follows from the contract."""
    offset, unit = _offset(milestone.offset)
    window = None
    if milestone.date is None and (milestone.earliest or milestone.latest):
        window = {
            "earliest": milestone.earliest.isoformat() if milestone.earliest else None,
            "latest": milestone.latest.isoformat() if milestone.latest else None,
        }
    return {
        "kind": str(milestone.kind),
        "title": milestone.title,
        "quote": milestone.quote,
        "date": milestone.date.isoformat() if milestone.date else None,
        "window": window,
        "offset": offset,
        "unit": unit,
        "direction": str(milestone.direction) if milestone.direction else None,
        "anchor": milestone.anchor,
        "recurrence": str(milestone.recurrence) if milestone.recurrence else None,
        "rrule": milestone.rrule,
        "amount": amount_object(milestone.amount) if milestone.amount else None,
        "who": milestone.who,
        "method": milestone.method,
        "criteria": milestone.criteria,
        "vague": list(milestone.vague),
        "confidence": milestone.confidence,
        "blocked_on": milestone.blocked_on,
        "evidence": [evidence_object(evidence) for evidence in milestone.evidence],
        "derivation": milestone.derivation,
        "rule": milestone.rule,
        "flags": list(milestone.flags),
    }


def _offset(period: Period | None) -> tuple[int | None, str | None]:
    """An offset as the contract counts it; quarters become three months each, working days a unit of their own."""
    if period is None:
        return None, None
    if period.unit is Unit.QUARTER:
        return period.count * 3, str(Unit.MONTH)
    return period.count, "business_day" if period.business else str(period.unit)


def amount_object(amount: Amount) -> Json:
    """An amount; figures are strings, because a decimal fraction is not a binary one."""
    return {
        "text": amount.text,
        "value": None if amount.value is None else format(amount.value, "f"),
        "high": None if amount.high is None else format(amount.high, "f"),
        "currency": amount.currency,
        "rate": amount.rate,
        "redacted": amount.redacted,
    }


def evidence_object(evidence: Evidence) -> Json:
    """A passage and where it stands. ``boxes`` lie on ``page``; what runs on to later pages is ``continued``."""
    pages: dict[int, list[list[float]]] = {}
    for box in evidence.boxes:
        pages.setdefault(box.page, []).append([round(edge, 5) for edge in (box.x0, box.y0, box.x1, box.y1)])
    first = evidence.page if evidence.page is not None else min(pages, default=None)
    boxes = pages.pop(first, []) if first is not None else []
    return {
        "page": first,
        "section": evidence.section,
        "start": evidence.start,
        "end": evidence.end,
        "quote": evidence.quote,
        "boxes": boxes,
        "continued": [{"page": page, "boxes": on_page} for page, on_page in pages.items()],
    }


def problem_object(problem: Problem) -> Json:
    """What went wrong, for people and for programs."""
    return {
        "stage": str(problem.stage),
        "category": str(problem.category),
        "page": problem.page,
        "message": problem.message,
    }


def _reading_object(reading: Reading) -> Json:
    return {"text": reading.text, "rule": reading.rule, "evidence": evidence_object(reading.evidence)}
