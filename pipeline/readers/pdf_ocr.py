"""A page that is a picture, read by OCR and handed on as any other page: text, lines, boxes of characters."""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from PIL import Image

from models.source import PageOrigin
from pipeline.readers.cleaning import one_for_one
from pipeline.readers.ocr import DPI, OcrLine
from pipeline.readers.pdf_engine import EnginePage, Rect
from pipeline.readers.pdf_text import PageText, TextLine

Recognise = Callable[[Image.Image], Sequence[OcrLine]]
"""Reads the picture of a page: its lines of words, boxes in fractions of the picture."""


class WordBoxes:
    """Boxes of the characters of a page known by its words alone: each word shared out evenly among its letters."""

    def __init__(self, words: Sequence[TextLine]) -> None:
        self._words = words
        self._starts = [word.start for word in words]
        self.count = words[-1].end if words else 0

    def char_rects(self, indexes: Sequence[int]) -> list[Rect]:
        """See ``EnginePage.char_rects``."""
        return [self._rect(index) for index in indexes]

    def _rect(self, index: int) -> Rect:
        word = self._words[max(0, bisect_right(self._starts, index) - 1)]
        share = (word.x1 - word.x0) / max(1, word.end - word.start)
        left = word.x0 + share * (index - word.start)
        return Rect(left, word.top, left + share, word.bottom)

    def gaps(self, sides: Sequence[int]) -> list[tuple[float, float]]:
        """See ``EnginePage.gaps``."""
        rects = self.char_rects(sides)
        return [(one.x1, two.x0) for one, two in zip(rects[0::2], rects[1::2], strict=True)]

    def path_count(self, stop: int) -> int:  # noqa: ARG002 - a picture has no paths
        """None: what is drawn in a picture is not known."""
        return 0

    def strokes(self) -> list[Rect]:
        """None, either."""
        return []


def recognise_page(page: EnginePage, number: int, recognise: Recognise) -> tuple[PageText, WordBoxes]:
    """The page as OCR reads it. Raises what ``recognise`` raises."""
    width, height = page.geometry.width, page.geometry.height
    result = PageText(number, width, height, origin=PageOrigin.OCR)
    parts: list[str] = []
    at = 0
    confidences: list[float] = []
    for line in recognise(page.render(DPI)):
        begin = at
        for word in line:
            text = one_for_one("".join(word.text.split()))
            if not text:
                continue
            box = word.box
            result.words.append(
                TextLine(at, at + len(text), box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)
            )
            confidences.append(word.confidence)
            parts += [text, " "]
            at += len(text) + 1
        if at > begin:
            parts[-1] = "\r\n"
            at += 1
            result.lines.append(_line([word for word in result.words if word.start >= begin]))
    result.text = "".join(parts)
    result.confidence = sum(confidences) / len(confidences) if confidences else 0.0
    return result, WordBoxes(result.words)


def _line(words: Sequence[TextLine]) -> TextLine:
    return TextLine(
        words[0].start,
        words[-1].end,
        min(word.x0 for word in words),
        min(word.top for word in words),
        max(word.x1 for word in words),
        max(word.bottom for word in words),
    )
