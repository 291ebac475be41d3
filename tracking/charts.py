"""Charts as numbers: where each bar of an SVG stands. The templates draw them, the style sheet gives their colours.

Charts stand beside a table that says the same, so that nobody has to measure a bar.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.tracked import Choice, Standing
from tracking.reports import Ahead, Load, Month, Progress, Renewal, quarter_of

WIDTH = 560
"""Of a chart that stands beside another, in its own units."""

FULL = 960
"""Of one over the whole page."""

_HEIGHT = 120
"""Of the tallest column."""


class Part(NamedTuple):
    """A rectangle of one colour: ``name`` is its class and its word in the legend, ``words`` what it means."""

    name: str
    x: float
    y: float
    width: float
    height: float
    words: str


class Column(NamedTuple):
    """A bar that stands, with what is written under it and over it."""

    label: str
    x: float
    top: float
    value: str
    parts: tuple[Part, ...]


class Row(NamedTuple):
    """A bar that lies, with what is written before and after it."""

    label: str
    y: float
    end: float
    value: str
    parts: tuple[Part, ...]


def month_words(day: dt.date) -> str:
    """A month as charts name it; the year where it begins."""
    return day.strftime("%b %Y" if day.month == 1 else "%b")


def short_number(value: Decimal | int) -> str:
    """A number in a few characters: 950, 12.4k, 3.1M."""
    number = Decimal(value)
    for least, unit in ((Decimal(10**9), "G"), (Decimal(10**6), "M"), (Decimal(10**3), "k")):
        if abs(number) >= least:
            scaled = number / least
            return f"{scaled:.1f}".removesuffix(".0") + unit
    return f"{number:.0f}"


def cash_columns(months: Sequence[Month], currency: str) -> list[Column]:
    """A column for each month's payments in one currency."""
    amounts = [
        [("payments", one.sum, f"{one.month:%B %Y}: {one.sum:,} {currency} in {one.payments} payments")]
        for one in months
    ]
    return _columns([month_words(one.month) for one in months], amounts)


def ahead_columns(months: Sequence[Ahead]) -> list[Column]:
    """A column for each month's deadlines, those that decide about a contract at the bottom."""
    numbers = [
        [
            (name, number, f"{one.month:%B %Y}: {number} {words}")
            for name, words, number in (
                ("ends", "ends, renewals and notices", one.ends),
                ("payments", "payments", one.payments),
                ("others", "others", one.others),
            )
        ]
        for one in months
    ]
    return _columns([month_words(one.month) for one in months], numbers)


def _columns(labels: Sequence[str], stacks: Sequence[Sequence[tuple[str, Decimal | int, str]]]) -> list[Column]:
    totals = [sum((Decimal(value) for _, value, _ in stack), Decimal(0)) for stack in stacks]
    largest = max(totals, default=Decimal(0)) or Decimal(1)
    step = WIDTH / max(len(stacks), 1)
    width = round(step * 0.7, 1)
    found = []
    for at, (label, stack, total) in enumerate(zip(labels, stacks, totals, strict=True)):
        x, y = round(at * step + step * 0.15, 1), 20.0 + _HEIGHT
        parts = []
        for name, value, words in stack:
            height = round(float(Decimal(value) / largest) * _HEIGHT, 1)
            y = round(y - height, 1)
            if height:
                parts.append(Part(name, x, y, width, height, words))
        shown = short_number(total) if total else ""
        found.append(Column(label, round(x + width / 2, 1), round(y - 5, 1), shown, tuple(parts)))
    return found


_LABEL = 185
"""Room for the words before a bar that lies."""

_ROW = 26
_AFTER = 50
"""Room for the number after it."""


def load_rows(loads: Sequence[Load]) -> list[Row]:
    """A bar for each owner's open deadlines."""
    return _rows(
        [
            (
                one.owner.title(),
                str(one.all),
                [
                    ("overdue", one.overdue, f"{one.owner}: {one.overdue} overdue"),
                    ("soon", one.soon, f"{one.owner}: {one.soon} due soon"),
                    ("later", one.later, f"{one.owner}: {one.later} later"),
                ],
            )
            for one in loads
        ]
    )


def progress_rows(progress: Iterable[Progress], *, whole: bool = False) -> list[Row]:
    """A bar for each contract's review; ``whole`` draws every bar over the full width."""
    rows = [
        (
            one.name,
            f"{one.decided:.0%}",
            [
                ("confirmed", one.confirmed, f"{one.confirmed} confirmed"),
                ("rejected", one.rejected, f"{one.rejected} rejected"),
                ("waiting", one.open, f"{one.open} still to decide"),
            ],
        )
        for one in progress
    ]
    return _rows(rows, label=0 if whole else _LABEL)


def _rows(bars: Sequence[tuple[str, str, Sequence[tuple[str, int, str]]]], label: int = _LABEL) -> list[Row]:
    largest = max((sum(value for _, value, _ in parts) for _, _, parts in bars), default=0) or 1
    room = WIDTH - label - _AFTER
    found = []
    for at, (name, shown, values) in enumerate(bars):
        x, y = float(label), at * _ROW + 4.0
        parts = []
        for kind, value, words in values:
            width = round(value / largest * room, 1)
            if width:
                parts.append(Part(kind, round(x, 1), y, width, _ROW - 8, words))
            x += width
        found.append(Row(name, y + 13, round(x + 8, 1), shown, tuple(parts)))
    return found


_EDGE = 12
"""Room for a mark at either end of a line."""


class Mark(NamedTuple):
    """A deadline on the line of a quarter; ``state`` is its class."""

    id: str
    x: float
    y: float
    state: str
    words: str


class Quarter(NamedTuple):
    """A quarter as a line: where its months begin, where today is, and what falls due."""

    months: tuple[tuple[str, float], ...]
    today: float
    marks: tuple[Mark, ...]
    height: float


def quarter_line(renewals: Sequence[Renewal], today: dt.date) -> Quarter:
    """The ends, renewals and notices of the quarter that ``today`` lies in, as marks on a line."""
    first, last = quarter_of(today)
    days = (last - first).days + 1

    def at(day: dt.date) -> float:
        return round(_EDGE + (day - first).days / days * (FULL - 2 * _EDGE), 1)

    starts = [first]
    while len(starts) < 3:
        starts.append((starts[-1] + dt.timedelta(days=32)).replace(day=1))
    marks: list[Mark] = []
    ends: list[float] = []
    for line, choice in renewals:
        day = line.row.act_by
        if day is None:
            continue
        x = at(day)
        level = next((index for index, end in enumerate(ends) if x - end >= 16), len(ends))
        ends[level : level + 1] = [x]
        words = f"{day.day} {day:%b}: {line.row.title} ({line.contract_name})"
        marks.append(Mark(line.row.id, x, level * 18.0 + 34, _mark(line.standing, choice), words))
    months = tuple((f"{start:%B}", round(at(start) - _EDGE / 2, 1)) for start in starts)
    return Quarter(months, at(today), tuple(marks), 34 + max(len(ends), 1) * 18.0)


def _mark(stands: Standing, choice: Choice | None) -> str:
    if choice is not None or stands in (Standing.DONE, Standing.WAIVED):
        return "decided"
    return "overdue" if stands is Standing.OVERDUE else "open"
