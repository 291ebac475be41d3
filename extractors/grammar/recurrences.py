"""How often something comes back: "monthly", "each calendar quarter", "on the first day of each month"."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from extractors.grammar.numbers import ORDINAL_WORDS, ordinal, read_number
from extractors.grammar.patterns import spaced
from extractors.grammar.periods import UNIT, read_period
from models.contract import Recurrence
from models.period import Period, Unit


@dataclass(frozen=True, slots=True)
class RecurrenceValue:
    """How often: the word people use (None for rhythms that have none, such as daily) and an RFC 5545 RRULE.

    The rule has BY parts only where the words give them: "on the first day of each month" has ``BYMONTHDAY=1``,
    "quarterly" is every three months from some start.
    """

    recurrence: Recurrence | None
    rrule: str


class ReadRecurrence(NamedTuple):
    """A recurrence that ends at ``end`` of the text."""

    end: int
    value: RecurrenceValue
    flags: tuple[str, ...] = ()


QUARTER_ENDS: Final = "BYMONTH=3,6,9,12;BYMONTHDAY=-1"
_WORKDAYS: Final = "BYDAY=MO,TU,WE,TH,FR"
_ADVERBS: Final = {
    "daily": (None, "FREQ=DAILY"),
    "weekly": (Recurrence.WEEKLY, "FREQ=WEEKLY"),
    "biweekly": (None, "FREQ=WEEKLY;INTERVAL=2"),
    "fortnightly": (None, "FREQ=WEEKLY;INTERVAL=2"),
    "monthly": (Recurrence.MONTHLY, "FREQ=MONTHLY"),
    "bimonthly": (None, "FREQ=MONTHLY;INTERVAL=2"),
    "quarterly": (Recurrence.QUARTERLY, "FREQ=MONTHLY;INTERVAL=3"),
    "semiannual": (Recurrence.SEMIANNUAL, "FREQ=MONTHLY;INTERVAL=6"),
    "semiannually": (Recurrence.SEMIANNUAL, "FREQ=MONTHLY;INTERVAL=6"),
    "biannual": (Recurrence.SEMIANNUAL, "FREQ=MONTHLY;INTERVAL=6"),
    "biannually": (Recurrence.SEMIANNUAL, "FREQ=MONTHLY;INTERVAL=6"),
    "halfyearly": (Recurrence.SEMIANNUAL, "FREQ=MONTHLY;INTERVAL=6"),
    "annual": (Recurrence.ANNUAL, "FREQ=YEARLY"),
    "annually": (Recurrence.ANNUAL, "FREQ=YEARLY"),
    "yearly": (Recurrence.ANNUAL, "FREQ=YEARLY"),
    "biennial": (None, "FREQ=YEARLY;INTERVAL=2"),
    "biennially": (None, "FREQ=YEARLY;INTERVAL=2"),
}
ADVERB_WORDS: Final = frozenset(
    {"daily", "weekly", "fortnightly", "monthly", "quarterly", "annual", "annually", "yearly", "semiannual",
     "semiannually", "biannual", "biannually", "biennial", "biennially", "biweekly", "bimonthly", "semi", "bi", "half"}
)  # fmt: skip
WEEKDAYS: Final = {"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}
WEEKDAY: Final = r"(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)"
_QUALIFIER = (
    r"(?:calendar|fiscal|financial|contract|agreement|licen[sc]e|sales|royalty|lease|commercial|accounting"
    r"|reporting|operating"
    r"|payment|program|marketing|franchise|billing|subscription|business|anniversary)"
)
_WHICH = (
    r"(?:(?:successive|subsequent|succeeding|following|consecutive|such|full|additional|applicable|immediately"
    r"|preceding"
    r"|complete|ensuing|partial|or|and|of|the) )"
)
_SPAN = r"(?:business day|day|week|month|quarter|half[-\s]year|semester|year|annum|anniversary(?: date)?)"


def _every(count: int, unit: Unit) -> RecurrenceValue:
    """Every ``count`` units."""
    if unit is Unit.YEAR:
        return RecurrenceValue(Recurrence.ANNUAL if count == 1 else None, _rule("YEARLY", count))
    if unit in (Unit.MONTH, Unit.QUARTER):
        months = count * (3 if unit is Unit.QUARTER else 1)
        name = {1: Recurrence.MONTHLY, 3: Recurrence.QUARTERLY, 6: Recurrence.SEMIANNUAL, 12: Recurrence.ANNUAL}.get(
            months
        )
        return RecurrenceValue(name, "FREQ=YEARLY" if months == 12 else _rule("MONTHLY", months))
    if unit is Unit.WEEK:
        return RecurrenceValue(Recurrence.WEEKLY if count == 1 else None, _rule("WEEKLY", count))
    return (
        RecurrenceValue(Recurrence.WEEKLY, "FREQ=WEEKLY")
        if count == 7
        else RecurrenceValue(None, _rule("DAILY", count))
    )


def _rule(frequency: str, interval: int) -> str:
    return f"FREQ={frequency};INTERVAL={interval}" if interval > 1 else f"FREQ={frequency}"


def of_span(span: str) -> RecurrenceValue:
    """Once each ``span`` ("month", "half-year", "annum", "business day")."""
    span = span.lower()
    if span.startswith(("annum", "year", "anniversary")):
        return _every(1, Unit.YEAR)
    if span.startswith(("half", "semester")):
        return _every(6, Unit.MONTH)
    if span.startswith("business"):
        return RecurrenceValue(None, f"FREQ=DAILY;{_WORKDAYS}")
    return _every(1, Unit(span))


def _flags_of(qualifier: str | None) -> tuple[str, ...]:
    word = (qualifier or "").strip().lower()
    if word in ("", "calendar", "business"):
        return ()
    return ("fiscal",) if word in ("fiscal", "financial") else ("contract",)


@cache
def _adverb() -> re.Pattern[str]:
    return spaced(
        r"(?:(?P<pre>semi|bi|half)[\s-]{0,2})?(?P<word>daily|weekly|fortnightly|monthly|quarterly|annually|annual"
        r"|yearly"
        r"|biennially|biennial|semiannually|semiannual|biannually|biannual|biweekly|bimonthly)\b(?!-)",
        re.IGNORECASE,
    )


@cache
def _standing_alone() -> re.Pattern[str]:
    """After an adverb that says when, and is no attribute of a noun."""
    return spaced(
        r"\s*(?:[,.;:)\]–—-]|$|\s(?:in|on|by|for|to|and|or|at|upon|after|within|during|basis|bases|thereafter|from"
        r"|until|as|with"
        r"|the|a|an|its|all|each|no|not|over|beginning|commencing|starting|following|through|throughout|based|if"
        r"|when|but)\b)",
        re.IGNORECASE,
    )


def read_adverb(text: str, start: int) -> ReadRecurrence | None:
    """An adverb: "monthly", "semi-annually". Before a noun ("monthly report") it has the flag ``adjective``."""
    match = _adverb().match(text, start)
    if match is None:
        return None
    key = ((match["pre"] or "") + match["word"]).lower()
    found = _ADVERBS.get(key)
    if found is None:
        return None
    # "annually" is an adverb for certain, "monthly" may be either.
    attribute = not key.endswith("ally") and not _standing_alone().match(text, match.end())
    return ReadRecurrence(match.end(), RecurrenceValue(*found), ("adjective",) if attribute else ())


@cache
def _each() -> re.Pattern[str]:
    return spaced(
        rf"(?:(?:once |twice )?(?P<each>each|every|per|any) (?:and every )?{_WHICH}{{0,4}}"
        rf"(?:(?P<q>{_QUALIFIER}) )?(?P<span>{_SPAN})\b(?!\s*-| period of)(?: (?:period|(?P<end>end))\b)?"
        rf"|(?:each|every) (?P<wd>{WEEKDAY})\b)",
        re.IGNORECASE,
    )


@cache
def _interval() -> re.Pattern[str]:
    return spaced(
        rf"(?P<each>each|every) (?:{_WHICH}{{0,2}}(?:(?P<other>other|second|third|fourth|fifth) (?P<unit>{UNIT})\b)?)",
        re.IGNORECASE,
    )


@cache
def _interval_tail() -> re.Pattern[str]:
    return spaced(r"[\s-]*(?:periods?|intervals?|thereafter|of (?:the|this)|during|[,.;)]|in\s|$)", re.IGNORECASE)


def read_each(text: str, start: int) -> ReadRecurrence | None:
    """Each of a span: "each calendar quarter", "per annum", "every six months", "every Monday"."""
    interval = _interval().match(text, start)
    if interval is not None:
        if interval["other"]:
            count = 2 if interval["other"].lower() == "other" else ordinal(interval["other"])
            unit = Unit(interval["unit"].lower().rstrip("s"))
            return ReadRecurrence(interval.end(), _every(count, unit))
        number = read_number(text, interval.end())
        period = read_period(text, number, 1) if number and not number.ordinal else None
        if period is not None and period.value is not None and period.value.count and not period.value.business:
            if interval["each"].lower() == "each" and not _interval_tail().match(text, period.end):
                return None
            return ReadRecurrence(period.end, _every(period.value.count, period.value.unit), period.flags)
    match = _each().match(text, start)
    if match is None:
        return None
    if match["wd"]:
        day = WEEKDAYS[match["wd"][:3].lower()]
        return ReadRecurrence(match.end(), RecurrenceValue(Recurrence.WEEKLY, f"FREQ=WEEKLY;BYDAY={day}"))
    word = match["each"].lower()
    if word == "any" and match["q"] is None:
        return None
    flags = _flags_of(match["q"])
    if match["span"].lower().startswith("anniversary"):
        flags = (*flags, "anniversary")
    if word in ("per", "any"):
        flags = (*flags, word)
    return ReadRecurrence(match.end(), of_span(match["span"]), flags)


@cache
def _times() -> re.Pattern[str]:
    return spaced(
        r"(?:(?P<once>once|twice|thrice)(?:\s*\(\d\))?|\s*times)\s*,?\s*"
        r"(?:a|an|per|each|every|in (?:each|any|every|a)) "
        rf"(?:(?P<q>{_QUALIFIER}) )?(?P<span>week|month|quarter|year|annum)\b",
        re.IGNORECASE,
    )


def read_times(text: str, start: int, count: int | None = None) -> ReadRecurrence | None:
    """So many times: "twice a year"; "times per year" after a ``count``."""
    match = _times().match(text, start)
    if match is None or (count is None) != bool(match["once"]):
        return None
    if match["once"]:
        count = {"once": 1, "twice": 2, "thrice": 3}[match["once"].lower()]
    base = of_span(match["span"])
    if count == 1:
        return ReadRecurrence(match.end(), base, _flags_of(match["q"]))
    months = {"year": 12, "annum": 12, "quarter": 3}.get(match["span"].lower())
    if months is not None and count and months % count == 0:
        return ReadRecurrence(match.end(), _every(months // count, Unit.MONTH), _flags_of(match["q"]))
    return ReadRecurrence(match.end(), RecurrenceValue(None, base.rrule), ("irregular",))


@cache
def _day_of() -> re.Pattern[str]:
    nth = rf"(?:{ORDINAL_WORDS}|\(?\d{{1,2}}\s?(?:st|nd|rd|th)\)?|\d{{1,2}}(?= day\b)|last|final)"
    return spaced(
        rf"(?P<n>{nth})(?!\w)(?:\s*[\(\[]\s*(?P<nf>\d{{1,2}})\s?(?:st|nd|rd|th)?\s*[\)\]])?"
        rf"(?:\s*(?:,\s*|and |or |,\s*and )(?:the )?(?P<n2>{nth})(?!\w)(?:\s*\(\d+(?:st|nd|rd|th)?\))?)?"
        rf"(?: (?:(?P<biz>business|working|banking) |calendar )?(?P<what>days?|{WEEKDAY})(?:\(s\))?)?"
        r"\s*,? (?:of|in|during|for) (?P<each>each|every|the|any|such|a|that) "
        rf"(?:and every )?(?P<which>{_WHICH}{{0,4}})"
        rf"(?:(?P<q>{_QUALIFIER}) )?(?P<span>month|quarter|week|half[-\s]year|year)\b"
        r"(?P<rel> (?:following|after|in which|during which|succeeding|next|immediately|preceding|prior|before|that"
        r"|of|to which)\b)?",
        re.IGNORECASE,
    )


@cache
def _day_follows() -> re.Pattern[str]:
    return spaced(r" (?:business |calendar )?day\b", re.IGNORECASE)


def could_be_day(text: str, end: int) -> bool:
    """Whether a bare figure that ends at ``end`` may be the number of a day ("30 day of each month")."""
    return _day_follows().match(text, end) is not None


def read_day_of_each(text: str, start: int) -> ReadRecurrence | None:
    """One day of each period: "first day of each month", "last business day of each quarter"."""
    match = _day_of().match(text, start)
    if match is None:
        return None
    each = match["each"].lower()
    which = match["which"].lower()
    if each in ("the", "such", "a", "that", "any") and (match["rel"] or match["span"].lower() in ("year", "week")):
        return None  # one day in one named month
    what = (match["what"] or "").lower()
    span = match["span"].lower()
    if not what and not (match["n"].strip("(")[0].isdigit() or match["nf"]) and span != "month":
        return None
    days = [_nth(match["n"]), *([_nth(match["n2"])] if match["n2"] else [])]
    flags = [*_flags_of(match["q"])]
    if match["nf"] and int(match["nf"]) != days[0]:
        flags.append("word_figure_conflict")
    if re.search(r"following|succeeding|subsequent|ensuing", which) and each != "each":
        flags.append("following_period")
    base = of_span(match["span"])
    if "contract" in flags or ("fiscal" in flags and span != "month"):
        return ReadRecurrence(match.end() - len(match["rel"] or ""), base, tuple(flags))
    by = _by_parts(span, what, bool(match["biz"]), days)
    if by is None:
        return None
    if match["biz"]:
        flags.append("business")
    return ReadRecurrence(match.end() - len(match["rel"] or ""), RecurrenceValue(base.recurrence, by), tuple(flags))


def _nth(words: str) -> int:
    return -1 if words.lower() in ("last", "final") else ordinal(words.strip("()"))


def _by_parts(span: str, what: str, business: bool, days: Sequence[int]) -> str | None:
    """The RRULE of the ``days``-th ``what`` in each ``span``; None if there can be no such day."""
    listed = ",".join(map(str, days))
    first, last = days[0], -1 in days
    if what and not what.startswith("day"):
        weekday = WEEKDAYS[what[:3]]
        if span == "week":
            return f"FREQ=WEEKLY;BYDAY={weekday}"
        if span != "month" or not all(-1 <= day <= 5 for day in days):
            return None
        return f"FREQ=MONTHLY;BYDAY={','.join(f'{day}{weekday}' for day in days)}"
    if any(not -1 <= day <= 31 for day in days):
        return None
    if span == "week":
        return "FREQ=WEEKLY;BYDAY=" + {1: "MO", -1: "FR" if business else "SU"}.get(first, "MO")
    months = {"month": "", "quarter": "3,6,9,12" if last else "1,4,7,10", "year": "12" if last else "1"}.get(
        span, "6,12" if last else "1,7"
    )
    head = f"FREQ=YEARLY;BYMONTH={months};" if months else "FREQ=MONTHLY;"
    if business and not months:
        return f"{head}{_WORKDAYS};BYSETPOS={listed}"
    if business:
        # Position within each of the months: FREQ=MONTHLY limited to them.
        return f"FREQ=MONTHLY;BYMONTH={months};{_WORKDAYS};BYSETPOS={listed}"
    return f"{head}BYMONTHDAY={listed}"


@cache
def _each_year() -> re.Pattern[str]:
    return spaced(
        rf"\s*,?\s*(?:of|in|during|for)?\s*(?:(?:each|every|any) (?:and every )?{_WHICH}{{0,3}}"
        rf"(?:{_QUALIFIER} )?year\b(?: thereafter)?"
        r"|annually\b|per (?:year|annum)\b|yearly\b)",
        re.IGNORECASE,
    )


@cache
def list_separator() -> re.Pattern[str]:
    """Between the days of "March 31, June 30, September 30 and December 31"."""
    return spaced(r"\s*(?:,\s*and |,\s*or |,\s*|and |or |&\s*)(?:(?:on|by|the) )*", re.IGNORECASE)


def each_year(text: str, end: int) -> int | None:
    """Where "of each year" ends that begins at ``end``."""
    match = _each_year().match(text, end)
    return match.end() if match else None


def yearly_on(days: Sequence[tuple[int, int]]) -> RecurrenceValue | None:
    """Every year on each (month, day) of ``days``; None if one RRULE cannot say it."""
    months = ",".join(str(month) for month, _ in days)
    name = {1: Recurrence.ANNUAL, 2: Recurrence.SEMIANNUAL, 4: Recurrence.QUARTERLY, 12: Recurrence.MONTHLY}.get(
        len(days)
    )
    if len({day for _, day in days}) == 1:
        return RecurrenceValue(name, f"FREQ=YEARLY;BYMONTH={months};BYMONTHDAY={days[0][1]}")
    if all(day >= monthrange(2001, month)[1] for month, day in days):
        return RecurrenceValue(name, f"FREQ=YEARLY;BYMONTH={months};BYMONTHDAY=-1")
    return None


@cache
def _rolling() -> re.Pattern[str]:
    return spaced(
        r"(?P<span>week|month|quarter|year)[\s-]*(?:to|by)[\s-]*(?P=span)\b"
        r"|(?P<q>calendar|fiscal|financial) (?P<basis>month|quarter|year) basis\b",
        re.IGNORECASE,
    )


def read_rolling(text: str, start: int) -> ReadRecurrence | None:
    """A rolling term: "month-to-month", "from year to year"; a basis: "on a calendar quarter basis"."""
    match = _rolling().match(text, start)
    if match is None:
        return None
    if match["basis"]:
        return ReadRecurrence(match.end(), of_span(match["basis"]), _flags_of(match["q"]))
    return ReadRecurrence(match.end(), of_span(match["span"]), ("rolling",))


def every_period(period: Period) -> RecurrenceValue:
    """A recurrence as long as ``period``."""
    return _every(period.count, period.unit)
