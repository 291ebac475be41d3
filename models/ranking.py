"""What matters most: a number for each milestone, and the reasons for it.

The weights are policy, and data (``rules/ranking.yaml``). Nothing here knows today: nearness counts where the caller
says as of which day.
"""

import datetime as dt
import math
from decimal import Decimal

from pydantic import Field

from models.base import Value
from models.contract import Milestone, MilestoneKind, Rank


class RankPolicy(Value):
    """Points for what makes a milestone matter; the sum is held between 0 and ``most``.

    ``consequences``: points and words for each consequence that extraction names. ``amount_from`` is where amounts
    begin to count; each tenfold of it adds ``amount_tenfold``, up to ``amount_most``. ``near``: points by days left,
    the smallest number of days that fits. ``past`` counts against what fell due before that day.
    """

    most: int = 100
    kinds: dict[MilestoneKind, int]
    consequences: dict[str, tuple[int, str]] = Field(default_factory=dict)
    amount_from: Decimal = Decimal(1_000)
    amount_tenfold: int = 5
    amount_most: int = 15
    rate: int = 0
    recurring: int = 0
    vague: int = 0
    near: dict[int, int] = Field(default_factory=dict)
    past: int = 0


def due_day(milestone: Milestone, as_of: dt.date | None = None) -> dt.date | None:
    """The day to act by: when to send, else the deadline; the next one that is left where there are several."""
    first = milestone.send_by or milestone.date or milestone.latest or milestone.earliest
    if as_of is None or first is None or first >= as_of:
        return first
    later = [cycle.send_by or cycle.latest for cycle in milestone.cycles]
    return min((day for day in (*later, *milestone.occurrences) if day and day >= as_of), default=first)


def rank(milestone: Milestone, policy: RankPolicy, as_of: dt.date | None = None) -> Rank:
    """How much a milestone matters, and why, the weightiest reason first."""
    reasons: list[tuple[int, str]] = [(policy.kinds.get(milestone.kind, 0), str(milestone.kind))]
    for name in milestone.consequences:
        if name in policy.consequences:
            reasons.append(policy.consequences[name])
    if (amount := _amount(milestone, policy)) is not None:
        reasons.append(amount)
    if milestone.recurrence:
        reasons.append((policy.recurring, f"comes back ({milestone.recurrence.replace('_', ' ')})"))
    if milestone.vague:
        reasons.append((policy.vague, f"vague: {', '.join(milestone.vague)}"))
    due = due_day(milestone, as_of)
    if as_of is not None and due is not None:
        reasons.append(_nearness((due - as_of).days, policy))
    score = max(0, min(policy.most, sum(points for points, _ in reasons)))
    first, *others = reasons
    told = [words for points, words in sorted(others, key=lambda one: -abs(one[0])) if points]
    return Rank(score=score, reasons=(first[1], *told))


def _amount(milestone: Milestone, policy: RankPolicy) -> tuple[int, str] | None:
    amount = milestone.amount
    if amount is None:
        return None
    value = amount.high or amount.value
    if value is None:
        return (policy.rate, amount.rate) if amount.rate else None
    if value <= policy.amount_from:
        return 0, amount.text
    tenfolds = math.log10(value / policy.amount_from)
    return min(policy.amount_most, round(policy.amount_tenfold * tenfolds)), amount.text


def _nearness(days: int, policy: RankPolicy) -> tuple[int, str]:
    if days < 0:
        return policy.past, f"was due {_days(-days)} ago"
    points = next((points for limit, points in sorted(policy.near.items()) if days <= limit), 0)
    return points, f"due in {_days(days)}" if days else "due today"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
