"""Runs the command line as a user does: another process, its own data folder, exit code and output looked at."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from pipeline.prefect_server import TemporaryServer, quiet_environment
from tests.milepost.forking import Forking

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "fixtures" / "contracts"
SENTENCES = (
    "SUPPLY AGREEMENT",
    'This Supply Agreement is made as of March 1, 2021 (the "Effective Date") between Acme Widgets Ltd',
    '("Supplier") and Borealis Homes Inc. ("Customer").',
    "1. Term. This Agreement begins on the Effective Date and continues for a period of two (2) years.",
    "2. Payment. Customer shall pay each invoice within thirty (30) days after receipt of the invoice.",
)


class Run(Protocol):
    def __call__(self, *args: str | Path, **environment: str) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="session")
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a user who has set nothing."""
    set_by_us = ("MILEPOST_", "PREFECT_", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(set_by_us)}
    home = tmp_path_factory.mktemp("home")
    return {**kept, "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"), "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def milepost(own_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    forking = Forking(ROOT, own_environment)

    def run(*args: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        if forking.can(environment):
            return forking.run([*map(str, args)], environment, tmp_path_factory.mktemp("said"))
        return subprocess.run(
            [sys.executable, "-m", "milepost", *map(str, args)],
            env={**own_environment, **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    yield run
    forking.close()


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Prefect server for the tests that need any."""
    home = tmp_path_factory.mktemp("prefect")
    server = TemporaryServer(home, quiet_environment(home))
    try:
        server.wait()
        yield server.url
    finally:
        server.stop()


def write_pdf(path: Path, *, password: str | None = None, note: str = "") -> Path:
    """A short contract."""
    encryption = StandardEncryption(password) if password else None
    canvas = Canvas(str(path), encrypt=encryption, invariant=True)
    for number, line in enumerate((*SENTENCES, note)):
        canvas.drawString(60, 760 - 20 * number, line)
    canvas.save()
    return path


def _truncate(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _spreadsheet(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        file.writestr("[Content_Types].xml", f'<Types><Override PartName="/x.xml" ContentType="{main}"/></Types>')
        file.writestr("x.xml", "<workbook/>")


BAD: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "empty.pdf": (lambda path: path.touch(), "empty", "failed"),
    "truncated.pdf": (lambda path: _truncate(write_pdf(path)), "damaged", "failed"),
    "locked.pdf": (lambda path: write_pdf(path, password="secret"), "encrypted", "encrypted"),
    "sheet.xlsx": (_spreadsheet, "unsupported", "unsupported"),
    "noise.bin": (lambda path: path.write_bytes(bytes(range(256)) * 8), "unsupported", "unsupported"),
    "picture.docx": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64)), "unsupported", "unsupported"),
}
"""Bad files: how to make one, the category of its problem, and its state in the ledger."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two good contracts among every kind of bad file."""
    folder = tmp_path_factory.mktemp("contracts")
    write_pdf(folder / "good.pdf", note="Signed by both parties.")
    write_pdf(folder / "zz last.pdf", note="Signed by neither party.")
    for name, (make, _, _) in BAD.items():
        make(folder / name)
    return folder
