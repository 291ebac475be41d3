"""The tables of contract families: what links documents, what one does to another, and what waits for a person.

What a document says of itself (``FiledDocument``, ``FamilyReference``, ``FamilyWord``, ``FamilyOperation``) is written
anew with each reading. A ``FamilyLink`` is a proposal until somebody, or a rule that is certain, decides it; a new
reading adds proposals and takes back none that was decided.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.family import Certainty, FamilyRole, OperationKind
from models.term import TermField
from store.columns import Json, KeyText, SafeText, UtcDateTime, words
from store.tables import Row


class LinkState(StrEnum):
    """How far a link between two contracts is decided."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"

    @property
    def holds(self) -> bool:
        """Whether nobody has said that it is wrong."""
        return self is not LinkState.REFUSED


class FiledDocument(Row, table=True):
    """What linking needs to know of a contract as last read: title, parties, dates, opening, a sketch of its words."""

    __tablename__ = "filed_document"
    __table_args__ = (Index(None, "agreement_date"), Index(None, "effective_date"))

    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id", primary_key=True)
    title: str | None = Field(default=None, sa_type=SafeText)
    parties: list[str] = Field(sa_type=Json)
    agreement_date: dt.date | None = None
    effective_date: dt.date | None = None
    opening: str | None = Field(default=None, sa_type=SafeText)
    sketch: list[int] | None = Field(default=None, sa_type=Json)


class FamilyReference(Row, table=True):
    """What a document says of an agreement it belongs to (``models.family.Reference``), to be found by its date."""

    __tablename__ = "family_reference"
    __table_args__ = (Index(None, "dated"),)

    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id", primary_key=True)
    ordinal: int = Field(primary_key=True)
    role: FamilyRole = Field(sa_type=words(FamilyRole))
    dated: dt.date | None = None
    value: dict[str, Any] = Field(sa_type=Json)


class FamilyWord(Row, table=True):
    """A word that a party's name begins with, of a document's own parties and of those it names for another."""

    __tablename__ = "family_word"
    __table_args__ = (Index(None, "word", "contract_id"),)

    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id", primary_key=True)
    word: str = Field(sa_type=KeyText, primary_key=True)


class FamilyLink(Row, table=True):
    """``child_id`` belongs to ``parent_id``, as proposed or decided, and why.

    ``decided_by`` is an actor's id, the program's where a rule was certain. ``reviewed_at`` is when somebody said that
    what no rule understood of the change has been seen to.
    """

    __tablename__ = "family_link"
    __table_args__ = (UniqueConstraint("child_id", "parent_id"), Index(None, "parent_id", "state"))

    id: str = Field(sa_type=KeyText, primary_key=True)
    child_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    parent_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    role: FamilyRole = Field(sa_type=words(FamilyRole))
    number: int | None = None
    certainty: Certainty = Field(sa_type=words(Certainty))
    reasons: list[str] = Field(sa_type=Json)
    state: LinkState = Field(default=LinkState.PROPOSED, sa_type=words(LinkState))
    decided_by: str | None = Field(default=None, sa_type=KeyText)
    decided_by_name: str | None = Field(default=None, sa_type=SafeText)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reviewed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class FamilyOperation(Row, table=True):
    """One thing a document does to the agreement it belongs to (``models.family.Operation``); in order of its text."""

    __tablename__ = "family_operation"

    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id", primary_key=True)
    ordinal: int = Field(primary_key=True)
    kind: OperationKind = Field(sa_type=words(OperationKind))
    section: str | None = Field(default=None, sa_type=SafeText)
    field: TermField | None = Field(default=None, sa_type=words(TermField))
    value: dict[str, Any] = Field(sa_type=Json)


class AmendmentChange(Row, table=True):
    """One thing that a link changes in its parent, and that a person is to look at.

    ``item_id`` is the review item whose decision settles it; None where no rule understood the change, which then is
    settled by ``FamilyLink.reviewed_at``. ``milestone_key`` is the milestone it moves or may move, whose reminders
    carry a warning meanwhile; None for a term. ``old`` and ``new`` are the values, each with its evidence.
    """

    __tablename__ = "amendment_change"
    __table_args__ = (Index(None, "parent_id", "milestone_key"), Index(None, "item_id"))

    link_id: str = Field(sa_type=KeyText, foreign_key="family_link.id", primary_key=True)
    ordinal: int = Field(primary_key=True)
    parent_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    milestone_key: str | None = Field(default=None, sa_type=KeyText)
    item_id: str | None = Field(default=None, sa_type=KeyText)
    what: str = Field(sa_type=SafeText)
    old: dict[str, Any] | None = Field(default=None, sa_type=Json)
    new: dict[str, Any] | None = Field(default=None, sa_type=Json)


FAMILY_TABLES: tuple[type[Row], ...] = (
    FiledDocument,
    FamilyReference,
    FamilyWord,
    FamilyLink,
    FamilyOperation,
    AmendmentChange,
)
"""Parents before children."""
