"""Dates in every form contracts use, blanks that stay blank, and numbers that are no dates."""

import calendar
import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.grammar.mentions import DateOrder, Mention, MentionKind, find_mentions, infer_order
from models.dateexpr import Ambiguous, Fixed, Incomplete

MONTHS = list(calendar.month_name)[1:]
dates = st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2099, 12, 31))


def suffix(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


FORMS: dict[str, Callable[[dt.date], str]] = {
    "month day, year": lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    "without spaces": lambda d: f"{MONTHS[d.month - 1]} {d.day},{d.year}",
    "capitals": lambda d: f"{MONTHS[d.month - 1].upper()} {d.day}, {d.year}",
    "ordinal": lambda d: f"{MONTHS[d.month - 1]} {d.day}{suffix(d.day)}, {d.year}",
    "abbreviated": lambda d: f"{MONTHS[d.month - 1][:3]}. {d.day}, {d.year}",
    "day month year": lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    "day month, year": lambda d: f"{d.day}{suffix(d.day)} {MONTHS[d.month - 1][:3]}. {d.year}",
    "nth day of": lambda d: f"{d.day}{suffix(d.day)} day of {MONTHS[d.month - 1]}, {d.year}",
    "nth of": lambda d: f"{d.day}{suffix(d.day)} of {MONTHS[d.month - 1]} {d.year}",
    "over two lines": lambda d: f"{MONTHS[d.month - 1]}\n{d.day}, {d.year}",
    "hyphenated": lambda d: f"{d.day:02}-{MONTHS[d.month - 1][:3]}-{d.year}",
    "in the year": lambda d: f"{d.day}{suffix(d.day)} day of {MONTHS[d.month - 1]} in the year {d.year}",
    "ISO 8601": lambda d: d.isoformat(),
    "European": lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
}


def one(text: str, order: DateOrder | None = None) -> Mention:
    found = find_mentions(text, order)
    assert len(found) == 1, f"{text!r} gave {[text[m.start : m.end] for m in found]}"
    mention = found[0]
    assert (mention.start, mention.end) == (0, len(text)), (
        f"{text!r} was read in part: {text[mention.start : mention.end]!r}"
    )
    return mention


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None)
@given(date=dates)
def test_a_date_reads_back_from_each_form(form: str, date: dt.date) -> None:
    assert one(FORMS[form](date)).value == Fixed(date=date)


@settings(deadline=None)
@given(date=dates)
def test_a_numeric_date_reads_back_in_the_order_that_is_known(date: dt.date) -> None:
    assert one(f"{date.month}/{date.day}/{date.year}", DateOrder.MONTH_FIRST).value == Fixed(date=date)
    assert one(f"{date.day:02}/{date.month:02}/{date.year}", DateOrder.DAY_FIRST).value == Fixed(date=date)


@settings(deadline=None)
@given(date=dates)
def test_a_numeric_date_in_no_known_order_is_read_one_way_or_both(date: dt.date) -> None:
    value = one(f"{date.month}/{date.day}/{date.year}").value
    if date.day > 12 or date.day == date.month:
        assert value == Fixed(date=date)
    else:
        assert isinstance(value, Ambiguous)
        other = date.replace(month=date.day, day=date.month)
        assert {reading.date for reading in value.readings if isinstance(reading, Fixed)} == {date, other}


@pytest.mark.parametrize(
    ("text", "quote", "date"),
    [
        ("this 1st day of September, 2016", "1st day of September, 2016", dt.date(2016, 9, 1)),
        ("this 1st day of\n---\nMay, 2016", "1st day of\n---\nMay, 2016", dt.date(2016, 5, 1)),
        ("4th day of May, A.D. 2001", "4th day of May, A.D. 2001", dt.date(2001, 5, 4)),
        ("Date:5/14/2016", "5/14/2016", dt.date(2016, 5, 14)),
        (
            "the twenty-third (23rd) day of May, two thousand and six",
            "twenty-third (23rd) day of May, two thousand and six",
            dt.date(2006, 5, 23),
        ),
        (
            "on the first day of July, nineteen hundred ninety-nine",
            "first day of July, nineteen hundred ninety-nine",
            dt.date(1999, 7, 1),
        ),
        (
            "the 15th day of March, two thousand fourteen (2014)",
            "15th day of March, two thousand fourteen (2014)",
            dt.date(2014, 3, 15),
        ),
        ("the last day of February, 2016", "last day of February, 2016", dt.date(2016, 2, 29)),
        ("Monday, March 1, 2010", "March 1, 2010", dt.date(2010, 3, 1)),
        ("footnote 3 December 31, 2010", "December 31, 2010", dt.date(2010, 12, 31)),
        ("by january 5, 2010", "january 5, 2010", dt.date(2010, 1, 5)),
        ("on May 3, 2010", "May 3, 2010", dt.date(2010, 5, 3)),
        ("Sept. 9, 2001", "Sept. 9, 2001", dt.date(2001, 9, 9)),
    ],
)
def test_a_date_in_its_sentence(text: str, quote: str, date: dt.date) -> None:
    (mention,) = find_mentions(text)
    assert text[mention.start : mention.end] == quote
    assert mention.value == Fixed(date=date)


