"""Milestones: what someone must do, or what happens, at some time.

Proposals (every time a contract states) > decisions (which are milestones, of what kind) > milestones (with the words
a person needs). Rows of schedules are read cell by cell, and need no decision. Dates stay expressions.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from extractors.confidence import MILESTONE, calibrated
from extractors.engine import Document, Hit, engine_for
from extractors.milestones.amounts import passages_with_sums
from extractors.milestones.build import build
from extractors.milestones.choice import chances_of
from extractors.milestones.dismissals import dismissals
from extractors.milestones.echoes import without_echoes
from extractors.milestones.exact import with_exact_times
from extractors.milestones.features import features
from extractors.milestones.kinds import LEAST, decide
from extractors.milestones.lists import with_whole_lists
from extractors.milestones.proposals import propose
from extractors.milestones.rows import rows
from extractors.milestones.signals import signals
from extractors.milestones.terms import from_terms
from extractors.milestones.trees import Trees
from extractors.milestones.voices import MILESTONE as GATE
from extractors.milestones.voices import hear
from models.contract import Milestone, Term
from rules.schema import RuleSet

GROUPS = ("milestones", "terms")
"""The folders of rule files that speak of milestones."""


def hits_of(document: Document, rules: RuleSet) -> Mapping[int, Sequence[Hit]]:
    """What the rules found, by passage."""
    hits: dict[int, list[Hit]] = defaultdict(list)
    for group in GROUPS:
        for hit in engine_for(rules, group).run(document):
            hits[hit.passage].append(hit)
    return hits


def extract_milestones(
    document: Document, terms: tuple[Term, ...], rules: RuleSet, trees: Trees | None = None
) -> tuple[Milestone, ...]:
    """The milestones of ``document``, in the order of the text, chosen by ``trees`` (the installed ones)."""
    proposals = propose(document)
    hits = hits_of(document, rules)
    words = [features(document, proposal, hits.get(proposal.passage, ())) for proposal in proposals]
    seen = signals(document, proposals, words)
    # No kind is likelier than that it is a milestone at all.
    likely = [one for one in chances_of(proposals, hear(words, seen), trees) if one.milestone[GATE] >= LEAST]
    decisions = decide(
        [proposals[one.number] for one in likely],
        hits,
        [one.milestone for one in likely],
        [one.kinds for one in likely],
        dismissals(document, rules),
        passages_with_sums(document),
    )
    decisions = with_exact_times(document, proposals, without_echoes(document, decisions))
    decisions = with_whole_lists(document, proposals, decisions)
    milestones = build(document, from_terms(document, terms, decisions), rows(document), terms, rules)
    return tuple(
        one.model_copy(update={"confidence": calibrated(rules.data, MILESTONE, one.confidence)}) for one in milestones
    )
