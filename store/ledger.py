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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, CursorResult, func, insert, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.problem import Category
from store import identity
from store.errors import StoreError
from store.manifest import Manifest, ManifestRow, manifest
from store.planning import PASSING, FileSeen, Standing, Verdict, plan
from store.tables import Batch, BatchState, Extraction, LedgerEntry, LedgerState
from store.verdicts import verdict

__all__ = [
    "MAX_ATTEMPTS",
    "Claim",
    "FileSeen",
    "LedgerState",
    "Manifest",
    "ManifestRow",
    "Standing",
    "Verdict",
    "begin_batch",
    "claim",
    "find_batch",
    "finish_batch",
    "list_batches",
    "manifest",
    "record",
    "release",
    "reset_running",
    "retry",
    "standings",
    "todo",
    "verdict",
]

MAX_ATTEMPTS = 3
"""How often a file may take the program down with it before it is given up."""

CHUNK = 500
"""Values in one IN list; SQLite's older builds allow 999 parameters."""

_T = TypeVar("_T")


class Claim(NamedTuple):
    """A file handed to exactly one worker. ``attempts`` counts this one."""

    entry_id: str
    path: str
    sha256: str | None
    size: int | None
    attempts: int


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

    A finished batch is opened again if that leaves anything to do. ``settings`` are kept as last given.
    """
    batch = _get_or_add(session, root, ruleset_version, model_version, now)
    if settings is not None:
        batch.settings = dict(settings)
    listing = list(files)
    existing = _standings(session, batch.id)
    known = _known(session, {file.sha256 for file in listing if file.sha256}, ruleset_version, model_version)
    planned = plan(listing, existing, known)
    fresh = [_columns(batch.id, row, now) for path, row in planned.items() if path not in existing]
    changed = [_columns(batch.id, row, now) for path, row in planned.items() if path in existing]
    if fresh:
        session.execute(insert(LedgerEntry), [{**row, "attempts": 0, "created_at": now} for row in fresh])
    if changed:
        session.execute(update(LedgerEntry), [{**row, "attempts": 0, "seconds": None} for row in changed])
    batch.files = _count(session, col(LedgerEntry.batch_id) == batch.id)
    if _unfinished(session, batch.id):
        batch.state, batch.finished_at = BatchState.OPEN, None
    session.add(batch)
    session.flush()
    return batch


def standings(session: Session, *, root: str, ruleset_version: str, model_version: str) -> dict[str, Standing]:
    """What the ledger says, by path, of the files of the batch ``begin_batch`` would go on with."""
    return _standings(session, identity.batch_id(root, ruleset_version, model_version))


def claim(session: Session, batch_id: str, limit: int, *, now: dt.datetime) -> list[Claim]:
    """Take up to ``limit`` pending files by path and mark them running. No two callers get the same file."""
    waiting = (
        columns(
            col(LedgerEntry.id),
            col(LedgerEntry.path),
            col(LedgerEntry.sha256),
            col(LedgerEntry.size),
            col(LedgerEntry.attempts) + 1,
        )
        .where(col(LedgerEntry.batch_id) == batch_id, col(LedgerEntry.state) == LedgerState.PENDING)
        .order_by(col(LedgerEntry.path))
        .limit(limit)
        # On PostgreSQL rows another claimer has locked are passed over; on SQLite there is one writer at a time.
        .with_for_update(skip_locked=True)
    )
    claims = [Claim(*row) for row in session.execute(waiting).tuples()]
    for some in _chunks(claims, CHUNK):
        taken = _update(
            session,
            col(LedgerEntry.id).in_([claimed.entry_id for claimed in some]),
            col(LedgerEntry.state) == LedgerState.PENDING,
            state=LedgerState.RUNNING,
            attempts=col(LedgerEntry.attempts) + 1,
            started_at=now,
            finished_at=None,
        )
        if taken != len(some):
            raise StoreError("Another run took the same files.", "Run milepost onboard again.")
    return claims


def todo(session: Session, batch_id: str) -> int:
    """How many files are pending."""
    return _count(session, col(LedgerEntry.batch_id) == batch_id, col(LedgerEntry.state) == LedgerState.PENDING)


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
    settle(session, entry_id, Verdict(state, category, reason), now=now, seconds=seconds)


def settle(
    session: Session,
    entry_id: str,
    found: Verdict,
    *,
    now: dt.datetime,
    seconds: float | None = None,
    sha256: str | None = None,
) -> None:
    """Write a terminal verdict to the ledger; ``sha256`` if the bytes that were read are known."""
    if not found.state.terminal:
        raise ValueError(f"{found.state} is not the end of a file")
    bytes_read = {} if sha256 is None else {"sha256": sha256}
    changed = _update(
        session,
        col(LedgerEntry.id) == entry_id,
        state=found.state,
        category=found.category,
        reason=found.reason,
        duplicate_of=None,
        seconds=seconds,
        finished_at=now,
        **bytes_read,
    )
    if changed != 1:
        raise StoreError(f"The ledger has no entry {entry_id}.", "Run milepost onboard again.")


def release(session: Session, entry_ids: Iterable[str]) -> int:
    """Give claimed files back unread (an orderly stop): pending again, the attempt not counted. Returns how many."""
    return sum(
        _update(
            session,
            col(LedgerEntry.id).in_(some),
            col(LedgerEntry.state) == LedgerState.RUNNING,
            state=LedgerState.PENDING,
            attempts=col(LedgerEntry.attempts) - 1,
            started_at=None,
        )
        for some in _chunks(list(entry_ids), CHUNK)
    )


def reset_running(
    session: Session, batch_id: str, *, now: dt.datetime, started_before: dt.datetime | None = None
) -> int:
    """Give back what a run that died was reading: pending again, or failed as a crash after ``MAX_ATTEMPTS``.

    Call it when no other run works on the batch, or give ``started_before`` to leave younger claims alone.
    Returns how many files it touched.
    """
    running = [col(LedgerEntry.batch_id) == batch_id, col(LedgerEntry.state) == LedgerState.RUNNING]
    if started_before is not None:
        running.append(col(LedgerEntry.started_at) < started_before)
    given_up = _update(
        session,
        *running,
        col(LedgerEntry.attempts) >= MAX_ATTEMPTS,
        state=LedgerState.FAILED,
        category=Category.CRASH,
        reason=f"The program ended {MAX_ATTEMPTS} times while it read this file.",
        finished_at=now,
    )
    return given_up + _update(session, *running, state=LedgerState.PENDING, started_at=None)


def retry(session: Session, batch_id: str, states: Iterable[LedgerState] = (LedgerState.FAILED,)) -> int:
    """Make files in these terminal states pending again, with a fresh count of attempts. Returns how many.

    Duplicates and files in work are not touched. The batch is open again if there were any.
    """
    wanted = [state for state in states if state.terminal and state is not LedgerState.DUPLICATE]
    changed = _update(
        session,
        col(LedgerEntry.batch_id) == batch_id,
        col(LedgerEntry.state).in_(wanted),
        state=LedgerState.PENDING,
        category=None,
        reason=None,
        attempts=0,
        seconds=None,
        started_at=None,
        finished_at=None,
    )
    if changed:
        batch = _batch(session, batch_id)
        batch.state, batch.finished_at = BatchState.OPEN, None
        session.add(batch)
        session.flush()
    return changed


def finish_batch(session: Session, batch_id: str, *, now: dt.datetime) -> Batch:
    """Close a batch. Raises StoreError while a file is pending or running."""
    batch = _batch(session, batch_id)
    left = _unfinished(session, batch_id)
    if left:
        raise StoreError(f"{left} files of batch {batch_id} are still to be read.", "Run milepost onboard again.")
    if batch.state is not BatchState.FINISHED:
        batch.state, batch.finished_at = BatchState.FINISHED, now
        session.add(batch)
        session.flush()
    return batch


def list_batches(session: Session) -> list[Batch]:
    """All batches, newest first."""
    return list(session.exec(select(Batch).order_by(col(Batch.created_at).desc(), col(Batch.id))))


def find_batch(session: Session, prefix: str | None = None) -> Batch:
    """The batch whose id begins with ``prefix``, or the newest. Raises StoreError if none or several match."""
    batches = list_batches(session)
    if prefix is None:
        if not batches:
            raise StoreError("Nothing has been onboarded yet.", "Begin with: milepost onboard FOLDER.")
        return batches[0]
    found = [batch for batch in batches if batch.id.startswith(prefix)]
    if len(found) != 1:
        problem = "No batch's id begins" if not found else f"{len(found)} batches' ids begin"
        raise StoreError(f"{problem} with {prefix!r}.", "Run milepost status to see the batches.")
    return found[0]


def _get_or_add(
    session: Session,
    root: str,
    ruleset_version: str,
    model_version: str,
    now: dt.datetime,
) -> Batch:
    id_ = identity.batch_id(root, ruleset_version, model_version)
    batch = session.get(Batch, id_, with_for_update=True)
    if batch is None:
        batch = Batch(
            id=id_,
            root=root,
            state=BatchState.OPEN,
            ruleset_version=ruleset_version,
            model_version=model_version,
            settings={},
            created_at=now,
        )
        session.add(batch)
        session.flush()
    return batch


def _batch(session: Session, batch_id: str) -> Batch:
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise StoreError(f"There is no batch {batch_id}.", "Run milepost status to see the batches.")
    return batch


def _standings(session: Session, batch_id: str) -> dict[str, Standing]:
    rows = session.exec(select(LedgerEntry).where(LedgerEntry.batch_id == batch_id))
    return {
        row.path: Standing(
            row.path, row.sha256, row.size, Verdict(row.state, row.category, row.reason), duplicate_of=row.duplicate_of
        )
        for row in rows
    }


def _known(session: Session, hashes: set[str], ruleset_version: str, model_version: str) -> dict[str, Verdict]:
    known: dict[str, Verdict] = {}
    for some in _chunks(sorted(hashes), CHUNK):
        rows = session.execute(
            columns(
                col(Extraction.document_sha256), col(Extraction.state), col(Extraction.category), col(Extraction.reason)
            ).where(
                col(Extraction.document_sha256).in_(some),
                col(Extraction.ruleset_version) == ruleset_version,
                col(Extraction.model_version) == model_version,
            )
        ).tuples()
        for sha256, state, category, reason in rows:
            if not (state is LedgerState.FAILED and category in PASSING):
                known[sha256] = Verdict(state, category, reason)
    return known


def _columns(batch_id: str, row: Standing, now: dt.datetime) -> dict[str, Any]:
    return {
        "id": identity.entry_id(batch_id, row.path),
        "batch_id": batch_id,
        "path": row.path,
        "sha256": row.sha256,
        "size": row.size,
        "state": row.verdict.state,
        "category": row.verdict.category,
        "reason": row.verdict.reason,
        "duplicate_of": row.duplicate_of,
        "finished_at": now if row.verdict.state.terminal else None,
    }


def _unfinished(session: Session, batch_id: str) -> int:
    return _count(
        session,
        col(LedgerEntry.batch_id) == batch_id,
        col(LedgerEntry.state).in_([state for state in LedgerState if not state.terminal]),
    )


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return session.exec(select(func.count()).select_from(LedgerEntry).where(*where)).one()


def _update(session: Session, *where: ColumnElement[bool], **values: Any) -> int:
    statement = update(LedgerEntry).where(*where).values(**values).execution_options(synchronize_session=False)
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def _chunks(items: Sequence[_T], size: int) -> Iterator[list[_T]]:
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some
