"""The terms of a contract: what is known of each fact about it as a whole, and why that is believed."""

import datetime as dt
from enum import StrEnum

from pydantic import Field

from models.base import Value
from models.dateexpr import DateExpr
from models.evidence import Evidence
from models.money import Amount
from models.period import Period


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
    """One reading of a term that was not chosen, for the reviewer: its words, and the value they state, if they do.

    ``expr``, ``perpetual``, ``renewal``, ``notice`` and ``said`` are the value as ``Term`` has it, ``said`` its text.
    """

    text: str
    rule: str
    evidence: Evidence
    expr: DateExpr | None = None
    perpetual: bool = False
    renewal: Renewal | None = None
    notice: Period | None = None
    said: str | None = None

    @property
    def states_value(self) -> bool:
        """Whether a person can take it for the term: a passage that nothing was read from states none."""
        return bool(self.expr or self.perpetual or self.renewal or self.notice or self.said)


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
