"""Terms that roll over: which term a contract is in on a day, and when notice is due in it.

The initial term is followed by renewal terms, of their own length, and the deadline to give notice moves with each.
Every term is counted from one origin, the start of the initial term where that is known, so that a contract begun
on 31 January and renewed from month to month ends on 31 March after it ended on 28 February.

Nothing here knows today: the day is a parameter.
"""

import datetime as dt
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count

from models.arithmetic import MONTHS_IN, OutOfRangeError, add_days, add_months, shift
from models.business import WEEKENDS_ONLY, BusinessCalendar
from models.contract import Renewal
from models.dateexpr import AnchorName, DateExpr, Fixed
from models.period import Direction, Period
from models.resolution import Blocked, Conventions, Fact
from models.resolve import Resolver

NO_END = "the term has no end"
"""What those wait for in vain that hang on the end of a perpetual term."""


class CycleKind(StrEnum):
    """Whether a cycle is the initial term or one after it."""

    INITIAL = "initial"
    RENEWAL = "renewal"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One term of a contract. ``number`` counts from 1, the initial term.

    ``start`` is unknown where a contract states its end alone. ``end`` is the last day; None for a term without an
    end, or where ``blocked_on`` says why it is not known. ``notice_earliest`` and ``notice_latest`` are when notice
    about this term's end may and must be given; an open side is None. ``notice_blocked_on`` says what that waits for.
    """

    number: int
    kind: CycleKind
    start: dt.date | None
    end: dt.date | None
    notice_earliest: dt.date | None = None
    notice_latest: dt.date | None = None
    blocked_on: str | None = None
    notice_blocked_on: str | None = None


@dataclass(frozen=True, slots=True)
class RollingTerm:
    """The initial term of a contract and how it goes on.

    Its end is counted (``start`` and ``length``, "three years from") or stated (``end``, "until 31 December 2025");
    without either the term has none. The next term starts on the anniversary in the first case and on the day after
    the last in the second. So terms share a day where they are counted and ``conventions`` end them on the anniversary.

    ``notice`` is an expression over the end of the current term. ``facts`` are the contract's others, for ``notice``.
    """

    start: dt.date | None = None
    length: Period | None = None
    end: dt.date | None = None
    renewal: Renewal | None = None
    notice: DateExpr | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    calendar: BusinessCalendar = WEEKENDS_ONLY
    conventions: Conventions = field(default_factory=Conventions)

    def __post_init__(self) -> None:
        if self.length is not None and (self.start is None or self.end is not None):
            raise ValueError("a term is counted from its start, or its end is stated")

    def cycle_at(self, as_of: dt.date) -> Cycle | None:
        """The cycle a contract is in on a day, its last day included; None once the last one has ended.

        Before the initial term starts it is the initial term, whose deadlines lie ahead.
        """
        return self._cycle(self._index_at(as_of))

    def cycles(self, since: dt.date | None = None) -> Iterator[Cycle]:
        """The cycles in order, from the one of the day ``since`` on; lazy, for renewals may have no end."""
        for index in count(self._index_at(since) if since else 0):
            if (cycle := self._cycle(index)) is None:
                return
            yield cycle

    def next_notice(self, as_of: dt.date) -> Cycle | None:
        """The first cycle about which notice can still be given on a day; None where there is none.

        After the deadline of the current cycle it is the next one, although that has not begun: the contract will
        roll over, and that deadline is the one still worth a reminder.
        """
        passed = None
        for cycle in self.cycles(as_of):
            if cycle.notice_latest is None or cycle.notice_latest == passed:
                return None  # no deadline, or one that does not move with the term
            if cycle.notice_latest >= as_of:
                return cycle
            passed = cycle.notice_latest
        return None

    def rolls_after(self, cycle: Cycle) -> bool:
        """Whether notice about a term's end means something: not in the last term of an automatic renewal.

        Where nothing renews by itself there is one term, and notice in it, to exercise an option say.
        """
        rolls = self.renewal is not None and self.renewal.automatic
        return not (rolls and cycle.number > self._last_index)

    def facts_in(self, cycle: Cycle) -> dict[str, Fact]:
        """The contract's facts as they are in a cycle: its milestones hang on the end of that term, not the first."""
        facts = dict(self.facts)
        name = "initial term" if cycle.kind is CycleKind.INITIAL else f"renewal term {cycle.number - 1}"
        for anchor, label, day in (
            (AnchorName.TERM_END, f"End of {name}", cycle.end),
            (AnchorName.INITIAL_TERM_END, "End of initial term", self._end_or_none(0)),
            (AnchorName.RENEWAL_START, "Start of next term", self._next_start_or_none(cycle)),
        ):
            facts.pop(anchor, None)
            if day is not None:
                facts[anchor] = Fact(label=label, expr=Fixed(date=day))
        return facts

    def resolver_in(self, cycle: Cycle) -> Resolver:
        """A resolver that knows the contract's facts as they are in a cycle."""
        absent = {} if cycle.end else {AnchorName.TERM_END.value: cycle.blocked_on or NO_END}
        return Resolver(self.facts_in(cycle), self.calendar, self.conventions, absent)

    def _cycle(self, index: int) -> Cycle | None:
        """The cycle of that index, from 0; None where the contract has ended before it."""
        if index > self._last_index:
            return None
        try:
            start = self._next_start(index - 1) if index else self.start
        except OutOfRangeError:
            return None
        end, blocked_on = None, None
        try:
            end = self._end(index)
        except OutOfRangeError as error:
            blocked_on = str(error)
        if index and self._renewed is None and not (self.renewal and self.renewal.perpetual):
            blocked_on = "length of the renewal term not stated"
        kind = CycleKind.RENEWAL if index else CycleKind.INITIAL
        return self._with_notice(Cycle(index + 1, kind, start, end, blocked_on=blocked_on))

    def _with_notice(self, cycle: Cycle) -> Cycle:
        """The cycle with its notice resolved; there is none to give where the term has no end, or is the last."""
        if self.notice is None or cycle.end is None or not self.rolls_after(cycle):
            return cycle
        outcome = self.resolver_in(cycle).resolve(self.notice)
        if isinstance(outcome, Blocked):
            return replace(cycle, notice_blocked_on=outcome.phrase)
        return replace(cycle, notice_earliest=outcome.earliest, notice_latest=outcome.latest)

    @property
    def _last_index(self) -> int:
        """Index of the last cycle there is. An automatic renewal that is not successive comes once."""
        renewal = self.renewal
        if renewal is None or not renewal.automatic or (self.length is None and self.end is None):
            return 0
        if self._renewed is None:
            return 1
        return renewal.times or (sys.maxsize if renewal.successive else 1)

    @property
    def _renewed(self) -> Period | None:
        """Length of a renewal term, where it has one."""
        period = self.renewal.period if self.renewal and not self.renewal.perpetual else None
        return period if period and period.count else None

    def _index_at(self, day: dt.date) -> int:
        """Index of the first cycle that ends on ``day`` or later; one too many where there is none."""
        first = self._end_for_search(0)
        most = max(0, (day - first).days) + 1  # no term is shorter than a day
        return bisect_left(range(most), day, key=self._end_for_search)

    def _end_for_search(self, index: int) -> dt.date:
        return (self._end_or_none(index) if index <= self._last_index else None) or dt.date.max

    def _end_or_none(self, index: int) -> dt.date | None:
        try:
            return self._end(index)
        except OutOfRangeError:
            return None

    def _next_start_or_none(self, cycle: Cycle) -> dt.date | None:
        try:
            return self._next_start(cycle.number - 1) if cycle.end else None
        except OutOfRangeError:
            return None

    def _end(self, index: int) -> dt.date | None:
        """Last day of a cycle, None if it has none."""
        if self.length is None and (self.end is None or index == 0):
            return self.end
        if index and self._renewed is None:
            return None
        shares_a_day = self.length is not None and self.conventions.inclusive_term_end
        return add_days(self._next_start(index), 0 if shares_a_day else -1)

    def _next_start(self, index: int) -> dt.date:
        """First day of the term after a cycle that has an end, counted from the origin in one go."""
        initial, renewed = self.length, self._renewed
        if initial is None or self.start is None:
            if self.end is None:
                raise ValueError("no term follows one without an end")
            after_initial = add_days(self.end, 1)
        elif renewed and initial.unit in MONTHS_IN and renewed.unit in MONTHS_IN:
            months = initial.count * MONTHS_IN[initial.unit] + index * renewed.count * MONTHS_IN[renewed.unit]
            return add_months(self.start, months)
        else:
            after_initial = shift(self.start, initial, Direction.AFTER, self.calendar)
        return shift(after_initial, renewed, Direction.AFTER, self.calendar, index) if renewed else after_initial
