"""Calendar dates in the forms contracts use, complete or with blanks, and days of the year without a year.

Two-digit years follow a fixed pivot, not a clock: 00 to 49 is 2000 to 2049, 50 to 99 is 1950 to 1999.
"""

import datetime as dt
import re
from calendar import monthrange
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from extractors.grammar.numbers import CARDINAL, ORDINAL_WORDS, REDACTION, cardinal, ordinal, redaction_kind
from models.dateexpr import Ambiguous, Fixed, Incomplete

MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|sept|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)"
)
MONTH_NAMES: Final = frozenset(MONTH[3:-1].split("|"))
YEAR = r"(?:(?:19|20|21)\d\d)(?![\d%]|,\d{3})"
_WORD_YEAR = (
    rf"(?:two\s+thousand(?:\s+and)?(?:[\s-]+{CARDINAL})?|nineteen[\s-]+(?:hundred[\s-]+(?:and\s+)?)?{CARDINAL}"
    rf"|twenty[\s-]+(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty){{1}}"
    rf"(?:[\s-]+(?:one|two|three|four|five|six|seven|eight|nine))?)(?:\s*\(\s*{YEAR}\s*\))?"
)
_BLANK = rf"(?:{REDACTION})"
_BLANK_YEAR = rf"(?:20\s?(?:_+|{_BLANK}|\.{{2,}})|_{{2,}}|\[[\s_●•*]*\])"
_SUFFIX = r"\s?(?:st|nd|rd|th)\b"
_DAY_FIGURE = rf"\d{{1,2}}(?!\d)(?:{_SUFFIX})?"
PIVOT: Final = 50


class DateOrder(StrEnum):
    """Which of day and month comes first in a numeric date."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class ReadDate(NamedTuple):
    """A date that ends at ``end`` of the text. ``yearless`` marks a day of the year ("31 December")."""

    end: int
    value: Fixed | Incomplete | Ambiguous
    flags: tuple[str, ...] = ()
    yearless: bool = False


def month_number(word: str) -> int:
    """1 to 12 for a month's name or abbreviation."""
    return MONTHS[word[:3].lower()]


def full_year(two_digits: int) -> int:
    """The year that a two-digit year means."""
    return two_digits + (2000 if two_digits < PIVOT else 1900)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _word_year(words: str) -> int:
    digits = re.search(YEAR, words)
    if digits:
        return int(digits.group())
    lowered = words.lower()
    if lowered.startswith("two"):
        return cardinal(lowered)
    century, rest = re.split(r"[\s-]+", lowered, maxsplit=1)
    return cardinal(century) * 100 + cardinal(re.sub(r"^hundred[\s-]+(?:and\s+)?", "", rest))


@cache
def _month_first() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<m>{MONTH})\b\.?"
        rf"(?:\s*(?P<d>{_DAY_FIGURE})(?:\s*\((?:{_DAY_FIGURE}|{ORDINAL_WORDS})\))?"
        rf"|\s+(?:the\s+)?(?P<dw>{ORDINAL_WORDS})\b(?:\s*\({_DAY_FIGURE}\))?|\s*(?P<db>{_BLANK})|(?P<gap>\s+,))?"
        rf"(?:\s*[,.]?\s*(?:of\s+)?(?:A\.?D\.?,?\s+)?(?:(?:in\s+)?the\s+year\s+(?:of\s+)?)?(?:(?P<y>{YEAR})|(?P<yw>{_WORD_YEAR})|['’](?P<ys>\d\d)\b"
        rf"|(?P<yb>{_BLANK_YEAR})))?",
        re.IGNORECASE,
    )


@cache
def _day_first() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?P<d>{_DAY_FIGURE})(?:\s*\(\s*(?:{ORDINAL_WORDS}|{_DAY_FIGURE})\s*\))?"
        rf"|(?P<dw>{ORDINAL_WORDS})\b(?:\s*[\(\[]\s*{_DAY_FIGURE}\s*[\)\]])?|(?P<db>{_BLANK})(?:{_SUFFIX})?)"
        rf"\s*[-/,.]?\s*(?P<of>(?:day\s*,?\s*)?of\s+(?:-{{2,9}}\s+)?(?:the\s+month\s+of\s+)?|day\s+)?"
        rf"(?:(?P<m>{MONTH})\b\.?|(?P<mb>{_BLANK}))(?!\s*\d{{1,2}}(?:{_SUFFIX})?(?!\d)\s*,)"
        rf"(?:\s*[-/,.]?\s*(?:of\s+)?(?:A\.?D\.?,?\s+)?(?:(?:in\s+)?the\s+year\s+(?:of\s+(?:our\s+lord\s+)?)?)?"
        rf"(?:(?P<y>{YEAR})|(?P<yw>{_WORD_YEAR})|(?P<yb>{_BLANK_YEAR}))|(?P<sep>[-/']|\s['’])(?P<ys>\d\d)(?![\d.,/-]))?",
        re.IGNORECASE,
    )


