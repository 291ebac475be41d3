"""Writing what is in the store for other programs: milestones as CSV for spreadsheets, documents as JSON."""

import csv
import json
from collections.abc import Iterable
from typing import IO, Any

from models.contract import Outcome
from pipeline.output import document_object
from store.queries import Listed, milestone_of

BOM = "\ufeff"
"""Excel takes a CSV file without it for the local 8-bit encoding."""

COLUMNS = (
    "contract", "contract_title", "kind", "title", "date", "earliest", "latest", "waits_for", "offset", "direction",
    "anchor", "recurrence", "rrule", "amount", "currency", "who", "method", "quote", "page", "section", "confidence",
    "derivation", "rule", "key", "contract_id",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_milestones(listed: Iterable[Listed], out: IO[str]) -> int:
    """Write milestones as CSV (RFC 4180); how many."""
    out.write(BOM)
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    number = 0
    for number, one in enumerate(listed, 1):  # noqa: B007
        writer.writerow({name: safe_cell(value) for name, value in _row(one).items()})
    return number


def write_documents(outcomes: Iterable[Outcome], out: IO[str]) -> int:
    """Write the objects of documents, each as ``milepost extract`` prints it, as one JSON array; how many."""
    number = 0
    out.write("[")
    for number, outcome in enumerate(outcomes, 1):
        out.write("\n" if number == 1 else ",\n")
        json.dump(document_object(outcome), out, ensure_ascii=False)
    out.write("\n]\n")
    return number


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula (a contract may say ``=HYPERLINK(...)``)."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _row(listed: Listed) -> dict[str, Any]:
    milestone = milestone_of(listed.milestone)
    first = milestone.evidence[0]
    amount = milestone.amount
    return {
        "contract": listed.contract.name,
        "contract_title": listed.contract.title,
        "kind": str(milestone.kind),
        "title": milestone.title,
        "date": milestone.date,
        "earliest": milestone.earliest,
        "latest": milestone.latest,
        "waits_for": milestone.blocked_on,
        "offset": str(milestone.offset) if milestone.offset else None,
        "direction": milestone.direction,
        "anchor": milestone.anchor,
        "recurrence": milestone.recurrence,
        "rrule": milestone.rrule,
        "amount": (amount.value if amount.value is not None else amount.text) if amount else None,
        "currency": amount.currency if amount else None,
        "who": milestone.who,
        "method": milestone.method,
        "quote": milestone.quote,
        "page": first.page,
        "section": first.section,
        "confidence": milestone.confidence,
        "derivation": milestone.derivation,
        "rule": milestone.rule,
        "key": listed.milestone.key,
        "contract_id": listed.contract.id,
    }
