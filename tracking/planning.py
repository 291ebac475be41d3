"""From what was confirmed of a contract to its occurrences: values in, values out, and the day is a parameter.

What hangs on the end of a term comes once in each term, the current one and those ahead, as far as the contract rolls
over and nobody decided to end it. What recurs is expanded over the horizon. What waits for another milestone moves with
it: until that is done, its day is an expected one.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from models.business import WEEKENDS_ONLY, BusinessCalendar
from models.contract import MilestoneKind
from models.contract_resolution import contract_resolver, rolling_term
from models.cycles import Cycle, RollingTerm
from models.dateexpr import AnchorName, DateExpr, Fixed, Recurring
from models.derivation import date_words, derivation
from models.notice_deadlines import sending_deadline
from models.occurrences import expand
from models.resolution import Blocked, Conventions, Fact, Resolved
from models.resolve import Resolver
from models.tracked import Choice, OccurrenceState, PlannedOccurrence, TrackedContract, TrackedMilestone
from tracking.sequences import labels

CYCLES = 60
"""Terms looked at, at most: five years of a contract that goes on from month to month."""

Name = tuple[str, int, str]
"""``PlannedOccurrence.name``."""

_OF_THE_TERM = (f'"name":"{AnchorName.TERM_END}"', f'"name":"{AnchorName.RENEWAL_START}"')
_BEFORE = dt.timedelta(days=400)
_RECURRING = '"op":"recurring"'
_NOT_EVENTS = {
    AnchorName.AGREEMENT_DATE,
    AnchorName.EFFECTIVE_DATE,
    AnchorName.TERM_END,
    AnchorName.INITIAL_TERM_END,
    AnchorName.RENEWAL_START,
    AnchorName.TERMINATION,
}
_ENDS_OF_TERMS = {MilestoneKind.EXPIRATION, MilestoneKind.RENEWAL, MilestoneKind.TERMINATION}


@dataclass(frozen=True, slots=True)
class Frame:
    """What planning is told besides the contract.

    ``start`` and ``end`` bound what is planned (a single milestone may lie beyond the end). ``done`` says on which day
    occurrences were done. ``happenings`` are kinds that come by themselves. ``extra`` are milestones by policy.
    """

    today: dt.date
    start: dt.date
    end: dt.date
    calendar: BusinessCalendar = WEEKENDS_ONLY
    conventions: Conventions = field(default_factory=Conventions)
    done: Mapping[Name, dt.date] = field(default_factory=dict)
    happenings: frozenset[str] = frozenset()
    extra: tuple[TrackedMilestone, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A contract's rolling term with what was decided about it.

    ``cycles`` are those from the frame's start to its end; ``ends_on`` the day the contract ends, where it does.
    """

    rolling: RollingTerm | Blocked
    cycles: tuple[Cycle, ...] = ()
    current: Cycle | None = None
    ends_on: dt.date | None = None

    @property
    def open_ended(self) -> bool:
        """Whether the current term has no end, and nothing is missing to know it."""
        return self.current is not None and self.current.end is None and self.current.blocked_on is None


def plan_contract(contract: TrackedContract, frame: Frame) -> tuple[PlannedOccurrence, ...]:
    """The occurrences of a contract, by day, those without one last."""
    term = term_of(contract, frame)
    resolver = contract_resolver(contract.terms, frame.calendar, frame.conventions, contract.supplied)
    found: list[PlannedOccurrence] = []
    waiting: list[TrackedMilestone] = []
    for milestone in (*contract.milestones, *frame.extra):
        planned = list(_of_milestone(milestone, term, resolver, frame))
        if milestone.waits_for and any(one.blocked_on for one in planned):
            waiting.append(milestone)
        else:
            found.extend(planned)
    found.extend(_of_terms(contract, term, found))
    found.extend(_moved_with(waiting, found, resolver, frame))
    settled = (_settled(one, contract, term, frame) for one in found if one.due is None or one.due >= frame.start)
    return tuple(sorted(settled, key=lambda one: (one.due or dt.date.max, one.key, one.sequence)))


def term_of(contract: TrackedContract, frame: Frame) -> Term:
    """How the contract's term rolls, what was decided about it included."""
    rolling = rolling_term(contract.terms, frame.calendar, frame.conventions, contract.supplied)
    if isinstance(rolling, Blocked):
        return Term(rolling)
    rolling = _with_renewals(rolling, contract)
    last = min((one.cycle for one in contract.decisions if _ending(contract, one.cycle)), default=None)
    ahead = islice(rolling.cycles(frame.start), CYCLES)
    cycles = tuple(_within(ahead, frame.end, last))
    current = rolling.cycle_at(frame.today)
    if current is not None and last is not None and current.number > last:
        current = None
    ends_on = contract.settings.terminated_on
    if ends_on is None:
        ends_on = _scheduled_end(rolling, last, frame)
    return Term(rolling, cycles, current, ends_on)


