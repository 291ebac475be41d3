"""What is known of the files of inboxes: which are whole, which were taken, and what became of them.

A file is whole when its size and stamp have not changed for a while: nobody says when a copy is complete. What was
taken is remembered by where it lies and by its content, so that it is not moved and not taken twice.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.family import Certainty, FamilyRole
from models.linking import normalised_party
from store import identity
from store.amending import amend
from store.families import filed_of, find_link, link_id
from store.family_tables import FamilyLink, LinkState
from store.recurring_tables import InboxFile, InboxState
from store.tables import Contract

_TROUBLED = (InboxState.FAILED, InboxState.WAITING)


class Seen(NamedTuple):
    """A file of an inbox as it lies there: path within it, size, and what its store says of its last change."""

    path: str
    size: int
    stamp: str


class Looked(NamedTuple):
    """What a look at an inbox found: files to take, and how many may still be written."""

    whole: tuple[InboxFile, ...]
    waiting: int


def look(session: Session, inbox: str, files: Iterable[Seen], now: dt.datetime, settle: dt.timedelta) -> Looked:
    """Compare an inbox with the last look at it. A file is whole once it has been the same for ``settle``."""
    known = {row.path: row for row in session.exec(select(InboxFile).where(InboxFile.inbox == inbox))}
    whole: list[InboxFile] = []
    waiting = 0
    found: set[str] = set()
    for seen in sorted(files):
        found.add(seen.path)
        row = known.get(seen.path)
        if row is None:
            row = InboxFile(
                id=identity.derive("inbox-file", inbox, seen.path),
                inbox=inbox,
                path=seen.path,
                state=InboxState.WAITING,
                size=seen.size,
                stamp=seen.stamp,
                first_seen_at=now,
                steady_since=now,
            )
        elif (row.size, row.stamp) != (seen.size, seen.stamp):
            row.state, row.size, row.stamp, row.steady_since = InboxState.WAITING, seen.size, seen.stamp, now
            row.reason = None
        elif row.state is not InboxState.WAITING:
            continue
        session.add(row)
        if now - row.steady_since >= settle:
            whole.append(row)
        else:
            waiting += 1
    for path in known.keys() - found:
        _gone(session, known[path])
    session.flush()
    return Looked(tuple(whole), waiting)


def _gone(session: Session, row: InboxFile) -> None:
    """Let nobody be asked about a file that lies there no longer; what was read from its place stays known."""
    if row.state not in _TROUBLED:
        return
    if row.sha256 is None or (row.state is InboxState.FAILED and row.earlier_sha256 is None):
        session.delete(row)
        return
    # Should it come back, it is looked at again.
    row.state, row.stamp, row.reason = InboxState.KNOWN, "", "It lies there no longer."
    session.add(row)


def take(
    session: Session, file_id: str, sha256: str | None, state: InboxState, now: dt.datetime, reason: str | None = None
) -> InboxFile | None:
    """Write down what became of a file that was taken; the row, if it lay there with other bytes before."""
    row = session.get(InboxFile, file_id, populate_existing=True)
    if row is None:
        return None
    changed = sha256 is not None and row.sha256 not in (None, sha256)
    if changed:
        row.earlier_sha256 = row.sha256
    row.sha256, row.state, row.reason, row.taken_at = sha256 or row.sha256, state, reason, now
    session.add(row)
    session.flush()
    return row if changed else None


def known_as(session: Session, sha256: str) -> Contract | None:
    """The contract that was read from these bytes, whatever rules and models read it."""
    return session.get(Contract, identity.contract_id(sha256))


def other_place(session: Session, row: InboxFile, sha256: str) -> InboxFile | None:
    """Another file of the inboxes with the same bytes."""
    statement = select(InboxFile).where(InboxFile.sha256 == sha256, InboxFile.id != row.id)
    return session.exec(statement.order_by(col(InboxFile.path)).limit(1)).first()


def alike(session: Session, one: str, other: str) -> bool:
    """Whether two contracts have a party in common: documents of one name need not be versions of each other."""
    filed = filed_of(session, (one, other))
    if len(filed) != 2:
        return False
    first, second = ({normalised_party(name) for name in each.parties} - {""} for each in filed)
    return bool(first & second)


def propose_version(session: Session, later: str, earlier: str, reason: str, now: dt.datetime) -> None:
    """Propose that one contract is a newer version of another; a person confirms it.

    Until then nothing changes, and reminders of the earlier one say that a change is under review. What somebody has
    decided of the two stays, and that a draft was signed is said already.
    """
    link = find_link(session, later, earlier)
    if link is None:
        link = FamilyLink(
            id=link_id(later, earlier),
            child_id=later,
            parent_id=earlier,
            role=FamilyRole.NEWER_DRAFT,
            certainty=Certainty.PROPOSED,
            reasons=[],
            created_at=now,
            updated_at=now,
        )
    if link.state is not LinkState.PROPOSED or reason in link.reasons:
        return
    if link.role is FamilyRole.COPY:
        link.role = FamilyRole.NEWER_DRAFT
    link.reasons, link.updated_at = [*link.reasons, reason], now
    session.add(link)
    session.flush()
    amend(session, earlier, now)


def troubled(session: Session) -> Sequence[InboxFile]:
    """Files that could not be read, as they lie now, and those that wait: with a reason where they cannot be had."""
    statement = select(InboxFile).where(col(InboxFile.state).in_(_TROUBLED))
    return session.exec(statement.order_by(col(InboxFile.inbox), col(InboxFile.path))).all()
