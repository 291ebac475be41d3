"""The machine-readable object for one document: schema 1, described by ``docs/schema/extract-1.json``.

Values are plain and ready to compare: dates as ISO 8601, lengths in months or days (a year is 12 months and a
week 7 days by definition; months are never turned into days). What was not found is null, with the confidence
that it is absent.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from models.contract import SCHEMA_VERSION, Milestone, Outcome, Reading, Term, TermField
from models.evidence import Evidence
from models.family import Operation, Reference, Stated
from models.milestone_keys import contract_id, keys_of
from models.money import Amount
from models.part import DocumentPart
from models.period import Period, Unit
from models.problem import Problem
from models.sending import NoticeCycle, Sending

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
        "draft_evidence": [evidence_object(evidence) for evidence in outcome.draft_evidence],
        "parts": [part_object(part) for part in outcome.parts],
        "terms": {
            str(term.field): term_object(term) | {"part": _part(outcome, term.evidence)} for term in outcome.terms
        },
        "milestones": _milestone_objects(outcome),
        "amends": [reference_object(reference) for reference in outcome.amends],
        "operations": [operation_object(operation) for operation in outcome.operations],
        "problems": [problem_object(problem) for problem in outcome.problems],
    }


def part_object(part: DocumentPart) -> Json:
    """A part of the file: what it is, how it names itself, and the characters it takes."""
    return {"kind": str(part.kind), "title": part.title or None, "start": part.start, "end": part.end}


def _part(outcome: Outcome, evidence: Sequence[Evidence]) -> Json | None:
    """The part that a value governs: the one it stands in."""
    part = outcome.part_of(evidence[0]) if evidence else None
    return part_object(part) if part else None


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


def _milestone_objects(outcome: Outcome) -> list[Json]:
    """The milestones with their ids, which are those of the database, and the ids of what each waits for."""
    ids = keys_of(outcome.milestones, contract_id(outcome.sha256 or ""))
    id_of = dict(zip(keys_of(outcome.milestones), ids, strict=True))
    return [
        milestone_object(milestone, id_, [id_of[key] for key in milestone.depends_on if key in id_of])
        | {"part": _part(outcome, milestone.evidence)}
        for milestone, id_ in zip(outcome.milestones, ids, strict=True)
    ]


def milestone_object(milestone: Milestone, id_: str | None = None, depends_on: Sequence[str] = ()) -> Json:
    """One milestone: when, what for, and why. There is a date only where it follows from the contract."""
    offset, unit = _offset(milestone.offset)
    window = None
    if milestone.date is None and (milestone.earliest or milestone.latest):
        window = {
            "earliest": _iso(milestone.earliest),
            "latest": _iso(milestone.latest),
        }
    return {
        "id": id_,
        "kind": str(milestone.kind),
        "title": milestone.title,
        "quote": milestone.quote,
        "date": _iso(milestone.date),
        "window": window,
        "offset": offset,
        "unit": unit,
        "direction": str(milestone.direction) if milestone.direction else None,
        "anchor": milestone.anchor,
        "recurrence": str(milestone.recurrence) if milestone.recurrence else None,
        "rrule": milestone.rrule,
        "occurrences": [day.isoformat() for day in milestone.occurrences],
        "amount": amount_object(milestone.amount) if milestone.amount else None,
        "who": milestone.who,
        "method": milestone.method,
        "sending": _sending_object(milestone.sending) if milestone.sending else None,
        "send_by": _iso(milestone.send_by),
        "cycles": [_cycle_object(cycle) for cycle in milestone.cycles],
        "depends_on": list(depends_on),
        "criteria": milestone.criteria,
        "vague": list(milestone.vague),
        "consequences": list(milestone.consequences),
        "rank": {"score": milestone.rank.score, "reasons": list(milestone.rank.reasons)} if milestone.rank else None,
        "confidence": milestone.confidence,
        "blocked_on": milestone.blocked_on,
        "evidence": [evidence_object(evidence) for evidence in milestone.evidence],
        "derivation": milestone.derivation,
        "rule": milestone.rule,
        "flags": list(milestone.flags),
    }


def reference_object(reference: Reference) -> Json:
    """What a document says of an agreement it belongs to. ``role`` and ``number`` are the document's own."""
    return {
        "role": str(reference.role),
        "number": reference.number,
        "title": reference.title,
        "dated": _iso(reference.dated),
        "reference": reference.reference,
        "parties": list(reference.parties),
        "earlier": [day.isoformat() for day in reference.earlier],
        "confidence": reference.confidence,
        "evidence": evidence_object(reference.evidence),
        "rule": reference.rule,
    }


def operation_object(operation: Operation) -> Json:
    """One thing a document does to the agreement it amends; ``terms`` are what a new text of a clause states."""
    return {
        "operation": str(operation.kind),
        "section": operation.section,
        "what": operation.what,
        "field": str(operation.field) if operation.field else None,
        "words": [
            {"old": _stated_object(one.old) if one.old else None, "new": _stated_object(one.new) if one.new else None}
            for one in operation.exchanges
        ],
        "text": operation.text,
        "terms": {str(term.field): term_value(term) for term in operation.terms},
        "since": _iso(operation.since),
        "confidence": operation.confidence,
        "quote": operation.quote,
        "evidence": [evidence_object(one) for one in operation.evidence],
        "rule": operation.rule,
    }


def _stated_object(stated: Stated) -> Json:
    """Words as they stand, and the value they are, if they are one."""
    return {
        "text": stated.text,
        "date": _iso(stated.date),
        "length": length(stated.period) if stated.period else None,
        "amount": amount_object(stated.amount) if stated.amount else None,
    }


def _sending_object(sending: Sending) -> Json:
    """How a notice travels and to whom; what it takes is a length, and an allowance where the contract is silent."""
    return {
        "methods": list(sending.methods),
        "slowest": sending.slowest,
        "takes": length(sending.takes) if sending.takes else None,
        "why": sending.why or None,
        "stated": sending.stated,
        "to": [addressee.model_dump() for addressee in sending.to],
        "evidence": evidence_object(sending.evidence) if sending.evidence else None,
    }


def _cycle_object(cycle: NoticeCycle) -> Json:
    """The notice of one term."""
    return {
        "number": cycle.number,
        "term_start": _iso(cycle.term_start),
        "term_end": _iso(cycle.term_end),
        "earliest": _iso(cycle.earliest),
        "latest": _iso(cycle.latest),
        "send_by": _iso(cycle.send_by),
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


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
