"""Old and neighbouring formats through LibreOffice: the same text as the Word file, or a clear refusal."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import docx
import pytest

from models.problem import Category, DocumentError
from pipeline.identify import MediaType
from pipeline.limits import Limits
from pipeline.read import read
from pipeline.readers import office
from tests.pipeline.readers.word_files import p, word, zipped

installed = office.find_office()
needs_office = pytest.mark.skipif(installed is None, reason="LibreOffice is not installed")

RTF = rb"{\rtf1\ansi{\fonttbl{\f0 Times;}}\f0 The term is \b five\b0  years.\par It renews yearly.\par}"
_URN = "urn:oasis:names:tc:opendocument:xmlns"
MANIFEST = f"""<m:manifest xmlns:m="{_URN}:manifest:1.0" m:version="1.2">
<m:file-entry m:full-path="/" m:media-type="application/vnd.oasis.opendocument.text"/>
<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>"""
CONTENT = f"""<o:document-content xmlns:o="{_URN}:office:1.0" xmlns:text="{_URN}:text:1.0" o:version="1.2"><o:body>
<o:text><text:p>The term is five years.</text:p><text:p>It renews yearly.</text:p>
</o:text></o:body></o:document-content>"""
ODT = zipped(
    {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": MANIFEST.encode(),
        "content.xml": CONTENT.encode(),
    }
)


@needs_office
@pytest.mark.parametrize(("data", "media"), [(RTF, MediaType.RTF), (ODT, MediaType.ODT)], ids=["rtf", "odt"])
def test_rtf_and_opendocument_are_read(data: bytes, media: MediaType) -> None:
    found, source = read("lease", data, Limits())
    assert found is media
    assert source.text == "The term is five years.\nIt renews yearly."


@needs_office
def test_an_old_word_file_keeps_its_numbers_and_tables(tmp_path: Path) -> None:
    new = docx.Document()
    new.add_paragraph("Term", style="List Number")
    new.add_paragraph("Fees", style="List Number")
    grid = new.add_table(2, 2)
    for at, text in enumerate(("Date", "Amount", "1 May 2024", "$500")):
        grid.cell(at // 2, at % 2).text = text
    new.add_paragraph("Signed.")
    new.save(str(tmp_path / "lease.docx"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(installed), profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "lease.docx")], check=True, capture_output=True, timeout=120)
    media, source = read("lease.doc", (tmp_path / "lease.doc").read_bytes(), Limits())
    assert media is MediaType.DOC
    assert source.text == "1. Term\n2. Fees\nDate\tAmount\n1 May 2024\t$500\nSigned."


def test_without_libreoffice_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(office, "_PLACES", ())
    with pytest.raises(DocumentError) as caught:
        read("lease.rtf", RTF, Limits())
    assert caught.value.problem.category is Category.UNSUPPORTED
    assert "LibreOffice is not installed" in caught.value.problem.message
    assert "save the file as .docx" in caught.value.problem.message


def script(folder: Path, body: str) -> Path:
    """A program that stands where LibreOffice would."""
    program = folder / "soffice"
    program.write_text(f"#!{sys.executable}\n{body}\n")
    program.chmod(0o755)
    return program


def test_a_conversion_that_does_not_end_is_stopped_with_all_its_processes(tmp_path: Path) -> None:
    program = script(
        tmp_path,
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)",
    )
    with pytest.raises(DocumentError) as caught:
        office.convert(RTF, "rtf", Limits(conversion_seconds=2), program)
    assert caught.value.problem.category is Category.DEADLINE
    child = Path("/proc", (tmp_path / "child").read_text(), "status")
    for _ in range(100):  # the system may take a moment to end it
        if not child.exists() or "Z (zombie)" in child.read_text():
            return
        time.sleep(0.05)
    pytest.fail("a process of the conversion is still there")


def test_a_file_that_libreoffice_cannot_read_is_told_and_nothing_is_left_behind(tmp_path: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("milepost-office-*"))
    with pytest.raises(DocumentError) as caught:
        office.convert(RTF, "rtf", Limits(), script(tmp_path, "raise SystemExit(1)"))
    assert caught.value.problem.category is Category.DAMAGED
    assert set(Path(tempfile.gettempdir()).glob("milepost-office-*")) <= before


def test_each_conversion_has_a_profile_of_its_own_and_no_way_to_the_network(tmp_path: Path) -> None:
    report = tmp_path / "report"
    program = script(
        tmp_path,
        f"import os, sys\nopen({str(report)!r}, 'w').write(' '.join(sys.argv) + ' ' + os.environ['http_proxy'])",
    )
    with pytest.raises(DocumentError):
        office.convert(RTF, "rtf", Limits(), program)
    told = report.read_text()
    assert "-env:UserInstallation=file:///" in told
    assert "milepost-office-" in told
    assert told.endswith("http://127.0.0.1:9")


def test_plain_paragraphs_need_no_libreoffice() -> None:
    assert read("lease.docx", word(p("x")), Limits())[1].text == "x"
