"""Assembles the terms of a contract out of what the rules found."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from extractors.clauses import SILENT, Clauses, find_clauses
from extractors.confidence import Signals, assess
from extractors.engine import Document, Hit, engine_for
from extractors.evidence import evidence
from extractors.merging import best_of, merge
from extractors.nlp import TextModel
from extractors.terms.dates import agreement_dates, defined_dates, effective_dates
from extractors.terms.expiration import expirations
from extractors.terms.identity import contract_type, draft_marks, parties, stated_text, title, total_value
from extractors.terms.renewal import notices, renewals
from models.candidate import TermCandidate
from models.contract import Term, TermField
from models.dateexpr import AnchorName
from models.evidence import Evidence
from models.part import OF_THEIR_OWN, PartKind
from rules.schema import RuleSet

GROUP = "terms"
"""The folder of rule files that terms are read with."""


@dataclass(frozen=True)
class TermsFound:
    """The terms of one document, and whether it says of itself that it is a draft."""

    terms: tuple[Term, ...]
    candidates: tuple[TermCandidate, ...]
    draft: bool = False
    clauses: Clauses = SILENT
    """What the clause finder said."""
    signals: Mapping[TermField, Signals] = field(default_factory=dict)
    """What each confidence was computed from."""
    draft_evidence: tuple[Evidence, ...] = ()
    """Where it shows that it is a draft or not signed yet."""


_ORDERS = frozenset({PartKind.STATEMENT_OF_WORK, PartKind.ORDER})
_ITSELF = re.compile(
    r"\bth(?:is|e)\s+(?:statement\s+of\s+work|sow|(?:work|task|purchase|sales)\s+order|order(?:\s+form)?)\b",
    re.IGNORECASE,
)
"""What an order says of itself and not of the contract that it is placed under."""


def of_the_contract(hits: Iterable[Hit], document: Document) -> Iterator[Hit]:
    """The matches in the contract and what completes it, without those in other agreements of the same file."""
    for hit in hits:
        kind = document.part_at(hit.span.start).kind
        if kind in OF_THEIR_OWN:
            continue
        passage = document.passages[hit.passage]
        if kind in _ORDERS and _ITSELF.search(document.text, passage.start, passage.end):
            continue
        yield hit


def extract_terms(document: Document, rules: RuleSet, finder: TextModel | None = None) -> TermsFound:
    """The terms of ``document``. Every field of the five is answered, if only by absence.

    ``finder`` stands in for the installed clause finder.
    """
    clauses = find_clauses(document, finder)
    hits: dict[str, list[Hit]] = defaultdict(list)
    for hit in of_the_contract(engine_for(rules, GROUP).run(document), document):
        hits[hit.rule.target].append(hit)
    agreement = agreement_dates(hits["agreement_date"], hits["signature_date"], document, hits["effective_date"])
    agreed = best_of(agreement, document, clauses)
    dates = defined_dates(hits["defined_date"])
    effective = effective_dates(
        hits["effective_date"],
        hits["signature_date"],
        document,
        agreed.expr if agreed else None,
        dates,
        hits["agreement_date"],
    )
    chosen = {
        TermField.AGREEMENT_DATE: merge(TermField.AGREEMENT_DATE, agreement, document, rules, clauses),
        TermField.EFFECTIVE_DATE: merge(TermField.EFFECTIVE_DATE, effective, document, rules, clauses),
    }
    has_effective = chosen[TermField.EFFECTIVE_DATE].expr is not None
    fallback = AnchorName.EFFECTIVE_DATE if has_effective else AnchorName.AGREEMENT_DATE
    ends = expirations(hits["term_clause"], hits["term_end"], hits["term_start"], document, dates, fallback)
    renewed = renewals(hits["renewal_term"], document, best_of(ends, document, clauses))
    stopped = notices(hits["notice_period"], hits["renewal_term"], [*renewed, *ends], document)
    chosen[TermField.EXPIRATION_DATE] = merge(TermField.EXPIRATION_DATE, ends, document, rules, clauses)
    chosen[TermField.RENEWAL_TERM] = merge(TermField.RENEWAL_TERM, renewed, document, rules, clauses)
    chosen[TermField.NOTICE_PERIOD] = merge(TermField.NOTICE_PERIOD, stopped, document, rules, clauses)
    named = title(hits["title"], document, rules)
    identity = (
        named,
        parties(hits["parties"], document, rules),
        contract_type(named, rules),
        stated_text(TermField.GOVERNING_LAW, hits["governing_law"], "law", document, rules),
        total_value(hits["total_value"], document, rules),
    )
    marks = draft_marks(document, chosen[TermField.AGREEMENT_DATE])
    candidates = (*agreement, *effective, *ends, *renewed, *stopped)
    terms, signals = assess(tuple(chosen.values()), candidates, document, clauses, rules)
    return TermsFound(
        (*terms, *identity),
        candidates,
        bool(marks),
        clauses,
        signals,
        tuple(evidence(document, span) for span in marks),
    )
