"""A contract's terms and milestones with their dates filled in, or what each is blocked on.

The terms give the facts that milestones hang on; a person may add others ("delivered on 3 May"), upon which everything
that hung on them resolves. A supplied fact stands before the contract's own, and the contract's own terms keep the
values that were read.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from models.business import WEEKENDS_ONLY, BusinessCalendar
from models.contract import Milestone, MilestoneKind, Term, TermField, TermState
from models.cycles import NO_END, Cycle, RollingTerm
from models.dateexpr import Anchor, AnchorName, DateExpr, Incomplete, Shift, TermEnd, Window
from models.derivation import derivation, window_words
from models.notice_deadlines import notice_cycles, terms_ahead, with_send_by
from models.occurrences import expand
from models.period import Direction, Period, Unit
from models.resolution import Blocked, Conventions, Fact, Resolved
from models.resolve import Resolver

_LABELS = {
    AnchorName.AGREEMENT_DATE: "Agreement date",
    AnchorName.EFFECTIVE_DATE: "Effective date",
    AnchorName.TERM_END: "End of term",
    AnchorName.INITIAL_TERM_END: "End of initial term",
    AnchorName.RENEWAL_START: "Start of renewal term",
}
_ANCHOR_OF = {
    TermField.AGREEMENT_DATE: AnchorName.AGREEMENT_DATE,
    TermField.EFFECTIVE_DATE: AnchorName.EFFECTIVE_DATE,
    TermField.EXPIRATION_DATE: AnchorName.TERM_END,
}
_NO_DATE: dict[str, Any] = {
    **dict.fromkeys(("date", "earliest", "latest", "derivation", "send_by")),
    "cycles": (),
    "occurrences": (),
}
OCCURRENCES = 4
"""Dates of a recurrence that are told ahead: the first and the next ones."""
_ONE_DAY = Period(count=1, unit=Unit.DAY)


def resolve_contract(
    terms: tuple[Term, ...],
    milestones: tuple[Milestone, ...],
    calendar: BusinessCalendar = WEEKENDS_ONLY,
    conventions: Conventions | None = None,
    supplied: Mapping[str, Fact] | None = None,
    as_of: dt.date | None = None,
) -> tuple[tuple[Term, ...], tuple[Milestone, ...]]:
    """Terms and milestones as they resolve, for the initial term.

    ``supplied`` are facts that a person stated, by ``Anchor.key``. A milestone that is blocked has no date, and one
    that no longer is loses ``blocked_on``. To resolve for a later term of a contract that rolled over, see
    ``resolve_milestones`` and ``RollingTerm.resolver_in``.

    A notice about the end of the term also gets the deadlines of the terms to come (``cycles``), and a recurrence its
    first dates: from ``as_of`` on where it is given, else from the beginning.
    """
    resolver = contract_resolver(terms, calendar, conventions, supplied)
    resolved = resolve_milestones(milestones, resolver)
    ahead: Sequence[tuple[Cycle, Resolver]] = ()
    if any(milestone.kind is MilestoneKind.NOTICE for milestone in resolved):
        rolling = rolling_term(terms, calendar, conventions, supplied)
        ahead = terms_ahead(rolling, as_of) if isinstance(rolling, RollingTerm) else ()
    return (
        tuple(_resolved_term(term, resolver) for term in terms),
        tuple(_with_what_follows(milestone, resolver, ahead, as_of) for milestone in resolved),
    )


def resolve_milestones(milestones: tuple[Milestone, ...], resolver: Resolver) -> tuple[Milestone, ...]:
    """The milestones with their dates by the facts the resolver knows."""
    return tuple(_resolved_milestone(milestone, resolver) for milestone in milestones)


def contract_resolver(
    terms: tuple[Term, ...],
    calendar: BusinessCalendar = WEEKENDS_ONLY,
    conventions: Conventions | None = None,
    supplied: Mapping[str, Fact] | None = None,
) -> Resolver:
    """A resolver that knows what the terms of a contract state, and what a person supplied."""
    absent = {AnchorName.TERM_END.value: NO_END, AnchorName.INITIAL_TERM_END.value: NO_END}
    perpetual = any(term.field is TermField.EXPIRATION_DATE and term.perpetual for term in terms)
    facts = contract_facts(terms)
    if supplied:
        if (end := supplied.get(AnchorName.TERM_END)) is not None:
            facts |= _facts_of_end(end)
        facts |= supplied
    return Resolver(facts, calendar, conventions or Conventions(), absent if perpetual else {})


def contract_facts(terms: tuple[Term, ...]) -> dict[str, Fact]:
    """The facts that the terms of a contract give, by ``Anchor.key``.

    A contract that states no effective date takes effect on the date of the agreement, and what hangs on it says so.
    One whose effective date is stated but blank, redacted or unknown has none: a blank is never filled by another date.
    What is due upon signing is dated by the agreement date, unless the contract sets the two apart, and says so.
    The day the contract is terminated is an event, not its scheduled end, and is not among them.
    """
    by_field = {term.field: term for term in terms}
    facts: dict[str, Fact] = {}
    agreement = by_field.get(TermField.AGREEMENT_DATE)
    effective = by_field.get(TermField.EFFECTIVE_DATE)
    expiration = by_field.get(TermField.EXPIRATION_DATE)
    if agreement and agreement.expr is not None:
        facts[AnchorName.AGREEMENT_DATE] = _fact(AnchorName.AGREEMENT_DATE, agreement, agreement.expr)
    if effective and effective.expr is not None:
        facts[AnchorName.EFFECTIVE_DATE] = _fact(AnchorName.EFFECTIVE_DATE, effective, effective.expr)
    elif AnchorName.AGREEMENT_DATE in facts and (effective is None or effective.state is TermState.ABSENT):
        facts[AnchorName.EFFECTIVE_DATE] = Fact(
            label=_LABELS[AnchorName.EFFECTIVE_DATE],
            expr=Anchor(name=AnchorName.AGREEMENT_DATE),
            note="effective date not stated: agreement date taken",
        )
    if AnchorName.AGREEMENT_DATE in facts and not (effective and _hangs_on_signature(effective)):
        facts[AnchorName.SIGNATURE] = Fact(
            label="Signature",
            expr=Anchor(name=AnchorName.AGREEMENT_DATE),
            note="day of signing not stated: agreement date taken",
        )
    if expiration and expiration.expr is not None and not expiration.perpetual:
        facts |= _facts_of_end(_fact(AnchorName.TERM_END, expiration, expiration.expr))
    return facts


def _hangs_on_signature(term: Term) -> bool:
    """Whether the contract tells its signing apart from its date: then the one does not stand for the other."""
    return term.expr is not None and AnchorName.SIGNATURE.value in term.expr.model_dump_json()


def rolling_term(
    terms: tuple[Term, ...],
    calendar: BusinessCalendar = WEEKENDS_ONLY,
    conventions: Conventions | None = None,
    supplied: Mapping[str, Fact] | None = None,
) -> RollingTerm | Blocked:
    """The contract's term and how it rolls over; blocked where the end of the initial term is not known."""
    resolver = contract_resolver(terms, calendar, conventions, supplied)
    by_field = {term.field: term for term in terms}
    renewal, notice = by_field.get(TermField.RENEWAL_TERM), by_field.get(TermField.NOTICE_PERIOD)
    rolling = RollingTerm(
        start=_day(resolver.resolve(Anchor(name=AnchorName.EFFECTIVE_DATE))),
        renewal=renewal.renewal if renewal else None,
        notice=notice_expr(notice.notice) if notice and notice.notice else None,
        facts=resolver.facts,
        calendar=resolver.calendar,
        conventions=resolver.conventions,
    )
    fact = resolver.facts.get(AnchorName.TERM_END)
    if fact is None and AnchorName.TERM_END in resolver.absent:
        return rolling  # a perpetual term
    end = resolver.resolve(Anchor(name=AnchorName.TERM_END))
    if isinstance(end, Blocked):
        return end
    if end.date is None:
        return Blocked.impossible(_not_one_day(end))
    if fact and isinstance(fact.expr, TermEnd) and (start := _day(resolver.resolve(fact.expr.start))):
        return replace(rolling, start=start, length=fact.expr.period)
    return replace(rolling, end=end.date)


