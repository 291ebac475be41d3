"""Old and neighbouring formats (.doc, .rtf, .odt) to DOCX by LibreOffice, where it is installed.

Each conversion runs with a profile of its own that is thrown away, so that no macro setting, add-on or lock of the
user's LibreOffice plays a part, and without a network where the system can take it away (Linux ``unshare``).
"""

import os
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from models.problem import Category, DocumentError, Problem, Stage
from pipeline.limits import Limits

_NAMES = ("soffice", "libreoffice")
_PLACES = (
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
    Path("/opt/libreoffice/program/soffice"),
    Path("C:/Program Files/LibreOffice/program/soffice.exe"),
)
_FORMATS = {"doc": "an old Word file", "rtf": "an RTF file", "odt": "an OpenDocument file"}
_OFFLINE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}


def find_office() -> Path | None:
    """The LibreOffice to use, None where there is none."""
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    return next((place for place in _PLACES if place.exists()), None)


def convert(data: bytes, suffix: str, limits: Limits, office: Path | None = None) -> bytes:
    """Convert a document to DOCX.

    Raises:
        DocumentError: LibreOffice is missing, takes too long, or cannot read the file.
    """
    office = office or find_office()
    what = _FORMATS[suffix]
    if office is None:
        raise _refused(
            Category.UNSUPPORTED,
            f"This is {what}, which is read with the help of LibreOffice, and LibreOffice is not installed. "
            "Install it, or save the file as .docx and add that one.",
        )
    with tempfile.TemporaryDirectory(prefix="milepost-office-") as folder:
        source, target = Path(folder, f"document.{suffix}"), Path(folder, "out", "document.docx")
        source.write_bytes(data)
        command = [
            *_without_network(),
            str(office),
            f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",
            "--headless", "--invisible", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard",
            "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(target.parent), str(source),
        ]  # fmt: skip
        finished = _run(command, folder, limits.conversion_seconds)
        if not finished:
            raise _refused(
                Category.DEADLINE,
                f"LibreOffice did not finish with {what} within {limits.conversion_seconds:.0f} seconds. "
                "Save the file as .docx in Word and add that one.",
            )
        if not target.exists():
            raise _refused(
                Category.DAMAGED,
                f"LibreOffice could not read {what}: it may be damaged or protected. "
                "Open it in Word, save it as .docx and add that one.",
            )
        return target.read_bytes()


def _run(command: list[str], folder: str, seconds: float) -> bool:
    """Run in a process group of its own, for LibreOffice's launcher leaves its real process behind when killed."""
    environment = {**os.environ, **_OFFLINE, "HOME": folder, "TMPDIR": folder, "SAL_USE_VCLPLUGIN": "svp"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            return False
    return True


@cache
def _without_network() -> tuple[str, ...]:
    """A command prefix that takes the network away, empty where the system does not allow it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "--net", "--map-root-user")
    try:
        tried = subprocess.run([*prefix, "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if tried.returncode == 0 else ()


def _refused(category: Category, message: str) -> DocumentError:
    return DocumentError(Problem(stage=Stage.READ, category=category, message=message))
