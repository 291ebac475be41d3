"""One duty with two times in one clause is one milestone, unless the second is likely by itself.

"Within ten days after the end of each month" and "for each calendar month" may both be taken for the report of one
sentence. Items of a list are duties of their own, and so are the rows that ``lists`` adds.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from extractors.engine import Document
from extractors.milestones.kinds import Decision
from models.contract import MilestoneKind

AGAIN = 0.45
"""Chance from which a clause is taken for the same kind once more, at another of its times."""
_ITEM = re.compile(r";|(?<!\w)\(?(?:[a-h]|[ivx]{1,4}|\d{1,2})\)\s")


def without_echoes(document: Document, decisions: Sequence[Decision]) -> list[Decision]:
    """The likeliest decision of each kind in a clause, and those others that are likely enough."""
    together: dict[tuple[int, MilestoneKind], list[Decision]] = defaultdict(list)
    for one in decisions:
        together[one.proposal.passage, one.kind].append(one)
    return [
        one
        for one in decisions
        if one.confidence >= AGAIN
        or not any(_echoes(document, one, other) for other in together[one.proposal.passage, one.kind])
    ]


def _echoes(document: Document, one: Decision, other: Decision) -> bool:
    """Whether ``other`` says it louder, the first of equals, and no item of a list begins between them."""
    if one is other or (other.confidence, -other.proposal.span.start) < (one.confidence, -one.proposal.span.start):
        return False
    first, second = sorted((one.proposal.span, other.proposal.span))
    return _ITEM.search(document.text, first.end, max(first.end, second.start)) is None
