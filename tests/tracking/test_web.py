"""The pages of tracking behind the real doors: what they list, what people do on them, and who may."""

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import Client
from sqlalchemy import Engine
from sqlmodel import select

from models.actor import Role
from models.tracked import OccurrenceState
from store.engine import reading
from store.review_tables import ReviewItem
from tests.review.doors import browser, enter, person
from tests.tracking.building import START, contract, effective, lasting, milestone, payment, perpetual, renewing
from tests.tracking.office import Office
from tests.tracking.served import tracking_app

TITLE = 'Goods & <script>alert("x")</script>'
GOODS = milestone("goods", "delivery", date="2026-02-02").model_copy(update={"title": TITLE})
SUPPLY = contract(
    "Supply", effective("2025-01-01"), perpetual(), milestones=[GOODS, payment("rent", "2026-01-31")],
    counterparty="Acme Ltd", contract_type="Supply Agreement",
)  # fmt: skip
LATE = contract(
    "Old", effective("2025-01-01"), perpetual(), milestones=[milestone("late", "report", date="2025-12-20")]
)
ROLLING = contract("Cleaning", effective("2025-02-01"), lasting("1 year"), renewing("1 year"))


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    office = Office(sqlite_engine, [SUPPLY, LATE, ROLLING])
    office.run(START)
    return office


@pytest.fixture
def app(office: Office, tmp_path: Path) -> FastAPI:
    return tracking_app(office, tmp_path)


@pytest.fixture
def client(app: FastAPI) -> Client:
    return browser(app)


def delivery(office: Office) -> str:
    return office.occurrence("delivery").id


@pytest.mark.parametrize("days", [30, 60, 90])
def test_the_list_shows_what_comes_and_what_is_overdue(client: Client, days: int) -> None:
    page = client.get(f"/deadlines?days={days}").text
    assert f"Next {days} days" in page
    assert "The late" in page
    assert "Goods &amp; &lt;script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("by", "heading"),
    [
        ("owner", "procurement"),
        ("counterparty", "Acme Ltd"),
        ("type", "Supply Agreement"),
        ("kind", "Payment"),
        ("department", "Not known"),
    ],
)
def test_the_list_can_be_grouped(client: Client, by: str, heading: str) -> None:
    assert f'<h3 class="group">{heading}' in client.get(f"/deadlines?by={by}").text


@pytest.mark.parametrize("query", ["days=-1", "days=x", "by=nothing", "state=gone"])
def test_a_list_that_makes_no_sense_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/deadlines?{query}").status_code == 422


def test_the_month_has_each_deadline_on_its_day(client: Client) -> None:
    page = client.get("/calendar?month=2026-02").text
    assert "February 2026" in page
    assert page.count("<tr>") == 1 + 5
    assert "The rent" in page
    assert "The rent" not in client.get("/calendar?month=2025-02").text


@pytest.mark.parametrize("month", ["", "1800-01", "9999-12", "2026-12"])
def test_any_month_can_be_looked_at(client: Client, month: str) -> None:
    assert client.get(f"/calendar?month={month}").status_code == 200


def test_the_reports_show_renewals_payments_and_what_was_missed(office: Office, client: Client) -> None:
    office.run(START + dt.timedelta(days=1))
    page = client.get("/reports").text
    assert "EUR" in page
    cash = page.partition('aria-label="Payments in EUR by month"')[2].partition("</svg>")[0]
    assert cash.count("<rect") == 12
    assert "Cleaning" in page
    assert "The late" in page


def test_the_deadlines_can_be_taken_along_as_a_workbook(client: Client) -> None:
    answer = client.get("/deadlines.xlsx")
    assert answer.content.startswith(b"PK")
    assert "attachment" in answer.headers["content-disposition"]


def test_nothing_inline_is_on_the_pages(office: Office, client: Client) -> None:
    for path in ("/deadlines", "/calendar", "/reports", f"/occurrences/{delivery(office)}"):
        answer = client.get(path)
        assert "style=" not in answer.text
        assert "<style" not in answer.text
        assert "onclick" not in answer.text
        assert "'unsafe" not in answer.headers["content-security-policy"]
    assert client.get("/tracking-static/tracking.css").status_code == 200


def test_acknowledging_stops_escalation(office: Office, client: Client) -> None:
    id_ = delivery(office)
    answer = client.post(f"/occurrences/{id_}/acknowledge")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/occurrences/{id_}")
    assert "by anna on 5 Jan 2026" in client.get(f"/occurrences/{id_}").text


def test_a_snooze_ends_before_the_deadline(office: Office, client: Client) -> None:
    id_ = delivery(office)
    assert client.post(f"/occurrences/{id_}/snooze", data={"until": "2026-01-20"}).status_code == 303
    assert "until 20 Jan 2026" in client.get(f"/occurrences/{id_}").text
    for until in ("2026-02-03", "2026-01-05", "tomorrow", ""):
        answer = client.post(f"/occurrences/{id_}/snooze", data={"until": until})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text


