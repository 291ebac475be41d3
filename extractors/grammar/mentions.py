"""Finds every value that a text mentions: periods, dates, money, rates, recurrences, counts.

``find_mentions`` walks the words once, and only where a value could begin (a digit, a number word, a month, a currency,
a recurrence word, a blank) asks the readers, in a fixed order: what a number is, its unit decides.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from extractors.grammar import dates, money, numbers, periods, recurrences
from extractors.grammar.dates import DateOrder, infer_order
from extractors.grammar.patterns import close_gaps
from extractors.grammar.recurrences import RecurrenceValue
from models.dateexpr import Ambiguous, DateExpr, Fixed, Incomplete
from models.money import Amount
from models.period import Period

__all__ = ["DateOrder", "Mention", "MentionKind", "MentionValue", "RecurrenceValue", "find_mentions", "infer_order"]


class MentionKind(StrEnum):
    """What a mention is."""

    PERIOD = "period"
    """Such as "thirty (30) days". Value: ``Period``, None where redacted or blank."""
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
    """A bare number of times or terms ("two (2) additional"). Value: ``int``."""


MentionValue = Period | Fixed | Incomplete | Ambiguous | Amount | RecurrenceValue | int | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A value read from ``text[start:end]``.

    ``other`` holds the readings that were not chosen: the figure's where word and figure disagree (``value`` is the
    word's), and the upper end of a range. Flags:

    - ``word_figure_conflict``: "sixty (90) days"
    - ``unit_missing``: "sixty (60) written notice"; a PERIOD whose ``value`` is the bare number
    - ``redacted``: "[***] days", ``value`` has no number; ``blank``: "____ days", "the ___ day of May, 2015"
    - ``range``: "30 to 60 days"; ``value`` is the lower end, ``other[0]`` the upper
      (an ``Amount`` has its own ``high``)
    - ``unit_shared``: the 60 of "60 and not more than 90 days"
    - ``ordinal``: "the thirtieth (30th) day"; ``anniversary``: "the third anniversary", three years
    - ``ambiguous_order``: 03/04/2025 and nothing decides which is the month
    - ``two_digit_year``: 10/1/99, read by the pivot of ``dates``
    - ``month_only``: "April 2010"; ``year_only``: "calendar year 2015"
    - ``calendar``: "thirty calendar days", said explicitly; ``contract``, ``fiscal``: years or quarters of such a kind;
      ``business``: a recurrence on business days
    - ``adjective``: a recurrence word before a noun ("annual report"); ``per``, ``any``: "per month",
      "any calendar year"; ``rolling``: "month-to-month"
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


Reader = Callable[[str, int, DateOrder | None], Mention | int | None]
"""Reads at a position: a mention, or where to go on when the words are understood and mean no value, or None."""

_COUNTED: Final = (
    r"\s*-?\s*(?:additional|successive|consecutive|further|renewals?|extensions?|times|terms?|periods?|options?|separate"
    r"|instal{1,2}ments?|equal|more|subsequent|automatic|optional|payments?|or\s+more\s+(?:successive|additional))\b"
)


@cache
def _tokens() -> re.Pattern[str]:
    """Words, and the signs a value can begin with. Everything else is passed over without a look."""
    return re.compile(r"[^\W_]+|[\[(]\s?\d|[\[<●•]|_{2,}|\*+|[$€£¥₹₩₪½¼¾]|\.\d")


def find_mentions(text: str, order: DateOrder | None = None) -> list[Mention]:
    """All mentions of ``text``, sorted, never overlapping. ``order`` decides dates such as 03/04/2025."""
    text = close_gaps(text)
    found: list[Mention] = []
    reached = 0
    reader_of = _readers().get
    for token in _tokens().finditer(text):
        word = token[0]
        reader = reader_of(word.lower())
        if reader is None:
            first = word[0]
            if first.isalpha():
                continue
            if first in "$€£¥₹₩₪":
                reader = _at_currency
            elif first in "[<_*●•":
                reader = _at_blank
            else:
                reader = _at_number
        start = token.start()
        if start < reached:
            continue
        read = reader(text, start, order)
        if isinstance(read, Mention):
            if read.start >= reached:  # "US$" begins before its sign
                found.append(read)
            reached = max(reached, read.end)
        elif read is not None:
            reached = read
    return found


@cache
def _readers() -> dict[str, Reader]:
    """Which reader a word calls, by the word in lower case."""
    table: dict[str, Reader] = dict.fromkeys(numbers.CARDINALS, _at_number)
    table |= dict.fromkeys(["a", "an", "another"], _at_article)
    table |= dict.fromkeys(numbers.ORDINALS, _at_ordinal)
    table |= dict.fromkeys(["last", "final"], _at_last)
    table |= dict.fromkeys([*dates.MONTH_NAMES], _at_month)
    table |= dict.fromkeys(recurrences.ADVERB_WORDS, _at_adverb)
    table |= dict.fromkeys(["half"], _at_half)
    table |= dict.fromkeys(["each", "every", "per", "any"], _at_each)
    table |= dict.fromkeys(["once", "twice", "thrice"], _at_times)
    table |= dict.fromkeys(["week", "month", "quarter"], _at_span)
    table |= dict.fromkeys(["year", "calendar", "fiscal", "financial"], _at_year)
    table |= dict.fromkeys([*(code.lower() for code in money.CODES), "rs"], _at_currency)
    return table


def _recurrence(start: int, read: recurrences.ReadRecurrence | None) -> Mention | None:
    return Mention(MentionKind.RECURRENCE, start, read.end, read.value, read.flags) if read else None


def _period(start: int, read: periods.ReadPeriod | None) -> Mention | None:
    return Mention(MentionKind.PERIOD, start, read.end, read.value, read.flags, read.other) if read else None


def _money(kind: MentionKind, start: int, read: money.ReadMoney | None) -> Mention | None:
    return Mention(kind, start, read.end, read.value, read.flags, read.other) if read else None


def _dated(text: str, start: int, read: dates.ReadDate | None) -> Mention | None:
    """A date; days of the year that come back ("June 30 and December 31 of each year") are one recurrence."""
    if read is None:
        return None
    if not read.yearless:
        return Mention(MentionKind.DATE, start, read.end, read.value, read.flags)
    days, end = [_month_and_day(read)], read.end
    for _ in range(11):
        separator = recurrences.list_separator().match(text, end)
        following = dates.read_date(text, separator.end()) if separator else None
        if following is None or not following.yearless:
            break
        days.append(_month_and_day(following))
        end = following.end
    finish = recurrences.each_year(text, end)
    value = recurrences.yearly_on(days) if finish is not None else None
    if value is not None and finish is not None:
        return Mention(MentionKind.RECURRENCE, start, finish, value)
    return Mention(MentionKind.MONTH_DAY, start, read.end, read.value, read.flags)


def _month_and_day(read: dates.ReadDate) -> tuple[int, int]:
    value = read.value
    assert isinstance(value, Incomplete)
    assert value.month is not None
    assert value.day is not None
    return value.month, value.day


def _at_month(text: str, start: int, order: DateOrder | None) -> Mention | int | None:
    return _dated(text, start, dates.read_date(text, start, order))


def _at_currency(text: str, start: int, _order: DateOrder | None) -> Mention | int | None:
    read = money.read_symbol_money(text, start)
    return _money(MentionKind.MONEY, *read) if read else None


def _at_adverb(text: str, start: int, _order: DateOrder | None) -> Mention | int | None:
    return _recurrence(start, recurrences.read_adverb(text, start))


def _at_half(text: str, start: int, order: DateOrder | None) -> Mention | int | None:
    return _at_adverb(text, start, order) or _at_article(text, start, order)


def _at_article(text: str, start: int, order: DateOrder | None) -> Mention | int | None:
    if text[start + 1 : start + 2] not in ("n", "N"):
        number = numbers.read_number(text, start)
        if number is not None:
            return _measured(text, number)
    return _period(start, periods.read_article_period(text, start)) or _at_each(text, start, order)


def _at_each(text: str, start: int, order: DateOrder | None) -> Mention | int | None:
    found = recurrences.read_each(text, start)
    if found is not None:
        return _recurrence(start, found)
    if text[start] not in "eE":
        return None
    # "each January 1": the day comes back every year.
    gap = _each_gap().match(text, start)
    day = dates.read_date(text, gap.end(), order) if gap else None
    if day is None or not day.yearless:
        return None
    value = recurrences.yearly_on([_month_and_day(day)])
    return Mention(MentionKind.RECURRENCE, start, day.end, value) if value else None


@cache
def _each_gap() -> re.Pattern[str]:
    return re.compile(rf"(?:each|every)\s+(?:(?:successive|subsequent|such)\s+)?(?=\d|{dates.MONTH})", re.IGNORECASE)


def _at_times(text: str, start: int, _order: DateOrder | None) -> Mention | int | None:
    return _recurrence(start, recurrences.read_times(text, start))


def _at_span(text: str, start: int, _order: DateOrder | None) -> Mention | int | None:
    return _recurrence(start, recurrences.read_rolling(text, start))


def _at_year(text: str, start: int, order: DateOrder | None) -> Mention | int | None:
    return _dated(text, start, dates.read_year(text, start)) or _at_span(text, start, order)


def _at_last(text: str, start: int, _order: DateOrder | None) -> Mention | int | None:
    found = recurrences.read_day_of_each(text, start)
    if found is not None:
        return _recurrence(start, found)
    return _dated(text, start, dates.read_last_day(text, start))


def _at_ordinal(text: str, start: int, order: DateOrder | None) -> Mention | int | None:
    found = _recurrence(start, recurrences.read_day_of_each(text, start))
    if found is not None:
        return found
    date = _dated(text, start, dates.read_date(text, start, order))
    if date is not None:
        return date
    number = numbers.read_number(text, start)
    if number is None:
        return None
    if not number.ordinal:
        return _measured(text, number)
    if _day_of_something().match(text, number.end):
        return number.end  # "the first day of the Term" is no length of time
    return _period(start, periods.read_anniversary(text, number) or periods.read_period(text, number))


@cache
def _day_of_something() -> re.Pattern[str]:
    return re.compile(r"\s+(?:calendar\s+|business\s+)?day\s+of\b", re.IGNORECASE)


def _at_number(text: str, start: int, order: DateOrder | None) -> Mention | int | None:
    """A figure, a number in words, or a blank: a date, a day of each month, money, a rate, a period or a count."""
    first = text[start]
    if first.isdecimal() or first in "_[<●*":
        date = _dated(text, start, dates.read_date(text, start, order))
        if date is not None:
            return date
    number = numbers.read_number(text, start)
    if number is None:
        return None
    if number.ordinal or (first.isdecimal() and recurrences.could_be_day(text, number.end)):
        found = recurrences.read_day_of_each(text, start)
        if found is not None:
            return _recurrence(start, found)
    if number.ordinal:
        return _at_ordinal(text, start, order)
    return _measured(text, number)


@cache
def _blank_ahead() -> re.Pattern[str]:
    """A blank or redaction, or a number in square brackets, with something behind it that can make it a value."""
    return re.compile(
        rf"(?:{numbers.REDACTION}|\[\s*\d+\s*\])(?:\s*[\(\[](?:[^()\[\]\n]{{0,20}}|\s?\[[^()\[\]\n]{{0,20}}\]\s?)[\)\]])?(?:\s?(?:st|nd|rd|th)\b)?[\s\-–,]*(?:of\s+)?"
        rf"(?:%|/|per\s?cent|\d|{periods.ADJECTIVE}\b|{periods.UNIT}\b|{dates.MONTH}\b|dollars|euros|U\.?S|[\[_])",
        re.IGNORECASE,
    )


def _at_blank(text: str, start: int, order: DateOrder | None) -> Mention | int | None:
    """A redaction or blank. Whole pages can be full of them, so most are passed over after one look."""
    return _at_number(text, start, order) if _blank_ahead().match(text, start) else None


@cache
def _counted() -> re.Pattern[str]:
    return re.compile(_COUNTED, re.IGNORECASE)


@cache
def _hours() -> re.Pattern[str]:
    return re.compile(r"\s*-?\s*(?:consecutive\s+)?(?:hours?|hrs?|minutes?|mins|seconds?)\b", re.IGNORECASE)


@cache
def _notice() -> re.Pattern[str]:
    return re.compile(r"['’]?\s+(?:prior\s+|advance\s+)?(?:prior\s+)?(?:written\s+)?notice\b(?!s)", re.IGNORECASE)


@cache
def _reference() -> re.Pattern[str]:
    """Before a figure that names a place in the contract."""
    return re.compile(
        r"(?:\b(?:sections?|clauses?|articles?|exhibits?|schedules?|paragraphs?|appendix|annex|no\.|item|page|form|rule|part)\s+|[§#]\s?"
        r"|\d[.,:/-]|[A-Za-z]-)$",
        re.IGNORECASE,
    )


def _measured(text: str, number: numbers.Number) -> Mention | int | None:
    """What ``number`` is, by what follows it."""
    start = number.start
    if text[start].isdecimal() and _reference().search(text[max(0, start - 12) : start]):
        return number.end if not text[number.end : number.end + 1].isalpha() else None
    found = _money(MentionKind.RATE, start, money.read_rate(text, number)) or _money(
        MentionKind.MONEY, start, money.read_number_money(text, number)
    )
    if found is not None:
        return found
    period = _period(start, periods.read_period(text, number))
    if period is not None:
        return period
    if hours := _hours().match(text, number.end):
        return hours.end()
    if number.value is None or number.value.denominator != 1:
        return None
    count = int(number.value)
    times = recurrences.read_times(text, number.end, count)
    if times is not None:
        return _recurrence(start, times)
    conflict = ("word_figure_conflict",) if number.conflict else ()
    other = (int(number.figure),) if number.conflict and number.figure is not None else ()
    both = number.word is not None and number.figure is not None
    if (both or number.bracket) and _notice().match(text, number.end):
        return Mention(MentionKind.PERIOD, start, number.end, count, ("unit_missing", *conflict), other)
    if number.word is None and (text[number.end : number.end + 2].strip()[:1].isupper() or count > 20):
        return None  # "10 Term and Termination" is a heading
    if count <= 100 and not number.bracket and (_counted().match(text, number.end) or _counts_periods(text, number)):
        return Mention(MentionKind.COUNT, start, number.end, count, conflict, other)
    return None


def _counts_periods(text: str, number: numbers.Number) -> bool:
    """Whether a length follows: "three one-year terms", "two (2) one (1) year renewals"."""
    gap = re.compile(r"\s+").match(text, number.end)
    following = numbers.read_number(text, gap.end()) if gap and number.word is not None else None
    return following is not None and not following.ordinal and periods.read_period(text, following, 3) is not None
