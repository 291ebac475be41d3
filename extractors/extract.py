"""Text in, findings out: the terms of a contract and its milestones. The one entry for everything above.

Takes a ``SourceText`` and rule data; knows no file, no database and no clock.
"""

from dataclasses import dataclass

from extractors.day_month_order import day_month_order
from extractors.engine import prepare
from extractors.milestones import extract_milestones
from extractors.terms import extract_terms
from models.contract import Milestone, Term
from models.evidence import Evidence
from models.source import SourceText
from rules.schema import RuleSet


@dataclass(frozen=True)
class Findings:
    """What a document says. Dates are still expressions: ``models.contract_resolution`` turns them into dates."""

    terms: tuple[Term, ...]
    milestones: tuple[Milestone, ...]
    draft: bool = False
    """The document says of itself that it is a draft, or nobody has signed it."""
    draft_evidence: tuple[Evidence, ...] = ()
    """Where it shows that."""


def extract(source: SourceText, rules: RuleSet) -> Findings:
    """The terms and milestones of ``source``."""
    document = prepare(source, day_month_order(source.text, rules))
    found = extract_terms(document, rules)
    milestones = extract_milestones(document, found.terms, rules)
    return Findings(found.terms, tuple(milestones), found.draft, found.draft_evidence)
