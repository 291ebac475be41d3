"""The whole path in a real browser: decide by keyboard, edit, supply a fact, undo, decide for many, clash, add."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.review.browser.conftest import Desk


def test_a_contract_is_reviewed_by_keyboard_alone(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['nda.docx']}")
    page = desk.page
    first, total = desk.title, int(desk.progress.split()[2])
    assert desk.progress.startswith("0 of")

    desk.press("a")
    assert desk.progress.startswith(f"1 of {total} decided")
    assert desk.title != first
    assert "Accepted" in desk.text("#live")
    assert page.locator(".rows li").first.get_attribute("class") == "settled"

    second = desk.title
    desk.press("s")
    assert desk.title != second
    desk.press("k")
    assert desk.title == second

    page.keyboard.press("r")
    expect(page.locator("#reject")).to_be_visible()
    desk.press("3")
    assert desk.progress.startswith(f"2 of {total} decided")

    desk.press("u")
    assert desk.title == second
    assert desk.progress.startswith(f"1 of {total} decided")
    page.get_by_text("History (2)").click()
    assert "rejected" in desk.text(".trail")
    assert "The same as another one" in desk.text(".trail")


def test_a_held_key_decides_once_and_typing_decides_nothing(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['lease.docx']}")
    page = desk.page
    before = page.evaluate("document.documentElement.dataset.settled")
    page.keyboard.down("a")
    for _ in range(8):
        page.keyboard.down("a")  # what the keyboard sends while a key is held
    desk.settle(before)
    for _ in range(8):
        page.keyboard.down("a")
    page.keyboard.up("a")
    assert desk.progress.startswith("1 of")

    page.keyboard.press("Control+a")
    page.get_by_text("Filter", exact=False).first.click()
    page.locator("#f-q").press_sequentially("arsu")
    page.locator("#f-q").blur()
    page.locator("[data-switch-keys]").click()
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(page.locator("#help")).not_to_be_visible()
    page.reload()
    expect(page.locator("[data-switch-keys]")).to_have_attribute("aria-pressed", "false")
    assert desk.progress.startswith("1 of")
    page.locator("[data-switch-keys]").click()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def test_an_edit_is_read_live_and_moves_what_hangs_on_it(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['msa.pdf']}&kind=effective_date")
    page = desk.page
    assert desk.title == "Effective date"
    desk.press("e")
    expect(page.locator("#item h1")).to_have_text("Edit: Effective date")
    page.select_option("#e-how", "date")
    page.fill("#e-date", "2024-04-01")
    expect(page.locator("#reading")).to_contain_text("Read as: 1 Apr 2024")
    expect(page.locator("#reading")).to_contain_text("1 Apr 2027")

    page.fill("#e-date", "")
    page.locator("#edit-form button[type=submit]").click()
    expect(page.locator("#form-error")).to_contain_text("Give a date")

    page.fill("#e-date", "2024-04-01")
    before = page.evaluate("document.documentElement.dataset.settled")
    page.keyboard.press("Enter")
    desk.settle(before)
    desk.open(f"/queue?contract={contracts['msa.pdf']}&kind=expiration_date&state=all")
    assert desk.text("#item .value") == "1 Apr 2027"
    page.get_by_role("button", name="Effective date").click()
    expect(page.locator("#document .linked").first).to_be_attached()


def test_a_period_that_cannot_resolve_is_refused_in_the_page(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['supply.pdf']}&kind=expiration_date")
    page = desk.page
    desk.press("e")
    page.select_option("#e-how", "counted")
    page.fill("#e-count", "99999")
    page.select_option("#e-unit", "year")
    page.select_option("#e-anchor", "agreement_date")
    page.locator("#edit-form button[type=submit]").click()
    expect(page.locator("#form-error")).to_be_visible()
    assert page.input_value("#e-count") == "99999"
    desk.press("Escape")
    expect(page.locator("#edit-form")).to_have_count(0)


def test_a_supplied_fact_dates_everything_that_waits_for_it(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['development.pdf']}&look=blocked")
    page = desk.page
    waiting = page.locator(".rows li").count()
    assert desk.text("#item .value + p").startswith("Waits for")
    page.keyboard.press("f")
    page.locator("#supply input[type=date]").fill("2026-05-04")
    before = page.evaluate("document.documentElement.dataset.settled")
    page.locator("#supply button[type=submit]").click()
    desk.settle(before)
    assert re.search(r"\d{1,2} [A-Z][a-z]{2} 20\d\d", desk.text("#item .value"))
    assert "stated by" in desk.text("#item .hint")
    page.reload()
    assert page.locator(".rows li").count() < waiting
    desk.press("u")
    assert desk.text("#item .value + p").startswith("Waits for")


def test_one_clause_is_decided_for_all_its_contracts_and_undone_as_one(desk: Desk) -> None:
    desk.open("/groups")
    page = desk.page
    page.locator(".hit a").first.click()
    expect(page.locator("#group-form")).to_be_visible()
    ticked = page.locator("#group-form input[type=checkbox]:checked").count()
    assert ticked >= 2
    desk.press("a")
    expect(page.locator("#group .note.good")).to_contain_text(f"{ticked} items accepted")
    desk.press("u")
    expect(page.locator("#group .note.good")).to_contain_text(f"Undone: {ticked} items")


def test_a_clash_shows_who_was_quicker_and_overwrites_nothing(
    new_desk: Callable[..., Desk], contracts: dict[str, str]
) -> None:
    one, other = new_desk(), new_desk()
    for each in (one, other):
        each.open(f"/queue?contract={contracts['escrow.pdf']}")
    assert one.title == other.title
    one.press("a")
    other.page.keyboard.press("r")
    other.press("1")
    expect(other.page.locator("#clash")).to_contain_text("was quicker: this item is accepted now")
    expect(other.page.locator("#item .chip.good")).to_have_text("Accepted")


def test_selected_words_become_a_milestone_that_was_missed(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['redline.docx']}")
    page = desk.page
    before = int(desk.progress.split()[2])
    page.locator("#document p").filter(has_text="operator’s licence").first.select_text()
    expect(page.locator("#selection")).to_be_visible()
    desk.press("m")
    page.fill("#e-title", "Hold an operator’s licence")
    page.fill("#e-date", "2026-09-30")
    expect(page.locator("#reading")).to_contain_text("Read as: 30 Sep 2026")
    before_adding = page.evaluate("document.documentElement.dataset.settled")
    page.keyboard.press("Enter")
    desk.settle(before_adding)
    expect(page.locator("#item h1")).to_have_text("Hold an operator’s licence")
    expect(page.locator("#item .quote")).to_contain_text("operator’s licence under the Goods Vehicles")
    expect(page.locator("#document mark.current").first).to_contain_text("operator’s licence")
    assert int(desk.progress.split()[2]) == before + 1


def test_the_way_back_leads_to_the_item_before_with_working_keys(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['msa.docx']}")
    page = desk.page
    desk.press("j")
    desk.press("j")
    there = desk.title
    desk.press("j")
    page.go_back()
    expect(page.locator("#item h1")).to_have_text(there)
    page.wait_for_function("() => document.documentElement.dataset.settled === '0'")
    expect(page.locator(".rows a[aria-current]")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


@pytest.mark.parametrize(("path", "words"), [("/items/nothing", "There is no such item"), ("/nowhere", "no such page")])
def test_what_is_not_there_is_said_in_a_page(desk: Desk, path: str, words: str) -> None:
    desk.page.goto(desk.address + path)
    assert words in desk.text("main")
