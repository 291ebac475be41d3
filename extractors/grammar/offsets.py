"""Offsets: a length with its direction and anchor, windows of two, anniversaries, lengths alone."""

import re
from dataclasses import replace
from functools import cache
from typing import Final

from extractors.grammar.anchoring import read_anchor, read_anniversary_base
from extractors.grammar.context import Context, ReadAnchor
from extractors.grammar.cues import Cue, read_cue
from extractors.grammar.mentions import Mention, MentionKind
from extractors.grammar.patterns import spaced
from extractors.grammar.timed import Timing
from models.dateexpr import (
    Anchor,
    AnchorName,
    DateExpr,
    Incomplete,
    Recurring,
    Shift,
    TermEnd,
    Window,
    Within,
)
from models.period import Direction, Period, Unit

_AFTER = (
    r"(?:(?:immediately|directly|next|first|commencing|beginning|starting|running|effective|measured|calculated"
    r"|counted|counting|computed|both|only) ){0,2}"
    r"(?:after|following|subsequent to|from and after|from|since)\b(?: and including)?"
    r"|upon(?= (?:(?:the|its|their|such) )*(?:receipt|receiving|delivery|presentation|submission|completion|acceptance"
    r"|termination|expiration)\b)"
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


def read_offset(ctx: Context, mention: Mention, depth: int = 0) -> Timing | None:
    """The timing whose length is ``mention``; None if nothing around it says when."""
    text = ctx.text
    cue = read_cue(text, mention.start)
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
    ctx: Context, tail: re.Match[str], cue: Cue, depth: int
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
            (cue.maximum or (not cue.word and _happening().match(text, tail.end())))
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


@cache
def _happening() -> re.Pattern[str]:
    """After "ten days of": what can only be something that happens."""
    return spaced(
        r" (?:(?:the|its|their|such|any|each|[A-Z]\w+['’]s) )*(?:receipt|receiving|date of|notification|submission)\b"
    )


def _second_bound(ctx: Context, mention: Mention, cue: Cue) -> Mention | None:
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


def _without_anchor(text: str, mention: Mention, cue: Cue, tail: re.Match[str], flags: list[str]) -> Timing | None:
    """A length with a cue alone: "within 30 days", "for a period of two years"."""
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


def _expression(anchor: ReadAnchor, period: Period, direction: Direction, cue: Cue, ordinal_day: bool) -> DateExpr:
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


def _anniversary(ctx: Context, mention: Mention, cue: Cue, depth: int) -> Timing | None:
    """As in "the third anniversary of the Effective Date"."""
    period = mention.period
    if period is None:
        return None
    text = ctx.text
    base = read_anniversary_base(ctx, mention, depth)
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
