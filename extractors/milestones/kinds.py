"""Decides which proposals are milestones, and of what kind.

Two questions, kept apart, each with its own classifier: is this time something a person would put into a calendar, and
what is it about. What the rules of ``rules/milestones/`` found is part of what the classifiers see; a rule that reads
the proposal's own value and names the chosen kind is named as the one that said so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from extractors.engine import Hit
from extractors.milestones.dismissals import Dismissal
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind

ACCEPT = 0.4
"""Chance below which a proposal is dropped ..."""
ACCEPT_PAYMENT = 0.3
"""... for payments, which cost more when missed than when dismissed ..."""
ACCEPT_SUM = 0.15
"""... and for payments of a sum that the clause states."""
SECOND = 0.5
"""Score from which a second kind is taken besides the likeliest ("starts on X and ends on Y")."""
MODEL = "model.milestone_kind@1"


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposal taken as a milestone: its kind, how sure, and the rule or model that said so."""

    proposal: Proposal
    kind: MilestoneKind
    confidence: float
    rule: str


def decide(
    proposals: Sequence[Proposal],
    hits: Mapping[int, Sequence[Hit]],
    chances: Sequence[Mapping[str, float]],
    kinds: Sequence[Mapping[str, float]],
    dismissed: Mapping[int, Sequence[Dismissal]],
    sums: Collection[int],
) -> list[Decision]:
    """The milestones among the proposals, in order.

    ``chances`` and ``kinds`` are the classifiers' scores.

    ``sums`` are the passages that tell somebody to pay a sum.
    """
    decisions = []
    for proposal, chance, scores in zip(proposals, chances, kinds, strict=True):
        total = sum(scores.values()) or 1.0
        best = max(scores, key=lambda name: scores[name])
        if chance["milestone"] < _needed(best, proposal.passage in sums):
            continue
        for name in scores:
            if name != best and scores[name] < SECOND:
                continue
            if any(one.covers(proposal, name) for one in dismissed.get(proposal.passage, ())):
                continue
            kind = MilestoneKind(name)
            confidence = chance["milestone"] * min(1.0, max(scores[name], scores[name] / total))
            rule = _rule(proposal, kind, hits.get(proposal.passage, ()))
            decisions.append(Decision(proposal, kind, round(confidence, 4), rule))
    return decisions


def _needed(kind: str, states_a_sum: bool) -> float:
    if kind != MilestoneKind.PAYMENT:
        return ACCEPT
    return ACCEPT_SUM if states_a_sum else ACCEPT_PAYMENT


def _rule(proposal: Proposal, kind: MilestoneKind, hits: Sequence[Hit]) -> str:
    """The most trusted rule that reads the proposal's value as ``kind``, else the model."""
    named = [
        hit
        for hit in hits
        if hit.rule.target == kind
        and any(
            slot.mention is not None and proposal.span.start <= slot.span.start < proposal.span.end
            for slot in hit.slots.values()
        )
    ]
    return max(named, key=lambda hit: hit.rule.score).rule.name if named else MODEL
