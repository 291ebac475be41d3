"""A person looks at the list, the month and the reports, and acknowledges, snoozes and finishes in a real browser."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from models.derivation import date_words
from tests.review.browser.test_accessibility import violations
from tests.tracking.browser.conftest import LATE, NOTICE, SOON, Desk


def test_the_list_leads_to_the_month_where_each_deadline_stands_on_its_day(desk: Desk, today: dt.date) -> None:
    due = today + dt.timedelta(days=10)
    desk.open("/queue")
    desk.page.get_by_role("link", name="Deadlines", exact=True).click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Deadlines")
    expect(desk.page.get_by_role("region", name="Overdue")).to_contain_text(LATE)
    desk.page.get_by_label("Grouped by").select_option("counterparty")
    desk.page.get_by_role("button", name="Show").click()
    expect(desk.page.get_by_role("heading", level=3)).to_contain_text("Not known")
    desk.page.get_by_role("link", name="Month", exact=True).click()
    expect(desk.page.locator("td.today")).to_contain_text(str(today.day))
    if due.month != today.month:
        desk.page.locator("a[rel=next]").click()
    day = desk.page.get_by_role("cell").filter(has=desk.page.get_by_role("link", name=SOON[2]))
    expect(day.locator(".num")).to_contain_text(str(due.day))


def test_a_report_shows_what_is_asked_of_it(desk: Desk) -> None:
    desk.open("/reports")
    expect(desk.page.get_by_role("heading", name="Payments to come, by month")).to_be_visible()
    expect(desk.page.get_by_role("region", name="Missed")).to_be_visible()


def test_acknowledging_is_kept_with_who_and_when(desk: Desk, pages: dict[str, str], today: dt.date) -> None:
    desk.open(pages[SOON[0]])
    desk.page.get_by_role("button", name="Acknowledge").click()
    expect(desk.page.locator("dl.facts")).to_contain_text(f"on {date_words(today)}")


def test_a_snooze_moves_the_next_reminder(desk: Desk, pages: dict[str, str], today: dt.date) -> None:
    until = today + dt.timedelta(days=8)
    desk.open(pages[SOON[1]])
    desk.page.get_by_label("Remind me again on").fill(until.isoformat())
    desk.page.get_by_role("button", name="Snooze").click()
    expect(desk.page.locator("dl.facts")).to_contain_text(f"until {date_words(until)}")
    expect(desk.page.get_by_role("region", name="Reminders")).to_contain_text("Snoozed")


def test_done_is_refused_without_a_proof_and_kept_with_one(desk: Desk, pages: dict[str, str], tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.txt"
    receipt.write_text("received", encoding="utf-8")
    desk.open(pages[LATE])
    done = desk.page.get_by_role("button", name="Done", exact=True)
    done.click()
    expect(desk.page.get_by_role("alert").filter(has_text="A proof is needed")).to_be_visible()
    desk.page.get_by_label("How it can be shown").fill("sent back signed")
    desk.page.get_by_label("or a file").set_input_files(receipt)
    done.click()
    expect(desk.page.locator("dl.facts")).to_contain_text("sent back signed")
    with desk.page.expect_download() as saved:
        desk.page.locator("dl.facts").get_by_role("link", name="receipt.txt").click()
    assert saved.value.path().read_text(encoding="utf-8") == "received"
    desk.page.get_by_role("button", name="Take it back").click()
    expect(done).to_be_visible()


def test_a_deadline_changes_hands_and_is_waived_for_a_reason(desk: Desk, pages: dict[str, str]) -> None:
    desk.open(pages[SOON[2]])
    desk.page.get_by_label("Hand it to").select_option(label="Finance (team)")
    desk.page.get_by_role("button", name="Hand over").click()
    expect(desk.page.locator("dl.facts")).to_contain_text("Finance (chosen by a person)")
    desk.page.get_by_label("Why nobody has to do it").fill("the certificate came with the offer")
    desk.page.get_by_role("button", name="Waive").click()
    expect(desk.page.locator("dl.facts")).to_contain_text("the certificate came with the offer")
    history = desk.page.get_by_role("region", name="History")
    expect(history).to_contain_text("Delegated: to finance")
    desk.page.get_by_role("button", name="Take it back").click()
    expect(history).to_contain_text("Reopened: it was waived")


def test_a_link_of_a_message_asks_before_it_acts(desk: Desk, pages: dict[str, str]) -> None:
    desk.page.goto(desk.address + pages["Link"])
    desk.page.reload()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text(NOTICE)
    history = desk.page.get_by_role("region", name="History")
    desk.open(pages[NOTICE])
    expect(history).not_to_contain_text("Acknowledged")
    desk.page.goto(desk.address + pages["Link"])
    desk.page.get_by_role("button", name="Acknowledge").click()
    expect(desk.page.get_by_role("status")).to_contain_text("Acknowledged")
    desk.open(pages[NOTICE])
    expect(history).to_contain_text("(by a link in a message)")


def test_a_decision_about_a_term_is_kept_with_the_proof_that_notice_was_sent(
    desk: Desk, pages: dict[str, str], tmp_path: Path
) -> None:
    letter = tmp_path / "notice.txt"
    letter.write_text("Dear Sirs", encoding="utf-8")
    desk.open(pages[NOTICE])
    desk.page.get_by_role("link", name="Decide about the term").click()
    desk.page.get_by_label("Decision").select_option("terminate")
    desk.page.get_by_label("Why", exact=True).fill("too dear")
    desk.page.get_by_label("or a file").set_input_files(letter)
    desk.page.get_by_role("button", name="Put the decision on record").click()
    expect(desk.page.get_by_role("region", name="Term 1")).to_contain_text("notice.txt")
    expect(desk.page.get_by_role("region", name="History")).to_contain_text("term 1: terminate. too dear")
    desk.open(pages[NOTICE])
    expect(desk.page.get_by_role("region", name="Decision about term 1")).to_contain_text("Terminate: too dear")
    expect(desk.page.locator("dl.facts")).to_contain_text("notice.txt")


def test_a_deadline_before_signature_is_entered_and_withdrawn(
    desk: Desk, pages: dict[str, str], today: dt.date
) -> None:
    desk.open(pages["Supply agreement"])
    desk.page.get_by_label("What", exact=True).fill("Board approval")
    desk.page.get_by_label("Due", exact=True).fill((today + dt.timedelta(days=20)).isoformat())
    desk.page.get_by_role("button", name="Enter", exact=True).click()
    expect(desk.page.get_by_role("region", name="Open")).to_contain_text("Board approval")
    desk.page.get_by_label("Stage").select_option("awaiting_approval")
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.page.locator("header .chip")).to_have_text("Awaiting approval")
    desk.page.get_by_role("button", name="Withdraw Board approval").click()
    expect(desk.page.get_by_role("region", name="Open")).not_to_contain_text("Board approval")


def test_the_list_narrows_to_what_is_chosen_and_is_taken_along_so(desk: Desk) -> None:
    desk.open("/deadlines")
    desk.page.get_by_label("Kind").select_option("review")
    desk.page.get_by_label("State").select_option("overdue")
    desk.page.get_by_role("button", name="Show").click()
    listed = desk.page.get_by_role("region", name="Deadlines")
    expect(listed.get_by_role("row")).to_have_count(2)
    with desk.page.expect_download() as saved:
        desk.page.get_by_role("link", name="CSV").click()
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2
    assert LATE in lines[1]


def test_a_register_is_previewed_corrected_and_imported(desk: Desk, tmp_path: Path) -> None:
    register = tmp_path / "register.csv"
    register.write_text(
        "Contract,Subject,Remark,Due by\nSupply agreement,-,Insurance certificate,2031-01-31\nNo,-,Pay,2031-02-28\n",
        encoding="utf-8",
    )
    desk.open("/deadlines")
    desk.page.get_by_role("link", name="Import").click()
    desk.page.get_by_label("Register (.xlsx or .csv)").set_input_files(register)
    desk.page.get_by_role("button", name="Preview").click()
    expect(desk.page.get_by_role("region", name="Rows")).to_contain_text("Left out")
    desk.page.get_by_label("Title").select_option("Remark")
    desk.page.get_by_role("button", name="Read again").click()
    expect(desk.page.get_by_role("region", name="Rows")).to_contain_text("Insurance certificate")
    desk.page.get_by_role("button", name="Import 1 of 2 rows").click()
    expect(desk.page.get_by_role("status").filter(has_text="1 milestones wait")).to_be_visible()
    desk.open("/queue")
    expect(desk.page.locator(".rows")).to_contain_text("Insurance certificate")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(
    new_desk: Callable[..., Desk], pages: dict[str, str], scheme: Literal["light", "dark"]
) -> None:
    desk = new_desk(700)
    desk.page.emulate_media(color_scheme=scheme)
    others = (pages[SOON[2]], pages[NOTICE], pages["Rolling"])
    for path in ("/deadlines?by=owner&days=365", "/calendar", "/reports", "/reports?only=missed", "/import", *others):
        desk.open(path)
        _check(desk, path)
    # A page for whoever has a link stands without the scripts of the others.
    desk.page.goto(desk.address + pages["Link"])
    _check(desk, "link")


def _check(desk: Desk, path: str) -> None:
    assert violations(desk) == [], path
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
