"""Registers that people kept in spreadsheets: columns guessed, dates that are sure, rows matched to contracts."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine
from sqlmodel import select
from typer.testing import CliRunner

from milepost.cli import app
from milepost.registers import Candidate, Column, Row, amount_of, date_of, kind_of, match, read_register
from models.actor import Actor, Role
from models.contract import MilestoneKind
from models.decision import ItemState, ItemSubject
from review.deciding import accept
from store.confirmed import iter_confirmed
from store.engine import open_engine, reading, writing
from store.errors import StoreError
from store.importing import imported_milestone, propose
from store.review_tables import ReviewItem
from store.tables import Contract
from tests.review.desk import read

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
FORMATTED = dt.datetime.combine(dt.date(2027, 3, 4), dt.time())
"""What a cell gives that is formatted as a date."""
ANNA = Actor(id="anna", name="Anna", role=Role.REVIEWER)


def workbook(folder: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    path = folder / "register.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (FORMATTED, dt.date(2027, 3, 4)),
        ("2027-03-04", dt.date(2027, 3, 4)),
        ("4 March 2027", dt.date(2027, 3, 4)),
        ("Mar 4, 2027", dt.date(2027, 3, 4)),
        ("04.03.2027", dt.date(2027, 3, 4)),
        ("24/03/2027", dt.date(2027, 3, 24)),
        ("03/24/2027", dt.date(2027, 3, 24)),
        ("03/03/2027", dt.date(2027, 3, 3)),
        ("4-Mar-27", dt.date(2027, 3, 4)),
        ("Thu 4 March 2027", dt.date(2027, 3, 4)),
        ("4. März 2027", dt.date(2027, 3, 4)),
        ("4 mars 2027", dt.date(2027, 3, 4)),
        ("1er mai 2027", dt.date(2027, 5, 1)),
        ("4 de marzo de 2027", dt.date(2027, 3, 4)),
        ("2027/03/04", dt.date(2027, 3, 4)),
    ],
)
def test_a_date_is_read(cell: object, expected: dt.date) -> None:
    assert date_of(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "03/04/2027",
        "3-4-27",
        "31/31/2027",
        "30 February 2027",
        "March 2027",
        "4 March",
        "tomorrow",
        "in 30 days",
        "before 4 March 2027",
        "1 March 2027 - 4 March 2027",
        "soon",
        "",
        None,
        45_000,
    ],
)
def test_a_date_that_is_not_sure_is_not_read(cell: object) -> None:
    with pytest.raises(ValueError, match=r"date|can be two days"):
        date_of(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(5000, 5000), (99.5, "99.5"), ("EUR 5,000.00", "5000.00"), ("€ 1,250,000", 1_250_000), ("", None), (None, None)],
)
def test_an_amount_is_read(cell: object, expected: str | int | None) -> None:
    assert amount_of(cell) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize("cell", ["5.000,00", "10 to 20", "5%", "tbd"])
def test_an_amount_that_is_not_sure_is_not_read(cell: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        amount_of(cell)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Payments", MilestoneKind.PAYMENT),
        ("Notice of non-renewal", MilestoneKind.NOTICE),
        ("Quarterly report", MilestoneKind.REPORT),
        ("Party", None),
    ],
)
def test_a_kind_is_told_by_its_words(words: str, kind: MilestoneKind | None) -> None:
    assert kind_of(words) is kind


def test_headings_are_found_below_a_title_and_guessed(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ("Contract register 2026",),
        (),
        ("No.", "Agreement", "Vendor", "Obligation", "Due Date", "Amount", "Responsible"),
        (1, "Supply Agreement", "Acme Ltd", "Deliver the goods", FORMATTED, 5000, "Anna"),
        (),
    )
    register = read_register(path, {})
    assert register.columns == {
        Column.CONTRACT: "Agreement",
        Column.COUNTERPARTY: "Vendor",
        Column.TITLE: "Obligation",
        Column.DATE: "Due Date",
        Column.AMOUNT: "Amount",
        Column.WHO: "Responsible",
    }
    (row,) = register.rows
    assert (row.number, row.title, row.kind, row.date) == (
        4,
        "Deliver the goods",
        MilestoneKind.DELIVERY,
        dt.date(2027, 3, 4),
    )


def test_a_heading_that_is_named_wins_over_a_guess(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, ("Contract", "Date", "Last day to act"), ("Supply", "2026-01-01", "2027-02-02"), ("Lease", "x", "y")
    )
    register = read_register(path, {Column.DATE: "last day to act"})
    assert [row.date for row in register.rows] == [dt.date(2027, 2, 2), None]
    assert register.rows[1].problem == "'y' is no date"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("broken.xlsx", b"no archive", "cannot be read as a spreadsheet"),
        ("empty.csv", b"", "No column"),
        ("other.csv", b"a,b\n1,2\n", "No column"),
        ("latin.csv", "Vertragß\n".encode("latin-1"), "cannot be read"),
    ],
)
def test_a_file_that_is_no_register_is_said_to_be_none(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StoreError, match=words):
        read_register(tmp_path / name, {})


CONTRACTS = (
    Candidate("1", ("Master Services Agreement", "msa-acme"), ("Acme Ltd", "Example GmbH")),
    Candidate("2", ("Master Services Agreement", "msa-beta"), ("Beta Inc.", "Example GmbH")),
    Candidate("3", ("Equipment Lease", "lease"), ("Gamma LLC",)),
    Candidate("4", ("Work Order No. 1001 for cleaning services", "wo-1001"), ()),
    Candidate("5", ("Work Order No. 1007 for cleaning services", "wo-1007"), ()),
)


@pytest.mark.parametrize(
    ("contract", "party", "expected"),
    [
        ("Master Services Agreement", "Acme Ltd", "1"),
        ("Master services agreement", "Beta Inc", "2"),
        ("Master Services Agreement", "", None),
        ("lease.pdf", "", "3"),
        ("Equipment lease", "", "3"),
        ("", "Gamma LLC", "3"),
        ("", "Example GmbH", None),
        ("MSA_Acme", "", "1"),
        ("Work order no. 1007 for cleaning services", "", "5"),
        ("Work order no. 1008 for cleaning services", "", None),
        ("Something else", "Nobody", None),
    ],
)
def test_a_row_is_matched_to_the_one_contract_it_can_be_about(contract: str, party: str, expected: str | None) -> None:
    row = register_row(contract, party)
    assert match(row, CONTRACTS).contract_id == expected


def register_row(contract: str, party: str) -> Row:
    return Row(2, contract, party, "x", MilestoneKind.REPORT, dt.date(2027, 1, 1), None, None, None)


def test_what_is_imported_waits_in_the_review_and_is_tracked_only_once_accepted(engine: Engine) -> None:
    contract_id = read(engine)
    value = imported_milestone(MilestoneKind.REPORT, "Insurance certificate", dt.date(2027, 1, 31))
    with writing(engine) as session:
        contract = session.get(Contract, contract_id)
        assert contract is not None
        item = propose(session, contract, value, ANNA, NOW, source="register.xlsx, row 2")
        assert item is not None
        assert propose(session, contract, value, ANNA, NOW, source="register.xlsx, row 2") is None
    assert (item.state, item.subject) == (ItemState.PENDING, ItemSubject.ADDED)
    assert "Insurance certificate" not in confirmed(engine, contract_id)
    with writing(engine) as session:
        accept(session, item.id, item.version, ANNA, NOW)
    assert "Insurance certificate" in confirmed(engine, contract_id)


def confirmed(engine: Engine, contract_id: str) -> list[str]:
    with reading(engine) as session:
        return [one.milestone.title for found in iter_confirmed(session, contract_id) for one in found.milestones]


def test_import_shows_first_and_keeps_nothing_until_it_is_applied(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'milepost.db'}", create=True)
    contract_id = read(engine)
    with reading(engine) as session:
        contract = session.get(Contract, contract_id)
        assert contract is not None
        name = contract.title or contract.name
    path = workbook(
        tmp_path,
        ("Contract", "What", "Due"),
        (name, "Send the insurance certificate", "2027-01-31"),
        ("Of nobody we know", "Pay", "2027-01-31"),
    )
    arguments = ["import", str(path), "--data", str(tmp_path), "--json"]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 1, shown.output
    assert imported(engine) == []
    applied = json.loads(CliRunner().invoke(app, [*arguments, "--apply"]).stdout)
    assert [row["contract_id"] for row in applied["rows"]] == [contract_id, None]
    assert applied["added"] == 1
    assert imported(engine) == ["Send the insurance certificate"]
    again = json.loads(CliRunner().invoke(app, [*arguments, "--apply"]).stdout)
    assert again["added"] == 0
    engine.dispose()


def imported(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.exec(select(ReviewItem.title).where(ReviewItem.rule == "register")))
