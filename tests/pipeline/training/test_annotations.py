"""Labels by place: they come back to the passage they were made from, and hold none of its words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.contract import MilestoneKind, Recurrence
from models.period import Direction
from models.source import SourceText
from pipeline.readers.pdf import read_pdf
from pipeline.training.annotations import PlaceIndex, QuoteIndex, load_placed, placed_labels, without_words
from pipeline.training.train import PLACED
from tests.pipeline.readers.drawing import drawn, lines, together

PAYMENT = "Customer shall pay each undisputed invoice within forty-five (45) days after receipt."
TERM = "The term of this Agreement ends on 31 December 2026, unless it is ended sooner as section 9 provides."
NOTICE = "Either party may end this Agreement upon thirty (30) days' written notice to the other."
QUOTED: list[dict[str, Any]] = [
    {"kind": "payment", "quote": PAYMENT, "offset": 45, "unit": "day", "direction": "after", "who": "Customer"},
    {"kind": "expiration", "quote": TERM, "date": "2026-12-31"},
    {"kind": "termination", "quote": NOTICE, "offset": 30, "unit": "day", "direction": "before", "anchor": "the end"},
    {"kind": "report", "quote": "These words stand nowhere.", "recurrence": "annual"},
]


FIRST = (
    "2. PAYMENT",
    PAYMENT,
    "3. TERM",
    "The term of this   Agreement ends on",
    "31 December 2026, unless it",
    "is ended sooner as section 9 provides.",
    "Either party may end this Agreement",
)
SECOND = ("upon thirty (30) days' written notice to the other.", "4. LAW", "The law of Utah governs.")
THIRD = ("5. COPIES", "Each party keeps a signed copy of this Agreement.")


def _source(*, furniture: bool) -> SourceText:
    """Three pages; the term breaks over three lines, the notice over two pages."""
    pages = [lines(*page, y=700) for page in (FIRST, SECOND, THIRD)]
    if furniture:
        pages = [
            together(lines("Supply Agreement No. 17", y=815), page, lines(f"Page {number} of 3", y=25))
            for number, page in enumerate(pages, 1)
        ]
    return read_pdf(drawn(*pages))


@pytest.mark.parametrize("furniture", [False, True])
def test_a_quote_goes_to_its_place_and_back_to_the_same_span(furniture: bool) -> None:
    source = _source(furniture=furniture)
    quotes, places = QuoteIndex(source.text), PlaceIndex(source)
    for quote in (PAYMENT, TERM, NOTICE):
        span = quotes.find(quote)
        assert span is not None
        place = places.place(span)
        assert place is not None
        assert places.span(place) == span


def test_labels_survive_being_kept_by_place() -> None:
    source = _source(furniture=False)
    kept = json.loads(json.dumps(without_words(QUOTED, source)))
    labels = list(placed_labels(kept, source))
    assert [label.kind for label in labels] == ["payment", "expiration", "termination"]
    for label, milestone in zip(labels, QUOTED, strict=False):
        assert _signs(source.text[label.span.start : label.span.end]) == _signs(milestone["quote"])
        assert label.timing.items() <= milestone.items()


def test_what_is_kept_of_a_label_has_no_words_of_the_contract() -> None:
    assert list(_wordy({"milestones": without_words(QUOTED, _source(furniture=False))})) == []


def test_the_labels_that_come_with_the_program_hold_no_words() -> None:
    lines = PLACED.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(load_placed(PLACED)) > 100
    for line in lines:
        row = json.loads(line)
        assert set(row) == {"sha256", "milestones"}
        assert len(bytes.fromhex(row["sha256"])) == 32
        assert list(_wordy(row)) == []


def test_without_a_file_nothing_is_labelled_by_place(tmp_path: Path) -> None:
    assert load_placed(tmp_path / "absent.jsonl") == {}


def _signs(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


KNOWN: dict[str, set[str]] = {
    "kind": {str(kind) for kind in MilestoneKind},
    "unit": {"day", "business_day", "week", "month", "year"},
    "direction": {str(direction) for direction in Direction},
    "recurrence": {str(recurrence) for recurrence in Recurrence},
}


def _wordy(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every field of a row's labels that is neither a number nor one of the words that every contract shares."""
    for label in row["milestones"]:
        for key, value in label.items():
            if key == "place":
                good = len(value) == 4 and all(type(number) is int for number in value)
            elif key == "offset":
                good = isinstance(value, int | float)
            elif key == "date":
                good = value.replace("-", "").isdecimal()
            else:
                good = value in KNOWN.get(key, set())
            if not good:
                yield key, value
