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

ACCEPT = 0.3
"""Chance from which a proposal is taken for a kind ..."""
ACCEPT_KIND = {
    MilestoneKind.NOTICE: 0.18,
    MilestoneKind.RENEWAL: 0.2,
    MilestoneKind.TERMINATION: 0.2,
    MilestoneKind.CURE: 0.2,
    MilestoneKind.REVIEW: 0.22,
    MilestoneKind.REPORT: 0.24,
    MilestoneKind.EXPIRATION: 0.24,
    MilestoneKind.EFFECTIVE: 0.36,
}
"""... where another than the usual one gave the best balance of what is missed and what is invented, on contracts the
classifiers had not learned from."""
ACCEPT_SUM = 0.24
"""... and for payments of a sum that the clause states: they cost more when missed than when dismissed."""
LEAST = min(ACCEPT, ACCEPT_SUM, *ACCEPT_KIND.values())
"""Chance below which a proposal is taken for nothing."""
SECOND = 0.5
"""Chance from which a second kind is taken besides the likeliest ("starts on X and ends on Y")."""
MODEL = "model.milestone_kind@2"


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

    ``chances`` and ``kinds`` are the classifiers' scores; the chance of a kind follows from both.

    ``sums`` are the passages that tell somebody to pay a sum.
    """
    decisions = []
    for proposal, chance, scores in zip(proposals, chances, kinds, strict=True):
        best = max(scores, key=lambda name: scores[name])
        # A milestone is of one kind at least, even where the classifiers know none that it is like.
        whole = min(1.0, sum(scores.values())) or 1.0
        for name, score in scores.items():
            confidence = chance["milestone"] * score / whole
            kind = MilestoneKind(name)
            needed = _needed(kind, proposal.passage in sums)
            if confidence < (needed if name == best else max(needed, SECOND)):
                continue
            if any(one.covers(proposal, name) for one in dismissed.get(proposal.passage, ())):
                continue
            rule = _rule(proposal, kind, hits.get(proposal.passage, ()))
            decisions.append(Decision(proposal, kind, round(confidence, 4), rule))
    return decisions


def _needed(kind: MilestoneKind, states_a_sum: bool) -> float:
    if states_a_sum and kind is MilestoneKind.PAYMENT:
        return ACCEPT_SUM
    return ACCEPT_KIND.get(kind, ACCEPT)


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
