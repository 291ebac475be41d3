"""The tables.

Ids are derived from content (``store.identity``), so that the same documents give the same rows whatever the order
they were read in. Columns called ``machine_...`` hold what the program believes; what a person decided about the
same thing is kept apart from them and is never overwritten by a new extraction.

Timestamps, durations and attempts tell how a run went; all other columns are content (``store.fingerprint``).
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.contract import MilestoneKind, Recurrence, Status, TermField, TermState
from models.period import Direction
from models.problem import Category, Stage
from store.columns import ExactDecimal, Json, KeyText, PathText, SafeText, UtcDateTime, words

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that migrations can name what they change on either database."""


class BatchState(StrEnum):
    """Whether files of a batch may still be waiting."""

    OPEN = "open"
    FINISHED = "finished"


class LedgerState(StrEnum):
    """What became of one file of a batch. Every file ends in exactly one terminal state.

    An archive or e-mail ends as unpacked; each document in it is a file of the batch with a state of its own.
    """

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    UNPACKED = "unpacked"
    NEEDS_OCR = "needs_ocr"
    DUPLICATE = "duplicate"
    ENCRYPTED = "encrypted"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"

    @property
    def terminal(self) -> bool:
        """Whether nothing more is to be done for the file."""
        return self not in (LedgerState.PENDING, LedgerState.RUNNING)


