"""Timings built on a date or a recurrence, and stretches between two dates."""

import datetime as dt
import re
from calendar import monthrange
from dataclasses import replace
from functools import cache

from extractors.grammar.anchoring import read_anchor, read_anniversary_base
from extractors.grammar.context import Context
from extractors.grammar.cues import DEADLINES, DateCue, read_date_cue
from extractors.grammar.edges import FROM_START
from extractors.grammar.mentions import Mention, MentionKind
from extractors.grammar.numbers import ORDINAL_WORDS, ordinal
from extractors.grammar.patterns import spaced
from extractors.grammar.timed import Timing
from models.dateexpr import (
    DateExpr,
    Fixed,
    Incomplete,
    NextDate,
    Recurring,
    TermEnd,
    Window,
)
from models.period import Direction


@cache
def _of_year() -> re.Pattern[str]:
    return spaced(
        rf"\s*,?\s*(?:of|in) (?:the )?(?:(?P<nth>{ORDINAL_WORDS}|\d{{1,2}}(?:st|nd|rd|th))(?:\s*\(\d+(?:st|nd|rd"
        r"|th)?\))?"
        r"|(?P<next>(?:immediately )?(?:following|next|succeeding|subsequent))|(?P<same>then[-\s]current|same"
        r"|current|such|that|each|applicable)) "
        r"(?:full )?(?:calendar |contract |fiscal )?year\b(?: of (?:the|this) (?:initial )?(?:term"
        r"|agreement))?(?P<rel>\s*(?:after|following|from)\b)?",
        re.IGNORECASE,
    )


def read_date_timing(ctx: Context, mention: Mention) -> Timing:
    """A date as a timing, with the word that opens it: "on or before March 1, 2010"."""
    text = ctx.text
    start, cue, edge_words = read_date_cue(text, mention.start)
    flags = (*mention.flags, "deadline") if cue in DEADLINES else mention.flags
    expr: DateExpr = mention.date or Incomplete(text=text[mention.start : mention.end])
    timing = Timing(start, mention.end, expr, flags=flags, cue=cue, rule="date")
    if mention.kind is MentionKind.MONTH_DAY and isinstance(expr, Incomplete):
        shared = _year_shared(ctx, mention, expr)
        if shared is not None:
            return replace(timing, expr=shared)
        return _day_of_a_year(ctx, mention, expr, replace(timing, rule="date.yearless"))
    if edge_words and isinstance(expr, Incomplete) and expr.year and expr.month:
        if re.search(r"beginning|start|first", edge_words, re.IGNORECASE):
            first = Fixed(date=dt.date(expr.year, expr.month, 1))
            return replace(timing, expr=first, rule="date.month_start")
        last = Fixed(date=dt.date(expr.year, expr.month, monthrange(expr.year, expr.month)[1]))
        return replace(timing, expr=last, rule="date.month_end")
    return extend_span(ctx, timing) if opens_span(cue) else timing


@cache
def _and() -> re.Pattern[str]:
    return spaced(r"\s*(?:,|;|and|or|&|, and|, or) (?:on )?")


def _year_shared(ctx: Context, mention: Mention, value: Incomplete) -> Fixed | None:
    """The November 29 of "November 29 and December 29, 1999": the year that ends the list is that of all its days."""
    last, before = mention, (value.month or 0, value.day or 0)
    while (following := ctx.next_from(last.end)) is not None and _and().fullmatch(ctx.text, last.end, following.start):
        date = following.date
        if isinstance(date, Fixed):
            rising = before < (date.date.month, date.date.day)
            return _day_of(date.date.year, value) if rising else None
        if following.kind is not MentionKind.MONTH_DAY or not isinstance(date, Incomplete):
            return None
        if before >= (date.month or 0, date.day or 0):
            return None  # over the turn of a year
        last, before = following, (date.month or 0, date.day or 0)
    return None


def _day_of(year: int, value: Incomplete) -> Fixed | None:
    try:
        return Fixed(date=dt.date(year, value.month or 0, value.day or 0))
    except ValueError:
        return None


