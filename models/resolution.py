"""What resolving an expression gives: a date or window with its derivation, or what it is blocked on."""

import datetime as dt
from collections.abc import Sequence

from pydantic import model_validator

from models.base import Value
from models.dateexpr import DateExpr
from models.evidence import Evidence


class Conventions(Value):
    """Readings of the law that a contract seldom settles itself; set once, for a whole installation.

    ``inclusive_term_end``: whether the anniversary is still part of a term. Three years from 10 Feb 2014 end on
    10 Feb 2017 if so (the default), else on the day before, and the derivation then reads "+ 3 years less a day".
    """

    inclusive_term_end: bool = True


class Fact(Value):
    """A known (or itself computed) date that anchors refer to: what it is called, and where it was read.

    ``note`` is said wherever the fact is used ("effective date not stated: agreement date taken").
    """

    label: str
    expr: DateExpr
    evidence: Evidence | None = None
    note: str | None = None

    @property
    def where(self) -> str:
        """Short reference for people, empty for a fact that a person supplied."""
        return self.evidence.where if self.evidence else ""


class Step(Value):
    """One step of a derivation: ``text`` ("+ 36 months"), where it was read, and the date or window it gives.

    ``stated`` marks a date that was read, not computed; ``text`` is then its name.
    """

    text: str
    earliest: dt.date | None = None
    latest: dt.date | None = None
    where: str = ""
    stated: bool = False

    @property
    def result(self) -> dt.date | None:
        """The date, where the step gives one day and not a window."""
        return self.earliest if self.earliest == self.latest else None


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

    def with_notes(self, *notes: str) -> "Resolved":
        """The same result with notes added, each said once."""
        merged = tuple(dict.fromkeys((*self.notes, *notes)))
        return self if merged == self.notes else self.model_copy(update={"notes": merged})


class Blocked(Value):
    """No date can be given: ``on`` is the key of each missing fact, ``reason`` a sentence for people.

    ``missing`` names the same facts in words. Both are empty where nothing is missing but no date exists all the
    same: a window that ends before it starts, a month without a fifth Friday.
    """

    on: tuple[str, ...]
    reason: str
    missing: tuple[str, ...] = ()

    @property
    def phrase(self) -> str:
        """What is waited for, in a few words: "Acceptance of Deliverable 2", "effective date not stated"."""
        return "; ".join(self.missing) or self.reason.rstrip(".")

    @classmethod
    def waiting(cls, on: Sequence[str], missing: Sequence[str]) -> "Blocked":
        """Blocked on facts that are not known, by their keys and in words."""
        return cls(on=tuple(on), missing=tuple(missing), reason=f"No date can be given yet: {'; '.join(missing)}.")

    @classmethod
    def impossible(cls, why: str) -> "Blocked":
        """Blocked for good: no fact would help."""
        return cls(on=(), reason=f"No date can be given: {why}.")

    @classmethod
    def merged(cls, blocked: Sequence["Blocked"]) -> "Blocked":
        """All that several operands wait for, once each."""
        if len(blocked) == 1:
            return blocked[0]
        on = tuple(dict.fromkeys(key for one in blocked for key in one.on))
        missing = tuple(dict.fromkeys(words for one in blocked for words in (one.missing or (one.phrase,))))
        return cls.waiting(on, missing)