class Row(SQLModel):
    """The base of all tables. Its metadata is this package's own: other SQLModel tables do not mix in."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


class Document(Row, table=True):
    """The bytes of a file, known by their SHA-256. ``name`` is that of the first file seen with them."""

    __tablename__ = "document"

    sha256: str = Field(sa_type=KeyText, primary_key=True)
    size: int = Field(sa_type=BigInteger)
    media_type: str | None = Field(default=None, sa_type=SafeText)
    pages: int | None = None
    name: str = Field(sa_type=PathText)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class Batch(Row, table=True):
    """A folder onboarded with one version of rules and model. ``files`` is how many came in."""

    __tablename__ = "batch"

    id: str = Field(sa_type=KeyText, primary_key=True)
    root: str = Field(sa_type=PathText)
    state: BatchState = Field(sa_type=words(BatchState))
    ruleset_version: str = Field(sa_type=KeyText)
    model_version: str = Field(sa_type=KeyText)
    settings: dict[str, Any] = Field(sa_type=Json)
    files: int = 0
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class LedgerEntry(Row, table=True):
    """One file of a batch. ``duplicate_of`` is the path of the file with the same bytes that is read for both."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("batch_id", "path"),
        Index(None, "batch_id", "state", "path"),
    )

    id: str = Field(sa_type=KeyText, primary_key=True)
    batch_id: str = Field(sa_type=KeyText, foreign_key="batch.id")
    path: str = Field(sa_type=PathText)
    sha256: str | None = Field(default=None, sa_type=KeyText, index=True)
    size: int | None = Field(default=None, sa_type=BigInteger)
    state: LedgerState = Field(default=LedgerState.PENDING, sa_type=words(LedgerState))
    category: Category | None = Field(default=None, sa_type=words(Category))
    reason: str | None = Field(default=None, sa_type=SafeText)
    duplicate_of: str | None = Field(default=None, sa_type=PathText)
    attempts: int = 0
    seconds: float | None = None
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    started_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Extraction(Row, table=True):
    """What reading a document with one version of rules and model gave; ``outcome`` is all of it.

    ``state``, ``category`` and ``reason`` are those of the ledger, for the next batch that meets the same bytes.
    """

    __tablename__ = "extraction"
    __table_args__ = (UniqueConstraint("document_sha256", "ruleset_version", "model_version"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    document_sha256: str = Field(sa_type=KeyText, foreign_key="document.sha256")
    ruleset_version: str = Field(sa_type=KeyText)
    model_version: str = Field(sa_type=KeyText)
    status: Status = Field(sa_type=words(Status))
    state: LedgerState = Field(sa_type=words(LedgerState))
    category: Category | None = Field(default=None, sa_type=words(Category))
    reason: str | None = Field(default=None, sa_type=SafeText)
    outcome: dict[str, Any] = Field(sa_type=Json)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class Contract(Row, table=True):
    """What people call a contract: at first one document. ``name`` is its file's name, for want of a title."""

    __tablename__ = "contract"

    id: str = Field(sa_type=KeyText, primary_key=True)
    document_sha256: str = Field(sa_type=KeyText, foreign_key="document.sha256", unique=True)
    extraction_id: str = Field(sa_type=KeyText, foreign_key="extraction.id", index=True)
    name: str = Field(sa_type=PathText)
    title: str | None = Field(default=None, sa_type=SafeText)
    contract_type: str | None = Field(default=None, sa_type=SafeText)
    governing_law: str | None = Field(default=None, sa_type=SafeText)
    parties: list[dict[str, Any]] = Field(sa_type=Json)
    draft: bool = False
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class TermRow(Row, table=True):
    """A term of a contract, as last extracted (``store.queries.term_of`` gives it back whole).

    ``machine_value`` holds the parts that have no column: expression, renewal, notice, parties, amount, text,
    alternatives. ``version`` grows by one whenever the machine's answer changes.
    """

    __tablename__ = "term"
    __table_args__ = (UniqueConstraint("contract_id", "field"), Index(None, "field", "machine_date"))

    id: str = Field(sa_type=KeyText, primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    extraction_id: str = Field(sa_type=KeyText, foreign_key="extraction.id", index=True)
    field: TermField = Field(sa_type=words(TermField))
    machine_state: TermState = Field(sa_type=words(TermState))
    machine_value: dict[str, Any] = Field(sa_type=Json)
    machine_date: dt.date | None = None
    machine_perpetual: bool = False
    machine_blocked_on: str | None = Field(default=None, sa_type=SafeText)
    machine_confidence: float
    machine_evidence: list[dict[str, Any]] = Field(sa_type=Json)
    machine_derivation: str | None = Field(default=None, sa_type=SafeText)
    machine_rule: str | None = Field(default=None, sa_type=SafeText)
    machine_flags: list[str] = Field(sa_type=Json)
    version: int = 1
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class MilestoneRow(Row, table=True):
    """A milestone of a contract, known by its stable key over re-extractions.

    ``store.queries.milestone_of`` gives it back whole. ``machine_details`` holds the parts that have no column: offset,
    amount as worded, method, criteria, vague words. ``machine_due`` is the day to plan by: the date, else the end of
    the window, else its start.
    ``current`` is false once an extraction no longer found it; the row is kept. ``version`` grows by one
    whenever the machine's answer changes, and is what concurrent writers compare.
    """

    __tablename__ = "milestone"
    __table_args__ = (
        Index(None, "contract_id", "position"),
        Index(None, "machine_due", "key"),
        Index(None, "kind", "machine_due"),
    )

    key: str = Field(sa_type=KeyText, primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    extraction_id: str = Field(sa_type=KeyText, foreign_key="extraction.id", index=True)
    kind: MilestoneKind = Field(sa_type=words(MilestoneKind))
    title: str = Field(sa_type=SafeText)
    quote: str = Field(sa_type=SafeText)
    position: int
    page: int | None = None
    section: str | None = Field(default=None, sa_type=SafeText)
    current: bool = True
    machine_details: dict[str, Any] = Field(sa_type=Json)
    machine_expr: dict[str, Any] | None = Field(default=None, sa_type=Json)
    machine_date: dt.date | None = None
    machine_earliest: dt.date | None = None
    machine_latest: dt.date | None = None
    machine_due: dt.date | None = None
    machine_blocked_on: str | None = Field(default=None, sa_type=SafeText)
    machine_derivation: str | None = Field(default=None, sa_type=SafeText)
    machine_confidence: float
    machine_direction: Direction | None = Field(default=None, sa_type=words(Direction))
    machine_anchor: str | None = Field(default=None, sa_type=SafeText)
    machine_recurrence: Recurrence | None = Field(default=None, sa_type=words(Recurrence))
    machine_rrule: str | None = Field(default=None, sa_type=SafeText)
    machine_amount: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    machine_currency: str | None = Field(default=None, sa_type=KeyText)
    machine_who: str | None = Field(default=None, sa_type=SafeText)
    machine_evidence: list[dict[str, Any]] = Field(sa_type=Json)
    machine_rule: str = Field(sa_type=SafeText)
    machine_flags: list[str] = Field(sa_type=Json)
    version: int = 1
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class ProblemRow(Row, table=True):
    """A problem of an extraction, in the order it was met."""

    __tablename__ = "problem"
    __table_args__ = (UniqueConstraint("extraction_id", "ordinal"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    extraction_id: str = Field(sa_type=KeyText, foreign_key="extraction.id")
    ordinal: int
    stage: Stage = Field(sa_type=words(Stage))
    category: Category = Field(sa_type=words(Category), index=True)
    message: str = Field(sa_type=SafeText)
    page: int | None = None


TABLES: tuple[type[Row], ...] = (Document, Batch, LedgerEntry, Extraction, Contract, TermRow, MilestoneRow, ProblemRow)
"""Every table, parents before children."""