def _day_of_a_year(ctx: Context, mention: Mention, value: Incomplete, timing: Timing) -> Timing:
    """As in "December 31 of the third year": the third such day after the start."""
    text = ctx.text
    match = _of_year().match(text, mention.end)
    if match is None or value.month is None or value.day is None:
        return timing
    nth = ordinal(match["nth"]) if match["nth"] else 2 if match["next"] else 1
    base: DateExpr = FROM_START
    end = match.end() - len(match["rel"] or "")
    words = None
    if match["rel"]:
        anchor = read_anchor(ctx, match.end(), Direction.AFTER)
        if anchor is not None:
            base, end, words = anchor.expr, anchor.end, anchor.words
            nth += 1 if match["nth"] else 0
    expr = NextDate(after=base, month=value.month, day=value.day, nth=nth)
    return replace(timing, end=end, expr=expr, anchor=words, rule="date.nth_year")


def opens_span(cue: str) -> bool:
    """Whether ``cue`` opens a stretch ("from", "commencing on")."""
    return cue.startswith(("from", "commenc", "beginn", "begin", "start", "effective"))


@cache
def _span_end() -> re.Pattern[str]:
    return spaced(
        r"\s*,?\s*(?:\([^()\n]{0,60}\)\s*,?\s*)?(?:and )?(?:shall |will )?(?:(?:ends?|ending|concludes?|concluding"
        r"|expires?|expiring|terminates?|terminating) (?:on|at|upon|as of|with)?"
        r"|(?:continue|continuing|continues|remain|remaining|run|running|extend|extending) (?:in (?:full )?(?:force"
        r"(?: and effect)?|effect) )?(?:thereafter )?(?:until|through|to|up to|till|for)"
        r"|until|through|to|till|up to) (?:and including )?(?:midnight (?:on |of )?)?(?:the )?"
        r"(?:(?:an?|initial) )*(?:(?:period|term) of )?",
        re.IGNORECASE,
    )


def extend_span(ctx: Context, timing: Timing) -> Timing:
    """Adds the other side of "commencing on X and ending on Y", "... and continuing for N years"."""
    match = _span_end().match(ctx.text, timing.end)
    if match is None:
        return timing
    mention = ctx.at.get(match.end())
    if mention is not None and mention.kind is MentionKind.PERIOD and "anniversary" not in mention.flags:
        return _extend_by(ctx, timing, mention) if mention.period is not None else timing
    last = read_anchor(ctx, match.end(), None, free=False)
    if last is None or last.recurrence is not None:
        return timing
    return replace(timing, end=last.end, expr=Window(earliest=timing.expr, latest=last.expr), rule="span")


def _extend_by(ctx: Context, timing: Timing, mention: Mention) -> Timing:
    """``timing`` and a length: "... for two years", "... until 30 days after delivery"."""
    until = ctx.read(ctx, mention, 0)
    if until is not None and until.direction is Direction.AFTER and until.anchor:
        window = Window(earliest=timing.expr, latest=until.expr)
        return replace(timing, end=until.end, expr=window, offset=until.offset, direction=Direction.AFTER, rule="span")
    if mention.period is None:
        return timing
    expr = TermEnd(start=timing.expr, period=mention.period)
    words = timing.anchor or " ".join(ctx.text[timing.start : timing.end].split())
    length = replace(timing, end=mention.end, expr=expr, offset=mention.period, rule="span.term")
    return replace(length, direction=Direction.AFTER, anchor=words)


def read_recurrence(ctx: Context, mention: Mention, depth: int) -> Timing | None:
    """A recurrence as a timing: "on or before March 1 of each year", "each anniversary of the Effective Date"."""
    value = mention.recurrence
    if value is None:
        return None
    start, cue, _ = read_date_cue(ctx.text, mention.start) if "BY" in value.rrule else DateCue(mention.start)
    flags = (*mention.flags, "deadline") if cue in DEADLINES else mention.flags
    base = read_anniversary_base(ctx, mention, depth) if "anniversary" in mention.flags else None
    expr = Recurring(rrule=value.rrule, start=base.expr if base else FROM_START)
    end = base.end if base else mention.end
    return Timing(start, end, expr, None, None, None, value.recurrence, value.rrule, flags, cue, "recurrence")
