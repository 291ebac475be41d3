"""Every place where a contract could set a milestone: a timing, a bare length or date, or words that renew or end.

Proposals are generous; ``extractors.milestones.kinds`` decides which of them are milestones, and of what kind.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.engine import Document
from extractors.grammar.mentions import Mention, MentionKind
from extractors.grammar.timing import Timing, find_timings
from models.source import Span

_UNTIMED = re.compile(
    r"\b(?:(?:when|once|at the time) (?:[\w'’-]+ ){1,4}?(?:is|are|has been|have been) (?:placed|signed|executed|shipped"
    r"|received|delivered|accepted|completed|approved)\b"
    r"|renew\w*|exten(?:d|sion)\w*|terminat\w*|expir\w*|effective|commenc\w*|upon|upfront|in advance|immediately"
    r"|each (?:shipment|delivery|order|batch|purchase order)|annual\w*|prior to|before|option)\b"
)
_WITH_PAYMENT = re.compile(
    r"(?P<payment>\b(?:each|every|such|all|any|these)(?: such)?(?: [\w-]+){0,2}? (?:payments?|remittances?))\b"
    r"[^.;]{0,80}?\b(?:accompanied by|include|contain)\b"
)
"""What comes with a payment ("each such payment shall be accompanied by a statement") comes when that is due."""
_BACK = 2
"""Passages before it in which the payment is stated."""
_REACH = 1_000
"""Characters between the two."""
_SKIPPED_TAGS = frozenset({"contents"})
_LONGEST = 2_500
"""Characters; longer passages are lists or tables torn apart, and quotes of that length help nobody."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place that may set a milestone.

    ``timing`` is the timing as read, None for a bare length (``mention``) or for words without any time. ``span`` are
    the words themselves; ``passage`` is the index of the passage they stand in.
    """

    passage: int
    span: Span
    timing: Timing | None = None
    mention: Mention | None = None


def propose(document: Document) -> list[Proposal]:
    """All proposals of a document, in order."""
    timings = find_timings(document.text, document.mentions)
    proposals = [
        Proposal(document.index_at(timing.start), Span(timing.start, timing.end), timing) for timing in timings
    ]
    proposals += _bare(document, timings)
    timed = {proposal.passage for proposal in proposals}
    proposals += _untimed(document, timings, timed)
    kept = [proposal for proposal in proposals if _worth_reading(document, proposal.passage)]
    return sorted(kept, key=lambda proposal: proposal.span)


def _bare(document: Document, timings: Sequence[Timing]) -> Iterator[Proposal]:
    """Lengths that no timing took up."""
    starts = [timing.start for timing in timings]
    for mention in document.mentions:
        if mention.kind is not MentionKind.PERIOD:
            continue
        index = bisect_right(starts, mention.start) - 1
        if index < 0 or timings[index].end <= mention.start:
            yield Proposal(document.index_at(mention.start), Span(mention.start, mention.end), None, mention)


def _untimed(document: Document, timings: Sequence[Timing], timed: set[int]) -> Iterator[Proposal]:
    """Passages without any time that speak of renewing, ending or starting, or of what comes with a payment."""
    for index, (start, end) in enumerate(document.bounds):
        if index in timed:
            continue
        with_it = _WITH_PAYMENT.search(document.masked.text, start, end)
        paid = _last_before(document, timings, index) if with_it else None
        if with_it and paid:
            span = document.masked.span(*with_it.span("payment"))
            yield Proposal(index, span, replace(paid, start=span.start, end=span.end))
            continue
        found = _UNTIMED.search(document.masked.text, start, end)
        if found:
            yield Proposal(index, document.masked.span(*found.span()))


def _last_before(document: Document, timings: Sequence[Timing], index: int) -> Timing | None:
    """The time of the payment that a passage speaks of: the last one stated in the passages just before it."""
    passage = document.passages[index]
    at = bisect_right(timings, passage.start, key=lambda timing: timing.start) - 1
    if at < 0 or document.index_at(timings[at].start) < index - _BACK:
        return None
    timing = timings[at]
    return timing if timing.recurrence is not None and passage.start - timing.end <= _REACH else None


def _worth_reading(document: Document, index: int) -> bool:
    passage = document.passages[index]
    return not (passage.tags & _SKIPPED_TAGS) and passage.end - passage.start <= _LONGEST
