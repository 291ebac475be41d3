"""One filter for lists, workbooks, CSV and calendars, on the web and at the command line."""

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from icalendar import Calendar
from sqlalchemy import Engine
from typer.testing import CliRunner

from milepost.cli import app
from models.tracked import ContractSettings, Proof
from store.engine import open_engine, reading, writing
from tests.tracking.building import (
    START,
    after_event,
    context,
    contract,
    effective,
    milestone,
    payment,
    perpetual,
    staff,
    store_contracts,
)
from tests.tracking.office import Office
from tracking.acting import Desk
from tracking.confirmed import confirmed_contracts
from tracking.filtering import Filter, Judged, Listed, choices, count, find, within
from tracking.spreadsheet import DEADLINES, write_csv

TODAY = START.date()
JUDGED = Judged(TODAY, 14, ("effective",))
FORMULA = '=HYPERLINK("https://example.com")'
SUPPLY = contract(
    "Supply_100%", effective("2025-01-01"), perpetual(), counterparty="Acme Ltd", contract_type="Supply Agreement",
    milestones=[
        milestone("late", "report", date="2025-12-20"),
        milestone("start", "effective", date="2025-12-28"),
        milestone("goods", "delivery", date="2026-02-02"),
        milestone("far", "delivery", date="2026-12-01"),
        milestone("fee", "payment", after_event("acceptance", "30 days")),
    ],
)  # fmt: skip
LEASE = contract(
    "Lease", effective("2025-01-01"), perpetual(), milestones=[payment("rent", "2026-01-31")],
    settings=ContractSettings(department="Facilities"), counterparty="Bolt Inc",
)  # fmt: skip


@pytest.fixture
def office(engine: Engine) -> Office:
    office = Office(engine, [SUPPLY, LEASE])
    office.run(START)
    with writing(engine) as session:
        far = next(row for row in find(session, Filter(text="far"), JUDGED))
        office.desk.done(session, far.id, Proof(note="early"), by="ann", now=START)
    return office


@pytest.mark.parametrize(
    ("chosen", "titles"),
    [
        ({"kind": "delivery"}, ["The goods"]),
        ({"kind": "DELIVERY"}, ["The goods"]),
        ({"listed": "overdue"}, ["The late"]),
        ({"listed": "waiting"}, ["The fee"]),
        ({"listed": "done"}, ["The far"]),
        ({"listed": "waived"}, []),
        ({"last": "2026-01-31"}, ["The late", "The rent"]),
        ({"first": "2026-01-01", "last": "2026-02-02"}, ["The rent", "The goods"]),
        ({"owner": "Procurement"}, ["The late", "The goods"]),
        ({"owner": "nobody"}, []),
        ({"department": "facilities", "last": "2026-02-01"}, ["The rent"]),
        ({"counterparty": "acme"}, ["The late", "The goods"]),
        ({"contract_type": "supply agreement", "kind": "report"}, ["The late"]),
        ({"text": "GOODS acme"}, ["The goods"]),
        ({"text": "100%", "kind": "report"}, ["The late"]),
        ({"text": "y_1", "kind": "report"}, ["The late"]),
        ({"text": "_______"}, []),
    ],
)
def test_a_filter_lets_through_what_it_says(office: Office, chosen: dict[str, Any], titles: list[str]) -> None:
    asked = Filter.model_validate(chosen)
    with reading(office.engine) as session:
        assert [row.title for row in find(session, asked, JUDGED)] == titles
        assert count(session, asked, JUDGED) == len(titles)
        assert [row.title for row in find(session, asked, JUDGED, 1)] == titles[:1]


def test_what_comes_by_itself_is_never_overdue(office: Office) -> None:
    with reading(office.engine) as session:
        everything = {row.title for row in find(session, Filter(listed=Listed.ALL), JUDGED)}
        late = {row.title for row in find(session, Filter(listed=Listed.OVERDUE), JUDGED)}
    assert late == {"The late"}
    assert {"The late", "The far", "The fee"} <= everything


