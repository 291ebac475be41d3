"""Turns a candidate's score into the chance that the answer is right.

``rules/confidence.yaml`` holds, for each field and state, steps ``[score, confidence]`` (isotonic, rising), fitted by
``milepost evaluate --calibrate`` on labelled contracts with cross-validation. Without a table the score itself is used.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import JsonValue


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
