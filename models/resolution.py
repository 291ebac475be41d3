"""What resolving an expression gives: a date or window with its derivation, or what it is blocked on."""

import datetime as dt

from pydantic import model_validator

from models.base import Value
from models.dateexpr import DateExpr
from models.evidence import Evidence


class Fact(Value):
    """A known (or itself computed) date that anchors refer to: what it is called, and where it was read."""

    label: str
    expr: DateExpr
    evidence: Evidence | None = None


class Step(Value):
    """One step of a derivation: ``text`` ("+ 36 months"), where it was read, and the date it gives."""

    text: str
    result: dt.date | None = None
    where: str = ""


class Resolved(Value):
    """A date (``earliest`` equals ``latest``) or a window; an open side is None. ``notes`` are for the reviewer:
    a convention that was applied, an ambiguity and the safe reading that was taken."""

    earliest: dt.date | None
    latest: dt.date | None
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "Resolved":
        if self.earliest and self.latest and self.earliest > self.latest:
            raise ValueError("a window must not end before it starts")
        return self

    @property
    def date(self) -> dt.date | None:
        """The date, where it is one day and not a window."""
        return self.earliest if self.earliest == self.latest else None


class Blocked(Value):
    """No date can be given: ``on`` is the key of each missing fact, ``reason`` a sentence for people."""

    on: tuple[str, ...]
    reason: str
