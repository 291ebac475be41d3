"""Passages: sentences stay whole, neighbours stay apart, headings go with what they head."""

import pytest

from extractors.passages import split_passages
from models.source import Cell, Section, SourceText, Table


def passages_of(text: str) -> list[str]:
    return [text[one.start : one.end] for one in split_passages(SourceText(text, (), ()))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Alder Inc. sells goods to Birch Ltd. under order No. 5. Payment is due in May.",
            ["Alder Inc. sells goods to Birch Ltd. under order No. 5.", "Payment is due in May."],
            id="company forms and numbers do not end a sentence",
        ),
        pytest.param(
            "The parties meet in Washington, D.C. on Monday. They agree.",
            ["The parties meet in Washington, D.C. on Monday.", "They agree."],
            id="initials do not end a sentence",
        ),
        pytest.param(
            "This Agreement shall remain in\nforce for two years. It then ends.",
            ["This Agreement shall remain in\nforce for two years.", "It then ends."],
            id="a wrapped line is one sentence",
        ),
        pytest.param(
            "9.2 Term. This Agreement ends in May. Notices are in writing.",
            ["9.2 Term. This Agreement ends in May.", "Notices are in writing."],
            id="a run-in heading stays with its sentence",
        ),
        pytest.param(
            "This Agreement ends on the earlier of:\n(a) 31 December 2022;\n(b) the end of the lease.\nNext.",
            ["This Agreement ends on the earlier of:\n(a) 31 December 2022;\n(b) the end of the lease.", "Next."],
            id="items of a list stay with the sentence that opens it",
        ),
        pytest.param(
            "Fees are due on July 1, 2025;\nOctober 1, 2025; January 1, 2026. They are net.",
            ["Fees are due on July 1, 2025;\nOctober 1, 2025; January 1, 2026.", "They are net."],
            id="days of a list stay with the sentence that opens it",
        ),
        pytest.param(
            "TERM AND TERMINATION\nThis Agreement lasts one year.",
            ["TERM AND TERMINATION\nThis Agreement lasts one year."],
            id="a heading on its own line opens the next passage",
        ),
    ],
)
def test_text_is_cut_into_sentences(text: str, expected: list[str]) -> None:
    assert passages_of(text) == expected


def test_passages_cover_all_text_but_white_space() -> None:
    text = "1. Scope\nAlder supplies. 2. Term\n\nTwo years; then it ends.\n" * 20
    covered = "".join(passages_of(text)).split()
    assert "".join(covered) == "".join(text.split())


def test_a_sentence_beyond_all_bounds_is_cut_at_its_semicolons() -> None:
    text = "The supplier shall " + "; and shall deliver the goods that the buyer has ordered in writing" * 40 + "."
    assert all(len(passage) < 1500 for passage in passages_of(text))
    assert len(passages_of(text)) > 2


def test_a_passage_knows_the_headings_above_it() -> None:
    text = "Term\nRenewal\nIt renews."
    sections = (Section(0, 4, "9", "Term", 1), Section(5, 12, "9.2", "Renewal", 2))
    last = split_passages(SourceText(text, (), (), sections=sections))[-1]
    assert (last.section, last.heading) == ("9.2", "Term > Renewal")


def test_each_row_of_a_table_is_a_passage() -> None:
    text = "Due Amount\n1 May 2014 $5"
    rows = ((Cell(0, 3, "Due"), Cell(4, 10, "Amount")), (Cell(11, 21, "1 May 2014"), Cell(22, 24, "$5")))
    found = split_passages(SourceText(text, (), (), tables=(Table(0, len(text), 1, rows, True),)))
    assert text[found[-1].start : found[-1].end] == "1 May 2014 $5"
    assert "table" in found[-1].tags


def test_what_stands_near_a_signature_is_tagged() -> None:
    text = (
        "Alder and Birch agree. " * 40
        + "\nIN WITNESS WHEREOF the parties have signed.\nBy: /s/ A. Alder\nDate: 3 May 2014"
    )
    assert "signature" in split_passages(SourceText(text, (), ()))[-1].tags
    assert "signature" not in split_passages(SourceText(text, (), ()))[0].tags


def test_an_empty_document_has_no_passages() -> None:
    assert split_passages(SourceText("  \n ", (), ())) == []
