"""The exact time where a clause says two: how often ("a weekly forecast"), and by when ("on the 1st of each month").

What is taken for a milestone is often the word that only names it ("quarterly payments", "each calendar quarter"); the
deadline stands beside it. A time that only says how often gives way to one in the same clause that says when.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from extractors.engine import Document
from extractors.grammar.cues import DEADLINES
from extractors.grammar.timing import Timing
from extractors.milestones.echoes import DUTIES, same_item
from extractors.milestones.kinds import Decision
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind

_ON = DEADLINES | {"on", "upon"}
_A_DAY = re.compile(r"\d|\b(?:day|end|last|first|anniversary|begin|start)", re.IGNORECASE)
_UNTIL = frozenset({"through", "until", "till", "throughout"})
_NEAR = 160
"""Characters between the two times."""


def with_exact_times(
    document: Document, proposals: Sequence[Proposal], decisions: Sequence[Decision]
) -> list[Decision]:
    """``decisions``, those that only say how often moved to the time beside them that says when."""
    beside: dict[int, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        beside[proposal.passage].append(proposal)
    taken = {(id(one.proposal), one.kind) for one in decisions}
    moved: list[Decision] = []
    for one in decisions:
        exact = _exact(document, one, beside[one.proposal.passage], taken) if one.kind in DUTIES else None
        if exact is None:
            moved.append(one)
        else:
            taken.add((id(exact), one.kind))
            moved.append(replace(one, proposal=exact))
    return moved


def _exact(
    document: Document, one: Decision, others: Sequence[Proposal], taken: set[tuple[int, MilestoneKind]]
) -> Proposal | None:
    """The time that says when what ``one`` says how often; None where there is none, or it is a milestone itself."""
    mine = one.proposal.timing
    if mine is not None and mine.rule == "date" and mine.cue in _UNTIL:
        return _goes_on(document, one, others, taken)
    if mine is None or mine.rule != "recurrence" or mine.cue or _A_DAY.search(document.text, mine.start, mine.end):
        return None
    fitting = [
        other
        for other in others
        if (id(other), one.kind) not in taken
        and other.timing is not None
        and _says_when(mine, other.timing, one.kind)
        and same_item(document, one.proposal, other)
        and _apart(one.proposal, other) <= _NEAR
    ]
    return min(fitting, key=lambda other: _apart(one.proposal, other), default=None)


def _goes_on(
    document: Document, one: Decision, others: Sequence[Proposal], taken: set[tuple[int, MilestoneKind]]
) -> Proposal | None:
    """How often something is due that is due "through 31 May 2020": what goes on until a day is not due on it alone."""
    often = [
        other
        for other in others
        if other.timing is not None
        and other.timing.recurrence is not None
        and other.span < one.proposal.span
        and same_item(document, one.proposal, other)
    ]
    if any((id(other), one.kind) in taken for other in often):
        return None
    return often[-1] if often else None


def _says_when(often: Timing, other: Timing, kind: MilestoneKind) -> bool:
    if {"open_anchor", "period_only", "redacted"} & set(other.flags) or other.cue not in _CUES:
        return False
    if other.offset is not None:
        return other.recurrence is often.recurrence
    if "BY" not in (other.rrule or ""):
        return False
    return other.recurrence is often.recurrence or ("adjective" in often.flags and kind is not MilestoneKind.PAYMENT)


_CUES = _ON | {"within", "at least", "not less than", "no less than", ""}


def _apart(one: Proposal, other: Proposal) -> int:
    first, second = sorted((one.span, other.span))
    return second.start - first.end
