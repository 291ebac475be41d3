"""Pictures of pages, and that a passage's box lies on its words however the page is turned or cropped."""

import io

import pytest
from PIL import Image, ImageChops
from reportlab.pdfgen.canvas import Canvas

from models.problem import DocumentError
from models.source import Span
from pipeline.identify import MediaType
from pipeline.limits import Limits
from pipeline.read import locate, read
from review.pages import SCALE, draw, sizes

WORD = "NOTICE"


def page(rotation: int, crop: tuple[float, float, float, float] | None) -> bytes:
    """One page with one word on it, dark on white."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(400, 600), invariant=True)
    canvas.setPageRotation(rotation)
    if crop:
        canvas.setCropBox(crop)
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(140, 330, WORD)
    canvas.save()
    return written.getvalue()


@pytest.mark.parametrize("crop", [None, (100, 200, 350, 500)])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_box_of_a_passage_lies_on_its_words_in_the_picture(
    rotation: int, crop: tuple[float, float, float, float] | None
) -> None:
    data = page(rotation, crop)
    media, source = read("one.pdf", data, Limits())
    start = source.text.index(WORD)
    [[box]] = locate(media, data, source, [Span(start, start + len(WORD))])
    picture = Image.open(io.BytesIO(draw(data, 1))).convert("L")
    ink = ImageChops.invert(picture).point(lambda value: 255 if value > 128 else 0).getbbox()
    assert ink is not None
    assert media is MediaType.PDF
    wanted = (box.x0 * picture.width, box.y0 * picture.height, box.x1 * picture.width, box.y1 * picture.height)
    assert ink == pytest.approx(wanted, abs=8)
    [(width, height)] = sizes(data)
    assert picture.size == pytest.approx((width * SCALE, height * SCALE), abs=1)


def test_a_page_that_is_not_there_and_a_file_that_is_no_pdf_are_problems() -> None:
    data = page(0, None)
    with pytest.raises(DocumentError, match="no page 2"):
        draw(data, 2)
    with pytest.raises(DocumentError, match="cannot be shown"):
        draw(b"not a PDF", 1)
    with pytest.raises(DocumentError, match="cannot be shown"):
        sizes(data[:100])


def test_a_page_of_enormous_size_is_drawn_coarser() -> None:
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(14_000, 14_000), invariant=True)
    canvas.drawString(100, 100, WORD)
    canvas.save()
    assert Image.open(io.BytesIO(draw(written.getvalue(), 1))).size == pytest.approx((5000, 5000), abs=2)
