"""What is tracked after people confirmed it: occurrences, their owners, reminders and decisions about terms."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from pydantic import Field, model_validator

from models.base import Value
from models.contract import Term
from models.dateexpr import DateExpr
from models.money import Amount
from models.resolution import Fact
from models.sending import Sending


class OccurrenceState(StrEnum):
    """What is on record about an occurrence. Whether it is near or overdue depends on the day: see ``Standing``."""

    BLOCKED = "blocked"
    """Waits for an event or another milestone; it may have an expected day, but no deadline yet."""
    PLANNED = "planned"
    DONE = "done"
    WAIVED = "waived"
    SUPERSEDED = "superseded"
    """The contract, a decision or a new reading did away with it."""

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self in (OccurrenceState.BLOCKED, OccurrenceState.PLANNED)


class Standing(StrEnum):
    """How an occurrence stands on a day."""

    BLOCKED = "blocked"
    UPCOMING = "upcoming"
    DUE_SOON = "due_soon"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"
    WAIVED = "waived"
    SUPERSEDED = "superseded"


class Choice(StrEnum):
    """What was decided about the end of a term."""

    RENEW = "renew"
    RENEGOTIATE = "renegotiate"
    TERMINATE = "terminate"
    LAPSE = "lapse"
    """Let the term end without doing anything."""

    @property
    def ends(self) -> bool:
        """Whether the contract ends with the term."""
        return self in (Choice.TERMINATE, Choice.LAPSE)


class Stage(StrEnum):
    """How far a contract is before it is in force."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    AWAITING_APPROVAL = "awaiting_approval"
    SIGNED = "signed"


class ContractStatus(StrEnum):
    """How a contract stands on a day."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    AWAITING_APPROVAL = "awaiting_approval"
    ACTIVE = "active"
    NOTICE_WINDOW_OPEN = "notice_window_open"
    """Notice about the end of the current term can be given now, and nobody has decided."""
    UP_FOR_RENEWAL = "up_for_renewal"
    """It will go on for another term: the time to object is over, or there is none."""
    EXPIRING = "expiring"
    EXPIRED = "expired"
    TERMINATED = "terminated"
    EVERGREEN = "evergreen"
    """Runs without an end until somebody ends it."""
    UNKNOWN = "unknown"
    """A fact is missing; it is named."""


class OwnerKind(StrEnum):
    """Who can own something."""

    PERSON = "person"
    TEAM = "team"


class Risk(StrEnum):
    """How risky a contract is, as people rated it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Purpose(StrEnum):
    """Why a message goes out."""

    RUNG = "rung"
    """A step of the ladder of lead times before a deadline."""
    OVERDUE = "overdue"
    SNOOZED = "snoozed"
    """A snooze is over."""
    HANDOVER = "handover"
    """It is somebody else's now: tells the new owner."""
    DEPUTY = "deputy"
    """Nobody acknowledged a reminder: tells the deputy."""
    GROUP = "group"
    """Nor did the deputy: tells the group."""
    DIGEST = "digest"
    ALERT = "alert"
    """Something went wrong with the reminders themselves."""


class ReminderState(StrEnum):
    """How far a reminder is: planned, claimed by a run, then sent, or what became of it."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"
    """A run stopped between sending and recording: it may have arrived. Reported; a person settles it."""


class LedgerEvent(StrEnum):
    """What happened to a reminder, in the ledger that is only ever added to."""

    STARTED = "started"
    """Written before the message is handed over: a start without an end is a crash in between."""
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    RETURNED = "returned"
    """Claimed by a run that stopped before it sent anything: planned again."""
    SETTLED = "settled"
    """A person said that an uncertain one arrived."""
    RESENT = "resent"
    """A person had an uncertain or failed one sent again."""


class ActKind(StrEnum):
    """What a person did about an occurrence or a tracked contract, in the history that is only ever added to."""

    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    DELEGATED = "delegated"
    DONE = "done"
    WAIVED = "waived"
    REOPENED = "reopened"
    LADDER = "ladder"
    """Lead times were set."""
    DECIDED = "decided"
    """Something was decided about the end of a term."""
    DESCRIBED = "described"
    """What the contract's text does not say was stated."""
    ENTERED = "entered"
    WITHDRAWN = "withdrawn"


