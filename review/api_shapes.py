"""What the JSON API takes and gives. Values of milestones and terms are those of ``models.contract``."""

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from models.contract import Milestone, MilestoneKind, Term
from models.decision import Action, Change, Finding, ItemState, ItemSubject


class Shape(BaseModel):
    """The base of all: made from rows, and no key is taken that is not known."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")


class ItemOut(Shape):
    """An item of the review. ``version`` is its ETag."""

    id: str
    version: int
    contract_id: str
    subject: ItemSubject
    kind: str
    title: str
    quote: str
    page: int | None
    state: ItemState
    proposed: ItemState | None
    finding: Finding
    due: dt.date | None
    blocked_on: str | None
    confidence: float
    rule: str | None
    counterparty: str | None
    contract_type: str | None
    clause_hash: str | None
    priority: float
    approvals: int
    assignee_id: str | None
    decided_by: str | None
    decided_by_name: str | None
    decided_at: dt.datetime | None
    reason: str | None
    updated_at: dt.datetime


class MoveOut(Shape):
    """An item that falls due on another day: what it was, and what it is then, in words."""

    item_id: str
    title: str
    kind: str
    before: str
    after: str


class ItemDetail(ItemOut):
    """An item with its value as things stand, what the program read, and what hangs on it.

    ``value`` is None where the contract does not state it any more; ``machine`` where a person added it.
    """

    value: Milestone | Term | None
    machine: Milestone | Term | None
    depends_on_it: list[MoveOut]
    same_clause: int


class ItemPage(Shape):
    """A page of items; ``next`` is the cursor of the page after it, None at the end."""

    items: list[ItemOut]
    next: str | None


class CountsOut(Shape):
    """How far the review is."""

    total: int
    done: int
    open: int
    by_kind: dict[str, int]


class ContractOut(Shape):
    """A contract, and how far its review is."""

    id: str
    name: str
    title: str | None
    contract_type: str | None
    governing_law: str | None
    parties: list[dict[str, Any]]
    draft: bool
    document_sha256: str
    total: int
    done: int


class FactOut(Shape):
    """A fact that a person supplied."""

    id: str
    contract_id: str
    anchor: str
    date: dt.date
    label: str
    note: str | None
    supplied_by: str
    supplied_by_name: str
    supplied_at: dt.datetime
    withdrawn_at: dt.datetime | None


class WaitingOut(Shape):
    """A fact that is not known: its key, its words, and the items that wait for it."""

    anchor: str
    words: str
    item_ids: list[str]


class ContractDetail(ContractOut):
    """A contract with its items, the facts that people supplied, and those that are not known."""

    items: list[ItemOut]
    facts: list[FactOut]
    waiting: list[WaitingOut]


class ContractPage(Shape):
    """A page of contracts."""

    contracts: list[ContractOut]
    next: str | None


class DecisionOut(Shape):
    """A row of the audit trail."""

    id: str
    at: dt.datetime
    action: Action
    actor_id: str
    actor_name: str
    item_id: str | None
    contract_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None
    document_sha256: str | None
    extraction_id: str | None
    machine_version: int | None
    version: int | None
    bulk_id: str | None
    because: str | None
    undoes: str | None


class DecisionPage(Shape):
    """A page of the audit trail, the newest rows first."""

    decisions: list[DecisionOut]
    next: str | None


class PreviewOut(Shape):
    """What an edit would give: the value, or the problem with it and the part of the edit at fault; what moves."""

    value: Milestone | Term | None
    words: str
    moves: list[MoveOut]
    problem: str | None
    field: str | None


class SuppliedOut(Shape):
    """A fact as supplied or withdrawn, and the items whose dates it moved."""

    fact: FactOut
    items: list[ItemOut]


class UndoneOut(Shape):
    """What was taken back, and the decisions that a colleague has overtaken since, which stay."""

    items: list[ItemOut]
    facts: list[FactOut]
    overtaken: list[DecisionOut]


class GroupOut(Shape):
    """A clause that stands in several contracts."""

    clause: str
    kind: str
    title: str
    quote: str
    items: int
    contracts: int


class GroupPage(Shape):
    """A page of groups."""

    groups: list[GroupOut]
    next: str | None


class MemberOut(Shape):
    """An item of a group. ``differs`` tells the words in which a near-identical passage differs."""

    item: ItemOut
    contract_name: str
    same_answer: bool
    likeness: float
    differs: str


class MembersOut(Shape):
    """The items of one clause that wait."""

    identical: list[MemberOut]
    near: list[MemberOut]


class DecidedOut(Shape):
    """What was decided together; ``bulk_id`` undoes it."""

    bulk_id: str
    items: list[ItemOut]


class Reason(Shape):
    """Why, in a word or two."""

    reason: str | None = Field(default=None, max_length=2_000)


def reason_in(body: Reason | None) -> str | None:
    """The reason that a request gives, None if it gives none."""
    return body.reason if body is not None else None


class Rejection(Shape):
    """Why the item is rejected."""

    reason: str = Field(min_length=1, max_length=2_000)


class Correction(Shape):
    """What is right instead."""

    change: Change
    reason: str | None = Field(default=None, max_length=2_000)


class Assignee(Shape):
    """Who is to decide; None: anybody."""

    assignee_id: str | None = Field(max_length=200)


class HandedOverOut(Shape):
    """How many items changed hands, and whether more would have."""

    bulk_id: str
    items: int
    more: bool


class Assignment(Shape):
    """Who is to decide an item (None: anybody), and how many must agree."""

    assignee_id: str | None = Field(max_length=200)
    approvals: int | None = Field(default=None, ge=1, le=2)


class FactIn(Shape):
    """The day of something that the contract counts from: ``delivery``, ``event:acceptance of phase 2``."""

    anchor: str = Field(min_length=1, max_length=500)
    date: dt.date
    note: str | None = Field(default=None, max_length=2_000)


class MilestoneIn(Shape):
    """A milestone to add: the passage that says it, as selected, and when it is due.

    ``near``: about at which character of the document's text it stands, where it may stand in several places.
    """

    kind: MilestoneKind
    title: str = Field(min_length=1, max_length=500)
    quote: str = Field(min_length=1, max_length=20_000)
    near: int | None = Field(default=None, ge=0, le=1_000_000_000)
    change: Change = Change()
    reason: str | None = Field(default=None, max_length=2_000)


class ChoiceIn(Shape):
    """An item to be decided with its group, in the version that was seen."""

    item_id: str = Field(max_length=200)
    version: int = Field(ge=1, le=2_000_000_000)


class GroupDecision(Shape):
    """What to do with the chosen items of a group."""

    action: Action
    items: list[ChoiceIn] = Field(min_length=1, max_length=200)
    change: Change | None = None
    reason: str | None = Field(default=None, max_length=2_000)


class Fault(Shape):
    """One part of a request that cannot be used."""

    field: str
    message: str


class ProblemOut(BaseModel):
    """An error as RFC 9457 has it, served as ``application/problem+json``."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
    version: int | None = Field(default=None, description="The item's version now, where it was a newer one.")
    decided_by: str | None = Field(default=None, description="Who was quicker.")
