"""The same contract in another form says the same: as PDF and as Word file, as text and as pictures of it."""

import re
from pathlib import Path
from typing import Any

import pytest

from models.contract import Status
from models.problem import Category
from pipeline.document import Job, Options, Processed, process_file
from pipeline.limits import Limits
from pipeline.output import document_object
from pipeline.readers.ocr import installed_engine
from rules.loader import installed_rules
from store.texts import unpack

CONTRACTS = Path(__file__).parents[2] / "fixtures" / "contracts"
SCAN = CONTRACTS / "maintenance-agreement-scanned" / "maintenance-agreement-scanned.pdf"
TWIN = CONTRACTS / "maintenance-agreement" / "maintenance-agreement.pdf"
WHEN = ("date", "window", "offset", "unit", "direction", "anchor", "recurrence", "rrule", "blocked_on")
WHOLE = ("kind", *WHEN, "who", "method", "criteria", "amount")
"""Where it stands and how surely it is read may differ; what is due, when, from whom and for what may not."""

needs_engine = pytest.mark.skipif(installed_engine() is None, reason="no OCR engine is installed")


def read(path: Path, **options: Any) -> Processed:
    return process_file(Job(str(path), path.name), installed_rules(), Options(boxes=False, **options))


def said(path: Path, **options: Any) -> dict[str, Any]:
    return document_object(read(path, **options).outcome)


def plain(value: Any) -> Any:
    """A value without what printing decides: spaces, capitals, curly quotes."""
    return " ".join(re.findall(r"\w+", value.lower())) if isinstance(value, str) else value


def milestones(document: dict[str, Any], fields: tuple[str, ...]) -> list[str]:
    return [str([plain(milestone[field]) for field in fields]) for milestone in document["milestones"]]


def terms(document: dict[str, Any]) -> dict[str, Any]:
    return {name: (term["state"], plain(term["value"])) for name, term in document["terms"].items()}


@pytest.mark.parametrize("slug", ["master-services-agreement", "development-agreement"])
def test_a_contract_as_pdf_and_as_word_file_says_the_same(slug: str) -> None:
    pdf, word = said(CONTRACTS / slug / f"{slug}.pdf"), said(CONTRACTS / slug / f"{slug}.docx")
    assert pdf["status"] == word["status"] == "ok"
    assert terms(pdf) == terms(word)
    assert milestones(pdf, (*WHOLE, "quote")) == milestones(word, (*WHOLE, "quote"))
    assert len(pdf["milestones"]) > 10


@needs_engine
def test_a_scan_says_what_its_text_twin_says() -> None:
    processed, twin = read(SCAN), said(TWIN)
    scan = document_object(processed.outcome)
    assert scan["status"] == "ok"
    assert terms(scan) == terms(twin)
    kept = unpack(processed.text)
    assert kept is not None  # so that the review need not read the pictures again
    assert len(kept.text.split()) == processed.words
    assert len(kept.text.split()) == processed.words
    # Not their quotes: OCR may read the number of a clause wrongly, and quotes begin with it.
    assert milestones(scan, WHOLE) == milestones(twin, WHOLE)
    assert len(scan["milestones"]) > 10


@needs_engine
def test_evidence_of_a_scan_has_boxes_on_its_page() -> None:
    outcome = process_file(Job(str(SCAN), SCAN.name), installed_rules(), Options()).outcome
    boxes = [box for milestone in outcome.milestones for evidence in milestone.evidence for box in evidence.boxes]
    assert boxes
    for box in boxes:
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
        # A line of this contract is 18 points high on a page of 792.
        assert box.y1 - box.y0 < 0.03


def test_without_ocr_every_picture_is_reported_by_its_page() -> None:
    outcome = process_file(Job(str(SCAN), SCAN.name), installed_rules(), Options(ocr=False)).outcome
    assert outcome.status is Status.FAILED
    assert [(problem.category, problem.page) for problem in outcome.problems] == [
        (Category.NO_TEXT_LAYER, page) for page in (1, 2, 3)
    ]


@needs_engine
def test_pictures_that_come_when_the_time_for_them_is_spent_are_reported() -> None:
    outcome = process_file(Job(str(SCAN), SCAN.name), installed_rules(), Options(limits=Limits(ocr_seconds=0))).outcome
    assert outcome.status is Status.FAILED
    spent = [problem.page for problem in outcome.problems if problem.category is Category.DEADLINE]
    assert spent == [1, 2, 3]
    assert "limits.ocr_seconds" in outcome.problems[0].message
