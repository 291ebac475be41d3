"""From the values of the models to the machine's columns, and back whole."""

from collections.abc import Mapping
from typing import Any

from models.contract import Milestone, Outcome, Term
from store.columns import storable_tree
from store.tables import MilestoneRow, TermRow

_TERM_COLUMNS = {
    "state": "machine_state",
    "date": "machine_date",
    "perpetual": "machine_perpetual",
    "blocked_on": "machine_blocked_on",
    "confidence": "machine_confidence",
    "evidence": "machine_evidence",
    "derivation": "machine_derivation",
    "rule": "machine_rule",
    "flags": "machine_flags",
}
"""Fields of a term that have a column of their own; ``field`` names the row, the others are ``machine_value``."""

_MILESTONE_COLUMNS = {
    "kind": "kind",
    "title": "title",
    "expr": "machine_expr",
    "date": "machine_date",
    "earliest": "machine_earliest",
    "latest": "machine_latest",
    "blocked_on": "machine_blocked_on",
    "derivation": "machine_derivation",
    "confidence": "machine_confidence",
    "direction": "machine_direction",
    "anchor": "machine_anchor",
    "recurrence": "machine_recurrence",
    "rrule": "machine_rrule",
    "who": "machine_who",
    "evidence": "machine_evidence",
    "rule": "machine_rule",
    "flags": "machine_flags",
}
"""Fields of a milestone that have a column of their own; the others are ``machine_details``."""

_AS_JSON = {"expr", "evidence", "flags"}
"""Fields kept as JSON; the others of these fields are kept as they are."""


def clean(outcome: Outcome) -> Outcome:
    """``outcome`` without the characters no database can hold, so that what comes back equals what went in."""
    dumped = outcome.model_dump(mode="json")
    cleaned = storable_tree(dumped)
    return outcome if cleaned is dumped else Outcome.model_validate(cleaned)


def term_columns(term: Term) -> dict[str, Any]:
    """What the machine says of a term, by column of ``TermRow``."""
    columns, others = _split(term, _TERM_COLUMNS)
    del others["field"]
    return {**columns, "machine_value": others}


def term_of(row: TermRow) -> Term:
    """The machine's term as the models have it."""
    columns = {name: getattr(row, column) for name, column in _TERM_COLUMNS.items()}
    return Term.model_validate({"field": row.field, **columns, **row.machine_value})


def milestone_columns(milestone: Milestone) -> dict[str, Any]:
    """What the machine says of a milestone, by column of ``MilestoneRow``, with what is searched and sorted by."""
    columns, others = _split(milestone, _MILESTONE_COLUMNS)
    first = milestone.evidence[0]
    amount = milestone.amount
    return {
        **columns,
        "machine_details": others,
        "machine_due": milestone.date or milestone.latest or milestone.earliest,
        "machine_amount": amount.value if amount else None,
        "machine_currency": amount.currency if amount else None,
        "quote": milestone.quote,
        "position": first.start,
        "page": first.page,
        "section": first.section,
    }


def milestone_of(row: MilestoneRow) -> Milestone:
    """The machine's milestone as the models have it."""
    columns = {name: getattr(row, column) for name, column in _MILESTONE_COLUMNS.items()}
    return Milestone.model_validate({**columns, **row.machine_details})


def _split(value: Term | Milestone, names: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that have a column, by column, and the others as JSON, less those that say nothing."""
    dumped = value.model_dump(mode="json")
    columns = {column: dumped[name] if name in _AS_JSON else getattr(value, name) for name, column in names.items()}
    others = {
        name: dumped[name]
        for name, field in type(value).model_fields.items()
        if name not in names and getattr(value, name) != field.default
    }
    return columns, others
