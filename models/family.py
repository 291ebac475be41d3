"""Contract families: what a document says of the agreement it belongs to, and what it does to it.

A document that amends another says so itself: "Amendment No. 2 to the Supply Agreement dated as of March 1, 1996
between ..." is a ``Reference``; "Section 2.1 is hereby deleted and replaced by ..." is an ``Operation``. Both are read
from the one document alone. Which stored document is meant is a ``Link`` (``models.linking``), and what the family
provides as of a date is a view over all of its documents (``models.governing``).
"""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from models.base import Value
from models.dateexpr import DateExpr
from models.evidence import Evidence
from models.money import Amount
from models.period import Period
from models.term import Renewal, Term, TermField


class FamilyRole(StrEnum):
    """What a document is in its family."""

    MASTER = "master"
    """The agreement that the others belong to."""
    AMENDMENT = "amendment"
    RESTATEMENT = "restatement"
    """Replaces the agreement and all its amendments."""
    RENEWAL = "renewal"
    """An agreement made for nothing else but that another goes on."""
    STATEMENT_OF_WORK = "statement_of_work"
    ORDER_FORM = "order_form"
    SIDE_LETTER = "side_letter"
    ASSIGNMENT = "assignment"
    TERMINATION = "termination"
    PARTIAL_TERMINATION = "partial_termination"
    RELATED = "related"
    """Made under the agreement, and changes nothing of it: a power of attorney, a guarantee."""
    NEWER_DRAFT = "newer_draft"
    """The same agreement as it was drafted later."""
    EXECUTION_COPY = "execution_copy"
    """The same agreement as it was signed."""
    COPY = "copy"
    """The same agreement once more."""


OWN_TERM = frozenset({FamilyRole.STATEMENT_OF_WORK, FamilyRole.ORDER_FORM, FamilyRole.SIDE_LETTER, FamilyRole.RELATED})
"""Documents that keep a term of their own beside the master's."""
VERSIONS = frozenset({FamilyRole.NEWER_DRAFT, FamilyRole.EXECUTION_COPY, FamilyRole.COPY})
"""Documents that are the agreement itself, in another version."""
REPLACES_ALL = frozenset({FamilyRole.RESTATEMENT})
"""Documents upon which nothing older in the family governs any more."""


class Reference(Value):
    """What a document says of one agreement it belongs to.

    ``role`` and ``number`` are the document's own ("Amendment No. 2"); ``title``, ``dated`` and ``reference`` are the
    other's name, the date it bears ("dated as of") and its contract number. ``parties`` are the names between whom the
    other was made, as written there; empty where it says no more than that they are the same. ``earlier`` are the dates
    of the changes that it says were made before.
    """

    role: FamilyRole
    number: int | None = None
    title: str | None = None
    dated: dt.date | None = None
    reference: str | None = None
    parties: tuple[str, ...] = ()
    earlier: tuple[dt.date, ...] = ()
    confidence: float = Field(default=0.5, ge=0, le=1)
    evidence: Evidence
    rule: str


OPENS = 3_000
"""Characters from the start of a text within which a document says what it is itself."""


def own_role(references: Sequence[Reference]) -> FamilyRole:
    """What a document is by its own words. One that opens as an agreement, an amendment bound in, is a master."""
    return next((one.role for one in references if one.evidence.start < OPENS), FamilyRole.MASTER)


class Certainty(StrEnum):
    """How sure it is that two documents belong together."""

    CERTAIN = "certain"
    """Date or number, parties and title all agree: a rule may confirm it."""
    PROPOSED = "proposed"
    """A person confirms it."""


class Link(Value):
    """``child`` belongs to ``parent`` (keys are the caller's), and why, in sentences for people."""

    child: str
    parent: str
    role: FamilyRole
    number: int | None = None
    certainty: Certainty
    reasons: tuple[str, ...] = Field(min_length=1)


class OperationKind(StrEnum):
    """What is done to an agreement, or to a clause of it."""

    REPLACE_CLAUSE = "replace"
    """A section, article or exhibit gets a new text."""
    REPLACE_WORDS = "replace_words"
    """Words within a clause are exchanged."""
    INSERT = "insert"
    DELETE = "delete"
    EXTEND = "extend"
    """The term goes on, to a date or for a period."""
    AMEND = "amend"
    """A clause is changed in a way that is told and not spelled out: a person reads it."""
    RESTATE = "restate"
    """The whole agreement is replaced."""
    RENEW = "renew"
    ASSIGN = "assign"
    TERMINATE = "terminate"
    TERMINATE_PART = "terminate_part"
    CONFIRM = "confirm"
    """The rest stays as it is; changes nothing."""


CHANGES_NOTHING = frozenset({OperationKind.CONFIRM})


PART = "part"
"""Flag of an operation that replaces or deletes a part of the clause it names: the rest of the clause stays."""


class Stated(Value):
    """A value as an amendment words it, and what it reads as. Which field is filled follows from the words.

    ``expr`` is the date expression of a date that is not a fixed day.
    """

    text: str
    date: dt.date | None = None
    expr: DateExpr | None = None
    period: Period | None = None
    amount: Amount | None = None
    renewal: Renewal | None = None
    perpetual: bool = False


class Exchange(Value):
    """Words taken out (``old``, None for words that are only put in) and words put in their place (``new``)."""

    old: Stated | None = None
    new: Stated | None = None


class Operation(Value):
    """One thing a document does to the agreement it amends, as one sentence of it says.

    ``section`` is what it is done to, as numbered there ("4.2", "Exhibit B"); ``what`` names a part that has no number
    ("Medford Site"). ``exchanges`` are the words replaced. ``text`` is the new text of a clause that is replaced or
    inserted. ``terms`` are what that text, read as a clause of its own, says of the contract's terms; their evidence is
    in this document. ``field`` is the term it moves where the sentence itself says so; words exchanged in a clause
    move whatever term was read from them, which only the family shows. ``since`` is the day from which it has effect
    where that is not the document's. ``evidence[0]`` is the sentence that does it, what follows says more.
    """

    kind: OperationKind
    section: str | None = None
    what: str | None = None
    field: TermField | None = None
    exchanges: tuple[Exchange, ...] = ()
    text: str | None = None
    terms: tuple[Term, ...] = ()
    since: dt.date | None = None
    confidence: float = Field(default=0.5, ge=0, le=1)
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    rule: str
    flags: tuple[str, ...] = ()

    @property
    def quote(self) -> str:
        """The words that do it."""
        return self.evidence[0].quote
