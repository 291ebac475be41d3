"""How often a password may be tried: counted by address, by name, and by both, in this process' memory."""

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class TooManyAttempts(Exception):  # noqa: N818 - it names what happened
    """Sign-in was tried too often; ``seconds`` until the next try is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many attempts to sign in. Try again in {_spoken(seconds)}.")
        self.seconds = seconds


class Throttle:
    """Bounds on attempts to sign in.

    An attempt counts before its password is looked at, so that many at once gain nothing; one that succeeds clears
    the count of its name and address. The bound on a name alone is wide: it must stop a guess from many addresses,
    but not make it easy to lock a colleague out.
    """

    def __init__(
        self, both: str = "5 per 5 minutes", address: str = "30 per 5 minutes", name: str = "50 per 1 hour"
    ) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._both, self._address, self._name = parse(both), parse(address), parse(name)

    def attempt(self, address: str, name: str) -> None:
        """Count an attempt. Raises TooManyAttempts instead of letting it through."""
        for item, key in (
            (self._address, ("address", address)),
            (self._both, ("both", address, name)),
            (self._name, ("name", name)),
        ):
            if not self._limiter.hit(item, *key):
                raise TooManyAttempts(self._wait(item, *key))

    def succeeded(self, address: str, name: str) -> None:
        """The password was right: earlier slips of this person are forgiven."""
        self._limiter.clear(self._both, "both", address, name)

    def _wait(self, item: RateLimitItem, *key: str) -> int:
        reset = self._limiter.get_window_stats(item, *key).reset_time
        return max(1, math.ceil(reset - time.time()))


def _spoken(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    if seconds < 60:
        return "a minute"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
