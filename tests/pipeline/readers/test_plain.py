"""Plain text and HTML: encodings, hard line ends, columns, lists and layout tables."""

import time
from collections.abc import Callable

import pytest

from models.problem import Category, DocumentError
from models.source import SourceText
from pipeline.limits import Limits
from pipeline.readers.html import read_html
from pipeline.readers.plain import read_text


def text_of(text: str) -> SourceText:
    return read_text(text.encode(), Limits())


def html_of(body: str) -> SourceText:
    return read_html(f"<html><body>{body}</body></html>".encode(), Limits())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings_are_told_apart(encoding: str) -> None:
    words = "Term – § 5: “three years”, Größe and so on"
    assert read_text(words.encode(encoding), Limits()).text == words


WRAPPED = """\
                         SUPPLY AGREEMENT

     This Agreement is made on May 1, 2024 between Acme Inc. and Bolt LLC. It
starts on the Effective Date and goes on for three (3) years.

1.   Term.  Either party may end this Agreement by thirty (30) days' notice to
the other party before the end of the term.
2.   Fees.  The fees are due within thirty days.
     (a)  Late fees bear interest.
     (b)  Fees are net.
                                     - 12 -
<PAGE>
In witness whereof:
Acme Inc.
Bolt LLC
"""


def test_lines_broken_to_fit_a_page_are_joined_and_others_kept() -> None:
    assert text_of(WRAPPED).text.split("\n") == [
        "SUPPLY AGREEMENT",
        "This Agreement is made on May 1, 2024 between Acme Inc. and Bolt LLC. It starts on the Effective Date and "
        "goes on for three (3) years.",
        "1. Term. Either party may end this Agreement by thirty (30) days' notice to the other party before the end "
        "of the term.",
        "2. Fees. The fees are due within thirty days.",
        "(a) Late fees bear interest.",
        "(b) Fees are net.",
        "In witness whereof:",
        "Acme Inc.",
        "Bolt LLC",
    ]


def test_a_text_with_a_paragraph_per_line_keeps_its_lines() -> None:
    lines = ["The first paragraph " + "goes on and on " * 20, "Second.", "The third " + "does so too " * 20]
    assert text_of("\n".join(lines)).text == "\n".join(line.strip() for line in lines)


def test_columns_are_tables() -> None:
    source = text_of("Payments:\n\nDate          Amount\n1 May 2024    $500\n1 June 2024   $900\n\nEnd.\n")
    assert source.text == "Payments:\nDate\tAmount\n1 May 2024\t$500\n1 June 2024\t$900\nEnd."
    (table,) = source.tables
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Date", "Amount"],
        ["1 May 2024", "$500"],
        ["1 June 2024", "$900"],
    ]
    assert not table.ruled


def test_numbered_clauses_of_a_text_are_sections() -> None:
    found = {section.number.strip("()"): section.heading for section in text_of(WRAPPED).sections if section.number}
    assert {"1": found["1"], "2": found["2"]} == {"1": "Term", "2": "Fees"}
    assert {"a", "b"} <= found.keys()


def test_control_characters_are_dropped() -> None:
    assert text_of("five\x00 (5)\x07 years\x0c").text == "five (5) years"


@pytest.mark.parametrize(("read", "data"), [(read_text, b" "), (read_html, b"<html><body>  </body></html>")])
def test_a_file_without_text_is_told(read: Callable[[bytes, Limits], SourceText], data: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        read(data, Limits())
    assert caught.value.problem.category is Category.EMPTY


def test_too_much_text_is_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        read_text(b"word " * 1000, Limits(characters=100))
    assert caught.value.problem.category is Category.TOO_LARGE


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(
            "<p>The  term\n is <b>five</b>&nbsp;years.</p><p>End</p>", "The term is five years.\nEnd", id="words"
        ),
        pytest.param("Acme Inc.<br>By: ____<br/>Name:", "Acme Inc.\nBy: ____\nName:", id="line breaks"),
        pytest.param("<div>one<div>two</div>three</div>", "one\ntwo\nthree", id="blocks in blocks"),
        pytest.param("<script>alert(1)</script><style>p{}</style><p>x</p><noscript>n</noscript>", "x", id="no scripts"),
        pytest.param("<p style='display:none'>secret</p><p hidden>too</p><p>x</p>", "x", id="hidden"),
        pytest.param("<p>the <del>old</del><ins>new</ins> term</p>", "the new term", id="deleted text"),
        pytest.param("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two", id="numbered list"),
        pytest.param("<ol type=a start=3><li>x<li>y</ol>", "c. x\nd. y", id="lettered list that starts later"),
        pytest.param("<ol><li value=7><p>x</p></li><li>y</li></ol>", "7. x\n8. y", id="numbers of their own"),
        pytest.param("<ul><li>x</li></ul>", "• x", id="bullets"),
        pytest.param("x<pre>a   b\n\nc</pre>y", "x\na\tb\nc\ny", id="preformatted text as plain text"),
        pytest.param("<input type=checkbox checked> yes <input type=checkbox> no", "☒ yes ☐ no", id="check boxes"),
        pytest.param("&ldquo;Term&rdquo; &#8211; &sect; 5", "“Term” – § 5", id="entities"),
        pytest.param("<p>termi&shy;nation</p>", "termination", id="soft hyphens"),
        pytest.param("<!-- note --><p>x<?php y ?></p>", "x", id="comments"),
        pytest.param("<p>open <b>and <i>never closed", "open and never closed", id="broken markup"),
    ],
)
def test_html_gives_the_text_that_a_browser_shows(body: str, text: str) -> None:
    assert html_of(body).text == text


