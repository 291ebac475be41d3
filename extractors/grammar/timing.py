"""Reads whole timing expressions: an offset, a direction and an anchor; windows; recurrences with their due days.

"within thirty (30) days after receipt of an invoice" is one timing: ``Within(INVOICE_RECEIPT, 30 days, after)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from extractors.grammar.mentions import Mention
from models.contract import Recurrence
from models.dateexpr import DateExpr
from models.period import Direction, Period


@dataclass(frozen=True, slots=True)
class Timing:
    """When something happens, as ``text[start:end]`` says it.

    ``expr`` is the meaning. ``offset``, ``direction`` and ``anchor`` (the contract's words, without articles) are its
    parts as stated, for people and for rules: for a window ``offset`` is the side
    that binds first (the earlier deadline).
    ``recurrence`` and ``rrule`` are filled where it comes back. ``cue`` is the word that opened it in lower case
    ("within", "at least", "upon", "by", "for", ...), empty where none. Flags: those of the mentions inside, and
    ``minimum`` ("at least 90 days before": the offset may be longer), ``maximum``, ``open_anchor`` (a bare
    "within 30 days": the anchor is not said and ``expr`` hangs on the event named by the words), ``period_only``
    ("for a period of two years": no anchor said).
    """

    start: int
    end: int
    expr: DateExpr
    offset: Period | None = None
    direction: Direction | None = None
    anchor: str | None = None
    recurrence: Recurrence | None = None
    rrule: str | None = None
    flags: tuple[str, ...] = ()
    cue: str = ""


def find_timings(text: str, mentions: Sequence[Mention]) -> list[Timing]:
    """All timings of ``text``, sorted, never overlapping, given ``find_mentions`` of the same text."""
    raise NotImplementedError
