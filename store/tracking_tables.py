"""The tables of tracking: owners, occurrences, reminders and their ledger, decisions about terms, runs.

Everything here hangs on what people confirmed in review. Ids are derived from content (``store.identity``), so that
planning twice changes nothing and a moved deadline stays the same occurrence.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from models.tracked import (
    ActKind,
    Choice,
    ContractStatus,
    LedgerEvent,
    OccurrenceState,
    OwnerKind,
    Purpose,
    ReminderState,
    Risk,
    Stage,
)
from store.columns import ExactDecimal, Json, KeyText, SafeText, UtcDateTime, words
from store.tables import Row


class Owner(Row, table=True):
    """A person or team that milestones belong to. ``name`` is what policies and commands call them.

    ``deputy_id`` steps in while they are away (``away_from`` to ``away_until``, both included) and when they do not
    act. Whoever leaves is switched off and ``replaced_by_id`` names the successor, whom rules that name the leaver
    lead to from then on.
    """

    __tablename__ = "owner"
    __table_args__ = (Index(None, "account_id"), Index(None, "deputy_id"))

    id: str = Field(sa_type=KeyText, primary_key=True)
    kind: OwnerKind = Field(sa_type=words(OwnerKind))
    name: str = Field(sa_type=KeyText, unique=True)
    email: str | None = Field(default=None, sa_type=SafeText)
    time_zone: str = Field(default="UTC", sa_type=KeyText)
    channels: list[str] = Field(sa_type=Json)
    department: str | None = Field(default=None, sa_type=KeyText)
    deputy_id: str | None = Field(default=None, sa_type=KeyText, foreign_key="owner.id")
    replaced_by_id: str | None = Field(default=None, sa_type=KeyText, foreign_key="owner.id")
    account_id: str | None = Field(default=None, sa_type=KeyText, foreign_key="account.id")
    away_from: dt.date | None = None
    away_until: dt.date | None = None
    active: bool = True
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class Membership(Row, table=True):
    """That a person belongs to a team."""

    __tablename__ = "membership"
    __table_args__ = (Index(None, "person_id"),)

    team_id: str = Field(sa_type=KeyText, foreign_key="owner.id", primary_key=True)
    person_id: str = Field(sa_type=KeyText, foreign_key="owner.id", primary_key=True)


class TrackedContractRow(Row, table=True):
    """A contract that is tracked: what people said of it, and how far its occurrences are planned.

    ``since`` is the first day it was tracked; ``check_on`` the day it must be looked at again although nothing was
    decided (a term ends, the horizon moves). ``fingerprint`` is of all that planning hangs on.
    """

    __tablename__ = "tracked_contract"
    __table_args__ = (Index(None, "check_on"), Index(None, "status"))

    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id", primary_key=True)
    title: str = Field(sa_type=SafeText)
    counterparty: str | None = Field(default=None, sa_type=KeyText)
    contract_type: str | None = Field(default=None, sa_type=KeyText)
    value: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    currency: str | None = Field(default=None, sa_type=KeyText)
    department: str | None = Field(default=None, sa_type=KeyText)
    risk: Risk | None = Field(default=None, sa_type=words(Risk))
    stage: Stage | None = Field(default=None, sa_type=words(Stage))
    owner_id: str | None = Field(default=None, sa_type=KeyText, foreign_key="owner.id", index=True)
    ladders: dict[str, list[int]] = Field(sa_type=Json)
    terminated_on: dt.date | None = None
    since: dt.date
    check_on: dt.date
    fingerprint: str = Field(default="", sa_type=KeyText)
    status: ContractStatus = Field(default=ContractStatus.UNKNOWN, sa_type=words(ContractStatus))
    missing: str | None = Field(default=None, sa_type=SafeText)
    cycle: int | None = None
    term_start: dt.date | None = None
    term_end: dt.date | None = None
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class EnteredDeadline(Row, table=True):
    """A deadline that a person entered, not one the contract states: a review, an approval, a signature."""

    __tablename__ = "entered_deadline"
    __table_args__ = (Index(None, "contract_id"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    kind: str = Field(sa_type=KeyText)
    title: str = Field(sa_type=SafeText)
    due: dt.date
    owner_id: str | None = Field(default=None, sa_type=KeyText, foreign_key="owner.id")
    entered_by: str = Field(sa_type=KeyText)
    entered_at: dt.datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class OccurrenceRow(Row, table=True):
    """One coming of a milestone, with who must see to it and what became of it.

    ``act_by`` is ``send_by`` where there is one, else ``due``. ``version`` grows with every change a calendar would
    show. ``owner_fixed``: a person chose the owner, rules no longer do. ``missed``: the deadline passed and nobody
    had acted. ``planned_as`` is a digest of what its reminders were planned from.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        Index(None, "state", "due"),
        Index(None, "owner_id", "due"),
        Index(None, "contract_id", "cycle"),
        Index(None, "contract_id", "state"),
        Index(None, "state", "act_by"),
    )

    id: str = Field(sa_type=KeyText, primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    milestone_key: str = Field(sa_type=KeyText)
    kind: str = Field(sa_type=KeyText)
    title: str = Field(sa_type=SafeText)
    cycle: int = 0
    sequence: str = Field(default="", sa_type=KeyText)
    due: dt.date | None = None
    earliest: dt.date | None = None
    send_by: dt.date | None = None
    act_by: dt.date | None = None
    amount: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    currency: str | None = Field(default=None, sa_type=KeyText)
    state: OccurrenceState = Field(sa_type=words(OccurrenceState))
    expected: bool = False
    blocked_on: str | None = Field(default=None, sa_type=SafeText)
    derivation: str | None = Field(default=None, sa_type=SafeText)
    waits_for: list[str] = Field(sa_type=Json)
    owner_id: str = Field(sa_type=KeyText, foreign_key="owner.id")
    owner_fixed: bool = False
    routed_by: str | None = Field(default=None, sa_type=SafeText)
    ladder: list[int] | None = Field(default=None, sa_type=Json)
    acknowledged_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: str | None = Field(default=None, sa_type=KeyText)
    snoozed_until: dt.date | None = None
    done_on: dt.date | None = None
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str | None = Field(default=None, sa_type=KeyText)
    closed_reason: str | None = Field(default=None, sa_type=SafeText)
    proof: dict[str, Any] | None = Field(default=None, sa_type=Json)
    missed: bool = False
    planned_as: str = Field(default="", sa_type=KeyText)
    version: int = 1
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class CycleDecisionRow(Row, table=True):
    """What was decided about the end of a term. Never changed; the last one of a term counts."""

    __tablename__ = "cycle_decision"
    __table_args__ = (Index(None, "contract_id", "seq"),)

    seq: int | None = Field(default=None, primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    cycle: int
    choice: Choice = Field(sa_type=words(Choice))
    reason: str = Field(sa_type=SafeText)
    proof: dict[str, Any] | None = Field(default=None, sa_type=Json)
    decided_by: str = Field(sa_type=KeyText)
    decided_at: dt.datetime = Field(sa_type=UtcDateTime)


class TrackingAct(Row, table=True):
    """One thing that a person did about an occurrence, or about a contract where no occurrence is named.

    Only ever added to; the database refuses anything else. ``by`` is who did it, and by which way if not in person.
    """

    __tablename__ = "tracking_act"
    __table_args__ = (Index(None, "occurrence_id", "seq"), Index(None, "contract_id", "seq"))

    seq: int | None = Field(default=None, primary_key=True)
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    occurrence_id: str | None = Field(default=None, sa_type=KeyText, foreign_key="occurrence.id")
    act: ActKind = Field(sa_type=words(ActKind))
    detail: str | None = Field(default=None, sa_type=SafeText)
    proof: dict[str, Any] | None = Field(default=None, sa_type=Json)
    by: str = Field(sa_type=SafeText)
    at: dt.datetime = Field(sa_type=UtcDateTime)


class ReminderRow(Row, table=True):
    """A message that is to go out once. ``id`` is its idempotency key.

    ``rung`` is how many days before the day to act by (negative: after it), ``due`` that day as it was planned.
    A claim is a compare-and-set of ``state`` and ``claim_token``, and finds what is due by one walk along the index
    of state and time, however much is not due.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        Index(None, "state", "fire_at"),
        Index(None, "occurrence_id", "fire_at"),
        Index(None, "recipient_id", "state", "fire_at"),
    )

    id: str = Field(sa_type=KeyText, primary_key=True)
    occurrence_id: str | None = Field(default=None, sa_type=KeyText, foreign_key="occurrence.id")
    purpose: Purpose = Field(sa_type=words(Purpose))
    rung: int | None = None
    due: dt.date | None = None
    fire_at: dt.datetime = Field(sa_type=UtcDateTime)
    recipient_id: str = Field(sa_type=KeyText, foreign_key="owner.id")
    channel: str = Field(sa_type=KeyText)
    state: ReminderState = Field(default=ReminderState.PLANNED, sa_type=words(ReminderState))
    note: str | None = Field(default=None, sa_type=SafeText)
    claimed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    claim_token: str | None = Field(default=None, sa_type=KeyText)
    attempts: int = 0
    sent_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class DeliveryAttempt(Row, table=True):
    """One entry of the ledger of deliveries. Only ever added to; the database refuses anything else.

    ``message_id`` is that of the message, which may carry several reminders of one recipient.
    """

    __tablename__ = "delivery_attempt"
    __table_args__ = (Index(None, "reminder_id", "seq"), Index(None, "at"))

    seq: int | None = Field(default=None, primary_key=True)
    reminder_id: str = Field(sa_type=KeyText, foreign_key="reminder.id")
    number: int
    event: LedgerEvent = Field(sa_type=words(LedgerEvent))
    at: dt.datetime = Field(sa_type=UtcDateTime)
    message_id: str | None = Field(default=None, sa_type=KeyText)
    addresses: list[str] = Field(sa_type=Json)
    detail: str | None = Field(default=None, sa_type=SafeText)


class CalendarFeed(Row, table=True):
    """A secret address under which an owner's calendar is read. Only the hash of the secret is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (Index(None, "owner_id"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    token_hash: str = Field(sa_type=KeyText, unique=True)
    owner_id: str = Field(sa_type=KeyText, foreign_key="owner.id")
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    created_by: str = Field(sa_type=KeyText)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Heartbeat(Row, table=True):
    """The last run of something that must run again and again. ``seen`` is the last decision it took note of."""

    __tablename__ = "heartbeat"

    name: str = Field(sa_type=KeyText, primary_key=True)
    started_at: dt.datetime = Field(sa_type=UtcDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    expected_every: float
    seen: int = 0
    policy: str = Field(default="", sa_type=KeyText)
    report: dict[str, Any] | None = Field(default=None, sa_type=Json)


TRACKING_TABLES: tuple[type[Row], ...] = (
    Owner,
    Membership,
    TrackedContractRow,
    EnteredDeadline,
    OccurrenceRow,
    CycleDecisionRow,
    TrackingAct,
    ReminderRow,
    DeliveryAttempt,
    CalendarFeed,
    Heartbeat,
)
"""Parents before children."""
