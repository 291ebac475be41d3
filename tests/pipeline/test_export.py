import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from models.contract import Milestone, MilestoneKind, Outcome, Status, Term, TermField, TermState
from models.evidence import Evidence
from models.money import Amount
from models.period import Direction, Period, Unit
from pipeline.export import COLUMNS, safe_cell, write_documents, write_milestones
from pipeline.output import document_object
from store.engine import default_url, open_engine, writing
from store.queries import iter_milestones, iter_outcomes
from store.results import save_outcome

FORMULA = '=HYPERLINK("http://example.org","pay here")'


def outcome(number: int) -> Outcome:
    passage = Evidence(start=10, end=20, quote=FORMULA if number == 1 else "within thirty days\nafter receipt", page=3)
    return Outcome(
        file=f"{number}, signed.pdf",
        sha256=f"{number:064x}",
        status=Status.OK,
        pages=4,
        terms=(Term(field=TermField.EFFECTIVE_DATE, state=TermState.ABSENT, confidence=0.75),),
        milestones=(
            Milestone(
                kind=MilestoneKind.PAYMENT,
                title="Pay the invoice",
                evidence=(passage,),
                rule="payment.net_days@1",
                confidence=0.875,
                date=dt.date(2024, 3, number),
                earliest=dt.date(2024, 3, number),
                latest=dt.date(2024, 3, number),
                offset=Period(count=10, unit=Unit.DAY, business=True),
                direction=Direction.AFTER,
                anchor="receipt of the invoice",
                amount=Amount(text="€ 5.000", value=None, currency="EUR"),
                who="+Customer",
            ),
        ),
    )


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = open_engine(default_url(tmp_path), create=True)
    with writing(engine) as session:
        for number in (1, 2, 3):
            save_outcome(
                session,
                outcome(number),
                ruleset_version="r",
                model_version="m",
                now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
                size=1,
            )
        yield session
    engine.dispose()


def test_milestones_become_csv_that_excel_takes_for_utf_8(session: Session) -> None:
    out = io.StringIO(newline="")
    assert write_milestones(iter_milestones(session), out) == 3
    written = out.getvalue()
    assert written.encode().startswith(b"\xef\xbb\xbfcontract,")
    rows = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    second = rows[1]
    assert second["contract"] == "2, signed.pdf"
    assert second["date"] == "2024-03-02"
    assert second["offset"] == "10 business days"
    assert second["amount"] == "€ 5.000"
    assert second["quote"] == "within thirty days\nafter receipt"
    assert second["confidence"] == "0.875"


def test_no_cell_is_a_formula_whatever_the_contract_says(session: Session) -> None:
    out = io.StringIO(newline="")
    write_milestones(iter_milestones(session), out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().removeprefix("\ufeff"), newline="")))
    assert rows[0]["quote"] == f"'{FORMULA}"
    assert {row["who"] for row in rows} == {"'+Customer"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_every_way_to_begin_a_formula_is_disarmed(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", ["", "a=b", "1-2", -5, None, 0.5])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) == value


def test_documents_become_one_json_array_of_the_objects_that_extract_prints(session: Session) -> None:
    out = io.StringIO()
    assert write_documents((one for _, _, one in iter_outcomes(session)), out) == 3
    assert json.loads(out.getvalue()) == [document_object(outcome(number)) for number in (1, 2, 3)]


def test_nothing_to_write_is_an_empty_array_and_a_header() -> None:
    text, table = io.StringIO(), io.StringIO(newline="")
    assert write_documents([], text) == 0
    assert json.loads(text.getvalue()) == []
    assert write_milestones([], table) == 0
    assert table.getvalue().strip("\ufeff\r\n").split(",") == list(COLUMNS)
