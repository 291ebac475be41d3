"""The browser of the review's tests, on deadlines that people entered or confirmed; ``milepost review`` serves them."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from milepost.link_key import link_key
from milepost.settings import Settings
from models.contract import Term, TermField
from models.dateexpr import Fixed
from models.tracked import ContractSettings
from review.deciding import accept
from store.engine import open_engine, writing
from store.tracking_occurrences import occurrences_of
from tests.review.browser.conftest import Desk, browser, chromium, desk, new_desk, playwright, serving
from tests.review.desk import ANNA, item, outcome, read, terms
from tests.tracking.building import context, contract, staff, store_contracts
from tracking.acting import Desk as Acts
from tracking.confirmed import confirmed_contracts
from tracking.links import Deed, Right

__all__ = ["Desk", "browser", "chromium", "desk", "new_desk", "playwright"]

SOON = ("Approve the draft", "Sign the amendment", "Check the certificate")
LATE = "Return the questionnaire"
NOTICE = "Last day to give notice"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for one in items:
        if Path(__file__).parent in one.path.parents:
            one.add_marker(pytest.mark.xdist_group("browser"))


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
        paths["Supply agreement"] = f"/contracts/{supply.id}/deadlines"
    rolling = read(engine, outcome("cleaning.pdf", terms=_running(today)))
    with writing(engine) as session:
        for title in ("Effective date", "Expiration date", "Notice period", NOTICE):
            found = item(session, title, rolling)
            accept(session, found.id, found.version, ANNA, now)
        acts.describe(session, rolling, ContractSettings(), by="anna", now=now)
        (notice,) = [row for row in occurrences_of(session, rolling) if row.title == NOTICE]
        right = Right(Deed.ACKNOWLEDGE, notice.id, notice.owner_id)
    paths |= {NOTICE: f"/occurrences/{notice.id}", "Rolling": f"/contracts/{rolling}/deadlines"}
    paths["Link"] = f"/act/{link_key(Settings(data_dir=folder)).token(right, now + dt.timedelta(days=30))}"
    engine.dispose()
    return folder, paths


def _running(today: dt.date) -> tuple[Term, ...]:
    """A term of three years of which two and a half are over: notice is due in some three months."""
    changed: dict[TermField, dict[str, object]] = {
        TermField.EFFECTIVE_DATE: {"expr": Fixed(date=today - dt.timedelta(days=900))},
        TermField.TITLE: {"text": "Cleaning Services"},
    }
    return tuple(one.model_copy(update=changed.get(one.field, {})) for one in terms())


@pytest.fixture(scope="session")
def pages(entered: tuple[Path, dict[str, str]]) -> dict[str, str]:
    return entered[1]


@pytest.fixture(scope="session")
def address(entered: tuple[Path, dict[str, str]]) -> Iterator[str]:
    """Where the application is served."""
    with serving(entered[0]) as url:
        yield url