@pytest.mark.parametrize(
    ("text", "date"),
    [("12/31/49", dt.date(2049, 12, 31)), ("12/31/50", dt.date(1950, 12, 31)), ("14-Feb-99", dt.date(1999, 2, 14))],
)
def test_a_two_digit_year_follows_the_pivot_and_says_so(text: str, date: dt.date) -> None:
    mention = one(text)
    assert mention.value == Fixed(date=date)
    assert mention.flags == ("two_digit_year",)


@pytest.mark.parametrize(
    ("text", "year", "month", "day", "flag"),
    [
        ("___ day of ____, 2015", 2015, None, None, "blank"),
        ("____ day of June, 2015", 2015, 6, None, "blank"),
        ("[●] day of May, 2015", 2015, 5, None, "redacted"),
        ("March __, 2005", 2005, 3, None, "blank"),
        ("March , 2005", 2005, 3, None, "blank"),
        ("October [__], 2019", 2019, 10, None, "blank"),
        ("June 1, 20__", None, 6, 1, "blank"),
        ("__/__/2010", 2010, None, None, "blank"),
        ("April, 2010", 2010, 4, None, "month_only"),
        ("April 2010", 2010, 4, None, "month_only"),
        ("calendar year 2015", 2015, None, None, "year_only"),
    ],
)
def test_a_blank_in_a_date_is_partial_and_never_invented(
    text: str, year: int | None, month: int | None, day: int | None, flag: str
) -> None:
    mention = one(text)
    assert mention.kind is MentionKind.DATE
    assert mention.value == Incomplete(text=text, year=year, month=month, day=day)
    assert flag in mention.flags


@pytest.mark.parametrize(
    ("text", "month", "day"),
    [("December 31", 12, 31), ("31 December", 12, 31), ("December 31st", 12, 31), ("Sept. 1", 9, 1),
     ("first day of January", 1, 1), ("1st of April", 4, 1), ("last day of February", 2, 28), ("February 29", 2, 29)],
)  # fmt: skip
def test_a_day_of_the_year_has_no_year(text: str, month: int, day: int) -> None:
    mention = one(text)
    assert mention.kind is MentionKind.MONTH_DAY
    assert mention.value == Incomplete(text=text, month=month, day=day)


@pytest.mark.parametrize(
    "text",
    [
        "id 1911A-22",
        "ID1911",
        "the Securities Act of 1933",
        "Section 12.1.2010",
        "Sections 1.2.10",
        "clause 4.5.2014",
        "call 555-1212",
        "(212) 555-1212",
        "New York, NY 10001",
        "Customer may 30 of them",
        "they march 12 abreast",
        "a ratio of 1/2/3/4",
        "version 10.12.2014.3",
        "$10/12/2014",
        "13/13/2014",
        "February 30, 2014",
        "31/02/2014",
        "August 32, 2014",
        "24/7",
        "3-4-5",
        "10-K405",
        "the month of May or June",
        "Rule 10-12-2014A",
    ],
)
def test_what_is_no_date(text: str) -> None:
    found = [mention for mention in find_mentions(text) if mention.kind in (MentionKind.DATE, MentionKind.MONTH_DAY)]
    assert found == []


def test_may_thirty_days_is_a_verb_and_a_length() -> None:
    text = "Customer MAY 30 DAYS after delivery reject"
    (mention,) = find_mentions(text)
    assert text[mention.start : mention.end] == "30 DAYS"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("signed 12/31/2010, due 03/04/2011", DateOrder.MONTH_FIRST),
        ("signed 31/12/2010, due 03/04/2011", DateOrder.DAY_FIRST),
        ("due 03/04/2011", None),
        ("signed 31/12/2010 and 12/31/2010", None),
        ("no dates at all", None),
    ],
)
def test_the_order_of_day_and_month_comes_from_the_dates_that_have_one_reading(
    text: str, order: DateOrder | None
) -> None:
    assert infer_order(text) is order


def test_an_ambiguous_date_shows_both_readings_where_nothing_decides() -> None:
    mention = one("03/04/2025")
    assert mention.flags == ("ambiguous_order",)
    assert isinstance(mention.value, Ambiguous)
    assert mention.value.readings == (Fixed(date=dt.date(2025, 3, 4)), Fixed(date=dt.date(2025, 4, 3)))
