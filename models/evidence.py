"""Where in a document a value was read."""

from typing import NamedTuple

from models.base import Value


class PageBox(NamedTuple):
    """A rectangle in fractions of the displayed page, with the page it lies on (from 1)."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Evidence(Value):
    """A passage: ``quote`` equals ``SourceText.text[start:end]``.

    ``page`` is the first page of the span, absent where the document has none (DOCX); ``section`` is the
    number of the section it stands in; ``part`` is the exhibit or other part of the file ("Exhibit B - Prices"), absent
    where that is the contract itself; ``boxes`` are filled for the spans that are kept, in reading order.
    """

    start: int
    end: int
    quote: str
    page: int | None = None
    section: str | None = None
    part: str | None = None
    boxes: tuple[PageBox, ...] = ()

    @property
    def where(self) -> str:
        """Short reference for people: ``s. 9.2``, ``Exhibit B, s. 2``, ``Schedule 1``, else ``p. 3``, else empty."""
        place = f"p. {self.page}" if self.page else ""
        if self.section:
            place = self.section if " " in self.section else f"s. {self.section}"
        label = self.part.split(" - ", 1)[0] if self.part else ""
        return ", ".join(dict.fromkeys(filter(None, (label, place))))