def notice_expr(period: Period) -> DateExpr:
    """Notice at least ``period`` before the end of the current term: any day until then."""
    deadline = Shift(base=Anchor(name=AnchorName.TERM_END), period=period, direction=Direction.BEFORE)
    return Window(latest=deadline)


def _resolved_term(term: Term, resolver: Resolver) -> Term:
    """A dated term with its date; the others, and those that are absent or perpetual, as they are."""
    if term.field not in _ANCHOR_OF or term.expr is None or term.perpetual or term.state is TermState.ABSENT:
        return term
    outcome = resolver.resolve_fact(_fact(_ANCHOR_OF[term.field], term, term.expr))
    if isinstance(outcome, Resolved) and outcome.date:
        found = TermState.FOUND if term.state is TermState.BLOCKED else term.state
        update = {"state": found, "date": outcome.date, "derivation": derivation(outcome), "blocked_on": None}
    else:
        waiting = TermState.PARTIAL if isinstance(term.expr, Incomplete) else TermState.BLOCKED
        blocked_on = outcome.phrase if isinstance(outcome, Blocked) else _not_one_day(outcome)
        update = {
            "state": waiting if term.state is TermState.FOUND else term.state,
            "date": None,
            "derivation": None,
            "blocked_on": blocked_on,
        }
    return term.model_copy(update=update)


