"""What a person decides about what the program found, and what they may change of it."""

import datetime as dt
from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from models.actor import Actor, Role
from models.base import Value
from models.contract import MilestoneKind, Party, Recurrence, Renewal
from models.dateexpr import AnchorName
from models.money import Amount
from models.period import Direction, Period


class ItemSubject(StrEnum):
    """What an item of the review queue is about."""

    MILESTONE = "milestone"
    TERM = "term"
    ADDED = "added"
    """A milestone that a person added, for the program missed it."""


class ItemState(StrEnum):
    """How far the review of an item is. What nobody confirmed is not tracked."""

    PENDING = "pending"
    AWAITING_APPROVAL = "awaiting_approval"
    """Decided by one person; a rule asks for a second one."""
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    """Nobody had decided it when a new reading of the contract no longer found it."""

    @property
    def confirmed(self) -> bool:
        """Whether a person stands behind the value, so that it may be tracked."""
        return self in (ItemState.ACCEPTED, ItemState.CORRECTED)

    @property
    def open(self) -> bool:
        """Whether somebody still has to decide."""
        return self in (ItemState.PENDING, ItemState.AWAITING_APPROVAL)


class Finding(StrEnum):
    """What the program has to say about an item's subject."""

    FOUND = "found"
    ABSENT = "absent"
    """NOT FOUND: the contract does not seem to state it."""
    BLOCKED = "blocked"
    PARTIAL = "partial"
    CONFLICT = "conflict"
    VANISHED = "vanished"
    """Decided once, and no longer found by a later reading: proposed as superseded."""


class Action(StrEnum):
    """What was done to an item or a contract. Each is a row of the audit trail."""

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"
    APPROVE = "approve"
    """A second person agreed."""
    ADD = "add"
    SUPPLY = "supply"
    """A fact of the contract was stated ("delivered on 3 May")."""
    WITHDRAW = "withdraw"
    """A supplied fact was taken back."""
    REDATE = "redate"
    """The date moved because something it hangs on was decided; ``Decision.because`` says what."""
    REOPEN = "reopen"
    UNDO = "undo"
    ASSIGN = "assign"
    AUTO_ACCEPT = "auto_accept"
    SUPERSEDE = "supersede"
    POLICY = "policy"
    """A policy was switched or changed."""
    LINK = "link"
    """A document was said to belong to the contract, or not to."""
    SEEN = "seen"
    """Somebody saw to what no rule understood of an amendment."""


class Decision(Value):
    """One row of the audit trail: who did what to what, when and why, and from which reading of which document.

    ``before`` and ``after`` hold what changed of the item (state, value, due day, ...). ``version`` is the item's
    afterwards. ``bulk_id`` is shared by what was decided together; ``because`` names the decision that brought this
    one about; ``undoes`` the one it takes back.
    """

    id: str
    at: dt.datetime
    action: Action
    actor_id: str
    actor_name: str
    item_id: str | None = None
    contract_id: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    reason: str | None = None
    document_sha256: str | None = None
    extraction_id: str | None = None
    machine_version: int | None = None
    version: int | None = None
    bulk_id: str | None = None
    because: str | None = None
    undoes: str | None = None


class Timing(Value):
    """When something is due, as a person types it: a date, a window, or a period before or after something.

    ``anchor`` is what the period counts from; ``event`` its words where it is an event of the contract. ``recurrence``
    with a date or a period is its first coming. ``event`` with no period is the day of the event itself.
    """

    date: dt.date | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    period: Period | None = None
    direction: Direction = Direction.AFTER
    anchor: AnchorName | None = None
    event: str | None = Field(default=None, max_length=500)
    within: bool = False
    """Any day until the period is over, instead of the day on which it is."""
    recurrence: Recurrence | None = None
    until: dt.date | None = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "Timing":
        ways = [self.date is not None, bool(self.earliest or self.latest), self.anchor is not None]
        if sum(ways) != 1:
            raise ValueError("state a date, or a window, or what the time counts from, and only one of them")
        if self.period is not None and self.anchor is None:
            raise ValueError("say what the period counts from")
        if (self.anchor is AnchorName.EVENT) != bool(self.event):
            raise ValueError("words belong to an event, and an event needs its words")
        if self.earliest and self.latest and self.earliest > self.latest:
            raise ValueError("the window ends before it starts")
        if self.until is not None and self.recurrence is None:
            raise ValueError("only what comes back can end")
        if self.recurrence is Recurrence.PER_EVENT and self.until is not None:
            raise ValueError("what happens with each event has no last date")
        if self.recurrence is not None and (self.earliest or self.latest):
            raise ValueError("what comes back starts on a day, not in a window")
        return self


class Change(Value):
    """What a person corrects. What is left out stays as it is.

    Of a milestone: ``kind``, ``title``, ``who``, ``amount``, ``method``, ``criteria``, ``timing``. Of a term:
    ``absent`` (the contract does not state it), ``timing`` (dates), ``perpetual``, ``renewal``, ``notice``, ``text``,
    ``parties``, ``amount``; or ``reading``, the number of one of its ``alternatives``, from 0, that is right instead.
    """

    kind: MilestoneKind | None = None
    title: str | None = Field(default=None, min_length=1, max_length=500)
    who: str | None = Field(default=None, max_length=500)
    amount: Amount | None = None
    method: str | None = Field(default=None, max_length=2_000)
    criteria: str | None = Field(default=None, max_length=2_000)
    timing: Timing | None = None
    absent: bool = False
    perpetual: bool = False
    renewal: Renewal | None = None
    notice: Period | None = None
    text: str | None = Field(default=None, min_length=1, max_length=2_000)
    parties: tuple[Party, ...] = Field(default=(), max_length=100)
    reading: int | None = Field(default=None, ge=0, le=1_000)

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self.model_dump(exclude_defaults=True)


PROGRAM = Actor(id="program", name="milepost", role=Role.ADMIN)
"""Who acts where nobody did: a new reading, a policy."""
