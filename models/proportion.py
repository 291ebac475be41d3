"""Shares of a count, with how far they may be off."""

import math
from dataclasses import dataclass

Z95 = 1.959963984540054
"""Standard normal quantile of a two-sided interval of 95 per cent."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """``count`` of ``total``, with the bounds of its interval. Without any, everything between 0 and 1 is possible."""

    count: int
    total: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The share, None of nothing."""
        return self.count / self.total if self.total else None


def wilson(count: int, total: int, z: float = Z95) -> Proportion:
    """Wilson's score interval of a share (E. B. Wilson, JASA 22, 1927): sound for few and for extreme shares too."""
    if not 0 <= count <= total:
        raise ValueError("a part is not larger than the whole")
    if total == 0:
        return Proportion(0, 0, 0.0, 1.0)
    share = count / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if count == 0 else max(0.0, (middle - spread) / scale)
    high = 1.0 if count == total else min(1.0, (middle + spread) / scale)
    return Proportion(count, total, low, high)
