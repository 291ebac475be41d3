"""The text view: marks and tracked changes cut the text in pieces, and every piece knows its place."""

import pytest

from models.evidence import Evidence
from models.source import Cell, Change, ChangeKind, Section, SourceText, Span, Table
from review.documents import Mark, Piece, passage, text_view

TEXT = "1. Term\nThe term is three years.\nName\tDate\nAnna\t1 May"


def source(text: str = TEXT, **parts: object) -> SourceText:
    return SourceText(text, (), (), **parts)  # type: ignore[arg-type]


def said(pieces: tuple[Piece, ...]) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(piece.text, piece.start, piece.keys) for piece in pieces]


def test_a_mark_cuts_its_paragraph() -> None:
    _, paragraph, *_ = text_view(source(), [Mark("a", 20, 31)]).blocks
    assert said(paragraph.pieces) == [("The term is ", 8, ()), ("three years", 20, ("a",)), (".", 31, ())]


def test_overlapping_marks_share_what_both_cover() -> None:
    _, paragraph, *_ = text_view(source(), [Mark("a", 8, 25), Mark("b", 20, 31)]).blocks
    assert said(paragraph.pieces) == [
        ("The term is ", 8, ("a",)),
        ("three", 20, ("a", "b")),
        (" years", 25, ("b",)),
        (".", 31, ()),
    ]


def test_a_mark_over_several_paragraphs_is_in_each() -> None:
    first, second, *_ = text_view(source(), [Mark("a", 3, 16)]).blocks
    assert [piece.text for piece in first.pieces if piece.keys] == ["Term"]
    assert [piece.text for piece in second.pieces if piece.keys] == ["The term"]


def test_tracked_changes_stand_where_they_were_made() -> None:
    changes = (
        Change(ChangeKind.DELETION, 20, 20, "two", "Anna", "2026-01-02T09:00:00Z"),
        Change(ChangeKind.INSERTION, 20, 25, "three", "Anna", "2026-01-02T09:00:00Z"),
    )
    _, paragraph, *_ = text_view(source(changes=changes), [Mark("a", 8, 32)]).blocks
    assert [(piece.text, piece.change, piece.by) for piece in paragraph.pieces] == [
        ("The term is ", None, ""),
        ("two", ChangeKind.DELETION, "Anna, 2026-01-02"),
        ("three", ChangeKind.INSERTION, "Anna, 2026-01-02"),
        (" years.", None, ""),
    ]


def test_a_deletion_at_the_edge_of_a_paragraph_is_shown_once() -> None:
    for place in (8, 32):
        changes = (Change(ChangeKind.DELETION, place, place, "gone", "", ""),)
        pieces = [piece.text for block in text_view(source(changes=changes)).blocks for piece in block.pieces]
        assert pieces.count("gone") == 1


def test_a_table_keeps_its_rows_and_cells_with_their_marks() -> None:
    rows = ((Cell(33, 37, "Name"), Cell(38, 42, "Date")), (Cell(43, 47, "Anna"), Cell(48, 53, "1 May")))
    *_, table = text_view(source(tables=(Table(33, 53, 3, rows, True),)), [Mark("a", 48, 53)]).blocks
    assert [[said(cell) for cell in row] for row in table.rows] == [
        [[("Name", 33, ())], [("Date", 38, ())]],
        [[("Anna", 43, ())], [("1 May", 48, ("a",))]],
    ]


def test_a_heading_is_known_by_its_section() -> None:
    first, second, *_ = text_view(source(sections=(Section(0, 32, "1", "Term", 1),))).blocks
    assert (first.heading, first.level) == (True, 1)
    assert (second.heading, second.level) == (False, 0)


def test_nothing_of_the_text_is_lost() -> None:
    blocks = text_view(source(), [Mark("a", 5, 40), Mark("b", 0, 3)]).blocks
    assert "\n".join("".join(piece.text for piece in block.pieces) for block in blocks) == TEXT


@pytest.mark.parametrize(
    ("start", "quote", "found"),
    [
        (20, "three years", Span(20, 31)),
        (2, "three years", Span(20, 31)),
        (40, "three years", Span(20, 31)),
        (0, "four years", None),
        (0, "", Span(0, 0)),
    ],
)
def test_a_passage_is_found_by_its_words_when_the_text_was_read_anew(
    start: int, quote: str, found: Span | None
) -> None:
    evidence = Evidence(start=start, end=start + len(quote), quote=quote)
    assert passage(source(), evidence) == found
