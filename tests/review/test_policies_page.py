"""The page of policies: what it shows, who may change what, and what is said when that makes no sense."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from httpx import Response
from sqlalchemy import Engine
from sqlmodel import col, select
from upath import UPath

from models.actor import Role
from models.decision import ItemState
from review.app import create_app
from review.deciding import reject
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from rules.routing import RoutingPolicy, RoutingRule
from rules.tracking_policies import When
from store.blobs import BlobStore
from store.engine import open_engine, reading, writing
from store.review_tables import ReviewItem
from tests.review.desk import ANNA, NOW, outcome, read
from tests.review.doors import Clock, browser, enter, person
from tests.review.served import PlainReader
from tests.review.test_autoaccept import decide, payments

if TYPE_CHECKING:
    from starlette.testclient import TestClient

RULE = RoutingRule(
    name="payments of large contracts",
    when=When(kinds=("payment",), min_value=Decimal(100_000), currency="EUR"),
    reviewers=("ada", "ben"),
    approvals=2,
)
FORM = {"precision": "80", "sample": "25", "fewest": "20", "on": "yes"}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which people accepted forty of forty sure payments; forty more wait."""
    path = tmp_path_factory.mktemp("policies") / "milepost.db"
    engine = open_engine(f"sqlite:///{path}", create=True)
    decide(engine, read(engine, outcome("a.pdf", milestones=payments(0.95))), wrong=0)
    read(engine, outcome("c.pdf", milestones=payments(0.95, 100)))
    engine.dispose()
    return path


@pytest.fixture
def engine(decided: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(decided, tmp_path / "milepost.db")
    opened = open_engine(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def services(engine: Engine, tmp_path: Path) -> Services:
    library = Library(BlobStore(UPath(tmp_path / "documents")), PlainReader(), tmp_path / "cache")
    return Services(engine, library, Clock())


@pytest.fixture
def client(services: Services) -> "TestClient":
    return _client(services)


def _client(services: Services, *, local: str | None = "Vera") -> "TestClient":
    app = create_app(services, Access(services.engine, Clock(), local_name=local), Perimeter(hosts=LOOPBACK_NAMES))
    return browser(app, url="http://127.0.0.1", headers={"sec-fetch-site": "same-origin", "accept": "text/html"})


def words(answer: Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def change(client: "TestClient", **fields: str) -> Response:
    page = client.get("/policies").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    answer: Response = client.post("/policies/auto-accept", data={**FORM, "version": version[1], **fields})
    return answer


def test_the_page_says_how_right_each_kind_is_and_what_waits(client: "TestClient") -> None:
    said = words(client.get("/policies"))
    assert "A person decides everything" in said
    assert "Not known yet" in said
    assert re.search(
        r"Payment 100 % \( 9\d\.\d % to 100 % \) 40 Not proven", said.replace("(", "( ").replace(")", " )")
    )
    assert "everybody sees the whole queue" in said


def test_it_is_switched_on_accepts_and_is_taken_back(client: "TestClient", engine: Engine) -> None:
    answer = change(client)
    assert answer.status_code == 303
    assert "Accept what may be of the 40 that wait" in words(client.get("/policies"))
    done = client.post("/policies/auto-accept/run")
    found = re.search(r"(\d+) items accepted, (\d+) left to people as the sample", words(done))
    assert found is not None
    assert int(found[1]) + int(found[2]) == 40
    bulk = re.search(r'name="bulk_id" value="(\w+)"', done.text)
    assert bulk is not None
    with reading(engine) as session:
        accepted = session.exec(select(ReviewItem).where(ReviewItem.decided_by == "program")).all()
    assert len(accepted) == int(found[1])
    undone = client.post("/policies/auto-accept/undo", data={"bulk_id": bulk[1]})
    assert f"Undone: {found[1]} items wait again" in words(undone)
    again = client.post("/policies/auto-accept/undo", data={"bulk_id": bulk[1]})
    assert again.status_code == 409
    assert "undone already" in words(again)


def test_why_it_switched_itself_off_is_said(client: "TestClient", engine: Engine) -> None:
    change(client)
    client.post("/policies/auto-accept/run")
    with writing(engine) as session:
        sample = session.exec(select(ReviewItem).where(col(ReviewItem.sampled).is_(True))).all()
        for item in sample:
            assert item.state is ItemState.PENDING
            reject(session, item.id, item.version, ANNA, NOW, reason="wrong")
    page = words(client.get("/policies"))
    assert "It will switch itself off" in page
    assert f"{len(sample)} of {len(sample)} decided" in page
    client.post("/policies/auto-accept/run")
    page = words(client.get("/policies"))
    assert "It switched itself off." in page
    assert f"People disagreed with {len(sample)} of {len(sample)} sampled items" in page
    assert "Accepting without a person Off" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"precision": "100"}, "less than 100 % right"),
        ({"precision": "most"}, "less than 100 % right"),
        ({"precision": "nan"}, "less than 100 % right"),
        ({"precision": "1e400"}, "less than 100 % right"),
        ({"sample": "0"}, "without a sample nobody knows"),
        ({"fewest": "3"}, "at least 10 decisions"),
        ({"fewest": "many"}, "at least 10 decisions"),
        ({"version": "7"}, "has changed since you opened it"),
        ({"version": "x"}, "Load the page again"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_kept_in_the_form(
    client: "TestClient", fields: dict[str, str], said: str
) -> None:
    answer = change(client, **fields)
    assert answer.status_code == 422
    assert said in words(answer)
    for name, text in fields.items():
        assert name == "version" or f'value="{text}"' in answer.text


def test_only_an_administrator_changes_a_policy(services: Services) -> None:
    client = _client(services, local=None)
    person(services.engine, "rita", Role.REVIEWER)
    enter(client, services.engine, "rita")
    page = client.get("/policies")
    assert "An administrator can change it." in words(page)
    assert "<form method" not in page.text.split('id="main"')[1]
    for path in ("/policies/auto-accept", "/policies/auto-accept/run", "/policies/auto-accept/undo"):
        assert client.post(path, data={**FORM, "version": "0", "bulk_id": "x"}).status_code == 403


def test_the_rules_that_hand_items_out_are_shown(services: Services) -> None:
    client = _client(replace(services, routing=RoutingPolicy(rules=(RULE,))))
    said = words(client.get("/policies"))
    assert "payments of large contracts payment; a value of at least EUR 100,000 ada, ben 2" in said
