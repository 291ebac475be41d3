"""What an offset hangs on, as its words name it: a date, a fact, one of several, an edge of the calendar, an event."""

import re
from functools import cache
from typing import Final

from extractors.grammar.anchors import name_anchor, read_event, skip_determiner
from extractors.grammar.context import Context, ReadAnchor
from extractors.grammar.edges import FROM_START, following_edge, read_edge, read_following, recurring_following
from extractors.grammar.mentions import Mention, MentionKind
from extractors.grammar.patterns import spaced
from extractors.grammar.timed import Timing
from models.contract import Recurrence
from models.dateexpr import (
    DateExpr,
    EarliestOf,
    LatestOf,
    Recurring,
)
from models.period import Direction

MAX_DEPTH: Final = 3


@cache
def _choice() -> re.Pattern[str]:
    return spaced(
        r"(?:the )?(?P<which>later|latest|last|earlier|earliest|first|sooner|soonest)(?: (?:date )?to occur)?"
        r"(?: date)?(?: of)(?: either)?(?: of)?(?: the following)?(?: (?:dates|events)(?: to occur)?)?\s*:?\s*"
        r"(?=\(?(?:[a-z]|[ivx]+|\d)\)|\w)|(?:the )?(?P<which2>first|last|earlier"
        r"|later) to occur of\s*:?\s*(?: the following:?\s*)?",
        re.IGNORECASE,
    )


@cache
def _enumerator() -> re.Pattern[str]:
    return spaced(
        r"\s*(?:\(?(?:[a-z]|[ivx]{1,4}|\d)[).]\s*)?(?:(?:on|upon|at|in) (?=the\s|\d|[A-Z]|such))?", re.IGNORECASE
    )


@cache
def _next_item() -> re.Pattern[str]:
    return spaced(
        r"\s*(?:\([^()\n]{2,60}\)\s*)?(?:[,;]\s*(?:and|or)?|and|or) (?=\S)"
        r"|\s*[,;]?\s*(?:and|or)?\s*(?=\((?:[a-z]|[ivx]{1,4}|\d)\))"
    )


@cache
def _date_clause() -> re.Pattern[str]:
    return spaced(
        r"(?:date|day|time|moment) (?:(?:on|upon|at|in|as of|from|by) which|that|when|which) (?P<is>is|falls"
        r"|shall be|occurs)?\s*"
        r"(?:the )?",
        re.IGNORECASE,
    )


@cache
def _elapsed() -> re.Pattern[str]:
    return spaced(
        r"(?:expiration|expiry|end|lapse|conclusion|completion|elapse|last day) of (?:(?:the|such|a|an|said|that"
        r"|this|any) )?"
        r"(?:(?:initial|foregoing|aforesaid|applicable) )?(?:period of )?",
        re.IGNORECASE,
    )


@cache
def of_anniversary() -> re.Pattern[str]:
    """Between an anniversary and what it is of."""
    return spaced(r"\s*,?\s*(?:of|from|after|following) ", re.IGNORECASE)


@cache
def _bare_anniversary() -> re.Pattern[str]:
    return spaced(r"(?:yearly |annual )?anniversar(?:y|ies)(?: dates?)? (?:of|from) ", re.IGNORECASE)


@cache
def _space() -> re.Pattern[str]:
    return spaced(r"\s*")


def _skip_space(text: str, start: int) -> int:
    match = _space().match(text, start)
    return match.end() if match else start


def read_anchor(
    ctx: Context, start: int, direction: Direction | None, *, free: bool = True, listed: bool = False, depth: int = 0
) -> ReadAnchor | None:
    """What the words from ``start`` on name: a date, a fact, a choice of several, an edge of the calendar, an event.

    ``free`` lets an event stand by its own words; ``listed`` ends it at "and" or a comma.
    """
    if depth > MAX_DEPTH:
        return None
    text = ctx.text
    start = _skip_space(text, start)
    chosen = _read_choice(ctx, start, direction, depth)
    if chosen is not None:
        return chosen
    noun = skip_determiner(text, start)
    mention = ctx.at.get(start) or ctx.at.get(noun)
    if mention is not None:
        found = _mentioned(ctx, mention, depth)
        if found is not None:
            return found
    clause = _date_clause().match(text, noun)
    if clause is not None:
        inner = ctx.at.get(clause.end())
        if inner is not None and inner.kind is MentionKind.PERIOD:
            timing = ctx.read(ctx, inner, depth + 1)
            if timing is not None and timing.direction is not None:
                return _nested(text, start, timing)
    calendar = _calendar_anchor(ctx, noun, depth)
    if calendar is not None:
        return calendar
    named = name_anchor(text, noun, direction, listed=listed)
    if named is not None:
        return ReadAnchor(named.end, named.anchor, named.words)
    if clause is not None and not clause["is"]:
        named = name_anchor(text, skip_determiner(text, clause.end()), direction, listed=listed)
        if named is not None:
            return ReadAnchor(named.end, named.anchor, named.words)
        event = read_event(text, clause.end(), listed=listed, clause=True) if free else None
        return ReadAnchor(event.end, event.anchor, event.words) if event else None
    if not free:
        return None
    event = read_event(text, noun, listed=listed)
    return ReadAnchor(event.end, event.anchor, event.words) if event else None


