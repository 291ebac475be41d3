"""Accounts in a real browser: sign in, look as a viewer, decide as a reviewer, and be sent back to sign in again."""

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from models.actor import Role
from store.accounts import find_account, revoke_sessions
from store.engine import open_engine, writing
from tests.review.browser.conftest import Desk, onboard, serving
from tests.review.browser.test_accessibility import violations
from tests.review.doors import PASSWORD, person


@pytest.fixture(scope="module")
def guarded(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """An installation with accounts: where it is served, and its database."""
    data = onboard(tmp_path_factory.mktemp("guarded"), {})
    url = f"sqlite:///{data / 'milepost.db'}"
    engine = open_engine(url)
    person(engine, "vera", Role.VIEWER)
    person(engine, "anna", Role.REVIEWER)
    engine.dispose()
    with serving(data) as address:
        yield address, url


@pytest.fixture
def stranger(browser: Browser, guarded: tuple[str, str]) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    desk = Desk(context, guarded[0])
    yield desk
    context.close()
    assert desk.complaints == []


def sign_in(desk: Desk, name: str, password: str = PASSWORD) -> None:
    desk.page.fill("[name=name]", name)
    desk.page.fill("[name=password]", password)
    desk.page.keyboard.press("Enter")


def test_a_viewer_signs_in_and_looks_without_deciding(stranger: Desk) -> None:
    page = stranger.page
    page.goto(stranger.address + "/queue")
    expect(page).to_have_url(f"{stranger.address}/sign-in?next=%2Fqueue")
    assert violations(stranger) == []
    sign_in(stranger, "vera", "not the password")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    sign_in(stranger, "vera")
    expect(page).to_have_url(f"{stranger.address}/queue")
    expect(page.locator("#item h1")).to_be_visible()
    expect(page.get_by_role("button", name="Skip")).to_be_visible()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    before = stranger.title
    page.keyboard.press("a")
    stranger.press("s")
    assert stranger.title != before
    assert stranger.progress.startswith("0 of")


def test_who_was_signed_out_meanwhile_signs_in_again_and_nothing_is_decided(
    stranger: Desk, guarded: tuple[str, str]
) -> None:
    page = stranger.page
    page.goto(stranger.address + "/queue")
    sign_in(stranger, "anna")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    stranger.press("a")
    assert stranger.progress.startswith("1 of")
    engine = open_engine(guarded[1])
    with writing(engine) as session:
        anna = find_account(session, "anna")
        assert anna is not None
        revoke_sessions(session, anna.id, now=dt.datetime.now(dt.UTC))
    engine.dispose()
    page.keyboard.press("a")
    expect(page.locator("[name=password]")).to_be_visible()
    sign_in(stranger, "anna")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    assert stranger.progress.startswith("1 of")
