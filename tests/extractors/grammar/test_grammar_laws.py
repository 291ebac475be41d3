"""What holds for any text: readers never fail, values lie in order inside the text, blanks stay without numbers."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.grammar.mentions import MentionKind, find_mentions
from extractors.grammar.timing import find_timings
from models.dateexpr import DateExpr

PIECES = [
    "thirty", "(30)", "30", "sixty", "one hundred", "and", "or", "days", "Business Days", "months", "year",
    "years", "%", "$", "US$", "5,000", "1.5", "million", "dollars", "[***]", "____", "[●]", "within", "at least",
    "no later than", "for a period of", "prior to", "before", "after", "following", "of", "from", "the", "each",
    "every", "calendar", "quarter", "month", "end of", "last day of", "first", "15th", "day", "day of", "March",
    "May", "December 31", "2015", "3/4/2015", "10-12-2014", "01.02.2003", "Effective Date", "Initial Term",
    "then-current", "term", "expiration of", "receipt of", "an invoice", "notice", "written", "anniversary of",
    "later of", "(a)", "(b)", "upon", "until", "commencing on", "and ending on", "net", "annually", "a", "half",
    "not more than", "thereafter", ",", ".", ";", "(", ")", "\n", "’", "½", " ", "\u00a0", "in advance",
    "date that is", "anniversary", "hundredth", "1/2", "following the month",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=80)


@settings(max_examples=600, deadline=None)
@given(text=texts)
def test_mentions_lie_in_order_inside_any_text(text: str) -> None:
    mentions = find_mentions(text)
    reached = 0
    for mention in mentions:
        assert reached <= mention.start < mention.end <= len(text)
        reached = mention.end
        if mention.kind is MentionKind.PERIOD and mention.period is None:
            assert {"redacted", "blank", "unit_missing"} & set(mention.flags)


@settings(max_examples=600, deadline=None)
@given(text=texts)
def test_timings_lie_in_order_inside_any_text_and_mean_something(text: str) -> None:
    timings = find_timings(text, find_mentions(text))
    reached = 0
    for timing in timings:
        assert reached <= timing.start < timing.end <= len(text)
        reached = timing.end
        assert isinstance(timing.expr, DateExpr.__origin__)  # type: ignore[attr-defined]
        assert (timing.recurrence is None) or timing.rrule
        assert timing.rule


@settings(deadline=None)
@given(text=texts)
def test_reading_twice_gives_the_same(text: str) -> None:
    mentions = find_mentions(text)
    assert mentions == find_mentions(text)
    assert find_timings(text, mentions) == find_timings(text, mentions)


SIGNS = [
    "*",
    "* ",
    "_",
    "_ ",
    ".",
    "[*",
    "[***] ",
    "1",
    "1,",
    "1 ",
    "30, ",
    "one ",
    "one-",
    "and ",
    "$1,000 ",
    "( ",
    "(a) ",
    "  ",
    "\t",
]
WORDS = [
    "the later of (a) ",
    "termination or ",
    "30 days after ",
    "the expiration of 30 days after ",
    "March 1, ",
    "notice of ",
]


@pytest.mark.parametrize("filler", [*SIGNS, *WORDS])
@pytest.mark.parametrize("head", ["", "30", "thirty", "March 1", "within 30 days after", "[", "30 days and"])
def test_pages_of_the_same_sign_are_read_in_linear_time(head: str, filler: str) -> None:
    """Not timed: with one pattern that goes over such a page again and again, this test does not end."""
    text = head + filler * (8_000 // len(filler)) + head
    mentions = find_mentions(text)
    assert all(one.end <= other.start for one, other in pairwise(mentions))
    timings = find_timings(text, mentions)
    assert all(one.end <= other.start for one, other in pairwise(timings))


def test_no_value_reaches_over_a_wide_gap() -> None:
    assert find_mentions("March 1" + " " * 40 + "2010")[0].kind is MentionKind.MONTH_DAY
    assert find_mentions("thirty" + "\n" * 40 + "days") == []
    assert find_mentions("x" * 9 + " " * 40 + "30 days")[0].start == 49
