"""Short contracts for the tests of milestones: an opening that names date and parties, and the clauses under test."""

from extractors.engine import Document, prepare
from extractors.extract import extract
from extractors.milestones.build import Builder
from extractors.milestones.kinds import Decision
from extractors.milestones.proposals import propose
from models.contract import Milestone, MilestoneKind
from models.contract_resolution import resolve_contract
from models.period import Unit
from models.source import SourceText
from rules.loader import installed_rules

OPENING = (
    'This Supply Agreement (the "Agreement") is made on 3 March 2014 (the "Effective Date") between Alder Ltd'
    ' (the "Supplier") and Birch Ltd (the "Customer").\nNOW, THEREFORE, the parties agree as follows:\n'
)


def document_of(text: str) -> Document:
    return prepare(SourceText(text, (), ()))


def milestones_of(clauses: str) -> list[Milestone]:
    """The milestones of the clauses of a contract, resolved."""
    findings = extract(SourceText(OPENING + clauses, (), ()), installed_rules())
    _, milestones = resolve_contract(findings.terms, findings.milestones)
    return [one for one in milestones if one.evidence[0].start >= len(OPENING) - 1]


def taken_as(kind: str, clause: str) -> list[Milestone]:
    """What each proposal of a clause says when it is taken for ``kind``, resolved."""
    document = document_of(OPENING + clause)
    findings = extract(document.source, installed_rules())
    builder = Builder(document, findings.terms, installed_rules())
    proposals = [one for one in propose(document) if one.span.start >= len(OPENING)]
    built = [builder.from_decision(Decision(one, MilestoneKind(kind), 0.9, "given")) for one in proposals]
    return list(resolve_contract(findings.terms, tuple(built))[1])


def timing(milestone: Milestone) -> str:
    """When a milestone falls, as a person would note it down."""
    offset = milestone.offset
    words = f"{offset} {milestone.direction} {milestone.anchor}" if offset else ""
    if offset and offset.unit is Unit.DAY and offset.count == 0:
        words = f"upon {milestone.anchor}"
    when = milestone.date.isoformat() if milestone.date else ""
    return ", ".join(part for part in (words, when, milestone.recurrence or "") if part)
