"""A small application behind the real doors, for the tests of who may come in."""

import datetime as dt
import warnings
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Engine

from models.actor import Role
from review.entrance import install
from review.passwords import hash_password
from review.permissions import Access, Admin, Reviewer, Viewer
from review.security import LOOPBACK_NAMES, Perimeter
from store import accounts
from store.account_tables import Account
from store.engine import writing

with warnings.catch_warnings():
    # Asks for another version of the library that it is itself built on.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

HERE = ("127.0.0.1", 50000)
ELSEWHERE = ("203.0.113.9", 50000)
PASSWORD = "seven gull feathers"
OURS = {"sec-fetch-site": "same-origin"}

_hashes: dict[str, str] = {}


def hashed(password: str = PASSWORD) -> str:
    """The hash of a password, made once: each takes a quarter of a second."""
    if password not in _hashes:
        _hashes[password] = hash_password(password)
    return _hashes[password]


@dataclass
class Clock:
    """The time, as the test sets it."""

    now: dt.datetime = field(default=dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC))

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


def application(engine: Engine, clock: Clock, **options: Any) -> FastAPI:
    """An application with a route for each role, behind the doors."""
    access = Access(engine, clock, local_name=options.pop("local_name", None), secure=options.pop("secure", False))
    app = FastAPI(openapi_url=None)

    @app.get("/")
    @app.get("/api/v1/items")
    def read(actor: Viewer) -> dict[str, str]:
        return {"name": actor.name, "role": actor.role}

    @app.post("/items/decide")
    @app.post("/api/v1/items/decide")
    def decide(actor: Reviewer) -> dict[str, str]:
        return {"name": actor.name}

    @app.post("/policies")
    @app.post("/api/v1/policies")
    def administer(actor: Admin) -> dict[str, str]:
        return {"name": actor.name}

    @app.post("/echo")
    async def echo(request: Request, actor: Viewer) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.get("/breaks")
    def breaks(actor: Viewer) -> None:
        raise RuntimeError("a defect")

    perimeter = options.pop("perimeter", Perimeter(hosts=LOOPBACK_NAMES))
    install(app, access, perimeter, throttle=options.pop("throttle", None), **options)
    return app


def browser(
    app: FastAPI, *, client: tuple[str, int] = HERE, url: str = "http://localhost", **options: Any
) -> TestClient:
    """A browser: it keeps cookies, and says where its requests come from."""
    options = {"headers": OURS, "follow_redirects": False, **options}
    return TestClient(app, base_url=url, client=client, **options)


def program(app: FastAPI, token: str | None = None, **options: Any) -> TestClient:
    """A program, with a token or without."""
    headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    return browser(app, headers=headers, **options)


def person(engine: Engine, name: str, role: Role = Role.REVIEWER, **columns: Any) -> Account:
    """An account, whose password is ``PASSWORD``."""
    with writing(engine) as session:
        return accounts.add_account(
            session, name, role, now=Clock().now, password_hash=columns.pop("password_hash", hashed()), **columns
        )


def enter(client: TestClient, engine: Engine, name: str) -> None:
    """Sign in without the form, and without the quarter of a second that a password takes."""
    with writing(engine) as session:
        account = accounts.account(session, name)
        token = accounts.open_session(session, account, now=Clock().now, lifetime=dt.timedelta(hours=12))
    client.headers["cookie"] = f"milepost={token}"


def sign_in(client: TestClient, name: str, password: str = PASSWORD, **form: str) -> Any:
    """Fill in the form and send it."""
    return client.post("/sign-in", data={"name": name, "password": password, **form})
