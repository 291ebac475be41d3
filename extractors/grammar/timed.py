"""The value that reading a timing gives."""

from dataclasses import dataclass

from models.contract import Recurrence
from models.dateexpr import DateExpr
from models.period import Direction, Period


@dataclass(frozen=True, slots=True)
class Timing:
    """When something happens, as ``text[start:end]`` says it.

    ``expr`` is the meaning. ``offset``, ``direction`` and ``anchor`` (the contract's words, without article) are its
    parts as stated, for people and for rules; for a window ``offset`` is that of its deadline, the latest side.
    ``recurrence`` and ``rrule`` are filled where it comes back. ``cue`` is the word that opened it, in lower case
    ("within", "at least", "upon", "by", "for", ...), empty where none did. ``rule`` names how it was read.

    Flags: those of the mentions inside, and

    - ``minimum``: "at least 90 days before", the offset may be longer; ``maximum``: "no later than 10 days after"
    - ``deadline``: a date with "by", "on or before", "no later than"
    - ``notice``: the length is said of a notice ("90 days' prior written notice")
    - ``open_anchor``: the anchor is not said ("within 30 days"); ``expr`` then hangs on an event named by these words
    - ``period_only``: "for a period of two years" with no start; ``expr`` hangs on an event as above
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
    rule: str = ""
