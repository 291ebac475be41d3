"""Reads whole timing expressions: an offset, a direction and an anchor; windows; recurrences with their due days.

"within thirty (30) days after receipt of an invoice" is one timing: ``Within(INVOICE_RECEIPT, 30 days, after)``.
Timings are looked for at every mention of a length, a date or a recurrence, and at the few words that can open one
without ("upon execution of this Agreement", "net 30"). Where two overlap, the one that begins first is kept.
"""

from bisect import bisect_right
from collections.abc import Sequence

from extractors.grammar.context import Context
from extractors.grammar.dated import read_date_timing, read_recurrence
from extractors.grammar.mentions import Mention, MentionKind
from extractors.grammar.offsets import read_offset
from extractors.grammar.openings import find_openings
from extractors.grammar.patterns import close_gaps
from extractors.grammar.redacted import find_redacted
from extractors.grammar.timed import Timing
from models.dateexpr import Anchor

__all__ = ["Timing", "find_timings"]


def find_timings(text: str, mentions: Sequence[Mention]) -> list[Timing]:
    """All timings of ``text``, sorted, never overlapping, given ``find_mentions`` of the same text."""
    ctx = Context.of(close_gaps(text), mentions, read_mention)
    found = [*find_openings(ctx), *find_redacted(ctx)]
    for mention in mentions:
        timing = read_mention(ctx, mention)
        if timing is not None:
            found.append(timing)
    found.sort(key=lambda timing: (timing.start, -timing.end))
    lengths = sorted(timing.start for timing in found if timing.offset is not None)
    kept: list[Timing] = []
    reached = 0
    for timing in found:
        if timing.rule == "opening" and isinstance(timing.expr, Anchor) and _holds(lengths, timing):
            continue  # an event's words ran into the offset that follows it
        if timing.start >= reached:
            kept.append(timing)
            reached = timing.end
    return kept


def _holds(starts: Sequence[int], timing: Timing) -> bool:
    """Whether one of ``starts`` lies inside ``timing``."""
    index = bisect_right(starts, timing.start)
    return index < len(starts) and starts[index] < timing.end


def read_mention(ctx: Context, mention: Mention, depth: int = 0) -> Timing | None:
    """The timing that a mention opens."""
    match mention.kind:
        case MentionKind.PERIOD if not isinstance(mention.value, int):
            return read_offset(ctx, mention, depth)
        case MentionKind.DATE | MentionKind.MONTH_DAY:
            return read_date_timing(ctx, mention)
        case MentionKind.RECURRENCE:
            return read_recurrence(ctx, mention, depth)
        case _:
            return None
