"""Finds every value that a text mentions: periods, dates, money, rates, recurrences, counts.

``find_mentions`` first looks for places where a value could begin (a digit, a number word, a month, a currency, a
recurrence word, a blank) and only there asks the readers, longest reading first.
"""

from dataclasses import dataclass
from enum import StrEnum

from models.contract import Recurrence
from models.dateexpr import Ambiguous, DateExpr, Fixed, Incomplete
from models.money import Amount
from models.period import Period


class DateOrder(StrEnum):
    """Which of day and month comes first in a numeric date."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class MentionKind(StrEnum):
    """What a mention is."""

    PERIOD = "period"
    """"thirty (30) days". Value: ``Period``, None where redacted or blank."""
    DATE = "date"
    """A date with a year (or a blank where the year should be). Value: ``Fixed``, ``Incomplete`` or ``Ambiguous``."""
    MONTH_DAY = "month_day"
    """A day of the year without a year ("31 December"). Value: ``Incomplete`` with month and day, no year."""
    MONEY = "money"
    """Value: ``Amount``."""
    RATE = "rate"
    """A percentage with what it is of. Value: ``Amount`` with ``rate``."""
    RECURRENCE = "recurrence"
    """Value: ``RecurrenceValue``."""
    COUNT = "count"
    """A bare number ("two (2) additional"). Value: ``int``."""


@dataclass(frozen=True, slots=True)
class RecurrenceValue:
    """How often: the word people use (None for rhythms that have none, such as daily) and an RFC 5545 RRULE.

    The rule has BY parts only where the words give them ("on the first day of each month"); "each calendar quarter"
    means the last days of March, June, September and December.
    """

    recurrence: Recurrence | None
    rrule: str


MentionValue = Period | Fixed | Incomplete | Ambiguous | Amount | RecurrenceValue | int | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A value read from ``text[start:end]``.

    ``other`` holds the readings that were not chosen: the figure where word and figure disagree (``value`` is the word's
    reading), the upper end of a range. Flags:

    - ``word_figure_conflict``: "sixty (90) days"
    - ``unit_missing``: "(60) written notice"; the number has no unit and ``value`` is the number
    - ``redacted``: "[***] days", ``value`` has no number; ``blank``: "____ days", "the ___ day of May, 2015"
    - ``range``: "30 to 60 days"; ``value`` is the lower end, ``other[0]`` the upper
    - ``ambiguous_order``: 03/04/2025 and nothing decides which is the month
    - ``two_digit_year``: 10/1/99; ``implausible_year``: a year outside 1900 to 2199
    - ``month_only``: "April 2010"; ``year_only``
    - ``calendar``: "thirty calendar days", said explicitly
    - ``rounded``: an hour or fraction could not be kept exactly
    """

    kind: MentionKind
    start: int
    end: int
    value: MentionValue
    flags: tuple[str, ...] = ()
    other: tuple[MentionValue, ...] = ()

    @property
    def period(self) -> Period | None:
        """The value as a period, None if it is something else."""
        return self.value if isinstance(self.value, Period) else None

    @property
    def date(self) -> DateExpr | None:
        """The value as a date expression, None if it is something else."""
        return self.value if isinstance(self.value, Fixed | Incomplete | Ambiguous) else None

    @property
    def amount(self) -> Amount | None:
        """The value as an amount (money or rate), None if it is something else."""
        return self.value if isinstance(self.value, Amount) else None

    @property
    def recurrence(self) -> RecurrenceValue | None:
        """The value as a recurrence, None if it is something else."""
        return self.value if isinstance(self.value, RecurrenceValue) else None


def find_mentions(text: str, order: DateOrder | None = None) -> list[Mention]:
    """All mentions of ``text``, sorted, never overlapping. ``order`` decides dates such as 03/04/2025."""
    raise NotImplementedError


def infer_order(text: str) -> DateOrder | None:
    """Order of day and month, from the numeric dates of the whole document that have one reading only.

    None when there is no such date, or when they disagree.
    """
    raise NotImplementedError
