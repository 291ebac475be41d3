"""Draws the pictures of the README: ``make screenshots``."""

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from store.identity import contract_id
from tests.review.browser.conftest import ONBOARDED, ROOT, Desk, find_chromium, onboard, serving, sha256_of

DOCS = ROOT / "docs"
SIZE = (1360, 850)


def main() -> None:
    """Onboard the fixtures, and draw each page as a reviewer sees it."""
    ids = {name: contract_id(sha256_of(path)) for name, path in ONBOARDED.items()}
    chromium = find_chromium()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(onboard(Path(folder), ONBOARDED)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-dev-shm-usage"])
        draw(browser, address, ids)
        browser.close()


def draw(browser: Browser, address: str, ids: dict[str, str]) -> None:
    """All pictures."""
    desk = Desk(browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}), address)
    desk.open(f"/queue?contract={ids['msa.pdf']}")
    for _ in range(3):
        desk.press("a")
    desk.page.locator(".rows a").filter(has_text="Give notice of non-renewal").first.click()
    desk.page.get_by_role("heading", name="Give notice of non-renewal").wait_for()
    save(desk, "review")
    desk.page.emulate_media(color_scheme="dark")
    desk.open(f"/queue?contract={ids['redline.docx']}")
    save(desk, "review-dark")
    desk.page.emulate_media(color_scheme="light")
    desk.open(f"/queue?contract={ids['msa.pdf']}&kind=effective_date&state=all")
    desk.press("e")
    desk.page.fill("#e-date", "2024-04-01")
    desk.page.locator("#reading").wait_for()
    save(desk, "edit")
    desk.open(f"/contracts/{ids['msa.pdf']}")
    save(desk, "contract")
    desk.open("/groups")
    desk.page.locator(".hit a").first.click()
    desk.page.locator("#group-form").wait_for()
    save(desk, "same-clause")


def save(desk: Desk, name: str) -> None:
    """The page as a PNG of few colours: a quarter of the size, and nobody sees a difference."""
    desk.page.wait_for_load_state("networkidle")
    path = DOCS / f"{name}.png"
    desk.page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
