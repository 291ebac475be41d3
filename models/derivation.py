"""Results in words: dates, windows, and the arithmetic that led to them.

Effective date 1 Oct 2024 (p. 1) + 36 months (s. 9.1) = 1 Oct 2027; - 90 days (s. 9.2) = 3 Jul 2027
"""

import datetime as dt
from collections.abc import Sequence

from models.dateexpr import CalendarUnit, NextDate, NthWeekday, PeriodEdge
from models.resolution import Resolved, Step

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDINALS = {-1: "last", 1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def date_words(day: dt.date) -> str:
    """``1 Oct 2024``, the same in every locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def window_words(earliest: dt.date | None, latest: dt.date | None) -> str:
    """A date or a window: ``1 Oct 2024``, ``1 Oct 2024 to 5 Oct 2024``, ``until 5 Oct 2024``, ``from 1 Oct 2024``."""
    if earliest is None:
        return f"until {date_words(latest)}" if latest else "any time"
    if latest is None:
        return f"from {date_words(earliest)}"
    return date_words(earliest) if earliest == latest else f"{date_words(earliest)} to {date_words(latest)}"


def derivation(resolved: Resolved) -> str:
    """The arithmetic of a result for people; what a reviewer must know follows in brackets."""
    notes = "".join(f" [{note}]" for note in resolved.notes)
    return steps_words(resolved.steps) + notes


def steps_words(steps: Sequence[Step]) -> str:
    """The steps in one line; the last date in it is the result."""
    words = ""
    for index, step in enumerate(steps):
        if index:
            words += " " if steps[index - 1].stated and step.text[0] in "+-" else "; "
        words += _step_words(step)
    return words


def operand_words(steps: Sequence[Step]) -> str:
    """The steps as part of a longer sentence: in parentheses where they are several."""
    return steps_words(steps) if len(steps) == 1 else f"({steps_words(steps)})"


def edge_words(expr: PeriodEdge) -> str:
    """``end of the month``, ``start of the quarter of the fiscal year to the end of Mar``."""
    words = f"{expr.edge} of the {expr.unit.replace('_', ' ')}"
    if expr.year_end_month == 12 or expr.unit in {CalendarUnit.WEEK, CalendarUnit.MONTH}:
        return words
    return f"{words} of the fiscal year to the end of {MONTHS[expr.year_end_month - 1]}"


def next_date_words(expr: NextDate) -> str:
    """``next 31 Dec``, ``third 31 Dec from then``."""
    day = f"{expr.day} {MONTHS[expr.month - 1]}"
    strictly = "" if expr.inclusive else ", not counting that day"
    which = f"next {day}" if expr.nth == 1 else f"{ORDINALS.get(expr.nth, f'{expr.nth}.')} {day} from then"
    return which + strictly


def nth_weekday_words(expr: NthWeekday) -> str:
    """``second Friday of the month``."""
    return f"{ORDINALS[expr.n]} {WEEKDAYS[expr.weekday]} of the month"


def _step_words(step: Step) -> str:
    where = f" ({step.where})" if step.where else ""
    result = window_words(step.earliest, step.latest)
    if step.stated:
        return f"{step.text} {result}{where}".lstrip()
    return f"{step.text}{where} = {result}"
