"""The single dates of a recurring milestone, between two days, as far as anybody asks for them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from models.arithmetic import OutOfRangeError, add_days
from models.business import WEEKENDS_ONLY, BusinessCalendar
from models.dateexpr import DateExpr, Fixed, NextDate, NthWeekday, PeriodEdge, Recurring, Rolled, Shift, TermEnd, Within
from models.period import Direction, Period, Unit
from models.recurrence import BadRuleError, dates_between, parse_rule
from models.resolution import Blocked, Conventions, Fact, Resolved
from models.resolve import Resolver

DEFAULT_LIMIT = 1_000

_LONGEST = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31, Unit.QUARTER: 92, Unit.YEAR: 366}
_SLACK = 400
"""Days by which the edge of a year, a weekday or a roll can move a date, and some more."""


class Occurrence(NamedTuple):
    """One coming of a recurring milestone.

    ``on`` is the day that the recurrence names (a quarter's end); ``earliest`` and ``latest`` are when the milestone
    falls due for it, as in ``Resolved``.
    """

    on: dt.date
    earliest: dt.date | None
    latest: dt.date | None

    @property
    def due(self) -> dt.date:
        """The last day to act, or the first one where the time to act does not end."""
        return self.latest or self.earliest or self.on


def expand(
    expr: DateExpr,
    facts: Mapping[str, Fact],
    start: dt.date,
    end: dt.date,
    calendar: BusinessCalendar = WEEKENDS_ONLY,
    conventions: Conventions | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Iterator[Occurrence] | Blocked:
    """The occurrences of ``expr`` that fall due from ``start`` to ``end``, both included, in order of their due dates.

    Lazy, and ``limit`` at most. An expression without a recurrence has one occurrence. A recurrence may stand inside
    nodes of one operand (shifted, rolled to a business day, ...), which then apply to each of its dates. Its end, where
    stated but not known yet, does not stop it; its start, where not known, blocks it. A date that does not exist
    (a fifth Friday, a year beyond 9999) is left out.
    """
    resolver = Resolver(facts, calendar, conventions or Conventions())
    enclosing, recurring = _unwrapped(expr)
    if recurring is None:
        outcome = resolver.resolve(expr)
        if isinstance(outcome, Blocked):
            return outcome
        occurrence = Occurrence(outcome.earliest or outcome.latest or start, outcome.earliest, outcome.latest)
        return iter([occurrence] if start <= occurrence.due <= end and limit > 0 else [])
    begins = resolver.resolve(recurring.start)
    if isinstance(begins, Blocked):
        return begins
    ends = resolver.resolve(recurring.until) if recurring.until is not None else None
    until = ends.latest if isinstance(ends, Resolved) else None
    try:
        rule = parse_rule(recurring.rrule)
    except BadRuleError as error:
        return Blocked.impossible(str(error))
    slack = sum(map(_reach, enclosing)) + (_reach_of(recurring.due) if recurring.due else 0)
    low, high = _moved(start, -slack), min(_moved(end, slack), until or dt.date.max)
    first = begins.earliest or begins.latest or dt.date.min
    days = dates_between(rule, first, low, high)
    return islice(_due_between(days, enclosing, recurring.due, resolver, start, end), limit)


def _due_between(
    days: Iterator[dt.date],
    enclosing: tuple[DateExpr, ...],
    due: Period | None,
    resolver: Resolver,
    start: dt.date,
    end: dt.date,
) -> Iterator[Occurrence]:
    for day in days:
        expr: DateExpr = Fixed(date=day)
        if due is not None:
            expr = Shift(base=expr, period=due, direction=Direction.AFTER)
        for node in enclosing:
            expr = node.model_copy(update={_operand_of(node): expr})
        outcome = resolver.resolve(expr)
        if isinstance(outcome, Blocked):
            continue
        occurrence = Occurrence(day, outcome.earliest, outcome.latest)
        if occurrence.due > end:  # due dates never go back, so the rest is later still
            return
        if occurrence.due >= start:
            yield occurrence


def _unwrapped(expr: DateExpr) -> tuple[tuple[DateExpr, ...], Recurring | None]:
    """The recurrence inside nodes of one operand, and those nodes from the inside out."""
    enclosing: list[DateExpr] = []
    while not isinstance(expr, Recurring):
        operand = _operand_of(expr)
        if not operand:
            return (), None
        enclosing.append(expr)
        expr = getattr(expr, operand)
    return tuple(reversed(enclosing)), expr


def _operand_of(expr: DateExpr) -> str:
    """The field that holds a node's only operand; empty for a node with none or several."""
    match expr:
        case Shift() | Within():
            return "base"
        case TermEnd():
            return "start"
        case NextDate():
            return "after"
        case PeriodEdge() | NthWeekday() | Rolled():
            return "of"
    return ""


def _reach(node: DateExpr) -> int:
    """How many days a node may move a date, at most."""
    match node:
        case Shift() | TermEnd() | Within():
            return _reach_of(node.period)
        case NextDate():
            return 366 * node.nth + _SLACK
    return _SLACK


def _reach_of(period: Period) -> int:
    """How many days a period may span: business days as if there were one a week."""
    return period.count * (7 if period.business else _LONGEST[period.unit]) + _SLACK


def _moved(day: dt.date, days: int) -> dt.date:
    try:
        return add_days(day, days)
    except OutOfRangeError:
        return dt.date.max if days > 0 else dt.date.min
