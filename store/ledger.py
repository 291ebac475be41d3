"""The ledger: what became of every file of a batch. It alone decides what is done and what is still to do.

A run goes

    with writing(engine) as session:
        batch = begin_batch(session, root=..., files=..., ruleset_version=..., model_version=..., now=now)
        reset_running(session, batch.id, now=now)          # what a killed run left behind
    while claims := (claim in its own writing transaction):
        ... read the files, then save_outcome (store.results) or record, one transaction a file ...
    with writing(engine) as session:
        finish_batch(session, batch.id, now=now)
    with reading(engine) as session:
        print(manifest(session, batch.id))

Every function works in the caller's transaction. ``now`` is an aware datetime; the store has no clock.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import model_validator
from sqlmodel import Session

from models.base import Value
from models.contract import Outcome
from models.problem import Category
from store.tables import Batch, LedgerState

MAX_ATTEMPTS = 3
"""How often a file may take the program down with it before it is given up."""


class FileSeen(NamedTuple):
    """A file of the listing. ``path`` as the caller will open it again; ``sha256`` None if it could not be read."""

    path: str
    sha256: str | None
    size: int | None


class Claim(NamedTuple):
    """A file handed to exactly one worker. ``attempts`` counts this one."""

    entry_id: str
    path: str
    sha256: str | None
    size: int | None
    attempts: int


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
    """The reconciled account of a batch: as many files in as states counted as rows, or it cannot be made."""

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
        return self.files == self.counts[LedgerState.DONE] + self.counts[LedgerState.DUPLICATE]


class Verdict(NamedTuple):
    """What the ledger says of an outcome."""

    state: LedgerState
    category: Category | None
    reason: str | None


def verdict(outcome: Outcome) -> Verdict:
    """The ledger state an outcome means, with the category and message of the problem that decided it."""
    raise NotImplementedError


def begin_batch(
    session: Session,
    *,
    root: str,
    files: Iterable[FileSeen],
    ruleset_version: str,
    model_version: str,
    now: dt.datetime,
    settings: Mapping[str, Any] | None = None,
) -> Batch:
    """Begin, or go on with, the batch of ``root`` for these versions. Calling it again changes nothing.

    - A file not seen before is added as pending; one whose bytes changed becomes pending again.
    - Of several files with the same bytes the first (by path) is read, the others are duplicates of it.
      Empty files are not called duplicates.
    - A file whose bytes were read before with the same versions (in any batch) takes over that result, without work;
      except a failure that may pass (deadline, memory, crash): there a new batch tries again.
    - A file that was still to be read and is no longer listed is failed as missing.

    A finished batch is opened again if that leaves anything to do.
    """
    raise NotImplementedError


def claim(session: Session, batch_id: str, limit: int, *, now: dt.datetime) -> list[Claim]:
    """Take up to ``limit`` pending files by path and mark them running. No two callers get the same file."""
    raise NotImplementedError


def todo(session: Session, batch_id: str) -> int:
    """How many files are pending."""
    raise NotImplementedError


def record(
    session: Session,
    entry_id: str,
    state: LedgerState,
    *,
    now: dt.datetime,
    category: Category | None = None,
    reason: str | None = None,
    seconds: float | None = None,
) -> None:
    """Write what became of a file that has no outcome to store (it vanished, its bytes cannot be read).

    ``state`` is terminal. Files with an outcome are recorded by ``store.results.save_outcome``.
    """
    raise NotImplementedError


def release(session: Session, entry_ids: Iterable[str]) -> int:
    """Give claimed files back unread (an orderly stop): pending again, the attempt not counted. Returns how many."""
    raise NotImplementedError


def reset_running(
    session: Session, batch_id: str, *, now: dt.datetime, started_before: dt.datetime | None = None
) -> int:
    """Give back what a run that died was reading: pending again, or failed as a crash after ``MAX_ATTEMPTS``.

    Call it when no other run works on the batch, or give ``started_before`` to leave younger claims alone.
    Returns how many files it touched.
    """
    raise NotImplementedError


def retry(session: Session, batch_id: str, states: Iterable[LedgerState] = (LedgerState.FAILED,)) -> int:
    """Make files in these terminal states pending again, with a fresh count of attempts. Returns how many."""
    raise NotImplementedError


def finish_batch(session: Session, batch_id: str, *, now: dt.datetime) -> Batch:
    """Close a batch. Raises StoreError while a file is pending or running."""
    raise NotImplementedError


def manifest(session: Session, batch_id: str) -> Manifest:
    """The account of a batch, finished or not. Raises StoreError if files and rows do not reconcile."""
    raise NotImplementedError


def list_batches(session: Session) -> list[Batch]:
    """All batches, newest first."""
    raise NotImplementedError


def find_batch(session: Session, prefix: str | None = None) -> Batch:
    """The batch whose id begins with ``prefix``, or the newest. Raises StoreError if none or several match."""
    raise NotImplementedError
