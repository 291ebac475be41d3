"""Every route of the whole application asks for a role, and gets it."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import select
from upath import UPath

from models.actor import Role
from review.app import create_app
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from store.blobs import BlobStore
from store.engine import reading
from store.review_tables import DecisionRow
from tests.review.desk import read
from tests.review.doors import Clock, browser, enter, person, program
from tests.review.routes import routes_of
from tests.review.served import PlainReader

OPEN = {"/sign-in", "/sign-in/sso", "/sign-in/sso/back", "/static", "/healthz", "/readyz"}
"""Where nobody need be signed in: to sign in, what pages look like, and whether the server lives."""

FOR_EVERYONE = {
    "/sign-out",
    "/account/sessions/{session_id}/revoke",
    "/account/tokens",
    "/account/tokens/{token_id}/revoke",
    "/account/password",
}
"""Changes that concern one's own account alone."""

ASKS_ONLY = {"/api/v1/items/{item_id}/preview"}
"""Sends something, for it is too long for an address, and changes nothing."""


@pytest.fixture
def app(sqlite_engine: Engine, tmp_path: Path) -> FastAPI:
    library = Library(BlobStore(UPath(tmp_path / "documents")), PlainReader(), tmp_path / "pictures")
    services = Services(sqlite_engine, library, Clock())
    return create_app(services, Access(sqlite_engine, Clock()), Perimeter(hosts=LOOPBACK_NAMES))


def address(path: str) -> str:
    """A path of the route, of things that are not there."""
    return re.sub(r"\{[^}]+\}", "1", path)


def test_no_route_is_open_but_those_that_must_be(app: FastAPI) -> None:
    routes = list(routes_of(app))
    assert len(routes) > 40
    assert {path for path, _, role in routes if role is None} <= OPEN


def test_whatever_changes_something_asks_for_a_reviewer(app: FastAPI) -> None:
    changing = {(path, role) for path, method, role in routes_of(app) if method not in ("GET", "HEAD")}
    weak = {path for path, role in changing if role is None or not role.allows(Role.REVIEWER)}
    assert weak == FOR_EVERYONE | ASKS_ONLY | {"/sign-in"}


def test_nobody_who_is_signed_out_gets_anything(app: FastAPI) -> None:
    for path, method, role in routes_of(app):
        if role is None:
            continue
        answer = browser(app).request(method, address(path))
        if path.startswith("/api/"):
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), path
        else:
            assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in"), path


def test_a_viewer_is_refused_wherever_a_reviewer_is_asked_for_and_nothing_is_changed(
    app: FastAPI, sqlite_engine: Engine
) -> None:
    contract_id = read(sqlite_engine)
    person(sqlite_engine, "vera", Role.VIEWER)
    client = browser(app)
    enter(client, sqlite_engine, "vera")
    before = decisions(sqlite_engine)
    refused = 0
    for path, method, role in routes_of(app):
        if role is not None and role.allows(Role.REVIEWER):
            answer = client.request(method, address(path).replace("/contracts/1", f"/contracts/{contract_id}"))
            assert answer.status_code == 403, (method, path, answer.status_code)
            assert "vera has the role of viewer" in answer.text, path
            refused += 1
    assert refused > 15
    assert decisions(sqlite_engine) == before


def test_a_viewer_reads_and_no_page_breaks_on_what_is_not_there(app: FastAPI, sqlite_engine: Engine) -> None:
    read(sqlite_engine)
    person(sqlite_engine, "vera", Role.VIEWER)
    client = browser(app)
    enter(client, sqlite_engine, "vera")
    for path, method, role in routes_of(app):
        if method == "GET" and role is Role.VIEWER:
            answer = client.get(address(path))
            assert answer.status_code in (200, 303, 404, 422), (path, answer.status_code)


def test_a_page_of_others_gets_no_change_through(app: FastAPI, sqlite_engine: Engine) -> None:
    person(sqlite_engine, "ada", Role.ADMIN)
    client = browser(app)
    enter(client, sqlite_engine, "ada")
    before = decisions(sqlite_engine)
    for path, method, _ in routes_of(app):
        if method not in ("GET", "HEAD"):
            answer = client.request(method, address(path), headers={"sec-fetch-site": "cross-site"})
            assert answer.status_code == 403, path
    assert client.get("/account").status_code == 200, "still signed in"
    assert decisions(sqlite_engine) == before


def test_a_wrong_token_opens_nothing(app: FastAPI, sqlite_engine: Engine) -> None:
    person(sqlite_engine, "ada", Role.ADMIN)
    client = program(app, "milepost_guess")
    for path, method, role in routes_of(app):
        if role is not None:
            assert client.request(method, address(path)).status_code == 401, path


def decisions(engine: Engine) -> list[Any]:
    with reading(engine) as session:
        return list(session.exec(select(DecisionRow.id)))