def test_tables_of_a_web_page_are_rows_and_signs_go_back_to_their_figures() -> None:
    source = html_of(
        "<table><thead><tr><th>Date</th><th colspan=2>Amount</th><th>Rate</th><th></th></tr></thead>"
        "<tr><td>1 May 2024</td><td>$</td><td>500</td><td>7</td><td>%</td></tr></table>"
    )
    assert source.text == "Date\tAmount\tRate\n1 May 2024\t$500\t7%"
    (table,) = source.tables
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Date", "Amount", "", "Rate", ""],
        ["1 May 2024", "", "$500", "7%", ""],
    ]


def test_a_page_laid_out_in_a_table_keeps_its_paragraphs() -> None:
    source = html_of("<table><tr><td><p>1. Term. Three years.</p><p>2. Fees. None.</p></td></tr></table>")
    assert source.text == "1. Term. Three years.\n2. Fees. None."


def test_headings_are_sections() -> None:
    source = html_of("<h1>Lease</h1><p>Between A and B.</p><h2>Rent</h2><p>It is $900.</p>")
    assert [(section.heading, section.level) for section in source.sections] == [("Lease", 1), ("Rent", 2)]


@pytest.mark.parametrize(
    ("meta", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252"),
        ('<meta charset="shift_jis">', "shift_jis"),
        ('<meta charset="utf-16">', "utf-8"),
        ('<meta charset="no-such-thing">', "utf-8"),
        ("", "cp1252"),
        ("", "utf-16"),
    ],
)
def test_a_page_is_read_in_its_encoding(meta: str, encoding: str) -> None:
    words = "§ 5 × 3" if encoding == "shift_jis" else "§ 5 – “Größe”"
    page = f"<html><head>{meta}</head><body><p>{words}</p></body></html>"
    assert read_html(page.encode(encoding), Limits()).text == words


def test_nothing_a_page_refers_to_is_fetched_and_no_entity_is_resolved() -> None:
    page = (
        b'<!DOCTYPE html [<!ENTITY e SYSTEM "file:///etc/passwd">]><html><body><img src="http://127.0.0.1:9/x">'
        b'<iframe src="file:///etc/passwd"></iframe><p>x&e;</p></body></html>'
    )
    text = read_html(page, Limits()).text
    assert "root:" not in text
    assert "x" in text


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ul><li", "blockquote"])
def test_elements_nested_without_end_do_no_harm(tag: str) -> None:
    page = b"<html><body>" + f"<{tag}>".encode() * 20_000 + b"The term is five years."
    try:
        said = read_html(page, Limits()).text
    except DocumentError as error:
        said = error.problem.message
    assert said


def test_every_line_is_a_block() -> None:
    source = html_of("<p>a</p><table><tr><td>b</td><td>c</td></tr></table>")
    assert [(run.page, source.text[run.start : run.end]) for run in source.runs] == [(1, "a"), (2, "b\tc")]


def test_elements_left_open_by_the_hundred_lose_no_text() -> None:
    text = html_of("<p>before</p>" + "<div><font>" * 400 + "within" + "</font></div>" * 400 + "<p>after</p>").text
    assert text.split() == ["before", "within", "after"]


def test_a_page_nested_too_deeply_for_its_end_to_be_read_says_so() -> None:
    source = html_of("<p>before</p>" + "<div>" * 5000 + "within")
    assert source.text == "before"
    assert [problem.category for problem in source.problems] == [Category.DAMAGED]
    with pytest.raises(DocumentError) as caught:
        html_of("<div>" * 5000 + "within")
    assert caught.value.problem.category is Category.DAMAGED


def test_a_list_of_tens_of_thousands_of_items_is_counted_in_one_go() -> None:
    started = time.process_time()
    text = html_of("<ol>" + "<li>item" * 20_000 + "</ol>").text
    assert time.process_time() - started < 10, "counting each item from the first takes minutes"
    assert text.endswith("20000. item")
