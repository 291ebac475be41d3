"""The start, end, renewal and notice of the term, as milestones: the terms were read with more care than any clause.

A term that was found replaces what the clause itself was taken for.
"""

from collections.abc import Sequence

from extractors.engine import Document
from extractors.milestones.kinds import Decision
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind, Term, TermField, TermState
from models.source import Span

_KIND = {
    TermField.EFFECTIVE_DATE: MilestoneKind.EFFECTIVE,
    TermField.EXPIRATION_DATE: MilestoneKind.EXPIRATION,
    TermField.RENEWAL_TERM: MilestoneKind.RENEWAL,
    TermField.NOTICE_PERIOD: MilestoneKind.NOTICE,
}
_KNOWN = (TermState.FOUND, TermState.CONFLICT, TermState.BLOCKED, TermState.PARTIAL)


def from_terms(document: Document, terms: Sequence[Term], decisions: Sequence[Decision]) -> list[Decision]:
    """``decisions`` with those of the terms put in."""
    merged = list(decisions)
    for term in terms:
        kind = _KIND.get(term.field)
        if kind is None or term.state not in _KNOWN or not term.evidence or term.perpetual:
            continue
        evidence = term.evidence[0]
        passage = document.index_at(evidence.start)
        same = [one for one in merged if one.kind is kind and one.proposal.passage == passage]
        confidence = max(term.confidence * 0.9, 0.3)
        if same:
            best = max(same, key=lambda one: one.confidence)
            merged[merged.index(best)] = Decision(best.proposal, kind, max(best.confidence, confidence), best.rule)
        else:
            proposal = Proposal(passage, Span(evidence.start, evidence.end))
            merged.append(Decision(proposal, kind, round(confidence, 4), term.rule or "term"))
    return sorted(merged, key=lambda one: one.proposal.span)
