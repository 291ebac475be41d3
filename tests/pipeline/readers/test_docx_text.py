"""What a Word file says, construct by construct: body, tables, fields, controls, notes, headers, changes."""

import io

import docx
import pytest

from models.problem import Category
from models.source import ChangeKind, SourceText
from pipeline.limits import Limits
from pipeline.readers.docx import read_docx
from tests.pipeline.readers.word_files import (
    BY,
    cell,
    field,
    gone,
    ins,
    level,
    lists,
    numbered,
    p,
    part,
    r,
    row,
    table,
    word,
)


def read(*body: str, **options: object) -> SourceText:
    return read_docx(word(*body, **options), Limits())  # type: ignore[arg-type]


TEXT_BOX = (
    "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp>"
    f"<wps:txbx><w:txbxContent>{p('Boxed words')}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic>"
    "</wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>"
    f"{p('Boxed words')}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)
CHECK_BOX = (
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox>{}</w:checkBox></w:ffData></w:fldChar></w:r>'
    + r("FORMCHECKBOX", tag="instrText")
    + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(p("one"), "one", id="a run"),
        pytest.param(p("  two ", "\tspaces  and a\u00a0fixed one "), "two spaces and a fixed one", id="white space"),
        pytest.param(p(r("“Curly”"), r(" ‘quotes’")), "“Curly” ‘quotes’", id="curly quotes are kept"),
        pytest.param(p("termi\u00adnation"), "termination", id="a soft hyphen character is dropped"),
        pytest.param(
            p("co", "<w:r><w:noBreakHyphen/></w:r>", "op", "<w:r><w:softHyphen/></w:r>", "erate"),
            "co-operate",
            id="hyphens",
        ),
        pytest.param(p("a", "<w:r><w:tab/></w:r>", "b"), "a b", id="a tab is a space"),
        pytest.param(p("Acme Inc.", "<w:r><w:br/></w:r>", "By: ____"), "Acme Inc.\nBy: ____", id="a line break"),
        pytest.param(
            p("within thirty", "<w:r><w:br/></w:r>", "days"), "within thirty days", id="a break inside a sentence"
        ),
        pytest.param(
            p("May 1,", "<w:r><w:br/></w:r>", "2024"), "May 1, 2024", id="a break inside a date after its comma"
        ),
        pytest.param(p("one") + p("") + p("two"), "one\ntwo", id="empty paragraphs make no lines"),
        pytest.param(p("<w:hyperlink r:id='rId1'>" + r("a link") + "</w:hyperlink>"), "a link", id="hyperlink"),
        pytest.param(p("<w:smartTag>" + r("1 May") + "</w:smartTag>", r(" 2024")), "1 May 2024", id="smart tag"),
        pytest.param(
            p("<w:sdt><w:sdtContent>" + r("5 May 2024") + "</w:sdtContent></w:sdt>"), "5 May 2024", id="inline control"
        ),
        pytest.param(
            "<w:sdt><w:sdtContent>" + p("a whole paragraph") + "</w:sdtContent></w:sdt>",
            "a whole paragraph",
            id="block control",
        ),
        pytest.param("<w:customXml>" + p("wrapped") + "</w:customXml>", "wrapped", id="custom XML"),
        pytest.param(
            p("see ", "<w:fldSimple w:instr=' REF x '>" + r("Section 3") + "</w:fldSimple>"),
            "see Section 3",
            id="simple field",
        ),
        pytest.param(p("see ", field(" REF _x \\h ", r("4.2"))), "see 4.2", id="field with marks"),
        pytest.param(
            p(field("IF " + "x", field("REF y", r("inner")) + r(" outer"))), "inner outer", id="a field in a field"
        ),
        pytest.param(
            p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', r("BROKEN", tag="instrText")) + p("goes on"),
            "goes on",
            id="a field without an end does not swallow the rest",
        ),
        pytest.param(p("Page ", field("PAGE", r("7")), " of the lease"), "Page of the lease", id="page numbers go"),
        pytest.param(
            p(
                "<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r>",
                " chosen ",
                "<w:r><w:sym w:font='Wingdings' w:char='F0A8'/></w:r>",
                " not",
            ),
            "☑ chosen ☐ not",
            id="check boxes as symbols",
        ),
        pytest.param(
            p(r("\u00fe", "<w:rFonts w:ascii='Wingdings'/>"), r(" yes")), "☑ yes", id="check boxes as letters of a font"
        ),
        pytest.param(
            p(CHECK_BOX.format("<w:checked/>"), " on ", CHECK_BOX.format('<w:default w:val="0"/>'), " off"),
            "☒ on ☐ off",
            id="check boxes of forms",
        ),
        pytest.param(
            p(
                '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry '
                'w:val="monthly"/><w:listEntry w:val="quarterly"/></w:ddList></w:ffData></w:fldChar></w:r>',
                '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            ),
            "quarterly",
            id="the choice of a drop-down list",
        ),
        pytest.param(p("before ", TEXT_BOX, "after"), "before after\nBoxed words", id="a text box is read once"),
        pytest.param(p(r("seen "), r("secret", "<w:vanish/>"), r("too")), "seen too", id="hidden text goes"),
        pytest.param(p(r("shown", "<w:vanish w:val='0'/>")), "shown", id="not hidden"),
        pytest.param(p("<m:oMath><m:r><m:t>5 x 3</m:t></m:r></m:oMath>"), "5 x 3", id="a formula"),
        pytest.param(
            p("Term.", properties="<w:rPr><w:vanish/><w:specVanish/></w:rPr>") + p("This runs on."),
            "Term. This runs on.",
            id="a style separator joins heading and text",
        ),
    ],
)
def test_each_construct_gives_the_text_that_a_reader_sees(content: str, expected: str) -> None:
    assert read(content).text == expected


@pytest.mark.parametrize(
    ("content", "text", "rows"),
    [
        pytest.param(
            table(row("Milestone", "Date"), row("Design", "1 May 2024")),
            "Milestone\tDate\nDesign\t1 May 2024",
            [["Milestone", "Date"], ["Design", "1 May 2024"]],
            id="rows are lines, cells are separated by tabs",
        ),
        pytest.param(
            table(row("a", cell(""), "c"), row(cell("wide", properties='<w:gridSpan w:val="2"/>'), "c")),
            "a\tc\nwide\tc",
            [["a", "", "c"], ["wide", "", "c"]],
            id="empty and wide cells keep the columns",
        ),
        pytest.param(
            table(
                row(cell("Fees", properties='<w:vMerge w:val="restart"/>'), "one"),
                row(cell("Fees", properties="<w:vMerge/>"), "two"),
            ),
            "Fees\tone\ntwo",
            [["Fees", "one"], ["", "two"]],
            id="a cell merged downwards is read once",
        ),
        pytest.param(
            table(row("Term", cell(p("Three years."), p("It renews yearly.")))),
            "Term\tThree years.\nIt renews yearly.",
            [["Term", "Three years.\nIt renews yearly."]],
            id="what a name stands for keeps its lines",
        ),
        pytest.param(
            table(row(cell(p("Start"), p("first day of the services")), "1 May 2024")),
            "Start first day of the services\t1 May 2024",
            [["Start first day of the services", "1 May 2024"]],
            id="a name with a note under it stays on one line with its value",
        ),
        pytest.param(
            table(row("1", cell(p("Design"), p("and drawings")), "$500")),
            "1\tDesign and drawings\t$500",
            [["1", "Design and drawings", "$500"]],
            id="table data stays on one line",
        ),
        pytest.param(
            table(row("Fees", cell(p("as follows"), table(row("May", "$1"), row("June", "$2"))))),
            "Fees\tas follows\nMay\t$1\nJune\t$2",
            [["Fees", "as follows\nMay\t$1\nJune\t$2"]],
            id="a nested table keeps its rows",
        ),
        pytest.param(
            table(
                "<w:sdt><w:sdtContent>" + row("in a row control", "x") + "</w:sdtContent></w:sdt>",
                row("<w:sdt><w:sdtContent>" + cell("in a cell control") + "</w:sdtContent></w:sdt>", "y"),
            ),
            "in a row control\tx\nin a cell control\ty",
            [["in a row control", "x"], ["in a cell control", "y"]],
            id="controls around rows and cells",
        ),
        pytest.param(
            table(row("kept", "1"), row("dropped", "2", properties=f"<w:del {BY}/>")),
            "kept\t1",
            [["kept", "1"]],
            id="a deleted row is gone",
        ),
    ],
)
def test_tables_are_rows_of_cells(content: str, text: str, rows: list[list[str]]) -> None:
    source = read(p("before"), content, p("after"))
    assert source.text == f"before\n{text}\nafter"
    outer = source.tables[0]
    assert [[cell.text for cell in row] for row in outer.rows] == rows
    assert source.text[outer.start : outer.end] == text
    assert outer.page == 2


def test_a_nested_table_is_a_table_of_its_own() -> None:
    source = read(table(row("Fees", cell(p("as follows"), table(row("May", "$1"), row("June", "$2"))))))
    assert [[cell.text for cell in row] for row in source.tables[1].rows] == [["May", "$1"], ["June", "$2"]]


@pytest.mark.parametrize(
    ("content", "text", "changes"),
    [
        pytest.param(
            p("at least ", gone("thirty"), ins("ninety"), " days"),
            "at least ninety days",
            [("deletion", "thirty", 9), ("insertion", "ninety", 9)],
            id="python-docx would drop the insertion",
        ),
        pytest.param(
            p("the ", gone("old "), "term"), "the term", [("deletion", "old ", 4)], id="spaces close over a deletion"
        ),
        pytest.param(
            p("by ", f"<w:ins {BY}>{gone('May')}</w:ins>", ins("June")),
            "by June",
            [("deletion", "May", 3), ("insertion", "June", 3)],
            id="inserted and deleted again",
        ),
        pytest.param(
            p(f"<w:moveFrom {BY}>{r('moved')}</w:moveFrom>", "here ") + p(f"<w:moveTo {BY}>{r('moved')}</w:moveTo>"),
            "here\nmoved",
            [("deletion", "moved", 0), ("insertion", "moved", 5)],
            id="moved text is read where it went",
        ),
        pytest.param(
            p("one", properties=f"<w:rPr><w:del {BY}/></w:rPr>") + p("two"),
            "onetwo",
            [("deletion", "\n", 3)],
            id="a deleted paragraph mark joins",
        ),
        pytest.param(
            p("kept") + p(gone("all of it"), properties=f"<w:rPr><w:del {BY}/></w:rPr>") + p("next"),
            "kept\nnext",
            [("deletion", "all of it\n", 5)],
            id="a deleted paragraph",
        ),
        pytest.param(
            p(f"<w:ins {BY}>{r('ninety ')}{r('(90)')}</w:ins>", " days"),
            "ninety (90) days",
            [("insertion", "ninety (90)", 0)],
            id="one insertion in several runs",
        ),
        pytest.param(
            p(ins("x"), ", ", ins("y")),
            "x, y",
            [("insertion", "x", 0), ("insertion", "y", 3)],
            id="two insertions with old text between",
        ),
        pytest.param(table(row("a", properties=f"<w:ins {BY}/>")), "a", [("insertion", "a", 0)], id="an inserted row"),
        pytest.param(
            p("x") + table(row("gone", "2", properties=f"<w:del {BY}/>")) + p("y"),
            "x\ny",
            [("deletion", "gone2", 2)],
            id="a deleted row",
        ),
    ],
)
def test_tracked_changes_give_the_final_text_and_are_kept(
    content: str, text: str, changes: list[tuple[str, str, int]]
) -> None:
    source = read(content)
    assert source.text == text
    assert [(change.kind.value, change.text, change.start) for change in source.changes] == changes
    assert source.draft
    assert {(change.author, change.date) for change in source.changes} == {("Ann", "2024-05-01T10:00:00Z")}
    for change in source.changes:
        expected = change.text if change.kind is ChangeKind.INSERTION else ""
        assert source.text[change.start : change.end] == expected


def test_text_struck_through_by_hand_is_deleted_but_makes_no_draft() -> None:
    source = read(p("monthly", r(" or quarterly", "<w:strike/>"), r(" in advance", '<w:strike w:val="0"/>')))
    assert source.text == "monthly in advance"
    assert source.changes == ((ChangeKind.DELETION, 7, 7, " or quarterly", "", ""),)
    assert not source.draft


@pytest.mark.parametrize(
    ("body", "footer", "told"),
    [
        (p("made on ", field(' DATE \\@ "d MMMM yyyy" ', r("3 May 2024"))), "", True),
        (p("made on ", "<w:fldSimple w:instr='TIME'>" + r("3 May 2024") + "</w:fldSimple>"), "", True),
        (p("made on ", field("SAVEDATE", r("3 May 2024"))), "", False),
        (p("made on 3 May 2024"), field("DATE", r("9 May 2024")), False),
    ],
)
def test_dates_that_word_sets_anew_at_each_opening_are_told(body: str, footer: str, told: bool) -> None:
    layout = '<w:sectPr><w:footerReference w:type="default" r:id="rId90"/></w:sectPr>'
    source = read(body, layout, parts={"footer rId90": part("ftr", p(footer))})
    assert source.text.startswith("made on 3 May 2024")
    assert [problem.category for problem in source.problems] == ([Category.LIVE_DATE] if told else [])


def test_clauses_set_in_a_heading_style_are_no_headings() -> None:
    styles = part(
        "styles",
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr>'
        "</w:style>",
    )
    lines = ["Renewal", "The term renews for one year unless a party objects.", "between", "Represented by:"]
    source = read(*(p(line, properties='<w:pStyle w:val="H2"/>') for line in lines), parts={"styles": styles})
    assert [section.heading for section in source.sections] == ["Renewal"]


def test_formatting_changes_are_no_changes_of_the_text() -> None:
    source = read(p(r("same", f"<w:rPrChange {BY}><w:rPr/></w:rPrChange>")))
    assert (source.text, source.changes, source.draft) == ("same", (), False)


NOTES = {
    "footnotes": part(
        "footnotes",
        '<w:footnote w:id="-1" w:type="separator"/>'
        f'<w:footnote w:id="2">{p("Without VAT.")}</w:footnote><w:footnote w:id="3">{p("Net.")}</w:footnote>',
    ),
    "endnotes": part("endnotes", f'<w:endnote w:id="2">{p("See Schedule 1.")}</w:endnote>'),
}


def test_notes_stand_at_the_end_and_do_not_break_their_sentence() -> None:
    refer = '<w:r><w:{}Reference w:id="{}"/></w:r>'
    source = read(
        p("The fee", refer.format("footnote", 3), " is due", refer.format("endnote", 2), " within 30 days."),
        p("Price", refer.format("footnote", 2)),
        parts=NOTES,
    )
    assert source.text.split("\n") == [
        "The fee is due within 30 days.",
        "Price",
        "[1] Net.",
        "[2] Without VAT.",
        "[i] See Schedule 1.",
    ]
    notes = source.sections[-1]
    assert (notes.heading, source.text[notes.start : notes.end].split("\n")[0]) == ("Notes", "[1] Net.")


def layout(first: bool = False) -> str:
    references = "".join(
        f'<w:{kind}Reference w:type="{page}" r:id="{name}"/>'
        for kind, page, name in (
            ("header", "default", "rId90"),
            ("header", "first", "rId91"),
            ("header", "even", "rId92"),
            ("footer", "default", "rId93"),
        )
    )
    return f"<w:sectPr>{references}{'<w:titlePg/>' if first else ''}</w:sectPr>"


HEADERS = {
    "header rId90": part("hdr", p("Supply Agreement")),
    "header rId91": part("hdr", p("First page only")),
    "header rId92": part("hdr", p("Even pages only")),
    "footer rId93": part(
        "ftr", p("Effective Date: 1 May 2024") + p("Page ", field("PAGE", r("3")), " of ", field("NUMPAGES", r("9")))
    ),
}


@pytest.mark.parametrize(
    ("first", "settings", "lines"),
    [
        (False, "", ["Supply Agreement", "Effective Date: 1 May 2024"]),
        (True, "", ["First page only", "Supply Agreement", "Effective Date: 1 May 2024"]),
        (False, "<w:evenAndOddHeaders/>", ["Even pages only", "Supply Agreement", "Effective Date: 1 May 2024"]),
    ],
)
def test_headers_and_footers_that_are_shown_stand_last_without_page_numbers(
    first: bool, settings: str, lines: list[str]
) -> None:
    parts = {**HEADERS, "settings": part("settings", settings)}
    once = p("Text.", properties=layout(first))
    source = read(once, p("More."), layout(first), parts=parts)
    body, tail = source.text.split("\n")[:2], source.text.split("\n")[2:]
    assert body == ["Text.", "More."]
    assert sorted(tail) == sorted(lines)
    assert source.sections[-1].heading == "Headers and footers"


def test_comments_stand_aside_with_their_place() -> None:
    comments = part("comments", f'<w:comment w:id="7" w:author="Bob">{p("Is this")}{p("right?")}</w:comment>')
    source = read(
        p("The term is ", '<w:commentRangeStart w:id="7"/>', r("five years"), '<w:commentRangeEnd w:id="7"/>'),
        parts={"comments": comments},
    )
    assert source.text == "The term is five years"
    assert source.comments == ((12, "Bob", "Is this right?"),)


@pytest.mark.parametrize(
    ("options", "draft"),
    [
        ({}, False),
        ({"core": {"content_status": "Draft"}}, True),
        ({"core": {"title": "Lease draft v3"}}, True),
        ({"core": {"title": "Overdraft Facility"}}, False),
        ({"parts": {"header rId90": part("hdr", p("DRAFT of 3 May 2024"))}}, True),
        ({"parts": {"header rId90": part("hdr", p("Drafted by Smith LLP"))}}, False),
        (
            {
                "parts": {
                    "header rId90": part(
                        "hdr", p('<w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>')
                    )
                }
            },
            True,
        ),
    ],
)
def test_a_file_that_calls_itself_a_draft_is_one(options: dict[str, object], draft: bool) -> None:
    body = p("Text.") + '<w:sectPr><w:headerReference w:type="default" r:id="rId90"/></w:sectPr>'
    source = read(body, **options)
    assert source.draft is draft
    assert "DRAFT" not in source.text.split("\n")[0]


def test_every_line_is_a_block_that_its_run_leads_back_to() -> None:
    source = read(p("One."), table(row("a", "b"), row("c", cell(p("long " * 80), p("second")))), p("Two."))
    lines = source.text.split("\n")
    assert [(run.page, run.raw, source.text[run.start : run.end]) for run in source.runs] == [
        (number, 0, line) for number, line in enumerate(lines, 1)
    ]
    assert source.pages == ()


def test_sections_come_from_numbers_and_heading_styles() -> None:
    numbering = lists(level(0, "%1.") + level(1, "%1.%2") + level(2, "(%3)", "lowerLetter"))
    source = read(
        p("Supply Agreement", properties='<w:pStyle w:val="Title"/>'),
        numbered("Term"),
        numbered("Initial Term. This Agreement starts on the Effective Date and goes on for three years.", 1),
        numbered("it may be extended, and", 2),
        numbered("it may end.", 2),
        numbered("Renewal. It renews for one year.", 1),
        numbered("Fees"),
        parts={"numbering": numbering},
    )
    shape = [(section.number.strip("()"), section.heading, section.level) for section in source.sections]
    assert [entry for entry in shape if entry[0]] == [
        ("1", "Term", shape[1][2]),
        ("1.1", "Initial Term", shape[1][2] + 1),
        ("a", "", shape[1][2] + 2),
        ("b", "", shape[1][2] + 2),
        ("1.2", "Renewal", shape[1][2] + 1),
        ("2", "Fees", shape[1][2]),
    ]
    term = source.sections[1]
    assert source.text[term.start : term.end].rstrip().endswith("It renews for one year.")


def test_a_short_line_behind_a_bare_number_is_a_heading() -> None:
    numbering = lists(level(0, "%1") + level(1, "%1.%2"))
    body = [numbered("Fees"), numbered("The fees are due within thirty days.", 1), numbered("They are net.", 0)]
    found = [(section.heading, section.level) for section in read(*body, parts={"numbering": numbering}).sections]
    assert (found[0][0].removeprefix("1 "), found[0][1]) == ("Fees", 1)
    assert found[1][1] == 2
    assert len(found) == 2


def test_entries_of_a_table_of_contents_are_no_sections() -> None:
    styles = part(
        "styles",
        '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
        '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>',
    )
    source = read(
        p("1. Term 3", properties='<w:pStyle w:val="TOC1"/>'),
        p("1. Term", properties='<w:pStyle w:val="Heading1"/>'),
        parts={"styles": styles},
    )
    assert [(section.start, section.number, section.heading) for section in source.sections] == [(10, "1", "Term")]


def test_a_file_made_by_python_docx_reads_in_body_order() -> None:
    document = docx.Document()
    document.add_heading("Lease", 0)
    document.add_paragraph("Between A and B.")
    grid = document.add_table(1, 2)
    grid.rows[0].cells[0].text, grid.rows[0].cells[1].text = "Rent", "$900"
    document.add_paragraph("Signed.")
    document.sections[0].footer.paragraphs[0].text = "Lease 2024-7"
    saved = io.BytesIO()
    document.save(saved)
    source = read_docx(saved.getvalue(), Limits())
    assert source.text == "Lease\nBetween A and B.\nRent\t$900\nSigned.\nLease 2024-7"
