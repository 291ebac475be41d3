"""Automatic numbers: what Word shows and no Word file holds."""

from collections.abc import Sequence

import pytest

from pipeline.limits import Limits
from pipeline.readers.docx import read_docx
from pipeline.readers.numerals import NUMERALS
from tests.pipeline.readers.word_files import BY, gone, level, lists, numbered, p, part, word

OUTLINE = level(0, "%1.") + level(1, "%1.%2") + level(2, "(%3)", "lowerLetter") + level(3, "(%4)", "lowerRoman")


def numbers(body: Sequence[str], numbering: str, styles: str | None = None) -> list[str]:
    """The numbers of the lines; each paragraph's own text is "x"."""
    parts = {"numbering": numbering} | ({"styles": styles} if styles else {})
    return [line[:-1].strip() for line in read_docx(word(*body, parts=parts), Limits()).text.split("\n")]


def items(levels: str, num: int = 1) -> list[str]:
    return [numbered("x", int(digit), num) for digit in levels]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ("000", ["1.", "2.", "3."]),
        ("0112", ["1.", "1.1", "1.2", "(a)"]),
        ("01221220", ["1.", "1.1", "(a)", "(b)", "1.2", "(a)", "(b)", "2."]),
        ("0123323", ["1.", "1.1", "(a)", "(i)", "(ii)", "(b)", "(i)"]),
        ("010", ["1.", "1.1", "2."]),
        ("110", ["1.1", "1.2", "2."]),  # the levels above were taken as begun
        ("0221", ["1.", "(a)", "(b)", "1.2"]),
    ],
)
def test_levels_count_and_restart_below_each_other(levels: str, expected: list[str]) -> None:
    assert numbers(items(levels), lists(OUTLINE)) == expected


@pytest.mark.parametrize(
    ("definition", "levels", "expected"),
    [
        pytest.param(
            level(0, "Article %1", "upperRoman"), "000", ["Article I", "Article II", "Article III"], id="roman"
        ),
        pytest.param(level(0, "%1)", start=5), "00", ["5)", "6)"], id="another start"),
        pytest.param(level(0, "%1.", start=0), "00", ["0.", "1."], id="a start of zero"),
        pytest.param(
            level(0, "Article %1", "upperRoman") + level(1, "%1.%2", extra="<w:isLgl/>"),
            "011",
            ["Article I", "1.1", "1.2"],
            id="legal numbering turns roman into arabic",
        ),
        pytest.param(
            level(0, "%1.") + level(1, "%1.%2(%3)") + level(2, "%1.%2(%3)", "lowerLetter"),
            "0122",
            ["1.", "1.1(a)", "1.1(a)", "1.1(b)"],
            id="compound numbers",
        ),
        pytest.param(
            level(0, "%1.") + level(1, "(%2)", extra='<w:lvlRestart w:val="0"/>'),
            "0101",
            ["1.", "(1)", "2.", "(2)"],
            id="a level that never restarts",
        ),
        pytest.param(
            OUTLINE.replace(
                '<w:numFmt w:val="lowerLetter"/>', '<w:numFmt w:val="lowerLetter"/><w:lvlRestart w:val="1"/>'
            ),
            "01212012",
            ["1.", "1.1", "(a)", "1.2", "(b)", "2.", "2.1", "(a)"],
            id="a level that restarts after level 1 only",
        ),
        pytest.param(level(0, "%1", "none"), "0", [""], id="no numerals"),
        pytest.param(level(0, ""), "0", [""], id="no text"),
        pytest.param(level(0, "%1.", extra="<w:rPr><w:vanish/></w:rPr>"), "0", [""], id="a hidden number"),
        pytest.param(level(0, "\uf0b7", "bullet"), "00", ["•", "•"], id="bullets"),
        pytest.param(
            level(0, "\uf0a8", "bullet", extra='<w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr>'),
            "0",
            ["☐"],
            id="a box as bullet is a choice",
        ),
        pytest.param(level(0, "%1.", extra='<w:suff w:val="nothing"/>'), "0", ["1."], id="nothing after the number"),
        pytest.param(level(0, "§ %1"), "00", ["§ 1", "§ 2"], id="a section sign"),
        pytest.param(level(0, "%1.", "ideographDigital"), "00", ["1.", "2."], id="other scripts fall back to decimal"),
    ],
)
def test_formats(definition: str, levels: str, expected: list[str]) -> None:
    assert numbers(items(levels), lists(definition)) == expected