def _nested(text: str, start: int, timing: Timing) -> ReadAnchor:
    """A timing as an anchor of another."""
    words = " ".join(text[start : timing.end].split()).removeprefix("the ")
    return ReadAnchor(timing.end, timing.expr, words, timing.recurrence, timing.rrule, timing.flags, timing)


def _mentioned(ctx: Context, mention: Mention, depth: int) -> ReadAnchor | None:
    """A mention as an anchor."""
    text = ctx.text
    words = text[mention.start : mention.end]
    if mention.kind is MentionKind.DATE and mention.date is not None:
        return ReadAnchor(mention.end, mention.date, words, flags=mention.flags)
    if mention.kind is MentionKind.MONTH_DAY:
        timing = ctx.read(ctx, mention, depth + 1)
        if timing is None:
            return None
        return ReadAnchor(timing.end, timing.expr, text[mention.start : timing.end], timing.recurrence, timing.rrule)
    if mention.kind is MentionKind.PERIOD:
        timing_of_period = ctx.read(ctx, mention, depth + 1)
        if timing_of_period is not None and timing_of_period.direction is not None and timing_of_period.anchor:
            return _nested(text, mention.start, timing_of_period)
    if mention.recurrence is not None:
        value = mention.recurrence
        if "anniversary" in mention.flags:
            base = read_anniversary_base(ctx, mention, depth)
            end = base.end if base else mention.end
            recurring = Recurring(rrule=value.rrule, start=base.expr if base else FROM_START)
            return ReadAnchor(end, recurring, text[mention.start : end], value.recurrence, value.rrule)
        if "adjective" in mention.flags or "per" in mention.flags:
            return None
        edge = read_edge("end of " + words, 0) if "BY" not in value.rrule else None
        rule = edge.rrule if edge and edge.rrule else value.rrule
        return ReadAnchor(
            mention.end, Recurring(rrule=rule, start=FROM_START), words, value.recurrence, rule, mention.flags
        )
    return None


def read_anniversary_base(ctx: Context, mention: Mention, depth: int) -> ReadAnchor | None:
    """What ``mention`` is the anniversary of, None where that is not said."""
    of = of_anniversary().match(ctx.text, mention.end)
    return read_anchor(ctx, of.end(), Direction.AFTER, depth=depth + 1) if of else None


def _calendar_anchor(ctx: Context, noun: int, depth: int) -> ReadAnchor | None:
    """An edge of the calendar, an anniversary, the end of a length of time."""
    text = ctx.text
    following = read_following(text, noun)
    if following is not None:
        base = read_anchor(ctx, following.end, None, depth=depth + 1) if following.named else None
        again = recurring_following(text, following)
        if again is not None:
            return ReadAnchor(again.end, again.expr, again.words, again.recurrence, again.rrule, again.flags)
        if base is not None and base.recurrence is None:
            expr = following_edge(base.expr, following)
            return ReadAnchor(base.end, expr, " ".join(text[noun : base.end].split()))
        return None
    edge = read_edge(text, noun)
    if edge is not None:
        return ReadAnchor(edge.end, edge.expr, edge.words, edge.recurrence, edge.rrule, edge.flags)
    anniversary = _bare_anniversary().match(text, noun)
    if anniversary is not None:
        base = read_anchor(ctx, anniversary.end(), None, depth=depth + 1)
        if base is not None:
            recurring = Recurring(rrule="FREQ=YEARLY", start=base.expr)
            return ReadAnchor(base.end, recurring, text[noun : base.end], Recurrence.ANNUAL, "FREQ=YEARLY")
    elapsed = _elapsed().match(text, noun)
    inner = ctx.at.get(elapsed.end()) if elapsed else None
    if inner is not None and inner.kind is MentionKind.PERIOD:
        timing = ctx.read(ctx, inner, depth + 1)
        if timing is not None and timing.direction is Direction.AFTER and timing.anchor:
            return _nested(text, noun, timing)
    return None


def _read_choice(ctx: Context, start: int, direction: Direction | None, depth: int) -> ReadAnchor | None:
    """One of several: "the later of (a) delivery and (b) acceptance"."""
    text = ctx.text
    head = _choice().match(text, start)
    if head is None:
        return None
    items: list[ReadAnchor] = []
    position = head.end()
    while len(items) < 6:
        enumerator = _enumerator().match(text, position)
        item = read_anchor(ctx, enumerator.end() if enumerator else position, direction, listed=True, depth=depth + 1)
        if item is None:
            break
        items.append(item)
        position = item.end
        separator = _next_item().match(text, position)
        if separator is None:
            break
        position = separator.end()
    if len(items) < 2:
        return None
    which = (head["which"] or head["which2"]).lower()
    options = tuple(item.expr for item in items)
    expr: DateExpr = LatestOf(of=options) if which in ("later", "latest", "last") else EarliestOf(of=options)
    end = items[-1].end
    return ReadAnchor(end, expr, " ".join(text[start:end].removeprefix("the ").split()))
