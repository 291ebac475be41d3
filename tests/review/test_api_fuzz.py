"""Requests that schemathesis makes up from the OpenAPI document: whatever comes, the API answers as it says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine
from sqlmodel import select
from starlette.types import Receive, Scope, Send

from models.actor import Role
from models.actor import Scope as Permit
from models.decision import Action
from review.api import PREFIX, document, router
from review.autoaccept import load
from review.deciding import accept
from review.groups import groups
from review.supplying import supply
from store import accounts
from store.engine import open_engine, reading, writing
from store.review_tables import DecisionRow, ReviewItem, SuppliedFact
from tests.review.desk import ACCEPTANCE, ANNA, NOW, TODAY, item, outcome, read
from tests.review.doors import Clock
from tests.review.served import application, read_with_text

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
EXAMPLES = 5
"""Requests of each operation, each sent twice: with ids as made up, and with those that there are."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def filled(folder: Path) -> Iterator[Engine]:
    """A database with contracts, decisions and facts, and a token of an administrator."""
    engine = open_engine(f"sqlite:///{folder / 'milepost.db'}", create=True)
    contract_id = read_with_text(engine, folder)
    for name in ("a.pdf", "b.pdf"):
        read(engine, outcome(name))
    with writing(engine) as session:
        found = item(session, "First instalment", contract_id)
        accept(session, found.id, found.version, ANNA, NOW, bulk_id="bulk")
        supply(session, contract_id, ACCEPTANCE, TODAY, ANNA, NOW)
    yield engine
    engine.dispose()


class _Later:
    """The application, which a fixture makes; the requests are made up before there is one."""

    app: FastAPI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


schema = schemathesis.openapi.from_dict(document("1"))
schema.app = _Later()
schema.config.phases.coverage.enabled = False

thorough = schemathesis.openapi.from_dict(document("1"))
thorough.app = schema.app


@pytest.fixture(scope="module")
def token(filled: Engine, folder: Path) -> str:
    """A token of an administrator, of the application that the requests go to."""
    schema.app.app = application(filled, folder, hosts=frozenset({"testserver", "localhost"}))
    with writing(filled) as session:
        account = accounts.add_account(session, "ada", Role.ADMIN, now=Clock().now)
        return accounts.issue_token(session, account, "fuzz", [Permit.ADMIN], now=Clock().now)


made_up = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@thorough.parametrize()
@made_up
def test_every_bound_of_every_parameter_is_answered_as_the_document_says(
    case: Case[Any], filled: Engine, token: str
) -> None:
    _asked_twice(case, filled, token)


@schema.parametrize()
@made_up
def test_whatever_comes_is_answered_as_the_document_says(case: Case[Any], filled: Engine, token: str) -> None:
    _asked_twice(case, filled, token)


def _asked_twice(case: Case[Any], engine: Engine, token: str) -> None:
    """Send a request as it was made up, and again with ids that there are."""
    headers = {"authorization": f"Bearer {token}"}
    case.call_and_validate(headers=headers, checks=CHECKS)
    case.path_parameters, etag = _real(engine, case.path_parameters or {}, case.path)
    case.call_and_validate(headers=headers | etag, checks=CHECKS)


def _real(engine: Engine, names: dict[str, Any], path: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Ids that there are, for those that a path names, and the ETag of the item or policy."""
    with reading(engine) as session:
        found = session.exec(select(ReviewItem).order_by(ReviewItem.version)).first()  # type: ignore[arg-type]
        decision = session.exec(select(DecisionRow).where(DecisionRow.action == Action.ACCEPT)).first()
        fact = session.exec(select(SuppliedFact)).first()
        group = groups(session)
        _, policy = load(session)
    assert found is not None
    assert decision is not None
    assert fact is not None
    real = {
        "item_id": found.id,
        "contract_id": found.contract_id,
        "decision_id": decision.id,
        "bulk_id": "bulk",
        "fact_id": fact.id,
        "clause": group[0].clause if group else "none",
    }
    version = policy if path.endswith("/auto-accept") else found.version
    return {name: real.get(name, "none") for name in names}, {"if-match": f'"{version}"'}


def test_every_route_is_described_and_so_is_asked() -> None:
    described = set(document("1")["paths"])
    assert {f"{PREFIX}/auto-accept", f"{PREFIX}/auto-accept/run", f"{PREFIX}/rules"} <= described
    routed = {str(context.path) for context in iter_route_contexts(router.routes)}
    assert routed - described == {f"{PREFIX}/openapi.json"}
