"""The document pane in a real browser: boxes lie on their words, text is text, and nothing in it is executed."""

from playwright.sync_api import expect

from tests.review.browser.conftest import Desk


def test_the_highlight_lies_on_the_words_of_the_quote(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['msa.pdf']}&kind=notice_period&state=all")
    page = desk.page
    quoted = " ".join(page.locator("#item .quote").all_text_contents())
    expect(page.locator("#document .current rect").first).to_be_in_viewport()
    page.wait_for_selector(".sheet:has(.current) .words tspan", state="attached")
    lit = page.evaluate(
        """() => {
            const sheet = document.querySelector(".sheet:has(.current)");
            const boxes = [...sheet.querySelectorAll(".current rect")].map((r) => r.getBoundingClientRect());
            const inside = (word) => {
                const w = word.getBoundingClientRect();
                const x = (w.left + w.right) / 2, y = (w.top + w.bottom) / 2;
                return boxes.some((b) => x > b.left && x < b.right && y > b.top && y < b.bottom);
            };
            return [...sheet.querySelectorAll("tspan")].filter(inside).map((w) => w.textContent.trim());
        }"""
    )
    assert set(lit) == set(quoted.split())


def test_words_of_a_page_can_be_selected_and_copied(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['msa.pdf']}&kind=effective_date&state=all")
    page = desk.page
    page.wait_for_selector(".words tspan", state="attached")
    said = page.evaluate(
        """() => {
            const line = document.querySelector(".words text:nth-of-type(3)");
            getSelection().selectAllChildren(line);
            return String(getSelection());
        }"""
    )
    assert len(said.split()) > 5
    expect(page.locator("#selection q")).to_have_text(" ".join(said.split()))


def test_a_word_file_shows_numbers_tables_and_tracked_changes(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['redline.docx']}")
    page = desk.page
    expect(page.locator("#document mark.current").first).to_be_in_viewport()
    assert page.locator("#document ins").first.text_content() == "17 March 2025"
    assert "1 March 2025" in (page.locator("#document del").first.text_content() or "")
    assert page.locator("#document td").first.is_visible()
    assert "2.1 The Carrier shall collect goods" in desk.text("#document article")


def test_the_text_of_a_pdf_is_one_key_away(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['supply.pdf']}")
    desk.press("t")
    expect(desk.page.locator("#document article")).to_be_visible()
    expect(desk.page.locator("#document mark.current").first).to_be_attached()
    desk.press("t")
    expect(desk.page.locator("#document .sheet").first).to_be_visible()


def test_script_in_a_contract_is_shown_not_run(desk: Desk, contracts: dict[str, str]) -> None:
    desk.open(f"/queue?contract={contracts['hostile.txt']}")
    assert "<script>alert(1)</script>" in desk.text("#document article")
    expect(desk.page.locator("#document script, #document img")).to_have_count(0)
    desk.open(f"/contracts/{contracts['hostile.txt']}")
    assert desk.page.title().endswith("· milepost")