@cache
def _numeric() -> re.Pattern[str]:
    return re.compile(
        r"(?P<a>\d{1,4})(?P<s>\s?[/.\-]\s?)(?P<b>\d{1,2})(?P=s)(?P<c>\d{4}|\d{2})(?![\w/\-]|[.,]\d)"
        r"|(?P<blank>\d{0,2})_+\s?/\s?(?P<blank2>\d{0,2}_*)\s?/\s?(?P<by>(?:19|20)\d\d)(?!\d)"
    )


@cache
def _before_numeric() -> re.Pattern[str]:
    return re.compile(
        r"[\w.,/\-$#§]$|\d:$|\b(?:sections?|clauses?|articles?|exhibits?|schedules?|paragraphs?|no\.?|numbers?|rule|version)\s*$",
        re.IGNORECASE,
    )


@cache
def _after_day() -> re.Pattern[str]:
    """What follows a number that is a quantity and not a day: "May 30 days after", "March 10,000 units"."""
    return re.compile(
        r"\s*-?\s*(?:calendar|business|working)?\s*(?:days?|weeks?|months?|years?|hours?|minutes?|percent)\b|,\d{3}|\.\d|%|/\d|:\d"
        r"|\s*\(\d|\s+(?:million|thousand|hundred|shares|units)\b|-\d",
        re.IGNORECASE,
    )


def _plausible_month(word: str) -> bool:
    """Months are capitalised; a lower-case full name other than "may" and "march" is let through."""
    return word[0].isupper() or (len(word) > 4 and word not in ("march",))


def read_date(text: str, start: int, order: DateOrder | None = None) -> ReadDate | None:
    """The date that begins exactly at ``start``; None if there is none."""
    first = text[start : start + 1]
    if first.isdigit() or first == "_":
        found = _read_numeric(text, start, order)
        if found is not None:
            return found
    if first.isalpha() and text[start : start + 3].lower() in MONTHS:
        return _read_month_first(text, start)
    return _read_day_first(text, start)


def _assemble(
    text: str, start: int, end: int, year: int | None, month: int | None, day: int | None, flags: list[str]
) -> ReadDate | None:
    quote = text[start:end]
    if year is not None and month is not None and day is not None:
        date = _date(year, month, day)
        if date is None:
            return None
        return ReadDate(end, Fixed(date=date), tuple(flags))
    return ReadDate(end, Incomplete(text=quote, year=year, month=month, day=day), tuple(flags))


def _year_of(match: re.Match[str], flags: list[str]) -> int | None:
    if match["y"]:
        return int(match["y"])
    if match["yw"]:
        return _word_year(match["yw"])
    if match["ys"]:
        flags.append("two_digit_year")
        return full_year(int(match["ys"]))
    if match["yb"]:
        flags.append(redaction_kind(match["yb"][2:] if match["yb"].startswith("20") else match["yb"]))
    return None


def _read_month_first(text: str, start: int) -> ReadDate | None:
    match = _month_first().match(text, start)
    if match is None or not _plausible_month(match["m"]):
        return None
    month = month_number(match["m"])
    flags: list[str] = []
    year = _year_of(match, flags)
    day: int | None = None
    if match["d"]:
        day = ordinal(match["d"])
    elif match["dw"]:
        day = ordinal(match["dw"])
    elif match["db"]:
        flags.append(redaction_kind(match["db"]))
    if day is not None:
        if not 1 <= day <= 31:
            return None
        end = match.end()
        if year is not None or match["yb"]:
            return _assemble(text, start, end, year, month, day, flags)
        if match["d"] and _after_day().match(text, end):
            return None
        return _month_day(text, start, end, month, day)
    if match["db"] or match["yb"]:
        if year is None and not match["yb"]:
            # "March [●]" is a blank day; "May ____" on a form is as likely a verb and a blank.
            return (
                None if match["m"].lower() == "may" else _assemble(text, start, match.end(), None, month, None, flags)
            )
        if not match["db"] and year is None and match["m"].lower() == "may":
            return None
        return _assemble(text, start, match.end(), year, month, None, flags)
    if year is None:
        return None
    if match["m"].islower() or match["ys"]:
        return None
    return _assemble(text, start, match.end(), year, month, None, ["blank" if match["gap"] else "month_only", *flags])


def _month_day(text: str, start: int, end: int, month: int, day: int) -> ReadDate | None:
    if _date(2000, month, day) is None:
        return None
    return ReadDate(end, Incomplete(text=text[start:end], month=month, day=day), (), yearless=True)


