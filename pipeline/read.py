"""One file's bytes to its text: the reader that its content calls for, and the way back from text to page."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.evidence import PageBox
from models.problem import Category, DocumentError, Problem, Stage
from models.source import SourceText, Span
from pipeline.identify import MediaType, identify
from pipeline.limits import Limits

if TYPE_CHECKING:
    from PIL import Image

    from pipeline.readers.ocr import OcrLine
    from pipeline.readers.pdf_ocr import Recognise


def read(name: str, data: bytes, limits: Limits, *, ocr: bool = True) -> tuple[MediaType, SourceText]:
    """Identify and read one document. Libraries are loaded when the first file needs them.

    Pages that are pictures are read by the installed OCR engine; where there is none, or without ``ocr``, they are
    reported as needing it.

    Raises:
        DocumentError: the file cannot be read, or it is a container: unpack it and read what it holds.
    """
    media = identify(name, data, limits)
    if media is MediaType.PDF:
        from pipeline.readers.pdf import read_pdf

        recognise = _recognise(limits.ocr_seconds) if ocr else None
        return media, read_pdf(data, max_pages=limits.pages, max_chars=limits.characters, recognise=recognise)
    if media is MediaType.DOCX:
        from pipeline.readers.docx import read_docx

        return media, read_docx(data, limits)
    if media is MediaType.TEXT:
        from pipeline.readers.plain import read_text

        return media, read_text(data, limits)
    if media is MediaType.HTML:
        from pipeline.readers.html import read_html

        return media, read_html(data, limits)
    if media in (MediaType.DOC, MediaType.RTF, MediaType.ODT):
        from pipeline.readers.docx import read_docx
        from pipeline.readers.office import convert

        return media, read_docx(convert(data, media.value, limits), limits)
    message = f"{name} is a container of documents, not a document. Its members are read one by one."
    raise DocumentError(Problem(stage=Stage.READ, category=Category.CONTAINER, message=message))


def _recognise(seconds: float) -> "Recognise | None":
    """The installed engine, for one document: each page that comes when the seconds are spent is refused."""
    from pipeline.readers.ocr import installed_engine, read_picture

    engine = installed_engine()
    if engine is None:
        return None
    spent = 0.0

    def recognise(picture: "Image.Image") -> "list[OcrLine]":
        nonlocal spent
        if spent >= seconds:
            message = (
                f"Reading the pictures of this file took {seconds:g} seconds, the most it may (limits.ocr_seconds)."
            )
            raise DocumentError(Problem(stage=Stage.OCR, category=Category.DEADLINE, message=message))
        started = time.perf_counter()
        try:
            return read_picture(picture, engine)
        finally:
            spent += time.perf_counter() - started

    return recognise


def locate(media: MediaType, data: bytes, source: SourceText, spans: Sequence[Span]) -> list[tuple[PageBox, ...]]:
    """For each span its boxes on the displayed pages; none for formats that have no pages."""
    if media is MediaType.PDF and spans:
        from pipeline.readers.pdf import locate as locate_in_pdf

        return locate_in_pdf(data, source, spans)
    return [() for _ in spans]
