"""How often: the word people use and the RRULE, which dateutil must accept and expand to the days meant."""

import datetime as dt

import pytest
from dateutil.rrule import rrulestr

from extractors.grammar.mentions import Mention, MentionKind, find_mentions
from models.contract import Recurrence

W, M, Q, S, A = Recurrence.WEEKLY, Recurrence.MONTHLY, Recurrence.QUARTERLY, Recurrence.SEMIANNUAL, Recurrence.ANNUAL


def recurrences(text: str) -> list[Mention]:
    return [mention for mention in find_mentions(text) if mention.kind is MentionKind.RECURRENCE]


def one(text: str) -> Mention:
    found = find_mentions(text)
    assert len(found) == 1, f"{text!r} gave {[text[m.start : m.end] for m in found]}"
    mention = found[0]
    assert (mention.start, mention.end) == (0, len(text)), (
        f"{text!r} was read in part: {text[mention.start : mention.end]!r}"
    )
    assert mention.kind is MentionKind.RECURRENCE
    return mention


@pytest.mark.parametrize(
    ("text", "name", "rrule"),
    [
        ("monthly", M, "FREQ=MONTHLY"),
        ("Quarterly", Q, "FREQ=MONTHLY;INTERVAL=3"),
        ("semi-annually", S, "FREQ=MONTHLY;INTERVAL=6"),
        ("annually", A, "FREQ=YEARLY"),
        ("per annum", A, "FREQ=YEARLY"),
        ("weekly", W, "FREQ=WEEKLY"),
        ("bi-weekly", None, "FREQ=WEEKLY;INTERVAL=2"),
        ("daily", None, "FREQ=DAILY"),
        ("each month", M, "FREQ=MONTHLY"),
        ("each calendar quarter", Q, "FREQ=MONTHLY;INTERVAL=3"),
        ("every fiscal year", A, "FREQ=YEARLY"),
        ("each and every month", M, "FREQ=MONTHLY"),
        ("each successive calendar year", A, "FREQ=YEARLY"),
        ("per month", M, "FREQ=MONTHLY"),
        ("every six months", S, "FREQ=MONTHLY;INTERVAL=6"),
        ("every six (6) months", S, "FREQ=MONTHLY;INTERVAL=6"),
        ("every two weeks", None, "FREQ=WEEKLY;INTERVAL=2"),
        ("every other month", None, "FREQ=MONTHLY;INTERVAL=2"),
        ("every second year", None, "FREQ=YEARLY;INTERVAL=2"),
        ("every twelve months", A, "FREQ=YEARLY"),
        ("twice a year", S, "FREQ=MONTHLY;INTERVAL=6"),
        ("four times per year", Q, "FREQ=MONTHLY;INTERVAL=3"),
        ("once per calendar year", A, "FREQ=YEARLY"),
        ("month-to-month", M, "FREQ=MONTHLY"),
        ("year to year", A, "FREQ=YEARLY"),
        ("each Monday", W, "FREQ=WEEKLY;BYDAY=MO"),
        ("first day of each month", M, "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("15th day of each calendar month", M, "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("15th of each month", M, "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("tenth (10th) day of every month", M, "FREQ=MONTHLY;BYMONTHDAY=10"),
        ("1st and 15th of each month", M, "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("last day of each month", M, "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("last business day of each month", M, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("second Tuesday of each month", M, "FREQ=MONTHLY;BYDAY=2TU"),
        ("last Friday of every month", M, "FREQ=MONTHLY;BYDAY=-1FR"),
        ("first day of each calendar quarter", Q, "FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=1"),
        ("last day of each calendar quarter", Q, "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"),
        ("December 31 of each year", A, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"),
        ("31 December in every year", A, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"),
        ("each January 1", A, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1"),
        ("June 30 and December 31 of each year", S, "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1"),
        ("January 1 and July 1 of each year", S, "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1"),
        (
            "March 31, June 30, September 30 and December 31 of each calendar year",
            Q,
            "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1",
        ),
    ],
)
def test_a_recurrence_and_its_rule(text: str, name: Recurrence | None, rrule: str) -> None:
    value = one(text).recurrence
    assert value is not None
    assert (value.recurrence, value.rrule) == (name, rrule)
    rrulestr(value.rrule, dtstart=dt.datetime.combine(dt.date(2024, 1, 1), dt.time()))


def days(text: str, start: dt.date, count: int) -> list[dt.date]:
    value = one(text).recurrence
    assert value is not None
    rule = rrulestr(value.rrule, dtstart=dt.datetime.combine(start, dt.time()))
    return [moment.date() for moment in rule.xafter(dt.datetime.combine(start, dt.time()), count=count, inc=True)]


def test_the_last_day_of_each_month_does_not_drift() -> None:
    assert days("last day of each month", dt.date(2024, 1, 30), 3) == [
        dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2024, 3, 31),
    ]  # fmt: skip


def test_quarter_ends_are_the_calendar_s() -> None:
    assert days("last day of each calendar quarter", dt.date(2024, 5, 10), 3) == [
        dt.date(2024, 6, 30), dt.date(2024, 9, 30), dt.date(2024, 12, 31),
    ]  # fmt: skip


def test_the_last_business_day_is_no_weekend() -> None:
    assert days("last business day of each month", dt.date(2024, 3, 1), 2) == [
        dt.date(2024, 3, 29),
        dt.date(2024, 4, 30),
    ]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("an annual report", ("adjective",)),
        ("a monthly statement of sales", ("adjective",)),
        ("paid monthly in arrears", ()),
        ("reviewed annually by both", ()),
        ("$5 per month", ("per",)),
        ("renews month-to-month", ("rolling",)),
        ("each fiscal quarter", ("fiscal",)),
        ("each Contract Year", ("contract",)),
        ("each anniversary", ("anniversary",)),
    ],
)
def test_a_recurrence_says_how_it_was_meant(text: str, flags: tuple[str, ...]) -> None:
    (mention,) = recurrences(text)
    assert mention.flags == flags


@pytest.mark.parametrize(
    "text",
    [
        "each party",
        "any month of the Term",
        "per share",
        "annualized",
        "the first month",
        "each one-year renewal term",
        "the last day of the Term",
        "the second Tuesday after notice",
        "each day-to-day matter",
        "every effort",
        "first of all",
        "one half of the fee",
    ],
)
def test_what_does_not_come_back(text: str) -> None:
    assert recurrences(text) == []
