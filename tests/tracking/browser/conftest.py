"""The browser of the review's tests, on deadlines that people entered; ``milepost review`` serves them."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import open_engine, writing
from store.tracking_occurrences import occurrences_of
from tests.review.browser.conftest import Desk, browser, chromium, desk, new_desk, playwright, serving
from tests.tracking.building import context, contract, staff, store_contracts
from tracking.acting import Desk as Acts
from tracking.confirmed import confirmed_contracts

__all__ = ["Desk", "browser", "chromium", "desk", "new_desk", "playwright"]

SOON = ("Approve the draft", "Sign the amendment", "Check the certificate")
LATE = "Return the questionnaire"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def today() -> dt.date:
    """The day the server thinks it is."""
    return dt.datetime.now(dt.UTC).date()


@pytest.fixture(scope="session")
def entered(chromium: str, today: dt.date, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A data folder with deadlines in it, and the path of each deadline's page."""
    folder = tmp_path_factory.mktemp("tracking")
    engine = open_engine(f"sqlite:///{folder / 'milepost.db'}", create=True)
    supply = contract("Supply agreement")
    store_contracts(engine, [supply])
    staff(engine)
    acts, now = Acts(confirmed_contracts, context()), dt.datetime.combine(today, dt.time(), dt.UTC)
    with writing(engine) as session:
        for title in SOON:
            acts.enter(session, supply.id, "approval", title, today + dt.timedelta(days=10), by="anna", now=now)
        late = today - dt.timedelta(days=4)
        acts.enter(session, supply.id, "review", LATE, late, by="anna", now=now)
        rows = occurrences_of(session, supply.id)
        paths = {row.title: f"/occurrences/{row.id}" for row in rows}
    engine.dispose()
    return folder, paths


@pytest.fixture(scope="session")
def pages(entered: tuple[Path, dict[str, str]]) -> dict[str, str]:
    return entered[1]


@pytest.fixture(scope="session")
def address(entered: tuple[Path, dict[str, str]]) -> Iterator[str]:
    """Where the application is served."""
    with serving(entered[0]) as url:
        yield url
