"""The files of a batch: those that were listed, and the documents in the containers among them.

A container is a file of the batch, and so is each document in it (``archive.zip!/contract.pdf``): the container ends
as unpacked, or as failed with the reason, and its documents have their own ends. So the sum stays right, and a
document that lies both in an archive and beside it is a duplicate like any other.

An archive whose documents have all been dealt with is not opened again.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session

from models.problem import Category, Problem
from pipeline.document import failed, printable
from pipeline.unpacking import INSIDE, Unpacked
from store.identity import entry_id
from store.ledger import FileSeen, LedgerState, Standing, Verdict, record, verdict


class Discovered(NamedTuple):
    """``files``: all that the batch has to account for; ``opened``: the containers that were opened for it."""

    files: tuple[FileSeen, ...]
    opened: Mapping[str, Unpacked]

    @property
    def places(self) -> dict[str, str]:
        """Where the documents of containers lie, by their paths in the ledger."""
        return {
            part.path: part.file
            for parts in self.opened.values()
            if not isinstance(parts, Problem)
            for part in parts
            if part.file is not None
        }


def discover(
    listed: Sequence[FileSeen],
    standing: Mapping[str, Standing],
    open_all: Callable[[Sequence[str]], Mapping[str, Unpacked]],
    *,
    again: bool = False,
) -> Discovered:
    """Find the documents of the containers among ``listed``, opening those that the ledger has open questions about.

    ``again`` opens also those whose documents were all dealt with.
    """
    files = list(listed)
    paths = {file.path for file in listed}
    taken = {row.sha256 for row in standing.values() if row.path not in paths and _stands(row)}
    to_open: list[str] = []
    # Of equal files the one that stands is the one that counts, else the first: as the ledger has it.
    for file in sorted(listed, key=lambda one: (not _is_settled(one, standing.get(one.path)), one.path)):
        if file.sha256 is None or file.sha256 in taken:
            continue
        taken.add(file.sha256)
        row = standing.get(file.path)
        if row is None or not _is_settled(file, row):
            to_open.append(file.path)
            continue
        within = [one for path, one in standing.items() if path.startswith(file.path + INSIDE)]
        if row.verdict.state is LedgerState.UNPACKED and not again and all(map(_is_at_rest, within)):
            files += [FileSeen(one.path, one.sha256, one.size) for one in within]
        elif row.verdict.state is LedgerState.UNPACKED or (again and row.verdict.state is not LedgerState.DONE):
            to_open.append(file.path)
    opened = open_all(sorted(to_open))
    for parts in opened.values():
        if not isinstance(parts, Problem):
            files += [FileSeen(part.path, part.sha256, part.size) for part in parts]
    return Discovered(tuple(files), opened)


def settle(session: Session, batch_id: str, found: Discovered, now: dt.datetime) -> None:
    """Write to the ledger what became of the containers that were opened, and of what could not be taken out."""
    for path, parts in found.opened.items():
        if isinstance(parts, Problem):
            _record(session, batch_id, path, _verdict(path, parts), now)
            continue
        documents = "one document" if len(parts) == 1 else f"{len(parts)} documents"
        reason = f"Unpacked: {documents}, listed after it."
        _record(session, batch_id, path, Verdict(LedgerState.UNPACKED, Category.CONTAINER, reason), now)
        for part in parts:
            if part.problem is not None:
                _record(session, batch_id, part.path, _verdict(part.path, part.problem), now)


def _record(session: Session, batch_id: str, path: str, found: Verdict, now: dt.datetime) -> None:
    record(session, entry_id(batch_id, path), found.state, now=now, category=found.category, reason=found.reason)


def _verdict(path: str, problem: Problem) -> Verdict:
    return verdict(failed(printable(path), problem))


def _stands(row: Standing) -> bool:
    return row.verdict.state.terminal and row.verdict.state is not LedgerState.DUPLICATE


def _is_settled(file: FileSeen, row: Standing | None) -> bool:
    return row is not None and _stands(row) and row.sha256 == file.sha256


def _is_at_rest(row: Standing) -> bool:
    """Whether a document of a container needs no reading, whatever happens to the files around it."""
    return _stands(row) and row.verdict.category is not Category.MISSING
