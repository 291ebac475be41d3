"""One duty with two times in one clause is one milestone, unless the second is likely by itself.

"Within ten days after the end of each month" and "for each calendar month" may both be taken for the report of one
sentence. Items of a list are duties of their own, and so are the rows that ``lists`` adds. However likely, a time that
only repeats another one, or says for how long it goes on ("monthly during the first year"), is no second milestone.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from extractors.engine import Document
from extractors.grammar.cues import DEADLINES
from extractors.milestones.kinds import Decision
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind

AGAIN = 0.45
"""Chance from which a clause is taken for the same kind once more, at another of its times."""
DUTIES = frozenset({MilestoneKind.PAYMENT, MilestoneKind.DELIVERY, MilestoneKind.REPORT, MilestoneKind.REVIEW})
_ON = DEADLINES | {"on", "at"}
_ITEM = re.compile(r";|(?<!\w)\(?(?:[a-h]|[ivx]{1,4}|\d{1,2})\)\s")


def without_echoes(document: Document, decisions: Sequence[Decision]) -> list[Decision]:
    """The likeliest decision of each kind in a clause, and those others that are likely enough."""
    together: dict[tuple[int, MilestoneKind], list[Decision]] = defaultdict(list)
    for one in decisions:
        together[one.proposal.passage, one.kind].append(one)
    kept = []
    for one in decisions:
        others = [other for other in together[one.proposal.passage, one.kind] if other is not one]
        if one.confidence < AGAIN and any(_echoes(document, one, other) for other in others):
            continue
        if any(_repeats(document, one, other) for other in others):
            continue
        kept.append(one)
    return kept


def _echoes(document: Document, one: Decision, other: Decision) -> bool:
    """Whether ``other`` says it louder, the first of equals, and no item of a list begins between them."""
    return _rank(other) > _rank(one) and same_item(document, one.proposal, other.proposal)


def _rank(one: Decision) -> tuple[float, int]:
    return one.confidence, -one.proposal.span.start


def same_item(document: Document, one: Proposal, other: Proposal) -> bool:
    """Whether no item of a list begins between two times of a clause."""
    first, second = sorted((one.span, other.span))
    return _ITEM.search(document.text, first.end, max(first.end, second.start)) is None


def _repeats(document: Document, one: Decision, other: Decision) -> bool:
    """Whether ``one`` adds nothing to ``other``: no time of its own, the same again, or for how long it goes on."""
    mine, theirs = one.proposal.timing, other.proposal.timing
    if theirs is None or one.kind not in DUTIES or not same_item(document, one.proposal, other.proposal):
        return False
    if mine is None:
        length = one.proposal.mention.period if one.proposal.mention else None
        return theirs.recurrence is not None if length else theirs.offset is not None
    if mine.rule == "period" and theirs.recurrence is not None:
        return True
    if mine.rule == "recurrence" and mine.recurrence is theirs.recurrence:
        on_day = "BY" in (theirs.rrule or "") and "BY" not in (mine.rrule or "") and theirs.cue in _ON
        return theirs.offset is not None or on_day
    open_ended = "open_anchor" in mine.flags and "open_anchor" not in theirs.flags
    return open_ended and mine.offset == theirs.offset and mine.direction is theirs.direction
