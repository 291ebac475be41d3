"""From the values of the models to the machine's columns, and back whole."""

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


def clean(outcome: Outcome) -> Outcome:
    """``outcome`` without the characters no database can hold, so that what comes back equals what went in."""
    dumped = outcome.model_dump(mode="json")
    cleaned = storable_tree(dumped)
    return outcome if cleaned == dumped else Outcome.model_validate(cleaned)


def term_columns(term: Term) -> dict[str, Any]:
    """What the machine says of a term, by column of ``TermRow``."""
    return {
        **{column: _plain(term, name) for name, column in _TERM_COLUMNS.items()},
        "machine_value": _others(term, {"field", *_TERM_COLUMNS}),
    }


def term_of(row: TermRow) -> Term:
    """The machine's term as the models have it."""
    columns = {name: getattr(row, column) for name, column in _TERM_COLUMNS.items()}
    return Term.model_validate({"field": row.field, **columns, **row.machine_value})


def milestone_columns(milestone: Milestone) -> dict[str, Any]:
    """What the machine says of a milestone, by column of ``MilestoneRow``, with what is searched and sorted by."""
    first = milestone.evidence[0]
    amount = milestone.amount
    return {
        **{column: _plain(milestone, name) for name, column in _MILESTONE_COLUMNS.items()},
        "machine_details": _others(milestone, set(_MILESTONE_COLUMNS)),
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


def _others(value: Term | Milestone, columns: set[str]) -> dict[str, Any]:
    """The fields without a column, less those that say nothing."""
    silent = {name for name, field in type(value).model_fields.items() if getattr(value, name) == field.default}
    return value.model_dump(mode="json", exclude=columns | silent)


def _plain(value: Term | Milestone, name: str) -> Any:
    if name not in _AS_JSON:
        return getattr(value, name)
    return value.model_dump(mode="json", include={name})[name]
