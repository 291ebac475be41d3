"""What is exchanged one for one, and what changes length."""

import pytest

from pipeline.readers.cleaning import HYPHEN_AT_BREAK, clean, hyphen_stays, is_hyphenated, one_for_one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no\u00a0later\u2009than", "no later than"),
        ("terminate\u037e and", "terminate; and"),
        ("know\u2011how, non\u00adexclusive, set\u2010off", "know-how, non-exclusive, set-off"),
        ("\uff08\uff11\uff09", "(1)"),
        ("a\tb\x0bc\x01", "a b c "),
        ("agree\x02ment", f"agree{HYPHEN_AT_BREAK}ment"),
        ("“Term” – the § 5 … €", "“Term” – the § 5 … €"),
        ("plain text.\r\n", "plain text.\r\n"),
    ],
)
def test_lookalikes_are_exchanged_and_offsets_hold(text: str, expected: str) -> None:
    assert one_for_one(text) == expected
    assert len(expected) == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\ufb03cient o\ufb00er of\u200b \ufb01ve", "efficient offer of five"),
        ("Section \u200b 12 \ufeff", "Section 12 "),
        ("this 17t h day", "this 17th day"),
        ("the 60t h and 1 st, 2 nd, 3r d", "the 60th and 1st, 2nd, 3rd"),
        ("5 the", "5 the"),
        ("12 thousand", "12 thousand"),
        ("two   spaces", "two spaces"),
        ("2.1Conditions", "2.1 Conditions"),
        ("(a)The Supplier", "(a) The Supplier"),
        ("1.1“Affiliate”", "1.1 “Affiliate”"),
        ("9.TERM", "9. TERM"),
        ("Section 4Fees", "Section 4 Fees"),
        ("2.4GHz", "2.4GHz"),
        ("no-break\u00a0and\u037e", "no-break and;"),
    ],
)
def test_what_print_broke_is_mended(text: str, expected: str) -> None:
    assert clean(text) == expected


WORDS = {"agreement", "obligation", "cross", "licence", "royalty", "bearing", "long-term"}


@pytest.mark.parametrize(
    ("before", "after", "hyphenated", "expected"),
    [
        ("agree", "ment", True, False),
        ("agree", "ment", False, True),
        ("non", "exclusive", True, True),
        ("long", "term", True, True),
        ("royalty", "bearing", True, True),
        ("Know", "How", True, True),
        ("deliver", "able", True, False),
        ("2018", "2019", True, True),
    ],
)
def test_a_broken_word_keeps_its_hyphen_only_where_it_has_one(
    before: str, after: str, hyphenated: bool, expected: bool
) -> None:
    assert hyphen_stays(before, after, hyphenated, WORDS.__contains__) is expected


def test_a_document_hyphenates_when_its_broken_words_are_whole_elsewhere() -> None:
    broken = f"agree{HYPHEN_AT_BREAK}ment and obliga{HYPHEN_AT_BREAK}tion"
    assert is_hyphenated(broken, WORDS.__contains__)
    assert not is_hyphenated(f"royalty{HYPHEN_AT_BREAK}bearing", WORDS.__contains__)
    assert not is_hyphenated("nothing broken", WORDS.__contains__)
