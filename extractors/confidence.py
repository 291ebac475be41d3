"""Turns the score of an answer into the chance that it is right.

``rules/confidence.yaml`` holds, for each field and state of a term and for milestones, steps ``[score, confidence]``
(isotonic, rising), fitted by ``milepost evaluate --calibrate`` on labelled contracts; it says how well the steps do on
contracts they were not fitted on. Without a table the score itself is used.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from models.contract import TermState

MILESTONE = "milestone.found"
"""Names the steps of all milestones."""


def term_key(field: str, state: str) -> str:
    """Names the steps of a term. One that waits for a fact was found: what it waits for is not its doubt."""
    return f"{field}.{TermState.FOUND if state == TermState.BLOCKED else state}"


def calibrated(data: Mapping[str, JsonValue], key: str, score: float) -> float:
    """The confidence of an answer named ``key`` (``"expiration_date.found"``) with ``score``; linear between steps."""
    table = data.get("confidence")
    steps = table.get(key) if isinstance(table, dict) else None
    if not steps:
        return round(min(max(score, 0.0), 1.0), 4)
    points = cast(Sequence[Sequence[float]], steps)
    at = bisect_right([point[0] for point in points], score)
    if at == 0:
        return points[0][1]
    if at == len(points):
        return points[-1][1]
    (low, a), (high, b) = points[at - 1], points[at]
    return round(a + (b - a) * (score - low) / (high - low), 4)
