"""Sections are recognised on cleaned text: number, heading, level, extent."""

import pytest

from models.source import Section
from pipeline.readers.sections import Paragraph, find_sections


def sections_of(*paragraphs: str) -> tuple[str, tuple[Section, ...]]:
    text = "\n".join(paragraphs)
    spans, at = [], 0
    for paragraph in paragraphs:
        spans.append(Paragraph(at, at + len(paragraph)))
        at += len(paragraph) + 1
    return text, find_sections(text, spans)


def outline(*paragraphs: str) -> list[tuple[int, str, str]]:
    return [(section.level, section.number, section.heading) for section in sections_of(*paragraphs)[1]]


@pytest.mark.parametrize(
    ("paragraph", "number", "heading"),
    [
        ("9. Term and Termination", "9", "Term and Termination"),
        ("9.2 Renewal. This Agreement renews for one year.", "9.2", "Renewal"),
        ("9.2. Renewal: This Agreement renews for one year.", "9.2", "Renewal"),
        ("12.1.3 The Supplier shall deliver the Goods.", "12.1.3", ""),
        ("(a) the Customer fails to pay;", "(a)", ""),
        ("(iv) Notices. Each notice is in writing.", "(iv)", "Notices"),
        ("ARTICLE IV PAYMENT TERMS", "ARTICLE IV", "PAYMENT TERMS"),
        ("Article 7 – Confidentiality", "Article 7", "Confidentiality"),
        ("Section 3.1 Fees. The fee is due monthly.", "Section 3.1", "Fees"),
        ("SECTION EIGHTEEN. SEVERABILITY", "SECTION EIGHTEEN", "SEVERABILITY"),
        ("Article Twenty-One Notices", "Article Twenty-One", "Notices"),
        ("SCHEDULE 1", "SCHEDULE 1", ""),
        ("Exhibit A", "Exhibit A", ""),
        ("Exhibit 10.2", "Exhibit 10.2", ""),
        ("II. Scope of Services", "II", "Scope of Services"),
        ("A. Background of the Parties", "A", "Background of the Parties"),
        ("GOVERNING LAW", "", "GOVERNING LAW"),
        ("1) Price", "1", "Price"),
    ],
)
def test_number_and_heading_are_read_as_printed(paragraph: str, number: str, heading: str) -> None:
    ((_, found, title),) = outline(paragraph)
    assert (found, title) == (number, heading)


@pytest.mark.parametrize(
    "paragraph",
    [
        "The Supplier shall deliver the Goods.",
        "Section 5.1 of the Credit Agreement applies.",
        "1.2 Interpretation ............ 4",
        "Article 5 Payment ........ 12",
        "Payment Terms 12",
        "USD",
        "30 days after delivery",
        "2015 was the first year.",
        "By: ____________",
    ],
)
def test_what_only_looks_like_a_heading_is_none(paragraph: str) -> None:
    assert outline(paragraph) == []


def test_levels_follow_the_numbering() -> None:
    assert outline(
        "1. Definitions",
        "1.1 In this Agreement:",
        "(a) words in the singular include the plural;",
        "(i) unless the context says otherwise;",
        "(ii) or the parties agree so;",
        "(b) headings are ignored.",
        "1.2 Schedules form part of it.",
        "2. Term",
        "Schedule 1",
        "1. Fees",
    ) == [
        (1, "1", "Definitions"),
        (2, "1.1", ""),
        (3, "(a)", ""),
        (4, "(i)", ""),
        (4, "(ii)", ""),
        (3, "(b)", ""),
        (2, "1.2", ""),
        (1, "2", "Term"),
        (1, "Schedule 1", ""),
        (2, "1", "Fees"),
    ]


def test_sections_under_articles_are_one_level_down() -> None:
    assert [
        level for level, _, _ in outline("ARTICLE I TERM", "Section 1.1 Start.", "1.2 End.", "ARTICLE II FEES")
    ] == [
        1,
        2,
        2,
        1,
    ]


def test_the_letter_i_after_h_is_a_letter() -> None:
    levels = outline("1. List", "(g) one;", "(h) two;", "(i) three;", "(j) four.")
    assert [level for level, _, _ in levels] == [1, 2, 2, 2, 2]


def test_a_heading_on_the_line_after_its_article_belongs_to_it() -> None:
    assert outline("ARTICLE 5", "PAYMENT", "The fee is due.")[0] == (1, "ARTICLE 5", "PAYMENT")


def test_a_section_runs_to_the_next_of_its_level() -> None:
    text, sections = sections_of("1. Term", "1.1 It runs for two years.", "2. Fees", "2.1 None are due.")
    ends = {section.number: text[section.start : section.end].split("\n")[-2:] for section in sections}
    assert sections[0].end == text.index("2. Fees")
    assert sections[1].end == text.index("2. Fees")
    assert sections[2].end == len(text)
    assert ends["2"] == ["2. Fees", "2.1 None are due."]


def test_what_the_file_states_of_level_and_heading_is_believed() -> None:
    text = "Term of the Agreement\nIt runs for two years."
    found = find_sections(text, [Paragraph(0, 21, level=2, heading=True), Paragraph(22, len(text))])
    assert found == (Section(0, len(text), "", "Term of the Agreement", 2),)
