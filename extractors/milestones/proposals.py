"""Every place where a contract could set a milestone: a timing, a bare length or date, or words that renew or end.

Proposals are generous; ``extractors.milestones.kinds`` decides which of them are milestones, and of what kind.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.engine import Document
from extractors.grammar.mentions import Mention, MentionKind
from extractors.grammar.timing import Timing, find_timings
from models.source import Span

_UNTIMED = re.compile(
    r"\b(?:renew\w*|exten(?:d|sion)\w*|terminat\w*|expir\w*|effective|commenc\w*|upon|upfront|in advance|immediately"
    r"|each (?:shipment|delivery|order|batch|purchase order)|annual\w*|prior to|before|option)\b"
)
_SKIPPED_TAGS = frozenset({"contents"})
_LONGEST = 1_500
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
    proposals += _untimed(document, timed)
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


def _untimed(document: Document, timed: set[int]) -> Iterator[Proposal]:
    """Passages without any time that speak of renewing, ending or starting."""
    for index, (start, end) in enumerate(document.bounds):
        if index in timed:
            continue
        found = _UNTIMED.search(document.masked.text, start, end)
        if found:
            yield Proposal(index, document.masked.span(*found.span()))


def _worth_reading(document: Document, index: int) -> bool:
    passage = document.passages[index]
    return not (passage.tags & _SKIPPED_TAGS) and passage.end - passage.start <= _LONGEST
