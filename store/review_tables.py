"""The tables of the review: what people decide, what they decided, and the facts they supplied.

The machine's columns (``store.tables``) are never touched by a decision. What a person decided is in
``ReviewItem.human_value``, and how it came about in ``DecisionRow``, which is only ever added to.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.contract import TermField
from models.decision import Action, Finding, ItemState, ItemSubject
from store.columns import Json, KeyText, SafeText, UtcDateTime, words
from store.tables import Row

NEVER = dt.date.min
"""``ReviewItem.ranked_on`` of an item whose priority is not known yet."""


class ReviewItem(Row, table=True):
    """One thing a person decides: a milestone, a term, or a milestone a person added.

    Wide on purpose: the queue is one walk along an index. ``kind`` is a milestone's kind or a term's field, ``due`` and
    ``blocked_on`` are as things stand (with what people decided and supplied), ``human_value`` is the ``Milestone`` or
    ``Term`` that a person stands behind. ``version`` grows with every change that a reader would see, and is what
    concurrent writers compare. ``machine_version`` is that of the milestone or term when it was decided, and
    ``decided_source`` and ``decided_answer`` are what it then was read from and said: only if both have changed does a
    new reading open the item again.

    ``proposed`` is what the first of two people decided, where ``approvals`` asks for two. ``sampled``: whether
    auto-acceptance left the item to people on purpose (True), took it (False), or did not speak of it (None).
    ``clause_hash`` names the same words over all contracts, ``clause_shape`` the same numbers in similar words.
    ``priority`` is as of the day ``ranked_on``.
    """

    __tablename__ = "review_item"
    __table_args__ = (
        # What the queue filters by stands in the index too, so that no other item need be looked up.
        Index(
            "ix_review_item_queue",
            *("state", "priority", "id", "confidence", "kind", "finding", "assignee_id", "contract_type", "decided_by"),
        ),
        Index(None, "contract_id", "state", "priority", "id"),
        Index(None, "state", "kind", "priority", "id"),
        Index(None, "assignee_id", "state", "priority", "id"),
        Index(None, "finding", "state", "priority", "id"),
        Index(None, "state", "ranked_on"),
        Index(None, "clause_hash", "state", "contract_id", "kind"),
        Index(None, "clause_shape", "state"),
        Index(None, "decided_by", "decided_at"),
    )

    id: str = Field(sa_type=KeyText, primary_key=True)
    subject: ItemSubject = Field(sa_type=words(ItemSubject))
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    milestone_key: str | None = Field(default=None, sa_type=KeyText, foreign_key="milestone.key", unique=True)
    term_field: TermField | None = Field(default=None, sa_type=words(TermField))
    kind: str = Field(sa_type=KeyText)
    title: str = Field(sa_type=SafeText)
    quote: str = Field(default="", sa_type=SafeText)
    page: int | None = None
    state: ItemState = Field(default=ItemState.PENDING, sa_type=words(ItemState))
    finding: Finding = Field(default=Finding.FOUND, sa_type=words(Finding))
    due: dt.date | None = None
    blocked_on: str | None = Field(default=None, sa_type=SafeText)
    confidence: float
    rank: int | None = None
    recurring: bool = False
    money: float | None = None
    rule: str | None = Field(default=None, sa_type=KeyText)
    counterparty: str | None = Field(default=None, sa_type=KeyText)
    contract_type: str | None = Field(default=None, sa_type=KeyText)
    contract_value: float | None = None
    clause_hash: str | None = Field(default=None, sa_type=KeyText)
    clause_shape: str | None = Field(default=None, sa_type=KeyText)
    priority: float = 0.0
    ranked_on: dt.date = NEVER
    human_value: dict[str, Any] | None = Field(default=None, sa_type=Json)
    human_due: dt.date | None = None
    version: int = 1
    machine_version: int | None = None
    decided_source: str | None = Field(default=None, sa_type=KeyText)
    decided_answer: str | None = Field(default=None, sa_type=KeyText)
    approvals: int = 1
    proposed: ItemState | None = Field(default=None, sa_type=words(ItemState))
    assignee_id: str | None = Field(default=None, sa_type=KeyText)
    routed_by: str | None = Field(default=None, sa_type=SafeText)
    sampled: bool | None = None
    decided_by: str | None = Field(default=None, sa_type=KeyText)
    decided_by_name: str | None = Field(default=None, sa_type=SafeText)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=SafeText)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class ReviewProgress(Row, table=True):
    """How many items of a contract count (all but the superseded), and how many of those are decided.

    The database keeps it up to date by itself, whoever changes an item (triggers of migration 0012): counting the items
    anew for every page takes longer than all the rest of the page.
    """

    __tablename__ = "review_progress"

    contract_id: str = Field(sa_type=KeyText, primary_key=True, foreign_key="contract.id")
    total: int
    done: int


class ReviewText(Row, table=True):
    """The title, passage and parties of an item in lower case: what the queue's search for a text reads, all of it.

    The database keeps it up to date by itself, as it does ``ReviewProgress``. A table of its own, so that reading all
    of it is quick.
    """

    __tablename__ = "review_text"

    item_id: str = Field(sa_type=KeyText, primary_key=True, foreign_key="review_item.id")
    text: str = Field(sa_type=KeyText)


class DecisionRow(Row, table=True):
    """One row of the audit trail (``models.decision.Decision``). Never updated; the database refuses it.

    ``seq`` is the order in which rows were written.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index(None, "item_id", "seq"),
        Index(None, "contract_id", "seq"),
        Index(None, "actor_id", "seq"),
        Index(None, "bulk_id"),
        Index(None, "action", "seq"),
    )

    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(sa_type=KeyText, unique=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    action: Action = Field(sa_type=words(Action))
    actor_id: str = Field(sa_type=KeyText)
    actor_name: str = Field(sa_type=SafeText)
    item_id: str | None = Field(default=None, sa_type=KeyText)
    contract_id: str | None = Field(default=None, sa_type=KeyText)
    before: dict[str, Any] | None = Field(default=None, sa_type=Json)
    after: dict[str, Any] | None = Field(default=None, sa_type=Json)
    reason: str | None = Field(default=None, sa_type=SafeText)
    document_sha256: str | None = Field(default=None, sa_type=KeyText)
    extraction_id: str | None = Field(default=None, sa_type=KeyText)
    machine_version: int | None = None
    version: int | None = None
    bulk_id: str | None = Field(default=None, sa_type=KeyText)
    because: str | None = Field(default=None, sa_type=KeyText)
    undoes: str | None = Field(default=None, sa_type=KeyText, unique=True)


class SuppliedFact(Row, table=True):
    """A date that a person stated of a contract, by ``Anchor.key`` ("delivery", "event:acceptance of phase 2").

    One at a time holds for each anchor; those before it are withdrawn, and stay.
    """

    __tablename__ = "supplied_fact"
    __table_args__ = (UniqueConstraint("contract_id", "anchor", "number"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    anchor: str = Field(sa_type=KeyText)
    number: int
    date: dt.date
    label: str = Field(sa_type=SafeText)
    note: str | None = Field(default=None, sa_type=SafeText)
    supplied_by: str = Field(sa_type=KeyText)
    supplied_by_name: str = Field(sa_type=SafeText)
    supplied_at: dt.datetime = Field(sa_type=UtcDateTime)
    withdrawn_by: str | None = Field(default=None, sa_type=KeyText)
    withdrawn_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReviewPolicy(Row, table=True):
    """A policy of the review that people switch while the program runs ("auto_accept"), with its version."""

    __tablename__ = "review_policy"

    name: str = Field(sa_type=KeyText, primary_key=True)
    value: dict[str, Any] = Field(sa_type=Json)
    version: int = 1
    updated_by: str = Field(sa_type=KeyText)
    updated_by_name: str = Field(sa_type=SafeText)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class OpenItem(Row, table=True):
    """The item that a reviewer has open, until a moment unless their browser says so again (``store.presence``)."""

    __tablename__ = "open_item"

    account_id: str = Field(sa_type=KeyText, primary_key=True)
    item_id: str = Field(sa_type=KeyText)
    name: str = Field(sa_type=SafeText)
    until: dt.datetime = Field(sa_type=UtcDateTime)


REVIEW_TABLES: tuple[type[Row], ...] = (
    ReviewItem,
    ReviewProgress,
    ReviewText,
    DecisionRow,
    SuppliedFact,
    ReviewPolicy,
    OpenItem,
)
"""Parents before children."""
