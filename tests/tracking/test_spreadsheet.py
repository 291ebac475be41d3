"""The workbook: read back, with what is tracked and what was decided, and nothing in it that calculates."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from milepost.cli import app
from models.tracked import Proof
from store.engine import open_engine, reading, writing
from tests.models.building import day
from tests.review.desk import read
from tests.tracking.building import START, contract, effective, milestone, payment, perpetual
from tests.tracking.office import Office
from tracking.filtering import Judged
from tracking.spreadsheet import DEADLINES, Sheet, write_register, write_workbook

FORMULA = '=HYPERLINK("https://example.com","click")'


def sheets(content: bytes) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = {}
    for page in book.worksheets:
        head, *rows = page.iter_rows()
        found[page.title] = [{str(name.value): cell for name, cell in zip(head, row, strict=True)} for row in rows]
    return found


@pytest.mark.parametrize("text", [FORMULA, "+1", "-1", "@SUM(A1)", "\t=1", "https://example.com", "007"])
def test_a_text_stays_a_text(text: str) -> None:
    held = io.BytesIO()
    write_workbook(held, [Sheet("Only", [("Text", 10)], [[text]])], START)
    cell = sheets(held.getvalue())["Only"][0]["Text"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_the_deadlines_stand_there_with_days_and_amounts_that_can_be_calculated_with(engine: Engine) -> None:
    goods = milestone("goods", "delivery", date="2026-06-30")
    supply = contract("Supply", effective("2025-01-01"), perpetual(), milestones=[goods, payment("rent", "2026-01-31")])
    office = Office(engine, [supply])
    office.run(START)
    with writing(engine) as session:
        office.desk.done(session, office.occurrence("payment").id, Proof(note=FORMULA), by="anna", now=START)
    held = io.BytesIO()
    with reading(engine) as session:
        write_register(session, held, START, Judged(START.date(), 14))
    rows = sheets(held.getvalue())["Deadlines"]
    assert list(rows[0]) == [name for name, _ in DEADLINES]
    (delivery,) = [row for row in rows if row["Kind"].value == "delivery"]
    assert delivery["Act by"].value == dt.datetime.combine(day("2026-06-30"), dt.time())
    assert (delivery["Days left"].value, delivery["State"].value, delivery["Owner"].value) == (
        176,
        "upcoming",
        "procurement",
    )
    paid, *others = [row for row in rows if row["Kind"].value == "payment"]
    assert (paid["State"].value, paid["Proof"].value, paid["Proof"].data_type) == ("done", FORMULA, "s")
    assert {(row["Amount"].value, row["Currency"].value) for row in others} == {(5000, "EUR")}


def test_export_writes_the_workbook_with_the_review_and_its_evidence(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'milepost.db'}", create=True)
    read(engine)
    engine.dispose()
    out = tmp_path / "register.xlsx"
    done = CliRunner().invoke(app, ["export", "--format", "xlsx", "--out", str(out), "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    found = sheets(out.read_bytes())
    assert found["Deadlines"] == []
    assert {row["State"].value for row in found["Review"]} == {"pending"}
    assert any(row["Quote"].value for row in found["Review"])


def test_export_writes_a_calendar(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'milepost.db'}", create=True).dispose()
    out = tmp_path / "deadlines.ics"
    done = CliRunner().invoke(app, ["export", "--format", "ics", "--out", str(out), "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