def _with_renewals(rolling: RollingTerm, contract: TrackedContract) -> RollingTerm:
    """An option to renew that was taken makes another term, as if it had come by itself."""
    renewal = rolling.renewal
    if renewal is None or renewal.automatic or renewal.perpetual or renewal.period is None:
        return rolling
    taken = 0
    while (decided := contract.decision(taken + 1)) and decided.choice is Choice.RENEW:
        taken += 1
    most = renewal.times or (taken if renewal.successive else 1)
    taken = min(taken, most)
    if not taken:
        return rolling
    return replace(rolling, renewal=renewal.model_copy(update={"automatic": True, "successive": True, "times": taken}))


def _ending(contract: TrackedContract, cycle: int) -> bool:
    decided = contract.decision(cycle)
    return decided is not None and decided.choice.ends


def _within(cycles: Iterator[Cycle], end: dt.date, last: int | None) -> Iterator[Cycle]:
    """The cycles until the horizon: the one that reaches over it, and the next after the first in any case."""
    for index, cycle in enumerate(cycles):
        if last is not None and cycle.number > last:
            return
        if index > 1 and cycle.start is not None and cycle.start > end:
            return
        yield cycle
        if cycle.end is None:
            return


def _scheduled_end(rolling: RollingTerm, last: int | None, frame: Frame) -> dt.date | None:
    """The end of the last term there will be; None where the contract rolls on beyond the horizon, or has no end."""
    end = None
    for cycle in islice(rolling.cycles(), 10_000):
        if cycle.end is None:
            return None
        end = cycle.end
        if cycle.number == last:
            return end
        if end > frame.end:
            return None if rolling.rolls_after(cycle) and rolling.renewal and rolling.renewal.automatic else end
    return end


def _of_milestone(
    milestone: TrackedMilestone, term: Term, resolver: Resolver, frame: Frame
) -> Iterator[PlannedOccurrence]:
    dumped = milestone.expr.model_dump_json() if milestone.expr is not None else ""
    of_the_term = any(name in dumped for name in _OF_THE_TERM)
    if milestone.expr is None:
        yield _stated(milestone)
    elif _RECURRING in dumped:
        yield from _recurring(milestone, milestone.expr, term, resolver, frame)
    elif term.cycles and of_the_term:
        yield from _in_each_cycle(milestone, milestone.expr, term)
    else:
        yield _single(milestone, milestone.expr, resolver, cycle=1 if of_the_term else 0)


def _stated(milestone: TrackedMilestone) -> PlannedOccurrence:
    due = milestone.date or milestone.latest or milestone.earliest
    if due is None:
        return _bare(milestone, blocked_on=milestone.blocked_on or "no time stated")
    earliest = None if milestone.date else milestone.earliest
    return _bare(milestone, due=due, earliest=earliest, derivation=milestone.derivation)


def _single(milestone: TrackedMilestone, expr: DateExpr, resolver: Resolver, cycle: int = 0) -> PlannedOccurrence:
    outcome = resolver.resolve(expr)
    if isinstance(outcome, Blocked):
        if _dated(milestone) and cycle <= 1:
            # Its day was confirmed, if not yet the terms it was counted from.
            return _stated(milestone).model_copy(update={"cycle": cycle})
        return _bare(milestone, cycle=cycle, blocked_on=outcome.phrase)
    return _bare(milestone, cycle=cycle, **_times(milestone, outcome, resolver))


def _dated(milestone: TrackedMilestone) -> bool:
    return milestone.blocked_on is None and bool(milestone.date or milestone.latest or milestone.earliest)


def _times(milestone: TrackedMilestone, outcome: Resolved, resolver: Resolver) -> dict[str, object]:
    sent = None
    if milestone.sending is not None and outcome.latest is not None:
        sent = sending_deadline(outcome.latest, milestone.sending, resolver)
    return {
        "due": outcome.latest or outcome.earliest,
        # A single day is a deadline: any day until then.
        "earliest": None if outcome.date else outcome.earliest,
        "send_by": sent.date if sent else None,
        "derivation": derivation(outcome),
    }


