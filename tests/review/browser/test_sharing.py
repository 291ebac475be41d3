"""Two people at one queue: what a colleague has open, handing over, other readings, and the policies."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from models.actor import Role
from store.engine import open_engine
from tests.review.browser.conftest import Desk, onboard, serving
from tests.review.browser.test_accessibility import violations
from tests.review.browser.test_signing_in import sign_in
from tests.review.doors import person

CONTRADICTORY = """SERVICES AGREEMENT

This Services Agreement (the "Agreement") is made as of March 1, 2026 between Northwind Milling Ltd ("Customer") and
Aldgate Engineering Inc. ("Supplier").

1. Term. This Agreement begins on the Effective Date and continues for an initial term of two (2) years. The Effective
Date of this Agreement is April 1, 2026.

2. Renewal. The Agreement shall automatically renew for successive terms of one (1) year each unless either party gives
written notice of non-renewal at least sixty (90) days before the end of the then-current term.

3. Effective Date. The effective date of this Agreement shall be May 15, 2026.

4. Delivery. Supplier shall deliver the pilot plant by 03/04/2027.
"""


@pytest.fixture(scope="module")
def shared(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation with two people; where it is served."""
    folder = tmp_path_factory.mktemp("shared")
    contract = folder / "contradictory.txt"
    contract.write_text(CONTRADICTORY, encoding="utf-8")
    data = onboard(folder, {"contradictory.txt": contract})
    engine = open_engine(f"sqlite:///{Path(data) / 'milepost.db'}")
    person(engine, "ada", Role.ADMIN, display_name="Ada Berg")
    person(engine, "ben", Role.REVIEWER, display_name="Ben Okoye")
    engine.dispose()
    with serving(data) as address:
        yield address


@pytest.fixture(scope="module")
def signed_in(browser: Browser, shared: str) -> Iterator[dict[str, BrowserContext]]:
    """The browser of each of them, signed in once."""
    contexts = {}
    for name in ("ada", "ben"):
        contexts[name] = browser.new_context(viewport={"width": 1280, "height": 800})
        desk = Desk(contexts[name], shared)
        desk.page.goto(shared + "/sign-in")
        sign_in(desk, name)
        expect(desk.page.locator("#item h1")).to_be_visible()
        desk.page.close()
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture
def at_desk(signed_in: dict[str, BrowserContext], shared: str) -> Iterator[Callable[[str], Desk]]:
    """Sits somebody down at a page of their own."""
    desks: list[Desk] = []

    def sit(name: str) -> Desk:
        desks.append(Desk(signed_in[name], shared))
        return desks[-1]

    yield sit
    complaints = [complaint for desk in desks for complaint in desk.complaints]
    for desk in desks:
        desk.page.close()
    assert complaints == []


def current(desk: Desk) -> str:
    """The id of the item that is shown."""
    return desk.page.locator("#item [data-current]").get_attribute("data-current") or ""


def test_what_a_colleague_has_open_is_said_and_not_offered_to_others(at_desk: Callable[[str], Desk]) -> None:
    ada, ben = at_desk("ada"), at_desk("ben")
    with ada.page.expect_response(lambda answer: answer.url.endswith("/open")):
        ada.open("/queue")
    ben.open("/queue")
    assert current(ben) != current(ada)
    ben.open(f"/items/{current(ada)}")
    expect(ben.page.locator("#present")).to_have_text("Ada Berg has this open")
    assert violations(ben) == []
    with ada.page.expect_response(lambda answer: answer.url.endswith("/open")) as told:
        ada.press("e")  # whoever edits has it open all the same
    assert told.value.ok
    ada.press("Escape")
    with ada.page.expect_response(lambda answer: answer.url.endswith("/open")):
        ada.press("s")
    ben.page.reload()
    with ben.page.expect_response(lambda answer: answer.url.endswith("/open")):
        pass
    expect(ben.page.locator("#present")).to_be_empty()


def test_a_forgotten_page_does_not_keep_its_item_open(at_desk: Callable[[str], Desk]) -> None:
    desk = at_desk("ada")
    told: list[str] = []
    desk.page.on("request", lambda request: told.append(request.url) if request.url.endswith("/open") else None)
    desk.page.clock.install()
    desk.open("/queue")
    desk.page.clock.run_for(60_000)
    assert len(told) == 2  # when it was opened, and once since
    desk.page.clock.run_for(15 * 60_000)
    before = len(told)
    assert before <= 16
    desk.page.clock.run_for(15 * 60_000)
    assert len(told) == before
    desk.page.keyboard.press("Shift")
    desk.page.clock.run_for(60_000)
    assert len(told) > before
    # The hours went by faster than any server answers.
    desk.complaints[:] = [complaint for complaint in desk.complaints if "timeout" not in complaint]


