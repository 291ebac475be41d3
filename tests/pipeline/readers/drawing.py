"""PDFs drawn at test time."""

import io
from collections.abc import Callable
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from models.source import SourceText, Span

Draw = Callable[[Canvas], None]


def drawn(*pages: Draw, **options: Any) -> bytes:
    """A PDF with a page for each drawing."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1, **options)
    for page in pages:
        canvas.setFont("Helvetica", 10)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def lines(*texts: str, x: float = 72, y: float = 770, step: float = 13) -> Draw:
    """One text under the other."""

    def draw(canvas: Canvas) -> None:
        for index, text in enumerate(texts):
            canvas.drawString(x, y - index * step, text)

    return draw


def together(*parts: Draw) -> Draw:
    """Several drawings on one page."""

    def draw(canvas: Canvas) -> None:
        for part in parts:
            part(canvas)

    return draw


def span_of(source: SourceText, words: str) -> Span:
    """Where some words stand first."""
    at = source.text.index(words)
    return Span(at, at + len(words))
