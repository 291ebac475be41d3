"""Each kind of file goes to its reader; what they give is alike."""

import io
import subprocess
import sys

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from models.problem import Category, DocumentError
from models.source import Span
from pipeline.identify import MediaType
from pipeline.limits import Limits
from pipeline.read import locate, read
from tests.pipeline.readers.word_files import level, lists, numbered, p, word, zipped

LINES = (
    "1. Term. This contract starts on May 1, 2024, and goes on for three years.",
    "2. Notice. Either party gives sixty (60) days' notice.",
)


def pdf() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for index, line in enumerate(LINES):
        canvas.drawString(72, 700 - 40 * index, line)
    canvas.save()
    return buffer.getvalue()


FILES = {
    MediaType.PDF: pdf(),
    MediaType.DOCX: word(*(numbered(line[3:]) for line in LINES), parts={"numbering": lists(level(0, "%1."))}),
    MediaType.TEXT: "\n\n".join(LINES).encode(),
    MediaType.HTML: f"<html><body><ol>{''.join(f'<li>{line[3:]}</li>' for line in LINES)}</ol></body></html>".encode(),
}


@pytest.mark.parametrize("media", FILES)
def test_a_contract_reads_the_same_in_every_format(media: MediaType) -> None:
    found, source = read("lease", FILES[media], Limits())
    assert found is media
    assert source.text == "\n".join(LINES)
    assert [(section.number, section.heading) for section in source.sections] == [("1", "Term"), ("2", "Notice")]


@pytest.mark.parametrize("media", FILES)
def test_boxes_exist_where_there_are_pages(media: MediaType) -> None:
    _, source = read("lease", FILES[media], Limits())
    (boxes,) = locate(media, FILES[media], source, [Span(0, 7)])
    assert bool(boxes) is (media is MediaType.PDF) is bool(source.pages)


def test_a_container_is_not_read_as_a_document() -> None:
    with pytest.raises(DocumentError) as caught:
        read("deal.zip", zipped({"lease.pdf": FILES[MediaType.PDF]}), Limits())
    assert caught.value.problem.category is Category.CONTAINER


def test_a_pdf_that_is_called_docx_is_read_as_pdf() -> None:
    assert read("lease.docx", FILES[MediaType.PDF], Limits())[0] is MediaType.PDF


@pytest.mark.parametrize(
    ("data", "limits", "category"),
    [
        (FILES[MediaType.PDF], Limits(bytes=100), Category.TOO_LARGE),
        (word(p("five years " * 100)), Limits(characters=500), Category.TOO_LARGE),
        (b"", Limits(), Category.EMPTY),
        (b"\x89PNG\r\n", Limits(), Category.UNSUPPORTED),
    ],
)
def test_limits_and_kinds_are_checked_on_the_way(data: bytes, limits: Limits, category: Category) -> None:
    with pytest.raises(DocumentError) as caught:
        read("lease", data, limits)
    assert caught.value.problem.category is category


def test_no_library_is_loaded_before_a_file_needs_it() -> None:
    script = (
        "import sys, pipeline.read, pipeline.containers\n"
        "print(sorted({'docx', 'lxml', 'pypdfium2', 'pdfplumber'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "[]"
