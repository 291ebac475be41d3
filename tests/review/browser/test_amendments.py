"""An amendment in a real browser: handed in, seen, approved; its deadline moves, and reminders warn only until then."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

from milepost.replanning import replanning
from milepost.settings import Settings
from models.family import Certainty
from review.deciding import accept
from store.amending import amend
from store.engine import open_engine, reading, writing
from store.families import links_to
from store.family_tables import LinkState
from store.identity import contract_id
from store.review_tables import ReviewItem
from store.tracking_tables import OccurrenceRow
from tests.review.browser.conftest import ROOT, Desk, onboard, serving, sha256_of
from tests.review.browser.test_accessibility import violations
from tests.review.desk import ANNA

FAMILIES = ROOT / "fixtures" / "families"
PAYROLL = FAMILIES / "changed-notice-period"
AMENDMENT = PAYROLL / "payroll-services-agreement-first-amendment.pdf"
LEASE = FAMILIES / "early-end"
NOTICE = "Give notice of non-renewal"
READ = {
    "payroll": PAYROLL / "payroll-services-agreement.docx",
    "lease": LEASE / "lease.docx",
    "rent": LEASE / "lease-amendment-1.pdf",
}


def id_of(name: str) -> str:
    return contract_id(sha256_of(READ[name]))


@pytest.fixture(scope="module")
def folder(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contract of which people confirmed the term and the notice, and another with an amendment that may be its."""
    made = onboard(tmp_path_factory.mktemp("amendments"), READ)
    engine = open_engine(f"sqlite:///{made / 'milepost.db'}")
    now = dt.datetime.now(dt.UTC)
    with writing(engine) as session:
        for title in ("Effective date", "Expiration date", "Renewal term", "Notice period", NOTICE):
            asked = select(ReviewItem).where(ReviewItem.contract_id == id_of("payroll"), ReviewItem.title == title)
            found = session.exec(asked).one()
            accept(session, found.id, found.version, ANNA, now)
        replanning(Settings())(session, id_of("payroll"), now)
        [link] = links_to(session, id_of("lease"))
        link.state, link.certainty, link.decided_by = LinkState.PROPOSED, Certainty.PROPOSED, None
        session.add(link)
        amend(session, id_of("lease"), now)
    engine.dispose()
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder) as url:
        yield url


def next_notice(folder: Path) -> dt.date | None:
    """The next day that is tracked for the notice."""
    engine = open_engine(f"sqlite:///{folder / 'milepost.db'}")
    with reading(engine) as session:
        due = _next(session)
    engine.dispose()
    return due


def _next(session: Session) -> dt.date | None:
    rows = session.exec(select(OccurrenceRow).where(OccurrenceRow.kind == "notice", OccurrenceRow.state == "planned"))
    return min((row.due for row in rows if row.due), default=None)


def test_an_amendment_is_handed_in_seen_and_approved_and_moves_its_deadline(desk: Desk, folder: Path) -> None:
    before = next_notice(folder)
    assert before is not None
    assert (before.month, before.day) == (9, 1)

    desk.open(f"/contracts/{id_of('payroll')}")
    desk.page.set_input_files("#file", AMENDMENT)
    desk.page.get_by_role("button", name="Read it").click(no_wait_after=True)
    desk.page.wait_for_url(re.compile("/amendments/"), timeout=120_000)
    expect(desk.page.locator("h1")).to_have_text("First Amendment to Payroll Services Agreement")
    change = desk.page.get_by_role("article", name="Notice to stop a renewal").first
    expect(change).to_contain_text("30 days")
    expect(change).to_contain_text("90 days")
    expect(desk.page.locator(".diff del").first).to_contain_text("thirty")
    expect(desk.page.locator(".diff ins").first).to_contain_text("ninety")
    moved = desk.page.get_by_role("region", name="Deadlines and reminders that move")
    expect(moved).to_contain_text(f"1 Sep {before.year}")
    expect(moved).to_contain_text(f"3 Jul {before.year}")
    assert violations(desk) == []
    assert next_notice(folder) == before, "looking at it moves nothing"
    here = desk.page.url.removeprefix(desk.address)

    desk.open("/deadlines?days=3650")
    expect(desk.page.locator("main")).to_contain_text("Amendment under review")

    desk.open(here)
    desk.page.keyboard.press("a")
    expect(desk.page.locator("header .chip").first).to_have_text("Decided")
    assert next_notice(folder) == dt.date(before.year, 7, 3)
    desk.open("/deadlines?days=3650")
    expect(desk.page.locator("main")).not_to_contain_text("Amendment under review")


def test_a_proposed_link_is_confirmed_with_one_key(desk: Desk) -> None:
    desk.open("/amendments")
    proposed = desk.page.get_by_role("article").filter(has_text="Is it the right contract?")
    expect(proposed).to_contain_text("It says the other is dated 2018-04-16")
    assert violations(desk) == []
    desk.page.keyboard.press("y")
    expect(desk.page.locator("header .chip").first).to_have_text("To be approved")
    expect(desk.page.locator("h1")).to_contain_text("Warehouse Lease")


def test_what_governs_as_of_a_day_names_its_document(desk: Desk) -> None:
    desk.open(f"/contracts/{id_of('lease')}")
    desk.page.fill("#on", "2019-01-01")
    desk.page.locator("form", has=desk.page.locator("#on")).get_by_role("button").click()
    desk.page.wait_for_url(re.compile("/governing"))
    expect(desk.page.locator("h1")).to_have_text("What governs as of 1 Jan 2019")
    expect(desk.page.get_by_role("region", name="Milestones")).to_contain_text("$9,400.00")
    assert violations(desk) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
