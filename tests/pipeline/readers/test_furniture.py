"""Furniture is told by place and repetition; text of the contract stays."""

from collections.abc import Sequence

import pytest

from pipeline.readers.furniture import Margins, find_furniture, is_stamp


def page(*texts: str, cells: Sequence[int] = ()) -> Margins:
    return Margins(texts, [20.0 * index for index in range(len(texts))], frozenset(cells))


def removed(pages: Sequence[Margins]) -> list[list[str]]:
    return [
        [page.texts[line] for line in sorted(gone)] for page, gone in zip(pages, find_furniture(pages), strict=True)
    ]


def body(number: int, count: int = 12) -> list[str]:
    """Lines that occur nowhere else."""
    words = ("notice", "delivery", "payment", "term", "renewal", "invoice", "goods", "order", "party", "licence")
    return [
        f"the {words[(number + n) % 10]} of {words[(3 * n) % 10]} number {number * 100 + n} is" for n in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Source: EXAMPLE HOLDINGS, INC., 10-K, 12/24/2008", True),
        ("Source: EXAMPLE LTD, F-1/A, 3/1/2011", True),
        ("Source: the Supplier's records, as of 12/24/2008", False),
        ("Source: interviews", False),
    ],
)
def test_the_stamp_of_a_filing_service_is_known(text: str, expected: bool) -> None:
    assert is_stamp(text) is expected


def test_a_stamp_goes_even_where_it_stands_once() -> None:
    stamp = "Source: EXAMPLE HOLDINGS, INC., 10-K, 12/24/2008"
    assert removed([page(*body(1), stamp)]) == [[stamp]]


@pytest.mark.parametrize("form", ["{}", "- {} -", "Page {}", "page {} of 9", "{} of 9", "A-{}", "– {} –", "E - {}"])
def test_page_numbers_at_the_foot_go(form: str) -> None:
    pages = [page(*body(n), form.format(n)) for n in range(1, 6)]
    assert removed(pages) == [[form.format(n)] for n in range(1, 6)]


def test_roman_page_numbers_go() -> None:
    pages = [page(*body(n), number) for n, number in enumerate(("i", "ii", "iii", "iv"))]
    assert removed(pages) == [["i"], ["ii"], ["iii"], ["iv"]]


def test_page_numbers_of_the_paper_original_go_in_the_middle_of_a_page() -> None:
    pages = [page(*body(n), str(n), *body(10 + n)) for n in range(4, 9)]
    assert removed(pages) == [[str(n)] for n in range(4, 9)]


def test_heads_that_hold_the_page_number_go_wherever_they_stand() -> None:
    pages = [page(*body(n), f"Example Confidential Page {n} of 9", *body(10 + n)) for n in range(4, 8)]
    assert removed(pages) == [[f"Example Confidential Page {n} of 9"] for n in range(4, 8)]


def test_a_reference_to_a_page_stays() -> None:
    assert removed([page(*body(1), "as shown in the plan on page 4", *body(2))]) == [[]]


def test_numbers_that_do_not_count_pages_stay() -> None:
    assert removed([page(*body(1), "90", *body(2), "14", *body(3), "7", *body(4))]) == [[]]


def test_numbers_in_the_cells_of_a_table_stay() -> None:
    pages = [page(*body(n), str(n), *body(10 + n), cells=[12]) for n in range(4, 9)]
    assert removed(pages) == [[]] * 5


def test_a_list_of_numbers_close_together_stays() -> None:
    assert removed([page(*body(1), "1", "2", "3", "4", "5", *body(2))]) == [[]]


def test_running_heads_and_feet_go_though_their_digits_change() -> None:
    pages = [page("Example Supply Agreement", *body(n), f"Draft of {n} May 2024") for n in range(1, 6)]
    assert removed(pages) == [["Example Supply Agreement", f"Draft of {n} May 2024"] for n in range(1, 6)]


def test_a_head_that_stands_beside_page_numbers_in_the_middle_of_pages_goes() -> None:
    pages = [page(*body(n), str(n), "Example Supply Agreement", *body(10 + n)) for n in range(4, 9)]
    assert removed(pages) == [[str(n), "Example Supply Agreement"] for n in range(4, 9)]


def test_a_watermark_across_the_pages_goes() -> None:
    pages = [page(*body(n), "CONFIDENTIAL DRAFT", *body(10 + n)) for n in range(1, 5)]
    assert removed(pages) == [["CONFIDENTIAL DRAFT"]] * 4


def test_a_legend_of_several_lines_goes_as_a_whole() -> None:
    legend = (
        "Certain information on this page has been omitted and filed separately with",
        "the authority that keeps the register. It was asked to keep from the public",
        "the omitted portions.",
    )
    pages = [page(*body(n), *legend, *body(20 + n)) for n in range(1, 6)]
    assert removed(pages) == [list(legend)] * 5


def test_lines_of_signature_blocks_stay_however_often_they_repeat() -> None:
    block = ("Very truly yours,", "By: ____________________", "Name:", "Title:", "For and on behalf of")
    pages = [page(*body(n), *block) for n in range(1, 6)]
    assert removed(pages) == [[]] * 5


def test_a_sentence_that_repeats_at_the_foot_stays() -> None:
    pages = [page(*body(n), "This letter is governed by the law of the place.") for n in range(1, 6)]
    assert removed(pages) == [[]] * 5


def test_a_heading_that_repeats_in_the_body_stays() -> None:
    pages = [page(*body(n), "Payment", *body(10 + n)) for n in range(1, 6)]
    assert removed(pages) == [[]] * 5


def test_rules_drawn_with_characters_go() -> None:
    assert removed([page(*body(1), "- ----------------", *body(2), "========")]) == [["- ----------------", "========"]]


def test_an_empty_page_has_none() -> None:
    assert find_furniture([page()]) == [set()]