def num(number: int, abstract: int, override: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{override}</w:num>'


def test_lists_that_share_an_abstract_list_go_on_counting() -> None:
    shared = lists(OUTLINE, nums=num(1, 0) + num(2, 0))
    assert numbers(items("00") + items("0", 2) + items("0"), shared) == ["1.", "2.", "3.", "4."]


def test_an_overridden_start_begins_again_once() -> None:
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    shared = lists(OUTLINE, nums=num(1, 0) + num(2, 0, override))
    assert numbers(items("00") + items("00", 2), shared) == ["1.", "2.", "1.", "2."]


def test_an_overridden_level_has_its_own_format() -> None:
    override = f'<w:lvlOverride w:ilvl="0">{level(0, "%1)", "upperLetter")}</w:lvlOverride>'
    assert numbers(items("00", 2), lists(OUTLINE, nums=num(1, 0) + num(2, 0, override))) == ["A)", "B)"]


def test_a_list_may_take_its_levels_from_a_numbering_style() -> None:
    styles = part(
        "styles",
        '<w:style w:type="numbering" w:styleId="Clauses"><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>'
        "</w:style>",
    )
    numbering = lists('<w:numStyleLink w:val="Clauses"/>', '<w:styleLink w:val="Clauses"/>' + OUTLINE)
    assert numbers(items("01"), numbering, styles) == ["1.", "1.1"]


STYLES = part(
    "styles",
    '<w:style w:type="paragraph" w:styleId="One"><w:name w:val="One"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
    '</w:pPr></w:style><w:style w:type="paragraph" w:styleId="Two"><w:name w:val="Two"/><w:basedOn w:val="One"/>'
    '</w:style><w:style w:type="paragraph" w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>',
)


def styled(style: str, properties: str = "", text: str = "x") -> str:
    return p(text, properties=f'<w:pStyle w:val="{style}"/>{properties}')


def test_styles_number_their_paragraphs_on_the_level_linked_to_them() -> None:
    linked = level(0, "%1.", extra='<w:pStyle w:val="One"/>') + level(1, "%1.%2", extra='<w:pStyle w:val="Two"/>')
    body = [styled("One"), styled("Two"), styled("Two"), styled("One"), styled("Loop")]
    assert numbers(body, lists(linked), STYLES) == ["1.", "1.1", "1.2", "2.", ""]


def test_list_zero_takes_a_paragraph_out_of_its_styles_list() -> None:
    off = '<w:numPr><w:numId w:val="0"/></w:numPr>'
    assert numbers([styled("One"), styled("One", off), styled("One")], lists(OUTLINE), STYLES) == ["1.", "", "2."]


def test_an_empty_paragraph_that_only_ends_a_section_does_not_count() -> None:
    empty = numbered("", extra="<w:sectPr/>")
    assert numbers([*items("0"), empty, *items("0")], lists(OUTLINE)) == ["1.", "2."]


def test_other_empty_numbered_paragraphs_count_but_show_no_line() -> None:
    assert numbers([*items("0"), numbered(""), *items("0")], lists(OUTLINE)) == ["1.", "3."]


def test_deleted_paragraphs_do_not_count() -> None:
    properties = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:del {BY}/></w:rPr>'
    deleted = p(gone("an old clause"), properties=properties)
    assert numbers([*items("0"), deleted, *items("0")], lists(OUTLINE)) == ["1.", "2."]


def test_hidden_paragraphs_do_not_count() -> None:
    properties = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:vanish/></w:rPr>'
    hidden = f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr><w:vanish/></w:rPr><w:t>note to editor</w:t></w:r></w:p>"
    assert numbers([*items("0"), hidden, *items("0")], lists(OUTLINE)) == ["1.", "2."]


def test_a_joined_paragraph_is_numbered_once() -> None:
    properties = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:del {BY}/></w:rPr>'
    assert numbers([p("x and ", properties=properties), *items("00")], lists(OUTLINE)) == ["1. x and", "2."]


@pytest.mark.parametrize(
    "numbering",
    [
        '<w:num w:numId="1"/>',
        '<w:num w:numId="1"><w:abstractNumId w:val="99"/></w:num>',
        '<w:num w:numId="one"/>',
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="99"/></w:abstractNum>' + num(1, 0),
        '<w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="Nowhere"/></w:abstractNum>' + num(1, 0),
        "",
    ],
)
def test_broken_lists_cost_their_numbers_only(numbering: str) -> None:
    assert numbers([*items("08"), numbered("x", 0, 77)], part("numbering", numbering)) == ["", "", ""]


@pytest.mark.parametrize(
    ("numerals", "value", "expected"),
    [
        ("upperRoman", 1994, "MCMXCIV"),
        ("lowerRoman", 4, "iv"),
        ("upperRoman", 0, "0"),
        ("lowerLetter", 26, "z"),
        ("lowerLetter", 27, "aa"),
        ("upperLetter", 53, "AAA"),
        ("decimalZero", 7, "07"),
        ("ordinal", 2, "2nd"),
        ("ordinal", 11, "11th"),
        ("ordinal", 112, "112th"),
        ("ordinal", 21, "21st"),
        ("cardinalText", 21, "Twenty-One"),
        ("cardinalText", 340, "Three Hundred Forty"),
        ("ordinalText", 1, "First"),
        ("ordinalText", 20, "Twentieth"),
        ("ordinalText", 32, "Thirty-Second"),
        ("ordinalText", 100, "One Hundredth"),
        ("chicago", 5, "**"),
        ("numberInDash", 3, "- 3 -"),
        ("upperLetter", 10_000_000, "10000000"),
    ],
)
def test_numerals(numerals: str, value: int, expected: str) -> None:
    assert NUMERALS[numerals](value) == expected