class Proof(Value):
    """That something was done: a note, a file by its hash, or both."""

    note: str | None = Field(default=None, max_length=4_000)
    sha256: str | None = None
    file: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Proof":
        if not (self.note and self.note.strip()) and not self.sha256:
            raise ValueError("a proof is a note or a file")
        return self


class TrackedMilestone(Value):
    """A milestone that a person confirmed.

    ``kind`` is a milestone's kind, or a word of its own for what a person entered ("approval", "signature").
    ``waits_for`` are keys of the milestones of the same contract whose completion this one waits for. ``expr`` says
    when; ``date``, ``earliest`` and ``latest`` where nothing but a date is known.
    """

    key: str
    kind: str
    title: str
    expr: DateExpr | None = None
    date: dt.date | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    blocked_on: str | None = None
    derivation: str | None = None
    amount: Amount | None = None
    who: str | None = None
    sending: Sending | None = None
    consequences: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    owner: str | None = None
    """Id of the owner a person chose."""
    ladder: tuple[int, ...] | None = None
    """Lead times a person set for this milestone alone."""


class CycleDecision(Value):
    """What was decided about the end of a term (``cycle`` counts from 1), why, and the proof that notice was sent."""

    cycle: int = Field(ge=1)
    choice: Choice
    reason: str = Field(min_length=1, max_length=4_000)
    proof: Proof | None = None
    decided_by: str
    decided_at: dt.datetime


class ContractSettings(Value):
    """What people say of a contract that its text does not. ``ladders`` are lead times by kind, for this contract."""

    department: str | None = None
    risk: Risk | None = None
    stage: Stage | None = None
    owner: str | None = None
    ladders: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    terminated_on: dt.date | None = None
    """The day it ended out of turn (for cause, by agreement)."""


class TrackedContract(Value):
    """A contract with all that was confirmed of it. ``supplied`` are facts people stated, by ``Anchor.key``."""

    id: str
    title: str
    counterparty: str | None = None
    contract_type: str | None = None
    draft: bool = False
    value: Amount | None = None
    terms: tuple[Term, ...] = ()
    milestones: tuple[TrackedMilestone, ...] = ()
    supplied: Mapping[str, Fact] = Field(default_factory=dict)
    settings: ContractSettings = Field(default_factory=ContractSettings)
    decisions: tuple[CycleDecision, ...] = ()

    def decision(self, cycle: int) -> CycleDecision | None:
        """What was decided about a term; the last word counts."""
        return next((one for one in reversed(self.decisions) if one.cycle == cycle), None)


class PlannedOccurrence(Value):
    """One coming of a milestone.

    ``(key, cycle, sequence)`` names it, whatever its dates: ``cycle`` counts the contract's terms from 1, or is 0 for
    what does not hang on them; ``sequence`` tells the comings of a recurrence apart ("2025-03"). ``due`` is the last
    day, ``send_by`` the day by which a notice must have left. ``expected`` marks a day that is counted from another
    milestone's deadline: it moves with that one, and is no deadline yet. ``closed`` is why there is nothing (more) to
    do: a state and a reason.
    """

    key: str
    kind: str
    title: str
    cycle: int = 0
    sequence: str = ""
    due: dt.date | None = None
    earliest: dt.date | None = None
    send_by: dt.date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    blocked_on: str | None = None
    expected: bool = False
    derivation: str | None = None
    waits_for: tuple[str, ...] = ()
    owner: str | None = None
    ladder: tuple[int, ...] | None = None
    closed: OccurrenceState | None = None
    closed_reason: str | None = None
    proof: Proof | None = None

    @property
    def name(self) -> tuple[str, int, str]:
        """What it is known by over re-planning."""
        return self.key, self.cycle, self.sequence

    @property
    def act_by(self) -> dt.date | None:
        """The last day to act: to send a notice by, else the deadline."""
        return self.send_by or self.due

    @property
    def blocked(self) -> bool:
        """Whether there is no deadline yet."""
        return self.due is None or self.expected


class Report(Value):
    """What a run of the reminders did. ``failed`` and ``uncertain`` name every reminder that nobody settled yet."""

    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    late_by_seconds: float | None = None
    """How much later than expected this run came; None if it came in time."""
    contracts: int = 0
    sent: int = 0
    messages: int = 0
    retried: int = 0
    failed: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    returned: int = 0
    unowned: int = 0
    problems: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nobody has to look."""
        return not (self.failed or self.uncertain or self.problems or self.unowned or self.late_by_seconds)
