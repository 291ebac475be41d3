"""First and last days of stretches of the calendar: "the end of each calendar quarter", "the end of June 2005"."""

import datetime as dt
import re
from calendar import monthrange
from functools import cache
from typing import Final, NamedTuple

from extractors.grammar.dates import MONTH, YEAR, month_number
from extractors.grammar.patterns import spaced
from extractors.grammar.recurrences import QUARTER_ENDS
from models.contract import Recurrence
from models.dateexpr import Anchor, AnchorName, CalendarUnit, DateExpr, Fixed, PeriodEdge, Recurring, Shift
from models.period import Direction, Period, Unit

_QUALIFIER = (
    r"(?:calendar|fiscal|financial|contract|agreement|licen[sc]e|sales|royalty|accounting|reporting|payment|program"
    r"|operating"
    r"|billing|applicable|relevant|respective|preceding|previous|prior|such|same|immediately|full|first|foregoing)"
)
_SPAN = r"(?:month|quarter|half[-\s]year|year|week|royalty period|reporting period|billing cycle|billing period)"
_END_RULES: Final = {
    Unit.MONTH: (Recurrence.MONTHLY, "FREQ=MONTHLY;BYMONTHDAY=-1"),
    Unit.QUARTER: (Recurrence.QUARTERLY, f"FREQ=YEARLY;{QUARTER_ENDS}"),
    Unit.YEAR: (Recurrence.ANNUAL, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"),
    Unit.WEEK: (Recurrence.WEEKLY, "FREQ=WEEKLY;BYDAY=SU"),
}
_START_RULES: Final = {
    Unit.MONTH: (Recurrence.MONTHLY, "FREQ=MONTHLY;BYMONTHDAY=1"),
    Unit.QUARTER: (Recurrence.QUARTERLY, "FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=1"),
    Unit.YEAR: (Recurrence.ANNUAL, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1"),
    Unit.WEEK: (Recurrence.WEEKLY, "FREQ=WEEKLY;BYDAY=MO"),
}
FROM_START: Final = Anchor(name=AnchorName.EFFECTIVE_DATE)
"""A recurrence runs from the day the contract takes effect, unless it says otherwise."""


class Edge(NamedTuple):
    """The first or last day of a stretch, read up to ``end``; ``recurrence`` where it is one of each stretch."""

    end: int
    expr: DateExpr
    words: str
    recurrence: Recurrence | None = None
    rrule: str | None = None
    flags: tuple[str, ...] = ()


@cache
def _edge() -> re.Pattern[str]:
    return spaced(
        r"(?:(?P<edge>end|close|expiration|conclusion|completion|last day|last business day|beginning|start"
        r"|commencement|first day) "
        r"(?:of|for) (?P<which>each|every|any|such|the|that|a|this|said)?\s*(?:and every )?(?P<qualifier>(?:"
        rf"(?:{_QUALIFIER}|current"
        r"|then[-\s]current|following|next|succeeding|subsequent|second|third|fourth|fifth|last|final|initial) )*)"
        rf"(?P<span>{_SPAN})(?:ly period)?(?:\s*[-–]?\s*end)?\b(?! (?:period|term|anniversary))"
        r"|(?P<q2>(?:(?:calendar|fiscal|financial|contract|each|such|the|every|any) )*)(?P<span2>month|quarter"
        r"|year)[-\s]end\b"
        rf"|(?:end|close) of (?:(?:calendar|fiscal|the year) )?(?:(?:year )?(?P<y>{YEAR})|"
        rf"(?P<m>{MONTH})\s*,?\s*(?P<my>{YEAR})?\b)"
        r")(?P<tail> (?:in which|during which|for which|to which|following|after|immediately following"
        r"|next following)\b)?",
        re.IGNORECASE,
    )


def read_edge(text: str, start: int) -> Edge | None:
    """The edge of a calendar stretch that begins at ``start`` (after the article)."""
    match = _edge().match(text, start)
    if match is None:
        return None
    tail = match["tail"] or ""
    end = match.end() - len(tail)
    words = " ".join(text[start:end].split())
    if match["y"]:
        return Edge(end, Fixed(date=dt.date(int(match["y"]), 12, 31)), words)
    if match["m"]:
        if not match["my"] or not match["m"][0].isupper():
            return None
        year, month = int(match["my"]), month_number(match["m"])
        return Edge(end, Fixed(date=dt.date(year, month, monthrange(year, month)[1])), words)
    return _of_stretch(text, match, end, words, tail.strip().lower())


def _of_stretch(text: str, match: re.Match[str], end: int, words: str, tail: str) -> Edge | None:
    span = (match["span"] or match["span2"]).lower()
    which = (match["which"] or "").lower()
    qualifier = (match["qualifier"] or match["q2"] or "").lower()
    ends = not match["edge"] or not re.match(r"begin|start|commenc|first", match["edge"], re.IGNORECASE)
    flags = tuple(
        flag
        for flag, pattern in (
            ("fiscal", "fiscal|financial"),
            ("contract", "contract|licen|agreement|royalty|sales|program"),
        )
        if re.search(pattern, qualifier)
    )
    if re.search(r"second|third|fourth|fifth|last|final|initial", qualifier):
        return None  # one certain year of the term: an event by its words
    unit = _unit_of(span)
    if "current" in qualifier and which not in ("each", "every") and unit is not None:
        calendar_unit = CalendarUnit(unit.value)
        return Edge(end, _edge_of(Anchor(name=AnchorName.AGREEMENT_DATE), calendar_unit, ends=ends), words, flags=flags)
    if unit is None:
        return Edge(end, Anchor(name=AnchorName.PERIOD_END), words, None, None, flags)
    follows = re.search(r"following|next|succeeding|subsequent", qualifier) or tail in (
        "following", "after", "immediately following", "next following",
    )  # fmt: skip
    if follows and which not in ("each", "every", "any"):
        return None
    recurrence, rule = (_END_RULES if ends else _START_RULES)[unit]
    if "contract" in flags and unit is Unit.YEAR:
        rule = "FREQ=YEARLY"
    if tail.endswith("which"):
        end = match.end() + _relative(text, match.end())
        words = " ".join(text[match.start() : end].split())
    return Edge(end, Recurring(rrule=rule, start=FROM_START), words, recurrence, rule, flags)


@cache
def _relative_clause() -> re.Pattern[str]:
    return spaced(r"[^.,;:()\n]{0,90}")


def _relative(text: str, start: int) -> int:
    """Length of a relative clause ("in which the sale occurs")."""
    match = _relative_clause().match(text, start)
    if match is None:
        return 0
    clause = re.split(r"\s(?:shall|will|and|unless|Customer\s+shall)\s", match.group(), maxsplit=1)[0]
    return len(clause.rstrip())


def _unit_of(span: str) -> Unit | None:
    return {"month": Unit.MONTH, "quarter": Unit.QUARTER, "year": Unit.YEAR, "week": Unit.WEEK}.get(span)


def _edge_of(of: DateExpr, unit: CalendarUnit, *, ends: bool) -> PeriodEdge:
    return PeriodEdge(of=of, unit=unit, edge="end" if ends else "start")


@cache
def _following_month() -> re.Pattern[str]:
    return spaced(
        r"(?:(?P<edge>end|close|last (?:business )?day|beginning|start|first (?:business )?day|(?:(?P<n>\d{1,2})"
        r"(?:st|nd|rd|th)?"
        r"|(?P<nw>fifth|tenth|fifteenth|twentieth|twenty-fifth))(?:\s*\(\d+(?:st|nd|rd|th)?\))? (?:business "
        r"|calendar )?day) of )"
        r"(?:the )?(?:calendar |first )?(?:(?P<adj>(?:immediately )?(?:following|next"
        r"|succeeding)) )?(?:calendar )?(?P<span>month|quarter|year)"
        r"(?: (?P<rel>(?:immediately )?(?:next )?(?:following|after|succeeding)))?(?=\W|$)",
        re.IGNORECASE,
    )


@cache
def _each_stretch() -> re.Pattern[str]:
    return spaced(
        r"\s*(?:the (?:end of (?:the )?)?|each |every |any |such |a |that )(?:calendar |fiscal |applicable )?"
        r"(?:month|quarter|year)\b(?P<which> (?:in|for|to|during) which\b| of\b)?|\s*(?:month|quarter|year)[-\s]end\b",
        re.IGNORECASE,
    )


class Following(NamedTuple):
    """The end (or another day) of the month after one that is named from ``end`` on, where ``named`` says so."""

    end: int
    unit: CalendarUnit
    ends: bool
    day: int | None
    named: bool
    start: int


def read_following(text: str, start: int) -> Following | None:
    """A day of the month after: "end of the month following", "15th day of the following month"."""
    match = _following_month().match(text, start)
    if match is None or not (match["adj"] or match["rel"]):
        return None
    edge = match["edge"].lower()
    words = {"fifth": 5, "tenth": 10, "fifteenth": 15, "twentieth": 20, "twenty-fifth": 25}
    day = int(match["n"]) if match["n"] else words.get((match["nw"] or "").lower())
    ends = edge.startswith(("end", "close", "last"))
    return Following(match.end(), CalendarUnit(match["span"].lower()), ends, day, bool(match["rel"]), start)


def following_edge(base: DateExpr, following: Following) -> DateExpr:
    """The day ``following`` means, counted from ``base``."""
    shifted = Shift(base=base, period=Period(count=1, unit=Unit(following.unit.value)), direction=Direction.AFTER)
    edge = _edge_of(shifted, following.unit, ends=following.ends)
    if following.day is None or following.day == 1:
        return edge
    first = _edge_of(shifted, following.unit, ends=False)
    return Shift(base=first, period=Period(count=following.day - 1, unit=Unit.DAY), direction=Direction.AFTER)


def recurring_following(text: str, following: Following) -> Edge | None:
    """A day of each next month: "10th day of the following month", "... following the month in which it was sold"."""
    end = following.end
    if following.named:
        match = _each_stretch().match(text, end)
        if match is None:
            return None
        end = match.end() + (_relative(text, match.end()) if match["which"] else 0)
    unit = Unit(following.unit.value)
    recurrence, rule = (_END_RULES if following.ends else _START_RULES)[unit]
    if following.day is not None:
        rule = rule.rsplit("BYMONTHDAY=", 1)[0] + f"BYMONTHDAY={following.day}"
    words = " ".join(text[following.start : end].split())
    return Edge(end, Recurring(rrule=rule, start=FROM_START), words, recurrence, rule, ("following_period",))
