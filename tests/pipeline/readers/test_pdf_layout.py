"""Tables, columns, forms, pictures and broken words on PDF pages drawn for each case."""

import io

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from models.problem import Category, DocumentError, Problem, Stage
from models.source import Box, PageOrigin, Span
from pipeline.readers.ocr import OcrLine, OcrWord
from pipeline.readers.pdf import locate, read_pdf
from pipeline.readers.pdf_text import is_broken
from tests.pipeline.readers.drawing import Draw, drawn, lines, span_of, together

SCHEDULE = (
    ("Instalment", "Due date", "Amount"),
    ("First", "1 March 2026", "$10,000"),
    ("Second", "1 June 2026", "$12,500"),
    ("Third", "1 September 2026", "$15,000"),
)


def row_by_row(canvas: Canvas) -> None:
    for row, cells in enumerate(SCHEDULE):
        for column, cell in enumerate(cells):
            canvas.drawString(80 + 150 * column, 700 - 16 * row, cell)


def column_by_column(canvas: Canvas) -> None:
    for column in range(3):
        for row, cells in enumerate(SCHEDULE):
            canvas.drawString(80 + 150 * column, 700 - 16 * row, cells[column])


def ruled(canvas: Canvas) -> None:
    for row, cells in enumerate(SCHEDULE):
        for column, cell in enumerate(cells):
            canvas.rect(70 + 110 * column, 694 - 20 * row, 110, 20)
            canvas.drawString(74 + 110 * column, 700 - 20 * row, cell)


def monospaced(canvas: Canvas) -> None:
    canvas.setFont("Courier", 9)
    for row, (one, two, three) in enumerate(SCHEDULE):
        canvas.drawString(72, 700 - 11 * row, f"{one:<16}{two:<24}{three:>10}")


@pytest.mark.parametrize("draw", [row_by_row, column_by_column, ruled, monospaced])
def test_a_payment_schedule_comes_out_as_rows_of_cells(draw: Draw) -> None:
    around = lines("The Fees are due as follows:", y=760), lines("All amounts are in dollars.", y=560)
    source = read_pdf(drawn(together(around[0], draw, around[1])))
    (table,) = source.tables
    assert [tuple(cell.text for cell in row) for row in table.rows] == list(SCHEDULE)
    assert table.ruled is (draw is ruled)
    assert source.text.split("\n")[1:-1] == ["\t".join(row) for row in SCHEDULE]
    for row in table.rows:
        for cell in row:
            assert source.text[cell.start : cell.end] == cell.text


def test_a_cell_of_several_lines_is_one_cell() -> None:
    def draw(canvas: Canvas) -> None:
        for row, (label, amount) in enumerate([("Licence fee for the", "$4,000"), ("Support fee for the", "$9,000")]):
            canvas.drawString(80, 700 - 40 * row, label)
            canvas.drawString(80, 688 - 40 * row, "whole territory")
            canvas.drawString(400, 700 - 40 * row, amount)

    (table,) = read_pdf(drawn(draw)).tables
    texts = [[cell.text for cell in row] for row in table.rows]
    assert texts == [
        ["Licence fee for the whole territory", "$4,000"],
        ["Support fee for the whole territory", "$9,000"],
    ]


def test_running_text_with_wide_gaps_is_no_table() -> None:
    source = read_pdf(drawn(lines("1.     Term. This Agreement runs for two years.", "2.     Fees. None are due.")))
    assert source.tables == ()
    assert source.text == "1. Term. This Agreement runs for two years.\n2. Fees. None are due."


LEFT = (
    "The Supplier shall keep records of",
    "all deliveries for a period of six",
    "years from the date of each one of",
    "them and shall show those records",
    "to the Customer at any time within",
    "ten days after receipt of a notice",
    "in writing that asks to see them.",
)
RIGHT = (
    "The Customer shall pay all undue",
    "invoices within thirty days after",
    "their receipt by transfer of money",
    "to the account that the Supplier",
    "names in the invoice, unless the",
    "parties agree otherwise in writing",
    "before the invoice has been sent.",
)


def columns_in_turn(canvas: Canvas) -> None:
    together(lines(*LEFT, x=60), lines(*RIGHT, x=320))(canvas)


def columns_line_by_line(canvas: Canvas) -> None:
    for index, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
        canvas.drawString(60, 770 - 13 * index, left)
        canvas.drawString(320, 770 - 13 * index, right)


@pytest.mark.parametrize("draw", [columns_in_turn, columns_line_by_line])
def test_columns_are_read_one_after_the_other(draw: Draw) -> None:
    source = read_pdf(drawn(draw))
    assert source.text == " ".join(LEFT) + "\n" + " ".join(RIGHT)
    assert source.tables == ()