def test_done_needs_a_proof_and_keeps_it(office: Office, client: Client) -> None:
    id_ = delivery(office)
    assert client.post(f"/occurrences/{id_}/done", data={"note": "  "}).status_code == 422
    assert office.occurrence("delivery").state is OccurrenceState.PLANNED
    file = {"file": ("../receipt.html", b"<script>1</script>", "text/html")}
    assert client.post(f"/occurrences/{id_}/done", data={"note": "signed"}, files=file).status_code == 303
    row = office.occurrence("delivery")
    assert row.state is OccurrenceState.DONE
    assert row.proof == {
        "note": "signed",
        "sha256": hashlib.sha256(b"<script>1</script>").hexdigest(),
        "file": "receipt.html",
    }
    kept = client.get(f"/occurrences/{id_}/proof")
    assert kept.content == b"<script>1</script>"
    assert kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"].startswith("attachment")
    assert client.post(f"/occurrences/{id_}/done", data={"note": "again"}).status_code == 422
    assert client.post(f"/occurrences/{id_}/reopen").status_code == 303
    assert office.occurrence("delivery").state is OccurrenceState.PLANNED


def test_what_is_not_there_is_said_to_be_not_there(office: Office, client: Client) -> None:
    id_ = delivery(office)
    for path in ("/occurrences/nothing", f"/occurrences/{id_[:8]}", f"/occurrences/{id_}/proof"):
        assert client.get(path).status_code == 404
    assert client.post(f"/occurrences/{id_[:8]}/acknowledge").status_code == 404


def test_a_viewer_reads_and_does_not_act(office: Office, app: FastAPI) -> None:
    person(office.engine, "vera", Role.VIEWER)
    client = browser(app)
    enter(client, office.engine, "vera")
    id_ = delivery(office)
    page = client.get(f"/occurrences/{id_}").text
    assert "Next reminder" in page
    assert "<form" not in page
    for act in ("acknowledge", "snooze", "done", "reopen"):
        assert client.post(f"/occurrences/{id_}/{act}", data={"note": "x", "until": "2026-01-20"}).status_code == 403


def test_nobody_comes_in_without_signing_in_where_there_are_accounts(office: Office, app: FastAPI) -> None:
    person(office.engine, "vera", Role.VIEWER)
    client = browser(app)
    for path in ("/deadlines", "/calendar", "/reports", f"/occurrences/{delivery(office)}"):
        assert client.get(path).headers["location"].startswith("/sign-in")


def test_another_site_cannot_act(office: Office, app: FastAPI) -> None:
    client = browser(app, headers={"sec-fetch-site": "cross-site"})
    assert client.post(f"/occurrences/{delivery(office)}/acknowledge").status_code == 403


REGISTER = (
    "Contract;What;Due by\nSupply;Insurance certificate;2027-01-31\nSupply;Pay;03/04/2027\nNobody;Pay;2027-01-31\n"
)


def imported(office: Office) -> list[str]:
    with reading(office.engine) as session:
        return list(session.exec(select(ReviewItem.title).where(ReviewItem.rule == "register")))


def test_a_register_is_shown_before_it_is_imported(office: Office, client: Client) -> None:
    page = client.post("/import", files={"file": ("register.csv", REGISTER.encode(), "text/csv")}).text
    assert "Import 1 of 3 rows" in page
    assert "can be two days" in page
    assert "nearest: " in page
    assert imported(office) == []
    form = {
        "name": "register.csv",
        "sha256": hashlib.sha256(REGISTER.encode()).hexdigest(),
        "date": "Due by",
        "contract": "Contract",
        "title": "What",
    }
    assert "1 milestones wait" in client.post("/import/apply", data=form).text
    assert imported(office) == ["Insurance certificate"]
    assert "0 milestones wait" in client.post("/import/apply", data=form).text
    swapped = client.post("/import/preview", data={**form, "title": "Due by", "date": "What"}).text
    assert "Import 0 of 3 rows" in swapped


@pytest.mark.parametrize(
    ("name", "content"), [("x.exe", b"x"), ("x.xlsx", b"no archive"), ("x.csv", b"a,b\n1,2\n"), ("x.csv", b"")]
)
def test_a_file_that_is_no_register_is_said_to_be_none(client: Client, name: str, content: bytes) -> None:
    answer = client.post("/import", files={"file": (name, content, "text/csv")})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("sha256", ["", "../../milepost.db", "0" * 64])
def test_a_register_that_was_not_sent_is_not_read(client: Client, sha256: str) -> None:
    assert client.post("/import/apply", data={"name": "x.csv", "sha256": sha256}).status_code == 422


def test_a_viewer_imports_nothing(office: Office, app: FastAPI) -> None:
    person(office.engine, "vera", Role.VIEWER)
    client = browser(app)
    enter(client, office.engine, "vera")
    assert client.get("/import").status_code == 403
    assert client.post("/import/apply", data={"name": "x.csv", "sha256": "0" * 64}).status_code == 403
