"""One file's bytes to its text: the reader that its content calls for, and the way back from text to page."""

from collections.abc import Sequence

from models.evidence import PageBox
from models.problem import Category, DocumentError, Problem, Stage
from models.source import SourceText, Span
from pipeline.identify import MediaType, identify
from pipeline.limits import Limits


def read(name: str, data: bytes, limits: Limits) -> tuple[MediaType, SourceText]:
    """Identify and read one document. Libraries are loaded when the first file needs them.

    Raises:
        DocumentError: the file cannot be read, or it is a container: unpack it and read what it holds.
    """
    media = identify(name, data, limits)
    if media is MediaType.PDF:
        from pipeline.readers.pdf import read_pdf

        return media, read_pdf(data, max_pages=limits.pages, max_chars=limits.characters)
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


def locate(media: MediaType, data: bytes, source: SourceText, spans: Sequence[Span]) -> list[tuple[PageBox, ...]]:
    """For each span its boxes on the displayed pages; none for formats that have no pages."""
    if media is MediaType.PDF and spans:
        from pipeline.readers.pdf import locate as locate_in_pdf

        return locate_in_pdf(data, source, spans)
    return [() for _ in spans]
