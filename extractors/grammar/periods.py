"""Lengths of time: "thirty (30) days", "24-month", "one and one-half years", "the thirtieth (30th) day"."""

import re
from fractions import Fraction
from functools import cache
from typing import Final, NamedTuple

from extractors.grammar.numbers import CARDINAL, FIGURE, Number, cardinal, figure, read_number
from models.period import Period, Unit

ADJECTIVE = (
    r"(?:consecutive|successive|additional|further|more|full|complete|whole|entire|continuous|contiguous|uninterrupted"
    r"|extra|other|subsequent|calendar|business|working|banking|bank|trading|contract|agreement|licen[sc]e|lease|fiscal"
    r"|financial|sales|clear|lawful|natural|running)"
)
UNIT = (
    r"(?:days?|weeks?|months?|quarters?|years?|fortnights?|workdays?|weekdays?|mos?\b\.?|mths?\b\.?|yrs?\b\.?|wks?\b\.?)"
    r"(?:\(s\))?"
)
_UNITS: Final = {
    "d": Unit.DAY, "w": Unit.WEEK, "m": Unit.MONTH, "q": Unit.QUARTER, "y": Unit.YEAR,
}  # fmt: skip
_BUSINESS: Final = frozenset({"business", "working", "banking", "bank", "trading"})
_CONTRACT: Final = frozenset({"contract", "agreement", "license", "licence", "lease", "sales"})


class ReadPeriod(NamedTuple):
    """A period that ends at ``end`` of the text; ``value`` is None where the number is missing."""

    end: int
    value: Period | None
    flags: tuple[str, ...] = ()
    other: tuple[Period, ...] = ()


@cache
def _unit() -> re.Pattern[str]:
    return re.compile(
        rf"\s*[-–]?\s*(?P<adj>(?:{ADJECTIVE}(?:\s*,)?[\s-]+(?:(?:and|or)\s+(?={ADJECTIVE}))?)*)"
        rf"(?P<half>half[\s-]+)?(?P<unit>{UNIT})(?![A-Za-z])(?:['’´`]s?(?![A-Za-z]))?"
        rf"(?:\s*[\(\[]\s*(?:(?P<fig>{FIGURE})|(?P<word>{CARDINAL}))(?:[\s-]*(?:{ADJECTIVE}\s+)?{UNIT})?\s*[\)\]])?"
        r"(?P<anniversary>[\s-]+anniversary(?:\s+date)?\b)?",
        re.IGNORECASE,
    )


@cache
def _unit_in_brackets() -> re.Pattern[str]:
    return re.compile(
        rf"\s*[\(\[]\s*(?P<fig>{FIGURE})[\s-]*(?P<adj>(?:{ADJECTIVE}[\s-]+)*)(?P<unit>{UNIT})\s*['’]?[\)\]]"
        rf"(?:\s*(?:{ADJECTIVE}[\s-]+)*{UNIT}(?![A-Za-z]))?",
        re.IGNORECASE,
    )


@cache
def _joint() -> re.Pattern[str]:
    return re.compile(
        r"\s*(?:(?P<range>to|[-–—]|through)\s*|(?P<list>,\s*(?:and\s+|or\s+)?|and\s+|or\s+|and/or\s+|nor\s+|but\s+)"
        r"(?P<bound>(?:in no event\s+)?(?:not|no)\s+(?:more|less|later|earlier|fewer|greater|longer)\s+than\s+"
        r"|(?:at\s+)?(?:least|most)\s+|up\s+to\s+)?)",
        re.IGNORECASE,
    )


@cache
def _not_a_length() -> re.Pattern[str]:
    return re.compile(
        r"\s+(?:of\s+age|old|(?:per|a|each|in\s+(?:a|each|any))\s+(?:week|month|year|day))\b", re.IGNORECASE
    )


@cache
def _compound() -> re.Pattern[str]:
    return re.compile(r"(?:\s*,)?\s+(?:and\s+)?(?=[\w(\[])|\s*,\s*", re.IGNORECASE)


