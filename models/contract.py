"""Terms, milestones and the outcome of reading one document."""

import datetime as dt
import hashlib
import re
from enum import StrEnum

from pydantic import Field

from models.base import Value
from models.dateexpr import DateExpr
from models.evidence import Evidence
from models.money import Amount
from models.period import Direction, Period
from models.problem import Problem
from models.sending import NoticeCycle, Sending

SCHEMA_VERSION = 1


class TermField(StrEnum):
    """Facts about a contract as a whole. The first five are what every deadline hangs on."""

    AGREEMENT_DATE = "agreement_date"
    EFFECTIVE_DATE = "effective_date"
    EXPIRATION_DATE = "expiration_date"
    RENEWAL_TERM = "renewal_term"
    NOTICE_PERIOD = "notice_period"
    TITLE = "title"
    PARTIES = "parties"
    CONTRACT_TYPE = "contract_type"
    GOVERNING_LAW = "governing_law"
    TOTAL_VALUE = "total_value"


FIVE_TERMS = (
    TermField.AGREEMENT_DATE,
    TermField.EFFECTIVE_DATE,
    TermField.EXPIRATION_DATE,
    TermField.RENEWAL_TERM,
    TermField.NOTICE_PERIOD,
)


class TermState(StrEnum):
    """What is known of a term."""

    FOUND = "found"
    ABSENT = "absent"
    BLOCKED = "blocked"
    """Stated, but hangs on a fact that is not known."""
    PARTIAL = "partial"
    """Stated with a blank or a redaction; never completed by guessing."""
    CONFLICT = "conflict"
    """Two readings disagree; a person decides."""


class Renewal(Value):
    """How a contract goes on after its initial term.

    ``period`` is the length of one renewal term; ``perpetual`` renewals have none. ``times`` limits them.
    """

    period: Period | None = None
    perpetual: bool = False
    successive: bool = False
    automatic: bool = False
    times: int | None = Field(default=None, ge=1)


class Reading(Value):
    """One reading of a term that was not chosen, for the reviewer."""

    text: str
    rule: str
    evidence: Evidence


class Party(Value):
    """A party: its name, and the defined term the contract calls it by ("Supplier")."""

    name: str
    defined_as: str | None = None


class Term(Value):
    """A fact about the contract. Which value field is filled depends on ``field``.

    ``expr`` and ``date``: the dates (``date`` once resolved; ``perpetual`` for a term without an end).
    ``renewal``, ``notice``, ``parties``, ``amount``, ``text``: the others.
    ``confidence`` is the chance that this answer is right, absence included.
    """

    field: TermField
    state: TermState
    confidence: float = Field(ge=0, le=1)
    expr: DateExpr | None = None
    date: dt.date | None = None
    perpetual: bool = False
    renewal: Renewal | None = None
    notice: Period | None = None
    parties: tuple[Party, ...] = ()
    amount: Amount | None = None
    text: str | None = None
    evidence: tuple[Evidence, ...] = ()
    derivation: str | None = None
    blocked_on: str | None = None
    rule: str | None = None
    alternatives: tuple[Reading, ...] = ()
    flags: tuple[str, ...] = ()


class MilestoneKind(StrEnum):
    """Kinds of milestones; the README's table has an example of each."""

    PAYMENT = "payment"
    NOTICE = "notice"
    RENEWAL = "renewal"
    TERMINATION = "termination"
    CURE = "cure"
    EXPIRATION = "expiration"
    EFFECTIVE = "effective"
    REPORT = "report"
    DELIVERY = "delivery"
    REVIEW = "review"
    SURVIVAL = "survival"


class Recurrence(StrEnum):
    """How often a milestone comes back, in the words people use."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMIANNUAL = "semiannual"
    ANNUAL = "annual"
    PER_EVENT = "per_event"


class Rank(Value):
    """How much a milestone matters, from 0 to 100, and why: what it is first, then the weightiest reason."""

    score: int
    reasons: tuple[str, ...] = ()


class Milestone(Value):
    """Something someone must do, or that happens, at some time.

    ``offset``, ``anchor`` (words), ``direction`` and ``recurrence`` are the timing as stated; ``expr`` is the same for
    the date algebra. ``date`` (or ``earliest`` and ``latest`` for a window) is filled only by resolving ``expr``;
    where that is not possible ``blocked_on`` says what is missing, and there is no date.

    ``occurrences`` are the first dates of a recurrence. A notice also has ``sending`` (how, to whom, how long it
    takes), ``send_by`` (never after the deadline) and, where it is about the end of the term, the ``cycles`` of the
    terms to come. ``depends_on`` names the milestones whose completion this one waits for, by their keys within the
    contract (``models.milestone_keys``). ``consequences`` are what the contract says happens else; ``rank`` says how
    much it matters, whatever the day.
    """

    kind: MilestoneKind
    title: str
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    rule: str
    confidence: float = Field(ge=0, le=1)
    expr: DateExpr | None = None
    date: dt.date | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    blocked_on: str | None = None
    derivation: str | None = None
    offset: Period | None = None
    direction: Direction | None = None
    anchor: str | None = None
    recurrence: Recurrence | None = None
    rrule: str | None = None
    amount: Amount | None = None
    who: str | None = None
    method: str | None = None
    criteria: str | None = None
    vague: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    occurrences: tuple[dt.date, ...] = ()
    sending: Sending | None = None
    send_by: dt.date | None = None
    cycles: tuple[NoticeCycle, ...] = ()
    depends_on: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    rank: Rank | None = None

    @property
    def quote(self) -> str:
        """The passage the milestone was read from."""
        return self.evidence[0].quote

    def key(self, contract: str) -> str:
        """Stable name of this milestone over re-extractions: contract, kind and normalised quote."""
        words = " ".join(re.findall(r"\w+", self.quote.lower()))
        return hashlib.sha256(f"{contract}\x1f{self.kind}\x1f{words}".encode()).hexdigest()[:32]


class Status(StrEnum):
    """How reading a document went; never ``ok`` while there are problems."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"


class Outcome(Value):
    """Everything that reading one document gave. A document that failed has one too."""

    file: str
    sha256: str | None
    status: Status
    pages: int | None = None
    draft: bool = False
    draft_evidence: tuple[Evidence, ...] = ()
    """Where it shows that it is a draft or not signed yet, if the text shows it."""
    terms: tuple[Term, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    problems: tuple[Problem, ...] = ()

    def term(self, field: TermField) -> Term | None:
        """The term of that name, None when the document was not read."""
        return next((term for term in self.terms if term.field is field), None)
