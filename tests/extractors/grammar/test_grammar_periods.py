"""Periods: what is read, over the whole example and only once, and beside it what must not be read."""

import pytest

from extractors.grammar.mentions import Mention, MentionKind, find_mentions
from models.period import Period, Unit

DAY, WEEK, MONTH, QUARTER, YEAR = Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR


def periods(text: str) -> list[Mention]:
    return [mention for mention in find_mentions(text) if mention.kind is MentionKind.PERIOD]


def one(text: str) -> Mention:
    found = find_mentions(text)
    assert found, f"{text!r} was not read"
    assert len(found) == 1, f"{text!r} has several readings: {[text[m.start : m.end] for m in found]}"
    mention = found[0]
    assert (mention.start, mention.end) == (0, len(text)), (
        f"{text!r} was read in part: {text[mention.start : mention.end]!r}"
    )
    return mention


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("thirty (30) days", 30, DAY),
        ("30 days", 30, DAY),
        ("30 (thirty) days", 30, DAY),
        ("(60) days", 60, DAY),
        ("thirty (30 days)", 30, DAY),
        ("thirty days (30)", 30, DAY),
        ("one (l) year", 1, Unit.YEAR),
        ("THIRTY (30) DAYS", 30, DAY),
        ("thirty-\nfive (35) days", 35, DAY),
        ("one hundred eighty (180) days", 180, DAY),
        ("one hundred and twenty days", 120, DAY),
        ("thirty days'", 30, DAY),
        ("thirty (30) days’", 30, DAY),
        ("90-day", 90, DAY),
        ("1 day", 1, DAY),
        ("two weeks", 2, WEEK),
        ("one fortnight", 2, WEEK),
        ("24-month", 24, MONTH),
        ("twenty-four (24) month", 24, MONTH),
        ("18 mos.", 18, MONTH),
        ("12 consecutive months", 12, MONTH),
        ("six (6) full months", 6, MONTH),
        ("two (2) calendar quarters", 2, QUARTER),
        ("one year", 1, YEAR),
        ("one-year", 1, YEAR),
        ("two (2) additional years", 2, YEAR),
        ("five (5) successive years", 5, YEAR),
        ("ten (10) year(s)", 10, YEAR),
        ("3 yrs", 3, YEAR),
        ("one and one-half (1 1/2) years", 18, MONTH),
        ("1.5 years", 18, MONTH),
        ("one-half year", 6, MONTH),
        ("two years and six months", 30, MONTH),
        ("one (1) year and three (3) months", 15, MONTH),
    ],
)
def test_a_length_of_time(text: str, count: int, unit: Unit) -> None:
    assert one(text).period == Period(count=count, unit=unit)


@pytest.mark.parametrize(
    "text",
    [
        "ten (10) Business Days",
        "10 working days",
        "ten banking days",
        "10 bank business days",
        "ten (10) consecutive business days",
    ],
)
def test_business_days_stay_business_days(text: str) -> None:
    assert one(text).period == Period(count=10, unit=DAY, business=True)


def test_a_month_is_not_thirty_days() -> None:
    assert one("6 months").period == Period(count=6, unit=MONTH)
    assert one("six (6) calendar months").flags == ("calendar",)


@pytest.mark.parametrize(
    ("text", "word", "figure"),
    [("sixty (90) days", 60, 90), ("six [4] months", 6, 4), ("30 (sixty) days", 60, 30), ("ninety days (60)", 90, 60)],
)
def test_a_word_and_its_figure_that_disagree_are_shown_not_chosen_silently(text: str, word: int, figure: int) -> None:
    mention = one(text)
    assert mention.period is not None
    assert mention.period.count == word
    assert "word_figure_conflict" in mention.flags
    assert [value.count for value in mention.other if isinstance(value, Period)] == [figure]


def test_a_number_without_its_unit_is_flagged() -> None:
    text = "upon sixty (60) prior written notice"
    (mention,) = find_mentions(text)
    assert (mention.kind, mention.value, mention.flags) == (MentionKind.PERIOD, 60, ("unit_missing",))


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("[***] days", "redacted"),
        ("[*] (*) months", "redacted"),
        ("____ days", "blank"),
        ("[ ] years", "blank"),
        ("* years", "redacted"),
    ],
)
def test_a_redacted_length_has_no_value(text: str, flag: str) -> None:
    mention = one(text)
    assert (mention.kind, mention.value, mention.flags) == (MentionKind.PERIOD, None, (flag,))


@pytest.mark.parametrize("text", ["30 to 60 days", "thirty (30) to sixty (60) days", "30-60 days", "30 – 60 days"])
def test_a_range_has_two_ends(text: str) -> None:
    mention = one(text)
    assert mention.period == Period(count=30, unit=DAY)
    assert mention.other == (Period(count=60, unit=DAY),)
    assert mention.flags == ("range",)


def test_numbers_of_a_list_share_the_unit_at_its_end() -> None:
    found = periods("notices at thirty (30), sixty (60) and ninety (90) days")
    assert [mention.period for mention in found] == [Period(count=count, unit=DAY) for count in (30, 60, 90)]
    assert [mention.flags for mention in found] == [("unit_shared",), ("unit_shared",), ()]


@pytest.mark.parametrize(
    ("text", "quote", "count", "unit"),
    [
        ("for a year after delivery", "a year", 1, YEAR),
        ("within a month of signing", "a month", 1, MONTH),
        ("for an additional year", "an additional year", 1, YEAR),
        ("for a period of a year", "a year", 1, YEAR),
        ("a week before the meeting", "a week", 1, WEEK),
        ("on the thirtieth (30th) day after receipt", "thirtieth (30th) day", 30, DAY),
        ("on the 90th day following", "90th day", 90, DAY),
        ("the third (3rd) anniversary of", "third (3rd) anniversary", 3, YEAR),
        ("its one-year anniversary", "one-year anniversary", 1, YEAR),
        ("the first six months", "six months", 6, MONTH),
    ],
)
def test_a_length_in_its_sentence(text: str, quote: str, count: int, unit: Unit) -> None:
    (mention,) = periods(text)
    assert text[mention.start : mention.end] == quote
    assert mention.period == Period(count=count, unit=unit)


@pytest.mark.parametrize(
    "text",
    [
        "the first year of operation",
        "in the second month",
        "twice a month",
        "$500 a month",
        "48 hours",
        "twenty-four (24) hours",
        "five days per week",
        "eighteen years of age",
        "a 360-day year",
        "any day",
        "the day after",
        "a month-to-month tenancy",
        "the first day of the Term",
        "Section 30 applies",
        "one party",
        "the tenth item",
        "second half",
    ],
)
def test_what_is_no_length_of_time(text: str) -> None:
    assert periods(text) == []


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("two (2) additional one (1) year terms", [2]),
        ("three (3) successive two-year periods", [3]),
        ("two one-year renewals", [2]),
        ("up to five (5) renewals", [5]),
        ("10 Term and Termination", []),
        ("Exhibit 2 additional", []),
    ],
)
def test_how_many_times_is_a_count(text: str, counts: list[int]) -> None:
    assert [mention.value for mention in find_mentions(text) if mention.kind is MentionKind.COUNT] == counts
