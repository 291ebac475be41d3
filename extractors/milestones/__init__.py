"""Milestones: what someone must do, or what happens, at some time.

Proposals (every time a contract states) > decisions (which are milestones, of what kind) > milestones (with the words
a person needs). Dates stay expressions.
"""

from extractors.engine import Document, engine_for
from extractors.milestones.build import build
from extractors.milestones.kinds import Prior, decide
from extractors.milestones.proposals import propose
from extractors.milestones.terms import from_terms
from models.contract import Milestone, Term
from rules.schema import RuleSet

GROUP = "milestones"
"""The folder of rule files that milestones are read with."""


def extract_milestones(document: Document, terms: tuple[Term, ...], rules: RuleSet) -> tuple[Milestone, ...]:
    """The milestones of ``document``, in the order of the text."""
    hits = engine_for(rules, GROUP).run(document)
    decisions = decide(propose(document), hits, Prior(rules.data.get("proposals")))
    return build(document, from_terms(document, terms, decisions), terms, rules)
