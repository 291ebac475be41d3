"""Pictures of PDF pages as PDFium shows them: the page's rotation and crop box are applied, as they are to every box.

PDFium is not thread safe, so one lock is held while a document is open. A hostile file can still crash or hang the
process: whoever serves strangers' files calls ``draw`` in a worker process with limits (``milepost.reviewing`` does).
"""

import io
from threading import Lock

import pypdfium2

from models.problem import Category, DocumentError, Problem, Stage

LOCK = Lock()
"""Held while a document is open."""

SCALE = 1.6
"""Pixels for each point: 115 dpi, sharp enough for footnotes."""

_QUALITY = 80
_MOST_PIXELS = 25_000_000


def draw(data: bytes, number: int, *, scale: float = SCALE) -> bytes:
    """Page ``number`` (from 1) as a JPEG; coarser than asked where the page is very large.

    Raises:
        DocumentError: the file is no PDF that can be opened, or has no such page.
    """
    with LOCK:
        try:
            with pypdfium2.PdfDocument(data) as document:
                if not 1 <= number <= len(document):
                    raise _problem(Category.MISSING, f"There is no page {number} in this document.", number)
                page = document[number - 1]
                width, height = page.get_size()
                shrink = min(1.0, (_MOST_PIXELS / max(1.0, width * height * scale * scale)) ** 0.5)
                picture = page.render(scale=scale * shrink, may_draw_forms=True).to_pil()
                page.close()
        except pypdfium2.PdfiumError as error:
            raise _problem(Category.DAMAGED, f"Page {number} cannot be shown: {error}.", number) from error
    written = io.BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def sizes(data: bytes) -> list[tuple[float, float]]:
    """Width and height of each page as displayed, in points.

    Raises:
        DocumentError: the file is no PDF that can be opened.
    """
    with LOCK:
        try:
            with pypdfium2.PdfDocument(data) as document:
                return [document.get_page_size(index) for index in range(len(document))]
        except pypdfium2.PdfiumError as error:
            raise DocumentError(
                Problem(stage=Stage.READ, category=Category.DAMAGED, message=f"The file cannot be shown: {error}.")
            ) from error


def _problem(category: Category, message: str, page: int) -> DocumentError:
    return DocumentError(Problem(stage=Stage.READ, category=category, message=message, page=page))
