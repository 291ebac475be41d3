"""Short contracts for the tests of milestones: an opening that names date and parties, and the clauses under test."""

from extractors.engine import Document, prepare
from extractors.extract import extract
from models.contract import Milestone
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


def timing(milestone: Milestone) -> str:
    """When a milestone falls, as a person would note it down."""
    offset = milestone.offset
    words = f"{offset} {milestone.direction} {milestone.anchor}" if offset else ""
    if offset and offset.unit is Unit.DAY and offset.count == 0:
        words = f"upon {milestone.anchor}"
    when = milestone.date.isoformat() if milestone.date else ""
    return ", ".join(part for part in (words, when, milestone.recurrence or "") if part)
