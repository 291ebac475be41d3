"""What a document says of the agreement it amends, and what it does to it.

Most documents amend nothing, and a cheap look for the words by which one that does calls itself ("This Amendment",
"Amended and Restated") spares them the rules. What is left runs the rules of ``rules/amendments``: the role it gives
itself, the agreement it names (``references``), and what is done to that (``operations``).
"""

import re
from dataclasses import dataclass
from functools import cache

from extractors.amendments.operations import operations
from extractors.amendments.references import own_date, references
from extractors.engine import Document, Hit, engine_for
from models.family import FamilyRole, Operation, Reference
from models.term import Term, TermField
from rules.schema import RuleSet

GROUP = "amendments"
"""The folder of rule files."""


@dataclass(frozen=True)
class Amending:
    """The agreements a document belongs to, what it does to them, and its own date where another was taken for it."""

    references: tuple[Reference, ...] = ()
    operations: tuple[Operation, ...] = ()
    dated: Term | None = None


NOTHING = Amending()


@cache
def _cue() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:this|th(?:e|is) (?:first|second|third|fourth|fifth))[ \n](?:\S+[ \n]){0,4}?"
        r"(?:amendment|addendum|supplemental|modification|letter|variation|change order|amended|extension|renewal|"
        r"termination|surrender|assignment|novation|statement of work|sow|work order|task order|order form|"
        r"purchase order)\b"
        r"|^[ \t]*(?:\S+[ \t]){0,3}?(?:amendment|addendum|deed of \w+|amended|side letter|statement of work|"
        r"power of attorney|guarant(?:y|ee)|(?:partial )?termination agreement|assignment and assumption)\b",
        re.IGNORECASE | re.MULTILINE,
    )


def read_amendment(document: Document, terms: tuple[Term, ...], rules: RuleSet) -> Amending:
    """What ``document`` amends and how; nothing for one that stands alone. ``terms`` are those found in it."""
    if not _cue().search(document.text):
        return NOTHING
    hits: dict[str, list[Hit]] = {}
    engine = engine_for(rules, GROUP)
    for hit in engine.run(document, frozenset({"role"})):
        hits.setdefault(hit.rule.target, []).append(hit)
    if not hits:
        return NOTHING
    for hit in engine.run(document, frozenset({"reference", "contract_number", "earlier", "own_date"})):
        hits.setdefault(hit.rule.target, []).append(hit)
    found = references(hits, document, terms)
    if not found or all(one.role in _CHANGES_NOTHING for one in found):
        return Amending(found)
    done = operations(document, found, rules, engine)
    own = own_date(hits.get("own_date", ()), document, found, terms)
    return Amending(found, done, own)


_CHANGES_NOTHING = frozenset({FamilyRole.RELATED})


def with_own_date(terms: tuple[Term, ...], amending: Amending) -> tuple[Term, ...]:
    """``terms`` of the document, with its own date where the one read is that of the agreement it amends."""
    if amending.dated is None:
        return terms
    return tuple(amending.dated if term.field is TermField.AGREEMENT_DATE else term for term in terms)
