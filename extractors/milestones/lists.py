"""Several times in one sentence for one duty: "$24,000 on 1 July 1997, 1 July 1998 and 1 July 1999"."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from extractors.engine import Document
from extractors.masking import MASK
from extractors.milestones.kinds import Decision
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind

_BETWEEN = re.compile(
    rf"[\s,;]*(?:(?:and|or|then|plus|on|by|the|of|in|payable|due|installment|instalment|an? additional|respectively"
    rf"|[{''.join(MASK.values())}])[\s,;]*)*"
)
"""What stands between the times of one list."""


def with_whole_lists(
    document: Document, proposals: Sequence[Proposal], decisions: Sequence[Decision]
) -> list[Decision]:
    """``decisions``, with the dates that stand in one list with a payment's date taken as payments too."""
    by_passage: dict[int, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        if proposal.timing is not None and proposal.timing.rule.startswith("date"):
            by_passage[proposal.passage].append(proposal)
    taken = {(id(one.proposal), one.kind) for one in decisions}
    added: list[Decision] = []
    for decision in decisions:
        if decision.kind is not MilestoneKind.PAYMENT:
            continue
        dates = by_passage.get(decision.proposal.passage, [])
        if decision.proposal not in dates:
            continue
        at = dates.index(decision.proposal)
        for step in (1, -1):
            position = at + step
            while 0 <= position < len(dates) and _joined(document, dates[position - step], dates[position]):
                key = (id(dates[position]), decision.kind)
                if key not in taken:
                    taken.add(key)
                    added.append(replace(decision, proposal=dates[position]))
                position += step
    return sorted([*decisions, *added], key=lambda one: one.proposal.span)


def _joined(document: Document, one: Proposal, two: Proposal) -> bool:
    first, second = sorted((one, two), key=lambda proposal: proposal.span)
    masked = document.masked
    start, end = masked.position(first.span.end), masked.position(second.span.start)
    return end - start < 60 and _BETWEEN.fullmatch(masked.text, start, end) is not None
