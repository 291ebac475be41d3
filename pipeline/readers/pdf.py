"""The PDF reader: bytes in, ``SourceText`` out.

One pass over the pages gives raw text and line boxes (``pdf_text``); furniture is found over all pages
(``furniture``), the rest is put together (``pdf_paragraphs``) and cut into sections (``sections``). Boxes of
evidence are computed later, for the few spans that are kept (``locate``).
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.problem import Category, DocumentError, Problem, Stage
from models.source import PageOrigin, SourceText
from pipeline.readers.furniture import Margins, find_furniture
from pipeline.readers.pdf_boxes import locate
from pipeline.readers.pdf_engine import EngineDocument, PageError, open_document
from pipeline.readers.pdf_paragraphs import assemble
from pipeline.readers.pdf_tables import arrange
from pipeline.readers.pdf_text import CharacterBoxes, PageText, read_page
from pipeline.readers.sections import Paragraph, find_sections

if TYPE_CHECKING:
    from pipeline.readers.pdf_ocr import Recognise

__all__ = ["locate", "read_pdf"]

MAX_PAGES = 2000
MAX_CHARS = 20_000_000
_MAX_PAGE_CHARS = 1_000_000

_DRAFT = re.compile(r"\bdraft\b", re.IGNORECASE)
_HEAD_CELLS = 6
_NEARLY_EMPTY = 40
_DOUBTFUL = 0.6
"""Mean confidence of OCR below which a page is reported."""


def read_pdf(
    data: bytes,
    *,
    max_pages: int = MAX_PAGES,
    max_chars: int = MAX_CHARS,
    tables: bool = True,
    recognise: "Recognise | None" = None,
) -> SourceText:
    """Read a PDF.

    ``recognise`` reads the pages that are pictures; without it they are reported as needing OCR. Without ``tables``,
    cells and columns are not looked for: quicker by about a tenth.

    Raises ``DocumentError`` where nothing can be read: the file is empty, damaged, encrypted, or larger than the
    limits. What goes wrong on single pages stands in ``problems``; every page of the file is in ``pages``.
    """
    with open_document(data) as document:
        if document.page_count > max_pages:
            message = f"The PDF has {document.page_count:,} pages; at most {max_pages:,} are read."
            raise DocumentError(Problem(stage=Stage.READ, category=Category.TOO_LARGE, message=message))
        pages, problems = _pages(document, max_chars, tables, recognise)
        problems += _attachments(document)
        if document.is_dynamic:
            message = "The PDF is a dynamic form whose content only Adobe's viewer shows. Print it to a new PDF."
            problems.append(Problem(stage=Stage.READ, category=Category.UNSUPPORTED, message=message))
        title = document.title()
    furniture = _furniture(pages)
    whole = assemble(pages, furniture)
    sections = find_sections(whole.text, [Paragraph(*span) for span in whole.paragraphs])
    problems += [problem for page in pages for problem in _page_problems(page)]
    if len(whole.text) < _NEARLY_EMPTY and not any(page.origin is PageOrigin.NEEDS_OCR for page in pages):
        message = "The PDF holds almost no text. Check that it is the right file."
        problems.append(Problem(stage=Stage.READ, category=Category.EMPTY, message=message))
    return SourceText(
        text=whole.text,
        pages=tuple(whole.pages),
        runs=tuple(whole.runs),
        lines=tuple(whole.lines),
        sections=sections,
        tables=tuple(whole.tables),
        draft=_is_draft(title, pages, furniture),
        problems=tuple(problems),
    )


def _pages(
    document: EngineDocument, max_chars: int, tables: bool, recognise: "Recognise | None" = None
) -> tuple[list[PageText], list[Problem]]:
    pages: list[PageText] = []
    problems: list[Problem] = []
    total = 0
    for index in range(document.page_count):
        try:
            with document.page(index) as page:
                total += page.count
                if page.count > min(_MAX_PAGE_CHARS, max_chars) or total > max_chars:
                    message = f"The PDF holds more than {max_chars:,} characters, more than any contract has."
                    raise DocumentError(
                        Problem(stage=Stage.READ, category=Category.TOO_LARGE, message=message, page=index + 1)
                    )
                result = read_page(page, index + 1)
                boxes: CharacterBoxes = page
                if result.origin is PageOrigin.NEEDS_OCR and recognise is not None:
                    from pipeline.readers.pdf_ocr import recognise_page

                    try:
                        result, boxes = recognise_page(page, index + 1, recognise)
                    except DocumentError as error:
                        problems.append(error.problem.model_copy(update={"page": index + 1}))
                if tables:
                    arrange(boxes, result)
                pages.append(result)
        except PageError as error:
            pages.append(PageText(error.number, 1.0, 1.0, origin=PageOrigin.BLANK))
            message = f"Page {error.number} is damaged and could not be read."
            problems.append(Problem(stage=Stage.READ, category=Category.DAMAGED, message=message, page=error.number))
    return pages, problems


def _furniture(pages: Sequence[PageText]) -> list[set[int]]:
    """For each page the indexes of its lines that are furniture, which is told by the lines as printed."""
    found = find_furniture([_margins(page) for page in pages])
    return [_arranged(page, gone) if page.printed else gone for page, gone in zip(pages, found, strict=True)]


def _margins(page: PageText) -> Margins:
    text, lines = page.text, page.printed or page.lines
    tops = [line[3] for line in lines]
    cells: set[int] = set()
    for table in page.tables:
        starts = [line.start for line in page.lines[table.first : table.last + 1]]
        inside = {index for index, line in enumerate(lines) if any(line.start <= start < line.end for start in starts)}
        # A head or foot with a left and a right part looks like a row of a table.
        ranked = sorted(tops)
        high, low = ranked[min(1, len(ranked) - 1)], ranked[-min(2, len(ranked))]
        if table.ruled or len(starts) > _HEAD_CELLS:
            cells.update(index for index in inside if table.ruled or high < tops[index] < low)
    return Margins([text[line[0] : line[1]] for line in lines], tops, frozenset(cells))


def _arranged(page: PageText, gone: set[int]) -> set[int]:
    """Printed lines as the lines they became."""
    spans = [(page.printed[index].start, page.printed[index].end) for index in gone]
    return {index for index, line in enumerate(page.lines) if any(start <= line.start < end for start, end in spans)}


def _attachments(document: EngineDocument) -> list[Problem]:
    names = document.attachments()
    if not names:
        return []
    listed = ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
    message = f"The PDF carries {len(names)} attached file(s), which were not read: {listed}"
    return [Problem(stage=Stage.READ, category=Category.CONTAINER, message=message)]


def _page_problems(page: PageText) -> list[Problem]:
    if page.origin is PageOrigin.NEEDS_OCR:
        message = f"Page {page.number} is a picture without text; it needs OCR."
        return [Problem(stage=Stage.OCR, category=Category.NO_TEXT_LAYER, message=message, page=page.number)]
    if page.origin is PageOrigin.OCR and page.confidence < _DOUBTFUL:
        message = f"Page {page.number} is hard to read (OCR is {page.confidence:.0%} sure). Check what was found on it."
        return [Problem(stage=Stage.OCR, category=Category.BROKEN_TEXT, message=message, page=page.number)]
    if page.broken:
        message = f"The text of page {page.number} does not say what the page shows (its fonts map to no letters)."
        return [Problem(stage=Stage.READ, category=Category.BROKEN_TEXT, message=message, page=page.number)]
    return []


def _is_draft(title: str, pages: list[PageText], furniture: list[set[int]]) -> bool:
    """The file calls itself a draft: in its properties, or in a running head or foot."""
    if _DRAFT.search(title):
        return True
    return any(
        _DRAFT.search(page.text, line.start, line.end)
        for page, gone in zip(pages, furniture, strict=True)
        for line in (page.lines[index] for index in gone)
    )
