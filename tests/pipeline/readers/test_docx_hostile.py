"""Word files that harm careless readers, and damaged ones: a stated problem each, and nothing fetched or inflated."""

import random
import struct

import pytest

from models.problem import Category, DocumentError
from pipeline.limits import Limits
from pipeline.readers.docx import read_docx
from tests.pipeline.readers.word_files import NAMESPACES, cell, numbered, p, part, row, table, word, zipped

SOUND = word(p("The term is five years."))
MEBIBYTE = 1024 * 1024


def category(data: bytes, limits: Limits | None = None) -> Category:
    with pytest.raises(DocumentError) as caught:
        read_docx(data, limits or Limits())
    message = caught.value.problem.message
    assert message.endswith(".")
    assert len(message) > 40
    return caught.value.problem.category


def declared(declaration: str, text: str) -> bytes:
    body = f"<w:document {NAMESPACES}><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    return word(replaced={"word/document.xml": f"<?xml version='1.0'?>{declaration}{body}".encode()})


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
FOOTNOTES = f'<!DOCTYPE d [<!ENTITY e "x">]>{part("footnotes", "")}'


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(declared('<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;"), id="a local file"),
        pytest.param(declared('<!DOCTYPE d [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>', "&e;"), id="the network"),
        pytest.param(declared('<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd">', "text"), id="an outer DTD"),
        pytest.param(declared(f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]>', "&l11;"), id="a billion laughs"),
        pytest.param(declared('<!DOCTYPE d [<!ENTITY e "five">]>', "term of &e; years"), id="a harmless entity"),
        pytest.param(declared("<!DOCTYPE d>", "text"), id="a bare DOCTYPE"),
        pytest.param(
            word(p('<w:r><w:footnoteReference w:id="1"/></w:r>', "x"), parts={"footnotes": FOOTNOTES}),
            id="a DOCTYPE in the notes",
        ),
    ],
)
def test_declarations_of_entities_are_refused(data: bytes) -> None:
    assert category(data) is Category.DAMAGED


def with_size(data: bytes, name: str, size: int) -> bytes:
    """The ZIP with another declared size of an entry, in its own header and in the directory."""
    changed = bytearray(data)
    for signature, name_length, size_at, header in ((b"PK\x03\x04", 26, 22, 30), (b"PK\x01\x02", 28, 24, 46)):
        at = changed.find(signature)
        while at >= 0:
            (length,) = struct.unpack_from("<H", changed, at + name_length)
            if changed[at + header : at + header + length] == name.encode():
                struct.pack_into("<I", changed, at + size_at, size)
            at = changed.find(signature, at + 4)
    return bytes(changed)


def test_a_part_that_declares_too_much_is_not_inflated() -> None:
    assert category(with_size(SOUND, "word/document.xml", 3_000_000_000)) is Category.TOO_LARGE


def test_a_bomb_of_blanks_is_refused_by_its_declared_size() -> None:
    assert category(word(replaced={"word/document.xml": b" " * (65 * MEBIBYTE)})) is Category.TOO_LARGE


def test_parts_that_are_too_much_together_are_refused() -> None:
    assert category(SOUND, Limits(expanded_bytes=2000)) is Category.TOO_LARGE


def test_a_bomb_among_the_pictures_is_never_inflated() -> None:
    bomb = word(p("The term is five years."), replaced={"word/media/image1.png": b"\0" * MEBIBYTE})
    assert (
        read_docx(with_size(bomb, "word/media/image1.png", 4_000_000_000), Limits()).text == "The term is five years."
    )


def test_a_header_that_lies_about_the_size_is_damage() -> None:
    assert category(with_size(SOUND, "word/document.xml", 100)) is Category.DAMAGED


def test_thousands_of_parts_are_refused() -> None:
    assert category(word(p("x"), replaced={f"word/x{n}.xml": b"" for n in range(6000)})) is Category.TOO_LARGE


def test_too_much_text_is_refused() -> None:
    assert category(word(p("long " * 1000)), Limits(characters=4000)) is Category.TOO_LARGE


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95, 0.999])
def test_a_truncated_file_is_damaged(share: float) -> None:
    assert category(SOUND[: int(len(SOUND) * share)]) is Category.DAMAGED


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, Category.DAMAGED),
        ({"readme.txt": b"x"}, Category.DAMAGED),
        ({"word/document.xml": b""}, Category.DAMAGED),
        ({"word/document.xml": b"<w:document"}, Category.DAMAGED),
        ({"word/document.xml": b"<other/>"}, Category.EMPTY),
        ({"word/document.xml": b"<a>" * 100_000}, Category.DAMAGED),
        ({"word/document.xml": part("document", "<w:body/>").encode()}, Category.EMPTY),
        ({"_rels/.rels": b"<not xml", "word/document.xml": b"<x/>"}, Category.DAMAGED),
    ],
)
def test_broken_packages_are_told(files: dict[str, bytes], expected: Category) -> None:
    assert category(zipped(files)) is expected


