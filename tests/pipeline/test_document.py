import datetime as dt
import hashlib
import io
import logging
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from models.contract import Outcome, Status, TermField
from models.evidence import Evidence
from models.problem import Category, Stage
from models.resolution import Conventions
from pipeline.document import Job, Options, Processed, printable, process, process_file
from pipeline.limits import Limits
from rules.loader import installed_rules
from rules.schema import RuleSet

CONTRACT = """
This Services Agreement is made on 31 January 2020 (the "Effective Date").

1. Term. The term of this Agreement is three (3) years from the Effective Date.

2. Renewal. It renews automatically for successive one (1) year terms unless either party gives notice of non-renewal
at least ninety (90) days before the end of the then-current term.
"""
CONTRACTS = Path(__file__).parents[2] / "fixtures" / "contracts"


def outcome_of(text: str, options: Options | None = None) -> Outcome:
    return process("contract.txt", text.encode(), installed_rules(), options or Options()).outcome


def test_a_document_is_hashed_read_extracted_and_resolved() -> None:
    processed = process("a/contract.txt", CONTRACT.encode(), installed_rules(), Options())
    outcome = processed.outcome
    assert (outcome.file, outcome.status, outcome.problems) == ("a/contract.txt", Status.OK, ())
    assert outcome.sha256 == hashlib.sha256(CONTRACT.encode()).hexdigest()
    assert (processed.size, processed.media_type) == (len(CONTRACT.encode()), "text")
    expiration = outcome.term(TermField.EXPIRATION_DATE)
    assert expiration is not None
    assert expiration.date == dt.date(2023, 1, 31)
    assert expiration.derivation is not None
    assert "+ 3 years" in expiration.derivation


def test_whether_the_end_of_a_term_is_inclusive_is_one_setting_shown_in_the_derivation() -> None:
    options = Options(conventions=Conventions(inclusive_term_end=False))
    expiration = outcome_of(CONTRACT, options).term(TermField.EXPIRATION_DATE)
    assert expiration is not None
    assert expiration.date == dt.date(2023, 1, 30)
    assert "less a day" in (expiration.derivation or "")


@pytest.mark.parametrize(
    ("data", "stage", "category"),
    [
        (b"", Stage.IDENTIFY, Category.EMPTY),
        (b" \n \n", Stage.IDENTIFY, Category.EMPTY),
        (b"\x89PNG\r\n\x1a\n", Stage.IDENTIFY, Category.UNSUPPORTED),
        (b"%PDF-1.7\nnothing of the kind", Stage.READ, Category.DAMAGED),
        (b"PK\x03\x04 no more", Stage.IDENTIFY, Category.DAMAGED),
    ],
)
def test_what_cannot_be_read_is_a_failed_outcome_that_still_has_its_hash(
    data: bytes, stage: Stage, category: Category
) -> None:
    outcome = process("x.pdf", data, installed_rules(), Options()).outcome
    assert outcome.status is Status.FAILED
    assert outcome.sha256 == hashlib.sha256(data).hexdigest()
    assert [(problem.stage, problem.category) for problem in outcome.problems] == [(stage, category)]
    assert not outcome.terms


def test_a_text_that_is_no_contract_is_said_to_be_none() -> None:
    outcome = outcome_of("Dear Maria,\n\nthank you for the cake. The children send their love.\n\nYours, Anna\n")
    assert outcome.status is Status.FAILED
    assert [problem.category for problem in outcome.problems] == [Category.NOT_A_CONTRACT]


def test_blank_pages_are_a_failure_with_a_reason() -> None:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    outcome = process("blank.pdf", file.getvalue(), installed_rules(), Options()).outcome
    assert outcome.status is Status.FAILED
    assert outcome.pages == 2
    assert {problem.category for problem in outcome.problems} <= {Category.EMPTY, Category.NO_TEXT_LAYER}
    assert outcome.problems


def test_a_contract_of_pictures_needs_ocr_and_is_not_called_something_else() -> None:
    name = "maintenance-agreement-scanned"
    job = Job(str(CONTRACTS / name / f"{name}.pdf"), name)
    outcome = process_file(job, installed_rules(), Options(ocr=False)).outcome
    assert outcome.status is Status.FAILED
    assert {problem.category for problem in outcome.problems} == {Category.NO_TEXT_LAYER}
    assert outcome.pages == len(outcome.problems)


def test_a_defect_costs_the_document_only_and_its_trace_is_for_verbose_logs(caplog: pytest.LogCaptureFixture) -> None:
    broken: RuleSet = None  # type: ignore[assignment]  # stands for any defect of ours
    with caplog.at_level(logging.INFO):
        outcome = process("contract.txt", CONTRACT.encode(), broken, Options()).outcome
    assert outcome.status is Status.FAILED
    (problem,) = outcome.problems
    assert (problem.stage, problem.category) == (Stage.EXTRACT, Category.INTERNAL)
    assert "AttributeError" in problem.message
    assert [record.levelno for record in caplog.records] == [logging.INFO]
    assert caplog.records[0].exc_info is not None


def file_outcome(path: Path, limits: Limits | None = None) -> Processed:
    return process_file(Job(str(path), path.name), installed_rules(), Options(limits=limits or Limits()))


def test_a_file_that_is_not_there_or_is_a_folder_is_a_stated_outcome(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path / "absent.pdf", "There is no such file."),
        (tmp_path, "This is a folder, not a file."),
    ):
        outcome = file_outcome(path).outcome
        assert outcome.sha256 is None
        assert [(problem.category, problem.message) for problem in outcome.problems] == [(Category.MISSING, words)]


def test_a_file_over_the_limit_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(10**12)  # sparse: takes no room, and could not be loaded
    processed = file_outcome(path)
    assert [problem.category for problem in processed.outcome.problems] == [Category.TOO_LARGE]
    assert processed.size == 10**12


def test_a_name_that_is_no_text_is_made_one() -> None:
    assert printable("caf\udce9.pdf") == "caf\ufffd.pdf"
    assert printable("café.pdf") == "café.pdf"


def passages_of(outcome: Outcome) -> list[Evidence]:
    of_terms = [one for term in outcome.terms for one in term.evidence]
    return of_terms + [one for milestone in outcome.milestones for one in milestone.evidence]


def test_every_passage_that_is_kept_has_its_words_in_the_text_and_its_boxes_on_the_page() -> None:
    path = CONTRACTS / "consulting-agreement" / "consulting-agreement.pdf"
    outcome = file_outcome(path).outcome
    passages = passages_of(outcome)
    assert outcome.pages is not None
    assert passages
    for passage in passages:
        assert passage.page is not None
        assert passage.boxes, passage.quote
        assert passage.boxes[0].page == passage.page
        for box in passage.boxes:
            assert 1 <= box.page <= outcome.pages
            assert 0 <= box.x0 < box.x1 <= 1
            assert 0 <= box.y0 < box.y1 <= 1


def test_a_document_without_pages_has_passages_without_boxes() -> None:
    outcome = file_outcome(CONTRACTS / "mutual-nda" / "mutual-nda.docx").outcome
    passages = passages_of(outcome)
    assert passages
    assert {passage.boxes for passage in passages} == {()}
    assert outcome.pages is None
