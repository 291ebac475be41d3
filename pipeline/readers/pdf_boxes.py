"""Evidence boxes: where on the displayed page a span of the text stands. Computed for the spans that are kept."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from models.evidence import PageBox
from models.source import Box, PageOrigin, Run, SourceText, Span
from pipeline.readers.pdf_engine import EnginePage, PageError, open_document

_SAME_LINE = 0.5
"""Boxes that share this much of their height stand on one line."""


def locate(data: bytes, source: SourceText, spans: Sequence[Span]) -> list[tuple[PageBox, ...]]:
    """For each span its boxes, one for each line it touches, in reading order.

    ``data`` is the file that ``source`` was read from. Each page is loaded once, whatever the number of spans.
    """
    wanted: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    found: dict[int, list[tuple[int, PageBox]]] = defaultdict(list)
    pictures = {page.number for page in source.pages if page.origin is PageOrigin.OCR}
    for index, span in enumerate(spans):
        for order, run in enumerate(source.runs_of(span)):
            if run.page in pictures:
                found[index] += [(order, box) for box in _word_boxes(source, run)]
            else:
                wanted[run.page].append((index, order, run.raw, run.end - run.start))
    if wanted:
        _look_up(data, wanted, found)
    return [
        tuple(_merged([box for _, box in sorted(found[index], key=lambda item: item[0])]))
        for index in range(len(spans))
    ]


def _look_up(
    data: bytes, wanted: dict[int, list[tuple[int, int, int, int]]], found: dict[int, list[tuple[int, PageBox]]]
) -> None:
    with open_document(data) as document:
        for number in sorted(wanted):
            try:
                with document.page(number - 1) as page:
                    for index, order, raw, count in wanted[number]:
                        boxes = _boxes(page, raw, count)
                        found[index] += [(order, PageBox(number, *box)) for box in boxes]
            except PageError:
                continue


def _word_boxes(source: SourceText, run: Run) -> list[PageBox]:
    """Boxes of the words of a page read by OCR: they are the lines of its page."""
    first = bisect_right(source.lines, run.start, key=lambda line: line.end)
    boxes = []
    for line in source.lines[first:]:
        if line.start >= run.end:
            break
        boxes.append(PageBox(line.page, *line.box))
    return boxes


def _boxes(page: EnginePage, raw: int, count: int) -> list[Box]:
    if raw < page.count:
        return page.span_boxes(raw, min(count, page.count - raw))
    at = page.count
    for item in page.fields():
        at += 2
        length = len(" ".join(item.text.split()))
        if at <= raw < at + length:
            width, height = page.geometry.width, page.geometry.height
            return [Box(item.rect.x0 / width, item.rect.top / height, item.rect.x1 / width, item.rect.bottom / height)]
        at += length
    return []


def _merged(boxes: Sequence[PageBox]) -> list[PageBox]:
    """Join neighbours on one line: a line set in three fonts is one highlight."""
    merged: list[PageBox] = []
    for box in boxes:
        if merged:
            last = merged[-1]
            shared = min(last.y1, box.y1) - max(last.y0, box.y0)
            low = min(last.y1 - last.y0, box.y1 - box.y0)
            if last.page == box.page and shared >= _SAME_LINE * low and -0.01 < box.x0 - last.x1 < 0.03:
                merged[-1] = PageBox(
                    box.page, min(last.x0, box.x0), min(last.y0, box.y0), max(last.x1, box.x1), max(last.y1, box.y1)
                )
                continue
        merged.append(box)
    return merged
