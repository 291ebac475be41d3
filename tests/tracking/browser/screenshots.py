"""Draws the pictures of tracking in the README: ``make screenshots``."""

import datetime as dt
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine
from sqlmodel import select

from models.actor import Actor, Role
from models.tracked import OwnerKind, Proof
from review.deciding import accept
from review.errors import StaleVersion
from rules.tracking_policies import installed_policies
from store.engine import open_engine, reading, writing
from store.review_tables import ReviewItem
from store.tracking_owners import add_owner, ensure_teams, find_owner, join
from store.tracking_tables import OccurrenceRow
from tests.review.browser.conftest import CONTRACTS, Desk, find_chromium, onboard, serving
from tests.review.browser.screenshots import SIZE, save
from tests.tracking.building import Outbox
from tracking.acting import Desk as Acts
from tracking.confirmed import confirmed_contracts
from tracking.context import Context
from tracking.running import remind

ADA = Actor(id="ada", name="Ada Lind", role=Role.ADMIN)
STAFF = {"legal": "Ben Okoye", "finance": "Carla Ruiz", "procurement": "Dev Patel", "contracts": "Ada Lind"}
SCANNED = "maintenance-agreement-scanned"
BACK = 45
"""Days for which the deadlines of the pictures have been tracked."""


def main() -> None:
    """Onboard the fixtures, confirm nearly all, track them for some weeks, and draw each page."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = onboard(Path(folder), _contracts())
        engine = open_engine(f"sqlite:///{data / 'milepost.db'}")
        _work(engine, dt.datetime.now(dt.UTC))
        engine.dispose()
        with serving(data) as address:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--disable-dev-shm-usage"])
            draw(browser, address)
            browser.close()


def draw(browser: Browser, address: str) -> None:
    """All pictures."""
    desk = Desk(browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}), address)
    desk.open("/deadlines")
    save(desk, "deadlines")
    desk.open("/calendar")
    save(desk, "calendar")
    desk.open("/reports")
    save(desk, "reports")


def _contracts() -> dict[str, Path]:
    """One document of each fixture that is not a picture."""
    folders = [folder for folder in sorted(CONTRACTS.iterdir()) if folder.is_dir() and folder.name != SCANNED]
    files = [[file for file in sorted(folder.iterdir()) if file.suffix in (".pdf", ".docx")] for folder in folders]
    return {found[-1].name: found[-1] for found in files if found}


def _work(engine: Engine, now: dt.datetime) -> None:
    first = now - dt.timedelta(days=BACK)
    context = Context(installed_policies(), expected_every=dt.timedelta(days=3))
    with writing(engine) as session:
        ensure_teams(session, context.policies.owners.named, now=first)
        for team, name in STAFF.items():
            owner = find_owner(session, team)
            owner.email, owner.department = f"{team}@example.com", team
            deputy = add_owner(
                session, name, OwnerKind.PERSON, now=first, email=f"{name.split()[0].lower()}@example.com"
            )
            owner.deputy_id = deputy.id
            session.add(owner)
            join(session, owner, deputy)
    with reading(engine) as session:
        items = session.exec(select(ReviewItem.id, ReviewItem.version)).all()
    for number, (item_id, version) in enumerate(items):
        if number % 12:  # some are left to decide
            try:
                with writing(engine) as session:
                    accept(session, item_id, version, ADA, first)
            except StaleVersion:
                continue  # another decision settled it
    for days in range(0, BACK + 1, 3):
        at = first + dt.timedelta(days=days)
        remind(engine, confirmed_contracts, {"email": Outbox()}, context, lambda at=at: at)  # type: ignore[misc]
        if days == BACK // 3 * 2:
            _finish(engine, Acts(confirmed_contracts, context), at)


def _finish(engine: Engine, acts: Acts, now: dt.datetime) -> None:
    """Do most of what is due by a day, as people would have."""
    with reading(engine) as session:
        due = session.exec(select(OccurrenceRow.id).where(OccurrenceRow.act_by <= now.date())).all()  # type: ignore[operator]
    for number, id_ in enumerate(sorted(due)):
        with writing(engine) as session:
            row = session.get(OccurrenceRow, id_)
            if row is not None and row.state.open and number % 6:
                acts.done(session, id_, Proof(note="Filed with the contract"), by=ADA.name, now=now)


if __name__ == "__main__":
    main()
