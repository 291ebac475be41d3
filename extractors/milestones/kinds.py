"""Decides which proposals are milestones, and of what kind.

Two questions, kept apart: is this time something a person would put into a calendar (how the contract states the time
says most of it: ``rules/proposals.yaml``), and what is it about (the rules of ``rules/milestones/``; one whose value
lies inside the proposal speaks of it directly, one elsewhere in the passage is a hint).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from extractors.engine import Hit
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind

ACCEPT = 0.30
"""Chance below which a proposal is dropped."""
_HINT = 0.7
"""What a rule counts whose value is not the proposal's own, next to one whose value is."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposal taken as a milestone: its kind, how sure, and the rule that said so."""

    proposal: Proposal
    kind: MilestoneKind
    confidence: float
    rule: str


def decide(proposals: Sequence[Proposal], hits: Sequence[Hit], prior: "Prior") -> list[Decision]:
    """The milestones among the proposals, in order."""
    by_passage: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_passage[hit.passage].append(hit)
    decisions = []
    for proposal in proposals:
        votes = _votes(proposal, by_passage.get(proposal.passage, ()))
        if not votes:
            continue
        kind, (score, rule) = max(votes.items(), key=lambda vote: vote[1][0])
        chance = prior.of(proposal) * (0.5 + score / 2) if rule else 0.0
        if chance >= ACCEPT:
            decisions.append(Decision(proposal, kind, round(min(chance, 0.95), 4), rule))
    return decisions


def _votes(proposal: Proposal, hits: Sequence[Hit]) -> dict[MilestoneKind, tuple[float, str]]:
    """The best score of each kind that some rule names for the proposal."""
    votes: dict[MilestoneKind, tuple[float, str]] = {}
    for hit in hits:
        own = [slot for slot in hit.slots.values() if slot.mention is not None]
        inside = any(proposal.span.start <= slot.span.start < proposal.span.end for slot in own)
        if own and not inside:
            continue
        score = hit.rule.score if inside else hit.rule.score * _HINT
        kind = MilestoneKind(hit.rule.target)
        if kind not in votes or votes[kind][0] < score:
            votes[kind] = (score, hit.rule.name)
    return votes


class Prior:
    """How often a timing stated like this one is a milestone (``rules/proposals.yaml``)."""

    def __init__(self, data: JsonValue) -> None:
        table = data.get("prior") if isinstance(data, dict) else None
        self._table: Mapping[str, float] = (
            {key: float(value) for key, value in table.items() if isinstance(value, int | float)}
            if isinstance(table, dict)
            else {}
        )

    def of(self, proposal: Proposal) -> float:
        """The share, by the reading rule and its opening word, else by the rule alone."""
        timing = proposal.timing
        if timing is None:
            return self._table.get("bare" if proposal.mention else "untimed", 0.0)
        for key in (f"{timing.rule}/{timing.cue}", timing.rule, "other"):
            if key in self._table:
                return self._table[key]
        return 0.0
