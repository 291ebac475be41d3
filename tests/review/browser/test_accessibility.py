"""axe finds nothing, in light, dark and forced colours, on a desk and in a window of 700 pixels."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any, Literal

import pytest

from tests.review.browser.conftest import Desk

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

LOOKS: list[tuple[Literal["light", "dark"], Literal["active", "none"]]] = [
    ("light", "none"),
    ("dark", "none"),
    ("light", "active"),
]


def violations(desk: Desk) -> list[str]:
    # Evaluated by the browser's own tools: the content policy lets no other script in.
    desk.page.evaluate(AXE)
    found: dict[str, Any] = desk.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("width", [1280, 700])
@pytest.mark.parametrize(("scheme", "forced"), LOOKS)
def test_the_review_screen_is_accessible(
    new_desk: Callable[..., Desk],
    contracts: dict[str, str],
    width: int,
    scheme: Literal["light", "dark"],
    forced: Literal["active", "none"],
) -> None:
    desk = new_desk(width)
    desk.page.emulate_media(color_scheme=scheme, forced_colors=forced)
    desk.open(f"/queue?contract={contracts['msa.pdf']}&kind=notice_period&state=all")
    desk.page.wait_for_selector(".words tspan", state="attached")
    assert violations(desk) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_other_pages_are_accessible(
    new_desk: Callable[..., Desk], contracts: dict[str, str], scheme: Literal["light", "dark"]
) -> None:
    desk = new_desk(700)
    desk.page.emulate_media(color_scheme=scheme)
    for path in (f"/contracts/{contracts['msa.pdf']}", "/contracts", "/groups", "/search?q=invoice", "/policies"):
        desk.open(path)
        assert violations(desk) == [], path
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    desk.open(f"/queue?contract={contracts['redline.docx']}")
    desk.press("e")
    assert violations(desk) == []
    desk.press("Escape")
    desk.page.keyboard.press("?")
    assert violations(desk) == []


def test_no_page_scrolls_sideways_however_far_it_is_zoomed_in(
    new_desk: Callable[..., Desk], contracts: dict[str, str]
) -> None:
    desk = new_desk(320, 600)  # a window of 1280 pixels at 400 %
    contract = contracts["msa.pdf"]
    for path in (f"/queue?contract={contract}", f"/contracts/{contract}", "/contracts", "/groups", "/policies"):
        desk.open(path)
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