def to_period(count: Fraction, unit: Unit, *, business: bool = False) -> Period | None:
    """A period of whole units, going to months or days where a fraction allows it; None where nothing exact exists."""
    if count.denominator != 1:
        smaller = {Unit.YEAR: (12, Unit.MONTH), Unit.QUARTER: (3, Unit.MONTH), Unit.WEEK: (7, Unit.DAY)}.get(unit)
        if smaller is None or (count * smaller[0]).denominator != 1:
            return None
        count, unit = count * smaller[0], smaller[1]
    return Period(count=int(count), unit=unit, business=business) if count <= 100_000 else None


def _measure(count: Fraction, unit_word: str, adjectives: str, half: bool) -> Period | None:
    adjective_words = set(re.findall(r"[a-z]+", adjectives.lower()))
    unit_word = unit_word.lower()
    if half:
        count /= 2
    if unit_word.startswith("fortnight"):
        return to_period(count * 2, Unit.WEEK)
    if unit_word.startswith(("workday", "weekday")):
        return to_period(count, Unit.DAY, business=True)
    unit = _UNITS[unit_word[0]]
    return to_period(count, unit, business=unit is Unit.DAY and bool(adjective_words & _BUSINESS))


def _adjective_flags(adjectives: str) -> tuple[str, ...]:
    words = set(re.findall(r"[a-z]+", adjectives.lower()))
    flags = []
    if "calendar" in words:
        flags.append("calendar")
    if words & _CONTRACT:
        flags.append("contract")
    if words & {"fiscal", "financial"}:
        flags.append("fiscal")
    return tuple(flags)


def _with_unit(number: Number, match: re.Match[str]) -> ReadPeriod | None:
    """``number`` and the unit in ``match``, with a figure that may stand after or with the unit."""
    groups = match.groupdict()
    unit, adjectives, half = match["unit"], match["adj"], bool(groups.get("half"))
    flags = list(_adjective_flags(adjectives))
    if number.ordinal:
        if groups.get("anniversary") or unit.lower() not in ("day", "workday", "weekday"):
            return None
        flags.append("ordinal")
    if groups.get("anniversary"):
        flags.append("anniversary")
    repeated = figure(groups["fig"]) if groups.get("fig") else None
    if repeated is None and groups.get("word"):
        repeated = Fraction(cardinal(groups["word"]))
    value = number.value
    second = number.figure if number.word is not None and number.figure is not None else repeated
    end = match.end()
    if value is None:
        flags.append(number.redacted)
        return ReadPeriod(end, None, tuple(flags))
    period = _measure(value, unit, adjectives, half)
    if period is None:
        return None
    if number.redacted:
        flags.append("redacted")
    other: tuple[Period, ...] = ()
    if second is not None and second != value:
        rival = _measure(second, unit, adjectives, half)
        other = (rival,) if rival else ()
        flags.append("word_figure_conflict")
    return ReadPeriod(end, period, tuple(flags), other)


def _follow(text: str, number: Number) -> re.Match[str] | None:
    """The unit after ``number``, None where what follows is no length of time."""
    match = _unit().match(text, number.end)
    if match is None:
        match = _unit_in_brackets().match(text, number.end) if number.word is not None else None
    if match is None:
        return None
    # "m." may be metres and "mo" a name: the short forms need a figure before them.
    if match["unit"].lower().rstrip(".") in ("mo", "mos", "m") and number.figure is None:
        return None
    if _not_a_length().match(text, match.end()) or re.match(r"\s+year\b", text[match.end() : match.end() + 6]):
        return None
    return match


def read_period(text: str, number: Number, depth: int = 0) -> ReadPeriod | None:
    """The period that begins with ``number``; None if it does not begin one.

    "60 to 90 days" is a range; in "60 and not more than 90 days" and "30, 60 and 90 days" the unit is shared.
    """
    match = _follow(text, number)
    if match is not None:
        found = _with_unit(number, match)
        return _compounded(text, found) if found and depth == 0 else found
    if depth > 2 or number.ordinal or number.value is None or number.value.denominator != 1:
        return None
    joint = _joint().match(text, number.end)
    if joint is None:
        return None
    following = read_number(text, joint.end())
    if following is None or following.ordinal or following.value is None:
        return None
    rest = read_period(text, following, depth + 1)
    if rest is None or rest.value is None:
        return None
    period = to_period(number.value, rest.value.unit, business=rest.value.business)
    if period is None:
        return None
    flags = tuple(flag for flag in rest.flags if flag in ("calendar", "contract", "fiscal"))
    if joint["range"]:
        return ReadPeriod(rest.end, period, (*flags, "range"), (rest.value,))
    return ReadPeriod(number.end, period, (*flags, "unit_shared"))


