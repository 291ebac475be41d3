"""What a milestone or term becomes when a person corrects it. Dates are left to the date algebra."""

from typing import Any

from models.contract import FIVE_TERMS, Milestone, Recurrence, Term, TermField, TermState
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Recurring, Shift, TermEnd, Window, Within
from models.decision import Change, Timing
from models.period import Direction

CERTAIN = 1.0
"""The confidence of what a person stated."""

_RRULES = {
    Recurrence.WEEKLY: "FREQ=WEEKLY",
    Recurrence.MONTHLY: "FREQ=MONTHLY",
    Recurrence.QUARTERLY: "FREQ=MONTHLY;INTERVAL=3",
    Recurrence.SEMIANNUAL: "FREQ=MONTHLY;INTERVAL=6",
    Recurrence.ANNUAL: "FREQ=YEARLY",
}

_TEXT_FIELDS = frozenset({TermField.TITLE, TermField.CONTRACT_TYPE, TermField.GOVERNING_LAW})
_DATE_FIELDS = frozenset({TermField.AGREEMENT_DATE, TermField.EFFECTIVE_DATE, TermField.EXPIRATION_DATE})
_MILESTONE_FIELDS = frozenset({"kind", "title", "who", "amount", "method", "criteria", "timing"})


class BadChangeError(ValueError):
    """A change that does not fit what it changes; ``field`` is the part at fault."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def timing_expr(timing: Timing) -> DateExpr:
    """The timing for the date algebra."""
    expr: DateExpr
    if timing.date is not None:
        expr = Fixed(date=timing.date)
    elif timing.earliest or timing.latest:
        earliest = Fixed(date=timing.earliest) if timing.earliest else None
        latest = Fixed(date=timing.latest) if timing.latest else None
        return Window(earliest=earliest, latest=latest)
    else:
        assert timing.anchor is not None  # the type asks for one of the three
        expr = Anchor(name=timing.anchor, event=timing.event)
        if timing.period is not None:
            node = Within if timing.within else Shift
            expr = node(base=expr, period=timing.period, direction=timing.direction)
    if timing.recurrence in _RRULES:
        until = Fixed(date=timing.until) if timing.until else None
        return Recurring(rrule=_RRULES[timing.recurrence], start=expr, until=until)
    return expr


def changed_milestone(milestone: Milestone, change: Change) -> Milestone:
    """The milestone as corrected, its dates still to be resolved. Raises ``BadChangeError``.

    An empty text takes the field away. A new timing settles what was vague, ambiguous or in conflict.
    """
    given = set(change.model_dump(exclude_defaults=True))
    if wrong := sorted(given - _MILESTONE_FIELDS):
        raise BadChangeError(f"A milestone has no {_words(wrong[0])}.", wrong[0])
    update: dict[str, Any] = {"confidence": CERTAIN}
    for name in ("kind", "title", "amount"):
        if (value := getattr(change, name)) is not None:
            update[name] = value
    for name in ("who", "method", "criteria"):
        if (text := getattr(change, name)) is not None:
            update[name] = text.strip() or None
    if change.timing is not None:
        update |= _timed(change.timing)
    return milestone.model_copy(update=update)


def changed_term(term: Term, change: Change) -> Term:
    """The term as corrected, its date still to be resolved. Raises ``BadChangeError``."""
    given = set(change.model_dump(exclude_defaults=True))
    if not given:
        raise BadChangeError("State the value, or that the contract has none.", "timing")
    if change.absent:
        if others := sorted(given - {"absent"}):
            raise BadChangeError("What the contract does not state has no value.", others[0])
        return confirmed_term(Term(field=term.field, state=TermState.ABSENT, confidence=CERTAIN))
    if change.reading is not None:
        if others := sorted(given - {"reading"}):
            raise BadChangeError("Take a reading as it is, or state a value.", others[0])
        return taken_reading(term, change.reading)
    allowed = allowed_changes(term.field)
    if wrong := sorted(given - allowed):
        raise BadChangeError(
            f"The {_words(term.field)} is not stated as {_words(wrong[0])}, but as {_listed(allowed)}.", wrong[0]
        )
    if len(given) > 1:
        raise BadChangeError("State one value.", sorted(given)[1])
    changed = Term(
        field=term.field,
        state=TermState.FOUND,
        confidence=CERTAIN,
        expr=_term_expr(term.field, change.timing) if change.timing else None,
        perpetual=change.perpetual,
        renewal=change.renewal,
        notice=change.notice,
        text=change.text and change.text.strip(),
        parties=change.parties,
        amount=change.amount,
        evidence=term.evidence,
        rule=term.rule,
    )
    if term.field in _TEXT_FIELDS and not changed.text:
        raise BadChangeError(f"The {_words(term.field)} is empty.", "text")
    return changed


def taken_reading(term: Term, number: int) -> Term:
    """The term as one of the readings not chosen has it. Raises ``BadChangeError`` if that states no value."""
    reading = term.alternatives[number] if number < len(term.alternatives) else None
    if reading is None or not reading.states_value:
        raise BadChangeError("There is no such reading. State the value.", "reading")
    return Term(
        field=term.field,
        state=TermState.FOUND,
        confidence=CERTAIN,
        expr=reading.expr,
        perpetual=reading.perpetual,
        renewal=reading.renewal,
        notice=reading.notice,
        text=reading.said,
        evidence=(reading.evidence,),
        rule=reading.rule,
    )


def confirmed_milestone(milestone: Milestone) -> Milestone:
    """The milestone as a person accepts it."""
    return milestone.model_copy(update={"confidence": CERTAIN})


def confirmed_term(term: Term) -> Term:
    """The term as a person accepts it: of readings that disagreed, the one that was shown is taken."""
    state = TermState.FOUND if term.state is TermState.CONFLICT else term.state
    return term.model_copy(update={"state": state, "confidence": CERTAIN})


def allowed_changes(field: TermField) -> frozenset[str]:
    """The parts of a ``Change`` that can state a term, besides ``absent``."""
    if field in _TEXT_FIELDS:
        return frozenset({"text"})
    match field:
        case TermField.EXPIRATION_DATE:
            return frozenset({"timing", "perpetual"})
        case TermField.RENEWAL_TERM:
            return frozenset({"renewal"})
        case TermField.NOTICE_PERIOD:
            return frozenset({"notice"})
        case TermField.PARTIES:
            return frozenset({"parties"})
        case TermField.TOTAL_VALUE:
            return frozenset({"amount"})
    return frozenset({"timing"})


def moves_dates(field: TermField) -> bool:
    """Whether dates of the contract may hang on the term."""
    return field in FIVE_TERMS


def _timed(timing: Timing) -> dict[str, Any]:
    words = timing.event or (_words(timing.anchor) if timing.anchor else None)
    expr = timing_expr(timing)
    return {
        "expr": expr,
        "offset": timing.period,
        "direction": timing.direction if timing.period else None,
        "anchor": words,
        "recurrence": timing.recurrence,
        "rrule": expr.rrule if isinstance(expr, Recurring) else None,
        "vague": (),
        "flags": (),
        "blocked_on": None,
    }


def _term_expr(field: TermField, timing: Timing) -> DateExpr:
    if timing.recurrence is not None or timing.earliest or timing.latest or timing.within:
        raise BadChangeError(f"The {_words(field)} is one day.", "timing")
    if timing.anchor is _ITSELF.get(field):
        raise BadChangeError(f"The {_words(field)} cannot be counted from itself.", "timing")
    forward = timing.direction is Direction.AFTER
    if field is TermField.EXPIRATION_DATE and timing.anchor and timing.period and forward:
        return TermEnd(start=Anchor(name=timing.anchor, event=timing.event), period=timing.period)
    return timing_expr(timing)


_ITSELF = {
    TermField.AGREEMENT_DATE: AnchorName.AGREEMENT_DATE,
    TermField.EFFECTIVE_DATE: AnchorName.EFFECTIVE_DATE,
    TermField.EXPIRATION_DATE: AnchorName.TERM_END,
}


def _words(name: str) -> str:
    return name.replace("_", " ")


def _listed(names: frozenset[str]) -> str:
    return " or ".join(_words(name) for name in sorted(names))
