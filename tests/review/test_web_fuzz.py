"""Every page and form with ids, numbers and texts that make no sense: a sentence comes back, never a server error."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from upath import UPath

from review.app import create_app
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from store.blobs import BlobStore
from store.engine import open_engine, reading
from tests.review.desk import item, outcome, read
from tests.review.doors import Clock, browser
from tests.review.routes import routes_of
from tests.review.served import PlainReader, read_with_text

if TYPE_CHECKING:
    from starlette.testclient import TestClient

TEXTS = (
    "",
    "x",
    "1",
    "-1",
    "2027-01-15",
    "99999999999999999999",
    "1e400",
    "2027-02-30",
    "\x00",
    "\ud7ff" * 3,
    "é" * 550,
    "<b>&\"'{{1}}",
)
SEGMENTS = ("nothing", "0", "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%F0%9F%92%A9", "a" * 2_000, "<script>")
FIELDS = (
    *("version", "number", "reason", "assignee", "anchor", "date", "note", "shown", "item", "action", "start", "end"),
    *(
        "how",
        "count",
        "unit",
        "direction",
        "title",
        "kind",
        "recurrence",
        "until",
        "precision",
        "sample",
        "fewest",
        "on",
    ),
    *("bulk_id", "earliest", "latest", "event", "parties", "amount", "currency", "text", "times"),
)
QUERY = (
    *("state", "kind", "look", "sure", "whose", "counterparty", "q", "contract", "batch", "reviewer", "after"),
    *("page", "view", "shown", "start", "end", "next"),
)
"""What any form or address names; each gets what the others get, and whatever it does not know is nothing to it."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("forms")
    opened = open_engine(f"sqlite:///{folder / 'milepost.db'}", create=True)
    read_with_text(opened, folder)
    read(opened, outcome("gone.pdf", milestones=()))
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def app(engine: Engine) -> FastAPI:
    folder = Path(engine.url.database or "").parent
    library = Library(BlobStore(UPath(folder / "documents")), PlainReader(), folder / "cache")
    access = Access(engine, Clock(), local_name="Vera")
    return create_app(Services(engine, library, Clock()), access, Perimeter(hosts=LOOPBACK_NAMES))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> "TestClient":
    headers = {"sec-fetch-site": "same-origin", "accept": "text/html"}
    return browser(app, url="http://127.0.0.1", headers=headers, raise_server_exceptions=False)


def pages(app: FastAPI) -> list[tuple[str, str]]:
    """The method and path of every page and form; programs' routes have a test of their own."""
    return sorted(
        (method, path)
        for path, method, _ in routes_of(app)
        if not path.startswith(("/api/", "/static")) and method != "HEAD"
    )


def test_no_page_or_form_fails_whatever_it_is_sent(app: FastAPI, client: "TestClient", engine: Engine) -> None:
    with reading(engine) as session:
        one = item(session, "First instalment")
    real = {"item_id": one.id, "contract_id": one.contract_id, "clause": one.clause_hash or "", "sha256": "0" * 64}
    failed = []
    for method, path in pages(app):
        names = re.findall(r"{(\w+)", path)
        paths = [_filled(path, {name: real.get(name, "1") for name in names})]
        paths += [_filled(path, dict.fromkeys(names, segment)) for segment in SEGMENTS if names]
        for number, text in enumerate(TEXTS):
            failed += _asked(client, method, paths[0], text, "true" if number % 3 else "false")
        for place in paths[1:]:
            failed += _asked(client, method, place, "1", "true")
    assert failed == []


def _asked(client: "TestClient", method: str, path: str, text: str, part: str) -> list[tuple[str, str, str, int]]:
    form = dict.fromkeys(FIELDS, text) if method == "POST" else None
    query = None if method == "POST" else dict.fromkeys(QUERY, text)
    answer = client.request(method, path, params=query, data=form, headers={"hx-request": part})
    return [(method, path[:80], text[:20], answer.status_code)] if answer.status_code >= 500 else []


def _filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = re.sub(rf"{{{name}(:\w+)?}}", value, path)
    return path