def test_a_package_without_relations_or_content_types_still_reads() -> None:
    document = part("document", f"<w:body>{p('The term is five years.')}</w:body>").encode()
    assert read_docx(zipped({"word/document.xml": document}), Limits()).text == "The term is five years."


def test_strict_open_xml_reads() -> None:
    xml = part("document", f"<w:body>{p('The term is five years.')}</w:body>").encode()
    strict = xml.replace(
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert strict != xml
    assert read_docx(zipped({"word/document.xml": strict}), Limits()).text == "The term is five years."


def test_pictures_without_text_need_ocr() -> None:
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/a.png"/>'
        b"</Relationships>"
    )
    files = {
        "word/document.xml": part("document", f"<w:body>{p('')}</w:body>").encode(),
        "word/_rels/document.xml.rels": relations,
    }
    assert category(zipped(files)) is Category.NO_TEXT_LAYER


def test_text_embedded_in_another_format_is_told() -> None:
    source = read_docx(word(p("Part one."), '<w:altChunk r:id="rId99"/>'), Limits())
    assert [problem.category for problem in source.problems] == [Category.UNSUPPORTED]
    assert category(word('<w:altChunk r:id="rId99"/>')) is Category.UNSUPPORTED


def test_a_template_on_the_network_is_left_alone() -> None:
    settings = part("settings", '<w:attachedTemplate r:id="rId1"/>')
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        b'Target="http://127.0.0.1:9/evil.dotm" TargetMode="External"/></Relationships>'
    )
    data = word(p("x"), parts={"settings": settings}, replaced={"word/_rels/settings.xml.rels": relations})
    assert read_docx(data, Limits()).text == "x"


@pytest.mark.parametrize(
    "body",
    [
        table(row(cell("a", properties='<w:gridSpan w:val="999999999"/>'), properties='<w:gridBefore w:val="-5"/>')),
        numbered("x", 7, 4_000_000),
        p("x", properties='<w:pStyle w:val="nowhere"/><w:outlineLvl w:val="x"/>'),
        "<w:tbl><w:tr/><w:tr><w:tc/></w:tr></w:tbl>" + p("x"),
        p('<w:r><w:fldChar w:fldCharType="end"/></w:r>', "<w:r><w:fldChar/></w:r>", "x"),
        p('<w:r><w:sym w:font="Wingdings" w:char="ZZZZ"/><w:sym/></w:r>', "x"),
    ],
)
def test_odd_values_do_no_harm(body: str) -> None:
    source = read_docx(word(body), Limits())
    assert source.text.strip() in ("a", "x")
    assert all(len(row) <= 63 for table in source.tables for row in table.rows)


def test_flipped_bytes_give_a_text_or_a_problem() -> None:
    data = word(numbered("The term is five years."), table(row("a", "b")))
    dice = random.Random(7)
    said = []
    for _ in range(150):
        harmed = bytearray(data)
        for _ in range(dice.randint(1, 30)):
            harmed[dice.randrange(len(harmed))] = dice.randrange(256)
        try:
            said.append(read_docx(bytes(harmed), Limits()).text)
        except DocumentError as error:
            said.append(error.problem.message)
    assert all(said)
