"""Money and rates, over the whole example, and numbers that are neither."""

from decimal import Decimal

import pytest

from extractors.grammar.mentions import Mention, MentionKind, find_mentions
from models.money import Amount


def one(text: str) -> Mention:
    found = find_mentions(text)
    assert len(found) == 1, f"{text!r} gave {[text[m.start : m.end] for m in found]}"
    mention = found[0]
    assert (mention.start, mention.end) == (0, len(text)), (
        f"{text!r} was read in part: {text[mention.start : mention.end]!r}"
    )
    return mention


def money(text: str) -> Amount:
    mention = one(text)
    assert mention.kind is MentionKind.MONEY
    assert mention.amount is not None
    return mention.amount


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("$5,000", "5000", "USD"),
        ("$5,000.00", "5000", "USD"),
        ("$ 5,000", "5000", "USD"),
        ("US$5,000.00", "5000", "USD"),
        ("U.S. $5,000", "5000", "USD"),
        ("USD 10,000", "10000", "USD"),
        ("USD$10,000", "10000", "USD"),
        ("10,000 USD", "10000", "USD"),
        ("$2.5 million", "2500000", "USD"),
        ("$1.2 billion", "1200000000", "USD"),
        ("$150k", "150000", "USD"),
        ("$3MM", "3000000", "USD"),
        ("$.05", "0.05", "USD"),
        ("$5,000 USD", "5000", "USD"),
        ("C$500", "500", "CAD"),
        ("$500 CAD", "500", "CAD"),
        ("AUD 700", "700", "AUD"),
        ("£500", "500", "GBP"),
        ("€1,000", "1000", "EUR"),
        ("EUR 1.234,56", "1234.56", "EUR"),
        ("10,000 Euros", "10000", "EUR"),
        ("RMB 10,000", "10000", "CNY"),
        ("RMB 2 million", "2000000", "CNY"),
        ("Rs. 500,000", "500000", "INR"),
        ("¥100,000", "100000", "JPY"),
        ("ten thousand dollars", "10000", "USD"),
        ("ten thousand dollars ($10,000)", "10000", "USD"),
        ("Ten Thousand and No/100 Dollars ($10,000.00)", "10000", "USD"),
        ("Five Million Dollars (US$5,000,000)", "5000000", "USD"),
        ("Fifty Thousand ($50,000) Dollars", "50000", "USD"),
        ("five hundred thousand U.S. dollars (US$500,000)", "500000", "USD"),
        ("One Hundred Fifty Thousand Dollars ($150,000)", "150000", "USD"),
        ("two million Canadian dollars", "2000000", "CAD"),
        ("10,000 U.S. dollars", "10000", "USD"),
        ("fifty cents", "0.5", "USD"),
        ("5 million dollars", "5000000", "USD"),
    ],
)
def test_an_amount(text: str, value: str, currency: str) -> None:
    amount = money(text)
    assert (amount.value, amount.currency) == (Decimal(value), currency)
    assert amount.text == text
    assert not amount.redacted


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("$10,000 to $15,000", "10000", "15000"),
        ("$10,000 - $15,000", "10000", "15000"),
        ("$1 to $2 million", "1000000", "2000000"),
        ("US$100–US$200", "100", "200"),
    ],
)
def test_a_range_of_amounts(text: str, low: str, high: str) -> None:
    amount = money(text)
    assert (amount.value, amount.high) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize("text", ["$[***]", "$[*]", "US$[***]", "$____", "$***", "[***] Dollars", "$[●] million"])
def test_a_redacted_amount_has_no_value(text: str) -> None:
    amount = money(text)
    assert (amount.value, amount.redacted, amount.currency) == (None, True, "USD")


def test_two_amounts_joined_by_and_are_two() -> None:
    found = find_mentions("pay $5,000 and $10,000 respectively")
    assert [mention.amount.value for mention in found if mention.amount] == [Decimal(5000), Decimal(10000)]


def test_words_and_figures_that_disagree_are_flagged() -> None:
    mention = one("five thousand dollars ($6,000)")
    assert mention.amount is not None
    assert mention.amount.value == Decimal(5000)
    assert mention.flags == ("word_figure_conflict",)
    assert [other.value for other in mention.other if isinstance(other, Amount)] == [Decimal(6000)]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("5%", "5%"),
        ("five percent", "5%"),
        ("five percent (5%)", "5%"),
        ("five (5%) percent", "5%"),
        ("5 per cent", "5%"),
        ("1.5%", "1.5%"),
        ("one and one-half percent (1.5%)", "1.5%"),
        ("5% of Net Sales", "5% of Net Sales"),
        ("ten percent (10%) of the Gross Revenues", "10% of the Gross Revenues"),
        ("50% of the purchase price", "50% of the purchase price"),
        ("50 basis points", "50 basis points"),
    ],
)
def test_a_rate_says_what_it_is_of(text: str, rate: str) -> None:
    mention = one(text)
    assert mention.kind is MentionKind.RATE
    assert mention.amount is not None
    assert mention.amount.rate == rate


def test_a_redacted_rate_keeps_its_words() -> None:
    mention = one("[***]% of Net Sales")
    assert mention.amount is not None
    assert (mention.amount.rate, mention.amount.redacted) == ("[***]% of Net Sales", True)


def test_a_rate_with_a_conflict_is_flagged() -> None:
    assert one("five percent (6%)").flags == ("word_figure_conflict",)


@pytest.mark.parametrize(
    "text",
    [
        "100,000 shares",
        "10,000 units",
        "a fine of the highest order",
        "he won 5 times",
        "common stock, $0.001 par value",
        "us 5 and them",
        "the euro area",
        "Section 5",
        "no 5-10",
        "5 pounds of flour",
    ],
)
def test_what_is_no_money(text: str) -> None:
    assert [mention for mention in find_mentions(text) if mention.amount] == []
