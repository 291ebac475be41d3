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
from extractors.milestones.voices import heard
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


def extract_milestones(document: Document, terms: tuple[Term, ...], rules: RuleSet) -> tuple[Milestone, ...]:
    """The milestones of ``document``, in the order of the text."""
    proposals = propose(document)
    hits = hits_of(document, rules)
    words = [features(document, proposal, hits.get(proposal.passage, ())) for proposal in proposals]
    seen = signals(document, proposals, words)
    chances = heard("milestone", words, seen)
    # No kind is likelier than that it is a milestone at all: most proposals need not be asked about.
    asked = [number for number, chance in enumerate(chances) if chance["milestone"] >= LEAST]
    decisions = decide(
        [proposals[number] for number in asked],
        hits,
        [chances[number] for number in asked],
        heard("milestone_kind", [words[number] for number in asked], [seen[number] for number in asked]),
        dismissals(document, rules),
        passages_with_sums(document),
    )
    decisions = with_exact_times(document, proposals, without_echoes(document, decisions))
    decisions = with_whole_lists(document, proposals, decisions)
    milestones = build(document, from_terms(document, terms, decisions), rows(document), terms, rules)
    return tuple(
        one.model_copy(update={"confidence": calibrated(rules.data, MILESTONE, one.confidence)}) for one in milestones
    )
