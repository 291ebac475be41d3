"""Short ways to write expressions, and Hypothesis strategies for random ones."""

import datetime as dt
from typing import Literal

from hypothesis import strategies as st

from models.dateexpr import (
    Ambiguous,
    Anchor,
    AnchorName,
    CalendarUnit,
    DateExpr,
    EarliestOf,
    Fixed,
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
from models.evidence import Evidence
from models.period import Direction, Period, Unit
from models.resolution import Blocked, Fact, Resolved

BEFORE, AFTER = Direction.BEFORE, Direction.AFTER
EFFECTIVE = Anchor(name=AnchorName.EFFECTIVE_DATE)
TERM_END = Anchor(name=AnchorName.TERM_END)
NOTICE = Anchor(name=AnchorName.NOTICE)
DELIVERY = Anchor(name=AnchorName.DELIVERY)
ACCEPTANCE = Anchor(name=AnchorName.ACCEPTANCE)
SIGNATURE = Anchor(name=AnchorName.SIGNATURE)


def day(iso: str) -> dt.date:
    return dt.date.fromisoformat(iso)


def fixed(iso: str) -> Fixed:
    return Fixed(date=day(iso))


def period(words: str) -> Period:
    """``36 months``, ``10 business days``."""
    count, *business, unit = words.split()
    return Period(count=int(count), unit=Unit(unit.rstrip("s")), business=bool(business))


def after(base: DateExpr, words: str) -> Shift:
    return Shift(base=base, period=period(words), direction=AFTER)


def before(base: DateExpr, words: str) -> Shift:
    return Shift(base=base, period=period(words), direction=BEFORE)


def term(start: DateExpr, words: str) -> TermEnd:
    return TermEnd(start=start, period=period(words))


def within(base: DateExpr, words: str, direction: Direction = AFTER) -> Within:
    return Within(base=base, period=period(words), direction=direction)


def end_of(of: DateExpr, unit: str, year_end_month: int = 12) -> PeriodEdge:
    return PeriodEdge(of=of, unit=CalendarUnit(unit), year_end_month=year_end_month)


def rolled(of: DateExpr, rule: str) -> Rolled:
    return Rolled(of=of, rule=RollRule(rule))


def event(words: str) -> Anchor:
    return Anchor(name=AnchorName.EVENT, event=words)


def fact(label: str, expr: DateExpr | str, page: int | None = None, section: str | None = None) -> Fact:
    evidence = Evidence(start=0, end=4, quote="text", page=page, section=section) if page or section else None
    return Fact(label=label, expr=fixed(expr) if isinstance(expr, str) else expr, evidence=evidence)


def known(**facts: str) -> dict[str, Fact]:
    """Facts by name, each a date: ``known(delivery="2025-05-03")``."""
    return {key: fact(key.replace("_", " ").capitalize(), iso) for key, iso in facts.items()}


def resolved(outcome: Resolved | Blocked) -> Resolved:
    assert isinstance(outcome, Resolved), outcome
    return outcome


def blocked(outcome: Resolved | Blocked) -> Blocked:
    assert isinstance(outcome, Blocked), outcome
    return outcome


def not_later(one: Resolved, other: Resolved) -> bool:
    """The order of results: neither side is later. An open earliest day precedes, an open latest follows all."""
    return _opens(one) <= _opens(other) and _closes(one) <= _closes(other)


def _opens(one: Resolved) -> dt.date:
    return one.earliest or dt.date.min


def _closes(one: Resolved) -> dt.date:
    return one.latest or dt.date.max


# Strategies. Years far from both ends of the calendar, so that laws about dates are not laws about overflow.

days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))
directions = st.sampled_from(Direction)
calendar_periods = st.builds(
    Period, count=st.integers(0, 40), unit=st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR])
)
business_periods = st.builds(Period, count=st.integers(0, 40), unit=st.just(Unit.DAY), business=st.just(True))
periods = calendar_periods | business_periods
month_periods = st.builds(Period, count=st.integers(0, 60), unit=st.sampled_from([Unit.MONTH, Unit.QUARTER, Unit.YEAR]))
Edge = Literal["start", "end"]
edges: st.SearchStrategy[Edge] = st.sampled_from(["start", "end"])
rrules = st.sampled_from(
    [
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=15,31",
        "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=10",
        "FREQ=MONTHLY;BYDAY=2FR",
        "FREQ=YEARLY",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=3,9;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
        "FREQ=DAILY;INTERVAL=10",
    ]
)


def expressions(leaves: st.SearchStrategy[DateExpr], *, with_windows: bool = True) -> st.SearchStrategy[DateExpr]:
    """Random trees over some leaves.

    Windows stand over leaves alone, and do not end before they start: what else can be wrong with a window is tested
    by itself.
    """

    def grow(inner: st.SearchStrategy[DateExpr]) -> st.SearchStrategy[DateExpr]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        nodes: list[st.SearchStrategy[DateExpr]] = [
            st.builds(Shift, base=inner, period=periods, direction=directions),
            st.builds(TermEnd, start=inner, period=calendar_periods),
            st.builds(EarliestOf, of=several),
            st.builds(LatestOf, of=several),
            st.builds(
                PeriodEdge,
                of=inner,
                unit=st.sampled_from(CalendarUnit),
                edge=edges,
                year_end_month=st.integers(1, 12),
            ),
            st.builds(
                NextDate,
                after=inner,
                month=st.integers(1, 12),
                day=st.integers(1, 31),
                nth=st.integers(1, 4),
                inclusive=st.booleans(),
            ),
            st.builds(NthWeekday, of=inner, n=st.sampled_from([-1, 1, 2, 3, 4]), weekday=st.integers(0, 6)),
            st.builds(Rolled, of=inner, rule=st.sampled_from(RollRule)),
            st.builds(Ambiguous, readings=several, why=st.just("a test")),
            st.builds(Recurring, rrule=rrules, start=inner, due=st.none() | calendar_periods),
        ]
        if with_windows:
            nodes.append(st.builds(Within, base=inner, period=periods, direction=directions))
            nodes.append(st.builds(_window, leaves, leaves, st.booleans(), st.booleans()))
        return st.one_of(nodes)

    return st.recursive(leaves, grow, max_leaves=6)


def _window(one: DateExpr, other: DateExpr, opens: bool, closes: bool) -> Window:
    latest = LatestOf(of=(one, other))
    return Window(earliest=one if opens else None, latest=latest if closes or not opens else None)