def _in_each_cycle(milestone: TrackedMilestone, expr: DateExpr, term: Term) -> Iterator[PlannedOccurrence]:
    assert isinstance(term.rolling, RollingTerm)
    for cycle in term.cycles:
        if milestone.kind in (MilestoneKind.NOTICE, MilestoneKind.RENEWAL) and not term.rolling.rolls_after(cycle):
            continue
        yield _single(milestone, expr, term.rolling.resolver_in(cycle), cycle.number)


def _recurring(
    milestone: TrackedMilestone, expr: DateExpr, term: Term, resolver: Resolver, frame: Frame
) -> Iterator[PlannedOccurrence]:
    """A recurrence until the end of the term goes on through the terms that the contract rolls over into."""
    facts: Mapping[str, Fact] = resolver.facts
    if isinstance(term.rolling, RollingTerm) and term.cycles:
        facts = term.rolling.facts_in(term.cycles[-1])
    # From well before the start, so that names do not depend on where in a month or year the window begins.
    found = expand(expr, facts, frame.start - _BEFORE, frame.end, frame.calendar, frame.conventions)
    if isinstance(found, Blocked) and _dated(milestone) and isinstance(expr, Recurring) and milestone.date:
        # Its first day was confirmed, if not yet the fact it was counted from.
        expr = expr.model_copy(update={"start": Fixed(date=milestone.date), "due": None})
        found = expand(expr, facts, frame.start - _BEFORE, frame.end, frame.calendar, frame.conventions)
    if isinstance(found, Blocked):
        yield _bare(milestone, blocked_on=found.phrase)
        return
    comings = [one for one in found if term.ends_on is None or one.on <= term.ends_on]
    for coming, sequence in zip(comings, labels(expr, [one.on for one in comings]), strict=True):
        sent = None
        if milestone.sending is not None:
            sent = sending_deadline(coming.due, milestone.sending, resolver)
        yield _bare(
            milestone,
            sequence=sequence,
            due=coming.due,
            earliest=None if coming.earliest == coming.latest else coming.earliest,
            send_by=sent.date if sent else None,
        )


def _of_terms(contract: TrackedContract, term: Term, found: Sequence[PlannedOccurrence]) -> Iterator[PlannedOccurrence]:
    """The end of each term, and the notice before it, where only the terms of the contract speak of them."""
    if not isinstance(term.rolling, RollingTerm):
        return
    noticed = {one.cycle for one in found if one.kind == MilestoneKind.NOTICE and one.cycle}
    days = {(one.cycle, one.due) for one in found}
    ends = {(one.cycle, one.due) for one in found if one.kind in _ENDS_OF_TERMS}
    rolls = term.rolling.renewal is not None and term.rolling.renewal.automatic
    for cycle in term.cycles:
        if cycle.end is None:
            continue
        # What stops a renewal may have been read as one of another kind.
        told = cycle.number in noticed or (cycle.number, cycle.notice_latest) in days
        if cycle.notice_latest is not None and not told:
            yield PlannedOccurrence(
                key=f"{contract.id}:notice",
                kind=MilestoneKind.NOTICE,
                title="Notice of non-renewal" if rolls else "Notice before the end of the term",
                cycle=cycle.number,
                due=cycle.notice_latest,
                earliest=cycle.notice_earliest,
                derivation=f"notice period before the end of the term on {date_words(cycle.end)}",
            )
        if not ends & {(cycle.number, cycle.end), (0, cycle.end)}:
            goes_on = rolls and term.rolling.rolls_after(cycle) and cycle.end != term.ends_on
            yield PlannedOccurrence(
                key=f"{contract.id}:term",
                kind=MilestoneKind.RENEWAL if goes_on else MilestoneKind.EXPIRATION,
                title="Renews for another term" if goes_on else "End of the term",
                cycle=cycle.number,
                due=cycle.end,
            )


def _moved_with(
    waiting: Sequence[TrackedMilestone], found: Sequence[PlannedOccurrence], resolver: Resolver, frame: Frame
) -> Iterator[PlannedOccurrence]:
    """Milestones that wait for others, by the days of those: the day it was done, else the day it is expected."""
    comings: dict[str, list[PlannedOccurrence]] = {}
    for one in found:
        comings.setdefault(one.key, []).append(one)
    known = {key: _waited_for(ones, frame) for key, ones in comings.items()}
    left = list(waiting)
    while left:
        ready = [one for one in left if all(key in known for key in one.waits_for)]
        for milestone in ready or left:  # a circle, or a milestone that is not tracked: as it stands
            planned = _after(milestone, known, resolver, frame)
            known[milestone.key] = planned
            yield planned
        left = [one for one in left if one.key not in known]