def test_signature_blocks_side_by_side_stay_together() -> None:
    def draw(canvas: Canvas) -> None:
        blocks = (("ALPHA LIMITED", "By: /s/ Ann Ash", "Name: Ann Ash", "Title: Director", "Date: 4 May 2025"),) * 2
        other = ("BETA GMBH", "By: /s/ Bo Birk", "Name: Bo Birk", "Title: CEO", "Date: 5 May 2025")
        for row, pair in enumerate(zip(blocks[0], other, strict=True)):
            for column, text in enumerate(pair):
                canvas.drawString(72 + 250 * column, 700 - 18 * row, text)

    assert read_pdf(drawn(draw)).text.split("\n") == [
        "ALPHA LIMITED",
        "By: /s/ Ann Ash",
        "Name: Ann Ash",
        "Title: Director",
        "Date: 4 May 2025",
        "BETA GMBH",
        "By: /s/ Bo Birk",
        "Name: Bo Birk",
        "Title: CEO",
        "Date: 5 May 2025",
    ]


def test_values_of_form_fields_stand_where_their_fields_are() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 770, "This Order is dated")
        canvas.drawString(300, 770, "and made in London.")
        lines("Customer:", "The term renews automatically.", y=730, step=40)(canvas)
        form = canvas.acroForm
        form.textfield(name="date", x=170, y=765, width=100, height=16, value="3 May 2026", borderWidth=0)
        form.textfield(name="customer", x=140, y=725, width=200, height=16, value="Gamma plc", borderWidth=0)
        form.checkbox(name="renews", x=50, y=687, size=14, checked=True)

    data = drawn(draw)
    source = read_pdf(data)
    assert source.text.split("\n") == [
        "This Order is dated 3 May 2026 and made in London.",
        "Customer: Gamma plc",
        "☒ The term renews automatically.",
    ]
    (boxes,) = locate(data, source, [span_of(source, "Gamma plc")])
    ((page, x0, y0, x1, y1),) = boxes
    assert page == 1
    assert (x0 * A4[0], x1 * A4[0]) == pytest.approx((140, 340), abs=3)
    assert ((1 - y1) * A4[1], (1 - y0) * A4[1]) == pytest.approx((725, 741), abs=3)


def test_text_annotations_are_read() -> None:
    def draw(canvas: Canvas) -> None:
        lines("Delivery date:")(canvas)
        canvas.freeTextAnnotation("12 June 2026", DA="/Helv 10 Tf 0 g", Rect=(150, 765, 250, 782), relative=0)

    assert read_pdf(drawn(draw)).text == "Delivery date: 12 June 2026"


def picture() -> ImageReader:
    return ImageReader(Image.effect_noise((400, 500), 60))


def test_a_page_that_is_a_picture_is_reported_and_the_rest_is_read() -> None:
    def scanned(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 40, 40, 500, 760)

    source = read_pdf(drawn(lines("This Agreement ends on 1 May 2027."), scanned, lines("Schedule 1")))
    assert [page.origin for page in source.pages] == [PageOrigin.TEXT, PageOrigin.NEEDS_OCR, PageOrigin.TEXT]
    (problem,) = source.problems
    assert (problem.stage, problem.category, problem.page) == (Stage.OCR, Category.NO_TEXT_LAYER, 2)
    assert source.text == "This Agreement ends on 1 May 2027.\nSchedule 1"


def test_a_logo_makes_no_scan_of_a_page_with_text() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 40, 700, 120, 80)
        lines("Order form", y=600)(canvas)

    assert read_pdf(drawn(draw)).pages[0].origin is PageOrigin.TEXT


def test_words_that_hyphenation_broke_are_whole_again_and_compounds_keep_their_hyphen() -> None:
    source = read_pdf(
        drawn(
            lines(
                "Each agreement and each obligation is subject to the terms of this agree-",
                "ment, and every obliga-",
                "tion under it is a non-",
                "exclusive one.",
            )
        )
    )
    assert source.text == (
        "Each agreement and each obligation is subject to the terms of this agreement, "
        "and every obligation under it is a non-exclusive one."
    )


def test_a_hyphen_stays_where_the_document_does_not_hyphenate() -> None:
    source = read_pdf(drawn(lines("The licence is granted on a royalty-", "bearing basis for its whole duration.")))
    assert source.text == "The licence is granted on a royalty-bearing basis for its whole duration."


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("made this 17t h day of May", "made this 17th day of May"),
        ("on the 60 th day", "on the 60th day"),
        ("the 22n d of June and the 3 rd of July", "the 22nd of June and the 3rd of July"),
        ("not less than 5 the Customer", "not less than 5 the Customer"),
        ("no\u00a0less   than  90 days", "no less than 90 days"),
        ("2.1Conditions of payment", "2.1 Conditions of payment"),
        ("(vii)Notice is given", "(vii) Notice is given"),
        ("3.5G networks", "3.5G networks"),
    ],
)
def test_oddities_of_print_are_straightened(printed: str, read: str) -> None:
    assert read_pdf(drawn(lines(printed))).text == read


