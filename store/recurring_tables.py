"""The tables of what happens by schedule: the files of inboxes, and new readings of contracts that were read before.

A new reading changes nothing by itself. It waits in these tables until a person accepts it, and only then goes the way
of every reading (``store.results.save_outcome``).
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from store.columns import Json, KeyText, PathText, SafeText, UtcDateTime, words
from store.tables import Row


class InboxState(StrEnum):
    """What became of a file of an inbox, as last looked at."""

    WAITING = "waiting"
    """It may still be written: it is looked at again."""
    READ = "read"
    KNOWN = "known"
    """Its bytes were read before, under this name or another."""
    FAILED = "failed"


class InboxFile(Row, table=True):
    """A file of an inbox, known by where it lies. ``stamp`` is what its store says of its last change.

    ``sha256`` is what was last taken from there, ``earlier_sha256`` what lay there before. ``reason`` says why it could
    not be read, or what it is known as. ``steady_since`` is when size and stamp were first seen as they are now.
    """

    __tablename__ = "inbox_file"
    __table_args__ = (UniqueConstraint("inbox", "path"), Index(None, "state"), Index(None, "sha256"))

    id: str = Field(sa_type=KeyText, primary_key=True)
    inbox: str = Field(sa_type=PathText)
    path: str = Field(sa_type=PathText)
    state: InboxState = Field(sa_type=words(InboxState))
    size: int = Field(sa_type=BigInteger)
    stamp: str = Field(sa_type=KeyText)
    sha256: str | None = Field(default=None, sa_type=KeyText)
    earlier_sha256: str | None = Field(default=None, sa_type=KeyText)
    reason: str | None = Field(default=None, sa_type=SafeText)
    first_seen_at: dt.datetime = Field(sa_type=UtcDateTime)
    steady_since: dt.datetime = Field(sa_type=UtcDateTime)
    taken_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class RereadState(StrEnum):
    """How far a new reading of the portfolio is."""

    READING = "reading"
    READY = "ready"
    """Something differs, and waits for a person."""
    UNCHANGED = "unchanged"
    """No value differs: there is nothing to decide."""
    DECIDED = "decided"
    SUPERSEDED = "superseded"
    """Rules or models changed once more before anybody decided."""


class RereadingState(StrEnum):
    """How far the new reading of one contract is."""

    PENDING = "pending"
    READ = "read"
    """It gave something else than before; whether that makes a difference is not known yet."""
    SAME = "same"
    SHADED = "shaded"
    """No value differs; only how sure the program is, or the passages beside."""
    DIFFERS = "differs"
    FAILED = "failed"
    """It could not be read this time: what was read before stays."""
    ACCEPTED = "accepted"
    DROPPED = "dropped"
    STALE = "stale"
    """The contract was read in another way meanwhile: what was found here is of no use any more."""


class Reread(Row, table=True):
    """The contracts that older rules or models had read, read anew by one version of both. Its id follows from it."""

    __tablename__ = "reread"
    __table_args__ = (Index(None, "state"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    ruleset_version: str = Field(sa_type=KeyText)
    model_version: str = Field(sa_type=KeyText)
    state: RereadState = Field(sa_type=words(RereadState))
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    read_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class RereadContract(Row, table=True):
    """One contract of a ``Reread``. ``outcome`` is what reading it gave, kept until somebody decides.

    ``base_extraction_id`` is the reading it was compared with. ``family`` is the same for contracts that change
    together, and so are decided together: an agreement and its amendments.
    """

    __tablename__ = "rereading"
    __table_args__ = (Index(None, "reread_id", "state"), Index(None, "contract_id"))

    reread_id: str = Field(sa_type=KeyText, foreign_key="reread.id", primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id", primary_key=True)
    family: str = Field(sa_type=KeyText)
    base_extraction_id: str = Field(sa_type=KeyText, foreign_key="extraction.id")
    state: RereadingState = Field(sa_type=words(RereadingState))
    outcome: dict[str, Any] | None = Field(default=None, sa_type=Json)
    reason: str | None = Field(default=None, sa_type=SafeText)
    decided_by: str | None = Field(default=None, sa_type=KeyText)
    decided_by_name: str | None = Field(default=None, sa_type=SafeText)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class RereadEffect(StrEnum):
    """What accepting a difference does to what people see."""

    SHOWS = "shows"
    """Nobody had decided: the review shows the new value."""
    REOPENS = "reopens"
    """Somebody had decided on the old value: it is opened again, with the old decision beside it."""
    KEEPS = "keeps"
    """Somebody had decided, and the decision stands."""
    VANISHES = "vanishes"
    """Somebody had decided, and the new reading no longer finds it: proposed as superseded."""


class RereadDifference(Row, table=True):
    """One value that differs: of ``contract_id``, brought about by the new reading of its family.

    ``old`` and ``new`` are the values, each with its evidence; None for what was or is not found.
    """

    __tablename__ = "reread_difference"
    __table_args__ = (Index(None, "contract_id"), Index(None, "item_id"))

    reread_id: str = Field(sa_type=KeyText, foreign_key="reread.id", primary_key=True)
    family: str = Field(sa_type=KeyText, primary_key=True)
    ordinal: int = Field(primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    item_id: str = Field(sa_type=KeyText)
    milestone_key: str | None = Field(default=None, sa_type=KeyText)
    what: str = Field(sa_type=SafeText)
    old: dict[str, Any] | None = Field(default=None, sa_type=Json)
    new: dict[str, Any] | None = Field(default=None, sa_type=Json)
    effect: RereadEffect = Field(sa_type=words(RereadEffect))


RECURRING_TABLES: tuple[type[Row], ...] = (InboxFile, Reread, RereadContract, RereadDifference)
"""Parents before children."""
