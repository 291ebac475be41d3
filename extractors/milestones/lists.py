"""Several times in one sentence for one duty: "$24,000 on 1 July 1997, 1 July 1998 and 1 July 1999"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.engine import Document
from extractors.masking import MASK
from extractors.milestones.kinds import Decision
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind

_BETWEEN = re.compile(
    rf"[\s,;\u037e]*(?:(?:and|or|then|plus|on|by|the|of|in|payable|due|installment|instalment|an? additional"
    rf"|respectively"
    rf"|[{''.join(MASK.values())}])[\s,;\u037e]*)*"
)
"""What stands between the times of one list; some fonts give their semicolon as a Greek question mark."""


def with_whole_lists(
    document: Document, proposals: Sequence[Proposal], decisions: Sequence[Decision]
) -> list[Decision]:
    """``decisions``, with the dates that stand in one list with a payment's date taken as payments too."""
    # Semicolons between the dates cut a list into several passages.
    dates = [one for one in proposals if one.timing is not None and one.timing.rule.startswith("date")]
    place = {id(proposal): at for at, proposal in enumerate(dates)}
    taken = {(id(one.proposal), one.kind) for one in decisions}
    added: list[Decision] = []
    for decision in decisions:
        at = place.get(id(decision.proposal))
        if at is None or decision.kind is not MilestoneKind.PAYMENT:
            continue
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