def test_there_is_to_choose_from_what_there_is(office: Office) -> None:
    with reading(office.engine) as session:
        found = choices(session)
    assert list(found.departments) == ["Facilities"]
    assert list(found.contract_types) == ["Supply Agreement"]
    assert {"delivery", "payment", "report"} <= set(found.kinds)
    assert "procurement" in found.owners


@pytest.mark.parametrize(
    ("listed", "first", "last"),
    [
        (Listed.OPEN, None, 30),
        (Listed.OVERDUE, None, None),
        (Listed.WAITING, None, 30),
        (Listed.DONE, -30, None),
        (Listed.ALL, -30, 30),
    ],
)
def test_days_look_ahead_for_what_is_open_and_back_for_what_is_over(
    listed: Listed, first: int | None, last: int | None
) -> None:
    bounds = within(listed, 30, TODAY)
    expected = {"first": first, "last": last}
    assert bounds == {name: TODAY + dt.timedelta(days=days) for name, days in expected.items() if days is not None}
    assert within(listed, None, TODAY) == {}


def test_csv_holds_no_formula_and_the_same_columns_as_the_workbook(engine: Engine) -> None:
    evil = milestone("goods", "delivery", date="2026-02-02").model_copy(update={"title": FORMULA})
    office = Office(engine, [contract("+Supply", effective("2025-01-01"), perpetual(), milestones=[evil])])
    office.run(START)
    held = io.StringIO()
    with reading(engine) as session:
        assert write_csv(session, held, JUDGED, Filter()) == 1
    (row,) = csv.DictReader(io.StringIO(held.getvalue().removeprefix("\ufeff"), newline=""))
    assert list(row) == [name for name, _ in DEADLINES]
    assert (row["What"], row["Contract"], row["Act by"]) == (f"'{FORMULA}", "'+Supply", "2026-02-02")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with deadlines that people entered: in 10 and 100 days, and 4 days ago."""
    engine = open_engine(f"sqlite:///{tmp_path / 'milepost.db'}", create=True)
    store_contracts(engine, [SUPPLY])
    staff(engine)
    now = dt.datetime.now(dt.UTC)
    with writing(engine) as session:
        desk = Desk(confirmed_contracts, context())
        for kind, days in (("approval", 10), ("review", 100), ("review", -4)):
            due = now.date() + dt.timedelta(days=days)
            desk.enter(session, SUPPLY.id, kind, f"{kind} {days}", due, by="ann", now=now)
    engine.dispose()
    return tmp_path


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (["--tracked"], ["review -4", "approval 10", "review 100"]),
        (["--days", "30"], ["review -4", "approval 10"]),
        (["--kind", "review"], ["review -4", "review 100"]),
        (["--state", "overdue"], ["review -4"]),
        (["--owner", "legal", "--days", "365"], ["approval 10"]),
        (["--text", "supply 100"], ["review -4", "approval 10", "review 100"]),
        (["--counterparty", "acme"], []),
    ],
)
def test_export_takes_the_filters_of_the_list(data: Path, options: list[str], titles: list[str]) -> None:
    def exported(form: str) -> bytes:
        out = data / f"out.{form}"
        command = ["export", "--format", form, "--out", str(out), "--data", str(data), *options]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        return out.read_bytes()

    table = csv.DictReader(io.StringIO(exported("csv").decode("utf-8-sig"), newline=""))
    assert [row["What"] for row in table] == titles
    sheet = openpyxl.load_workbook(io.BytesIO(exported("xlsx")))["Deadlines"]
    assert [row[3].value for row in list(sheet.iter_rows())[1:]] == titles
    events = Calendar.from_ical(exported("ics")).events
    assert sorted(str(event["summary"]).rpartition(" (")[0] for event in events) == sorted(titles)


@pytest.mark.parametrize(
    "options", [["--format", "json", "--days", "30"], ["--format", "csv", "--kind", "x", "--batch", "1"]]
)
def test_deadlines_are_no_part_of_a_batch_nor_of_json(data: Path, options: list[str]) -> None:
    done = CliRunner().invoke(app, ["export", "--data", str(data), *options])
    assert done.exit_code == 2
