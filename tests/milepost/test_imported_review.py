"""What a register brought is decided in the review as anything else: shown, corrected, accepted, tracked."""

import datetime as dt
import re
from pathlib import Path

import pytest
from httpx import Client
from sqlalchemy import Engine
from upath import UPath

from models.contract import MilestoneKind
from models.decision import ItemState
from review.app import create_app
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from store.blobs import BlobStore
from store.confirmed import iter_confirmed
from store.engine import reading, writing
from store.importing import imported_milestone, propose
from store.review_tables import ReviewItem
from store.tables import Contract
from tests.review.desk import ANNA, NOW
from tests.review.doors import Clock, browser
from tests.review.served import PlainReader, read_with_text

TITLE = "Insurance certificate"


@pytest.fixture
def client(sqlite_engine: Engine, tmp_path: Path) -> Client:
    library = Library(BlobStore(UPath(tmp_path / "documents")), PlainReader(), tmp_path / "cache")
    access = Access(sqlite_engine, Clock(), local_name="Vera")
    return browser(create_app(Services(sqlite_engine, library, Clock()), access, Perimeter(hosts=LOOPBACK_NAMES)))


@pytest.fixture
def item(sqlite_engine: Engine, tmp_path: Path) -> ReviewItem:
    contract_id = read_with_text(sqlite_engine, tmp_path)
    value = imported_milestone(MilestoneKind.REPORT, TITLE, dt.date(2027, 1, 31))
    with writing(sqlite_engine) as session:
        contract = session.get(Contract, contract_id)
        assert contract is not None
        made = propose(session, contract, value, ANNA, NOW, source="register.xlsx, row 7")
    assert made is not None
    return made


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def confirmed(engine: Engine) -> list[tuple[str, dt.date | None]]:
    with reading(engine) as session:
        found = [one for contract in iter_confirmed(session) for one in contract.milestones]
    return [(one.milestone.title, one.milestone.date) for one in found]


def test_it_is_shown_with_its_date_and_where_it_comes_from(client: Client, item: ReviewItem) -> None:
    answer = client.get(f"/items/{item.id}")
    assert answer.status_code == 200
    shown = words(answer.text)
    assert TITLE in shown
    assert "31 Jan 2027" in shown
    assert "register.xlsx, row 7" in shown
    assert client.get(f"/queue?contract={item.contract_id}").status_code == 200
    assert client.get(f"/contracts/{item.contract_id}").status_code == 200


def test_it_is_accepted_as_it_is(client: Client, item: ReviewItem, sqlite_engine: Engine) -> None:
    answer = client.post(f"/items/{item.id}/accept", headers={"hx-request": "true"}, data={"version": item.version})
    assert answer.status_code == 200
    assert confirmed(sqlite_engine) == [(TITLE, dt.date(2027, 1, 31))]


def test_it_can_be_rejected(client: Client, item: ReviewItem, sqlite_engine: Engine) -> None:
    form = {"version": item.version, "reason": "not in the contract"}
    assert client.post(f"/items/{item.id}/reject", headers={"hx-request": "true"}, data=form).status_code == 200
    with reading(sqlite_engine) as session:
        row = session.get(ReviewItem, item.id)
        assert row is not None
        assert row.state is ItemState.REJECTED
    assert confirmed(sqlite_engine) == []


def test_its_form_opens_to_correct_it(client: Client, item: ReviewItem) -> None:
    answer = client.get(f"/items/{item.id}/edit", headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "2027-01-31" in answer.text