def test_attachments_are_listed_and_not_read() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4)
    canvas.drawString(72, 700, "The prices are those of the attached schedule.")
    canvas.save()
    data = with_attachment(stream.getvalue(), "schedule.xlsx")
    (problem,) = read_pdf(data).problems
    assert problem.category is Category.CONTAINER
    assert "schedule.xlsx" in problem.message


def with_attachment(data: bytes, name: str) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    document.new_attachment(name).set_data(b"content")
    stream = io.BytesIO()
    document.save(stream)
    document.close()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("The Supplier shall deliver the Goods within thirty days after receipt of the Order. " * 4, False),
        ("Der Lieferant liefert die Ware innerhalb von dreißig Tagen nach Eingang der Bestellung. " * 4, False),
        ("\ufffd\ufffdf\ufffd\ufffd \ufffdh\ufffd" * 30, True),
        ("".join(chr(0xE000 + n % 60) for n in range(300)), True),
        ("Wkh vxssolhu vkdoo gholyhu wkh jrrgv zlwklq wkluwb gdbv diwhu uhfhlsw ri wkh rughu. " * 4, True),
        ("-!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXY", True),
        ("https://example.org/a-path-of-some-length", False),
        ("", False),
        ("12 34", False),
    ],
)
def test_text_of_fonts_without_a_mapping_is_called_broken(text: str, broken: bool) -> None:
    assert is_broken(text) is broken


def test_the_boxes_of_a_span_over_two_lines_are_two() -> None:
    data = drawn(lines("The Customer shall give notice of termination not later than sixty", "days before the end."))
    source = read_pdf(data)
    (boxes,) = locate(data, source, [span_of(source, "sixty days")])
    assert len(boxes) == 2
    assert boxes[0].y1 <= boxes[1].y0
    assert locate(data, source, [Span(0, 0)]) == [()]


def test_a_page_that_is_a_picture_is_read_when_something_can_read_it() -> None:
    def scanned(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 40, 40, 500, 760)

    asked: list[tuple[int, int]] = []

    def recognise(image: Image.Image) -> list[OcrLine]:
        asked.append(image.size)
        return [
            (OcrWord("Term", Box(0.1, 0.1, 0.2, 0.12), 0.9), OcrWord("ends", Box(0.21, 0.1, 0.3, 0.12), 0.7)),
            (OcrWord("soon.", Box(0.1, 0.13, 0.2, 0.15), 0.8),),
        ]

    data = drawn(lines("This Agreement is made between the parties named below."), scanned)
    source = read_pdf(data, recognise=recognise)
    assert asked == [(round(A4[0] * 200 / 72), round(A4[1] * 200 / 72))]
    assert source.text.endswith("below.\nTerm ends soon.")
    assert source.pages[1].origin is PageOrigin.OCR
    assert source.pages[1].confidence == pytest.approx(0.8)
    assert source.problems == ()
    (boxes,) = locate(data, source, [span_of(source, "ends soon")])
    assert [box[1:] for box in boxes] == [
        pytest.approx((0.21, 0.1, 0.3, 0.12)),
        pytest.approx((0.1, 0.13, 0.2, 0.15)),
    ]


def test_a_schedule_in_a_picture_becomes_rows_of_cells() -> None:
    def scanned(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 40, 40, 500, 760)

    def recognise(image: Image.Image) -> list[OcrLine]:
        return [
            tuple(
                OcrWord(
                    word,
                    Box(
                        0.1 + 0.3 * column, 0.1 + 0.02 * row, 0.1 + 0.3 * column + 0.012 * len(word), 0.113 + 0.02 * row
                    ),
                    0.9,
                )
                for column, word in enumerate(words)
            )
            for row, words in enumerate((("Instalment", "Amount"), ("First", "$10,000"), ("Second", "$12,500")))
        ]

    (table,) = read_pdf(drawn(scanned), recognise=recognise).tables
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Instalment", "Amount"],
        ["First", "$10,000"],
        ["Second", "$12,500"],
    ]


def test_a_page_that_ocr_cannot_read_is_reported_with_its_number() -> None:
    def scanned(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 40, 40, 500, 760)

    def recognise(image: Image.Image) -> list[OcrLine]:
        raise DocumentError(Problem(stage=Stage.OCR, category=Category.DEADLINE, message="Too slow."))

    source = read_pdf(drawn(lines("First page."), scanned), recognise=recognise)
    assert source.pages[1].origin is PageOrigin.NEEDS_OCR
    assert [(problem.category, problem.page) for problem in source.problems] == [
        (Category.DEADLINE, 2),
        (Category.NO_TEXT_LAYER, 2),
    ]
