"""Numbers in words and figures, proved over the whole small language of cardinals."""

from fractions import Fraction

import pytest

from extractors.grammar.numbers import Number, cardinal, figure, ordinal, read_number

ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip


def in_words(number: int, *, conjunction: bool = False, hyphen: str = "-") -> str:
    """English words for 1 to 999, written as this test's own second opinion."""
    words = [ONES[number // 100], "hundred"] if number >= 100 else []
    rest = number % 100
    if rest and words and conjunction:
        words.append("and")
    if rest >= 20:
        words.append(TENS[rest // 10] + (hyphen + ONES[rest % 10] if rest % 10 else ""))
    elif rest:
        words.append(ONES[rest])
    return " ".join(words)


def as_ordinal(words: str) -> str:
    head, _, last = words.replace("-", " ").rpartition(" ")
    suffixed = IRREGULAR.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return f"{head} {suffixed}".strip()


def read(text: str) -> Number:
    number = read_number(text, 0)
    assert number is not None, f"{text!r} was not read"
    assert number.end == len(text), f"{text!r} was read in part: {text[: number.end]!r}"
    return number


@pytest.mark.parametrize("conjunction", [False, True])
@pytest.mark.parametrize("hyphen", ["-", " ", " - "])
def test_every_cardinal_to_999_reads_back(conjunction: bool, hyphen: str) -> None:
    for number in range(1, 1000):
        words = in_words(number, conjunction=conjunction, hyphen=hyphen)
        assert cardinal(words) == number, words
        assert read(words).value == number, words
        assert read(words.title()).value == number, words


def test_every_ordinal_to_199_reads_back() -> None:
    for number in range(1, 200):
        words = as_ordinal(in_words(number))
        assert ordinal(words) == number, words
        found = read(words)
        assert found.value == number, words
        assert found.ordinal, words


def test_word_and_figure_agree_for_every_number_to_999() -> None:
    for number in range(1, 1000):
        found = read(f"{in_words(number)} ({number})")
        assert found.value == number
        assert not found.conflict
        conflicting = read(f"{in_words(number)} ({number + 1})")
        assert conflicting.value == number
        assert conflicting.conflict


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000", 1000),
        ("1,250,000", 1_250_000),
        ("2.5", Fraction(5, 2)),
        ("1 1/2", Fraction(3, 2)),
        ("1½", Fraction(3, 2)),
        ("½", Fraction(1, 2)),
        ("one and one-half (1 1/2)", Fraction(3, 2)),
        ("one and a half", Fraction(3, 2)),
        ("one-half", Fraction(1, 2)),
        ("30 (thirty)", 30),
        ("(60)", 60),
        ("six [6]", 6),
        ("thirty ( 30 )", 30),
        ("ten thousand", 10_000),
        ("one hundred and fifty thousand five hundred", 150_500),
        ("two million three hundred thousand", 2_300_000),
        ("a hundred", 100),
        ("thirtieth (30th)", 30),
        ("twenty-third (23rd)", 23),
        ("fifth (5t h)", 5),
        ("1st", 1),
    ],
)
def test_a_number_in_any_of_its_forms(text: str, value: int | Fraction) -> None:
    assert read(text).value == value


@pytest.mark.parametrize(
    "text",
    ["[***]", "[*]", "[ * * * ]", "[●]", "[REDACTED]", "[Confidential Treatment Requested]", "***", "[...***...]"],
)
def test_a_redaction_has_no_number(text: str) -> None:
    found = read(text)
    assert (found.value, found.redacted) == (None, "redacted")


@pytest.mark.parametrize("text", ["____", "[__]", "[ ]", "__ ___"])
def test_a_blank_has_no_number(text: str) -> None:
    found = read(text)
    assert (found.value, found.redacted) == (None, "blank")


@pytest.mark.parametrize(
    "text", ["(a)", "(xx)", "party", "onerous", "tenant", "[sic]", "(i)", "often", "9" * 5000, "(" + "1" * 50 + ")"]
)
def test_what_is_no_number(text: str) -> None:
    assert read_number(text, 0) is None


def test_figures_are_exact() -> None:
    assert figure("0.1") == Fraction(1, 10)
