"""The PDF reader on PDFs drawn for each case."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from reportlab.pdfgen.canvas import Canvas

from models.problem import Category, DocumentError, Stage
from models.source import PageOrigin
from pipeline.readers.pdf import locate, read_pdf
from tests.pipeline.readers.drawing import drawn, lines, span_of, together

LONG = "The Supplier shall deliver the Goods to the Customer at the place and on the date that the"


def test_a_sentence_goes_on_over_the_end_of_a_line() -> None:
    source = read_pdf(drawn(lines(LONG, "Order names, and shall give notice of any delay.")))
    assert source.text == f"{LONG} Order names, and shall give notice of any delay."


def test_a_sentence_goes_on_over_a_page_break_and_its_furniture() -> None:
    bodies = [f"{LONG} Order names, in the quantity of {count} pieces, and" for count in ("two", "six", "ten", "five")]
    pages = [
        together(lines(body), lines(f"Master Supply Agreement - page {n}", y=40), lines(f"{n}", x=297, y=25))
        for n, body in enumerate(bodies, 1)
    ]
    source = read_pdf(drawn(*pages))
    assert source.text == " ".join(bodies)
    assert [page.number for page in source.pages] == [1, 2, 3, 4]


def test_every_character_leads_back_to_the_page() -> None:
    source = read_pdf(drawn(lines("1.1Term. This Agreement", "runs for  two years."), lines("Second page.")))
    assert source.text == "1.1 Term. This Agreement runs for two years.\nSecond page."
    for run in source.runs:
        assert run.end > run.start
        assert source.page_of(run.start) == run.page
    assert "".join(source.text[run.start : run.end] for run in source.runs).split() == [
        "1.1Term.",
        "This",
        "Agreementruns",
        "for",
        "two",
        "years.Second",
        "page.",
    ]


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (b"", Category.EMPTY),
        (b"%PDF-1.7\nnothing more", Category.DAMAGED),
        (drawn(lines("Some text."))[:400], Category.DAMAGED),
    ],
)
def test_a_file_that_cannot_be_opened_says_why(data: bytes, category: Category) -> None:
    with pytest.raises(DocumentError) as caught:
        read_pdf(data)
    assert caught.value.problem.category is category
    assert caught.value.problem.stage is Stage.READ


def test_a_password_is_named_as_the_reason() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    data = drawn(lines("Secret."), encrypt=StandardEncryption("user", "owner"))
    with pytest.raises(DocumentError) as caught:
        read_pdf(data)
    assert caught.value.problem.category is Category.ENCRYPTED


def test_an_owner_password_alone_does_not_stop_reading() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    assert read_pdf(drawn(lines("Open text."), encrypt=StandardEncryption("", "owner"))).text == "Open text."


def test_more_pages_than_the_limit_are_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        read_pdf(drawn(*[lines("x")] * 3), max_pages=2)
    assert caught.value.problem.category is Category.TOO_LARGE


def test_a_document_with_almost_no_text_is_reported() -> None:
    (problem,) = read_pdf(drawn(lines("1"), lines())).problems
    assert problem.category is Category.EMPTY


def test_documents_are_read_alike_in_several_threads() -> None:
    files = [drawn(*[lines(f"{LONG} Order number {n} of file {file} names.") for n in range(20)]) for file in range(8)]
    alone = [read_pdf(data).text for data in files]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda data: read_pdf(data).text, files)) == alone


@pytest.mark.parametrize(("mark", "draft"), [("Draft of 4 May 2025", True), ("Execution version", False)])
def test_a_running_head_says_whether_the_file_is_a_draft(mark: str, draft: bool) -> None:
    source = read_pdf(drawn(*[together(lines(mark, y=820), lines(f"{LONG} Order {n} names.")) for n in range(4)]))
    assert source.draft is draft
    assert mark not in source.text


def test_blank_pages_are_counted_and_called_blank() -> None:
    source = read_pdf(drawn(lines("First."), lines(), lines("Third.")))
    assert [page.origin for page in source.pages] == [PageOrigin.TEXT, PageOrigin.BLANK, PageOrigin.TEXT]
    assert source.text == "First.\nThird."


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (50, 60, 500, 800)])
def test_boxes_are_right_on_rotated_and_cropped_pages(
    rotation: int, crop: tuple[float, float, float, float] | None
) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(rotation)
        if crop:
            canvas.setCropBox(crop)
        lines("The term ends on 31 December 2027.", "Nothing else matters here.", y=500)(canvas)

    data = drawn(page)
    source = read_pdf(data)
    (boxes,) = locate(data, source, [span_of(source, "31 December 2027")])
    assert len(boxes) == 1
    assert_ink_is_inside(data, boxes[0])


def assert_ink_is_inside(data: bytes, box: tuple[int, float, float, float, float]) -> None:
    """Rendered page: there is ink in the box, and the words' ink is all there is in it from edge to edge."""
    import numpy
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    image = document[box[0] - 1].render(scale=3, grayscale=True).to_numpy()
    document.close()
    height, width = image.shape[:2]
    cut = image[round(box[2] * height) : round(box[4] * height) + 1, round(box[1] * width) : round(box[3] * width) + 1]
    dark = numpy.argwhere(cut < 128)
    assert len(dark) > 100
    spread = dark.max(axis=0) - dark.min(axis=0)
    assert spread[0] >= 0.85 * (cut.shape[0] - 3)
    assert spread[1] >= 0.85 * (cut.shape[1] - 3)
