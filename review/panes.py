"""The document beside the milestone: its pages or its text, with every passage that something was read from."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from models.contract import Milestone, Term
from models.decision import ItemState
from models.evidence import Evidence, PageBox
from models.problem import DocumentError
from review.documents import Mark, TextView, passage, text_view
from review.library import Library
from store.review_tables import ReviewItem
from store.tables import Contract, Document

PDF = "pdf"


class Marked(NamedTuple):
    """An item with the value whose passages are shown."""

    item: ReviewItem
    value: Milestone | Term


class PageMark(NamedTuple):
    """Boxes on one page of what was read for one key."""

    key: str
    item_id: str
    settled: bool
    boxes: tuple[PageBox, ...]


class Sheet(NamedTuple):
    """A page to show."""

    number: int
    width: float
    height: float
    marks: tuple[PageMark, ...]


@dataclass(frozen=True, slots=True)
class DocumentPane:
    """What the pane shows: ``sheets`` of a PDF, or ``text``; ``problem`` where the document cannot be shown."""

    contract: Contract
    document: Document
    view: str
    has_pages: bool
    sheets: tuple[Sheet, ...] = ()
    text: TextView | None = None
    settled: frozenset[str] = frozenset()
    """Keys of marks whose item is decided."""
    items: Mapping[str, str] | None = None
    """The item of each key."""
    problem: str | None = None


def document_pane(
    library: Library, contract: Contract, document: Document, marked: Sequence[Marked], view: str | None = None
) -> DocumentPane:
    """The pane for a contract; ``view`` is ``pages`` or ``text``, pages where there are any if it is left open."""
    has_pages = (document.media_type or "").endswith(PDF)
    view = "pages" if has_pages and view != "text" else "text"
    settled = frozenset(key for one in marked if not one.item.state.open for key, _ in _passages(one))
    items = {key: one.item.id for one in marked for key, _ in _passages(one)}
    shown = DocumentPane(contract, document, view, has_pages, settled=settled, items=items)
    try:
        if view == "pages":
            sizes = library.sizes(document.sha256)
            marks = _page_marks(marked)
            sheets = tuple(Sheet(n, width, height, marks.get(n, ())) for n, (width, height) in enumerate(sizes, 1))
            return replace(shown, sheets=sheets)
        source = library.source(document.sha256, document.name)
    except DocumentError as error:
        return replace(shown, problem=error.problem.message)
    found = []
    for one in marked:
        for key, evidence in _passages(one):
            if (span := passage(source, evidence)) is not None:
                found.append(Mark(key, span.start, span.end))
    return replace(shown, text=text_view(source, found))


def _passages(one: Marked) -> Iterator[tuple[str, Evidence]]:
    """The passages of an item by the keys that links use: the item's own, and those of readings not chosen."""
    for evidence in one.value.evidence:
        yield one.item.id, evidence
    if isinstance(one.value, Term):
        for number, reading in enumerate(one.value.alternatives):
            yield reading_key(one.item.id, number), reading.evidence


def reading_key(item_id: str, number: int) -> str:
    """The key of a reading of a term that was not chosen."""
    return f"{item_id}-{number}"


def _page_marks(marked: Sequence[Marked]) -> dict[int, tuple[PageMark, ...]]:
    boxes: dict[tuple[int, str], list[PageBox]] = defaultdict(list)
    about: dict[str, ReviewItem] = {}
    for one in marked:
        if one.item.state in (ItemState.REJECTED, ItemState.SUPERSEDED):
            continue
        for key, evidence in _passages(one):
            about[key] = one.item
            for box in evidence.boxes:
                boxes[box.page, key].append(box)
    pages: dict[int, list[PageMark]] = defaultdict(list)
    for (page, key), found in boxes.items():
        item = about[key]
        pages[page].append(PageMark(key, item.id, not item.state.open, tuple(found)))
    return {page: tuple(marks) for page, marks in pages.items()}