def _resolved_milestone(milestone: Milestone, resolver: Resolver) -> Milestone:
    if milestone.expr is None:
        return milestone.model_copy(update=_NO_DATE) if milestone.blocked_on else milestone
    outcome = resolver.resolve(milestone.expr, milestone.evidence[0].where)
    if isinstance(outcome, Blocked):
        return milestone.model_copy(update={**_NO_DATE, "blocked_on": outcome.phrase})
    when = {"date": outcome.date} if outcome.date else {"earliest": outcome.earliest, "latest": outcome.latest}
    dated = milestone.model_copy(update={**_NO_DATE, **when, "blocked_on": None, "derivation": derivation(outcome)})
    return with_send_by(dated, resolver)


def _with_what_follows(
    milestone: Milestone, resolver: Resolver, ahead: Sequence[tuple[Cycle, Resolver]], as_of: dt.date | None
) -> Milestone:
    """The milestone with the deadlines of the terms to come, or the dates of its recurrence."""
    if cycles := notice_cycles(milestone, ahead):
        return milestone.model_copy(update={"cycles": cycles})
    if milestone.recurrence is None or milestone.expr is None or not (milestone.date or milestone.latest):
        return milestone
    begin = milestone.date or milestone.earliest or milestone.latest
    start = max(day for day in (begin, as_of) if day is not None)
    found = expand(
        milestone.expr, resolver.facts, start, dt.date.max, resolver.calendar, resolver.conventions, OCCURRENCES
    )
    days = () if isinstance(found, Blocked) else tuple(one.due for one in found)
    return milestone.model_copy(update={"occurrences": days}) if len(days) > 1 else milestone


def _fact(name: AnchorName, term: Term, expr: DateExpr) -> Fact:
    label = _LABELS[name]
    note = f"{label.lower()}: readings disagree, a person must decide" if term.state is TermState.CONFLICT else None
    return Fact(label=label, expr=expr, evidence=term.evidence[0] if term.evidence else None, note=note)


def _facts_of_end(end: Fact) -> dict[str, Fact]:
    """What the end of the term settles: the initial term's end, and the start of the next.

    A counted term is followed from its anniversary on, whether or not its own last day is the day before; a term whose
    last day is stated, from the day after.
    """
    if isinstance(end.expr, TermEnd):
        following = Shift(base=end.expr.start, period=end.expr.period, direction=Direction.AFTER)
    else:
        following = Shift(base=end.expr, period=_ONE_DAY, direction=Direction.AFTER)
    return {
        AnchorName.TERM_END: end,
        AnchorName.INITIAL_TERM_END: end.model_copy(update={"label": _LABELS[AnchorName.INITIAL_TERM_END]}),
        AnchorName.RENEWAL_START: end.model_copy(
            update={"label": _LABELS[AnchorName.RENEWAL_START], "expr": following}
        ),
    }


def _day(outcome: Resolved | Blocked) -> dt.date | None:
    return outcome.date if isinstance(outcome, Resolved) else None


def _not_one_day(window: Resolved) -> str:
    return f"not one day but a window: {window_words(window.earliest, window.latest)}"