def _compounded(text: str, found: ReadPeriod) -> ReadPeriod:
    """Years with months: "two years and six months" is 30 months; other mixtures have no one unit and stay apart."""
    if found.value is None or found.value.unit is not Unit.YEAR or found.flags or found.other:
        return found
    joint = _compound().match(text, found.end)
    number = read_number(text, joint.end()) if joint else None
    if number is None or number.ordinal or number.value is None or number.conflict:
        return found
    match = _follow(text, number)
    more = _with_unit(number, match) if match else None
    if more is None or more.value is None or more.value.unit is not Unit.MONTH or more.flags or more.value.count > 11:
        return found
    # "one year and three (3) months' notice" would be two periods: a comma or "and" without a new cue joins them.
    months = to_period(Fraction(found.value.count * 12 + more.value.count), Unit.MONTH)
    return found if months is None else ReadPeriod(more.end, months)


@cache
def _anniversary() -> re.Pattern[str]:
    return re.compile(
        r"[\s-]+(?:\(?\d+(?:st|nd|rd|th)\)?\s+)?(?:(?:year|annual|yearly)\s+)?anniversary(?:\s+date)?\b", re.IGNORECASE
    )


def read_anniversary(text: str, number: Number) -> ReadPeriod | None:
    """As in "third (3rd) anniversary": as many years after what it is the anniversary of."""
    match = _anniversary().match(text, number.end)
    if match is None or not number.ordinal or number.value is None:
        return None
    flags = ("ordinal", "anniversary", *(("word_figure_conflict",) if number.conflict else ()))
    years = to_period(number.value, Unit.YEAR)
    if years is None:
        return None
    other = to_period(number.figure, Unit.YEAR) if number.conflict and number.figure is not None else None
    return ReadPeriod(match.end(), years, flags, () if other is None else (other,))


@cache
def _article() -> re.Pattern[str]:
    return re.compile(
        r"(?:an?|another|half)\s+(?:(?:additional|further|full|single|calendar|whole|extra)\s+)?(?:an?\s+)?"
        r"(?P<half>half[\s-]+)?(?P<unit>day|week|month|quarter|year|fortnight)\b(?P<poss>['’]s)?(?!\s*-|/)",
        re.IGNORECASE,
    )


@cache
def _article_cue() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:within|for|of|least|than|exceed(?:ing)?|up\s+to|and|or|after|lasts?|upon|over)\s+$", re.IGNORECASE
    )


@cache
def _article_tail() -> re.Pattern[str]:
    return re.compile(
        r"\s+(?:after|before|prior|preceding|from|following|thereafter|later|in\s+advance|notice|period|term|renewal|extension)\b",
        re.IGNORECASE,
    )


def read_article_period(text: str, start: int) -> ReadPeriod | None:
    """A length without a number: "a year", "an additional month", where the words around mean a length."""
    match = _article().match(text, start)
    if match is None:
        return None
    first = text[start : start + 4].lower()
    before = text[max(0, start - 24) : start]
    if first == "half" and re.search(r"(?:first|second|each|every|one|the)[\s-]+$", before, re.IGNORECASE):
        return None
    cue = _article_cue().search(before)
    tail = match["poss"] or _article_tail().match(text, match.end())
    counts = first.startswith(("an ", "anot")) or "additional" in match.group().lower()
    if not (tail or counts or (cue and match["unit"].lower() != "day")):
        return None
    unit = match["unit"].lower()
    half = bool(match["half"]) or first == "half"
    period = _measure(Fraction(1), unit, "", half)
    return ReadPeriod(match.end(), period) if period else None
