"""Names of the comings of a recurrence, that stay while its dates move.

A payment of March stays the payment of March when the fifth becomes the tenth: what was done stays done, and a
calendar moves the event it has in place of adding another. So a coming is named by its stretch of the calendar.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from models.dateexpr import DateExpr
from models.recurrence import parse_rule


def labels(expr: DateExpr, days: Sequence[dt.date]) -> list[str]:
    """A name for each day that a recurrence names: ``2025``, ``2025-03``, ``2025-W14`` or ``2025-04-02``.

    Where one stretch holds several (twice a month), the second and later ones are numbered: ``2025-03.2``.
    """
    frequency = _frequency(expr)
    met: Counter[str] = Counter()
    found = []
    for day in days:
        label = _label(frequency, day)
        met[label] += 1
        found.append(label if met[label] == 1 else f"{label}.{met[label]}")
    return found


def _frequency(expr: DateExpr) -> str:
    """How often the recurrence comes; the rule may name several months of a year."""
    node: object = expr
    while node is not None and getattr(node, "op", "") != "recurring":
        node = next((getattr(node, name) for name in ("base", "of", "start", "after") if hasattr(node, name)), None)
    if node is None:
        return "DAILY"
    rule = parse_rule(node.rrule)  # type: ignore[attr-defined]
    by_month = dict(rule.by).get("BYMONTH", "")
    return "MONTHLY" if rule.frequency == "YEARLY" and "," in by_month else rule.frequency


def _label(frequency: str, day: dt.date) -> str:
    match frequency:
        case "YEARLY":
            return f"{day:%Y}"
        case "MONTHLY":
            return f"{day:%Y-%m}"
        case "WEEKLY":
            return f"{day:%G-W%V}"
    return day.isoformat()
