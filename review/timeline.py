"""The life of a contract as one picture: its terms, when notice can be given, and what falls due, over the years.

Drawn here as SVG without scripts or inline styles, so that it prints, zooms, and passes a strict content policy.
Colours come from the style sheet by class.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from models.contract import Milestone, MilestoneKind
from models.cycles import Cycle, CycleKind, RollingTerm
from models.derivation import date_words, window_words

WIDTH = 1000
_LEFT, _RIGHT = 110, 20
_LANE = 34
_TOP = 12
_MOST_CYCLES = 4
_YEAR = dt.timedelta(days=366)
_NOTICE_SHOWN = dt.timedelta(days=30)
"""How long a notice window without a first day is drawn."""

_LANES = (
    ("Term", ()),
    ("Notice", (MilestoneKind.NOTICE, MilestoneKind.TERMINATION)),
    ("Payments", (MilestoneKind.PAYMENT,)),
    ("Duties", (MilestoneKind.DELIVERY, MilestoneKind.REPORT, MilestoneKind.REVIEW)),
    ("Other", tuple(set(MilestoneKind))),
)
_ON_TERM_LANE = {MilestoneKind.EFFECTIVE, MilestoneKind.EXPIRATION, MilestoneKind.RENEWAL}


class Bar(NamedTuple):
    """A stretch of time. ``kind`` is its class in the style sheet."""

    x: float
    width: float
    y: float
    height: float
    kind: str
    label: str
    title: str


class Dot(NamedTuple):
    """A day on which something is due; ``href`` leads to it."""

    x: float
    y: float
    kind: str
    title: str
    href: str | None
    size: float = 5


class Tick(NamedTuple):
    """A year or quarter on the axis."""

    x: float
    label: str


class Lane(NamedTuple):
    """A named row of the picture."""

    y: float
    label: str


class Timeline(NamedTuple):
    """The picture; ``summary`` says the same in a sentence, for those who do not see it."""

    width: float
    height: float
    axis: float
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]
    today: float | None
    summary: str


class Due(NamedTuple):
    """A milestone with the link to it."""

    milestone: Milestone
    href: str | None = None
    confirmed: bool = False


def timeline(rolling: RollingTerm | None, dues: Sequence[Due], today: dt.date) -> Timeline | None:
    """The picture of a contract, None where it has no date at all."""
    cycles = _cycles(rolling, today)
    days = [day for cycle in cycles for day in (cycle.start, cycle.end) if day]
    days += [day for due in dues if (day := _day(due.milestone))]
    if not days:
        return None
    # A stray date decades away must not squeeze the rest: it is drawn at the edge.
    middle = sorted(days)[len(days) // 2]
    near = [day for day in days if abs((day - middle).days) < 366 * 15]
    first, last = min(near), max(near)
    if first - _YEAR < today < last + _YEAR:
        first, last = min(first, today), max(last, today)
    margin = dt.timedelta(days=max(20, (last - first).days // 40))
    scale = _Scale(first - margin, last + margin)
    return _drawn(cycles, dues, today, scale)


class _Scale:
    """Days to places along the line."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last
        self._days = max(1, (last - first).days)

    def x(self, day: dt.date) -> float:
        share = min(1.0, max(0.0, (day - self.first).days / self._days))
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def ticks(self) -> Iterable[Tick]:
        months = next(m for m in (1, 3, 6, 12, 24, 60, 120, 1200) if self._days / (m * 30.44) <= 14)
        day = dt.date(self.first.year, 1, 1)
        while day <= self.last:
            if day >= self.first:
                yield Tick(self.x(day), str(day.year) if day.month == 1 else day.strftime("%b"))
            month = day.month - 1 + months
            day = dt.date(day.year + month // 12, month % 12 + 1, 1)


def _cycles(rolling: RollingTerm | None, today: dt.date) -> list[Cycle]:
    """The initial term and those after it, up to the one after today's."""
    found: list[Cycle] = []
    if rolling is None:
        return found
    for cycle in rolling.cycles():
        found.append(cycle)
        over = cycle.end is None or cycle.start is None or cycle.start > today
        if (len(found) >= _MOST_CYCLES and over) or cycle.end is None or len(found) >= 40:
            break
    return found


def _drawn(cycles: Sequence[Cycle], dues: Sequence[Due], today: dt.date, scale: _Scale) -> Timeline:
    used = [name for name, _ in _LANES if name == "Term" or any(_lane(d.milestone) == name for d in dues)]
    if any(cycle.notice_latest for cycle in cycles) and "Notice" not in used:
        used.insert(1, "Notice")
    tops = {name: _TOP + index * _LANE for index, name in enumerate(used)}
    bars = [bar for cycle in cycles for bar in _bars(cycle, tops, scale)]
    dots = []
    for due in dues:
        day = _day(due.milestone)
        if day is None:
            continue
        middle = tops[_lane(due.milestone)] + _LANE / 2
        words = window_words(due.milestone.date or due.milestone.earliest, due.milestone.date or due.milestone.latest)
        state = "confirmed" if due.confirmed else "proposed"
        title = f"{words}: {due.milestone.title} ({state})"
        kind = f"{due.milestone.kind} {state}"
        dots.append(Dot(scale.x(day), middle, kind, title, due.href))
        again = [one for one in due.milestone.occurrences if one != day and scale.first <= one <= scale.last]
        dots += [Dot(scale.x(one), middle, kind, f"{date_words(one)}: {due.milestone.title}", None, 3) for one in again]
    axis = _TOP + len(used) * _LANE
    return Timeline(
        width=WIDTH,
        height=axis + 26,
        axis=axis,
        ticks=tuple(scale.ticks()),
        lanes=tuple(Lane(top + _LANE / 2, name) for name, top in tops.items()),
        bars=tuple(bars),
        dots=tuple(dots),
        today=scale.x(today) if scale.first <= today <= scale.last else None,
        summary=_summary(cycles, sum(dot.size > 3 for dot in dots)),
    )


def _bars(cycle: Cycle, tops: Mapping[str, float], scale: _Scale) -> Iterable[Bar]:
    start, end = cycle.start or scale.first, cycle.end or scale.last
    initial = cycle.kind is CycleKind.INITIAL
    name = "Initial term" if initial else f"Renewal {cycle.number - 1}"
    x = scale.x(start)
    words = window_words(cycle.start, cycle.end) if cycle.start or cycle.end else "without an end"
    width = max(2.0, scale.x(end) - x - 1)
    label = name if width > 80 else (str(cycle.number - 1) if not initial and width > 14 else "")
    yield Bar(x, width, tops["Term"] + 7, _LANE - 14, "initial" if initial else "renewal", label, f"{name}: {words}")
    if cycle.notice_latest is None or "Notice" not in tops:
        return
    opens = cycle.notice_earliest or max(start, cycle.notice_latest - _NOTICE_SHOWN)
    x = scale.x(opens)
    title = f"Notice about the end of the {name.lower()}: by {date_words(cycle.notice_latest)}"
    width = max(4.0, scale.x(cycle.notice_latest) - x)
    yield Bar(x, width, tops["Notice"] + 11, _LANE - 22, "window", "", title)


def _lane(milestone: Milestone) -> str:
    if milestone.kind in _ON_TERM_LANE:
        return "Term"
    return next(name for name, kinds in _LANES if milestone.kind in kinds)


def _day(milestone: Milestone) -> dt.date | None:
    return milestone.date or milestone.latest or milestone.earliest


def _summary(cycles: Sequence[Cycle], dots: int) -> str:
    parts = []
    if cycles and (cycles[0].start or cycles[0].end):
        parts.append(f"Initial term {window_words(cycles[0].start, cycles[0].end)}.")
    if len(cycles) > 1:
        parts.append("It renews after that.")
    if cycles and cycles[0].notice_latest:
        parts.append(f"Notice about its end by {date_words(cycles[0].notice_latest)}.")
    parts.append(f"{dots} dated {'milestone' if dots == 1 else 'milestones'}.")
    return " ".join(parts)
