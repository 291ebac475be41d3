"""Timings that are built on a mention: an offset with its direction and anchor, a date, a recurrence."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple

from extractors.grammar.anchors import name_anchor, phrase_end, read_event, skip_determiner
from extractors.grammar.edges import FROM_START, following_edge, read_edge, read_following, recurring_following
from extractors.grammar.mentions import Mention, MentionKind
from extractors.grammar.numbers import ORDINAL_WORDS, ordinal
from extractors.grammar.patterns import spaced
from extractors.grammar.timed import Timing
from models.contract import Recurrence
from models.dateexpr import (
    Anchor,
    AnchorName,
    DateExpr,
    EarliestOf,
    Fixed,
    Incomplete,
    LatestOf,
    NextDate,
    Recurring,
    Shift,
    TermEnd,
    Window,
    Within,
)
from models.period import Direction, Period, Unit


@dataclass(frozen=True, slots=True)
class Context:
    """A text with its mentions, for looking up what stands at a place."""

    text: str
    mentions: Sequence[Mention]
    at: dict[int, Mention]
    starts: list[int]

    @classmethod
    def of(cls, text: str, mentions: Sequence[Mention]) -> "Context":
        """Index ``mentions`` by where they begin."""
        return cls(text, mentions, {mention.start: mention for mention in mentions}, [m.start for m in mentions])

    def next_from(self, position: int) -> Mention | None:
        """The first mention that begins at ``position`` or later."""
        index = bisect_left(self.starts, position)
        return self.mentions[index] if index < len(self.mentions) else None


class ReadAnchor(NamedTuple):
    """What an offset hangs on, read up to ``end``; ``recurrence`` where it comes back."""

    end: int
    expr: DateExpr
    words: str
    recurrence: Recurrence | None = None
    rrule: str | None = None
    flags: tuple[str, ...] = ()
    inner: Timing | None = None
    """The offset that the words themselves hold ("the date that is 30 days after delivery")."""


MAX_DEPTH: Final = 3

# --- anchors ---------------------------------------------------------------------------------------------------------


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
    return spaced(r"\s*(?:[,;]\s*(?:and|or)?|and|or) (?=\S)|\s*[,;]?\s*(?:and|or)?\s*(?=\((?:[a-z]|[ivx]{1,4}|\d)\))")


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
def _of_anniversary() -> re.Pattern[str]:
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
            timing = read_offset(ctx, inner, depth + 1)
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
        timing = read_date_timing(ctx, mention)
        return ReadAnchor(timing.end, timing.expr, text[mention.start : timing.end], timing.recurrence, timing.rrule)
    if mention.kind is MentionKind.PERIOD:
        timing_of_period = read_offset(ctx, mention, depth + 1)
        if timing_of_period is not None and timing_of_period.direction is not None and timing_of_period.anchor:
            return _nested(text, mention.start, timing_of_period)
    if mention.recurrence is not None:
        value = mention.recurrence
        if "anniversary" in mention.flags:
            of = _of_anniversary().match(text, mention.end)
            base = read_anchor(ctx, of.end(), None, depth=depth + 1) if of else None
            end, expr = (base.end, base.expr) if base else (mention.end, FROM_START)
            recurring = Recurring(rrule=value.rrule, start=expr)
            return ReadAnchor(end, recurring, text[mention.start : end], value.recurrence, value.rrule)
        if "adjective" in mention.flags or "per" in mention.flags:
            return None
        edge = read_edge("end of " + words, 0) if "BY" not in value.rrule else None
        rule = edge.rrule if edge and edge.rrule else value.rrule
        return ReadAnchor(
            mention.end, Recurring(rrule=rule, start=FROM_START), words, value.recurrence, rule, mention.flags
        )
    return None


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
        timing = read_offset(ctx, inner, depth + 1)
        if timing is not None and timing.direction is Direction.AFTER and timing.anchor:
            return _nested(text, noun, timing)
    return None


def _read_choice(ctx: Context, start: int, direction: Direction | None, depth: int) -> ReadAnchor | None:
    """ "the later of (a) delivery and (b) acceptance"."""
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


# --- offsets ---------------------------------------------------------------------------------------------------------

_MINIMUM = (
    r"at least|not less than|no less than|not fewer than|no fewer than|(?:a )?minimum of|no sooner than"
    r"|not sooner than|not earlier than|no earlier than|more than|not prior to|(?:a )?minimum"
)
_MAXIMUM = (
    r"within|no later than|not later than|not more than|no more than|at most|up to|inside(?: of)?|not exceeding"
    r"|not to exceed|no longer than|not longer than|less than|(?:a )?maximum of|later than|on or before"
    r"|by no later than"
)
_OPENING = (
    r"for|upon|on|with|by giving|by providing|giving|by|during|until|in|after|over|throughout|net|through|from"
    r"|lasting|of|be|is|has|have"
    r"|between|continue|continuing|last|run|extend|extended|exceed"
)
_FILLER = (
    r"(?:an?|the|its|such|said|any|each|initial|additional|further|minimum|maximum|total|continuous|primary|base"
    r"|renewal|successive|subsequent"
    r"|first|full|original|fixed|limited|trial|next|last|previous|period|term|terms|duration|time|of|approximately"
    r"|about|only|least|another"
    r"|consecutive|is|prior|equal|to|immediately|following|notice|written|grace|cure|preceding|longer|earlier"
    r"|evaluation)"
)


@cache
def _cue() -> re.Pattern[str]:
    return spaced(
        rf"(?<![\w-])(?:(?P<opening>{_OPENING}) )?(?:(?P<bound>{_MINIMUM}|{_MAXIMUM})[\s-]+)?(?P<filler>"
        rf"(?:{_FILLER} )*)\(?$",
        re.IGNORECASE,
    )


@cache
def _minimum() -> re.Pattern[str]:
    return spaced(_MINIMUM, re.IGNORECASE)


_AFTER = (
    r"(?:(?:immediately|directly|next|first|commencing|beginning|starting|running|effective|measured|calculated"
    r"|counted|counting|computed|both|only) ){0,2}"
    r"(?:after|following|subsequent to|from and after|from|since)\b(?: and including)?"
    r"|,?\s*(?:commencing|beginning|starting|running|effective|to commence|to begin|which (?:shall )?(?:commences?"
    r"|begins?)|that (?:shall )?(?:commences?|begins?))"
    r"(?: (?:on|upon|with|as of|at|as from|from))?\b|as (?:of|from)\b"
)
_BEFORE = r"(?:immediately )?(?:before|prior to|preceding|in advance of|ahead of|previous to)\b"


@cache
def _tail() -> re.Pattern[str]:
    return spaced(
        r"['’]?\s*(?:\((?!(?:[ivx]+|[a-z])\))[^()\n]{0,80}\)\s*)?"
        r"(?P<span>(?:time )?(?:periods?|terms?"
        r"|timeframe)\b\s*,?\s*(?:\(?(?:the )?[\"“'][^\"”]{1,40}[\"”']?\)\s*,?\s*)?)?"
        r"(?P<notice>(?:of )?(?:(?:advance|advanced|prior|previous|express|formal|such|the|a|its|and)[\s,]+){0,3}"
        r"(?:(?:written|e-?mail|electronic"
        r"|registered|signed)[\s,]+)?(?:(?:advance|prior) )?(?:written )?(?:notice|notification|warning)\b(?! period)"
        r"(?:[^.;:()\n]{0,110}?(?=\s(?:before|prior to|preceding|in advance of)\s))?)?"
        rf"\s*,?\s*(?:(?P<after>{_AFTER})|(?P<before>{_BEFORE})|(?P<later>thereafter|hereafter|afterwards?|later)\b"
        r"|(?P<advance>in advance|beforehand|prior|advance)\b|(?P<of>of)\b)?",
        re.IGNORECASE,
    )


@cache
def _bounds() -> re.Pattern[str]:
    return spaced(
        r"\s*['’]?\s*(?:(?:prior|before|after) )?,?\s*(?:(?:and|or|but|nor) (?:in no event )?(?:not|no"
        r"|nor)?\s*(?:more|less|later|earlier|fewer|sooner|greater|longer)"
        r" than|(?:and|or|but) (?:at (?:least|most)|within|up to)|nor (?:more|less|later|earlier|fewer) than) "
        r"(?:the |an? )?$",
        re.IGNORECASE,
    )


@cache
def _between() -> re.Pattern[str]:
    return spaced(r"\s*['’]?\s*(?:and|to|[-–]) $", re.IGNORECASE)


class _Cue(NamedTuple):
    start: int
    word: str
    minimum: bool
    maximum: bool
    span: bool
    notice: bool = False


@cache
def _notice_of() -> re.Pattern[str]:
    return spaced(r"\bnotice (?:in writing )?(?:period )?(?:of|is|shall be)?\s*$", re.IGNORECASE)


def _read_cue(text: str, start: int) -> _Cue:
    """The words that open a timing whose length begins at ``start``, and whether it is the length of a notice."""
    cue = _opening_of(text, start)
    before = text[max(0, cue.start - 28) : cue.start]
    if cue.word not in ("after", "upon", "for") and "notice" in before.lower():
        return cue._replace(notice=_notice_of().search(before) is not None)
    return cue


def _opening_of(text: str, start: int) -> _Cue:
    low = max(0, start - 90)
    match = _cue().search(text[low:start])
    if match is None:
        return _Cue(start, "", minimum=False, maximum=False, span=False)
    opening, bound = match["opening"], match["bound"]
    filler = match["filler"].lower()
    if bound:
        word = " ".join(bound.lower().split())
        minimum = _minimum().fullmatch(bound) is not None
        at = low + (match.start("opening") if opening else match.start("bound"))
        return _Cue(at, word, minimum, not minimum, span=_spans(filler) or (opening or "").lower() == "for")
    if opening:
        word = " ".join(opening.lower().split())
        at = low + match.start("opening")
        span = word in ("for", "during", "throughout", "lasting", "over", "continue", "continuing") or _spans(filler)
        if word in ("of", "be", "is", "has", "have", "last", "run", "extend", "extended", "exceed") and not span:
            return _Cue(start, "", minimum=False, maximum=False, span=False)
        return _Cue(at, word, minimum=False, maximum=word in ("in", "by"), span=span)
    return _Cue(start, "", minimum=False, maximum=False, span=_spans(filler))


def _spans(filler: str) -> bool:
    return re.search(r"\b(?:period|term|duration)\b", filler) is not None


def read_offset(ctx: Context, mention: Mention, depth: int = 0) -> Timing | None:
    """The timing whose length is ``mention``; None if nothing around it says when."""
    text = ctx.text
    cue = _read_cue(text, mention.start)
    if "anniversary" in mention.flags:
        return _anniversary(ctx, mention, cue, depth)
    second = _second_bound(ctx, mention, cue)
    last = second or mention
    tail = _tail().match(text, last.end)
    if tail is None:
        return None
    flags = [*mention.flags, *(second.flags if second else ())]
    if tail["notice"] or cue.notice:
        flags.append("notice")
    flags = [flag for flag in dict.fromkeys(flags) if flag not in ("unit_shared", "range")]
    period = mention.period
    direction, anchor, end = _direction(ctx, tail, cue, depth)
    if cue.minimum or (cue.maximum and direction is Direction.BEFORE and cue.word not in _INSIDE):
        flags.append("minimum")  # "no later than 90 days before" is at least 90 days before
    elif cue.maximum:
        flags.append("maximum")
    if direction is None:
        return _without_anchor(text, mention, cue, tail, flags)
    if anchor is None:
        if not (tail["later"] or tail["advance"] or tail["notice"] or cue.notice):
            return None
        flags.append("open_anchor")
        end = max(last.end, tail.end("notice"), tail.end("later"), tail.end("advance"))
        words = " ".join(text[cue.start : end].split())
        anchor = ReadAnchor(end, Anchor(name=AnchorName.EVENT, event=words), "")
    flags += [flag for flag in anchor.flags if flag not in flags]
    base = Timing(
        cue.start, end, anchor.expr, period, direction, anchor.words or None, cue=cue.word, flags=tuple(flags)
    )
    base = replace(base, recurrence=anchor.recurrence, rrule=anchor.rrule)
    if period is None:
        incomplete = Incomplete(text=" ".join(text[cue.start : end].split()))
        return replace(base, expr=incomplete, rule="offset.redacted")
    other = second.period if second else next((value for value in mention.other if isinstance(value, Period)), None)
    if other is not None and (second is not None or "range" in mention.flags):
        return _window(base, period, other, anchor.expr, direction)
    expr = _expression(anchor, period, direction, cue, "ordinal" in mention.flags)
    return replace(base, expr=expr, rule=f"offset.{direction.value}")


def _direction(
    ctx: Context, tail: re.Match[str], cue: _Cue, depth: int
) -> tuple[Direction | None, ReadAnchor | None, int]:
    """Which way an offset goes, what it hangs on, and where the timing ends."""
    text = ctx.text
    if tail["after"]:
        if tail["notice"]:
            # "90 days notice from either party": the notice is what is meant, whoever gives it.
            return Direction.BEFORE, None, tail.end("notice")
        anchor = read_anchor(ctx, tail.end(), Direction.AFTER, depth=depth)
        return (Direction.AFTER, anchor, anchor.end) if anchor else (None, None, tail.start())
    if tail["before"]:
        anchor = read_anchor(ctx, tail.end(), Direction.BEFORE, depth=depth)
        return Direction.BEFORE, anchor, anchor.end if anchor else tail.end()
    if tail["notice"]:
        # "uncured after 30 days' notice": they run from the notice. "Upon 30 days' notice": they end with its effect.
        prior = re.search(r"prior|advance", tail["notice"], re.IGNORECASE)
        if cue.word in ("after", "within", "in") and not prior:
            words = re.sub(r"^of\s+(?:the\s+|such\s+|an?\s+)?", "", tail["notice"].strip(), flags=re.IGNORECASE)
            return (
                Direction.AFTER,
                ReadAnchor(tail.end("notice"), Anchor(name=AnchorName.NOTICE), words),
                tail.end("notice"),
            )
        return Direction.BEFORE, None, tail.end("notice")
    if cue.notice and not tail["later"]:
        return Direction.BEFORE, None, tail.start()
    if tail["of"]:
        if (
            cue.maximum
            and not tail["span"]
            and not re.match(r"\s+(?:age|experience|service)\b", text[tail.end() : tail.end() + 12])
        ):
            anchor = read_anchor(ctx, tail.end(), Direction.AFTER, depth=depth)
            if anchor is not None:
                return Direction.AFTER, anchor, anchor.end
        return None, None, tail.start()
    if tail["later"]:
        return Direction.AFTER, None, tail.end()
    if tail["advance"]:
        return Direction.BEFORE, None, tail.end()
    return None, None, tail.start()


def _second_bound(ctx: Context, mention: Mention, cue: _Cue) -> Mention | None:
    """The 90 days of "not less than 60 and not more than 90 days"."""
    following = ctx.next_from(mention.end)
    if following is None or following.kind is not MentionKind.PERIOD or following.start - mention.end > 60:
        return None
    if following.period is None or mention.period is None:
        return None
    gap = ctx.text[mention.end : following.start]
    if _bounds().fullmatch(gap) or (cue.word == "between" and _between().fullmatch(gap)):
        return following
    return None


def _without_anchor(text: str, mention: Mention, cue: _Cue, tail: re.Match[str], flags: list[str]) -> Timing | None:
    """ "within 30 days", "for a period of two years": a length with a cue alone."""
    end = max(mention.end, tail.end("span") if tail["span"] else 0)
    end -= len(text[mention.end : end]) - len(text[mention.end : end].rstrip(" ,\n")) if end > mention.end else 0
    words = " ".join(text[cue.start : end].split())
    event = Anchor(name=AnchorName.EVENT, event=words)
    period = mention.period
    if cue.span:
        flags.append("period_only")
        expr: DateExpr = TermEnd(start=event, period=period) if period else Incomplete(text=words)
        return Timing(cue.start, end, expr, period, None, None, None, None, tuple(flags), cue.word, "period")
    if not cue.maximum or cue.word in ("up to", "less than", "by", "not exceeding", "not to exceed"):
        return None
    flags.append("open_anchor")
    expr = Within(base=event, period=period, direction=Direction.AFTER) if period else Incomplete(text=words)
    return Timing(
        cue.start, end, expr, period, Direction.AFTER, None, None, None, tuple(flags), cue.word, "offset.open"
    )


_INSIDE: Final = frozenset(
    ["within", "in", "during", "inside", "inside of", "up to", "not more than", "no more than", "less than"]
)
_STARTS: Final = frozenset({AnchorName.TERMINATION, AnchorName.TERM_END, AnchorName.INITIAL_TERM_END})


def _expression(anchor: ReadAnchor, period: Period, direction: Direction, cue: _Cue, ordinal_day: bool) -> DateExpr:
    """The meaning of an offset from an anchor."""
    base = anchor.expr
    if isinstance(base, Recurring) and direction is Direction.AFTER and base.due is None:
        return base.model_copy(update={"due": period})
    if direction is Direction.BEFORE:
        within = cue.word in _INSIDE and not cue.minimum and not ordinal_day
        return (Within if within else Shift)(base=base, period=period, direction=direction)
    ends_term = isinstance(base, Anchor) and base.name in _STARTS
    if cue.span and not ends_term and not cue.maximum:
        return TermEnd(start=base, period=period)
    if cue.maximum and not ordinal_day:
        return Within(base=base, period=period, direction=direction)
    return Shift(base=base, period=period, direction=direction)


def _length(period: Period) -> int:
    """For telling the longer of two periods; not a conversion."""
    return period.count * {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.QUARTER: 91, Unit.YEAR: 365}[period.unit]


def _window(base: Timing, one: Period, two: Period, anchor: DateExpr, direction: Direction) -> Timing:
    """Between two offsets. The offset kept is that of the latest side, the deadline."""
    short, long = sorted((one, two), key=_length)
    early, late = (long, short) if direction is Direction.BEFORE else (short, long)
    window = Window(
        earliest=Shift(base=anchor, period=early, direction=direction),
        latest=Shift(base=anchor, period=late, direction=direction),
    )
    return replace(base, expr=window, offset=late, rule="offset.window")


def _anniversary(ctx: Context, mention: Mention, cue: _Cue, depth: int) -> Timing | None:
    """ "the third anniversary of the Effective Date"."""
    period = mention.period
    if period is None:
        return None
    text = ctx.text
    of = _of_anniversary().match(text, mention.end)
    base = read_anchor(ctx, of.end(), Direction.AFTER, depth=depth) if of else None
    flags = mention.flags
    if base is None:
        words = " ".join(text[mention.start : mention.end].split())
        base = ReadAnchor(mention.end, Anchor(name=AnchorName.EVENT, event=words), "")
        flags = (*flags, "open_anchor")
    expr = Shift(base=base.expr, period=period, direction=Direction.AFTER)
    return Timing(
        cue.start,
        base.end,
        expr,
        period,
        Direction.AFTER,
        base.words or None,
        None,
        None,
        flags,
        cue.word,
        "anniversary",
    )


# --- dates and recurrences -------------------------------------------------------------------------------------------


@cache
def _date_cue() -> re.Pattern[str]:
    return spaced(
        r"(?<![\w-])(?P<cue>on or (?:before|about|after|prior to)|(?:by )?(?:no|not) later than|(?:no|not) "
        r"(?:earlier|sooner) than|prior to|before"
        r"|until|till|through(?:out)?|by|effective(?: (?:as of|on|from))?|as (?:of|from)|from(?: and after)?"
        r"|(?:commenc|beginn|start)ing(?: (?:on|as of|with|from))?|(?:commence|begin|start)s? (?:on|as of)|after"
        r"|following"
        r"|ending(?: on)?|ends? on|(?:expir(?:es?|ing)|terminat(?:es?|ing))(?: on)?|due(?: (?:on|by))?|dated"
        r"(?: as of)?|since|on|at|to|and|in|around|for) "
        r"(?P<edge>(?:the )?(?:end|close|beginning|start|month|first day|last day) of )?(?:"
        r"(?:and )?including )?(?:midnight (?:on |of )?)?(?:the |this |that )?$",
        re.IGNORECASE,
    )


_DEADLINES: Final = frozenset(
    ["by", "on or before", "on or prior to", "no later than", "not later than", "by no later than", "by not later than",
     "before", "prior to", "until", "till", "through", "due by"]
)  # fmt: skip


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
    low = max(0, mention.start - 60)
    match = _date_cue().search(text[low : mention.start])
    cue = " ".join(match["cue"].lower().split()) if match else ""
    start = low + match.start() if match else mention.start
    if cue in ("and", "in", "for"):
        cue, start = "", mention.start
    flags = (*mention.flags, "deadline") if cue in _DEADLINES else mention.flags
    expr: DateExpr = mention.date or Incomplete(text=text[mention.start : mention.end])
    end = mention.end
    if mention.kind is MentionKind.MONTH_DAY and isinstance(expr, Incomplete):
        return _day_of_a_year(ctx, mention, expr, Timing(start, end, expr, flags=flags, cue=cue, rule="date.yearless"))
    if match and match["edge"] and isinstance(expr, Incomplete):
        edge = read_edge(f"end of {text[mention.start : mention.end]}", 0)
        begins = re.search(r"beginning|start|first", match["edge"], re.IGNORECASE)
        if edge is not None and not begins:
            return Timing(start, end, edge.expr, flags=flags, cue=cue, rule="date.month_end")
        if begins and expr.year and expr.month:
            day = Fixed.model_validate({"date": f"{expr.year:04}-{expr.month:02}-01"})
            return Timing(start, end, day, flags=flags, cue=cue, rule="date.month_start")
    timing = Timing(start, end, expr, flags=flags, cue=cue, rule="date")
    return extend_span(ctx, timing) if opens_span(cue) else timing


def _day_of_a_year(ctx: Context, mention: Mention, value: Incomplete, timing: Timing) -> Timing:
    """ "December 31 of the third year": the third such day after the start."""
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
    text = ctx.text
    match = _span_end().match(text, timing.end)
    if match is None:
        return timing
    mention = ctx.at.get(match.end())
    if (
        mention is not None
        and mention.kind is MentionKind.PERIOD
        and mention.period is not None
        and "anniversary" not in mention.flags
    ):
        nested = read_offset(ctx, mention)
        if nested is not None and nested.direction is Direction.AFTER and nested.anchor:
            window = Window(earliest=timing.expr, latest=nested.expr)
            return replace(
                timing, end=nested.end, expr=window, offset=nested.offset, direction=Direction.AFTER, rule="span"
            )
        expr = TermEnd(start=timing.expr, period=mention.period)
        words = timing.anchor or " ".join(text[timing.start : timing.end].split())
        return replace(
            timing,
            end=mention.end,
            expr=expr,
            offset=mention.period,
            direction=Direction.AFTER,
            anchor=words,
            rule="span.term",
        )
    last = read_anchor(ctx, match.end(), None, free=False)
    if last is None or last.recurrence is not None:
        return timing
    return replace(timing, end=last.end, expr=Window(earliest=timing.expr, latest=last.expr), rule="span")


def read_recurrence(ctx: Context, mention: Mention) -> Timing | None:
    """A recurrence as a timing: "on or before March 1 of each year", "monthly"."""
    value = mention.recurrence
    if value is None:
        return None
    text = ctx.text
    low = max(0, mention.start - 40)
    match = _date_cue().search(text[low : mention.start]) if "BY" in value.rrule else None
    cue = " ".join(match["cue"].lower().split()) if match else ""
    if cue in ("and", "in"):
        match, cue = None, ""
    start = low + match.start() if match else mention.start
    base: DateExpr = FROM_START
    end = mention.end
    if "anniversary" in mention.flags:
        anchor = _mentioned(ctx, mention, 0)
        if anchor is not None:
            return Timing(
                start,
                anchor.end,
                anchor.expr,
                None,
                None,
                None,
                value.recurrence,
                value.rrule,
                mention.flags,
                cue,
                "recurrence",
            )
    flags = (*mention.flags, "deadline") if cue in _DEADLINES else mention.flags
    expr = Recurring(rrule=value.rrule, start=base)
    return Timing(start, end, expr, None, None, None, value.recurrence, value.rrule, flags, cue, "recurrence")


__all__ = [
    "Context",
    "ReadAnchor",
    "extend_span",
    "opens_span",
    "phrase_end",
    "read_anchor",
    "read_date_timing",
    "read_offset",
    "read_recurrence",
]
