"""When a milestone of some kind falls, from the timing as it was read: what the kind itself says about its anchor.

A renewal starts when the term ends, a cure period runs from notice of the breach, notice of termination counts back
from the end. A time that says no anchor of its own ("for successive one-year terms", "within ten days") gets the one
its kind has by nature. What is left waits for something, in words a person can read; no date is ever made up here.
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
from models.contract import MilestoneKind, Recurrence, Term, TermField
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

_SAME_DAY = Period(count=0, unit=Unit.DAY)
"""The offset of what is due upon an event."""
_DUTIES = frozenset({MilestoneKind.PAYMENT, MilestoneKind.DELIVERY, MilestoneKind.REPORT, MilestoneKind.REVIEW})
_NO_ANCHOR = frozenset({"open_anchor", "period_only"})
_REPEATABLE = frozenset(
    {
        AnchorName.EVENT,
        AnchorName.INVOICE_RECEIPT,
        AnchorName.INVOICE_DATE,
        AnchorName.DELIVERY,
        AnchorName.ACCEPTANCE,
        AnchorName.NOTICE,
    }
)
_ONCE = re.compile(
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
_ANY = re.compile(r"\b(?:each|every|any|such)\b", re.IGNORECASE)
_EACH_YEAR = re.compile(
    r"\b(?:each|every|any) (?:\w+ )?(?:calendar |contract |fiscal )?years?\b|\bannual|\byearly|\bper (?:annum|year)"
    r"|following year",
    re.IGNORECASE,
)
_DAY_OF_MONTH = re.compile(r"FREQ=MONTHLY;BYMONTHDAY=(\d+)")
_NEXT_MONTH = re.compile(
    r"\b(?:following|next|succeeding|subsequent)\b[\w\s]{0,20}\bmonth|month\b[^.;]{0,20}\bfollowing\b"
)
_LAST_MONTH = re.compile(r"\b(?:preceding|previous|prior|past)\s+(?:calendar\s+)?month\b", re.IGNORECASE)
_WHEN_SIGNED = re.compile(r"\beffective\s+(?:when|once|upon)\b[^.;]{0,80}?\b(?:signed|executed)\b", re.IGNORECASE)
_STARTING = re.compile(
    r"\b(?:(?P<until>through|until|ending\s+on)|(?:commenc|beginn|start)ing(?:\s+(?:on|as\s+of|from|with))?)"
    r"\s+(?:and\s+including\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_STARTS_NEAR = 200
"""Characters between how often something comes back and from when on, or until when."""
_SO_OFTEN = re.compile(
    r"\b(?P<times>once|twice|(?:one|two)(?:\s*\(\d\))?\s+times?)\b[^.;]{0,40}?\b(?:in|during|within|per)\s+(?:any|each|every|a|the)\b[\w\s]{0,20}$",
    re.IGNORECASE,
)
_LENGTH_OF = {
    Recurrence.MONTHLY: Period(count=1, unit=Unit.MONTH),
    Recurrence.QUARTERLY: Period(count=3, unit=Unit.MONTH),
    Recurrence.SEMIANNUAL: Period(count=6, unit=Unit.MONTH),
    Recurrence.ANNUAL: Period(count=1, unit=Unit.YEAR),
}
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
_JUST_AFTER = 60
"""Characters after a time within which the end it hangs on is named."""
_OF_THE_END = re.compile(
    r"\b(?:days?|weeks?|months?)\)?\s+of\s+"
    r"(?:(?:the|its|such|each|any|this|then[- ]current|current|applicable|initial)\s+)*"
    r"(?:(?:end|expiration|expiry|close|conclusion)\s+(?:date\s+)?of\s+(?:[\w'’-]+\s+){0,4}?"
    r"(?:terms?|agreement|contract|licen[cs]e|lease|(?:initial|renewal)\s+period)\b"
    r"|(?:licen[cs]e|lease|contract|term|agreement)\s+(?:expiration|expiry)\b|anniversary\b)",
    re.IGNORECASE,
)
_EVERY = {1: Recurrence.MONTHLY, 3: Recurrence.QUARTERLY, 6: Recurrence.SEMIANNUAL, 12: Recurrence.ANNUAL}
_ENDING = re.compile(r"terminat|surviv|end of (?:this|the)|cancel", re.IGNORECASE)
_EXPIRING = re.compile(r"expir|end of (?:the|its) (?:[\w-]+ )?term", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class When:
    """The timing of a milestone: its meaning, and its parts as stated."""

    expr: DateExpr | None = None
    offset: Period | None = None
    direction: Direction | None = None
    anchor: str | None = None
    recurrence: Recurrence | None = None
    rrule: str | None = None


def when(document: Document, kind: MilestoneKind, proposal: Proposal, terms: dict[TermField, Term]) -> When:
    """When the milestone that ``proposal`` sets falls, it being of ``kind``."""
    stated = _as_stated(document, kind, proposal)
    passage = document.passages[proposal.passage]
    clause = document.text[passage.start : passage.end]
    own = terms.get(_TERM_OF[kind]) if kind in _TERM_OF else None
    here = bool(own and own.evidence and document.index_at(own.evidence[0].start) == proposal.passage)
    is_open = bool(proposal.timing and _NO_ANCHOR & set(proposal.timing.flags)) or stated.expr is None
    match kind:
        case MilestoneKind.RENEWAL:
            return _renewal(stated, own if here else None, is_open=is_open)
        case MilestoneKind.EXPIRATION:
            return _expiration(stated, own, here=here, is_open=is_open)
        case MilestoneKind.EFFECTIVE:
            return _effective(stated, own, clause, here=here)
        case MilestoneKind.NOTICE:
            return _notice(document, proposal, stated, own, here=here, is_open=is_open)
    if is_open and stated.offset and kind in _NATURAL:
        anchor, direction, words = _NATURAL[kind]
        if kind is MilestoneKind.SURVIVAL and _EXPIRING.search(clause) and not _ENDING.search(clause):
            anchor, words = AnchorName.TERM_END, "end of the term"
        stated = _counted(stated.offset, direction, Anchor(name=anchor), words)
    elif is_open and stated.offset:
        event = Anchor(name=AnchorName.EVENT, event=f"what the {stated.offset} count from")
        direction = stated.direction or Direction.AFTER
        stated = replace(_counted(stated.offset, direction, event, None), recurrence=stated.recurrence)
    if kind in (MilestoneKind.CURE, MilestoneKind.SURVIVAL) and stated.offset:
        stated = replace(stated, direction=Direction.AFTER)
    stated = _from_first_date(
        _day_of_next_month(_with_day_of_year(stated, clause), document, proposal), document, proposal
    )
    return replace(
        stated, expr=_deadline(stated.expr), recurrence=stated.recurrence or _repeats(kind, stated, document, proposal)
    )


_TERM_OF = {
    MilestoneKind.EFFECTIVE: TermField.EFFECTIVE_DATE,
    MilestoneKind.EXPIRATION: TermField.EXPIRATION_DATE,
    MilestoneKind.RENEWAL: TermField.RENEWAL_TERM,
    MilestoneKind.NOTICE: TermField.NOTICE_PERIOD,
}
_NATURAL = {
    MilestoneKind.CURE: (AnchorName.NOTICE, Direction.AFTER, "notice"),
    MilestoneKind.TERMINATION: (AnchorName.TERMINATION, Direction.BEFORE, "termination"),
    MilestoneKind.SURVIVAL: (AnchorName.TERMINATION, Direction.AFTER, "termination"),
}
"""Where a kind counts from when its words do not say."""


def _as_stated(document: Document, kind: MilestoneKind, proposal: Proposal) -> When:
    timing, mention = proposal.timing, proposal.mention
    length = timing.offset if timing else mention.period if mention else None
    if kind in _DUTIES and length is not None and (often := _so_often(document, proposal, length)) is not None:
        return often
    if timing is None:
        if mention is not None:
            return When(offset=mention.period)
        if kind in _DUTIES and (event := due_upon(document, proposal)) is not None:
            anchor = Anchor(name=AnchorName.EVENT, event=event.words)
            return _counted(_SAME_DAY, event.direction, anchor, event.words)
        words = document.text[proposal.span.start : proposal.span.end]
        if kind in _DUTIES and (each := _EACH_TIME.fullmatch(words)) is not None:
            event_words = " ".join(each["event"].lower().split())
            anchor = Anchor(name=AnchorName.EVENT, event=event_words)
            return replace(_counted(_SAME_DAY, Direction.AFTER, anchor, event_words), recurrence=Recurrence.PER_EVENT)
        return When()
    stated = When(timing.expr, timing.offset, timing.direction, timing.anchor, timing.recurrence, timing.rrule)
    if timing.offset is None:
        stated = _with_its_offset(stated, document.text[timing.start : timing.end])
        if stated.offset is not None:
            return stated
    if timing.offset is None and timing.rule == "opening" and isinstance(timing.expr, Anchor):
        side = Direction.BEFORE if "deadline" in timing.flags else Direction.AFTER
        each = _EACH.match(document.text, timing.start, timing.end)
        again = Recurrence.PER_EVENT if each and kind in _DUTIES else stated.recurrence
        return replace(stated, offset=_SAME_DAY, direction=timing.direction or side, recurrence=again)
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
    again = not _ONCE.search(anchor) or _ANY.search(document.text, timing.start, timing.end)
    return Recurrence.PER_EVENT if again else None


def _counted(period: Period, direction: Direction, base: DateExpr, words: str | None) -> When:
    return When(Shift(base=base, period=period, direction=direction), period, direction, words)


def _renewal(stated: When, own: Term | None, *, is_open: bool) -> When:
    """A renewal starts when the term ends, and is timed by its length."""
    offset = stated.offset if stated.offset and stated.offset.count else None
    if offset is None and stated.recurrence:
        offset = _LENGTH_OF.get(stated.recurrence)
    if own and own.renewal:
        if offset is None or not own.renewal.automatic or is_open:
            offset = own.renewal.period or offset
        if offset is None and not own.renewal.automatic:
            return When(anchor="end of the term")  # by agreement, and nobody knows for how long
    elif offset is None and not isinstance(stated.expr, Recurring):
        return When(anchor=stated.anchor or "end of the term")
    start = Anchor(name=AnchorName.RENEWAL_START)
    again = stated.recurrence if stated.recurrence is not Recurrence.PER_EVENT else None
    return When(start, offset, Direction.AFTER, "end of the term", again)


def _expiration(stated: When, own: Term | None, *, here: bool, is_open: bool) -> When:
    """The end of the term: by the term itself where this is its clause."""
    end = Anchor(name=AnchorName.TERM_END)
    known = own is not None and own.expr is not None
    side = Direction.AFTER if stated.offset else None
    offset, anchor = (stated.offset, stated.anchor) if stated.offset and stated.offset.count else (None, None)
    if own and own.expr and here:
        if isinstance(own.expr, TermEnd) and offset is None:
            offset, side = own.expr.period, Direction.AFTER
        return When(end, offset, side if offset else None, anchor)
    if stated.expr is None or is_open:
        if offset is None:
            return When(end if known else None)
        same = isinstance(own.expr, TermEnd) and own.expr.period == offset if own and own.expr else False
        counted = TermEnd(start=Anchor(name=AnchorName.EFFECTIVE_DATE), period=offset)
        return When(end if same else counted, offset, Direction.AFTER)
    expr = stated.expr
    if isinstance(expr, Window) and expr.latest is not None:
        return When(expr.latest)
    return replace(stated, expr=_deadline(expr), direction=side, recurrence=None, rrule=None)


def _effective(stated: When, own: Term | None, clause: str, *, here: bool) -> When:
    """The start of the term; of a stretch that is stated with its length, the first day."""
    if here and own and own.expr:
        if isinstance(own.expr, Shift):
            return When(own.expr, own.expr.period, own.expr.direction, stated.anchor)
        return When(own.expr)
    expr = stated.expr
    if isinstance(expr, Window) and expr.earliest is not None:
        return When(expr.earliest)
    if isinstance(expr, TermEnd):
        return When(expr.start)
    if expr is None and _WHEN_SIGNED.search(clause):
        return _counted(_SAME_DAY, Direction.AFTER, Anchor(name=AnchorName.SIGNATURE), "signature")
    return replace(stated, expr=_deadline(expr), recurrence=None, rrule=None)


def _notice(
    document: Document, proposal: Proposal, stated: When, own: Term | None, *, here: bool, is_open: bool
) -> When:
    """Notice counts back from the end of the term, unless it says from where."""
    end = Anchor(name=AnchorName.TERM_END)
    offset = stated.offset if stated.offset and stated.offset.count else None
    if here and own and own.notice and (is_open or offset is None):
        offset = own.notice
    inside = proposal.timing is not None and proposal.timing.cue == "within" and stated.direction is Direction.AFTER
    counts_back = stated.direction is Direction.BEFORE or _ends_with_term(document, proposal)
    if offset and (is_open or _is_yearless(stated.expr)) and (counts_back or (here and not inside)):
        words = stated.anchor or "end of the term"
        return _counted(offset, Direction.BEFORE, end, words)
    if is_open and offset:
        event = Anchor(name=AnchorName.EVENT, event=f"what the {offset} count from")
        return _counted(offset, stated.direction or Direction.AFTER, event, None)
    if offset and stated.direction is Direction.AFTER and _ends_with_term(document, proposal):
        expr = Shift(base=_base(stated.expr) or end, period=offset, direction=Direction.BEFORE)
        return replace(stated, expr=expr, direction=Direction.BEFORE)
    # A stretch of days within which to give notice is a window, and stays one.
    return stated


def _ends_with_term(document: Document, proposal: Proposal) -> bool:
    """Whether "within 30 days of the end of the term" is said: notice comes before what ends."""
    timing = proposal.timing
    return (
        timing is not None
        and timing.cue == "within"
        and _OF_THE_END.search(document.text, timing.start, timing.end + _JUST_AFTER) is not None
    )


def _is_yearless(expr: DateExpr | None) -> bool:
    base = _base(expr)
    return isinstance(base, Incomplete) and base.year is None and base.month is not None and base.day is not None


def _with_day_of_year(stated: When, clause: str) -> When:
    """A day that names no year: each year where the clause says so, else the first after the effective date."""
    expr = stated.expr
    if not isinstance(expr, Incomplete) or not _is_yearless(expr) or expr.month is None or expr.day is None:
        return stated
    start = Anchor(name=AnchorName.EFFECTIVE_DATE)
    if not _EACH_YEAR.search(clause):
        return replace(stated, expr=NextDate(after=start, month=expr.month, day=expr.day))
    rule = f"FREQ=YEARLY;BYMONTH={expr.month};BYMONTHDAY={expr.day}"
    return replace(
        stated,
        expr=Recurring(rrule=rule, start=start),
        recurrence=Recurrence.ANNUAL,
        rrule=rule,
        anchor=stated.anchor or expr.text,
    )


def _day_of_next_month(stated: When, document: Document, proposal: Proposal) -> When:
    """The tenth day of the following month is ten days after the end of the month; so is it for the month before."""
    day = _DAY_OF_MONTH.fullmatch(stated.rrule or "")
    if day is None or stated.offset is not None:
        return stated
    passage = document.passages[proposal.passage]
    words = document.text[proposal.span.start : proposal.span.end]
    if not (_NEXT_MONTH.search(words) or _LAST_MONTH.search(document.text, passage.start, passage.end)):
        return stated
    offset = Period(count=int(day[1]), unit=Unit.DAY)
    return replace(stated, offset=offset, direction=Direction.AFTER, anchor="end of the month")


def _from_first_date(stated: When, document: Document, proposal: Proposal) -> When:
    """What comes back "commencing on 1 May 2020 through 30 April 2021" begins and ends then."""
    expr = stated.expr
    if not isinstance(expr, Recurring) or expr.start != Anchor(name=AnchorName.EFFECTIVE_DATE):
        return stated
    passage = document.passages[proposal.passage]
    found: dict[str, Fixed] = {}
    for mention in mentions_between(document.mentions, passage.start, passage.end):
        if not isinstance(mention.value, Fixed) or abs(mention.start - proposal.span.start) > _STARTS_NEAR:
            continue
        side = _STARTING.search(document.text, max(passage.start, mention.start - 24), mention.start)
        if side:
            found.setdefault("until" if side["until"] else "start", mention.value)
    return replace(stated, expr=expr.model_copy(update=found)) if found else stated


def _deadline(expr: DateExpr | None) -> DateExpr | None:
    """What must be done within a time is due on its last day."""
    if isinstance(expr, Within):
        return Shift(base=expr.base, period=expr.period, direction=expr.direction)
    return expr


def _base(expr: DateExpr | None) -> DateExpr | None:
    while isinstance(expr, Shift | Within):
        expr = expr.base
    return expr


def _repeats(kind: MilestoneKind, stated: When, document: Document, proposal: Proposal) -> Recurrence | None:
    """A duty that hangs on an event which can happen again comes back with each."""
    base = _base(stated.expr)
    if kind not in _DUTIES or not isinstance(base, Anchor) or base.name not in _REPEATABLE:
        return None
    if not _ONCE.search(stated.anchor or base.event or ""):
        return Recurrence.PER_EVENT
    return Recurrence.PER_EVENT if _ANY.search(document.text, proposal.span.start, proposal.span.end) else None
