"""When a milestone of some kind falls, from the timing as it was read: what the kind itself says about its anchor.

A renewal starts when the term ends, a cure period runs from notice of the breach, notice of termination counts back
from the end. A time that says no anchor of its own ("for successive one-year terms", "within ten days") gets the one
its kind has by nature. What is left waits for something, in words a person can read; no date is ever made up here.
"""

import re
from dataclasses import replace

from extractors.engine import Document
from extractors.masking import mentions_between
from extractors.milestones.proposals import Proposal
from extractors.milestones.stated import ANY, DUTIES, ONCE, SAME_DAY, When, as_stated, counted
from models.contract import MilestoneKind, Recurrence, Term, TermField
from models.dateexpr import (
    Anchor,
    AnchorName,
    DateExpr,
    Fixed,
    Incomplete,
    NextDate,
    Recurring,
    Shift,
    TermEnd,
    Window,
    Within,
)
from models.period import Direction, Period, Unit

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
_STARTS = re.compile(r"(?:commenc|begin|start)(?:e?s?|ing)\b", re.IGNORECASE)
_STARTS_NEAR = 200
"""Characters between how often something comes back and from when on, or until when."""
_LENGTH_OF = {
    Recurrence.MONTHLY: Period(count=1, unit=Unit.MONTH),
    Recurrence.QUARTERLY: Period(count=3, unit=Unit.MONTH),
    Recurrence.SEMIANNUAL: Period(count=6, unit=Unit.MONTH),
    Recurrence.ANNUAL: Period(count=1, unit=Unit.YEAR),
}
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
_ENDING = re.compile(r"terminat|surviv|end of (?:this|the)|cancel", re.IGNORECASE)
_EXPIRING = re.compile(r"expir|end of (?:the|its) (?:[\w-]+ )?term", re.IGNORECASE)


def when(document: Document, kind: MilestoneKind, proposal: Proposal, terms: dict[TermField, Term]) -> When:
    """When the milestone that ``proposal`` sets falls, it being of ``kind``."""
    stated = as_stated(document, kind, proposal)
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
        stated = counted(stated.offset, direction, Anchor(name=anchor), words)
    elif is_open and stated.offset:
        event = Anchor(name=AnchorName.EVENT, event=f"what the {stated.offset} count from")
        direction = stated.direction or Direction.AFTER
        stated = replace(counted(stated.offset, direction, event, None), recurrence=stated.recurrence)
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
        if anchor and _STARTS.match(anchor):
            anchor = None  # "commence on 1 January 2015": how the clause begins, and no name of a day
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
        return counted(SAME_DAY, Direction.AFTER, Anchor(name=AnchorName.SIGNATURE), "signature")
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
        return counted(offset, Direction.BEFORE, end, words)
    if is_open and offset:
        event = Anchor(name=AnchorName.EVENT, event=f"what the {offset} count from")
        return counted(offset, stated.direction or Direction.AFTER, event, None)
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
    if kind not in DUTIES or not isinstance(base, Anchor) or base.name not in _REPEATABLE:
        return None
    if not ONCE.search(stated.anchor or base.event or ""):
        return Recurrence.PER_EVENT
    return Recurrence.PER_EVENT if ANY.search(document.text, proposal.span.start, proposal.span.end) else None