def _waited_for(comings: Sequence[PlannedOccurrence], frame: Frame) -> PlannedOccurrence:
    """Which coming of a milestone others wait for: the first that is not done, else the last."""
    ahead = [one for one in comings if one.name not in frame.done]
    if ahead:
        return min(ahead, key=lambda one: one.due or dt.date.max)
    return max(comings, key=lambda one: one.due or dt.date.min)


def _after(
    milestone: TrackedMilestone, known: Mapping[str, PlannedOccurrence], resolver: Resolver, frame: Frame
) -> PlannedOccurrence:
    if milestone.expr is None:
        return _stated(milestone)
    blocked = resolver.resolve(milestone.expr)
    if isinstance(blocked, Resolved):
        return _single(milestone, milestone.expr, resolver)
    before = [known[key] for key in milestone.waits_for if key in known]
    days = [frame.done.get(one.name) or (max(one.due, frame.today) if one.due else None) for one in before]
    events = [key for key in blocked.on if key not in _NOT_EVENTS]
    if not before or len(before) < len(milestone.waits_for) or None in days or not events:
        return _bare(milestone, blocked_on=blocked.phrase)
    day, last = max((day, one.title) for day, one in zip(days, before, strict=True) if day is not None)
    done = all(one.name in frame.done for one in before)
    fact = Fact(label=last, expr=Fixed(date=day), note=None if done else f"expected: {last.lower()} is not done yet")
    moved = Resolver(
        {**resolver.facts, **dict.fromkeys(events, fact)}, resolver.calendar, resolver.conventions, resolver.absent
    )
    if done:
        return _single(milestone, milestone.expr, moved)
    return _single(milestone, milestone.expr, moved).model_copy(update={"expected": True, "blocked_on": blocked.phrase})


def _settled(one: PlannedOccurrence, contract: TrackedContract, term: Term, frame: Frame) -> PlannedOccurrence:
    """The occurrence with what closes it: a decision about its term, the end of the term, the day itself."""
    if one.cycle and (closed := _closed_by_decision(one, contract, term)):
        return closed
    ended = contract.settings.terminated_on
    if ended and one.kind != MilestoneKind.SURVIVAL and one.due and one.due > ended:
        return _closed(one, OccurrenceState.SUPERSEDED, f"the contract ended on {date_words(ended)}")
    if one.cycle and one.kind == MilestoneKind.NOTICE and (end := _end_of(one.cycle, term)) and end < frame.today:
        return _closed(one, OccurrenceState.SUPERSEDED, f"term {one.cycle} ended on {date_words(end)}")
    if one.kind in frame.happenings and one.due and one.due < frame.today and not one.blocked:
        return _closed(one, OccurrenceState.DONE, "the day has passed")
    return one


def _closed_by_decision(one: PlannedOccurrence, contract: TrackedContract, term: Term) -> PlannedOccurrence | None:
    decided = contract.decision(one.cycle)
    if decided is None:
        return None
    words = f"decided to {decided.choice}: {decided.reason}"
    if one.kind == MilestoneKind.RENEWAL and decided.choice.ends:
        return _closed(one, OccurrenceState.SUPERSEDED, words)
    if one.kind != MilestoneKind.NOTICE:
        return None
    if decided.choice is Choice.RENEW:
        return _closed(one, OccurrenceState.WAIVED, words)
    if not decided.choice.ends:
        return None  # to renegotiate one must still be able to leave
    if decided.proof is not None:
        closed = _closed(one, OccurrenceState.DONE, words)
        return closed.model_copy(update={"proof": decided.proof})
    rolling = term.rolling
    needs_notice = isinstance(rolling, RollingTerm) and rolling.renewal is not None and rolling.renewal.automatic
    # What would go on by itself ends only by a notice, whatever was decided: until its proof it stays open.
    return None if needs_notice else _closed(one, OccurrenceState.WAIVED, words)


def _end_of(number: int, term: Term) -> dt.date | None:
    return next((cycle.end for cycle in term.cycles if cycle.number == number), None)


def _closed(one: PlannedOccurrence, state: OccurrenceState, reason: str) -> PlannedOccurrence:
    return one.model_copy(update={"closed": state, "closed_reason": reason})


def _bare(milestone: TrackedMilestone, **more: object) -> PlannedOccurrence:
    amount = milestone.amount
    return PlannedOccurrence.model_validate(
        {
            "key": milestone.key,
            "kind": str(milestone.kind),
            "title": milestone.title,
            "amount": amount.value if amount else None,
            "currency": amount.currency if amount else None,
            "waits_for": milestone.waits_for,
            "owner": milestone.owner,
            "ladder": milestone.ladder,
            **more,
        }
    )