def _read_day_first(text: str, start: int) -> ReadDate | None:
    match = _day_first().match(text, start)
    if match is None or (match["m"] and not _plausible_month(match["m"])):
        return None
    flags: list[str] = []
    year = _year_of(match, flags)
    day = ordinal(match["d"] or match["dw"]) if match["d"] or match["dw"] else None
    if day is not None and not 1 <= day <= 31:
        return None
    blanks = [kind for kind in (match["db"], match["mb"]) if kind]
    # A blank is a date's only in the company of a year, or of "day of" and a month.
    if blanks and (not match["of"] or not (match["m"] or year or match["yb"])):
        return None
    flags = [*dict.fromkeys([*(redaction_kind(blank) for blank in blanks), *flags])]
    month = month_number(match["m"]) if match["m"] else None
    if year is not None or match["yb"] or blanks:
        if text[max(0, start - 1) : start] in "./" and start > 0:
            return None
        return _assemble(text, start, match.end(), year, month, day, flags)
    if day is None or month is None:
        return None
    if match["dw"] and not match["of"]:
        return None
    clear = match["of"] or re.search(r"(?:st|nd|rd|th)$", match["d"] or "", re.IGNORECASE)
    if not clear and (match["m"].lower() in ("may", "mar", "sec") or text[match.end() :].lstrip(" ,.")[:1].isdigit()):
        return None
    if not clear and re.search(
        r"[\w.)\-/$]$|\b(?:sections?|articles?|page|exhibits?)\s$", text[max(0, start - 9) : start], re.I
    ):
        return None
    return _month_day(text, start, match.end(), month, day)


def _read_numeric(text: str, start: int, order: DateOrder | None) -> ReadDate | None:
    match = _numeric().match(text, start)
    if match is None or (start and _before_numeric().search(text[max(0, start - 12) : start])):
        return None
    end = match.end()
    if match["by"]:
        return ReadDate(end, Incomplete(text=match.group(), year=int(match["by"])), ("blank",))
    a, b, separator = int(match["a"]), int(match["b"]), match["s"].strip()
    if len(match["a"]) == 4:
        date = _date(a, b, int(match["c"])) if len(match["c"]) == 2 and 1900 <= a < 2200 else None
        return ReadDate(end, Fixed(date=date)) if date else None
    if len(match["a"]) == 3 or (len(match["c"]) == 2 and separator == "."):
        return None
    flags: tuple[str, ...] = ("two_digit_year",) if len(match["c"]) == 2 else ()
    year = full_year(int(match["c"])) if flags else int(match["c"])
    if not 1900 <= year < 2200:
        return None
    month_first, day_first = _date(year, a, b), _date(year, b, a)
    if month_first and day_first and month_first != day_first:
        if order is None and separator == ".":
            order = DateOrder.DAY_FIRST  # dots are the European form
        if order is None:
            readings = (Fixed(date=month_first), Fixed(date=day_first))
            return ReadDate(
                end,
                Ambiguous(readings=readings, why=f"{match.group()}: month or day first"),
                (*flags, "ambiguous_order"),
            )
        return ReadDate(end, Fixed(date=month_first if order is DateOrder.MONTH_FIRST else day_first), flags)
    only = month_first or day_first
    return ReadDate(end, Fixed(date=only), flags) if only else None


@cache
def _like_numeric() -> re.Pattern[str]:
    """What every numeric date has from its first separator on: looked for by that sign, most texts have none."""
    return re.compile(r"[/\-]\d{1,2}[/\-]\d\d")


@cache
def _any_numeric() -> re.Pattern[str]:
    return re.compile(r"(?<![\w.,/\-$#])(\d{1,2})([/\-])(\d{1,2})\2(?:19|20)?\d\d(?![\w/\-]|[.,]\d)")


def infer_order(text: str) -> DateOrder | None:
    """Order of day and month, from the numeric dates of the whole document that have one reading only.

    None when there is no such date, or when they disagree.
    """
    votes = set()
    if not _like_numeric().search(text):
        return None
    for match in _any_numeric().finditer(text):
        a, b = int(match[1]), int(match[3])
        if a > 12 >= b >= 1 and a <= 31:
            votes.add(DateOrder.DAY_FIRST)
        elif b > 12 >= a >= 1 and b <= 31:
            votes.add(DateOrder.MONTH_FIRST)
    return votes.pop() if len(votes) == 1 else None


@cache
def _year_phrase() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?:calendar|fiscal|financial|contract)\s+)?year\s+(?:of\s+)?(?P<y>{YEAR})(?!\s*[-/]\s*\d)", re.IGNORECASE
    )


def read_year(text: str, start: int) -> ReadDate | None:
    """A year alone: "calendar year 2015"."""
    match = _year_phrase().match(text, start)
    if match is None:
        return None
    return ReadDate(match.end(), Incomplete(text=match.group(), year=int(match["y"])), ("year_only",))


@cache
def _last_day() -> re.Pattern[str]:
    return re.compile(
        rf"(?:last|final)\s+(?:calendar\s+)?day\s+(?:of|in)\s+(?P<m>{MONTH})\b\.?(?:\s*,?\s*(?P<y>{YEAR}))?",
        re.IGNORECASE,
    )


def read_last_day(text: str, start: int) -> ReadDate | None:
    """The last day of a month: "last day of February, 2016". Without a year February has 28 days."""
    match = _last_day().match(text, start)
    if match is None or not _plausible_month(match["m"]):
        return None
    month = month_number(match["m"])
    if match["y"]:
        year = int(match["y"])
        return ReadDate(match.end(), Fixed(date=dt.date(year, month, monthrange(year, month)[1])))
    value = Incomplete(text=match.group(), month=month, day=monthrange(2001, month)[1])
    return ReadDate(match.end(), value, ("last_day",), yearless=True)
