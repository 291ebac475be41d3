"""Telling whether two databases hold the same."""

import hashlib
import json

from sqlalchemy import select
from sqlmodel import Session

from store.tables import TABLES

RUN_COLUMNS = frozenset({"created_at", "updated_at", "started_at", "finished_at", "seconds", "attempts"})
"""Columns that tell how and when a run went, not what it found."""


def fingerprint(session: Session) -> str:
    """SHA-256 over all rows, less timestamps, durations and attempts. Equal for equal content, on either database."""
    whole = hashlib.sha256()
    for table in TABLES:
        columns = sorted(set(table.model_fields) - RUN_COLUMNS)
        statement = select(*(getattr(table, name) for name in columns)).execution_options(yield_per=1000)
        # Sorted here, for databases do not agree on what comes first.
        rows = sorted(_digest(tuple(row)) for row in session.execute(statement))
        whole.update(f"{table.__tablename__} {' '.join(columns)} {len(rows)}\n".encode())
        whole.update(b"".join(rows))
    return whole.hexdigest()


def _digest(row: tuple[object, ...]) -> bytes:
    # Dates and decimals as their text; ASCII, since a path may hold what UTF-8 cannot.
    return hashlib.sha256(json.dumps(row, default=str, sort_keys=True).encode("ascii")).digest()
