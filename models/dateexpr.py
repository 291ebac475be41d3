"""Date expressions: what a contract says about a time, before anybody knows the date.

An expression is a small tree of frozen nodes. ``resolve`` (``models.resolve``) turns one into a date, a
window or ``Blocked``, given the facts of the contract. Every node is monotone in its operands: an earlier
operand never gives a later result. That is what makes the earliest reading of an ambiguous date the safe one.
"""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.base import Value
from models.period import Direction, Period


class AnchorName(StrEnum):
    """Facts that expressions hang on. Everything else a contract waits for is ``EVENT`` with its words."""

    AGREEMENT_DATE = "agreement_date"
    EFFECTIVE_DATE = "effective_date"
    TERM_END = "term_end"
    """End of the then-current term: the initial term's, or a renewal term's after a roll-over."""
    INITIAL_TERM_END = "initial_term_end"
    RENEWAL_START = "renewal_start"
    SIGNATURE = "signature"
    TERMINATION = "termination"
    """The day the contract ends for whatever reason."""
    NOTICE = "notice"
    INVOICE_RECEIPT = "invoice_receipt"
    INVOICE_DATE = "invoice_date"
    DELIVERY = "delivery"
    ACCEPTANCE = "acceptance"
    PERIOD_END = "period_end"
    """End of each period of a recurrence ("within 45 days after the end of each calendar quarter")."""
    EVENT = "event"


class Fixed(Value):
    """A calendar date."""

    op: Literal["fixed"] = "fixed"
    date: dt.date


class Incomplete(Value):
    """A date with a blank or a redaction in it ("the ___ day of ____, 2015"). Never completed by guessing."""

    op: Literal["incomplete"] = "incomplete"
    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None


class Anchor(Value):
    """A fact by name; ``event`` holds the contract's words for a free-text event."""

    op: Literal["anchor"] = "anchor"
    name: AnchorName
    event: str | None = None

    @model_validator(mode="after")
    def _events_have_words(self) -> "Anchor":
        if self.name is AnchorName.EVENT and not self.event:
            raise ValueError("an event needs its words")
        return self

    @property
    def key(self) -> str:
        """The name facts are looked up by."""
        if self.name is AnchorName.EVENT:
            return f"event:{' '.join((self.event or '').lower().split())}"
        return str(self.name)


class Shift(Value):
    """``period`` before or after ``base``."""

    op: Literal["shift"] = "shift"
    base: "DateExpr"
    period: Period
    direction: Direction


class TermEnd(Value):
    """The last day of a term of ``period`` from ``start``.

    By anniversary (10 Feb 2014 + 3 years = 10 Feb 2017) or the day before it: the setting
    ``Conventions.inclusive_term_end`` decides, and the derivation names it.
    """

    op: Literal["term_end"] = "term_end"
    start: "DateExpr"
    period: Period


class Within(Value):
    """Any day from ``base`` to ``period`` before or after it."""

    op: Literal["within"] = "within"
    base: "DateExpr"
    period: Period
    direction: Direction


class Window(Value):
    """From ``earliest`` to ``latest``; an absent side is open."""

    op: Literal["window"] = "window"
    earliest: "DateExpr | None" = None
    latest: "DateExpr | None" = None

    @model_validator(mode="after")
    def _one_side_at_least(self) -> "Window":
        if self.earliest is None and self.latest is None:
            raise ValueError("a window needs a side")
        return self


class EarliestOf(Value):
    """The earlier of several dates. Blocked until all are known."""

    op: Literal["earliest_of"] = "earliest_of"
    of: tuple["DateExpr", ...] = Field(min_length=1)


class LatestOf(Value):
    """The later of several dates. Blocked until all are known."""

    op: Literal["latest_of"] = "latest_of"
    of: tuple["DateExpr", ...] = Field(min_length=1)


class CalendarUnit(StrEnum):
    """Stretches of the calendar that have a first and a last day."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class PeriodEdge(Value):
    """First or last day of the calendar month, quarter, ... that ``of`` falls in.

    ``year_end_month`` shifts quarters, half years and years to a fiscal year ending with that month.
    """

    op: Literal["period_edge"] = "period_edge"
    of: "DateExpr"
    unit: CalendarUnit
    edge: Literal["start", "end"] = "end"
    year_end_month: int = Field(default=12, ge=1, le=12)


class NextDate(Value):
    """The ``nth`` coming of a day of the year after ``after`` ("the third 31 December after the Effective Date")."""

    op: Literal["next_date"] = "next_date"
    after: "DateExpr"
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    nth: int = Field(default=1, ge=1)
    inclusive: bool = True
    """Whether ``after`` itself counts when it is that day."""


class NthWeekday(Value):
    """The nth weekday of the month ``of`` falls in; ``n`` = -1 is the last, ``weekday`` 0 is Monday."""

    op: Literal["nth_weekday"] = "nth_weekday"
    of: "DateExpr"
    n: int = Field(ge=-1, le=5)
    weekday: int = Field(ge=0, le=6)

    @model_validator(mode="after")
    def _counts_from_one(self) -> "NthWeekday":
        if self.n == 0:
            raise ValueError("weekdays of a month are counted from 1, or -1 for the last")
        return self


class RollRule(StrEnum):
    """What happens to a date that is no business day (names after the ISDA business day conventions)."""

    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"


class Rolled(Value):
    """``of``, moved to a business day if it is none."""

    op: Literal["rolled"] = "rolled"
    of: "DateExpr"
    rule: RollRule


class Ambiguous(Value):
    """One of several readings of the same words; resolves to the earliest and says so."""

    op: Literal["ambiguous"] = "ambiguous"
    readings: tuple["DateExpr", ...] = Field(min_length=2)
    why: str


class Recurring(Value):
    """A recurrence (RFC 5545 RRULE without DTSTART), from ``start`` on, until ``until`` where stated.

    ``due`` puts each deadline that long after the occurrence ("within 45 days after quarter end" is the
    quarter ends with ``due`` = 45 days).
    """

    op: Literal["recurring"] = "recurring"
    rrule: str
    start: "DateExpr"
    until: "DateExpr | None" = None
    due: Period | None = None


DateExpr = Annotated[
    Fixed
    | Incomplete
    | Anchor
    | Shift
    | TermEnd
    | Within
    | Window
    | EarliestOf
    | LatestOf
    | PeriodEdge
    | NextDate
    | NthWeekday
    | Rolled
    | Ambiguous
    | Recurring,
    Field(discriminator="op"),
]

for _node in (
    Shift,
    TermEnd,
    Within,
    Window,
    EarliestOf,
    LatestOf,
    PeriodEdge,
    NextDate,
    NthWeekday,
    Rolled,
    Ambiguous,
    Recurring,
):
    _node.model_rebuild()
