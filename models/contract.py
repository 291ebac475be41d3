"""Terms, milestones and the outcome of reading one document."""

import datetime as dt
import hashlib
import re
from enum import StrEnum

from pydantic import Field

from models.base import Value
from models.dateexpr import DateExpr
from models.evidence import Evidence
from models.family import Operation, Reference
from models.money import Amount
from models.part import DocumentPart
from models.period import Direction, Period
from models.problem import Problem
from models.resolution import Conventions
from models.sending import NoticeCycle, Sending
from models.term import FIVE_TERMS, Party, Reading, Renewal, Term, TermField, TermState

__all__ = [
    "FIVE_TERMS",
    "SCHEMA_VERSION",
    "Milestone",
    "MilestoneKind",
    "Outcome",
    "Party",
    "Rank",
    "Reading",
    "Recurrence",
    "Renewal",
    "Status",
    "Term",
    "TermField",
    "TermState",
]

SCHEMA_VERSION = 1


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
    amends: tuple[Reference, ...] = ()
    """The agreements this document belongs to, by what it says of them itself. Empty for one that stands alone."""
    operations: tuple[Operation, ...] = ()
    """What it does to them, in the order of its text."""
    parts: tuple[DocumentPart, ...] = ()
    """The contract itself, and what follows its signatures in the same file, in order; empty where nothing was read."""
    opening: str = ""
    """Its first words, in which names and numbers are looked for when documents are linked."""
    jurisdiction: str | None = None
    """Whose holidays its business days were counted with; what others change of it is counted with the same."""
    conventions: Conventions = Conventions()
    sketch: tuple[int, ...] = ()
    """Of its words (``models.sketch``), by which versions of one contract are told."""

    def part_of(self, place: Evidence) -> DocumentPart | None:
        """The part that a passage stands in, which is what it governs; None where the parts are not known."""
        return next((part for part in self.parts if part.start <= place.start < part.end), None)

    def term(self, field: TermField) -> Term | None:
        """The term of that name, None when the document was not read."""
        return next((term for term in self.terms if term.field is field), None)
