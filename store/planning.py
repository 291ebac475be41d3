"""Deciding, before any work, what becomes of each file of a batch. Pure: rows in, rows out.

Hashes are known for the whole listing, so that duplicates and files read before are settled here, in the order of the
paths. Deciding it while files are being read would let the order in which workers finish choose.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from models.problem import Category
from store.tables import LedgerState

PASSING = frozenset({Category.MISSING, Category.DEADLINE, Category.MEMORY, Category.CRASH, Category.INTERNAL})
"""Failures that say nothing about the bytes: another attempt may go well."""

GONE = "The file was there when the batch began and no longer is."


class FileSeen(NamedTuple):
    """A file of the listing. ``path`` as the caller will open it again; ``sha256`` None if it could not be read."""

    path: str
    sha256: str | None
    size: int | None


class Verdict(NamedTuple):
    """What the ledger says of a file."""

    state: LedgerState
    category: Category | None = None
    reason: str | None = None


class Standing(NamedTuple):
    """A ledger row as far as planning goes."""

    path: str
    sha256: str | None
    size: int | None
    verdict: Verdict
    duplicate_of: str | None = None


PENDING = Verdict(LedgerState.PENDING)


def plan(
    listing: Iterable[FileSeen], existing: Mapping[str, Standing], known: Mapping[str, Verdict]
) -> dict[str, Standing]:
    """The rows to add or change, by path. ``known``: what bytes gave when read before with the same versions.

    The rules are those of ``store.ledger.begin_batch``.
    """
    seen = {file.path: file for file in sorted(listing, key=lambda file: file.path)}
    settled = {path: row for path, row in existing.items() if _stands(row, seen.get(path))}
    readers = _readers(seen.values(), settled)
    planned: dict[str, Standing] = {}
    for path, file in seen.items():
        row = settled.get(path) or _fresh(file, readers)
        if row.verdict == PENDING:
            row = row._replace(verdict=known.get(file.sha256 or "", PENDING))
        if row != existing.get(path):
            planned[path] = row
    for path, row in existing.items():
        if path not in seen and row.verdict.state is LedgerState.PENDING:
            planned[path] = row._replace(verdict=Verdict(LedgerState.FAILED, Category.MISSING, GONE))
    return planned


def _stands(row: Standing, file: FileSeen | None) -> bool:
    """Whether a row is still true of the file. Duplicates are judged anew: the file they point to may have changed."""
    if row.verdict.state is LedgerState.DUPLICATE:
        return False
    if row.verdict.category is Category.MISSING:
        return file is not None and file.sha256 is None
    if file is None:
        return row.verdict.state.terminal
    return row.sha256 == file.sha256


def _readers(files: Iterable[FileSeen], settled: Mapping[str, Standing]) -> dict[str, str]:
    """For each hash the path that is read for all files with it: one that already stands, else the first."""
    readers: dict[str, str] = {}
    for row in sorted(settled.values(), key=lambda row: row.path):
        if row.sha256 is not None:
            readers.setdefault(row.sha256, row.path)
    for file in files:
        if file.sha256 is not None:
            readers.setdefault(file.sha256, file.path)
    return readers


def _fresh(file: FileSeen, readers: Mapping[str, str]) -> Standing:
    reader = readers.get(file.sha256) if file.sha256 is not None and file.size else None
    if reader is None or reader == file.path:
        return Standing(file.path, file.sha256, file.size, PENDING)
    reason = f"The same file as {reader}."
    return Standing(
        file.path,
        file.sha256,
        file.size,
        Verdict(LedgerState.DUPLICATE, Category.DUPLICATE, reason),
        duplicate_of=reader,
    )
