"""The reconciled account of a batch."""

from collections import Counter

from pydantic import ValidationError, model_validator
from sqlmodel import Session, col, select

from models.base import Value
from models.problem import Category
from store.errors import StoreError
from store.tables import Batch, BatchState, LedgerEntry, LedgerState

GOOD = (LedgerState.DONE, LedgerState.DUPLICATE, LedgerState.UNPACKED)
"""States of files that were read or needed no reading."""


class ManifestRow(Value):
    """A line of the manifest."""

    path: str
    sha256: str | None
    state: LedgerState
    category: Category | None
    reason: str | None
    duplicate_of: str | None
    attempts: int
    seconds: float | None


class Manifest(Value):
    """The account of a batch: as many files in as states counted as rows, or it cannot be made."""

    batch_id: str
    root: str
    ruleset_version: str
    model_version: str
    finished: bool
    files: int
    counts: dict[LedgerState, int]
    """Every state, those of no file too."""
    rows: tuple[ManifestRow, ...]
    """In the order of their paths."""

    @model_validator(mode="after")
    def _reconciles(self) -> "Manifest":
        counted = sum(self.counts.values())
        if not self.files == counted == len(self.rows):
            raise ValueError(f"{self.files} files came in, {counted} are counted, {len(self.rows)} are listed")
        return self

    @property
    def clean(self) -> bool:
        """Whether every file was read or needed no reading."""
        return self.files == sum(self.counts[state] for state in GOOD)


def manifest(session: Session, batch_id: str) -> Manifest:
    """The account of a batch, finished or not. Raises StoreError if files and rows do not reconcile."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise StoreError(f"There is no batch {batch_id}.", "Run milepost status to see the batches.")
    entries = session.exec(
        select(LedgerEntry).where(LedgerEntry.batch_id == batch_id).order_by(col(LedgerEntry.path))
    ).all()
    rows = tuple(
        ManifestRow(
            path=entry.path,
            sha256=entry.sha256,
            state=entry.state,
            category=entry.category,
            reason=entry.reason,
            duplicate_of=entry.duplicate_of,
            attempts=entry.attempts,
            seconds=entry.seconds,
        )
        for entry in entries
    )
    counted = Counter(row.state for row in rows)
    try:
        return Manifest(
            batch_id=batch.id,
            root=batch.root,
            ruleset_version=batch.ruleset_version,
            model_version=batch.model_version,
            finished=batch.state is BatchState.FINISHED,
            files=batch.files,
            counts={state: counted[state] for state in LedgerState},
            rows=rows,
        )
    except ValidationError as error:
        raise StoreError(
            f"The ledger of batch {batch_id} does not reconcile: {error.errors()[0]['msg']}.",
            "Restore a backup, or onboard the folder again.",
        ) from error