def test_an_item_is_handed_over_with_two_keys_and_found_among_ones_own(at_desk: Callable[[str], Desk]) -> None:
    ada, ben = at_desk("ada"), at_desk("ben")
    ada.open("/queue?q=invoice")
    title, given = ada.title, current(ada)
    ada.page.keyboard.press("h")
    expect(ada.page.locator("#assign")).to_contain_text("Ada Berg (you)")
    ada.press("2")
    assert f"{title} is for Ben Okoye now." in ada.text("#live")

    ben.open("/queue")
    ben.page.keyboard.press("i")
    ben.page.wait_for_url("**/queue?whose=me")
    assert current(ben) == given
    expect(ben.page.get_by_text("For Ben Okoye", exact=True)).to_be_visible()
    expect(ben.page.locator(".rows .of").first).to_contain_text("for Ben Okoye")
    ben.page.keyboard.press("h")
    ben.press("0")
    assert "is for anybody now." in ben.text("#live")
    assert current(ben) == given


def test_all_that_the_filter_shows_is_handed_over_and_taken_back(at_desk: Callable[[str], Desk]) -> None:
    desk = at_desk("ada")
    desk.open("/queue?kind=delivery")
    page = desk.page
    waiting = page.locator(".rows li").count()
    assert waiting
    page.locator("[data-open=assign-all]").click()
    expect(page.locator("#assign-all")).to_contain_text("this item" if waiting == 1 else f"these {waiting} items")
    page.select_option("#assign-all-to", label="Ben Okoye")
    assert violations(desk) == []
    page.locator("#assign-all button[type=submit]").click()
    expect(page.locator("#hand-over")).to_contain_text("for Ben Okoye now")
    desk.open("/queue?kind=delivery&whose=none")
    assert page.locator(".rows a").count() == 0
    desk.open("/queue?kind=delivery")
    page.locator("[data-open=assign-all]").click()
    page.select_option("#assign-all-to", label="Ben Okoye")
    page.locator("#assign-all button[type=submit]").click()
    expect(page.locator("#hand-over")).to_contain_text("for Ben Okoye already")
    desk.press("u")
    desk.open("/queue?kind=delivery&whose=none")
    assert page.locator(".rows a").count() == waiting


@pytest.mark.parametrize(
    ("kind", "shown", "taken"),
    [
        ("effective_date", "15 May 2026", "1 Apr 2026"),
        ("notice_period", "60 days", "90 days"),
        ("delivery", "4 Mar 2027", "3 Apr 2027"),
    ],
)
def test_another_reading_is_taken_with_one_key_and_given_back(
    at_desk: Callable[[str], Desk], kind: str, shown: str, taken: str
) -> None:
    desk = at_desk("ada")
    desk.open(f"/queue?kind={kind}&counterparty=Aldgate")
    value = desk.page.locator("#item .value")
    expect(value).to_contain_text(shown)
    expect(desk.page.locator(".readings")).to_contain_text(taken)
    item = current(desk)
    desk.press("1")
    assert "Corrected" in desk.text("#live")
    desk.open(f"/items/{item}")
    expect(value).to_contain_text(taken)
    desk.press("u")
    expect(value).to_contain_text(shown)
    expect(desk.page.locator(".readings")).to_contain_text(taken)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_policies_are_switched_by_an_administrator_and_accessible(
    at_desk: Callable[[str], Desk], scheme: str
) -> None:
    ada, ben = at_desk("ada"), at_desk("ben")
    ada.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ada.page.set_viewport_size({"width": 700, "height": 900})
    ada.open("/policies")
    assert violations(ada) == []
    assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ada.page.fill("#p-precision", "100")
    ada.page.get_by_role("button", name="Switch on").click()
    expect(ada.page.locator("#trouble")).to_contain_text("less than 100 % right")
    ada.page.fill("#p-precision", "95")
    ada.page.get_by_role("button", name="Switch on").click()
    expect(ada.page.locator("#auto-state")).to_have_text("On")
    assert violations(ada) == []
    ben.open("/policies")
    expect(ben.page.locator("#auto-state")).to_have_text("On")
    expect(ben.page.get_by_role("button", name="Switch off")).to_have_count(0)
    ada.page.get_by_role("button", name="Switch off").click()
    expect(ada.page.locator("#auto-state")).to_have_text("Off")
