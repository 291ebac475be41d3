"""From expression to date: ``resolve`` gives every node of ``DateExpr`` its date or window, or says what it waits for.

Results are ordered by both of their days: one is no later than another if neither its earliest nor its latest day is
later (an open earliest day precedes, an open latest day follows every date). In that order every node is monotone
in its operands wherever it resolves at all, and each side of a result depends on the same side of its operands
alone. So the side-wise earliest of several readings stays the earliest through whatever encloses it.

Recurring is monotone in ``start``, in its first date; ``expand`` gives the others.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from models.arithmetic import OutOfRangeError, add_days, shift
from models.business import WEEKENDS_ONLY, BusinessCalendar
from models.calendar_dates import NoSuchDayError, next_date, nth_weekday, period_end, period_start
from models.dateexpr import (
    Ambiguous,
    Anchor,
    AnchorName,
    DateExpr,
    EarliestOf,
    Fixed,
    Incomplete,
    LatestOf,
    NextDate,
    NthWeekday,
    PeriodEdge,
    Recurring,
    Rolled,
    RollRule,
    Shift,
    TermEnd,
    Window,
    Within,
)
from models.derivation import date_words, edge_words, next_date_words, nth_weekday_words, operand_words, window_words
from models.period import Direction, Period
from models.recurrence import BadRuleError, first_date, parse_rule
from models.resolution import Blocked, Conventions, Fact, Resolved, Step

Outcome = Resolved | Blocked
Side = dt.date | None

MAX_DEPTH = 100
"""Expressions and the facts they hang on, nested deeper than any contract nests them, are refused."""

_NOT_STATED = {
    AnchorName.AGREEMENT_DATE: "agreement date not stated",
    AnchorName.EFFECTIVE_DATE: "effective date not stated",
    AnchorName.TERM_END: "end of the term not stated",
    AnchorName.INITIAL_TERM_END: "end of the initial term not stated",
    AnchorName.RENEWAL_START: "start of the renewal term not stated",
    AnchorName.SIGNATURE: "signature",
    AnchorName.TERMINATION: "termination of the contract",
    AnchorName.NOTICE: "notice",
    AnchorName.INVOICE_RECEIPT: "receipt of the invoice",
    AnchorName.INVOICE_DATE: "invoice date",
    AnchorName.DELIVERY: "delivery",
    AnchorName.ACCEPTANCE: "acceptance",
    AnchorName.PERIOD_END: "end of the period",
}


def resolve(
    expr: DateExpr,
    facts: Mapping[str, Fact],
    calendar: BusinessCalendar = WEEKENDS_ONLY,
    conventions: Conventions | None = None,
    where: str = "",
) -> Outcome:
    """The date or window that ``expr`` means, given what is known.

    ``facts`` are looked up by ``Anchor.key`` and are expressions themselves. ``where`` is where ``expr`` was read,
    for the derivation. Never raises: what cannot be resolved is ``Blocked``, with the missing facts and a sentence.
    """
    return Resolver(facts, calendar, conventions or Conventions()).resolve(expr, where)


@dataclass(slots=True)
class Resolver:
    """Resolves the expressions of one contract, and each of its facts but once.

    ``absent`` says of facts that are not there why ("the term has no end"), by the same keys as ``facts``.
    """

    facts: Mapping[str, Fact]
    calendar: BusinessCalendar = WEEKENDS_ONLY
    conventions: Conventions = field(default_factory=Conventions)
    absent: Mapping[str, str] = field(default_factory=dict)
    _known: dict[str, Outcome] = field(default_factory=dict, repr=False)
    _open: list[str] = field(default_factory=list, repr=False)
    _depth: int = field(default=0, repr=False)

    def resolve(self, expr: DateExpr, where: str = "") -> Outcome:
        """See the function of that name."""
        if self._depth >= MAX_DEPTH:
            return Blocked.impossible("the expression is nested too deeply")
        self._depth += 1
        try:
            return self._resolve(expr, where)
        except (OutOfRangeError, NoSuchDayError, BadRuleError) as error:
            return Blocked.impossible(str(error))
        finally:
            self._depth -= 1

    def resolve_fact(self, fact: Fact) -> Outcome:
        """What a fact resolves to, under its name and with its note."""
        outcome = self.resolve(fact.expr, fact.where)
        if isinstance(outcome, Blocked):
            return outcome
        return _named(outcome, fact.label).with_notes(*([fact.note] if fact.note else ()))

    def _resolve(self, expr: DateExpr, where: str) -> Outcome:
        match expr:
            case Fixed():
                return _stated(expr.date, where)
            case Anchor():
                return self._anchor(expr)
            case Shift():
                return self._shift(expr, where)
            case TermEnd():
                return self._term_end(expr, where)
            case Within():
                return self._within(expr, where)
            case Window():
                return self._window(expr, where)
            case EarliestOf() | LatestOf():
                return self._one_of(expr, where)
            case PeriodEdge():
                edge = period_end if expr.edge == "end" else period_start
                return self._step(
                    expr.of, where, edge_words(expr), lambda day: edge(day, expr.unit, expr.year_end_month)
                )
            case NextDate():
                return self._step(
                    expr.after,
                    where,
                    next_date_words(expr),
                    lambda day: next_date(day, expr.month, expr.day, expr.nth, expr.inclusive),
                )
            case NthWeekday():
                words = nth_weekday_words(expr)
                return self._step(expr.of, where, words, lambda day: nth_weekday(day, expr.n, expr.weekday))
            case Rolled():
                return self._rolled(expr, where)
            case Ambiguous():
                return self._ambiguous(expr, where)
            case Recurring():
                return self._recurring(expr, where)
            case Incomplete():
                return Blocked(
                    on=(),
                    reason=f"The contract states this date only in part: {expr.text!r}.",
                    missing=(f"stated only in part: {expr.text!r}",),
                )
        assert_never(expr)

    def _anchor(self, anchor: Anchor) -> Outcome:
        key = anchor.key
        if (known := self._known.get(key)) is not None:
            return known
        fact = self.facts.get(key)
        if fact is None:
            return Blocked.waiting(
                (key,), (self.absent.get(key) or _NOT_STATED.get(anchor.name) or anchor.event or key,)
            )
        if key in self._open:
            loop = self._open[self._open.index(key) :]
            names = " and ".join(dict.fromkeys(self.facts[name].label for name in loop))
            return Blocked(
                on=tuple(loop),
                reason=f"{names} can be known only from {'each other' if len(loop) > 1 else 'itself'}.",
                missing=(f"{names}: each hangs on the other" if len(loop) > 1 else f"{names}: hangs on itself",),
            )
        self._open.append(key)
        try:
            outcome = self.resolve_fact(fact)
        finally:
            self._open.pop()
        if isinstance(outcome, Blocked) and not outcome.on:
            outcome = Blocked.waiting((key,), [f"{fact.label}: {outcome.phrase}"])
        self._known[key] = outcome
        return outcome

    def _shift(self, expr: Shift, where: str) -> Outcome:
        sign = "+" if expr.direction is Direction.AFTER else "-"
        outcome = self._step(
            expr.base, where, f"{sign} {expr.period}", lambda day: self._moved(day, expr.period, expr.direction)
        )
        return self._noting_business(outcome, expr.period, expr.direction)

    def _term_end(self, expr: TermEnd, where: str) -> Outcome:
        inclusive = self.conventions.inclusive_term_end
        outcome = self._step(
            expr.start,
            where,
            f"+ {expr.period}{'' if inclusive else ' less a day'}",
            lambda day: add_days(self._moved(day, expr.period, Direction.AFTER), 0 if inclusive else -1),
        )
        return self._noting_business(outcome, expr.period, Direction.AFTER)

    def _within(self, expr: Within, where: str) -> Outcome:
        base = self.resolve(expr.base, where)
        if isinstance(base, Blocked):
            return base
        earliest, latest = base.earliest, base.latest
        if expr.direction is Direction.AFTER:
            latest = latest and self._moved(latest, expr.period, Direction.AFTER)
        else:
            earliest = earliest and self._moved(earliest, expr.period, Direction.BEFORE)
        step = Step(text=f"within {expr.period} {expr.direction}", earliest=earliest, latest=latest, where=where)
        outcome = Resolved(earliest=earliest, latest=latest, steps=(*base.steps, step), notes=base.notes)
        return self._noting_business(outcome, expr.period, expr.direction)

    def _window(self, expr: Window, where: str) -> Outcome:
        sides = [self.resolve(side, where) for side in (expr.earliest, expr.latest) if side is not None]
        if blocked := [side for side in sides if isinstance(side, Blocked)]:
            return Blocked.merged(blocked)
        known = [side for side in sides if isinstance(side, Resolved)]
        earliest = known[0].earliest if expr.earliest is not None else None
        latest = known[-1].latest if expr.latest is not None else None
        if earliest is None and latest is None:
            return Blocked.impossible("the window is open on both sides")
        if earliest and latest and earliest > latest:
            return Blocked.impossible(
                f"the window would end on {date_words(latest)}, before it starts on {date_words(earliest)}"
            )
        steps = _window_steps(known, earliest, latest, where, opens=expr.earliest is not None)
        return Resolved(earliest=earliest, latest=latest, steps=steps, notes=_notes(known))

    def _one_of(self, expr: EarliestOf | LatestOf, where: str) -> Outcome:
        outcomes = [self.resolve(operand, where) for operand in expr.of]
        known = [outcome for outcome in outcomes if isinstance(outcome, Resolved)]
        first = isinstance(expr, EarliestOf)
        if len(known) < len(outcomes):
            blocked = Blocked.merged([outcome for outcome in outcomes if isinstance(outcome, Blocked)])
            if first and known and (bound := _earliest(known)[1]):
                blocked = blocked.model_copy(
                    update={"reason": f"{blocked.reason} The earliest of these dates is {date_words(bound)} or before."}
                )
            return blocked
        if len(known) == 1:
            return known[0]
        earliest, latest = _earliest(known) if first else _latest(known)
        parts = [operand_words(outcome.steps) for outcome in known]
        if len(known) == 2:
            words = f"the {'earlier' if first else 'later'} of {parts[0]} and {parts[1]}"
        else:
            words = f"the {'earliest' if first else 'latest'} of {', '.join(parts[:-1])} and {parts[-1]}"
        # Where the operands say where they were read, saying it again of the whole is noise.
        stated = any(step.where for outcome in known for step in outcome.steps)
        step = Step(text=words, earliest=earliest, latest=latest, where="" if stated else where)
        return Resolved(earliest=earliest, latest=latest, steps=(step,), notes=_notes(known))

    def _rolled(self, expr: Rolled, where: str) -> Outcome:
        of = self.resolve(expr.of, where)
        if isinstance(of, Blocked):
            return of
        earliest = of.earliest and self.calendar.roll(of.earliest, expr.rule)
        latest = of.latest and self.calendar.roll(of.latest, expr.rule)
        steps = of.steps
        if (earliest, latest) != (of.earliest, of.latest):
            back = (latest and of.latest and latest < of.latest) or expr.rule is RollRule.PRECEDING
            words = "the business day before" if back else "the next business day"
            steps = (*steps, Step(text=words, earliest=earliest, latest=latest, where=where))
        moves = {RollRule.FOLLOWING: "later", RollRule.PRECEDING: "earlier"}.get(expr.rule, "earlier or later")
        rolled = Resolved(earliest=earliest, latest=latest, steps=steps, notes=of.notes)
        return rolled.with_notes(self._calendar_note(moves))

    def _ambiguous(self, expr: Ambiguous, where: str) -> Outcome:
        outcomes = [self.resolve(reading, where) for reading in expr.readings]
        if blocked := [outcome for outcome in outcomes if isinstance(outcome, Blocked)]:
            return Blocked.merged(blocked)
        known = [outcome for outcome in outcomes if isinstance(outcome, Resolved)]
        earliest, latest = _earliest(known)
        chosen = next((one for one in known if (one.earliest, one.latest) == (earliest, latest)), None)
        steps = (
            chosen.steps
            if chosen
            else (Step(text="the earliest of the readings", earliest=earliest, latest=latest, where=where),)
        )
        readings = dict.fromkeys(window_words(one.earliest, one.latest) for one in known)
        note = f"ambiguous ({expr.why}): {' or '.join(readings)}; the earlier is taken"
        opening = max((one.earliest for one in known if one.earliest), default=None)
        if earliest != latest and opening and opening != earliest:
            note += f"; before {date_words(opening)} it may be too soon"
        return Resolved(earliest=earliest, latest=latest, steps=steps, notes=_notes(known)).with_notes(note)

    def _recurring(self, expr: Recurring, where: str) -> Outcome:
        rule = parse_rule(expr.rrule)

        def first(day: dt.date) -> dt.date:
            if (found := first_date(rule, day)) is None:
                raise BadRuleError(f"the recurrence has no date from {date_words(day)} on")
            return found

        outcome = self._step(expr.start, where, f"{rule}, first", first)
        if isinstance(outcome, Blocked):
            return outcome
        until = self.resolve(expr.until, where) if expr.until is not None else None
        if isinstance(until, Blocked):
            outcome = outcome.with_notes(f"end of the recurrence not known: {until.phrase}")
        elif until and until.latest and outcome.earliest and until.latest < outcome.earliest:
            return Blocked.impossible(
                f"the recurrence ends on {date_words(until.latest)}, before its first date, "
                f"{date_words(outcome.earliest)}"
            )
        if expr.due is None:
            return outcome
        due = expr.due
        moved = _stepped(outcome, where, f"+ {due}", lambda day: self._moved(day, due, Direction.AFTER))
        return self._noting_business(moved, due, Direction.AFTER)

    def _step(self, operand: DateExpr, where: str, words: str, move: Callable[[dt.date], dt.date]) -> Outcome:
        """One step on from an operand: both of its sides are moved."""
        outcome = self.resolve(operand, where)
        return outcome if isinstance(outcome, Blocked) else _stepped(outcome, where, words, move)

    def _moved(self, day: dt.date, period: Period, direction: Direction) -> dt.date:
        return shift(day, period, direction, self.calendar)

    def _noting_business(self, outcome: Outcome, period: Period, direction: Direction) -> Outcome:
        if isinstance(outcome, Blocked) or not period.business or not period.count:
            return outcome
        return outcome.with_notes(self._calendar_note("later" if direction is Direction.AFTER else "earlier"))

    def _calendar_note(self, moves: str) -> str:
        if self.calendar.knows_holidays:
            return self.calendar.name
        return f"holidays not known: weekends only; a holiday makes it {moves}"


def _stepped(base: Resolved, where: str, words: str, move: Callable[[dt.date], dt.date]) -> Resolved:
    earliest = base.earliest and move(base.earliest)
    latest = earliest if base.latest == base.earliest else base.latest and move(base.latest)
    step = Step(text=words, earliest=earliest, latest=latest, where=where)
    return Resolved(earliest=earliest, latest=latest, steps=(*base.steps, step), notes=base.notes)


def _stated(day: dt.date, where: str) -> Resolved:
    step = Step(text="", earliest=day, latest=day, where=where, stated=True)
    return Resolved(earliest=day, latest=day, steps=(step,))


def _named(resolved: Resolved, label: str) -> Resolved:
    """A fact that is a date as stated goes by its name in what hangs on it."""
    if len(resolved.steps) == 1 and resolved.steps[0].stated and not resolved.steps[0].text:
        return resolved.model_copy(update={"steps": (resolved.steps[0].model_copy(update={"text": label}),)})
    return resolved


def _window_steps(
    sides: Sequence[Resolved], earliest: Side, latest: Side, where: str, *, opens: bool
) -> tuple[Step, ...]:
    """The steps of a window; what both of its sides start from is said once."""
    if len(sides) == 1:
        words = "any day from then on" if opens else "any day until then"
        return (*sides[0].steps, Step(text=words, earliest=earliest, latest=latest))
    one, other = sides[0].steps, sides[1].steps
    if len(one) > 1 and len(other) > 1 and one[:-1] == other[:-1]:
        words = f"from {one[-1].text} to {other[-1].text}"
        return (*one[:-1], Step(text=words, earliest=earliest, latest=latest, where=where))
    words = f"from {operand_words(one)} to {operand_words(other)}"
    return (Step(text=words, earliest=earliest, latest=latest),)


def _earliest(known: Sequence[Resolved]) -> tuple[Side, Side]:
    """Side by side the earliest; an open earliest day precedes every date, an open latest day follows it."""
    opening = [one.earliest for one in known if one.earliest is not None]
    closing = [one.latest for one in known if one.latest is not None]
    return min(opening) if len(opening) == len(known) else None, min(closing, default=None)


def _latest(known: Sequence[Resolved]) -> tuple[Side, Side]:
    """Side by side the latest; see ``_earliest``."""
    opening = [one.earliest for one in known if one.earliest is not None]
    closing = [one.latest for one in known if one.latest is not None]
    return max(opening, default=None), max(closing) if len(closing) == len(known) else None


def _notes(known: Iterable[Resolved]) -> tuple[str, ...]:
    """The notes of several operands, each once."""
    return tuple(dict.fromkeys(note for one in known for note in one.notes))
