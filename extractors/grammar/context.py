"""A text with its mentions, and what an offset hangs on: shared by the readers of timings."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from extractors.grammar.mentions import Mention
from extractors.grammar.timed import Timing
from models.contract import Recurrence
from models.dateexpr import DateExpr


@dataclass(frozen=True, slots=True)
class Context:
    """A text with its mentions, for looking up what stands at a place."""

    text: str
    mentions: Sequence[Mention]
    at: dict[int, Mention]
    starts: list[int]
    read: "Callable[[Context, Mention, int], Timing | None]"
    """Reads the timing a mention opens, at a depth: how anchors read the offsets inside them."""

    @classmethod
    def of(
        cls, text: str, mentions: Sequence[Mention], read: "Callable[[Context, Mention, int], Timing | None]"
    ) -> "Context":
        """Index ``mentions`` by where they begin."""
        return cls(text, mentions, {mention.start: mention for mention in mentions}, [m.start for m in mentions], read)

    def next_from(self, position: int) -> Mention | None:
        """The first mention that begins at ``position`` or later."""
        index = bisect_left(self.starts, position)
        return self.mentions[index] if index < len(self.mentions) else None


class ReadAnchor(NamedTuple):
    """What an offset hangs on, read up to ``end``; ``recurrence`` where it comes back."""

    end: int
    expr: DateExpr
    words: str
    recurrence: Recurrence | None = None
    rrule: str | None = None
    flags: tuple[str, ...] = ()
    inner: Timing | None = None
    """The offset that the words themselves hold ("the date that is 30 days after delivery")."""
