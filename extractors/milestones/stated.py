"""The timing of a proposal as its words state it, with what they imply: an offset between repetitions, an event.

What the kind of a milestone adds to that is the matter of ``extractors.milestones.conventions``.
"""

import re
from dataclasses import dataclass, replace

from extractors.engine import Document
from extractors.grammar.edges import read_edge
from extractors.grammar.mentions import MentionKind
from extractors.grammar.numbers import CARDINAL, ORDINAL_WORDS, cardinal, ordinal
from extractors.grammar.timing import Timing
from extractors.masking import mentions_between
from extractors.milestones.proposals import Proposal
from extractors.milestones.upon import due_upon
from models.contract import MilestoneKind, Recurrence
from models.dateexpr import (
    Anchor,
    AnchorName,
    DateExpr,
    EarliestOf,
    LatestOf,
    Recurring,
    Shift,
    Within,
)
from models.period import Direction, Period, Unit

SAME_DAY = Period(count=0, unit=Unit.DAY)
"""The offset of what is due upon an event."""
DUTIES = frozenset({MilestoneKind.PAYMENT, MilestoneKind.DELIVERY, MilestoneKind.REPORT, MilestoneKind.REVIEW})
ONCE = re.compile(
    r"\b[A-Z][\w-]* Date\b|\b(?i:closing|launch|execution|sign\w*|terminat\w*|expir\w*|first|final|last|initial"
    r"|completion|of the project)\b|\b[A-Z]\d|\bwhat the "
)
"""Events that come once."""
_EACH = re.compile(r"\w+(?: or before)?\s+(?:each|every|any)\b", re.IGNORECASE)
_EACH_TIME = re.compile(
    r"(?:each|every|when|once|at\s+the\s+time)\s+(?:the\s+|an?\s+)?(?P<event>[\w\s'’-]+)", re.IGNORECASE
)
"""Words of a proposal without time that name an event which comes back."""
_TERM = re.compile(r"\bterm\b|\bagreement\b", re.IGNORECASE)
ANY = re.compile(r"\b(?:each|every|any|such)\b", re.IGNORECASE)
_SO_OFTEN = re.compile(
    r"\b(?P<times>once|twice|(?:one|two)(?:\s*\(\d\))?\s+times?)\b[^.;]{0,40}?\b(?:in|during|within|per)\s+(?:any|each|every|a|the)\b[\w\s]{0,20}$",
    re.IGNORECASE,
)
_EVERY_FEW = re.compile(
    rf"\b(?:every|each)\s+(?:(?P<word>{CARDINAL})\s*)?\(?(?P<figure>\d{{1,2}})?\)?\s*-?(?P<unit>day|week|month|quarter|year)s?\b",
    re.IGNORECASE,
)
_BUSINESS_DAY = re.compile(
    rf"\b(?:(?P<word>{ORDINAL_WORDS})|(?P<figure>\d{{1,2}})(?:st|nd|rd|th))\s*(?:\(\d{{1,2}}(?:st|nd|rd|th)?\)\s*)?"
    r"(?:business|working|banking)\s+day\s+(?:of|in|after\s+the\s+(?:start|beginning)\s+of)\s+(?P<stretch>(?:each|every|the|any|such)\b[^,.;()]*)",
    re.IGNORECASE,
)
_LATER_MONTH = re.compile(
    r"\b(?:end|last\s+(?:business\s+)?day|close)\s+of\s+the\s+(?:(?P<nth>first|second|third)\s+)?(?:calendar\s+|full\s+)*"
    r"(?:(?:immediately\s+)?(?:following|next|succeeding)\s+(?:calendar\s+)?month|month\s+(?:(?:immediately|next)\s+)?(?:following|after|succeeding))\b",
    re.IGNORECASE,
)
"""The end of a month after the one in which something happens."""
_STRETCH = re.compile(r"\b(?:month|quarter|year)\b", re.IGNORECASE)
_EVERY = {1: Recurrence.MONTHLY, 3: Recurrence.QUARTERLY, 6: Recurrence.SEMIANNUAL, 12: Recurrence.ANNUAL}


@dataclass(frozen=True, slots=True)
class When:
    """The timing of a milestone: its meaning, and its parts as stated."""

    expr: DateExpr | None = None
    offset: Period | None = None
    direction: Direction | None = None
    anchor: str | None = None
    recurrence: Recurrence | None = None
    rrule: str | None = None


