"""A new reading of the portfolio in the browser: shown side by side, accepted or dropped by an administrator."""

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine
from upath import UPath

from models.contract import MilestoneKind
from models.dateexpr import Fixed
from models.decision import Action, ItemState
from review import autoaccept
from review.app import create_app
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from store.blobs import BlobStore
from store.engine import reading, writing
from store.recurring_tables import RereadEffect, RereadState
from store.rereads import find_reread
from tests.review.desk import ADA, NOW, milestones, outcome, read, trail
from tests.review.doors import Clock, browser
from tests.review.served import PlainReader
from tests.review.test_autoaccept import POLICY, decide, payments
from tests.store.test_store_rereads import Portfolio, more_sure, with_notice

if TYPE_CHECKING:
    from httpx import Response
    from starlette.testclient import TestClient


@pytest.fixture
def portfolio(sqlite_engine: Engine) -> Portfolio:
    return Portfolio(sqlite_engine, read(sqlite_engine))


@pytest.fixture
def client(sqlite_engine: Engine, tmp_path: Path) -> "TestClient":
    library = Library(BlobStore(UPath(tmp_path / "documents")), PlainReader(), tmp_path / "cache")
    services = Services(sqlite_engine, library, Clock(NOW))
    app = create_app(services, Access(sqlite_engine, Clock(NOW), local_name="Anna"), Perimeter(hosts=LOOPBACK_NAMES))
    return browser(app, url="http://127.0.0.1", headers={"sec-fetch-site": "same-origin", "accept": "text/html"})


def words(answer: "Response") -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_old_and_new_stand_side_by_side_with_what_accepting_does(portfolio: Portfolio, client: "TestClient") -> None:
    portfolio.confirm("Notice period")
    found = portfolio.reread(with_notice(60))
    assert "1 contract re-read, 1 value differs To be decided" in words(client.get("/rereads"))
    said = words(client.get(f"/rereads/{found.id}"))
    assert "Nothing has moved yet" in said
    assert "Notice period Old 90 days ninety (90) days&#39; notice New 60 days" in said
    assert "It was accepted: it is opened again, with the old decision beside it." in said


@pytest.mark.parametrize("part", [True, False])
def test_accepting_moves_the_review_once(portfolio: Portfolio, client: "TestClient", part: bool) -> None:
    found = portfolio.reread(with_notice(60))
    form = {"contract": portfolio.contract_id} if part else {}
    answer = client.post(f"/rereads/{found.id}/accept", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/rereads/{found.id}")
    assert portfolio.item("Notice period").state is ItemState.PENDING
    with reading(portfolio.engine) as session:
        assert find_reread(session).state is RereadState.DECIDED
    again = client.post(f"/rereads/{found.id}/drop")
    assert again.status_code == 409
    assert "It is decided already." in words(again)
    assert "Accepted" in words(client.get(f"/rereads/{found.id}"))


def test_dropping_leaves_the_old_value(portfolio: Portfolio, client: "TestClient") -> None:
    found = portfolio.reread(with_notice(60))
    before = portfolio.item("Notice period")
    assert client.post(f"/rereads/{found.id}/drop").status_code == 303
    assert portfolio.item("Notice period") == before


def test_what_is_only_surer_can_be_taken_over(portfolio: Portfolio, client: "TestClient") -> None:
    found = portfolio.reread(more_sure())
    assert "In 1 contract the program is more or less sure" in words(client.get(f"/rereads/{found.id}"))
    assert client.post(f"/rereads/{found.id}/accept").status_code == 303
    assert portfolio.item("Notice period").confidence == 0.99


def test_one_that_does_not_exist_is_not_found(client: "TestClient") -> None:
    assert client.get("/rereads/none").status_code == 404
    assert client.post("/rereads/none/accept").status_code == 404


def test_what_comes_new_is_accepted_by_policy_and_what_is_opened_again_is_not(
    sqlite_engine: Engine, client: "TestClient"
) -> None:
    decide(sqlite_engine, read(sqlite_engine, outcome("a.pdf", milestones=payments(0.95))), wrong=0)
    portfolio = Portfolio(sqlite_engine, read(sqlite_engine))
    first = next(one for one in milestones() if one.kind is MilestoneKind.PAYMENT)
    portfolio.confirm(first.title)
    with writing(sqlite_engine) as session:
        autoaccept.save(session, POLICY, 0, ADA, NOW)
    later = first.model_copy(update={"expr": Fixed(date=dt.date(2029, 1, 1)), "confidence": 0.99})
    rest = [one for one in milestones() if one.title != first.title]
    found = portfolio.reread(outcome(milestones=(later, *rest, *payments(0.95, 100))))
    assert portfolio.differences()[first.title] is RereadEffect.REOPENS
    assert client.post(f"/rereads/{found.id}/accept").status_code == 303
    with reading(sqlite_engine) as session:
        assert len(trail(session, Action.AUTO_ACCEPT)) > 20
    assert portfolio.item(first.title).state is ItemState.PENDING
