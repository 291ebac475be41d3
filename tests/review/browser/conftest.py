"""A real browser on the real application: contracts onboarded once, served by ``milepost review`` in its own process.

Each test works in a contract of its own, so that none sees what another decided.
"""

import datetime as dt
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from upath import UPath

ROOT = Path(__file__).parents[3]
CONTRACTS = ROOT / "fixtures" / "contracts"
NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)

ONBOARDED = {
    "msa.pdf": CONTRACTS / "master-services-agreement" / "master-services-agreement.pdf",
    "msa.docx": CONTRACTS / "master-services-agreement" / "master-services-agreement.docx",
    "redline.docx": CONTRACTS / "logistics-services-agreement-redline" / "logistics-services-agreement-redline.docx",
    "development.pdf": CONTRACTS / "development-agreement" / "development-agreement.pdf",
    "nda.docx": CONTRACTS / "mutual-nda" / "mutual-nda.docx",
    "lease.docx": CONTRACTS / "equipment-lease" / "equipment-lease.docx",
    "supply.pdf": CONTRACTS / "manufacturing-supply-agreement" / "manufacturing-supply-agreement.pdf",
    "escrow.pdf": CONTRACTS / "escrow-agreement" / "escrow-agreement.pdf",
}
"""What each test calls its contract."""

HOSTILE = """SUPPLY AGREEMENT <script>document.title = "run"</script>
This Supply Agreement is made as of March 1, 2026 between Acme <img src=x onerror="document.title='run'"> Ltd and
Bolt Inc.
1. Term. This Agreement begins on March 1, 2026 and continues for two (2) years.
2. Payment. Customer shall pay each invoice within thirty (30) days after receipt of the invoice
<script>alert(1)</script>.
"""

_ARGUMENTS = [
    "--disable-dev-shm-usage",
    # The browser itself must not look anything up either.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; tests skip where there is none, unless there must be one."""
    found = find_chromium()
    if found is None:
        if os.environ.get("MILEPOST_REQUIRE_BROWSER"):
            pytest.fail("MILEPOST_REQUIRE_BROWSER is set, and there is no chromium on the path")
        pytest.skip("no chromium on the path")
    return found


@pytest.fixture(scope="session")
def data(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the contracts read into it."""
    return onboard(tmp_path_factory.mktemp("review"), ONBOARDED)


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def onboard(folder: Path, contracts: dict[str, Path]) -> Path:
    """Read contracts into the database of ``folder``, as ``milepost onboard`` does, without starting Prefect."""
    from pipeline.document import Job, Options, worker
    from store.blobs import BlobStore
    from store.engine import open_engine, writing
    from store.results import save_outcome

    hostile = folder / "hostile.txt"
    hostile.write_text(HOSTILE, encoding="utf-8")
    read = worker(Options())
    blobs = BlobStore(UPath(folder / "documents"))
    engine = open_engine(f"sqlite:///{folder / 'milepost.db'}", create=True)
    for path in (*contracts.values(), hostile):
        processed = read(Job(str(path), path.name))
        blobs.put(path.read_bytes())
        with writing(engine) as session:
            save_outcome(
                session,
                processed.outcome,
                ruleset_version="1",
                model_version="1",
                now=NOW,
                size=processed.size or 0,
                media_type=processed.media_type,
            )
    engine.dispose()
    return folder


@pytest.fixture(scope="session")
def contracts() -> dict[str, str]:
    """The id of each contract by its name here."""
    from store.identity import contract_id

    hashes = {name: sha256_of(path) for name, path in ONBOARDED.items()}
    hashes["hostile.txt"] = hashlib.sha256(HOSTILE.encode()).hexdigest()
    return {name: contract_id(sha256) for name, sha256 in hashes.items()}


@pytest.fixture(scope="session")
def address(data: Path) -> Iterator[str]:
    """Where the application is served."""
    with serving(data) as url:
        yield url


class serving:  # noqa: N801 - reads as what it does
    """``milepost review`` on a data folder, while in the block."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def __enter__(self) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "milepost", "review", "--data", str(self._data)],
            cwd=ROOT,
            env={**kept, "XDG_CONFIG_HOME": str(self._data / "config")},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        return found.group()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self.returncode = self._process.wait(20)


_started: list[Playwright] = []


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    # A loaded machine is slow, not wrong.
    expect.set_options(timeout=20_000)
    if _started:
        # Tests of another folder have it as well, and there can be but one in a process.
        yield _started[0]
        return
    with sync_playwright() as started:
        _started.append(started)
        yield started
        _started.clear()


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
    yield launched
    launched.close()


class Desk:
    """A person at the review, with what the browser complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.page: Page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        context.on("request", lambda request: self._asked(request.url))

    def _heard(self, kind: str, text: str) -> None:
        # That an answer was 404, 409 or 422 is said by the page; the browser says it as well.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.complaints.append(f"asked elsewhere: {url}")

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(self.address + path)
        self.page.wait_for_function("() => document.documentElement.dataset.settled !== undefined")

    def press(self, key: str) -> None:
        """Press a key once the page listens, and wait until the answer is shown."""
        self.page.wait_for_function("() => document.documentElement.dataset.settled !== undefined")
        before = self.page.evaluate("document.documentElement.dataset.settled")
        self.page.keyboard.press(key)
        self.settle(before)

    def settle(self, before: str) -> None:
        """Wait until another answer is shown."""
        self.page.wait_for_function("s => document.documentElement.dataset.settled !== s", arg=before)

    @property
    def title(self) -> str:
        """What is being looked at."""
        return self.text("#item h1")

    @property
    def progress(self) -> str:
        """How far the queue is."""
        return self.text("#progress")

    def text(self, selector: str) -> str:
        """The text of the first element, on one line."""
        return " ".join((self.page.locator(selector).first.text_content() or "").split())


@pytest.fixture
def new_desk(browser: Browser, address: str) -> Iterator[Callable[..., Desk]]:
    """Makes a desk, by default of a usual size. What any of them complains about fails the test."""
    desks: list[tuple[BrowserContext, Desk]] = []

    def make(width: int = 1280, height: int = 800) -> Desk:
        context = browser.new_context(viewport={"width": width, "height": height})
        desk = Desk(context, address)
        desks.append((context, desk))
        return desk

    yield make
    complaints = [complaint for _, desk in desks for complaint in desk.complaints]
    for context, _ in desks:
        context.close()
    assert complaints == []


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk()