def as_stated(document: Document, kind: MilestoneKind, proposal: Proposal) -> When:
    """The timing of ``proposal``, it being taken for ``kind``, as its own words state it."""
    timing, mention = proposal.timing, proposal.mention
    length = timing.offset if timing else mention.period if mention else None
    if kind in DUTIES and length is not None and (often := _so_often(document, proposal, length)) is not None:
        return often
    if timing is None:
        if mention is not None:
            return When(offset=mention.period)
        if kind in DUTIES and (event := due_upon(document, proposal)) is not None:
            anchor = Anchor(name=AnchorName.EVENT, event=event.words)
            return counted(SAME_DAY, event.direction, anchor, event.words)
        words = document.text[proposal.span.start : proposal.span.end]
        if kind in DUTIES and (each := _EACH_TIME.fullmatch(words)) is not None:
            event_words = " ".join(each["event"].lower().split())
            anchor = Anchor(name=AnchorName.EVENT, event=event_words)
            return replace(counted(SAME_DAY, Direction.AFTER, anchor, event_words), recurrence=Recurrence.PER_EVENT)
        return When()
    stated = When(timing.expr, timing.offset, timing.direction, timing.anchor, timing.recurrence, timing.rrule)
    if timing.offset is None:
        stated = _with_its_offset(stated, document.text[timing.start : timing.end])
        if stated.offset is not None:
            return stated
    if timing.offset is None and timing.rule == "opening" and isinstance(timing.expr, Anchor):
        side = Direction.BEFORE if "deadline" in timing.flags else Direction.AFTER
        each = _EACH.match(document.text, timing.start, timing.end)
        again = Recurrence.PER_EVENT if each and kind in DUTIES else stated.recurrence
        return replace(stated, offset=SAME_DAY, direction=timing.direction or side, recurrence=again)
    if timing.offset is not None and timing.direction is None:
        return replace(stated, direction=Direction.AFTER)
    return (
        stated
        if stated.recurrence or not _redacted_offset(timing)
        else replace(stated, recurrence=_each_time(timing, document))
    )


def _so_often(document: Document, proposal: Proposal, length: Period) -> When | None:
    """As in "not more than twice in any period of twelve months": every six months at most, and no deadline."""
    months = length.count * {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}.get(length.unit, 0)
    start = proposal.mention.start if proposal.mention else _where_length_begins(document, proposal)
    match = _SO_OFTEN.search(document.text, max(0, start - 120), start) if months else None
    if match is None:
        return None
    every = months // 2 if match["times"].lower().startswith("tw") else months
    recurrence = _EVERY.get(every)
    if recurrence is None:
        return None
    rule = f"FREQ=MONTHLY;INTERVAL={every}" if every > 1 else "FREQ=MONTHLY"
    return When(Recurring(rrule=rule, start=Anchor(name=AnchorName.EFFECTIVE_DATE)), recurrence=recurrence, rrule=rule)


def _where_length_begins(document: Document, proposal: Proposal) -> int:
    span = proposal.span
    found = mentions_between(document.mentions, span.start, span.end)
    return next((one.start for one in found if one.kind is MentionKind.PERIOD), span.start)


def _with_its_offset(stated: When, words: str) -> When:
    """The offset that a timing of another shape implies: of one of several, between repetitions, of a working day."""
    expr = stated.expr
    if later := _LATER_MONTH.search(words):
        months = ordinal(later["nth"]) if later["nth"] else 1
        return replace(stated, offset=Period(count=months, unit=Unit.MONTH), direction=Direction.AFTER)
    if isinstance(expr, EarliestOf | LatestOf):
        counted = next((one for one in expr.of if isinstance(one, Shift | Within)), None)
        return replace(stated, offset=counted.period, direction=counted.direction) if counted else stated
    if not isinstance(expr, Recurring) and stated.recurrence is None:
        return stated
    if day := _BUSINESS_DAY.search(words):
        return _on_working_day(stated, day)
    if every := _EVERY_FEW.fullmatch(words.strip()):
        count = int(every["figure"]) if every["figure"] else cardinal(every["word"]) if every["word"] else 1
        if count > 1:
            return replace(
                stated, offset=Period(count=count, unit=Unit(every["unit"].lower())), direction=Direction.AFTER
            )
    return stated


def _on_working_day(stated: When, day: re.Match[str]) -> When:
    """The fifth working day of each month is five working days after the month before it ends."""
    count = int(day["figure"]) if day["figure"] else ordinal(day["word"])
    offset = Period(count=count, unit=Unit.DAY, business=True)
    unit = _STRETCH.search(day["stretch"])
    edge = read_edge(f"end of each {unit.group().lower()}", 0) if unit else None
    expr = edge.expr.model_copy(update={"due": offset}) if edge and isinstance(edge.expr, Recurring) else stated.expr
    anchor = f"start of {' '.join(day['stretch'].split())}"
    return When(expr, offset, Direction.AFTER, anchor, stated.recurrence or (edge.recurrence if edge else None))


def _redacted_offset(timing: Timing) -> bool:
    return timing.offset is None and "redacted" in timing.flags and timing.direction is not None


def _each_time(timing: Timing, document: Document) -> Recurrence | None:
    """A redacted time after something that can happen again still comes back with it."""
    anchor = timing.anchor
    if not anchor or _TERM.search(anchor):
        return None
    again = not ONCE.search(anchor) or ANY.search(document.text, timing.start, timing.end)
    return Recurrence.PER_EVENT if again else None


def counted(period: Period, direction: Direction, base: DateExpr, words: str | None) -> When:
    """A length before or after ``base``, which the contract calls ``words``."""
    return When(Shift(base=base, period=period, direction=direction), period, direction, words)
