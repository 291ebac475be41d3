"""When a notice must be sent to be in time, in the current term and in those to come.

A notice counts when it is received. The day to send it by is the last one from which it still is: the deadline less
the days until it is deemed received. Working days are counted back from a working day, for a notice that would be
deemed received over a weekend is received after it. What goes by post is sent on a working day.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import islice

from models.contract import Milestone, MilestoneKind
from models.cycles import Cycle, RollingTerm
from models.dateexpr import DateExpr, Fixed, Rolled, RollRule, Shift
from models.derivation import date_words, steps_words
from models.period import Direction
from models.resolution import Blocked, Resolved
from models.resolve import Resolver
from models.sending import NoticeCycle, Sending

CYCLES = 4
"""Terms whose notice is looked ahead at: the current one and the next."""
_OF_THE_TERM = ('"name":"term_end"', '"name":"renewal_start"')


def sending_deadline(latest: dt.date, sending: Sending, resolver: Resolver) -> Resolved | None:
    """The last day to send a notice that must be received by ``latest``; None where its way is not known."""
    if sending.takes is None:
        return None
    expr: DateExpr = Fixed(date=latest)
    if sending.takes.business and sending.takes.count:
        expr = Rolled(of=expr, rule=RollRule.PRECEDING)
    if sending.takes.count:
        expr = Shift(base=expr, period=sending.takes, direction=Direction.BEFORE)
    if sending.by_post and not sending.takes.business:
        expr = Rolled(of=expr, rule=RollRule.PRECEDING)
    outcome = resolver.resolve(expr)
    return outcome if isinstance(outcome, Resolved) else None


def with_send_by(milestone: Milestone, resolver: Resolver) -> Milestone:
    """The milestone with the day to send its notice by, shown in the derivation; without a deadline it has none."""
    latest = milestone.date or milestone.latest
    if milestone.sending is None or latest is None or milestone.blocked_on:
        return milestone
    sent = sending_deadline(latest, milestone.sending, resolver)
    if sent is None or sent.date is None:
        return milestone
    words = f"send by ({_why(milestone.sending)})"
    counted = steps_words(sent.steps[1:])
    words += f": {counted}" if counted else f" = {date_words(sent.date)}"
    notes = "".join(f" [{note}]" for note in sent.notes if note not in (milestone.derivation or ""))
    told = f"{milestone.derivation}; {words}{notes}" if milestone.derivation else f"{words}{notes}"
    return milestone.model_copy(update={"send_by": sent.date, "derivation": told})


def notice_cycles(milestone: Milestone, terms: Sequence[tuple[Cycle, Resolver]]) -> tuple[NoticeCycle, ...]:
    """The deadlines of a notice about the end of a term, for each of ``terms``; none for any other milestone."""
    if milestone.kind is not MilestoneKind.NOTICE or milestone.expr is None or not _is_of_the_term(milestone.expr):
        return ()
    found = []
    for cycle, resolver in terms:
        outcome = resolver.resolve(milestone.expr, milestone.evidence[0].where)
        if isinstance(outcome, Blocked):
            break
        sent = None
        if outcome.latest and milestone.sending:
            sent = sending_deadline(outcome.latest, milestone.sending, resolver)
        found.append(
            NoticeCycle(
                number=cycle.number,
                term_start=cycle.start,
                term_end=cycle.end,
                # A single day is a deadline: any day until then.
                earliest=None if outcome.date else outcome.earliest,
                latest=outcome.latest,
                send_by=sent.date if sent else None,
            )
        )
    return tuple(found)


def terms_ahead(
    rolling: RollingTerm, as_of: dt.date | None = None, limit: int = CYCLES
) -> list[tuple[Cycle, Resolver]]:
    """The terms about whose end notice can be given, from the one of ``as_of`` (else the initial one) on.

    Notice about the end of a term that does not renew by itself (to exercise an option) is given in that term alone.
    """
    return [
        (cycle, rolling.resolver_in(cycle))
        for cycle in islice(rolling.cycles(as_of), limit)
        if cycle.end is not None and rolling.rolls_after(cycle)
    ]


def _is_of_the_term(expr: DateExpr) -> bool:
    dumped = expr.model_dump_json()
    return any(name in dumped for name in _OF_THE_TERM)


def _why(sending: Sending) -> str:
    where = sending.evidence.where if sending.evidence and sending.stated else ""
    return ", ".join(part for part in (sending.slowest, sending.why, where) if part)
