"""Text in, findings out: the terms of a contract and its milestones. The one entry for everything above.

Takes a ``SourceText`` and rule data; knows no file, no database and no clock.
"""

from dataclasses import dataclass

from extractors.amendments import read_amendment, with_own_date
from extractors.day_month_order import day_month_order
from extractors.engine import prepare
from extractors.milestones import extract_milestones
from extractors.terms import extract_terms
from models.contract import Milestone, Term, TermField
from models.evidence import Evidence
from models.family import Operation, Reference
from models.part import DocumentPart
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
    amends: tuple[Reference, ...] = ()
    """The agreements it belongs to, by its own words."""
    operations: tuple[Operation, ...] = ()
    """What it does to them."""
    parts: tuple[DocumentPart, ...] = ()
    """The contract itself, by its title, and what follows its signatures in the same file."""


def extract(source: SourceText, rules: RuleSet) -> Findings:
    """The terms and milestones of ``source``."""
    document = prepare(source, day_month_order(source.text, rules))
    found = extract_terms(document, rules)
    amending = read_amendment(document, found.terms, rules)
    terms = with_own_date(found.terms, amending)
    milestones = extract_milestones(document, terms, rules)
    title = next((term.text for term in terms if term.field is TermField.TITLE), None)
    contract, *others = document.parts
    return Findings(
        terms,
        tuple(milestones),
        found.draft,
        found.draft_evidence,
        amending.references,
        amending.operations,
        (contract.model_copy(update={"title": title or ""}), *others),
    )
